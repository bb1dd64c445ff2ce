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
//! The library behind the command `image-trust`; the tests use it to judge packs natively too.

pub mod annotate;
pub mod artifacthub;
pub mod audit;
pub mod capabilities;
pub mod console;
pub mod convert;
pub mod diff;
pub mod document;
pub mod folder;
pub mod host;
pub mod inspect;
pub mod metadata;
pub mod now;
pub mod pack;
pub mod policy;
pub mod push;
pub mod recording;
pub mod request;
pub mod response;
pub mod rules;
pub mod run;
pub mod settings;
pub mod status;
pub mod suite;
pub mod test;
