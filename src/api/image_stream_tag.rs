//! ImageStreamTag and ImageTag: one tag of a stream as an object of its own.

use serde::Deserialize;

use crate::api::image::Image;
use crate::api::image_stream::{LookupPolicy, NamedTagEventList, TagReference};
use crate::api::meta::ObjectMeta;
use crate::json::text::Text;

/// `imagestreamtags`. On an update the server shows an old object that it makes up from the
/// stream.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub struct ImageStreamTag<'a> {
    /// Group and version, where it is an object of its own.
    #[serde(default)]
    pub api_version: Text<'a>,
    /// Kind, where it is an object of its own.
    #[serde(default)]
    pub kind: Text<'a>,
    /// Name `<stream>:<tag>`, which decides; the tag's own `name` may lie.
    pub metadata: Option<ObjectMeta<'a>>,
    /// What the tag points at; in an old object `null` where the tag is new.
    pub tag: Option<TagReference<'a>>,
    /// The stream's look-up policy.
    pub lookup_policy: Option<LookupPolicy>,
    /// The image that the tag shows now: its name in old objects, empty or stale in new ones.
    pub image: Option<Image<'a>>,
}

/// `imagetags`. On an update its metadata are the whole stream's, under the tag's name.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub struct ImageTag<'a> {
    /// Group and version, where it is an object of its own.
    #[serde(default)]
    pub api_version: Text<'a>,
    /// Kind, where it is an object of its own.
    #[serde(default)]
    pub kind: Text<'a>,
    /// Name `<stream>:<tag>`.
    pub metadata: Option<ObjectMeta<'a>>,
    /// What the tag points at; `null` removes it.
    pub spec: Option<TagReference<'a>>,
    /// The tag's history.
    pub status: Option<NamedTagEventList<'a>>,
}

/// The stream's and the tag's name in `<stream>:<tag>`, cut at the first colon; a tag that is
/// left out is `latest` (library-go `imageutil.SplitImageStreamTag`).
#[must_use]
pub fn split_name<'n>(name: &'n Text<'_>) -> Option<(&'n str, &'n str)> {
    let (stream, tag) = name.as_str().split_once(':')?;
    Some((stream, if tag.is_empty() { "latest" } else { tag }))
}
