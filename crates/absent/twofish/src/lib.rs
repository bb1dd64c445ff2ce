//! No Twofish, in the place of the crate `twofish`, for the reason that `cfb-mode` gives.

use std::convert::Infallible;

pub use cipher;
use cipher::consts::{U16, U255};
use cipher::{
    BlockCipher, BlockClosure, BlockDecrypt, BlockEncrypt, BlockSizeUser, Key, KeyInit, KeySizeUser,
};

/// There are none.
#[derive(Clone, Debug)]
pub struct Twofish(Infallible);

impl BlockCipher for Twofish {}

impl BlockSizeUser for Twofish {
    type BlockSize = U16;
}

impl KeySizeUser for Twofish {
    /// As long as no key is.
    type KeySize = U255;
}

impl KeyInit for Twofish {
    /// Makes none.
    ///
    /// # Panics
    /// Always, but nothing has a key to call it with.
    #[expect(clippy::panic, reason = "nothing has a key to call it with")]
    fn new(_: &Key<Self>) -> Self {
        panic!("there is no such cipher here")
    }
}

impl BlockEncrypt for Twofish {
    fn encrypt_with_backend(&self, _: impl BlockClosure<BlockSize = U16>) {
        match self.0 {}
    }
}

impl BlockDecrypt for Twofish {
    fn decrypt_with_backend(&self, _: impl BlockClosure<BlockSize = U16>) {
        match self.0 {}
    }
}

#[cfg(test)]
mod tests {
    use super::{KeyInit, Twofish};

    #[test]
    fn no_key_fits() {
        assert!((0..255).all(|length| Twofish::new_from_slice(&vec![1; length]).is_err()));
    }
}
