//! What the tests outside cannot reach.

use sequoia_openpgp::crypto::mpi::MPI;
use sequoia_openpgp::packet::key::Key4;

use super::*;

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
