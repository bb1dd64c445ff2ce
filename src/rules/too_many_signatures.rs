//! An image with more signatures than the settings allow.
//!
//! # Why
//!
//! The server has no limit. A thousand signatures cost everybody who reads the image, and each one
//! that is verified costs time here: beyond the limit none is.
//!
//! # Denied
//!
//! ```yaml
//! settings: {limits: {signaturesPerImage: 1}, rules: {signature-malformed: off}}
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
//!       content: <generated/sigs/json-ok.sig>
//! ```
//!
//! ```text
//! signatures: 2 signatures, but at most 1 per image (`limits.signaturesPerImage`) [too-many-signatures]
//! ```
//!
//! # Allowed
//!
//! ```yaml
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
//! `limits.signaturesPerImage`, 32 by default. A list that only shrinks passes, however long it still is.
//! OpenShift's own importer stops at 10; for it the rule only warns.
//!
//! # See
//!
//! - [signature_import_controller.go](https://github.com/openshift/openshift-controller-manager/blob/main/pkg/image/controller/signature/signature_import_controller.go)

use crate::changes::SignatureList;
use crate::evaluation::{Check, Context, Rule};
use crate::quote::plural;

/// The rule.
pub const RULE: Rule = Rule::new(
    "too-many-signatures",
    "an image with more signatures than `limits.signaturesPerImage`",
    &[Check::SignatureList(check)],
);

fn check(list: &SignatureList, context: &Context<'_>) -> Result<(), String> {
    let limit = context.policy.limits.signatures_per_image;
    if list.grows && list.count > limit {
        let found = plural(list.count, "signature");
        return Err(format!("{found}, but at most {limit} per image (`limits.signaturesPerImage`)"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::testing::Short;
    use crate::testing::assert_rule;
    use crate::testing::signed::{ACME, assert_softened, doors, named, signature, update};

    fn many(count: usize) -> String {
        let one = signature("json-ok", "");
        (0..count).map(|index| one.replace("@one", &format!("@{index}"))).collect::<Vec<_>>().join(", ")
    }

    fn line(found: usize, limit: usize) -> String {
        format!("{found} signatures, but at most {limit} per image (`limits.signaturesPerImage`)")
    }

    #[test]
    fn a_thousand_signatures_are_refused_through_every_door() {
        let (bad, worse) = (line(33, 32), line(1000, 32));
        for (door, short, at) in doors(ACME, &many(32)).into_iter().filter(|(_, _, at)| !at.is_empty()) {
            assert_rule(RULE.code, &[(door, &short, &[])]);
            let at = at.trim_end_matches("[0].");
            for (count, line) in [(33, &bad), (1000, &worse)] {
                let (_, short, _) = doors(ACME, &many(count))
                    .into_iter()
                    .find(|(name, ..)| *name == door)
                    .unwrap_or_default();
                assert_rule(RULE.code, &[(door, &short, &[&named(&format!("{at}: {line}"))])]);
                assert!(!Short::parse(&short).verdict().accepted);
            }
        }
    }

    #[test]
    fn only_a_list_that_grows_is_refused() {
        let line = format!("signatures: {}", line(4, 3));
        let three = "{limits: {signaturesPerImage: 3}}";
        assert_rule(
            RULE.code,
            &[
                ("to the limit", &update(three, &many(2), &many(3)), &[]),
                ("beyond", &update(three, &many(3), &many(4)), &[&line]),
                ("beyond at once", &update(three, "", &many(4)), &[&line]),
                ("stored", &update(three, &many(4), &many(4)), &[]),
                ("fewer, still too many", &update(three, &many(6), &many(4)), &[]),
                ("one for another", &update(three, &many(4), &many(4).replace("@0", "@new")), &[&line]),
            ],
        );
    }

    /// What is beyond the number is not examined, and so must not pass for proven.
    #[test]
    fn what_is_not_examined_is_not_proven() {
        let trusted = signature("json-ok", ", conditions: [{type: Trusted, status: 'True'}]");
        let beyond = format!("{}, {trusted}", many(32));
        let verdict = Short::parse(&update(ACME, "", &beyond)).verdict();
        let message = verdict.message.unwrap_or_default();
        assert!(
            message.contains("signatures[32].conditions[0].status (signature `sha256:0205374946b5…@one`): "),
            "{message}"
        );
    }

    #[test]
    fn the_importer_attaches_what_the_vendor_publishes() {
        assert_softened(
            RULE.code,
            &update("{limits: {signaturesPerImage: 3}}", "", &many(4)),
            &format!("signatures: {}", line(4, 3)),
        );
    }
}
