//! What is Kubewarden's: the protocol in which a policy is asked, and the form in which one is
//! published.

#[cfg(feature = "host")]
pub mod annotate;
#[cfg(feature = "host")]
pub mod artifacthub;
#[cfg(feature = "host")]
pub mod cache;
pub mod manifest;
pub mod metadata;
#[cfg(feature = "host")]
pub mod module;
#[cfg(feature = "host")]
pub mod policy;
#[cfg(feature = "push")]
pub mod push;
