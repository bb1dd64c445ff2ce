//! A signature that is called trusted where no signer of the settings made it.
//!
//! # Why
//!
//! `Trusted=True` is what `oc adm verify-image-signature --save` writes after it has looked. Anybody
//! who may write Images can write it without looking; the server compares nothing. Here the claim is
//! accepted where the signature verifies, and where `trust` asks for its signer at all.
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
//! signatures[0].conditions[0].status: `Trusted` is claimed, but key 8B0DDBA7D1CC1CB06FDF51A60A3C8B7378DBA52A is no trusted signer's [condition-unproven]
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
//! `signers`; without one nothing can be proven here and it only warns. Only what is new is judged: a
//! condition that stands beside an unchanged signature passes.
//!
//! # See
//!
//! - [verify-signature.go](https://github.com/openshift/oc/blob/main/pkg/cli/admin/verifyimagesignature/verify-signature.go)

use super::{Check, Context, Level, Offence, Rule};
use crate::evaluation::denial::Denial;
use crate::json::path::FieldPath;
use crate::quote::quote;
use crate::settings::reader::list;
use crate::trust::attached::ExaminedSignature;

/// The rule.
pub const RULE: Rule = Rule {
    code: "condition-unproven",
    summary: "a signature that is called trusted, though it does not verify",
    level: Level::Deny,
    level_without_signers: Some(Level::Warn),
    fixed: false,
    checks: &[Check::Signature(check)],
};

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
                (_, Some(setting)) => {
                    format!("{} does not ask for {}", quote(&setting), list(verified.signers()))
                }
                (Some((setting, _)), None) => format!(
                    "the signature is for {}, which {} does not accept",
                    quote(&verified.payload().docker_reference),
                    quote(&setting)
                ),
            }
        }
        Ok(verified) => format!("the signature is for {}", quote(&verified.payload().digest)),
        Err(_) if context.policy.signers.is_empty() => "`signers` names nobody who could prove it".to_owned(),
        Err(unproven) => unproven.to_string(),
    };
    let at = FieldPath::root().key("conditions").index(index).key("status");
    Denial::ConditionUnproven { reason }.at(at)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::testing::Short;
    use crate::testing::assert_rule;
    use crate::testing::signed::{ACME, D, assert_held, doors, signature, update};

    const TRUSTED: &str = ", conditions: [{type: ForImage, status: 'True'}, {type: Trusted, status: 'True'}]";
    const STRANGER: &str = "conditions[1].status: `Trusted` is claimed, but key 8B0DDBA7D1CC1CB06FDF51A60A3C8B7378DBA52A is no trusted signer's";

    #[test]
    fn a_forged_condition_is_refused_through_every_door() {
        for (door, short, at) in doors(ACME, &signature("pgp-rsa-sha256", TRUSTED)) {
            assert_rule(RULE.code, &[(door, &short, &[&format!("{at}{STRANGER}")])]);
            for spelling in ["trusted", "TRUSTED"] {
                let short = short.replace("type: Trusted", &format!("type: {spelling}"));
                assert_rule(RULE.code, &[(door, &short, &[&format!("{at}{STRANGER}")])]);
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
            let line =
                format!("{at}conditions[1].status: `Trusted` is claimed, but the signature is for `{D}`");
            assert_rule(RULE.code, &[(door, &short.replace(D, OTHER), &[&line])]);
        }
    }

    #[test]
    fn without_signers_it_warns() {
        let line =
            "conditions[1].status: `Trusted` is claimed, but `signers` names nobody who could prove it";
        for (door, short, at) in doors("{}", &signature("json-ok", TRUSTED)) {
            assert_rule(RULE.code, &[(door, &short, &[&format!("{at}{line}")])]);
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
        let line = format!("signatures[0].{STRANGER}");
        assert_rule(
            RULE.code,
            &[
                ("called trusted", &update(ACME, &plain, &trusted), &[&line]),
                ("from False to True", &update(ACME, &distrusted, &trusted), &[&line]),
                ("unchanged", &update(ACME, &trusted, &trusted), &[]),
                ("taken back", &update(ACME, &trusted, &distrusted), &[]),
                ("another name", &update(ACME, &trusted, &trusted.replace("@one", "@two")), &[&line]),
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
