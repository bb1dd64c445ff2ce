//! Keys that their owners ended, or shortened the life of: that counts, however it is said.

#![allow(missing_docs, reason = "a test binary")]
#![expect(clippy::expect_used, clippy::panic, reason = "a test stops at what it did not expect")]

mod certificate_builder;

use certificate_builder::*;
use openshift_image_trust::{
    EndedKey, Fault, KeyPolicy, Keyring, Limits, Note, Reason, Signer, UnreadableKeyText, check_certificates,
    one_by_one,
};
use sequoia_openpgp::packet::signature::SignatureBuilder;
use sequoia_openpgp::packet::signature::subpacket::{Subpacket, SubpacketValue};
use sequoia_openpgp::packet::{Signature, UserAttribute};
use sequoia_openpgp::serialize::MarshalInto as _;
use sequoia_openpgp::types::{HashAlgorithm, ReasonForRevocation, RevocationKey, SignatureType};
use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

/// Today, a hundred days after the keys were made.
const NOW: i64 = 100;
/// When signatures are made.
const SIGNED: i64 = 50;

const LENIENT: KeyPolicy = KeyPolicy {
    expired_key: EndedKey::AllowSignedBefore,
    revoked_key: EndedKey::AllowSignedBefore,
    sha1_self_signatures: false,
    signed_from: None,
    signed_until: None,
};

fn verify(blob: &[u8], text: &str, key_policy: KeyPolicy) -> Result<(), Reason> {
    let signers = [Signer { name: "somebody", openpgp: text, key_policy }];
    let verdict = Keyring::new(&signers, Limits::default(), day(NOW)).verify(blob);
    verdict.map(drop).map_err(|rejection| rejection.reason)
}

/// What a signature of day 50 is worth.
fn verdict(owner: &mut Owner) -> Result<(), Reason> {
    let blob = owner.sign(&payload(), SIGNED);
    verify(&blob, &owner.text(), KeyPolicy::default())
}

fn notes(text: &str) -> Vec<Note> {
    let signer = Signer { name: "somebody", openpgp: text, key_policy: KeyPolicy::default() };
    let checked = check_certificates(&signer, day(NOW)).expect("usable");
    checked.usable.into_iter().flat_map(|certificate| certificate.notes).collect()
}

fn names(revoker: &Owner) -> impl Fn(SignatureBuilder) -> SignatureBuilder + use<> {
    let (algorithm, fingerprint) = (revoker.key.pk_algo(), revoker.key.fingerprint());
    move |builder| {
        let key = RevocationKey::new(algorithm, fingerprint.clone(), false);
        builder.set_revocation_key(key).expect("a revoker")
    }
}

/// An owner's signature over their key, or over a user id.
fn say(
    owner: &mut Owner,
    user_id: Option<&str>,
    hash: HashAlgorithm,
    at: i64,
    edit: impl FnOnce(SignatureBuilder) -> SignatureBuilder,
) -> Signature {
    let kind = user_id.map_or(SignatureType::DirectKey, |_| SignatureType::PositiveCertification);
    let builder =
        SignatureBuilder::new(kind).set_signature_creation_time(SystemTime::from(day(at))).expect("a time");
    let builder = edit(builder).set_hash_algo(hash);
    let key = owner.key.parts_as_public().clone();
    match user_id {
        None => builder.sign_direct_key(&mut owner.pair, &key),
        Some(id) => builder.sign_userid_binding(&mut owner.pair, &key, &id.into()),
    }
    .expect("signed")
}

fn revoked_by(revoker: &mut Owner, owner: &Owner, reason: Option<ReasonForRevocation>) -> Signature {
    revocation(&mut revoker.pair, owner.key.parts_as_public(), 60, reason)
}

#[test]
fn a_revocation_by_a_revoker_whom_the_certificate_names_counts() {
    use ReasonForRevocation::{KeyCompromised, KeySuperseded};
    let (sha256, sha1) = (HashAlgorithm::SHA256, HashAlgorithm::SHA1);
    for (name, user_id, hash, at) in [
        ("over the key", None, sha256, 0),
        ("over the key, by SHA-1", None, sha1, 0),
        ("over the user id", Some("a@b.test"), sha256, 0),
        ("over the user id, and said no more", Some("a@b.test"), sha256, -1),
        ("over the user id, by SHA-1", Some("a@b.test"), sha1, 1),
    ] {
        for reason in [None, Some(KeyCompromised), Some(KeySuperseded)] {
            let mut revoker = Owner::ordinary();
            let mut owner = Owner::new(-2).push(13, b"a@b.test");
            let named = say(&mut owner, user_id, hash, at, names(&revoker));
            let owner = owner.signature(&named).certify("a@b.test", 0, signs);
            let revocation = revoked_by(&mut revoker, &owner, reason);
            let mut owner = owner;
            assert_eq!(verdict(&mut owner), Ok(()), "{name}: not yet revoked");
            let mut owner = owner.signature(&revocation);
            let found = verdict(&mut owner);
            if reason == Some(KeySuperseded) {
                assert!(matches!(found, Err(Reason::KeyRevoked { .. })), "{name}: {found:?}");
                let blob = owner.sign(&payload(), SIGNED);
                assert_eq!(verify(&blob, &owner.text(), LENIENT), Ok(()), "{name}");
                let blob = owner.sign(&payload(), 61);
                let late = verify(&blob, &owner.text(), LENIENT);
                assert!(matches!(late, Err(Reason::SignedAfterRevocation { .. })), "{name}: {late:?}");
            } else {
                assert!(matches!(found, Err(Reason::KeyCompromised { .. })), "{name}: {found:?}");
                assert!(matches!(notes(&owner.text()).as_slice(), [Note::Compromised { .. }]), "{name}");
            }
            // Whether or not the revoker's certificate is in the same text.
            let both = base64(&[owner.packets.clone(), revoker.packets.clone()].concat());
            let blob = owner.sign(&payload(), SIGNED);
            assert!(verify(&blob, &both, KeyPolicy::default()).is_err(), "{name}");
        }
    }
}

#[test]
fn nobody_else_revokes_a_key() {
    let (mut stranger, revoker) = (Owner::ordinary(), Owner::ordinary());
    let mut owner = Owner::ordinary();
    let named = say(&mut owner, None, HashAlgorithm::SHA256, 0, names(&revoker));
    let owner = owner.signature(&named);
    let revocation = revoked_by(&mut stranger, &owner, None);
    let mut owner = owner.signature(&revocation);
    assert_eq!(verdict(&mut owner), Ok(()));
    assert_eq!(notes(&owner.text()), []);

    // A stranger may not name a revoker, either.
    let mut owner = Owner::ordinary();
    let builder = SignatureBuilder::new(SignatureType::PositiveCertification);
    let named = names(&stranger)(builder)
        .sign_userid_binding(&mut stranger.pair, owner.key.parts_as_public(), &"a@b.test".into())
        .expect("signed");
    let revocation = revoked_by(&mut stranger, &owner, None);
    owner = owner.signature(&named).signature(&revocation);
    assert_eq!(verdict(&mut owner), Ok(()));
}

#[test]
fn a_revoker_revokes_a_subkey_and_no_other() {
    let mut revoker = Owner::ordinary();
    let mut owner = Owner::new(0).user_id("a@b.test", 0, certify_only);
    let named = say(&mut owner, None, HashAlgorithm::SHA256, 0, names(&revoker));
    owner = owner.signature(&named);
    let mut kept = owner.subkey(0, true, signs);
    let mut revoked = owner.subkey(0, true, signs);
    let revocation = SignatureBuilder::new(SignatureType::SubkeyRevocation)
        .set_signature_creation_time(SystemTime::from(day(60)))
        .expect("a time")
        .sign_subkey_binding(&mut revoker.pair, owner.key.parts_as_public(), revoked.key.parts_as_public())
        .expect("signed");
    let owner = owner.signature(&revocation);
    let (kept, revoked) = (kept.sign(&payload(), SIGNED), revoked.sign(&payload(), SIGNED));
    assert_eq!(verify(&kept, &owner.text(), KeyPolicy::default()), Ok(()));
    let found = verify(&revoked, &owner.text(), LENIENT);
    assert!(matches!(found, Err(Reason::KeyCompromised { .. })), "{found:?}");
}

#[test]
fn a_newer_signature_that_shortens_a_life_counts_by_whatever_hash() {
    let (sha256, sha1) = (HashAlgorithm::SHA256, HashAlgorithm::SHA1);
    type Say = (&'static str, Option<&'static str>, HashAlgorithm, i64, u64);
    let ended: &[Say] = &[
        ("by SHA-256", Some("a@b.test"), sha256, 20, 60),
        ("by SHA-1", Some("a@b.test"), sha1, 20, 60),
        ("over the key, by SHA-1", None, sha1, 20, 60),
        ("over another user id", Some("c@d.test"), sha256, 20, 60),
        ("over another user id, by SHA-1", Some("c@d.test"), sha1, 20, 60),
        ("as old, by SHA-1", Some("a@b.test"), sha1, 10, 60),
    ];
    let lives: &[Say] = &[
        ("of an end in the future", Some("a@b.test"), sha1, 20, 101),
        ("older", Some("a@b.test"), sha256, 5, 60),
        ("older, by SHA-1", Some("a@b.test"), sha1, 5, 60),
        ("older, over another user id", Some("c@d.test"), sha256, 5, 60),
        ("of no end", Some("a@b.test"), sha1, 20, 0),
    ];
    for (is_ended, table) in [(true, ended), (false, lives)] {
        for &(name, user_id, hash, at, end) in table {
            let mut owner = Owner::new(0).user_id("a@b.test", 10, signs).user_id("c@d.test", 5, signs);
            let shorter = say(&mut owner, user_id, hash, at, |builder| days(signs(builder), end));
            let mut owner = match user_id {
                Some(id) => owner.push(13, id.as_bytes()).signature(&shorter),
                None => {
                    let body = shorter.to_vec().expect("serializable");
                    let key = owner.key.clone().take_secret().0.to_vec().expect("serializable");
                    let (_, rest) = owner.packets.split_at(packet(6, &key).len());
                    owner.packets = [packet(6, &key), packet(2, &body), rest.to_vec()].concat();
                    owner
                }
            };
            let found = verdict(&mut owner);
            if is_ended {
                assert!(
                    matches!(&found, Err(Reason::KeyExpired { expired, .. }) if *expired == day(60)),
                    "{name}: {found:?}"
                );
                assert!(matches!(notes(&owner.text()).as_slice(), [Note::Expired { .. }]), "{name}");
            } else {
                assert_eq!(found, Ok(()), "{name}");
            }
        }
    }
}

#[test]
fn a_subkey_s_life_is_shortened_as_well_and_its_right_to_sign_taken_back() {
    type Expected = fn(&Reason) -> bool;
    let table: [(&str, Edit, Expected); 3] = [
        (
            "shorter",
            |builder| days(signs(builder), 60).set_hash_algo(HashAlgorithm::SHA1),
            |reason| matches!(reason, Reason::KeyExpired { .. }),
        ),
        (
            "not for signing",
            |builder| certify_only(builder).set_hash_algo(HashAlgorithm::SHA1),
            |reason| matches!(reason, Reason::NotASigningKey { .. }),
        ),
        ("not for signing, by a hash that counts", certify_only, |reason| {
            matches!(reason, Reason::NotASigningKey { .. })
        }),
    ];
    for (name, edit, expected) in table {
        let mut owner = Owner::new(0).user_id("a@b.test", 0, certify_only);
        let mut subkey = owner.subkey(0, true, signs);
        let other = owner.subkey(0, true, signs);
        let blob = subkey.sign(&payload(), SIGNED);
        assert_eq!(verify(&blob, &owner.text(), KeyPolicy::default()), Ok(()), "{name}");
        owner.bind(&other, 20, true, edit);
        assert_eq!(verify(&blob, &owner.text(), KeyPolicy::default()), Ok(()), "{name}: the other");
        owner.bind(&subkey, 20, true, edit);
        let found = verify(&blob, &owner.text(), KeyPolicy::default()).expect_err(name);
        assert!(expected(&found), "{name}: {found:?}");
    }
}

#[test]
fn a_primary_key_s_right_to_sign_is_taken_back_by_whatever_hash() {
    let sha1: Edit = |builder| certify_only(builder).set_hash_algo(HashAlgorithm::SHA1);
    for (name, at, user_id, is_taken) in [
        ("newer", 20, "a@b.test", true),
        ("older", 5, "a@b.test", false),
        ("over another user id", 20, "c@d.test", false),
    ] {
        let owner = Owner::new(0).user_id("a@b.test", 10, signs).user_id("c@d.test", 6, signs);
        let found = verdict(&mut owner.certify(user_id, at, sha1));
        let expected =
            if is_taken { matches!(found, Err(Reason::NotASigningKey { .. })) } else { found == Ok(()) };
        assert!(expected, "{name}: {found:?}");
    }
}

/// Key expiration subpackets of so many days.
fn ends(builder: SignatureBuilder, ends: &[u64]) -> SignatureBuilder {
    ends.iter().fold(builder, |builder, days| {
        let period = Duration::from_secs(days * 86400).try_into().expect("short");
        let end = Subpacket::new(SubpacketValue::KeyExpirationTime(period), false).expect("a subpacket");
        builder.modify_hashed_area(|mut area| area.add(end).map(|()| area)).expect("added")
    })
}

#[test]
fn of_several_ends_in_one_signature_the_first_counts() {
    let table: [(Edit, bool); 6] = [
        (|builder| ends(signs(builder), &[60]), false),
        (|builder| ends(signs(builder), &[60, 500]), false),
        (|builder| ends(signs(builder), &[500, 60]), false),
        (|builder| ends(signs(builder), &[0, 60]), false),
        (|builder| ends(signs(builder), &[60, 0]), false),
        (|builder| ends(signs(builder), &[500, 0, 400]), true),
    ];
    for (index, (edit, lives)) in table.into_iter().enumerate() {
        let mut owner = Owner::new(0).user_id("a@b.test", 0, edit);
        let found = verdict(&mut owner);
        assert_eq!(found.is_ok(), lives, "{index}: {found:?}");
        let mut owner = Owner::new(0).user_id("a@b.test", 0, certify_only);
        let blob = owner.subkey(0, true, edit).sign(&payload(), SIGNED);
        assert_eq!(verify(&blob, &owner.text(), KeyPolicy::default()).is_ok(), lives, "{index}, a subkey");
    }
    let twice: Edit = |builder| {
        [500, 10].into_iter().fold(builder, |builder, days| {
            let period = Duration::from_secs(days * 86400).try_into().expect("short");
            let end = Subpacket::new(SubpacketValue::SignatureExpirationTime(period), false).expect("one");
            builder.modify_hashed_area(|mut area| area.add(end).map(|()| area)).expect("added")
        })
    };
    let mut owner = Owner::ordinary();
    let blob = blob(&mut owner.pair, &payload(), SIGNED, twice);
    let found = verify(&blob, &owner.text(), KeyPolicy::default());
    assert_eq!(found, Err(Reason::SignatureExpired { expired: day(60) }));
}

fn armored(bytes: &[u8]) -> String {
    format!(
        "-----BEGIN PGP PUBLIC KEY BLOCK-----\nComment: This is a revocation certificate\n\n{}\n-----END PGP PUBLIC KEY BLOCK-----\n",
        base64(bytes)
    )
}

/// As `gpg --gen-revoke` writes it.
fn lone_revocation(owner: &mut Owner) -> Vec<u8> {
    let key = owner.key.parts_as_public().clone();
    packet(2, &revocation(&mut owner.pair, &key, 60, None).to_vec().expect("serializable"))
}

#[test]
fn a_revocation_by_itself_counts_for_its_certificate() {
    let (mut owner, mut other) = (Owner::ordinary(), Owner::ordinary());
    let (blob, others) = (owner.sign(&payload(), SIGNED), other.sign(&payload(), SIGNED));
    let revocation = lone_revocation(&mut owner);
    let (one, two, gone) = (armored(&owner.packets), armored(&other.packets), armored(&revocation));
    let concat = |parts: &[&[u8]]| base64(&parts.concat());
    for (name, text) in [
        ("behind it", [one.as_str(), &gone, &two].concat()),
        ("before it", [gone.as_str(), &one, &two].concat()),
        ("behind another", [one.as_str(), &two, &gone].concat()),
        ("as GnuPG keeps it", [one.as_str(), &two, "do not import this by accident\n\n:", &gone].concat()),
        ("twice", [gone.as_str(), &one, &two, &gone].concat()),
        ("in a row", concat(&[&owner.packets, &revocation, &other.packets])),
        ("in a row, behind another", concat(&[&owner.packets, &other.packets, &revocation])),
        ("in a row, before", concat(&[&revocation, &owner.packets, &other.packets])),
    ] {
        let found = verify(&blob, &text, LENIENT);
        assert!(matches!(found, Err(Reason::KeyCompromised { .. })), "{name}: {found:?}");
        assert_eq!(verify(&others, &text, LENIENT), Ok(()), "{name}");
        assert!(matches!(notes(&text).as_slice(), [Note::Compromised { .. }]), "{name}");
        let texts = one_by_one(&text).expect(name);
        assert_eq!(texts.len(), 2, "{name}");
        assert!(texts.iter().any(|text| !notes(text).is_empty()), "{name}");
    }
    for (name, text) in [
        ("alone", gone.clone()),
        ("beside another", [gone.as_str(), &two].concat()),
        ("behind another", [two.as_str(), &gone].concat()),
    ] {
        let signer = Signer { name: "somebody", openpgp: &text, key_policy: LENIENT };
        let problems = check_certificates(&signer, day(NOW)).expect_err(name);
        let faults: Vec<_> = problems.into_iter().map(|problem| problem.fault).collect();
        assert_eq!(faults, [Fault::Unreadable(UnreadableKeyText::LoneRevocation)], "{name}");
        let found = verify(&others, &text, LENIENT);
        assert_eq!(found, Err(Reason::UnreadableSigner(UnreadableKeyText::LoneRevocation)), "{name}");
    }
    // Other signatures have no place by themselves.
    let certification = say(&mut owner, Some("a@b.test"), HashAlgorithm::SHA256, 0, |builder| builder);
    let stray = [armored(&packet(2, &certification.to_vec().expect("serializable"))), one].concat();
    let found = verify(&blob, &stray, LENIENT);
    let expected = UnreadableKeyText::Stray("signature".to_owned());
    assert_eq!(found, Err(Reason::UnreadableSigner(expected)));
}

/// Whether at this place of a signature its owner is named.
fn names_owner(owner: &Owner, body: &[u8], place: usize) -> bool {
    let (key_id, fingerprint) = (owner.key.keyid(), owner.key.fingerprint());
    [key_id.as_bytes(), fingerprint.as_bytes()].iter().any(|name| {
        let mut names = body.windows(name.len()).enumerate().filter(|(_, window)| window == name);
        // With the subpacket's length, type and version.
        names.any(|(at, _)| (at.saturating_sub(3)..at + name.len()).contains(&place))
    })
}

/// What a revocation has besides its version, its type, and the keys that it names as its maker, may be
/// damaged: it counts, or the text is refused.
#[test]
fn a_damaged_revocation_still_revokes() {
    for of_subkey in [false, true] {
        let mut owner = Owner::new(0).user_id("a@b.test", 0, signs);
        let mut subkey = owner.subkey(0, true, signs);
        let before = owner.packets.len();
        let owner = if of_subkey { owner.revoke_subkey(&subkey, 60, None) } else { owner.revoke(60, None) };
        let blob = subkey.sign(&payload(), SIGNED);
        assert!(verify(&blob, &owner.text(), KeyPolicy::default()).is_err());
        let body = owner.packets.get(before + 6..).expect("a revocation");
        let mut damaged = 0;
        for bit in 16..body.len() * 8 {
            if names_owner(&owner, body, bit / 8) {
                continue;
            }
            let mut packets = owner.packets.clone();
            *packets.get_mut(before + 6 + bit / 8).expect("within") ^= 1 << (bit % 8);
            let found = verify(&blob, &base64(&packets), KeyPolicy::default());
            assert!(found.is_err(), "bit {bit}, of a subkey: {of_subkey}");
            damaged += 1;
        }
        assert!(damaged > 500, "{damaged}");
    }
}

/// The places of lengths and types in a signature, by which what follows can be read as something else: as the
/// name of somebody else, too.
fn framing(body: &[u8]) -> BTreeSet<usize> {
    let octets = if body.first() == Some(&6) { 4 } else { 2 };
    let (mut places, mut at) = (BTreeSet::new(), 4);
    for _area in 0..2 {
        places.extend(at..at + octets);
        let length = body.get(at..at + octets).expect("an area");
        let end = at + octets + length.iter().fold(0, |sum, octet| sum << 8 | usize::from(*octet));
        at += octets;
        while at < end {
            let length = usize::from(*body.get(at).expect("a subpacket"));
            let (length, header) = match length {
                0..192 => (length, 1),
                _ => (((length - 192) << 8) + usize::from(*body.get(at + 1).expect("a length")) + 192, 2),
            };
            places.extend(at..=at + header);
            at += header + length;
        }
        assert_eq!(at, end);
    }
    places
}

/// A key that lives by its older signature, and has ended by its newest.
type Ended = (&'static str, fn() -> (Owner, Option<Subkey>));

/// The same for what shortens a life: whichever bit of the newest signature flips, the older one, which knows
/// no end, does not speak in its place. Where it says that it is by somebody else, or older, nobody can tell.
#[test]
fn a_damaged_newer_signature_lets_no_older_one_speak() {
    let ends: Edit = |builder| days(signs(builder), 60);
    let with_subkey = |later: Edit| {
        let mut owner = Owner::new(0).user_id("a@b.test", 0, signs);
        let subkey = owner.subkey(0, true, signs);
        owner.bind(&subkey, 20, true, later);
        (owner, Some(subkey))
    };
    let ended: [Ended; 6] = [
        ("a user id", || {
            let ends: Edit = |builder| days(signs(builder), 60);
            (Owner::new(0).user_id("a@b.test", 0, signs).certify("a@b.test", 20, ends), None)
        }),
        ("a user id, for other uses", || {
            (Owner::new(0).user_id("a@b.test", 0, signs).certify("a@b.test", 20, certify_only), None)
        }),
        ("another user id", || {
            let ends: Edit = |builder| days(signs(builder), 60);
            let owner = Owner::new(0).user_id("a@b.test", 0, signs).user_id("c@d.test", 0, signs);
            (owner.certify("c@d.test", 20, ends), None)
        }),
        ("the key", || {
            let ends: Edit = |builder| days(signs(builder), 60);
            (Owner::new(0).direct(0, signs).direct(20, ends), None)
        }),
        ("the key, in version 6", || {
            let ends: Edit = |builder| days(signs(builder), 60);
            (Owner::of_kind(Kind::Ed25519, 0).direct(0, signs).direct(20, ends), None)
        }),
        ("the key beside a user id", || {
            let ends: Edit = |builder| days(signs(builder), 60);
            // The signature over the key has to stand before the user id.
            let mut owner = Owner::new(0).direct(0, signs);
            let user_id = Owner::of(owner.key.clone()).user_id("a@b.test", 0, signs).packets;
            let bare = Owner::of(owner.key.clone()).packets.len();
            owner.packets.extend(user_id.get(bare..).expect("a user id"));
            (owner.direct(20, ends), None)
        }),
    ];
    let mut all: Vec<_> = ended.iter().map(|(name, make)| (*name, make())).collect();
    all.push(("a subkey", with_subkey(ends)));
    all.push(("a subkey, for other uses", with_subkey(certify_only)));
    for (name, (mut owner, subkey)) in all {
        let blob = match subkey {
            Some(mut subkey) => subkey.sign(&payload(), SIGNED),
            None => owner.sign(&payload(), SIGNED),
        };
        assert!(verify(&blob, &owner.text(), KeyPolicy::default()).is_err(), "{name}");
        let body = last_packet(&owner.packets);
        let newest = owner.packets.len() - body.len();
        let date = u32::try_from(day(20).unix_timestamp()).expect("a date").to_be_bytes();
        let at = body.windows(4).position(|window| window == date).expect("dated");
        let (dated, framing) = (at..at + 4, framing(body));
        let mut damaged = 0;
        for bit in (16..body.len() * 8).step_by(3) {
            if names_owner(&owner, body, bit / 8)
                || dated.contains(&(bit / 8))
                || framing.contains(&(bit / 8))
            {
                continue;
            }
            let mut packets = owner.packets.clone();
            *packets.get_mut(newest + bit / 8).expect("within") ^= 1 << (bit % 8);
            let found = verify(&blob, &base64(&packets), KeyPolicy::default());
            assert!(found.is_err(), "{name}: bit {bit}");
            damaged += 1;
        }
        assert!(damaged > 150, "{name}: {damaged}");
    }
}

/// What is damaged and said nothing that counts, or is not the owner's, costs nobody a key.
#[test]
fn other_damage_to_a_certificate_costs_no_key() {
    let ordinary = || Owner::new(0).user_id("a@b.test", 10, signs);
    let damaged = |mut owner: Owner| {
        *owner.packets.last_mut().expect("a signature") ^= 1;
        // In what is signed: the octet for the algorithm's hash is the fourth.
        let at = owner.packets.len() - last_packet(&owner.packets).len() + 3;
        *owner.packets.get_mut(at).expect("a hash") ^= 2;
        owner
    };
    assert_eq!(verdict(&mut damaged(ordinary().certify("a@b.test", 5, signs))), Ok(()), "an older one");
    let mut stranger = Owner::ordinary();
    let strange = certification(&mut stranger.pair, &ordinary(), "a@b.test", 20);
    assert_eq!(verdict(&mut damaged(ordinary().signature(&strange))), Ok(()), "a stranger's");
    let own = damaged(ordinary().certify("a@b.test", 20, signs));
    let signer = Signer { name: "somebody", openpgp: &own.text(), key_policy: KeyPolicy::default() };
    let problems = check_certificates(&signer, day(NOW)).expect_err("damaged");
    let told = problems.first().expect("one").to_string();
    assert!(
        told.ends_with("does not vouch for its own key: `its newest self-signature does not verify`"),
        "{told}"
    );
    // By a hash that nobody knows, it may be whole; but nobody can tell.
    let mut owner = ordinary().certify("a@b.test", 20, signs);
    let at = owner.packets.len() - last_packet(&owner.packets).len() + 3;
    *owner.packets.get_mut(at).expect("a hash") = 99;
    let found = verdict(&mut owner);
    assert!(matches!(found, Err(Reason::NotBound { .. })), "{found:?}");
}

/// The body of the last of some packets.
fn last_packet(mut packets: &[u8]) -> &[u8] {
    loop {
        let length = packets.get(2..6).expect("a length");
        let length = length.iter().fold(0, |sum, octet| sum << 8 | usize::from(*octet));
        let (first, rest) = packets.split_at(6 + length);
        if rest.is_empty() {
            return first.get(6..).expect("a body");
        }
        packets = rest;
    }
}

/// A picture is left out; what its owner signed over it is not held to be damaged for that.
#[test]
fn a_picture_in_a_certificate_costs_no_key() {
    let picture = UserAttribute::from([&[0xff, 0, 0, 1, 1, 1][..], &[7; 255]].concat());
    let body = picture.to_vec().expect("serializable");
    for (end, lives) in [(0, true), (60, false)] {
        for last in [false, true] {
            let mut owner = Owner::new(0).user_id("a@b.test", 0, signs);
            let builder = SignatureBuilder::new(SignatureType::PositiveCertification)
                .set_signature_creation_time(SystemTime::from(day(20)))
                .expect("a time");
            let key = owner.key.parts_as_public().clone();
            let builder = days(signs(builder), end);
            let signature =
                builder.sign_user_attribute_binding(&mut owner.pair, &key, &picture).expect("signed");
            let mut owner = owner.push(17, &body).signature(&signature);
            if !last {
                owner = owner.user_id("c@d.test", 0, signs);
            }
            let found = verdict(&mut owner);
            assert_eq!(found.is_ok(), lives, "{found:?}");
            let texts = one_by_one(&owner.text()).expect("readable");
            let [text] = texts.as_slice() else { panic!("one certificate") };
            assert!(text.len() + 200 < owner.text().len(), "without the picture");
            assert_eq!(one_by_one(text).as_ref(), Ok(&texts));
        }
    }
}

/// Neither order nor repetition brings a key back, nor what a stranger adds.
#[test]
fn no_order_of_a_certificate_s_packets_brings_a_key_back() {
    let mut stranger = Owner::ordinary();
    for state in [0, 1, 2] {
        let owner = Owner::new(0).user_id("a@b.test", 0, signs);
        let owner = match state {
            0 => owner.revoke(60, None),
            1 => owner.certify("a@b.test", 1, |builder| days(signs(builder), 60)),
            _ => owner.certify("a@b.test", 1, |builder| {
                days(signs(builder), 60).set_hash_algo(HashAlgorithm::SHA1)
            }),
        };
        let mut owner = owner;
        let strange = certification(&mut stranger.pair, &owner, "a@b.test", 70);
        let blob = owner.sign(&payload(), SIGNED);
        owner = owner.signature(&strange);
        let mut parts = Vec::new();
        let mut rest = owner.packets.as_slice();
        while let Some(length) = rest.get(2..6) {
            let length = length.iter().fold(0, |sum, octet| sum << 8 | usize::from(*octet));
            let (part, after) = rest.split_at(6 + length);
            parts.push(part);
            rest = after;
        }
        let (key, parts) = parts.split_first().expect("a key");
        let mut orders = vec![Vec::new()];
        for part in parts {
            orders = orders
                .into_iter()
                .flat_map(|order: Vec<&[u8]>| {
                    (0..=order.len()).map(move |place| {
                        let mut next = order.clone();
                        next.insert(place, part);
                        next
                    })
                })
                .collect();
        }
        for order in orders {
            let whole = [&[*key][..], &order].concat().concat();
            for text in [base64(&whole), base64(&[whole.clone(), whole].concat())] {
                let found = verify(&blob, &text, KeyPolicy::default());
                assert!(found.is_err(), "state {state}: {found:?}");
            }
        }
    }
}

/// What GnuPG 2.2 made: the key, a signature by it, and the revocation that it keeps beside the secret key.
#[test]
fn gnupg_s_revocation_beside_the_key_counts() {
    const KEY: &str = include_str!("ended_keys/key.asc");
    const REVOCATION: &str = include_str!("ended_keys/revocation.rev");
    const SIGNATURE: &[u8] = include_bytes!("ended_keys/payload.sig");
    let now = time::macros::utc_datetime!(2026-06-01 0:00);
    let verify = |text: &str| {
        let signers = [Signer { name: "somebody", openpgp: text, key_policy: LENIENT }];
        let verdict = Keyring::new(&signers, Limits::default(), now).verify(SIGNATURE);
        verdict.map(drop).map_err(|rejection| rejection.reason)
    };
    assert_eq!(verify(KEY), Ok(()));
    for text in [format!("{KEY}{REVOCATION}"), format!("{REVOCATION}{KEY}")] {
        let found = verify(&text);
        assert!(matches!(found, Err(Reason::KeyCompromised { .. })), "{found:?}");
    }
    assert_eq!(verify(REVOCATION), Err(Reason::UnreadableSigner(UnreadableKeyText::LoneRevocation)));
}
