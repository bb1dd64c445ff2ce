//! The custom section of a module in which its metadata travels, as JSON (kubewarden-controller
//! `crates/policy-evaluator/src/policy_metadata.rs`).

use thiserror::Error;
use wasmparser::{BinaryReaderError, Parser, Payload};

use crate::kubewarden::metadata::Metadata;

/// Its name.
pub const NAME: &str = "io.kubewarden.metadata";

/// Why a module's metadata cannot be read.
#[derive(Debug, Error)]
pub enum SectionError {
    /// The module is none.
    #[error("is not a WebAssembly module: {0}")]
    Module(#[from] BinaryReaderError),
    /// What the module holds is no metadata.
    #[error("holds metadata that cannot be read: {0}")]
    Metadata(serde_json::Error),
}

/// The metadata in a module, if it has any.
///
/// # Errors
/// It is no module, or its metadata is none.
pub fn read(wasm: &[u8]) -> Result<Option<Metadata>, SectionError> {
    for payload in Parser::new(0).parse_all(wasm) {
        if let Payload::CustomSection(section) = payload?
            && section.name() == NAME
        {
            return serde_json::from_slice(section.data()).map(Some).map_err(SectionError::Metadata);
        }
    }
    Ok(None)
}
