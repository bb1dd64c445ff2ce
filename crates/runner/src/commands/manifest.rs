//! `image-trust manifest`: settings, as the ClusterAdmissionPolicy that deploys them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use serde::{Deserialize, Serialize};
use time::UtcDateTime;

use crate::commands::Status;
use crate::console::{self, Console};
use crate::kubewarden::metadata::{Metadata, Resource, Rule};
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
    #[arg(long, value_name = "PACK", value_parser = name_part, default_value = "settings")]
    pack: String,

    /// Bind what runs images instead of the image API: pods, workloads and builds, as the pack
    /// `running-images` does
    #[arg(long)]
    running_images: bool,

    /// Whether the policy denies, or only reports
    #[arg(long, value_enum, default_value_t = Mode::Monitor)]
    mode: Mode,

    /// The PolicyServer that the policy runs on
    #[arg(long, value_name = "NAME", value_parser = name_part, default_value = "image-trust")]
    server: String,

    /// Where the server fetches the module, in a disconnected cluster for example
    #[arg(long, value_name = "REFERENCE")]
    module: Option<String>,
}

/// What becomes of a violation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// It is reported. A server that does not answer is ignored.
    Monitor,
    /// The request is denied, also when the server does not answer.
    Protect,
}

/// A ClusterAdmissionPolicy (policies.kubewarden.io/v1).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Policy<'m> {
    api_version: &'static str,
    kind: &'static str,
    metadata: BTreeMap<&'static str, String>,
    spec: Spec<'m>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Spec<'m> {
    policy_server: &'m str,
    module: String,
    #[serde(flatten)]
    binding: Binding,
    mutating: bool,
    mode: Mode,
    failure_policy: &'static str,
    timeout_seconds: u8,
    timeout_eval_seconds: u8,
    background_audit: bool,
    context_aware_resources: &'m [Resource],
    settings: serde_json::Value,
}

/// What the policy is asked about.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Binding {
    rules: Vec<Rule>,
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace_selector: Option<serde_json::Value>,
    match_conditions: Vec<MatchCondition>,
}

#[derive(Deserialize, Serialize)]
struct MatchCondition {
    name: String,
    expression: String,
}

/// The policy of the pack `running-images`.
const RUNNING_IMAGES: &str = include_str!("../../../../policies/running-images/policy.yaml");

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
        let metadata = Metadata::shipped()?;
        console.script(&self.render(&metadata, serde_json::from_str(settings.json())?)?)?;
        Ok(Status::Allowed)
    }

    fn render(&self, metadata: &Metadata, settings: serde_json::Value) -> anyhow::Result<String> {
        let annotation = |name: &str| {
            let name = format!("io.kubewarden.policy.{name}");
            metadata.annotations.get(&name).with_context(|| format!("metadata.yml has no {name}"))
        };
        let module = match &self.module {
            Some(module) => module.clone(),
            None => format!("registry://{}:v{}", annotation("ociUrl")?, annotation("version")?),
        };
        let (name, binding) = match self.running_images {
            true => (format!("image-trust-{}-running", self.pack), Binding::of_running_images()?),
            false => (format!("image-trust-{}", self.pack), Binding::of_the_image_api(metadata)),
        };
        let policy = Policy {
            api_version: "policies.kubewarden.io/v1",
            kind: "ClusterAdmissionPolicy",
            metadata: BTreeMap::from([("name", name)]),
            spec: Spec {
                policy_server: &self.server,
                module,
                binding,
                mutating: false,
                mode: self.mode,
                failure_policy: if self.mode == Mode::Protect { "Fail" } else { "Ignore" },
                // All webhooks of one request share 13 seconds.
                timeout_seconds: 10,
                timeout_eval_seconds: 5,
                background_audit: metadata.background_audit,
                context_aware_resources: &metadata.context_aware_resources,
                settings,
            },
        };
        Ok(serde_norway::to_string(&policy)?)
    }
}

impl Binding {
    fn of_the_image_api(metadata: &Metadata) -> Self {
        Binding {
            rules: metadata.rules.clone(),
            namespace_selector: None,
            // A deletion introduces nothing, and must not wait for a server that is away.
            match_conditions: vec![MatchCondition {
                name: "not-a-deletion".to_owned(),
                expression: "request.operation != \"DELETE\"".to_owned(),
            }],
        }
    }

    fn of_running_images() -> anyhow::Result<Self> {
        #[derive(Deserialize)]
        struct Shipped {
            spec: Binding,
        }

        Ok(serde_norway::from_str::<Shipped>(RUNNING_IMAGES)?.spec)
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
