//! A signature that a request attaches to an image, or says something new about.

use std::collections::{BTreeMap, BTreeSet};

use crate::api::image::Image;
use crate::api::image_signature::ImageSignature;
use crate::json::path::FieldPath;

/// A signature with the image that it is attached to.
#[derive(Debug)]
pub struct ChangedSignature<'r> {
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
    /// Whether the image's pull spec is new, and with it the name for which it would have to vouch.
    pub retargeted: bool,
    /// What about a stored signature of its name is another, where it is attached.
    pub rewritten: Option<Rewritten>,
    at: FieldPath,
}

/// What a signature does not have in common with the stored one of its name.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Rewritten {
    /// The content, and perhaps the type.
    Content,
    /// The type alone.
    Type,
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

impl ChangedSignature<'_> {
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
) -> Option<ChangedSignature<'r>> {
    let attached = old.is_none_or(|old| !is_same(old, signature));
    let described = attached || old.is_none_or(|old| !says_the_same(old, signature));
    described.then(|| ChangedSignature {
        signature,
        image: split_name(signature.name()).map_or("", |(image, _)| image),
        pull_spec: None,
        attached,
        described,
        retargeted: false,
        rewritten: old.filter(|_| attached).map(|old| rewritten(old.content == signature.content)),
        at: FieldPath::root(),
    })
}

/// Whether type and content are the same: what was probed and stored when does not matter.
fn is_same(one: &ImageSignature<'_>, other: &ImageSignature<'_>) -> bool {
    one.type_ == other.type_ && one.content == other.content
}

/// What a signature does to those that are stored under its name, of which one may have its content.
fn rewritten(has_its_content: bool) -> Rewritten {
    if has_its_content { Rewritten::Type } else { Rewritten::Content }
}

/// What an image introduces against the stored one.
///
/// Nothing keeps two stored signatures from having one name: each counts for one.
pub(super) fn of_image<'r>(
    image: &'r Image<'_>,
    old: Option<&'r Image<'_>>,
    at: &FieldPath,
) -> (Vec<ChangedSignature<'r>>, Option<SignatureList>) {
    let list = |image: &'r Image<'_>| image.signatures.as_deref().unwrap_or_default();
    let signatures = list(image);
    let mut stored: BTreeMap<&str, Vec<&ImageSignature<'_>>> = BTreeMap::new();
    for signature in old.map(list).unwrap_or_default() {
        stored.entry(signature.name()).or_default().push(signature);
    }
    let contents: BTreeSet<(&str, &str)> =
        stored.values().flatten().map(|stored| (stored.name(), stored.content.as_str())).collect();
    let counterparts: Vec<Option<&ImageSignature<'_>>> = {
        let mut left: BTreeMap<Key<'_>, Vec<&ImageSignature<'_>>> = BTreeMap::new();
        for signature in stored.values().flatten() {
            left.entry(key(signature)).or_default().push(signature);
        }
        let take = |signature: &'r ImageSignature<'_>| take_same(left.get_mut(&key(signature))?, signature);
        signatures.iter().map(take).collect()
    };
    let retargeted = old.is_some_and(|old| old.docker_image_reference != image.docker_image_reference);
    let path = at.clone().key("signatures");
    let mut introduced = Vec::new();
    for (index, (signature, counterpart)) in signatures.iter().zip(&counterparts).enumerate() {
        let attached = counterpart.is_none();
        let described = !counterpart.is_some_and(|stored| says_the_same(stored, signature));
        if !described && !retargeted {
            continue;
        }
        let replaces = attached && stored.contains_key(signature.name());
        introduced.push(ChangedSignature {
            signature,
            image: image.name(),
            pull_spec: Some(image.docker_image_reference.as_str()).filter(|spec| !spec.is_empty()),
            attached,
            described,
            retargeted,
            rewritten: replaces
                .then(|| rewritten(contents.contains(&(signature.name(), signature.content.as_str())))),
            at: path.clone().index(index),
        });
    }
    let mut names: BTreeMap<&str, usize> = BTreeMap::new();
    for signature in signatures {
        *names.entry(signature.name()).or_default() += 1;
    }
    let removed: Vec<String> = stored
        .iter()
        .flat_map(|(name, stored)| {
            let kept = names.get(name).copied().unwrap_or_default();
            stored.iter().skip(kept).map(|_| (*name).to_owned())
        })
        .collect();
    let grows = introduced.iter().any(|signature| signature.attached);
    let changes = grows || !removed.is_empty();
    (introduced, changes.then_some(SignatureList { count: signatures.len(), grows, removed, path }))
}

/// Name, type and content: what makes two signatures the same.
type Key<'s> = (&'s str, &'s str, &'s str);

fn key<'s>(signature: &'s ImageSignature<'_>) -> Key<'s> {
    (signature.name(), signature.type_.as_str(), signature.content.as_str())
}

/// Takes one of the stored signatures of the same name, type and content away, if possible one with the same
/// conditions and claims. Of many copies only some are compared: another one counts as changed.
fn take_same<'s, 'o>(
    stored: &mut Vec<&'s ImageSignature<'o>>,
    signature: &ImageSignature<'_>,
) -> Option<&'s ImageSignature<'o>> {
    const COMPARED: usize = 16;
    let first = stored.len().saturating_sub(COMPARED);
    let copies = stored.iter().enumerate().skip(first);
    let same = copies.rev().find(|(_, stored)| says_the_same(stored, signature)).map(|(index, _)| index);
    let index = same.or_else(|| stored.len().checked_sub(1))?;
    Some(stored.swap_remove(index))
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

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail")]
mod tests {
    use serde_json::json;

    use super::of_image;
    use crate::api::image::Image;
    use crate::json::path::FieldPath;

    /// Comparing each of them with each would take the square of their number.
    #[test]
    fn of_many_copies_of_a_signature_only_some_are_compared() {
        let copy = |claim: usize| json!({"metadata": {"name": "a@b"}, "type": "x", "content": "AA==", "imageIdentity": claim.to_string()});
        let image = |claims: &[usize]| {
            json!({"signatures": claims.iter().map(|claim| copy(*claim)).collect::<Vec<_>>()}).to_string()
        };
        let all: Vec<usize> = (0..1_000).collect();
        let old = image(&all);
        let old: Image<'_> = serde_json::from_str(&old).unwrap();
        for (claim, is_described) in [(999, false), (990, false), (0, true), (500, true), (1_000, true)] {
            let new = image(&[claim]);
            let new: Image<'_> = serde_json::from_str(&new).unwrap();
            let (introduced, list) = of_image(&new, Some(&old), &FieldPath::root());
            assert_eq!(introduced.len(), usize::from(is_described), "{claim}");
            assert!(introduced.iter().all(|signature| !signature.attached), "{claim}");
            assert_eq!(list.unwrap().removed.len(), 999, "{claim}");
        }
    }
}
