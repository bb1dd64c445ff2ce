//! No Zstandard, in the place of the crate `zstd`: the runtime's own cache of modules, which the runner does not
//! use, compresses with it. It is a library in C, which takes long to compile.

use std::io::{self, Read};

/// The level that the library has.
pub const DEFAULT_COMPRESSION_LEVEL: i32 = 3;

/// Compresses nothing.
///
/// # Errors
/// Always.
pub fn encode_all<R: Read>(_: R, _: i32) -> io::Result<Vec<u8>> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Decompresses nothing.
///
/// # Errors
/// Always.
pub fn decode_all<R: Read>(_: R) -> io::Result<Vec<u8>> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(test)]
mod tests {
    use super::{DEFAULT_COMPRESSION_LEVEL, decode_all, encode_all};

    #[test]
    fn nothing_is_compressed() {
        assert!(encode_all(&b"text"[..], DEFAULT_COMPRESSION_LEVEL).is_err());
        assert!(decode_all(&b"\x28\xb5\x2f\xfd\x24\x00\x01\x00\x00\x99\xe9\xd8\x51"[..]).is_err());
    }
}
