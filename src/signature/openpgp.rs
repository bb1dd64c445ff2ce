//! Keys, certificates and signatures: the only module that names the OpenPGP library.
//!
//! Sequoia is in charge: it reads packets, merges the editions of a certificate, finds the
//! self-signature that speaks for a key, and verifies every signature. What it accepts is said once,
//! in the policy that is handed to it (`algorithms`). Its verdicts are asked for one by one, rather than
//! by a filter over all keys, so that a refusal has its reason. Beyond them, this module adds:
//!
//! - The newest self-signature speaks for the time before it, too: certificates are judged as of now,
//!   and a signature's date is compared with the ends of its key. Otherwise nothing older than the
//!   last renewal of a certificate would count.
//! - Each revocation by the key's owner counts, however weak its hash is and whatever
//!   self-signatures follow it: to believe one too many is safe.
//! - A subkey must say itself that it may sign. Sequoia lets it inherit the primary key's word, and
//!   does not ask for its back-signature then.
//! - A certificate all of whose user ids are revoked, and that has no other self-signature, does not
//!   vouch for its keys.

#[cfg(test)]
#[expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test stops at what it did not expect")]
mod tests;

mod algorithms;
mod cert_store;
mod check;
mod describe;
mod material;
mod validity;

use std::time::SystemTime;

use sequoia_openpgp::KeyHandle;
use sequoia_openpgp::cert::amalgamation::key::ErasedKeyAmalgamation;
use sequoia_openpgp::packet::key::{PublicParts, UnspecifiedRole};
use sequoia_openpgp::packet::{Key, Signature};
use sequoia_openpgp::parse::Parse as _;
use sequoia_openpgp::policy::{HashAlgoSecurity, Policy as _};
use sequoia_openpgp::types::{HashAlgorithm, PublicKeyAlgorithm};
use time::UtcDateTime;

use self::algorithms::{algorithm_name, cost, critical, data_rules, hash_name};
use super::framing::{Issuer, Malformed, Message};
use super::keyring::Cost;
use super::rejection::Reason;

pub(super) use self::algorithms::{Fingerprint, fingerprint};
pub(super) use self::cert_store::CertStore;
pub(super) use self::check::check;
pub(super) use self::describe::{describe_head, describe_signature};
pub(super) use self::material::KeyMaterial;

/// A signature over data, its form checked, its truth not.
#[derive(Debug)]
pub(super) struct DataSignature {
    packet: Signature,
    /// The keys it names, by key id or fingerprint; all the same, and at least one.
    issuers: Vec<KeyHandle>,
    created: UtcDateTime,
    cost: Cost,
}

impl DataSignature {
    /// Reads the signature packet of a message, and refuses the forms that we do not accept.
    pub(super) fn read(message: &Message) -> Result<Self, Reason> {
        let (head, rules) = (message.head, data_rules());
        if head.signature_type != 0 {
            return Err(Reason::Type(head.signature_type));
        }
        let malformed = || Reason::Malformed(Malformed::Signature);
        let hash = HashAlgorithm::from(head.hash);
        if rules.hash_cutoff(hash, HashAlgoSecurity::CollisionResistance).is_some() {
            return Err(Reason::Hash(hash_name(hash)));
        }
        let algorithm = PublicKeyAlgorithm::from(head.public_key);
        let cost = cost(algorithm).ok_or_else(|| Reason::Algorithm(algorithm_name(algorithm)))?;
        let packet = Signature::from_bytes(&message.signature).map_err(|_| malformed())?;
        let issuers = issuers(&packet, message.issuer)?;
        if let Signature::V6(packet) = &packet
            && hash.salt_size().ok() != Some(packet.salt().len())
        {
            return Err(Reason::Malformed(Malformed::Salt));
        }
        if let Some(what) = critical(&packet, &rules) {
            return Err(Reason::Critical(what));
        }
        // All that it may object to is told above, in more detail.
        rules.signature(&packet, HashAlgoSecurity::CollisionResistance).map_err(|_| malformed())?;
        let created = packet.signature_creation_time().map(utc).ok_or_else(malformed)?;
        Ok(Self { packet, issuers, created, cost })
    }

    fn names(&self, key: &Fingerprint) -> bool {
        if (self.packet.version() == 6) != matches!(key, Fingerprint::V6(_)) {
            return false;
        }
        let key = KeyHandle::from(sequoia_openpgp::Fingerprint::from(*key));
        self.issuers.iter().all(|issuer| issuer.aliases(&key))
    }

    /// What verifying it takes.
    pub(super) fn cost(&self) -> Cost {
        self.cost
    }

    /// The key it names, as exactly as it does.
    fn issuer(&self) -> String {
        let exact = self.issuers.iter().find(|issuer| matches!(issuer, KeyHandle::Fingerprint(_)));
        exact.or(self.issuers.first()).map(KeyHandle::to_hex).unwrap_or_default()
    }

    /// Whether `key` made this signature over `data`.
    fn is_by(&self, key: &Key<PublicParts, UnspecifiedRole>, data: &[u8]) -> bool {
        self.packet.verify_message(key, data).is_ok()
            // The library does not compare the digest's first octets, which the packet repeats.
            && self.packet.computed_digest().is_some_and(|it| it.starts_with(self.packet.digest_prefix()))
    }
}

/// The keys that a signature names, if they are all the one that is announced: in version 6 by
/// fingerprints alone (RFC 9580, 5.2.3.12 and 5.2.3.35).
fn issuers(packet: &Signature, announced: Issuer) -> Result<Vec<KeyHandle>, Reason> {
    let issuers = packet.get_issuers();
    if issuers.is_empty() {
        return Err(Reason::NoIssuer);
    }
    let announced = match announced {
        Issuer::KeyId(id) => KeyHandle::from(sequoia_openpgp::KeyID::from_bytes(&id)),
        Issuer::Fingerprint(whole) => KeyHandle::from(sequoia_openpgp::Fingerprint::V6(whole)),
    };
    let fits_version = |issuer: &KeyHandle| match issuer {
        KeyHandle::Fingerprint(sequoia_openpgp::Fingerprint::V6(_)) => packet.version() == 6,
        _ => packet.version() != 6,
    };
    if !issuers.iter().all(fits_version) {
        return Err(Reason::Malformed(Malformed::Issuer));
    }
    if !issuers.iter().all(|issuer| issuer.aliases(&announced)) {
        return Err(Reason::Malformed(Malformed::Disagree("keys")));
    }
    Ok(issuers)
}

/// The fingerprint of one of a certificate's keys.
fn name(key: &ErasedKeyAmalgamation<'_, PublicParts>) -> String {
    hex(&key.key().fingerprint())
}

fn hex(fingerprint: &sequoia_openpgp::Fingerprint) -> String {
    fingerprint.to_hex()
}

/// The library's times have no fraction and fit: they are 32 bits of seconds.
fn utc(time: SystemTime) -> UtcDateTime {
    UtcDateTime::from(time)
}

fn system(time: UtcDateTime) -> SystemTime {
    SystemTime::from(time)
}
