//! What packets say, in words, whether it is true or not.

use sequoia_openpgp::packet::Signature;
use sequoia_openpgp::parse::Parse as _;
use sequoia_openpgp::types::{HashAlgorithm, PublicKeyAlgorithm};

use crate::quote::quote;
use crate::signature::framing::{self, Head, Malformed};
use crate::signature::openpgp::algorithms::{critical, data_rules, hash_name};
use crate::signature::openpgp::units::utc;
use crate::signature::rejection::At;

/// What the fields that a signature and its one-pass packet share say.
pub(in crate::signature) fn describe_head(head: Head) -> Vec<String> {
    let public_key = match PublicKeyAlgorithm::from(head.public_key) {
        PublicKeyAlgorithm::Unknown(number) => format!("unknown algorithm {number}"),
        known => known.to_string(),
    };
    vec![
        format!("version {}, type 0x{:02x}", head.version, head.signature_type),
        format!("{public_key}, {}", hash_name(HashAlgorithm::from(head.hash))),
    ]
}

/// What the body of a signature packet says, whether it is true or not.
pub(in crate::signature) fn describe_signature(body: &[u8]) -> Vec<String> {
    let mut lines = match framing::read_head(body) {
        Ok(head) => describe_head(head),
        Err(malformed) => return vec![format!("unread: {malformed}")],
    };
    let Ok(packet) = Signature::from_bytes(body) else {
        lines.push(format!("unread: {}", Malformed::Signature));
        return lines;
    };
    if let Some(created) = packet.signature_creation_time() {
        lines.push(format!("created {}", At(utc(created))));
    }
    if let Some(expires) = packet.signature_expiration_time() {
        lines.push(format!("expires {}", At(utc(expires))));
    }
    lines.extend(packet.get_issuers().iter().map(|issuer| format!("by key {}", issuer.to_hex())));
    if let Some(user) = packet.signers_user_id() {
        lines.push(format!("as {}", quote(&String::from_utf8_lossy(user))));
    }
    if let Some(what) = critical(&packet, &data_rules()) {
        lines.push(format!("critical {what}"));
    }
    lines
}
