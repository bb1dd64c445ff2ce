//! Public keys, and the operation with them: RSASSA-PKCS1-V1_5-VERIFY (RFC 8017, section 8.2.2).

use num_bigint::BigUint;

use crate::montgomery::{MODULUS_BITS, Modulus};
use crate::rand_core::OsRng;
use crate::traits::PublicKeyParts;
use crate::{Error, Pkcs1v15Encrypt, Pkcs1v15Sign, Result};

/// The longest exponent that is computed with, in bits.
const EXPONENT_BITS: usize = 33;

/// A public key.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RsaPublicKey {
    n: BigUint,
    e: BigUint,
}

impl RsaPublicKey {
    /// Takes modulus and exponent.
    ///
    /// # Errors
    /// They are too long, or even, or 1: no key has such.
    pub fn new(n: BigUint, e: BigUint) -> Result<Self> {
        let is_odd = |number: &BigUint| number.to_bytes_le().first().is_some_and(|octet| octet & 1 == 1);
        let fits = n.bits() <= MODULUS_BITS && e.bits() <= EXPONENT_BITS && e < n;
        let is_key = fits && is_odd(&n) && is_odd(&e) && e.bits() > 1;
        is_key.then_some(Self { n, e }).ok_or(Error::Key)
    }

    /// Verifies a signature over a digest.
    ///
    /// # Errors
    /// It is none by this key.
    pub fn verify(&self, scheme: Pkcs1v15Sign, digest: &[u8], signature: &[u8]) -> Result<()> {
        if digest.len() != scheme.digest_length {
            return Err(Error::Digest);
        }
        let number = BigUint::from_bytes_be(signature);
        if signature.len() != self.size() || number >= self.n {
            return Err(Error::Verification);
        }
        let expected = scheme.encode(digest, self.size()).ok_or(Error::Verification)?;
        // Both have the length of the modulus: the octets are equal where the numbers are.
        match self.raise(&number) == BigUint::from_bytes_be(&expected) {
            true => Ok(()),
            false => Err(Error::Verification),
        }
    }

    /// Encrypts nothing.
    ///
    /// # Errors
    /// Always.
    pub fn encrypt(&self, _: &mut OsRng, _: Pkcs1v15Encrypt, _: &[u8]) -> Result<Vec<u8>> {
        Err(Error::Unsupported)
    }

    /// A number below the modulus to the power of the exponent, modulo the modulus.
    pub(crate) fn raise(&self, number: &BigUint) -> BigUint {
        Modulus::new(&self.n).raise(number, &self.e)
    }
}

impl PublicKeyParts for RsaPublicKey {
    fn n(&self) -> &BigUint {
        &self.n
    }

    fn e(&self) -> &BigUint {
        &self.e
    }
}
