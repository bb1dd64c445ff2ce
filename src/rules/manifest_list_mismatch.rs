//! An image whose sub-manifests are not those of its list.
//!
//! # Why
//!
//! `dockerImageManifests` tells the cluster which images a list consists of. With a wrong digest in it,
//! another image is kept, shown and imported under a trusted list.
//!
//! # Denied
//!
//! ```yaml
//! object:
//!   kind: Image
//!   metadata: {name: "sha256:e6f1b4a2b7c7b3b1d1a5a9a3c3b8e3a6cf3f0a3f5a2d1c4b7e8f9a0b1c2d3e4f"}
//!   dockerImageReference: quay.io/acme/web@sha256:e6f1b4a2b7c7b3b1d1a5a9a3c3b8e3a6cf3f0a3f5a2d1c4b7e8f9a0b1c2d3e4f
//!   dockerImageManifest: '{"schemaVersion":2,"config":{"digest":"sha256:00"},"layers":[]}'
//!   dockerImageManifests: [{digest: "sha256:11", mediaType: x, manifestSize: 1, architecture: amd64, os: linux}]
//! settings: {rules: {manifest-mismatch: off}}
//! ```
//!
//! ```text
//! dockerImageManifests: is set, but the manifest is not a list [manifest-list-mismatch]
//! ```
//!
//! # Allowed
//!
//! ```yaml
//! object:
//!   kind: Image
//!   metadata: {name: "sha256:3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25"}
//!   dockerImageReference: quay.io/acme/web@sha256:3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25
//! ```
//!
//! # Settings
//!
//! None. Digest, media type, size and platform of each entry must match, in the same order. Entries that no
//! list in the request proves are refused when an image is mapped or created, or when they change; leave
//! them out, and the API server fills them in. The integrated registry's own push by digest passes: the API
//! server takes the list out of it, and the mutating policy of `deploy/pushed-manifests` sees it before.
//!
//! # See
//!
//! - [strategy.go](https://github.com/openshift/openshift-apiserver/blob/main/pkg/image/apiserver/registry/image/strategy.go): recomputed on creation, free on update

use crate::api::image::ImageManifest;
use crate::changes::ChangedImage;
use crate::evaluation::{Check, Context, Offence, Rule};
use crate::json::path::FieldPath;
use crate::oci::manifest::{Content, Descriptor};
use crate::quote::{plural, quote_or};
use crate::rules::manifest_mismatch::readable_manifest;

/// The rule.
pub const RULE: Rule = Rule::new(
    "manifest-list-mismatch",
    "an image whose sub-manifests are not those of its list",
    &[Check::Image(check)],
);

fn check(introduced: &ChangedImage<'_>, context: &Context<'_>) -> Result<(), Offence<FieldPath>> {
    let image = introduced.image;
    let entries = image.docker_image_manifests.as_deref().unwrap_or_default();
    let changed =
        introduced.introduces(|image| (&image.docker_image_manifests, &image.docker_image_manifest));
    if entries.is_empty() || !changed {
        return Ok(());
    }
    let at = FieldPath::root().key("dockerImageManifests");
    let text = image.docker_image_manifest.as_str();
    if text.is_empty() {
        let entries_change = introduced.introduces(|image| &image.docker_image_manifests);
        if !entries_change || context.stores_manifests && introduced.is_proof_taken_out() {
            return Ok(());
        }
        let message = match introduced.old {
            Some(_) => "changes, but the request has no manifest list to check it against",
            None => {
                "cannot be checked: the request has no manifest list with these entries; add it, or leave them out"
            }
        };
        return Err(Offence::at(at, message));
    }
    let Some(manifest) = readable_manifest(introduced, context, &at)? else { return Ok(()) };
    let Content::List(expected) = &manifest.content else {
        return Err(Offence::at(at, "is set, but the manifest is not a list"));
    };
    if entries.len() != expected.len() {
        let found = plural(entries.len(), "manifest");
        return Err(Offence::at(at, format!("{found}, but the list has {}", expected.len())));
    }
    for (index, (entry, expected)) in entries.iter().zip(expected).enumerate() {
        if let Some((part, found, expected)) = difference(entry, expected) {
            let (found, expected) = (quote_or(&found, "not set"), quote_or(&expected, "none"));
            let message = format!("is {found}, but the list has {expected}");
            return Err(Offence::at(at.index(index).key(part), message));
        }
    }
    Ok(())
}

/// The first member in which they differ.
fn difference(
    entry: &ImageManifest<'_>,
    expected: &Descriptor<'_>,
) -> Option<(&'static str, String, String)> {
    let platform = |pick: fn(&crate::oci::manifest::Platform<'_>) -> String| {
        expected.platform.as_ref().map(pick).unwrap_or_default()
    };
    let size = |size: Option<i64>| size.map(|size| size.to_string()).unwrap_or_default();
    [
        ("digest", entry.digest.as_str().to_owned(), expected.digest.as_str().to_owned()),
        ("mediaType", entry.media_type.as_str().to_owned(), expected.media_type.as_str().to_owned()),
        ("manifestSize", size(entry.manifest_size), size(expected.size)),
        (
            "architecture",
            entry.architecture.as_str().to_owned(),
            platform(|platform| platform.architecture.as_str().to_owned()),
        ),
        ("os", entry.os.as_str().to_owned(), platform(|platform| platform.os.as_str().to_owned())),
        (
            "variant",
            entry.variant.as_str().to_owned(),
            platform(|platform| platform.variant.as_str().to_owned()),
        ),
    ]
    .into_iter()
    .find(|(_, found, expected)| found != expected)
}

#[cfg(test)]
#[expect(clippy::indexing_slicing, reason = "a test may fail")]
mod tests {
    use serde_json::{Value, json};

    use super::RULE;
    use crate::testing::assert_rule;

    const LIST: &str = r#"{"schemaVersion":2,"manifests":[
        {"digest":"sha256:aa","size":1,"mediaType":"m","platform":{"architecture":"amd64","os":"linux"}},
        {"digest":"sha256:bb","size":2,"mediaType":"m","platform":{"architecture":"arm","os":"linux","variant":"v7"}}]}"#;
    const IMAGE: &str = r#"{"schemaVersion":2,"config":{},"layers":[]}"#;

    fn entries() -> Value {
        json!([
            {"digest": "sha256:aa", "manifestSize": 1, "mediaType": "m", "architecture": "amd64", "os": "linux"},
            {"digest": "sha256:bb", "manifestSize": 2, "mediaType": "m", "architecture": "arm", "os": "linux", "variant": "v7"},
        ])
    }

    fn image(manifest: &str, entries: &Value) -> Value {
        json!({"kind": "Image", "dockerImageManifest": manifest, "dockerImageManifests": entries})
    }

    fn created(image: &Value) -> String {
        format!("object: {image}")
    }

    /// As the integrated registry's request comes to a validating webhook.
    fn pushed(image: &Value) -> String {
        let mut image = image.clone();
        image["metadata"] = json!({"annotations": {"image.openshift.io/manifestBlobStored": "true"}});
        format!("user: 'system:serviceaccount:openshift-image-registry:registry'\n{}", created(&image))
    }

    #[test]
    fn entries_that_no_list_proves_are_refused() {
        const UNPROVEN: &str = "dockerImageManifests: cannot be checked: the request has no manifest list with these \
                                entries; add it, or leave them out";
        let bare = image("", &entries());
        let embedded = format!("image.{UNPROVEN}");
        let mapping = json!({"kind": "ImageStreamMapping", "tag": "v1", "image": bare});
        assert_rule(
            RULE.code,
            &[
                ("created", &created(&bare), &[UNPROVEN]),
                ("mapped", &created(&mapping), &[&embedded]),
                (
                    "created as the registry does, by another",
                    &pushed(&bare).replace(":registry'", ":x'"),
                    &[UNPROVEN],
                ),
                (
                    "ImageStreamImage",
                    &created(&json!({"kind": "ImageStreamImage", "image": bare})),
                    &[&embedded],
                ),
            ],
        );
    }

    #[test]
    fn entries_that_are_not_the_list_s_are_refused() {
        for (member, value, found, expected) in [
            ("digest", json!("sha256:cc"), "sha256:cc", "sha256:bb"),
            ("mediaType", json!("n"), "n", "m"),
            ("manifestSize", json!(3), "3", "2"),
            ("architecture", json!("arm64"), "arm64", "arm"),
            ("os", json!("windows"), "windows", "linux"),
            ("variant", json!("v8"), "v8", "v7"),
            ("variant", json!(null), "", "v7"),
            ("digest", json!(""), "", "sha256:bb"),
        ] {
            let mut lie = entries();
            lie[1][member] = value;
            let found = if found.is_empty() { "not set".to_owned() } else { format!("`{found}`") };
            let line = format!("dockerImageManifests[1].{member}: is {found}, but the list has `{expected}`");
            let embedded = format!("image.{line}");
            let mapping = json!({"kind": "ImageStreamMapping", "tag": "v1", "image": image(LIST, &lie)});
            let in_stream = json!({"kind": "ImageStreamImage", "image": image(LIST, &lie)});
            assert_rule(
                RULE.code,
                &[
                    (member, &created(&image(LIST, &lie)), &[&line]),
                    (
                        "changed",
                        &format!("old: {}\n{}", image(LIST, &entries()), created(&image(LIST, &lie))),
                        &[&line],
                    ),
                    ("mapping", &created(&mapping), &[&embedded]),
                    ("ImageStreamImage", &created(&in_stream), &[&embedded]),
                ],
            );
        }
        let first = json!([entries()[0]]);
        let turned = json!([entries()[1], entries()[0]]);
        assert_rule(
            RULE.code,
            &[
                (
                    "one left out",
                    &created(&image(LIST, &first)),
                    &["dockerImageManifests: 1 manifest, but the list has 2"],
                ),
                (
                    "another order",
                    &created(&image(LIST, &turned)),
                    &["dockerImageManifests[0].digest: is `sha256:bb`, but the list has `sha256:aa`"],
                ),
                (
                    "no list",
                    &created(&image(IMAGE, &first)),
                    &["dockerImageManifests: is set, but the manifest is not a list"],
                ),
                (
                    "changed where no list can say so",
                    &format!("old: {}\n{}", image("", &entries()), created(&image("", &first))),
                    &[
                        "dockerImageManifests: changes, but the request has no manifest list to check it against",
                    ],
                ),
                (
                    "given where no list can say so",
                    &format!("old: {}\n{}", json!({"kind": "Image"}), created(&image("", &first))),
                    &[
                        "dockerImageManifests: changes, but the request has no manifest list to check it against",
                    ],
                ),
            ],
        );
    }

    #[test]
    fn the_list_s_own_entries_and_what_was_there_pass() {
        let good = image(LIST, &entries());
        let wrong = image(IMAGE, &entries());
        let stored = image("", &entries());
        assert_rule(
            RULE.code,
            &[
                ("its own", &created(&good), &[]),
                ("none", &created(&image(LIST, &json!([]))), &[]),
                ("null", &created(&image(IMAGE, &Value::Null)), &[]),
                ("pushed by digest", &pushed(&stored), &[]),
                ("stored", &format!("old: {wrong}\n{}", created(&wrong)), &[]),
                ("stored without the list", &format!("old: {stored}\n{}", created(&stored)), &[]),
                ("the list taken away", &format!("old: {good}\n{}", created(&stored)), &[]),
                (
                    "the entries taken away",
                    &format!("old: {stored}\n{}", created(&image("", &Value::Null))),
                    &[],
                ),
                ("a manifest that cannot be read is another rule's", &created(&image("{}", &entries())), &[]),
            ],
        );
    }
}
