//! A threshold counts keys by what they are made of: one key under several fingerprints is one.

#![allow(missing_docs, reason = "a test binary")]
#![expect(clippy::expect_used, clippy::panic, reason = "a test stops at what it did not expect")]

mod certificate_builder;

use std::time::{Duration, SystemTime};

use certificate_builder::*;
use openshift_image_trust::{
    KeyPolicy, Keyring, Limits, NoCluster, Signer, VerifiedSignature, evaluate, validate_settings,
};
use sequoia_openpgp::crypto::mpi::{PublicKey, SecretKeyMaterial as Secret};
use sequoia_openpgp::packet::Key;
use sequoia_openpgp::packet::key::{Key4, Key6, SecretKeyMaterial, SecretParts, UnspecifiedRole};
use sequoia_openpgp::types::{Curve, PublicKeyAlgorithm};
use serde_json::json;

/// Today, a hundred days after the keys were made.
const NOW: i64 = 100;

type AnyKey = Key<SecretParts, UnspecifiedRole>;

fn at(day: u64) -> SystemTime {
    let zero = u64::try_from(DAY_ZERO).expect("after 1970");
    SystemTime::UNIX_EPOCH + Duration::from_secs(zero + day * 86400)
}

/// Ed25519 as version 4 had it first.
fn legacy(secret: u8, day: u64) -> AnyKey {
    Key4::import_secret_ed25519(&[secret; 32], at(day)).expect("a key").into()
}

/// Ed25519 in version 4 as RFC 9580 has it.
fn native(secret: u8, day: u64) -> AnyKey {
    let AnyKey::V6(key) = version_6(secret, day) else { panic!("of version 6") };
    let numbers = key.mpis().clone();
    let secret = Secret::Ed25519 { x: [secret; 32].to_vec().into() };
    Key4::with_secret(at(day), PublicKeyAlgorithm::Ed25519, numbers, secret.into()).expect("a key").into()
}

fn version_6(secret: u8, day: u64) -> AnyKey {
    Key6::import_secret_ed25519(&[secret; 32], at(day)).expect("a key").into()
}

/// ML-DSA-65 of its own beside this Ed25519 key.
fn composite(secret: u8, day: u64) -> AnyKey {
    let key: AnyKey = Key6::generate_mldsa65_ed25519().expect("a key").into();
    let AnyKey::V6(ed25519) = version_6(secret, day) else { panic!("of version 6") };
    let (PublicKey::MLDSA65_Ed25519 { mldsa, .. }, PublicKey::Ed25519 { a }) = (key.mpis(), ed25519.mpis())
    else {
        panic!("not such keys")
    };
    let numbers = PublicKey::MLDSA65_Ed25519 { eddsa: Box::new(*a), mldsa: mldsa.clone() };
    let SecretKeyMaterial::Unencrypted(generated) = key.secret() else { panic!("encrypted") };
    let secret = generated.map(|numbers| match numbers {
        Secret::MLDSA65_Ed25519 { mldsa, .. } => {
            Secret::MLDSA65_Ed25519 { eddsa: [secret; 32].to_vec().into(), mldsa: mldsa.clone() }
        }
        _ => panic!("not such a key"),
    });
    let algorithm = PublicKeyAlgorithm::MLDSA65_Ed25519;
    Key6::with_secret(at(day), algorithm, numbers, secret.into()).expect("a key").into()
}

/// Somebody's certificate, and what they signed.
struct Signed {
    certificate: String,
    blob: Vec<u8>,
}

fn by_primary(key: AnyKey) -> Signed {
    let mut owner = Owner::of(key.role_into_primary()).user_id("a@b.test", 5, signs);
    Signed { certificate: owner.text(), blob: owner.sign(&payload(), 50) }
}

/// By the subkey of a primary key of its own.
fn by_subkey(key: AnyKey) -> Signed {
    let kind = if key.version() == 6 { Kind::Ed25519 } else { Kind::Version4 };
    let mut owner = Owner::of_kind(kind, 0).user_id("a@b.test", 5, certify_only);
    let mut subkey = Subkey::of(key.role_into_subordinate());
    owner.bind(&subkey, 10, true, signs);
    Signed { certificate: owner.text(), blob: subkey.sign(&payload(), 50) }
}

/// By a subkey of its own.
fn under_primary(key: AnyKey) -> Signed {
    let mut owner = Owner::of(key.role_into_primary()).user_id("a@b.test", 5, certify_only);
    let mut subkey = owner.subkey(10, true, signs);
    Signed { certificate: owner.text(), blob: subkey.sign(&payload(), 50) }
}

/// Each way in which the key of a secret may stand in a certificate.
fn forms(secret: u8) -> Vec<(&'static str, Signed)> {
    vec![
        ("EdDSA", by_primary(legacy(secret, 0))),
        ("EdDSA, a day later", by_primary(legacy(secret, 1))),
        ("Ed25519 in version 4", by_primary(native(secret, 0))),
        ("Ed25519 in version 6", by_primary(version_6(secret, 0))),
        ("with ML-DSA-65", by_primary(composite(secret, 0))),
        ("with another ML-DSA-65", by_primary(composite(secret, 0))),
        ("EdDSA, a subkey", by_subkey(legacy(secret, 2))),
        ("Ed25519 in version 6, a subkey", by_subkey(version_6(secret, 2))),
        ("with ML-DSA-65, a subkey", by_subkey(composite(secret, 2))),
        ("EdDSA, with a subkey", under_primary(legacy(secret, 3))),
        ("Ed25519 in version 6, with a subkey", under_primary(version_6(secret, 3))),
    ]
}

/// The lines of the denial of an image that has these signatures and needs two of them.
fn judge(signed: &[&Signed]) -> Option<String> {
    let names: Vec<_> = (0..signed.len()).map(|index| format!("signer-{index}")).collect();
    let signers: Vec<_> =
        names.iter().zip(signed).map(|(name, by)| json!({"name": name, "openpgp": by.certificate})).collect();
    let signatures: Vec<_> = signed
        .iter()
        .enumerate()
        .map(|(index, by)| json!({"metadata": {"name": format!("{DIGEST}@{index}")}, "type": "atomic", "content": base64(&by.blob)}))
        .collect();
    let payload = json!({
        "settings": {
            "signers": signers,
            "trust": {"default": [{"type": "signedBy", "signers": names, "threshold": 2}]},
        },
        "request": {
            "uid": "u", "operation": "CREATE", "namespace": "shop", "name": format!("web@{DIGEST}"),
            "kind": {"group": "image.openshift.io", "version": "v1", "kind": "ImageStreamImage"},
            "resource": {"group": "image.openshift.io", "version": "v1", "resource": "imagestreamimages"},
            "userInfo": {"username": "dana", "groups": ["system:authenticated"]},
            "object": {
                "apiVersion": "image.openshift.io/v1", "kind": "ImageStreamImage",
                "metadata": {"name": format!("web@{DIGEST}"), "namespace": "shop"},
                "image": {
                    "metadata": {"name": DIGEST},
                    "dockerImageReference": format!("registry.test/ns/app@{DIGEST}"),
                    "signatures": signatures,
                },
            },
        },
    });
    evaluate(payload.to_string().as_bytes(), day(NOW), &NoCluster).message
}

#[test]
fn one_key_is_one_however_often_it_is_written() {
    let (keys, others) = (forms(7), forms(8));
    for (i, (name, one)) in keys.iter().enumerate() {
        for (j, (other_name, other)) in keys.iter().enumerate() {
            if i != j {
                let denial = judge(&[one, other]).unwrap_or_else(|| panic!("{name}; {other_name}"));
                assert!(denial.contains("[image-untrusted]"), "{name}; {other_name}: {denial}");
                let why =
                    "found `signer-0`; 1 other rejected: made with the same key as the one by `signer-0`";
                assert!(denial.contains(why), "{name}; {other_name}: {denial}");
            }
        }
        let (other_name, other) = others.get(i).expect("as many");
        assert_eq!(judge(&[one, other]), None, "{name}; {other_name}");
    }
}

/// What is wrong with settings that ask for two signatures by these signers.
fn problems(certificates: &[&str]) -> String {
    let names: Vec<_> = (0..certificates.len()).map(|index| format!("signer-{index}")).collect();
    let signers: Vec<_> = names
        .iter()
        .zip(certificates)
        .map(|(name, openpgp)| json!({"name": name, "openpgp": openpgp}))
        .collect();
    let settings = json!({
        "signers": signers,
        "trust": {"default": [{"type": "signedBy", "signers": names, "threshold": 2}]},
    });
    validate_settings(settings.to_string().as_bytes(), day(NOW)).message.unwrap_or_default()
}

const ONE: &str = "trust.default[0].threshold: 2 cannot be reached: `signers` have 1 different keys";

#[test]
fn a_threshold_that_one_key_would_have_to_reach_is_noticed_when_settings_are_read() {
    let (keys, others) = (forms(7), forms(8));
    for (i, (name, one)) in keys.iter().enumerate() {
        for (other_name, other) in &keys {
            let told = problems(&[&one.certificate, &other.certificate]);
            assert_eq!(told, ONE, "{name}; {other_name}");
        }
        let (other_name, other) = others.get(i).expect("as many");
        assert_eq!(problems(&[&one.certificate, &other.certificate]), "", "{name}; {other_name}");
    }
    let all: Vec<&str> = keys.iter().map(|(_, signed)| signed.certificate.as_str()).collect();
    assert_eq!(problems(&all), ONE);
}

#[test]
fn a_threshold_that_can_be_reached_is_never_called_out_of_reach() {
    // Two subkeys, one of them also a key of somebody else: the other one will do.
    let mut owner = Owner::new(0).user_id("a@b.test", 5, certify_only);
    let mut signed = Vec::new();
    for secret in [1, 2] {
        let mut subkey = Subkey::of(legacy(secret, 0).role_into_subordinate());
        owner.bind(&subkey, 10, true, signs);
        signed.push(subkey.sign(&payload(), 50));
    }
    let mut signed = signed.into_iter().map(|blob| Signed { certificate: owner.text(), blob });
    let (with_shared, with_own) = (signed.next().expect("two"), signed.next().expect("two"));
    let somebody = by_primary(version_6(1, 0));
    assert_eq!(problems(&[&owner.text(), &somebody.certificate]), "");
    assert_eq!(judge(&[&with_own, &somebody]), None);
    assert!(judge(&[&with_shared, &somebody]).is_some());
    // One certificate never counts twice, however many keys it has.
    assert_eq!(problems(&[&owner.text()]), ONE);
    assert!(judge(&[&with_shared, &with_own]).is_some());
    // The two others of three have nothing in common.
    let middle = {
        let mut owner = Owner::of(legacy(3, 0).role_into_primary()).user_id("a@b.test", 5, certify_only);
        let subkey = Subkey::of(legacy(4, 0).role_into_subordinate());
        owner.bind(&subkey, 10, true, signs);
        owner.text()
    };
    let (one, other) = (by_primary(version_6(3, 0)), by_primary(version_6(4, 0)));
    for pair in [[&one, &other], [&other, &one]] {
        assert_eq!(problems(&[&middle, &pair[0].certificate]), ONE);
        assert_eq!(problems(&[&middle, &pair[0].certificate, &pair[1].certificate]), "");
        assert_eq!(problems(&[&pair[0].certificate, &middle, &pair[1].certificate]), "");
        assert_eq!(judge(&pair), None);
    }
}

#[test]
fn a_third_key_makes_the_second_of_three_signatures() {
    let [one, again, other] =
        [by_primary(legacy(1, 0)), by_primary(version_6(1, 0)), by_primary(legacy(2, 0))];
    for order in [[&one, &again, &other], [&one, &other, &again], [&other, &one, &again]] {
        assert_eq!(judge(&order), None);
    }
}

#[test]
fn other_curves_and_negatives_are_told_apart() {
    let p256 = |day| {
        let mut key = Key4::generate_ecc(true, Curve::NistP256).expect("a key");
        key.set_creation_time(at(day)).expect("a time");
        AnyKey::from(key)
    };
    let key = p256(0);
    let mut later = key.clone();
    later.set_creation_time(at(1)).expect("a time");
    assert_ne!(key.fingerprint(), later.fingerprint());
    assert!(judge(&[&by_primary(key.clone()), &by_primary(later)]).is_some());
    assert_eq!(judge(&[&by_primary(key), &by_primary(p256(0))]), None);
}

fn verify(signed: &Signed) -> VerifiedSignature {
    let signers = [Signer { name: "a", openpgp: &signed.certificate, key_policy: KeyPolicy::default() }];
    Keyring::new(&signers, Limits::default(), day(NOW)).verify(&signed.blob).expect("verified")
}

#[test]
fn post_quantum_is_the_key_that_signed() {
    for (name, signed, expected) in [
        ("EdDSA", by_primary(legacy(1, 0)), false),
        ("Ed25519 in version 6", by_primary(version_6(1, 0)), false),
        ("ML-DSA-65", by_primary(composite(1, 0)), true),
        ("ML-DSA-65, a subkey", by_subkey(composite(1, 2)), true),
        ("Ed25519 under ML-DSA-65", under_primary(composite(1, 0)), false),
        (
            "ML-DSA-87",
            by_primary(
                Key6::generate_mldsa87_ed448()
                    .map(|mut key| {
                        key.set_creation_time(at(0)).expect("a time");
                        AnyKey::from(key)
                    })
                    .expect("a key"),
            ),
            true,
        ),
    ] {
        let verified = verify(&signed);
        assert_eq!(verified.is_post_quantum(), expected, "{name}");
        assert_eq!(verified.created(), day(50), "{name}");
    }
}
