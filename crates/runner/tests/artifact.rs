//! The artifact: a module with its metadata, in a registry that Debian ships.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail by panicking")]

mod common;

use std::fs;
use std::io::Read as _;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use image_trust::host::module::Host;
use image_trust::host::section;
use image_trust::kubewarden::metadata::{Metadata, USAGE};
use serde_json::Value;

/// Who may push to the test's registry.
const USER: &str = "pusher";
/// What the test's registry alone takes.
const PASSWORD: &str = "test-password";
/// The same for the registry (bcrypt).
const HTPASSWD: &str = "pusher:$2b$05$nf3nbsCXaYOAR9BeJ7.xYuWZ5rfrRkmfdf8w0useEzPUAr5LZ1ByS\n";
const NAME: &str = "policies/openshift-image-trust";

fn scratch(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("artifact").join(name);
    _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).unwrap();
    path
}

fn image_trust(arguments: &[&str], docker_config: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_image-trust"));
    command.args(arguments).current_dir(common::root()).env("DOCKER_CONFIG", docker_config);
    command.output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// An annotated module.
fn annotate(directory: &Path) -> PathBuf {
    let annotated = directory.join("annotated-policy.wasm");
    let policy = common::module_path();
    let paths = [policy.to_str().unwrap(), "--usage", "README.md", "--output", annotated.to_str().unwrap()];
    let output = image_trust(&[&["annotate"], &paths[..]].concat(), directory);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(text(&output.stderr), "", "no capability is undeclared");
    annotated
}

#[test]
fn an_annotated_module_holds_its_metadata_and_is_the_same_policy() {
    let directory = scratch("annotate");
    let annotated = fs::read(annotate(&directory)).unwrap();
    let plain = fs::read(common::module_path()).unwrap();
    assert!(annotated.starts_with(&plain));
    assert_eq!(section::read(&plain).unwrap(), None);
    let mut expected = Metadata::open(&common::root().join("metadata.yml")).unwrap();
    expected.protocol_version = Some("v1".to_owned());
    expected
        .annotations
        .insert(USAGE.to_owned(), fs::read_to_string(common::root().join("README.md")).unwrap());
    assert_eq!(section::read(&annotated).unwrap(), Some(expected));
    let guest = Host::compile(&annotated).unwrap().link(None).unwrap();
    let answer = guest.call("validate_settings", br#"{"refrences":{}}"#).unwrap();
    assert!(text(&answer).contains("did you mean `references`?"), "{}", text(&answer));
}

#[test]
fn what_cannot_be_annotated_is_told() {
    let directory = scratch("refused");
    let annotated = annotate(&directory);
    let output = directory.join("out.wasm");
    let metadata = directory.join("metadata.yml");
    let good = fs::read_to_string(common::root().join("metadata.yml")).unwrap();
    let policy = common::module_path();
    let policy = policy.to_str().unwrap();
    for (module, written, told) in [
        (annotated.to_str().unwrap(), good.clone(), "has metadata already"),
        ("Makefile", good.clone(), "does not start with `\\0asm`"),
        ("target/empty.none", good.clone(), "No such file"),
        (policy, good.replace("mutating: false", "mutating: no thanks"), "invalid type"),
        (policy, good.replace("mutating: false", "mutatingg: false"), "unknown field `mutatingg`"),
        (policy, good.replace("[\"CREATE\"]", "[\"MAKE\"]"), "`MAKE` is no operation"),
    ] {
        fs::write(&metadata, written).unwrap();
        let arguments =
            ["annotate", module, "-m", metadata.to_str().unwrap(), "-o", output.to_str().unwrap()];
        let refused = image_trust(&arguments, &directory);
        assert_eq!(refused.status.code(), Some(2), "{told}");
        assert!(text(&refused.stderr).contains(told), "{told}: {}", text(&refused.stderr));
        assert!(!output.exists(), "{told}");
    }
    fs::write(&metadata, good.replace("\"kubernetes/get_resource\", ", "")).unwrap();
    let arguments = ["annotate", policy, "-m", metadata.to_str().unwrap(), "-o", output.to_str().unwrap()];
    let undeclared = image_trust(&arguments, &directory);
    assert!(undeclared.status.success());
    assert!(
        text(&undeclared.stderr).contains("names kubernetes/get_resource"),
        "{}",
        text(&undeclared.stderr)
    );
}

/// A registry on loopback, as long as the value lives.
struct Registry {
    process: Child,
    host: String,
}

impl Registry {
    /// Starts one, which asks for a password; none where Debian's package is not installed.
    fn start(directory: &Path) -> Option<Self> {
        let installed = Command::new("docker-registry").arg("--version").output().is_ok();
        if !installed {
            let required = std::env::var_os("IMAGE_TRUST_ORACLES").is_some_and(|value| value == "required");
            assert!(!required, "docker-registry is not installed");
            eprintln!("skipped: docker-registry is not installed");
            return None;
        }
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let host = format!("127.0.0.1:{port}");
        let (config, passwords) = (directory.join("config.yml"), directory.join("htpasswd"));
        fs::write(&passwords, HTPASSWD).unwrap();
        let written = serde_json::json!({
            "version": "0.1",
            "storage": {"filesystem": {"rootdirectory": directory.join("storage")}},
            "http": {"addr": host},
            "auth": {"htpasswd": {"realm": "test", "path": passwords}},
        });
        fs::write(&config, written.to_string()).unwrap();
        let log = fs::File::create(directory.join("log")).unwrap();
        let process = Command::new("docker-registry")
            .arg("serve")
            .arg(&config)
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        let registry = Self { process, host };
        let started = Instant::now();
        while TcpStream::connect(&registry.host).is_err() {
            assert!(started.elapsed() < Duration::from_secs(60), "the registry does not start");
            std::thread::sleep(Duration::from_millis(50));
        }
        Some(registry)
    }

    fn reference(&self, tag: &str) -> String {
        format!("registry://{}/{NAME}:{tag}", self.host)
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        _ = self.process.kill();
        _ = self.process.wait();
    }
}

/// What Docker's configuration says with a password.
fn docker_config(directory: &Path, host: &str, password: &str) -> PathBuf {
    let path = directory.join(format!("docker-{password}"));
    fs::create_dir_all(&path).unwrap();
    let auth = STANDARD.encode(format!("{USER}:{password}"));
    let config = serde_json::json!({"auths": {host: {"auth": auth}}});
    fs::write(path.join("config.json"), config.to_string()).unwrap();
    path
}

/// What skopeo, which shares no code with us, says of the registry.
fn skopeo(host: &str, arguments: &[&str], tag: &str) -> Vec<u8> {
    let source = format!("docker://{host}/{NAME}{tag}");
    let credentials = format!("{USER}:{PASSWORD}");
    let output = Command::new("skopeo")
        .args(arguments)
        .args(["--tls-verify=false", "--creds", &credentials, &source])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    output.stdout
}

#[test]
fn a_pushed_module_comes_back_as_it_was() {
    let directory = scratch("push");
    let Some(registry) = Registry::start(&directory) else { return };
    let annotated = annotate(&directory);
    let module = annotated.to_str().unwrap();
    let config = docker_config(&directory, &registry.host, PASSWORD);
    let reference = registry.reference("v0.1.0");
    let pushed = image_trust(&["push", "--plain-http", module, &reference], &config);
    assert!(pushed.status.success(), "{}", text(&pushed.stderr));

    let manifest = skopeo(&registry.host, &["inspect", "--raw"], ":v0.1.0");
    let digest = sha256(&manifest);
    assert_eq!(text(&pushed.stdout), format!("registry://{}/{NAME}@{digest}\n", registry.host));
    let tags: Value = serde_json::from_slice(&skopeo(&registry.host, &["list-tags"], "")).unwrap();
    assert_eq!(tags["Tags"], serde_json::json!(["v0.1.0"]));

    let manifest: Value = serde_json::from_slice(&manifest).unwrap();
    let wasm = fs::read(&annotated).unwrap();
    let described = |media_type: &str, bytes: &[u8]| serde_json::json!({"mediaType": media_type, "digest": sha256(bytes), "size": bytes.len()});
    assert_eq!(manifest["schemaVersion"], 2);
    assert_eq!(manifest["config"], described("application/vnd.wasm.config.v1+json", b"{}"));
    assert_eq!(
        manifest["layers"],
        serde_json::json!([described("application/vnd.wasm.content.layer.v1+wasm", &wasm)])
    );
    let metadata = section::read(&wasm).unwrap().unwrap();
    let annotations = manifest["annotations"].as_object().unwrap();
    let source = metadata.annotation("io.kubewarden.policy.source").unwrap();
    assert_eq!(annotations["org.opencontainers.image.source"], source);
    for (name, text) in &metadata.annotations {
        match annotations.get(name) {
            Some(found) => assert_eq!(found, text.trim(), "{name}"),
            None => assert!(text.lines().count() > 1, "{name}"),
        }
    }
    assert!(!annotations.contains_key(USAGE));

    // The bytes that a policy server would run.
    let stored = blob(&directory.join("storage"), &sha256(&wasm));
    assert_eq!(stored, wasm);
}

#[test]
fn a_registry_that_refuses_or_is_not_asked_as_told_gets_nothing() {
    let directory = scratch("refusals");
    let Some(registry) = Registry::start(&directory) else { return };
    let annotated = annotate(&directory);
    let (module, plain) = (annotated.to_str().unwrap(), common::module_path());
    let (reference, nowhere) = (registry.reference("v0.1.0"), scratch("no-docker-config"));
    let good = docker_config(&directory, &registry.host, PASSWORD);
    let wrong = docker_config(&directory, &registry.host, "wrong-password");
    let untagged = reference.trim_end_matches(":v0.1.0").to_owned();
    let broken = scratch("broken-docker-config");
    fs::write(broken.join("config.json"), "{").unwrap();
    for (what, arguments, config, told) in [
        ("TLS is spoken unless told", vec!["push", module, &reference], &good, "127.0.0.1"),
        ("nobody in particular", vec!["push", "--plain-http", module, &reference], &nowhere, "127.0.0.1"),
        ("a wrong password", vec!["push", "--plain-http", module, &reference], &wrong, "127.0.0.1"),
        ("a broken configuration", vec!["push", "--plain-http", module, &reference], &broken, "config.json"),
        (
            "no metadata",
            vec!["push", "--plain-http", plain.to_str().unwrap(), &reference],
            &good,
            "annotate it first",
        ),
        ("no module", vec!["push", "--plain-http", "Makefile", &reference], &good, "Makefile"),
        ("no tag", vec!["push", "--plain-http", module, &untagged], &good, "has no tag"),
    ] {
        let refused = image_trust(&arguments, config);
        let said = text(&refused.stderr);
        assert_eq!(refused.status.code(), Some(2), "{what}: {said}");
        assert!(said.contains(told), "{what}: {said}");
        assert!(!said.contains("wrong-password") && !said.contains(PASSWORD), "{what}: {said}");
    }
    assert!(!directory.join("storage/docker/registry/v2/repositories").exists());
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest as _;
    let hex: String = sha2::Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}

/// A blob, where Docker's registry keeps it.
fn blob(storage: &Path, digest: &str) -> Vec<u8> {
    let hex = digest.trim_start_matches("sha256:");
    let path =
        storage.join("docker/registry/v2/blobs/sha256").join(hex.get(..2).unwrap()).join(hex).join("data");
    let mut bytes = Vec::new();
    fs::File::open(path).unwrap().read_to_end(&mut bytes).unwrap();
    bytes
}
