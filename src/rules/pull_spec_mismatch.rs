//! An image whose pull spec does not carry the digest that is its name.
//!
//! # Why
//!
//! Consumers pull what the pull spec says; everybody else decides by the name. By tag, or with
//! another digest, the two are different images, now or at the next push.
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
//! dockerImageReference: `docker.io/evil/web:latest` does not carry the digest that is the image's name, `sha256:3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25` [pull-spec-mismatch]
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
//! None. A mapping may leave its image's pull spec out: the server then writes the stream's own,
//! with the digest. On an update only a pull spec that changes is judged.
//!
//! # See
//!
//! - [validation.go](https://github.com/openshift/openshift-apiserver/blob/main/pkg/image/apis/image/validation/validation.go): any text that parses will do

use super::{Check, Context, Level, Offence, Rule};
use crate::field::FieldPath;
use crate::introduced::IntroducedImage;
use crate::reference::PullSpec;
use crate::violation::Denial;

/// The rule.
pub const RULE: Rule = Rule {
    code: "pull-spec-mismatch",
    summary: "an image whose pull spec does not carry the digest that is its name",
    level: Level::Deny,
    fixed: false,
    checks: &[Check::Image(check)],
};

fn check(introduced: &IntroducedImage<'_>, _: &Context<'_>) -> Result<(), Offence<FieldPath>> {
    let image = introduced.image;
    let source = image.docker_image_reference.as_str();
    if !introduced.introduces(|image| &image.docker_image_reference)
        || source.is_empty() && introduced.is_embedded()
    {
        return Ok(());
    }
    let at = FieldPath::root().key("dockerImageReference");
    if source.is_empty() {
        return Denial::PullSpecMissing.at(at);
    }
    match PullSpec::parse(source) {
        Ok(spec) if spec.digest() == Some(image.name()) => Ok(()),
        Ok(_) => Denial::PullSpecMismatch { source: source.to_owned(), name: image.name().to_owned() }.at(at),
        // In a mapping `reference-unparsable` says so.
        Err(_) if introduced.is_embedded() => Ok(()),
        Err(error) => Denial::PullSpecUnparsable { source: source.to_owned(), error }.at(at),
    }
}
