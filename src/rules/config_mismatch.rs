//! An image whose configuration does not match its manifest.
//!
//! # Why
//!
//! The configuration holds the user, the command and the labels. OpenShift's execution rules and people
//! rely on them, but the API server stores whatever it is given.
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
//! dockerImageConfig: cannot be checked: the request has no manifest that names this configuration [config-mismatch]
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
//! None. If the request has the configuration, its digest must be the one in the manifest, and the user
//! and labels in `dockerImageMetadata` must match it. If the request has a manifest,
//! `dockerImageMetadata.Id` must be the configuration's digest or the image's.
//!
//! # See
//!
//! - [helpers.go](https://github.com/openshift/openshift-apiserver/blob/main/pkg/image/apiserver/internal/imageutil/helpers.go): the server derives metadata only where they are absent

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::api::image::{DockerImageMetadata, Image};
use crate::changes::ChangedImage;
use crate::evaluation::{Check, Context, Offence, Rule};
use crate::json::case;
use crate::json::path::FieldPath;
use crate::json::text::Text;
use crate::oci::digest::digest_like;
use crate::oci::manifest::Content;
use crate::quote::quote;

/// The rule.
pub const RULE: Rule = Rule::new(
    "config-mismatch",
    "an image whose configuration does not match its manifest",
    &[Check::Image(check)],
);

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

fn check(introduced: &ChangedImage<'_>, _: &Context<'_>) -> Result<(), Offence<FieldPath>> {
    let image = introduced.image;
    let config = image.docker_image_config.as_str();
    let at = FieldPath::root().key("dockerImageConfig");
    let is_new = introduced.introduces(|image| &image.docker_image_config);
    let may_differ =
        introduced.introduces(|image| (&image.docker_image_manifest, &image.docker_image_metadata));
    // A manifest that is taken away says nothing new of a configuration that stays.
    if !is_new && (!may_differ || image.docker_image_manifest.is_empty()) {
        return Ok(());
    }
    // What is wrong with a manifest that cannot be read is `manifest-mismatch`'s to say.
    let manifest = match image.docker_image_manifest.as_str() {
        "" => None,
        _ => match introduced.manifest() {
            Ok((manifest, _)) => Some(&manifest.content),
            Err(_) => return Ok(()),
        },
    };
    let expected = match (&manifest, config) {
        (None, "") => return Ok(()),
        (None, _) => {
            let message = "cannot be checked: the request has no manifest that names this configuration";
            return Err(Offence::at(at, message));
        }
        (Some(Content::Image { config, .. }), _) => config.as_str(),
        (Some(_), "") => image.name(),
        (Some(_), _) => return Err(Offence::at(at, "is set, but the manifest names no configuration")),
    };
    if !config.is_empty() {
        let found = digest_like(expected, config.as_bytes());
        if found != expected {
            let message = format!("digest is {}, but the manifest has {}", quote(&found), quote(expected));
            return Err(Offence::at(at, message));
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
        let message = format!("is {}, but the image's configuration is {}", quote(id), quote(expected));
        return Err(Offence::at(at.key("Id"), message));
    }
    if image.docker_image_config.is_empty() {
        return Ok(());
    }
    let config = crate::api::parse::<Config<'_>>(image.docker_image_config.as_str());
    let spelling =
        case::check(image.docker_image_config.as_str(), &["config", "User", "Labels"], &["config"]);
    let config = match config.map_err(|error| error.to_string()).and_then(|config| spelling.map(|()| config))
    {
        Ok(config) => config,
        Err(reason) => {
            let at = FieldPath::root().key("dockerImageConfig");
            return Err(Offence::at(at, format!("is not an image configuration: {reason}")));
        }
    };
    let (config, claimed) = (config.config.unwrap_or_default(), metadata.config.clone().unwrap_or_default());
    // Metadata that were not filled in yet claim nothing.
    if metadata.config.is_none() {
        return Ok(());
    }
    if config.user != claimed.user {
        let message = difference("user", set(&claimed.user), set(&config.user));
        return Err(Offence::at(at.key("Config.User"), message));
    }
    let (labels, claimed) = (config.labels.unwrap_or_default(), claimed.labels.unwrap_or_default());
    for name in labels.keys().chain(claimed.keys()) {
        let (found, expected) = (claimed.get(name), labels.get(name));
        if found != expected {
            let message = difference(&format!("label {}", quote(name.as_str())), found, expected);
            return Err(Offence::at(at.key("Config.Labels"), message));
        }
    }
    Ok(())
}

/// The text, unless it is empty and so was not set.
fn set<'t, 'a>(text: &'t Text<'a>) -> Option<&'t Text<'a>> {
    (!text.is_empty()).then_some(text)
}

fn difference(what: &str, found: Option<&Text<'_>>, expected: Option<&Text<'_>>) -> String {
    let found = found.map_or("not set".to_owned(), |found| quote(found.as_str()).to_string());
    let expected = expected.map_or("none".to_owned(), |expected| quote(expected.as_str()).to_string());
    format!("{what} is {found}, but the configuration has {expected}")
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail")]
mod tests {
    use serde_json::{Value, json};

    use super::RULE;
    use crate::oci::digest::digest_like;
    use crate::testing::{Short, assert_rule, lines};

    const CONFIG: &str =
        r#"{"architecture":"amd64","config":{"User":"1001","Labels":{"vendor":"acme","tier":"web"}}}"#;
    const NAME: &str = "sha256:3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25";

    fn manifest(config: &str) -> String {
        let digest = digest_like("sha256:", config.as_bytes());
        json!({"schemaVersion": 2, "config": {"digest": digest}, "layers": []}).to_string()
    }

    fn image(manifest: &str, config: &str, metadata: &Value) -> Value {
        json!({
            "kind": "Image",
            "dockerImageManifest": manifest,
            "dockerImageConfig": config,
            "dockerImageMetadata": metadata,
        })
    }

    fn metadata() -> Value {
        json!({"Id": digest_like("sha256:", CONFIG.as_bytes()), "Config": {"User": "1001", "Labels": {"vendor": "acme", "tier": "web"}}})
    }

    fn created(image: &Value) -> String {
        format!("object: {image}")
    }

    /// A runtime in Go would run it as another user than the metadata say.
    #[test]
    fn a_configuration_with_a_second_spelling_is_refused() {
        for (config, misspelt) in [
            (r#"{"config":{"User":"1001"},"Config":{"User":"0"}}"#, "Config"),
            (r#"{"config":{"User":"1001","user":"0"}}"#, "user"),
            (r#"{"config":{"User":"1001","Labelſ":{}}}"#, "Labelſ"),
        ] {
            let metadata = json!({"Config": {"User": "1001"}});
            let line = format!(
                "dockerImageConfig: is not an image configuration: it has the member `{misspelt}`, which some read in another case"
            );
            assert_rule(
                RULE.code,
                &[(misspelt, &created(&image(&manifest(config), config, &metadata)), &[&line])],
            );
        }
    }

    #[test]
    fn a_configuration_that_the_manifest_does_not_name_is_refused() {
        let expected = digest_like("sha256:", CONFIG.as_bytes());
        let found = digest_like("sha256:", b"{}");
        let line = format!("dockerImageConfig: digest is `{found}`, but the manifest has `{expected}`");
        let embedded = format!("image.{line}");
        let good = image(&manifest(CONFIG), CONFIG, &metadata());
        let bad = image(&manifest(CONFIG), "{}", &Value::Null);
        let mapping = json!({"kind": "ImageStreamMapping", "tag": "v1", "image": bad});
        let in_stream = json!({"kind": "ImageStreamImage", "image": bad});
        let list = r#"{"schemaVersion":2,"manifests":[]}"#;
        let schema_1 = r#"{"schemaVersion":1,"fsLayers":[]}"#;
        assert_rule(
            RULE.code,
            &[
                ("created", &created(&bad), &[&line]),
                ("changed", &format!("old: {good}\n{}", created(&bad)), &[&line]),
                ("mapping", &created(&mapping), &[&embedded]),
                ("ImageStreamImage", &created(&in_stream), &[&embedded]),
                (
                    "no manifest",
                    &created(&image("", CONFIG, &Value::Null)),
                    &[
                        "dockerImageConfig: cannot be checked: the request has no manifest that names this configuration",
                    ],
                ),
                (
                    "a list",
                    &created(&image(list, CONFIG, &Value::Null)),
                    &["dockerImageConfig: is set, but the manifest names no configuration"],
                ),
                (
                    "schema 1",
                    &created(&image(schema_1, CONFIG, &Value::Null)),
                    &["dockerImageConfig: is set, but the manifest names no configuration"],
                ),
                (
                    "a manifest that names none",
                    &created(&image(r#"{"schemaVersion":2,"config":{},"layers":[]}"#, "{}", &Value::Null)),
                    &[&format!("dockerImageConfig: digest is `{found}`, but the manifest has ``")],
                ),
            ],
        );
    }

    #[test]
    fn metadata_that_say_something_else_are_refused() {
        let digest = digest_like("sha256:", CONFIG.as_bytes());
        let lie = |path: &str, value: Value| {
            let mut metadata = metadata();
            *metadata.pointer_mut(path).unwrap() = value;
            created(&image(&manifest(CONFIG), CONFIG, &metadata))
        };
        let id =
            format!("dockerImageMetadata.Id: is `sha256:00`, but the image's configuration is `{digest}`");
        let without_config = {
            let mut metadata = metadata();
            metadata["Id"] = json!("sha256:00");
            created(&image(&manifest(CONFIG), "", &metadata))
        };
        assert_rule(
            RULE.code,
            &[
                ("another Id", &lie("/Id", json!("sha256:00")), &[&id]),
                ("another Id, where the configuration is gone", &without_config, &[&id]),
                (
                    "root instead of a user",
                    &lie("/Config/User", json!("0")),
                    &["dockerImageMetadata.Config.User: user is `0`, but the configuration has `1001`"],
                ),
                (
                    "no user",
                    &lie("/Config/User", Value::Null),
                    &["dockerImageMetadata.Config.User: user is not set, but the configuration has `1001`"],
                ),
                (
                    "another label",
                    &lie("/Config/Labels/vendor", json!("Red Hat")),
                    &[
                        "dockerImageMetadata.Config.Labels: label `vendor` is `Red Hat`, but the configuration has `acme`",
                    ],
                ),
                (
                    "a label more",
                    &lie("/Config/Labels", json!({"vendor": "acme", "tier": "web", "a.b/c": "x"})),
                    &[
                        "dockerImageMetadata.Config.Labels: label `a.b/c` is `x`, but the configuration has none",
                    ],
                ),
                (
                    "a label less",
                    &lie("/Config/Labels", json!({"vendor": "acme"})),
                    &[
                        "dockerImageMetadata.Config.Labels: label `tier` is not set, but the configuration has `web`",
                    ],
                ),
                (
                    "no labels",
                    &lie("/Config/Labels", Value::Null),
                    &[
                        "dockerImageMetadata.Config.Labels: label `tier` is not set, but the configuration has `web`",
                    ],
                ),
            ],
        );
    }

    #[test]
    fn what_agrees_is_absent_or_was_there_passes() {
        let good = image(&manifest(CONFIG), CONFIG, &metadata());
        let bad = image(&manifest(CONFIG), "{}", &metadata());
        let stored = image("", "", &metadata());
        let mut by_name = metadata();
        by_name["Id"] = json!(NAME);
        let mut upper = metadata();
        upper["Id"] = json!("");
        assert_rule(
            RULE.code,
            &[
                ("agrees", &created(&good), &[]),
                ("no metadata", &created(&image(&manifest(CONFIG), CONFIG, &Value::Null)), &[]),
                (
                    "metadata that were not filled in",
                    &created(&image(&manifest(CONFIG), CONFIG, &json!({"Id": "", "ContainerConfig": {}}))),
                    &[],
                ),
                (
                    "the image's name for an Id, as an import writes",
                    &created(&image(&manifest(CONFIG), CONFIG, &by_name)),
                    &[],
                ),
                ("no Id", &created(&image(&manifest(CONFIG), CONFIG, &upper)), &[]),
                ("metadata alone", &created(&stored), &[]),
                ("manifest alone", &created(&image(&manifest(CONFIG), "", &metadata())), &[]),
                ("stored", &format!("old: {bad}\n{}", created(&bad)), &[]),
                ("both taken away", &format!("old: {bad}\n{}", created(&stored)), &[]),
                (
                    "the configuration taken away",
                    &format!("old: {good}\n{}", created(&image(&manifest(CONFIG), "", &metadata()))),
                    &[],
                ),
                (
                    "a manifest that cannot be read is another rule's",
                    &created(&image("{}", CONFIG, &metadata())),
                    &[],
                ),
            ],
        );
    }

    #[test]
    fn a_manifest_that_is_taken_away_introduces_no_configuration() {
        let good = image(&manifest(CONFIG), CONFIG, &metadata());
        let left = image("", CONFIG, &metadata());
        assert_rule(RULE.code, &[("left behind", &format!("old: {good}\n{}", created(&left)), &[])]);
    }

    #[test]
    fn a_configuration_that_cannot_be_read_is_refused() {
        for config in ["[]", r#"{"config":5}"#, r#"{"config":{"Labels":{"a":5}}}"#, "nothing"] {
            let short = created(&image(&manifest(config), config, &metadata()));
            // Without a digest of its own, whose mismatch would be told first.
            let short = short.replace(&digest_like("sha256:", CONFIG.as_bytes()), "");
            let found = lines(&Short::parse(&short).verdict());
            let found = found.iter().find(|line| line.contains(RULE.code)).unwrap();
            assert!(found.starts_with("dockerImageConfig: is not an image configuration: "), "{found}");
        }
    }
}
