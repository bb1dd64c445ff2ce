//! Signature blobs and keys.

use openshift_image_trust::RegistryAliases;
use openshift_image_trust::digest_like;
use openshift_image_trust::identity_matches;
use openshift_image_trust::validate_settings;
use openshift_image_trust::{
    EndedKey, Fault, KeyPolicy, Keyring, Limits, Malformed, Note, PayloadProblem, Reason, Signer, SigningKey,
    UnreadableKeyText, check_certificates,
};
use openshift_image_trust::{Plain, SignedIdentity};
use sequoia_openpgp::crypto::{KeyPair, Signer as _};
use sequoia_openpgp::parse::Parse as _;
use sequoia_openpgp::serialize::MarshalInto as _;
use sequoia_openpgp::types::HashAlgorithm;
use serde_json::json;

use crate::certificate_builder::{self, DAY_ZERO, Owner, day, packet};
use crate::{NOW, SKOPEO_DIGEST, file, fixture, fixture_key, key, signer, verify, verify_at};

const SKOPEO: &str = "08CD26E446E2E95249B7A405E932F44B23E8DD43";
const RED_HAT: &str = "567E347AD0044ADE55BA8A5F199E2F91FD431D51";
const RELEASE: &str = "real/cluster-update-keys/keys/verifier-public-key-redhat-release";
const RHEL: &str = "real/library-go/signatures/sha256=e3f12513a4b22a2d7c0e7c9207f52128113758d9d68c7d06b11a0ac7672966f7/signature-1";

#[track_caller]
fn reason(blob: &[u8], openpgp: &str) -> Reason {
    match verify(blob, openpgp) {
        Ok(verified) => panic!("accepted: {verified:?}"),
        Err(rejection) => rejection.reason,
    }
}

pub(crate) fn a_good_signature_tells_its_key() {
    let verified = verify(&fixture("image.signature"), &fixture_key("public-key.gpg")).expect("accepted");
    assert_eq!((verified.fingerprint(), verified.key()), (SKOPEO, SKOPEO));
    assert_eq!(verified.payload().digest, SKOPEO_DIGEST);
    assert_eq!(verified.payload().docker_reference, "testing/manifest");
}

pub(crate) fn a_signer_counts_wherever_they_are_listed() {
    let texts = ["public-key.gpg", "public-key-2.gpg", "public-key-with-subkey.gpg"].map(fixture_key);
    let [skopeo, second, third] = texts.each_ref().map(String::as_str);
    let (skopeo, second, third) =
        (signer("skopeo", skopeo), signer("second", second), signer("third", third));
    for signers in [
        [skopeo.clone(), second.clone(), third.clone()],
        [second.clone(), skopeo.clone(), third.clone()],
        [second, third, skopeo],
    ] {
        let verified = Keyring::new(&signers, Limits::default(), NOW)
            .verify(&fixture("image.signature"))
            .expect("accepted");
        assert_eq!((verified.fingerprint(), verified.signers()), (SKOPEO, &["skopeo".to_owned()][..]));
    }
}

pub(crate) fn without_signers_nothing_is_read() {
    // The second has no payload, and nobody comes to see that.
    for name in ["image.signature", "invalid-blob.signature"] {
        let rejection =
            Keyring::new(&[], Limits::default(), NOW).verify(&fixture(name)).expect_err("accepted");
        assert_eq!(rejection.reason, Reason::UnknownKey { key: SKOPEO.to_owned() }, "{name}");
        assert_eq!(rejection.signer, None, "{name}");
    }
}

pub(crate) fn of_a_stranger_nothing_is_read() {
    for name in ["image.signature", "invalid-blob.signature"] {
        let found = reason(&fixture(name), &fixture_key("public-key-2.gpg"));
        assert_eq!(found, Reason::UnknownKey { key: SKOPEO.to_owned() }, "{name}");
    }
}

pub(crate) fn a_signing_subkey_counts_as_its_primary_key() {
    let openpgp = fixture_key("public-key-with-subkey.gpg");
    for name in ["subkey.signature", "subkey.signature-v3"] {
        let verified = verify(&fixture(name), &openpgp).expect(name);
        assert_eq!(verified.fingerprint(), "B9F4CDB9FD8C475BFA340AC38D54A947EE396F36", "{name}");
        assert_eq!(verified.key(), "57D1D95BBC53BA0EAFF0718CD75B3109B3BAAEAF", "{name}");
    }
}

/// The published fixture of version 3 is not at hand: a packet of version 3 by a subkey that was
/// revoked for the same lack of a reason.
pub(crate) fn a_revoked_subkey_never_counts() {
    let openpgp = fixture_key("public-key-with-revoked-subkey.gpg");
    let found = reason(&fixture("subkey-revoked.signature"), &openpgp);
    assert!(matches!(found, Reason::KeyCompromised { .. }), "{found:?}");

    let mut owner = Owner::new(0).user_id("a@b.test", 0, certificate_builder::certify_only);
    let mut subkey = owner.subkey(0, true, certificate_builder::signs);
    let blob = version_3(&mut subkey.pair, &certificate_builder::payload(), 50);
    assert!(verify_at(&blob, &owner.text(), day(100)).is_ok());
    let owner = owner.revoke_subkey(&subkey, 60, None);
    let found = verify_at(&blob, &owner.text(), day(100)).expect_err("accepted").reason;
    assert!(matches!(found, Reason::KeyCompromised { .. }), "{found:?}");
}

/// A whole message whose signature packet has version 3.
fn version_3(pair: &mut KeyPair, payload: &[u8], at: i64) -> Vec<u8> {
    const SHA256: u8 = 8;
    let time = u32::try_from(DAY_ZERO + at * 86400).expect("a time").to_be_bytes();
    let (key_id, algorithm) = (pair.public().keyid(), u8::from(pair.public().pk_algo()));
    let mut hash = HashAlgorithm::SHA256.context().expect("supported").for_digest();
    hash.update(payload);
    hash.update(&[0]);
    hash.update(&time);
    let digest = hash.into_digest().expect("supported");
    let numbers = pair.sign(HashAlgorithm::SHA256, &digest).expect("signed");
    let signature = [
        &[3, 5, 0][..],
        &time,
        key_id.as_bytes(),
        &[algorithm, SHA256],
        &digest[..2],
        &numbers.to_vec().expect("serializable"),
    ]
    .concat();
    let one_pass = [&[3, 0, SHA256, algorithm][..], key_id.as_bytes(), &[1]].concat();
    let literal = [b"b\0\0\0\0\0", payload].concat();
    [packet(4, &one_pass), packet(11, &literal), packet(2, &signature)].concat()
}

pub(crate) fn what_is_no_message_is_refused() {
    let openpgp = fixture_key("public-key.gpg");
    assert_eq!(reason(b"", &openpgp), Reason::Malformed(Malformed::Empty));
    let found = reason(b"invalid signature", &openpgp);
    assert_eq!(found, Reason::Malformed(Malformed::FirstByte(b'i')));
}

pub(crate) fn what_nobody_signed_is_refused() {
    let found = reason(&fixture("unsigned-literal.signature"), &fixture_key("public-key.gpg"));
    assert!(matches!(found, Reason::Malformed(Malformed::Order(ref tags)) if *tags == [11]), "{found:?}");
}

pub(crate) fn what_is_encrypted_is_refused() {
    let found = reason(&fixture("unsigned-encrypted.signature"), &fixture_key("public-key.gpg"));
    assert_eq!(found, Reason::Malformed(Malformed::FirstByte(0x84)));
}

pub(crate) fn a_signature_ends_when_it_says() {
    let found = reason(&fixture("expired.signature"), &fixture_key("public-key.gpg"));
    assert!(matches!(found, Reason::SignatureExpired { .. }), "{found:?}");
}

/// A text editor damaged the fixtures, and put a newline at the end, which is found first.
pub(crate) fn a_damaged_signature_is_refused() {
    let openpgp = fixture_key("public-key.gpg");
    for name in ["corrupt.signature", "corrupt.signature-v3"] {
        let blob = fixture(name);
        assert_eq!(reason(&blob, &openpgp), Reason::Malformed(Malformed::Trailing(1)), "{name}");
        let blob = blob.strip_suffix(b"\n").expect("a newline");
        assert_eq!(reason(blob, &openpgp), Reason::BadSignature { key: SKOPEO.to_owned() }, "{name}");
    }
}

pub(crate) fn a_key_that_nobody_listed_is_refused() {
    for name in ["unknown-key.signature", "unknown-key.signature-v3"] {
        let found = reason(&fixture(name), &fixture_key("public-key.gpg"));
        assert_eq!(found, Reason::UnknownKey { key: "5F9470E3BC6C3B55".to_owned() }, "{name}");
    }
}

/// The published fixture is not at hand: its payload, signed in the same form.
pub(crate) fn a_version_3_packet_verifies_and_its_payload_is_then_read() {
    let mut owner = Owner::ordinary();
    let verdict = |blob: &[u8], openpgp: &str| verify_at(blob, openpgp, day(100));
    let text = owner.text();
    let good = version_3(&mut owner.pair, &certificate_builder::payload(), 50);
    assert!(verdict(&good, &text).is_ok());
    let blob = version_3(&mut owner.pair, b"This is not JSON\n", 50);
    let rejection = verdict(&blob, &text).expect_err("accepted");
    assert!(
        matches!(rejection.reason, Reason::Payload(PayloadProblem::NotJson(_))) && rejection.signer.is_some(),
        "{rejection:?}"
    );
    let stranger = verdict(&blob, &Owner::ordinary().text()).expect_err("accepted");
    assert!(matches!(stranger.reason, Reason::UnknownKey { .. }), "{stranger:?}");
}

pub(crate) fn a_good_signature_on_no_payload_is_refused() {
    let rejection =
        verify(&fixture("invalid-blob.signature"), &fixture_key("public-key.gpg")).expect_err("accepted");
    assert!(matches!(rejection.reason, Reason::Payload(PayloadProblem::NotJson(_))), "{rejection:?}");
    assert_eq!(rejection.signer.as_deref(), Some("somebody"));
}

/// Upstream's test lets GnuPG accept it; containers-signature(5) forbids it, as do we.
pub(crate) fn a_cleartext_signature_is_refused() {
    let found = reason(&file("generated/sigs/pgp-cleartext.sig"), &key("generated/keys/rsa.asc"));
    assert_eq!(found, Reason::Malformed(Malformed::FirstByte(b'-')));
}

pub(crate) fn a_text_without_keys_proves_nothing() {
    for (openpgp, why) in [("", UnreadableKeyText::Empty), ("This is invalid", UnreadableKeyText::NotArmored)]
    {
        let problems = check_certificates(&signer("somebody", openpgp), NOW).expect_err("keys");
        let faults: Vec<&Fault> = problems.iter().map(|problem| &problem.fault).collect();
        assert_eq!(faults, [&Fault::Unreadable(why.clone())], "{openpgp}");
        assert_eq!(reason(&fixture("image.signature"), openpgp), Reason::UnreadableSigner(why));
        let settings = json!({"signers": [{"name": "somebody", "openpgp": openpgp}]}).to_string();
        assert!(!validate_settings(settings.as_bytes(), NOW).valid, "{openpgp}");
    }
}

pub(crate) fn a_release_signed_by_a_version_4_packet() {
    let verified = verify(&file("real/oc-mirror/e2e/signature-1"), &key(RELEASE)).expect("accepted");
    assert_eq!(verified.fingerprint(), RED_HAT);
    assert_eq!(
        verified.payload().docker_reference,
        "quay.io/openshift-release-dev/ocp-release:4.15.0-x86_64"
    );
    assert!(verified.payload().digest.starts_with("sha256:0da6316466d6"));
}

/// The published signature is not at hand. Its key is: it ended in 2021. So a key that ended
/// likewise, and a signature from before.
pub(crate) fn an_expired_key_no_longer_counts() {
    let openpgp = key("real/library-go/keyrings/simple.txt");
    let checked = check_certificates(&signer("ci", &openpgp), NOW).expect("readable").usable;
    assert_eq!(checked.len(), 1);
    assert_eq!(checked[0].fingerprint, "D04761B116203B0C0859B61628B76E05B923888E");
    assert!(
        checked[0].notes.iter().any(|note| matches!(note, Note::Expired { past: EndedKey::Deny, .. })),
        "{checked:?}"
    );

    let mut owner = Owner::new(0)
        .user_id("a@b.test", 0, |b| certificate_builder::days(certificate_builder::signs(b), 60));
    let text = owner.text();
    for (signed, now, lenient, counts) in [
        (50, 55, false, true),
        (50, 100, false, false),
        // library-go never looks at the end of a key: its verdict, where the settings ask for it.
        (50, 100, true, true),
        (70, 100, false, false),
        (70, 100, true, false),
    ] {
        let expired_key = if lenient { EndedKey::AllowSignedBefore } else { EndedKey::Deny };
        let signers = [Signer {
            name: "ci",
            openpgp: &text,
            key_policy: KeyPolicy { expired_key, ..KeyPolicy::default() },
        }];
        let blob = owner.sign(&certificate_builder::payload(), signed);
        let verdict = Keyring::new(&signers, Limits::default(), day(now)).verify(&blob);
        assert_eq!(verdict.is_ok(), counts, "signed on {signed}, seen on {now}: {verdict:?}");
        if let Err(rejection) = verdict {
            let reason = rejection.reason;
            assert!(
                matches!(reason, Reason::KeyExpired { .. } | Reason::SignedAfterExpiry { .. }),
                "{reason:?}"
            );
        }
    }
}

/// The published signature is not at hand: a message in its form, uncompressed, as Go writes one.
pub(crate) fn a_first_part_of_two_octets_is_read() {
    let mut owner = Owner::ordinary();
    let text = owner.text();
    let payload = certificate_builder::payload();
    let signature = certificate_builder::data_signature(&mut owner.pair, &payload, 50, |b| b);
    let signature = signature.to_vec().expect("serializable");
    let whole = certificate_builder::frame(&signature, owner.key.keyid().as_bytes(), &payload);
    let one_pass = &whole[..19];
    for (mode, parts) in [(b't', vec![1]), (b'b', vec![1]), (b't', vec![1, 7, 0]), (b't', vec![0, 0, 0, 6])] {
        let mut literal = [&[mode][..], b"\0\0\0\0\0", &payload].concat();
        let mut body = vec![0xcb];
        for power in parts {
            let rest = literal.split_off(1 << power);
            body.push(0xe0 | power);
            body.extend(literal);
            literal = rest;
        }
        body.push(0xff);
        body.extend(u32::try_from(literal.len()).expect("short").to_be_bytes());
        body.extend(literal);
        let blob = [one_pass, &body, &packet(2, &signature)].concat();
        let verified = verify_at(&blob, &text, day(100)).expect("accepted");
        assert_eq!(verified.payload().digest, certificate_builder::DIGEST);
    }
}

pub(crate) fn the_sha_1_edition_counts_where_the_settings_say_so() {
    let (blob, openpgp) = (file(RHEL), key("real/library-go/keyrings/redhat.txt"));
    assert_eq!(reason(&blob, &openpgp), Reason::Sha1SelfSignature { key: RED_HAT.to_owned() });
    let key_policy = KeyPolicy { sha1_self_signatures: true, ..KeyPolicy::default() };
    let signers = [Signer { name: "red-hat", openpgp: &openpgp, key_policy }];
    let verified = Keyring::new(&signers, Limits::default(), NOW).verify(&blob).expect("accepted");
    assert_eq!(verified.fingerprint(), RED_HAT);
    assert_eq!(verified.payload().docker_reference, "registry.access.redhat.com/rhel7:7.6");
}

pub(crate) fn text_before_the_armor_is_skipped() {
    let openpgp = key(RELEASE);
    assert!(!openpgp.starts_with("-----BEGIN"));
    let checked = check_certificates(&signer("red-hat", &openpgp), NOW).expect("readable").usable;
    let found: Vec<&str> = checked.iter().map(|info| info.fingerprint.as_str()).collect();
    assert_eq!(found, [RED_HAT]);
    let keys: Vec<&str> = checked[0].signing_keys.iter().map(SigningKey::fingerprint).collect();
    assert_eq!(keys, [RED_HAT]);
    assert!(verify(&file(RHEL), &openpgp).is_ok());
}

/// No published signature by this key is at hand: that it loads and may sign, and the same of a key
/// that somebody else certified, by its signature.
pub(crate) fn certifications_by_others_do_no_harm() {
    const CI: &str = "6A9588F07F2D3AE7973AD2A9193E53CCD2E2F7A4";
    let openpgp = key("real/cluster-update-keys/keys/verifier-public-key-openshift-ci-4");
    let checked = check_certificates(&signer("ci", &openpgp), NOW).expect("readable").usable;
    assert_eq!(checked.len(), 1);
    let keys: Vec<&str> = checked[0].signing_keys.iter().map(SigningKey::fingerprint).collect();
    assert_eq!((checked[0].fingerprint.as_str(), keys), (CI, vec![CI]));
    assert!(checked[0].notes.is_empty(), "{checked:?}");

    let (mut stranger, owner) = (Owner::ordinary(), Owner::ordinary());
    let certification = certificate_builder::certification(&mut stranger.pair, &owner, "a@b.test", 1);
    let mut owner = owner.signature(&certification);
    let blob = owner.sign(&certificate_builder::payload(), 50);
    assert!(verify_at(&blob, &owner.text(), day(100)).is_ok());
}

/// The published ring of this key is not at hand: its certificate, with a trust packet after each
/// packet, as GnuPG keeps it; and another published ring.
pub(crate) fn trust_packets_do_not_lose_the_subkeys() {
    let text = fixture("public-key-with-subkey.gpg");
    let pile = sequoia_openpgp::PacketPile::from_bytes(&text).expect("packets");
    let mut ring = Vec::new();
    for part in pile.children() {
        ring.extend(part.to_vec().expect("serializable"));
        ring.extend(packet(12, &[0, 0]));
    }
    for name in ["subkey.signature", "subkey.signature-v3"] {
        let verified = verify(&fixture(name), &certificate_builder::base64(&ring)).expect(name);
        assert_eq!(verified.fingerprint(), "B9F4CDB9FD8C475BFA340AC38D54A947EE396F36", "{name}");
    }
    let published = key("real/skopeo/pubring.gpg");
    assert!(verify(&file("real/skopeo/image.signature"), &published).is_ok());
}

pub(crate) fn what_unpacks_to_64_mib_is_refused() {
    let (blob, openpgp) = (file("generated/sigs/json-big-spaces-64m.sig"), key("generated/keys/ed.asc"));
    let found = reason(&blob, &openpgp);
    assert!(matches!(found, Reason::TooLarge { .. }), "{found:?}");
    let signers = [signer("somebody", &openpgp)];
    for payload_bytes in [1, 65536, 1 << 20, 32 << 20] {
        let limits = Limits { signature_bytes: 1 << 20, payload_bytes };
        let rejection = Keyring::new(&signers, limits, NOW).verify(&blob).expect_err("accepted");
        assert_eq!(rejection.reason, Reason::PayloadTooLarge { limit: payload_bytes });
    }
}

/// With digest and reference, and with room for the largest that the table accepts. Where the
/// programs disagree, all but one are refused: reasons are beside `tests/signatures.rs`' verdicts.
pub(crate) fn the_generated_cases_under_their_references() {
    let digest = digest_like("", &file("generated/manifest.json"));
    let identity = SignedIdentity::MatchRepoDigestOrExact(Plain {});
    let limits = Limits { signature_bytes: 1 << 20, payload_bytes: 2 << 20 };
    let table = String::from_utf8(file("generated/cases.tsv")).expect("text");
    let mut counts = [0; 3];
    for row in table.lines().skip(1) {
        let columns: Vec<&str> = row.split('\t').collect();
        let [name, keyring, reference, expected, ..] = columns[..] else { panic!("{row}") };
        let keyring = if keyring.ends_with(".gpg") { keyring.to_owned() } else { format!("{keyring}.asc") };
        let openpgp = key(&format!("generated/keys/{keyring}"));
        let verdict = Keyring::new(&[signer("somebody", &openpgp)], limits, NOW)
            .verify(&file(&format!("generated/sigs/{name}.sig")));
        let accepted = verdict.as_ref().is_ok_and(|verified| {
            let payload = verified.payload();
            payload.digest == digest
                && identity_matches(
                    &identity,
                    reference,
                    &payload.docker_reference,
                    &RegistryAliases::default(),
                )
        });
        let (index, ours) = match expected {
            "accept" => (0, true),
            "reject" => (1, false),
            "either" => (2, name == "pgp-two-armor-ring"),
            other => panic!("{other}"),
        };
        counts[index] += 1;
        assert_eq!(accepted, ours, "{name} as {reference}: {verdict:?}");
    }
    assert!(counts[0] >= 15 && counts[1] >= 70 && counts[2] >= 12, "{counts:?}");
}
