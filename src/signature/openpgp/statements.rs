//! What a certificate says that bounds its keys, believed before it is proven.
//!
//! The library leaves out what it cannot verify, and what the rules do not allow. That is right for what
//! makes a key count. What ends a key, or shortens its life, counts here as soon as it says that it is by
//! the key's owner: to believe one too many is safe, and no damage to a certificate brings a key back.

use std::time::SystemTime;

use sequoia_openpgp::cert::amalgamation::ValidAmalgamation as _;
use sequoia_openpgp::cert::amalgamation::key::{
    ErasedKeyAmalgamation, PrimaryKey as _, ValidErasedKeyAmalgamation,
};
use sequoia_openpgp::packet::key::PublicParts;
use sequoia_openpgp::packet::signature::subpacket::{SubpacketTag, SubpacketValue};
use sequoia_openpgp::packet::{Signature, Tag};
use sequoia_openpgp::types::{RevocationType, SignatureType};
use sequoia_openpgp::{Cert, KeyHandle, Packet};
use time::{Duration, UtcDateTime};

use crate::signature::openpgp::units::{hex, name, utc};

/// The signatures in a certificate's copies that bound its keys, in order.
#[derive(Debug, Default)]
pub(super) struct Statements(Vec<Statement>);

/// A signature in a certificate.
#[derive(Debug)]
struct Statement {
    /// The subkey behind which it stands, if it stands behind one.
    subkey: Option<sequoia_openpgp::Fingerprint>,
    /// Whether it stands behind something that cannot be read, such as a picture that was left out.
    is_about_unread: bool,
    signature: Signature,
}

impl Statements {
    /// Adds those of a copy.
    pub(super) fn read(&mut self, packets: &[Packet]) {
        let (mut subkey, mut is_about_unread) = (None, false);
        for packet in packets {
            match packet {
                Packet::PublicSubkey(key) => (subkey, is_about_unread) = (Some(key.fingerprint()), false),
                Packet::UserID(_) => is_about_unread = false,
                Packet::Unknown(unknown) if unknown.tag() != Tag::Signature => {
                    (subkey, is_about_unread) = (None, true);
                }
                Packet::Signature(signature) => {
                    let (subkey, signature) = (subkey.clone(), signature.clone());
                    self.0.push(Statement { subkey, is_about_unread, signature });
                }
                _ => {}
            }
        }
    }

    /// The revocations of a key and of its primary key, by the certificate's owner or by a revoker whom the
    /// certificate names. One of a subkey that fits none of the subkeys is held to be of all.
    pub(super) fn revocations(&self, key: &ErasedKeyAmalgamation<'_, PublicParts>) -> Vec<Revocation> {
        let cert = key.cert();
        let primary = ErasedKeyAmalgamation::from(cert.primary_key());
        self.0
            .iter()
            .filter_map(|Statement { signature, .. }| {
                let revoked = match signature.typ() {
                    SignatureType::KeyRevocation => &primary,
                    SignatureType::SubkeyRevocation if !key.primary() && may_revoke(signature, key) => key,
                    _ => return None,
                };
                self.may_speak_for(cert, signature).then(|| Revocation::of(revoked, signature))
            })
            .collect()
    }

    /// Whether a revocation says that it is by the certificate's owner, or by a revoker, or by nobody.
    fn may_speak_for(&self, cert: &Cert, signature: &Signature) -> bool {
        let issuers = signature.get_issuers();
        let is = |key: &KeyHandle| issuers.iter().any(|issuer| issuer.aliases(key));
        issuers.is_empty()
            || is(&cert.key_handle())
            || self.revokers().any(|revoker| is(&KeyHandle::from(revoker.clone())))
    }

    /// Whom any signature names as revokers. What somebody else certified is not among a certificate's
    /// packets.
    fn revokers(&self) -> impl Iterator<Item = &sequoia_openpgp::Fingerprint> {
        let keys = self.0.iter().flat_map(|statement| statement.signature.revocation_keys());
        keys.map(|key| key.revoker().1)
    }

    /// When the key stops being valid, and by which key's end: its own or its primary key's. Of several
    /// ends, the earliest counts.
    pub(super) fn expiry(
        &self,
        bound: &ValidErasedKeyAmalgamation<'_, PublicParts>,
    ) -> Option<(String, UtcDateTime)> {
        let primary = bound.valid_cert().primary_key();
        let of_primary = ErasedKeyAmalgamation::from(bound.cert().primary_key());
        // The library asks a user id first, and the key itself only if that is silent.
        let spoken = [primary.direct_key_signature().ok(), Some(primary.binding_signature())];
        let later = self.later_than(primary.binding_signature(), &of_primary, bound.time());
        let end = |signature| Some((name(&of_primary), end(signature, primary.key().creation_time())?));
        let ends = spoken.into_iter().flatten().chain(later).filter_map(end);
        let ends: Vec<_> = if bound.primary() {
            ends.collect()
        } else {
            let created = bound.key().creation_time();
            let own = [bound.binding_signature()].into_iter();
            let own =
                own.chain(self.later_than(bound.binding_signature(), bound.amalgamation(), bound.time()));
            let own = own.filter_map(|signature| {
                Some((hex(&bound.key().fingerprint()), self::end(signature, created)?))
            });
            ends.chain(own).collect()
        };
        ends.into_iter().min_by_key(|(_, end)| *end)
    }

    /// Whether a later signature than the one that counts, over the key alone, over the user id that speaks for
    /// it or to bind the subkey, says that the key is not for signing.
    pub(super) fn takes_signing_back(&self, bound: &ValidErasedKeyAmalgamation<'_, PublicParts>) -> bool {
        let spoken = bound.binding_signature();
        let primary = bound.cert().primary_key().key();
        let user_id = bound.valid_cert().primary_userid().ok();
        // What is said of another user id says nothing of the key as this one has it.
        let is_over = |later: &Signature| match later.typ() {
            SignatureType::DirectKey | SignatureType::SubkeyBinding => true,
            _ => user_id
                .as_ref()
                .is_some_and(|id| later.verify_userid_binding(primary, primary, id.userid()).is_ok()),
        };
        self.later_than(spoken, bound.amalgamation(), bound.time())
            .filter(|later| later.signature_creation_time() > spoken.signature_creation_time())
            .filter(|later| later.key_flags().is_some_and(|flags| !flags.for_signing()))
            .any(is_over)
    }

    /// Whether the latest signature about the key, or about its primary key, is damaged. What it said is lost,
    /// and may have been that the key ends: an older one does not speak in its place.
    pub(super) fn is_damaged(&self, bound: &ValidErasedKeyAmalgamation<'_, PublicParts>) -> bool {
        let primary = bound.valid_cert().primary_key();
        let of_primary = ErasedKeyAmalgamation::from(bound.cert().primary_key());
        self.has_damaged(&of_primary, primary.binding_signature(), primary.direct_key_signature().ok())
            || self.has_damaged(bound.amalgamation(), bound.binding_signature(), None)
    }

    fn has_damaged(
        &self,
        key: &ErasedKeyAmalgamation<'_, PublicParts>,
        spoken: &Signature,
        direct: Option<&Signature>,
    ) -> bool {
        let owner = key.cert().key_handle();
        let is_owners = |issuers: Vec<KeyHandle>| {
            issuers.is_empty() || issuers.iter().any(|issuer| issuer.aliases(&owner))
        };
        self.about(key).any(|Statement { is_about_unread, signature, .. }| {
            let counts = direct.filter(|_| signature.typ() == SignatureType::DirectKey).unwrap_or(spoken);
            let created = signature.signature_creation_time();
            created.is_none_or(|created| counts.signature_creation_time() < Some(created))
                && !is_about_unread
                && is_owners(signature.get_issuers())
                && !fits(signature, key)
        })
    }

    /// The signatures about a key that are as new as this one, or newer, and not of the future: of the primary
    /// key also those over user ids.
    fn later_than<'s>(
        &'s self,
        spoken: &Signature,
        key: &ErasedKeyAmalgamation<'_, PublicParts>,
        now: SystemTime,
    ) -> impl Iterator<Item = &'s Signature> {
        let since = spoken.signature_creation_time();
        self.about(key).map(|statement| &statement.signature).filter(move |signature| {
            let created = signature.signature_creation_time();
            created >= since && created.is_none_or(|created| created <= now)
        })
    }

    /// The signatures that may speak for a key.
    fn about<'s>(
        &'s self,
        key: &ErasedKeyAmalgamation<'_, PublicParts>,
    ) -> impl Iterator<Item = &'s Statement> {
        use SignatureType::{
            CasualCertification, DirectKey, GenericCertification, PersonaCertification,
            PositiveCertification, SubkeyBinding,
        };
        let subkey = (!key.primary()).then(|| key.key().fingerprint());
        self.0.iter().filter(move |statement| match statement.signature.typ() {
            SubkeyBinding => subkey.is_some() && statement.subkey == subkey,
            DirectKey
            | GenericCertification
            | PersonaCertification
            | CasualCertification
            | PositiveCertification => subkey.is_none(),
            _ => false,
        })
    }
}

/// Whether a signature about a key is as its owner made it.
fn fits(signature: &Signature, key: &ErasedKeyAmalgamation<'_, PublicParts>) -> bool {
    let primary = key.cert().primary_key().key();
    match signature.typ() {
        SignatureType::DirectKey => signature.verify_direct_key(primary, primary),
        SignatureType::SubkeyBinding => {
            signature.verify_subkey_binding(primary, primary, key.key().role_as_subordinate())
        }
        _ => {
            return key.cert().userids().any(|id| {
                // Of many user ids it is told first by the digest which it may be over.
                let digest = signature.hash_algo().context().and_then(|context| {
                    let mut context = context.for_signature(signature.version());
                    signature.hash_userid_binding(&mut context, primary, id.userid())?;
                    context.into_digest()
                });
                digest.is_ok_and(|digest| digest.starts_with(signature.digest_prefix()))
                    && signature.verify_userid_binding(primary, primary, id.userid()).is_ok()
            });
        }
    }
    .is_ok()
}

/// Whether a revocation of a subkey may be of this one: it fits it, or fits none.
fn may_revoke(signature: &Signature, key: &ErasedKeyAmalgamation<'_, PublicParts>) -> bool {
    let fits = |key: &ErasedKeyAmalgamation<'_, PublicParts>| {
        key.self_revocations().chain(key.other_revocations()).any(|it| it == signature)
    };
    fits(key) || !key.cert().keys().subkeys().any(|subkey| fits(&subkey.into()))
}

/// When a signature says that a key of this date ends: of several ends, the first.
fn end(signature: &Signature, created: SystemTime) -> Option<UtcDateTime> {
    let periods = signature.hashed_area().subpackets(SubpacketTag::KeyExpirationTime);
    let periods = periods.filter_map(|subpacket| match subpacket.value() {
        SubpacketValue::KeyExpirationTime(period) => Some(u32::from(*period)),
        _ => None,
    });
    // None at all, said in numbers (RFC 9580, 5.2.3.13).
    let shortest = periods.filter(|seconds| *seconds > 0).min()?;
    Some(utc(created).saturating_add(Duration::seconds(shortest.into())))
}

/// A key's end by its owner's word.
#[derive(Debug)]
pub(super) struct Revocation {
    pub(super) key: String,
    pub(super) at: UtcDateTime,
    /// Whether earlier signatures are worth nothing either.
    pub(super) hard: bool,
}

impl Revocation {
    fn of(key: &ErasedKeyAmalgamation<'_, PublicParts>, signature: &Signature) -> Self {
        Self {
            key: name(key),
            at: signature.signature_creation_time().map_or(UtcDateTime::UNIX_EPOCH, utc),
            // No reason given counts as the worst (RFC 9580, 5.2.3.31).
            hard: signature
                .reason_for_revocation()
                .is_none_or(|(reason, _)| reason.revocation_type() == RevocationType::Hard),
        }
    }
}
