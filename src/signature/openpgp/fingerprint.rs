//! The names of keys.

use sequoia_openpgp::types::HashAlgorithm;

/// The fingerprint of a key of a version that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::signature) enum Fingerprint {
    V4([u8; 20]),
    V6([u8; 32]),
}

impl Fingerprint {
    /// RFC 9580, 5.5.4: the last octets of one of version 4, the first of one of version 6.
    pub(super) fn key_id(&self) -> [u8; 8] {
        let id = match self {
            Self::V4(whole) => whole.last_chunk(),
            Self::V6(whole) => whole.first_chunk(),
        };
        id.copied().unwrap_or_default()
    }

    /// Whether an issuer subpacket with these octets, of a fingerprint or a key id, may mean this key.
    pub(in crate::signature) fn is_named_by(&self, issuer: &[u8]) -> bool {
        match self {
            Self::V4(_) => issuer.ends_with(&self.key_id()),
            Self::V6(_) => issuer.starts_with(&self.key_id()),
        }
    }
}

impl From<Fingerprint> for sequoia_openpgp::Fingerprint {
    fn from(fingerprint: Fingerprint) -> Self {
        match fingerprint {
            Fingerprint::V4(whole) => Self::V4(whole),
            Fingerprint::V6(whole) => Self::V6(whole),
        }
    }
}

/// RFC 9580, 5.5.4.2 and 5.5.4.3: a hash over the packet, as it was framed once. `None` for other
/// versions.
pub(in crate::signature) fn fingerprint(body: &[u8]) -> Option<Fingerprint> {
    let digest = |hash: HashAlgorithm, frame: &[u8]| {
        let mut hash = hash.context().ok()?.for_digest();
        hash.update(frame);
        hash.update(body);
        hash.into_digest().ok()
    };
    match body.first()? {
        4 => {
            let [high, low] = u16::try_from(body.len()).ok()?.to_be_bytes();
            Some(Fingerprint::V4(digest(HashAlgorithm::SHA1, &[0x99, high, low])?.try_into().ok()?))
        }
        6 => {
            let [a, b, c, d] = u32::try_from(body.len()).ok()?.to_be_bytes();
            Some(Fingerprint::V6(digest(HashAlgorithm::SHA256, &[0x9b, a, b, c, d])?.try_into().ok()?))
        }
        _ => None,
    }
}
