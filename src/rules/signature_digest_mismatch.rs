//! A valid signature of a signer, but for another image.
//!
//! # Why
//!
//! An attacker can easily copy a genuine signature from one image to another. It is only valid for the
//! digest in it.
//!
//! # Denied
//!
//! ```yaml
//! settings: {signers: [{name: acme, openpgp: <generated/keys/ed.asc>}]}
//! object:
//!   kind: ImageSignature
//!   metadata: {name: "sha256:3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25@one"}
//!   type: atomic
//!   content: <generated/sigs/json-ok.sig>
//! ```
//!
//! ```text
//! content: made by `acme` for `sha256:0205374946b5e089dfd3017e2743df600adad17678a5c975f7074dc4ab4393d1`, but the image is `sha256:3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25` [signature-digest-mismatch]
//! ```
//!
//! # Allowed
//!
//! ```yaml
//! settings: {signers: [{name: acme, openpgp: <generated/keys/ed.asc>}]}
//! object:
//!   kind: ImageSignature
//!   metadata: {name: "sha256:0205374946b5e089dfd3017e2743df600adad17678a5c975f7074dc4ab4393d1@one"}
//!   type: atomic
//!   content: <generated/sigs/json-ok.sig>
//! ```
//!
//! # Settings
//!
//! None. The image is the one that holds the signature, or, for an ImageSignature on its own, the one
//! before the `@` of its name. The digests are compared as text: a signature that names the same
//! manifest by sha512 is for another digest. For the platform's signature importer it warns.
//!
//! # See
//!
//! - [containers-signature(5)](https://github.com/containers/image/blob/main/docs/containers-signature.5.md)

use crate::evaluation::{Check, Context, Offence, Rule};
use crate::json::path::FieldPath;
use crate::quote::quote;
use crate::settings::reader::list;
use crate::trust::attached::ExaminedSignature;

/// The rule.
pub const RULE: Rule =
    Rule::new("signature-digest-mismatch", "a valid signature for another image", &[Check::Signature(check)]);

fn check(signature: &ExaminedSignature<'_>, _: &Context<'_>) -> Result<(), Offence<FieldPath>> {
    let Ok(verified) = &signature.outcome else { return Ok(()) };
    let image = signature.introduced.image;
    if !signature.introduced.attached || Some(verified.payload().digest.as_str()) == image {
        return Ok(());
    }
    let message = format!(
        "made by {} for {}, but the image is {}",
        list(verified.signers()),
        quote(&verified.payload().digest),
        image.map_or_else(|| "not named".to_owned(), |image| quote(image).to_string())
    );
    Err(Offence::at(FieldPath::root().key("content"), message))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::testing::assert_rule;
    use crate::testing::signed::{ACME, D, assert_softened, doors, named, object, signature, update};

    const OTHER: &str = "sha256:3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25";

    /// A genuine signature below an image that it is not for.
    fn moved(text: &str) -> String {
        text.replace(D, OTHER)
    }

    fn line(at: &str) -> String {
        named(&format!("{at}content: made by `acme` for `{D}`, but the image is `{OTHER}`"))
            .replace("`sha256:0205374946b5…@", "`sha256:3c87c5728229…@")
    }

    #[test]
    fn a_signature_of_another_image_is_refused_through_every_door() {
        for (door, short, at) in doors(ACME, &signature("json-ok", "")) {
            assert_rule(RULE.code, &[(door, &short, &[]), (door, &moved(&short), &[&line(at)])]);
        }
        // A stranger's is not said to be for anything.
        for (door, short, _) in doors(ACME, &signature("pgp-rsa-sha256", "")) {
            assert_rule(RULE.code, &[(door, &moved(&short), &[])]);
        }
    }

    #[test]
    fn its_own_name_does_not_make_it_this_image_s() {
        let stays = format!("settings: {ACME}\nobject: {}", object(&signature("json-ok", "")));
        let foreign = stays.replace(&format!("name: '{D}'}}"), &format!("name: '{OTHER}'}}"));
        assert_rule(
            RULE.code,
            &[(
                "the old name",
                &foreign,
                &[&line("signatures[0].").replace("3c87c5728229…@", "0205374946b5…@")],
            )],
        );
    }

    #[test]
    fn what_is_stored_already_is_not_judged_again() {
        let kept = moved(&update(ACME, &signature("json-ok", ""), &signature("json-ok", "")));
        let called =
            moved(&update(ACME, &signature("json-ok", ""), &signature("json-ok", ", imageIdentity: x")));
        assert_rule(RULE.code, &[("unchanged", &kept, &[]), ("described anew", &called, &[])]);
    }

    #[test]
    fn the_importer_attaches_what_the_vendor_publishes() {
        assert_softened(
            RULE.code,
            &moved(&update(ACME, "", &signature("json-ok", ""))),
            &line("signatures[0]."),
        );
    }
}
