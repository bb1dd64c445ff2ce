//! `image-trust push`: an annotated module to a registry, in the form that Kubewarden fetches.
//!
//! One layer, an empty configuration, and the metadata's annotations on the manifest
//! (kubewarden-controller `crates/kwctl/src/push.rs`, `crates/policy-fetcher/src/registry.rs`).

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, ErrorKind};
use std::path::PathBuf;

use anyhow::{Context as _, bail, ensure};
use clap::Args;
use docker_credential::{CredentialRetrievalError, DockerCredential};
use oci_client::client::{ClientConfig, ClientProtocol, Config, ImageLayer};
use oci_client::manifest::{OciImageManifest, WASM_CONFIG_MEDIA_TYPE, WASM_LAYER_MEDIA_TYPE};
use oci_client::secrets::RegistryAuth;
use oci_client::{Client, Reference};
use openshift_image_trust::escape;

use crate::commands::Status;
use crate::console::{self, Console};
use crate::host::section;
use crate::kubewarden::metadata::Metadata;

/// How Docker's configuration names Docker Hub.
const DOCKER_HUB: &str = "https://index.docker.io/v1/";
/// How Kubewarden writes that a module is in a registry.
const SCHEME: &str = "registry://";
/// Where the sources are, by the annotation of the field and by that of Kubewarden.
const SOURCE: (&str, &str) = ("org.opencontainers.image.source", "io.kubewarden.policy.source");

/// Push an annotated policy module to a registry, as `kwctl push` does
#[derive(Debug, Args)]
#[command(after_help = "Exit codes: 0 pushed; 2 not")]
pub struct Push {
    /// The annotated policy module
    #[arg(value_name = "FILE")]
    policy: PathBuf,

    /// Where to: `registry://host/path:tag`
    #[arg(value_name = "REFERENCE")]
    reference: String,

    /// Speak HTTP without TLS to the registry, and send it credentials like that
    #[arg(long)]
    plain_http: bool,
}

impl Push {
    /// Runs the command.
    pub fn execute(&self, console: &mut Console) -> anyhow::Result<Status> {
        let named = || console::name(&self.policy);
        let wasm = std::fs::read(&self.policy).with_context(named)?;
        let metadata = section::read(&wasm).with_context(named)?;
        let metadata =
            metadata.with_context(|| format!("{}: has no metadata: annotate it first", named()))?;
        let reference = reference(&self.reference).with_context(|| escape(&self.reference))?;
        let auth = credentials(&reference)?;
        let protocol = if self.plain_http { ClientProtocol::Http } else { ClientProtocol::Https };
        // A provider may be there already, where a test runs the command twice.
        _ = rustls::crypto::ring::default_provider().install_default();
        let digest = tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
            let client = Client::try_from(ClientConfig { protocol, ..ClientConfig::default() })?;
            let layers = [ImageLayer::new(wasm, WASM_LAYER_MEDIA_TYPE.to_owned(), None)];
            let config = Config::new(b"{}".to_vec(), WASM_CONFIG_MEDIA_TYPE.to_owned(), None);
            let manifest = OciImageManifest::build(&layers, &config, Some(annotations(&metadata)));
            client.push(&reference, &layers, config, &auth, Some(manifest)).await?;
            client.fetch_manifest_digest(&reference, &auth).await
        });
        let digest = digest.with_context(|| format!("{reference}"))?;
        console.line(&format!("{SCHEME}{}/{}@{digest}", reference.registry(), reference.repository()))?;
        Ok(Status::Success)
    }
}

/// Where a module goes: a tag that is written out.
fn reference(text: &str) -> anyhow::Result<Reference> {
    let bare = text.strip_prefix(SCHEME).unwrap_or(text);
    let reference: Reference = bare.parse()?;
    ensure!(reference.digest().is_none(), "has a digest: the registry makes that");
    let has_tag = bare.rsplit('/').next().is_some_and(|last| last.contains(':'));
    ensure!(has_tag, "has no tag: write one");
    Ok(reference)
}

/// What Docker's configuration says for the registry; nobody in particular where it says nothing.
fn credentials(reference: &Reference) -> anyhow::Result<RegistryAuth> {
    use CredentialRetrievalError as Error;
    let directory = std::env::var_os("DOCKER_CONFIG").map(PathBuf::from);
    let home = || std::env::home_dir().map(|home| home.join(".docker"));
    let Some(path) = directory.or_else(home).map(|directory| directory.join("config.json")) else {
        return Ok(RegistryAuth::Anonymous);
    };
    let file = match File::open(&path) {
        Ok(file) => BufReader::new(file),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(RegistryAuth::Anonymous),
        Err(error) => return Err(anyhow::Error::new(error).context(console::name(&path))),
    };
    let server = match reference.registry() {
        "docker.io" => DOCKER_HUB,
        host => host,
    };
    match docker_credential::get_credential_from_reader(file, server) {
        Ok(DockerCredential::UsernamePassword(user, password)) => Ok(RegistryAuth::Basic(user, password)),
        Ok(DockerCredential::IdentityToken(_)) => bail!(
            "{}: has an identity token for {server}: log in with a name and a password",
            console::name(&path)
        ),
        Err(Error::NoCredentialConfigured) => Ok(RegistryAuth::Anonymous),
        // What a helper prints may be a secret.
        Err(Error::HelperFailure { helper, .. }) => {
            bail!("the credential helper `{}` failed", escape(&helper))
        }
        Err(error) => Err(anyhow::Error::new(error).context(console::name(&path))),
    }
}

/// The annotations of the manifest: those of one line, and where the sources are.
fn annotations(metadata: &Metadata) -> BTreeMap<String, String> {
    let one_line = metadata.annotations.iter().filter(|(_, text)| text.lines().count() <= 1);
    let mut annotations: BTreeMap<String, String> =
        one_line.map(|(name, text)| (name.clone(), text.trim().to_owned())).collect();
    let (field, kubewarden) = SOURCE;
    if let (None, Some(source)) = (annotations.get(field), annotations.get(kubewarden)) {
        annotations.insert(field.to_owned(), source.clone());
    }
    annotations
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail by panicking")]
mod tests {
    use super::*;

    #[test]
    fn a_module_goes_to_a_tag() {
        for (text, whole) in [
            ("registry://ghcr.io/acme/policies/trust:v1", "ghcr.io/acme/policies/trust:v1"),
            ("localhost:5055/trust:v1", "localhost:5055/trust:v1"),
        ] {
            assert_eq!(reference(text).unwrap().whole(), whole);
        }
        for (text, told) in [
            ("registry://ghcr.io/acme/trust", "has no tag"),
            ("registry://localhost:5055/trust", "has no tag"),
            (
                "registry://ghcr.io/acme/trust@sha256:0205374946b5e089dfd3017e2743df600adad17678a5c975f7074dc4ab4393d1",
                "has a digest",
            ),
            ("registry://ghcr.io/Acme/trust:v1", "invalid"),
            ("https://ghcr.io/acme/trust:v1", "invalid"),
            ("", "repository name"),
        ] {
            let error = reference(text).unwrap_err().to_string();
            assert!(error.contains(told), "{text}: {error}");
        }
    }
}
