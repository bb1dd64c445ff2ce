//! Who must have signed an image, and whether they did.

pub mod assess;
pub mod attached;
pub mod identity;
pub mod judge;
pub mod requirements;
pub mod resolve;
pub mod signed_by;
pub mod sigstore;
