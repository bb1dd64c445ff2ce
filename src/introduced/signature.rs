//! A signature that a request attaches to an image, or says something new about.

use std::collections::{BTreeMap, BTreeSet};

use crate::field::FieldPath;
use crate::object::image::Image;
use crate::object::image_signature::ImageSignature;

/// A signature with the image that it is attached to.
#[derive(Debug)]
pub struct IntroducedSignature<'r> {
    /// As it would be stored.
    pub signature: &'r ImageSignature<'r>,
    /// Name of the image, which is the digest that must be signed.
    pub image: &'r str,
    /// The image's pull spec, where the request has it.
    pub pull_spec: Option<&'r str>,
    /// Whether it is new: no stored signature has its name, type and content.
    pub attached: bool,
    /// Whether what is said about it, its conditions and claims, is new.
    pub described: bool,
    /// Whether a stored signature has its name, but another type or content.
    pub rewritten: bool,
    at: FieldPath,
}

/// All the signatures of an image that gains some, or loses some.
#[derive(Debug)]
pub struct SignatureList {
    /// How many there would be.
    pub count: usize,
    /// Whether any is new.
    pub grows: bool,
    /// Names of those that go away.
    pub removed: Vec<String>,
    /// Where the list stands.
    pub path: FieldPath,
}

impl IntroducedSignature<'_> {
    /// The place of a field of the signature.
    #[must_use]
    pub fn path(&self, field: FieldPath) -> FieldPath {
        self.at.clone().join(field)
    }

    /// The image that the signature's own name puts it under, and the rest of the name.
    #[must_use]
    pub fn split_name(&self) -> Option<(&str, &str)> {
        split_name(self.signature.name())
    }
}

/// `<image>@<signature>`: exactly one `@`, and something on both sides
/// (openshift-apiserver `pkg/image/apis/image/helper.go`).
fn split_name(name: &str) -> Option<(&str, &str)> {
    let (image, signature) = name.split_once('@')?;
    (!image.is_empty() && !signature.is_empty() && !signature.contains('@')).then_some((image, signature))
}

/// A signature as an object of its own: its image is in its name.
pub(super) fn of_signature<'r>(
    signature: &'r ImageSignature<'_>,
    old: Option<&ImageSignature<'_>>,
) -> Option<IntroducedSignature<'r>> {
    let attached = old.is_none_or(|old| !is_same(old, signature));
    let described = attached || old.is_none_or(|old| !says_the_same(old, signature));
    described.then(|| IntroducedSignature {
        signature,
        image: split_name(signature.name()).map_or("", |(image, _)| image),
        pull_spec: None,
        attached,
        described,
        rewritten: attached && old.is_some(),
        at: FieldPath::root(),
    })
}

/// Whether type and content are the same: what was probed and stored when does not matter.
fn is_same(one: &ImageSignature<'_>, other: &ImageSignature<'_>) -> bool {
    one.type_ == other.type_ && one.content == other.content
}

/// What an image introduces against the stored one.
pub(super) fn of_image<'r>(
    image: &'r Image<'_>,
    old: Option<&'r Image<'_>>,
    at: &FieldPath,
) -> (Vec<IntroducedSignature<'r>>, Option<SignatureList>) {
    let list = |image: &'r Image<'_>| image.signatures.as_deref().unwrap_or_default();
    let old: BTreeMap<&str, &ImageSignature<'_>> =
        old.map(list).unwrap_or_default().iter().map(|signature| (signature.name(), signature)).collect();
    let path = at.clone().key("signatures");
    let mut introduced = Vec::new();
    for (index, signature) in list(image).iter().enumerate() {
        let stored = old.get(signature.name()).copied();
        let attached = !stored.is_some_and(|stored| is_same(stored, signature));
        let described = attached || !stored.is_some_and(|stored| says_the_same(stored, signature));
        if !attached && !described {
            continue;
        }
        introduced.push(IntroducedSignature {
            signature,
            image: image.name(),
            pull_spec: Some(image.docker_image_reference.as_str()).filter(|spec| !spec.is_empty()),
            attached,
            described,
            rewritten: attached && stored.is_some(),
            at: path.clone().index(index),
        });
    }
    let kept: BTreeSet<&str> = list(image).iter().map(ImageSignature::name).collect();
    let removed: Vec<String> =
        old.keys().filter(|name| !kept.contains(*name)).map(|name| (*name).to_owned()).collect();
    let grows = introduced.iter().any(|signature| signature.attached);
    let changes = grows || !removed.is_empty();
    (introduced, changes.then(|| SignatureList { count: list(image).len(), grows, removed, path }))
}

/// Whether conditions and claims are the same; when they were last probed does not matter.
fn says_the_same(one: &ImageSignature<'_>, other: &ImageSignature<'_>) -> bool {
    fn some<T>(list: &Option<Vec<T>>) -> &[T] {
        list.as_deref().unwrap_or_default()
    }
    some(&one.conditions) == some(&other.conditions)
        && one.image_identity == other.image_identity
        && one.signed_claims == other.signed_claims
        && one.created == other.created
        && one.issued_by == other.issued_by
        && one.issued_to == other.issued_to
}
