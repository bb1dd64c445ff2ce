//! The kinds of `image.openshift.io/v1`, and those that run images, with the fields that rules read.
//!
//! Unknown fields are harmless; `null` reads as absent, as the API server writes it for many
//! unset fields; a known field of another type, or one that stands twice, is an error.

pub mod build;
pub mod deployment_config;
pub mod docker_image;
pub mod image;
pub mod image_signature;
pub mod image_stream;
pub mod image_stream_import;
pub mod image_stream_mapping;
pub mod image_stream_tag;
mod meta;
pub mod pod;
pub mod served;
pub mod triggers;
pub mod workload;

use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny};

use crate::json::path::FieldPath;
use crate::json::{locate, strict};

pub use meta::{INSECURE_ANNOTATION, ObjectMeta};
pub use served::{GROUP, Kind, Resource, SERVED, Served, VERSION, is_served, resource_of};

use image::{Image, ImageStreamImage};
use image_signature::ImageSignature;
use image_stream::ImageStream;
use image_stream_import::ImageStreamImport;
use image_stream_mapping::ImageStreamMapping;
use image_stream_tag::{ImageStreamTag, ImageTag};
use workload::Workload;

/// When the controller last looked after the stream; without it, all is imported again.
pub const CHECK_ANNOTATION: &str = "openshift.io/image.dockerRepositoryCheck";
/// Marks an Image whose manifest and configuration the integrated registry stores: the API server takes
/// both out of it, after mutating webhooks and before validating ones.
pub const BLOB_STORED_ANNOTATION: &str = "image.openshift.io/manifestBlobStored";
/// Marks an Image that was pushed to the integrated registry: a mapping to one that is stored already
/// gets the stream's own pull spec.
pub const MANAGED_ANNOTATION: &str = "openshift.io/image.managed";
/// Annotation that tells the order of an image's layers.
pub const LAYERS_ORDER_ANNOTATION: &str = "image.openshift.io/dockerLayersOrder";

impl<'de> DeserializeSeed<'de> for Kind {
    type Value = Object<'de>;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Object<'de>, D::Error> {
        Ok(match self {
            Self::Image => Object::Image(Deserialize::deserialize(reader)?),
            Self::ImageSignature => Object::ImageSignature(Deserialize::deserialize(reader)?),
            Self::ImageStream => Object::ImageStream(Deserialize::deserialize(reader)?),
            Self::ImageStreamImage => Object::ImageStreamImage(Deserialize::deserialize(reader)?),
            Self::ImageStreamImport => Object::ImageStreamImport(Deserialize::deserialize(reader)?),
            Self::ImageStreamMapping => Object::ImageStreamMapping(Deserialize::deserialize(reader)?),
            Self::ImageStreamTag => Object::ImageStreamTag(Deserialize::deserialize(reader)?),
            Self::ImageTag => Object::ImageTag(Deserialize::deserialize(reader)?),
            Self::ImageStreamLayers | Self::SecretList | Self::Untouched => {
                IgnoredAny::deserialize(reader)?;
                Object::ReadOnly
            }
            workload => match Workload::read(workload, reader)? {
                Some(workload) => Object::Workload(Box::new(workload)),
                None => Object::ReadOnly,
            },
        })
    }
}

/// An object, read.
#[derive(Clone, Debug)]
pub enum Object<'a> {
    Image(Box<Image<'a>>),
    ImageSignature(ImageSignature<'a>),
    ImageStream(ImageStream<'a>),
    ImageStreamImage(Box<ImageStreamImage<'a>>),
    ImageStreamImport(ImageStreamImport<'a>),
    ImageStreamMapping(Box<ImageStreamMapping<'a>>),
    ImageStreamTag(Box<ImageStreamTag<'a>>),
    ImageTag(ImageTag<'a>),
    /// ImageStreamLayers, SecretList, and parts of workloads: there is nothing in them to decide.
    ReadOnly,
    Workload(Box<Workload<'a>>),
}

impl<'a> Object<'a> {
    /// Reads an object of a kind.
    ///
    /// # Errors
    /// What could not be read, and where.
    pub fn parse(kind: Kind, text: &'a str) -> Result<Self, Unreadable> {
        strict::read(text, kind).map_err(|error| unreadable(&error, text))
    }

    /// What the object says it is: its `apiVersion`, `kind`, and of its metadata name and namespace. A
    /// read-only object is not read.
    #[must_use]
    pub fn says(&self) -> Option<(&str, &str, Option<[&str; 2]>)> {
        macro_rules! says {
            ($object:expr) => {
                Some((
                    $object.api_version.as_str(),
                    $object.kind.as_str(),
                    $object.metadata.as_ref().map(|it| [it.name.as_str(), it.namespace.as_str()]),
                ))
            };
        }
        match self {
            Self::Image(image) => says!(image),
            Self::ImageSignature(signature) => says!(signature),
            Self::ImageStream(stream) => says!(stream),
            Self::ImageStreamImage(image) => says!(image),
            Self::ImageStreamImport(import) => says!(import),
            Self::ImageStreamMapping(mapping) => says!(mapping),
            Self::ImageStreamTag(tag) => says!(tag),
            Self::ImageTag(tag) => says!(tag),
            Self::ReadOnly => None,
            Self::Workload(workload) => says!(workload),
        }
    }
}

/// Something that could not be read, and where.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Unreadable {
    /// The field.
    pub path: FieldPath,
    /// What is wrong with it, harmless to show.
    pub reason: String,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.reason)
    }
}

/// Reads a model from its JSON.
///
/// # Errors
/// What could not be read, and where.
pub fn parse<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, Unreadable> {
    strict::from_str(text).map_err(|error| unreadable(&error, text))
}

fn unreadable(error: &serde_json::Error, json: &str) -> Unreadable {
    Unreadable { path: locate::of(error, json), reason: strict::reason(error) }
}
