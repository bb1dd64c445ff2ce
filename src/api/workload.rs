//! What runs images, or makes them: objects of other groups, each with what in it names an image.

use serde::Deserialize;
use serde::de::Deserializer;

use crate::api::build::{BuildConfig, BuildConfigStatus, BuildSpec};
use crate::api::deployment_config::DeploymentConfigSpec;
use crate::api::pod::{PodSpec, PodTemplateSpec};
use crate::api::served::Kind;
use crate::api::triggers::WorkloadMeta;
use crate::json::text::Text;

/// An object that runs images, or makes them.
#[derive(Clone, Debug)]
pub struct Workload<'a> {
    /// Group and version.
    pub api_version: Text<'a>,
    /// Kind.
    pub kind: Text<'a>,
    /// Name, namespace and triggers.
    pub metadata: Option<WorkloadMeta<'a>>,
    /// What names images.
    pub body: Body<'a>,
}

/// Where an object names images.
#[derive(Clone, Debug)]
pub enum Body<'a> {
    /// Build, and BuildConfig, which alone has a status that counts.
    Build(Option<BuildSpec<'a>>, Option<BuildConfigStatus<'a>>),
    CronJob(Option<CronJobSpec<'a>>),
    DeploymentConfig(Option<DeploymentConfigSpec<'a>>),
    Pod(Option<PodSpec<'a>>),
    PodTemplate(Option<PodTemplateSpec<'a>>),
    /// Whatever has its pods in `spec.template`.
    Templated(Option<TemplatedSpec<'a>>),
}

/// `spec` of ReplicationController, Deployment, ReplicaSet, StatefulSet, DaemonSet and Job.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub struct TemplatedSpec<'a> {
    /// The pods.
    pub template: Option<PodTemplateSpec<'a>>,
}

/// `spec` of a CronJob.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub struct CronJobSpec<'a> {
    /// The jobs.
    pub job_template: Option<JobTemplate<'a>>,
}

/// A job as it will be made.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub struct JobTemplate<'a> {
    /// What becomes the job's metadata.
    pub metadata: Option<WorkloadMeta<'a>>,
    /// What becomes the job's spec.
    pub spec: Option<TemplatedSpec<'a>>,
}

/// An object of which only the spec counts.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a, S: Deserialize<'de>"))]
struct Document<'a, S> {
    #[serde(default)]
    api_version: Text<'a>,
    #[serde(default)]
    kind: Text<'a>,
    metadata: Option<WorkloadMeta<'a>>,
    spec: Option<S>,
}

/// `podtemplates`, which have no spec.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
struct PodTemplate<'a> {
    #[serde(default)]
    api_version: Text<'a>,
    #[serde(default)]
    kind: Text<'a>,
    metadata: Option<WorkloadMeta<'a>>,
    template: Option<PodTemplateSpec<'a>>,
}

impl<'a> Workload<'a> {
    /// Reads an object of a kind; `None` where the kind is no workload.
    pub(super) fn read<D: Deserializer<'a>>(kind: Kind, reader: D) -> Result<Option<Self>, D::Error> {
        macro_rules! document {
            ($body:ident) => {{
                let Document { api_version, kind, metadata, spec } = Document::deserialize(reader)?;
                Self { api_version, kind, metadata, body: Body::$body(spec) }
            }};
        }
        Ok(Some(match kind {
            Kind::Pod => document!(Pod),
            Kind::Templated => document!(Templated),
            Kind::CronJob => document!(CronJob),
            Kind::DeploymentConfig => document!(DeploymentConfig),
            Kind::PodTemplate => {
                let PodTemplate { api_version, kind, metadata, template } = PodTemplate::deserialize(reader)?;
                Self { api_version, kind, metadata, body: Body::PodTemplate(template) }
            }
            Kind::Build | Kind::BuildConfig => {
                let BuildConfig { api_version, kind: name, metadata, spec, status } =
                    BuildConfig::deserialize(reader)?;
                let status = status.filter(|_| kind == Kind::BuildConfig);
                Self { api_version, kind: name, metadata, body: Body::Build(spec, status) }
            }
            _ => return Ok(None),
        }))
    }

    /// The pods that it is, or makes.
    #[must_use]
    pub fn pod_spec(&self) -> Option<&PodSpec<'a>> {
        let template = match &self.body {
            Body::Pod(spec) => return spec.as_ref(),
            Body::Build(..) => None,
            Body::CronJob(spec) => spec.as_ref()?.job_template.as_ref()?.spec.as_ref()?.template.as_ref(),
            Body::DeploymentConfig(spec) => spec.as_ref()?.template.as_ref(),
            Body::PodTemplate(template) => template.as_ref(),
            Body::Templated(spec) => spec.as_ref()?.template.as_ref(),
        };
        template?.spec.as_ref()
    }
}
