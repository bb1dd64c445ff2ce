//! The signatures that the cluster stores with an image: an envelope around what the keyring verifies.

use std::cell::OnceCell;
use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::signature::cost::Cost;
use crate::signature::keyring::{Keyring, OpenedSignature, VerifiedSignature};
use crate::signature::rejection::Rejection;

/// The types under which simple signatures are stored: by OpenShift's own controller, and by
/// skopeo and podman (openshift/api `image/v1/consts.go`; containers/image
/// `openshift/openshift.go`).
pub const TYPES: [&str; 2] = ["AtomicImageV1", "atomic"];

/// What the verification of a stored signature leads to.
pub type Outcome = Result<VerifiedSignature, VerificationError>;

/// Why a stored signature proves nothing.
#[derive(Debug)]
pub enum VerificationError {
    /// Not of a type that holds simple signatures.
    Type,
    /// Not base64.
    Base64,
    /// Rejected by the verification.
    Rejected(Rejection),
    /// Beyond the number that one image may have.
    TooMany {
        /// That number.
        limit: usize,
        /// Whether it is the first of them.
        first: bool,
    },
    /// Beyond what one request has time for.
    Spent,
}

impl VerificationError {
    /// Returns how far the verification came: of several errors the one that came furthest says the most.
    #[must_use]
    pub fn rank(&self) -> u8 {
        match self {
            Self::TooMany { .. } | Self::Spent | Self::Type | Self::Base64 => 0,
            Self::Rejected(rejection) => rejection.rank(),
        }
    }
}

impl fmt::Display for VerificationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Type => f.write_str("its type is neither `AtomicImageV1` nor `atomic`"),
            Self::Base64 => f.write_str("it is not base64"),
            Self::Rejected(rejection) => rejection.fmt(f),
            Self::TooMany { limit, .. } => {
                write!(f, "not checked: at most {limit} per image (`limits.signaturesPerImage`)")
            }
            Self::Spent => f.write_str("not checked: the signatures before it take the time of one request"),
        }
    }
}

/// Verifies a stored signature, of the type and with the base64 content that its object has.
///
/// # Errors
/// Why it proves nothing.
pub fn verify(type_: &str, content: &str, keyring: &Keyring<'_>) -> Outcome {
    judge(&open(type_, content, keyring)?, keyring)
}

fn judge(opened: &OpenedSignature, keyring: &Keyring<'_>) -> Outcome {
    if !keyring.affords(opened) {
        return Err(VerificationError::Spent);
    }
    keyring.verify_opened(opened).map_err(VerificationError::Rejected)
}

fn open(type_: &str, content: &str, keyring: &Keyring<'_>) -> Result<OpenedSignature, VerificationError> {
    if !TYPES.contains(&type_) {
        return Err(VerificationError::Type);
    }
    let blob = STANDARD.decode(content).map_err(|_| VerificationError::Base64)?;
    keyring.open(&blob).map_err(VerificationError::Rejected)
}

/// A stored signature that is verified when somebody asks what it proves, once.
#[derive(Debug)]
pub struct StoredSignature {
    /// None where nothing is left to verify.
    opened: Option<OpenedSignature>,
    outcome: OnceCell<Outcome>,
}

impl StoredSignature {
    /// Reads one, of the type and with the base64 content that its object has.
    #[must_use]
    pub fn open(type_: &str, content: &str, keyring: &Keyring<'_>) -> Self {
        match open(type_, content, keyring) {
            Ok(opened) => Self { opened: Some(opened), outcome: OnceCell::new() },
            Err(error) => Self::unread(error),
        }
    }

    /// One that is left unread for a reason.
    #[must_use]
    pub fn unread(reason: VerificationError) -> Self {
        Self { opened: None, outcome: OnceCell::from(Err(reason)) }
    }

    /// What it takes to tell what it proves; nothing where that is known.
    #[must_use]
    pub fn cost(&self) -> Option<Cost> {
        self.opened.as_ref().filter(|_| self.outcome.get().is_none()).map(OpenedSignature::cost)
    }

    /// What it proves to a keyring, the same with which it was read.
    pub fn outcome(&self, keyring: &Keyring<'_>) -> &Outcome {
        self.outcome.get_or_init(|| match &self.opened {
            Some(opened) => judge(opened, keyring),
            // One without either is not made.
            None => Err(VerificationError::Type),
        })
    }
}
