//! From bytes that anybody may have written to a fact that a signer vouched for.
//!
//! ```text
//! blob --framing--> one signed message --openpgp--> made by a signer's key, which may sign,
//!      --payload--> image digest and name            now and when it did
//! ```
//!
//! In that order, and nothing of a later step is read before the earlier ones hold: the payload's
//! JSON is looked at only when a trusted signer made it. What comes out is a
//! [`VerifiedSignature`], which nothing else can make, or a [`Rejection`] that says how far the
//! blob came.
//!
//! # Whose signature it is
//!
//! A signer is known by the fingerprints of their certificates' primary keys; a signing subkey
//! counts as its primary key. Names, mail addresses and short key ids prove nothing. What any
//! signer's text says about a certificate counts for all of them: when the same key is listed
//! twice, once with its revocation or a later expiry date, it is one certificate. When several
//! signers list the key, as with one key under two names and two windows, the signature counts for
//! each signer whose stance accepts it.
//!
//! # Choices
//!
//! Programs that read these signatures disagree in places. Here:
//!
//! | case | verdict |
//! |---|---|
//! | signature packets of version 3 | accepted: Red Hat's were, until about 2023 |
//! | of version 6, and certificates of version 6 | refused: no tool that writes image signatures makes them, and GnuPG cannot read them |
//! | SHA-1, RIPEMD-160, MD5, SHA-224 | refused: no real signature uses the last, and it is the weakest of its family |
//! | keys | RSA from 2048 to 4096 bits, Ed25519, ECDSA on P-256 and P-384; others refused |
//! | text signatures (type 0x01) | refused: they also cover texts with other line ends |
//! | signature before the data, without a one-pass packet | refused: no tool writes it |
//! | one-pass packet that contradicts the signature | refused |
//! | a signature that names no key | refused |
//! | zip, zlib or no compression | accepted; bzip2, "uncompressed" and nested compression refused |
//! | a short first chunk of partial lengths | accepted: OpenShift's CI writes it |
//! | any byte before or after the message | refused |
//! | the `\0simple-signing` line that registries put before a blob in files | refused: objects hold the blob alone |
//! | first octets of the digest that do not fit | refused: GnuPG does not look |
//! | JSON: `null` for the creator or the timestamp | refused: neither is text or number |
//! | JSON: not UTF-8, a lone surrogate, more than 128 levels | refused: every reader must see the same text |
//! | an unreadable signature beside a good one | the good one counts, as for readers of OpenShift's images; those of files refuse the image |
//! | one signing subkey on two certificates | refused, if both would count |
//! | a key without key flags | a primary key may sign; a subkey may not |
//! | a revocation followed by a newer self-signature | still revoked |
//!
//! # Time
//!
//! A key must be valid now and must have been valid when it signed, as its newest self-signature
//! tells. The moment of signing is what the signature itself says: whoever has a key can write any
//! date. So an expired or retired key stops counting, unless the signer's [`Stance`] lets older
//! signatures count, and a compromised key never counts, whatever its signatures say.

mod certificates;
mod framing;
mod inspection;
mod openpgp;
pub mod payload;
mod rejection;
pub mod stored;

use std::cell::OnceCell;
use std::fmt;

use time::{Duration, UtcDateTime};

use crate::quote::quote;

pub use self::certificates::{Unreadable, one_by_one};
pub use self::framing::Malformed;
pub use self::inspection::inspect;
pub use self::payload::{Payload, PayloadProblem};
pub use self::rejection::{Reason, Rejection};

use self::framing::Unframed;
use self::openpgp::{DataSignature, Pool};

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
    pub stance: Stance,
}

/// When the signatures of a signer count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stance {
    /// What a signature by a key that has expired since is worth.
    pub expired_key: Past,
    /// What a signature by a key that was superseded or retired since is worth. One by a
    /// compromised key is worth nothing.
    pub revoked_key: Past,
    /// Whether certificates may vouch for their own keys by SHA-1. Signatures on images never may.
    pub sha1_self_signatures: bool,
    /// The first moment of signing that counts.
    pub signed_from: Option<UtcDateTime>,
    /// The first moment of signing that no longer counts.
    pub signed_until: Option<UtcDateTime>,
}

/// What a key's past signatures are worth once the key is no longer good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Past {
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

/// The proof that trusted signers vouched for a payload. Only [`Keyring::verify`] makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedSignature {
    signers: Vec<String>,
    fingerprint: String,
    key: String,
    created: UtcDateTime,
    expires: Option<UtcDateTime>,
    payload: Payload,
}

impl VerifiedSignature {
    /// The signers who vouch, in the order of the settings; at least one. Several only where
    /// several list the same certificate.
    #[must_use]
    pub fn signers(&self) -> &[String] {
        &self.signers
    }

    /// The fingerprint of the primary key, 40 upper-case hexadecimal digits: who it was.
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// The fingerprint of the key that signed: the primary key or one of its subkeys.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// When the signature says it was made.
    #[must_use]
    pub fn created(&self) -> UtcDateTime {
        self.created
    }

    /// When the certificate or the signing key expires, whichever is first. In the past only where
    /// the signer's stance lets older signatures count.
    #[must_use]
    pub fn expires(&self) -> Option<UtcDateTime> {
        self.expires
    }

    /// What they vouched for.
    #[must_use]
    pub fn payload(&self) -> &Payload {
        &self.payload
    }
}

/// The signers of one request.
///
/// Making one costs nothing. The certificates are taken apart when the first signature is verified,
/// and each is read when a signature first names one of its keys.
#[derive(Debug)]
pub struct Keyring<'a> {
    signers: &'a [Signer<'a>],
    limits: Limits,
    now: UtcDateTime,
    pool: OnceCell<Pool<'a>>,
}

impl<'a> Keyring<'a> {
    /// The signers, and the moment at which their keys must be valid.
    #[must_use]
    pub fn new(signers: &'a [Signer<'a>], limits: Limits, now: UtcDateTime) -> Self {
        Self { signers, limits, now, pool: OnceCell::new() }
    }

    /// Verifies one signature blob.
    ///
    /// Whether the digest and the name in its payload are those of an image is another question.
    pub fn verify(&self, blob: &[u8]) -> Result<VerifiedSignature, Rejection> {
        let message = open(blob, &self.limits).map_err(Rejection::new)?;
        let signature = DataSignature::read(&message).map_err(Rejection::new)?;
        let pool = self.pool.get_or_init(|| Pool::new(self.signers));
        let vouched = pool.judge(&signature, &message.literal.data, self.now)?;
        let payload = payload::parse(&message.literal.data).map_err(|problem| {
            let signer = vouched.signers.first().cloned();
            Rejection { reason: Reason::Payload(problem), signer }
        })?;
        Ok(VerifiedSignature {
            signers: vouched.signers,
            fingerprint: vouched.fingerprint,
            key: vouched.key,
            created: vouched.created,
            expires: vouched.expires,
            payload,
        })
    }
}

fn open(blob: &[u8], limits: &Limits) -> Result<framing::Message, Reason> {
    if blob.len() > limits.signature_bytes {
        return Err(Reason::TooLarge { bytes: blob.len(), limit: limits.signature_bytes });
    }
    framing::open(blob, limits).map_err(|unframed| match unframed {
        Unframed::Malformed(malformed) => Reason::Malformed(malformed),
        Unframed::PayloadTooLarge => Reason::PayloadTooLarge { limit: limits.payload_bytes },
    })
}

/// What a signer's certificate is worth, for whoever writes the settings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CertificateInfo {
    /// The fingerprint of the primary key.
    pub fingerprint: String,
    /// Its user ids.
    pub user_ids: Vec<String>,
    /// The fingerprints of the keys that may sign images.
    pub signing_keys: Vec<String>,
    /// When the certificate expires.
    pub expires: Option<UtcDateTime>,
    /// What will keep it from counting, now or in part, and may well be meant.
    pub notes: Vec<Note>,
}

/// Something about a certificate that time or its owner brought about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// It, or this key of it, has expired.
    Expired {
        /// The key.
        key: String,
        /// When.
        expired: UtcDateTime,
        /// Whether older signatures still count.
        past: Past,
    },
    /// It, or this key of it, was superseded or retired.
    Revoked {
        /// The key.
        key: String,
        /// When.
        revoked: UtcDateTime,
        /// Whether older signatures still count.
        past: Past,
    },
    /// It, or this key of it, is compromised, and never counts.
    Compromised {
        /// The key.
        key: String,
        /// When it was revoked.
        revoked: UtcDateTime,
    },
    /// Its self-signatures have expired or its user ids were revoked: it no longer vouches for itself.
    Stale,
    /// It is not valid yet.
    NotYetValid {
        /// When it was, or will be, made.
        created: UtcDateTime,
    },
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let since = |f: &mut fmt::Formatter<'_>, past| match past {
            Past::Deny => write!(f, ", and its signatures no longer count"),
            Past::AllowSignedBefore => write!(f, ", and only its older signatures count"),
        };
        match self {
            Self::Expired { key, expired, past } => {
                write!(f, "key {key} expired on {}", expired.date())?;
                since(f, *past)
            }
            Self::Revoked { key, revoked, past } => {
                write!(f, "key {key} was revoked on {}", revoked.date())?;
                since(f, *past)
            }
            Self::Compromised { key, revoked } => write!(
                f,
                "key {key} was revoked on {} as compromised or without a reason, and its signatures never count",
                revoked.date()
            ),
            Self::Stale => write!(
                f,
                "the certificate no longer vouches for itself: its self-signatures have expired, or its user ids were revoked"
            ),
            Self::NotYetValid { created } => {
                write!(f, "the certificate is not valid before {}", created.date())
            }
        }
    }
}

/// Why a certificate, or all of a signer's text, can never vouch for anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateProblem {
    /// The fingerprint of the certificate, where there is one to name.
    pub fingerprint: Option<String>,
    /// What is wrong.
    pub fault: Fault,
}

/// What makes a certificate useless.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The text cannot be read as certificates.
    Unreadable(Unreadable),
    /// A version of key other than 4.
    Version(u8),
    /// The reader of certificates refuses it, and says this.
    Malformed(String),
    /// It vouches for its keys by SHA-1 only, and the stance does not allow that.
    Sha1SelfSignature,
    /// It does not vouch for its own primary key: what the reader says.
    NotBound(String),
    /// The key is too short, or of an algorithm that is not supported: what it is.
    WeakKey(String),
    /// None of its keys may sign images: for each key, why not.
    NoSigningKey(Vec<Reason>),
}

impl fmt::Display for CertificateProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(fingerprint) = &self.fingerprint {
            write!(f, "certificate {fingerprint} ")?;
        }
        match &self.fault {
            Fault::Unreadable(why) => why.fmt(f),
            Fault::Version(version) => write!(f, "has a key of version {version}, not 4"),
            Fault::Malformed(detail) => write!(f, "cannot be read: {}", quote(detail)),
            Fault::Sha1SelfSignature => write!(
                f,
                "vouches for its key by SHA-1 only: get a newer edition, or set `sha1SelfSignatures: true`"
            ),
            Fault::NotBound(detail) => {
                write!(f, "does not vouch for its own key: {}", quote(detail))
            }
            Fault::WeakKey(algorithm) => {
                write!(f, "has a primary key of {algorithm}, which is too weak or not supported")
            }
            Fault::NoSigningKey(reasons) => {
                write!(f, "has no key that may sign")?;
                for (i, reason) in reasons.iter().enumerate() {
                    write!(f, "{}{reason}", if i == 0 { ": " } else { ", " })?;
                }
                Ok(())
            }
        }
    }
}

/// Reads all certificates of a signer, so that a mistake is found before a signature needs them.
///
/// What time brings about, an expired or revoked key, is a [`Note`]: a policy that worked must not
/// stop loading.
pub fn check_certificates(
    signer: &Signer<'_>,
    now: UtcDateTime,
) -> Result<Vec<CertificateInfo>, Vec<CertificateProblem>> {
    openpgp::check(signer, now)
}

#[cfg(test)]
mod tests {
    use time::macros::utc_datetime;

    use super::*;

    #[test]
    fn a_note_tells_what_becomes_of_signatures() {
        let then = utc_datetime!(2026-05-01 12:00);
        let key = || "AB".to_owned();
        for (note, expected) in [
            (
                Note::Expired { key: key(), expired: then, past: Past::Deny },
                "key AB expired on 2026-05-01, and its signatures no longer count",
            ),
            (
                Note::Revoked { key: key(), revoked: then, past: Past::AllowSignedBefore },
                "key AB was revoked on 2026-05-01, and only its older signatures count",
            ),
            (
                Note::Compromised { key: key(), revoked: then },
                "key AB was revoked on 2026-05-01 as compromised or without a reason, and its signatures never count",
            ),
            (
                Note::Stale,
                "the certificate no longer vouches for itself: its self-signatures have expired, or its user ids were revoked",
            ),
            (Note::NotYetValid { created: then }, "the certificate is not valid before 2026-05-01"),
        ] {
            assert_eq!(note.to_string(), expected);
        }
    }
}
