//! Certificates made to order: what a signature by each is worth.

#![allow(missing_docs, reason = "a test binary")]
#![expect(clippy::expect_used, clippy::panic, reason = "a test stops at what it did not expect")]

mod certificate_builder;
mod signers;

use certificate_builder::*;
use openshift_image_trust::{
    CertificateInfo, CertificateProblem, EndedKey, Fault, KeyPolicy, Malformed, Note, Reason, Rejection,
    Signer, UnreadableKeyText, VerifiedSignature, check_certificates,
};
use sequoia_openpgp::packet::Signature;
use sequoia_openpgp::packet::signature::SignatureBuilder;
use sequoia_openpgp::packet::signature::subpacket::{
    NotationDataFlags, Subpacket, SubpacketTag, SubpacketValue,
};
use sequoia_openpgp::parse::Parse as _;
use sequoia_openpgp::serialize::MarshalInto as _;
use sequoia_openpgp::types::{HashAlgorithm, KeyFlags, ReasonForRevocation, SignatureType};
use signers::verify_all;
use std::time::{Duration, Instant};

const DENY: KeyPolicy = KeyPolicy {
    expired_key: EndedKey::Deny,
    revoked_key: EndedKey::Deny,
    sha1_self_signatures: false,
    signed_from: None,
    signed_until: None,
};
const LENIENT: KeyPolicy =
    KeyPolicy { expired_key: EndedKey::AllowSignedBefore, revoked_key: EndedKey::AllowSignedBefore, ..DENY };

/// Today, a hundred days after the keys were made.
const NOW: i64 = 100;

fn verify(blob: &[u8], certificate: &str, key_policy: KeyPolicy) -> Result<VerifiedSignature, Reason> {
    signers::verify(blob, certificate, key_policy, day(NOW)).map_err(|rejection| rejection.reason)
}

fn accepted(owner: &mut Owner) {
    let blob = owner.sign(&payload(), 50);
    let verified = verify(&blob, &owner.text(), DENY).expect("accepted");
    assert_eq!(verified.fingerprint(), owner.fingerprint());
}

fn refused(owner: &mut Owner) -> Reason {
    let blob = owner.sign(&payload(), 50);
    verify(&blob, &owner.text(), DENY).expect_err("refused")
}

fn check(certificate: &str) -> Result<Vec<CertificateInfo>, Vec<CertificateProblem>> {
    let signer = Signer { name: "somebody", openpgp: certificate, key_policy: DENY };
    let checked = check_certificates(&signer, day(NOW))?;
    assert_eq!(checked.left_out, []);
    Ok(checked.usable)
}

fn fault(certificate: &str) -> Fault {
    let mut problems = check(certificate).expect_err("useless");
    assert_eq!(problems.len(), 1, "{problems:?}");
    let problem = problems.remove(0);
    let text = problem.to_string();
    assert!(!text.contains('\n') && !text.ends_with('.'), "{text}");
    problem.fault
}

#[test]
fn the_proof_tells_who_and_when() {
    let mut owner = Owner::new(0).user_id("a@b.test", 0, |b| days(certify_only(b), 400));
    let mut subkey = owner.subkey(10, true, |b| days(signs(b), 200));
    let blob = subkey.sign(&payload(), 50);
    let verified = verify(&blob, &owner.text(), DENY).expect("accepted");
    assert_eq!(verified.signers(), ["somebody"]);
    assert_eq!(verified.fingerprint(), owner.fingerprint());
    assert_eq!(verified.key(), subkey.fingerprint());
    assert_eq!(verified.created(), day(50));
    assert_eq!(verified.expires(), Some(day(210)));
    assert_eq!(verified.payload().digest, DIGEST);
    assert_eq!(verified.payload().docker_reference, "registry.test/ns/app:v1");
}

/// Keys of all states, each signature time, each key policy.
#[test]
fn key_policies() {
    use ReasonForRevocation::{KeyCompromised, KeyRetired, KeySuperseded, UIDRetired, Unspecified};
    type State = fn(Owner) -> Owner;
    type Is = fn(&Reason) -> bool;
    const OK: Option<Is> = None;
    let expires: State = |owner| owner.certify("a@b.test", 1, |b| days(signs(b), 60));
    let superseded: State = |owner| owner.revoke(60, Some(KeySuperseded));
    let retired: State = |owner| owner.revoke(60, Some(KeyRetired));
    let compromised: State = |owner| owner.revoke(60, Some(KeyCompromised));
    let unspecified: State = |owner| owner.revoke(60, Some(Unspecified));
    let unreasoned: State = |owner| owner.revoke(60, None);
    let private: State = |owner| owner.revoke(60, Some(ReasonForRevocation::Private(100)));
    let odd: State = |owner| owner.revoke(60, Some(UIDRetired));
    let both: State = |owner| owner.revoke(60, Some(KeySuperseded)).revoke(70, Some(KeyCompromised));
    let twice: State = |owner| owner.revoke(60, Some(KeyRetired)).revoke(40, Some(KeyRetired));
    let revived: State = |owner| owner.revoke(60, Some(KeySuperseded)).certify("a@b.test", 80, signs);
    let revived_hard: State = |owner| owner.revoke(60, None).certify("a@b.test", 80, signs);
    let ends_twice: State =
        |owner| owner.certify("a@b.test", 1, |b| days(signs(b), 60)).revoke(70, Some(KeySuperseded));
    let expired: Option<Is> = Some(|r| matches!(r, Reason::KeyExpired { .. }));
    let after_expiry: Option<Is> = Some(|r| matches!(r, Reason::SignedAfterExpiry { .. }));
    let revoked: Option<Is> = Some(|r| matches!(r, Reason::KeyRevoked { .. }));
    let after: Option<Is> = Some(|r| matches!(r, Reason::SignedAfterRevocation { .. }));
    let never: Option<Is> = Some(|r| matches!(r, Reason::KeyCompromised { .. }));
    for (name, state, at, deny, lenient) in [
        ("good", (|owner| owner) as State, 50, OK, OK),
        ("expired since", expires, 50, expired, OK),
        ("expired the moment after", expires, 59, expired, OK),
        ("expired at that moment", expires, 60, after_expiry, after_expiry),
        ("expired before", expires, 90, after_expiry, after_expiry),
        ("superseded since", superseded, 50, revoked, OK),
        ("superseded at that moment", superseded, 60, after, after),
        ("superseded before", superseded, 61, after, after),
        ("retired since", retired, 50, revoked, OK),
        ("retired before", retired, 70, after, after),
        ("compromised since", compromised, 50, never, never),
        ("compromised before", compromised, 70, never, never),
        ("revoked, no reason known", unspecified, 50, never, never),
        ("revoked, no reason given", unreasoned, 50, never, never),
        ("revoked, a reason of their own", private, 50, never, never),
        ("revoked, a reason for user ids", odd, 50, revoked, OK),
        ("superseded, then compromised", both, 50, never, never),
        ("retired twice", twice, 50, after, after),
        ("retired twice, signed before", twice, 30, revoked, OK),
        ("superseded, then signed again", revived, 50, revoked, OK),
        ("superseded, signed again, new signature", revived, 90, after, after),
        ("revoked, then signed again", revived_hard, 90, never, never),
        ("expired and superseded", ends_twice, 50, revoked, OK),
    ] {
        let mut owner = state(Owner::ordinary());
        let blob = owner.sign(&payload(), at);
        for (key_policy, expected) in [(DENY, deny), (LENIENT, lenient)] {
            let verdict = verify(&blob, &owner.text(), key_policy);
            match expected {
                None => assert!(verdict.is_ok(), "{name} {key_policy:?}: {verdict:?}"),
                Some(is) => assert!(verdict.as_ref().is_err_and(is), "{name}: {verdict:?}"),
            }
        }
        // Each leniency by itself forgives only its own kind.
        let expired_only = KeyPolicy { revoked_key: EndedKey::Deny, ..LENIENT };
        let revoked_only = KeyPolicy { expired_key: EndedKey::Deny, ..LENIENT };
        if name == "expired and superseded" {
            assert!(matches!(verify(&blob, &owner.text(), expired_only), Err(Reason::KeyRevoked { .. })));
            assert!(matches!(verify(&blob, &owner.text(), revoked_only), Err(Reason::KeyExpired { .. })));
        }
        // A certificate that its owner has ended is a note, not a mistake in the settings.
        let notes = check(&owner.text()).expect(name).remove(0).notes;
        assert_eq!(notes.is_empty(), name == "good", "{name}: {notes:?}");
    }
}

/// The same for a subkey, whose primary key may end too.
#[test]
fn subkeys_end_with_either_key() {
    use ReasonForRevocation::{KeyCompromised, KeySuperseded};
    let with = |edit: Edit, primary: Edit| {
        let mut owner = Owner::new(0).user_id("a@b.test", 0, primary);
        let subkey = owner.subkey(0, true, edit);
        (owner, subkey)
    };
    let verdict = |owner: &Owner, subkey: &mut Subkey, key_policy| {
        verify(&subkey.sign(&payload(), 50), &owner.text(), key_policy)
    };
    let (owner, mut subkey) = with(signs, certify_only);
    assert!(verdict(&owner, &mut subkey, DENY).is_ok());

    let (owner, mut subkey) = with(|b| days(signs(b), 60), certify_only);
    let reason = verdict(&owner, &mut subkey, DENY);
    assert_eq!(reason, Err(Reason::KeyExpired { key: subkey.fingerprint(), expired: day(60) }));
    assert!(verdict(&owner, &mut subkey, LENIENT).is_ok());

    let (owner, mut subkey) = with(signs, |b| days(certify_only(b), 60));
    let reason = verdict(&owner, &mut subkey, DENY);
    assert_eq!(reason, Err(Reason::KeyExpired { key: owner.fingerprint(), expired: day(60) }));
    assert!(verdict(&owner, &mut subkey, LENIENT).is_ok());

    let (owner, mut subkey) = with(signs, |b| days(certify_only(b), 40));
    let reason = verdict(&owner, &mut subkey, LENIENT);
    assert!(matches!(reason, Err(Reason::SignedAfterExpiry { .. })), "{reason:?}");

    let (owner, mut subkey) = with(signs, certify_only);
    let owner = owner.revoke_subkey(&subkey, 60, Some(KeySuperseded));
    let reason = verdict(&owner, &mut subkey, DENY);
    assert_eq!(reason, Err(Reason::KeyRevoked { key: subkey.fingerprint(), revoked: day(60) }));
    assert!(verdict(&owner, &mut subkey, LENIENT).is_ok());

    for revoke in [
        (|owner, subkey| Owner::revoke_subkey(owner, subkey, 60, Some(KeyCompromised)))
            as fn(Owner, &Subkey) -> Owner,
        |owner, subkey| owner.revoke_subkey(subkey, 60, None),
        |owner, _| owner.revoke(60, Some(KeyCompromised)),
        |owner, _| owner.revoke(60, None),
    ] {
        let (owner, mut subkey) = with(signs, certify_only);
        let owner = revoke(owner, &subkey);
        let reason = verdict(&owner, &mut subkey, LENIENT);
        assert!(matches!(reason, Err(Reason::KeyCompromised { .. })), "{reason:?}");
    }

    // The revocation of one subkey says nothing about another.
    let (mut owner, mut subkey) = with(signs, certify_only);
    let other = owner.subkey(0, true, signs);
    let owner = owner.revoke_subkey(&other, 60, Some(KeyCompromised));
    assert!(verdict(&owner, &mut subkey, DENY).is_ok());
}

#[test]
fn windows_are_half_open() {
    let mut owner = Owner::ordinary();
    let blob = owner.sign(&payload(), 50);
    let second = time::Duration::SECOND;
    for (from, until, expected) in [
        (None, None, None),
        (Some(day(50)), None, None),
        (None, Some(day(50).saturating_add(second)), None),
        (Some(day(50)), Some(day(51)), None),
        (
            Some(day(50).saturating_add(second)),
            None,
            Some(Reason::BeforeWindow { created: day(50), from: day(50).saturating_add(second) }),
        ),
        (None, Some(day(50)), Some(Reason::AfterWindow { created: day(50), until: day(50) })),
        (Some(day(51)), Some(day(60)), Some(Reason::BeforeWindow { created: day(50), from: day(51) })),
        (Some(day(40)), Some(day(45)), Some(Reason::AfterWindow { created: day(50), until: day(45) })),
    ] {
        let key_policy = KeyPolicy { signed_from: from, signed_until: until, ..DENY };
        assert_eq!(verify(&blob, &owner.text(), key_policy).err(), expected, "{from:?} {until:?}");
    }
}

#[test]
fn clocks() {
    let mut owner = Owner::ordinary();
    let text = owner.text();
    let blob = owner.sign(&payload(), 50);
    let at = |seconds: i64| {
        let signers = [Signer { name: "somebody", openpgp: &text, key_policy: DENY }];
        let now = day(50).saturating_add(time::Duration::seconds(seconds));
        verify_all(&blob, &signers, now).map_err(|rejection| rejection.reason)
    };
    for (seconds, ahead) in [(0, false), (-300, false), (-301, true), (-86400, true), (86400, false)] {
        let verdict = at(seconds);
        if ahead {
            assert_eq!(verdict, Err(Reason::FromTheFuture { created: day(50) }), "{seconds}");
        } else {
            assert!(verdict.is_ok(), "{seconds}: {verdict:?}");
        }
    }

    // A key made in the future has signed nothing yet; one made within the skew may have.
    let mut future = Owner::new(200).user_id("a@b.test", 200, signs);
    let blob = future.sign(&payload(), 200);
    let reason = verify(&blob, &future.text(), LENIENT);
    assert_eq!(reason, Err(Reason::FromTheFuture { created: day(200) }));
    let blob = blob_at(&mut future, 50);
    let reason = verify(&blob, &future.text(), LENIENT);
    assert_eq!(reason, Err(Reason::OlderThanKey { created: day(50), key_created: day(200) }));
    let text = future.text();
    let notes = check(&text).expect("will be fine").remove(0).notes;
    assert_eq!(notes, [Note::NotYetValid { created: day(200) }]);
    let signers = [Signer { name: "somebody", openpgp: &text, key_policy: DENY }];
    let blob = future.sign(&payload(), 200);
    let now = day(200).saturating_add(time::Duration::seconds(-60));
    assert!(verify_all(&blob, &signers, now).is_ok());
}

/// A signature that claims an earlier time than its key's, which an honest library does not make:
/// the time is edited before hashing.
fn blob_at(owner: &mut Owner, at: i64) -> Vec<u8> {
    blob(&mut owner.pair, &payload(), at, |builder| builder)
}

#[test]
fn signatures_end_too() {
    let mut owner = Owner::ordinary();
    let expiring = |owner: &mut Owner, edit| blob(&mut owner.pair, &payload(), 50, edit);
    let short = expiring(&mut owner, |b| {
        b.set_signature_validity_period(Duration::from_secs(50 * 86400)).expect("a period")
    });
    let long = expiring(&mut owner, |b| {
        b.set_signature_validity_period(Duration::from_secs(51 * 86400)).expect("a period")
    });
    let zero = expiring(&mut owner, |b| b.set_signature_validity_period(Duration::ZERO).expect("a period"));
    let text = owner.text();
    assert_eq!(verify(&short, &text, LENIENT), Err(Reason::SignatureExpired { expired: day(100) }));
    assert!(verify(&long, &text, DENY).is_ok());
    assert!(verify(&zero, &text, DENY).is_ok(), "zero means never");
}

/// What a certificate says, newest first, and what does not count as saying anything.
#[test]
fn self_signatures() {
    let id = "a@b.test";
    fn critical_notation(builder: SignatureBuilder) -> SignatureBuilder {
        let flags = NotationDataFlags::empty().set_human_readable();
        signs(builder).set_notation("odd@example.test", b"1", flags, true).expect("a notation")
    }
    fn sha1(builder: SignatureBuilder) -> SignatureBuilder {
        signs(builder.set_hash_algo(HashAlgorithm::SHA1))
    }
    fn sha512(builder: SignatureBuilder) -> SignatureBuilder {
        signs(builder.set_hash_algo(HashAlgorithm::SHA512))
    }
    fn ends_early(builder: SignatureBuilder) -> SignatureBuilder {
        let period = Duration::from_secs(10 * 86400);
        signs(builder).set_signature_validity_period(period).expect("a period")
    }

    // Accepted.
    accepted(&mut Owner::new(0).user_id(id, 0, |b| b));
    accepted(&mut Owner::new(0).user_id(id, 0, sha512));
    accepted(&mut Owner::new(0).direct(0, signs));
    accepted(&mut Owner::new(0).user_id(id, 0, certify_only).certify(id, 10, signs));
    accepted(&mut Owner::new(0).user_id(id, 0, |b| days(signs(b), 10)).certify(id, 5, signs));
    accepted(&mut Owner::new(0).user_id(id, 0, signs).certify(id, 200, certify_only));
    accepted(&mut Owner::new(0).user_id(id, 0, signs).certify(id, 20, critical_notation));
    accepted(&mut Owner::new(0).user_id(id, 0, signs).certify(id, 20, ends_early));
    accepted(&mut Owner::new(0).user_id(id, 0, signs).user_id("c@d.test", 0, signs));
    accepted(&mut Owner::new(0).user_id(id, 0, signs).user_id("x", 10, certify_only).revoke_user_id("x", 20));
    accepted(&mut Owner::new(0).user_id(id, 0, signs).revoke_user_id(id, 10).certify(id, 20, signs));
    accepted(&mut Owner::new(0).direct(0, signs).user_id(id, 0, |b| b));

    // Refused.
    let not_signing = |reason: Reason| assert!(matches!(reason, Reason::NotASigningKey { .. }), "{reason}");
    not_signing(refused(&mut Owner::new(0).user_id(id, 0, certify_only)));
    not_signing(refused(&mut Owner::new(0).user_id(id, 0, signs).certify(id, 10, certify_only)));
    not_signing(refused(&mut Owner::new(0).user_id(id, 0, signs).user_id("x", 10, certify_only)));
    not_signing(refused(&mut Owner::new(0).direct(0, certify_only).user_id(id, 0, |b| b)));
    not_signing(refused(
        &mut Owner::new(0).user_id(id, 0, |b| {
            b.set_key_flags(KeyFlags::empty().set_transport_encryption()).expect("flags")
        }),
    ));

    let unbound = |reason: Reason| assert!(matches!(reason, Reason::NotBound { .. }), "{reason}");
    unbound(refused(&mut Owner::new(0)));
    unbound(refused(&mut Owner::new(0).push(13, id.as_bytes())));
    unbound(refused(&mut Owner::new(0).user_id(id, 200, signs)));
    unbound(refused(&mut Owner::new(10).user_id(id, 9, signs)));
    unbound(refused(&mut Owner::new(0).user_id(id, 0, critical_notation)));
    unbound(refused(&mut Owner::new(0).user_id(id, 0, ends_early)));
    unbound(refused(&mut Owner::new(0).user_id(id, 0, signs).revoke_user_id(id, 10)));
    unbound(refused(&mut Owner::new(0).user_id(id, 0, |b| signs(b.set_hash_algo(HashAlgorithm::SHA224)))));
    // A self-signature over another user id than the one it follows.
    unbound(refused(&mut Owner::new(0).push(13, b"somebody else").certify(id, 0, signs)));
    // Made by somebody else.
    let mut stranger = Owner::new(0);
    let bare = Owner::new(0).push(13, id.as_bytes());
    let signature = certification(&mut stranger.pair, &bare, id, 0);
    let mut certified = bare.signature(&signature);
    unbound(refused(&mut certified));

    // Of a version that says nothing about what the key may do.
    let mut old = Owner::new(0);
    let signature = direct_version_3(&mut old, 0);
    unbound(refused(&mut old.push(2, &signature)));
    // Nor does a newer one take back what an older signature of version 4 says.
    let mut old = Owner::new(0).direct(0, |b| days(signs(b), 60));
    let signature = direct_version_3(&mut old, 10);
    let reason = refused(&mut old.push(2, &signature));
    assert!(matches!(reason, Reason::KeyExpired { .. }), "{reason}");

    // The earlier end counts, of the user id's word and the key's.
    let both: [fn(Owner) -> Owner; 4] = [
        |owner| owner.direct(0, |b| days(signs(b), 60)).user_id("a@b.test", 5, signs),
        |owner| owner.direct(5, signs).user_id("a@b.test", 0, |b| days(signs(b), 60)),
        |owner| owner.direct(5, |b| days(signs(b), 60)).user_id("a@b.test", 0, |b| days(signs(b), 300)),
        |owner| owner.direct(0, |b| days(signs(b), 300)).user_id("a@b.test", 5, |b| days(signs(b), 60)),
    ];
    for make in both {
        let mut owner = make(Owner::new(0));
        let reason = refused(&mut owner);
        assert!(matches!(reason, Reason::KeyExpired { .. }), "{reason}");
        assert_eq!(check(&owner.text()).expect("a note").remove(0).expires, Some(day(60)));
    }

    // Revocations may use any hash, and a user id that was revoked leaves the key's own word.
    for hash in [HashAlgorithm::SHA1, HashAlgorithm::SHA224, HashAlgorithm::MD5] {
        let mut owner = Owner::new(0).user_id(id, 0, signs).revoke_user_id_by(hash, id, 10);
        unbound(refused(&mut owner));
        assert_eq!(check(&owner.text()).expect("a note").remove(0).notes, [Note::Stale]);
        let reason = refused(&mut Owner::new(0).direct(0, signs).revoke_by(hash, 10));
        assert!(matches!(reason, Reason::KeyCompromised { .. }), "{hash}: {reason}");
    }
    accepted(&mut Owner::new(0).direct(0, signs).user_id(id, 0, signs).revoke_user_id(id, 10));

    // SHA-1.
    let mut owner = Owner::new(0).user_id(id, 0, sha1);
    let blob = owner.sign(&payload(), 50);
    let lenient = KeyPolicy { sha1_self_signatures: true, ..DENY };
    let reason = verify(&blob, &owner.text(), DENY).expect_err("SHA-1");
    assert_eq!(reason, Reason::Sha1SelfSignature { key: owner.fingerprint() });
    assert!(verify(&blob, &owner.text(), lenient).is_ok());
    assert_eq!(fault(&owner.text()), Fault::Sha1SelfSignature);
    // Not even then over a user id that may hide a collision.
    for long in ["x".repeat(100), "a\0b".to_owned()] {
        let mut owner = Owner::new(0).user_id(&long, 0, sha1);
        let blob = owner.sign(&payload(), 50);
        let reason = verify(&blob, &owner.text(), lenient);
        assert!(matches!(reason, Err(Reason::Sha1SelfSignature { .. })), "{reason:?}");
    }
    // And never on images.
    let mut owner = Owner::ordinary();
    for hash in [HashAlgorithm::SHA1, HashAlgorithm::SHA224] {
        let signature = match hash {
            HashAlgorithm::SHA1 => certificate_builder::blob(&mut owner.pair, &payload(), 50, |b| {
                b.set_hash_algo(HashAlgorithm::SHA1)
            }),
            _ => certificate_builder::blob(&mut owner.pair, &payload(), 50, |b| {
                b.set_hash_algo(HashAlgorithm::SHA224)
            }),
        };
        let reason = verify(&signature, &owner.text(), lenient);
        assert!(matches!(reason, Err(Reason::Hash(_))), "{reason:?}");
    }
}

#[test]
fn subkeys_must_agree() {
    let primary = || Owner::new(0).user_id("a@b.test", 0, certify_only);
    let verdict =
        |owner: &Owner, subkey: &mut Subkey| verify(&subkey.sign(&payload(), 50), &owner.text(), DENY);

    let mut owner = primary();
    let mut subkey = owner.subkey(0, false, signs);
    let reason = verdict(&owner, &mut subkey);
    assert!(matches!(reason, Err(Reason::NotBound { .. })), "{reason:?}");
    assert!(matches!(fault(&owner.text()), Fault::NoSigningKey(_)));

    // A subkey without key flags may not sign, whatever the primary key may.
    let mut owner = Owner::new(0).direct(0, signs);
    let mut subkey = owner.subkey(0, false, |b| b);
    let reason = verdict(&owner, &mut subkey);
    assert!(matches!(reason, Err(Reason::NotASigningKey { .. })), "{reason:?}");

    let mut owner = primary();
    let mut subkey =
        owner.subkey(0, true, |b| b.set_key_flags(KeyFlags::empty().set_authentication()).expect("flags"));
    let reason = verdict(&owner, &mut subkey);
    assert!(matches!(reason, Err(Reason::NotASigningKey { .. })), "{reason:?}");

    // Too weak, though its primary key is not; GnuPG made them.
    for (bits, strong) in [(1024, false), (2048, true)] {
        let file = |kind: &str| {
            let path = format!("{}/tests/signatures/subkeys/rsa{bits}.{kind}", env!("CARGO_MANIFEST_DIR"));
            std::fs::read(path).expect("a file")
        };
        let certificate = String::from_utf8(file("asc")).expect("armour");
        let verdict = verify(&file("sig"), &certificate, DENY);
        assert_eq!(verdict.is_ok(), strong, "{verdict:?}");
        assert_eq!(check(&certificate).is_ok(), strong);
        if !strong {
            assert!(matches!(verdict, Err(Reason::WeakKey { .. })), "{verdict:?}");
        }
    }

    // Adopted: bound by a stranger to their own certificate, with the owner's back-signature.
    let mut owner = primary();
    let mut subkey = owner.subkey(0, true, signs);
    let body = owner.packets.split_off(primary_length(&owner));
    let mut thief = primary();
    thief.packets.extend(body);
    let reason = verdict(&thief, &mut subkey);
    assert!(matches!(reason, Err(Reason::NotBound { .. })), "{reason:?}");
    let mut thief = primary();
    thief.bind(&subkey, 0, false, signs);
    let reason = verdict(&thief, &mut subkey);
    assert!(matches!(reason, Err(Reason::NotBound { .. })), "{reason:?}");

    // What passes for a back-signature: one for another certificate, one of another type, one by
    // another key, one that is weak, expired, or from the future.
    let victim = primary();
    let mut thief = primary();
    let mut subkey = thief.subkey(0, false, certify_only);
    let other = thief.subkey(0, false, certify_only);
    let back = SignatureType::PrimaryKeyBinding;
    let same: Edit = |builder| builder;
    let sha1: Edit = |builder| builder.set_hash_algo(HashAlgorithm::SHA1);
    let brief: Edit =
        |builder| builder.set_signature_validity_period(Duration::from_secs(86400)).expect("a period");
    let mut good = by_subkey(&subkey, &thief, back, 0, same);
    for (name, signature) in [
        ("another certificate", by_subkey(&subkey, &victim, back, 0, same)),
        ("another type", by_subkey(&subkey, &thief, SignatureType::SubkeyBinding, 0, same)),
        ("another key", by_subkey(&other, &thief, back, 0, same)),
        ("SHA-1", by_subkey(&subkey, &thief, back, 0, sha1)),
        ("expired", by_subkey(&subkey, &thief, back, 0, brief)),
        ("from the future", by_subkey(&subkey, &thief, back, 200, same)),
    ] {
        let mut owner = primary_of(&thief);
        owner.bind_with(&subkey, 0, Some(signature), signs);
        let reason = verdict(&owner, &mut subkey).expect_err(name);
        let weak = matches!(reason, Reason::Sha1SelfSignature { .. });
        assert!(matches!(reason, Reason::NotBound { .. }) || weak && name == "SHA-1", "{name}: {reason}");
    }
    // Two of which each lacks something are none.
    let by_other = by_subkey(&other, &thief, back, 0, same);
    for pair in [
        [by_subkey(&subkey, &thief, back, 0, sha1), by_other.clone()],
        [by_other.clone(), by_subkey(&subkey, &thief, back, 0, brief)],
    ] {
        let mut owner = primary_of(&thief);
        owner.bind_with(&subkey, 0, pair, signs);
        let reason = verdict(&owner, &mut subkey).expect_err("two halves");
        assert!(matches!(reason, Reason::NotBound { .. } | Reason::Sha1SelfSignature { .. }), "{reason}");
    }
    let mut owner = primary_of(&thief);
    owner.bind_with(&subkey, 0, [by_other, good.clone()], signs);
    assert!(verdict(&owner, &mut subkey).is_ok(), "one that is right, beside another");
    good.unhashed_area_mut().clear();
    let mut owner = primary_of(&thief);
    owner.bind_with(&subkey, 0, Some(good), signs);
    assert!(verdict(&owner, &mut subkey).is_ok(), "the one that is right");

    // Bound later than it signed: its word counts from when it was made.
    let mut owner = primary();
    let subkey = owner.subkey(0, true, signs);
    let mut owner = primary();
    let mut subkey = subkey;
    owner.bind(&subkey, 90, true, signs);
    assert!(verdict(&owner, &mut subkey).is_ok());
    let mut young = owner.subkey(60, true, signs);
    let reason = verdict(&owner, &mut young);
    assert_eq!(reason, Err(Reason::OlderThanKey { created: day(50), key_created: day(60) }));

    // On two certificates, with the back-signatures for both.
    let (mut one, mut two) = (primary(), primary());
    let mut shared = one.subkey(0, true, signs);
    two.bind(&shared, 0, true, signs);
    assert!(verdict(&one, &mut shared).is_ok());
    assert!(verdict(&two, &mut shared).is_ok());
    let both = base64(&[one.packets.clone(), two.packets.clone()].concat());
    let reason = verify(&shared.sign(&payload(), 50), &both, DENY);
    assert_eq!(reason, Err(Reason::AmbiguousKey { key: shared.fingerprint() }));
    // Where one of them does not count, there is no doubt.
    let revoked = two.revoke(60, None);
    let both = base64(&[one.packets.clone(), revoked.packets].concat());
    let verified = verify(&shared.sign(&payload(), 50), &both, DENY).expect("accepted");
    assert_eq!(verified.fingerprint(), one.fingerprint());
}

/// The same primary key, without subkeys.
fn primary_of(owner: &Owner) -> Owner {
    Owner::of(owner.key.clone()).user_id("a@b.test", 0, certify_only)
}

/// The length of the primary key's own part of a certificate: key, user id, self-signature.
fn primary_length(owner: &Owner) -> usize {
    let mut at = 0;
    for _ in 0..3 {
        let length = owner.packets.get(at + 2..at + 6).expect("a header");
        let length = u32::from_be_bytes(length.try_into().expect("four"));
        at += 6 + usize::try_from(length).expect("short");
    }
    at
}

#[test]
fn strangers_cannot_revoke() {
    let mut owner = Owner::ordinary();
    let mut stranger = Owner::new(0);
    let key = owner.key.parts_as_public().clone();
    let forged = revocation(&mut stranger.pair, &key, 10, None);
    owner = owner.signature(&forged);
    accepted(&mut owner);
}

#[test]
fn editions_of_a_certificate_are_read_together() {
    let mut plain = Owner::ordinary();
    let blob = plain.sign(&payload(), 50);
    let plain_text = plain.text();
    let length = plain.packets.len();
    let revoked = plain.revoke(60, Some(ReasonForRevocation::KeyCompromised));
    let revoked_text = revoked.text();
    assert!(length < revoked.packets.len());

    // In one signer's text, in any order.
    for order in [[0, 1], [1, 0]] {
        let both: Vec<u8> = order
            .iter()
            .flat_map(|&i| {
                let end = [length, revoked.packets.len()];
                revoked.packets.get(..*end.get(i).expect("two")).expect("within").to_vec()
            })
            .collect();
        let reason = verify(&blob, &base64(&both), LENIENT);
        assert!(matches!(reason, Err(Reason::KeyCompromised { .. })), "{reason:?}");
    }
    // And in two signers'.
    for texts in [[&plain_text, &revoked_text], [&revoked_text, &plain_text]] {
        let signers = texts.map(|openpgp| Signer { name: "somebody", openpgp, key_policy: LENIENT });
        let reason = verify_all(&blob, &signers, day(NOW)).expect_err("compromised").reason;
        assert!(matches!(reason, Reason::KeyCompromised { .. }), "{reason:?}");
    }
}

#[test]
fn several_signers() {
    let mut owner = Owner::ordinary();
    let blob = owner.sign(&payload(), 50);
    let text = owner.text();
    let other = Owner::ordinary().text();
    let early = KeyPolicy { signed_until: Some(day(40)), ..DENY };
    let late = KeyPolicy { signed_from: Some(day(40)), ..DENY };
    let signer = |name: &'static str, openpgp, key_policy| Signer { name, openpgp, key_policy };
    let names = |signers: &[Signer<'_>]| {
        verify_all(&blob, signers, day(NOW)).map(|verified| verified.signers().to_vec())
    };

    assert_eq!(
        names(&[signer("old", &text, early), signer("new", &text, late), signer("x", &other, DENY)]),
        Ok(vec!["new".to_owned()])
    );
    assert_eq!(
        names(&[signer("b", &text, DENY), signer("a", &text, late)]),
        Ok(vec!["b".to_owned(), "a".to_owned()]),
        "in the order of the settings"
    );
    // Of several reasons, the one that came furthest, and of equals the first.
    let never = KeyPolicy { signed_from: Some(day(90)), ..DENY };
    assert_eq!(
        names(&[signer("first", &text, never), signer("second", &text, early)]),
        Err(Rejection {
            reason: Reason::AfterWindow { created: day(50), until: day(40) },
            signer: Some("second".to_owned()),
        })
    );
    assert_eq!(
        names(&[signer("first", &text, early), signer("second", &text, early)]),
        Err(Rejection {
            reason: Reason::AfterWindow { created: day(50), until: day(40) },
            signer: Some("first".to_owned()),
        })
    );
    let unknown = names(&[signer("x", &other, DENY)]).expect_err("unknown");
    assert_eq!(unknown, Rejection { reason: Reason::UnknownKey { key: owner.fingerprint() }, signer: None });
    assert_eq!(names(&[]), Err(unknown.clone()));
    // A text that cannot be read is told where it may be why.
    let broken = names(&[signer("x", &other, DENY), signer("y", "garbage!", DENY)]);
    let expected = Reason::UnreadableSigner(UnreadableKeyText::NotArmored);
    assert_eq!(broken, Err(Rejection { reason: expected, signer: Some("y".to_owned()) }));
    assert!(names(&[signer("x", "garbage!", DENY), signer("y", &text, DENY)]).is_ok());
}

/// The signature packet itself: what it may and may not have.
#[test]
fn signature_packets() {
    let mut owner = Owner::ordinary();
    let text = owner.text();
    let key_id = owner.key.keyid();
    let key_id = key_id.as_bytes();
    let edited = |owner: &mut Owner, edit: Edit| blob(&mut owner.pair, &payload(), 50, edit);
    let verdict = |blob: &[u8]| verify(blob, &text, DENY);

    let notation: Edit = |b| b.set_notation("a@b.test", b"1", None, false).expect("a notation");
    assert!(verdict(&edited(&mut owner, notation)).is_ok());
    let critical: Edit = |b| b.set_notation("a@b.test", b"1", None, true).expect("a notation");
    let reason = verdict(&edited(&mut owner, critical));
    assert_eq!(reason, Err(Reason::Critical("notation `a@b.test`".to_owned())));
    fn unknown(builder: SignatureBuilder, critical: bool, hashed: bool) -> SignatureBuilder {
        let value = SubpacketValue::Unknown { tag: SubpacketTag::Private(101), body: vec![1] };
        let subpacket = Subpacket::new(value, critical).expect("a subpacket");
        if hashed {
            builder.modify_hashed_area(|mut area| area.add(subpacket).map(|()| area)).expect("added")
        } else {
            builder.modify_unhashed_area(|mut area| area.add(subpacket).map(|()| area)).expect("added")
        }
    }
    assert!(verdict(&edited(&mut owner, |b| unknown(b, false, true))).is_ok());
    assert!(verdict(&edited(&mut owner, |b| unknown(b, false, false))).is_ok());
    let expected = Err(Reason::Critical("subpacket of type 101".to_owned()));
    assert_eq!(verdict(&edited(&mut owner, |b| unknown(b, true, true))), expected);
    assert_eq!(verdict(&edited(&mut owner, |b| unknown(b, true, false))), expected);

    // Nobody signed the second area, so it tells no time.
    let unhashed: Edit = |builder| {
        let hour = sequoia_openpgp::types::Duration::seconds(3600);
        let subpacket = Subpacket::new(SubpacketValue::SignatureExpirationTime(hour), false);
        let subpacket = subpacket.expect("a subpacket");
        builder.modify_unhashed_area(|mut area| area.add(subpacket).map(|()| area)).expect("added")
    };
    assert!(verdict(&edited(&mut owner, unhashed)).is_ok());

    // Text signatures, and other types that can be framed so.
    let signature = data_signature(&mut owner.pair, &payload(), 50, |b| b.set_type(SignatureType::Text));
    let body = signature.to_vec().expect("serializable");
    assert_eq!(verdict(&frame(&body, key_id, &payload())), Err(Reason::Type(1)));

    // Other bytes after the numbers.
    let signature = data_signature(&mut owner.pair, &payload(), 50, |b| b);
    let mut body = signature.to_vec().expect("serializable");
    assert!(verdict(&frame(&body, key_id, &payload())).is_ok());
    body.push(0);
    let malformed = Err(Reason::Malformed(Malformed::Signature));
    assert_eq!(verdict(&frame(&body, key_id, &payload())), malformed);
    body.pop();
    // Of other versions than what announces it.
    let blob = frame(&body, key_id, &payload());
    for (version, expected) in
        [(5, Reason::Version(5)), (6, Reason::Malformed(Malformed::Disagree("versions")))]
    {
        let mut blob = blob.clone();
        let at = blob.len() - body.len();
        *blob.get_mut(at).expect("a version") = version;
        assert_eq!(verdict(&blob), Err(expected));
    }

    // Announced for another key.
    let body = signature.to_vec().expect("serializable");
    let reason = verdict(&frame(&body, b"\0\0\0\0\0\0\0\0", &payload()));
    assert_eq!(reason, Err(Reason::Malformed(Malformed::Disagree("keys"))));

    // Naming two keys, and none.
    let stranger = Owner::new(0);
    let mut both = signature.clone();
    let issuer = Subpacket::new(SubpacketValue::Issuer(stranger.key.keyid()), false);
    both.unhashed_area_mut().add(issuer.expect("a subpacket")).expect("added");
    let body = both.to_vec().expect("serializable");
    let reason = verdict(&frame(&body, key_id, &payload()));
    assert_eq!(reason, Err(Reason::Malformed(Malformed::Disagree("keys"))));

    // Naming the same key id, but another fingerprint.
    let mut alias = signature.clone();
    let mut fingerprint = owner.key.fingerprint().as_bytes().to_vec();
    if let Some(first) = fingerprint.first_mut() {
        *first ^= 1;
    }
    let fingerprint = sequoia_openpgp::Fingerprint::from_bytes(4, &fingerprint).expect("one");
    let issuer = Subpacket::new(SubpacketValue::IssuerFingerprint(fingerprint), false);
    alias.unhashed_area_mut().add(issuer.expect("a subpacket")).expect("added");
    let body = alias.to_vec().expect("serializable");
    let reason = verdict(&frame(&body, key_id, &payload()));
    assert!(matches!(reason, Err(Reason::UnknownKey { .. })), "{reason:?}");

    // Another payload, another key.
    let body = signature.to_vec().expect("serializable");
    let reason = verdict(&frame(&body, key_id, b"{}"));
    assert_eq!(reason, Err(Reason::BadSignature { key: owner.fingerprint() }));

    // What the signature does not cover may be anything: file name, date, format.
    let blob = frame(&body, key_id, &payload());
    let renamed: Vec<u8> = {
        let literal = [&b"u\x03abc\x01\x02\x03\x04"[..], &payload()].concat();
        let head = blob.get(..19).expect("the one-pass packet").to_vec();
        [head, packet(11, &literal), packet(2, &body)].concat()
    };
    assert!(verdict(&renamed).is_ok());

    // Signed well, but no payload of ours.
    let blob = owner.sign(b"This is not JSON\n", 50);
    let rejection = {
        let signers = [Signer { name: "somebody", openpgp: &text, key_policy: DENY }];
        verify_all(&blob, &signers, day(NOW)).expect_err("no payload")
    };
    assert!(matches!(rejection.reason, Reason::Payload(_)), "{rejection}");
    assert_eq!(rejection.signer.as_deref(), Some("somebody"));
    // And of somebody unknown, nothing of the payload is read.
    let reason = verify(&blob, &stranger.text(), DENY);
    assert!(matches!(reason, Err(Reason::UnknownKey { .. })), "{reason:?}");
}

/// What Sequoia signs counts under its own key, and under no other of the same kind.
#[test]
fn each_algorithm_of_each_version_counts() {
    for kind in Kind::VERSION_4.into_iter().chain(Kind::VERSION_6) {
        let of_kind = || Owner::of_kind(kind, 0).direct(0, signs);
        let (mut owner, stranger) = (of_kind(), of_kind());
        let blob = owner.sign(&payload(), 50);
        let verified = verify(&blob, &owner.text(), DENY).expect("accepted");
        assert_eq!((verified.fingerprint(), verified.key()), (&*owner.fingerprint(), &*owner.fingerprint()));
        let reason = verify(&blob, &stranger.text(), DENY);
        assert!(matches!(reason, Err(Reason::UnknownKey { .. })), "{kind:?}: {reason:?}");
        // Framed as one by the stranger's key, it names another.
        let body = data_signature(&mut owner.pair, &payload(), 50, |b| b).to_vec().expect("serializable");
        let (key, key_id) = (stranger.key.fingerprint(), stranger.key.keyid());
        let name = if stranger.key.version() == 6 { key.as_bytes() } else { key_id.as_bytes() };
        let reason = verify(&frame(&body, name, &payload()), &stranger.text(), DENY);
        assert_eq!(reason, Err(Reason::Malformed(Malformed::Disagree("keys"))), "{kind:?}");
    }
}

/// A signature of version 4 over some data is one of version 3 over longer data: what is hashed is the same. That
/// it is of a type which does not count is all that keeps them apart.
#[test]
fn a_signature_of_version_4_is_none_of_version_3_over_more() {
    let mut owner = Owner::ordinary();
    let body = data_signature(&mut owner.pair, &payload(), 50, |b| b).to_vec().expect("serializable");
    let area = |at: usize| {
        let length = body.get(at..at + 2).expect("an area");
        usize::from(u16::from_be_bytes(length.try_into().expect("two")))
    };
    let hashed = 6 + area(4);
    let numbers = hashed + 2 + area(hashed);
    let length = u32::try_from(hashed).expect("short").to_be_bytes();
    // Hashed after the data in version 4: this much, two octets and its length; in version 3: type and time.
    let longer = [&payload()[..], body.get(..hashed).expect("hashed"), &[4]].concat();
    let (key_id, algorithms) = (owner.key.keyid(), body.get(2..4).expect("algorithms"));
    let rest = body.get(numbers..).expect("digest and numbers");
    let version_3 = [&[3, 5, 0xff][..], &length, key_id.as_bytes(), algorithms, rest].concat();
    let read = Signature::from_bytes(&version_3).expect("of version 3");
    let key = owner.key.parts_as_public().role_as_unspecified();
    let mut hash = HashAlgorithm::SHA256.context().expect("supported").for_digest();
    hash.update(&longer);
    hash.update(&[0xff]);
    hash.update(&length);
    let digest = hash.into_digest().expect("supported");
    assert!(digest.starts_with(read.digest_prefix()), "hashed alike");
    assert!(key.verify(read.mpis(), HashAlgorithm::SHA256, &digest).is_ok(), "and signed");
    let reason = verify(&frame_of_type(&version_3, &owner, &longer), &owner.text(), DENY);
    assert_eq!(reason, Err(Reason::Type(0xff)));
    // Of the type that counts, another text is hashed.
    let mut typed = version_3;
    *typed.get_mut(2).expect("a type") = 0;
    let reason = verify(&frame_of_type(&typed, &owner, &longer), &owner.text(), DENY);
    assert!(reason.is_err(), "{reason:?}");
}

/// Framed by a one-pass packet that says what a signature of version 3 says.
fn frame_of_type(version_3: &[u8], owner: &Owner, data: &[u8]) -> Vec<u8> {
    let [_, _, signature_type, _, _, _, _, _, _, _, _, _, _, _, _, public_key, hash, ..] = *version_3 else {
        panic!("too short")
    };
    let one_pass = [&[3, signature_type, hash, public_key][..], owner.key.keyid().as_bytes(), &[1]].concat();
    let literal = [b"b\0\0\0\0\0", data].concat();
    [packet(4, &one_pass), packet(11, &literal), packet(2, version_3)].concat()
}

#[test]
fn a_hundred_certificates() {
    let mut owners: Vec<_> = (0..100).map(|_| Owner::ordinary()).collect();
    let text = base64(&owners.iter().flat_map(|owner| owner.packets.clone()).collect::<Vec<_>>());
    assert_eq!(check(&text).expect("all good").len(), 100);
    for i in [0, 50, 99] {
        let owner = owners.get_mut(i).expect("one of them");
        let blob = owner.sign(&payload(), 50);
        let verified = verify(&blob, &text, DENY).expect("accepted");
        assert_eq!(verified.fingerprint(), owner.fingerprint());
    }
    let many: Vec<u8> = owners.iter().cycle().take(1001).flat_map(|o| o.packets.clone()).collect();
    assert_eq!(fault(&base64(&many)), Fault::Unreadable(UnreadableKeyText::TooMany(1000)));
}

/// What others certified is left out before anything is read.
#[test]
fn ten_thousand_certifications() {
    let mut stranger = Owner::new(0);
    let bare = Owner::new(0).push(13, b"a@b.test");
    let signature = certification(&mut stranger.pair, &bare, "a@b.test", 0);
    let certification = packet(2, &signature.to_vec().expect("serializable"));
    let mut popular = bare.certify("a@b.test", 0, signs);
    for _ in 0..10_000 {
        popular.packets.extend(&certification);
    }
    assert!(popular.packets.len() > 1_000_000);
    let blob = popular.sign(&payload(), 50);
    let text = popular.text();
    let start = Instant::now();
    assert!(verify(&blob, &text, DENY).is_ok());
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());

    // Its own signatures are not: they are bounded.
    let mut own = Owner::new(0).user_id("a@b.test", 0, signs);
    for _ in 0..1000 {
        own = own.push(13, b"a@b.test");
    }
    assert_eq!(fault(&own.text()), Fault::Unreadable(UnreadableKeyText::TooLarge(1000)));
    let blob = own.sign(&payload(), 50);
    let reason = verify(&blob, &own.text(), DENY);
    assert_eq!(reason, Err(Reason::UnreadableSigner(UnreadableKeyText::TooLarge(1000))));
}

#[test]
fn private_keys_are_refused() {
    let mut owner = Owner::ordinary();
    let blob = owner.sign(&payload(), 50);
    let secret = owner.key.to_vec().expect("serializable");
    let expected = Fault::Unreadable(UnreadableKeyText::PrivateKey);
    for secret in [
        packet(5, &secret),
        [owner.packets.clone(), packet(7, &secret)].concat(),
        [owner.packets.clone(), packet(5, &secret)].concat(),
    ] {
        let text = base64(&secret);
        assert_eq!(fault(&text), expected);
        let reason = verify(&blob, &text, DENY);
        assert_eq!(reason, Err(Reason::UnreadableSigner(UnreadableKeyText::PrivateKey)));
        let armor =
            format!("-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n{text}\n-----END PGP PRIVATE KEY BLOCK-----\n");
        assert_eq!(fault(&armor), expected);
        // Mislabelled, too.
        assert_eq!(fault(&armor.replace("PRIVATE", "PUBLIC")), expected);
    }
}

#[test]
fn texts() {
    let mut owner = Owner::ordinary();
    let mut other = Owner::ordinary();
    let (blob, others) = (owner.sign(&payload(), 50), other.sign(&payload(), 50));
    let armor = |bytes: &[u8]| {
        let text = base64(bytes);
        let lines: Vec<_> = text.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
        format!(
            "-----BEGIN PGP PUBLIC KEY BLOCK-----\nVersion: GnuPG v2\nComment: x\n\n{}\n=abcd\n-----END PGP PUBLIC KEY BLOCK-----\n",
            lines.join("\n")
        )
    };
    let one = armor(&owner.packets);
    let indented: String = one.lines().map(|line| format!("    {line}\n")).collect();
    for (name, text) in [
        ("armor", one.clone()),
        ("armor with text around", format!("pub   ed25519 2023\nuid: x\n\n{one}\nand after\n")),
        ("armor with other line ends", one.replace('\n', "\r\n")),
        ("armor without headers", one.replace("Version: GnuPG v2\nComment: x\n", "")),
        ("armor without a checksum", one.replace("=abcd\n", "")),
        ("indented armor", indented),
        ("two blocks", format!("{}{one}", armor(&other.packets))),
        ("two blocks, other way", format!("{one}\nbetween\n{}", armor(&other.packets))),
        ("two in a block", armor(&[other.packets.clone(), owner.packets.clone()].concat())),
        ("base64", owner.text()),
        (
            "base64 in lines",
            owner
                .text()
                .as_bytes()
                .chunks(60)
                .map(|line| format!(" {}\n", String::from_utf8_lossy(line)))
                .collect(),
        ),
        ("base64 without padding", owner.text().trim_end_matches('=').to_owned()),
        ("base64 of armor", base64(one.as_bytes())),
        ("base64 of two", base64(&[owner.packets.clone(), other.packets.clone()].concat())),
    ] {
        assert!(verify(&blob, &text, DENY).is_ok(), "{name}");
        let two = name.contains("two");
        assert_eq!(verify(&others, &text, DENY).is_ok(), two, "{name}");
        assert_eq!(check(&text).expect(name).len(), if two { 2 } else { 1 }, "{name}");
    }

    let packets = &owner.packets;
    let cut = packets.get(..packets.len() - 1).expect("longer");
    let trust = [packets.clone(), packet(12, b"\0\0"), packet(10, b"PGP"), packet(21, b"0")];
    assert!(verify(&blob, &base64(&trust.concat()), DENY).is_ok());
    let future = [packets.clone(), packet(60, b"?"), packet(2, b"?")].concat();
    assert!(verify(&blob, &base64(&future), DENY).is_ok());
    let photo = [packets.clone(), packet(17, b"jpeg"), packet(2, b"?")].concat();
    assert!(verify(&blob, &base64(&photo), DENY).is_ok());

    for (name, text, expected) in [
        ("empty", String::new(), UnreadableKeyText::Empty),
        ("blank", " \n\t".to_owned(), UnreadableKeyText::Empty),
        ("prose", "This is invalid".to_owned(), UnreadableKeyText::NotArmored),
        ("letters", "nothing here".to_owned(), UnreadableKeyText::NotArmored),
        ("base64 of something", base64(b"Nothing"), UnreadableKeyText::Packets(Malformed::NotAPacket(b'N'))),
        ("prose with stops", "No key, yet.".to_owned(), UnreadableKeyText::NotArmored),
        ("a path", "/etc/pki/key.asc".to_owned(), UnreadableKeyText::NotArmored),
        ("cut armor", one.replace("-----END", ""), UnreadableKeyText::Armor),
        ("only a head", "-----BEGIN PGP PUBLIC KEY BLOCK".to_owned(), UnreadableKeyText::Armor),
        ("armor of nothing", armor(b""), UnreadableKeyText::Empty),
        // A damaged line of the key is no header.
        ("a colon in the key", one.replace("-----END", "AA:A\n-----END"), UnreadableKeyText::Armor),
        ("armor of no base64", armor(b"x").replace("eA==", "e!=="), UnreadableKeyText::Armor),
        (
            "a signature",
            one.replace("PUBLIC KEY BLOCK", "SIGNATURE"),
            UnreadableKeyText::OtherBlock("SIGNATURE".to_owned()),
        ),
        (
            "a signature beside the key",
            format!("{one}{}", one.replace("PUBLIC KEY BLOCK", "MESSAGE")),
            UnreadableKeyText::OtherBlock("MESSAGE".to_owned()),
        ),
        ("cut packets", base64(cut), UnreadableKeyText::Packets(Malformed::Truncated)),
        (
            "trailing zeros",
            base64(&[packets, &b"\0\0"[..]].concat()),
            UnreadableKeyText::Packets(Malformed::NotAPacket(0)),
        ),
        ("an image signature", base64(&blob), UnreadableKeyText::Stray("one-pass signature".to_owned())),
        ("a subkey alone", base64(&packet(14, b"")), UnreadableKeyText::Stray("public subkey".to_owned())),
        ("a user id alone", base64(&packet(13, b"x")), UnreadableKeyText::Stray("user id".to_owned())),
        (
            "data in the middle",
            base64(&[packets.clone(), packet(11, b"b\0\0\0\0\0")].concat()),
            UnreadableKeyText::Stray("literal data".to_owned()),
        ),
        ("packets in parts", base64(&[0xc6, 224, 4, 0]), UnreadableKeyText::Packets(Malformed::Length(6))),
    ] {
        assert_eq!(fault(&text), Fault::Unreadable(expected.clone()), "{name}");
        let reason = verify(&blob, &text, DENY);
        assert_eq!(reason, Err(Reason::UnreadableSigner(expected)), "{name}");
    }

    // Packets that can be told apart, but not read.
    assert_eq!(fault(&base64(&packet(6, b""))), Fault::Version(0));
    assert_eq!(fault(&base64(&packet(6, &[3; 100]))), Fault::Version(3));
    assert_eq!(fault(&base64(&packet(6, &[5; 100]))), Fault::Version(5));
    assert!(matches!(fault(&base64(&packet(6, &[6; 100]))), Fault::Malformed(_)));
    assert!(matches!(fault(&base64(&packet(6, &[4; 100]))), Fault::WeakKey(_)));
    assert!(matches!(fault(&base64(&packet(6, &[4]))), Fault::Malformed(_)));
}

/// No bytes make a certificate that stops the program, or one that counts when it should not.
#[test]
fn damaged_certificates() {
    let mut owner = Owner::new(0).user_id("a@b.test", 0, certify_only);
    let mut subkey = owner.subkey(0, true, signs);
    let blob = subkey.sign(&payload(), 50);
    let packets = owner.packets.clone();
    assert!(verify(&blob, &base64(&packets), DENY).is_ok());
    for end in 0..packets.len() {
        let cut = packets.get(..end).expect("within");
        assert!(verify(&blob, &base64(cut), DENY).is_err(), "{end}");
        let _ = check(&base64(cut));
    }
    for bit in 0..packets.len() * 8 {
        let mut flipped = packets.clone();
        if let Some(byte) = flipped.get_mut(bit / 8) {
            *byte ^= 1 << (bit % 8);
        }
        // A flip in what nobody signed may leave it as good as before.
        if let Ok(verified) = verify(&blob, &base64(&flipped), DENY) {
            assert_eq!(verified.fingerprint(), owner.fingerprint(), "{bit}");
        }
        let _ = check(&base64(&flipped));
    }
}
