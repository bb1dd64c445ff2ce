//! The host runtime that Kubewarden uses, and the policy's module in it.

pub mod cache;
pub mod module;
pub mod policy;
pub mod section;
