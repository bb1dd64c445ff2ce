//! Where an image is used: what runs it, is made from it, or waits for it.

use crate::json::path::FieldPath;

/// An image that something runs, or is made from.
#[derive(Debug)]
pub struct UsedImage {
    /// How it is written.
    pub(super) form: Form,
    /// Where it stands.
    pub(super) at: FieldPath,
}

/// How an image is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Form {
    /// As an object with kind, namespace and name.
    Object,
    /// As a text, or in one.
    Text,
}

/// A tag that a build pushes to.
#[derive(Debug)]
pub struct PushedTag<'r> {
    /// Namespace of the stream, which need not be the request's.
    pub namespace: &'r str,
    /// The tag.
    pub tag: &'r str,
    /// Where the tag's name stands.
    pub(super) at: FieldPath,
}
