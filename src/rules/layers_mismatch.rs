//! An image whose layers are not those of its manifest.
//!
//! # Why
//!
//! Layers that the caller sends suppress the server's own computation: they can lie to whoever
//! scans, counts or prunes by them.
//!
//! # Denied
//!
//! ```yaml
//! object:
//!   kind: Image
//!   metadata: {name: "sha256:e6f1b4a2b7c7b3b1d1a5a9a3c3b8e3a6cf3f0a3f5a2d1c4b7e8f9a0b1c2d3e4f"}
//!   dockerImageReference: quay.io/acme/web@sha256:e6f1b4a2b7c7b3b1d1a5a9a3c3b8e3a6cf3f0a3f5a2d1c4b7e8f9a0b1c2d3e4f
//!   dockerImageManifest: '{"schemaVersion":2,"config":{"digest":"sha256:00"},"layers":[]}'
//!   dockerImageLayers: [{name: "sha256:11", size: 1, mediaType: x}]
//! settings: {rules: {manifest-mismatch: off}}
//! ```
//!
//! ```text
//! dockerImageLayers: 1 layers, the manifest has 0 [layers-mismatch]
//! ```
//!
//! # Allowed
//!
//! ```yaml
//! object:
//!   kind: Image
//!   metadata: {name: "sha256:3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25"}
//!   dockerImageReference: quay.io/acme/web@sha256:3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25
//!   dockerImageLayers: [{name: "sha256:11", size: 1, mediaType: x}]
//! ```
//!
//! # Settings
//!
//! None. Digests must be the same, in the order that the annotation
//! `image.openshift.io/dockerLayersOrder` tells; without it either order will do, since the server
//! turns them round. Sizes and media types must be the same where the manifest has them. Layers
//! without a manifest cannot be compared and are no offence.
//!
//! # See
//!
//! - [helpers.go](https://github.com/openshift/openshift-apiserver/blob/main/pkg/image/apiserver/internal/imageutil/helpers.go)

use super::{Check, Context, Level, Offence, Rule};
use crate::field::FieldPath;
use crate::introduced::IntroducedImage;
use crate::manifest::{Content, Manifest};
use crate::object::LAYERS_ORDER_ANNOTATION;
use crate::object::image::ImageLayer;
use crate::violation::Denial;

/// The rule.
pub const RULE: Rule = Rule {
    code: "layers-mismatch",
    summary: "an image whose layers are not those of its manifest",
    level: Level::Deny,
    fixed: false,
    checks: &[Check::Image(check)],
};

/// What a manifest says of a layer; empty or absent where it says nothing.
struct Expected<'m> {
    digest: &'m str,
    size: Option<i64>,
    media_type: &'m str,
}

fn check(introduced: &IntroducedImage<'_>, _: &Context<'_>) -> Result<(), Offence<FieldPath>> {
    let image = introduced.image;
    let layers = image.docker_image_layers.as_deref().unwrap_or_default();
    let text = image.docker_image_manifest.as_str();
    let changed = introduced.introduces(|image| (&image.docker_image_layers, &image.docker_image_manifest));
    if layers.is_empty() || text.is_empty() || !changed {
        return Ok(());
    }
    let at = FieldPath::root().key("dockerImageLayers");
    // What is wrong with a manifest that cannot be read is `manifest-mismatch`'s to say.
    let Ok((manifest, _)) = Manifest::parse(text) else { return Ok(()) };
    let mut expected: Vec<Expected<'_>> = match &manifest.content {
        Content::List(_) => return Denial::LayersUnexpected.at(at),
        Content::Schema1 { layers } => layers
            .iter()
            .map(|digest| Expected { digest: digest.as_str(), size: None, media_type: "" })
            .collect(),
        Content::Image { layers, .. } => layers
            .iter()
            .map(|layer| Expected {
                digest: layer.digest.as_str(),
                size: layer.size,
                media_type: layer.media_type.as_str(),
            })
            .collect(),
    };
    if layers.len() != expected.len() {
        return Denial::LayerCountMismatch { found: layers.len(), expected: expected.len() }.at(at);
    }
    let order = image.metadata.as_ref().and_then(|metadata| metadata.annotation(LAYERS_ORDER_ANNOTATION));
    match order {
        Some("descending") => expected.reverse(),
        Some(_) => {}
        None if compare(layers, &expected).is_ok() => return Ok(()),
        None => {
            expected.reverse();
            if compare(layers, &expected).is_ok() {
                return Ok(());
            }
            expected.reverse();
        }
    }
    compare(layers, &expected)
        .map_err(|(index, part, denial)| Offence { part: at.index(index).key(part), denial })
}

fn compare(
    layers: &[ImageLayer<'_>],
    expected: &[Expected<'_>],
) -> Result<(), (usize, &'static str, Denial)> {
    for (index, (layer, expected)) in layers.iter().zip(expected).enumerate() {
        let mismatch = |found: &str, expected: &str| Denial::LayerMismatch {
            found: found.to_owned(),
            expected: expected.to_owned(),
        };
        if layer.name.as_str() != expected.digest {
            return Err((index, "name", mismatch(layer.name.as_str(), expected.digest)));
        }
        if let (Some(found), Some(size)) = (layer.size, expected.size)
            && found != size
        {
            return Err((index, "size", mismatch(&found.to_string(), &size.to_string())));
        }
        let found = layer.media_type.as_str();
        if !found.is_empty() && !expected.media_type.is_empty() && found != expected.media_type {
            return Err((index, "mediaType", mismatch(found, expected.media_type)));
        }
    }
    Ok(())
}
