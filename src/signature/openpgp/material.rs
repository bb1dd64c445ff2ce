//! What keys are made of, as [`KeyMaterial`] tells them apart.

use sequoia_openpgp::cert::amalgamation::key::ErasedKeyAmalgamation;
use sequoia_openpgp::crypto::mpi::PublicKey;
use sequoia_openpgp::packet::Key;
use sequoia_openpgp::packet::key::{PublicParts, UnspecifiedRole};
use sequoia_openpgp::types::Curve;

use crate::signature::openpgp::units::{hex, name};
use crate::signature::signing_key::{KeyMaterial, SigningKey};

/// A key of a certificate, as one that signs.
pub(super) fn signing_key(key: &ErasedKeyAmalgamation<'_, PublicParts>) -> SigningKey {
    let is_post_quantum =
        matches!(key.key().mpis(), PublicKey::MLDSA65_Ed25519 { .. } | PublicKey::MLDSA87_Ed448 { .. });
    let primary = key.cert().primary_key().key().role_as_unspecified();
    SigningKey::new(name(key), is_post_quantum, [material(key.key()), material(primary)])
}

fn material(key: &Key<PublicParts, UnspecifiedRole>) -> KeyMaterial {
    match key.mpis() {
        PublicKey::RSA { n, .. } => KeyMaterial::Modulus(n.value().to_vec()),
        PublicKey::Ed25519 { a } => edwards(a),
        PublicKey::Ed448 { a } => edwards(&a[..]),
        PublicKey::MLDSA65_Ed25519 { eddsa, .. } => edwards(&eddsa[..]),
        PublicKey::MLDSA87_Ed448 { eddsa, .. } => edwards(&eddsa[..]),
        PublicKey::EdDSA { curve, q } | PublicKey::ECDSA { curve, q } => match q.decode_point(curve) {
            Ok((y, _)) if *curve == Curve::Ed25519 => edwards(y),
            Ok((x, _)) => KeyMaterial::Weierstrass(curve.oid().to_vec(), x.to_vec()),
            Err(_) => whole(key),
        },
        _ => whole(key),
    }
}

/// RFC 8032, 5.1.2 and 5.2.2: the last bit is the sign of the other coordinate.
fn edwards(point: &[u8]) -> KeyMaterial {
    let mut y = point.to_vec();
    if let Some(last) = y.last_mut() {
        *last &= 0x7f;
    }
    KeyMaterial::Edwards(y)
}

fn whole(key: &Key<PublicParts, UnspecifiedRole>) -> KeyMaterial {
    KeyMaterial::Whole(hex(&key.fingerprint()))
}

#[cfg(test)]
#[expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test may fail")]
mod tests {
    use std::time::SystemTime;

    use sequoia_openpgp::crypto::mpi::MPI;
    use sequoia_openpgp::packet::key::{Key4, Key6};
    use sequoia_openpgp::types::PublicKeyAlgorithm;

    use super::*;

    type AnyKey = Key<PublicParts, UnspecifiedRole>;

    fn v4(seconds: u64, algorithm: PublicKeyAlgorithm, numbers: PublicKey) -> AnyKey {
        let created = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(seconds);
        Key4::new(created, algorithm, numbers).expect("a key").into()
    }

    fn v6(algorithm: PublicKeyAlgorithm, numbers: PublicKey) -> AnyKey {
        Key6::new(SystemTime::UNIX_EPOCH, algorithm, numbers).expect("a key").into()
    }

    /// A number of this many octets, the last of which is `end`.
    fn octets<const N: usize>(end: u8) -> [u8; N] {
        let mut octets = [0x11; N];
        octets[N - 1] = end;
        octets
    }

    #[test]
    #[expect(deprecated, reason = "old keys are of it")]
    fn the_same_material_under_other_fingerprints_is_the_same() {
        use PublicKeyAlgorithm::{
            ECDH, ECDSA, Ed448, Ed25519, EdDSA, MLDSA65_Ed25519, MLDSA87_Ed448, RSAEncryptSign, RSASign,
        };
        let rsa = |n: &[u8], e: u8| PublicKey::RSA { e: MPI::new(&[e]), n: MPI::new(n) };
        let legacy =
            |a: [u8; 32]| PublicKey::EdDSA { curve: Curve::Ed25519, q: MPI::new_compressed_point(&a) };
        let ec = |curve, q: &[u8]| PublicKey::ECDSA { curve, q: MPI::new(q) };
        let p256 = |first: u8, length| [&[first][..], &vec![0x22; length]].concat();
        let ml65 =
            |a, m| PublicKey::MLDSA65_Ed25519 { eddsa: Box::new(octets(a)), mldsa: Box::new(octets(m)) };
        let ml87 = |a, m| PublicKey::MLDSA87_Ed448 { eddsa: Box::new(octets(a)), mldsa: Box::new(octets(m)) };
        let groups: [&[AnyKey]; 8] = [
            &[
                v4(0, RSAEncryptSign, rsa(&octets::<256>(1), 3)),
                v4(1, RSAEncryptSign, rsa(&octets::<256>(1), 3)),
                v4(0, RSASign, rsa(&octets::<256>(1), 3)),
                v4(0, RSAEncryptSign, rsa(&octets::<256>(1), 5)),
                v4(0, RSAEncryptSign, rsa(&[&[0, 0][..], &octets::<256>(1)].concat(), 3)),
                v6(RSAEncryptSign, rsa(&octets::<256>(1), 3)),
            ],
            &[v4(0, RSAEncryptSign, rsa(&octets::<256>(3), 3))],
            &[
                v4(0, EdDSA, legacy(octets(4))),
                v4(1, EdDSA, legacy(octets(0x84))),
                v4(0, Ed25519, PublicKey::Ed25519 { a: octets(4) }),
                v6(Ed25519, PublicKey::Ed25519 { a: octets(4) }),
                v6(Ed25519, PublicKey::Ed25519 { a: octets(0x84) }),
                v6(MLDSA65_Ed25519, ml65(4, 1)),
                v6(MLDSA65_Ed25519, ml65(4, 2)),
            ],
            &[v4(0, EdDSA, legacy(octets(5))), v6(MLDSA65_Ed25519, ml65(5, 1))],
            &[
                v6(Ed448, PublicKey::Ed448 { a: Box::new(octets(0)) }),
                v6(Ed448, PublicKey::Ed448 { a: Box::new(octets(0x80)) }),
                v6(MLDSA87_Ed448, ml87(0, 1)),
                v6(MLDSA87_Ed448, ml87(0, 2)),
            ],
            &[
                v4(0, ECDSA, ec(Curve::NistP256, &p256(4, 64))),
                v6(ECDSA, ec(Curve::NistP256, &p256(4, 64))),
                v6(ECDSA, ec(Curve::NistP256, &[&p256(4, 32)[..], &[0x33; 32]].concat())),
            ],
            &[v4(0, ECDSA, ec(Curve::NistP384, &p256(4, 96)))],
            &[v4(
                0,
                ECDH,
                PublicKey::ECDH {
                    curve: Curve::NistP256,
                    q: MPI::new(&p256(4, 64)),
                    hash: sequoia_openpgp::types::HashAlgorithm::SHA256,
                    sym: sequoia_openpgp::types::SymmetricAlgorithm::AES128,
                },
            )],
        ];
        for (one, keys) in groups.iter().enumerate() {
            for (other, others) in groups.iter().enumerate() {
                for (i, key) in keys.iter().enumerate() {
                    for (j, another) in others.iter().enumerate() {
                        let is_same = material(key) == material(another);
                        assert_eq!(is_same, one == other, "{one}.{i} and {other}.{j}");
                    }
                }
            }
        }
    }
}
