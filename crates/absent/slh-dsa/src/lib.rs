//! No SLH-DSA, in the place of the crate `slh-dsa`.
//!
//! The policy accepts no such key, but says so at run time, so the linker would keep the algorithm. Here
//! are the names that Sequoia calls. No signature verifies, and there are no keys to sign with.

use std::convert::Infallible;
use std::marker::PhantomData;

/// What Sequoia takes from the crate `signature`.
pub mod signature {
    /// Why something is not done.
    #[derive(Clone, Copy, Debug)]
    pub struct Error;

    /// What signs.
    pub trait Signer<S> {
        /// Signs a message.
        fn sign(&self, message: &[u8]) -> S;
    }

    /// What verifies.
    pub trait Verifier<S> {
        /// Verifies the signature of a message.
        ///
        /// # Errors
        /// The signature does not verify.
        fn verify(&self, message: &[u8], signature: &S) -> Result<(), Error>;
    }

    /// Sources of randomness.
    pub mod rand_core {
        /// The operating system's.
        #[derive(Clone, Copy, Debug)]
        pub struct OsRng;
    }
}

use signature::Error;

/// What a set of parameters makes long.
pub trait Parameters {
    /// A public key, as octets.
    type Public: for<'a> TryFrom<&'a [u8]>;
    /// A secret key, as octets.
    type Secret;
    /// A signature, as octets.
    type Signature: for<'a> TryFrom<&'a [u8]>;
}

macro_rules! parameters {
    ($($name:ident: $public:literal, $secret:literal, $signature:literal;)*) => {$(
        #[doc = concat!("SLH-DSA with ", stringify!($name), ".")]
        #[derive(Clone, Copy, Debug)]
        pub struct $name;

        impl Parameters for $name {
            type Public = [u8; $public];
            type Secret = [u8; $secret];
            type Signature = [u8; $signature];
        }
    )*};
}

// FIPS 205, table 2.
parameters! {
    Shake128s: 32, 64, 7856;
    Shake128f: 32, 64, 17088;
    Shake256s: 64, 128, 29792;
}

/// A public key, by which no signature verifies.
#[derive(Clone, Debug)]
pub struct VerifyingKey<P: Parameters>(P::Public);

impl<P: Parameters> TryFrom<&[u8]> for VerifyingKey<P> {
    type Error = Error;

    fn try_from(octets: &[u8]) -> Result<Self, Error> {
        octets.try_into().map(Self).map_err(|_| Error)
    }
}

impl<P: Parameters> VerifyingKey<P> {
    /// Its octets.
    pub fn to_bytes(&self) -> P::Public
    where
        P::Public: Clone,
    {
        self.0.clone()
    }
}

impl<P: Parameters> signature::Verifier<Signature<P>> for VerifyingKey<P> {
    fn verify(&self, _: &[u8], _: &Signature<P>) -> Result<(), Error> {
        Err(Error)
    }
}

/// A signature, which nothing is known of but its length.
#[derive(Clone, Copy, Debug)]
pub struct Signature<P>(PhantomData<P>);

impl<P: Parameters> TryFrom<&[u8]> for Signature<P> {
    type Error = Error;

    fn try_from(octets: &[u8]) -> Result<Self, Error> {
        if octets.len() == size_of::<P::Signature>() { Ok(Self(PhantomData)) } else { Err(Error) }
    }
}

/// A signature that was made here: there are none.
#[derive(Clone, Copy, Debug)]
pub struct Signed<P>(Infallible, PhantomData<P>);

impl<P: Parameters> Signed<P> {
    /// Its octets.
    pub fn to_bytes(&self) -> P::Signature {
        match self.0 {}
    }
}

/// There are none.
#[derive(Clone, Copy, Debug)]
pub struct SigningKey<P>(Infallible, PhantomData<P>);

impl<P: Parameters> SigningKey<P> {
    /// Makes no key.
    ///
    /// # Panics
    /// Always: Sequoia expects no error here. Nothing that reads keys or verifies signatures comes
    /// here.
    #[expect(clippy::panic, reason = "no key, no value: a wrong key would be worse")]
    pub fn new(_: &mut signature::rand_core::OsRng) -> Self {
        panic!("no keys of SLH-DSA are made here")
    }

    /// Its octets.
    pub fn to_bytes(&self) -> P::Secret {
        match self.0 {}
    }
}

impl<P: Parameters> AsRef<VerifyingKey<P>> for SigningKey<P> {
    fn as_ref(&self) -> &VerifyingKey<P> {
        match self.0 {}
    }
}

impl<P: Parameters> TryFrom<&[u8]> for SigningKey<P> {
    type Error = Error;

    fn try_from(_: &[u8]) -> Result<Self, Error> {
        Err(Error)
    }
}

impl<P: Parameters> signature::Signer<Signed<P>> for SigningKey<P> {
    fn sign(&self, _: &[u8]) -> Signed<P> {
        match self.0 {}
    }
}

#[cfg(test)]
mod tests {
    use super::signature::Verifier as _;
    use super::{Shake128s, Signature, SigningKey, VerifyingKey};

    #[test]
    fn nothing_verifies() {
        let key = VerifyingKey::<Shake128s>::try_from([1; 32].as_slice()).ok();
        let signature = Signature::<Shake128s>::try_from([1; 7856].as_slice()).ok();
        let verified = key.zip(signature).map(|(key, signature)| key.verify(b"text", &signature).is_ok());
        assert_eq!(verified, Some(false));
    }

    #[test]
    fn lengths_count() {
        assert!(VerifyingKey::<Shake128s>::try_from([1; 31].as_slice()).is_err());
        assert!(Signature::<Shake128s>::try_from([1; 7855].as_slice()).is_err());
    }

    #[test]
    fn there_are_no_keys_to_sign_with() {
        assert!(SigningKey::<Shake128s>::try_from([1; 64].as_slice()).is_err());
    }
}
