//! A stored signature whose type or content is replaced under its name.
//!
//! # Why
//!
//! The API documents type and content of a signature as immutable, but does not enforce it when the Image
//! itself is updated. Anyone who may write Images could put another blob under conditions that belong to
//! the first.
//!
//! # Denied
//!
//! ```yaml
//! old:
//!   kind: Image
//!   metadata: {name: "sha256:0205374946b5e089dfd3017e2743df600adad17678a5c975f7074dc4ab4393d1"}
//!   dockerImageReference: registry.test/ns/app@sha256:0205374946b5e089dfd3017e2743df600adad17678a5c975f7074dc4ab4393d1
//!   signatures:
//!     - metadata: {name: "sha256:0205374946b5e089dfd3017e2743df600adad17678a5c975f7074dc4ab4393d1@one"}
//!       type: atomic
//!       content: <generated/sigs/json-ok.sig>
//! object:
//!   kind: Image
//!   metadata: {name: "sha256:0205374946b5e089dfd3017e2743df600adad17678a5c975f7074dc4ab4393d1"}
//!   dockerImageReference: registry.test/ns/app@sha256:0205374946b5e089dfd3017e2743df600adad17678a5c975f7074dc4ab4393d1
//!   signatures:
//!     - metadata: {name: "sha256:0205374946b5e089dfd3017e2743df600adad17678a5c975f7074dc4ab4393d1@one"}
//!       type: atomic
//!       content: <generated/sigs/json-ok-pretty.sig>
//! ```
//!
//! ```text
//! signatures[0].content (signature `sha256:0205374946b5…@one`): would replace the stored signature `sha256:0205374946b5e089dfd3017e2743df600adad17678a5c975f7074dc4ab4393d1@one`; signatures are immutable, add it under a new name [signature-rewritten]
//! ```
//!
//! # Allowed
//!
//! ```yaml
//! old:
//!   kind: Image
//!   metadata: {name: "sha256:0205374946b5e089dfd3017e2743df600adad17678a5c975f7074dc4ab4393d1"}
//!   dockerImageReference: registry.test/ns/app@sha256:0205374946b5e089dfd3017e2743df600adad17678a5c975f7074dc4ab4393d1
//!   signatures:
//!     - metadata: {name: "sha256:0205374946b5e089dfd3017e2743df600adad17678a5c975f7074dc4ab4393d1@one"}
//!       type: atomic
//!       content: <generated/sigs/json-ok.sig>
//! object:
//!   kind: Image
//!   metadata: {name: "sha256:0205374946b5e089dfd3017e2743df600adad17678a5c975f7074dc4ab4393d1"}
//!   dockerImageReference: registry.test/ns/app@sha256:0205374946b5e089dfd3017e2743df600adad17678a5c975f7074dc4ab4393d1
//!   signatures:
//!     - metadata: {name: "sha256:0205374946b5e089dfd3017e2743df600adad17678a5c975f7074dc4ab4393d1@one"}
//!       type: atomic
//!       content: <generated/sigs/json-ok.sig>
//!     - metadata: {name: "sha256:0205374946b5e089dfd3017e2743df600adad17678a5c975f7074dc4ab4393d1@two"}
//!       type: atomic
//!       content: <generated/sigs/json-ok-pretty.sig>
//! ```
//!
//! # Settings
//!
//! None. The rule also applies to the platform's signature importer, which only ever appends.
//!
//! # See
//!
//! - [validation.go](https://github.com/openshift/openshift-apiserver/blob/main/pkg/image/apis/image/validation/validation.go): the check that no update reaches

use crate::changes::Rewritten;
use crate::evaluation::{Check, Context, Offence, Rule};
use crate::json::path::FieldPath;
use crate::quote::quote;
use crate::trust::attached::ExaminedSignature;

/// The rule.
pub const RULE: Rule = Rule::new(
    "signature-rewritten",
    "a stored signature whose type or content is replaced under its name",
    &[Check::Signature(check)],
);

fn check(signature: &ExaminedSignature<'_>, _: &Context<'_>) -> Result<(), Offence<FieldPath>> {
    let part = match signature.introduced.rewritten {
        None => return Ok(()),
        Some(Rewritten::Content) => "content",
        Some(Rewritten::Type) => "type",
    };
    let message = format!(
        "would replace the stored signature {}; signatures are immutable, add it under a new name",
        quote(signature.introduced.signature.name())
    );
    Err(Offence::at(FieldPath::root().key(part), message))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::testing::Short;
    use crate::testing::assert_rule;
    use crate::testing::signed::{ACME, D, assert_held, signature, update};

    fn line() -> String {
        format!(
            "signatures[0].content (signature `sha256:0205374946b5…@one`): would replace the stored signature `{D}@one`; signatures are immutable, add it under a new name"
        )
    }

    #[test]
    fn another_content_or_type_under_an_old_name_is_refused() {
        let good = signature("json-ok", "");
        let line = line();
        for settings in ["{}", ACME] {
            for content in ["json-ok-pretty", "pgp-rsa-sha256", "raw-random"] {
                assert_rule(
                    RULE.code,
                    &[(content, &update(settings, &good, &signature(content, "")), &[&line])],
                );
                assert_held(RULE.code, &update(settings, &good, &signature(content, "")));
            }
        }
        let conditions = signature("json-ok", ", conditions: [{type: Trusted, status: 'True'}]");
        let typed = Short::parse(&update("{}", &good, &good.replace("atomic", "AtomicImageV1"))).verdict();
        assert!(!typed.accepted, "a type flip: {typed:?}");
        assert_rule(
            RULE.code,
            &[
                ("unchanged", &update("{}", &good, &good), &[]),
                ("described anew", &update("{}", &good, &conditions), &[]),
                ("removed", &update("{}", &good, ""), &[]),
                (
                    "renamed",
                    &update("{}", &good, &signature("json-ok-pretty", "").replace("@one", "@two")),
                    &[],
                ),
                (
                    "below earned conditions",
                    &update(
                        "{}",
                        &conditions,
                        &signature("json-ok-pretty", ", conditions: [{type: Trusted, status: 'True'}]"),
                    ),
                    &[&line],
                ),
                ("added", &update("{}", "", &good), &[]),
            ],
        );
    }

    #[test]
    fn a_second_signature_under_a_stored_name_is_refused() {
        let good = signature("json-ok", "");
        let other = signature("json-ok-pretty", "");
        let second = line().replace("signatures[0]", "signatures[1]");
        assert_rule(
            RULE.code,
            &[
                ("after it", &update("{}", &good, &format!("{good}, {other}")), &[&second]),
                ("before it", &update("{}", &good, &format!("{other}, {good}")), &[&line()]),
            ],
        );
    }

    #[test]
    fn another_type_alone_is_told_as_such() {
        let good = signature("json-ok", "");
        let line = line().replace(".content ", ".type ");
        let flipped = update("{}", &good, &good.replace("atomic", "AtomicImageV1"));
        assert_rule(RULE.code, &[("a type flip", &flipped, &[&line])]);
    }

    /// Nothing in the API keeps two from having one name.
    #[test]
    fn stored_signatures_of_one_name_are_left_alone() {
        let (one, two) = (signature("json-ok", ""), signature("json-ok-pretty", ""));
        let (third, fourth) = (signature("json-ok-hub-legacy", ""), signature("pgp-rsa-sha256", ""));
        let both = format!("{one}, {two}");
        assert_rule(
            RULE.code,
            &[
                ("unchanged", &update("{}", &both, &both), &[]),
                ("in another order", &update("{}", &both, &format!("{two}, {one}")), &[]),
                ("one goes", &update("{}", &both, &two), &[]),
                (
                    "one becomes another",
                    &update("{}", &both, &format!("{two}, {third}")),
                    &[&line().replace("[0]", "[1]")],
                ),
                (
                    "both become others",
                    &update("{}", &both, &format!("{third}, {fourth}")),
                    &[&line(), &line().replace("[0]", "[1]")],
                ),
            ],
        );
    }
}
