//! What verifying takes.

/// What verifying a signature takes, the cheapest first. It says nothing about how good one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cost {
    /// RSA and Ed25519.
    Low,
    /// ECDSA, and ML-DSA-65 with Ed25519.
    Medium,
    /// Ed448, also with ML-DSA-87.
    High,
}
