//! Where we and skopeo differ, and why that is meant.
//!
//! This is skopeo as distributions build it, on GnuPG. Built on Go's OpenPGP, it differs elsewhere.

/// Cases in which one of us trusts an image and the other does not, all for one reason.
pub struct Exception {
    /// Who trusts it.
    pub trusted_by: Party,
    /// The version of skopeo that agrees with us.
    pub before: Option<(u32, u32)>,
    pub why: &'static str,
    pub cases: &'static [&'static str],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Party {
    Us,
    Skopeo,
}

const fn skopeo(why: &'static str, cases: &'static [&'static str]) -> Exception {
    Exception { trusted_by: Party::Skopeo, before: None, why, cases }
}

const fn us(why: &'static str, before: Option<(u32, u32)>, cases: &'static [&'static str]) -> Exception {
    Exception { trusted_by: Party::Us, before, why, cases }
}

/// The version of skopeo from which a subkey counts as its primary key.
pub const SUBKEYS: (u32, u32) = (1, 21);

pub const EXCEPTIONS: &[Exception] = &[
    us(
        "a signing subkey counts as its primary key; skopeo compares the fingerprint of the key that \
         signed with those of the primary keys alone, until containers/image mapped one to the other in \
         August 2025",
        Some(SUBKEYS),
        &[
            "with-subkeys by gpg",
            "with-subkeys by skopeo",
            "key other subkey revoked, signed now",
            "key without its encryption subkey, signed now",
        ],
    ),
    us(
        "the setting asks for it: a signature that says it was made before the key expired, or was \
         superseded, counts; GnuPG, and so skopeo, lets none count once the key has ended",
        None,
        &[
            r#"key expired, with {"expiredKey":"allowSignedBefore"}"#,
            r#"key revoked as superseded, with {"revokedKey":"allowSignedBefore"}"#,
        ],
    ),
    us(
        "a signature that cannot be read proves nothing, and takes nothing from the good one beside it; \
         skopeo's reader of folders and registries refuses an image with any file that is no signature, \
         its reader of OpenShift's images does not look at them",
        None,
        &["several: a good one, then one that cannot be read"],
    ),
    us(
        "hosts are compared as scopes compare them: in lower case, as the network does",
        None,
        &["reference: a host in upper case"],
    ),
    skopeo(
        "keys other than RSA from 2048 to 4096 bits, Ed25519, and ECDSA on P-256 and P-384 are too weak, \
         or not supported",
        &[
            "rsa1024 by gpg",
            "rsa1024 by skopeo",
            "dsa2048 by gpg",
            "dsa2048 by skopeo",
            "nistp521 by gpg",
            "nistp521 by skopeo",
            "brainpoolP256r1 by gpg",
            "brainpoolP256r1 by skopeo",
            "secp256k1 by gpg",
            "secp256k1 by skopeo",
        ],
    ),
    skopeo(
        "SHA-1, RIPEMD-160 and SHA-224 are too weak for a signature on an image",
        &["hash sha1", "hash sha1 by ed25519", "hash ripemd160", "hash sha224"],
    ),
    skopeo(
        "a certificate may vouch for its own key by SHA-1 only where the signer's settings say so",
        &["sha1 by gpg", "sha1 by skopeo"],
    ),
    skopeo(
        "no tool that signs images compresses by bzip2, by no algorithm, or more than once",
        &["compression bzip2", "packets: compressed by no algorithm", "packets: compressed twice"],
    ),
    skopeo("a text signature also covers texts with other line ends", &["text mode"]),
    skopeo(
        "a signature from the future is one by a clock that nobody can trust",
        &["signature from the future"],
    ),
    skopeo("no tool that signs images puts the signature first", &["packets: without a one-pass packet"]),
    skopeo(
        "every byte belongs to the one signed message",
        &["packets: marker behind", "packets: compressed, with a zero behind"],
    ),
    skopeo(
        "the frame is how files store what the image API stores as it is",
        &["packets: a frame for sigstore"],
    ),
    skopeo(
        "a one-pass packet that contradicts the signature, or announces another, is malformed",
        &[
            "flipped: one-pass type",
            "flipped: one-pass algorithm",
            "flipped: one-pass key",
            "flipped: one-pass last",
            "flipped: unhashed key",
        ],
    ),
    skopeo(
        "a signature repeats the first octets of its digest: one that has them wrong is damaged",
        &["flipped: digest prefix"],
    ),
    skopeo(
        "a member of `optional` that is there has a value of its type",
        &["json: null creator", "json: null timestamp"],
    ),
    skopeo(
        "what is no Unicode text is no JSON; Go's reader puts U+FFFD in its place",
        &["json: not UTF-8", "json: a lone surrogate"],
    ),
    skopeo("JSON nests up to 128 levels; Go's reader allows 10000", &["json: nested very deeply"]),
];
