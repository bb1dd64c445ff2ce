//! No AES-GCM, in the place of the crate `aes-gcm`.
//!
//! Nothing here encrypts or decrypts, but what Sequoia keeps secret keys in could do it with any mode,
//! so the linker would keep them all. Here are the names that Sequoia calls. No key has the
//! length that [`AesGcm`] asks for, so there is never a value of it.

use std::convert::Infallible;
use std::marker::PhantomData;

use aead::consts::{U0, U16, U255};
use aead::generic_array::{ArrayLength, GenericArray};
pub use aead::{self, AeadCore, AeadInPlace, Error, Key, KeyInit, KeySizeUser};

/// A nonce, of so many octets.
pub type Nonce<Length> = GenericArray<u8, Length>;

/// There are none.
#[derive(Clone, Debug)]
pub struct AesGcm<Cipher, NonceSize, TagSize = U16>(Infallible, PhantomData<(Cipher, NonceSize, TagSize)>);

impl<Cipher, NonceSize, TagSize> KeySizeUser for AesGcm<Cipher, NonceSize, TagSize> {
    /// As long as no key is.
    type KeySize = U255;
}

impl<Cipher, NonceSize, TagSize> KeyInit for AesGcm<Cipher, NonceSize, TagSize> {
    /// Makes none.
    ///
    /// # Panics
    /// Always, but nothing has a key to call it with.
    #[expect(clippy::panic, reason = "nothing has a key to call it with")]
    fn new(_: &Key<Self>) -> Self {
        panic!("there is no AES-GCM here")
    }
}

impl<Cipher, NonceSize: ArrayLength<u8>, TagSize: ArrayLength<u8>> AeadCore
    for AesGcm<Cipher, NonceSize, TagSize>
{
    type NonceSize = NonceSize;
    type TagSize = TagSize;
    type CiphertextOverhead = U0;
}

impl<Cipher, NonceSize: ArrayLength<u8>, TagSize: ArrayLength<u8>> AeadInPlace
    for AesGcm<Cipher, NonceSize, TagSize>
{
    fn encrypt_in_place_detached(
        &self,
        _: &aead::Nonce<Self>,
        _: &[u8],
        _: &mut [u8],
    ) -> Result<aead::Tag<Self>, Error> {
        match self.0 {}
    }

    fn decrypt_in_place_detached(
        &self,
        _: &aead::Nonce<Self>,
        _: &[u8],
        _: &mut [u8],
        _: &aead::Tag<Self>,
    ) -> Result<(), Error> {
        match self.0 {}
    }
}

#[cfg(test)]
mod tests {
    use super::{AesGcm, KeyInit};
    use aead::consts::U12;

    #[test]
    fn no_key_fits() {
        assert!((0..255).all(|length| AesGcm::<(), U12>::new_from_slice(&vec![1; length]).is_err()));
    }
}
