//! An image whose sub-manifests are not those of its list.
//!
//! # Why
//!
//! `dockerImageManifests` is how the cluster knows which images a list stands for. With a foreign
//! digest in it another image is kept, shown and imported under a trusted list.
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
//! dockerImageManifests: the manifest is not a list [manifest-list-mismatch]
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
//! None. Digest, media type, size and platform of each entry must be the same, in the same order.
//! On creation, entries without a list to compare them with are what an import stores, and no
//! offence; on an update, entries that change without one are.
//!
//! # See
//!
//! - [strategy.go](https://github.com/openshift/openshift-apiserver/blob/main/pkg/image/apiserver/registry/image/strategy.go): recomputed on creation, free on update

use super::{Check, Context, Level, Offence, Rule};
use crate::field::FieldPath;
use crate::introduced::IntroducedImage;
use crate::manifest::{Content, Descriptor, Manifest};
use crate::object::image::ImageManifest;
use crate::violation::Denial;

/// The rule.
pub const RULE: Rule = Rule {
    code: "manifest-list-mismatch",
    summary: "an image whose sub-manifests are not those of its list",
    level: Level::Deny,
    fixed: false,
    checks: &[Check::Image(check)],
};

fn check(introduced: &IntroducedImage<'_>, _: &Context<'_>) -> Result<(), Offence<FieldPath>> {
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
        return if introduced.old.is_some() && entries_change { Denial::ListUnproven.at(at) } else { Ok(()) };
    }
    // What is wrong with a manifest that cannot be read is `manifest-mismatch`'s to say.
    let Ok((manifest, _)) = Manifest::parse(text) else { return Ok(()) };
    let Content::List(expected) = &manifest.content else { return Denial::ListUnexpected.at(at) };
    if entries.len() != expected.len() {
        return Denial::ListEntryCountMismatch { found: entries.len(), expected: expected.len() }.at(at);
    }
    for (index, (entry, expected)) in entries.iter().zip(expected).enumerate() {
        if let Some((part, found, expected)) = difference(entry, expected) {
            return Denial::ListEntryMismatch { what: part, found, expected }.at(at.index(index).key(part));
        }
    }
    Ok(())
}

/// The first member in which they differ.
fn difference(
    entry: &ImageManifest<'_>,
    expected: &Descriptor<'_>,
) -> Option<(&'static str, String, String)> {
    let platform = |pick: fn(&crate::manifest::Platform<'_>) -> String| {
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
