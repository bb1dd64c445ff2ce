//! Whether a certificate lets one of its keys sign, now and when it did.

use sequoia_openpgp::cert::amalgamation::key::{
    ErasedKeyAmalgamation, PrimaryKey as _, ValidErasedKeyAmalgamation,
};
use sequoia_openpgp::cert::amalgamation::{ValidAmalgamation as _, ValidateAmalgamation as _};
use sequoia_openpgp::packet::key::PublicParts;
use std::time::UNIX_EPOCH;

use sequoia_openpgp::Error;
use sequoia_openpgp::packet::Tag;
use sequoia_openpgp::policy::{Policy as _, StandardPolicy};
use sequoia_openpgp::types::{HashAlgorithm, RevocationStatus};
use time::UtcDateTime;

use crate::signature::openpgp::algorithms::{certificate_rules, weak};
use crate::signature::openpgp::data_signature::DataSignature;
use crate::signature::openpgp::statements::{Revocation, Statements};
use crate::signature::openpgp::units::{name, system, utc};
use crate::signature::rejection::Reason;
use crate::signature::signer::{CLOCK_SKEW, EndedKey, KeyPolicy};

/// Whether a key may have made a signature that it did make: what its certificate allows, now and
/// when it was made. Gives the end of its validity.
pub(super) fn validate(
    key: &ErasedKeyAmalgamation<'_, PublicParts>,
    statements: &Statements,
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
    if statements.is_damaged(&bound) {
        return Err(Reason::NotBound { key: name(key), detail: DAMAGED.to_owned() });
    }
    if !may_sign(&bound) || statements.takes_signing_back(&bound) {
        return Err(Reason::NotASigningKey { key: name(key) });
    }

    let revocations = statements.revocations(key);
    if let Some(hard) = revocations.iter().find(|revocation| revocation.hard) {
        return Err(Reason::KeyCompromised { key: hard.key.clone(), revoked: hard.at });
    }
    let revocation = revocations.into_iter().min_by_key(|revocation| revocation.at);
    let expires = statements.expiry(&bound);
    match (&revocation, &expires) {
        (Some(Revocation { at: revoked, .. }), _) if created >= *revoked => {
            return Err(Reason::SignedAfterRevocation { created, revoked: *revoked });
        }
        (_, Some((_, expired))) if created >= *expired => {
            return Err(Reason::SignedAfterExpiry { created, expired: *expired });
        }
        _ => {}
    }
    if let Some(expired) = signature.end()
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

/// Why a key is not bound of which the latest that was said is lost.
pub(super) const DAMAGED: &str = "its newest self-signature does not verify";

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
    let bound = key.with_policy(rules, system(at)).map_err(|error| {
        let known = error.chain().find_map(|cause| dated(cause.downcast_ref()?));
        known.unwrap_or_else(|| format!("{error:#}"))
    })?;
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

/// The words for those of the library's errors that tell a date: in WebAssembly it always tells one in 1900,
/// which never was.
fn dated(error: &Error) -> Option<String> {
    match error {
        Error::NoBindingSignature(_) => Some("no self-signature counts".to_owned()),
        Error::Expired(end) => Some(format!("a self-signature expired on {}", utc(*end).date())),
        Error::NotYetLive(start) => {
            Some(format!("a self-signature is not valid before {}", utc(*start).date()))
        }
        Error::PolicyViolation(what, Some(since)) if *since != UNIX_EPOCH => {
            Some(format!("{what} is not considered secure"))
        }
        _ => None,
    }
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
