//! The certificates of signers, from text to packets, without reading more than their keys' names.
//!
//! A request usually needs one certificate of many. So this file only takes the armor off, cuts the
//! bytes into certificates, and computes each key's fingerprint; what a certificate means is read
//! when a signature names one of its keys.
//!
//! Packets that play no part in verifying are left out here: trust packets that GnuPG keeps in its
//! key rings, markers, padding, what is in user attributes (pictures), what other people certified, of
//! which a well-connected key has thousands, and what in version 6 is said of the key twice.

use std::borrow::Cow;
use std::fmt;

use base64::Engine as _;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};

use crate::quote::quote;
use crate::signature::framing::{Malformed, Packet, counted, name, packet, tag};
use crate::signature::openpgp::fingerprint::{Fingerprint, fingerprint};

/// How many certificates one signer may have, and how many packets that matter one may have: far
/// beyond any real one, and cheap to reach.
const CERTIFICATES: usize = 1000;
const PACKETS: usize = 1000;

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Why a signer's text cannot be read as certificates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UnreadableKeyText {
    /// There is no certificate in it.
    Empty,
    /// It has neither an armored block nor only base64.
    NotArmored,
    /// An armored block without its end, or whose inside is not base64.
    Armor,
    /// An armored block of another kind, such as a message.
    OtherBlock(String),
    /// It has private key material, which settings are no place for.
    PrivateKey,
    /// Its packets cannot be told apart.
    Packets(Malformed),
    /// A packet that has no place in a certificate: what the packet is.
    Stray(String),
    /// More certificates than this.
    TooMany(usize),
    /// A certificate of more packets than this.
    TooLarge(usize),
    /// A revocation by itself, of a key that is not in the text.
    LoneRevocation,
}

impl fmt::Display for UnreadableKeyText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(f, "has no certificate"),
            Self::NotArmored => write!(f, "is neither an ASCII-armored public key nor base64"),
            Self::Armor => write!(f, "has an armored block that is cut short or is not base64"),
            Self::OtherBlock(label) => {
                write!(f, "has {}, not a public key block", quote(label))
            }
            Self::PrivateKey => write!(
                f,
                "has private key material: export only the public key, and treat the private one as compromised"
            ),
            Self::Packets(malformed) => write!(f, "is not a sequence of OpenPGP packets: {malformed}"),
            Self::Stray(what) => write!(f, "has a {what} packet where a public key belongs"),
            Self::TooMany(limit) => write!(f, "has more than {limit} certificates"),
            Self::TooLarge(limit) => {
                write!(f, "has a certificate of more than {limit} packets of its own")
            }
            Self::LoneRevocation => {
                write!(f, "has a revocation of a key that is not in it: put both into the same text")
            }
        }
    }
}

/// A certificate, cut out but not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RawCertificate {
    /// The fingerprint of the primary key, then those of its subkeys.
    pub(super) keys: Vec<Fingerprint>,
    /// The version of the primary key.
    pub(super) version: u8,
    /// Whether it is of version 6 and has a signature over its primary key alone.
    pub(super) direct: bool,
    /// Its packets that matter, in order.
    pub(super) packets: Vec<u8>,
}

/// Cuts a signer's text into certificates.
///
/// The text is ASCII armor with any text around and between the blocks, or base64 of the binary
/// form or of such armor.
pub(super) fn read(text: &str) -> Result<Vec<RawCertificate>, UnreadableKeyText> {
    let (mut certificates, mut revocations) = (Vec::new(), Vec::new());
    for block in blocks(text)? {
        split(&block, &mut certificates, &mut revocations)?;
    }
    let mut copies = Vec::new();
    for DetachedRevocation { body, is_alone } in &revocations {
        let before = copies.len();
        copies.extend(certificates.iter().filter_map(|it: &RawCertificate| it.revoked_by(body)));
        if *is_alone && copies.len() == before {
            return Err(UnreadableKeyText::LoneRevocation);
        }
    }
    certificates.extend(copies);
    if certificates.is_empty() { Err(UnreadableKeyText::Empty) } else { Ok(certificates) }
}

/// A revocation of a whole key that does not stand in the certificate of the key which made it.
struct DetachedRevocation {
    /// The body of its packet.
    body: Vec<u8>,
    /// Whether it stands in no certificate, as in the block that `gpg --gen-revoke` writes.
    is_alone: bool,
}

/// Each certificate of a signer's text as a text of its own, with all its copies, in base64.
///
/// # Errors
/// What keeps the text from being read.
pub fn one_by_one(text: &str) -> Result<Vec<String>, UnreadableKeyText> {
    let mut texts: Vec<(Option<Fingerprint>, Vec<u8>)> = Vec::new();
    for raw in read(text)? {
        let primary = raw.keys.first().copied();
        match texts.iter_mut().find(|(other, _)| primary.is_some() && *other == primary) {
            Some((_, packets)) => packets.extend(raw.packets),
            None => texts.push((primary, raw.packets)),
        }
    }
    Ok(texts.into_iter().map(|(_, packets)| BASE64.encode(packets)).collect())
}

fn blocks(text: &str) -> Result<Vec<Vec<u8>>, UnreadableKeyText> {
    if text.contains(BEGIN) {
        return armored(text);
    }
    if text.trim().is_empty() {
        return Err(UnreadableKeyText::Empty);
    }
    let bytes = decode(text.split_ascii_whitespace()).ok_or(UnreadableKeyText::NotArmored)?;
    match str::from_utf8(&bytes) {
        Ok(text) if text.contains(BEGIN) => armored(text),
        _ => Ok(vec![bytes]),
    }
}

const BEGIN: &str = "-----BEGIN PGP ";

fn armored(mut text: &str) -> Result<Vec<Vec<u8>>, UnreadableKeyText> {
    let mut blocks = Vec::new();
    while let Some((_, begun)) = text.split_once(BEGIN) {
        let (label, rest) = begun.split_once("-----").ok_or(UnreadableKeyText::Armor)?;
        match label {
            "PUBLIC KEY BLOCK" => {}
            label if label.contains("PRIVATE") || label.contains("SECRET") => {
                return Err(UnreadableKeyText::PrivateKey);
            }
            label => return Err(UnreadableKeyText::OtherBlock(label.to_owned())),
        }
        let (inside, rest) =
            rest.split_once("-----END PGP PUBLIC KEY BLOCK-----").ok_or(UnreadableKeyText::Armor)?;
        // Headers such as `Version:` have a colon, which base64 never has, and end with an empty line, which
        // some tools lose. The line that begins with `=` is a checksum that RFC 9580 (6.1) forbids to insist on.
        let lines = inside.lines().map(str::trim).skip_while(|line| line.is_empty() || line.contains(':'));
        blocks.push(decode(lines.filter(|line| !line.starts_with('='))).ok_or(UnreadableKeyText::Armor)?);
        text = rest;
    }
    Ok(blocks)
}

fn decode<'a>(lines: impl Iterator<Item = &'a str>) -> Option<Vec<u8>> {
    BASE64.decode(lines.collect::<String>()).ok()
}

/// Cuts binary key material into certificates.
fn split(
    mut bytes: &[u8],
    certificates: &mut Vec<RawCertificate>,
    revocations: &mut Vec<DetachedRevocation>,
) -> Result<(), UnreadableKeyText> {
    let mut current: Option<RawCertificate> = None;
    let mut packets = 0;
    while !bytes.is_empty() {
        let (next, rest) = packet(bytes).map_err(UnreadableKeyText::Packets)?;
        bytes = rest;
        if !next.definite {
            return Err(UnreadableKeyText::Packets(Malformed::Length(next.tag)));
        }
        if next.tag == tag::SIGNATURE && revokes_key(&next.body) {
            let is_own = current.as_ref().is_some_and(|raw| raw.is_named_in(&next.body));
            if !is_own {
                if revocations.len() >= PACKETS {
                    return Err(UnreadableKeyText::TooLarge(PACKETS));
                }
                revocations
                    .push(DetachedRevocation { body: next.body.to_vec(), is_alone: current.is_none() });
            }
        }
        match (next.tag, &mut current) {
            (tag::SIGNATURE, None) if revokes_key(&next.body) => continue,
            (tag::SECRET_KEY | tag::SECRET_SUBKEY, _) => return Err(UnreadableKeyText::PrivateKey),
            (tag::TRUST | tag::MARKER | tag::PADDING, _) => continue,
            (tag::PUBLIC_KEY, _) => {
                certificates.extend(current.take());
                if certificates.len() >= CERTIFICATES {
                    return Err(UnreadableKeyText::TooMany(CERTIFICATES));
                }
                let version = next.body.first().copied().unwrap_or_default();
                let keys = fingerprint(&next.body).into_iter().collect();
                let mut raw = RawCertificate { keys, version, direct: false, packets: Vec::new() };
                raw.push(&next);
                current = Some(raw);
                packets = 0;
            }
            (tag::PUBLIC_SUBKEY, Some(raw)) => {
                raw.keys.extend(fingerprint(&next.body));
                raw.push(&next);
            }
            (tag::SIGNATURE, Some(raw)) if !raw.may_have_made(&next.body) || raw.repeats(&next.body) => {
                continue;
            }
            (tag::USER_ID | tag::SIGNATURE, Some(raw)) => {
                raw.direct |= next.tag == tag::SIGNATURE && next.body.starts_with(&[6, 0x1f]);
                raw.push(&next);
            }
            // A picture leaves its place, so that what was signed over it is not held to be damaged.
            (tag::USER_ATTRIBUTE, Some(raw)) => {
                raw.push(&Packet { tag: next.tag, body: Cow::Borrowed(&[]), definite: true });
            }
            // Types of the future that a reader may ignore (RFC 9580, 4.3).
            (40.., Some(_)) => continue,
            (other, _) => return Err(UnreadableKeyText::Stray(name(other).into_owned())),
        }
        packets += 1;
        if packets > PACKETS {
            return Err(UnreadableKeyText::TooLarge(PACKETS));
        }
    }
    certificates.extend(current);
    Ok(())
}

impl RawCertificate {
    /// Appends a packet, in the new format with a length of four octets.
    fn push(&mut self, packet: &Packet<'_>) {
        // A body is part of a text in memory, and a packet cannot say that it is longer than this.
        let length = u32::try_from(packet.body.len()).unwrap_or(u32::MAX);
        self.packets.extend([0xc0 | packet.tag, 0xff]);
        self.packets.extend(length.to_be_bytes());
        self.packets.extend_from_slice(&packet.body);
    }

    /// Whether a signature names the primary key as the one that made it.
    fn is_named_in(&self, signature: &[u8]) -> bool {
        let Some(primary) = self.keys.first() else { return false };
        match signature {
            [3, _, _, _, _, _, _, rest @ ..] => {
                rest.first_chunk::<8>().is_some_and(|key_id| primary.is_named_by(key_id))
            }
            [4, _, _, _, rest @ ..] => issuers(rest, 2).any(|issuer| primary.is_named_by(issuer)),
            [6, _, _, _, rest @ ..] => issuers(rest, 4).any(|issuer| primary.is_named_by(issuer)),
            _ => false,
        }
    }

    /// A copy of the certificate that has only the primary key and this revocation, if it may be by the key.
    fn revoked_by(&self, revocation: &[u8]) -> Option<Self> {
        if !self.is_named_in(revocation) {
            return None;
        }
        let (primary, _) = packet(&self.packets).ok()?;
        let keys = self.keys.first().copied().into_iter().collect();
        let mut copy = Self { keys, version: self.version, direct: false, packets: Vec::new() };
        copy.push(&primary);
        copy.push(&Packet { tag: tag::SIGNATURE, body: revocation.into(), definite: true });
        Some(copy)
    }

    /// Whether a signature may be this certificate's own: it names its primary key or nobody.
    /// Revocations always may. Others of version 3 do not count, whoever made them: they cannot say
    /// what a key is for, nor when it ends.
    fn may_have_made(&self, signature: &[u8]) -> bool {
        let Some(primary) = self.keys.first() else { return true };
        // How many octets tell the size of a subpacket area.
        let (rest, octets) = match signature {
            [3, 5, 0x20 | 0x28 | 0x30, ..] | [4 | 6, 0x20 | 0x28 | 0x30, ..] => return true,
            [3, ..] => return false,
            [4, _, _, _, rest @ ..] => (rest, 2),
            [6, _, _, _, rest @ ..] => (rest, 4),
            _ => return true,
        };
        let mut named = issuers(rest, octets).peekable();
        named.peek().is_none() || named.any(|issuer| primary.is_named_by(issuer))
    }

    /// Whether a signature over a user id says only what the one over the primary key does. In version 6
    /// that one speaks for the key (RFC 9580, 5.2.3.10), and each by Ed448 takes as long as the signature
    /// that is to be verified.
    fn repeats(&self, signature: &[u8]) -> bool {
        self.direct && matches!(signature, [6, 0x10..=0x13, ..]) && !may_bound(signature)
    }
}

/// Whether the body of a signature says that it revokes a primary key.
fn revokes_key(signature: &[u8]) -> bool {
    matches!(signature, [3, 5, 0x20, ..] | [4 | 6, 0x20, ..])
}

/// Whether a signature of version 6, over a user id, may bound what its key is for: it tells an end of
/// the key, a revoker, or uses that do not include signing.
fn may_bound(signature: &[u8]) -> bool {
    let hashed = signature.get(4..).and_then(|rest| counted(rest, 4)).map(|(hashed, _)| hashed);
    subpackets(hashed.unwrap_or_default()).any(|subpacket| match subpacket.split_first() {
        Some((kind, uses)) if kind & 0x7f == 27 => uses.first().is_none_or(|uses| uses & 2 == 0),
        Some((kind, _)) => matches!(kind & 0x7f, 9 | 12),
        None => false,
    })
}

/// The key ids and fingerprints that the two subpacket areas name as issuers (RFC 9580, 5.2.3.7).
fn issuers(bytes: &[u8], octets: usize) -> impl Iterator<Item = &[u8]> {
    let (hashed, rest) = counted(bytes, octets).unwrap_or_default();
    let (unhashed, _) = counted(rest, octets).unwrap_or_default();
    [hashed, unhashed].into_iter().flat_map(subpackets).filter_map(|subpacket| {
        match subpacket.split_first()? {
            // The seventh bit marks a critical subpacket.
            (kind, issuer) if kind & 0x7f == 16 => Some(issuer),
            (kind, [_version, issuer @ ..]) if kind & 0x7f == 33 => Some(issuer),
            _ => None,
        }
    })
}

/// The subpackets of an area, each with its type first, as far as they can be told apart.
fn subpackets(mut area: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let (subpacket, rest) = subpacket(area)?;
        area = rest;
        Some(subpacket)
    })
}

fn subpacket(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (&first, rest) = bytes.split_first()?;
    let (length, rest) = match first {
        0..=191 => (usize::from(first), rest),
        192..=254 => {
            let (&low, rest) = rest.split_first()?;
            (((usize::from(first) - 192) << 8) + usize::from(low) + 192, rest)
        }
        255 => {
            let (length, rest) = rest.split_first_chunk::<4>()?;
            (usize::try_from(u32::from_be_bytes(*length)).ok()?, rest)
        }
    };
    rest.split_at_checked(length)
}

#[cfg(test)]
#[expect(clippy::panic, clippy::unwrap_used, reason = "a test may fail")]
mod tests {
    use super::*;

    const ED: &str = include_str!("../../tests/signatures/generated/keys/ed.asc");
    const RSA: &str = include_str!("../../tests/signatures/generated/keys/rsa.asc");

    fn ed() -> RawCertificate {
        read(ED).unwrap().remove(0)
    }

    fn subpacket_of(kind: u8, content: &[u8]) -> Vec<u8> {
        let length = content.len() + 1;
        let length = match u8::try_from(length) {
            Ok(short @ ..192) => vec![short],
            _ if length < 8384 => {
                let [high, low] = u16::try_from(length - 192).unwrap().to_be_bytes();
                vec![high + 192, low]
            }
            _ => [vec![255], u32::try_from(length).unwrap().to_be_bytes().to_vec()].concat(),
        };
        [&length, &[kind][..], content].concat()
    }

    fn signature_of(version: u8, kind: u8, hashed: &[u8], unhashed: &[u8]) -> Vec<u8> {
        let area = |bytes: &[u8]| [&u16::try_from(bytes.len()).unwrap().to_be_bytes(), bytes].concat();
        [vec![version, kind, 22, 8], area(hashed), area(unhashed)].concat()
    }

    #[test]
    fn a_certificate_keeps_what_it_may_have_signed_itself_and_every_revocation() {
        let ed = ed();
        let fingerprint = ed.keys.first().unwrap();
        let Fingerprint::V4(fingerprint) = fingerprint else { panic!("of version 4") };
        let (_, key_id) = fingerprint.split_at(12);
        let own = subpacket_of(16, key_id);
        let other = subpacket_of(16, &[7; 8]);
        let fingerprint_of = |kind, fingerprint: &[u8]| subpacket_of(kind, &[&[4], fingerprint].concat());
        let long = |length| subpacket_of(20, &vec![0xff; length]);
        for (name, signature, expected) in [
            ("nobody", signature_of(4, 0x13, &[], &[]), true),
            ("nobody, among other things", signature_of(4, 0x13, &subpacket_of(20, &[0; 9]), &[]), true),
            ("its own key", signature_of(4, 0x13, &own, &[]), true),
            ("its own key, not hashed", signature_of(4, 0x13, &[], &own), true),
            ("its own key, critical", signature_of(4, 0x13, &subpacket_of(0x90, key_id), &other), true),
            ("its own fingerprint", signature_of(4, 0x13, &fingerprint_of(33, fingerprint), &other), true),
            (
                "its own fingerprint, critical",
                signature_of(4, 0x13, &fingerprint_of(0xa1, fingerprint), &other),
                true,
            ),
            ("somebody else", signature_of(4, 0x13, &other, &[]), false),
            ("somebody else, not hashed", signature_of(4, 0x13, &[], &other), false),
            ("somebody else, critical", signature_of(4, 0x13, &subpacket_of(0x90, &[7; 8]), &[]), false),
            ("somebody else's fingerprint", signature_of(4, 0x13, &fingerprint_of(33, &[7; 20]), &[]), false),
            (
                "somebody else's fingerprint, critical",
                signature_of(4, 0x13, &fingerprint_of(0xa1, &[7; 20]), &[]),
                false,
            ),
            ("both", signature_of(4, 0x13, &[own.clone(), other.clone()].concat(), &[]), true),
            (
                "somebody, and its own key elsewhere",
                signature_of(4, 0x13, &other, &subpacket_of(20, key_id)),
                false,
            ),
            ("somebody, after much", signature_of(4, 0x13, &[long(199), other.clone()].concat(), &[]), false),
            ("somebody, after more", signature_of(4, 0x13, &[long(499), other.clone()].concat(), &[]), false),
            (
                "somebody, after most",
                signature_of(4, 0x13, &[long(9000), other.clone()].concat(), &[]),
                false,
            ),
            ("somebody else's revocation", signature_of(4, 0x20, &other, &[]), true),
            ("somebody else's revocation of a subkey", signature_of(4, 0x28, &other, &[]), true),
            ("somebody else's revocation of a user id", signature_of(4, 0x30, &other, &[]), true),
            ("a revocation of version 3", vec![3, 5, 0x20, 0, 0, 0, 0], true),
            ("another of version 3", vec![3, 5, 0x13, 0, 0, 0, 0], false),
            ("another version", signature_of(5, 0x13, &other, &[]), true),
            ("cut short", vec![4, 0x13, 22, 8, 0, 9], true),
        ] {
            assert_eq!(ed.may_have_made(&signature), expected, "{name}");
        }
    }

    #[test]
    fn the_packets_of_a_certificate_are_counted_to_the_last() {
        let ed = ed();
        let (key, _) = packet(&ed.packets).unwrap();
        let (user_id, _) = packet(&[0xc0 | tag::USER_ID, 1, b'a']).unwrap();
        let certificate = |user_ids| {
            let mut raw = RawCertificate { packets: Vec::new(), ..ed.clone() };
            raw.push(&key);
            (0..user_ids).for_each(|_| raw.push(&user_id));
            let mut certificates = Vec::new();
            split(&raw.packets, &mut certificates, &mut Vec::new()).map(|()| certificates.len())
        };
        assert_eq!(certificate(PACKETS - 1), Ok(1));
        assert_eq!(certificate(PACKETS), Err(UnreadableKeyText::TooLarge(PACKETS)));
    }

    #[test]
    fn one_by_one_copies_of_a_certificate_stay_together_and_others_apart() {
        let texts = one_by_one(&[ED, RSA, ED].concat()).unwrap();
        let read_again: Vec<_> = texts.iter().map(|text| read(text).unwrap()).collect();
        assert_eq!(read_again, [[ed(), ed()].to_vec(), read(RSA).unwrap()]);
        // Keys of a version that nobody knows have no fingerprint that could be the same.
        let unknown = BASE64.encode([0xc6, 1, 9].repeat(2));
        assert_eq!(one_by_one(&unknown).unwrap(), vec![BASE64.encode([0xc6, 0xff, 0, 0, 0, 1, 9]); 2]);
    }
}
