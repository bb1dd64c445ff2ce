//! Sigstore signatures, which the host verifies: it alone can reach registries and transparency logs.

use std::collections::BTreeMap;

use crate::cluster::cache::{LookupError, Lookups};
use crate::cluster::{Keyless, KeylessPrefix, VerifySigstore};
use crate::oci::reference::PullSpec;
use crate::quote::{excerpt, quote};
use crate::settings::trust::{Keys, SigstoreSigned};

/// What the host found out.
#[derive(Debug, Eq, PartialEq)]
pub enum Answer {
    /// The very image is signed as asked.
    Signed,
    /// The image that is there now is; which one is not written down.
    SignedNow(String),
    /// It is not signed as asked.
    Unsigned(String),
    /// The host could not tell.
    Unavailable(String),
}

/// Asks the host whether the image at a pull spec is signed as asked.
#[must_use]
pub fn ask(signed: &SigstoreSigned, pull_spec: &str, lookups: &Lookups<'_>) -> Answer {
    let Ok(spec) = PullSpec::parse(pull_spec) else {
        return Answer::Unsigned(format!("{} is not a pull spec", quote(pull_spec)));
    };
    // With a digest the tag beside it says nothing.
    let image = match spec.digest() {
        Some(digest) => format!("{}@{digest}", spec.name()),
        None => spec.to_string(),
    };
    let mut unavailable = None;
    for question in questions(signed, &image) {
        match lookups.verify(question).as_ref() {
            Ok(answer) if !answer.is_trusted => {}
            Ok(answer) => {
                return match spec.digest() {
                    None => Answer::SignedNow(answer.digest.clone()),
                    Some(digest) if *digest == *answer.digest => Answer::Signed,
                    Some(_) => Answer::Unsigned(format!("the host verified {}", quote(&answer.digest))),
                };
            }
            // The request asks for too much, which is no fault of the host's.
            Err(error @ LookupError::Spent) => return Answer::Unsigned(error.to_string()),
            Err(error) => unavailable = unavailable.or_else(|| Some(excerpt(&error.to_string()))),
        }
    }
    match unavailable {
        Some(error) => Answer::Unavailable(format!("the host could not verify {}: {error}", quote(&image))),
        None => {
            Answer::Unsigned("the host found no sigstore signature that meets the requirement".to_owned())
        }
    }
}

/// The questions of which one must be answered with yes.
fn questions(signed: &SigstoreSigned, image: &str) -> Vec<VerifySigstore> {
    let image = image.to_owned();
    let annotations: Option<BTreeMap<String, String>> =
        (!signed.annotations.0.is_empty()).then(|| signed.annotations.0.clone());
    if !signed.public_keys.is_empty() {
        // The host asks for all the keys of one question.
        let groups = match signed.keys {
            Keys::All => vec![signed.public_keys.clone()],
            Keys::Any => signed.public_keys.iter().map(|key| vec![key.clone()]).collect(),
        };
        let question = |pub_keys| VerifySigstore::SigstorePubKeyVerify {
            image: image.clone(),
            pub_keys,
            annotations: annotations.clone(),
        };
        return groups.into_iter().map(question).collect();
    }
    if !signed.keyless.is_empty() {
        let keyless = signed.keyless.iter();
        let keyless = keyless.map(|it| Keyless { issuer: it.issuer.clone(), subject: it.subject.clone() });
        return vec![VerifySigstore::SigstoreKeylessVerify {
            image,
            keyless: keyless.collect(),
            annotations,
        }];
    }
    if !signed.keyless_prefix.is_empty() {
        let prefixes = signed.keyless_prefix.iter();
        let prefixes =
            prefixes.map(|it| KeylessPrefix { issuer: it.issuer.clone(), url_prefix: it.url_prefix.clone() });
        let keyless_prefix = prefixes.collect();
        return vec![VerifySigstore::SigstoreKeylessPrefixVerify { image, keyless_prefix, annotations }];
    }
    if let Some(actions) = &signed.github_actions {
        return vec![VerifySigstore::SigstoreGithubActionsVerify {
            image,
            owner: actions.owner.clone(),
            repo: actions.repo.clone(),
            annotations,
        }];
    }
    let certificate = signed.certificate.as_ref().map(|it| VerifySigstore::SigstoreCertificateVerify {
        image,
        certificate: it.certificate.clone().into_bytes(),
        certificate_chain: (!it.chain.is_empty())
            .then(|| it.chain.iter().map(|it| it.clone().into_bytes()).collect()),
        require_rekor_bundle: it.require_rekor_bundle,
        annotations,
    });
    certificate.into_iter().collect()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::panic, reason = "a test may fail")]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::settings::Settings;
    use crate::settings::trust::Requirement;

    /// What the host is asked about an image `i`, as it reads it.
    fn asked(by: &Value) -> Value {
        let mut requirement = json!({"type": "sigstoreSigned"});
        requirement.as_object_mut().unwrap().extend(by.as_object().unwrap().clone());
        let settings = Settings::parse(&json!({"trust": {"default": [requirement]}}).to_string()).unwrap();
        match settings.trust.unwrap().default.0.as_slice() {
            [Requirement::SigstoreSigned(signed)] => serde_json::to_value(questions(signed, "i")).unwrap(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_host_is_asked_for_all_that_the_settings_ask_for() {
        const KEY: &str = "-----BEGIN PUBLIC KEY-----\nMFkw";
        const OTHER: &str = "-----BEGIN PUBLIC KEY-----\nMFkx";
        const PEM: &str = "-----BEGIN CERTIFICATE-----\n";
        let none = Value::Null;
        for (by, expected) in [
            (
                json!({"publicKeys": [KEY, OTHER]}),
                json!([{"type": "SigstorePubKeyVerify", "image": "i", "pub_keys": [KEY, OTHER], "annotations": none}]),
            ),
            (
                json!({"publicKeys": [KEY, OTHER], "keys": "any", "annotations": {"env": "prod"}}),
                json!([
                    {"type": "SigstorePubKeyVerify", "image": "i", "pub_keys": [KEY], "annotations": {"env": "prod"}},
                    {"type": "SigstorePubKeyVerify", "image": "i", "pub_keys": [OTHER], "annotations": {"env": "prod"}},
                ]),
            ),
            (
                json!({"keyless": [{"issuer": "https://a", "subject": "b"}], "annotations": {"env": "prod"}}),
                json!([{"type": "SigstoreKeylessVerify", "image": "i",
                        "keyless": [{"issuer": "https://a", "subject": "b"}], "annotations": {"env": "prod"}}]),
            ),
            (
                json!({"keylessPrefix": [{"issuer": "https://a", "urlPrefix": "https://b/"}]}),
                json!([{"type": "SigstoreKeylessPrefixVerify", "image": "i",
                        "keyless_prefix": [{"issuer": "https://a", "url_prefix": "https://b/"}], "annotations": none}]),
            ),
            (
                json!({"githubActions": {"owner": "acme"}}),
                json!([{"type": "SigstoreGithubActionsVerify", "image": "i", "owner": "acme", "repo": none, "annotations": none}]),
            ),
            (
                json!({"certificate": {"certificate": PEM}}),
                json!([{"type": "SigstoreCertificateVerify", "image": "i", "certificate": PEM.as_bytes(),
                        "certificate_chain": none, "require_rekor_bundle": true, "annotations": none}]),
            ),
            (
                json!({"certificate": {"certificate": PEM, "chain": [PEM], "requireRekorBundle": false}}),
                json!([{"type": "SigstoreCertificateVerify", "image": "i", "certificate": PEM.as_bytes(),
                        "certificate_chain": [PEM.as_bytes()], "require_rekor_bundle": false, "annotations": none}]),
            ),
        ] {
            assert_eq!(asked(&by), expected, "{by}");
        }
    }
}
