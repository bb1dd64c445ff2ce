//! No cipher feedback, in the place of the crate `cfb-mode`.
//!
//! Nothing here encrypts or decrypts, but Sequoia can with any cipher in any mode, so the linker would keep
//! them all. Here are the names that Sequoia calls. It brings a key into the form that
//! [`KeyIvInit::new`] takes, and gives an error where it has not its length: no key has, so there is
//! never a value of [`Encryptor`] or [`Decryptor`].

use std::convert::Infallible;
use std::marker::PhantomData;

use cipher::consts::U255;
use cipher::{
    BlockClosure, BlockDecryptMut, BlockEncryptMut, BlockSizeUser, Iv, IvSizeUser, Key, KeyIvInit,
    KeySizeUser,
};

macro_rules! mode {
    ($(#[$what:meta])* $name:ident) => {
        $(#[$what])*
        #[derive(Debug)]
        pub struct $name<Cipher>(Infallible, PhantomData<Cipher>);

        impl<Cipher: BlockSizeUser> BlockSizeUser for $name<Cipher> {
            type BlockSize = Cipher::BlockSize;
        }

        impl<Cipher> KeySizeUser for $name<Cipher> {
            /// As long as no key is.
            type KeySize = U255;
        }

        impl<Cipher: BlockSizeUser> IvSizeUser for $name<Cipher> {
            type IvSize = Cipher::BlockSize;
        }

        impl<Cipher: BlockSizeUser> KeyIvInit for $name<Cipher> {
            /// Makes none.
            ///
            /// # Panics
            /// Always, but nothing has a key to call it with.
            fn new(_: &Key<Self>, _: &Iv<Self>) -> Self {
                panic!("there is no such mode here")
            }
        }
    };
}

mode! {
    /// There are none.
    Encryptor
}
mode! {
    /// There are none.
    Decryptor
}

impl<Cipher: BlockSizeUser> BlockEncryptMut for Encryptor<Cipher> {
    fn encrypt_with_backend_mut(&mut self, _: impl BlockClosure<BlockSize = Self::BlockSize>) {
        match self.0 {}
    }
}

impl<Cipher: BlockSizeUser> BlockDecryptMut for Decryptor<Cipher> {
    fn decrypt_with_backend_mut(&mut self, _: impl BlockClosure<BlockSize = Self::BlockSize>) {
        match self.0 {}
    }
}

#[cfg(test)]
mod tests {
    use super::{BlockSizeUser, Decryptor, Encryptor, KeyIvInit};
    use cipher::consts::U16;

    /// A cipher as Sequoia has them.
    struct Cipher;

    impl BlockSizeUser for Cipher {
        type BlockSize = U16;
    }

    #[test]
    fn no_key_fits() {
        for length in 0..255 {
            let key = vec![1; length];
            assert!(Encryptor::<Cipher>::new_from_slices(&key, &[2; 16]).is_err());
            assert!(Decryptor::<Cipher>::new_from_slices(&key, &[2; 16]).is_err());
        }
    }
}
