//! No cipher block chaining, in the place of the crate `cbc`, for the reason that `cfb-mode` gives.

pub use cfb_mode::{Decryptor, Encryptor};
