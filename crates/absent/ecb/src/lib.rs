//! No electronic code book, in the place of the crate `ecb`, for the reason that `cfb-mode` gives.

use std::convert::Infallible;
use std::marker::PhantomData;

use cipher::consts::U255;
use cipher::{BlockClosure, BlockDecryptMut, BlockEncryptMut, BlockSizeUser, Key, KeyInit, KeySizeUser};

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

        impl<Cipher> KeyInit for $name<Cipher> {
            /// Makes none.
            ///
            /// # Panics
            /// Always, but nothing has a key to call it with.
            fn new(_: &Key<Self>) -> Self {
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
    use super::{Decryptor, Encryptor, KeyInit};

    #[test]
    fn no_key_fits() {
        for length in 0..255 {
            let key = vec![1; length];
            assert!(Encryptor::<()>::new_from_slice(&key).is_err());
            assert!(Decryptor::<()>::new_from_slice(&key).is_err());
        }
    }
}
