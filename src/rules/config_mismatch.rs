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
//! None. If the request has the configuration, its digest must be the one in the manifest, and all of
//! `dockerImageMetadata` must match it: entrypoint, command, environment, ports, volumes, user, labels,
//! architecture, size and the rest. For schema 1 the newest history entry is the configuration, and a
//! manifest list has none. `dockerImageMetadata.Id` must be the configuration's digest or the image's.
//!
//! Metadata that nothing in the request proves are refused when an image is mapped or created; leave them
//! out, and the API server fills them in. Whoever restores Images from a backup needs an exemption. The
//! integrated registry's own push by digest passes: the API server takes manifest and configuration out of
//! it, and the mutating policy of `deploy/pushed-manifests` sees them before.
//!
//! The configuration of an artifact, such as a chart or a signature, need not be an image configuration.
//!
//! # See
//!
//! - [helpers.go](https://github.com/openshift/openshift-apiserver/blob/main/pkg/image/apiserver/internal/imageutil/helpers.go): the server derives metadata only where they are absent
//! - [config.md](https://github.com/opencontainers/image-spec/blob/main/config.md)

use std::collections::BTreeSet;

use crate::api::docker_image::{DockerConfig, DockerImageMetadata, Member};
use crate::changes::ChangedImage;
use crate::evaluation::{Check, Context, Offence, Rule};
use crate::json::path::FieldPath;
use crate::json::text::Text;
use crate::oci::config::ImageConfig;
use crate::oci::digest::digest_like;
use crate::oci::manifest::{Content, Descriptor};
use crate::quote::{quote, quote_or};
use crate::rules::manifest_mismatch::readable_manifest;

/// The rule.
pub const RULE: Rule = Rule::new(
    "config-mismatch",
    "an image whose configuration does not match its manifest",
    &[Check::Image(check)],
);

/// The version of metadata that is compared, also where it is left out.
const VERSION: &str = "1.0";

fn check(introduced: &ChangedImage<'_>, context: &Context<'_>) -> Result<(), Offence<FieldPath>> {
    check_config(introduced, context)?;
    check_metadata(introduced, context)
}

/// The configuration against the manifest.
fn check_config(introduced: &ChangedImage<'_>, context: &Context<'_>) -> Result<(), Offence<FieldPath>> {
    let image = introduced.image;
    let config = image.docker_image_config.as_str();
    let is_new = introduced.introduces(|image| &image.docker_image_config);
    // A manifest that is taken away says nothing new of a configuration that stays.
    let has_manifest = !image.docker_image_manifest.is_empty();
    let manifest_is_new = has_manifest && introduced.introduces(|image| &image.docker_image_manifest);
    if config.is_empty() || !is_new && !manifest_is_new {
        return Ok(());
    }
    let at = FieldPath::root().key("dockerImageConfig");
    if !has_manifest {
        let message = "cannot be checked: the request has no manifest that names this configuration";
        return Err(Offence::at(at, message));
    }
    let Some(manifest) = readable_manifest(introduced, context, &at)? else { return Ok(()) };
    let Content::Image { config: Descriptor { digest, .. }, .. } = &manifest.content else {
        return Err(Offence::at(at, "is set, but the manifest names no configuration"));
    };
    let found = digest_like(digest.as_str(), config.as_bytes());
    if found != digest.as_str() {
        let expected = quote_or(digest.as_str(), "none");
        return Err(Offence::at(at, format!("digest is {}, but the manifest has {expected}", quote(&found))));
    }
    if manifest.is_artifact(image.docker_image_manifest_media_type.as_str()) {
        return Ok(());
    }
    match ImageConfig::parse(config) {
        Ok(_) => Ok(()),
        Err(reason) => Err(Offence::at(at, format!("is not an image configuration: {reason}"))),
    }
}

/// The metadata against what the server would derive.
fn check_metadata(introduced: &ChangedImage<'_>, context: &Context<'_>) -> Result<(), Offence<FieldPath>> {
    let image = introduced.image;
    let claimed = image.docker_image_metadata.as_ref().filter(|metadata| !metadata.is_unset());
    let Some(claimed) = claimed else { return Ok(()) };
    let at = FieldPath::root().key("dockerImageMetadata");
    let is_new =
        introduced.introduces(|image| (&image.docker_image_metadata, &image.docker_image_metadata_version));
    let proof_is_new =
        introduced.introduces(|image| (&image.docker_image_manifest, &image.docker_image_config));
    if !is_new && (!proof_is_new || image.docker_image_manifest.is_empty()) {
        return Ok(());
    }
    let version = image.docker_image_metadata_version.as_str();
    if is_new && !version.is_empty() && version != VERSION {
        let at = FieldPath::root().key("dockerImageMetadataVersion");
        let message =
            format!("is {}, but metadata can be checked only in version `{VERSION}`", quote(version));
        return Err(Offence::at(at, message));
    }
    if image.docker_image_manifest.is_empty() {
        if context.stores_manifests && introduced.is_proof_taken_out() {
            return Ok(());
        }
        let message = "cannot be checked: the request has no manifest and configuration to compare it with; \
                       add both, or leave it out";
        return Err(Offence::at(at, message));
    }
    let Some(manifest) = readable_manifest(introduced, context, &at)? else { return Ok(()) };
    match &manifest.content {
        Content::List(_) => {
            check_id(claimed, &[image.name()], &at)?;
            // The server notes when it made the Image.
            let expected = DockerImageMetadata { created: claimed.created, ..DockerImageMetadata::default() };
            compare(claimed, &expected, "a manifest list", &at)
        }
        Content::Schema1 { config, .. } => {
            let config = ImageConfig::parse(config.as_str()).map_err(|reason| {
                let message =
                    format!("cannot be checked: the manifest's history has no image configuration: {reason}");
                Offence::at(at.clone(), message)
            })?;
            check_id(claimed, &[image.name(), config.id.as_str()], &at)?;
            // No manifest of schema 1 has the sizes of its layers.
            let expected = DockerImageMetadata { size: claimed.size, ..config.into_metadata() };
            compare(claimed, &expected, "the manifest's history", &at)
        }
        Content::Image { config, layers } => {
            check_id(claimed, &[config.digest.as_str(), image.name()], &at)?;
            let text = image.docker_image_config.as_str();
            if text.is_empty() {
                let names_the_image = DockerImageMetadata { id: claimed.id.clone(), ..Default::default() };
                if !is_new || *claimed == names_the_image {
                    return Ok(());
                }
                let message = "cannot be checked: the request has no configuration to compare it with; add \
                               `dockerImageConfig`, or leave it out";
                return Err(Offence::at(at, message));
            }
            let derived = match ImageConfig::parse(text) {
                Ok(config) => config.into_metadata(),
                // The server derives nothing from what it cannot read; for an image it was refused above.
                Err(_) => DockerImageMetadata::default(),
            };
            let expected = DockerImageMetadata { size: size(text, config, layers), ..derived };
            compare(claimed, &expected, "the configuration", &at)
        }
    }
}

/// Bytes of the configuration and of each distinct layer, as the server adds them up.
fn size(config: &str, descriptor: &Descriptor<'_>, layers: &[Descriptor<'_>]) -> i64 {
    let mut counted = BTreeSet::from([descriptor.digest.as_str()]);
    let layers = layers.iter().filter(|layer| counted.insert(layer.digest.as_str()));
    let sizes = layers.map(|layer| layer.size.unwrap_or_default());
    sizes.fold(i64::try_from(config.len()).unwrap_or(i64::MAX), i64::saturating_add)
}

/// The identifier must be one of `ids`, if it is set.
fn check_id(
    claimed: &DockerImageMetadata<'_>,
    ids: &[&str],
    at: &FieldPath,
) -> Result<(), Offence<FieldPath>> {
    let id = claimed.id.as_str();
    match ids {
        _ if id.is_empty() || ids.contains(&id) => Ok(()),
        [expected, ..] if !expected.is_empty() => {
            let message = format!("is {}, but must be {}", quote(id), quote(expected));
            Err(Offence::at(at.clone().key("Id"), message))
        }
        _ => Err(Offence::at(at.clone().key("Id"), format!("is {}, but the image has no digest", quote(id)))),
    }
}

/// All members against what is derived from `source`.
fn compare(
    claimed: &DockerImageMetadata<'_>,
    expected: &DockerImageMetadata<'_>,
    source: &str,
    at: &FieldPath,
) -> Result<(), Offence<FieldPath>> {
    // The server derives all members anew unless there is a size, so those left out claim nothing.
    let is_whole = claimed.size != 0;
    for ((key, found), (_, expected)) in claimed.members().into_iter().zip(expected.members()) {
        // The server knows no operating system, so it may be left out of all.
        let claims_nothing = found.is_unset() && (!is_whole || key == "Os");
        if found == expected || claims_nothing {
            continue;
        }
        let message = match key {
            "Size" => format!("is {found}, but configuration and layers add up to {expected}"),
            _ => difference(found, expected, source),
        };
        return Err(Offence::at(at.clone().key(key), message));
    }
    for (key, found, expected) in [
        ("Config", &claimed.config, &expected.config),
        ("ContainerConfig", &claimed.container_config, &expected.container_config),
    ] {
        let at = at.clone().key(key);
        if !found.is_unset() {
            compare_config(found, expected, source, &at)?;
        } else if is_whole && !expected.is_unset() {
            // Whether the block is there and empty or not there, its members are not.
            return Err(Offence::at(at, format!("is empty, but {source} has values for it")));
        }
    }
    Ok(())
}

fn compare_config(
    claimed: &DockerConfig<'_>,
    expected: &DockerConfig<'_>,
    source: &str,
    at: &FieldPath,
) -> Result<(), Offence<FieldPath>> {
    for ((key, found), (_, expected)) in claimed.members().into_iter().zip(expected.members()) {
        if found != expected {
            return Err(Offence::at(at.clone().key(key), difference(found, expected, source)));
        }
    }
    for name in expected.labels.keys().chain(claimed.labels.keys()) {
        let (found, expected) = (claimed.labels.get(name), expected.labels.get(name));
        if found != expected {
            let shown = |label: Option<&Text<'_>>, none: &str| {
                label.map_or_else(|| none.to_owned(), |label| quote_or(label.as_str(), "empty"))
            };
            let (found, expected) = (shown(found, "not set"), shown(expected, "none"));
            let message = format!("label {} is {found}, but {source} has {expected}", quote(name.as_str()));
            return Err(Offence::at(at.clone().key("Labels"), message));
        }
    }
    Ok(())
}

fn difference(found: Member<'_>, expected: Member<'_>, source: &str) -> String {
    let found = if found.is_unset() { "not set".to_owned() } else { found.to_string() };
    let expected = if expected.is_unset() { "none".to_owned() } else { expected.to_string() };
    format!("is {found}, but {source} has {expected}")
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail")]
mod tests {
    use serde_json::{Value, json};

    use super::RULE;
    use crate::oci::digest::digest_like;
    use crate::testing::{Short, assert_rule, lines};

    const CONFIG: &str = r#"{"architecture":"amd64","os":"linux","created":"2026-01-02T03:04:05.678Z",
        "author":"acme","config":{"User":"1001","Labels":{"vendor":"acme","tier":"web"},"Env":["A=1","B=2"],
        "Entrypoint":["/app"],"Cmd":null,"ExposedPorts":{"8080/tcp":{}},"Volumes":{"/data":{}},"WorkingDir":"/srv"},
        "container_config":{"Hostname":"h"}}"#;
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

    /// What the server derives.
    fn metadata() -> Value {
        json!({
            "kind": "DockerImage",
            "apiVersion": "image.openshift.io/1.0",
            "Id": digest_like("sha256:", CONFIG.as_bytes()),
            "Created": "2026-01-02T03:04:05Z",
            "ContainerConfig": {"Hostname": "h"},
            "Author": "acme",
            "Config": {
                "User": "1001",
                "ExposedPorts": {"8080/tcp": {}},
                "Env": ["A=1", "B=2"],
                "Volumes": {"/data": {}},
                "WorkingDir": "/srv",
                "Entrypoint": ["/app"],
                "Labels": {"vendor": "acme", "tier": "web"},
            },
            "Architecture": "amd64",
            "Size": CONFIG.len(),
        })
    }

    /// As the integrated registry's request comes to a validating webhook.
    fn pushed(image: &Value) -> String {
        let mut image = image.clone();
        image["metadata"]["annotations"]["image.openshift.io/manifestBlobStored"] = json!("true");
        format!("user: 'system:serviceaccount:openshift-image-registry:registry'\n{}", created(&image))
    }

    fn created(image: &Value) -> String {
        format!("object: {image}")
    }

    /// A runtime in Go would run it as another user than the metadata say.
    #[test]
    fn a_configuration_with_a_second_spelling_is_refused() {
        for (config, misspelt, known) in [
            (r#"{"config":{"User":"1001"},"Config":{"User":"0"}}"#, "Config", "config"),
            (r#"{"config":{"User":"1001","user":"0"}}"#, "user", "User"),
            (r#"{"config":{"User":"1001","Labelſ":{}}}"#, "Labelſ", "Labels"),
            (r#"{"config":{"User":"1001","ENTRYPOINT":["/evil"]}}"#, "ENTRYPOINT", "Entrypoint"),
        ] {
            let metadata = json!({"Config": {"User": "1001"}});
            let line = format!(
                "dockerImageConfig: is not an image configuration: `{misspelt}` differs only in case from `{known}`, and some readers take it for that"
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
                    &[&format!("dockerImageConfig: digest is `{found}`, but the manifest has none")],
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
        let id = format!("dockerImageMetadata.Id: is `sha256:00`, but must be `{digest}`");
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
                    &["dockerImageMetadata.Config.User: is `0`, but the configuration has `1001`"],
                ),
                (
                    "no user",
                    &lie("/Config/User", Value::Null),
                    &["dockerImageMetadata.Config.User: is not set, but the configuration has `1001`"],
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
    fn every_member_is_compared() {
        for (path, value, line) in [
            (
                "/Config/Entrypoint",
                json!(["/evil"]),
                r#"Config.Entrypoint: is `["/evil"]`, but the configuration has `["/app"]`"#,
            ),
            (
                "/Config/Entrypoint",
                json!([]),
                r#"Config.Entrypoint: is not set, but the configuration has `["/app"]`"#,
            ),
            (
                "/Config/Entrypoint",
                Value::Null,
                r#"Config.Entrypoint: is not set, but the configuration has `["/app"]`"#,
            ),
            ("/Config/Cmd", json!(["-x"]), r#"Config.Cmd: is `["-x"]`, but the configuration has none"#),
            (
                "/Config/Env",
                json!(["B=2", "A=1"]),
                r#"Config.Env: is `["B=2", "A=1"]`, but the configuration has `["A=1", "B=2"]`"#,
            ),
            ("/Config/WorkingDir", json!("/"), "Config.WorkingDir: is `/`, but the configuration has `/srv`"),
            (
                "/Config/ExposedPorts",
                json!({"22/tcp": {}}),
                r#"Config.ExposedPorts: is `["22/tcp"]`, but the configuration has `["8080/tcp"]`"#,
            ),
            (
                "/Config/Volumes",
                json!({}),
                r#"Config.Volumes: is not set, but the configuration has `["/data"]`"#,
            ),
            ("/Config/Tty", json!(true), "Config.Tty: is `true`, but the configuration has none"),
            ("/Config/Memory", json!(1), "Config.Memory: is `1`, but the configuration has none"),
            (
                "/Config/OnBuild",
                json!(["RUN x"]),
                r#"Config.OnBuild: is `["RUN x"]`, but the configuration has none"#,
            ),
            (
                "/ContainerConfig/Hostname",
                json!("g"),
                "ContainerConfig.Hostname: is `g`, but the configuration has `h`",
            ),
            (
                "/ContainerConfig/Cmd",
                json!(["x"]),
                r#"ContainerConfig.Cmd: is `["x"]`, but the configuration has none"#,
            ),
            ("/Architecture", json!("arm64"), "Architecture: is `arm64`, but the configuration has `amd64`"),
            ("/Architecture", Value::Null, "Architecture: is not set, but the configuration has `amd64`"),
            ("/Os", json!("windows"), "Os: is `windows`, but the configuration has `linux`"),
            ("/Author", json!("Red Hat"), "Author: is `Red Hat`, but the configuration has `acme`"),
            ("/Parent", json!("sha256:00"), "Parent: is `sha256:00`, but the configuration has none"),
            ("/Comment", json!("x"), "Comment: is `x`, but the configuration has none"),
            ("/Container", json!("x"), "Container: is `x`, but the configuration has none"),
            ("/DockerVersion", json!("x"), "DockerVersion: is `x`, but the configuration has none"),
            (
                "/Created",
                json!("2026-01-02T03:04:06Z"),
                "Created: is `2026-01-02T03:04:06Z`, but the configuration has `2026-01-02T03:04:05Z`",
            ),
            (
                "/Created",
                Value::Null,
                "Created: is not set, but the configuration has `2026-01-02T03:04:05Z`",
            ),
            (
                "/Size",
                json!(1),
                &format!("Size: is `1`, but configuration and layers add up to `{}`", CONFIG.len()),
            ),
            (
                "/Size",
                json!(-1),
                &format!("Size: is `-1`, but configuration and layers add up to `{}`", CONFIG.len()),
            ),
        ] {
            let mut lie = metadata();
            let (parent, key) = path.rsplit_once('/').unwrap();
            lie.pointer_mut(parent).unwrap()[key] = value;
            let lie = image(&manifest(CONFIG), CONFIG, &lie);
            let line = format!("dockerImageMetadata.{line}");
            let embedded = format!("image.{line}");
            let mapping = json!({"kind": "ImageStreamMapping", "tag": "v1", "image": lie});
            assert_rule(
                RULE.code,
                &[
                    (path, &created(&lie), &[&line]),
                    ("mapped", &created(&mapping), &[&embedded]),
                    ("by the registry", &pushed(&lie), &[&line]),
                ],
            );
        }
        for key in ["Config", "ContainerConfig"] {
            for value in [json!({}), Value::Null] {
                let mut less = metadata();
                less[key] = value;
                let less = created(&image(&manifest(CONFIG), CONFIG, &less));
                let line =
                    format!("dockerImageMetadata.{key}: is empty, but the configuration has values for it");
                assert_rule(RULE.code, &[("left out", &less, &[&line])]);
            }
        }
    }

    #[test]
    fn metadata_that_nothing_proves_are_refused() {
        const ALONE: &str = "dockerImageMetadata: cannot be checked: the request has no manifest and configuration to \
                             compare it with; add both, or leave it out";
        const UNCONFIGURED: &str = "dockerImageMetadata: cannot be checked: the request has no configuration to compare \
                                    it with; add `dockerImageConfig`, or leave it out";
        let bare = image("", "", &metadata());
        let unconfigured = image(&manifest(CONFIG), "", &metadata());
        let mapping = |image: &Value| json!({"kind": "ImageStreamMapping", "tag": "v1", "image": image});
        let embedded = |line: &str| format!("image.{line}");
        let whole = image(&manifest(CONFIG), CONFIG, &metadata());
        let mut root = bare.clone();
        root["dockerImageMetadata"]["Config"]["User"] = json!("0");
        assert_rule(
            RULE.code,
            &[
                ("created", &created(&bare), &[ALONE]),
                ("mapped", &created(&mapping(&bare)), &[&embedded(ALONE)]),
                (
                    "mapped by the registry, which has the manifest",
                    &pushed(&mapping(&bare)),
                    &[&embedded(ALONE)],
                ),
                (
                    "created as the registry does, by another",
                    &pushed(&bare).replace(":registry'", ":builder'"),
                    &[ALONE],
                ),
                (
                    "created by the registry, which does not store it",
                    &pushed(&bare).replace("\"true\"", "\"True\""),
                    &[ALONE],
                ),
                ("no configuration", &created(&unconfigured), &[UNCONFIGURED]),
                ("no configuration, by the registry", &pushed(&unconfigured), &[UNCONFIGURED]),
                (
                    "mapped without configuration",
                    &created(&mapping(&unconfigured)),
                    &[&embedded(UNCONFIGURED)],
                ),
                ("changed", &format!("old: {bare}\n{}", created(&root)), &[ALONE]),
                ("changed by the registry", &format!("old: {bare}\n{}", pushed(&root)), &[ALONE]),
                ("changed, and the proof taken away", &format!("old: {whole}\n{}", created(&root)), &[ALONE]),
                ("given", &format!("old: {}\n{}", image("", "", &Value::Null), created(&root)), &[ALONE]),
            ],
        );
        for claim in [json!({"Architecture": "arm64"}), json!({"Config": {"Tty": true}}), json!({"Size": 1})]
        {
            assert_rule(
                RULE.code,
                &[
                    ("a single claim", &created(&image("", "", &claim)), &[ALONE]),
                    (
                        "without configuration",
                        &created(&image(&manifest(CONFIG), "", &claim)),
                        &[UNCONFIGURED],
                    ),
                ],
            );
        }
    }

    #[test]
    fn metadata_of_another_version_are_refused() {
        let mut later = image(&manifest(CONFIG), CONFIG, &metadata());
        later["dockerImageMetadataVersion"] = json!("2.0");
        let line = "dockerImageMetadataVersion: is `2.0`, but metadata can be checked only in version `1.0`";
        assert_rule(RULE.code, &[("later", &created(&later), &[line])]);
        for version in [json!("1.0"), json!(""), Value::Null] {
            later["dockerImageMetadataVersion"] = version;
            assert_rule(RULE.code, &[("this one", &created(&later), &[])]);
        }
    }

    #[test]
    fn a_manifest_list_has_no_metadata() {
        let list = r#"{"schemaVersion":2,"manifests":[]}"#;
        let of = |metadata: Value| {
            let mut image = image(list, "", &metadata);
            image["metadata"] = json!({"name": digest_like("sha256:", list.as_bytes())});
            created(&image)
        };
        let name = digest_like("sha256:", list.as_bytes());
        let filled_in = json!({"Id": name, "Created": "2026-03-05T08:10:00Z", "ContainerConfig": {}, "kind": "DockerImage"});
        let with = |key: &str, value: Value| {
            let mut metadata = filled_in.clone();
            metadata[key] = value;
            of(metadata)
        };
        assert_rule(
            RULE.code,
            &[
                ("as the server fills it in", &of(filled_in.clone()), &[]),
                (
                    "another Id",
                    &with("Id", json!("sha256:00")),
                    &[&format!("dockerImageMetadata.Id: is `sha256:00`, but must be `{name}`")],
                ),
                (
                    "a user",
                    &with("Config", json!({"User": "1001"})),
                    &["dockerImageMetadata.Config.User: is `1001`, but a manifest list has none"],
                ),
                (
                    "an architecture",
                    &with("Architecture", json!("amd64")),
                    &["dockerImageMetadata.Architecture: is `amd64`, but a manifest list has none"],
                ),
                (
                    "a label",
                    &with("Config", json!({"Labels": {"vendor": "Red Hat"}})),
                    &[
                        "dockerImageMetadata.Config.Labels: label `vendor` is `Red Hat`, but a manifest list has none",
                    ],
                ),
            ],
        );
    }

    #[test]
    fn the_metadata_of_schema_1_are_in_its_history() {
        let of = |history: &str, metadata: &Value| {
            let manifest = json!({"schemaVersion": 1, "fsLayers": [{"blobSum": "sha256:aa"}], "history": [{"v1Compatibility": history}]});
            created(&image(&manifest.to_string(), "", metadata))
        };
        let history = r#"{"id":"abc","created":"2015-01-02T03:04:05.6Z","config":{"User":"1001"},"architecture":"amd64","os":"linux","Size":7}"#;
        let filled_in = json!({
            "Id": "abc", "Created": "2015-01-02T03:04:05Z", "Config": {"User": "1001"}, "Architecture": "amd64", "Size": 7,
        });
        let root = json!({"Id": "abc", "Config": {"User": "0"}});
        let found = lines(&Short::parse(&of("nothing", &filled_in)).verdict());
        assert!(
            found.iter().any(|line| line.starts_with(
                "dockerImageMetadata: cannot be checked: the manifest's history has no image configuration: "
            )),
            "{found:?}"
        );
        assert_rule(
            RULE.code,
            &[
                ("as the server fills it in", &of(history, &filled_in), &[]),
                (
                    "root",
                    &of(history, &root),
                    &["dockerImageMetadata.Config.User: is `0`, but the manifest's history has `1001`"],
                ),
                (
                    "an Id",
                    &of("{}", &json!({"Id": "abc"})),
                    &[
                        "dockerImageMetadata.Id: is `abc`, but must be `sha256:3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25`",
                    ],
                ),
            ],
        );
    }

    /// A chart, a signature, a module: nothing runs from it, and its configuration can be any text.
    #[test]
    fn the_configuration_of_an_artifact_need_not_be_one() {
        const OCI: &str = "application/vnd.oci.image.manifest.v1+json";
        const HELM: &str = "application/vnd.cncf.helm.config.v1+json";
        const IMAGE: &str = "application/vnd.oci.image.config.v1+json";
        const DOCKER_IMAGE: &str = "application/vnd.docker.container.image.v1+json";
        const SCHEMA_2: &str = "application/vnd.docker.distribution.manifest.v2+json";
        let of = |stated: &str, config_type: &str, config: &str, metadata: &Value| {
            let digest = digest_like("sha256:", config.as_bytes());
            let manifest = json!({"schemaVersion": 2, "mediaType": stated,
                                  "config": {"digest": digest, "mediaType": config_type}, "layers": []});
            let mut image = image(&manifest.to_string(), config, metadata);
            image["dockerImageManifestMediaType"] = json!(OCI);
            image
        };
        let unset = json!({"kind": "DockerImage", "Id": "", "Created": null, "ContainerConfig": {}});
        for config in [
            "[]",
            "5",
            "null",
            "\"text\"",
            "name: chart",
            r#"{"config":5}"#,
            "{}",
            r#"{"name":"web","version":"1"}"#,
            r#"{"Config":{}}"#,
        ] {
            for stated in [OCI, ""] {
                let artifact = of(stated, HELM, config, &unset);
                assert_rule(RULE.code, &[(config, &created(&artifact), &[])]);
                let mapping = json!({"kind": "ImageStreamMapping", "tag": "v1", "image": artifact});
                assert_rule(RULE.code, &[(config, &created(&mapping), &[])]);
            }
        }
        let derived = json!({"Id": digest_like("sha256:", b"{}"), "Size": 2});
        assert_rule(RULE.code, &[("derived", &created(&of(OCI, HELM, "{}", &derived)), &[])]);
        for (stated, config_type) in
            [(OCI, IMAGE), (OCI, DOCKER_IMAGE), (OCI, ""), (SCHEMA_2, HELM), (SCHEMA_2, DOCKER_IMAGE)]
        {
            for config in ["[]", "name: chart", r#"{"config":5}"#, r#"{"Config":{"User":"0"}}"#] {
                let found =
                    lines(&Short::parse(&created(&of(stated, config_type, config, &unset))).verdict());
                assert!(
                    found
                        .iter()
                        .any(|line| line.starts_with("dockerImageConfig: is not an image configuration: ")),
                    "{stated}, {config_type}, {config}: {found:?}"
                );
            }
        }
        let claims = json!({"Config": {"User": "1001"}});
        for config in ["[]", r#"{"Config":{"User":"1001"}}"#] {
            let line = "dockerImageMetadata.Config.User: is `1001`, but the configuration has none";
            assert_rule(RULE.code, &[(config, &created(&of(OCI, HELM, config, &claims)), &[line])]);
        }
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
                ("metadata alone, of a push by digest", &pushed(&stored), &[]),
                (
                    "metadata that only repeat the manifest",
                    &created(&image(
                        &manifest(CONFIG),
                        "",
                        &json!({"Id": digest_like("sha256:", CONFIG.as_bytes())}),
                    )),
                    &[],
                ),
                (
                    "metadata that leave out what the server fills in, as there is no size",
                    &created(&image(&manifest(CONFIG), CONFIG, &json!({"Architecture": "amd64"}))),
                    &[],
                ),
                ("stored without proof", &format!("old: {stored}\n{}", created(&stored)), &[]),
                ("taken away", &format!("old: {stored}\n{}", created(&image("", "", &Value::Null))), &[]),
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
