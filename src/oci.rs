//! What the container world calls things: pull specs, scopes, manifests and their digests.

pub mod config;
pub mod digest;
pub mod manifest;
pub mod named;
pub mod reference;
pub mod scope;
