//! The ClusterAdmissionPolicy that deploys settings.

use std::collections::BTreeMap;

use anyhow::Context as _;
use serde::{Deserialize, Serialize};

use crate::kubewarden::metadata::{Metadata, Resource, Rule};
use crate::settings::Settings;

/// What becomes of a violation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "host", derive(clap::ValueEnum))]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// It is reported. A server that does not answer is ignored.
    Monitor,
    /// The request is denied, also when the server does not answer.
    Protect,
}

/// How settings are deployed.
#[derive(Clone, Copy, Debug)]
pub struct Deployment<'d> {
    /// The pack that they come from, which becomes part of the policy's name.
    pub pack: &'d str,
    /// Whether what runs images is bound, as the pack `running-images` binds it, instead of the image API.
    pub running_images: bool,
    /// Whether the policy denies, or only reports.
    pub mode: Mode,
    /// The PolicyServer that the policy runs on.
    pub server: &'d str,
    /// Where the server fetches the module, if not where it is published.
    pub module: Option<&'d str>,
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

/// The pack for what runs images.
const RUNNING_PACK: &str = "running-images";
/// Its policy.
const RUNNING_IMAGES: &str = include_str!("../../../../policies/running-images/policy.yaml");

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

impl Deployment<'_> {
    /// Settings of no pack, which only report.
    pub const DEFAULT: Deployment<'static> = Deployment {
        pack: "settings",
        running_images: false,
        mode: Mode::Monitor,
        server: "image-trust",
        module: None,
    };

    /// How the settings of a shipped pack are deployed; those of no pack, where it is empty.
    #[must_use]
    pub fn of_pack(pack: &str) -> Deployment<'_> {
        let pack = if pack.is_empty() { Self::DEFAULT.pack } else { pack };
        Deployment { pack, running_images: pack == RUNNING_PACK, ..Self::DEFAULT }
    }

    /// Renders the manifest, in YAML.
    ///
    /// # Errors
    /// The metadata has no version or place of publication, or the settings are no JSON.
    pub fn render(&self, metadata: &Metadata, settings: &Settings) -> anyhow::Result<String> {
        let annotation = |name: &str| {
            let name = format!("io.kubewarden.policy.{name}");
            metadata.annotations.get(&name).with_context(|| format!("metadata.yml has no {name}"))
        };
        let module = match self.module {
            Some(module) => module.to_owned(),
            None => format!("registry://{}:v{}", annotation("ociUrl")?, annotation("version")?),
        };
        let (suffix, binding) = match self.running_images {
            true => (if self.pack == RUNNING_PACK { "" } else { "-running" }, Binding::of_running_images()?),
            false => ("", Binding::of_the_image_api(metadata)),
        };
        let policy = Policy {
            api_version: "policies.kubewarden.io/v1",
            kind: "ClusterAdmissionPolicy",
            metadata: BTreeMap::from([("name", format!("image-trust-{}{suffix}", self.pack))]),
            spec: Spec {
                policy_server: self.server,
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
                settings: serde_json::from_str(settings.json())?,
            },
        };
        Ok(serde_norway::to_string(&policy)?)
    }
}
