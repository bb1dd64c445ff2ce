//! Signatures that chance chose: keys, what became of them, how GnuPG signed, and what befell the
//! bytes since.
//!
//! `IMAGE_TRUST_SEED` is a number from which the choices follow, `IMAGE_TRUST_SIGNATURES` says how
//! many signatures are made. Each has a seed of its own, by which it can be made again alone, though
//! by new keys.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use openshift_image_trust::{Malformed, Reason};
use serde_json::json;

use super::cases::{Case, exact, payload};
use super::home::{Home, Key};
use super::packets;
use super::skopeo::Image;
use super::tables::REFERENCE;

/// How many signatures are made, and the seed of the first.
pub fn wanted() -> (u64, u64) {
    let number = |name: &str, default| {
        std::env::var(name).map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name}={text}")))
    };
    (number("IMAGE_TRUST_SIGNATURES", 60), number("IMAGE_TRUST_SEED", 1))
}

/// Numbers that look random and follow from a seed: SplitMix64.
struct Dice {
    state: u64,
    /// What is unusual this time. With all of it at once, nothing would be good.
    odd: Vec<Odd>,
}

/// What can be unusual about a signature.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Odd {
    Algorithm,
    Bytes,
    Certificate,
    Compression,
    Editions,
    End,
    Expiry,
    Fate,
    Hash,
    Mode,
    Moment,
    Note,
    Payload,
    SelfSignature,
}

impl Dice {
    fn new(seed: u64) -> Self {
        use Odd::*;
        let all = [
            &Algorithm,
            &Bytes,
            &Certificate,
            &Compression,
            &Editions,
            &End,
            &Expiry,
            &Fate,
            &Hash,
            &Mode,
            &Moment,
            &Note,
            &Payload,
            &SelfSignature,
            &Bytes,
            &Fate,
            &Fate,
            &Expiry,
        ];
        let mut dice = Self { state: seed.wrapping_mul(0x2545_f491_4f6c_dd1d), odd: Vec::new() };
        for _ in 0..dice.below(4) {
            let odd = *dice.pick(&all);
            dice.odd.push(odd);
        }
        dice
    }

    fn is(&self, odd: Odd) -> bool {
        self.odd.contains(&odd)
    }

    fn number(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.number() % end as u64).expect("small")
    }

    /// One of these, of which any may stand several times.
    fn pick<'t, T: ?Sized>(&mut self, from: &[&'t T]) -> &'t T {
        from[self.below(from.len())]
    }

    /// So often of a hundred times.
    fn percent(&mut self, chance: usize) -> bool {
        self.below(100) < chance
    }

    /// A moment between two years' beginnings.
    fn moment(&mut self, from: u64, to: u64) -> Moment {
        const YEAR: u64 = 31_557_600;
        Moment((from - 1970) * YEAR + self.number() % ((to - from) * YEAR))
    }
}

/// Seconds since 1970.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Moment(u64);

impl Moment {
    fn now() -> Self {
        Self(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs())
    }

    fn later(self, seconds: u64) -> Self {
        Self(self.0 + seconds)
    }

    /// For GnuPG's option, and as a date.
    fn text(self) -> String {
        let at = time::UtcDateTime::from_unix_timestamp(i64::try_from(self.0).expect("soon")).expect("soon");
        let format = time::macros::format_description!("[year][month][day]T[hour][minute][second]");
        at.format(format).expect("a date")
    }

    fn faked(self) -> String {
        format!("--faked-system-time={}!", self.text())
    }
}

/// A case, and how it came about.
pub struct Trial {
    pub seed: u64,
    pub story: String,
    pub case: Case,
    /// The signature as GnuPG made it.
    pub made: Vec<u8>,
}

/// Makes a signature; nothing where this GnuPG will not.
pub fn make(seed: u64, image: &Image) -> Result<Trial, String> {
    let (mut dice, home, mut story) = (Dice::new(seed), Home::new(), Vec::new());
    let made = make_both(&mut dice, &home, image, &mut story);
    let [certificates, made, blob] = made.map_err(|error| format!("{}: {error}", story.join("; ")))?;
    let case = Case {
        name: format!("seed {seed}"),
        blobs: vec![blob],
        certificates,
        identity: exact(REFERENCE),
        stance: json!({}),
        by_subkey: false,
    };
    Ok(Trial { seed, story: story.join("; "), case, made })
}

/// A certificate, a signature, and what became of that.
fn make_both(
    dice: &mut Dice,
    home: &Home,
    image: &Image,
    story: &mut Vec<String>,
) -> Result<[Vec<u8>; 3], String> {
    let made = make_key(dice, home, story)?;
    let certificates = fate(dice, home, &made, story)?;
    let blob = sign(dice, home, &made, image, story)?;
    let altered = alter(dice, blob.clone(), story);
    Ok([certificates, blob, altered])
}

const COMMON: [&str; 5] = ["ed25519", "nistp256", "nistp384", "rsa2048", "rsa3072"];
const RARE: [&str; 4] = ["nistp521", "brainpoolP256r1", "secp256k1", "dsa2048"];

fn any_algorithm(dice: &mut Dice) -> &'static str {
    if dice.is(Odd::Algorithm) { dice.pick(&RARE) } else { dice.pick(&COMMON) }
}

/// A key, since when it is and how long it can sign.
struct Made {
    key: Key,
    from: Moment,
    until: Moment,
    /// Whether that is because it expires.
    expires: bool,
    /// Whether any digest is long enough for it to sign.
    signs_any: bool,
}

fn make_key(dice: &mut Dice, home: &Home, story: &mut Vec<String>) -> Result<Made, String> {
    let mut from = dice.moment(2022, 2025);
    let (mut until, mut expires) = (Moment::now(), false);
    let mut expiry = |dice: &mut Dice, from: Moment| {
        if !dice.is(Odd::Expiry) || dice.percent(30) {
            return "never".to_owned();
        }
        let end = from.later(1_000 + dice.number() % 150_000_000);
        (until, expires) = (until.min(end), true);
        end.text()
    };
    let has_subkey = dice.percent(35);
    let usage = if has_subkey { dice.pick(&["cert", "cert", "cert,sign"]) } else { "cert,sign" };
    let (algorithm, end) = (any_algorithm(dice), expiry(dice, from));
    let mut options = vec![from.faked()];
    if dice.is(Odd::SelfSignature) && signs_any(algorithm) {
        options.push("--cert-digest-algo=SHA1".to_owned());
    }
    story.push(format!("{algorithm} {usage} until {end} {options:?}"));
    let options: Vec<&str> = options.iter().map(String::as_str).collect();
    let mut key = home.generate_with("somebody", algorithm, usage, &end, &options)?;
    let mut all_sign_any = signs_any(algorithm);
    if has_subkey {
        let other = if usage == "cert" { "sign" } else { dice.pick(&["sign", "auth"]) };
        let (algorithm, usage) = (any_algorithm(dice), other);
        all_sign_any &= signs_any(algorithm);
        let suffix = if signs_any(algorithm) || algorithm == "dsa2048" { "" } else { "/ecdsa" };
        let algorithm = format!("{algorithm}{suffix}");
        let later = from.later(dice.number() % 3_000_000);
        let end = expiry(dice, later);
        story.push(format!("subkey {algorithm} {usage} until {end} at {}", later.text()));
        let command = ["--quick-add-key", &key.fingerprint, &algorithm, usage, &end];
        home.gpg([later.faked().as_str()].into_iter().chain(command), &[])?;
        key.certificate = home.export(&key.fingerprint);
        from = later;
    }
    Ok(Made { key, from, until, expires, signs_any: all_sign_any })
}

/// Whether GnuPG signs even a short digest by such a key.
fn signs_any(algorithm: &str) -> bool {
    algorithm == "ed25519" || algorithm.starts_with("rsa")
}

/// What the certificate becomes until it is listed.
fn fate(
    dice: &mut Dice,
    home: &Home,
    Made { key, from, .. }: &Made,
    story: &mut Vec<String>,
) -> Result<Vec<u8>, String> {
    let at = from.later(dice.number() % (Moment::now().0 - from.0)).faked();
    let reason = dice.pick(&["0", "1", "2", "3"]);
    let expiry = dice.moment(2025, 2029).text();
    let (subkeys, chance) = (has_subkey(key), dice.below(100));
    let mut certificates = match chance {
        _ if !dice.is(Odd::Fate) => key.certificate.clone(),
        ..20 => {
            story.push(format!("revoked for {reason}, {at}"));
            home.edition(key, |home, key| home.revoke_with(&[&at], key, reason))
        }
        20..45 => {
            story.push(format!("expiry {expiry}, {at}"));
            let set = |home: &Home, key: &str| {
                home.gpg([at.as_str(), "--quick-set-expire", key, &expiry], &[]).map(drop)
            };
            home.try_edition(key, set)?
        }
        45..65 if subkeys => {
            story.push(format!("subkeys' expiry {expiry}, {at}"));
            let set = |home: &Home, key: &str| {
                home.gpg([at.as_str(), "--quick-set-expire", key, &expiry, "*"], &[]).map(drop)
            };
            home.try_edition(key, set)?
        }
        65..85 if subkeys => {
            story.push(format!("subkey revoked for {reason}, {at}"));
            home.edition(key, |home, key| {
                home.edit_with(&[&at], key, &["key 1", "revkey", "y", reason, "", "y"])
            })
        }
        45..70 => {
            story.push("may no longer sign".to_owned());
            home.edition(key, |home, key| home.edit(key, &["change-usage", "S", "Q"]))
        }
        _ => {
            story.push("a user id more, revoked".to_owned());
            home.edition(key, |home, key| {
                home.gpg(["--quick-add-uid", key, "former"], &[]).expect("a user id");
                home.gpg(["--quick-revoke-uid", key, "former"], &[]).expect("a user id");
            })
        }
    };
    if dice.is(Odd::Editions) {
        story.push("both editions".to_owned());
        let both = [certificates.as_slice(), &key.certificate];
        certificates = if dice.percent(50) { both.concat() } else { [both[1], both[0]].concat() };
    }
    if dice.is(Odd::Certificate) {
        flip(dice, &mut certificates);
        story.push("a bit of the certificate flipped".to_owned());
    }
    Ok(certificates)
}

fn has_subkey(key: &Key) -> bool {
    packets::take_apart(&key.certificate).iter().any(|(tag, _)| *tag == 14)
}

fn sign(
    dice: &mut Dice,
    home: &Home,
    Made { key, from, until, expires, signs_any }: &Made,
    image: &Image,
    story: &mut Vec<String>,
) -> Result<Vec<u8>, String> {
    let at = match dice.below(2) {
        _ if !dice.is(Odd::Moment) => from.later(dice.number() % until.0.saturating_sub(from.0).max(1)),
        0 if !has_subkey(key) => Moment(from.0 - 1 - dice.number() % 10_000_000),
        _ if !expires => until.later(dice.number() % 100_000_000),
        _ => from.later(1),
    };
    let mut command = vec![at.faked(), "--ignore-time-conflict".to_owned()];
    const WEAK: [&str; 4] = [
        "--digest-algo SHA1",
        "--digest-algo SHA224",
        "--digest-algo RIPEMD160",
        "--allow-weak-digest-algos --digest-algo MD5",
    ];
    const STRONG: [&str; 3] = ["--digest-algo SHA256", "--digest-algo SHA384", "--digest-algo SHA512"];
    const NOTES: [&str; 6] = [
        "--sig-notation x@example.com=1",
        "--sig-notation !x@example.com=1",
        "--sig-policy-url http://example.com/",
        "--sig-policy-url !http://example.com/",
        "--include-key-block",
        "--set-filename a-name",
    ];
    const MODES: [&str; 5] =
        ["--detach-sign", "--clear-sign", "--store", "--textmode --sign", "--armor --sign"];
    const ENDS: [&str; 3] =
        ["--default-sig-expire 30d", "--default-sig-expire 1y", "--default-sig-expire 10y"];
    let options = [
        match (signs_any, dice.below(2)) {
            (true, _) if dice.is(Odd::Hash) => dice.pick(&WEAK),
            (true, 0) => dice.pick(&STRONG),
            (false, 0) => "--digest-algo SHA512",
            _ => "",
        },
        match dice.below(3) {
            _ if dice.is(Odd::Compression) => "--compress-algo bzip2",
            0 => "--compress-algo zlib",
            1 => "--compress-algo none",
            _ => "",
        },
        if dice.is(Odd::End) { dice.pick(&ENDS) } else { "" },
        if dice.is(Odd::Note) { dice.pick(&NOTES) } else { "" },
        if dice.is(Odd::Mode) { dice.pick(&MODES) } else { "--sign" },
    ];
    command.extend(options.iter().flat_map(|option| option.split_whitespace()).map(str::to_owned));
    let mut signed = match dice.below(2) {
        _ if !dice.is(Odd::Payload) => payload(REFERENCE, &image.digest),
        0 => payload("registry.test/ns/other:v1", &image.digest),
        _ => payload(REFERENCE, &format!("sha256:{}", "0".repeat(64))),
    };
    if dice.percent(10) {
        signed.resize(1_000 + dice.below(20_000), b' ');
    }
    story.push(format!("{} octets by gpg {}", signed.len(), command.join(" ")));
    home.sign(&[key], &command.join(" "), &signed)
}

/// Bytes that changed on the way.
fn alter(dice: &mut Dice, mut blob: Vec<u8>, story: &mut Vec<String>) -> Vec<u8> {
    if !dice.is(Odd::Bytes) {
        return blob;
    }
    let chance = dice.below(100);
    // Only a short message has packets that tell their length, and so can be taken apart.
    let is_plain = blob.first() == Some(&0x90) && blob.len() < 1_000;
    match chance {
        ..10 if is_plain => {
            story.push("compressed".to_owned());
            blob = packets::zip(&blob);
        }
        10..60 if is_plain => {
            let mut packets = packets::take_apart(&blob);
            let (one, other) = (dice.below(packets.len()), dice.below(packets.len()));
            match chance {
                ..20 => packets.swap(one, other),
                20..30 => packets.insert(other, packets[one].clone()),
                30..40 => drop(packets.remove(one)),
                _ => flip(dice, &mut packets[one].1),
            }
            story.push(format!("packets {one} and {other} changed ({chance})"));
            blob = packets::put_together(&packets);
        }
        ..80 => {
            flip(dice, &mut blob);
            story.push("a bit flipped".to_owned());
        }
        80..90 => {
            blob.truncate(dice.below(blob.len()));
            story.push(format!("cut to {}", blob.len()));
        }
        _ => {
            blob.push(*dice.pick(&[&0, &b'\n', &0xb4]));
            story.push("one byte more".to_owned());
        }
    }
    blob
}

fn flip(dice: &mut Dice, bytes: &mut [u8]) {
    let (at, bit) = (dice.below(bytes.len()), dice.below(8));
    bytes[at] ^= 1 << bit;
}

/// A kind of signature that we refuse though GnuPG calls it good.
pub struct Stricter {
    pub why: &'static str,
    pub is: fn(&Reason, &Trial) -> bool,
}

pub const STRICTER: &[Stricter] = &[
    Stricter {
        why: "keys other than RSA from 2048 to 4096 bits, Ed25519, and ECDSA on P-256 and P-384 are too weak, or not supported",
        is: |reason, _| matches!(reason, Reason::WeakKey { .. }),
    },
    Stricter {
        why: "SHA-1, RIPEMD-160 and SHA-224 are too weak for a signature on an image",
        is: |reason, _| matches!(reason, Reason::Hash(_)),
    },
    Stricter {
        why: "a certificate may vouch for its own key by SHA-1 only where the signer's settings say so",
        is: |reason, _| matches!(reason, Reason::Sha1SelfSignature { .. }),
    },
    Stricter {
        why: "it also covers texts with other line ends",
        is: |reason, _| matches!(reason, Reason::Type(1)),
    },
    Stricter {
        why: "it is one by a clock that nobody can trust",
        is: |reason, _| matches!(reason, Reason::FromTheFuture { .. }),
    },
    Stricter {
        why: "image signatures are binary signed messages with nothing around them",
        is: |reason, _| {
            matches!(
                reason,
                Reason::Malformed(
                    Malformed::FirstByte(b'-')
                        | Malformed::Compression(_)
                        | Malformed::CompressedTwice
                        | Malformed::Order(_)
                        | Malformed::Trailing(_)
                        | Malformed::Disagree(_)
                )
            )
        },
    },
    Stricter {
        why: "a signature repeats the first octets of its digest: one that has them wrong is damaged",
        is: |reason, trial| {
            matches!(reason, Reason::BadSignature { .. }) && trial.has_another_digest_prefix()
        },
    },
];

impl Trial {
    /// Whether the digest's first octets, which GnuPG does not look at, are all that was altered.
    fn has_another_digest_prefix(&self) -> bool {
        let parts = |blob: &[u8]| -> Option<[Vec<u8>; 3]> {
            let packets = packets::take_apart(&packets::unzip(blob)?);
            let [(4, one_pass), (11, literal), (2, signature)] = packets.as_slice() else { return None };
            let mut signature = signature.clone();
            let prefix = packets::digest_prefix(&signature);
            signature[prefix..prefix + 2].fill(0);
            Some([one_pass.clone(), literal.clone(), signature])
        };
        self.case.blobs.first().is_some_and(|blob| parts(blob).is_some() && parts(blob) == parts(&self.made))
    }
}
