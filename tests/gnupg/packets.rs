//! Signed messages taken apart and put together otherwise.

use std::io::{Read as _, Write as _};

/// The packets of an uncompressed message, each a type and a body.
pub fn take_apart(mut blob: &[u8]) -> Vec<(u8, Vec<u8>)> {
    let mut packets = Vec::new();
    while let Some((&first, rest)) = blob.split_first() {
        let (tag, (length, rest)) = match first {
            0xc0.. => (first & 0x3f, new_length(rest)),
            _ => ((first >> 2) & 0x0f, number(rest, 1 << (first & 3))),
        };
        let (body, rest) = rest.split_at(length);
        packets.push((tag, body.to_vec()));
        blob = rest;
    }
    packets
}

fn new_length(bytes: &[u8]) -> (usize, &[u8]) {
    match number(bytes, 1) {
        (first @ 192..=223, rest) => {
            let (low, rest) = number(rest, 1);
            (((first - 192) << 8) + low + 192, rest)
        }
        (255, rest) => number(rest, 4),
        short => short,
    }
}

fn number(bytes: &[u8], octets: usize) -> (usize, &[u8]) {
    let (digits, rest) = bytes.split_at(octets);
    (digits.iter().fold(0, |sum, &digit| sum << 8 | usize::from(digit)), rest)
}

pub fn put_together<'a>(packets: impl IntoIterator<Item = &'a (u8, Vec<u8>)>) -> Vec<u8> {
    packets.into_iter().flat_map(|(tag, body)| packet(*tag, body)).collect()
}

/// A packet in the new format.
pub fn packet(tag: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).expect("short").to_be_bytes();
    [&[0xc0 | tag, 0xff][..], &length, body].concat()
}

/// A compressed packet, by zip.
pub fn zip(message: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::DeflateEncoder::new(vec![1], flate2::Compression::default());
    encoder.write_all(message).expect("in memory");
    packet(8, &encoder.finish().expect("in memory"))
}

/// The packets in a compressed packet as GnuPG writes it, by zip and without a length, or the message
/// itself where it is short and not compressed.
pub fn unzip(message: &[u8]) -> Option<Vec<u8>> {
    let mut packets = Vec::new();
    match message {
        [0xa3, 1, rest @ ..] => {
            flate2::read::DeflateDecoder::new(rest).read_to_end(&mut packets).ok()?;
        }
        [0x90, ..] => packets.extend(message),
        _ => return None,
    }
    (packets.len() < 1_000).then_some(packets)
}

/// Where the parts of a signature packet of version 4 are: its unhashed subpackets, the digest's
/// first octets, and the numbers.
pub fn unhashed(body: &[u8]) -> usize {
    8 + number(&body[4..], 2).0
}

pub fn digest_prefix(body: &[u8]) -> usize {
    let start = unhashed(body);
    start + number(&body[start - 2..], 2).0
}
