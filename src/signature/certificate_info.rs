//! What is told of certificates, to whoever writes the settings.

use std::fmt;

use time::UtcDateTime;

use crate::quote::quote;
use crate::signature::certificates::UnreadableKeyText;
use crate::signature::rejection::Reason;
use crate::signature::signer::EndedKey;
use crate::signature::signing_key::SigningKey;

/// What a signer's certificate is worth, for whoever writes the settings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CertificateInfo {
    /// The fingerprint of the primary key.
    pub fingerprint: String,
    /// Its user ids.
    pub user_ids: Vec<String>,
    /// The keys that may sign images.
    pub signing_keys: Vec<SigningKey>,
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
        past: EndedKey,
    },
    /// It, or this key of it, was superseded or retired.
    Revoked {
        /// The key.
        key: String,
        /// When.
        revoked: UtcDateTime,
        /// Whether older signatures still count.
        past: EndedKey,
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
            EndedKey::Deny => write!(f, ", and its signatures no longer count"),
            EndedKey::AllowSignedBefore => write!(f, ", and only its older signatures count"),
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
                "the certificate has no valid self-signature: they have expired, or its user ids were revoked"
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
    Unreadable(UnreadableKeyText),
    /// A version of key other than 4 and 6.
    Version(u8),
    /// The reader of certificates refuses it, and says this.
    Malformed(String),
    /// It vouches for its keys by SHA-1 only, and the key policy does not allow that.
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
            Fault::Version(version) => write!(f, "is of OpenPGP version {version}, which is not supported"),
            Fault::Malformed(detail) => write!(f, "cannot be read: {}", quote(detail)),
            Fault::Sha1SelfSignature => write!(
                f,
                "certifies its key with SHA-1 only: get a newer edition, or set `sha1SelfSignatures: true`"
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

/// The certificates of a signer, of whom at least one can count.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CheckedCertificates {
    /// What can count, now or by the signer's key policy.
    pub usable: Vec<CertificateInfo>,
    /// What never can, and why: distributions ship key files with old keys beside the new.
    pub left_out: Vec<CertificateProblem>,
}

impl Fault {
    /// Whether it is the certificate's nature, so that others in the same text count without it. What
    /// a newer copy, another setting or an undamaged text would mend is for its user to mend.
    pub(super) fn is_for_good(&self) -> bool {
        matches!(self, Self::Version(_) | Self::WeakKey(_) | Self::NoSigningKey(_))
    }
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
                Note::Expired { key: key(), expired: then, past: EndedKey::Deny },
                "key AB expired on 2026-05-01, and its signatures no longer count",
            ),
            (
                Note::Revoked { key: key(), revoked: then, past: EndedKey::AllowSignedBefore },
                "key AB was revoked on 2026-05-01, and only its older signatures count",
            ),
            (
                Note::Compromised { key: key(), revoked: then },
                "key AB was revoked on 2026-05-01 as compromised or without a reason, and its signatures never count",
            ),
            (
                Note::Stale,
                "the certificate has no valid self-signature: they have expired, or its user ids were revoked",
            ),
            (Note::NotYetValid { created: then }, "the certificate is not valid before 2026-05-01"),
        ] {
            assert_eq!(note.to_string(), expected);
        }
    }
}
