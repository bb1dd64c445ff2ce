//! What Sequoia's own policy makes of certificates that are read here with another one: a key that counts here
//! counts there. Where it does not, what is stricter is listed.

#![allow(missing_docs, reason = "a test binary")]
#![expect(clippy::expect_used, clippy::panic, reason = "a test stops at what it did not expect")]

mod certificate_builder;
mod signers;

use std::collections::BTreeSet;
use std::time::SystemTime;

use certificate_builder::*;
use openshift_image_trust::{KeyPolicy, Reason};
use sequoia_openpgp::cert::amalgamation::key::PrimaryKey as _;
use sequoia_openpgp::packet::signature::SignatureBuilder;
use sequoia_openpgp::parse::Parse as _;
use sequoia_openpgp::policy::StandardPolicy;
use sequoia_openpgp::types::ReasonForRevocation;
use sequoia_openpgp::{Cert, Fingerprint};

/// Today, and when signatures are made.
const NOW: i64 = 100;
const SIGNED: i64 = 50;

fn days_60(builder: SignatureBuilder) -> SignatureBuilder {
    days(signs(builder), 60)
}

fn days_300(builder: SignatureBuilder) -> SignatureBuilder {
    days(signs(builder), 300)
}

/// What may be said of a key.
const SAYS: [(&str, Edit); 5] = [
    ("signs", signs),
    ("certifies", certify_only),
    ("for 60 days", days_60),
    ("for 300 days", days_300),
    ("nothing", |builder| builder),
];

const ID: &str = "a@b.test";
const OTHER: &str = "c@d.test";

/// A step in the making of a certificate.
type Step = (&'static str, fn(Owner, Edit) -> Owner);

/// What may be said first.
const FIRST: [Step; 3] = [
    ("user id", |owner, edit| owner.user_id(ID, 0, edit)),
    ("key", |owner, edit| owner.direct(0, edit)),
    ("key and user id", |owner, edit| owner.direct(0, edit).user_id(ID, 0, signs)),
];

/// What may become of it.
const THEN: [Step; 9] = [
    ("", |owner, _| owner),
    ("user id again", |owner, edit| owner.user_id(ID, 20, edit)),
    ("user id in the future", |owner, edit| owner.user_id(ID, 200, edit)),
    ("another user id", |owner, edit| owner.user_id(OTHER, 20, edit)),
    ("user id revoked", |owner, _| owner.push(13, ID.as_bytes()).revoke_user_id(ID, 60)),
    ("key again", |owner, edit| owner.direct(20, edit)),
    ("revoked", |owner, _| owner.revoke(60, None)),
    ("retired", |owner, _| owner.revoke(60, Some(ReasonForRevocation::KeyRetired))),
    ("revoked before", |owner, _| owner.revoke(10, Some(ReasonForRevocation::KeySuperseded))),
];

/// Whether Sequoia holds a key of a certificate for one that may sign now.
fn sequoia_allows(packets: &[u8], key: &str) -> bool {
    let policy = StandardPolicy::new();
    let cert = Cert::from_bytes(packets).expect("a certificate");
    let key: Fingerprint = key.parse().expect("a fingerprint");
    let now = SystemTime::from(day(NOW));
    let mut keys = cert.keys().with_policy(&policy, now).supported().alive().revoked(false);
    // A primary key that says nothing of its uses may sign here, as for GnuPG.
    keys.any(|it| {
        let may_sign = it.for_signing() || it.primary() && it.key_flags().is_none();
        it.key().fingerprint() == key && may_sign
    })
}

/// How often both agree, and the reasons for which a key is refused here that Sequoia would let sign.
#[derive(Default)]
struct Tally {
    both: usize,
    neither: usize,
    stricter: BTreeSet<&'static str>,
}

impl Tally {
    fn compare(&mut self, name: &str, packets: &[u8], key: &str, blob: &[u8]) {
        let allowed = sequoia_allows(packets, key);
        let found = signers::verify(blob, &base64(packets), KeyPolicy::default(), day(NOW));
        match (found.map_err(|rejection| rejection.reason), allowed) {
            (Ok(_), true) => self.both += 1,
            (Ok(_), false) => panic!("{name}: counts here alone"),
            (Err(_), false) => self.neither += 1,
            (Err(reason), true) => {
                let reason = match reason {
                    Reason::KeyExpired { .. } => "expired",
                    Reason::NotASigningKey { .. } => "not for signing",
                    Reason::NotBound { .. } => "not bound",
                    other => panic!("{name}: {other}"),
                };
                self.stricter.insert(reason);
            }
        }
    }
}

#[test]
fn a_primary_key_that_counts_counts_by_sequoia_s_own_policy() {
    let mut tally = Tally::default();
    for kind in [Kind::Version4, Kind::Ed25519] {
        for (first_name, first) in FIRST {
            for (says_name, says) in SAYS {
                for (then_name, then) in THEN {
                    for (again_name, again) in SAYS {
                        let mut owner = then(first(Owner::of_kind(kind, 0), says), again);
                        let blob = owner.sign(&payload(), SIGNED);
                        let name = format!("{kind:?}: {first_name} {says_name}, {then_name} {again_name}");
                        tally.compare(&name, &owner.packets, &owner.fingerprint(), &blob);
                    }
                }
            }
        }
    }
    assert!(tally.both > 300 && tally.neither > 300, "{} {}", tally.both, tally.neither);
    // The first end counts, and the latest word on what the key is for; a revoked user id vouches for nothing.
    let stricter: Vec<_> = tally.stricter.into_iter().collect();
    assert_eq!(stricter, ["expired", "not bound", "not for signing"]);
}

#[test]
fn a_subkey_that_counts_counts_by_sequoia_s_own_policy() {
    let mut tally = Tally::default();
    for kind in [Kind::Version4, Kind::Ed25519] {
        for (primary_name, primary) in SAYS {
            for (says_name, says) in SAYS {
                for (again_name, again) in SAYS {
                    for back_signed in [false, true] {
                        for ended in [None, Some(None), Some(Some(ReasonForRevocation::KeyRetired))] {
                            let mut owner = Owner::of_kind(kind, 0).direct(0, primary);
                            let mut subkey = owner.subkey(0, true, says);
                            owner.bind(&subkey, 20, back_signed, again);
                            if let Some(reason) = ended {
                                owner = owner.revoke_subkey(&subkey, 60, reason);
                            }
                            let blob = subkey.sign(&payload(), SIGNED);
                            let name = format!(
                                "{kind:?}: {primary_name}; {says_name}, {again_name} ({back_signed}), {ended:?}"
                            );
                            tally.compare(&name, &owner.packets, &subkey.fingerprint(), &blob);
                        }
                    }
                }
            }
        }
    }
    assert!(tally.both > 50 && tally.neither > 300, "{} {}", tally.both, tally.neither);
    // The subkey's own newest binding says that it may sign, and is signed back.
    let stricter: Vec<_> = tally.stricter.into_iter().collect();
    assert_eq!(stricter, ["not bound", "not for signing"]);
}
