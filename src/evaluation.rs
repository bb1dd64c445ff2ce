//! The rules applied to what a request changes.

pub mod denial;
mod entry;
