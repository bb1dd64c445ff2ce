//! Runs the policy on a desk: the module itself, in the host runtime that Kubewarden uses.
//!
//! ```text
//! file --document--> JSON --request, settings--> payload --host, policy--> Response --run, test--> text or JSON
//!                                                               suite, pack (what was expected) --^
//! ```
//!
//! Beside that, two commands read for people what the policy reads for itself: `inspect` a signature,
//! `convert` a trust policy of other tools.
//!
//! The library behind the command `image-trust`; the tests use it to judge packs natively too. Without
//! the feature `host` it is what reads files, and nothing that runs a module: the playground's part.

pub mod capabilities;
pub mod console;
pub mod document;
pub mod folder;
pub mod now;
pub mod pack;
pub mod page;
pub mod recording;
pub mod request;
pub mod response;
pub mod settings;
pub mod suite;

#[cfg(feature = "host")]
pub mod annotate;
#[cfg(feature = "host")]
pub mod artifacthub;
#[cfg(feature = "host")]
pub mod audit;
#[cfg(feature = "host")]
pub mod convert;
#[cfg(feature = "host")]
pub mod diff;
#[cfg(feature = "host")]
pub mod host;
#[cfg(feature = "host")]
pub mod inspect;
#[cfg(feature = "host")]
pub mod metadata;
#[cfg(feature = "host")]
pub mod policy;
#[cfg(feature = "host")]
pub mod push;
#[cfg(feature = "host")]
pub mod rules;
#[cfg(feature = "host")]
pub mod run;
#[cfg(feature = "host")]
pub mod status;
#[cfg(feature = "host")]
pub mod test;
