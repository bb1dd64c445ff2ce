//! Certificates: an input is one byte that chooses, and a signer's text, or what its base64 holds.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use openshift_image_trust::{Keyring, Limits, Signer, check_certificates, one_by_one};

use crate::seeds;
use crate::signature::{GENUINE, KEY_POLICIES, MOMENTS, Vouched, vouched};

/// A genuine signature by each key, with what it proves.
static SIGNED: LazyLock<Vec<(Vec<u8>, Vouched)>> = LazyLock::new(|| {
    let keys = seeds::keys();
    let signers: Vec<_> = keys
        .iter()
        .map(|openpgp| Signer { name: "somebody", openpgp, key_policy: KEY_POLICIES[1] })
        .collect();
    let keyring = Keyring::new(&signers, Limits::default(), MOMENTS[2]);
    let mut signed = BTreeMap::new();
    for blob in seeds::blobs() {
        if let Ok(verified) = keyring.verify(&blob) {
            signed.insert(verified.key().to_owned(), (blob, vouched(&verified)));
        }
    }
    assert!(signed.len() > 5 && signed.values().all(|(_, vouched)| GENUINE.contains(vouched)));
    signed.into_values().collect()
});

/// Whatever becomes of a certificate, a signature proves what it proved, or nothing.
pub fn check(input: &[u8]) {
    let Some((&choice, bytes)) = input.split_first() else { return };
    let text = match choice & 1 {
        0 => String::from_utf8_lossy(bytes).into_owned(),
        _ => STANDARD.encode(bytes),
    };
    let now = MOMENTS[usize::from(choice >> 2) % MOMENTS.len()];
    let signer =
        Signer { name: "somebody", openpgp: &text, key_policy: KEY_POLICIES[usize::from(choice >> 1) & 1] };
    match check_certificates(&signer, now) {
        Ok(checked) => {
            assert!(!checked.usable.is_empty());
            checked.left_out.iter().for_each(|problem| crate::assert_harmless(&problem.to_string()));
            for certificate in checked.usable {
                assert!(is_fingerprint(&certificate.fingerprint));
                assert!(certificate.signing_keys.iter().all(|key| is_fingerprint(key.fingerprint())));
                certificate.notes.iter().for_each(|note| crate::assert_harmless(&note.to_string()));
            }
        }
        Err(problems) => {
            assert!(!problems.is_empty());
            problems.iter().for_each(|problem| crate::assert_harmless(&problem.to_string()));
        }
    }
    let alone = one_by_one(&text).unwrap_or_default();
    for text in &alone {
        assert_eq!(one_by_one(text).as_ref(), Ok(&vec![text.clone()]));
    }
    let signers = [signer];
    let keyring = Keyring::new(&signers, Limits::default(), now);
    for (blob, genuine) in SIGNED.iter() {
        let Ok(verified) = keyring.verify(blob) else { continue };
        assert_eq!(vouched(&verified), *genuine);
        let by_one_of_them = alone.iter().any(|openpgp| {
            let signers = [Signer { openpgp, ..signers[0].clone() }];
            Keyring::new(&signers, Limits::default(), now).verify(blob).is_ok()
        });
        assert!(by_one_of_them, "{verified:?}");
    }
}

fn is_fingerprint(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.chars().all(|c| matches!(c, '0'..='9' | 'A'..='F'))
}
