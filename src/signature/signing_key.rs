//! The keys that may sign images, and what they are made of.

/// What a key is made of: whoever can sign for one key can sign for each key of the same material.
///
/// The same for keys that differ in their creation time, version, algorithm number or place in a certificate
/// only, and so have different fingerprints. Where one secret signs for several public values, these are the
/// same material:
///
/// - RSA keys are told apart by their modulus: who can factor it can use any exponent.
/// - Points of curves are told apart by the one coordinate that a secret and its negative share, however
///   they are written.
/// - Of a key that joins ML-DSA with Ed25519 or Ed448 the curve's point alone counts: who has the key can
///   sign for the point by itself, too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum KeyMaterial {
    /// The modulus of an RSA key.
    Modulus(Vec<u8>),
    /// A coordinate of a point, on the Edwards curve that its length tells.
    Edwards(Vec<u8>),
    /// A coordinate of a point on another curve, after the curve's OID.
    Weierstrass(Vec<u8>, Vec<u8>),
    /// The fingerprint of a key that cannot sign, or whose point cannot be read.
    Whole(String),
}

/// A key that may sign images, as part of its certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningKey {
    fingerprint: String,
    is_post_quantum: bool,
    /// Of the key and of its certificate's primary key.
    material: [KeyMaterial; 2],
}

impl SigningKey {
    pub(super) fn new(fingerprint: String, is_post_quantum: bool, material: [KeyMaterial; 2]) -> Self {
        Self { fingerprint, is_post_quantum, material }
    }

    /// The fingerprint of the key, 40 upper-case hexadecimal digits, or 64 of one of version 6.
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Whether it is a post-quantum key: ML-DSA-65 with Ed25519, or ML-DSA-87 with Ed448. What its primary key
    /// is does not matter: that the two belong together is said by the settings, which hold the certificate.
    #[must_use]
    pub fn is_post_quantum(&self) -> bool {
        self.is_post_quantum
    }

    /// Whether whoever signs with one could sign with the other: they or their primary keys are of the same
    /// material, whatever their fingerprints, versions and signers.
    #[must_use]
    pub fn shares_material_with(&self, other: &Self) -> bool {
        self.material.iter().any(|material| other.material.contains(material))
    }
}
