//! No Camellia, in the place of the crate `camellia`, for the reason that `cfb-mode` gives.

pub use twofish::cipher;
pub use twofish::{Twofish as Camellia128, Twofish as Camellia192, Twofish as Camellia256};
