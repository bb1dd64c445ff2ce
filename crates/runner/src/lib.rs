//! Runs the policy on a desk: the module itself, in the host runtime that Kubewarden uses.
//!
//! ```text
//! file --document--> JSON --request, settings--> payload --host/policy--> Response --commands--> text or JSON
//!                                                   ^                              ^
//!                                    answers (folder, recording)      pack, suite (what was expected)
//! ```
//!
//! The library behind the command `image-trust`; the tests use it to judge packs natively too.
//! Without the feature `host` it only reads files, and runs no module: that part the playground
//! uses in a browser.

pub mod answers;
pub mod console;
pub mod document;
pub mod keys;
pub mod kubewarden;
pub mod now;
pub mod pack;
pub mod page;
pub mod place;
pub mod request;
pub mod response;
pub mod settings;
pub mod suite;

#[cfg(feature = "host")]
pub mod commands;
#[cfg(feature = "host")]
pub mod host;
