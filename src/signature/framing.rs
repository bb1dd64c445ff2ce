//! The outside of a signature blob: packets, compression, and their order.
//!
//! Nothing here knows what a key or a hash is. A blob is either exactly one signed message,
//!
//! ```text
//! [Compressed(] One-Pass-Signature, Literal, Signature [)]
//! ```
//!
//! or it is refused, before any cryptography. GnuPG and Go's reader disagree about nearly every
//! other shape (trailing bytes, several signers, markers, nested compression), so none is let in.
//!
//! Lengths are read more leniently than RFC 9580 (4.2.1.4) asks: its first partial chunk must
//! have 512 octets, but the signatures that OpenShift's own CI publishes begin with one of 2, and
//! GnuPG and Go read them.

use std::borrow::Cow;
use std::fmt;

use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::{DecompressorOxide, decompress, inflate_flags};

use crate::signature::signer::Limits;

/// Packet types (RFC 9580, section 5).
pub(super) mod tag {
    pub(crate) const SIGNATURE: u8 = 2;
    pub(crate) const ONE_PASS: u8 = 4;
    pub(crate) const SECRET_KEY: u8 = 5;
    pub(crate) const PUBLIC_KEY: u8 = 6;
    pub(crate) const SECRET_SUBKEY: u8 = 7;
    pub(crate) const COMPRESSED: u8 = 8;
    pub(crate) const MARKER: u8 = 10;
    pub(crate) const LITERAL: u8 = 11;
    pub(crate) const TRUST: u8 = 12;
    pub(crate) const USER_ID: u8 = 13;
    pub(crate) const PUBLIC_SUBKEY: u8 = 14;
    pub(crate) const USER_ATTRIBUTE: u8 = 17;
    pub(crate) const PADDING: u8 = 21;
}

/// Room for what surrounds the payload in a decompressed message: packet headers, a file name, and
/// the signature, of which the largest that counts, by ML-DSA-87 and Ed448, has 5,000 bytes.
pub(super) const FRAME_BYTES: usize = 8192;

/// How many packet names a message about a wrong order spells out.
const NAMES: usize = 6;

/// What is wrong with the shape of a blob.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Malformed {
    /// There are no bytes at all.
    Empty,
    /// The first byte cannot begin a binary OpenPGP message.
    FirstByte(u8),
    /// A packet says it is longer than the bytes that are left.
    Truncated,
    /// A byte that should begin a packet does not.
    NotAPacket(u8),
    /// A packet of this type may not have a partial or indeterminate length.
    Length(u8),
    /// The compression algorithm is none of zip and zlib.
    Compression(u8),
    /// A compressed packet inside a compressed packet.
    CompressedTwice,
    /// The compressed data does not decompress.
    CompressedData,
    /// The packets are not one-pass signature, literal data, signature: the types found instead.
    Order(Vec<u8>),
    /// So many bytes follow the message.
    Trailing(usize),
    /// The one-pass signature packet cannot be read.
    OnePass,
    /// The one-pass signature packet and the signature packet differ in this field.
    Disagree(&'static str),
    /// The signature names its key otherwise than signatures of its version do.
    Issuer,
    /// The salt of a signature of version 6 has not the length that its hash asks for.
    Salt,
    /// The literal data packet cannot be read.
    Literal,
    /// The signature packet cannot be read.
    Signature,
}

impl std::error::Error for Malformed {}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(f, "it is empty"),
            Self::FirstByte(b'-') => {
                write!(f, "it is text (ASCII armor or a cleartext signature), not binary OpenPGP")
            }
            Self::FirstByte(0) => {
                write!(f, "it is a framed sigstore or simple-signing file, not binary OpenPGP")
            }
            // Session keys and encrypted data, in the old packet format and the new.
            Self::FirstByte(0x84..=0x87 | 0x8c..=0x8f | 0xa4..=0xa7 | 0xc1 | 0xc3 | 0xc9 | 0xd2) => {
                write!(f, "it is encrypted")
            }
            Self::FirstByte(byte) => {
                write!(f, "its first byte 0x{byte:02x} does not begin an OpenPGP signed message")
            }
            Self::Truncated => write!(f, "it is cut short"),
            Self::NotAPacket(byte) => {
                write!(f, "a packet begins with the byte 0x{byte:02x}, which none can")
            }
            Self::Length(tag) => {
                write!(f, "its {} packet has no definite length", name(*tag))
            }
            Self::Compression(algorithm) => {
                let what = match algorithm {
                    0 => "uncompressed",
                    3 => "bzip2",
                    _ => "unknown",
                };
                write!(f, "its compression algorithm {algorithm} ({what}) is neither zip nor zlib")
            }
            Self::CompressedTwice => write!(f, "it is compressed more than once"),
            Self::CompressedData => write!(f, "its compressed data is damaged"),
            Self::Order(found) => match found.as_slice() {
                [] => write!(f, "it has no packets"),
                [tag::LITERAL] => write!(f, "it is not signed: it has only literal data"),
                [tag::SIGNATURE] => {
                    write!(f, "it is a detached signature, which carries no payload")
                }
                [tag::ONE_PASS, tag::ONE_PASS, ..] => write!(f, "it has more than one signature"),
                [1 | 3 | 9 | 18 | 20, ..] => write!(f, "it is encrypted"),
                found => {
                    write!(f, "expected one-pass signature, literal data, signature, found ")?;
                    for (i, tag) in found.iter().enumerate() {
                        write!(f, "{}{}", if i == 0 { "" } else { ", " }, name(*tag))?;
                    }
                    Ok(())
                }
            },
            Self::Trailing(bytes) => write!(f, "{bytes} bytes follow the signed message"),
            Self::OnePass => write!(f, "its one-pass signature packet cannot be read"),
            Self::Disagree(field) => {
                write!(f, "its one-pass signature and its signature name different {field}")
            }
            Self::Issuer => write!(f, "its signature names its key in a way that its version does not have"),
            Self::Salt => write!(f, "its salt is not as long as its hash requires"),
            Self::Literal => write!(f, "its literal data packet cannot be read"),
            Self::Signature => write!(f, "its signature packet cannot be read"),
        }
    }
}

/// The name of a packet type, as a person knows it.
pub(super) fn name(tag: u8) -> Cow<'static, str> {
    Cow::Borrowed(match tag {
        1 | 3 => "session key",
        tag::SIGNATURE => "signature",
        tag::ONE_PASS => "one-pass signature",
        tag::SECRET_KEY | tag::SECRET_SUBKEY => "secret key",
        tag::PUBLIC_KEY => "public key",
        tag::COMPRESSED => "compressed data",
        9 | 18 | 20 => "encrypted data",
        tag::MARKER => "marker",
        tag::LITERAL => "literal data",
        tag::TRUST => "trust",
        tag::USER_ID => "user id",
        tag::PUBLIC_SUBKEY => "public subkey",
        tag::USER_ATTRIBUTE => "user attribute",
        tag::PADDING => "padding",
        _ => return Cow::Owned(format!("type {tag}")),
    })
}

/// One packet, its partial lengths joined.
#[derive(Debug)]
pub(super) struct Packet<'a> {
    pub(super) tag: u8,
    pub(super) body: Cow<'a, [u8]>,
    /// Whether the length was given once, rather than in parts or not at all.
    pub(super) definite: bool,
}

/// Reads the packet that `bytes` begin with, and gives the bytes after it.
pub(super) fn packet(bytes: &[u8]) -> Result<(Packet<'_>, &[u8]), Malformed> {
    let (&first, rest) = bytes.split_first().ok_or(Malformed::Truncated)?;
    if first & 0x80 == 0 {
        return Err(Malformed::NotAPacket(first));
    }
    if first & 0x40 != 0 {
        return new_format(first & 0x3f, rest);
    }
    let tag = (first >> 2) & 0x0f;
    let (length, rest) = match first & 3 {
        0 => number(rest, 1)?,
        1 => number(rest, 2)?,
        2 => number(rest, 4)?,
        // An indeterminate length: the rest of the input is the body (RFC 9580, 4.2.2).
        _ => {
            let packet = Packet { tag, body: Cow::Borrowed(rest), definite: false };
            return Ok((packet, &[]));
        }
    };
    let (body, rest) = take(rest, length)?;
    Ok((Packet { tag, body: Cow::Borrowed(body), definite: true }, rest))
}

/// The lengths of the new packet format (RFC 9580, 4.2.1).
fn new_format(tag: u8, mut rest: &[u8]) -> Result<(Packet<'_>, &[u8]), Malformed> {
    let mut joined: Option<Vec<u8>> = None;
    loop {
        let (&octet, after) = rest.split_first().ok_or(Malformed::Truncated)?;
        let (length, after) = match octet {
            0..=191 => (usize::from(octet), after),
            192..=223 => {
                let (low, after) = number(after, 1)?;
                (((usize::from(octet) - 192) << 8) + low + 192, after)
            }
            224..=254 => {
                let (chunk, after) = take(after, 1 << (octet & 0x1f))?;
                joined.get_or_insert_default().extend_from_slice(chunk);
                rest = after;
                continue;
            }
            255 => number(after, 4)?,
        };
        let (last, rest) = take(after, length)?;
        let packet = match joined {
            None => Packet { tag, body: Cow::Borrowed(last), definite: true },
            Some(mut body) => {
                body.extend_from_slice(last);
                Packet { tag, body: Cow::Owned(body), definite: false }
            }
        };
        return Ok((packet, rest));
    }
}

fn number(bytes: &[u8], octets: usize) -> Result<(usize, &[u8]), Malformed> {
    let (digits, rest) = take(bytes, octets)?;
    let number = digits.iter().fold(0_u64, |sum, &digit| sum << 8 | u64::from(digit));
    Ok((usize::try_from(number).map_err(|_| Malformed::Truncated)?, rest))
}

fn take(bytes: &[u8], length: usize) -> Result<(&[u8], &[u8]), Malformed> {
    bytes.split_at_checked(length).ok_or(Malformed::Truncated)
}

/// What is wrong with a blob, or the limit it exceeds.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unframed {
    Malformed(Malformed),
    PayloadTooLarge,
    /// One signed message, but its signature packet is of a version that we do not read.
    Version(u8),
}

impl From<Malformed> for Unframed {
    fn from(malformed: Malformed) -> Self {
        Self::Malformed(malformed)
    }
}

/// A blob of the one accepted shape, taken apart. Nothing in it is proven.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) literal: Literal,
    /// The key that the one-pass signature names.
    pub(super) issuer: Issuer,
    /// The body of the signature packet, and its fields that the one-pass signature repeats.
    pub(super) signature: Vec<u8>,
    pub(super) head: Head,
}

/// The body of a literal data packet. Only `data` is covered by a signature.
#[derive(Debug)]
pub(super) struct Literal {
    pub(super) format: u8,
    pub(super) file_name: Vec<u8>,
    pub(super) data: Vec<u8>,
}

/// The key that a one-pass signature names: by key id up to version 4 of signatures, by fingerprint
/// in version 6.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Issuer {
    KeyId([u8; 8]),
    Fingerprint([u8; 32]),
}

/// A one-pass signature packet.
#[derive(Debug)]
pub(super) struct OnePass<'a> {
    pub(super) head: Head,
    /// What is hashed before the data, in version 6.
    pub(super) salt: &'a [u8],
    pub(super) issuer: Issuer,
}

/// The fields that a signature and its one-pass announcement share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) version: u8,
    pub(super) signature_type: u8,
    pub(super) public_key: u8,
    pub(super) hash: u8,
}

/// Takes a blob apart, or says why it is not one signed message.
pub(super) fn open(blob: &[u8], limits: &Limits) -> Result<Message, Unframed> {
    first_byte(blob)?;
    let (outer, rest) = packet(blob)?;
    if outer.tag != tag::COMPRESSED {
        return message(blob, limits);
    }
    if !rest.is_empty() {
        return Err(Malformed::Trailing(rest.len()).into());
    }
    let inner = inflate(&outer.body, limits.payload_bytes.saturating_add(FRAME_BYTES))?;
    if packet(&inner)?.0.tag == tag::COMPRESSED {
        return Err(Malformed::CompressedTwice.into());
    }
    message(&inner, limits)
}

/// The gate that container tools put before every stored signature: what fails it can never have
/// come from a registry, whatever an OpenPGP program makes of it.
fn first_byte(blob: &[u8]) -> Result<(), Malformed> {
    match blob.first() {
        None => Err(Malformed::Empty),
        // Compressed data, one-pass signature, signature; in the old packet format, then the new.
        Some(0xa0..=0xa3 | 0x90..=0x92 | 0x88..=0x8b | 0xc8 | 0xc4 | 0xc2) => Ok(()),
        Some(&byte) => Err(Malformed::FirstByte(byte)),
    }
}

/// Decompresses the body of a compressed data packet, into at most `limit` bytes.
pub(super) fn inflate(body: &[u8], limit: usize) -> Result<Vec<u8>, Unframed> {
    let (&algorithm, mut input) = body.split_first().ok_or(Malformed::Truncated)?;
    let zlib = inflate_flags::TINFL_FLAG_PARSE_ZLIB_HEADER | inflate_flags::TINFL_FLAG_COMPUTE_ADLER32;
    let flags = match algorithm {
        1 => 0,
        2 => zlib,
        other => return Err(Malformed::Compression(other).into()),
    } | inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
    // One byte more than allowed tells "exactly the limit" from "more".
    let limit = limit.saturating_add(1);
    let mut decompressor = Box::<DecompressorOxide>::default();
    let mut output = vec![0; limit.min(input.len().saturating_mul(4).max(1024))];
    let mut length = 0;
    loop {
        let (status, consumed, written) = decompress(&mut decompressor, input, &mut output, length, flags);
        input = input.get(consumed..).unwrap_or_default();
        length += written;
        match status {
            _ if length >= limit => return Err(Unframed::PayloadTooLarge),
            TINFLStatus::Done if input.is_empty() => {
                output.truncate(length);
                return Ok(output);
            }
            TINFLStatus::Done => return Err(Malformed::Trailing(input.len()).into()),
            TINFLStatus::HasMoreOutput if output.len() < limit => {
                let more = output.len().min(limit - output.len());
                output.reserve_exact(more);
                output.resize(output.len() + more, 0);
            }
            TINFLStatus::FailedCannotMakeProgress => return Err(Malformed::Truncated.into()),
            _ => return Err(Malformed::CompressedData.into()),
        }
    }
}

/// Exactly one-pass signature, literal data, signature, and the end.
fn message(bytes: &[u8], limits: &Limits) -> Result<Message, Unframed> {
    let (one_pass, rest) = expect(bytes, bytes, tag::ONE_PASS)?;
    let (literal, rest) = expect(bytes, rest, tag::LITERAL)?;
    let (signature, rest) = expect(bytes, rest, tag::SIGNATURE)?;
    if !rest.is_empty() {
        return Err(Malformed::Trailing(rest.len()).into());
    }
    for packet in [&one_pass, &signature] {
        if !packet.definite {
            return Err(Malformed::Length(packet.tag).into());
        }
    }
    let literal = read_literal(&literal.body)?;
    if literal.data.len() > limits.payload_bytes {
        return Err(Unframed::PayloadTooLarge);
    }
    let head = read_head(&signature.body)?;
    if !VERSIONS.contains(&head.version) {
        return Err(Unframed::Version(head.version));
    }
    let issuer = announced(&one_pass.body, head, &signature.body)?;
    Ok(Message { literal, issuer, signature: signature.body.into_owned(), head })
}

/// The versions of signature packets that are read.
const VERSIONS: [u8; 3] = [3, 4, 6];

/// The key that a one-pass signature names, if all it says is what the signature itself says.
fn announced(one_pass: &[u8], head: Head, signature: &[u8]) -> Result<Issuer, Malformed> {
    let OnePass { head: announced, salt, issuer } = read_one_pass(one_pass)?;
    // RFC 9580, 5.4: version 3 announces signatures of versions 3 and 4.
    let differs = if (announced.version == 6) != (head.version == 6) {
        "versions"
    } else if announced.signature_type != head.signature_type {
        "signature types"
    } else if announced.hash != head.hash {
        "hash algorithms"
    } else if announced.public_key != head.public_key {
        "public key algorithms"
    } else if head.version == 6 && read_salt(signature)? != salt {
        "salts"
    } else {
        return Ok(issuer);
    };
    Err(Malformed::Disagree(differs))
}

fn expect<'a>(all: &'a [u8], bytes: &'a [u8], tag: u8) -> Result<(Packet<'a>, &'a [u8]), Malformed> {
    match packet(bytes) {
        Ok((packet, rest)) if packet.tag == tag => Ok((packet, rest)),
        Err(malformed) if !bytes.is_empty() => Err(malformed),
        _ => Err(Malformed::Order(tags(all))),
    }
}

/// The types of the packets in `bytes`, as far as they can be told.
fn tags(mut bytes: &[u8]) -> Vec<u8> {
    let mut tags = Vec::new();
    while tags.len() < NAMES
        && let Ok((packet, rest)) = packet(bytes)
    {
        tags.push(packet.tag);
        bytes = rest;
    }
    tags
}

/// RFC 9580, 5.4: versions 3 and 6, of which the last octet says that no further signature is nested.
pub(super) fn read_one_pass(body: &[u8]) -> Result<OnePass<'_>, Malformed> {
    let [version @ (3 | 6), signature_type, hash, public_key, rest @ .., 1] = body else {
        return Err(Malformed::OnePass);
    };
    let (salt, issuer) = if *version == 3 {
        (&[][..], Issuer::KeyId(rest.try_into().map_err(|_| Malformed::OnePass)?))
    } else {
        let (salt, fingerprint) = counted(rest, 1).ok_or(Malformed::OnePass)?;
        (salt, Issuer::Fingerprint(fingerprint.try_into().map_err(|_| Malformed::OnePass)?))
    };
    let head =
        Head { version: *version, signature_type: *signature_type, public_key: *public_key, hash: *hash };
    Ok(OnePass { head, salt, issuer })
}

/// RFC 9580, 5.2.2 and 5.2.3: the fields before the subpackets. Of versions that are not read, the
/// version alone is what it seems.
pub(super) fn read_head(body: &[u8]) -> Result<Head, Malformed> {
    match *body {
        [3, 5, signature_type, _, _, _, _, _, _, _, _, _, _, _, _, public_key, hash, ..] => {
            Ok(Head { version: 3, signature_type, public_key, hash })
        }
        [version, signature_type, public_key, hash, ..] if version != 3 => {
            Ok(Head { version, signature_type, public_key, hash })
        }
        _ => Err(Malformed::Signature),
    }
}

/// RFC 9580, 5.2.3: the salt of a signature of version 6, after its subpackets and the first octets
/// of the digest.
fn read_salt(body: &[u8]) -> Result<&[u8], Malformed> {
    let salt = || {
        let (_head, rest) = body.split_at_checked(4)?;
        let (_hashed, rest) = counted(rest, 4)?;
        let (_unhashed, rest) = counted(rest, 4)?;
        let (_digest, rest) = rest.split_at_checked(2)?;
        Some(counted(rest, 1)?.0)
    };
    salt().ok_or(Malformed::Signature)
}

/// As many octets as the number says that comes first, and what follows them.
pub(super) fn counted(bytes: &[u8], octets: usize) -> Option<(&[u8], &[u8])> {
    let (length, rest) = number(bytes, octets).ok()?;
    rest.split_at_checked(length)
}

/// RFC 9580, 5.9: format, file name, date, data. Of the formats, binary, text and UTF-8 text: the
/// signature covers the bytes as they are, whichever it claims.
pub(super) fn read_literal(body: &[u8]) -> Result<Literal, Malformed> {
    let (&format, rest) = body.split_first().ok_or(Malformed::Literal)?;
    let (&name, rest) = rest.split_first().ok_or(Malformed::Literal)?;
    let (file_name, rest) = rest.split_at_checked(name.into()).ok_or(Malformed::Literal)?;
    let (_date, data) = rest.split_at_checked(4).ok_or(Malformed::Literal)?;
    if !matches!(format, b'b' | b't' | b'u') {
        return Err(Malformed::Literal);
    }
    Ok(Literal { format, file_name: file_name.to_vec(), data: data.to_vec() })
}

#[expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops at what it did not expect"
)]
#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::{DeflateEncoder, ZlibEncoder};

    use super::*;

    const LIMITS: Limits = Limits { signature_bytes: 65536, payload_bytes: 1000 };
    const KEY: [u8; 8] = *b"\x01\x02\x03\x04\x05\x06\x07\x08";

    fn new_format(tag: u8, body: &[u8]) -> Vec<u8> {
        let mut packet = vec![0xc0 | tag, 0xff];
        packet.extend(u32::try_from(body.len()).expect("short").to_be_bytes());
        packet.extend(body);
        packet
    }

    fn one_pass() -> Vec<u8> {
        let mut body = vec![3, 0, 8, 1];
        body.extend(KEY);
        body.push(1);
        body
    }

    fn literal(data: &[u8]) -> Vec<u8> {
        let mut body = b"b\x04name\0\0\0\0".to_vec();
        body.extend(data);
        body
    }

    fn signature() -> Vec<u8> {
        vec![4, 0, 1, 8, 0, 0, 0, 0]
    }

    fn message(data: &[u8]) -> Vec<u8> {
        [
            new_format(tag::ONE_PASS, &one_pass()),
            new_format(tag::LITERAL, &literal(data)),
            new_format(tag::SIGNATURE, &signature()),
        ]
        .concat()
    }

    fn deflate(data: &[u8]) -> Vec<u8> {
        let mut encoder = DeflateEncoder::new(vec![1], Compression::best());
        encoder.write_all(data).expect("to memory");
        encoder.finish().expect("to memory")
    }

    fn zlib(data: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(vec![2], Compression::best());
        encoder.write_all(data).expect("to memory");
        encoder.finish().expect("to memory")
    }

    fn refusal(blob: &[u8]) -> Malformed {
        match open(blob, &LIMITS) {
            Err(Unframed::Malformed(malformed)) => malformed,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn every_length_form_gives_the_same_message() {
        let data = vec![b'x'; 700];
        let (one_pass, literal, signature) = (one_pass(), literal(&data), signature());
        let old = |tag: u8, body: &[u8], octets: usize| {
            let kind = match octets {
                1 => 0,
                2 => 1,
                _ => 2,
            };
            let length = u32::try_from(body.len()).expect("short").to_be_bytes();
            let length = length.get(4 - octets..).expect("within").to_vec();
            [vec![0x80 | tag << 2 | kind], length, body.to_vec()].concat()
        };
        let short = |tag: u8, body: &[u8]| {
            [vec![0xc0 | tag, u8::try_from(body.len()).expect("short")], body.to_vec()].concat()
        };
        let two = |tag: u8, body: &[u8]| {
            let length = body.len() - 192;
            let high = u8::try_from(192 + (length >> 8)).expect("short");
            [vec![0xc0 | tag, high, (length & 0xff) as u8], body.to_vec()].concat()
        };
        // Chunks of 2^n octets; the first of 2, as Go's writer does.
        let partial = |tag: u8, body: &[u8], chunks: &[u8]| {
            let (mut packet, mut left) = (vec![0xc0 | tag], body);
            for &chunk in chunks {
                let (head, rest) = left.split_at(1 << chunk);
                packet.push(224 + chunk);
                packet.extend(head);
                left = rest;
            }
            packet.push(u8::try_from(left.len()).expect("short"));
            packet.extend(left);
            packet
        };
        let head = short(tag::ONE_PASS, &one_pass);
        let tail = short(tag::SIGNATURE, &signature);
        let inner = [head.clone(), two(tag::LITERAL, &literal), tail.clone()].concat();
        for (name, blob) in [
            ("new, one octet and two", inner.clone()),
            ("new, five octets", message(&data)),
            (
                "old",
                [
                    old(tag::ONE_PASS, &one_pass, 1),
                    old(tag::LITERAL, &literal, 2),
                    old(tag::SIGNATURE, &signature, 4),
                ]
                .concat(),
            ),
            (
                "partial, first chunk of 512",
                [head.clone(), partial(tag::LITERAL, &literal, &[9, 7]), tail.clone()].concat(),
            ),
            (
                "partial, first chunk of 2",
                [head.clone(), partial(tag::LITERAL, &literal, &[1, 0, 9, 7]), tail.clone()].concat(),
            ),
            ("zip", new_format(tag::COMPRESSED, &deflate(&inner))),
            ("zlib", new_format(tag::COMPRESSED, &zlib(&inner))),
            ("zip of no stated length", [vec![0xa3], deflate(&inner)].concat()),
            ("zip in parts", partial(tag::COMPRESSED, &deflate(&inner), &[1, 1])),
        ] {
            let opened = open(&blob, &LIMITS).expect(name);
            assert_eq!(opened.literal.data, data, "{name}");
            assert_eq!(opened.literal.file_name, b"name", "{name}");
            assert_eq!(opened.signature, signature, "{name}");
            assert_eq!(opened.issuer, Issuer::KeyId(KEY), "{name}");
        }
    }

    #[test]
    fn what_is_not_one_signed_message() {
        let ops = new_format(tag::ONE_PASS, &one_pass());
        let lit = new_format(tag::LITERAL, &literal(b"{}"));
        let sig = new_format(tag::SIGNATURE, &signature());
        let zip = |inner: &[u8]| new_format(tag::COMPRESSED, &deflate(inner));
        let join =
            |parts: &[&Vec<u8>]| -> Vec<u8> { parts.iter().flat_map(|part| part.iter().copied()).collect() };
        let zlib_with = |edit: &dyn Fn(&mut Vec<u8>)| {
            let mut body = zlib(&message(b"{}"));
            edit(&mut body);
            new_format(tag::COMPRESSED, &body)
        };
        let marker = new_format(tag::MARKER, b"PGP");
        let padding = new_format(tag::PADDING, &[0; 8]);
        let order = |tags: &[u8]| Malformed::Order(tags.to_vec());
        let with_ops = |edit: fn(&mut Vec<u8>)| {
            let mut body = one_pass();
            edit(&mut body);
            join(&[&new_format(tag::ONE_PASS, &body), &lit, &sig])
        };
        let with_lit = |body: &[u8]| join(&[&ops, &new_format(tag::LITERAL, body), &sig]);
        let with_sig = |body: &[u8]| join(&[&ops, &lit, &new_format(tag::SIGNATURE, body)]);
        let mut damaged = deflate(&message(b"{}"));
        damaged.truncate(damaged.len() / 2);
        let mut trailing = deflate(&message(b"{}"));
        trailing.push(0);
        for (name, blob, expected) in [
            ("nothing", vec![], Malformed::Empty),
            ("armor", b"-----BEGIN PGP MESSAGE-----".to_vec(), Malformed::FirstByte(b'-')),
            ("newline first", join(&[&vec![b'\n'], &ops, &lit, &sig]), Malformed::FirstByte(b'\n')),
            ("marker first", join(&[&marker, &ops, &lit, &sig]), Malformed::FirstByte(0xca)),
            ("bare literal", lit.clone(), Malformed::FirstByte(0xcb)),
            ("framed", b"\0simple-signing\n".to_vec(), Malformed::FirstByte(0)),
            ("encrypted", vec![0x84, 0], Malformed::FirstByte(0x84)),
            ("one-pass of no stated length", vec![0x93], Malformed::FirstByte(0x93)),
            ("unsigned", zip(&lit), order(&[tag::LITERAL])),
            ("detached", sig.clone(), order(&[tag::SIGNATURE])),
            ("detached, compressed", zip(&sig), order(&[tag::SIGNATURE])),
            ("only one-pass", ops.clone(), order(&[tag::ONE_PASS])),
            ("no signature", join(&[&ops, &lit]), order(&[tag::ONE_PASS, tag::LITERAL])),
            ("no data", join(&[&ops, &sig]), order(&[tag::ONE_PASS, tag::SIGNATURE])),
            ("signature first", join(&[&sig, &lit]), order(&[tag::SIGNATURE, tag::LITERAL])),
            (
                "two signers",
                join(&[&ops, &ops, &lit, &sig, &sig]),
                order(&[tag::ONE_PASS, tag::ONE_PASS, tag::LITERAL, tag::SIGNATURE, tag::SIGNATURE]),
            ),
            (
                "two texts",
                join(&[&ops, &lit, &lit, &sig]),
                order(&[tag::ONE_PASS, tag::LITERAL, tag::LITERAL, tag::SIGNATURE]),
            ),
            ("two signatures", join(&[&ops, &lit, &sig, &sig]), Malformed::Trailing(14)),
            ("another message", join(&[&ops, &lit, &sig, &ops]), Malformed::Trailing(19)),
            ("padding", join(&[&ops, &lit, &sig, &padding]), Malformed::Trailing(14)),
            ("newline last", join(&[&ops, &lit, &sig, &vec![b'\n']]), Malformed::Trailing(1)),
            (
                "marker inside",
                join(&[&ops, &marker, &lit, &sig]),
                order(&[tag::ONE_PASS, tag::MARKER, tag::LITERAL, tag::SIGNATURE]),
            ),
            (
                "compressed text",
                join(&[&ops, &zip(&lit), &sig]),
                order(&[tag::ONE_PASS, tag::COMPRESSED, tag::SIGNATURE]),
            ),
            ("compressed twice", zip(&zip(&message(b"{}"))), Malformed::CompressedTwice),
            ("after the compressed packet", join(&[&zip(&message(b"{}")), &vec![0]]), Malformed::Trailing(1)),
            ("after the compressed data", new_format(tag::COMPRESSED, &trailing), Malformed::Trailing(1)),
            (
                "after the message, compressed",
                zip(&join(&[&message(b"{}"), &vec![0]])),
                Malformed::Trailing(1),
            ),
            ("cut compressed data", new_format(tag::COMPRESSED, &damaged), Malformed::Truncated),
            ("no compressed data", new_format(tag::COMPRESSED, &[]), Malformed::Truncated),
            ("empty compressed data", new_format(tag::COMPRESSED, &[1]), Malformed::Truncated),
            (
                "damaged compressed data",
                new_format(tag::COMPRESSED, &[1, 0xff, 0xff]),
                Malformed::CompressedData,
            ),
            ("nothing, compressed", zip(&[]), Malformed::Truncated),
            ("cut checksum", zlib_with(&|blob| _ = blob.pop()), Malformed::Truncated),
            ("no checksum", zlib_with(&|blob| blob.truncate(blob.len() - 4)), Malformed::Truncated),
            (
                "wrong checksum",
                zlib_with(&|blob| *blob.last_mut().expect("its end") ^= 1),
                Malformed::CompressedData,
            ),
            ("after the checksum", zlib_with(&|blob| blob.push(0)), Malformed::Trailing(1)),
            ("no header of zlib", zlib_with(&|blob| blob[2] ^= 1), Malformed::CompressedData),
            ("a dictionary of nobody's", zlib_with(&|blob| blob[2] |= 0x20), Malformed::CompressedData),
            (
                "a repetition of what is not there",
                new_format(tag::COMPRESSED, &[1, 0x03, 0x02, 0x00]),
                Malformed::CompressedData,
            ),
            (
                "not compressed, but called so",
                new_format(tag::COMPRESSED, &join(&[&vec![0], &message(b"{}")])),
                Malformed::Compression(0),
            ),
            ("bzip2", new_format(tag::COMPRESSED, b"\x03BZh9"), Malformed::Compression(3)),
            ("garbage, compressed", zip(b"{}"), Malformed::NotAPacket(b'{')),
            ("one-pass of version 6", with_ops(|body| body[0] = 6), Malformed::OnePass),
            ("one-pass cut", with_ops(|body| body.truncate(12)), Malformed::OnePass),
            ("one-pass too long", with_ops(|body| body.push(0)), Malformed::OnePass),
            ("more signatures to come", with_ops(|body| body[12] = 0), Malformed::OnePass),
            ("other type", with_ops(|body| body[1] = 1), Malformed::Disagree("signature types")),
            ("other hash", with_ops(|body| body[2] = 10), Malformed::Disagree("hash algorithms")),
            ("other algorithm", with_ops(|body| body[3] = 22), Malformed::Disagree("public key algorithms")),
            ("empty literal", with_lit(&[]), Malformed::Literal),
            ("literal without a name", with_lit(b"b"), Malformed::Literal),
            ("name longer than the literal", with_lit(b"b\xff"), Malformed::Literal),
            ("literal without a date", with_lit(b"b\0\0\0\0"), Malformed::Literal),
            ("literal of an old format", with_lit(b"1\0\0\0\0\0"), Malformed::Literal),
            ("empty signature", with_sig(&[]), Malformed::Signature),
            (
                "signature of version 6",
                with_sig(&[6, 0, 1, 8, 0, 0, 0, 0, 0, 0, 0, 0]),
                Malformed::Disagree("versions"),
            ),
            ("short signature of version 3", with_sig(&[3, 5, 0]), Malformed::Signature),
            ("version 3 with 6 hashed octets", with_sig(&[3, 6, 0, 0]), Malformed::Signature),
            (
                "signature in parts",
                join(&[&ops, &lit, &vec![0xc2, 224, 4, 7, 0, 1, 8, 0, 0, 0, 0]]),
                Malformed::Length(tag::SIGNATURE),
            ),
            (
                "signature of no stated length",
                join(&[&ops, &lit, &vec![0x8b, 4, 0, 1, 8, 0, 0, 0, 0]]),
                Malformed::Length(tag::SIGNATURE),
            ),
            (
                "data of no stated length",
                join(&[&ops, &vec![0xaf], &literal(b"{}"), &sig]),
                order(&[tag::ONE_PASS, tag::LITERAL]),
            ),
        ] {
            assert_eq!(refusal(&blob), expected, "{name}");
        }
    }

    #[test]
    fn a_cut_message_is_refused_at_every_byte() {
        let message = message(b"{}");
        for blob in [new_format(tag::COMPRESSED, &deflate(&message)), message] {
            assert!(open(&blob, &LIMITS).is_ok());
            for end in 0..blob.len() {
                assert!(open(blob.get(..end).expect("within"), &LIMITS).is_err(), "{end}");
            }
        }
    }

    /// A length that claims more than there is allocates nothing.
    #[test]
    fn lengths_are_believed_only_as_far_as_the_bytes_go() {
        for blob in [
            &[0xc4, 0xff, 0xff, 0xff, 0xff, 0xff, 0][..],
            &[0xc4, 0xfe, 0],
            &[0xc4, 0xdf],
            &[0x92, 0xff, 0xff, 0xff, 0xff],
            &[0x90],
            &[0xc4],
        ] {
            assert_eq!(refusal(blob), Malformed::Truncated, "{blob:?}");
        }
    }

    /// A message of version 6: these as the bodies of its one-pass packet and its signature.
    fn version_6(one_pass: &[u8], signature: &[u8]) -> Result<Message, Unframed> {
        let literal = new_format(tag::LITERAL, &literal(b"{}"));
        let (one_pass, signature) =
            (new_format(tag::ONE_PASS, one_pass), new_format(tag::SIGNATURE, signature));
        open(&[one_pass, literal, signature].concat(), &LIMITS)
    }

    #[test]
    fn version_6_repeats_its_salt_and_names_a_whole_fingerprint() {
        // Salts of any size: which one belongs to which hash is not known here.
        for size in [0_u8, 1, 16, 255] {
            let salt = [&[size][..], &vec![7; usize::from(size)]].concat();
            let one_pass = [&[6, 0, 8, 27][..], &salt, &[9; 32], &[1]].concat();
            let signature =
                [&[6, 0, 27, 8, 0, 0, 0, 2, 1, 1, 0, 0, 0, 1, 1, 5, 5][..], &salt, &[3; 64]].concat();
            let opened = version_6(&one_pass, &signature).expect("well-formed");
            assert_eq!(opened.issuer, Issuer::Fingerprint([9; 32]));
            assert_eq!(opened.head, Head { version: 6, signature_type: 0, public_key: 27, hash: 8 });
            for end in 0..one_pass.len() {
                let refused = version_6(&one_pass[..end], &signature).expect_err("cut");
                assert_eq!(refused, Malformed::OnePass.into(), "{end}");
            }
            for end in 0..signature.len() - 64 {
                let refused = version_6(&one_pass, &signature[..end]).expect_err("cut");
                assert_eq!(refused, Malformed::Signature.into(), "{end}");
            }
        }
    }

    #[test]
    fn other_versions_are_not_supported_rather_than_malformed() {
        for version in (0..=255).filter(|version| ![3, 4, 6].contains(version)) {
            for one_pass in [one_pass(), vec![version; 40]] {
                let refused = version_6(&one_pass, &[version; 30]).expect_err("unknown");
                assert_eq!(refused, Unframed::Version(version));
            }
        }
    }

    #[test]
    fn the_payload_limit_is_exact_and_bounds_memory() {
        for (bytes, allowed) in [(999, true), (1000, true), (1001, false), (100_000_000, false)] {
            let plain = message(&vec![b' '; bytes]);
            for blob in [new_format(tag::COMPRESSED, &deflate(&plain)), plain] {
                let opened = open(&blob, &LIMITS);
                if allowed {
                    assert!(opened.is_ok(), "{bytes}");
                } else {
                    assert_eq!(opened.expect_err("too large"), Unframed::PayloadTooLarge);
                }
            }
        }
        // What is unpacked of the last is no more than the limit and what may surround it.
        let bomb = deflate(&message(&vec![b' '; 100_000_000]));
        assert_eq!(inflate(&bomb, 5000), Err(Unframed::PayloadTooLarge));
        let most = inflate(&deflate(&[b' '; 5000]), 5000).expect("exactly the limit");
        assert!(most.capacity() <= 5001);
    }

    #[test]
    fn packets_have_the_names_that_people_know() {
        for (tag, expected) in [
            (1, "session key"),
            (2, "signature"),
            (3, "session key"),
            (4, "one-pass signature"),
            (5, "secret key"),
            (6, "public key"),
            (7, "secret key"),
            (8, "compressed data"),
            (9, "encrypted data"),
            (10, "marker"),
            (11, "literal data"),
            (12, "trust"),
            (13, "user id"),
            (14, "public subkey"),
            (17, "user attribute"),
            (18, "encrypted data"),
            (20, "encrypted data"),
            (21, "padding"),
        ] {
            assert_eq!(name(tag), expected, "{tag}");
        }
        for (algorithm, expected) in [(0, "0 (uncompressed)"), (3, "3 (bzip2)"), (4, "4 (unknown)")] {
            let message = Malformed::Compression(algorithm).to_string();
            assert_eq!(message, format!("its compression algorithm {expected} is neither zip nor zlib"));
        }
    }

    #[test]
    fn of_many_packets_only_the_first_are_named() {
        let signature = new_format(tag::SIGNATURE, &signature());
        for (packets, named) in [(NAMES - 1, NAMES - 1), (NAMES, NAMES), (NAMES + 1, NAMES)] {
            assert_eq!(refusal(&signature.repeat(packets)), Malformed::Order(vec![tag::SIGNATURE; named]));
        }
    }
}
