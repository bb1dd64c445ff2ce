//! An image whose manifest does not have the digest that is the image's name.
//!
//! # Why
//!
//! The API server does not compare them on creation. With another manifest under a trusted digest,
//! everything derived from it is wrong: layers, configuration, labels, size.
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
//! dockerImageManifest: digest is `sha256:75099c721a1beaaeea785e5f6fd5a9e331df7489caffabf80948c56ef3057b81`, but the image's name is `sha256:3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25` [manifest-mismatch]
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
//! None. Most stored images have no manifest, and pass unless their media type is changed. The digest is
//! that of the raw text, for schema 1 without its signature block. This rule also refuses a manifest that
//! cannot be read, that is of two kinds at once, or that contradicts `dockerImageManifestMediaType`.
//!
//! # See
//!
//! - [manifest.go](https://github.com/containers/image/blob/main/internal/manifest/manifest.go), the digest
//! - [CVE-2021-41190](https://github.com/opencontainers/image-spec/security/advisories/GHSA-77vh-xpmg-72qh), two kinds at once

use crate::changes::ChangedImage;
use crate::evaluation::{Check, Context, Offence, Rule};
use crate::json::path::FieldPath;
use crate::oci::digest::digest_like;
use crate::oci::manifest::Manifest;
use crate::quote::{quote, quote_or};
use crate::settings::Level;

/// The rule.
pub const RULE: Rule = Rule::new(
    "manifest-mismatch",
    "an image whose manifest does not have the digest in the image's name",
    &[Check::Image(check)],
);

fn check(image: &ChangedImage<'_>, _: &Context<'_>) -> Result<(), Offence<FieldPath>> {
    let text = image.image.docker_image_manifest.as_str();
    let changed =
        image.introduces(|image| (&image.docker_image_manifest, &image.docker_image_manifest_media_type));
    if !changed {
        return Ok(());
    }
    if text.is_empty() {
        return media_type_alone(image);
    }
    let at = FieldPath::root().key("dockerImageManifest");
    let (manifest, signed) = match image.manifest() {
        Ok(parsed) => parsed,
        Err(reason) => return Err(Offence::at(at, format!("is not a manifest: {reason}"))),
    };
    let name = image.image.name();
    let found = digest_like(name, signed);
    if found != name {
        let message =
            format!("digest is {}, but the image's name is {}", quote(&found), quote_or(name, "empty"));
        return Err(Offence::at(at, message));
    }
    let media_type = image.image.docker_image_manifest_media_type.as_str();
    if media_type.is_empty() || manifest.may_be(media_type) {
        return Ok(());
    }
    let found = quote(media_type);
    let message = match manifest.media_type.as_str() {
        "" => format!("is {found}, but the manifest is of another kind"),
        expected => format!("is {found}, but the manifest has {}", quote(expected)),
    };
    Err(Offence::at(FieldPath::root().key("dockerImageManifestMediaType"), message))
}

/// The manifest, against which other rules compare what the request says beside it. What is wrong with one that
/// cannot be read is this rule's to say: `None`.
///
/// # Errors
/// It cannot be read, and this rule does not deny that.
pub fn readable_manifest<'i>(
    image: &'i ChangedImage<'_>,
    context: &Context<'_>,
    at: &FieldPath,
) -> Result<Option<&'i Manifest<'i>>, Offence<FieldPath>> {
    match image.manifest() {
        Ok((manifest, _)) => Ok(Some(manifest)),
        Err(_) if RULE.level_under(context.policy) == Level::Deny => Ok(None),
        Err(_) => {
            Err(Offence::at(at.clone(), "cannot be checked: the manifest in the request cannot be read"))
        }
    }
}

/// Nothing proves a media type without the manifest, but what is stored was there before.
fn media_type_alone(image: &ChangedImage<'_>) -> Result<(), Offence<FieldPath>> {
    let stored = image.old.map_or("", |old| old.docker_image_manifest_media_type.as_str());
    let found = image.image.docker_image_manifest_media_type.as_str();
    if stored.is_empty() || found == stored {
        return Ok(());
    }
    let change = match found {
        "" => format!("loses {}", quote(stored)),
        found => format!("changes from {} to {}", quote(stored), quote(found)),
    };
    let message = format!("{change}, but the request has no manifest to check it against");
    Err(Offence::at(FieldPath::root().key("dockerImageManifestMediaType"), message))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail")]
mod tests {
    use serde_json::{Value, json};

    use super::RULE;
    use crate::oci::digest::digest_like;
    use crate::testing::assert_rule;

    const OCI: &str = r#"{"schemaVersion":2,"config":{"digest":"sha256:00"},"layers":[]}"#;
    const SCHEMA_2: &str = "application/vnd.docker.distribution.manifest.v2+json";
    const INDEX: &str = "application/vnd.oci.image.index.v1+json";

    fn short(old: &Value, object: &Value) -> String {
        // JSON is YAML.
        format!("old: {old}\nobject: {object}")
    }

    fn image(name: &str, manifest: &str, media_type: &str) -> Value {
        json!({
            "kind": "Image",
            "metadata": {"name": name},
            "dockerImageManifest": manifest,
            "dockerImageManifestMediaType": media_type,
        })
    }

    #[test]
    fn a_manifest_under_another_digest_is_refused_through_every_door() {
        let name = digest_like("sha256:", OCI.as_bytes());
        let other = format!("{OCI} ");
        let found = digest_like("sha256:", other.as_bytes());
        let line = format!("dockerImageManifest: digest is `{found}`, but the image's name is `{name}`");
        let embedded = format!("image.{line}");
        let mapping = json!({"kind": "ImageStreamMapping", "tag": "v1", "image": image(&name, &other, "")});
        let in_stream = json!({"kind": "ImageStreamImage", "image": image(&name, &other, "")});
        assert_rule(
            RULE.code,
            &[
                ("created", &short(&Value::Null, &image(&name, &other, "")), &[&line]),
                ("changed", &short(&image(&name, OCI, ""), &image(&name, &other, "")), &[&line]),
                ("given", &short(&image(&name, "", ""), &image(&name, &other, "")), &[&line]),
                ("mapping", &short(&Value::Null, &mapping), &[&embedded]),
                ("ImageStreamImage", &short(&Value::Null, &in_stream), &[&embedded]),
            ],
        );
        for algorithm in ["sha384", "sha512"] {
            let name = digest_like(&format!("{algorithm}:"), OCI.as_bytes());
            let found = digest_like(&name, other.as_bytes());
            let line = format!("dockerImageManifest: digest is `{found}`, but the image's name is `{name}`");
            assert_rule(
                RULE.code,
                &[
                    (algorithm, &short(&Value::Null, &image(&name, OCI, "")), &[]),
                    (algorithm, &short(&Value::Null, &image(&name, &other, "")), &[&line]),
                ],
            );
        }
    }

    #[test]
    fn what_is_no_manifest_or_two_at_once_is_refused() {
        let name = digest_like("sha256:", OCI.as_bytes());
        for (manifest, reason) in [
            (" ", "object: EOF while parsing a value"),
            ("null", "object: expected an object, found null"),
            ("{}", "it has no `config`, `manifests` or `fsLayers`, as its kind of manifest needs"),
            (r#"{"config":{},"manifests":[]}"#, "it has the members of more than one kind of manifest"),
            (r#"{"layers":[],"manifests":[]}"#, "it has the members of more than one kind of manifest"),
            (
                r#"{"schemaVersion":1,"fsLayers":[],"layers":[]}"#,
                "it has the members of more than one kind of manifest",
            ),
            (r#"{"config":{},"config":{}}"#, "object: duplicate key `config`"),
        ] {
            let line = format!("dockerImageManifest: is not a manifest: {reason}");
            let short = short(&Value::Null, &image(&name, manifest, ""));
            let verdict = crate::testing::Short::parse(&short).verdict();
            let found = crate::testing::lines(&verdict);
            let found = found.iter().find(|line| line.contains(RULE.code)).unwrap();
            assert_eq!(found.strip_suffix(" [manifest-mismatch]").unwrap(), line);
        }
    }

    #[test]
    fn where_it_does_not_deny_a_manifest_that_cannot_be_read_proves_nothing() {
        let mut object = image("sha256:00", " ", "");
        object["dockerImageConfig"] = json!("{}");
        object["dockerImageLayers"] = json!([{"name": "sha256:01", "size": 1, "mediaType": ""}]);
        object["dockerImageManifests"] = json!([{"digest": "sha256:02", "mediaType": "", "manifestSize": 1}]);
        for level in ["warn", "off"] {
            let rules = json!({RULE.code: level});
            let short = format!("settings: {{rules: {rules}}}\n{}", short(&Value::Null, &object));
            let verdict = crate::testing::Short::parse(&short).verdict();
            for code in ["config-mismatch", "layers-mismatch", "manifest-list-mismatch"] {
                let line = format!("cannot be checked: the manifest in the request cannot be read [{code}]");
                let lines = crate::testing::lines(&verdict);
                assert!(lines.iter().any(|it| it.ends_with(&line)), "{level}: {code}: {lines:#?}");
            }
        }
    }

    #[test]
    fn a_media_type_beside_the_manifest_must_be_its_own() {
        let name = digest_like("sha256:", OCI.as_bytes());
        let named = format!(r#"{{"mediaType":"{SCHEMA_2}","config":{{}}}}"#);
        let named_name = digest_like("sha256:", named.as_bytes());
        let anonymous =
            format!("dockerImageManifestMediaType: is `{INDEX}`, but the manifest is of another kind");
        let told = format!("dockerImageManifestMediaType: is `{INDEX}`, but the manifest has `{SCHEMA_2}`");
        assert_rule(
            RULE.code,
            &[
                ("a list", &short(&Value::Null, &image(&name, OCI, INDEX)), &[&anonymous]),
                ("another than it says", &short(&Value::Null, &image(&named_name, &named, INDEX)), &[&told]),
                (
                    "changed beside it",
                    &short(&image(&name, OCI, ""), &image(&name, OCI, INDEX)),
                    &[&anonymous],
                ),
                ("its own", &short(&Value::Null, &image(&named_name, &named, SCHEMA_2)), &[]),
                ("not told", &short(&Value::Null, &image(&named_name, &named, "")), &[]),
            ],
        );
    }

    #[test]
    fn a_stored_media_type_stays_without_a_manifest() {
        let name = digest_like("sha256:", OCI.as_bytes());
        let becomes = |found: &str| {
            let change = match found {
                "" => format!("loses `{SCHEMA_2}`"),
                found => format!("changes from `{SCHEMA_2}` to `{found}`"),
            };
            format!(
                "dockerImageManifestMediaType: {change}, but the request has no manifest to check it against"
            )
        };
        let of = |manifest: &str, media_type: &str| image(&name, manifest, media_type);
        assert_rule(
            RULE.code,
            &[
                ("another", &short(&of("", SCHEMA_2), &of("", INDEX)), &[&becomes(INDEX)]),
                ("none", &short(&of("", SCHEMA_2), &of("", "")), &[&becomes("")]),
                ("the manifest goes away", &short(&of(OCI, SCHEMA_2), &of("", INDEX)), &[&becomes(INDEX)]),
                ("there was none", &short(&of("", ""), &of("", INDEX)), &[]),
                ("a new image", &short(&Value::Null, &of("", INDEX)), &[]),
            ],
        );
    }

    #[test]
    fn absent_or_stored_manifests_are_no_offence() {
        let name = digest_like("sha256:", OCI.as_bytes());
        let wrong = image("sha256:00", OCI, INDEX);
        let mut labelled = wrong.clone();
        labelled["metadata"]["labels"] = json!({"a": "b"});
        assert_rule(
            RULE.code,
            &[
                ("good", &short(&Value::Null, &image(&name, OCI, "")), &[]),
                ("absent", &short(&Value::Null, &json!({"kind": "Image"})), &[]),
                ("null", &short(&Value::Null, &json!({"kind": "Image", "dockerImageManifest": null})), &[]),
                ("stored", &short(&wrong, &labelled), &[]),
                ("taken away", &short(&wrong, &image("sha256:00", "", INDEX)), &[]),
            ],
        );
    }
}
