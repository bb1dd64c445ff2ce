//! `Keyring::verify`: an input is one byte that chooses, and a blob.

use std::collections::BTreeSet;
use std::io::Write;
use std::sync::LazyLock;

use flate2::Compression;
use flate2::write::{DeflateEncoder, ZlibEncoder};
use openshift_image_trust::{
    EndedKey, KeyPolicy, Keyring, Limits, Payload, Signer, VerifiedSignature, inspect,
};
use time::UtcDateTime;
use time::macros::utc_datetime;

use crate::seeds;

/// Every key is good at one of them, and has ended at another.
pub(crate) const MOMENTS: [UtcDateTime; 4] = [
    utc_datetime!(2024-06-01 00:00),
    utc_datetime!(2026-06-01 12:00),
    utc_datetime!(2026-11-22 00:00),
    utc_datetime!(2040-01-01 00:00),
];

/// The strictest, and the one by which most counts.
pub(crate) const KEY_POLICIES: [KeyPolicy; 2] = [
    KeyPolicy {
        expired_key: EndedKey::Deny,
        revoked_key: EndedKey::Deny,
        sha1_self_signatures: false,
        signed_from: None,
        signed_until: None,
    },
    KeyPolicy {
        expired_key: EndedKey::AllowSignedBefore,
        revoked_key: EndedKey::AllowSignedBefore,
        sha1_self_signatures: true,
        signed_from: None,
        signed_until: None,
    },
];

/// What a signer vouched for: the fingerprint, the key, when, and what.
pub(crate) type Vouched = (String, String, UtcDateTime, Genuine);
/// [`Payload`] in an order.
pub(crate) type Genuine = (String, String, Option<String>, Option<i64>);

pub(crate) fn vouched(verified: &VerifiedSignature) -> Vouched {
    let Payload { digest, docker_reference, creator, timestamp } = verified.payload().clone();
    let what = (digest, docker_reference, creator, timestamp);
    (verified.fingerprint().to_owned(), verified.key().to_owned(), verified.created(), what)
}

thread_local! {
    /// All keys, at each moment, by each key policy.
    static KEYRINGS: Vec<Keyring<'static>> = keyrings();
}

fn keyrings() -> Vec<Keyring<'static>> {
    let keys: &'static [String] = Box::leak(seeds::keys().into_boxed_slice());
    let of = |key_policy| -> &'static [Signer<'static>] {
        let signers: Vec<_> =
            keys.iter().map(|openpgp| Signer { name: "somebody", openpgp, key_policy }).collect();
        Box::leak(signers.into_boxed_slice())
    };
    let signers = KEY_POLICIES.map(of);
    MOMENTS
        .iter()
        .flat_map(|now| signers.map(|signers| Keyring::new(signers, Limits::default(), *now)))
        .collect()
}

/// What the owners of the keys have signed, as far as the repository has it: the private halves are
/// in nobody's hands, so whatever else verifies is forged.
pub(crate) static GENUINE: LazyLock<BTreeSet<Vouched>> = LazyLock::new(|| {
    let blobs = seeds::blobs();
    let verify = |keyring: &Keyring<'_>| -> Vec<_> {
        blobs.iter().filter_map(|blob| keyring.verify(blob).ok()).map(|verified| vouched(&verified)).collect()
    };
    let genuine: BTreeSet<_> = KEYRINGS.with(|keyrings| keyrings.iter().flat_map(verify).collect());
    assert!(genuine.len() > 20, "{}", genuine.len());
    genuine
});

/// A blob verifies only if it says what somebody has signed.
pub fn check(input: &[u8]) {
    let Some((&choice, bytes)) = input.split_first() else { return };
    let blob = wrap(choice, bytes);
    KEYRINGS.with(|keyrings| {
        let keyring = &keyrings[usize::from(choice >> 2) % keyrings.len()];
        let verdict = keyring.verify(&blob);
        assert_eq!(verdict, keyring.verify(&blob));
        match verdict {
            Ok(verified) => {
                assert!(!verified.signers().is_empty());
                assert!(GENUINE.contains(&vouched(&verified)), "forged: {verified:?}");
            }
            Err(rejection) => crate::assert_harmless(&rejection.to_string()),
        }
    });
    assert!(Keyring::new(&[], Limits::default(), MOMENTS[0]).verify(&blob).is_err());
    inspect(&blob, &Limits::default()).lines().for_each(crate::assert_harmless);
}

/// The bytes, or a compressed packet of them: what is inside one is out of reach of changes to it.
fn wrap(choice: u8, bytes: &[u8]) -> Vec<u8> {
    let body = match choice & 3 {
        1 => {
            let mut packer = DeflateEncoder::new(vec![1], Compression::fast());
            packer.write_all(bytes).and_then(|()| packer.finish()).expect("in memory")
        }
        2 => {
            let mut packer = ZlibEncoder::new(vec![2], Compression::fast());
            packer.write_all(bytes).and_then(|()| packer.finish()).expect("in memory")
        }
        _ => return bytes.to_vec(),
    };
    let length = u32::try_from(body.len()).expect("short").to_be_bytes();
    [&[0xc8, 0xff][..], &length, &body].concat()
}
