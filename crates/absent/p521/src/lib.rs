//! No curve P-521, in the place of the crate `p521`.
//!
//! The policy accepts no key on this curve, but says so at run time, so the linker would keep all its
//! arithmetic. The names that Sequoia calls are P-384's here. What Sequoia hands them has the
//! lengths of P-521, and is refused with an error for its length: every signature, every point, every
//! secret. Keys of this curve are not to be generated with it.

pub use p384::{AffinePoint, EncodedPoint, NistP384 as NistP521, PublicKey, Scalar, SecretKey};
pub use p384::{ecdh, ecdsa, elliptic_curve};

#[cfg(test)]
mod tests {
    use super::elliptic_curve::FieldBytesSize;
    use super::elliptic_curve::generic_array::GenericArray;
    use super::{EncodedPoint, NistP521, PublicKey, ecdsa};

    /// What Sequoia pads each number to.
    const LENGTH: usize = 66;

    #[test]
    fn no_number_fits() {
        assert_ne!(GenericArray::<u8, FieldBytesSize<NistP521>>::default().len(), LENGTH);
        assert!(ecdsa::Signature::from_slice(&[1; 2 * LENGTH]).is_err());
    }

    #[test]
    fn no_point_fits() {
        let uncompressed = [4; 1 + 2 * LENGTH];
        let compressed = [2; 1 + LENGTH];
        for point in [uncompressed.as_slice(), compressed.as_slice()] {
            assert!(EncodedPoint::from_bytes(point).is_err());
            assert!(PublicKey::from_sec1_bytes(point).is_err());
        }
    }
}
