//! A stream whose tags pods may use by short name.
//!
//! # Why
//!
//! With `lookupPolicy.local`, a pod with the image `mysql:8` gets the tag `8` of a stream called `mysql` in
//! its namespace: whoever may create streams chooses what such pods run. Many projects want just that,
//! so the rule is off by default.
//!
//! # Denied
//!
//! By default this is off.
//!
//! ```yaml
//! settings: {rules: {local-lookup: deny}}
//! object:
//!   kind: ImageStream
//!   spec: {lookupPolicy: {local: true}}
//! ```
//!
//! ```text
//! spec.lookupPolicy.local: lets pods use the stream's tags by short name; set it to `false` [local-lookup]
//! ```
//!
//! # Allowed
//!
//! ```yaml
//! settings: {rules: {local-lookup: deny}}
//! object:
//!   kind: ImageStream
//!   spec: {lookupPolicy: {local: false}}
//! ```
//!
//! # Settings
//!
//! `rules: {local-lookup: deny}` or `warn`.
//!
//! # See
//!
//! - [ImageLookupPolicy](https://github.com/openshift/api/blob/master/image/v1/types.go)

use crate::changes::{StreamChange, StreamTrait};
use crate::evaluation::{Check, Context, Rule};
use crate::settings::Level;

/// The rule.
pub const RULE: Rule =
    Rule::new("local-lookup", "a stream whose tags pods may use by short name", &[Check::Stream(check)])
        .level(Level::Off);

fn check(change: &StreamChange<'_>, _: &Context<'_>) -> Result<(), String> {
    match change.trait_ {
        StreamTrait::LocalLookup => {
            Err("lets pods use the stream's tags by short name; set it to `false`".to_owned())
        }
        StreamTrait::Insecure(_) | StreamTrait::InsecureRepository { .. } => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::testing::assert_rule;

    #[test]
    fn a_stream_that_answers_short_names_is_told_where_the_rule_is_on() {
        let table: &[(&str, &str, &[&str])] = &[
            (
                "new",
                "object: {kind: ImageStream, spec: {lookupPolicy: {local: true}}}",
                &[
                    "spec.lookupPolicy.local: lets pods use the stream's tags by short name; set it to `false`",
                ],
            ),
            (
                "switched on",
                "old: {kind: ImageStream, spec: {lookupPolicy: {local: false}}}\nobject: {kind: ImageStream, spec: {lookupPolicy: {local: true}}}",
                &[
                    "spec.lookupPolicy.local: lets pods use the stream's tags by short name; set it to `false`",
                ],
            ),
            (
                "switched on through the status, which lets it pass",
                "subresource: status\nold: {kind: ImageStream}\nobject: {kind: ImageStream, spec: {lookupPolicy: {local: true}}}",
                &[
                    "spec.lookupPolicy.local: lets pods use the stream's tags by short name; set it to `false`",
                ],
            ),
            (
                "asked for with a tag",
                "object: {kind: ImageStreamTag, lookupPolicy: {local: true}, tag: null}",
                &["lookupPolicy.local: lets pods use the stream's tags by short name; set it to `false`"],
            ),
            ("false", "object: {kind: ImageStream, spec: {lookupPolicy: {local: false}}}", &[]),
            ("null", "object: {kind: ImageStream, spec: {lookupPolicy: null}}", &[]),
            ("empty", "object: {kind: ImageStream, spec: {lookupPolicy: {}}}", &[]),
            ("absent", "object: {kind: ImageStream}", &[]),
            (
                "untouched",
                "old: {kind: ImageStream, spec: {lookupPolicy: {local: true}}}\n\
                 object: {kind: ImageStream, spec: {lookupPolicy: {local: true}, tags: [{name: a}]}}",
                &[],
            ),
            (
                "untouched, shown with a tag",
                "old: {kind: ImageStreamTag, lookupPolicy: {local: true}}\nobject: {kind: ImageStreamTag, lookupPolicy: {local: true}}",
                &[],
            ),
            (
                "switched off",
                "old: {kind: ImageStream, spec: {lookupPolicy: {local: true}}}\nobject: {kind: ImageStream, spec: {lookupPolicy: {local: false}}}",
                &[],
            ),
        ];
        for (name, short, expected) in table {
            assert_rule(
                RULE.code,
                &[(name, &format!("settings: {{rules: {{local-lookup: warn}}}}\n{short}"), expected)],
            );
            assert_rule(RULE.code, &[(&format!("{name}, by default"), short, &[])]);
        }
    }
}
