//! A signature of the wrong type, or whose content is not a simple-signing message.
//!
//! # Why
//!
//! The API server stores any bytes under any type. A signature that no verifier can read proves nothing,
//! but fills the list and looks like evidence.
//!
//! # Denied
//!
//! ```yaml
//! object:
//!   kind: Image
//!   metadata: {name: "sha256:0205374946b5e089dfd3017e2743df600adad17678a5c975f7074dc4ab4393d1"}
//!   dockerImageReference: registry.test/ns/app@sha256:0205374946b5e089dfd3017e2743df600adad17678a5c975f7074dc4ab4393d1
//!   signatures:
//!     - metadata: {name: "sha256:0205374946b5e089dfd3017e2743df600adad17678a5c975f7074dc4ab4393d1@one"}
//!       type: atomic
//!       content: <generated/manifest.json>
//! ```
//!
//! ```text
//! signatures[0].content (signature `sha256:0205374946b5…@one`): the signature is not one OpenPGP signed message: its first byte 0x7b does not begin an OpenPGP signed message [signature-malformed]
//! ```
//!
//! # Allowed
//!
//! ```yaml
//! settings: {signers: [{name: acme, openpgp: <generated/keys/ed.asc>}]}
//! object:
//!   kind: Image
//!   metadata: {name: "sha256:0205374946b5e089dfd3017e2743df600adad17678a5c975f7074dc4ab4393d1"}
//!   dockerImageReference: registry.test/ns/app@sha256:0205374946b5e089dfd3017e2743df600adad17678a5c975f7074dc4ab4393d1
//!   signatures:
//!     - metadata: {name: "sha256:0205374946b5e089dfd3017e2743df600adad17678a5c975f7074dc4ab4393d1@one"}
//!       type: atomic
//!       content: <generated/sigs/json-ok.sig>
//! ```
//!
//! # Settings
//!
//! None. The types are `AtomicImageV1` and `atomic`. The content is exactly one OpenPGP signed message,
//! not armoured, not cleartext, not detached; and what it signs, once a signer's key has verified it,
//! must be the document that containers-signature(5) describes. Its name is `<image>@<signature>` with
//! the name of the image that holds it. `limits` bound the sizes. For the platform's signature importer
//! it warns.
//!
//! # See
//!
//! - [containers-signature(5)](https://github.com/containers/image/blob/main/docs/containers-signature.5.md)

use crate::evaluation::{Check, Context, Offence, Rule};
use crate::json::path::FieldPath;
use crate::quote::quote;
use crate::signature::stored::VerificationError as Unproven;
use crate::trust::attached::ExaminedSignature;

/// The rule.
pub const RULE: Rule = Rule::new(
    "signature-malformed",
    "a signature of a wrong type, or whose content is not a simple-signing message",
    &[Check::Signature(check)],
);

fn check(signature: &ExaminedSignature<'_>, _: &Context<'_>) -> Result<(), Offence<FieldPath>> {
    let introduced = signature.introduced;
    if !introduced.attached {
        return Ok(());
    }
    let content = FieldPath::root().key("content");
    match &signature.outcome {
        Err(Unproven::Type) => {
            let found = quote(introduced.signature.type_.as_str());
            let message = format!("is {found}; a signature's type is `AtomicImageV1` or `atomic`");
            return Err(Offence::at(FieldPath::root().key("type"), message));
        }
        Err(Unproven::Base64) => return Err(Offence::at(content, "is not base64")),
        Err(Unproven::Rejected(rejection)) if rejection.reason.is_malformed() => {
            return Err(Offence::at(content, rejection.to_string()));
        }
        _ => {}
    }
    match introduced.split_name() {
        Some((image, _)) if Some(image) == introduced.image => Ok(()),
        _ => {
            let (name, image) = (introduced.signature.name(), introduced.image);
            let part = if introduced.signature.metadata.is_some() { "metadata.name" } else { "metadata" };
            let message = match image {
                None => format!("{} is not of the form `IMAGE@NAME`", quote(name)),
                Some(image) => {
                    format!("{} is not of the form `IMAGE@NAME` with the image {}", quote(name), quote(image))
                }
            };
            Err(Offence::at(FieldPath::root().key(part), message))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::testing::Short;
    use crate::testing::assert_rule;
    use crate::testing::signed::{ACME, D, assert_softened, doors, named, object, signature, update};

    const NOT_ONE: &str = "content: the signature is not one OpenPGP signed message: its first byte 0x7b does not begin an OpenPGP signed message";

    fn of(text: &str, content: &str) -> String {
        text.replace("<generated/sigs/json-ok.sig>", content)
    }

    #[test]
    fn what_is_no_signature_is_refused_through_every_door() {
        for settings in ["{}", ACME] {
            for (door, short, at) in doors(settings, &signature("json-ok", "")) {
                assert_rule(
                    RULE.code,
                    &[
                        (door, &short, &[]),
                        (
                            door,
                            &of(&short, "<generated/manifest.json>"),
                            &[&named(&format!("{at}{NOT_ONE}"))],
                        ),
                        (
                            door,
                            &of(&short, "'not base64'"),
                            &[&named(&format!("{at}content: is not base64"))],
                        ),
                        (door, &short.replace("type: atomic", "type: AtomicImageV1"), &[]),
                    ],
                );
                for kind in ["cosign", "ATOMIC", "atomic ", "AtomicImageV2", "''"] {
                    let short = short.replace(
                        "type: atomic",
                        &format!("type: {}", if kind.ends_with(' ') { "'atomic '" } else { kind }),
                    );
                    let found = Short::parse(&short).verdict();
                    let line = crate::testing::lines(&found)
                        .into_iter()
                        .find(|line| line.ends_with("[signature-malformed]"));
                    assert!(
                        line.is_some_and(|line| line.starts_with(&named(&format!("{at}type: ")))),
                        "{door}, {kind}: {found:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_signature_is_as_large_as_the_settings_allow() {
        for (limits, reason) in [
            ("signatureBytes: 10", "the signature has 392 bytes, more than the 10 allowed"),
            ("payloadBytes: 10", "the signed payload has more than the 10 bytes allowed"),
        ] {
            let settings = ACME.replacen('{', &format!("{{limits: {{{limits}}}, "), 1);
            for (door, short, at) in doors(&settings, &signature("json-ok", "")) {
                assert_rule(RULE.code, &[(door, &short, &[&named(&format!("{at}content: {reason}"))])]);
            }
        }
    }

    #[test]
    fn a_signature_is_named_after_its_image() {
        let short = format!("settings: {ACME}\nobject: {}", object(&signature("json-ok", "")));
        for name in ["", "one", "@one", "sha256:0@one"] {
            let short = short.replace(&format!("{D}@one"), name);
            let found = crate::testing::lines(&Short::parse(&short).verdict());
            assert!(
                found.iter().any(|line| line.starts_with("signatures[0].metadata.name: ")
                    && line.ends_with("[signature-malformed]")),
                "{name}: {found:?}"
            );
        }
        for name in [format!("{D}@"), format!("{D}@one@two"), format!("{D}@@one"), format!("@{D}@one")] {
            let short = short.replace(&format!("{D}@one"), &name);
            let found = crate::testing::lines(&Short::parse(&short).verdict());
            assert!(
                found.iter().any(|line| line.starts_with("signatures[0].metadata.name: ")
                    && line.ends_with("[signature-malformed]")),
                "{name}: {found:?}"
            );
        }
    }

    #[test]
    fn what_is_stored_already_is_not_judged_again() {
        let bad = of(&signature("json-ok", ""), "<generated/manifest.json>");
        assert_rule(RULE.code, &[("unchanged", &update(ACME, &bad, &bad), &[])]);
    }

    #[test]
    fn the_importer_attaches_what_the_vendor_publishes() {
        let bad = of(&signature("json-ok", ""), "<generated/manifest.json>");
        assert_softened(RULE.code, &update(ACME, "", &bad), &named(&format!("signatures[0].{NOT_ONE}")));
    }
}
