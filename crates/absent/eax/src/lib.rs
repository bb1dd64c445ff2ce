//! No EAX, in the place of the crate `eax`.
//!
//! Nothing here encrypts or decrypts, but what Sequoia keeps secret keys in could do it with any mode,
//! so the linker would keep them all. Here are the names that Sequoia calls. Sequoia brings a nonce of 16
//! octets into the form that [`online::Eax::with_key_and_nonce`] takes, and gives an error where it has
//! not its length: no nonce has, so there is never a value of [`online::Eax`].

/// Data as it comes.
pub mod online {
    use std::convert::Infallible;
    use std::marker::PhantomData;

    use cipher::generic_array::{ArrayLength, GenericArray};
    use cipher::typenum::{U16, U255};
    use cipher::{Key, KeyInit};

    /// As long as no nonce is.
    pub type Nonce = GenericArray<u8, U255>;

    /// Encrypting or decrypting.
    pub trait CipherOp {}

    /// Encrypting.
    #[derive(Clone, Copy, Debug)]
    pub struct Encrypt;
    impl CipherOp for Encrypt {}

    /// Decrypting.
    #[derive(Clone, Copy, Debug)]
    pub struct Decrypt;
    impl CipherOp for Decrypt {}

    /// There are none.
    #[derive(Debug)]
    pub struct Eax<Cipher, Op, Tag = U16>(Infallible, PhantomData<(Cipher, Op, Tag)>);

    impl<Cipher: KeyInit, Op: CipherOp, Tag: ArrayLength<u8>> Eax<Cipher, Op, Tag> {
        /// Makes none.
        ///
        /// # Panics
        /// Always, but nothing has a nonce to call it with.
        #[must_use]
        #[expect(clippy::panic, reason = "nothing has a nonce to call it with")]
        pub fn with_key_and_nonce(_: &Key<Cipher>, _: &Nonce) -> Self {
            panic!("there is no EAX here")
        }

        /// Takes associated data.
        pub fn update_assoc(&mut self, _: &[u8]) {
            match self.0 {}
        }

        /// The tag so far.
        #[must_use]
        pub fn tag_clone(&self) -> GenericArray<u8, Tag> {
            match self.0 {}
        }
    }

    impl<Cipher, Tag> Eax<Cipher, Encrypt, Tag> {
        /// Encrypts in place.
        pub fn encrypt(&mut self, _: &mut [u8]) {
            match self.0 {}
        }
    }

    impl<Cipher, Tag> Eax<Cipher, Decrypt, Tag> {
        /// Decrypts in place.
        pub fn decrypt_unauthenticated_hazmat(&mut self, _: &mut [u8]) {
            match self.0 {}
        }
    }
}
