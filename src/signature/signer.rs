//! Whose signatures count, and when.

use time::{Duration, UtcDateTime};

/// How far a signer's clock may be ahead of ours.
pub const CLOCK_SKEW: Duration = Duration::minutes(5);

/// Somebody whose signatures count.
#[derive(Debug, Clone)]
pub struct Signer<'a> {
    /// The name that policies use.
    pub name: &'a str,
    /// One or several certificates: ASCII armor with any text around it, or base64.
    pub openpgp: &'a str,
    /// When their signatures count.
    pub key_policy: KeyPolicy,
}

/// When the signatures of a signer count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct KeyPolicy {
    /// What a signature by a key that has expired since is worth.
    pub expired_key: EndedKey,
    /// What a signature by a key that was superseded or retired since is worth. One by a
    /// compromised key is worth nothing.
    pub revoked_key: EndedKey,
    /// Whether certificates may vouch for their own keys by SHA-1. Signatures on images never may.
    pub sha1_self_signatures: bool,
    /// The first moment of signing that counts.
    pub signed_from: Option<UtcDateTime>,
    /// The first moment of signing that no longer counts.
    pub signed_until: Option<UtcDateTime>,
}

/// What a key's past signatures are worth once the key is no longer good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum EndedKey {
    /// Nothing.
    #[default]
    Deny,
    /// What they were worth when they say they were made.
    AllowSignedBefore,
}

/// How large things may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// A signature blob.
    pub signature_bytes: usize,
    /// The JSON that it signs, once decompressed.
    pub payload_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { signature_bytes: 65536, payload_bytes: 65536 }
    }
}
