//! The formats in which commands print.

use clap::ValueEnum;

/// What a command prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// Lines for a person.
    Text,
    /// One JSON document for a program.
    Json,
}
