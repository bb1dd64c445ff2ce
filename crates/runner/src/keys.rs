//! Key files as settings hold them.

use std::io;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::document;

/// Reads a key file, or standard input for `-`, as `signers[].openpgp` takes it: text as it is, a
/// binary file in base64.
///
/// # Errors
/// The file cannot be read.
pub fn load(path: &Path) -> io::Result<String> {
    let bytes = document::bytes(path)?;
    Ok(String::from_utf8(bytes).unwrap_or_else(|binary| STANDARD.encode(binary.as_bytes())))
}
