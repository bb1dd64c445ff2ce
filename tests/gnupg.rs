//! Signatures made on the spot by GnuPG and skopeo, judged by both and by us.
//!
//! skopeo's verdict is that of its policy engine, when it copies an image by a policy.json; ours is
//! that of a whole request with the same requirement. They differ where [`EXCEPTIONS`] says so, and
//! nowhere else.

#![allow(missing_docs, unreachable_pub, reason = "a test binary")]
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at what it did not expect"
)]

#[path = "gnupg/cases.rs"]
mod cases;
mod common;
#[path = "gnupg/exceptions.rs"]
mod exceptions;
#[path = "gnupg/home.rs"]
mod home;
#[path = "gnupg/packets.rs"]
mod packets;
#[path = "gnupg/random.rs"]
mod random;
#[path = "gnupg/skopeo.rs"]
mod skopeo;
#[path = "gnupg/tables.rs"]
mod tables;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use base64::Engine as _;
use openshift_image_trust::{KeyPolicy, Keyring, Limits, Signer, VerifiedSignature};
use serde_json::{Value, json};
use time::UtcDateTime;
use time::format_description::well_known::Rfc3339;

use cases::Case;
use exceptions::{EXCEPTIONS, Party, SUBKEYS};
use home::Home;
use random::Trial;
use skopeo::Image;

/// The variable that says whether the comparison must take place: `required`.
const REQUIRED: &str = "IMAGE_TRUST_ORACLES";

/// A case and what became of it.
struct Judged {
    name: String,
    skopeo: Result<(), String>,
    ours: Result<(), String>,
    /// What we take from each signature of an image that we trust, and GnuPG's status lines.
    evidence: Vec<(VerifiedSignature, Vec<String>)>,
    /// GnuPG's status lines, where a subkey signed.
    subkey: Option<Vec<String>>,
}

/// All cases, what could not be made, and skopeo's version.
struct Comparison {
    judged: Vec<Judged>,
    unmade: Vec<String>,
    skopeo: (u32, u32),
}

/// The version of skopeo; `None` where nothing can be compared and need not be.
fn oracles() -> Option<(u32, u32)> {
    match skopeo::version() {
        Ok(version) => Some(version),
        Err(missing) => {
            let missing = format!("{missing}; `tools/oracles` installs it");
            assert!(std::env::var_os(REQUIRED).is_none_or(|value| value != "required"), "{missing}");
            // EndedKey the test runner, which hides what a test prints when it passes.
            let _ = writeln!(std::io::stderr(), "gnupg: not compared: {missing}");
            None
        }
    }
}

/// The comparison, which is made once.
fn comparison() -> Option<&'static Comparison> {
    static COMPARISON: LazyLock<Option<Comparison>> = LazyLock::new(|| oracles().map(compare));
    COMPARISON.as_ref()
}

fn compare(skopeo: (u32, u32)) -> Comparison {
    let (home, image) = (Home::new(), Image::new());
    let (cases, unmade) = cases::cases(&home, &image);
    for name in &unmade {
        let _ = writeln!(std::io::stderr(), "gnupg: this GnuPG cannot make: {name}");
    }
    let next = AtomicUsize::new(0);
    let work = || {
        std::iter::from_fn(|| cases.get(next.fetch_add(1, Ordering::Relaxed)))
            .map(|case| judge(case, &image))
            .collect::<Vec<_>>()
    };
    let judged = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..4).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("a worker")).collect()
    });
    Comparison { judged, unmade, skopeo }
}

fn judge(case: &Case, image: &Image) -> Judged {
    let openpgp =
        String::from_utf8(case.certificates.clone()).unwrap_or_else(|binary| base64(binary.as_bytes()));
    let now = UtcDateTime::now();
    let ours = decide(case, &openpgp, image, now);
    let signers = [Signer { name: "somebody", openpgp: &openpgp, key_policy: stance(&case.stance) }];
    let keyring = Keyring::new(&signers, Limits::default(), now);
    let status = |blob: &Vec<u8>| home::status(&case.certificates, blob);
    let evidence = match ours {
        Ok(()) => {
            case.blobs.iter().filter_map(|blob| Some((keyring.verify(blob).ok()?, status(blob)))).collect()
        }
        Err(_) => Vec::new(),
    };
    Judged {
        name: case.name.clone(),
        skopeo: image.judge(&case.blobs, &case.certificates, &case.identity),
        ours,
        evidence,
        subkey: case.blobs.first().filter(|_| case.by_subkey).map(status),
    }
}

fn base64(bytes: &[u8]) -> String {
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

fn stance(settings: &Value) -> KeyPolicy {
    use openshift_image_trust::EndedKey::{AllowSignedBefore, Deny};
    let past = |key: &str| if settings[key] == "allowSignedBefore" { AllowSignedBefore } else { Deny };
    KeyPolicy {
        expired_key: past("expiredKey"),
        revoked_key: past("revokedKey"),
        sha1_self_signatures: settings["sha1SelfSignatures"] == true,
        ..KeyPolicy::default()
    }
}

/// Whether the policy trusts the image when it is shown with its signatures, or what it says.
fn decide(case: &Case, openpgp: &str, image: &Image, now: UtcDateTime) -> Result<(), String> {
    let mut signer = case.stance.clone();
    signer["name"] = json!("somebody");
    signer["openpgp"] = json!(openpgp);
    let signatures = case.blobs.iter().enumerate().map(|(index, blob)| {
        json!({
            "metadata": {"name": format!("{}@{index}", image.digest)},
            "type": "AtomicImageV1",
            "content": base64(blob),
        })
    });
    let requirement = json!({"type": "signedBy", "signers": ["somebody"], "signedIdentity": case.identity});
    let request = json!({
        "now": now.format(&Rfc3339).expect("a date"),
        "settings": {"signers": [signer], "trust": {"default": [requirement]}},
        "object": {
            "kind": "ImageStreamImage",
            "image": {
                "metadata": {"name": image.digest},
                "dockerImageReference": format!("registry.test/ns/app@{}", image.digest),
                "signatures": signatures.collect::<Vec<_>>(),
            },
        },
    });
    let lines = common::lines(&common::Short::parse(&request.to_string()).verdict());
    let unreadable = lines.iter().find(|line| line.ends_with("[request-unreadable]"));
    assert_eq!(unreadable, None, "{}", case.name);
    match lines.into_iter().find(|line| line.ends_with("[image-untrusted]")) {
        Some(line) => Err(line),
        None => Ok(()),
    }
}

#[test]
fn we_trust_what_skopeo_trusts_but_for_what_is_listed() {
    let Some(Comparison { judged, unmade, skopeo }) = comparison() else { return };
    let mut problems = Vec::new();
    for Judged { name, skopeo: theirs, ours, .. } in judged {
        let listed = EXCEPTIONS.iter().find(|exception| {
            exception.cases.contains(&name.as_str())
                && exception.before.is_none_or(|version| *skopeo < version)
        });
        let trusted_by = match (theirs, ours) {
            (Ok(()), Err(_)) => Some(Party::Skopeo),
            (Err(_), Ok(())) => Some(Party::Us),
            _ => None,
        };
        if trusted_by != listed.map(|exception| exception.trusted_by) {
            let why = listed.map_or("agreement", |exception| exception.why);
            problems.push(format!("{name}\n  skopeo: {theirs:?}\n  we: {ours:?}\n  expected: {why}"));
        }
    }
    for name in EXCEPTIONS.iter().flat_map(|exception| exception.cases) {
        if !judged.iter().map(|it| &it.name).chain(unmade).any(|known| known == name) {
            problems.push(format!("{name}\n  listed, but no case"));
        }
    }
    problems.sort();
    assert!(problems.is_empty(), "{} of {}:\n{}", problems.len(), judged.len(), problems.join("\n"));
}

#[test]
fn most_cases_are_to_be_refused_and_each_has_a_name_of_its_own() {
    let Some(Comparison { judged, .. }) = comparison() else { return };
    let names: std::collections::BTreeSet<_> = judged.iter().map(|it| &it.name).collect();
    assert_eq!(names.len(), judged.len());
    let trusted = judged.iter().filter(|it| it.ours.is_ok()).count();
    assert!(trusted >= 50 && judged.len() > 2 * trusted, "{trusted} of {}", judged.len());
}

/// By the same key of the same certificate, at the same second.
#[test]
fn what_we_accept_gnupg_calls_valid() {
    let Some(Comparison { judged, .. }) = comparison() else { return };
    for Judged { name, evidence, ours, .. } in judged {
        assert_eq!(ours.is_ok(), !evidence.is_empty(), "{name}");
        for (verified, status) in evidence {
            let valid: Vec<Vec<&str>> = status
                .iter()
                .filter_map(|line| Some(line.strip_prefix("VALIDSIG ")?.split(' ').collect()))
                .collect();
            let [valid] = valid.as_slice() else { panic!("{name}: {status:#?}") };
            // The key, the date, the second, the end, version and so on, the primary key.
            assert_eq!(valid.first(), Some(&verified.key()), "{name}");
            assert_eq!(
                valid.get(2),
                Some(&verified.created().unix_timestamp().to_string().as_str()),
                "{name}"
            );
            assert_eq!(valid.last(), Some(&verified.fingerprint()), "{name}");
        }
    }
}

/// An older skopeo refuses all of them, which says nothing.
#[test]
fn what_a_subkey_signed_counts_where_gnupg_calls_it_good() {
    let Some(Comparison { judged, .. }) = comparison() else { return };
    let mut verdicts = [0, 0];
    for Judged { name, ours, subkey, .. } in judged {
        let Some(status) = subkey else { continue };
        let good = status.iter().any(|line| line.starts_with("GOODSIG "));
        assert_eq!(ours.is_ok(), good, "{name}: {ours:?}, {status:#?}");
        verdicts[usize::from(good)] += 1;
    }
    assert!(verdicts[0] >= 6 && verdicts[1] >= 2, "{verdicts:?}");
}

/// What a signature that chance chose comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Chosen {
    /// Everybody verifies it.
    Verified,
    /// Nobody does.
    Refused,
    /// We do not, for a reason that is listed.
    Stricter(&'static str),
}

/// Whether a signature that chance chose is judged as it must be, or how it is judged.
fn judge_chosen(trial: &Trial, image: &Image, skopeo: (u32, u32)) -> Result<Chosen, String> {
    let case = &trial.case;
    let blob = case.blobs.first().expect("a signature");
    let openpgp = base64(&case.certificates);
    let signers = [Signer { name: "somebody", openpgp: &openpgp, key_policy: KeyPolicy::default() }];
    let now = UtcDateTime::now();
    let ours = Keyring::new(&signers, Limits::default(), now).verify(blob);
    let trusted = decide(case, &openpgp, image, now);
    let status = home::try_status(&case.certificates, blob).unwrap_or_default();
    let theirs = image.judge(&case.blobs, &case.certificates, &case.identity);
    let is_good = status.iter().any(|line| line.starts_with("GOODSIG "));
    let valid = status.iter().find_map(|line| line.strip_prefix("VALIDSIG "));
    let valid: Vec<&str> = valid.filter(|_| is_good).map(|it| it.split(' ').collect()).unwrap_or_default();
    // The key, the date, the second, the end, version and so on, the primary key.
    let (key, second, primary) = (valid.first(), valid.get(2), valid.last());
    let what = match (&ours, &trusted, &theirs) {
        (Ok(verified), ..)
            if key != Some(&verified.key())
                || primary != Some(&verified.fingerprint())
                || second != Some(&verified.created().unix_timestamp().to_string().as_str()) =>
        {
            "GnuPG does not call valid what we verify"
        }
        (Ok(_), Ok(()), Err(_)) if key == primary || skopeo >= SUBKEYS => "skopeo refuses what we trust",
        (Ok(_), Err(_), Ok(())) => "skopeo trusts what we verify and refuse",
        (Ok(_), ..) => return Ok(Chosen::Verified),
        (Err(_), Ok(()), _) => "we trust what we do not verify",
        (Err(_), Err(_), Err(_)) if !is_good => return Ok(Chosen::Refused),
        (Err(rejection), ..) => {
            match random::STRICTER.iter().find(|stricter| (stricter.is)(&rejection.reason, trial)) {
                Some(stricter) => return Ok(Chosen::Stricter(stricter.why)),
                None => "we refuse what others do not, for no reason that is listed",
            }
        }
    };
    Err(format!(
        "{what}\n  of IMAGE_TRUST_SEED={} IMAGE_TRUST_SIGNATURES=1: {}\n  we: {ours:?}, then {trusted:?}\n  \
         GnuPG: {status:#?}\n  skopeo: {theirs:?}\n  certificates: {openpgp}\n  signature: {}",
        trial.seed,
        trial.story,
        base64(blob),
    ))
}

#[test]
fn a_signature_that_chance_chose_is_judged_as_gnupg_and_skopeo_judge_it() {
    let Some(skopeo) = oracles() else { return };
    let (image, (count, first)) = (Image::new(), random::wanted());
    let next = AtomicU64::new(first);
    let work = || {
        let seeds = std::iter::from_fn(|| {
            Some(next.fetch_add(1, Ordering::Relaxed)).filter(|seed| *seed < first + count)
        });
        let judged = seeds.map(|seed| Ok(judge_chosen(&random::make(seed, &image)?, &image, skopeo)));
        judged.collect::<Vec<Result<_, String>>>()
    };
    let judged: Vec<_> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..4).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("a worker")).collect()
    });
    let (mut unmade, mut wrong, mut tally) = (Vec::new(), Vec::new(), BTreeMap::new());
    for judged in judged {
        match judged {
            Ok(Ok(chosen)) => *tally.entry(chosen).or_insert(0) += 1,
            Ok(Err(message)) => wrong.push(message),
            Err(error) => unmade.push(error),
        }
    }
    let _ = writeln!(
        std::io::stderr(),
        "gnupg: by IMAGE_TRUST_SEED={first} IMAGE_TRUST_SIGNATURES={count}: {tally:#?}, {} could not be made",
        unmade.len()
    );
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(unmade.len() * 10 <= usize::try_from(count).expect("a number"), "{unmade:#?}");
    if count >= 50 {
        let of = |chosen| tally.get(&chosen).copied().unwrap_or(0);
        assert!(of(Chosen::Verified) >= count / 8 && of(Chosen::Refused) >= count / 8, "{tally:?}");
    }
}
