//! `inspect` as a person and a script meet it, on the signatures that the policy's own tests judge.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail by panicking")]

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

const NOW: &str = "2026-11-22T00:00:00Z";
const SKOPEO: &str = "08CD26E446E2E95249B7A405E932F44B23E8DD43";
const RED_HAT: &str = "567E347AD0044ADE55BA8A5F199E2F91FD431D51";
const IMAGE: &str = "real/containers-image/image.signature";
const KEY: &str = "real/containers-image/public-key.gpg";
const RELEASE: &str = "real/oc-mirror/e2e/signature-1";
const RELEASE_KEY: &str = "real/cluster-update-keys/keys/verifier-public-key-redhat-release";
const RELEASE_KEY_SHA1: &str = "real/library-go/keyrings/redhat.txt";

/// How a command ended.
struct Ended {
    code: i32,
    out: String,
    err: String,
}

fn material(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/signatures").join(path)
}

fn read(path: &str) -> Vec<u8> {
    fs::read(material(path)).unwrap()
}

/// Inspects standard input with these keyrings.
fn inspect(input: &[u8], keyrings: &[&str], options: &[&str]) -> Ended {
    inspect_file(Path::new("-"), input, keyrings, options)
}

fn inspect_file(blob: &Path, input: &[u8], keyrings: &[&str], options: &[&str]) -> Ended {
    let mut command = Command::new(env!("CARGO_BIN_EXE_image-trust"));
    command.arg("inspect").arg(blob).args(["--now", NOW]).args(options);
    for keyring in keyrings {
        command.arg("--keyring").arg(material(keyring));
    }
    let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = pipes.spawn().unwrap();
    // The command may end without having read.
    _ = child.stdin.take().unwrap().write_all(input);
    let output = child.wait_with_output().unwrap();
    Ended {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

fn image(contents: &[&[u8]]) -> Value {
    let signature = |(number, content): (usize, &&[u8])| {
        json!({
            "metadata": {"name": format!("sha256:00@{number}")},
            "type": "AtomicImageV1",
            "content": STANDARD.encode(content),
        })
    };
    let signatures: Vec<_> = contents.iter().enumerate().map(signature).collect();
    json!({"apiVersion": "image.openshift.io/v1", "kind": "Image", "signatures": signatures})
}

#[test]
fn an_accepted_signature_says_by_whom_and_for_what() {
    let ended = inspect_file(&material(IMAGE), b"", &[KEY], &[]);
    for expected in [
        "  701 bytes\n",
        "  payload\n",
        "  ACCEPTED by keyring `public-key.gpg`\n",
        &format!("    fingerprint {SKOPEO}\n"),
        "    created 2025-",
        "    digest sha256:20bf21ed457b390829cdbeec8795a7bea1626991fda603e0d01b4e7f60427e55\n",
        "    reference `testing/manifest`\n",
        "      user id `skopeo testing key`\n",
        "      accepts it\n",
    ] {
        assert!(ended.out.contains(expected), "{expected}: {}", ended.out);
    }
    assert_eq!((ended.code, ended.err.as_str()), (0, ""));
}

#[test]
fn one_keyring_that_accepts_is_enough() {
    let ended = inspect(&read(RELEASE), &[KEY, RELEASE_KEY_SHA1, RELEASE_KEY], &[]);
    for expected in [
        "REFUSED by keyring `public-key.gpg`: made with key 199E2F91FD431D51, which belongs to none of `signers`\n",
        &format!("REFUSED by keyring `redhat.txt`: the certificate certifies key {RED_HAT} with SHA-1 only"),
        "    unusable: certificate ",
        "ACCEPTED by keyring `verifier-public-key-redhat-release`\n",
    ] {
        assert!(ended.out.contains(expected), "{expected}: {}", ended.out);
    }
    assert_eq!(ended.code, 0);
    assert_eq!(inspect(&read(RELEASE), &[KEY, RELEASE_KEY_SHA1], &[]).code, 1);
}

#[test]
fn each_certificate_of_a_keyring_has_its_verdict() {
    let ended = inspect(&read(RELEASE), &["real/library-go/keyrings/combined.txt"], &["-o", "json"]);
    let findings: Value = serde_json::from_str(&ended.out).unwrap();
    let certificates = findings[0]["keyrings"][0]["certificates"].as_array().unwrap();
    let reasons: Vec<&str> = certificates.iter().filter_map(|it| it["reason"].as_str()).collect();
    assert_eq!(certificates.len(), 2, "{certificates:?}");
    assert!(reasons.iter().any(|reason| reason.contains("by SHA-1 only")), "{reasons:?}");
    assert!(reasons.contains(&"the signature names no key of it"), "{reasons:?}");
    let both = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("inspect-both.asc");
    fs::write(&both, [read(RELEASE_KEY), read("generated/keys/ed.asc")].concat()).unwrap();
    let ended = inspect(&read(RELEASE), &[both.to_str().unwrap()], &["-o", "json"]);
    let findings: Value = serde_json::from_str(&ended.out).unwrap();
    let certificates = &findings[0]["keyrings"][0]["certificates"];
    assert_eq!((&certificates[0]["accepts"], &certificates[1]["accepts"]), (&json!(true), &json!(false)));
    assert_eq!(certificates[0]["fingerprint"], RED_HAT);
    assert_eq!(ended.code, 0);
}

#[test]
fn without_a_keyring_only_the_form_counts() {
    for (blob, code) in [
        (IMAGE, 0),
        (RELEASE, 0),
        ("real/containers-image/unknown-key.signature", 0),
        ("real/containers-image/invalid-blob.signature", 1),
        ("real/containers-image/corrupt.signature", 1),
        ("real/containers-image/unsigned-encrypted.signature", 1),
        ("generated/sigs/pgp-cleartext.sig", 1),
        ("generated/sigs/raw-empty.sig", 1),
        ("generated/sigs/raw-random.sig", 1),
        ("generated/sigs/json-bad-empty.sig", 1),
    ] {
        let ended = inspect_file(&material(blob), b"", &[], &[]);
        assert_eq!((ended.code, ended.err.as_str()), (code, ""), "{blob}: {}", ended.out);
        assert_eq!(ended.out.contains("  refused: "), code == 1, "{blob}: {}", ended.out);
    }
}

#[test]
fn base64_and_objects_hold_the_same_signature() {
    let blob = read(IMAGE);
    let base64 = STANDARD.encode(&blob);
    let yaml = format!("kind: ImageSignature\ntype: atomic\ncontent: {base64}\n");
    for input in [base64.clone(), format!("{base64}\n"), yaml, image(&[&blob]).to_string()] {
        let ended = inspect(input.as_bytes(), &[KEY], &[]);
        assert!(ended.out.contains("\n  701 bytes\n"), "{input}: {}", ended.out);
        assert_eq!((ended.code, ended.err.as_str()), (0, ""), "{input}");
    }
}

#[test]
fn every_signature_of_an_image_is_inspected() {
    let object = image(&[&read(RELEASE), &read(IMAGE)]).to_string();
    let ended = inspect(object.as_bytes(), &[KEY], &["-o", "json"]);
    let findings: Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(findings[0]["name"], "sha256:00@0");
    assert_eq!(findings[0]["keyrings"][0]["accepted"], Value::Null);
    assert_eq!(
        findings[0]["keyrings"][0]["reason"],
        "made with key 199E2F91FD431D51, which belongs to none of `signers`"
    );
    assert_eq!(findings[1]["wellFormed"], true);
    let accepted = &findings[1]["keyrings"][0]["accepted"];
    assert_eq!(accepted["fingerprint"], SKOPEO);
    assert_eq!(accepted["reference"], "testing/manifest");
    assert_eq!(findings[1]["keyrings"][0]["certificates"][0]["fingerprint"], SKOPEO);
    assert_eq!(ended.code, 0);
}

#[test]
fn a_signature_of_another_type_does_not_count() {
    let mut object = image(&[&read(IMAGE)]);
    object["signatures"][0]["type"] = json!("cosign\u{1b}[2J");
    for output in ["text", "json"] {
        let ended = inspect(object.to_string().as_bytes(), &[KEY], &["-o", output]);
        assert!(ended.out.contains("is not that of a simple signature"), "{}", ended.out);
        assert!(!ended.out.contains('\u{1b}'), "{}", ended.out);
        assert_eq!(ended.code, 1);
    }
}

#[test]
fn what_cannot_be_read_outranks_a_verdict() {
    let mut broken = image(&[&read(IMAGE), &read(IMAGE)]);
    broken["signatures"][0]["content"] = json!("*\u{9b}");
    let broken = broken.to_string();
    let whole = read(IMAGE);
    for (input, keyrings, told) in [
        (broken.as_bytes(), &[KEY] as &[&str], "signature `sha256:00@0`: `content` is not base64"),
        (b"{\"kind\": \"Image\"}", &[KEY], "standard input: holds no signature"),
        (b"{\"kind\": ", &[KEY], "standard input: is not valid JSON"),
        (&whole, &[KEY, "no-such-key"], "no-such-key: No such file"),
    ] {
        let ended = inspect(input, keyrings, &[]);
        assert!(ended.err.contains(told), "{told}: {}", ended.err);
        assert_eq!(ended.code, 2, "{told}");
    }
    assert_eq!(inspect_file(Path::new("no-such-file"), b"", &[], &[]).code, 2);
}

#[test]
fn a_key_file_is_armored_binary_or_base64() {
    let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("inspect-key");
    fs::create_dir_all(&directory).unwrap();
    let base64 = directory.join("base64.txt");
    fs::write(&base64, STANDARD.encode(read("real/skopeo/pubring.gpg"))).unwrap();
    for keyring in [KEY, "real/skopeo/pubring.gpg", base64.to_str().unwrap()] {
        assert_eq!(inspect(&read(IMAGE), &[keyring], &[]).code, 0, "{keyring}");
    }
}

#[test]
fn no_blob_writes_a_control_character() {
    for entry in fs::read_dir(material("generated/sigs")).unwrap() {
        let blob = entry.unwrap().path();
        for output in ["text", "json"] {
            let ended = inspect_file(&blob, b"", &["generated/keys/ed.asc"], &["-o", output]);
            let control = |c: char| c.is_control() && c != '\n';
            assert!(!ended.out.contains(control), "{}: {}", blob.display(), ended.out);
            assert!(ended.code < 2 && ended.err.is_empty(), "{}: {}", blob.display(), ended.err);
        }
    }
}
