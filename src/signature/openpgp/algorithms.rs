//! Which algorithms, hashes and subpackets count: what is handed to the library as its policy.

use std::ops::RangeInclusive;

use sequoia_openpgp::crypto::mpi::PublicKey;
use sequoia_openpgp::packet::key::{PublicParts, UnspecifiedRole};
use sequoia_openpgp::packet::signature::subpacket::{SubpacketTag, SubpacketValue};
use sequoia_openpgp::packet::{Key, Signature, Tag};
use sequoia_openpgp::policy::{AsymmetricAlgorithm, HashAlgoSecurity, StandardPolicy};
use sequoia_openpgp::types::{Curve, HashAlgorithm};
use time::macros::utc_datetime;

use super::super::signer::KeyPolicy;
use super::system;
use crate::quote::quote;

/// What signatures on certificates and their keys are made of: SHA-2, RSA and the common curves, and
/// packets of version 4.
///
/// Each thing that counts is named here, so that no later version of the library accepts another
/// one, and no date on the calendar changes a verdict: all dates from which the library distrusts
/// something have passed for it.
fn rules() -> StandardPolicy<'static> {
    let mut rules = StandardPolicy::at(system(utc_datetime!(2100-01-01 00:00)));
    rules.reject_all_hashes();
    for hash in [HashAlgorithm::SHA256, HashAlgorithm::SHA384, HashAlgorithm::SHA512] {
        rules.accept_hash(hash);
    }
    // A revocation may use any.
    rules.hash_revocation_tolerance(sequoia_openpgp::types::Duration::seconds(u32::MAX));
    rules.reject_all_asymmetric_algos();
    for algorithm in [
        AsymmetricAlgorithm::RSA2048,
        AsymmetricAlgorithm::RSA3072,
        AsymmetricAlgorithm::RSA4096,
        AsymmetricAlgorithm::NistP256,
        AsymmetricAlgorithm::NistP384,
        AsymmetricAlgorithm::EdDSA,
        AsymmetricAlgorithm::Ed25519,
    ] {
        rules.accept_asymmetric_algo(algorithm);
    }
    // What the library knows but leaves to us, who do not heed it: bounds on whom a key may vouch
    // for, and for whom the data is.
    for tag in [
        SubpacketTag::TrustSignature,
        SubpacketTag::RegularExpression,
        SubpacketTag::IntendedRecipient,
        SubpacketTag::ApprovedCertifications,
    ] {
        rules.reject_critical_subpacket(tag);
    }
    rules.reject_packet_tag(Tag::Signature);
    rules.accept_packet_tag_version(Tag::Signature, 4);
    rules
}

/// The rules for a signer's certificates.
pub(super) fn certificate_rules(key_policy: &KeyPolicy) -> StandardPolicy<'static> {
    let mut rules = rules();
    if key_policy.sha1_self_signatures {
        // Only where a forger would need a second preimage: not over user ids so long that a
        // prepared collision can hide in them.
        rules.accept_hash_property(HashAlgorithm::SHA1, HashAlgoSecurity::SecondPreImageResistance);
    }
    rules
}

/// The rules for signatures over data.
pub(super) fn data_rules() -> StandardPolicy<'static> {
    let mut rules = rules();
    rules.accept_packet_tag_version(Tag::Signature, 3);
    rules
}

/// The sizes of RSA keys that are neither too weak nor more than the library computes with.
const RSA_BITS: RangeInclusive<usize> = 2048..=4096;

/// The fingerprint of a key of version 4.
pub(in crate::signature) type Fingerprint = [u8; 20];

/// RFC 9580, 5.5.4.2: SHA-1 over the packet as it was framed once. `None` for other versions.
pub(in crate::signature) fn fingerprint(body: &[u8]) -> Option<Fingerprint> {
    let length = u16::try_from(body.len()).ok()?;
    if body.first() != Some(&4) {
        return None;
    }
    let mut hash = HashAlgorithm::SHA1.context().ok()?.for_digest();
    hash.update(&[0x99]);
    hash.update(&length.to_be_bytes());
    hash.update(body);
    hash.into_digest().ok()?.try_into().ok()
}

pub(super) fn hash_name(hash: HashAlgorithm) -> String {
    match hash {
        HashAlgorithm::MD5 => "MD5".to_owned(),
        HashAlgorithm::SHA1 => "SHA-1".to_owned(),
        HashAlgorithm::RipeMD => "RIPEMD-160".to_owned(),
        HashAlgorithm::SHA224 => "SHA-224".to_owned(),
        HashAlgorithm::SHA256 => "SHA-256".to_owned(),
        HashAlgorithm::SHA384 => "SHA-384".to_owned(),
        HashAlgorithm::SHA512 => "SHA-512".to_owned(),
        other => format!("hash algorithm {}", u8::from(other)),
    }
}

/// The name of a key's algorithm, if it is too weak, is not for signing, or we cannot verify with
/// it.
///
/// The rules refuse these, too. But the library asks them only about keys with a good self-signature,
/// which no key has that it cannot verify with.
pub(super) fn weak(key: &Key<PublicParts, UnspecifiedRole>) -> Option<String> {
    match key.mpis() {
        _ if !key.pk_algo().for_signing() => Some(key.pk_algo().to_string()),
        PublicKey::RSA { n, .. } => {
            let size = n.bits();
            (!RSA_BITS.contains(&size)).then(|| format!("RSA with {size} bits"))
        }
        PublicKey::Ed25519 { .. }
        | PublicKey::EdDSA { curve: Curve::Ed25519, .. }
        | PublicKey::ECDSA { curve: Curve::NistP256 | Curve::NistP384, .. } => None,
        PublicKey::EdDSA { curve, .. } | PublicKey::ECDSA { curve, .. } => {
            Some(format!("an elliptic curve key on {curve}"))
        }
        _ => Some(key.pk_algo().to_string()),
    }
}

/// The name of a subpacket marked critical whose meaning we do not know, or do not heed.
///
/// RFC 9580, 5.2.3.7: then the whole signature must not count. The area that the signature does not
/// cover is held to the same, which the library overlooks.
pub(super) fn critical(signature: &Signature, rules: &StandardPolicy<'_>) -> Option<String> {
    let areas = [signature.hashed_area(), signature.unhashed_area()];
    let mut subpackets = areas.into_iter().flat_map(|area| area.iter()).filter(|it| it.critical());
    subpackets.find_map(|subpacket| match (subpacket.value(), subpacket.tag()) {
        (SubpacketValue::NotationData(notation), _) => Some(format!("notation {}", quote(notation.name()))),
        (_, tag) if rules.critical_subpacket_cutoff(tag).is_some() => {
            Some(format!("subpacket of type {}", u8::from(tag)))
        }
        _ => None,
    })
}
