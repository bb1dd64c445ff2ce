//! DeploymentConfig of `apps.openshift.io/v1`.

use serde::Deserialize;

use crate::api::image_stream::ObjectReference;
use crate::api::pod::PodTemplateSpec;
use crate::json::text::Text;

/// `spec` of a DeploymentConfig.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub struct DeploymentConfigSpec<'a> {
    /// The pods.
    pub template: Option<PodTemplateSpec<'a>>,
    /// What brings new images into the template.
    pub triggers: Option<Vec<DeploymentTrigger<'a>>>,
    /// How pods are replaced.
    pub strategy: Option<DeploymentStrategy<'a>>,
}

/// `spec.triggers[]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub struct DeploymentTrigger<'a> {
    /// A tag that is followed.
    pub image_change_params: Option<ImageChangeParams<'a>>,
}

/// `spec.triggers[].imageChangeParams`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub struct ImageChangeParams<'a> {
    /// The containers that get the image.
    pub container_names: Option<Vec<Text<'a>>>,
    /// The tag.
    pub from: Option<ObjectReference<'a>>,
}

/// `spec.strategy`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub struct DeploymentStrategy<'a> {
    /// A deployer of one's own.
    pub custom_params: Option<CustomParams<'a>>,
}

/// `spec.strategy.customParams`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub struct CustomParams<'a> {
    /// Pull spec of the deployer; empty is the platform's.
    #[serde(default)]
    pub image: Text<'a>,
}
