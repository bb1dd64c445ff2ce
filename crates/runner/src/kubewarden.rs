//! What is Kubewarden's: the protocol in which a policy is asked, and the form in which one is
//! published.

pub mod annotate;
pub mod artifacthub;
pub mod cache;
pub mod metadata;
pub mod module;
pub mod policy;
#[cfg(feature = "push")]
pub mod push;
