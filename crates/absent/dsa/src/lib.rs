//! No DSA, in the place of the crate `dsa`.
//!
//! The policy accepts no such key, but says so at run time, so the linker would keep the algorithm. Here
//! are the names that Sequoia calls. There are no parameters, so there are no keys, and no signature
//! verifies.

use std::convert::Infallible;

use num_bigint::BigUint;
pub use signature;
use signature::hazmat::{PrehashSigner, PrehashVerifier};
use signature::rand_core::CryptoRngCore;
use signature::{Error, Result};

/// How large a key is.
#[derive(Clone, Copy, Debug)]
pub struct KeySize(());

impl KeySize {
    /// 1024 bits.
    pub const DSA_1024_160: Self = Self(());
    /// 2048 bits.
    pub const DSA_2048_256: Self = Self(());
    /// 3072 bits.
    pub const DSA_3072_256: Self = Self(());
}

/// Parameters of keys. There are none.
#[derive(Clone, Debug)]
pub struct Components(Infallible);

impl Components {
    /// Makes none.
    ///
    /// # Errors
    /// Always.
    pub fn from_components(_: BigUint, _: BigUint, _: BigUint) -> Result<Self> {
        Err(Error::new())
    }

    /// Makes none.
    ///
    /// # Panics
    /// Always.
    #[expect(clippy::panic, reason = "there is no error to give, and nothing that calls it")]
    pub fn generate(_: &mut impl CryptoRngCore, _: KeySize) -> Self {
        panic!("there is no DSA here")
    }

    /// The prime p.
    #[must_use]
    pub fn p(&self) -> &BigUint {
        match self.0 {}
    }

    /// The prime q.
    #[must_use]
    pub fn q(&self) -> &BigUint {
        match self.0 {}
    }

    /// The generator.
    #[must_use]
    pub fn g(&self) -> &BigUint {
        match self.0 {}
    }
}

/// A public key. There are none.
#[derive(Clone, Debug)]
pub struct VerifyingKey(Infallible);

impl VerifyingKey {
    /// Makes none.
    ///
    /// # Errors
    /// Always, if there were parameters to call it with.
    pub fn from_components(components: Components, _: BigUint) -> Result<Self> {
        match components.0 {}
    }

    /// The public number.
    #[must_use]
    pub fn y(&self) -> &BigUint {
        match self.0 {}
    }
}

impl PrehashVerifier<Signature> for VerifyingKey {
    fn verify_prehash(&self, _: &[u8], _: &Signature) -> Result<()> {
        match self.0 {}
    }
}

/// A secret key. There are none.
#[derive(Clone, Debug)]
pub struct SigningKey(Infallible);

impl SigningKey {
    /// Makes none.
    ///
    /// # Errors
    /// Always, if there were a public key to call it with.
    pub fn from_components(public: VerifyingKey, _: BigUint) -> Result<Self> {
        match public.0 {}
    }

    /// Makes none.
    pub fn generate(_: &mut impl CryptoRngCore, components: Components) -> Self {
        match components.0 {}
    }

    /// The public key.
    #[must_use]
    pub fn verifying_key(&self) -> &VerifyingKey {
        match self.0 {}
    }

    /// The secret number.
    #[must_use]
    pub fn x(&self) -> &BigUint {
        match self.0 {}
    }
}

impl PrehashSigner<Signature> for SigningKey {
    fn sign_prehash(&self, _: &[u8]) -> Result<Signature> {
        match self.0 {}
    }
}

/// A signature. There are none.
#[derive(Clone, Debug)]
pub struct Signature(Infallible);

impl Signature {
    /// Makes none.
    ///
    /// # Errors
    /// Always.
    pub fn from_components(_: BigUint, _: BigUint) -> Result<Self> {
        Err(Error::new())
    }

    /// The number r.
    #[must_use]
    pub fn r(&self) -> &BigUint {
        match self.0 {}
    }

    /// The number s.
    #[must_use]
    pub fn s(&self) -> &BigUint {
        match self.0 {}
    }
}

#[cfg(test)]
mod tests {
    use super::{BigUint, Components, Signature};

    #[test]
    fn there_are_no_keys_and_no_signatures() {
        let number = |value: u64| BigUint::from(value);
        for value in [0, 1, 23] {
            let components = Components::from_components(number(value), number(11), number(4));
            assert!(components.is_err());
            assert!(Signature::from_components(number(value), number(1)).is_err());
        }
    }
}
