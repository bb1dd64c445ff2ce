//! An image whose manifest is of a media type that the settings do not list.
//!
//! # Why
//!
//! Docker schema 1 cannot be verified by digest alone and carries no configuration digest; some
//! clusters run OCI images only, or no lists.
//!
//! # Denied
//!
//! ```yaml
//! settings: {images: {mediaTypes: [application/vnd.oci.image.manifest.v1+json]}}
//! object:
//!   kind: Image
//!   metadata: {name: "sha256:3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25"}
//!   dockerImageReference: quay.io/acme/web@sha256:3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25
//!   dockerImageManifestMediaType: application/vnd.docker.distribution.manifest.v1+json
//! ```
//!
//! ```text
//! dockerImageManifestMediaType: `application/vnd.docker.distribution.manifest.v1+json` is not in `images.mediaTypes` [media-type-not-allowed]
//! ```
//!
//! # Allowed
//!
//! ```yaml
//! settings: {images: {mediaTypes: [application/vnd.oci.image.manifest.v1+json]}}
//! object:
//!   kind: Image
//!   metadata: {name: "sha256:3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25"}
//!   dockerImageReference: quay.io/acme/web@sha256:3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25
//!   dockerImageManifestMediaType: application/vnd.oci.image.manifest.v1+json
//! ```
//!
//! # Settings
//!
//! `images.mediaTypes`; without it every media type is allowed. What the manifest says of itself
//! counts before what stands beside it, and an image that tells neither is refused. The entries of
//! a list are judged as well.
//!
//! # See
//!
//! - [media types](https://github.com/opencontainers/image-spec/blob/main/media-types.md)

use super::{Check, Context, Level, Offence, Rule};
use crate::field::FieldPath;
use crate::introduced::IntroducedImage;
use crate::manifest::Manifest;
use crate::violation::Denial;

/// The rule.
pub const RULE: Rule = Rule {
    code: "media-type-not-allowed",
    summary: "an image whose media type `images.mediaTypes` does not list",
    level: Level::Deny,
    fixed: false,
    checks: &[Check::Image(check)],
};

fn check(introduced: &IntroducedImage<'_>, context: &Context<'_>) -> Result<(), Offence<FieldPath>> {
    let Some(allowed) = &context.policy.media_types else { return Ok(()) };
    let image = introduced.image;
    let is_allowed = |media_type: &str| allowed.iter().any(|allowed| allowed == media_type);
    if introduced.introduces(|image| (&image.docker_image_manifest_media_type, &image.docker_image_manifest))
    {
        let at = FieldPath::root().key("dockerImageManifestMediaType");
        let beside = image.docker_image_manifest_media_type.as_str();
        let manifest = Manifest::parse(image.docker_image_manifest.as_str()).map(|(manifest, _)| manifest);
        let media_type = match &manifest {
            Ok(manifest) if !manifest.media_type.is_empty() => manifest.media_type.as_str(),
            _ => beside,
        };
        if media_type.is_empty() {
            return Denial::MediaTypeMissing.at(at);
        }
        if !is_allowed(media_type) {
            return Denial::MediaTypeNotAllowed { media_type: media_type.to_owned() }.at(at);
        }
    }
    if introduced.introduces(|image| &image.docker_image_manifests) {
        for (index, entry) in image.docker_image_manifests.iter().flatten().enumerate() {
            if !is_allowed(entry.media_type.as_str()) {
                let media_type = entry.media_type.as_str().to_owned();
                let at = FieldPath::root().key("dockerImageManifests").index(index).key("mediaType");
                return Denial::MediaTypeNotAllowed { media_type }.at(at);
            }
        }
    }
    Ok(())
}
