//! Why a signature does not count.

use std::fmt;

use time::UtcDateTime;
use time::format_description::well_known::Rfc3339;

use crate::quote::quote;
use crate::signature::certificates::UnreadableKeyText;
use crate::signature::framing::Malformed;
use crate::signature::payload::PayloadProblem;

/// A signature that does not count, and how far it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// What is wrong.
    pub reason: Reason,
    /// The signer it would have counted for, where its key is one of theirs.
    pub signer: Option<String>,
}

/// What is wrong with a signature.
///
/// The order is that of the verification, from the outside in: each reason implies that nothing
/// above it was wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// The blob is larger than the limit.
    TooLarge {
        /// Its size.
        bytes: usize,
        /// The size allowed.
        limit: usize,
    },
    /// The blob is not exactly one OpenPGP signed message.
    Malformed(Malformed),
    /// What is signed is larger than the limit, once decompressed.
    PayloadTooLarge {
        /// The size allowed.
        limit: usize,
    },
    /// A signature packet of a version other than 3, 4 and 6.
    Version(u8),
    /// A signature of a type other than 0x00, over binary data.
    Type(u8),
    /// A hash algorithm too weak, or unknown.
    Hash(String),
    /// A signature by an algorithm that is not supported: its number, and its name where it has one.
    Algorithm(String),
    /// The signature does not say which key made it.
    NoIssuer,
    /// A subpacket marked critical that we do not understand: its name.
    Critical(String),
    /// No signer has the key that the signature names.
    UnknownKey {
        /// Its fingerprint where the signature gives one, or its key id.
        key: String,
    },
    /// No signer has the key, but this signer's certificates cannot be read.
    UnreadableSigner(UnreadableKeyText),
    /// The certificate that has the key cannot be read: what the reader says.
    UnreadableCertificate(String),
    /// The key is too short, or of an algorithm that is not supported.
    WeakKey {
        /// The key's fingerprint.
        key: String,
        /// Its algorithm and size.
        algorithm: String,
    },
    /// The cryptography does not add up: other data was signed, or by another key.
    BadSignature {
        /// The key that the signature names.
        key: String,
    },
    /// The key hangs on several certificates, so nobody can say who signed.
    AmbiguousKey {
        /// The key's fingerprint.
        key: String,
    },
    /// The certificate vouches for its key by SHA-1 only.
    Sha1SelfSignature {
        /// The key that is vouched for.
        key: String,
    },
    /// The certificate does not vouch for its key.
    NotBound {
        /// The key that is not vouched for.
        key: String,
        /// What the reader of certificates says.
        detail: String,
    },
    /// The certificate does not let this key sign.
    NotASigningKey {
        /// The key's fingerprint.
        key: String,
    },
    /// The signature says it was made in the future.
    FromTheFuture {
        /// When it says it was made.
        created: UtcDateTime,
    },
    /// The signature says it was made before its key.
    OlderThanKey {
        /// When it says it was made.
        created: UtcDateTime,
        /// When the key was.
        key_created: UtcDateTime,
    },
    /// The key was compromised, or revoked without a reason that rules that out.
    KeyCompromised {
        /// The key's fingerprint.
        key: String,
        /// When it was revoked.
        revoked: UtcDateTime,
    },
    /// The signature was made after its key was revoked.
    SignedAfterRevocation {
        /// When it was made.
        created: UtcDateTime,
        /// When the key was revoked.
        revoked: UtcDateTime,
    },
    /// The signature was made after its key had expired.
    SignedAfterExpiry {
        /// When it was made.
        created: UtcDateTime,
        /// When the key expired.
        expired: UtcDateTime,
    },
    /// The signature itself has expired.
    SignatureExpired {
        /// When it did.
        expired: UtcDateTime,
    },
    /// The key is revoked as superseded or retired, and the signer does not let older signatures
    /// count.
    KeyRevoked {
        /// The key's fingerprint.
        key: String,
        /// When it was revoked.
        revoked: UtcDateTime,
    },
    /// The key has expired, and the signer does not let older signatures count.
    KeyExpired {
        /// The key's fingerprint.
        key: String,
        /// When it expired.
        expired: UtcDateTime,
    },
    /// The signature was made before the signer's window opened.
    BeforeWindow {
        /// When it was made.
        created: UtcDateTime,
        /// The first moment that counts.
        from: UtcDateTime,
    },
    /// The signature was made after the signer's window closed.
    AfterWindow {
        /// When it was made.
        created: UtcDateTime,
        /// The first moment that no longer counts.
        until: UtcDateTime,
    },
    /// What a trusted signer signed is not an image signature.
    Payload(PayloadProblem),
}

impl Rejection {
    pub(super) fn new(reason: Reason) -> Self {
        Self { reason, signer: None }
    }

    pub(super) fn of(signer: &str, reason: Reason) -> Self {
        Self { reason, signer: Some(signer.to_owned()) }
    }

    /// How far the signature came: of several rejections, the one that ranks highest tells the most.
    #[must_use]
    pub fn rank(&self) -> u8 {
        self.reason.rank()
    }
}

impl Reason {
    /// The position in the verification.
    #[must_use]
    pub fn rank(&self) -> u8 {
        match self {
            Self::TooLarge { .. } => 0,
            Self::Malformed(_) => 1,
            Self::PayloadTooLarge { .. } => 2,
            Self::Version(_) => 3,
            Self::Type(_) => 4,
            Self::Hash(_) => 5,
            Self::Algorithm(_) => 6,
            Self::NoIssuer => 7,
            Self::Critical(_) => 8,
            Self::UnknownKey { .. } => 9,
            Self::UnreadableSigner(_) => 10,
            Self::UnreadableCertificate(_) => 11,
            Self::WeakKey { .. } => 12,
            Self::BadSignature { .. } => 13,
            Self::AmbiguousKey { .. } => 14,
            Self::Sha1SelfSignature { .. } => 15,
            Self::NotBound { .. } => 16,
            Self::NotASigningKey { .. } => 17,
            Self::FromTheFuture { .. } => 18,
            Self::OlderThanKey { .. } => 19,
            Self::KeyCompromised { .. } => 20,
            Self::SignedAfterRevocation { .. } => 21,
            Self::SignedAfterExpiry { .. } => 22,
            Self::SignatureExpired { .. } => 23,
            Self::KeyRevoked { .. } => 24,
            Self::KeyExpired { .. } => 25,
            Self::BeforeWindow { .. } => 26,
            Self::AfterWindow { .. } => 27,
            Self::Payload(_) => 28,
        }
    }

    /// Whether the blob is no simple-signing signature at all, whoever made it, as opposed to one
    /// that does not count. One of a version or algorithm that is not supported may well be one.
    #[must_use]
    pub fn is_malformed(&self) -> bool {
        matches!(
            self,
            Self::TooLarge { .. }
                | Self::Malformed(_)
                | Self::PayloadTooLarge { .. }
                | Self::Type(_)
                | Self::NoIssuer
                | Self::Payload(_)
        )
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(signer) = &self.signer {
            write!(f, "signer {}: ", quote(signer))?;
        }
        self.reason.fmt(f)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge { bytes, limit } => {
                write!(f, "the signature has {bytes} bytes, more than the {limit} allowed")
            }
            Self::Malformed(malformed) => {
                write!(f, "the signature is not one OpenPGP signed message: {malformed}")
            }
            Self::PayloadTooLarge { limit } => {
                write!(f, "the signed payload has more than the {limit} bytes allowed")
            }
            Self::Version(version) => {
                write!(f, "OpenPGP version {version} is not supported")
            }
            Self::Type(kind) => {
                write!(f, "the signature has type 0x{kind:02x}, not 0x00 (binary data)")
            }
            Self::Hash(name) => {
                write!(f, "the signature uses {name}, not SHA-256, SHA-384 or SHA-512")
            }
            Self::Algorithm(algorithm) => write!(f, "signature algorithm {algorithm} is not supported"),
            Self::NoIssuer => write!(f, "the signature does not name the key that made it"),
            Self::Critical(what) => {
                write!(f, "the signature has the critical {what}, which is not understood")
            }
            Self::UnknownKey { key } => write!(f, "made with key {key}, which belongs to none of `signers`"),
            Self::UnreadableSigner(why) => write!(f, "`openpgp` {why}"),
            Self::UnreadableCertificate(detail) => {
                write!(f, "the certificate cannot be read: {}", quote(detail))
            }
            Self::WeakKey { key, algorithm } => {
                write!(f, "key {key} is {algorithm}, which is too weak or unsupported")
            }
            Self::BadSignature { key } => {
                write!(f, "the signature does not match the signed data and key {key}")
            }
            Self::AmbiguousKey { key } => {
                write!(f, "key {key} is part of more than one certificate")
            }
            Self::Sha1SelfSignature { key } => write!(
                f,
                "the certificate certifies key {key} with SHA-1 only, which `sha1SelfSignatures` does not allow"
            ),
            Self::NotBound { key, detail } => {
                write!(f, "the certificate does not certify key {key}: {}", quote(detail))
            }
            Self::NotASigningKey { key } => {
                write!(f, "key {key} is not a signing key, according to its certificate")
            }
            Self::FromTheFuture { created } => {
                write!(f, "the signature is dated in the future, {}", At(*created))
            }
            Self::OlderThanKey { created, key_created } => write!(
                f,
                "the signature is dated {}, before its key was created at {}",
                At(*created),
                At(*key_created)
            ),
            Self::KeyCompromised { key, revoked } => {
                write!(f, "key {key} was revoked on {} as compromised or without a reason", revoked.date())
            }
            Self::SignedAfterRevocation { created, revoked } => write!(
                f,
                "the signature was made at {}, after its key was revoked at {}",
                At(*created),
                At(*revoked)
            ),
            Self::SignedAfterExpiry { created, expired } => write!(
                f,
                "the signature was made at {}, after its key expired at {}",
                At(*created),
                At(*expired)
            ),
            Self::SignatureExpired { expired } => {
                write!(f, "the signature expired on {}", expired.date())
            }
            Self::KeyRevoked { key, revoked } => write!(
                f,
                "key {key} was revoked on {} as superseded or retired, and `revokedKey` is `deny`",
                revoked.date()
            ),
            Self::KeyExpired { key, expired } => {
                write!(f, "key {key} expired on {}, and `expiredKey` is `deny`", expired.date())
            }
            Self::BeforeWindow { created, from } => {
                let (created, from) = (At(*created), At(*from));
                write!(f, "the signature was made at {created}, before {from} (`signedFrom` or `maxAgeDays`)")
            }
            Self::AfterWindow { created, until } => write!(
                f,
                "the signature was made at {}, which is not before `signedUntil` {}",
                At(*created),
                At(*until)
            ),
            Self::Payload(problem) => problem.fmt(f),
        }
    }
}

/// A moment in full, as settings write it.
pub(super) struct At(pub(super) UtcDateTime);

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.format(&Rfc3339).map_err(|_| fmt::Error)?)
    }
}
