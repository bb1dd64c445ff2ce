//! The evaluation of a request by rules: what a rule is, what it is handed, and the report.

pub mod context;
pub mod engine;
mod entry;
pub mod report;
pub mod rule;

pub use context::Context;
pub use rule::{Check, Offence, Rule};
