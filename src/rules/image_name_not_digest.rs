//! An image whose name is not a manifest digest.
//!
//! # Why
//!
//! Tags, signatures, pods and the pruner find an image by its name and take the name for its digest. The
//! API server does not check on creation that it is one.
//!
//! # Denied
//!
//! ```yaml
//! object:
//!   kind: Image
//!   metadata: {name: just-a-name}
//!   dockerImageReference: quay.io/acme/web@sha256:3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25
//! settings: {rules: {pull-spec-mismatch: off}}
//! ```
//!
//! ```text
//! metadata.name: `just-a-name` is not a digest; an image is named by its manifest's digest, `sha256:…` [image-name-not-digest]
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
//! None. Digests are sha256, sha384 or sha512, in lower case. A name cannot change, so stored images are
//! not checked again.
//!
//! # See
//!
//! - [validation.go](https://github.com/openshift/openshift-apiserver/blob/main/pkg/image/apis/image/validation/validation.go): a name is any path segment

use crate::changes::ChangedImage;
use crate::evaluation::{Check, Context, Offence, Rule};
use crate::json::path::FieldPath;
use crate::oci::digest::Digest;
use crate::quote::quote;

/// The rule.
pub const RULE: Rule = Rule::new(
    "image-name-not-digest",
    "an image whose name is not a manifest digest",
    &[Check::Image(check)],
);

fn check(image: &ChangedImage<'_>, _: &Context<'_>) -> Result<(), Offence<FieldPath>> {
    let name = image.image.name();
    if !image.introduces(|image| image.name()) || Digest::is_canonical(name) {
        return Ok(());
    }
    let part = if image.image.metadata.is_some() { "metadata.name" } else { "metadata" };
    let found =
        if name.is_empty() { "is empty".to_owned() } else { format!("{} is not a digest", quote(name)) };
    let message = format!("{found}; an image is named by its manifest's digest, `sha256:…`");
    Err(Offence::at(FieldPath::root().key(part), message))
}

#[cfg(test)]
#[expect(clippy::string_slice, reason = "a test may fail")]
mod tests {
    use super::RULE;
    use crate::testing::assert_rule;

    const HEX: &str = "3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25";

    fn image(name: &str) -> String {
        format!("object: {{kind: Image, metadata: {{name: '{name}'}}}}")
    }

    #[test]
    fn a_name_that_is_no_digest_is_refused_through_every_door() {
        for name in [
            "just-a-name",
            HEX,
            &format!("sha256:{}", HEX.to_uppercase()),
            &format!("SHA256:{HEX}"),
            &format!("sha256:{HEX}0"),
            &format!("sha256:{}", &HEX[1..]),
            &format!("sha512:{HEX}"),
            &format!("md5:{}", &HEX[..32]),
            &format!("sha256:{HEX} "),
            &format!("sha256:{}g", &HEX[1..]),
            &format!("web@sha256:{HEX}"),
            "sha256:",
        ] {
            let line = format!(
                "metadata.name: `{name}` is not a digest; an image is named by its manifest's digest, `sha256:…`"
            );
            assert_rule(RULE.code, &[(name, &image(name), &[&line])]);
        }
        assert_rule(
            RULE.code,
            &[
                (
                    "mapping",
                    "object: {kind: ImageStreamMapping, tag: v1, image: {metadata: {name: evil}}}",
                    &[
                        "image.metadata.name: `evil` is not a digest; an image is named by its manifest's digest, `sha256:…`",
                    ],
                ),
                (
                    "mapping without a name",
                    "object: {kind: ImageStreamMapping, tag: v1, image: {metadata: {}}}",
                    &[
                        "image.metadata.name: is empty; an image is named by its manifest's digest, `sha256:…`",
                    ],
                ),
                (
                    "mapping without metadata",
                    "object: {kind: ImageStreamMapping, tag: v1, image: {}}",
                    &["image.metadata: is empty; an image is named by its manifest's digest, `sha256:…`"],
                ),
                (
                    "ImageStreamImage",
                    "object: {kind: ImageStreamImage, image: {metadata: {name: evil}}}",
                    &[
                        "image.metadata.name: `evil` is not a digest; an image is named by its manifest's digest, `sha256:…`",
                    ],
                ),
            ],
        );
    }

    #[test]
    fn digests_and_stored_images_pass() {
        for name in
            [format!("sha256:{HEX}"), format!("sha384:{HEX}{}", &HEX[..32]), format!("sha512:{HEX}{HEX}")]
        {
            assert_rule(RULE.code, &[(&name, &image(&name), &[])]);
        }
        assert_rule(
            RULE.code,
            &[
                (
                    "stored: the name cannot change",
                    "old: {kind: Image, metadata: {name: evil}}\nobject: {kind: Image, metadata: {name: evil, labels: {a: b}}}",
                    &[],
                ),
                (
                    "a tag shows an image that it does not bring",
                    "object: {kind: ImageStreamTag, tag: {}, image: {metadata: {name: ''}}}",
                    &[],
                ),
                ("mapping without an image", "object: {kind: ImageStreamMapping, tag: v1}", &[]),
            ],
        );
    }
}
