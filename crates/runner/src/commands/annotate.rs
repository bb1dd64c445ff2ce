//! `image-trust annotate`: a module with its metadata inside, as Kubewarden's tools expect it.

use std::path::PathBuf;

use anyhow::{Context as _, ensure};
use clap::Args;
use wasm_encoder::{CustomSection, Section as _};

use crate::commands::Status;
use crate::console::{self, Console, complain};
use crate::host::module::Host;
use crate::host::{policy, section};
use crate::kubewarden::metadata::{CAPABILITIES, Metadata, USAGE};

/// Write metadata into a policy module, as `kwctl annotate` does
#[derive(Debug, Args)]
#[command(after_help = "Exit codes: 0 written; 2 not")]
pub struct Annotate {
    /// The policy module
    #[arg(value_name = "FILE", default_value = policy::DEFAULT)]
    policy: PathBuf,

    /// The metadata
    #[arg(short, long, alias = "metadata-path", value_name = "FILE", default_value = "metadata.yml")]
    metadata: PathBuf,

    /// A text for users, in Markdown, instead of the one in the metadata
    #[arg(short, long, alias = "usage-path", value_name = "FILE")]
    usage: Option<PathBuf>,

    /// Where to write the module
    #[arg(short, long, alias = "output-path", value_name = "FILE")]
    output: PathBuf,
}

impl Annotate {
    /// Runs the command.
    pub fn execute(&self, console: &mut Console) -> anyhow::Result<Status> {
        let mut metadata = Metadata::open(&self.metadata)?;
        let named = || console::name(&self.policy);
        let wasm = std::fs::read(&self.policy).with_context(named)?;
        metadata.protocol_version = Some(protocol_version(&wasm).with_context(named)?);
        if let Some(usage) = &self.usage {
            let text = std::fs::read_to_string(usage).with_context(|| console::name(usage))?;
            metadata.annotations.insert(USAGE.to_owned(), text);
        }
        for (namespace, operation) in undeclared(&wasm, &metadata) {
            complain(format_args!(
                "{}: names {namespace}/{operation}, which `hostCapabilities` in {} does not grant",
                named(),
                console::name(&self.metadata)
            ));
        }
        let annotated = annotated(&wasm, &metadata).with_context(named)?;
        std::fs::write(&self.output, &annotated).with_context(|| console::name(&self.output))?;
        console.line(&format!("{}: {} bytes", console::name(&self.output), annotated.len()))?;
        Ok(Status::Success)
    }
}

/// What the module answers when it is asked for the version of its protocol.
fn protocol_version(wasm: &[u8]) -> anyhow::Result<String> {
    let answer = Host::compile(wasm)?.link(None)?.call("protocol_version", b"")?;
    Ok(serde_json::from_slice(&answer)?)
}

/// Operations of the host that the module names and the metadata does not grant. Short names would be
/// found anywhere.
fn undeclared(wasm: &[u8], metadata: &Metadata) -> Vec<(&'static str, &'static str)> {
    let names = |text: &str| wasm.windows(text.len()).any(|window| window == text.as_bytes());
    let asked = CAPABILITIES.into_iter().filter(|(_, operation)| operation.len() > 5 && names(operation));
    asked.filter(|(namespace, operation)| !metadata.grants(namespace, operation)).collect()
}

/// The module with metadata at its end.
///
/// # Errors
/// It is no module, or has metadata already.
pub fn annotated(wasm: &[u8], metadata: &Metadata) -> anyhow::Result<Vec<u8>> {
    ensure!(section::read(wasm)?.is_none(), "has metadata already: annotate the module as it was built");
    let section = CustomSection { name: section::NAME.into(), data: serde_json::to_vec(metadata)?.into() };
    let mut annotated = wasm.to_vec();
    section.append_to(&mut annotated);
    Ok(annotated)
}
