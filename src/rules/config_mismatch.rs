//! An image whose configuration is not the one that its manifest names.
//!
//! # Why
//!
//! The configuration holds the user, the command and the labels, by which OpenShift's execution
//! rules and people decide. The API server stores what it is given.
//!
//! # Denied
//!
//! ```yaml
//! object:
//!   kind: Image
//!   metadata: {name: "sha256:3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25"}
//!   dockerImageReference: quay.io/acme/web@sha256:3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25
//!   dockerImageConfig: '{"architecture":"amd64"}'
//! ```
//!
//! ```text
//! dockerImageConfig: there is no manifest that says it belongs to the image [config-mismatch]
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
//! None. With the configuration at hand, its digest must be the one in the manifest, and the user
//! and labels in `dockerImageMetadata` must be its own; with a manifest at hand,
//! `dockerImageMetadata.Id` must be the configuration's digest or the image's.
//!
//! # See
//!
//! - [helpers.go](https://github.com/openshift/openshift-apiserver/blob/main/pkg/image/apiserver/internal/imageutil/helpers.go): the server derives metadata only where they are absent

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Check, Context, Level, Offence, Rule};
use crate::field::FieldPath;
use crate::introduced::IntroducedImage;
use crate::manifest::{Content, Manifest, digest_like};
use crate::object::image::{DockerImageMetadata, Image};
use crate::text::Text;
use crate::violation::Denial;

/// The rule.
pub const RULE: Rule = Rule {
    code: "config-mismatch",
    summary: "an image whose configuration is not the one that its manifest names",
    level: Level::Deny,
    fixed: false,
    checks: &[Check::Image(check)],
};

/// The part of a configuration that `dockerImageMetadata` repeats and others decide by.
#[derive(Default, Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
struct Config<'a> {
    config: Option<RunConfig<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(bound(deserialize = "'de: 'a"), rename_all = "PascalCase")]
struct RunConfig<'a> {
    #[serde(default)]
    user: Text<'a>,
    labels: Option<BTreeMap<Text<'a>, Text<'a>>>,
}

fn check(introduced: &IntroducedImage<'_>, _: &Context<'_>) -> Result<(), Offence<FieldPath>> {
    let image = introduced.image;
    if !introduced.introduces(|image| {
        (&image.docker_image_config, &image.docker_image_manifest, &image.docker_image_metadata)
    }) {
        return Ok(());
    }
    let config = image.docker_image_config.as_str();
    let at = FieldPath::root().key("dockerImageConfig");
    // What is wrong with a manifest that cannot be read is `manifest-mismatch`'s to say.
    let manifest = match image.docker_image_manifest.as_str() {
        "" => None,
        text => match Manifest::parse(text) {
            Ok((manifest, _)) => Some(manifest.content),
            Err(_) => return Ok(()),
        },
    };
    let expected = match (&manifest, config) {
        (None, "") => return Ok(()),
        (None, _) => return Denial::ConfigUnproven.at(at),
        (Some(Content::Image { config, .. }), _) => config.as_str(),
        (Some(_), "") => image.name(),
        (Some(_), _) => return Denial::ConfigUnexpected.at(at),
    };
    if !config.is_empty() {
        let found = digest_like(expected, config.as_bytes());
        if found != expected {
            return Denial::ConfigDigestMismatch { found, expected: expected.to_owned() }.at(at);
        }
    }
    match &image.docker_image_metadata {
        Some(metadata) => check_metadata(metadata, image, expected),
        None => Ok(()),
    }
}

fn check_metadata(
    metadata: &DockerImageMetadata<'_>,
    image: &Image<'_>,
    expected: &str,
) -> Result<(), Offence<FieldPath>> {
    let at = FieldPath::root().key("dockerImageMetadata");
    let id = metadata.id.as_str();
    if !id.is_empty() && id != expected && id != image.name() {
        let mismatch = Denial::ConfigIdMismatch { found: id.to_owned(), expected: expected.to_owned() };
        return mismatch.at(at.key("Id"));
    }
    if image.docker_image_config.is_empty() {
        return Ok(());
    }
    let config: Config<'_> = match crate::object::parse(image.docker_image_config.as_str()) {
        Ok(config) => config,
        Err(error) => {
            let reason = error.to_string();
            return Denial::ConfigUnreadable { reason }.at(FieldPath::root().key("dockerImageConfig"));
        }
    };
    let (config, claimed) = (config.config.unwrap_or_default(), metadata.config.clone().unwrap_or_default());
    // Metadata that were not filled in yet claim nothing.
    if metadata.config.is_none() {
        return Ok(());
    }
    if config.user != claimed.user {
        let (found, expected) = (claimed.user.as_str().to_owned(), config.user.as_str().to_owned());
        return Denial::ConfigClaimMismatch { what: "user", found, expected }.at(at.key("Config.User"));
    }
    let (labels, claimed) = (config.labels.unwrap_or_default(), claimed.labels.unwrap_or_default());
    for name in labels.keys().chain(claimed.keys()) {
        let (found, expected) = (claimed.get(name), labels.get(name));
        if found != expected {
            let says =
                |value: Option<&Text<'_>>| value.map(|value| value.as_str().to_owned()).unwrap_or_default();
            let at = match found {
                Some(_) => at.key("Config.Labels").member(name.as_str()),
                None => at.key("Config"),
            };
            return Denial::ConfigClaimMismatch {
                what: "label",
                found: says(found),
                expected: says(expected),
            }
            .at(at);
        }
    }
    Ok(())
}
