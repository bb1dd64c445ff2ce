//! An image that a request brings or changes.

use std::borrow::Cow;
use std::cell::OnceCell;

use crate::api::BLOB_STORED_ANNOTATION;
use crate::api::image::Image;
use crate::json::path::FieldPath;
use crate::oci::digest::digest_like;
use crate::oci::manifest::{Manifest, ManifestError};

/// A manifest, and the bytes that its digest is of.
type ReadManifest<'r> = (Manifest<'r>, Cow<'r, [u8]>);

/// An image with the one that it replaces.
#[derive(Debug)]
pub struct ChangedImage<'r> {
    /// As it would be stored.
    pub image: &'r Image<'r>,
    /// As it is stored.
    pub old: Option<&'r Image<'r>>,
    /// Whether a mapping brings it: the server then fills in the pull spec if it is left out.
    pub mapped: bool,
    pub(super) manifest: OnceCell<Result<ReadManifest<'r>, ManifestError>>,
    pub(super) at: FieldPath,
}

impl<'r> ChangedImage<'r> {
    /// An image that stands at `at` in the object.
    #[must_use]
    pub fn new(image: &'r Image<'r>, old: Option<&'r Image<'r>>, at: FieldPath) -> Self {
        Self { image, old, mapped: false, manifest: OnceCell::new(), at }
    }

    /// Whether any of what `part` picks is new or changed.
    #[must_use]
    pub fn introduces<T: PartialEq>(&self, part: impl Fn(&'r Image<'r>) -> T) -> bool {
        self.old.is_none_or(|old| part(old) != part(self.image))
    }

    /// The manifest and the bytes that its digest is of, read once for all rules.
    ///
    /// # Errors
    /// What keeps the text from being a manifest.
    pub fn manifest(&self) -> Result<&ReadManifest<'r>, &ManifestError> {
        self.manifest.get_or_init(|| Manifest::parse(self.image.docker_image_manifest.as_str())).as_ref()
    }

    /// Whether the manifest is there whose digest the image's name is.
    #[must_use]
    pub fn is_proven(&self) -> bool {
        let name = self.image.name();
        self.manifest().is_ok_and(|(_, signed)| digest_like(name, signed) == name)
    }

    /// Whether a stream shows it already, as a scanner hands it over: the request neither brings nor changes it.
    #[must_use]
    pub fn is_shown(&self) -> bool {
        !self.mapped && !self.at.segments().is_empty()
    }

    /// Whether the API server has taken out what would prove the image: manifest and configuration, of
    /// which it knows that the integrated registry stores them.
    #[must_use]
    pub fn is_proof_taken_out(&self) -> bool {
        let metadata = self.image.metadata.as_ref();
        metadata.and_then(|metadata| metadata.annotation(BLOB_STORED_ANNOTATION)) == Some("true")
            && self.image.docker_image_manifest.is_empty()
            && self.image.docker_image_config.is_empty()
    }

    /// The place of a field of the image.
    #[must_use]
    pub fn path(&self, field: FieldPath) -> FieldPath {
        self.at.clone().join(field)
    }
}
