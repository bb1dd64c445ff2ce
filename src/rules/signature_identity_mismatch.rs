//! A valid signature for this digest, but under another name.
//!
//! # Why
//!
//! A signature for `acme/app-test` is not one for `acme/app`, even if both are the same image today. Where
//! `trust` requires an identity, a signature must carry it.
//!
//! # Denied
//!
//! ```yaml
//! settings:
//!   signers: [{name: acme, openpgp: <generated/keys/ed.asc>}]
//!   trust:
//!     default: [{type: insecureAcceptAnything}]
//!     scopes:
//!       registry.test: [{type: signedBy, signers: [acme]}]
//! object:
//!   kind: Image
//!   metadata: {name: "sha256:0205374946b5e089dfd3017e2743df600adad17678a5c975f7074dc4ab4393d1"}
//!   dockerImageReference: registry.test/ns/app@sha256:0205374946b5e089dfd3017e2743df600adad17678a5c975f7074dc4ab4393d1
//!   signatures:
//!     - metadata: {name: "sha256:0205374946b5e089dfd3017e2743df600adad17678a5c975f7074dc4ab4393d1@one"}
//!       type: atomic
//!       content: <generated/sigs/json-ok-hub-legacy.sig>
//! ```
//!
//! ```text
//! signatures[0].content (signature `sha256:0205374946b5…@one`): made by `acme` for `index.docker.io/busybox:latest`, but `trust.scopes[registry.test]` requires a signature for `registry.test/ns/app@sha256:0205374946b5e089dfd3017e2743df600adad17678a5c975f7074dc4ab4393d1` [signature-identity-mismatch]
//! ```
//!
//! # Allowed
//!
//! ```yaml
//! settings:
//!   signers: [{name: acme, openpgp: <generated/keys/ed.asc>}]
//!   trust:
//!     default: [{type: insecureAcceptAnything}]
//!     scopes:
//!       registry.test: [{type: signedBy, signers: [acme]}]
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
//! `trust`: the signature must match the `signedIdentity` of any requirement in the most specific scope
//! that lists its signer. Signatures of other signers may name anything. An ImageSignature on its own
//! does not contain the image's pull spec, so the policy looks it up in the cluster; if that fails, the
//! update of the image that follows is checked. When an image's pull spec changes, its stored signatures
//! are checked again. For the platform's signature importer the rule only warns, since a vendor may
//! publish signatures under the names of several registries.
//!
//! # See
//!
//! - [containers-policy.json(5)](https://github.com/containers/image/blob/main/docs/containers-policy.json.5.md)

use crate::evaluation::{Check, Context, Offence, Rule};
use crate::json::path::FieldPath;
use crate::quote::quote;
use crate::settings::reader::list;
use crate::trust::attached::ExaminedSignature;

/// The rule.
pub const RULE: Rule = Rule::new(
    "signature-identity-mismatch",
    "a valid signature for this digest under a name that `trust` does not accept",
    &[Check::Signature(check)],
);

fn check(signature: &ExaminedSignature<'_>, context: &Context<'_>) -> Result<(), Offence<FieldPath>> {
    let introduced = signature.introduced;
    let Some(verified) = signature.proof().filter(|_| introduced.attached || introduced.retargeted) else {
        return Ok(());
    };
    let Some((setting, image)) = context.judge.requires_another_identity(signature) else {
        return Ok(());
    };
    let message = format!(
        "made by {} for {}, but {} requires a signature for {}",
        list(verified.signers()),
        quote(&verified.payload().docker_reference),
        quote(&setting),
        quote(&image)
    );
    Err(Offence::at(FieldPath::root().key("content"), message))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::testing::signed::{ACME, D, assert_softened, doors, named, object, signature, update};
    use crate::testing::{Short, assert_rule};

    const TRUST: &str = "{signers: [{name: acme, openpgp: <generated/keys/ed.asc>}, {name: build, openpgp: <generated/keys/rsa.asc>}], \
                         trust: {default: [{type: insecureAcceptAnything}], scopes: {registry.test/ns: [{type: signedBy, signers: [acme]}]}}}";

    fn line(at: &str, signed: &str) -> String {
        named(&format!(
            "{at}content: made by `acme` for `{signed}`, but `trust.scopes[registry.test/ns]` requires a signature for `registry.test/ns/app@{D}`"
        ))
    }

    #[test]
    fn a_signature_for_another_repository_is_refused_where_the_image_s_name_is_known() {
        for (door, short, at) in doors(TRUST, &signature("json-ok-hub-legacy", "")) {
            let line = line(at, "index.docker.io/busybox:latest");
            let expected: &[&str] = if at.is_empty() { &[] } else { &[&line] };
            assert_rule(RULE.code, &[(door, &short, expected)]);
        }
        for content in ["json-ok", "json-ok-pretty", "json-ok-ref-tag-and-digest"] {
            for (door, short, _) in doors(TRUST, &signature(content, "")) {
                assert_rule(RULE.code, &[(content, &short, &[]), (door, &short, &[])]);
            }
        }
    }

    #[test]
    fn only_those_who_are_asked_are_held_to_a_name() {
        let elsewhere = |text: String| text.replace("registry.test/ns/app@", "quay.io/acme/app@");
        for (door, short, _) in doors(TRUST, &signature("pgp-rsa-sha256", "")) {
            assert_rule(
                RULE.code,
                &[(door, &short.replace("registry.test/ns/app@", "registry.test/ns/other@"), &[])],
            );
        }
        for (door, short, _) in doors(TRUST, &signature("json-ok-hub-legacy", "")) {
            assert_rule(RULE.code, &[(door, &elsewhere(short), &[])]);
        }
        for (door, short, _) in doors(ACME, &signature("json-ok-hub-legacy", "")) {
            assert_rule(RULE.code, &[(door, &short, &[])]);
        }
    }

    #[test]
    fn any_requirement_that_lists_the_signer_will_do() {
        let either = TRUST.replace(
            "signers: [acme]}]",
            "signers: [acme]}, {type: signedBy, signers: [acme], signedIdentity: {type: exactRepository, dockerRepository: docker.io/library/busybox}}]",
        );
        for content in ["json-ok", "json-ok-hub-legacy"] {
            for (door, short, _) in doors(&either, &signature(content, "")) {
                assert_rule(RULE.code, &[(door, &short, &[])]);
            }
        }
    }

    #[test]
    fn what_is_stored_already_is_not_judged_again() {
        let other = signature("json-ok-hub-legacy", "");
        assert_rule(RULE.code, &[("unchanged", &update(TRUST, &other, &other), &[])]);
    }

    #[test]
    fn the_importer_attaches_what_the_vendor_publishes() {
        let short = update(TRUST, "", &signature("json-ok-hub-legacy", ""));
        assert_softened(RULE.code, &short, &line("signatures[0].", "index.docker.io/busybox:latest"));
    }

    #[test]
    fn another_pull_spec_under_a_stored_signature_is_judged_anew() {
        let good = signature("json-ok", "");
        let elsewhere = |object: String| object.replace("registry.test/ns/app@", "registry.test/ns/evil@");
        let retarget = |signatures: &str| {
            format!(
                "settings: {TRUST}\nold: {}\nobject: {}",
                object(signatures),
                elsewhere(object(signatures))
            )
        };
        let line = line("signatures[0].", "registry.test/ns/app:v1").replace("ns/app@", "ns/evil@");
        assert_rule(
            RULE.code,
            &[
                ("its name is another's", &retarget(&good), &[&line]),
                ("nobody asks for this signer", &retarget(&signature("pgp-rsa-sha256", "")), &[]),
                ("back to where it was signed", &retarget(&good).replace("ns/evil@", "ns/app@"), &[]),
            ],
        );
        let verdict = Short::parse(&retarget(&good)).verdict();
        assert!(!verdict.accepted, "{verdict:?}");
    }
}
