//! An image whose pull spec does not have the digest that is the image's name.
//!
//! # Why
//!
//! Consumers pull by the pull spec, but everything else goes by the name. With a tag or another digest,
//! the two are different images, now or after the next push.
//!
//! # Denied
//!
//! ```yaml
//! object:
//!   kind: Image
//!   metadata: {name: "sha256:3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25"}
//!   dockerImageReference: docker.io/evil/web:latest
//! ```
//!
//! ```text
//! dockerImageReference: is `docker.io/evil/web:latest`, but must carry the image's digest: `docker.io/evil/web@sha256:3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25` [pull-spec-mismatch]
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
//! None. A mapping may leave the pull spec out: the server then writes the stream's own, with the digest.
//! On an update, only a changed pull spec is checked.
//!
//! # See
//!
//! - [validation.go](https://github.com/openshift/openshift-apiserver/blob/main/pkg/image/apis/image/validation/validation.go): any text that parses will do

use crate::changes::ChangedImage;
use crate::evaluation::{Check, Context, Offence, Rule};
use crate::json::path::FieldPath;
use crate::oci::reference::PullSpec;
use crate::quote::quote;
use crate::rules::reference_unparsable::unparsable;

/// The rule.
pub const RULE: Rule = Rule::new(
    "pull-spec-mismatch",
    "an image whose pull spec does not have the digest in the image's name",
    &[Check::Image(check)],
);

fn check(introduced: &ChangedImage<'_>, _: &Context<'_>) -> Result<(), Offence<FieldPath>> {
    let image = introduced.image;
    let source = image.docker_image_reference.as_str();
    if !introduced.introduces(|image| &image.docker_image_reference) || source.is_empty() && introduced.mapped
    {
        return Ok(());
    }
    let at = FieldPath::root().key("dockerImageReference");
    if source.is_empty() {
        return Err(Offence::at(at, "is missing; set a pull spec with the image's digest"));
    }
    match PullSpec::parse(source) {
        Ok(spec) if spec.digest().is_some_and(|digest| *digest == *image.name()) => Ok(()),
        Ok(_) if image.name().is_empty() => Err(Offence::at(
            at,
            format!("is {}, but the image has no name to compare it with", quote(source)),
        )),
        Ok(spec) => {
            let expected = format!("{}@{}", spec.name(), image.name());
            let message =
                format!("is {}, but must carry the image's digest: {}", quote(source), quote(&expected));
            Err(Offence::at(at, message))
        }
        // For a mapping `reference-unparsable` reports it.
        Err(_) if introduced.mapped => Ok(()),
        Err(error) => Err(Offence::at(at, unparsable(source, error))),
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::testing::assert_rule;

    const D: &str = "sha256:3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25";
    const OTHER: &str = "sha256:75099c721a1beaaeea785e5f6fd5a9e331df7489caffabf80948c56ef3057b81";

    fn image(source: &str) -> String {
        format!("object: {{kind: Image, dockerImageReference: '{source}'}}")
    }

    fn update(old: &str, new: &str) -> String {
        format!("old: {{kind: Image, dockerImageReference: '{old}'}}\n{}", image(new))
    }

    #[test]
    fn a_pull_spec_without_the_image_s_digest_is_refused_through_every_door() {
        for source in [
            "quay.io/acme/web:v1".to_owned(),
            "quay.io/acme/web".to_owned(),
            format!("quay.io/acme/web@{OTHER}"),
            format!("quay.io/acme/web:v1@{OTHER}"),
            format!("quay.io/acme/web:{}", D.replace("sha256:", "")),
        ] {
            let line = format!(
                "dockerImageReference: is `{source}`, but must carry the image's digest: `quay.io/acme/web@{D}`"
            );
            let embedded = format!("image.{line}");
            let good = format!("quay.io/acme/web@{D}");
            let in_mapping = format!(
                "object: {{kind: ImageStreamMapping, tag: v1, image: {{metadata: {{name: '{D}'}}, dockerImageReference: '{source}'}}}}"
            );
            let in_stream = format!(
                "object: {{kind: ImageStreamImage, image: {{metadata: {{name: '{D}'}}, dockerImageReference: '{source}'}}}}"
            );
            assert_rule(
                RULE.code,
                &[
                    (&source, &image(&source), &[&line]),
                    ("changed", &update(&good, &source), &[&line]),
                    ("mapping", &in_mapping, &[&embedded]),
                    ("ImageStreamImage", &in_stream, &[&embedded]),
                ],
            );
        }
        assert_rule(
            RULE.code,
            &[
                (
                    "missing",
                    "object: {kind: Image}",
                    &["dockerImageReference: is missing; set a pull spec with the image's digest"],
                ),
                (
                    "null",
                    "object: {kind: Image, dockerImageReference: null}",
                    &["dockerImageReference: is missing; set a pull spec with the image's digest"],
                ),
                (
                    "taken away",
                    &update("quay.io/a", ""),
                    &["dockerImageReference: is missing; set a pull spec with the image's digest"],
                ),
                (
                    "unreadable",
                    &image("my.app:1"),
                    &[
                        "dockerImageReference: `my.app:1` is read as a registry without a repository; write `docker.io/library/my.app:1`, or put the registry in front",
                    ],
                ),
            ],
        );
    }

    #[test]
    fn a_pull_spec_with_the_digest_or_a_stored_one_passes() {
        let upper = format!("quay.io/acme/web@sha256:{}", D.replace("sha256:", "").to_uppercase());
        assert_rule(
            RULE.code,
            &[
                ("digest", &image(&format!("quay.io/acme/web@{D}")), &[]),
                ("digest and tag", &image(&format!("quay.io/acme/web:v1@{D}")), &[]),
                ("upper case", &image(&upper), &[]),
                ("stored", &update("quay.io/acme/web:v1", "quay.io/acme/web:v1"), &[]),
                ("put right", &update("quay.io/acme/web:v1", &format!("quay.io/acme/web@{D}")), &[]),
                (
                    "a mapping leaves it to the server",
                    "object: {kind: ImageStreamMapping, tag: v1, image: {}}",
                    &[],
                ),
                (
                    "a mapping's is reference-unparsable's",
                    "object: {kind: ImageStreamMapping, tag: v1, image: {dockerImageReference: quay.io}}",
                    &[],
                ),
            ],
        );
    }

    /// No reference is introduced that another rule could find unreadable.
    #[test]
    fn an_unreadable_pull_spec_is_refused_in_an_image_stream_image_too() {
        assert_rule(
            RULE.code,
            &[(
                "ImageStreamImage",
                "object: {kind: ImageStreamImage, image: {dockerImageReference: quay.io}}",
                &[
                    "image.dockerImageReference: `quay.io` is read as a registry without a repository; write `docker.io/library/quay.io`, or put the registry in front",
                ],
            )],
        );
    }
}
