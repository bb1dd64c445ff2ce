//! Each signature that a request introduces, examined once: rules compare what is proven here.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::api::image_signature::ImageSignature;
use crate::changes::IntroducedSignature;
use crate::signature::{Keyring, Rejection, Signer, VerifiedSignature};

/// The types under which simple signatures are stored: by OpenShift's own controller, and by
/// skopeo and podman (openshift/api `image/v1/consts.go`; containers/image
/// `openshift/openshift.go`).
pub const TYPES: [&str; 2] = ["AtomicImageV1", "atomic"];

/// A signature with what examining it brought.
#[derive(Debug)]
pub struct ExaminedSignature<'r> {
    /// The signature.
    pub introduced: &'r IntroducedSignature<'r>,
    /// What came out.
    pub outcome: Outcome,
}

/// What examining a signature brings.
pub type Outcome = Result<VerifiedSignature, Unproven>;

/// Why nothing is proven.
#[derive(Debug)]
pub enum Unproven {
    /// Not of a type that holds simple signatures.
    Type,
    /// Not base64.
    Base64,
    /// Refused by the verification.
    Rejected(Rejection),
    /// Beyond the number that one image may have.
    TooMany {
        /// That number.
        limit: usize,
        /// Whether it is the first of them.
        first: bool,
    },
    /// Beyond the number of stored images' signatures that are verified in one request.
    Spent {
        /// That number.
        limit: usize,
    },
}

impl Unproven {
    /// How far it came, for telling the most of several: more than any of a wrong type.
    #[must_use]
    pub fn rank(&self) -> u8 {
        match self {
            Self::TooMany { .. } | Self::Spent { .. } | Self::Type | Self::Base64 => 0,
            Self::Rejected(rejection) => rejection.rank(),
        }
    }
}

impl fmt::Display for Unproven {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Type => f.write_str("its type is neither `AtomicImageV1` nor `atomic`"),
            Self::Base64 => f.write_str("it is not base64"),
            Self::Rejected(rejection) => rejection.fmt(f),
            Self::TooMany { limit, .. } => {
                write!(f, "not checked: at most {limit} per image (`limits.signaturesPerImage`)")
            }
            Self::Spent { limit } => {
                write!(f, "not checked: at most {limit} signatures of stored images per request")
            }
        }
    }
}

impl ExaminedSignature<'_> {
    /// The proof that a signer vouches for this very image, where there is one.
    #[must_use]
    pub fn proof(&self) -> Option<&VerifiedSignature> {
        self.outcome.as_ref().ok().filter(|verified| verified.payload().digest == self.introduced.image)
    }
}

/// Examines signatures, as many as one image may have.
#[must_use]
pub fn examine<'r>(
    signatures: &'r [IntroducedSignature<'r>],
    keyring: &Keyring<'_>,
    limit: usize,
) -> Vec<ExaminedSignature<'r>> {
    let examine = |(index, introduced): (usize, &'r IntroducedSignature<'r>)| {
        let outcome = match index.checked_sub(limit) {
            None => verify(introduced.signature, keyring),
            Some(beyond) => Err(Unproven::TooMany { limit, first: beyond == 0 }),
        };
        ExaminedSignature { introduced, outcome }
    };
    signatures.iter().enumerate().map(examine).collect()
}

/// Examines one signature.
///
/// # Errors
/// Nothing is proven.
pub fn verify(signature: &ImageSignature<'_>, keyring: &Keyring<'_>) -> Outcome {
    if !TYPES.contains(&signature.type_.as_str()) {
        return Err(Unproven::Type);
    }
    let blob = STANDARD.decode(signature.content.as_str()).map_err(|_| Unproven::Base64)?;
    keyring.verify(&blob).map_err(Unproven::Rejected)
}

/// A signer of the settings, as the verification takes one.
#[must_use]
pub fn signer(signer: &crate::settings::trust::Signer) -> Signer<'_> {
    use crate::settings::trust::Stance;
    use crate::signature::Past;
    let past = |stance: Stance| match stance {
        Stance::Deny => Past::Deny,
        Stance::AllowSignedBefore => Past::AllowSignedBefore,
    };
    Signer {
        name: &signer.name,
        openpgp: &signer.openpgp,
        stance: crate::signature::Stance {
            expired_key: past(signer.expired_key),
            revoked_key: past(signer.revoked_key),
            sha1_self_signatures: signer.sha1_self_signatures,
            signed_from: signer.signed_from,
            signed_until: signer.signed_until,
        },
    }
}
