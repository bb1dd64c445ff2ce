//! A signature over data.

use sequoia_openpgp::KeyHandle;
use sequoia_openpgp::packet::key::{PublicParts, UnspecifiedRole};
use sequoia_openpgp::packet::signature::subpacket::{SubpacketTag, SubpacketValue};
use sequoia_openpgp::packet::{Key, Signature};
use sequoia_openpgp::parse::Parse as _;
use sequoia_openpgp::policy::{HashAlgoSecurity, Policy as _};
use sequoia_openpgp::types::{HashAlgorithm, PublicKeyAlgorithm};
use time::{Duration, UtcDateTime};

use crate::signature::cost::Cost;
use crate::signature::framing::{Issuer, Malformed, Message};
use crate::signature::openpgp::algorithms::{algorithm_name, cost, critical, data_rules, hash_name};
use crate::signature::openpgp::fingerprint::Fingerprint;
use crate::signature::openpgp::units::utc;
use crate::signature::rejection::Reason;

/// A signature over data, its form checked, its truth not.
#[derive(Debug)]
pub(in crate::signature) struct DataSignature {
    packet: Signature,
    /// The keys it names, by key id or fingerprint; all the same, and at least one.
    issuers: Vec<KeyHandle>,
    pub(super) created: UtcDateTime,
    cost: Cost,
}

impl DataSignature {
    /// Reads the signature packet of a message, and refuses the forms that we do not accept.
    pub(in crate::signature) fn read(message: &Message) -> Result<Self, Reason> {
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

    pub(super) fn names(&self, key: &Fingerprint) -> bool {
        if (self.packet.version() == 6) != matches!(key, Fingerprint::V6(_)) {
            return false;
        }
        let key = KeyHandle::from(sequoia_openpgp::Fingerprint::from(*key));
        self.issuers.iter().all(|issuer| issuer.aliases(&key))
    }

    /// When it ends by its own word; of several ends, the first.
    pub(super) fn end(&self) -> Option<UtcDateTime> {
        let periods = self.packet.hashed_area().subpackets(SubpacketTag::SignatureExpirationTime);
        let periods = periods.filter_map(|subpacket| match subpacket.value() {
            SubpacketValue::SignatureExpirationTime(period) => Some(u32::from(*period)),
            _ => None,
        });
        // None at all, said in numbers (RFC 9580, 5.2.3.18).
        let shortest = periods.filter(|seconds| *seconds > 0).min()?;
        Some(self.created.saturating_add(Duration::seconds(shortest.into())))
    }

    /// The key id of the key that it names.
    pub(super) fn key_id(&self) -> [u8; 8] {
        let id = self.issuers.first().map(|issuer| sequoia_openpgp::KeyID::from(issuer.clone()));
        id.and_then(|id| id.as_bytes().try_into().ok()).unwrap_or_default()
    }

    /// What verifying it takes.
    pub(in crate::signature) fn cost(&self) -> Cost {
        self.cost
    }

    /// The key it names, as exactly as it does.
    pub(super) fn issuer(&self) -> String {
        let exact = self.issuers.iter().find(|issuer| matches!(issuer, KeyHandle::Fingerprint(_)));
        exact.or(self.issuers.first()).map(KeyHandle::to_hex).unwrap_or_default()
    }

    /// Whether `key` made this signature over `data`.
    pub(super) fn is_by(&self, key: &Key<PublicParts, UnspecifiedRole>, data: &[u8]) -> bool {
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
