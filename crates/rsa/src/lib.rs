//! RSA for verification alone, in the place of the crate `rsa`.
//!
//! Sequoia, which decides everything about OpenPGP, leaves the arithmetic of RSA to that crate. There it
//! has digits of 64 bits, whose products WebAssembly has no instruction for, and prepares for exponents
//! that are long and secret: a verification took the module 9 ms. `[patch.crates-io]` in the workspace's
//! `Cargo.toml` puts this one there instead.
//!
//! It has the names that Sequoia calls, and none that this project has no use for: [`RsaPrivateKey`] has
//! no values, so what would need one cannot be reached. Numbers are `num-bigint-dig`'s, as they were.
//! What is computed is public, so time says nothing to anybody.

mod montgomery;
mod padding;
mod public;
#[cfg(test)]
#[expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test may fail by panicking")]
mod tests;

use std::convert::Infallible;
use std::fmt;

use num_bigint::BigUint;

pub use padding::{Pkcs1v15Encrypt, Pkcs1v15Sign};
pub use public::RsaPublicKey;

/// Why something is not done.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Error {
    /// A modulus or an exponent that no RSA key has, or that is larger than is computed with.
    Key,
    /// The digest has not the length of its algorithm.
    Digest,
    /// The signature is not one by this key.
    Verification,
    /// It needs a private key, or is not verification.
    Unsupported,
}

/// What can be done, or why not.
pub type Result<T> = std::result::Result<T, Error>;

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Key => "not an RSA key that is computed with",
            Self::Digest => "the digest has a wrong length",
            Self::Verification => "the signature does not verify",
            Self::Unsupported => "only verification is supported",
        })
    }
}

impl std::error::Error for Error {}

/// Sources of randomness, of which verification needs none.
pub mod rand_core {
    /// The operating system's.
    #[derive(Clone, Copy, Debug)]
    pub struct OsRng;
}

/// The parts of keys.
pub mod traits {
    use super::BigUint;

    /// Modulus and exponent.
    pub trait PublicKeyParts {
        /// The modulus.
        fn n(&self) -> &BigUint;
        /// The public exponent.
        fn e(&self) -> &BigUint;
        /// Octets of the modulus.
        fn size(&self) -> usize {
            self.n().bits().div_ceil(8)
        }
    }

    /// What is secret.
    pub trait PrivateKeyParts {
        /// The private exponent.
        fn d(&self) -> &BigUint;
        /// The factors of the modulus.
        fn primes(&self) -> &[BigUint];
    }
}

/// There are none.
#[derive(Clone, Copy, Debug)]
pub struct RsaPrivateKey(Infallible);

impl RsaPrivateKey {
    /// Makes no key.
    ///
    /// # Errors
    /// Always.
    pub fn new(_: &mut rand_core::OsRng, _: usize) -> Result<Self> {
        Err(Error::Unsupported)
    }

    /// Takes no key.
    ///
    /// # Errors
    /// Always.
    pub fn from_components(_: BigUint, _: BigUint, _: BigUint, _: Vec<BigUint>) -> Result<Self> {
        Err(Error::Unsupported)
    }

    /// Signs with it.
    ///
    /// # Errors
    /// None: there is no key.
    pub fn sign(&self, _: Pkcs1v15Sign, _: &[u8]) -> Result<Vec<u8>> {
        match self.0 {}
    }

    /// Decrypts with it.
    ///
    /// # Errors
    /// None: there is no key.
    pub fn decrypt(&self, _: Pkcs1v15Encrypt, _: &[u8]) -> Result<Vec<u8>> {
        match self.0 {}
    }

    /// Its public half.
    #[must_use]
    pub fn to_public_key(&self) -> RsaPublicKey {
        match self.0 {}
    }
}

impl traits::PrivateKeyParts for RsaPrivateKey {
    fn d(&self) -> &BigUint {
        match self.0 {}
    }

    fn primes(&self) -> &[BigUint] {
        match self.0 {}
    }
}
