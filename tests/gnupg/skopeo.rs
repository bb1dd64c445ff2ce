//! skopeo, as a judge and as a signer.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use super::home::{Folder, Home, Key, run, words};

/// The version of skopeo, or which tool is missing.
pub fn version() -> Result<(u32, u32), String> {
    for tool in ["gpg", "gpg-agent", "gpgconf", "skopeo"] {
        if let Err(error) = Command::new(tool).arg("--version").output() {
            return Err(format!("{tool}: {error}"));
        }
    }
    let output = run(Command::new("skopeo").arg("--version"), &[]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut numbers = text.split(|c: char| !c.is_ascii_digit()).filter_map(|number| number.parse().ok());
    match (numbers.next(), numbers.next()) {
        (Some(major), Some(minor)) => Ok((major, minor)),
        _ => Err(format!("skopeo does not tell its version: {text:?}")),
    }
}

/// An image with one layer, as the `dir:` transport stores it.
pub struct Image {
    pub manifest: Vec<u8>,
    pub digest: String,
    blobs: [(String, Vec<u8>); 2],
}

impl Image {
    pub fn new() -> Self {
        let layer = b"one layer".to_vec();
        let config = json!({
            "architecture": "amd64",
            "os": "linux",
            "config": {},
            "rootfs": {"type": "layers", "diff_ids": [digest(&layer)]},
        });
        let config = config.to_string().into_bytes();
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": {
                "mediaType": "application/vnd.oci.image.config.v1+json",
                "digest": digest(&config),
                "size": config.len(),
            },
            "layers": [{
                "mediaType": "application/vnd.oci.image.layer.v1.tar",
                "digest": digest(&layer),
                "size": layer.len(),
            }],
        });
        let manifest = manifest.to_string().into_bytes();
        let digest_of_manifest = digest(&manifest);
        Self {
            manifest,
            digest: digest_of_manifest,
            blobs: [config, layer].map(|blob| (digest(&blob).replace("sha256:", ""), blob)),
        }
    }

    /// Whether skopeo copies the image with these signatures, or what it says instead.
    pub fn judge(&self, blobs: &[Vec<u8>], certificates: &[u8], identity: &Value) -> Result<(), String> {
        let folder = Folder::new();
        let source = folder.path().join("in");
        fs::create_dir(&source).expect("a folder");
        let write = |name: &str, bytes: &[u8]| fs::write(source.join(name), bytes).expect(name);
        write("version", b"Directory Transport Version: 1.1\n");
        write("manifest.json", &self.manifest);
        self.blobs.iter().for_each(|(name, blob)| write(name, blob));
        for (index, blob) in blobs.iter().enumerate() {
            write(&format!("signature-{}", index + 1), blob);
        }
        let requirement = json!({
            "type": "signedBy",
            "keyType": "GPGKeys",
            "keyPath": folder.write("keys", certificates),
            "signedIdentity": identity,
        });
        let policy = folder.write("policy.json", json!({"default": [requirement]}).to_string());
        let mut skopeo = Command::new("skopeo");
        skopeo.arg("--policy").arg(policy).args(["copy", "--quiet"]);
        skopeo.arg(transport(&source)).arg(transport(&folder.path().join("out")));
        let output = run(&mut skopeo, &[]);
        if output.status.success() {
            return Ok(());
        }
        let said = words(&output);
        // It must have come as far as the signatures.
        assert!(["Source image rejected", "ignature"].iter().any(|word| said.contains(word)), "{said}");
        Err(said)
    }

    /// The signature that skopeo makes by a key.
    pub fn sign(&self, home: &Home, key: &Key, reference: &str) -> Result<Vec<u8>, String> {
        let folder = Folder::new();
        let (manifest, signature) =
            (folder.write("manifest.json", &self.manifest), folder.path().join("signature"));
        let mut skopeo = Command::new("skopeo");
        skopeo.env("GNUPGHOME", home.path()).arg("standalone-sign").arg(manifest);
        let output = run(skopeo.args([reference, &key.fingerprint, "-o"]).arg(&signature), &[]);
        if !output.status.success() {
            return Err(words(&output));
        }
        fs::read(signature).map_err(|error| error.to_string())
    }
}

fn transport(path: &Path) -> String {
    format!("dir:{}", path.display())
}

fn digest(bytes: &[u8]) -> String {
    use sha2::Digest as _;
    let digits: String = sha2::Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{digits}")
}
