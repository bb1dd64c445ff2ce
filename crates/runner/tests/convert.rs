//! `convert` as a person and a script meet it: what it prints can be used, and never trusts more.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail by panicking"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use image_trust::commands::convert::{Conditions, Conversion, convert};
use openshift_image_trust::validate_settings;
use serde_json::{Value, json};
use time::UtcDateTime;

const KEY: &str = "real/containers-image/public-key.gpg";
const SUBKEY: &str = "real/containers-image/public-key-with-subkey.gpg";
const BINARY: &str = "real/skopeo/pubring.gpg";

fn material(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/signatures").join(path)
}

/// Keys start from a folder, and sigstore is not asked for.
fn here(directory: &Path) -> Conditions<'_> {
    Conditions { directory, root: None, sigstore: false }
}

fn now() -> UtcDateTime {
    image_trust::now::parse("2026-11-22T00:00:00Z").unwrap()
}

/// What is printed, as JSON, which the policy must accept; and what is told, a line each.
fn converted(policy: &Value) -> (Value, Vec<String>) {
    let conversion = convert(&policy.to_string(), here(&material("")), now());
    let Conversion { settings, lost, .. } = conversion.unwrap_or_else(|problem| panic!("{problem}"));
    let settings: Value = serde_norway::from_str(&settings).unwrap();
    let verdict = validate_settings(settings.to_string().as_bytes(), now());
    assert!(verdict.valid, "{:?}", verdict.message);
    (settings, lost.iter().map(ToString::to_string).collect())
}

fn refused(policy: &str) -> String {
    match convert(policy, here(&material("")), now()) {
        Ok(conversion) => panic!("{policy}: {}", conversion.settings),
        Err(problem) => problem.to_string(),
    }
}

fn accept() -> Value {
    json!([{"type": "insecureAcceptAnything"}])
}

fn reject() -> Value {
    json!([{"type": "reject"}])
}

fn signed_by(members: Value) -> Value {
    let mut requirement = json!({"type": "signedBy", "keyType": "GPGKeys"});
    requirement.as_object_mut().unwrap().append(&mut members.as_object().unwrap().clone());
    json!([requirement])
}

/// What comes of the default.
fn default(requirements: &Value) -> (Value, Vec<String>) {
    let (settings, lost) = converted(&json!({"default": requirements}));
    (settings["trust"]["default"].clone(), lost)
}

#[test]
fn a_policy_that_can_be_expressed_means_the_same() {
    let (settings, lost) = converted(&json!({
        "default": reject(),
        "transports": {
            "docker": {
                "": accept(),
                "docker.io/library": accept(),
                "*.corp.example": signed_by(json!({"keyPath": KEY})),
                "quay.io/acme": signed_by(json!({
                    "keyPaths": [KEY, SUBKEY, KEY],
                    "signedIdentity": {"type": "remapIdentity", "prefix": "quay.io/acme", "signedPrefix": "acme.example"},
                })),
            },
            "atomic": {"registry.example:5000/ns/app": signed_by(json!({"keyPath": BINARY}))},
        },
    }));
    assert_eq!(lost, [] as [&str; 0]);
    let names: Vec<_> = settings["signers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|signer| signer["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["pubring", "public-key", "public-key-with-subkey"]);
    let armored = fs::read_to_string(material(KEY)).unwrap();
    assert_eq!(settings["signers"][1]["openpgp"], armored);
    assert_eq!(settings["signers"][0]["openpgp"], STANDARD.encode(fs::read(material(BINARY)).unwrap()));
    assert_eq!(
        settings["trust"],
        json!({
            "default": reject(),
            "scopes": {
                "": accept(),
                "docker.io/library": accept(),
                "*.corp.example": [{"type": "signedBy", "signers": ["public-key"], "threshold": 1}],
                "quay.io/acme": [{
                    "type": "signedBy",
                    "signers": ["public-key", "public-key-with-subkey"],
                    "threshold": 1,
                    "signedIdentity":
                        {"type": "remapIdentity", "prefix": "quay.io/acme", "signedPrefix": "acme.example"},
                }],
                "registry.example:5000/ns/app":
                    [{"type": "signedBy", "signers": ["pubring"], "threshold": 1}],
            },
        })
    );
}

/// Images are pulled by digest, to which what is required of a tag would not apply.
#[test]
fn a_requirement_of_a_tag_is_not_left_to_a_wider_scope() {
    let policy = |of_tag: Value| {
        json!({"default": accept(), "transports": {"docker": {
            "quay.io/acme/app:v1": of_tag,
            "quay.io/acme/other": accept(),
        }}})
    };
    let line = "transports.docker[quay.io/acme/app:v1]: names a tag, but images are pulled by digest: all of \
                `quay.io/acme/app` without a scope of its own is rejected instead";
    for of_tag in [signed_by(json!({"keyPath": KEY})), reject()] {
        let (settings, lost) = converted(&policy(of_tag));
        assert_eq!(lost, [line]);
        let scopes = json!({"quay.io/acme/app": reject(), "quay.io/acme/other": accept()});
        assert_eq!(settings["trust"]["scopes"], scopes);
    }
    let (settings, lost) = converted(&policy(accept()));
    assert_eq!(lost, [] as [&str; 0]);
    assert_eq!(settings["trust"]["scopes"]["quay.io/acme/app:v1"], accept());
}

#[test]
fn every_identity_has_its_like() {
    for identity in [
        json!({"type": "matchRepoDigestOrExact"}),
        json!({"type": "matchExact"}),
        json!({"type": "matchRepository"}),
        json!({"type": "exactReference", "dockerReference": "quay.io/acme/app:v1"}),
        json!({"type": "exactRepository", "dockerRepository": "quay.io/acme/app"}),
        json!({"type": "remapIdentity", "prefix": "mirror.example", "signedPrefix": "quay.io"}),
    ] {
        let (requirements, lost) = default(&signed_by(json!({"keyPath": KEY, "signedIdentity": identity})));
        assert_eq!(requirements[0]["signedIdentity"], identity);
        assert!(lost.is_empty(), "{lost:?}");
    }
}

#[test]
fn keys_in_the_policy_itself_are_named_by_number() {
    for (path, is_text) in [(KEY, true), (BINARY, false)] {
        let bytes = fs::read(material(path)).unwrap();
        let requirement = signed_by(json!({"keyData": STANDARD.encode(&bytes)}));
        let (settings, lost) = converted(&json!({"default": requirement}));
        assert!(lost.is_empty(), "{lost:?}");
        assert_eq!(settings["signers"][0]["name"], "key-1");
        let openpgp = settings["signers"][0]["openpgp"].as_str().unwrap();
        assert_eq!(openpgp.contains("-----BEGIN PGP"), is_text, "{path}");
    }
}

#[test]
fn files_of_one_name_are_two_signers() {
    let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("convert-names");
    let files: Vec<_> = [("a", KEY), ("b", SUBKEY)]
        .iter()
        .map(|(folder, key)| {
            let folder = directory.join(folder);
            fs::create_dir_all(&folder).unwrap();
            fs::copy(material(key), folder.join("Team Key.asc")).unwrap();
            folder.join("Team Key.asc").to_string_lossy().into_owned()
        })
        .collect();
    let (requirements, lost) = default(&signed_by(json!({"keyPaths": files})));
    assert_eq!(requirements[0]["signers"], json!(["team-key", "team-key-2"]));
    assert!(lost.is_empty(), "{lost:?}");
}

#[test]
fn key_files_count_in_any_order() {
    for files in [[KEY, SUBKEY], [SUBKEY, KEY]] {
        let (requirements, lost) = default(&signed_by(json!({"keyPaths": files})));
        let names = requirements[0]["signers"].as_array().unwrap();
        assert!(names.contains(&json!("public-key")) && names.contains(&json!("public-key-with-subkey")));
        assert!(lost.is_empty(), "{lost:?}");
    }
}

#[test]
fn what_is_lost_is_named_and_rejected() {
    let weak = "generated/keys/rsa1024.asc";
    for (requirements, told) in [
        (
            json!([{"type": "sigstoreSigned", "keyPath": "/cosign.pub"}]),
            "default[0]: asks for sigstore signatures",
        ),
        (
            json!([{"type": "signedBaseLayer", "baseLayerIdentity": {"type": "matchExact"}}]),
            "default[0]: asks for a signed base layer",
        ),
        (
            json!([{"type": "signedBy", "keyType": "X509Certificates", "keyPath": KEY}]),
            "default[0]: has the key type `X509Certificates`",
        ),
        (
            json!([{"type": "signedBy", "keyType": "signedByGPGKeys", "keyPath": KEY}]),
            "default[0]: has the key type `signedByGPGKeys`",
        ),
        (
            json!([{"type": "signedBy", "keyType": "signedByX509CAs", "keyPath": KEY}]),
            "default[0]: has the key type `signedByX509CAs`",
        ),
        (
            signed_by(
                json!({"keyPath": KEY, "signedIdentity": {"type": "remapIdentity", "prefix": "index.docker.io", "signedPrefix": "docker.io"}}),
            ),
            "default[0].signedIdentity.prefix: `index.docker.io` is never in a normalised name",
        ),
        (signed_by(json!({"keyPath": "none.gpg"})), "default[0].keyPath: `none.gpg` cannot be read: "),
        // Container tools too reject all where one file is missing.
        (
            signed_by(json!({"keyPaths": [KEY, "none.gpg"]})),
            "default[0].keyPaths[1]: `none.gpg` cannot be read: ",
        ),
        (signed_by(json!({"keyData": "*"})), "default[0].keyData: is not base64: "),
        (signed_by(json!({"keyData": "aGVsbG8="})), "default[0].keyData: "),
        (signed_by(json!({"keyPath": weak})), "default[0].keyPath: certificate "),
        (
            signed_by(
                json!({"keyPath": KEY, "signedIdentity": {"type": "exactReference", "dockerReference": "quay.io/a"}}),
            ),
            "default[0].signedIdentity.dockerReference: `quay.io/a` has neither tag nor digest",
        ),
    ] {
        let (converted, lost) = default(&requirements);
        assert_eq!(converted, reject(), "{requirements}");
        assert!(lost[0].starts_with(told), "{told}: {lost:?}");
    }
    // One key less is less trust.
    let (converted, lost) = default(&signed_by(json!({"keyPaths": [weak, KEY]})));
    assert_eq!(converted[0]["signers"], json!(["public-key"]));
    assert_eq!(lost.len(), 1, "{lost:?}");
}

#[test]
fn a_lost_requirement_does_not_lose_the_others() {
    let (requirements, _) = default(&json!([
        signed_by(json!({"keyPath": KEY}))[0],
        {"type": "sigstoreSigned", "keyPath": "/cosign.pub"},
    ]));
    assert_eq!(requirements[0]["type"], "signedBy");
    assert_eq!(requirements[1], json!({"type": "reject"}));
}

/// The scopes that come of a policy's transports, and how many things were told.
fn scopes(transports: &Value) -> (Value, usize) {
    let (settings, lost) = converted(&json!({"default": accept(), "transports": transports}));
    (settings["trust"]["scopes"].clone(), lost.len())
}

#[test]
fn a_scope_that_cannot_be_written_leaves_no_gap() {
    for (scope, requirements, expected) in [
        // No tool finds an image in these.
        ("busybox", reject(), Value::Null),
        ("quay.io/*", reject(), Value::Null),
        // Without it there is no more trust than with it.
        ("MIRROR/x", accept(), Value::Null),
        ("MIRROR/x", reject(), json!({"": reject()})),
        // One spelling of several that are one scope here.
        ("quay.io:443/acme", accept(), json!({"quay.io/acme": reject()})),
        ("quay.io/acme", accept(), json!({"quay.io/acme": accept()})),
    ] {
        let (found, told) = scopes(&json!({"docker": {scope: requirements}}));
        assert_eq!((&found, told), (&expected, usize::from(scope != "quay.io/acme")), "{scope}");
    }
}

#[test]
fn two_transports_become_one_table() {
    let (a, r) = (accept(), reject());
    let key = signed_by(json!({"keyPath": KEY}));
    let signed = json!([{"type": "signedBy", "signers": ["public-key"], "threshold": 1}]);
    for (transports, expected, told) in [
        (json!({"docker": {"quay.io": a}, "atomic": {"quay.io": a}}), json!({"quay.io": a}), 0),
        (
            json!({"docker": {"quay.io": a}, "atomic": {"a.example": r}}),
            json!({"quay.io": a, "a.example": r}),
            0,
        ),
        (json!({"docker": {"quay.io": a}, "atomic": {"quay.io": r}}), json!({"quay.io": r}), 1),
        (json!({"docker": {"quay.io": a}, "atomic": {"quay.io": key}}), json!({"quay.io": signed}), 1),
        (
            json!({"docker": {"quay.io/acme": a}, "atomic": {"quay.io": key}}),
            json!({"quay.io/acme": signed, "quay.io": signed}),
            1,
        ),
        (json!({"docker": {"quay.io": a}, "atomic": {"": r}}), json!({"quay.io": r, "": r}), 1),
        // What is written for the scope itself stands.
        (json!({"docker": {"": a}, "atomic": {"quay.io": r}}), json!({"quay.io": r, "": a}), 0),
        (json!({"docker-daemon": {"": a}, "dir": {"/x": a}}), Value::Null, 0),
        (json!({"docker": {}}), Value::Null, 0),
    ] {
        assert_eq!(scopes(&transports), (expected, told), "{transports}");
    }
}

#[test]
fn a_file_that_container_tools_refuse_is_refused() {
    for (policy, told) in [
        ("", "settings: is not JSON"),
        ("[]", "settings: is not an object"),
        ("{}", "default: is missing"),
        (r#"{"default":[]}"#, "default: is empty"),
        (r#"{"default":null}"#, "default: "),
        (r#"{"default":{"type":"reject"}}"#, "default: "),
        (r#"{"default":[{"type":"reject"}]} x"#, "is not JSON"),
        (r#"{"default":[{"type":"reject"}],"Default":[]}"#, "Default: is not a known member here"),
        (r#"{"default":[{"type":"reject"}],"default":[]}"#, "default: duplicate key"),
        (r#"{"default":[{"type":"reject","type":"reject"}]}"#, "default[0].type: duplicate key"),
        (r#"{"default":[{"type":"accept"}]}"#, "default[0].type: `accept` is not a known type"),
        (
            r#"{"default":[{"type":"reject","keyPath":"x"}]}"#,
            "default[0].keyPath: is not a known member here",
        ),
        (r#"{"default":[{"type":"signedBy","keyPath":"x"}]}"#, "default[0].keyType: is missing"),
        (r#"{"default":[{"type":"signedBy","keyType":"GPGKeys"}]}"#, "default[0]: has not exactly one of"),
        (
            r#"{"default":[{"type":"signedBy","keyType":"GPGKeys","keyPath":"a","keyData":"b"}]}"#,
            "default[0]: has not exactly one of",
        ),
        (
            r#"{"default":[{"type":"signedBy","keyType":"GPGKeys","keyPath":"a","keyPaths":["b"]}]}"#,
            "default[0]: has not exactly one of",
        ),
        (
            r#"{"default":[{"type":"signedBy","keyType":"GPGKeys","keyPaths":["a"],"keyData":"b"}]}"#,
            "default[0]: has not exactly one of",
        ),
        (
            r#"{"default":[{"type":"signedBy","keyType":"GPGKeys","keyPath":"a","keyPaths":["b"],"keyData":"c"}]}"#,
            "default[0]: has not exactly one of",
        ),
        (
            r#"{"default":[{"type":"signedBy","keyType":"GPGKeys","keyDatas":["a"]}]}"#,
            "default[0].keyDatas: is not a known member here",
        ),
        (
            r#"{"default":[{"type":"signedBy","keyType":"GPGKeys","keyPath":"a","other":1}]}"#,
            "default[0].other: is not a known member here",
        ),
        (
            r#"{"default":[{"type":"signedBy","keyType":"GPGKeys","keyPath":"a","signedIdentity":{"type":"matchExact","x":1}}]}"#,
            "default[0].signedIdentity.x: is not a known member here",
        ),
        (r#"{"default":[{"type":"reject"}],"transports":{"docker":{"quay.io":[]}}}"#, "is empty"),
        (
            r#"{"default":[{"type":"reject"}],"transports":{"docker":{"a.example":[{"type":"reject"}],"a.example":[{"type":"reject"}]}}}"#,
            "duplicate key",
        ),
        (r#"{"default":[{"type":"reject"}],"transports":{"docker":{},"docker":{}}}"#, "duplicate key"),
        (
            r#"{"default":[{"type":"signedBy","keyType":"GPGKeys","keyPaths":[]}]}"#,
            "default[0].keyPaths: is empty",
        ),
        (
            r#"{"default":[{"type":"signedBy","keyType":"PGP","keyPath":"a"}]}"#,
            "default[0].keyType: `PGP` is not a known key type",
        ),
        (
            r#"{"default":[{"type":"reject"}],"transports":{"dir":{"":[{"type":"x"}]}}}"#,
            "`x` is not a known type",
        ),
        (
            r#"{"default":[{"type":"reject"}],"transports":{"atomic":{"a.example/b/c/d":[{"type":"reject"}]}}}"#,
            "is not of the form `host/namespace/stream:tag`",
        ),
    ] {
        let problem = refused(policy);
        assert!(problem.contains(told), "{policy}: {problem}");
    }
}

#[test]
fn a_key_that_vouches_for_itself_by_sha1_is_taken_as_gnupg_takes_it_and_told() {
    let policy = json!({"default": signed_by(json!({"keyPath": "real/library-go/keyrings/redhat.txt"}))});
    let conversion = convert(&policy.to_string(), here(&material("")), now()).unwrap();
    assert!(conversion.settings.contains("sha1SelfSignatures: true"), "{}", conversion.settings);
    assert_eq!((conversion.lost.len(), conversion.notes.len()), (0, 1));
}

#[test]
fn text_around_a_key_reaches_no_terminal() {
    let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("convert-text");
    fs::create_dir_all(&directory).unwrap();
    let armored = fs::read_to_string(material(KEY)).unwrap();
    for (around, kept) in [("a key: # \"x\"\r\n", true), ("a\u{1b}[2J\n", false), ("a\u{202e}\n", false)] {
        let path = directory.join("key.asc");
        fs::write(&path, format!("{around}{armored}")).unwrap();
        let (settings, lost) = converted(&json!({"default": signed_by(json!({"keyPath": path}))}));
        assert!(lost.is_empty(), "{lost:?}");
        let openpgp = settings["signers"][0]["openpgp"].as_str().unwrap();
        assert_eq!(openpgp.contains("BEGIN PGP"), kept, "{around:?}");
    }
}

/// The example that containers/image ships.
#[test]
fn the_published_example_is_converted_as_far_as_it_goes() {
    let path = material("real/containers-image/policy.json");
    let ended = Command::new(env!("CARGO_BIN_EXE_image-trust")).arg("convert").arg(&path).output().unwrap();
    let (out, err) = (String::from_utf8(ended.stdout).unwrap(), String::from_utf8(ended.stderr).unwrap());
    assert_eq!(ended.status.code(), Some(2), "{err}");
    let settings: Value = serde_norway::from_str(&out).unwrap();
    assert_eq!(settings["trust"]["default"], reject());
    assert_eq!(settings["trust"]["scopes"]["example.com/playground"], accept());
    assert!(
        err.contains("transports.docker[example.com/hardened][2]: asks for a signed base layer"),
        "{err}"
    );
    assert!(
        err.contains("transports.dir: is a transport by which no image comes into a cluster: left out"),
        "{err}"
    );
}

#[test]
fn the_exit_code_says_whether_all_is_there() {
    let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("convert-exit");
    fs::create_dir_all(&directory).unwrap();
    fs::copy(material(KEY), directory.join("key.gpg")).unwrap();
    let whole = json!({"default": signed_by(json!({"keyPath": "key.gpg"}))}).to_string();
    let lossy = json!({"default": [{"type": "sigstoreSigned", "keyPath": "key.pub"}]}).to_string();
    for (policy, code, prints) in [(whole.as_str(), 0, true), (lossy.as_str(), 2, true), ("{}", 2, false)] {
        fs::write(directory.join("policy.json"), policy).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_image-trust"));
        let ended = command.arg("convert").arg(directory.join("policy.json")).output().unwrap();
        assert_eq!(ended.status.code(), Some(code), "{policy}");
        assert_eq!(ended.stderr.is_empty(), code == 0, "{policy}");
        assert_eq!(!ended.stdout.is_empty(), prints, "{policy}");
        if prints {
            let settings: Value = serde_norway::from_slice(&ended.stdout).unwrap();
            assert!(validate_settings(settings.to_string().as_bytes(), now()).valid, "{policy}");
        }
    }
}

fn with(policy: &str, conditions: Conditions<'_>) -> (Value, Vec<String>, Vec<String>) {
    let Conversion { settings, lost, notes } =
        convert(policy, conditions, now()).unwrap_or_else(|problem| panic!("{problem}"));
    let settings: Value = serde_norway::from_str(&settings).unwrap();
    let verdict = validate_settings(settings.to_string().as_bytes(), now());
    assert!(verdict.valid, "{:?}", verdict.message);
    let told =
        |problems: &[openshift_image_trust::Problem]| problems.iter().map(ToString::to_string).collect();
    (settings, told(&lost), told(&notes))
}

/// What a stock node has: nothing is lost, and what does not concern a cluster is only noted.
#[test]
fn a_stock_policy_ends_well() {
    let inputs = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/convert-inputs");
    let ended = Command::new(env!("CARGO_BIN_EXE_image-trust"))
        .arg("convert")
        .arg(inputs.join("policy.json"))
        .output()
        .unwrap();
    let err = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(ended.status.code(), Some(0), "{err}");
    assert!(err.contains("transports.docker-daemon: is a transport by which no image comes"), "{err}");
}

#[test]
fn keys_of_a_policy_that_was_copied_from_a_node_are_below_the_root() {
    let root = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("convert-root");
    fs::create_dir_all(root.join("etc/pki/rpm-gpg")).unwrap();
    fs::copy(material(KEY), root.join("etc/pki/rpm-gpg/KEY-release")).unwrap();
    let policy =
        json!({"default": signed_by(json!({"keyPath": "/etc/pki/rpm-gpg/KEY-release"}))}).to_string();
    let conditions = Conditions { root: Some(&root), ..here(Path::new("")) };
    let (settings, lost, _) = with(&policy, conditions);
    assert_eq!((lost, &settings["signers"][0]["name"]), (vec![], &json!("key-release")));
    let (settings, lost, _) = with(&policy, here(Path::new("")));
    assert_eq!((lost.len(), &settings["trust"]["default"]), (1, &reject()));
}

const PEM: &str = "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaXSPTPQXIT9Q3Go7tICHpgwfkMdt\nxIo2QiQhv5fzSdW2cUEoYx3D2l0x1N9n6zN2nG9QPWwz6vZ7Yk0bRxCKdA==\n-----END PUBLIC KEY-----\n";

#[test]
fn sigstore_is_converted_where_it_is_asked_for() {
    let pem = STANDARD.encode(PEM);
    let fulcio = json!({"caPath": "/ca", "oidcIssuer": "https://issuer.example", "subjectEmail": "release@corp.example"});
    let sigstore = |members: &Value| {
        let mut requirement =
            json!({"type": "sigstoreSigned", "signedIdentity": {"type": "matchRepository"}});
        requirement.as_object_mut().unwrap().append(&mut members.as_object().unwrap().clone());
        json!({"default": [requirement]}).to_string()
    };
    let anyhow = Conditions { sigstore: true, ..here(Path::new("")) };
    for (members, expected) in [
        (json!({"keyData": pem}), json!({"type": "sigstoreSigned", "publicKeys": [PEM]})),
        (
            json!({"keyDatas": [pem, pem], "rekorPublicKeyData": "eA=="}),
            json!({"type": "sigstoreSigned", "publicKeys": [PEM, PEM], "keys": "any"}),
        ),
        (
            json!({"fulcio": fulcio, "rekorPublicKeyPath": "/rekor"}),
            json!({"type": "sigstoreSigned", "keyless": [{"issuer": "https://issuer.example", "subject": "release@corp.example"}]}),
        ),
    ] {
        let policy = sigstore(&members);
        let (settings, lost, notes) = with(&policy, anyhow);
        assert_eq!((&settings["trust"]["default"], lost), (&json!([expected]), vec![]), "{members}");
        assert!(notes[0].contains("does not compare the name"), "{notes:?}");
        let (settings, lost, _) = with(&policy, here(Path::new("")));
        assert_eq!(settings["trust"]["default"], reject(), "{members}");
        assert!(lost[0].contains("`--sigstore`"), "{lost:?}");
    }
    for members in
        [json!({"keyData": "eA=="}), json!({"keyPath": "/none"}), json!({"pki": {"caRootsPath": "/x"}})]
    {
        let (settings, lost, _) = with(&sigstore(&members), anyhow);
        assert_eq!((&settings["trust"]["default"], lost.len()), (&reject(), 1), "{members}: {lost:?}");
    }
    for members in
        [json!({}), json!({"keyData": pem, "fulcio": fulcio}), json!({"keyData": pem, "keyPath": "/x"})]
    {
        refused(&sigstore(&members));
    }
}

#[test]
fn an_image_policy_of_openshift_is_read_too() {
    let inputs = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/convert-inputs");
    let text = fs::read_to_string(inputs.join("cip.yaml")).unwrap();
    let anyhow = Conditions { sigstore: true, ..here(Path::new("")) };
    let (settings, lost, _) = with(&text, anyhow);
    assert!(lost.is_empty(), "{lost:?}");
    assert_eq!(settings["trust"]["default"], accept());
    let scopes = settings["trust"]["scopes"].as_object().unwrap();
    assert_eq!(scopes.len(), 3);
    let payload = &scopes["quay.io/openshift-release-dev/ocp-release"][0];
    assert_eq!(payload["type"], "sigstoreSigned");
    assert!(payload["publicKeys"][0].as_str().unwrap().starts_with("-----BEGIN PUBLIC KEY-----"));
    // Without the word for it, what it asks for is rejected and never forgotten.
    let (settings, lost, _) = with(&text, here(Path::new("")));
    assert_eq!(lost.len(), 3);
    assert_eq!(settings["trust"]["scopes"]["quay.io/openshift-release-dev/ocp-release"], reject());

    let list = format!(
        "apiVersion: v1\nkind: List\nitems:\n- {}\n",
        text.replace("kind: ClusterImagePolicy", "kind: ImagePolicy").trim_end().replace('\n', "\n  ")
    );
    let (namespaced, _, notes) = with(&list, anyhow);
    assert_eq!(namespaced["trust"]["scopes"].as_object().unwrap().len(), 3);
    assert!(notes[0].contains("deploy them as an AdmissionPolicy"), "{notes:?}");
    for wrong in [
        text.replace("policyType: PublicKey", "policyType: None"),
        text.replace("  scopes:", "  scope:"),
        format!("{text}---\nkind: Pod\napiVersion: v1\n"),
    ] {
        refused(&wrong);
    }
}

/// Of one scope either what became of it is told, or what became of its requirements.
#[test]
fn no_two_messages_about_one_scope_contradict_each_other() {
    let policy = json!({
        "default": accept(),
        "transports": {"docker": {"quay.io/*": signed_by(json!({"keyPath": "none.gpg"}))}},
    });
    let (_, lost, _) = with(&policy.to_string(), here(Path::new("")));
    assert_eq!(lost.len(), 1, "{lost:?}");
    assert!(lost[0].ends_with("left out"), "{lost:?}");
}
