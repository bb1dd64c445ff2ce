//! A signature that is removed.
//!
//! # Why
//!
//! When a signature is deleted or removed from its Image, a trusted image loses its evidence, and it is
//! hard to find out why. Cleaning up is a good reason too, so the rule is off by default.
//!
//! # Denied
//!
//! By default this is off.
//!
//! ```yaml
//! settings: {rules: {signature-removed: deny}}
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
//! ```
//!
//! ```text
//! signatures: removes signature `sha256:0205374946b5e089dfd3017e2743df600adad17678a5c975f7074dc4ab4393d1@one` [signature-removed]
//! ```
//!
//! # Allowed
//!
//! ```yaml
//! settings: {rules: {signature-removed: deny}}
//! old:
//!   kind: Image
//!   metadata: {name: "sha256:0205374946b5e089dfd3017e2743df600adad17678a5c975f7074dc4ab4393d1"}
//!   dockerImageReference: registry.test/ns/app@sha256:0205374946b5e089dfd3017e2743df600adad17678a5c975f7074dc4ab4393d1
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
//! `rules: {signature-removed: deny}` or `warn`. A deletion of an ImageSignature reaches no webhook; what
//! does is the update of its Image that the server makes, as `system:apiserver`, and refusing that
//! refuses the deletion. Deleting the whole Image is no removal.
//!
//! # See
//!
//! - [rest.go](https://github.com/openshift/openshift-apiserver/blob/main/pkg/image/apiserver/registry/imagesignature/rest.go)

use crate::changes::SignatureList;
use crate::evaluation::{Check, Context, Rule};
use crate::quote::quote;
use crate::settings::Level;

/// The rule.
pub const RULE: Rule =
    Rule::new("signature-removed", "a signature that is removed", &[Check::SignatureList(check)])
        .level(Level::Off);

fn check(list: &SignatureList, _: &Context<'_>) -> Result<(), String> {
    match list.removed.as_slice() {
        [] => Ok(()),
        [name] => Err(format!("removes signature {}", quote(name))),
        [name, more @ ..] => Err(format!("removes signature {} and {} more", quote(name), more.len())),
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::testing::assert_rule;
    use crate::testing::signed::{D, assert_held, object, signature, update};

    const DENY: &str = "{rules: {signature-removed: deny}}";

    #[test]
    fn a_name_that_goes_away_is_told() {
        let one = signature("json-ok", "");
        let two = signature("json-ok-pretty", "").replace("@one", "@two");
        let both = format!("{one}, {two}");
        let gone = format!("signatures: removes signature `{D}@one`");
        let all = format!("signatures: removes signature `{D}@one` and 1 more");
        assert_rule(
            RULE.code,
            &[
                ("one of two", &update(DENY, &both, &two), &[&gone]),
                ("both", &update(DENY, &both, ""), &[&all]),
                ("renamed", &update(DENY, &one, &one.replace("@one", "@three")), &[&gone]),
                ("off by default", &update("{}", &both, ""), &[]),
                ("unchanged", &update(DENY, &both, &both), &[]),
                ("other order", &update(DENY, &both, &format!("{two}, {one}")), &[]),
                ("added", &update(DENY, &one, &both), &[]),
                ("created", &format!("settings: {DENY}\nobject: {}", object(&one)), &[]),
                (
                    "the image is deleted",
                    &format!("settings: {DENY}\noperation: DELETE\nold: {}", object(&one)),
                    &[],
                ),
            ],
        );
        assert_held(RULE.code, &update(DENY, &both, &two));
    }

    #[test]
    fn one_of_two_of_the_same_name_is_missed_too() {
        let (one, two) = (signature("json-ok", ""), signature("json-ok-pretty", ""));
        let gone = format!("signatures: removes signature `{D}@one`");
        let both = format!("{one}, {two}");
        assert_rule(
            RULE.code,
            &[
                ("the first", &update(DENY, &both, &two), &[&gone]),
                ("the second", &update(DENY, &both, &one), &[&gone]),
                ("neither", &update(DENY, &both, &both), &[]),
            ],
        );
    }
}
