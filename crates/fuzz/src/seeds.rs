//! What the targets begin with: made from files that the repository has for other reasons.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::read::{DeflateDecoder, ZlibDecoder};
use serde_json::{Value, json};

use crate::common::Short;
use crate::paths::pointers;
use crate::{payload, root};

/// Inputs that are longer take longer than they are worth.
pub const LONGEST: usize = 32 << 10;

/// The seeds of each target.
pub fn all() -> BTreeMap<&'static str, Vec<Vec<u8>>> {
    let seeds = [
        ("payload", payloads()),
        ("settings", settings()),
        ("reference", references()),
        ("signature", signatures()),
        ("certificate", certificates()),
        ("manifest", manifests()),
    ];
    seeds
        .into_iter()
        .map(|(target, mut seeds)| {
            seeds.retain(|seed| seed.len() <= LONGEST);
            seeds.sort();
            seeds.dedup();
            (target, seeds)
        })
        .collect()
}

/// Words of a target's inputs, which libFuzzer puts in where its luck alone would not: the names of
/// the members that its seeds have, or what its language is made of.
pub fn words(target: &str, seeds: &[Vec<u8>]) -> BTreeSet<Vec<u8>> {
    let words: &[&[u8]] = match target {
        "reference" => &[
            b":443",
            b":5000",
            b"@sha256:",
            b"@sha512:",
            b"docker.io/",
            b"index.docker.io/",
            b"library/",
            b":latest",
            b"localhost",
            b"*.",
            b".",
            b"/",
            b"__",
            b"--",
            b"[::1]",
        ],
        // Packets in either format, and what they are most often about.
        "signature" | "certificate" => &[
            b"\x90\x0d\x03",
            b"\xa3\x01",
            b"\xa3\x02",
            b"\xcb",
            b"\xc2",
            b"\xc4",
            b"\xc8",
            b"\xc6\xff",
            b"\xce\xff",
            b"\xcd\xff",
            b"\xff\x00\x00\x00",
            b"\x04\x00\x16\x08",
            b"\x06\x00\x1b\x08",
            b"\x06\x00\x1b\x0a\x20",
            b"\x06\x1f\x1b\x08\x00\x00\x00",
            b"\x06\x13\x1b\x08\x00\x00\x00",
            b"\x06\x18\x1b\x08\x00\x00\x00",
            b"\x06\x20\x1b\x08\x00\x00\x00",
            b"\x22\x21\x06",
            b"\x03\x05\x00",
            b"\x04\x13\x16\x08",
            b"\x04\x18",
            b"\x04\x20",
            b"\x05\x02",
            b"\x02\x1b\x03",
            b"\x05\x09",
            b"\x21\x04",
            b"\x09\x10",
            b"\x02\x1d",
            b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n",
            b"\n-----END PGP PUBLIC KEY BLOCK-----\n",
        ],
        _ => {
            let values = seeds.iter().filter_map(|seed| {
                let start = seed.iter().position(|byte| *byte == b'{')?;
                serde_json::from_slice::<Value>(&seed[start..]).ok()
            });
            let pointers = values.flat_map(|value| pointers(&value));
            let names = pointers.filter_map(|at| Some(at.rsplit('/').next()?.replace("~1", "/")));
            let names = names.filter(|name| name.parse::<usize>().is_err() && name.len() < 40);
            return names.map(|name| format!("\"{name}\":").into_bytes()).collect();
        }
    };
    words.iter().map(|word| word.to_vec()).collect()
}

/// The files below a folder, in order.
pub(crate) fn files(folder: &str) -> Vec<PathBuf> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { walk(&path, found) } else { found.push(path) }
        }
    }
    let mut found = Vec::new();
    walk(&root().join(folder), &mut found);
    found.sort();
    found
}

fn read(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap()
}

/// The requests of a folder's AdmissionReviews.
fn requests(folder: &str) -> Vec<Value> {
    let is_json = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "json");
    let reviews = files(folder).into_iter().filter(is_json);
    reviews.map(|path| serde_json::from_slice::<Value>(&read(&path)).unwrap()["request"].take()).collect()
}

/// The settings of a pack.
pub(crate) fn pack(folder: &Path) -> Value {
    serde_norway::from_slice(&read(&folder.join("settings.yaml"))).unwrap()
}

/// The folders of the packs.
pub(crate) fn packs() -> Vec<PathBuf> {
    let mut folders: Vec<_> =
        fs::read_dir(root().join("policies")).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    folders
}

/// The examples of the rules' pages.
fn examples() -> Vec<Value> {
    let page = |path: PathBuf| {
        let source = String::from_utf8(read(&path)).unwrap();
        let lines = source.lines().map_while(|line| line.strip_prefix("//!"));
        lines.map(|line| format!("{}\n", line.strip_prefix(' ').unwrap_or(line))).collect::<String>()
    };
    let pages = files("src/rules").into_iter().map(page);
    let blocks = pages.flat_map(|page| {
        let blocks = page.split("```yaml\n").skip(1).filter_map(|rest| rest.split_once("\n```"));
        blocks.map(|(block, _)| block.to_owned()).collect::<Vec<_>>()
    });
    blocks.filter(|block| !block.contains('<')).map(|block| Short::parse(&block).payload).collect()
}

fn payloads() -> Vec<Vec<u8>> {
    let mut seeds: Vec<Vec<u8>> = Vec::new();
    let mut add = |choice: usize, value: &Value| {
        seeds.push([&[u8::try_from(choice).unwrap()], value.to_string().as_bytes()].concat());
    };
    for (index, folder) in packs().iter().enumerate() {
        let name = folder.file_name().unwrap().to_str().unwrap();
        for request in requests(&format!("policies/{name}/requests")) {
            add(payload::PACKS + index, &request);
            add(payload::SIGNED, &request);
            if name == "running-images" {
                add(payload::STRICT, &request);
                add(payload::NOTHING_ALLOWED, &request);
            }
        }
    }
    for request in requests("tests/requests") {
        for choice in [payload::NOTHING_WRITTEN, payload::STRICT, payload::NOTHING_ALLOWED] {
            add(choice, &request);
        }
        add(payload::OWN, &json!({"request": request, "settings": {}}));
    }
    for request in requests("tests/captured") {
        add(payload::STRICT, &request);
    }
    for example in examples() {
        add(payload::OWN, &example);
    }
    for request in requests("tests/signatures/openpgp-v6").into_iter().filter(Value::is_object) {
        add(payload::NOTHING_WRITTEN, &request);
        add(payload::OWN, &json!({"request": request, "settings": version_6()}));
    }
    seeds
}

/// Settings of signers of version 6 with each setting about signatures that no pack has.
pub(crate) fn version_6() -> Value {
    let folder = root().join("tests/signatures/openpgp-v6");
    let signer = |name: &str, days: u16| {
        let openpgp = openpgp(&folder.join(format!("{name}.cert.asc")));
        json!({"name": name, "openpgp": openpgp, "maxAgeDays": days})
    };
    let of_red_hat = json!({"type": "matchRepository"});
    json!({
        "signers": [signer("ed25519-v6", 3650), signer("p256-v6", 1), signer("mldsa65-v6", 36_500)],
        "trust": {"default": [
            {"type": "anyOf", "requirements": [
                {"type": "signedBy", "signers": ["ed25519-v6", "p256-v6"], "threshold": 2},
                {"type": "signedBy", "signers": ["ed25519-v6", "mldsa65-v6"], "signedIdentity": of_red_hat, "postQuantum": true},
            ]},
            {"type": "signedBy", "signers": ["ed25519-v6", "mldsa65-v6"], "signedIdentity": of_red_hat},
        ]},
        "answers": {"help": "ask in #images"},
        "platformExemptions": false,
    })
}

/// A request for each kind of thing that is judged, all of which can be read.
pub(crate) fn few_requests() -> &'static [String] {
    static FEW: LazyLock<Vec<String>> = LazyLock::new(|| {
        let all = requests("tests/requests");
        let numbers = [2, 9, 16, 20, 24, 31];
        numbers.iter().map(|number| all[number - 1].to_string()).collect()
    });
    &FEW
}

fn settings() -> Vec<Vec<u8>> {
    let packs = packs().into_iter().map(|folder| pack(&folder));
    let examples = examples().into_iter().map(|mut example| example["settings"].take());
    let strict = payload::fixed().into_iter();
    let others = [version_6()];
    packs
        .chain(examples)
        .chain(strict)
        .chain(others)
        .map(|settings| settings.to_string().into_bytes())
        .collect()
}

/// Each text that is a reference under each of some scopes that may hold it.
fn references() -> Vec<Vec<u8>> {
    let cases: Vec<Value> =
        serde_json::from_slice(&read(&root().join("tests/reference-cases.json"))).unwrap();
    let scopes = [
        "",
        "docker.io",
        "quay.io/acme",
        "*.example.com",
        "registry.example:5000/a/b:v1",
        "localhost",
        "quay.io/x@sha256:3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25",
    ];
    let inputs = cases.iter().filter_map(|case| case["input"].as_str());
    let with_scopes = inputs.enumerate().flat_map(|(index, input)| {
        let own = input.split('@').next().unwrap_or_default();
        [scopes[index % scopes.len()], own].map(|scope| format!("{scope}\n{input}").into_bytes())
    });
    with_scopes.collect()
}

/// A key file as settings would hold it.
fn openpgp(path: &Path) -> String {
    String::from_utf8(read(path)).unwrap_or_else(|binary| STANDARD.encode(binary.as_bytes()))
}

fn key_files() -> Vec<PathBuf> {
    let is_key = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy();
        [".asc", ".gpg"].iter().any(|end| name.ends_with(end))
            || name.starts_with("verifier-public-key")
            || name.starts_with("RPM-GPG-KEY")
            || path.parent().unwrap().ends_with("keyrings")
    };
    files("tests/signatures").into_iter().filter(is_key).collect()
}

/// The certificates of all signers.
pub(crate) fn keys() -> Vec<String> {
    key_files().iter().map(|path| openpgp(path)).collect()
}

/// The signature blobs that are not made to be large, and what is in those that are compressed.
pub(crate) fn blobs() -> Vec<Vec<u8>> {
    let is_blob = |path: &PathBuf| {
        let path = path.to_string_lossy();
        path.ends_with(".sig")
            || path.contains("signature-")
            || path.contains(".signature")
            || path.contains("v0.0.1-sha256")
    };
    let mut blobs: Vec<Vec<u8>> =
        files("tests/signatures").iter().filter(|path| is_blob(path)).map(|path| read(path)).collect();
    blobs.retain(|blob| blob.len() < 8 << 10);
    let inside: Vec<_> = blobs.iter().filter_map(|blob| inflated(blob)).collect();
    blobs.extend(inside);
    blobs.sort();
    blobs.dedup();
    blobs
}

/// What a compressed packet of indefinite length holds, which is how GnuPG writes them.
fn inflated(blob: &[u8]) -> Option<Vec<u8>> {
    let mut inside = Vec::new();
    match blob {
        [0xa3, 1, body @ ..] => DeflateDecoder::new(body).take(8 << 10).read_to_end(&mut inside).ok()?,
        [0xa3, 2, body @ ..] => ZlibDecoder::new(body).take(8 << 10).read_to_end(&mut inside).ok()?,
        _ => return None,
    };
    Some(inside)
}

fn signatures() -> Vec<Vec<u8>> {
    let choices = [2 << 3, (2 << 3) | 4, (2 << 3) | 1, (2 << 3) | 2];
    let with = |blob: Vec<u8>| choices.map(|choice| [&[choice], &blob[..]].concat());
    blobs().into_iter().flat_map(with).collect()
}

fn certificates() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for text in keys() {
        seeds.push([&[0b1010], text.as_bytes()].concat());
        for one in openshift_image_trust::one_by_one(&text).unwrap() {
            seeds.push([vec![0b1011], STANDARD.decode(one).unwrap()].concat());
        }
    }
    seeds
}

/// Manifests: of the signatures' images, and of the images in requests.
fn manifests() -> Vec<Vec<u8>> {
    let named = files("tests/signatures").into_iter().filter(|path| {
        path.file_name().unwrap().to_string_lossy().contains("manifest")
            && path.extension().is_some_and(|it| it == "json")
    });
    let mut manifests: Vec<Vec<u8>> = named.map(|path| read(&path)).collect();
    for folder in ["tests/requests", "tests/captured", "policies"] {
        for request in requests(folder) {
            for at in ["/object", "/object/image", "/oldObject"] {
                let text = request.pointer(&format!("{at}/dockerImageManifest")).and_then(Value::as_str);
                manifests.extend(text.map(|text| text.as_bytes().to_vec()));
            }
        }
    }
    manifests
}
