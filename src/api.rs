//! The kinds of `image.openshift.io/v1`, with the fields that rules read.
//!
//! Unknown fields are harmless; `null` reads as absent, as the API server writes it for many
//! unset fields; a known field of another type, or one that stands twice, is an error.

pub mod docker_image;
pub mod image;
pub mod image_signature;
pub mod image_stream;
pub mod image_stream_import;
pub mod image_stream_mapping;
pub mod image_stream_tag;
mod meta;

use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny};

use crate::json::path::FieldPath;
use crate::json::{locate, strict};

pub use meta::{INSECURE_ANNOTATION, ObjectMeta};

use image::{Image, ImageStreamImage};
use image_signature::ImageSignature;
use image_stream::ImageStream;
use image_stream_import::ImageStreamImport;
use image_stream_mapping::ImageStreamMapping;
use image_stream_tag::{ImageStreamTag, ImageTag};

/// When the controller last looked after the stream; without it, all is imported again.
pub const CHECK_ANNOTATION: &str = "openshift.io/image.dockerRepositoryCheck";
/// Marks an Image whose manifest and configuration the integrated registry stores: the API server takes
/// both out of it, after mutating webhooks and before validating ones.
pub const BLOB_STORED_ANNOTATION: &str = "image.openshift.io/manifestBlobStored";
/// Marks an Image that was pushed to the integrated registry: a mapping to one that is stored already
/// gets the stream's own pull spec.
pub const MANAGED_ANNOTATION: &str = "openshift.io/image.managed";
/// The API group that this policy decides on.
pub const GROUP: &str = "image.openshift.io";
/// Its only version.
pub const VERSION: &str = "v1";
/// Annotation that tells the order of an image's layers.
pub const LAYERS_ORDER_ANNOTATION: &str = "image.openshift.io/dockerLayersOrder";

/// A kind of the group.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    Image,
    ImageSignature,
    ImageStream,
    ImageStreamImage,
    ImageStreamImport,
    ImageStreamLayers,
    ImageStreamMapping,
    ImageStreamTag,
    ImageTag,
    SecretList,
}

/// What the group serves under one path: a kind by a resource, or by a part of one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Served {
    /// The kind, as this crate knows it.
    kind: Kind,
    /// The kind's name: `ImageStream`.
    pub name: &'static str,
    /// The resource: `imagestreams`.
    pub resource: &'static str,
    /// The sub-resource, such as `status`; empty for the resource itself.
    pub sub_resource: &'static str,
}

const fn served(
    kind: Kind,
    name: &'static str,
    resource: &'static str,
    sub_resource: &'static str,
) -> Served {
    Served { kind, name, resource, sub_resource }
}

/// Everything that the group serves (openshift-apiserver `pkg/image/apiserver/apiserver.go`).
pub const SERVED: [Served; 11] = [
    served(Kind::Image, "Image", "images", ""),
    served(Kind::ImageSignature, "ImageSignature", "imagesignatures", ""),
    served(Kind::ImageStream, "ImageStream", "imagestreams", ""),
    served(Kind::ImageStream, "ImageStream", "imagestreams", "status"),
    served(Kind::ImageStreamImage, "ImageStreamImage", "imagestreamimages", ""),
    served(Kind::ImageStreamImport, "ImageStreamImport", "imagestreamimports", ""),
    served(Kind::ImageStreamLayers, "ImageStreamLayers", "imagestreams", "layers"),
    served(Kind::ImageStreamMapping, "ImageStreamMapping", "imagestreammappings", ""),
    served(Kind::ImageStreamTag, "ImageStreamTag", "imagestreamtags", ""),
    served(Kind::ImageTag, "ImageTag", "imagetags", ""),
    served(Kind::SecretList, "SecretList", "imagestreams", "secrets"),
];

/// The resource and subresource that serve a kind, by its name.
#[must_use]
pub fn resource_of(kind: &str) -> Option<(&'static str, &'static str)> {
    SERVED.iter().find(|served| served.name == kind).map(|served| (served.resource, served.sub_resource))
}

impl Kind {
    /// The kind of a name, if the group has it.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        SERVED.iter().find(|served| served.name == name).map(|served| served.kind)
    }

    /// The kind that a resource serves, if the group has it; `Err` names what it serves instead.
    ///
    /// # Errors
    /// The kind that belongs to the resource, where another one is given.
    #[must_use]
    pub fn served(kind: &str, resource: &str, sub_resource: &str) -> Option<Result<Self, &'static str>> {
        SERVED
            .iter()
            .find(|served| (served.resource, served.sub_resource) == (resource, sub_resource))
            .map(|served| if served.name == kind { Ok(served.kind) } else { Err(served.name) })
    }
}

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
            Self::ImageStreamLayers | Self::SecretList => {
                IgnoredAny::deserialize(reader)?;
                Object::ReadOnly
            }
        })
    }
}

/// An object of the group, read.
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
    /// ImageStreamLayers and SecretList: there is nothing in them to decide.
    ReadOnly,
}

impl<'a> Object<'a> {
    /// Reads an object of a kind.
    ///
    /// # Errors
    /// What could not be read, and where.
    pub fn parse(kind: Kind, text: &'a str) -> Result<Self, Unreadable> {
        strict::read(text, kind).map_err(|error| unreadable(&error, text))
    }

    /// What the object says it is: its `apiVersion`, `kind` and metadata. A read-only object is
    /// not read.
    #[must_use]
    pub fn says(&self) -> Option<(&str, &str, Option<&ObjectMeta<'a>>)> {
        macro_rules! says {
            ($object:expr) => {
                Some(($object.api_version.as_str(), $object.kind.as_str(), $object.metadata.as_ref()))
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
