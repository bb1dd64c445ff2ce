//! What is measured: one request under one set of settings.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use image_trust::capabilities::{self, Capabilities};
use image_trust::request;
use serde::Deserialize;
use serde_json::json;
use serde_norway::Value;

/// One row of the table.
#[derive(Deserialize)]
pub(crate) struct Row {
    /// What the table calls it.
    pub(crate) name: String,
    #[serde(flatten)]
    work: Work,
}

/// What there is to do.
#[derive(Deserialize)]
#[serde(untagged, deny_unknown_fields)]
enum Work {
    /// A request from a file, seen from the file of the rows.
    Request {
        request: PathBuf,
        settings: Value,
        /// Lengthens an ImageStream's `spec.tags`, by its own tags in turn, to so many.
        tags: Option<usize>,
        /// A folder of objects that answers for the cluster.
        cluster: Option<PathBuf>,
    },
    /// An ImageSignature with this blob for this image, and a signer with this certificate.
    Signature { blob: PathBuf, certificate: PathBuf, image: String },
}

/// A signature as other programs verify it.
pub(crate) struct Verifiable {
    /// The file of the signature.
    pub(crate) blob: PathBuf,
    /// The certificates, binary.
    pub(crate) keyring: Vec<u8>,
}

/// Reads the rows.
pub(crate) fn load(path: &Path) -> Result<Vec<Row>> {
    let context = || path.display().to_string();
    let text = fs::read_to_string(path).with_context(context)?;
    let mut rows: Vec<Row> = serde_norway::from_str(&text).with_context(context)?;
    let beside = |file: &mut PathBuf| *file = path.with_file_name(&*file);
    for row in &mut rows {
        match &mut row.work {
            Work::Request { request, cluster, .. } => {
                beside(request);
                cluster.iter_mut().for_each(beside);
            }
            Work::Signature { blob, certificate, .. } => [blob, certificate].into_iter().for_each(beside),
        }
    }
    Ok(rows)
}

impl Row {
    /// What the host hands to the policy: compact, as the policy server writes it.
    pub(crate) fn payload(&self) -> Result<Vec<u8>> {
        let (request, settings) = match &self.work {
            Work::Request { request, settings, tags, .. } => (one_request(request, *tags)?, settings.clone()),
            Work::Signature { blob, certificate, image } => {
                let settings = json!({"signers": [{"name": "signer", "openpgp": openpgp(certificate)?}]});
                let request = serde_json::from_value(attach(&read(blob)?, image))?;
                (request, serde_json::from_value(settings)?)
            }
        };
        let payload = Value::Mapping(
            [("request", request), ("settings", settings)]
                .into_iter()
                .map(|(member, value)| (Value::String(member.to_owned()), value))
                .collect(),
        );
        Ok(serde_json::to_vec(&payload)?)
    }

    /// Who answers for the cluster.
    pub(crate) fn capabilities(&self) -> Result<Box<dyn Capabilities>> {
        match &self.work {
            Work::Request { cluster, .. } => capabilities::open(cluster.as_deref(), None),
            Work::Signature { .. } => capabilities::open(None, None),
        }
    }

    /// The signature, where the row is about one.
    pub(crate) fn verifiable(&self) -> Result<Option<Verifiable>> {
        let Work::Signature { blob, certificate, .. } = &self.work else { return Ok(None) };
        let certificates = openshift_image_trust::signature::one_by_one(&openpgp(certificate)?)
            .map_err(|unreadable| anyhow::anyhow!("{}: {unreadable}", certificate.display()))?;
        let binary: Result<Vec<Vec<u8>>, _> = certificates.iter().map(|text| STANDARD.decode(text)).collect();
        Ok(Some(Verifiable { blob: blob.clone(), keyring: binary?.concat() }))
    }
}

fn one_request(path: &Path, tags: Option<usize>) -> Result<Value> {
    let context = || path.display().to_string();
    let requests = request::load(path).with_context(context)?;
    let [request] = requests.as_slice() else {
        anyhow::bail!("{} holds {} requests, not one", path.display(), requests.len());
    };
    // This kind of tree keeps the order of the members.
    let mut request: Value = serde_json::from_str(request.json().get()).with_context(context)?;
    if let Some(count) = tags {
        lengthen(&mut request, count).with_context(context)?;
    }
    Ok(request)
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| path.display().to_string())
}

/// A key file as settings hold it.
fn openpgp(path: &Path) -> Result<String> {
    Ok(String::from_utf8(read(path)?).unwrap_or_else(|binary| STANDARD.encode(binary.as_bytes())))
}

/// The request that attaches a signature to an image.
fn attach(blob: &[u8], image: &str) -> serde_json::Value {
    let kind = json!({"group": "image.openshift.io", "version": "v1", "kind": "ImageSignature"});
    let resource = json!({"group": "image.openshift.io", "version": "v1", "resource": "imagesignatures"});
    let name = format!("{image}@{}", "1".repeat(32));
    json!({
        "uid": "7a6b5c20-0f1e-4d2c-8b3a-000000000001",
        "kind": kind,
        "resource": resource,
        "requestKind": kind,
        "requestResource": resource,
        "name": name,
        "operation": "CREATE",
        "userInfo": {"username": "signer", "groups": ["system:authenticated"]},
        "object": {
            "kind": "ImageSignature",
            "apiVersion": "image.openshift.io/v1",
            "metadata": {"name": name},
            "type": "AtomicImageV1",
            "content": STANDARD.encode(blob),
        },
        "oldObject": null,
        "dryRun": false,
    })
}

fn lengthen(request: &mut Value, count: usize) -> Result<()> {
    let tags = ["object", "spec", "tags"]
        .into_iter()
        .try_fold(request, |value, member| value.get_mut(member))
        .and_then(Value::as_sequence_mut)
        .context("has no `object.spec.tags`")?;
    ensure!(!tags.is_empty(), "has no tag to repeat");
    let originals = tags.clone();
    for (number, tag) in originals.iter().cycle().enumerate().take(count).skip(originals.len()) {
        let mut tag = tag.clone();
        *tag.get_mut("name").context("has a tag without a name")? = Value::String(format!("v1.0.{number}"));
        tags.push(tag);
    }
    Ok(())
}
