//! Each signature that a request introduces, verified once: rules compare what is proven here.

use crate::changes::ChangedSignature;
use crate::signature::stored::{self, Outcome, VerificationError};
use crate::signature::{Keyring, VerifiedSignature};

/// A signature that the request introduces, and what its verification led to.
#[derive(Debug)]
pub struct ExaminedSignature<'r> {
    /// The signature.
    pub introduced: &'r ChangedSignature<'r>,
    /// What the verification led to.
    pub outcome: Outcome,
}

impl ExaminedSignature<'_> {
    /// Returns the verified signature, if it is for this very image.
    #[must_use]
    pub fn proof(&self) -> Option<&VerifiedSignature> {
        self.outcome
            .as_ref()
            .ok()
            .filter(|verified| Some(verified.payload().digest.as_str()) == self.introduced.image)
    }
}

/// Verifies signatures, as many as one image may have.
#[must_use]
pub fn examine<'r>(
    signatures: &'r [ChangedSignature<'r>],
    keyring: &Keyring<'_>,
    limit: usize,
) -> Vec<ExaminedSignature<'r>> {
    let examine = |(index, introduced): (usize, &'r ChangedSignature<'r>)| {
        let outcome = match index.checked_sub(limit) {
            None => {
                let signature = introduced.signature;
                stored::verify(signature.type_.as_str(), signature.content.as_str(), keyring)
            }
            Some(beyond) => Err(VerificationError::TooMany { limit, first: beyond == 0 }),
        };
        ExaminedSignature { introduced, outcome }
    };
    signatures.iter().enumerate().map(examine).collect()
}
