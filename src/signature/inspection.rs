//! What a blob consists of, for a person who wonders why it is refused.

use std::fmt::Write as _;

use crate::quote::quote;
use crate::signature::framing::{self, Issuer, Packet, Unframed, name, tag};
use crate::signature::keyring::open;
use crate::signature::signer::Limits;
use crate::signature::{openpgp, payload};

/// How many packets are described.
const PACKETS: usize = 16;

/// Describes a blob, a line for each packet and each thing that a packet says. Nothing is verified.
///
/// Compressed data is opened as far as `limits` allow, and what is wrong is part of the
/// description.
#[must_use]
pub fn inspect(blob: &[u8], limits: &Limits) -> String {
    let mut page = Page::default();
    page.line(0, format_args!("{} bytes", blob.len()));
    page.packets(blob, 0, limits);
    match open(blob, limits) {
        Ok(message) => match payload::parse(&message.literal.data) {
            Ok(payload) => {
                page.line(0, format_args!("payload"));
                page.line(1, format_args!("digest {}", quote(&payload.digest)));
                page.line(1, format_args!("reference {}", quote(&payload.docker_reference)));
                if let Some(creator) = &payload.creator {
                    page.line(1, format_args!("creator {}", quote(creator)));
                }
                if let Some(timestamp) = payload.timestamp {
                    page.line(1, format_args!("timestamp {timestamp}"));
                }
            }
            Err(problem) => page.line(0, format_args!("refused: {problem}")),
        },
        Err(reason) => page.line(0, format_args!("refused: {reason}")),
    }
    page.text
}

#[derive(Default)]
struct Page {
    text: String,
}

impl Page {
    fn line(&mut self, indent: usize, content: std::fmt::Arguments<'_>) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.text, "{:1$}{content}", "", 2 * indent);
    }

    fn packets(&mut self, mut bytes: &[u8], indent: usize, limits: &Limits) {
        for _ in 0..PACKETS {
            if bytes.is_empty() {
                return;
            }
            match framing::packet(bytes) {
                Ok((packet, rest)) => {
                    self.packet(&packet, indent, limits);
                    bytes = rest;
                }
                Err(malformed) => {
                    let left = bytes.len();
                    return self.line(indent, format_args!("{left} bytes unread: {malformed}"));
                }
            }
        }
        self.line(indent, format_args!("{} bytes more", bytes.len()));
    }

    fn packet(&mut self, packet: &Packet<'_>, indent: usize, limits: &Limits) {
        let (size, shape) = (packet.body.len(), if packet.definite { "" } else { ", in parts" });
        self.line(indent, format_args!("{}, {size} bytes{shape}", name(packet.tag)));
        let inside = indent + 1;
        match packet.tag {
            tag::ONE_PASS => match framing::read_one_pass(&packet.body) {
                Ok(one_pass) => {
                    let key: String = match &one_pass.issuer {
                        Issuer::KeyId(id) => id.iter().map(|octet| format!("{octet:02X}")).collect(),
                        Issuer::Fingerprint(whole) => {
                            whole.iter().map(|octet| format!("{octet:02X}")).collect()
                        }
                    };
                    self.line(inside, format_args!("key {key}"));
                    for line in openpgp::describe_head(one_pass.head) {
                        self.line(inside, format_args!("{line}"));
                    }
                }
                Err(malformed) => self.line(inside, format_args!("unread: {malformed}")),
            },
            tag::LITERAL => match framing::read_literal(&packet.body) {
                Ok(literal) => {
                    let file = String::from_utf8_lossy(&literal.file_name);
                    let format = char::from(literal.format);
                    let size = literal.data.len();
                    self.line(inside, format_args!("format {format}, file name {}", quote(&file)));
                    self.line(inside, format_args!("{size} bytes of data"));
                }
                Err(malformed) => self.line(inside, format_args!("unread: {malformed}")),
            },
            tag::SIGNATURE => {
                for line in openpgp::describe_signature(&packet.body) {
                    self.line(inside, format_args!("{line}"));
                }
            }
            // One layer only: what is compressed twice is refused unopened.
            tag::COMPRESSED if indent == 0 => {
                let limit = limits.payload_bytes.saturating_add(framing::FRAME_BYTES);
                match framing::inflate(&packet.body, limit) {
                    Ok(bytes) => self.packets(&bytes, inside, limits),
                    Err(Unframed::Malformed(malformed)) => {
                        self.line(inside, format_args!("unread: {malformed}"));
                    }
                    // Decompressing knows no versions.
                    Err(Unframed::PayloadTooLarge | Unframed::Version(_)) => {
                        self.line(inside, format_args!("more than {limit} bytes, unread"));
                    }
                }
            }
            _ => {}
        }
    }
}
