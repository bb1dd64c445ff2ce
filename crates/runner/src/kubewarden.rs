//! What is Kubewarden's: the documents in which a policy is described, published and bound.

pub mod artifacthub;
pub mod manifest;
pub mod metadata;
