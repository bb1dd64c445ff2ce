//! Requests that carry signatures.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Value, json};

/// The image of the signatures that the benchmark has.
const IMAGE: &str = "sha256:0205374946b5e089dfd3017e2743df600adad17678a5c975f7074dc4ab4393d1";

/// Somebody who signed that image.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Signer {
    /// In base64, as settings may hold it.
    certificate: String,
    /// In base64, as an ImageSignature holds it.
    signature: String,
}

/// An image's signatures, one by each of so many signers; and settings that trust it only if every
/// single one of them counts.
pub(crate) fn by_each(path: &Path, count: usize) -> Result<(serde_norway::Value, serde_norway::Value)> {
    let context = || path.display().to_string();
    let text = fs::read_to_string(path).with_context(context)?;
    let signers: Vec<Signer> = serde_norway::from_str(&text).with_context(context)?;
    ensure!(signers.len() >= count, "{} has {} signers, not {count}", path.display(), signers.len());
    let name = |number: usize| format!("signer-{number}");
    let signers = signers.into_iter().take(count).enumerate();
    let (signatures, signers): (Vec<Value>, Vec<Value>) = signers
        .map(|(number, Signer { certificate, signature })| {
            let signature = json!({
                "metadata": {"name": format!("{IMAGE}@{number:032x}")},
                "type": "AtomicImageV1",
                "content": signature,
            });
            (signature, json!({"name": name(number), "openpgp": certificate}))
        })
        .unzip();
    let names: Vec<String> = (0..count).map(name).collect();
    let settings = json!({
        "signers": signers,
        "trust": {"default": [{"type": "signedBy", "signers": names, "threshold": count}]},
    });
    Ok((serde_json::from_value(signatures.into())?, serde_json::from_value(settings)?))
}

/// The request that attaches a signature to an image.
pub(crate) fn attach(blob: &[u8], image: &str) -> Value {
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
