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
    /// Name of the image, which is the digest that must be signed; `None` where nothing names one.
    pub image: Option<&'r str>,
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
        image: split_name(signature.name()).map(|(image, _)| image),
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

/// What a signature does to those that are stored under its name, one of which may have its content.
fn rewritten(has_content: bool) -> Rewritten {
    if has_content { Rewritten::Type } else { Rewritten::Content }
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
    let stored = old.map(list).unwrap_or_default();
    let mut contents: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for signature in stored {
        contents.entry(signature.name()).or_default().insert(signature.content.as_str());
    }
    let counterparts = counterparts(stored, signatures);
    let retargeted = old.is_some_and(|old| old.docker_image_reference != image.docker_image_reference);
    let path = at.clone().key("signatures");
    let mut introduced = Vec::new();
    for (index, (signature, counterpart)) in signatures.iter().zip(&counterparts).enumerate() {
        let attached = counterpart.is_none();
        let described = !counterpart.is_some_and(|stored| says_the_same(stored, signature));
        if !described && !retargeted {
            continue;
        }
        let same_name = contents.get(signature.name()).filter(|_| attached);
        introduced.push(ChangedSignature {
            signature,
            image: Some(image.name()).filter(|name| !name.is_empty()),
            pull_spec: Some(image.docker_image_reference.as_str()).filter(|spec| !spec.is_empty()),
            attached,
            described,
            retargeted,
            rewritten: same_name.map(|contents| rewritten(contents.contains(signature.content.as_str()))),
            at: path.clone().index(index),
        });
    }
    let mut names: BTreeMap<&str, usize> = BTreeMap::new();
    for signature in signatures {
        *names.entry(signature.name()).or_default() += 1;
    }
    let mut before: BTreeMap<&str, usize> = BTreeMap::new();
    for signature in stored {
        *before.entry(signature.name()).or_default() += 1;
    }
    let removed: Vec<String> = before
        .into_iter()
        .flat_map(|(name, before)| {
            let kept = names.get(name).copied().unwrap_or_default();
            std::iter::repeat_n(name.to_owned(), before.saturating_sub(kept))
        })
        .collect();
    let grows = introduced.iter().any(|signature| signature.attached);
    let changes = grows || !removed.is_empty();
    (introduced, changes.then_some(SignatureList { count: signatures.len(), grows, removed, path }))
}

/// The stored signature that stands against each: of those of the same name, type and content one that says
/// the same, where one is left, or another.
fn counterparts<'s, 'o>(
    stored: &'s [ImageSignature<'o>],
    signatures: &'s [ImageSignature<'o>],
) -> Vec<Option<&'s ImageSignature<'o>>> {
    fn key<'k>(signature: &'k ImageSignature<'_>) -> [&'k str; 3] {
        [signature.name(), signature.type_.as_str(), signature.content.as_str()]
    }
    let mut alike: BTreeMap<_, BTreeMap<String, Vec<&'s ImageSignature<'o>>>> = BTreeMap::new();
    for signature in stored {
        let says = alike.entry(key(signature)).or_default();
        says.entry(statements(signature)).or_default().push(signature);
    }
    let mut take = |signature: &'s ImageSignature<'o>| {
        alike.get_mut(&key(signature))?.get_mut(&statements(signature))?.pop()
    };
    let mut found: Vec<_> = signatures.iter().map(&mut take).collect();
    for (signature, found) in signatures.iter().zip(&mut found).filter(|(_, found)| found.is_none()) {
        let Some(says) = alike.get_mut(&key(signature)) else { continue };
        while found.is_none()
            && let Some(mut others) = says.first_entry()
        {
            *found = others.get_mut().pop();
            if found.is_none() {
                others.remove();
            }
        }
    }
    found
}

/// Whether conditions and claims are the same; when they were last probed does not matter.
fn says_the_same(one: &ImageSignature<'_>, other: &ImageSignature<'_>) -> bool {
    statements(one) == statements(other)
}

/// A text that is the same for signatures that say the same, and for no others.
fn statements(signature: &ImageSignature<'_>) -> String {
    let ImageSignature { image_identity, signed_claims, created, issued_by, issued_to, .. } = signature;
    let conditions = signature.conditions.as_deref().unwrap_or_default();
    format!("{:?}", (conditions, image_identity, signed_claims, created, issued_by, issued_to))
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
    fn of_many_copies_of_a_signature_each_finds_the_one_that_says_the_same() {
        let copy = |claim: usize| json!({"metadata": {"name": "a@b"}, "type": "x", "content": "AA==", "imageIdentity": claim.to_string()});
        let image = |claims: &[usize]| {
            json!({"signatures": claims.iter().map(|claim| copy(*claim)).collect::<Vec<_>>()}).to_string()
        };
        let all: Vec<usize> = (0..1_000).collect();
        let old = image(&all);
        let old: Image<'_> = serde_json::from_str(&old).unwrap();
        for (claim, is_described) in [(999, false), (990, false), (0, false), (500, false), (1_000, true)] {
            let new = image(&[claim]);
            let new: Image<'_> = serde_json::from_str(&new).unwrap();
            let (introduced, list) = of_image(&new, Some(&old), &FieldPath::root());
            assert_eq!(introduced.len(), usize::from(is_described), "{claim}");
            assert!(introduced.iter().all(|signature| !signature.attached), "{claim}");
            assert_eq!(list.unwrap().removed.len(), 999, "{claim}");
        }
    }
}
