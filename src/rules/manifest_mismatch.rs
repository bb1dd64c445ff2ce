//! An image whose manifest is not the one that its name is the digest of.
//!
//! # Why
//!
//! The API server does not compare them on creation. With another manifest under a trusted digest
//! everything that is derived from it lies: layers, configuration, labels, size.
//!
//! # Denied
//!
//! ```yaml
//! object:
//!   kind: Image
//!   metadata: {name: "sha256:3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25"}
//!   dockerImageReference: quay.io/acme/web@sha256:3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25
//!   dockerImageManifest: '{"schemaVersion":2,"config":{"digest":"sha256:00"},"layers":[]}'
//! ```
//!
//! ```text
//! dockerImageManifest: its digest is `sha256:75099c721a1beaaeea785e5f6fd5a9e331df7489caffabf80948c56ef3057b81`, the image's name is `sha256:3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25` [manifest-mismatch]
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
//! None. An absent manifest is the normal case for stored images and not an offence. The digest
//! is that of the raw text, for schema 1 without its signature block. A manifest that cannot be
//! read, that is of two kinds at once, or that contradicts `dockerImageManifestMediaType`, is
//! refused here too.
//!
//! # See
//!
//! - [manifest.go](https://github.com/containers/image/blob/main/internal/manifest/manifest.go), the digest
//! - [CVE-2021-41190](https://github.com/opencontainers/image-spec/security/advisories/GHSA-77vh-xpmg-72qh), two kinds at once

use super::{Check, Context, Level, Offence, Rule};
use crate::field::FieldPath;
use crate::introduced::IntroducedImage;
use crate::manifest::{Manifest, digest_like};
use crate::violation::Denial;

/// The rule.
pub const RULE: Rule = Rule {
    code: "manifest-mismatch",
    summary: "an image whose manifest is not the one that its name is the digest of",
    level: Level::Deny,
    fixed: false,
    checks: &[Check::Image(check)],
};

fn check(image: &IntroducedImage<'_>, _: &Context<'_>) -> Result<(), Offence<FieldPath>> {
    let text = image.image.docker_image_manifest.as_str();
    let changed =
        image.introduces(|image| (&image.docker_image_manifest, &image.docker_image_manifest_media_type));
    if text.is_empty() || !changed {
        return Ok(());
    }
    let at = FieldPath::root().key("dockerImageManifest");
    let (manifest, signed) = match Manifest::parse(text) {
        Ok(parsed) => parsed,
        Err(reason) => return Denial::ManifestUnreadable { reason }.at(at),
    };
    let name = image.image.name();
    let found = digest_like(name, &signed);
    if found != name {
        return Denial::ManifestDigestMismatch { found, name: name.to_owned() }.at(at);
    }
    let media_type = image.image.docker_image_manifest_media_type.as_str();
    if media_type.is_empty() || manifest.may_be(media_type) {
        return Ok(());
    }
    let expected = match manifest.media_type.as_str() {
        "" => "another kind".to_owned(),
        expected => expected.to_owned(),
    };
    let found = media_type.to_owned();
    Denial::ManifestMediaTypeMismatch { found, expected }
        .at(FieldPath::root().key("dockerImageManifestMediaType"))
}
