//! ImageStreamMapping: put an image, and a tag that shows it, into a stream.

use serde::Deserialize;

use crate::api::image::Image;
use crate::api::meta::ObjectMeta;
use crate::json::text::Text;

/// `imagestreammappings`. It creates a cluster-wide Image and writes the stream's history with
/// admission switched off.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub struct ImageStreamMapping<'a> {
    /// Group and version, where it is an object of its own.
    #[serde(default)]
    pub api_version: Text<'a>,
    /// Kind, where it is an object of its own.
    #[serde(default)]
    pub kind: Text<'a>,
    /// Name of the stream.
    pub metadata: Option<ObjectMeta<'a>>,
    /// The image.
    pub image: Option<Image<'a>>,
    /// The tag.
    #[serde(default)]
    pub tag: Text<'a>,
}
