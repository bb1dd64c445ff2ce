//! Pods and pod templates, with what in them names an image.

use serde::Deserialize;

use crate::api::triggers::WorkloadMeta;
use crate::json::text::Text;

/// A pod as it will be made.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub struct PodTemplateSpec<'a> {
    /// What becomes the pod's metadata.
    pub metadata: Option<WorkloadMeta<'a>>,
    /// What becomes the pod's spec.
    pub spec: Option<PodSpec<'a>>,
}

/// `spec` of a pod.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub struct PodSpec<'a> {
    /// What runs.
    pub containers: Option<Vec<Container<'a>>>,
    /// What runs before, or beside as a sidecar.
    pub init_containers: Option<Vec<Container<'a>>>,
    /// What was added to the running pod, through `pods/ephemeralcontainers`.
    pub ephemeral_containers: Option<Vec<Container<'a>>>,
    /// What is mounted.
    pub volumes: Option<Vec<Volume<'a>>>,
}

/// A container of any of the three lists.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub struct Container<'a> {
    /// Its name, which no other container of the pod has.
    #[serde(default)]
    pub name: Text<'a>,
    /// Pull spec; in a template it may be left to a trigger.
    #[serde(default)]
    pub image: Text<'a>,
}

/// A volume.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub struct Volume<'a> {
    /// Its name.
    #[serde(default)]
    pub name: Text<'a>,
    /// The image whose files it shows, where it is such a volume.
    pub image: Option<ImageVolume<'a>>,
}

/// A volume that shows an image's files.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub struct ImageVolume<'a> {
    /// Pull spec.
    #[serde(default)]
    pub reference: Text<'a>,
}
