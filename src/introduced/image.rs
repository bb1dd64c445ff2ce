//! An image that a request brings or changes.

use crate::field::FieldPath;
use crate::object::image::Image;

/// An image with the one that it replaces.
#[derive(Debug)]
pub struct IntroducedImage<'r> {
    /// As it would be stored.
    pub image: &'r Image<'r>,
    /// As it is stored.
    pub old: Option<&'r Image<'r>>,
    /// Whether a mapping brings it: the server then fills in what is left out.
    pub mapped: bool,
    pub(super) at: FieldPath,
}

impl<'r> IntroducedImage<'r> {
    /// An image that stands at `at` in the object.
    #[must_use]
    pub fn new(image: &'r Image<'r>, old: Option<&'r Image<'r>>, at: FieldPath) -> Self {
        Self { image, old, mapped: false, at }
    }

    /// Whether any of what `part` picks is new or changed.
    #[must_use]
    pub fn introduces<T: PartialEq>(&self, part: impl Fn(&'r Image<'r>) -> T) -> bool {
        self.old.is_none_or(|old| part(old) != part(self.image))
    }

    /// The place of a field of the image.
    #[must_use]
    pub fn path(&self, field: FieldPath) -> FieldPath {
        self.at.clone().join(field)
    }
}
