//! Whether a certificate lets one of its keys sign, now and when it did.

use sequoia_openpgp::cert::amalgamation::key::{
    ErasedKeyAmalgamation, PrimaryKey as _, ValidErasedKeyAmalgamation,
};
use sequoia_openpgp::cert::amalgamation::{ValidAmalgamation as _, ValidateAmalgamation as _};
use sequoia_openpgp::packet::key::PublicParts;
use sequoia_openpgp::packet::{Signature, Tag};
use sequoia_openpgp::policy::{Policy as _, StandardPolicy};
use sequoia_openpgp::types::{HashAlgorithm, RevocationStatus, RevocationType};
use time::UtcDateTime;

use super::super::rejection::Reason;
use super::super::signer::{CLOCK_SKEW, EndedKey, KeyPolicy};
use super::algorithms::{certificate_rules, weak};
use super::{DataSignature, hex, name, system, utc};

/// Whether a key may have made a signature that it did make: what its certificate allows, now and
/// when it was made. Gives the end of its validity.
pub(super) fn validate(
    key: &ErasedKeyAmalgamation<'_, PublicParts>,
    signature: &DataSignature,
    key_policy: &KeyPolicy,
    now: UtcDateTime,
) -> Result<Option<UtcDateTime>, Reason> {
    let created = signature.created;
    if created > now.saturating_add(CLOCK_SKEW) {
        return Err(Reason::FromTheFuture { created });
    }
    let rules = certificate_rules(key_policy);
    let bound = bind(key, &rules, now.max(created))?;
    if !may_sign(&bound) {
        return Err(Reason::NotASigningKey { key: name(key) });
    }

    let revocations = revocations(key);
    if let Some(hard) = revocations.iter().find(|revocation| revocation.hard) {
        return Err(Reason::KeyCompromised { key: hard.key.clone(), revoked: hard.at });
    }
    let revocation = revocations.into_iter().min_by_key(|revocation| revocation.at);
    let expires = expiry(&bound);
    match (&revocation, &expires) {
        (Some(Revocation { at: revoked, .. }), _) if created >= *revoked => {
            return Err(Reason::SignedAfterRevocation { created, revoked: *revoked });
        }
        (_, Some((_, expired))) if created >= *expired => {
            return Err(Reason::SignedAfterExpiry { created, expired: *expired });
        }
        _ => {}
    }
    if let Some(expired) = signature.packet.signature_expiration_time().map(utc)
        && now >= expired
    {
        return Err(Reason::SignatureExpired { expired });
    }
    match (revocation, &expires) {
        (Some(Revocation { key, at: revoked, .. }), _) if key_policy.revoked_key == EndedKey::Deny => {
            return Err(Reason::KeyRevoked { key, revoked });
        }
        (_, Some((key, expired))) if now >= *expired && key_policy.expired_key == EndedKey::Deny => {
            return Err(Reason::KeyExpired { key: key.clone(), expired: *expired });
        }
        _ => {}
    }

    if let Some(from) = key_policy.signed_from
        && created < from
    {
        return Err(Reason::BeforeWindow { created, from });
    }
    if let Some(until) = key_policy.signed_until
        && created >= until
    {
        return Err(Reason::AfterWindow { created, until });
    }
    Ok(expires.map(|(_, end)| end))
}

/// What a certificate says about one of its keys as of a moment, if it vouches for it.
pub(super) fn bind<'a>(
    key: &ErasedKeyAmalgamation<'a, PublicParts>,
    rules: &'a StandardPolicy<'a>,
    at: UtcDateTime,
) -> Result<ValidErasedKeyAmalgamation<'a, PublicParts>, Reason> {
    if let Some(algorithm) = weak(key.key()) {
        return Err(Reason::WeakKey { key: name(key), algorithm });
    }
    // First of all, so that a refusal names the key that it is about.
    if !key.primary() {
        let primary = key.cert().primary_key();
        if primary.key().version() != key.key().version() {
            // RFC 9580, 10.1: all keys of a certificate are of one version.
            let detail = "the subkey is of another version than the primary key".to_owned();
            return Err(Reason::NotBound { key: name(key), detail });
        }
        bind(&primary.into(), rules, at)?;
    }
    bind_by(key, rules, at).map_err(|detail| {
        let key_name = name(key);
        let mut lenient = rules.clone();
        lenient.accept_hash(HashAlgorithm::SHA1);
        match bind_by(key, &lenient, at) {
            Ok(_) => Reason::Sha1SelfSignature { key: key_name },
            Err(_) => Reason::NotBound { key: key_name, detail },
        }
    })
}

fn bind_by<'a>(
    key: &ErasedKeyAmalgamation<'a, PublicParts>,
    rules: &'a StandardPolicy<'a>,
    at: UtcDateTime,
) -> Result<ValidErasedKeyAmalgamation<'a, PublicParts>, String> {
    let bound = key.with_policy(rules, system(at)).map_err(|error| format!("{error:#}"))?;
    let cert = bound.valid_cert();
    // The library prefers one that is not revoked.
    let user_id = cert.primary_userid().map(|id| id.revocation_status());
    if matches!(user_id, Ok(RevocationStatus::Revoked(_))) && cert.direct_key_signature().is_err() {
        return Err("its user ids are revoked".to_owned());
    }
    if !bound.primary() && may_sign(&bound) && !is_back_signed(&bound, rules, at) {
        return Err("the subkey did not sign that it belongs to it".to_owned());
    }
    Ok(bound)
}

/// Whether the certificate lets the key sign data.
///
/// Keys from before key flags have none; a primary key can then do what its algorithm can (RFC
/// 9580, 5.2.3.29, leaves it open; GnuPG reads it so). A subkey must say so in its own binding.
pub(super) fn may_sign(bound: &ValidErasedKeyAmalgamation<'_, PublicParts>) -> bool {
    if bound.primary() {
        bound.key_flags().is_none_or(|flags| flags.for_signing())
    } else {
        bound.binding_signature().key_flags().is_some_and(|flags| flags.for_signing())
    }
}

/// Whether a subkey itself signed that it belongs to the certificate, or anybody could adopt it.
///
/// One signature must be all that is asked for. The library would be content with two, one of which
/// verifies, and another that the rules allow.
fn is_back_signed(
    bound: &ValidErasedKeyAmalgamation<'_, PublicParts>,
    rules: &StandardPolicy<'_>,
    at: UtcDateTime,
) -> bool {
    let (primary, subkey) = (bound.cert().primary_key(), bound.key().role_as_subordinate());
    bound.binding_signature().embedded_signatures().any(|signature| {
        rules.packet_tag_version_cutoff(Tag::Signature, signature.version()).is_none()
            && rules.signature(signature, subkey.hash_algo_security()).is_ok()
            && signature.signature_alive(system(at), std::time::Duration::ZERO).is_ok()
            && signature.verify_primary_key_binding(primary.key(), subkey).is_ok()
    })
}

/// When the key stops being valid, and by which key's end: its own or its primary key's. Of several
/// ends, the earliest counts.
pub(super) fn expiry(bound: &ValidErasedKeyAmalgamation<'_, PublicParts>) -> Option<(String, UtcDateTime)> {
    let primary = bound.valid_cert().primary_key();
    let name = hex(&primary.key().fingerprint());
    // The library asks a user id first, and the key itself only if that is silent.
    let direct = primary.direct_key_signature().ok();
    let ends = [
        (name.clone(), direct.and_then(|signature| signature.key_expiration_time(primary.key()))),
        (name, primary.key_expiration_time()),
        (hex(&bound.key().fingerprint()), bound.key_expiration_time()),
    ];
    let ends = ends.into_iter().filter_map(|(key, end)| Some((key, utc(end?))));
    ends.min_by_key(|(_, end)| *end)
}

/// A key's end by its owner's word.
#[derive(Debug)]
pub(super) struct Revocation {
    pub(super) key: String,
    pub(super) at: UtcDateTime,
    /// Whether earlier signatures are worth nothing either.
    pub(super) hard: bool,
}

/// The revocations of a key and of its primary key, by their own certificate.
///
/// The library verified each, but nothing else is asked of them. Its own status is more forgiving: to
/// it, a newer self-signature undoes a revocation that is not hard.
pub(super) fn revocations(key: &ErasedKeyAmalgamation<'_, PublicParts>) -> Vec<Revocation> {
    let primary = ErasedKeyAmalgamation::from(key.cert().primary_key());
    let keys = if key.primary() { vec![primary] } else { vec![primary, key.clone()] };
    let all = keys.iter().flat_map(|key| key.self_revocations().map(|signature| (name(key), signature)));
    let read = |(key, signature): (String, &Signature)| Revocation {
        key,
        at: signature.signature_creation_time().map_or(UtcDateTime::UNIX_EPOCH, utc),
        // No reason given counts as the worst (RFC 9580, 5.2.3.31).
        hard: signature
            .reason_for_revocation()
            .is_none_or(|(reason, _)| reason.revocation_type() == RevocationType::Hard),
    };
    all.map(read).collect()
}
