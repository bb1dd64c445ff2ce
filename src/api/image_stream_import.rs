//! ImageStreamImport: look images up, and write them into a stream unless told otherwise.

use serde::Deserialize;

use crate::api::image_stream::{ObjectReference, TagImportPolicy, TagReferencePolicy};
use crate::api::meta::ObjectMeta;
use crate::json::text::Text;

/// `imagestreamimports`. It writes ImageStreams and Images with admission switched off.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub struct ImageStreamImport<'a> {
    /// Group and version, where it is an object of its own.
    #[serde(default)]
    pub api_version: Text<'a>,
    /// Kind, where it is an object of its own.
    #[serde(default)]
    pub kind: Text<'a>,
    /// Name of the stream.
    pub metadata: Option<ObjectMeta<'a>>,
    /// What to import.
    pub spec: Option<ImageStreamImportSpec<'a>>,
}

/// `spec` of an ImageStreamImport.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub struct ImageStreamImportSpec<'a> {
    /// Whether to store what is found; the registry is contacted either way.
    pub import: Option<bool>,
    /// A whole repository.
    pub repository: Option<RepositoryImportSpec<'a>>,
    /// Single images.
    pub images: Option<Vec<ImageImportSpec<'a>>>,
}

/// One of `spec.images`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub struct ImageImportSpec<'a> {
    /// The source.
    pub from: Option<ObjectReference<'a>>,
    /// The tag to write; without one nothing is stored for the entry.
    pub to: Option<LocalObjectReference<'a>>,
    /// How to import.
    pub import_policy: Option<TagImportPolicy<'a>>,
    /// What consumers pull.
    pub reference_policy: Option<TagReferencePolicy<'a>>,
}

/// `spec.repository`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub struct RepositoryImportSpec<'a> {
    /// The source, without tag and digest.
    pub from: Option<ObjectReference<'a>>,
    /// How to import.
    pub import_policy: Option<TagImportPolicy<'a>>,
    /// What consumers pull.
    pub reference_policy: Option<TagReferencePolicy<'a>>,
}

/// `to`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub struct LocalObjectReference<'a> {
    /// Name of the tag.
    #[serde(default)]
    pub name: Text<'a>,
}
