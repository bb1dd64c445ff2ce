//! Which algorithms, hashes and subpackets count: what is handed to the library as its policy.

use std::ops::RangeInclusive;

use sequoia_openpgp::crypto::mpi::PublicKey;
use sequoia_openpgp::packet::key::{PublicParts, UnspecifiedRole};
use sequoia_openpgp::packet::signature::subpacket::{SubpacketTag, SubpacketValue};
use sequoia_openpgp::packet::{Key, Signature, Tag};
use sequoia_openpgp::policy::{AsymmetricAlgorithm, HashAlgoSecurity, StandardPolicy};
use sequoia_openpgp::types::{Curve, HashAlgorithm, PublicKeyAlgorithm};
use time::macros::utc_datetime;

use crate::quote::quote;
use crate::signature::cost::Cost;
use crate::signature::openpgp::units::system;
use crate::signature::signer::KeyPolicy;

/// What signatures on certificates and their keys are made of: SHA-2; RSA, the common curves, and ML-DSA
/// beside one of them; packets of versions 4 and 6.
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
        AsymmetricAlgorithm::Ed448,
        AsymmetricAlgorithm::MLDSA65_Ed25519,
        AsymmetricAlgorithm::MLDSA87_Ed448,
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
    rules.accept_packet_tag_version(Tag::Signature, 6);
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

/// What verifying a signature by this algorithm takes; `None` if none of it counts.
pub(super) fn cost(algorithm: PublicKeyAlgorithm) -> Option<Cost> {
    use PublicKeyAlgorithm::{ECDSA, Ed448, Ed25519, EdDSA, MLDSA65_Ed25519, MLDSA87_Ed448, RSAEncryptSign};
    #[expect(deprecated, reason = "old keys are of it")]
    let rsa = PublicKeyAlgorithm::RSASign;
    match algorithm {
        RSAEncryptSign | EdDSA | Ed25519 => Some(Cost::Low),
        other if other == rsa => Some(Cost::Low),
        ECDSA | MLDSA65_Ed25519 => Some(Cost::Medium),
        Ed448 | MLDSA87_Ed448 => Some(Cost::High),
        _ => None,
    }
}

/// How long verifying a signature by a key takes in WebAssembly, in milliseconds of a server of 2026, rounded
/// up.
pub(super) fn effort(key: &Key<PublicParts, UnspecifiedRole>) -> u32 {
    match key.mpis() {
        PublicKey::MLDSA87_Ed448 { .. } => 25,
        PublicKey::ECDSA { curve: Curve::NistP384, .. } => 13,
        PublicKey::Ed448 { .. } => 11,
        PublicKey::ECDSA { .. } | PublicKey::MLDSA65_Ed25519 { .. } => 2,
        _ => 1,
    }
}

/// The number of an algorithm, and its name where it has one.
pub(super) fn algorithm_name(algorithm: PublicKeyAlgorithm) -> String {
    match algorithm {
        PublicKeyAlgorithm::Unknown(number) | PublicKeyAlgorithm::Private(number) => number.to_string(),
        known => format!("{} ({known})", u8::from(known)),
    }
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
    let version = key.version();
    match key.mpis() {
        _ if !key.pk_algo().for_signing() => Some(key.pk_algo().to_string()),
        // Each has a version of keys that it is not for (RFC 9580, 5.5.5; draft-ietf-openpgp-pqc, 4.1).
        PublicKey::EdDSA { .. } if version == 6 => Some("Ed25519Legacy in a key of version 6".to_owned()),
        PublicKey::MLDSA65_Ed25519 { .. } | PublicKey::MLDSA87_Ed448 { .. } if version != 6 => {
            Some(format!("{} in a key of version {version}", key.pk_algo()))
        }
        PublicKey::RSA { n, .. } => {
            let size = n.bits();
            (!RSA_BITS.contains(&size)).then(|| format!("RSA with {size} bits"))
        }
        PublicKey::Ed25519 { .. }
        | PublicKey::Ed448 { .. }
        | PublicKey::MLDSA65_Ed25519 { .. }
        | PublicKey::MLDSA87_Ed448 { .. }
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
