//! A signature that is marked as trusted although no signer in the settings made it.
//!
//! # Why
//!
//! `oc adm verify-image-signature --save` writes `Trusted=True` after verifying a signature. Anyone who
//! may write Images can write it without verifying anything, and the server does not check. This rule
//! accepts the claim only if the signature verifies and `trust` accepts its signer.
//!
//! # Denied
//!
//! ```yaml
//! settings:
//!   signers: [{name: acme, openpgp: <generated/keys/ed.asc>}]
//!   rules: {signature-untrusted: off}
//! object:
//!   kind: Image
//!   metadata: {name: "sha256:0205374946b5e089dfd3017e2743df600adad17678a5c975f7074dc4ab4393d1"}
//!   dockerImageReference: registry.test/ns/app@sha256:0205374946b5e089dfd3017e2743df600adad17678a5c975f7074dc4ab4393d1
//!   signatures:
//!     - metadata: {name: "sha256:0205374946b5e089dfd3017e2743df600adad17678a5c975f7074dc4ab4393d1@one"}
//!       type: atomic
//!       content: <generated/sigs/pgp-rsa-sha256.sig>
//!       conditions: [{type: Trusted, status: 'True'}, {type: ForImage, status: 'True'}]
//!
//! ```
//!
//! ```text
//! signatures[0].conditions[0].status (signature `sha256:0205374946b5…@one`): `Trusted` is claimed, but the signature does not verify: made with key 8B0DDBA7D1CC1CB06FDF51A60A3C8B7378DBA52A, which belongs to none of `signers` [condition-unproven]
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
//!       conditions: [{type: Trusted, status: 'True'}, {type: ForImage, status: 'True'}]
//! ```
//!
//! # Settings
//!
//! `signers`; while it is empty, no signature can be verified, and the rule only warns. Only changes are
//! checked: a stored condition of an unchanged signature passes.
//!
//! # See
//!
//! - [verify-signature.go](https://github.com/openshift/oc/blob/main/pkg/cli/admin/verifyimagesignature/verify-signature.go)

use crate::evaluation::{Check, Context, Offence, Rule};
use crate::json::path::FieldPath;
use crate::quote::quote;
use crate::settings::Level;
use crate::settings::reader::list;
use crate::trust::attached::ExaminedSignature;
use crate::trust::signed_by::Unneeded;

/// The rule.
pub const RULE: Rule = Rule::new(
    "condition-unproven",
    "a signature that is marked as trusted but does not verify",
    &[Check::Signature(check)],
)
.without_signers(Level::Warn);

fn check(signature: &ExaminedSignature<'_>, context: &Context<'_>) -> Result<(), Offence<FieldPath>> {
    let claimed = signature.introduced.signature.conditions.iter().flatten().position(|condition| {
        condition.type_.as_str().eq_ignore_ascii_case("Trusted")
            && condition.status.as_str().eq_ignore_ascii_case("True")
    });
    let Some(index) = claimed else { return Ok(()) };
    // What was claimed before is judged again only by what is new: the image's name.
    if !signature.introduced.described && signature.proof().is_none() {
        return Ok(());
    }
    let reason = match &signature.outcome {
        Ok(verified) if signature.proof().is_some() => {
            let name = context.judge.requires_another_identity(signature);
            let signer = context.judge.requires_another_signer(signature);
            match (name, signer) {
                (None, None) => return Ok(()),
                (_, Some(Unneeded { setting, is_not_post_quantum: true })) => format!(
                    "{} requires a post-quantum signature from {}, and this one is not",
                    quote(&setting),
                    list(verified.signers())
                ),
                (_, Some(Unneeded { setting, is_not_post_quantum: false })) => format!(
                    "{} does not require a signature from {}",
                    quote(&setting),
                    list(verified.signers())
                ),
                (Some((setting, _)), None) => format!(
                    "the signature is for {}, which {} does not accept",
                    quote(&verified.payload().docker_reference),
                    quote(&setting)
                ),
            }
        }
        Ok(verified) => format!("the signature is for another image, {}", quote(&verified.payload().digest)),
        Err(_) if context.policy.signers.is_empty() => {
            "`signers` is empty, so no signature can be verified".to_owned()
        }
        Err(unproven) => format!("the signature does not verify: {unproven}"),
    };
    let at = FieldPath::root().key("conditions").index(index).key("status");
    Err(Offence::at(at, format!("`Trusted` is claimed, but {reason}")))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::testing::Short;
    use crate::testing::assert_rule;
    use crate::testing::signed::{ACME, D, assert_held, doors, named, signature, update};

    const TRUSTED: &str = ", conditions: [{type: ForImage, status: 'True'}, {type: Trusted, status: 'True'}]";
    const STRANGER: &str = "conditions[1].status: `Trusted` is claimed, but the signature does not verify: made with key 8B0DDBA7D1CC1CB06FDF51A60A3C8B7378DBA52A, which belongs to none of `signers`";

    #[test]
    fn a_forged_condition_is_refused_through_every_door() {
        for (door, short, at) in doors(ACME, &signature("pgp-rsa-sha256", TRUSTED)) {
            assert_rule(RULE.code, &[(door, &short, &[&named(&format!("{at}{STRANGER}"))])]);
            for spelling in ["trusted", "TRUSTED"] {
                let short = short.replace("type: Trusted", &format!("type: {spelling}"));
                assert_rule(RULE.code, &[(door, &short, &[&named(&format!("{at}{STRANGER}"))])]);
            }
            for status in ["'False'", "Unknown", "''"] {
                let short = short.replace("Trusted, status: 'True'", &format!("Trusted, status: {status}"));
                assert_rule(RULE.code, &[(door, &short, &[])]);
            }
        }
        for (door, short, _) in doors(ACME, &signature("json-ok", TRUSTED)) {
            assert_rule(RULE.code, &[(door, &short, &[])]);
        }
    }

    #[test]
    fn another_image_s_signature_proves_nothing() {
        const OTHER: &str = "sha256:3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25";
        for (door, short, at) in doors(ACME, &signature("json-ok", TRUSTED)) {
            let line = named(&format!(
                "{at}conditions[1].status: `Trusted` is claimed, but the signature is for another image, `{D}`"
            ));
            assert_rule(
                RULE.code,
                &[(
                    door,
                    &short.replace(D, OTHER),
                    &[&line.replace("`sha256:0205374946b5…@", "`sha256:3c87c5728229…@")],
                )],
            );
        }
    }

    #[test]
    fn without_signers_it_warns() {
        let line = "conditions[1].status: `Trusted` is claimed, but `signers` is empty, so no signature can be verified";
        for (door, short, at) in doors("{}", &signature("json-ok", TRUSTED)) {
            assert_rule(RULE.code, &[(door, &short, &[&named(&format!("{at}{line}"))])]);
            let verdict = Short::parse(&short).verdict();
            assert!(
                verdict.warnings.iter().any(|warning| warning.ends_with("[condition-unproven]")),
                "{door}: {verdict:?}"
            );
        }
    }

    #[test]
    fn a_stored_signature_is_judged_when_it_is_called_trusted() {
        let plain = signature("pgp-rsa-sha256", "");
        let trusted = signature("pgp-rsa-sha256", TRUSTED);
        let distrusted = trusted.replace("Trusted, status: 'True'", "Trusted, status: 'False'");
        let line = named(&format!("signatures[0].{STRANGER}"));
        assert_rule(
            RULE.code,
            &[
                ("called trusted", &update(ACME, &plain, &trusted), &[&line]),
                ("from False to True", &update(ACME, &distrusted, &trusted), &[&line]),
                ("unchanged", &update(ACME, &trusted, &trusted), &[]),
                ("taken back", &update(ACME, &trusted, &distrusted), &[]),
                (
                    "another name",
                    &update(ACME, &trusted, &trusted.replace("@one", "@two")),
                    &[&line.replace("@one", "@two")],
                ),
                ("another content", &update(ACME, &signature("json-ok", TRUSTED), &trusted), &[&line]),
                (
                    "oc adm verify-image-signature --save",
                    &update(ACME, &signature("json-ok", ""), &signature("json-ok", TRUSTED)),
                    &[],
                ),
            ],
        );
        assert_held(RULE.code, &update(ACME, &plain, &trusted));
        assert_held(RULE.code, &update(ACME, "", &trusted));
    }
}
