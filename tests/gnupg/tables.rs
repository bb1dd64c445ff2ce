//! The tables of what is signed, by whom and how, and of what becomes of it.

use super::packets;

/// What is asked for, unless a case says otherwise.
pub const REFERENCE: &str = "registry.test/ns/app:v1";

/// What is signed, with `{R}` and `{D}` for reference and digest, unless a case says otherwise.
pub const PAYLOAD: &str = r#"{"critical":{"identity":{"docker-reference":"{R}"},"image":{"docker-manifest-digest":"{D}"},"type":"atomic container signature"},"optional":{"creator":"a test","timestamp":1700000000}}"#;

/// The algorithms of keys, after which the keys are named.
pub const ALGORITHMS: [&str; 11] = [
    "rsa1024",
    "rsa2048",
    "rsa3072",
    "rsa4096",
    "dsa2048",
    "ed25519",
    "nistp256",
    "nistp384",
    "nistp521",
    "brainpoolP256r1",
    "secp256k1",
];

/// What a build of GnuPG may lack; cases that need it are named after it.
pub const RARE: [&str; 6] = ["rsa1024", "dsa2048", "brainpoolP256r1", "secp256k1", "ripemd160", "md5"];

/// Name, keys, and how GnuPG is told to sign.
pub const SIGNED: &[(&str, &str, &str)] = &[
    ("hash md5", "rsa2048", "--allow-weak-digest-algos --digest-algo MD5 --sign"),
    ("hash sha1", "rsa2048", "--digest-algo SHA1 --sign"),
    ("hash ripemd160", "rsa2048", "--digest-algo RIPEMD160 --sign"),
    ("hash sha224", "rsa2048", "--digest-algo SHA224 --sign"),
    ("hash sha256", "rsa2048", "--digest-algo SHA256 --sign"),
    ("hash sha384", "rsa2048", "--digest-algo SHA384 --sign"),
    ("hash sha512", "rsa2048", "--digest-algo SHA512 --sign"),
    ("hash sha1 by ed25519", "ed25519", "--digest-algo SHA1 --sign"),
    ("hash sha256 by ed25519", "ed25519", "--digest-algo SHA256 --sign"),
    ("hash sha384 by ed25519", "ed25519", "--digest-algo SHA384 --sign"),
    ("hash sha384 by nistp256", "nistp256", "--digest-algo SHA384 --sign"),
    ("hash sha512 by nistp256", "nistp256", "--digest-algo SHA512 --sign"),
    ("hash sha512 by nistp384", "nistp384", "--digest-algo SHA512 --sign"),
    ("compression none", "rsa2048", "--compress-algo none --sign"),
    ("compression zip", "rsa2048", "--compress-algo zip --sign"),
    ("compression zlib", "rsa2048", "--compress-algo zlib --sign"),
    ("compression bzip2", "rsa2048", "--compress-algo bzip2 --sign"),
    ("text mode", "rsa2048", "--textmode --sign"),
    ("armored", "rsa2048", "--armor --sign"),
    ("detached", "rsa2048", "--detach-sign"),
    ("detached and armored", "rsa2048", "--armor --detach-sign"),
    ("cleartext", "rsa2048", "--clear-sign"),
    ("only literal data", "rsa2048", "--store"),
    ("two signers", "rsa2048 ed25519", "--sign"),
    ("encrypted", "with-subkeys", "--trust-model=always --recipient with-subkeys --encrypt"),
    (
        "signed and encrypted",
        "with-subkeys",
        "--trust-model=always --recipient with-subkeys --encrypt --sign",
    ),
    ("signed and encrypted by a password", "rsa2048", "--passphrase=open --symmetric --sign"),
    ("notation", "rsa2048", "--sig-notation x@example.com=1 --sign"),
    ("critical notation", "rsa2048", "--sig-notation !x@example.com=1 --sign"),
    ("policy URL", "rsa2048", "--sig-policy-url http://example.com/ --sign"),
    ("critical policy URL", "rsa2048", "--sig-policy-url !http://example.com/ --sign"),
    ("critical key server", "rsa2048", "--sig-keyserver-url !http://example.com/ --sign"),
    ("user id of the signer", "rsa2048", "--sender rsa2048@example.com --sign"),
    ("key enclosed", "rsa2048", "--include-key-block --sign"),
    ("for your eyes only", "rsa2048", "--for-your-eyes-only --sign"),
    ("file name", "rsa2048", "--set-filename a-name --sign"),
    ("signature that expires in ten years", "rsa2048", "--default-sig-expire 10y --sign"),
    (
        "signature that has expired",
        "rsa2048",
        "--faked-system-time=20240301T000000! --default-sig-expire 30d --sign",
    ),
    (
        "signature older than its key",
        "rsa2048",
        "--faked-system-time=20230101T000000! --ignore-time-conflict --sign",
    ),
    ("signature from the future", "rsa2048", "--faked-system-time=21000101T000000! --sign"),
];

/// Name, and the JSON that is signed. `{T}`, `{I}` and `{J}` stand for good members `type`, `identity`
/// and `image`, `{O}` and `{U}` for an `image` of another digest and in upper case, `{R}` and `{D}` for
/// reference and digest.
pub const PAYLOADS: &[(&str, &str)] = &[
    ("nothing", ""),
    ("text", "this is not JSON"),
    ("a list", "[]"),
    ("another type", r#"{"critical":{"type":"cosign container image signature",{I},{J}},"optional":{}}"#),
    ("no critical", r#"{"optional":{}}"#),
    ("no optional", r#"{"critical":{{T},{I},{J}}}"#),
    ("empty optional", r#"{"critical":{{T},{I},{J}},"optional":{}}"#),
    ("null optional", r#"{"critical":{{T},{I},{J}},"optional":null}"#),
    ("other members in optional", r#"{"critical":{{T},{I},{J}},"optional":{"x":[{"y":1,"y":2}],"z":null}}"#),
    ("another member at the top", r#"{"critical":{{T},{I},{J}},"optional":{},"x":1}"#),
    ("another member in critical", r#"{"critical":{{T},{I},{J},"x":1},"optional":{}}"#),
    (
        "another member in image",
        r#"{"critical":{{T},{I},"image":{"docker-manifest-digest":"{D}","x":1}},"optional":{}}"#,
    ),
    (
        "another member in identity",
        r#"{"critical":{{T},{J},"identity":{"docker-reference":"{R}","x":1}},"optional":{}}"#,
    ),
    ("critical twice", r#"{"critical":{{T},{I},{J}},"critical":{{T},{I},{J}},"optional":{}}"#),
    ("type twice", r#"{"critical":{{T},{T},{I},{J}},"optional":{}}"#),
    (
        "digest twice",
        r#"{"critical":{{T},{I},"image":{"docker-manifest-digest":"{D}","docker-manifest-digest":"{D}"}},"optional":{}}"#,
    ),
    ("creator twice", r#"{"critical":{{T},{I},{J}},"optional":{"creator":"a","creator":"a"}}"#),
    ("a member twice, once escaped", r#"{"critical":{{T},{I},{J}},"optional":{},"\u006fptional":{}}"#),
    ("a member escaped", r#"{"critical":{{T},{I},{J}},"\u006fptional":{}}"#),
    ("a member in upper case", r#"{"Critical":{{T},{I},{J}},"optional":{}}"#),
    ("no type", r#"{"critical":{{I},{J}},"optional":{}}"#),
    ("no identity", r#"{"critical":{{T},{J}},"optional":{}}"#),
    ("no image", r#"{"critical":{{T},{I}},"optional":{}}"#),
    ("null type", r#"{"critical":{"type":null,{I},{J}},"optional":{}}"#),
    ("null identity", r#"{"critical":{{T},"identity":null,{J}},"optional":{}}"#),
    ("null reference", r#"{"critical":{{T},"identity":{"docker-reference":null},{J}},"optional":{}}"#),
    ("null digest", r#"{"critical":{{T},{I},"image":{"docker-manifest-digest":null}},"optional":{}}"#),
    ("null creator", r#"{"critical":{{T},{I},{J}},"optional":{"creator":null}}"#),
    ("null timestamp", r#"{"critical":{{T},{I},{J}},"optional":{"timestamp":null}}"#),
    ("a number for creator", r#"{"critical":{{T},{I},{J}},"optional":{"creator":1}}"#),
    ("a fraction for timestamp", r#"{"critical":{{T},{I},{J}},"optional":{"timestamp":1.5}}"#),
    ("a whole number with exponent", r#"{"critical":{{T},{I},{J}},"optional":{"timestamp":1.7e9}}"#),
    ("a negative timestamp", r#"{"critical":{{T},{I},{J}},"optional":{"timestamp":-1}}"#),
    ("a timestamp beyond all numbers", r#"{"critical":{{T},{I},{J}},"optional":{"timestamp":1e400}}"#),
    ("a text for timestamp", r#"{"critical":{{T},{I},{J}},"optional":{"timestamp":"1700000000"}}"#),
    ("space around", " \n\t{\"critical\":{{T},{I},{J}},\"optional\":{}}\r\n "),
    ("another document behind", r#"{"critical":{{T},{I},{J}},"optional":{}}{}"#),
    ("text behind", r#"{"critical":{{T},{I},{J}},"optional":{}}x"#),
    ("a trailing comma", r#"{"critical":{{T},{I},{J}},"optional":{},}"#),
    ("a comment", r#"{"critical":{{T},{I},{J}},"optional":{}/**/}"#),
    ("a byte order mark", "\u{feff}{\"critical\":{{T},{I},{J}},\"optional\":{}}"),
    ("cut short", r#"{"critical":{{T},{I},{J}},"optional":{"#),
    ("a lone surrogate", r#"{"critical":{{T},{I},{J}},"optional":{"creator":"\ud800"}}"#),
    ("digest of other contents", r#"{"critical":{{T},{I},{O}},"optional":{}}"#),
    ("digest in upper case", r#"{"critical":{{T},{I},{U}},"optional":{}}"#),
    ("empty digest", r#"{"critical":{{T},{I},"image":{"docker-manifest-digest":""}},"optional":{}}"#),
    (
        "digest of another algorithm",
        r#"{"critical":{{T},{I},"image":{"docker-manifest-digest":"sha512:{D}"}},"optional":{}}"#,
    ),
];

/// Name, what is asked for, and what is signed for.
pub const REFERENCES: &[(&str, &str, &str)] = &[
    ("another tag", REFERENCE, "registry.test/ns/app:v2"),
    ("no tag", REFERENCE, "registry.test/ns/app"),
    ("another repository", REFERENCE, "registry.test/ns/other:v1"),
    ("a repository below", REFERENCE, "registry.test/ns/app/x:v1"),
    ("another host", REFERENCE, "other.test/ns/app:v1"),
    ("another port", REFERENCE, "registry.test:5000/ns/app:v1"),
    ("a host in upper case", REFERENCE, "REGISTRY.test/ns/app:v1"),
    ("a repository in upper case", REFERENCE, "registry.test/ns/App:v1"),
    ("space before", REFERENCE, " registry.test/ns/app:v1"),
    ("nothing", REFERENCE, ""),
    ("a scheme", REFERENCE, "docker://registry.test/ns/app:v1"),
    ("a digest for a tag", REFERENCE, "registry.test/ns/app@{D}"),
    ("tag and digest for a tag", REFERENCE, "registry.test/ns/app:v1@{D}"),
    ("the same digest", "registry.test/ns/app@{D}", "registry.test/ns/app@{D}"),
    ("a tag for a digest", "registry.test/ns/app@{D}", "registry.test/ns/app:v1"),
    ("tag and digest for a digest", "registry.test/ns/app@{D}", "registry.test/ns/app:v1@{D}"),
    ("the same tag and digest", "registry.test/ns/app:v1@{D}", "registry.test/ns/app:v1@{D}"),
    ("a tag for tag and digest", "registry.test/ns/app:v1@{D}", "registry.test/ns/app:v1"),
    ("a short name for a long one", "docker.io/library/busybox:1", "busybox:1"),
    ("a long name for a short one", "busybox:1", "docker.io/library/busybox:1"),
    ("a name of Docker's index", "docker.io/library/busybox:1", "index.docker.io/library/busybox:1"),
    ("a name without its library", "docker.io/library/busybox:1", "docker.io/busybox:1"),
    ("localhost", "localhost/app:1", "localhost/app:1"),
    ("localhost and Docker", "docker.io/localhost/app:1", "localhost/app:1"),
];

/// Name, the packet, where in it, and which bits change.
pub type Flip = (&'static str, usize, fn(&[u8]) -> usize, u8);

pub const FLIPS: &[Flip] = &[
    ("one-pass version", 0, |_| 0, 0x01),
    ("one-pass type", 0, |_| 1, 0x01),
    ("one-pass hash", 0, |_| 2, 0x01),
    ("one-pass algorithm", 0, |_| 3, 0x10),
    ("one-pass key", 0, |_| 11, 0x01),
    ("one-pass last", 0, |_| 12, 0x01),
    ("literal format", 1, |_| 0, b'b' ^ b't'),
    ("literal date", 1, |_| 5, 0x01),
    ("first byte of the payload", 1, |_| 6, 0x01),
    ("last byte of the payload", 1, |body| body.len() - 1, 0x01),
    ("signature version", 2, |_| 0, 0x01),
    ("signature type", 2, |_| 1, 0x01),
    ("signature algorithm", 2, |_| 2, 0x10),
    ("signature hash", 2, |_| 3, 0x01),
    ("hashed fingerprint", 2, |_| 20, 0x01),
    ("signing time", 2, |body| packets::unhashed(body) - 3, 0x01),
    ("unhashed key", 2, |body| packets::digest_prefix(body) - 1, 0x01),
    ("digest prefix", 2, packets::digest_prefix, 0x01),
    ("length of a number", 2, |body| packets::digest_prefix(body) + 2, 0x80),
    ("first byte of a number", 2, |body| packets::digest_prefix(body) + 4, 0x01),
    ("last byte of the signature", 2, |body| body.len() - 1, 0x01),
];
