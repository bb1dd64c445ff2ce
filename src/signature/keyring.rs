//! One signature blob against all signers: the steps of the verification, in their order.

use std::cell::{Cell, OnceCell};

use time::UtcDateTime;

use crate::signature::cost::Cost;
use crate::signature::framing::{self, Unframed};
use crate::signature::openpgp::{CertStore, DataSignature};
use crate::signature::payload::{self, Payload};
use crate::signature::rejection::{Reason, Rejection};
use crate::signature::signer::{Limits, Signer};
use crate::signature::signing_key::SigningKey;

/// The proof that trusted signers vouched for a payload. Only a [`Keyring`] makes one, of what it has verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedSignature {
    signers: Vec<String>,
    fingerprint: String,
    key: SigningKey,
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

    /// The fingerprint of the primary key, 40 upper-case hexadecimal digits, or 64 of a key of
    /// version 6: who it was.
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// The fingerprint of the key that signed: the primary key or one of its subkeys.
    #[must_use]
    pub fn key(&self) -> &str {
        self.key.fingerprint()
    }

    /// Whether the key that signed is a post-quantum one.
    #[must_use]
    pub fn is_post_quantum(&self) -> bool {
        self.key.is_post_quantum()
    }

    /// Whether whoever made one signature could have made the other.
    #[must_use]
    pub fn shares_key_with(&self, other: &Self) -> bool {
        self.key.shares_material_with(&other.key)
    }

    /// When the signature says it was made.
    #[must_use]
    pub fn created(&self) -> UtcDateTime {
        self.created
    }

    /// When the certificate or the signing key expires, whichever is first. In the past only where
    /// the signer's key policy lets older signatures count.
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
    store: OnceCell<CertStore<'a>>,
    /// What is left of [`EFFORT`].
    effort_left: Cell<u32>,
}

/// What the signatures that are verified for one request may take, in milliseconds of WebAssembly: of the two
/// seconds that a request has, reading it and all else may take one.
const EFFORT: u32 = 800;

impl<'a> Keyring<'a> {
    /// The signers, and the moment at which their keys must be valid.
    #[must_use]
    pub fn new(signers: &'a [Signer<'a>], limits: Limits, now: UtcDateTime) -> Self {
        Self { signers, limits, now, store: OnceCell::new(), effort_left: Cell::new(EFFORT) }
    }

    /// Verifies one signature blob.
    ///
    /// Whether the digest and the name in its payload are those of an image is another question.
    pub fn verify(&self, blob: &[u8]) -> Result<VerifiedSignature, Rejection> {
        self.verify_opened(&self.open(blob)?)
    }

    /// Reads a signature blob without verifying anything.
    ///
    /// # Errors
    /// It is not one signed message, or of a form that never counts.
    pub fn open(&self, blob: &[u8]) -> Result<OpenedSignature, Rejection> {
        let message = open(blob, &self.limits).map_err(Rejection::new)?;
        let signature = DataSignature::read(&message).map_err(Rejection::new)?;
        Ok(OpenedSignature { signature, data: message.literal.data })
    }

    /// Whether there is time to verify a signature that was read, which then is no longer left for others.
    #[must_use]
    pub fn affords(&self, opened: &OpenedSignature) -> bool {
        let effort = self.store().effort(&opened.signature);
        let left = self.effort_left.get().checked_sub(effort);
        self.effort_left.set(left.unwrap_or_else(|| self.effort_left.get()));
        left.is_some()
    }

    fn store(&self) -> &CertStore<'a> {
        self.store.get_or_init(|| CertStore::new(self.signers))
    }

    /// Verifies a signature that was read, as [`Self::verify`] does.
    ///
    /// # Errors
    /// Nobody whom the settings know vouches by it.
    pub fn verify_opened(&self, opened: &OpenedSignature) -> Result<VerifiedSignature, Rejection> {
        let vouched = self.store().judge(&opened.signature, &opened.data, self.now)?;
        let payload = payload::parse(&opened.data).map_err(|problem| {
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

/// A signature that was read and not yet verified, so that of several the cheapest can come first.
#[derive(Debug)]
pub struct OpenedSignature {
    signature: DataSignature,
    data: Vec<u8>,
}

impl OpenedSignature {
    /// What verifying it takes, by its algorithm.
    #[must_use]
    pub fn cost(&self) -> Cost {
        self.signature.cost()
    }
}

pub(super) fn open(blob: &[u8], limits: &Limits) -> Result<framing::Message, Reason> {
    if blob.len() > limits.signature_bytes {
        return Err(Reason::TooLarge { bytes: blob.len(), limit: limits.signature_bytes });
    }
    framing::open(blob, limits).map_err(|unframed| match unframed {
        Unframed::Malformed(malformed) => Reason::Malformed(malformed),
        Unframed::Version(version) => Reason::Version(version),
        Unframed::PayloadTooLarge => Reason::PayloadTooLarge { limit: limits.payload_bytes },
    })
}
