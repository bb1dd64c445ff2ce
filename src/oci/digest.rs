//! Digests: how a manifest or a blob is named by its content.
//!
//! The form is the OCI image specification's (`descriptor.md`, "Digests"), with the algorithms that
//! distribution's grammar knows.

use std::fmt;

use sha2::{Sha256, Sha384, Sha512};

/// A hash function that digests are made with.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Algorithm {
    Sha256,
    Sha384,
    Sha512,
}

impl Algorithm {
    const ALL: [Self; 3] = [Self::Sha256, Self::Sha384, Self::Sha512];

    /// The name in front of the colon.
    fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "sha256",
            Self::Sha384 => "sha384",
            Self::Sha512 => "sha512",
        }
    }

    /// How many hex digits a digest has.
    fn digits(self) -> usize {
        match self {
            Self::Sha256 => 64,
            Self::Sha384 => 96,
            Self::Sha512 => 128,
        }
    }

    fn hash(self, bytes: &[u8]) -> Vec<u8> {
        use sha2::Digest;
        match self {
            Self::Sha256 => Sha256::digest(bytes).to_vec(),
            Self::Sha384 => Sha384::digest(bytes).to_vec(),
            Self::Sha512 => Sha512::digest(bytes).to_vec(),
        }
    }

    /// The algorithm with which a text begins, known or not, and the rest of the text.
    fn split(text: &str) -> Option<(Self, &str)> {
        let (name, hex) = text.split_once(':')?;
        Some((Self::ALL.into_iter().find(|algorithm| algorithm.name() == name)?, hex))
    }
}

/// A digest in its canonical form: `sha256`, `sha384` or `sha512`, a colon, and as many lower-case
/// hex digits as the algorithm gives.
///
/// It compares with text directly, so that a name that need not be a digest, such as an Image's, can
/// be held against one.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Digest(String);

impl Digest {
    /// Parses a digest that is written in its canonical form.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::is_canonical(text).then(|| Self(text.to_owned()))
    }

    /// Whether the text is a digest in its canonical form.
    #[must_use]
    pub fn is_canonical(text: &str) -> bool {
        Self::is_valid(text) && !text.contains(|c: char| c.is_ascii_uppercase())
    }

    /// Whether the text is a digest, its hex digits in either case, as references may write it.
    pub(super) fn is_valid(text: &str) -> bool {
        Algorithm::split(text).is_some_and(|(algorithm, hex)| {
            hex.len() == algorithm.digits() && hex.bytes().all(|byte| byte.is_ascii_hexdigit())
        })
    }

    /// Parses a digest whose hex digits may be in either case.
    pub(super) fn parse_any_case(text: &str) -> Option<Self> {
        Self::is_valid(text).then(|| Self(text.to_ascii_lowercase()))
    }

    /// The digest of some bytes by the algorithm that `other` is of, which may be no more than the
    /// beginning of a digest (`sha512:`); by sha256 where it names no algorithm that is known.
    #[must_use]
    pub fn like(other: &str, bytes: &[u8]) -> Self {
        use fmt::Write;
        let algorithm = Algorithm::split(other).map_or(Algorithm::Sha256, |(algorithm, _)| algorithm);
        let mut text = String::with_capacity(algorithm.name().len() + 1 + algorithm.digits());
        text.push_str(algorithm.name());
        text.push(':');
        for byte in algorithm.hash(bytes) {
            // Writing to a `String` cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        Self(text)
    }

    /// Algorithm and digits: `sha256:…`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl PartialEq<str> for Digest {
    fn eq(&self, text: &str) -> bool {
        self.0 == text
    }
}

impl PartialEq<&str> for Digest {
    fn eq(&self, text: &&str) -> bool {
        self.0 == *text
    }
}

/// The text of [`Digest::like`].
#[must_use]
pub fn digest_like(other: &str, bytes: &[u8]) -> String {
    Digest::like(other, bytes).0
}

#[cfg(test)]
mod tests {
    use super::{Digest, digest_like};

    const D: &str = "sha256:3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25";

    #[test]
    fn a_digest_is_lower_case_and_whole() {
        assert!(Digest::is_canonical(D));
        for wrong in [
            "",
            "sha256:",
            "sha256:00",
            "3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25",
            &D.to_uppercase(),
            &D.replace("3c", "3C"),
            &format!("{D}0"),
            &D.replace("sha256", "md5"),
            &D.replace("sha256", "sha512"),
        ] {
            assert!(!Digest::is_canonical(wrong), "{wrong}");
        }
    }

    #[test]
    fn a_digest_is_of_the_algorithm_that_is_asked_for() {
        // The empty text, as `sha256sum`, `sha384sum` and `sha512sum` give it.
        let (sha256, sha384, sha512) = (
            "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "sha384:38b060a751ac96384cd9327eb1b1e36a21fdb71114be07434c0cc7bf63f6e1da274edebfe76f65fbd51ad2f14898b95b",
            "sha512:cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e",
        );
        for (other, digest) in [
            ("sha256:", sha256),
            ("sha384:x", sha384),
            ("sha512:", sha512),
            ("", sha256),
            ("just-a-name", sha256),
            ("SHA512:", sha256),
            ("md5:", sha256),
        ] {
            assert_eq!(digest_like(other, b""), digest, "{other}");
        }
    }
}
