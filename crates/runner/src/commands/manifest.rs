//! `image-trust manifest`: settings, as the ClusterAdmissionPolicy that deploys them.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use time::UtcDateTime;

use crate::commands::Status;
use crate::console::{self, Console};
use crate::kubewarden::manifest::{Deployment, Mode};
use crate::kubewarden::metadata::Metadata;
use crate::settings::Settings;

/// Render the ClusterAdmissionPolicy that deploys settings
#[derive(Debug, Args)]
#[command(after_help = "Exit codes: 0 rendered; 2 the settings cannot be used

Example: image-trust manifest --settings settings.yaml --mode monitor | oc apply -f -")]
pub struct Manifest {
    /// Settings, or the manifest of a policy or policy group that holds them, YAML or JSON; `-` is
    /// standard input
    #[arg(short, long, value_name = "FILE")]
    settings: PathBuf,

    /// The policy of a group whose settings are meant
    #[arg(long, value_name = "NAME")]
    member: Option<String>,

    /// The pack that the settings come from, which becomes part of the policy's name
    #[arg(long, value_name = "PACK", value_parser = name_part, default_value = Deployment::DEFAULT.pack)]
    pack: String,

    /// Bind what runs images instead of the image API: pods, workloads and builds, as the pack
    /// `running-images` does
    #[arg(long)]
    running_images: bool,

    /// Whether the policy denies, or only reports
    #[arg(long, value_enum, default_value_t = Deployment::DEFAULT.mode)]
    mode: Mode,

    /// The PolicyServer that the policy runs on
    #[arg(long, value_name = "NAME", value_parser = name_part, default_value = Deployment::DEFAULT.server)]
    server: String,

    /// Where the server fetches the module, in a disconnected cluster for example
    #[arg(long, value_name = "REFERENCE")]
    module: Option<String>,
}

impl Manifest {
    /// Runs the command.
    ///
    /// # Errors
    /// The settings cannot be read.
    pub fn execute(&self, console: &mut Console) -> anyhow::Result<Status> {
        let told = || console::name(&self.settings);
        let settings = Settings::load_member(&self.settings, self.member.as_deref()).with_context(told)?;
        let problems = openshift_image_trust::Settings::problems(settings.json(), UtcDateTime::now());
        if !problems.is_empty() {
            for problem in problems {
                console::complain(format_args!("{}: {problem}", told()));
            }
            return Ok(Status::Undecided);
        }
        let deployment = Deployment {
            pack: &self.pack,
            running_images: self.running_images,
            mode: self.mode,
            server: &self.server,
            module: self.module.as_deref(),
        };
        console.script(&deployment.render(&Metadata::shipped()?, &settings)?)?;
        Ok(Status::Success)
    }
}

/// A part of a name that Kubernetes takes (RFC 1123 label).
fn name_part(text: &str) -> Result<String, String> {
    let fits = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '-';
    if text.is_empty()
        || text.len() > 40
        || !text.chars().all(fits)
        || text.starts_with('-')
        || text.ends_with('-')
    {
        return Err("must be lower-case letters, digits and dashes, at most 40 of them".to_owned());
    }
    Ok(text.to_owned())
}
