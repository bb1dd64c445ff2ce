//! What a signature is worth to signers. A refusal is one line, in lower case and without a full stop.

#![allow(dead_code, reason = "each test binary needs a part of it")]
#![allow(unreachable_pub, reason = "a module of several test binaries")]

use openshift_image_trust::{KeyPolicy, Keyring, Limits, Rejection, Signer, VerifiedSignature};
use time::UtcDateTime;

/// To one signer of this text.
pub fn verify(
    blob: &[u8],
    openpgp: &str,
    key_policy: KeyPolicy,
    now: UtcDateTime,
) -> Result<VerifiedSignature, Rejection> {
    verify_all(blob, &[Signer { name: "somebody", openpgp, key_policy }], now)
}

/// To several signers.
pub fn verify_all(
    blob: &[u8],
    signers: &[Signer<'_>],
    now: UtcDateTime,
) -> Result<VerifiedSignature, Rejection> {
    let verdict = Keyring::new(signers, Limits::default(), now).verify(blob);
    if let Err(rejection) = &verdict {
        let text = rejection.to_string();
        assert!(!text.contains('\n') && !text.ends_with('.'), "{text}");
        let name = text.starts_with("OpenPGP ");
        assert!(name || text.starts_with(|first: char| first.is_lowercase() || first == '`'), "{text}");
    }
    verdict
}
