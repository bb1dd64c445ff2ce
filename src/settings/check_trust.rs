//! What signers and requirements mean together, where one value alone cannot tell.

use std::collections::{BTreeMap, BTreeSet};

use crate::json::path::FieldPath;
use crate::quote::quote;
use crate::settings::declaration::Settings;
use crate::settings::problem::Problems;
use crate::settings::reader::help;
use crate::settings::trust::{
    Alternative, MAX_AGE_DAYS, Requirement, Requirements, SignedBy, SignerSettings, SigstoreSigned, Trust,
};
use crate::settings::{check_identity, check_sigstore};
use crate::signature::{CertificateInfo, SigningKey};

/// Checks signers and requirements.
pub fn check(settings: &Settings, problems: &mut Problems) {
    let names = check_signers(&settings.signers, problems);
    for (at, required) in settings.trust.iter().flat_map(all_signature_requirements) {
        match required {
            SignatureRequirement::SignedBy(signed_by) => {
                check_signed_by(signed_by, names.as_ref(), &at, problems)
            }
            SignatureRequirement::Sigstore(signed) => check_sigstore::check(signed, &at, problems),
        }
    }
    check_scopes(settings.trust.as_ref(), problems);
}

/// A requirement of signatures.
enum SignatureRequirement<'t> {
    SignedBy(&'t SignedBy),
    Sigstore(&'t SigstoreSigned),
}

/// The requirements of signatures in a requirement, each with its place.
fn signature_requirements<'t>(
    requirement: &'t Requirement,
    at: &FieldPath,
) -> Vec<(FieldPath, SignatureRequirement<'t>)> {
    match requirement {
        Requirement::SignedBy(signed_by) => vec![(at.clone(), SignatureRequirement::SignedBy(signed_by))],
        Requirement::SigstoreSigned(signed) => vec![(at.clone(), SignatureRequirement::Sigstore(signed))],
        Requirement::AnyOf(any_of) => {
            let at = at.clone().key("requirements");
            let required = |(index, alternative): (usize, &'t Alternative)| {
                let required = match alternative {
                    Alternative::SignedBy(signed_by) => SignatureRequirement::SignedBy(signed_by),
                    Alternative::SigstoreSigned(signed) => SignatureRequirement::Sigstore(signed),
                };
                (at.clone().index(index), required)
            };
            any_of.requirements.0.iter().enumerate().map(required).collect()
        }
        Requirement::InsecureAcceptAnything(_) | Requirement::Reject(_) => Vec::new(),
    }
}

/// The requirements of signatures in all requirements, each with its place.
fn all_signature_requirements(trust: &Trust) -> impl Iterator<Item = (FieldPath, SignatureRequirement<'_>)> {
    requirements(trust).flat_map(|(at, requirements)| {
        let requirements = requirements.0.iter().enumerate();
        requirements.flat_map(move |(index, requirement)| {
            signature_requirements(requirement, &at.clone().index(index))
        })
    })
}

/// Images are pulled by digest once they are imported, so that a signature that is required of a tag would
/// be required of nothing. A tag may be rejected: that holds for what is written with it.
fn check_scopes(trust: Option<&Trust>, problems: &mut Problems) {
    for (scope, requirements) in trust.iter().flat_map(|trust| &trust.scopes.values) {
        if scope.has_tag() && requirements.0.iter().any(Requirement::needs_signatures) {
            let at = FieldPath::root().key("trust.scopes").member(scope.as_str());
            let message = format!(
                "names a tag, but images are pulled by digest, to which this would not apply: write {}",
                quote(scope.repository())
            );
            problems.complain(&at, message);
        }
    }
}

/// Returns the names of the signers, unless one could not be read.
fn check_signers<'s>(signers: &'s [SignerSettings], problems: &mut Problems) -> Option<BTreeSet<&'s str>> {
    let at_list = FieldPath::root().key("signers");
    let mut names = BTreeSet::new();
    let mut all_are_read = problems.is_read(&at_list) || !signers.is_empty();
    for (index, signer) in signers.iter().enumerate() {
        let at = at_list.clone().index(index);
        let at_name = at.clone().key("name");
        all_are_read &= problems.is_read(&at_name);
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if signer.name.is_empty() || !signer.name.chars().all(plain) {
            problems.complain(&at_name, format!("{} is not of the form `[a-z0-9-]+`", quote(&signer.name)));
        }
        if !names.insert(signer.name.as_str()) {
            problems.complain(&at_name, format!("{} is another signer's name too", quote(&signer.name)));
        }
        if let (Some(from), Some(until)) = (signer.signed_from, signer.signed_until)
            && from >= until
            && problems.is_read(&at.clone().key("signedFrom"))
        {
            problems.complain(&at.clone().key("signedUntil"), "is not after `signedFrom`");
        }
        if signer.max_age_days.is_some_and(|days| i64::try_from(days).unwrap_or(i64::MAX) > MAX_AGE_DAYS) {
            problems
                .complain(&at.key("maxAgeDays"), format!("is more than {MAX_AGE_DAYS} days: leave it out"));
        }
    }
    all_are_read.then_some(names)
}

/// All requirements, each with its place.
fn requirements(trust: &Trust) -> impl Iterator<Item = (FieldPath, &Requirements)> {
    let at = FieldPath::root().key("trust");
    let default = (at.clone().key("default"), &trust.default);
    let of_scope = move |(scope, them)| (at.clone().key("scopes").member(scope), them);
    std::iter::once(default).chain(trust.scopes.written().map(of_scope))
}

fn check_signed_by(
    signed_by: &SignedBy,
    names: Option<&BTreeSet<&str>>,
    at: &FieldPath,
    problems: &mut Problems,
) {
    let at_list = at.clone().key("signers");
    for (index, name) in signed_by.signers.iter().enumerate() {
        let at = at_list.clone().index(index);
        if let Some(names) = names.filter(|names| !names.contains(name.as_str())) {
            let help = if names.is_empty() {
                "`signers` is empty".to_owned()
            } else {
                help(name, &names.iter().copied().collect::<Vec<_>>())
            };
            problems.complain(&at, format!("{} is not a signer: {help}", quote(name)));
        }
        if signed_by.signers.iter().take(index).any(|earlier| earlier == name) {
            problems.complain(&at, format!("{} is listed twice", quote(name)));
        }
    }
    if signed_by.signers.is_empty() {
        problems.complain(&at_list, "is empty");
    }
    check_identity::check(&signed_by.signed_identity, &at.clone().key("signedIdentity"), problems);
}

/// Checks whether the signers of each requirement can make as many signatures as it asks for, which count
/// beside each other. Signers that are not in `certificates`, which has those that can count, are not known.
pub fn check_thresholds(
    trust: &Trust,
    certificates: &BTreeMap<&str, Vec<CertificateInfo>>,
    problems: &mut Problems,
) {
    for (at, required) in all_signature_requirements(trust) {
        if let SignatureRequirement::SignedBy(signed_by) = required {
            check_threshold(signed_by, certificates, &at, problems);
        }
    }
}

fn check_threshold(
    signed_by: &SignedBy,
    certificates: &BTreeMap<&str, Vec<CertificateInfo>>,
    at: &FieldPath,
    problems: &mut Problems,
) {
    let of_signers = signed_by.signers.iter().map(|name| certificates.get(name.as_str()));
    let Some(of_signers) = of_signers.collect::<Option<Vec<_>>>() else { return };
    let is_post_quantum = signed_by.post_quantum;
    let counts = |key: &&SigningKey| !is_post_quantum || key.is_post_quantum();
    let of_certificates = of_signers.into_iter().flatten();
    let of_certificates = of_certificates.map(|it| it.signing_keys.iter().filter(counts).collect());
    let different = different_keys(of_certificates);
    let threshold = signed_by.threshold;
    if is_post_quantum && different == 0 && !signed_by.signers.is_empty() {
        let message = "none of `signers` has a post-quantum key, so that no image could meet this";
        problems.complain(&at.clone().key("postQuantum"), message);
    } else if different < threshold {
        let kind = if is_post_quantum { "different post-quantum keys" } else { "different keys" };
        let message = format!("{threshold} cannot be reached: `signers` have {different} {kind}");
        problems.complain(&at.clone().key("threshold"), message);
    }
}

/// How many signatures by keys of these certificates count beside each other, at most: one of all
/// certificates each of which has no key that is of other material than each key of the others.
fn different_keys<'c>(certificates: impl Iterator<Item = Vec<&'c SigningKey>>) -> usize {
    let mut groups: Vec<Vec<Vec<&SigningKey>>> = Vec::new();
    for keys in certificates.filter(|keys| !keys.is_empty()) {
        let is_one_with = |others: &Vec<&SigningKey>| {
            keys.iter().all(|key| others.iter().all(|other| key.shares_material_with(other)))
        };
        match groups.iter_mut().find(|group| group.iter().all(is_one_with)) {
            Some(group) => group.push(keys),
            None => groups.push(vec![keys]),
        }
    }
    groups.len()
}

#[cfg(test)]
mod tests {
    use crate::settings::tests::assert_problems;

    #[test]
    fn a_mistake_in_trust_never_reads_as_trust_in_everything() {
        assert_problems(&[
            (r#"{"trust":null}"#, &["trust: expected an object, found null"]),
            (r#"{"trust":{}}"#, &["trust: `default` is missing"]),
            (
                r#"{"trust":{"default":[]}}"#,
                &[
                    "trust.default: expected at least one requirement: an empty list would mean nothing, found a list",
                ],
            ),
            (
                r#"{"trust":{"default":[{"type":"reject"}],"scopes":{"quay.io":[]}}}"#,
                &[
                    "trust.scopes[quay.io]: expected at least one requirement: an empty list would mean nothing, found a list",
                ],
            ),
            (
                r#"{"trust":{"default":{"type":"reject"}}}"#,
                &["trust.default: expected a list, found an object"],
            ),
            (
                r#"{"trust":{"default":[{}]}}"#,
                &[
                    "trust.default[0]: `type` is missing: one of `insecureAcceptAnything`, `reject`, `signedBy`, `sigstoreSigned`, `anyOf`",
                ],
            ),
            (
                r#"{"trust":{"default":[{"type":"insecureAcceptAnyThing"}]}}"#,
                &[
                    "trust.default[0].type: unknown type `insecureAcceptAnyThing`: did you mean `insecureAcceptAnything`?",
                ],
            ),
            (
                r#"{"trust":{"default":[{"type":null}]}}"#,
                &[
                    "trust.default[0].type: expected one of `insecureAcceptAnything`, `reject`, `signedBy`, `sigstoreSigned`, `anyOf`, found null",
                ],
            ),
            (
                r#"{"trust":{"default":[{"type":"reject","type":"insecureAcceptAnything"}]}}"#,
                &["trust.default[0].type: duplicate key"],
            ),
            (
                r#"{"trust":{"default":[{"type":"reject","signers":[]}]}}"#,
                &["trust.default[0]: unknown key `signers`: it has no key but `type`"],
            ),
            (r#"{"trust":{"default":[{"type":"signedBy"}]}}"#, &["trust.default[0]: `signers` is missing"]),
            (
                r#"{"trust":{"default":[{"type":"reject"}],"defualt":[]}}"#,
                &["trust: unknown key `defualt`: did you mean `default`?"],
            ),
            (
                r#"{"trust":{"default":[{"type":"reject"}],"scopes":{"busybox":[{"type":"reject"}]}}}"#,
                &[
                    "trust.scopes.busybox: `busybox` has no registry host: write `docker.io/library/busybox` for Docker Hub",
                ],
            ),
        ]);
    }

    #[test]
    fn signers_are_named_once_and_known() {
        let signed_by = |signers: &str, signed_by: &str| {
            format!(r#"{{"signers":[{signers}],"trust":{{"default":[{{"type":"signedBy",{signed_by}}}]}}}}"#)
        };
        let good = r#"{"name":"red-hat","openpgp":"x"}"#;
        assert_problems(&[
            (&signed_by(good, r#""signers":["red-hat"]"#), &[]),
            (
                &signed_by(good, r#""signers":["redhat"]"#),
                &["trust.default[0].signers[0]: `redhat` is not a signer: did you mean `red-hat`?"],
            ),
            (
                &signed_by(good, r#""signers":["nobody"]"#),
                &["trust.default[0].signers[0]: `nobody` is not a signer: known: `red-hat`"],
            ),
            (
                &signed_by(r#"{"name":"\u001b[2J","openpgp":"x"}"#, r#""signers":["nobody"]"#),
                &[
                    r"signers[0].name: `\u{1b}[2J` is not of the form `[a-z0-9-]+`",
                    r"trust.default[0].signers[0]: `nobody` is not a signer: known: `\u{1b}[2J`",
                ],
            ),
            (
                &signed_by(r#"{"name":"red\u001bhat","openpgp":"x"}"#, r#""signers":["redhat"]"#),
                &[
                    r"signers[0].name: `red\u{1b}hat` is not of the form `[a-z0-9-]+`",
                    r"trust.default[0].signers[0]: `redhat` is not a signer: did you mean `red\u{1b}hat`?",
                ],
            ),
            (
                &signed_by("", r#""signers":["red-hat"]"#),
                &["trust.default[0].signers[0]: `red-hat` is not a signer: `signers` is empty"],
            ),
            (
                &signed_by(good, r#""signers":["red-hat","red-hat"]"#),
                &["trust.default[0].signers[1]: `red-hat` is listed twice"],
            ),
            (&signed_by(good, r#""signers":[]"#), &["trust.default[0].signers: is empty"]),
            (
                &signed_by(good, r#""signers":["red-hat"],"threshold":0"#),
                &["trust.default[0].threshold: expected a whole number from 1, found the number 0"],
            ),
            (
                &signed_by(&format!("{good},{good}"), r#""signers":["red-hat"]"#),
                &["signers[1].name: `red-hat` is another signer's name too"],
            ),
            (
                &signed_by(r#"{"name":"Red Hat","openpgp":"x"}"#, r#""signers":["Red Hat"]"#),
                &["signers[0].name: `Red Hat` is not of the form `[a-z0-9-]+`"],
            ),
            (
                &signed_by(
                    r#"{"name":"a","openpgp":"x","signedFrom":"2027-01-01T00:00:00Z","signedUntil":"2026-01-01T00:00:00Z"}"#,
                    r#""signers":["a"]"#,
                ),
                &["signers[0].signedUntil: is not after `signedFrom`"],
            ),
            (
                &signed_by(r#"{"name":"a","openpgp":"x","signedFrom":"2027-01-01"}"#, r#""signers":["a"]"#),
                &["signers[0].signedFrom: `2027-01-01` is not a time such as `2027-01-01T00:00:00Z`"],
            ),
            (
                &signed_by(r#"{"name":"a","openpgp":"x","revokedKey":"allow"}"#, r#""signers":["a"]"#),
                &[
                    "signers[0].revokedKey: expected one of `deny`, `allowSignedBefore`, found the string `allow`",
                ],
            ),
            (r#"{"signers":[{}]}"#, &["signers[0]: `name` is missing", "signers[0]: `openpgp` is missing"]),
        ]);
    }
}
