//! What the tests outside cannot reach.

use sequoia_openpgp::crypto::mpi::MPI;
use sequoia_openpgp::packet::key::Key4;
use sequoia_openpgp::serialize::SerializeInto as _;

use std::time::SystemTime;

use sequoia_openpgp::Cert;
use sequoia_openpgp::parse::Parse as _;
use sequoia_openpgp::types::{Curve, PublicKeyAlgorithm};

use sequoia_openpgp::packet::Key;
use sequoia_openpgp::packet::key::{PublicParts, UnspecifiedRole};

use crate::signature::certificates::{self, RawCertificate};
use crate::signature::framing;
use crate::signature::openpgp::algorithms::weak;
use crate::signature::openpgp::cert_store::assemble;
use crate::signature::openpgp::statements::Statements;

#[test]
#[expect(deprecated, reason = "old keys have these algorithms")]
fn weak_and_foreign_keys() {
    use sequoia_openpgp::crypto::mpi::PublicKey;
    let key = |algorithm, numbers| -> Key<PublicParts, UnspecifiedRole> {
        Key4::new(SystemTime::UNIX_EPOCH, algorithm, numbers).expect("a key").into()
    };
    let point = |length: usize| MPI::new(&vec![4; length]);
    let rsa = |bits: usize| {
        let mut n = vec![0xff; bits.div_ceil(8)];
        n[0] >>= (8 - bits % 8) % 8;
        PublicKey::RSA { e: MPI::new(&[1, 0, 1]), n: MPI::new(&n) }
    };
    let ecdsa = |curve| PublicKey::ECDSA { curve, q: point(65) };
    let eddsa = |curve| PublicKey::EdDSA { curve, q: point(33) };
    use PublicKeyAlgorithm::{DSA, ECDSA, Ed25519, EdDSA, RSAEncrypt, RSAEncryptSign, RSASign, X25519};
    let table = [
        (RSAEncryptSign, rsa(2048), None),
        (RSASign, rsa(4096), None),
        (RSAEncryptSign, rsa(2047), Some("RSA with 2047 bits")),
        (RSAEncryptSign, rsa(1024), Some("RSA with 1024 bits")),
        (RSAEncryptSign, rsa(4097), Some("RSA with 4097 bits")),
        (RSAEncrypt, rsa(2048), Some("RSA")),
        (EdDSA, eddsa(Curve::Ed25519), None),
        (EdDSA, eddsa(Curve::NistP256), Some("an elliptic curve key on NIST P-256")),
        (Ed25519, PublicKey::Ed25519 { a: [4; 32] }, None),
        (X25519, PublicKey::X25519 { u: [4; 32] }, Some("X25519")),
        (ECDSA, ecdsa(Curve::NistP256), None),
        (ECDSA, ecdsa(Curve::NistP384), None),
        (ECDSA, ecdsa(Curve::NistP521), Some("an elliptic curve key on NIST P-521")),
        (ECDSA, ecdsa(Curve::BrainpoolP256), Some("an elliptic curve key on brainpool")),
        (DSA, PublicKey::DSA { p: point(256), q: point(32), g: point(256), y: point(256) }, Some("DSA")),
    ];
    for (algorithm, numbers, expected) in table {
        let found = weak(&key(algorithm, numbers));
        assert_eq!(found.is_some(), expected.is_some(), "{found:?} {expected:?}");
        if let (Some(found), Some(expected)) = (found, expected) {
            assert!(found.starts_with(expected), "{found}");
        }
    }
}

/// What the library makes of a certificate as a stream of packets, and what we have it make of the packets.
fn both_ways(copy: &RawCertificate) -> [Result<Vec<u8>, ()>; 2] {
    [Cert::from_bytes(&copy.packets), assemble(copy, &mut Statements::default())]
        .map(|cert| cert.map_err(drop).and_then(|cert| cert.to_vec().map_err(drop)))
}

fn real_copies() -> Vec<RawCertificate> {
    let signatures = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/signatures");
    let mut folders = vec![std::path::PathBuf::from(signatures)];
    let mut copies = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(text) = std::fs::read_to_string(&path)
                && let Ok(raws) = certificates::read(&text)
            {
                copies.extend(raws);
            }
        }
    }
    copies
}

#[test]
fn packets_read_one_by_one_make_the_certificate_that_the_stream_makes() {
    let copies = real_copies();
    assert!(copies.len() > 20, "{}", copies.len());
    for copy in copies {
        let [stream, packets] = both_ways(&copy);
        assert!(stream.is_ok());
        assert_eq!(stream, packets);
    }
}

/// A change may make a packet of another version, of an unknown algorithm, too short, or too long.
#[test]
fn an_unreadable_signature_is_a_reason_to_refuse_and_other_packets_are_left_out_as_in_a_stream() {
    let (mut left_out, mut refused) = (0, 0);
    for copy in real_copies().iter().filter(|copy| copy.packets.len() < 3000) {
        let mut rest = copy.packets.as_slice();
        while let Ok((packet, after)) = framing::packet(rest) {
            let body = copy.packets.len() - after.len() - packet.body.len();
            rest = after;
            // The first octets tell versions, algorithms and lengths.
            for (place, to) in (body..body + packet.body.len().min(40))
                .flat_map(|place| [0, 1, 3, 5, 0x7f, 0xff].map(|to| (place, to)))
            {
                let mut changed = copy.clone();
                changed.packets[place] = to;
                let [stream, ours] = both_ways(&changed);
                if stream != ours {
                    assert_eq!(ours, Err(()), "octet {place} is {to}");
                    assert_eq!(packet.tag, framing::tag::SIGNATURE, "octet {place} is {to}");
                    refused += 1;
                } else if ours.is_ok_and(|ours| ours.len() < copy.packets.len() / 2) {
                    left_out += 1;
                }
            }
        }
    }
    assert!(refused > 0 && left_out > 0, "{refused} {left_out}");
}

#[test]
fn a_secret_half_that_looks_like_the_end_of_a_public_key_makes_none() {
    let copy = real_copies().into_iter().find(|copy| copy.packets.len() < 3000).expect("one");
    let (key, rest) = framing::packet(&copy.packets).expect("a key");
    let mut longer = RawCertificate { packets: Vec::new(), ..copy.clone() };
    // An unencrypted secret: its marker, a number, a checksum.
    let body = [&key.body[..], &[0, 0, 8, 0x80, 0x01, 0x08]].concat();
    longer.packets.extend([0xc6, 0xff]);
    longer.packets.extend(u32::try_from(body.len()).expect("short").to_be_bytes());
    longer.packets.extend(body);
    longer.packets.extend(rest);
    let [stream, packets] = both_ways(&longer);
    assert_eq!((stream, packets), (Err(()), Err(())));
}
