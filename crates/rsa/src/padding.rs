//! What a signature is made of before the arithmetic: EMSA-PKCS1-v1_5 (RFC 8017, section 9.2).

use digest::const_oid::AssociatedOid;
use digest::{Digest, OutputSizeUser};

/// Encryption, which is not verification.
#[derive(Clone, Copy, Debug)]
pub struct Pkcs1v15Encrypt;

/// Signatures over digests of one algorithm.
#[derive(Clone, Debug)]
pub struct Pkcs1v15Sign {
    /// Octets of a digest.
    pub(crate) digest_length: usize,
    /// The `DigestInfo` up to the digest, in DER.
    prefix: Vec<u8>,
}

impl Pkcs1v15Sign {
    /// For the digests of an algorithm.
    #[must_use]
    pub fn new<D: Digest + AssociatedOid>() -> Self {
        let digest_length = <D as OutputSizeUser>::output_size();
        let oid = D::OID.as_bytes();
        // No length reaches 128: each is one octet.
        let [digest, identifier] = [digest_length, oid.len()].map(|length| u8::try_from(length).unwrap_or(0));
        let mut prefix = vec![0x30, identifier + digest + 8, 0x30, identifier + 4, 0x06, identifier];
        prefix.extend_from_slice(oid);
        prefix.extend_from_slice(&[0x05, 0x00, 0x04, digest]);
        Self { digest_length, prefix }
    }

    /// The one message of `length` octets that a signature over the digest is made of: nothing in it is
    /// left to the signer. None where it has no room.
    pub(crate) fn encode(&self, digest: &[u8], length: usize) -> Option<Vec<u8>> {
        let padding = length.checked_sub(self.prefix.len() + digest.len() + 3)?;
        if padding < 8 {
            return None;
        }
        let mut message = vec![0, 1];
        message.resize(2 + padding, 0xff);
        message.push(0);
        message.extend_from_slice(&self.prefix);
        message.extend_from_slice(digest);
        Some(message)
    }
}
