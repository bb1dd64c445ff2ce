//! Build and BuildConfig of `build.openshift.io/v1`: what an image is built from, and where it goes.

use serde::Deserialize;

use crate::api::image_stream::ObjectReference;
use crate::api::triggers::WorkloadMeta;
use crate::json::text::Text;

/// `buildconfigs`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub(super) struct BuildConfig<'a> {
    #[serde(default)]
    pub(super) api_version: Text<'a>,
    #[serde(default)]
    pub(super) kind: Text<'a>,
    pub(super) metadata: Option<WorkloadMeta<'a>>,
    pub(super) spec: Option<BuildSpec<'a>>,
    pub(super) status: Option<BuildConfigStatus<'a>>,
}

/// `spec` of a Build, or of a BuildConfig, which alone has triggers.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub struct BuildSpec<'a> {
    /// How it is built.
    pub strategy: Option<BuildStrategy<'a>>,
    /// What else goes into it.
    pub source: Option<BuildSource<'a>>,
    /// Where the image goes.
    pub output: Option<BuildOutput<'a>>,
    /// What starts a build.
    pub triggers: Option<Vec<BuildTrigger<'a>>>,
}

/// `spec.strategy`; a pipeline has no image.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub struct BuildStrategy<'a> {
    pub source_strategy: Option<From<'a>>,
    pub docker_strategy: Option<From<'a>>,
    pub custom_strategy: Option<From<'a>>,
}

/// Something that takes an image.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub struct From<'a> {
    /// The image; a Docker strategy may leave it to the Dockerfile.
    pub from: Option<ObjectReference<'a>>,
}

/// `spec.source`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub struct BuildSource<'a> {
    /// Images whose files are copied.
    pub images: Option<Vec<From<'a>>>,
}

/// `spec.output`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub struct BuildOutput<'a> {
    /// The tag that the image is pushed to.
    pub to: Option<ObjectReference<'a>>,
}

/// `spec.triggers[]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub struct BuildTrigger<'a> {
    /// A tag that is followed.
    pub image_change: Option<ImageChange<'a>>,
}

/// `spec.triggers[].imageChange`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub struct ImageChange<'a> {
    /// The tag; without it, the one that the strategy builds from.
    pub from: Option<ObjectReference<'a>>,
    /// What the next build is made from, whatever the tag shows by then.
    #[serde(default, rename = "lastTriggeredImageID")]
    pub last_triggered_image_id: Text<'a>,
}

/// `status` of a BuildConfig.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub struct BuildConfigStatus<'a> {
    /// What the triggers saw last.
    pub image_change_triggers: Option<Vec<ImageChangeStatus<'a>>>,
}

/// `status.imageChangeTriggers[]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub struct ImageChangeStatus<'a> {
    /// As in the spec.
    #[serde(default, rename = "lastTriggeredImageID")]
    pub last_triggered_image_id: Text<'a>,
}
