//! What a request introduces: new minus old.
//!
//! Here, and only here, a kind is turned into the things that rules judge, each with its place in
//! the object. On an update only what is added or changed counts: removals and untouched entries
//! introduce nothing, nor does a deletion. An object that is being deleted gets no shortcut: with
//! a finalizer of one's own it would be a place to hide.
//!
//! Specs are compared, never a stream's status: in the validating view the old status already
//! holds the new events. Only `imagestreams/status` writes status by itself.

mod collector;
mod followers;
mod image;
mod reference;
mod signature;
mod stream;
mod used_image;
mod workload;

use collector::Collector;
pub use collector::{Changes, StreamChange, StreamTrait};
pub use image::ChangedImage;
pub use reference::{
    Bared, Before, EntryPoint, Follower, Insecure, Part, Reference, Showing, Source, SourceError, SpecTag,
};
pub use signature::{ChangedSignature, Rewritten, SignatureList};

use crate::admission::request::{AdmissionRequest, Subject};
use crate::api::Object;
use crate::json::path::FieldPath;
use crate::oci::reference::RegistryAliases;

impl<'r> Changes<'r> {
    /// Compares the object with the one that it replaces.
    #[must_use]
    pub fn of(request: &'r AdmissionRequest<'_>, aliases: &RegistryAliases) -> Self {
        let mut introduced = Self::default();
        let Subject::Object { object, old } = &request.subject else { return introduced };
        let collector =
            Collector { introduced: &mut introduced, namespace: request.namespace.as_str(), aliases };
        collector.collect(object, old.as_ref(), request.sub_resource.as_str() == "status");
        introduced
    }
}

/// The old object, where it is of the kind; a request's objects are always of one kind.
macro_rules! old_of {
    ($old:expr, $kind:ident) => {
        match $old {
            Some(Object::$kind(old)) => Some(old),
            _ => None,
        }
    };
}

impl<'r> Collector<'_, 'r> {
    fn collect(mut self, object: &'r Object<'_>, old: Option<&'r Object<'_>>, is_status: bool) {
        match (object, old) {
            (Object::ImageStream(stream), old) => {
                self.image_stream(stream, old_of!(old, ImageStream), is_status);
            }
            (Object::ImageStreamTag(tag), old) => {
                self.image_stream_tag(tag, old_of!(old, ImageStreamTag).map(Box::as_ref));
            }
            (Object::ImageTag(tag), old) => self.image_tag(tag, old_of!(old, ImageTag)),
            (Object::ImageStreamImport(import), _) => self.image_stream_import(import),
            (Object::ImageStreamMapping(mapping), _) => self.image_stream_mapping(mapping),
            (Object::Image(image), old) => {
                self.image(image, old_of!(old, Image).map(Box::as_ref), FieldPath::root(), false);
            }
            (Object::ImageStreamImage(embedding), _) => {
                if let Some(image) = &embedding.image {
                    let at = FieldPath::root().key("image");
                    self.shown(image, at.clone());
                    self.image(image, None, at, false);
                }
            }
            (Object::ImageSignature(signature), old) => {
                let old = old_of!(old, ImageSignature);
                self.introduced.signatures.extend(signature::of_signature(signature, old));
            }
            (Object::ReadOnly, _) => {}
            (Object::Workload(workload), old) => {
                self.workload(workload, old_of!(old, Workload).map(Box::as_ref));
            }
        }
    }
}
