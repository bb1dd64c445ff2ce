//! An image whose media type the settings do not allow.
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
//! dockerImageManifestMediaType: `application/vnd.docker.distribution.manifest.v1+json` is not allowed; allowed: `application/vnd.oci.image.manifest.v1+json` (`images.mediaTypes`) [media-type-not-allowed]
//! ```
//!
//! # Allowed
//!
//! ```yaml
//! settings: {images: {mediaTypes: [application/vnd.oci.image.manifest.v1+json]}}
//! object:
//!   kind: Image
//!   metadata: {name: "sha256:f20c43161d73848408ef247f0ec7111b19fe58ffebc0cbcaa0d2c8bda4967268"}
//!   dockerImageReference: quay.io/acme/web@sha256:f20c43161d73848408ef247f0ec7111b19fe58ffebc0cbcaa0d2c8bda4967268
//!   dockerImageManifestMediaType: application/vnd.oci.image.manifest.v1+json
//!   dockerImageManifest: '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2},"layers":[]}'
//! ```
//!
//! # Settings
//!
//! `images.mediaTypes`; without it every media type is allowed. The media type in the manifest takes
//! precedence over `dockerImageManifestMediaType`, and an image with neither is refused. The entries of a
//! list are checked as well.
//!
//! A media type that no manifest in the request proves is not believed. Only the integrated registry's is,
//! for an image that was pushed by digest: the API server takes the manifest out of that request. Images that
//! are imported reach no webhook.
//!
//! # See
//!
//! - [media types](https://github.com/opencontainers/image-spec/blob/main/media-types.md)

use crate::changes::ChangedImage;
use crate::evaluation::{Check, Context, Offence, Rule};
use crate::json::path::FieldPath;
use crate::oci::manifest::{Content, Manifest};
use crate::quote::{allowed, quote};

/// The rule.
pub const RULE: Rule = Rule::new(
    "media-type-not-allowed",
    "an image whose media type `images.mediaTypes` does not list",
    &[Check::Image(check)],
);

fn check(introduced: &ChangedImage<'_>, context: &Context<'_>) -> Result<(), Offence<FieldPath>> {
    let Some(listed) = &context.policy.media_types else { return Ok(()) };
    let image = introduced.image;
    let is_allowed = |media_type: &str| listed.iter().any(|listed| listed == media_type);
    let refuse = |at: FieldPath, media_type: &str| {
        let allowed = allowed(listed, "images.mediaTypes");
        let message = match media_type {
            "" => format!("is missing; {allowed}"),
            media_type => format!("{} is not allowed; {allowed}", quote(media_type)),
        };
        Err(Offence::at(at, message))
    };
    let manifest_is_new = introduced.introduces(|image| &image.docker_image_manifest)
        && !image.docker_image_manifest.is_empty();
    let is_new = introduced.old.is_none()
        || introduced.introduces(|image| &image.docker_image_manifest_media_type)
        || manifest_is_new;
    if is_new {
        let at = FieldPath::root().key("dockerImageManifestMediaType");
        let beside = image.docker_image_manifest_media_type.as_str();
        let manifest = introduced.manifest().ok().map(|(manifest, _)| manifest);
        let media_type = match manifest {
            Some(manifest) if !manifest.media_type.is_empty() => manifest.media_type.as_str(),
            _ => beside,
        };
        if media_type.is_empty() || !is_allowed(media_type) {
            return refuse(at, media_type);
        }
        let is_proven = manifest.is_some_and(|manifest| manifest.may_be(media_type));
        let is_taken_out = context.stores_manifests && introduced.is_proof_taken_out();
        if !is_proven && !is_taken_out && !introduced.is_shown() {
            let message = format!(
                "is {}, but no manifest in the request proves it; add `dockerImageManifest`",
                quote(media_type)
            );
            return Err(Offence::at(at, message));
        }
        if let Some(Manifest { content: Content::List(children), .. }) = manifest
            && let Some(child) = children.iter().find(|child| !is_allowed(child.media_type.as_str()))
        {
            return refuse(FieldPath::root().key("dockerImageManifest"), child.media_type.as_str());
        }
    }
    if introduced.introduces(|image| &image.docker_image_manifests) {
        for (index, entry) in image.docker_image_manifests.iter().flatten().enumerate() {
            if !is_allowed(entry.media_type.as_str()) {
                let at = FieldPath::root().key("dockerImageManifests").index(index).key("mediaType");
                return refuse(at, entry.media_type.as_str());
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::testing::assert_rule;

    const SCHEMA_1: &str = "application/vnd.docker.distribution.manifest.v1+json";
    const OCI: &str = "application/vnd.oci.image.manifest.v1+json";
    const INDEX: &str = "application/vnd.oci.image.index.v1+json";
    const SILENT: &str = r#"{"schemaVersion":2,"config":{},"layers":[]}"#;

    fn under_oci(short: &str) -> String {
        format!("settings: {{images: {{mediaTypes: [{OCI}]}}}}\n{short}")
    }

    #[test]
    fn a_media_type_that_is_not_listed_is_refused_through_every_door() {
        let refused = format!(
            "dockerImageManifestMediaType: `{SCHEMA_1}` is not allowed; allowed: `application/vnd.oci.image.manifest.v1+json` (`images.mediaTypes`)"
        );
        let embedded = format!("image.{refused}");
        let entry = format!(
            "dockerImageManifests[1].mediaType: `{SCHEMA_1}` is not allowed; allowed: `application/vnd.oci.image.manifest.v1+json` (`images.mediaTypes`)"
        );
        let by_itself = format!(
            "dockerImageManifestMediaType: `{INDEX}` is not allowed; allowed: `application/vnd.oci.image.manifest.v1+json` (`images.mediaTypes`)"
        );
        let missing = "dockerImageManifestMediaType: is missing; allowed: `application/vnd.oci.image.manifest.v1+json` (`images.mediaTypes`)";
        let table: &[(&str, String, &[&str])] = &[
            (
                "Image",
                format!("object: {{kind: Image, dockerImageManifestMediaType: {SCHEMA_1}}}"),
                &[&refused],
            ),
            (
                "mapping",
                format!(
                    "object: {{kind: ImageStreamMapping, tag: v1, image: {{dockerImageManifestMediaType: {SCHEMA_1}}}}}"
                ),
                &[&embedded],
            ),
            (
                "ImageStreamImage",
                format!(
                    "object: {{kind: ImageStreamImage, image: {{dockerImageManifestMediaType: {SCHEMA_1}}}}}"
                ),
                &[&embedded],
            ),
            (
                "changed",
                format!(
                    "old: {{kind: Image, dockerImageManifestMediaType: {OCI}}}\n\
                     object: {{kind: Image, dockerImageManifestMediaType: {SCHEMA_1}}}"
                ),
                &[&refused],
            ),
            ("not told", "object: {kind: Image}".to_owned(), &[missing]),
            ("null", "object: {kind: Image, dockerImageManifestMediaType: null}".to_owned(), &[missing]),
            (
                "another case",
                "object: {kind: Image, dockerImageManifestMediaType: APPLICATION/x}".to_owned(),
                &[
                    "dockerImageManifestMediaType: `APPLICATION/x` is not allowed; allowed: `application/vnd.oci.image.manifest.v1+json` (`images.mediaTypes`)",
                ],
            ),
            (
                "with a parameter",
                format!("object: {{kind: Image, dockerImageManifestMediaType: '{OCI}; a=b'}}"),
                &[
                    "dockerImageManifestMediaType: `application/vnd.oci.image.manifest.v1+json; a=b` is not allowed; allowed: `application/vnd.oci.image.manifest.v1+json` (`images.mediaTypes`)",
                ],
            ),
            (
                "what the manifest says of itself counts before what stands beside it",
                format!(
                    "object: {{kind: Image, dockerImageManifestMediaType: {OCI}, dockerImageManifest: \
                     '{{\"schemaVersion\":2,\"mediaType\":\"{INDEX}\",\"manifests\":[]}}'}}"
                ),
                &[&by_itself],
            ),
            (
                "a manifest that says nothing of itself is what stands beside it",
                format!(
                    "object: {{kind: Image, dockerImageManifestMediaType: {INDEX}, dockerImageManifest: '{SILENT}'}}"
                ),
                &[&by_itself],
            ),
            (
                "an entry of a list",
                format!(
                    "object: {{kind: Image, dockerImageManifestMediaType: {OCI}, dockerImageManifest: '{SILENT}', \
                     dockerImageManifests: [{{mediaType: {OCI}}}, {{mediaType: {SCHEMA_1}}}]}}"
                ),
                &[&entry],
            ),
            (
                "an entry that changes",
                format!(
                    "old: {{kind: Image, dockerImageManifestMediaType: {SCHEMA_1}, dockerImageManifests: [{{mediaType: {OCI}}}]}}\n\
                     object: {{kind: Image, dockerImageManifestMediaType: {SCHEMA_1}, dockerImageManifests: \
                     [{{mediaType: {OCI}}}, {{mediaType: {SCHEMA_1}}}]}}"
                ),
                &[&entry],
            ),
        ];
        for (name, short, expected) in table {
            assert_rule(RULE.code, &[(name, &under_oci(short), expected)]);
        }
    }

    /// Whoever writes an image says what they like of it.
    #[test]
    fn what_no_manifest_proves_is_refused() {
        let line = format!(
            "dockerImageManifestMediaType: is `{OCI}`, but no manifest in the request proves it; add `dockerImageManifest`"
        );
        let embedded = format!("image.{line}");
        let image = format!("dockerImageManifestMediaType: {OCI}");
        let taken_out =
            format!("{image}, metadata: {{annotations: {{image.openshift.io/manifestBlobStored: 'true'}}}}");
        let registry = "user: 'system:serviceaccount:openshift-image-registry:registry'\n";
        for (name, short, expected) in [
            ("Image", format!("object: {{kind: Image, {image}}}"), Some(&line)),
            (
                "mapping",
                format!("object: {{kind: ImageStreamMapping, tag: v1, image: {{{image}}}}}"),
                Some(&embedded),
            ),
            ("stated anew", format!("old: {{kind: Image}}\nobject: {{kind: Image, {image}}}"), Some(&line)),
            (
                "unreadable",
                format!("object: {{kind: Image, {image}, dockerImageManifest: '{{}}'}}"),
                Some(&line),
            ),
            (
                "of another shape",
                format!(
                    "object: {{kind: Image, {image}, dockerImageManifest: '{{\"schemaVersion\":2,\"manifests\":[]}}'}}"
                ),
                Some(&line),
            ),
            ("called stored", format!("object: {{kind: Image, {taken_out}}}"), Some(&line)),
            ("stored by the registry", format!("{registry}object: {{kind: Image, {taken_out}}}"), None),
            (
                "of the registry, not stored",
                format!("{registry}object: {{kind: Image, {image}}}"),
                Some(&line),
            ),
            (
                "mapped by the registry",
                format!("{registry}object: {{kind: ImageStreamMapping, tag: v1, image: {{{taken_out}}}}}"),
                Some(&embedded),
            ),
            ("shown", format!("object: {{kind: ImageStreamImage, image: {{{image}}}}}"), None),
        ] {
            let expected: Vec<&str> = expected.map(String::as_str).into_iter().collect();
            assert_rule(RULE.code, &[(name, &under_oci(&short), &expected)]);
        }
    }

    #[test]
    fn a_child_of_a_list_is_of_an_allowed_media_type_where_only_the_manifest_tells() {
        let child = |media_type: &str| {
            format!(
                "settings: {{images: {{mediaTypes: [{INDEX}, {OCI}]}}}}\n\
                 object: {{kind: Image, dockerImageManifest: '{{\"schemaVersion\":2,\"mediaType\":\"{INDEX}\",\"manifests\":[{{\"mediaType\":\"{media_type}\"}}]}}'}}"
            )
        };
        let line = format!(
            "dockerImageManifest: `{SCHEMA_1}` is not allowed; allowed: `{INDEX}`, `{OCI}` (`images.mediaTypes`)"
        );
        assert_rule(RULE.code, &[("listed", &child(OCI), &[]), ("another", &child(SCHEMA_1), &[&line])]);
    }

    #[test]
    fn what_is_listed_or_was_there_passes() {
        let stated =
            SILENT.replace("\"schemaVersion\":2", &format!("\"schemaVersion\":2,\"mediaType\":\"{OCI}\""));
        let listed = format!("object: {{kind: Image, dockerImageManifest: '{stated}'}}");
        let silent = format!(
            "object: {{kind: Image, dockerImageManifestMediaType: {OCI}, dockerImageManifest: '{SILENT}'}}"
        );
        let stored = format!(
            "old: {{kind: Image, dockerImageManifestMediaType: {SCHEMA_1}}}\n\
             object: {{kind: Image, dockerImageManifestMediaType: {SCHEMA_1}, signatures: []}}"
        );
        for (name, short) in [
            ("listed", listed.as_str()),
            ("listed beside a manifest that says nothing of itself", &silent),
            ("stored", &stored),
            (
                "a tag shows an image that it does not bring",
                "object: {kind: ImageStreamTag, tag: {}, image: {}}",
            ),
            ("mapping without an image", "object: {kind: ImageStreamMapping, tag: v1}"),
        ] {
            assert_rule(RULE.code, &[(name, &under_oci(short), &[])]);
        }
        assert_rule(
            RULE.code,
            &[("without the setting", "object: {kind: Image, dockerImageManifestMediaType: x}", &[])],
        );
    }

    /// The server itself empties the manifest of a stored image where its blob is in the registry.
    #[test]
    fn a_manifest_that_is_taken_away_introduces_nothing() {
        let short = format!(
            "old: {{kind: Image, dockerImageManifestMediaType: {SCHEMA_1}, dockerImageManifest: '{{}}'}}\n\
             object: {{kind: Image, dockerImageManifestMediaType: {SCHEMA_1}}}"
        );
        assert_rule(RULE.code, &[("blanked", &under_oci(&short), &[])]);
    }
}
