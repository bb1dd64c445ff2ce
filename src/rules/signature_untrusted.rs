//! A signature that was not made by a signer in the settings, or that is not valid for that signer.
//!
//! # Why
//!
//! A signature with an unknown key proves nothing, but people and tools that only count signatures rely on
//! it. The message says what is wrong: unknown key, expired, revoked, outside the signer's window.
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
//! signatures[0].content (signature `sha256:0205374946b5…@one`): made with key 8B0DDBA7D1CC1CB06FDF51A60A3C8B7378DBA52A, which belongs to none of `signers` [signature-untrusted]
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
//! `signers`; while it is empty, nothing is denied. `signedFrom`, `signedUntil`, `expiredKey`, `revokedKey`
//! and `sha1SelfSignatures` say when a signer's keys are valid; a compromised key never is. An exemption
//! for a user who creates ImageSignatures must also name `system:apiserver`, which then updates the Image.
//! Signatures beyond `limits.signaturesPerImage` are refused unchecked. For the platform's signature
//! importer the rule only warns, since it attaches everything that a vendor publishes.
//!
//! # See
//!
//! - [containers-signature(5)](https://github.com/containers/image/blob/main/docs/containers-signature.5.md)

use crate::evaluation::{Check, Context, Offence, Rule};
use crate::json::path::FieldPath;
use crate::settings::Level;
use crate::signature::stored::VerificationError as Unproven;
use crate::trust::attached::ExaminedSignature;

/// The rule.
pub const RULE: Rule = Rule::new(
    "signature-untrusted",
    "a signature that is not valid for any of `signers`",
    &[Check::Signature(check)],
)
.without_signers(Level::Off);

fn check(signature: &ExaminedSignature<'_>, _: &Context<'_>) -> Result<(), Offence<FieldPath>> {
    let at = FieldPath::root().key("content");
    let introduced = signature.introduced;
    match &signature.outcome {
        Err(Unproven::Rejected(rejection)) if introduced.attached && !rejection.reason.is_malformed() => {
            Err(Offence::at(at, rejection.to_string()))
        }
        Err(unproven @ Unproven::Spent) if introduced.attached || introduced.retargeted => {
            Err(Offence::at(at, unproven.to_string()))
        }
        // One for all: there may be thousands.
        Err(Unproven::TooMany { limit, first: true }) if introduced.attached || introduced.retargeted => {
            let most = format!("at most {limit} per image (`limits.signaturesPerImage`)");
            Err(Offence::at(at, format!("not checked, nor any after it: {most}")))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::testing::Short;
    use crate::testing::assert_rule;
    use crate::testing::signed::{ACME, assert_softened, doors, named, object, signature, update};

    const STRANGER: &str =
        "content: made with key 8B0DDBA7D1CC1CB06FDF51A60A3C8B7378DBA52A, which belongs to none of `signers`";

    #[test]
    fn a_stranger_s_signature_is_refused_through_every_door() {
        for (door, short, at) in doors(ACME, &signature("pgp-rsa-sha256", "")) {
            assert_rule(RULE.code, &[(door, &short, &[&named(&format!("{at}{STRANGER}"))])]);
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
        let second = named(&format!("signatures[1].{STRANGER}"));
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
                    &[&named(&format!("signatures[0].{STRANGER}")).replace("@one", "@three")],
                ),
                (
                    "under another type, it is new",
                    &update(ACME, &stranger, &stranger.replace("atomic", "AtomicImageV1")),
                    &[&named(&format!("signatures[0].{STRANGER}"))],
                ),
                (
                    "in the place of a good one",
                    &update(ACME, &signature("json-ok", ""), &stranger),
                    &[&named(&format!("signatures[0].{STRANGER}"))],
                ),
            ],
        );
    }

    #[test]
    fn the_importer_attaches_what_the_vendor_publishes() {
        let short = update(ACME, "", &signature("pgp-rsa-sha256", ""));
        assert_softened(RULE.code, &short, &named(&format!("signatures[0].{STRANGER}")));
        let create = format!("settings: {ACME}\nobject: {}", object(&signature("pgp-rsa-sha256", "")));
        let create = format!("user: system:serviceaccount:openshift-infra:image-import-controller\n{create}");
        assert!(!Short::parse(&create).verdict().accepted, "only on an update");
    }

    /// Where too many of them only warn, what was not looked at is still no trusted signer's.
    #[test]
    fn what_is_not_looked_at_is_refused_once() {
        const TWO: &str = "{signers: [{name: acme, openpgp: <generated/keys/ed.asc>}], limits: {signaturesPerImage: 2}, \
                           rules: {too-many-signatures: warn}}";
        let good = |name: &str| signature("json-ok", "").replace("@one", name);
        let two = format!("{}, {}", good("@a"), good("@b"));
        let four = format!("{two}, {}, {}", signature("pgp-rsa-sha256", ""), good("@d"));
        let line = "signatures[2].content (signature `sha256:0205374946b5…@one`): not checked, nor any after it: at most 2 per image (`limits.signaturesPerImage`)";
        assert_rule(
            RULE.code,
            &[
                ("as many as are looked at", &update(TWO, "", &two), &[]),
                ("more", &update(TWO, "", &four), &[line]),
                ("stored", &update(TWO, &four, &four), &[]),
                (
                    "claimed",
                    &update(TWO, &four, &four.replace("type: atomic", "type: atomic, created: x")),
                    &[],
                ),
                ("without signers", &update("{limits: {signaturesPerImage: 2}}", "", &four), &[]),
            ],
        );
        assert!(!Short::parse(&update(TWO, "", &four)).verdict().accepted);
    }
}
