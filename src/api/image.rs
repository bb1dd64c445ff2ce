//! Image, and ImageStreamImage, which embeds one.

use serde::Deserialize;

use crate::api::docker_image::DockerImageMetadata;
use crate::api::image_signature::ImageSignature;
use crate::api::meta::ObjectMeta;
use crate::json::text::Text;

/// `images`: what the cluster knows of one manifest. Its name is the manifest's digest, by
/// convention only: the server does not check it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub struct Image<'a> {
    /// Group and version, where it is an object of its own.
    #[serde(default)]
    pub api_version: Text<'a>,
    /// Kind, where it is an object of its own.
    #[serde(default)]
    pub kind: Text<'a>,
    /// Name and annotations.
    pub metadata: Option<ObjectMeta<'a>>,
    /// The pull spec: free text to the server.
    #[serde(default)]
    pub docker_image_reference: Text<'a>,
    /// What the server derived from the configuration, or what the caller claims it did.
    pub docker_image_metadata: Option<DockerImageMetadata<'a>>,
    /// The version that the metadata are written in: `1.0`, also where it is left out.
    #[serde(default)]
    pub docker_image_metadata_version: Text<'a>,
    /// The manifest, raw. Absent after storage, as a rule.
    #[serde(default)]
    pub docker_image_manifest: Text<'a>,
    /// The manifest's media type.
    #[serde(default)]
    pub docker_image_manifest_media_type: Text<'a>,
    /// The configuration, raw.
    #[serde(default)]
    pub docker_image_config: Text<'a>,
    /// Layers, oldest first.
    pub docker_image_layers: Option<Vec<ImageLayer<'a>>>,
    /// The entries of a manifest list or index.
    pub docker_image_manifests: Option<Vec<ImageManifest<'a>>>,
    /// Signatures with what somebody says of them.
    pub signatures: Option<Vec<ImageSignature<'a>>>,
}

impl Image<'_> {
    /// The object's name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.metadata.as_ref().map(|metadata| metadata.name.as_str()).unwrap_or_default()
    }
}

/// One of `dockerImageLayers`.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub struct ImageLayer<'a> {
    /// Digest of the layer.
    #[serde(default)]
    pub name: Text<'a>,
    /// Bytes.
    pub size: Option<i64>,
    /// Media type.
    #[serde(default)]
    pub media_type: Text<'a>,
}

/// One of `dockerImageManifests`.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub struct ImageManifest<'a> {
    /// Digest of the sub-manifest.
    #[serde(default)]
    pub digest: Text<'a>,
    /// Its media type.
    #[serde(default)]
    pub media_type: Text<'a>,
    /// Its bytes.
    pub manifest_size: Option<i64>,
    /// Processor architecture.
    #[serde(default)]
    pub architecture: Text<'a>,
    /// Operating system.
    #[serde(default)]
    pub os: Text<'a>,
    /// Variant of the architecture.
    #[serde(default)]
    pub variant: Text<'a>,
}

/// `imagestreamimages`: an image through the stream that holds it. Read-only.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub struct ImageStreamImage<'a> {
    /// Group and version, where it is an object of its own.
    #[serde(default)]
    pub api_version: Text<'a>,
    /// Kind, where it is an object of its own.
    #[serde(default)]
    pub kind: Text<'a>,
    /// Name `<stream>@<digest>`.
    pub metadata: Option<ObjectMeta<'a>>,
    /// The image.
    pub image: Option<Image<'a>>,
}
