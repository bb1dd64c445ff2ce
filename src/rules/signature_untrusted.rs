//! A signature that no signer of the settings made, or that does not count for the one who did.
//!
//! # Why
//!
//! A signature of an unknown key says nothing, but tools that only count signatures, and people,
//! take it for something. The answer tells how far it came: unknown key, expired, revoked, outside the
//! signer's window.
//!
//! # Denied
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
//!       content: <generated/sigs/pgp-rsa-sha256.sig>
//! ```
//!
//! ```text
//! signatures[0].content: key 8B0DDBA7D1CC1CB06FDF51A60A3C8B7378DBA52A is no trusted signer's [signature-untrusted]
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
//! `signers`; without one nothing can be told and nothing is denied. `signedFrom`, `signedUntil`,
//! `expiredKey`, `revokedKey` and `sha1SelfSignatures` say when a signer's keys count; a compromised key
//! never does. For the platform's signature importer it warns, since it attaches all that a vendor
//! publishes.
//!
//! # See
//!
//! - [containers-signature(5)](https://github.com/containers/image/blob/main/docs/containers-signature.5.md)

use super::{Check, Context, Level, Offence, Rule};
use crate::examined::{ExaminedSignature, Unproven};
use crate::field::FieldPath;
use crate::violation::Denial;

/// The rule.
pub const RULE: Rule = Rule {
    code: "signature-untrusted",
    summary: "a signature that does not count for any of `signers`",
    level: Level::Deny,
    level_without_signers: Some(Level::Off),
    fixed: false,
    checks: &[Check::Signature(check)],
};

fn check(signature: &ExaminedSignature<'_>, _: &Context<'_>) -> Result<(), Offence<FieldPath>> {
    match &signature.outcome {
        Err(Unproven::Rejected(rejection))
            if signature.introduced.attached && !rejection.reason.is_malformed() =>
        {
            Denial::SignatureRejected { rejection: rejection.to_string() }
                .at(FieldPath::root().key("content"))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::testing::Short;
    use crate::testing::assert_rule;

    const D: &str = "sha256:0205374946b5e089dfd3017e2743df600adad17678a5c975f7074dc4ab4393d1";
    const ACME: &str = "{signers: [{name: acme, openpgp: <generated/keys/ed.asc>}]}";

    fn signature(content: &str, more: &str) -> String {
        format!(
            "{{metadata: {{name: '{D}@one'}}, type: atomic, content: <generated/sigs/{content}.sig>{more}}}"
        )
    }

    fn image(signatures: &str) -> String {
        format!(
            "{{metadata: {{name: '{D}'}}, dockerImageReference: 'registry.test/ns/app@{D}', signatures: [{signatures}]}}"
        )
    }

    fn object(signatures: &str) -> String {
        image(signatures).replacen('{', "{kind: Image, ", 1)
    }

    /// A request through each door, and where the signature stands in it.
    fn doors(settings: &str, signature: &str) -> [(&'static str, String, &'static str); 5] {
        let settings = format!("settings: {settings}\n");
        let image = image(signature);
        let alone = signature.replacen('{', "{kind: ImageSignature, ", 1);
        [
            ("ImageSignature", format!("{settings}object: {alone}"), ""),
            ("Image create", format!("{settings}object: {}", object(signature)), "signatures[0]."),
            (
                "Image update",
                format!("{settings}old: {}\nobject: {}", object(""), object(signature)),
                "signatures[0].",
            ),
            (
                "mapping",
                format!("{settings}object: {{kind: ImageStreamMapping, tag: v1, image: {image}}}"),
                "image.signatures[0].",
            ),
            (
                "ImageStreamImage",
                format!("{settings}object: {{kind: ImageStreamImage, image: {image}}}"),
                "image.signatures[0].",
            ),
        ]
    }

    /// The importer gets a warning where others are refused.
    fn assert_softened(short: &str, expected: &str) {
        let importer = Short::parse(&format!(
            "user: system:serviceaccount:openshift-infra:image-import-controller\n{short}"
        ));
        let verdict = importer.verdict();
        assert!(verdict.accepted, "{verdict:?}");
        assert_eq!(verdict.warnings, [format!("{expected} [{}]", RULE.code)]);
        for user in
            ["dana", "system:apiserver", "system:serviceaccount:openshift-infra:image-import-controller2"]
        {
            let verdict = Short::parse(&format!("user: {user}\n{short}")).verdict();
            assert!(!verdict.accepted && verdict.code == Some(403), "{user}: {verdict:?}");
        }
    }

    fn update(settings: &str, old: &str, new: &str) -> String {
        format!("settings: {settings}\nold: {}\nobject: {}", object(old), object(new))
    }

    const STRANGER: &str = "content: key 8B0DDBA7D1CC1CB06FDF51A60A3C8B7378DBA52A is no trusted signer's";

    #[test]
    fn a_stranger_s_signature_is_refused_through_every_door() {
        for (door, short, at) in doors(ACME, &signature("pgp-rsa-sha256", "")) {
            assert_rule(RULE.code, &[(door, &short, &[&format!("{at}{STRANGER}")])]);
        }
        for (door, short, _) in doors(ACME, &signature("json-ok", "")) {
            assert_rule(RULE.code, &[(door, &short, &[])]);
        }
        for (door, short, _) in doors("{}", &signature("pgp-rsa-sha256", "")) {
            assert_rule(RULE.code, &[(door, &short, &[])]);
        }
    }

    #[test]
    fn what_is_stored_already_is_not_judged_again() {
        let stranger = signature("pgp-rsa-sha256", "");
        let good = signature("json-ok", "").replace("@one", "@two");
        let second = "signatures[1].".to_owned() + STRANGER;
        assert_rule(
            RULE.code,
            &[
                ("unchanged", &update(ACME, &stranger, &stranger), &[]),
                ("another is added", &update(ACME, &stranger, &format!("{stranger}, {good}")), &[]),
                ("it is removed", &update(ACME, &format!("{stranger}, {good}"), &good), &[]),
                (
                    "it changes places",
                    &update(ACME, &format!("{stranger}, {good}"), &format!("{good}, {stranger}")),
                    &[],
                ),
                (
                    "it comes after a good one",
                    &update(ACME, &good, &format!("{good}, {stranger}")),
                    &[&second],
                ),
                (
                    "renamed, it is new",
                    &update(ACME, &stranger, &stranger.replace("@one", "@three")),
                    &[&format!("signatures[0].{STRANGER}")],
                ),
                (
                    "under another type, it is new",
                    &update(ACME, &stranger, &stranger.replace("atomic", "AtomicImageV1")),
                    &[&format!("signatures[0].{STRANGER}")],
                ),
                (
                    "in the place of a good one",
                    &update(ACME, &signature("json-ok", ""), &stranger),
                    &[&format!("signatures[0].{STRANGER}")],
                ),
            ],
        );
    }

    #[test]
    fn the_importer_attaches_what_the_vendor_publishes() {
        let short = update(ACME, "", &signature("pgp-rsa-sha256", ""));
        assert_softened(&short, &format!("signatures[0].{STRANGER}"));
        let create = format!("settings: {ACME}\nobject: {}", object(&signature("pgp-rsa-sha256", "")));
        let create = format!("user: system:serviceaccount:openshift-infra:image-import-controller\n{create}");
        assert!(!Short::parse(&create).verdict().accepted, "only on an update");
    }
}
