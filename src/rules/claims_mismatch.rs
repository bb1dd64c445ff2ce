//! Claims about a signature that its signed content does not support.
//!
//! # Why
//!
//! `imageIdentity`, `signedClaims`, `created`, `issuedBy` and `issuedTo` are free text that people and
//! consoles show beside a signature. Whoever writes the Image can make a test key look like a vendor's.
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
//!       content: <generated/sigs/json-ok.sig>
//!       conditions: [{type: Trusted, status: 'True'}, {type: ForImage, status: 'True'}]
//!       imageIdentity: registry.redhat.io/ubi9/ubi:latest
//! ```
//!
//! ```text
//! signatures[0].imageIdentity (signature `sha256:0205374946b5…@one`): is `registry.redhat.io/ubi9/ubi:latest`, but the signature has `registry.test/ns/app:v1` [claims-mismatch]
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
//!       imageIdentity: registry.test/ns/app:v1
//! ```
//!
//! # Settings
//!
//! None. `issuedBy` and `issuedTo` may hold the fingerprint of the signing key or of its primary key, the
//! last 8 or more digits of one, or the signer's name in the settings. `signedClaims` may repeat members
//! of the signed document, and `created` must be the time of the signature. Once `signers` is set, claims
//! about a signature that does not verify are refused as well, since nothing supports them.
//!
//! # See
//!
//! - [types.go](https://github.com/openshift/api/blob/master/image/v1/types.go), ImageSignature

use time::UtcDateTime;
use time::format_description::well_known::Rfc3339;

use crate::api::image_signature::{ImageSignature, SignatureSubject};
use crate::evaluation::{Check, Context, Offence, Rule};
use crate::json::path::FieldPath;
use crate::quote::quote;
use crate::settings::Level;
use crate::signature::VerifiedSignature;
use crate::trust::attached::ExaminedSignature;

/// The rule.
pub const RULE: Rule = Rule::new(
    "claims-mismatch",
    "claims about a signature that its content does not support",
    &[Check::Signature(check)],
)
.without_signers(Level::Off);

fn check(signature: &ExaminedSignature<'_>, _: &Context<'_>) -> Result<(), Offence<FieldPath>> {
    let claims = signature.introduced.signature;
    if !signature.introduced.described {
        return Ok(());
    }
    let Some((path, claim)) = first_claim(claims) else { return Ok(()) };
    let Ok(verified) = &signature.outcome else {
        return Err(unproven(path, claim));
    };
    let mismatch = |at: FieldPath, found: &str, expected: &str| {
        Err(Offence::at(at, format!("is {}, but the signature has {}", quote(found), quote(expected))))
    };
    let at = FieldPath::root();
    let payload = verified.payload();
    let identity = claims.image_identity.as_str();
    if !identity.is_empty() && identity != payload.docker_reference {
        return mismatch(at.key("imageIdentity"), identity, &payload.docker_reference);
    }
    for (name, value) in claims.signed_claims.iter().flatten() {
        let at = at.clone().key("signedClaims").member(name.as_str());
        match says(verified, name.as_str()) {
            Some(signed) if signed == value.as_str() => {}
            Some(signed) => return mismatch(at, value.as_str(), &signed),
            None => return Err(unproven(at, value.as_str())),
        }
    }
    let created = claims.created.as_str();
    let signed = verified.created().format(&Rfc3339).unwrap_or_default();
    if !created.is_empty() && UtcDateTime::parse(created, &Rfc3339).ok() != Some(verified.created()) {
        return mismatch(at.key("created"), created, &signed);
    }
    for (field, subject) in [("issuedBy", &claims.issued_by), ("issuedTo", &claims.issued_to)] {
        let Some(subject) = subject else { continue };
        for (member, claim) in names(subject) {
            if !claim.is_empty() && !is_signer(verified, claim) {
                return mismatch(at.clone().key(field).key(member), claim, verified.fingerprint());
            }
        }
    }
    Ok(())
}

fn unproven(at: FieldPath, claim: &str) -> Offence<FieldPath> {
    Offence::at(at, format!("claims {}, but no verified signature supports it", quote(claim)))
}

/// The first claim that is made at all, with its place.
fn first_claim<'c>(claims: &'c ImageSignature<'_>) -> Option<(FieldPath, &'c str)> {
    let at = FieldPath::root();
    let plain = [("imageIdentity", &claims.image_identity), ("created", &claims.created)];
    let plain = plain.into_iter().map(|(field, claim)| (at.clone().key(field), claim.as_str()));
    let signed = claims
        .signed_claims
        .iter()
        .flatten()
        .map(|(name, claim)| (at.clone().key("signedClaims").member(name.as_str()), claim.as_str()));
    let subjects = [("issuedBy", &claims.issued_by), ("issuedTo", &claims.issued_to)].into_iter().flat_map(
        |(field, subject)| {
            let at = at.clone().key(field);
            subject
                .iter()
                .flat_map(names)
                .map(move |(member, claim)| (at.clone().key(member), claim))
                .collect::<Vec<_>>()
        },
    );
    plain.chain(signed).chain(subjects).find(|(_, claim)| !claim.is_empty())
}

fn names<'s>(subject: &'s SignatureSubject<'_>) -> [(&'static str, &'s str); 3] {
    [
        ("organization", subject.organization.as_str()),
        ("commonName", subject.common_name.as_str()),
        ("publicKeyID", subject.public_key_id.as_str()),
    ]
}

/// Whether a name is one of the signer: in the settings, or the key's.
fn is_signer(verified: &VerifiedSignature, claim: &str) -> bool {
    let is_key = |fingerprint: &str| {
        let claim = claim.to_ascii_uppercase();
        claim.len() >= 8 && fingerprint.ends_with(&claim)
    };
    verified.signers().iter().any(|name| name == claim)
        || is_key(verified.fingerprint())
        || is_key(verified.key())
}

/// A member of what was signed, by its name.
fn says(verified: &VerifiedSignature, name: &str) -> Option<String> {
    let payload = verified.payload();
    match name {
        "docker-manifest-digest" => Some(payload.digest.clone()),
        "docker-reference" => Some(payload.docker_reference.clone()),
        "creator" => payload.creator.clone(),
        "timestamp" => payload.timestamp.map(|seconds| seconds.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::testing::assert_rule;
    use crate::testing::signed::{ACME, D, assert_held, doors, named, signature, update};

    const KEY: &str = "92CBABD3BF7B8E055C19E3A76FE6B590713E7473";
    const PRIMARY: &str = "1D4BD7C0BA38169F7C94A4FFE091BC789F1A5DA2";
    const SUBKEY: &str = "C4E9E85D2A5C15A5165E84ABED5BE7C65A3CE53A";

    #[test]
    fn swapped_claims_are_refused_through_every_door() {
        for (claim, path, found, expected) in [
            (
                "imageIdentity: 'registry.test/ns/app:v2'",
                "imageIdentity",
                "registry.test/ns/app:v2",
                "registry.test/ns/app:v1",
            ),
            (
                "signedClaims: {docker-reference: x}",
                "signedClaims.docker-reference",
                "x",
                "registry.test/ns/app:v1",
            ),
            ("signedClaims: {creator: Red Hat}", "signedClaims.creator", "Red Hat", "fixture 1"),
            ("created: '2025-01-02T00:00:00Z'", "created", "2025-01-02T00:00:00Z", "2024-01-02T00:00:00Z"),
            ("issuedBy: {commonName: 199E2F91FD431D51}", "issuedBy.commonName", "199E2F91FD431D51", KEY),
            ("issuedBy: {organization: Red Hat}", "issuedBy.organization", "Red Hat", KEY),
            ("issuedTo: {publicKeyID: 0A3C8B7378DBA52A}", "issuedTo.publicKeyID", "0A3C8B7378DBA52A", KEY),
            ("issuedTo: {publicKeyID: '3E7473'}", "issuedTo.publicKeyID", "3E7473", KEY),
        ] {
            for (door, short, at) in doors(ACME, &signature("json-ok", &format!(", {claim}"))) {
                let line = named(&format!("{at}{path}: is `{found}`, but the signature has `{expected}`"));
                assert_rule(RULE.code, &[(door, &short, &[&line])]);
            }
        }
    }

    #[test]
    fn what_the_signature_says_may_be_repeated() {
        let claims = format!(
            ", imageIdentity: 'registry.test/ns/app:v1', created: '2024-01-02T00:00:00Z', issuedBy: {{organization: acme, commonName: 6FE6B590713E7473}}, \
             issuedTo: {{publicKeyID: '{KEY}'}}, signedClaims: {{docker-manifest-digest: '{D}', docker-reference: 'registry.test/ns/app:v1', creator: fixture 1, timestamp: '1704153600'}}"
        );
        for (door, short, _) in doors(ACME, &signature("json-ok", &claims)) {
            assert_rule(
                RULE.code,
                &[(door, &short, &[]), (door, &short.replace("6FE6B590713E7473", "6fe6b590713e7473"), &[])],
            );
        }
        // A subkey signed: its own fingerprint and the certificate's are both the signer's.
        let subkey = signature(
            "pgp-subkey",
            &format!(", issuedBy: {{commonName: {PRIMARY}}}, issuedTo: {{publicKeyID: {SUBKEY}}}"),
        );
        for (door, short, _) in doors(&ACME.replace("ed.asc", "sub.asc"), &subkey) {
            assert_rule(RULE.code, &[(door, &short, &[])]);
        }
        for (door, short, _) in doors("{}", &signature("json-ok", ", imageIdentity: x")) {
            assert_rule(RULE.code, &[(door, &short, &[])]);
        }
    }

    #[test]
    fn a_stored_signature_is_judged_when_something_else_is_said_of_it() {
        let plain = signature("json-ok", "");
        let right = signature("json-ok", ", imageIdentity: 'registry.test/ns/app:v1'");
        let wrong = signature("json-ok", ", imageIdentity: 'registry.redhat.io/ubi9/ubi:latest'");
        let line = "signatures[0].imageIdentity (signature `sha256:0205374946b5…@one`): is `registry.redhat.io/ubi9/ubi:latest`, but the signature has `registry.test/ns/app:v1`";
        let two = |signatures: [&String; 2]| signatures.map(String::as_str).join(", ");
        let alone = |old: &str, new: &str| {
            let [old, new] = [old, new].map(|it| it.replacen('{', "{kind: ImageSignature, ", 1));
            format!("settings: {ACME}\nold: {old}\nobject: {new}")
        };
        assert_rule(
            RULE.code,
            &[
                ("claimed", &update(ACME, &plain, &wrong), &[line]),
                ("swapped", &update(ACME, &right, &wrong), &[line]),
                ("unchanged", &update(ACME, &wrong, &wrong), &[]),
                ("taken back", &update(ACME, &wrong, &plain), &[]),
                ("put right", &update(ACME, &wrong, &right), &[]),
                ("turned round", &update(ACME, &two([&wrong, &plain]), &two([&plain, &wrong])), &[]),
                (
                    "by itself",
                    &alone(&plain, &wrong),
                    &[&line
                        .replace("signatures[0].", "")
                        .replace(" (signature `sha256:0205374946b5…@one`)", "")],
                ),
                ("by itself, unchanged", &alone(&wrong, &wrong), &[]),
            ],
        );
        assert_held(RULE.code, &update(ACME, &plain, &wrong));
    }
}
