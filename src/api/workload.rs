//! What runs images, or makes them: objects of other groups, each with what in it names an image.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, Visitor};

use crate::api::build::{BuildConfig, BuildConfigStatus, BuildSpec};
use crate::api::deployment_config::DeploymentConfigSpec;
use crate::api::image_stream::ObjectReference;
use crate::api::pod::{PodSpec, PodTemplateSpec};
use crate::api::served::Kind;
use crate::json::{case, strict};
use crate::quote::Text;

/// Makes a controller put what a tag shows into an object's containers.
pub const TRIGGERS_ANNOTATION: &str = "image.openshift.io/triggers";

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

/// The part of a workload's metadata that rules read.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub struct WorkloadMeta<'a> {
    /// Name.
    #[serde(default)]
    pub name: Text<'a>,
    /// Namespace.
    #[serde(default)]
    pub namespace: Text<'a>,
    /// Of the annotations, the one that counts.
    #[serde(default, rename = "annotations")]
    pub triggers: Triggers,
}

/// What the annotation of triggers says.
#[derive(Clone, Debug, Default)]
pub enum Triggers {
    /// There is none, or an empty one.
    #[default]
    None,
    /// In their order.
    Listed(Vec<Trigger>),
    /// Why it cannot be read.
    Unreadable(String),
}

/// A tag that is followed.
#[derive(Clone, Debug)]
pub struct Trigger {
    /// The tag; `None` where it is not said.
    pub from: Option<ObjectReference<'static>>,
    /// The field that gets the image.
    pub field_path: String,
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

impl<'de> Deserialize<'de> for Triggers {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        struct Annotations;

        impl<'de> Visitor<'de> for Annotations {
            type Value = Triggers;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map")
            }

            fn visit_unit<E: Error>(self) -> Result<Triggers, E> {
                Ok(Triggers::None)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut annotations: A) -> Result<Triggers, A::Error> {
                let mut found = None;
                while let Some(name) = annotations.next_key::<Text<'de>>()? {
                    if name.as_str() != TRIGGERS_ANNOTATION {
                        annotations.next_value::<IgnoredAny>()?;
                        continue;
                    }
                    let text = annotations.next_value::<Text<'de>>()?;
                    if found.replace(Triggers::parse(text.as_str())).is_some() {
                        return Err(A::Error::duplicate_field(TRIGGERS_ANNOTATION));
                    }
                }
                Ok(found.unwrap_or_default())
            }
        }

        reader.deserialize_any(Annotations)
    }
}

impl Triggers {
    /// Reads the annotation's value, which the controller reads as Go does: names in any case count, and
    /// the last of two.
    fn parse(text: &str) -> Self {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
        struct Listed<'a> {
            from: Option<ObjectReference<'a>>,
            #[serde(default)]
            field_path: Text<'a>,
        }

        if text.is_empty() {
            return Self::None;
        }
        let names = ["from", "kind", "name", "namespace", "fieldPath"];
        if let Err(reason) = case::check(text, &names, &["from"]) {
            return Self::Unreadable(reason);
        }
        match strict::from_str::<Option<Vec<Listed<'_>>>>(text) {
            Ok(listed) => {
                let own = |Listed { from, field_path }: Listed<'_>| Trigger {
                    from: from.map(ObjectReference::into_owned),
                    field_path: field_path.as_str().to_owned(),
                };
                Self::Listed(listed.unwrap_or_default().into_iter().map(own).collect())
            }
            Err(error) => Self::Unreadable(strict::reason(&error)),
        }
    }

    /// The triggers, as far as they can be read.
    #[must_use]
    pub fn listed(&self) -> &[Trigger] {
        match self {
            Self::Listed(triggers) => triggers,
            Self::None | Self::Unreadable(_) => &[],
        }
    }
}
