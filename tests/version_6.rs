//! Signatures and certificates of OpenPGP version 6, the post-quantum ones among them: what is tested
//! of version 4 in `signatures.rs` and `certificates.rs`, for each algorithm.

#![allow(missing_docs, reason = "a test binary")]
#![expect(clippy::expect_used, clippy::panic, reason = "a test stops at what it did not expect")]

mod certificate_builder;
mod signers;

use std::fs;
use std::path::Path;

use certificate_builder::*;
use openshift_image_trust::{
    Cost, EndedKey, Fault, KeyPolicy, Keyring, Limits, Malformed, NoCluster, Reason, Signer, Verdict,
    check_certificates, evaluate, inspect,
};
use sequoia_openpgp::packet::signature::subpacket::{Subpacket, SubpacketValue};
use sequoia_openpgp::serialize::MarshalInto as _;
use sequoia_openpgp::types::{HashAlgorithm, ReasonForRevocation};
use sequoia_openpgp::{Fingerprint, KeyID};
use serde_json::{Value, json};
use signers::verify;
use time::UtcDateTime;
use time::macros::utc_datetime;

/// The day of the verdicts on what Sequoia made.
const TODAY: UtcDateTime = utc_datetime!(2026-12-15 00:00);
/// The day of the verdicts on what is made here, after [`DAY_ZERO`].
const NOW: i64 = 100;

/// Name, and what verifying it takes.
const MADE: [(&str, Cost); 7] = [
    ("ed25519-v6", Cost::Low),
    ("rsa4k-v6", Cost::Low),
    ("p256-v6", Cost::Medium),
    ("p384-v6", Cost::Medium),
    ("ed448-v6", Cost::High),
    ("mldsa65-v6", Cost::Medium),
    ("mldsa87-v6", Cost::High),
];
const REFERENCE: &str = "registry.redhat.io/albo/aws-load-balancer-operator-bundle:0.0.1";

fn read(path: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/signatures").join(path)).expect(path)
}

fn text(path: &str) -> String {
    String::from_utf8(read(path)).expect(path)
}

fn made(name: &str) -> (Vec<u8>, String, String) {
    let of = |end: &str| format!("openpgp-v6/{name}.{end}");
    (read(&of("sig")), text(&of("cert.asc")), text(&of("fpr")).trim().to_owned())
}

fn reason(blob: &[u8], openpgp: &str) -> Option<Reason> {
    verify(blob, openpgp, KeyPolicy::default(), day(NOW)).err().map(|rejection| rejection.reason)
}

#[test]
fn what_sequoia_makes_counts_under_its_own_key_alone_and_in_a_mixed_ring() {
    let version_4 = text("generated/keys/ed.asc");
    let ring = MADE.map(|(name, _)| made(name).1).join("\n") + &version_4;
    for (name, cost) in MADE {
        let (blob, certificate, fingerprint) = made(name);
        assert_eq!(fingerprint.len(), 64);
        for openpgp in [&certificate, &ring] {
            let verified = verify(&blob, openpgp, KeyPolicy::default(), TODAY).expect(name);
            assert_eq!(verified.fingerprint(), fingerprint);
            assert_eq!(verified.payload().docker_reference, REFERENCE);
        }
        for (other, _) in MADE.iter().filter(|(other, _)| *other != name) {
            let rejection =
                verify(&blob, &made(other).1, KeyPolicy::default(), TODAY).expect_err("another key");
            assert!(
                matches!(&rejection.reason, Reason::UnknownKey { key } if key.len() == 64),
                "{rejection}"
            );
        }
        let signers = [];
        let keyring = Keyring::new(&signers, Limits::default(), TODAY);
        assert_eq!(keyring.open(&blob).expect(name).cost(), cost, "{name}");
        let page = inspect(&blob, &Limits::default());
        assert!(page.contains("version 6, type 0x00") && !page.contains("refused"), "{page}");
        assert!(page.contains(&format!("key {fingerprint}")), "{page}");
    }
    let old = read("generated/sigs/json-ok.sig");
    assert!(verify(&old, &ring, KeyPolicy::default(), TODAY).is_ok());
    let signer = Signer { name: "somebody", openpgp: &ring, key_policy: KeyPolicy::default() };
    let checked = check_certificates(&signer, TODAY).expect("all of them count");
    assert_eq!((checked.usable.len(), checked.left_out), (MADE.len() + 1, Vec::new()));
}

fn judge(request: &str, settings: &Value) -> Verdict {
    let mut request: Value = serde_json::from_slice(&read(&format!("openpgp-v6/{request}"))).expect("JSON");
    let payload = json!({"request": request.get_mut("request").map(Value::take), "settings": settings});
    evaluate(payload.to_string().as_bytes(), TODAY, &NoCluster)
}

fn codes(verdict: &Verdict) -> String {
    verdict.message.clone().unwrap_or_default()
}

#[test]
fn requests_with_signatures_of_version_6() {
    let signer = |name: &str, certificate: &str| json!({"name": name, "openpgp": certificate});
    let red_hat = text("real/cluster-update-keys/keys/verifier-public-key-redhat-release");
    let other = text("generated/keys/ed.asc");
    for name in ["ed25519-v6", "rsa4k-v6", "mldsa65-v6", "mldsa87-v6"] {
        let request = format!("req-imagesignature-{name}.json");
        let own = made(name).1;
        let verdict = judge(&request, &json!({}));
        assert!(verdict.accepted && verdict.warnings.is_empty(), "{name}: {verdict:?}");
        let verdict = judge(&request, &json!({"signers": [signer("acme", &own)]}));
        assert!(verdict.accepted, "{name}: {verdict:?}");
        let verdict = judge(&request, &json!({"signers": [signer("acme", &other)]}));
        assert!(!verdict.accepted, "{name}");
        assert!(codes(&verdict).contains("[signature-untrusted]"), "{name}: {verdict:?}");
        assert!(!codes(&verdict).contains("signature-malformed"), "{name}: {verdict:?}");
    }
    let own = made("mldsa87-v6").1;
    let both = json!({"signers": [signer("red-hat", &red_hat), signer("quantum", &own)]});
    let legacy = json!({"signers": [signer("red-hat", &red_hat)]});
    for (request, by_importer) in
        [("req-user-legacy-and-pqc.json", false), ("req-importer-legacy-and-pqc.json", true)]
    {
        for settings in [&json!({}), &both] {
            let verdict = judge(request, settings);
            assert!(verdict.accepted && verdict.warnings.is_empty(), "{request}: {verdict:?}");
        }
        // The importer attaches all that a vendor publishes: it is told, and a person is refused.
        let verdict = judge(request, &legacy);
        assert_eq!(verdict.accepted, by_importer, "{request}: {verdict:?}");
        let told = codes(&verdict) + &verdict.warnings.join("\n");
        assert!(told.contains("[signature-untrusted]"), "{request}: {verdict:?}");
        assert!(!told.contains("signature-malformed"), "{request}: {verdict:?}");
    }
}

/// One position of so many, so that what is long or takes long to verify takes no longer than others.
fn step(length: usize, cost: Cost) -> usize {
    if length > 2000 || cost > Cost::Low { 127 } else { 1 }
}

#[test]
fn a_cut_signature_is_refused_at_every_byte() {
    for (name, _) in MADE {
        let (blob, certificate, _) = made(name);
        for end in 0..blob.len() {
            let cut = blob.get(..end).expect("within");
            assert!(verify(cut, &certificate, KeyPolicy::default(), TODAY).is_err(), "{name} {end}");
        }
    }
}

/// A flip is refused, or it hit what the signature does not cover: then it proves the same.
#[test]
fn a_changed_bit_proves_nothing_else() {
    for (name, cost) in MADE {
        let (blob, certificate, _) = made(name);
        let original = verify(&blob, &certificate, KeyPolicy::default(), TODAY).expect("valid");
        let (mut same, mut refused) = (0, 0);
        for bit in (0..blob.len() * 8).step_by(step(blob.len(), cost)) {
            let mut flipped = blob.clone();
            if let Some(byte) = flipped.get_mut(bit / 8) {
                *byte ^= 1 << (bit % 8);
            }
            match verify(&flipped, &certificate, KeyPolicy::default(), TODAY) {
                Ok(verified) => {
                    assert_eq!(verified, original, "{name} {bit}");
                    same += 1;
                }
                Err(_) => refused += 1,
            }
            let _ = inspect(&flipped, &Limits::default());
        }
        // The date and the name of the literal data are all that nobody signed.
        assert!(refused > 30 * same, "{name}: {refused} refused, {same} the same");
    }
}

/// A certificate with a flipped bit proves what it proved, or nothing.
#[test]
fn a_changed_bit_of_a_certificate_makes_nobody_else_a_signer() {
    for kind in [Kind::Ed25519, Kind::MlDsa65] {
        let mut owner = Owner::of_kind(kind, 0).direct(0, signs).user_id("a@b.test", 0, signs);
        let blob = owner.sign(&payload(), 50);
        let fingerprint = owner.fingerprint();
        let packets = owner.packets.clone();
        let mut refused = 0;
        for bit in (0..packets.len() * 8).step_by(step(packets.len(), Cost::Low)) {
            let mut flipped = packets.clone();
            if let Some(byte) = flipped.get_mut(bit / 8) {
                *byte ^= 1 << (bit % 8);
            }
            match verify(&blob, &base64(&flipped), KeyPolicy::default(), day(NOW)) {
                Ok(verified) => assert_eq!(verified.fingerprint(), fingerprint, "{bit}"),
                Err(_) => refused += 1,
            }
        }
        assert!(refused > 10, "{refused}");
    }
}

fn ordinary(kind: Kind) -> Owner {
    Owner::of_kind(kind, 0).direct(0, signs)
}

/// The body of a signature packet of day 50.
fn body(owner: &mut Owner, edit: Edit) -> Vec<u8> {
    data_signature(&mut owner.pair, &payload(), 50, edit).to_vec().expect("serializable")
}

fn message(one_pass: &[u8], signature: &[u8]) -> Vec<u8> {
    let literal = [b"b\0\0\0\0\0", &payload()[..]].concat();
    [packet(4, one_pass), packet(11, &literal), packet(2, signature)].concat()
}

#[test]
fn a_one_pass_packet_that_says_otherwise() {
    for kind in Kind::VERSION_6 {
        let mut owner = ordinary(kind);
        let signature = body(&mut owner, |builder| builder);
        let key = owner.key.fingerprint();
        let good = one_pass(&signature, key.as_bytes());
        assert_eq!(reason(&message(&good, &signature), &owner.text()), None, "{kind:?}");
        let last = good.len() - 1;
        let disagree = |field| Some(Reason::Malformed(Malformed::Disagree(field)));
        let unreadable = Some(Reason::Malformed(Malformed::OnePass));
        for (place, expected) in [
            (0, unreadable.clone()),
            (1, disagree("signature types")),
            (2, disagree("hash algorithms")),
            (3, disagree("public key algorithms")),
            // The size of the salt shifts what follows.
            (4, unreadable.clone()),
            (5, disagree("salts")),
            (last - 33, disagree("salts")),
            (last - 32, disagree("keys")),
            (last - 1, disagree("keys")),
            (last, unreadable.clone()),
        ] {
            let mut bad = good.clone();
            *bad.get_mut(place).expect("within") ^= 0x40;
            assert_eq!(reason(&message(&bad, &signature), &owner.text()), expected, "{kind:?} {place}");
        }
        // Of version 3, with the key id that a key of version 6 has.
        let [_, signature_type, public_key, hash, ..] = *signature else { panic!("short") };
        let version_3 =
            [&[3, signature_type, hash, public_key][..], owner.key.keyid().as_bytes(), &[1]].concat();
        assert_eq!(reason(&message(&version_3, &signature), &owner.text()), disagree("versions"));
        for end in 0..good.len() {
            let cut = message(good.get(..end).expect("within"), &signature);
            assert_eq!(reason(&cut, &owner.text()), unreadable, "{kind:?} {end}");
        }
        assert_eq!(reason(&message(&[&good[..], &[1]].concat(), &signature), &owner.text()), unreadable);
    }
    // The other way round: a signature of version 4 that a packet of version 6 announces.
    let mut owner = Owner::ordinary();
    let signature = body(&mut owner, |builder| builder);
    let [_, signature_type, public_key, hash, ..] = *signature else { panic!("short") };
    let version_6 = [&[6, signature_type, hash, public_key, 16][..], &[0; 48], &[1]].concat();
    assert_eq!(
        reason(&message(&version_6, &signature), &owner.text()),
        Some(Reason::Malformed(Malformed::Disagree("versions")))
    );
}

/// The salt of one size for each hash, and hashed.
#[test]
fn salts() {
    for (hash, size) in
        [(HashAlgorithm::SHA256, 16), (HashAlgorithm::SHA384, 24), (HashAlgorithm::SHA512, 32)]
    {
        let mut owner = ordinary(Kind::Ed25519);
        let signature = data_signature(
            &mut owner.pair,
            &payload(),
            50,
            match hash {
                HashAlgorithm::SHA256 => |builder| builder,
                HashAlgorithm::SHA384 => |builder| builder.set_hash_algo(HashAlgorithm::SHA384),
                _ => |builder| builder.set_hash_algo(HashAlgorithm::SHA512),
            },
        );
        let signature = signature.to_vec().expect("serializable");
        let key = owner.key.fingerprint();
        assert_eq!(reason(&frame(&signature, key.as_bytes(), &payload()), &owner.text()), None, "{hash}");
        // From the end: 64 octets of signature, the salt, its size.
        let at = signature.len() - 64 - size - 1;
        assert_eq!(signature.get(at).copied().map(usize::from), Some(size), "{hash}");
        let mut other = signature.clone();
        *other.get_mut(at + 1).expect("a salt") ^= 1;
        let blob = frame(&other, key.as_bytes(), &payload());
        assert!(matches!(reason(&blob, &owner.text()), Some(Reason::BadSignature { .. })), "{hash}");
        let mut shorter = signature.clone();
        shorter.remove(at + 1);
        *shorter.get_mut(at).expect("its size") -= 1;
        let blob = frame(&shorter, key.as_bytes(), &payload());
        assert_eq!(reason(&blob, &owner.text()), Some(Reason::Malformed(Malformed::Salt)), "{hash}");
    }
}

/// Puts another issuer beside the one that the library names.
fn with_issuer(owner: &mut Owner, value: SubpacketValue) -> Vec<u8> {
    let mut signature = data_signature(&mut owner.pair, &payload(), 50, |builder| builder);
    signature
        .unhashed_area_mut()
        .add(Subpacket::new(value, false).expect("a subpacket"))
        .expect("room for it");
    signature.to_vec().expect("serializable")
}

#[test]
fn a_signature_names_its_key_by_its_fingerprint_alone() {
    let own = |owner: &Owner| (owner.key.fingerprint(), owner.key.keyid());
    for kind in [Kind::Ed25519, Kind::MlDsa65, Kind::MlDsa87] {
        let issuer = Some(Reason::Malformed(Malformed::Issuer));
        let disagree = Some(Reason::Malformed(Malformed::Disagree("keys")));
        let stranger = ordinary(kind);
        for (name, value, expected) in [
            ("itself again", None, None),
            ("its key id", Some(SubpacketValue::Issuer(KeyID::from_bytes(&[0; 8]))), issuer.clone()),
            (
                "a fingerprint of version 4",
                Some(SubpacketValue::IssuerFingerprint(Fingerprint::V4([7; 20]))),
                issuer,
            ),
            ("somebody else", Some(SubpacketValue::IssuerFingerprint(stranger.key.fingerprint())), disagree),
        ] {
            let mut owner = ordinary(kind);
            let (fingerprint, key_id) = own(&owner);
            let value = match value {
                Some(SubpacketValue::Issuer(_)) => SubpacketValue::Issuer(key_id),
                Some(value) => value,
                None => SubpacketValue::IssuerFingerprint(fingerprint.clone()),
            };
            let signature = with_issuer(&mut owner, value);
            let blob = frame(&signature, fingerprint.as_bytes(), &payload());
            assert_eq!(reason(&blob, &owner.text()), expected, "{kind:?}: {name}");
        }
        // Announced and named under somebody else's name.
        let mut owner = ordinary(kind);
        let signature = body(&mut owner, |builder| builder);
        let blob = frame(&signature, stranger.key.fingerprint().as_bytes(), &payload());
        let expected = Some(Reason::Malformed(Malformed::Disagree("keys")));
        assert_eq!(reason(&blob, &owner.text()), expected, "{kind:?}");
    }
    // A signature of version 4 names no key of version 6, not even by its key id.
    let mut owner = Owner::ordinary();
    let signature = with_issuer(&mut owner, SubpacketValue::IssuerFingerprint(Fingerprint::V6([7; 32])));
    let blob = frame(&signature, owner.key.keyid().as_bytes(), &payload());
    assert_eq!(reason(&blob, &owner.text()), Some(Reason::Malformed(Malformed::Issuer)));
}

/// Key states, each signature time, each key policy.
#[test]
fn keys_that_ended() {
    const RETIRED: Option<ReasonForRevocation> = Some(ReasonForRevocation::KeyRetired);
    const STOLEN: Option<ReasonForRevocation> = Some(ReasonForRevocation::KeyCompromised);
    let lenient = KeyPolicy {
        expired_key: EndedKey::AllowSignedBefore,
        revoked_key: EndedKey::AllowSignedBefore,
        ..KeyPolicy::default()
    };
    for kind in Kind::VERSION_6 {
        let expired = || Owner::of_kind(kind, 0).direct(0, |builder| days(signs(builder), 60));
        let retired = || ordinary(kind).revoke(60, RETIRED);
        let stolen = || ordinary(kind).revoke(60, STOLEN);
        let verdict = |mut owner: Owner, at, key_policy| {
            let blob = owner.sign(&payload(), at);
            verify(&blob, &owner.text(), key_policy, day(NOW)).map_err(|rejection| rejection.reason)
        };
        let deny = KeyPolicy::default();
        assert!(matches!(verdict(expired(), 50, deny), Err(Reason::KeyExpired { .. })), "{kind:?}");
        assert!(verdict(expired(), 50, lenient).is_ok(), "{kind:?}");
        assert!(matches!(verdict(expired(), 61, lenient), Err(Reason::SignedAfterExpiry { .. })), "{kind:?}");
        assert!(matches!(verdict(retired(), 50, deny), Err(Reason::KeyRevoked { .. })), "{kind:?}");
        assert!(verdict(retired(), 50, lenient).is_ok(), "{kind:?}");
        let late = verdict(retired(), 61, lenient);
        assert!(matches!(late, Err(Reason::SignedAfterRevocation { .. })), "{kind:?}");
        assert!(matches!(verdict(stolen(), 50, lenient), Err(Reason::KeyCompromised { .. })), "{kind:?}");
        let mut owner = ordinary(kind);
        let blob = blob(&mut owner.pair, &payload(), 50, |builder| {
            builder
                .set_signature_validity_period(std::time::Duration::from_secs(10 * 86400))
                .expect("a period")
        });
        assert!(matches!(reason(&blob, &owner.text()), Some(Reason::SignatureExpired { .. })), "{kind:?}");
        let mut owner = ordinary(kind);
        let blob = owner.sign(&payload(), 200);
        assert!(matches!(reason(&blob, &owner.text()), Some(Reason::FromTheFuture { .. })), "{kind:?}");
        // What ended the key may be in another copy of it, in another text.
        let mut owner = ordinary(kind);
        let blob = owner.sign(&payload(), 50);
        let before = owner.text();
        let after = owner.revoke(60, STOLEN).text();
        let signers = [&before, &after].map(|openpgp| Signer { name: "a", openpgp, key_policy: deny });
        let verdict = Keyring::new(&signers, Limits::default(), day(NOW)).verify(&blob);
        assert!(matches!(verdict.expect_err("revoked").reason, Reason::KeyCompromised { .. }), "{kind:?}");
    }
}

#[test]
fn subkeys_of_version_6_and_none_of_another() {
    for kind in [Kind::Ed25519, Kind::MlDsa65] {
        let mut owner = Owner::of_kind(Kind::Ed25519, 0).direct(0, certify_only);
        let mut subkey = owner.subkey_of_kind(kind, 0, true, signs);
        let blob = subkey.sign(&payload(), 50);
        let verified = verify(&blob, &owner.text(), KeyPolicy::default(), day(NOW)).expect("a subkey");
        assert_eq!((verified.fingerprint(), verified.key()), (&*owner.fingerprint(), &*subkey.fingerprint()));
        // The primary key may only certify.
        let blob = owner.sign(&payload(), 50);
        assert!(matches!(reason(&blob, &owner.text()), Some(Reason::NotASigningKey { .. })));
        // And a subkey that did not say that it belongs to it does not.
        let mut owner = Owner::of_kind(Kind::Ed25519, 0).direct(0, certify_only);
        let mut subkey = owner.subkey_of_kind(kind, 0, false, signs);
        let blob = subkey.sign(&payload(), 50);
        assert!(matches!(reason(&blob, &owner.text()), Some(Reason::NotBound { .. })));
    }
    for (primary, sub) in [(Kind::Ed25519, Kind::Version4), (Kind::Version4, Kind::Ed25519)] {
        let mut owner =
            Owner::of_kind(primary, 0).direct(0, certify_only).user_id("a@b.test", 0, certify_only);
        let mut subkey = owner.subkey_of_kind(sub, 0, true, signs);
        let blob = subkey.sign(&payload(), 50);
        let found = reason(&blob, &owner.text());
        assert!(matches!(found, Some(Reason::NotBound { .. })), "{primary:?} {sub:?}: {found:?}");
    }
}

/// In version 6 the signature over the primary key speaks for it; what one over a user id says counts
/// where it allows less.
#[test]
fn user_ids_that_say_less_and_more() {
    let days_60: Edit = |builder| days(signs(builder), 60);
    for (direct, user_id, expected) in [
        (signs as Edit, signs as Edit, None),
        (signs, certify_only, Some("sign")),
        (certify_only, signs, Some("sign")),
        (signs, days_60, Some("expired on")),
        (days_60, signs, Some("expired on")),
    ] {
        let mut owner = Owner::of_kind(Kind::Ed25519, 0).direct(0, direct).user_id("a@b.test", 0, user_id);
        let blob = owner.sign(&payload(), 50);
        let found = reason(&blob, &owner.text()).map(|reason| reason.to_string());
        match (&found, expected) {
            (None, None) => {}
            (Some(found), Some(expected)) => assert!(found.contains(expected), "{found}"),
            _ => panic!("{found:?} {expected:?}"),
        }
    }
    // Without a signature over the primary key, as in version 4, the user id's is all there is.
    let mut owner = Owner::of_kind(Kind::Ed25519, 0).user_id("a@b.test", 0, signs);
    let blob = owner.sign(&payload(), 50);
    assert_eq!(reason(&blob, &owner.text()), None);
}

/// It may be a good signature: it is no trusted one, and nobody calls it broken.
#[test]
fn what_is_not_supported_says_so_by_name() {
    let mut owner = ordinary(Kind::Ed25519);
    let signature = body(&mut owner, |builder| builder);
    let key = owner.key.fingerprint();
    let announced = one_pass(&signature, key.as_bytes());
    let old = [&[3, 0, 8, 27][..], &[7; 8], &[1]].concat();
    for version in [0, 2, 5, 7, 255] {
        let mut of_version = signature.clone();
        *of_version.first_mut().expect("a version") = version;
        for announced in [&announced, &old] {
            let reason = reason(&message(announced, &of_version), &owner.text()).expect("refused");
            assert_eq!(reason, Reason::Version(version));
            assert!(!reason.is_malformed());
            assert_eq!(reason.to_string(), format!("OpenPGP version {version} is not supported"));
        }
    }
    for (algorithm, name) in
        [(16, "16 (ElGamal)"), (17, "17 (DSA)"), (32, "32 (SLHDSA128s)"), (99, "99"), (105, "105")]
    {
        for owner in [&mut ordinary(Kind::Ed25519), &mut Owner::ordinary()] {
            let mut of_algorithm = body(owner, |builder| builder);
            *of_algorithm.get_mut(2).expect("an algorithm") = algorithm;
            let key = owner.key.fingerprint();
            let key_id = owner.key.keyid();
            let key = if owner.key.version() == 6 { key.as_bytes() } else { key_id.as_bytes() };
            let blob = frame(&of_algorithm, key, &payload());
            let reason = reason(&blob, &owner.text()).expect("refused");
            assert!(!reason.is_malformed());
            assert_eq!(reason.to_string(), format!("signature algorithm {name} is not supported"));
        }
    }
}

/// Keys whose algorithm is not for their version, and versions that nobody reads.
#[test]
fn what_can_never_count_is_left_out_beside_what_can() {
    let mut owner = ordinary(Kind::MlDsa65);
    let blob = owner.sign(&payload(), 50);
    let check = |openpgp: &str| {
        let signer = Signer { name: "somebody", openpgp, key_policy: KeyPolicy::default() };
        check_certificates(&signer, day(NOW))
    };
    let unknown = packet(6, &[5; 60]);
    let certifying = Owner::of_kind(Kind::Ed25519, 0).direct(0, certify_only);
    for (name, other, fault) in [
        ("version 5", unknown, (|fault| matches!(fault, Fault::Version(5))) as fn(&Fault) -> bool),
        ("no signing key", certifying.packets.clone(), |fault| matches!(fault, Fault::NoSigningKey(_))),
    ] {
        let alone = check(&base64(&other)).expect_err(name);
        assert!(alone.len() == 1 && alone.iter().all(|problem| fault(&problem.fault)), "{name}: {alone:?}");
        for ring in [[&owner.packets[..], &other].concat(), [&other[..], &owner.packets].concat()] {
            let checked = check(&base64(&ring)).expect(name);
            assert_eq!(checked.left_out, alone, "{name}");
            let found: Vec<_> = checked.usable.iter().map(|info| info.fingerprint.clone()).collect();
            assert_eq!(found, [owner.fingerprint()], "{name}");
            assert_eq!(reason(&blob, &base64(&ring)), None, "{name}");
        }
    }
    // What can be mended is not left out in silence.
    let damaged = Owner::of_kind(Kind::Ed25519, 0);
    let problems = check(&base64(&[&owner.packets[..], &damaged.packets].concat())).expect_err("unbound");
    assert!(matches!(problems.first().expect("one").fault, Fault::NotBound(_)), "{problems:?}");
    assert_eq!(check(&base64(&[5])).expect_err("no packets").len(), 1);
}
