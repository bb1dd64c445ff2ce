//! An image whose layers are not those of its manifest.
//!
//! # Why
//!
//! If a client sends layers, the server does not compute its own. Wrong ones mislead whatever scans,
//! counts or prunes by them.
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
//! dockerImageLayers: 1 layer, but the manifest lists 0 [layers-mismatch]
//! ```
//!
//! # Allowed
//!
//! ```yaml
//! object:
//!   kind: Image
//!   metadata: {name: "sha256:3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25"}
//!   dockerImageReference: quay.io/acme/web@sha256:3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25
//!   dockerImageManifestMediaType: application/vnd.oci.image.manifest.v1+json
//! ```
//!
//! # Settings
//!
//! None. The digests must match in the order that the annotation `image.openshift.io/dockerLayersOrder`
//! names; without it either order will do, since the server reverses them. Sizes and media types must
//! match if the manifest has them.
//!
//! Layers that no manifest in the request lists are refused when an image is mapped or created, or when they
//! change; leave them out, and the API server fills them in. Whoever restores Images from a backup needs an
//! exemption. The integrated registry's own push by digest passes: the API server takes the manifest out of
//! it, and the mutating policy of `deploy/pushed-manifests` sees it before.
//!
//! # See
//!
//! - [helpers.go](https://github.com/openshift/openshift-apiserver/blob/main/pkg/image/apiserver/internal/imageutil/helpers.go)

use crate::api::LAYERS_ORDER_ANNOTATION;
use crate::api::image::{Image, ImageLayer};
use crate::changes::ChangedImage;
use crate::evaluation::{Check, Context, Offence, Rule};
use crate::json::path::FieldPath;
use crate::oci::manifest::Content;
use crate::quote::{plural, quote_or};
use crate::rules::manifest_mismatch::readable_manifest;

/// The rule.
pub const RULE: Rule = Rule::new(
    "layers-mismatch",
    "an image whose layers are not those of its manifest",
    &[Check::Image(check)],
);

/// What a manifest says of a layer; empty or absent where it says nothing.
struct LayerOfManifest<'m> {
    digest: &'m str,
    size: Option<i64>,
    media_type: &'m str,
}

fn check(introduced: &ChangedImage<'_>, context: &Context<'_>) -> Result<(), Offence<FieldPath>> {
    let image = introduced.image;
    let layers = image.docker_image_layers.as_deref().unwrap_or_default();
    let text = image.docker_image_manifest.as_str();
    let layers_are_new = introduced.introduces(|image| (&image.docker_image_layers, order(image)));
    let changed = layers_are_new || introduced.introduces(|image| &image.docker_image_manifest);
    if layers.is_empty() || !changed {
        return Ok(());
    }
    let at = FieldPath::root().key("dockerImageLayers");
    if text.is_empty() {
        if !layers_are_new || context.stores_manifests && introduced.is_proof_taken_out() {
            return Ok(());
        }
        let message = "cannot be checked: the request has no manifest that lists these layers; add it, or leave \
                       them out";
        return Err(Offence::at(at, message));
    }
    let Some(manifest) = readable_manifest(introduced, context, &at)? else { return Ok(()) };
    let mut expected: Vec<LayerOfManifest<'_>> = match &manifest.content {
        Content::List(_) => {
            return Err(Offence::at(at, "is set, but the manifest is a list, which has no layers"));
        }
        Content::Schema1 { layers, .. } => layers
            .iter()
            .map(|digest| LayerOfManifest { digest: digest.as_str(), size: None, media_type: "" })
            .collect(),
        Content::Image { layers, .. } => layers
            .iter()
            .map(|layer| LayerOfManifest {
                digest: layer.digest.as_str(),
                size: layer.size,
                media_type: layer.media_type.as_str(),
            })
            .collect(),
    };
    if layers.len() != expected.len() {
        let found = plural(layers.len(), "layer");
        return Err(Offence::at(at, format!("{found}, but the manifest lists {}", expected.len())));
    }
    match order(image) {
        Some("descending") => expected.reverse(),
        Some(_) => {}
        None => {
            expected.reverse();
            if compare(layers, &expected).is_ok() {
                return Ok(());
            }
            expected.reverse();
        }
    }
    compare(layers, &expected)
        .map_err(|(index, part, message)| Offence::at(at.index(index).key(part), message))
}

/// The order in which the layers are said to be.
fn order<'i>(image: &'i Image<'_>) -> Option<&'i str> {
    image.metadata.as_ref()?.annotation(LAYERS_ORDER_ANNOTATION)
}

fn compare(
    layers: &[ImageLayer<'_>],
    expected: &[LayerOfManifest<'_>],
) -> Result<(), (usize, &'static str, String)> {
    for (index, (layer, expected)) in layers.iter().zip(expected).enumerate() {
        let mismatch = |found: &str, expected: &str| {
            format!("is {}, but the manifest has {}", quote_or(found, "empty"), quote_or(expected, "none"))
        };
        if layer.name.as_str() != expected.digest {
            return Err((index, "name", mismatch(layer.name.as_str(), expected.digest)));
        }
        // The server takes a size that is left out for zero.
        if let (found, Some(size)) = (layer.size.unwrap_or_default(), expected.size)
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

#[cfg(test)]
#[expect(clippy::indexing_slicing, reason = "a test may fail")]
mod tests {
    use serde_json::{Value, json};

    use super::RULE;
    use crate::testing::assert_rule;

    const TWO: &str = r#"{"schemaVersion":2,"config":{},"layers":[
        {"digest":"sha256:aa","size":1,"mediaType":"tar"},{"digest":"sha256:bb","size":2,"mediaType":"tar"}]}"#;
    const SCHEMA_1: &str =
        r#"{"schemaVersion":1,"fsLayers":[{"blobSum":"sha256:bb"},{"blobSum":"sha256:aa"}]}"#;
    const LIST: &str = r#"{"schemaVersion":2,"manifests":[]}"#;

    fn layer(digest: &str, size: i64) -> Value {
        json!({"name": digest, "size": size, "mediaType": "tar"})
    }

    fn image(manifest: &str, layers: &[Value], order: Option<&str>) -> Value {
        let annotations = order.map(|order| json!({"image.openshift.io/dockerLayersOrder": order}));
        json!({
            "kind": "Image",
            "metadata": {"annotations": annotations},
            "dockerImageManifest": manifest,
            "dockerImageLayers": layers,
        })
    }

    fn created(image: &Value) -> String {
        format!("object: {image}")
    }

    /// As the integrated registry's request comes to a validating webhook.
    fn pushed(image: &Value) -> String {
        let mut image = image.clone();
        image["metadata"]["annotations"]["image.openshift.io/manifestBlobStored"] = json!("true");
        format!("user: 'system:serviceaccount:openshift-image-registry:registry'\n{}", created(&image))
    }

    #[test]
    fn layers_that_are_not_the_manifest_s_are_refused() {
        let (a, b) = (layer("sha256:aa", 1), layer("sha256:bb", 2));
        let small = layer("sha256:bb", 1);
        let gzip = json!({"name": "sha256:bb", "size": 2, "mediaType": "gzip"});
        let mapping = json!({"kind": "ImageStreamMapping", "tag": "v1", "image": image(TWO, std::slice::from_ref(&a), None)});
        let in_stream =
            json!({"kind": "ImageStreamImage", "image": image(TWO, std::slice::from_ref(&a), None)});
        let changed = format!(
            "old: {}\n{}",
            image(TWO, &[a.clone(), b.clone()], None),
            created(&image(TWO, &[b.clone(), b.clone()], None))
        );
        assert_rule(
            RULE.code,
            &[
                (
                    "missing",
                    &created(&image(TWO, std::slice::from_ref(&a), None)),
                    &["dockerImageLayers: 1 layer, but the manifest lists 2"],
                ),
                (
                    "too many",
                    &created(&image(TWO, &[a.clone(), b.clone(), b.clone()], None)),
                    &["dockerImageLayers: 3 layers, but the manifest lists 2"],
                ),
                (
                    "another",
                    &created(&image(TWO, &[a.clone(), layer("sha256:cc", 2)], None)),
                    &["dockerImageLayers[1].name: is `sha256:cc`, but the manifest has `sha256:bb`"],
                ),
                (
                    "no name",
                    &created(&image(TWO, &[layer("", 1), b.clone()], None)),
                    &["dockerImageLayers[0].name: is empty, but the manifest has `sha256:aa`"],
                ),
                (
                    "another size",
                    &created(&image(TWO, &[a.clone(), small], None)),
                    &["dockerImageLayers[1].size: is `1`, but the manifest has `2`"],
                ),
                (
                    "no size, which the server takes for zero",
                    &created(&image(TWO, &[json!({"name": "sha256:aa"}), b.clone()], None)),
                    &["dockerImageLayers[0].size: is `0`, but the manifest has `1`"],
                ),
                (
                    "another media type",
                    &created(&image(TWO, &[a.clone(), gzip], None)),
                    &["dockerImageLayers[1].mediaType: is `gzip`, but the manifest has `tar`"],
                ),
                (
                    "turned round, though said to be in order",
                    &created(&image(TWO, &[b.clone(), a.clone()], Some("ascending"))),
                    &["dockerImageLayers[0].name: is `sha256:bb`, but the manifest has `sha256:aa`"],
                ),
                (
                    "in order, though said to be turned round",
                    &created(&image(TWO, &[a.clone(), b.clone()], Some("descending"))),
                    &["dockerImageLayers[0].name: is `sha256:aa`, but the manifest has `sha256:bb`"],
                ),
                (
                    "schema 1",
                    &created(&image(SCHEMA_1, &[a.clone(), layer("sha256:cc", 2)], None)),
                    &["dockerImageLayers[1].name: is `sha256:cc`, but the manifest has `sha256:bb`"],
                ),
                (
                    "a list",
                    &created(&image(LIST, std::slice::from_ref(&a), None)),
                    &["dockerImageLayers: is set, but the manifest is a list, which has no layers"],
                ),
                (
                    "mapping",
                    &created(&mapping),
                    &["image.dockerImageLayers: 1 layer, but the manifest lists 2"],
                ),
                (
                    "ImageStreamImage",
                    &created(&in_stream),
                    &["image.dockerImageLayers: 1 layer, but the manifest lists 2"],
                ),
                (
                    "changed",
                    &changed,
                    &["dockerImageLayers[0].name: is `sha256:bb`, but the manifest has `sha256:aa`"],
                ),
            ],
        );
    }

    #[test]
    fn layers_that_no_manifest_lists_are_refused() {
        const UNPROVEN: &str = "dockerImageLayers: cannot be checked: the request has no manifest that lists these \
                                layers; add it, or leave them out";
        let both = [layer("sha256:aa", 1), layer("sha256:bb", 2)];
        let bare = image("", &both, Some("ascending"));
        let turned = image("", &both, Some("descending"));
        let whole = image(TWO, &both, Some("ascending"));
        let less = image("", std::slice::from_ref(&both[0]), Some("ascending"));
        let embedded = format!("image.{UNPROVEN}");
        let mapping = json!({"kind": "ImageStreamMapping", "tag": "v1", "image": bare});
        let in_stream = json!({"kind": "ImageStreamImage", "image": bare});
        let stored_by_a_person = pushed(&bare).replace(":registry'", ":other'");
        assert_rule(
            RULE.code,
            &[
                ("created", &created(&bare), &[UNPROVEN]),
                ("mapped", &created(&mapping), &[&embedded]),
                ("mapped by the registry, which has the manifest", &pushed(&mapping), &[&embedded]),
                ("ImageStreamImage", &created(&in_stream), &[&embedded]),
                ("created as the registry does, by another", &stored_by_a_person, &[UNPROVEN]),
                (
                    "created by the registry, which does not store it",
                    &pushed(&bare).replace("\"true\"", "\"false\""),
                    &[UNPROVEN],
                ),
                ("changed", &format!("old: {bare}\n{}", created(&less)), &[UNPROVEN]),
                ("turned round", &format!("old: {bare}\n{}", created(&turned)), &[UNPROVEN]),
                (
                    "changed with the manifest taken away",
                    &format!("old: {whole}\n{}", created(&less)),
                    &[UNPROVEN],
                ),
                ("changed by the registry", &format!("old: {bare}\n{}", pushed(&less)), &[UNPROVEN]),
                ("labelled", &format!("old: {bare}\n{}", created(&bare)), &[]),
                ("taken away", &format!("old: {bare}\n{}", created(&image("", &[], None))), &[]),
            ],
        );
    }

    #[test]
    fn the_manifest_s_own_layers_and_what_cannot_be_compared_pass() {
        let (a, b) = (layer("sha256:aa", 1), layer("sha256:bb", 2));
        let both = [a.clone(), b.clone()];
        let turned = [b.clone(), a.clone()];
        let bare = [json!({"name": "sha256:aa", "size": 1}), json!({"name": "sha256:bb", "size": 2})];
        let wrong = image(TWO, std::slice::from_ref(&a), None);
        assert_rule(
            RULE.code,
            &[
                ("in order", &created(&image(TWO, &both, None)), &[]),
                ("in order, as said", &created(&image(TWO, &both, Some("ascending"))), &[]),
                ("turned round", &created(&image(TWO, &turned, None)), &[]),
                ("turned round, as said", &created(&image(TWO, &turned, Some("descending"))), &[]),
                ("without media types", &created(&image(TWO, &bare, None)), &[]),
                ("schema 1, oldest first", &created(&image(SCHEMA_1, &both, Some("ascending"))), &[]),
                ("none: the server fills them in", &created(&image(TWO, &[], None)), &[]),
                ("pushed by digest", &pushed(&image("", &both, Some("ascending"))), &[]),
                (
                    "a manifest that cannot be read is another rule's",
                    &created(&image("{}", &both, None)),
                    &[],
                ),
                ("stored", &format!("old: {wrong}\n{}", created(&wrong)), &[]),
                (
                    "the manifest taken away",
                    &format!("old: {wrong}\n{}", created(&image("", &[a], None))),
                    &[],
                ),
            ],
        );
    }
}
