//! Sigstore signatures, asked of a host that takes the questions as Kubewarden's own types and answers
//! as its host does: what is asked for must all be there, and what is not signed so is an error.
//!
//! Each question goes through the module and through the library, with equal answers.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail by panicking")]

mod common;

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex};

use common::MODULE;
use image_trust::answers::{Capabilities, HostCall, Natively};
use image_trust::host::module::Guest;
use kubewarden_policy_sdk::host_capabilities::SigstoreVerificationInputV2 as Question;
use serde_json::{Value, json};
use time::UtcDateTime;
use time::macros::utc_datetime;

const NOW: UtcDateTime = utc_datetime!(2026-06-01 12:00);
/// The digest of the image that is there, and another.
const D: &str = "sha256:0205374946b5e089dfd3017e2743df600adad17678a5c975f7074dc4ab4393d1";
const E: &str = "sha256:3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25";
const REPOSITORY: &str = "ghcr.example/acme/app";

const KEY: &str = "-----BEGIN PUBLIC KEY-----\none\n-----END PUBLIC KEY-----\n";
const OTHER_KEY: &str = "-----BEGIN PUBLIC KEY-----\nother\n-----END PUBLIC KEY-----\n";
const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----\none\n-----END CERTIFICATE-----\n";
const OTHER_CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----\nother\n-----END CERTIFICATE-----\n";
const ROOT: &str = "-----BEGIN CERTIFICATE-----\nroot\n-----END CERTIFICATE-----\n";

const GITHUB: &str = "https://token.actions.githubusercontent.com";
const GITLAB: &str = "https://gitlab.com";

const UNTRUSTED: &str = "image-untrusted";
const UNVERIFIED: &str = "image-unverified";
const UNAVAILABLE: &str = "host-unavailable";

/// A signature in the registry.
#[derive(Clone, Debug, Default)]
struct Signature {
    key: &'static str,
    certificate: &'static str,
    chain: &'static [&'static str],
    issuer: &'static str,
    subject: &'static str,
    annotations: &'static [(&'static str, &'static str)],
    /// Whether the transparency log has it.
    logged: bool,
}

fn by_key(key: &'static str) -> Signature {
    Signature { key, ..Signature::default() }
}

fn by_certificate(certificate: &'static str, logged: bool) -> Signature {
    Signature { certificate, logged, ..Signature::default() }
}

fn keyless(issuer: &'static str, subject: &'static str) -> Signature {
    Signature { issuer, subject, ..Signature::default() }
}

fn annotated(signature: Signature, annotations: &'static [(&'static str, &'static str)]) -> Signature {
    Signature { annotations, ..signature }
}

/// A registry with one image, `ghcr.example/acme/app:v1`, behind Kubewarden's host.
#[derive(Debug)]
struct Registry {
    signatures: Vec<Signature>,
    /// What the tag points at.
    digest: &'static str,
    /// What is answered instead of the truth.
    lie: Option<Value>,
    /// What is asked, in order.
    asked: Mutex<Vec<Value>>,
}

impl Registry {
    fn new(signatures: Vec<Signature>) -> Self {
        Self { signatures, digest: D, lie: None, asked: Mutex::default() }
    }

    fn verify(&self, question: &Question) -> Result<Value, String> {
        let (image, annotations, constraints) = constraints(question);
        let reference = image.strip_prefix(REPOSITORY).unwrap_or_default();
        let known = [":v1".to_owned(), format!("@{}", self.digest)];
        if !known.iter().any(|known| known == reference) {
            return Err(format!("Registry error: url https://{image}, envelope: MANIFEST_UNKNOWN"));
        }
        if self.signatures.is_empty() {
            return Err(format!("no signatures found for image: {image} "));
        }
        let has_all = |signature: &Signature| {
            annotations
                .iter()
                .flatten()
                .all(|(name, value)| signature.annotations.contains(&(name.as_str(), value.as_str())))
        };
        let is_met = |constraint: &Constraint| {
            self.signatures.iter().any(|signature| constraint(signature) && has_all(signature))
        };
        match constraints.iter().all(is_met) {
            true => Ok(json!({"is_trusted": true, "digest": self.digest})),
            false => Err("Image verification failed: missing signatures\nThe following constraints were not satisfied:\n".to_owned()),
        }
    }
}

type Constraint = Box<dyn Fn(&Signature) -> bool>;

/// What a question asks for (policy-fetcher `src/verify/verification_constraints.rs`).
fn constraints(question: &Question) -> (String, Option<BTreeMap<String, String>>, Vec<Constraint>) {
    match question {
        Question::SigstorePubKeyVerify { image, pub_keys, annotations } => {
            let by = |key: String| Box::new(move |it: &Signature| it.key == key) as Constraint;
            (image.clone(), annotations.clone(), pub_keys.iter().cloned().map(by).collect())
        }
        Question::SigstoreKeylessVerify { image, keyless, annotations } => {
            let by = |(issuer, subject): (String, String)| {
                Box::new(move |it: &Signature| it.issuer == issuer && it.subject == subject) as Constraint
            };
            let identities = keyless.iter().map(|it| (it.issuer.clone(), it.subject.clone()));
            (image.clone(), annotations.clone(), identities.map(by).collect())
        }
        Question::SigstoreKeylessPrefixVerify { image, keyless_prefix, annotations } => {
            let by = |(issuer, prefix): (String, String)| {
                let prefix = format!("{}/", prefix.trim_end_matches('/'));
                Box::new(move |it: &Signature| it.issuer == issuer && it.subject.starts_with(&prefix))
                    as Constraint
            };
            let identities = keyless_prefix.iter().map(|it| (it.issuer.clone(), it.url_prefix.clone()));
            (image.clone(), annotations.clone(), identities.map(by).collect())
        }
        Question::SigstoreGithubActionsVerify { image, owner, repo, annotations } => {
            let (owner, repo) = (owner.clone(), repo.clone());
            let by = move |it: &Signature| {
                let mut path = it.subject.strip_prefix("https://github.com/").unwrap_or_default().split('/');
                it.issuer == GITHUB
                    && path.next() == Some(owner.as_str())
                    && path.next().is_some_and(|found| repo.as_deref().is_none_or(|asked| asked == found))
            };
            (image.clone(), annotations.clone(), vec![Box::new(by)])
        }
        Question::SigstoreCertificateVerify {
            image,
            certificate,
            certificate_chain,
            require_rekor_bundle,
            annotations,
        } => {
            let certificate = String::from_utf8(certificate.clone()).unwrap();
            let chain: Vec<String> = certificate_chain
                .iter()
                .flatten()
                .map(|link| String::from_utf8(link.clone()).unwrap())
                .collect();
            let log = *require_rekor_bundle;
            let by = move |it: &Signature| {
                it.certificate == certificate && it.chain == chain && (it.logged || !log)
            };
            (image.clone(), annotations.clone(), vec![Box::new(by)])
        }
    }
}

impl Capabilities for Registry {
    fn answer(&self, HostCall { namespace, operation, payload }: HostCall<'_>) -> Result<Vec<u8>, String> {
        assert_eq!((namespace, operation), ("oci", "v2/verify"));
        let written: Value = serde_json::from_slice(payload).unwrap();
        let question: Question = serde_json::from_slice(payload).unwrap();
        // No member is lost on the way.
        assert_eq!(serde_json::to_value(&question).unwrap(), written);
        self.asked.lock().unwrap().push(written);
        let answer = self.lie.clone().map_or_else(|| self.verify(&question), Ok);
        answer.map(|answer| answer.to_string().into_bytes())
    }
}

static GUEST: LazyLock<Guest> = LazyLock::new(|| MODULE.link(Some(NOW)).unwrap());

/// The codes of what is told of a tag that points at `from`, where `ghcr.example/acme` needs `requirement`.
fn told(requirement: &Value, from: &str, registry: Registry) -> (Vec<String>, Vec<Value>, String) {
    let settings = json!({"trust": {
        "default": [{"type": "insecureAcceptAnything"}],
        "scopes": {"ghcr.example/acme": [requirement]},
    }});
    let checked = openshift_image_trust::validate_settings(settings.to_string().as_bytes(), NOW);
    assert!(checked.valid, "{checked:?}");
    let payload = json!({
        "settings": settings,
        "request": {
            "uid": "1", "operation": "CREATE", "namespace": "shop", "name": "web:v1",
            "kind": {"group": "image.openshift.io", "version": "v1", "kind": "ImageStreamTag"},
            "resource": {"group": "image.openshift.io", "version": "v1", "resource": "imagestreamtags"},
            "userInfo": {"username": "dana"},
            "object": {
                "apiVersion": "image.openshift.io/v1", "kind": "ImageStreamTag",
                "metadata": {"name": "web:v1", "namespace": "shop"},
                "tag": {"name": "v1", "from": {"kind": "DockerImage", "name": from}},
            },
        },
    })
    .to_string();
    let registry = Arc::new(registry);
    let natively = openshift_image_trust::evaluate(payload.as_bytes(), NOW, &Natively(registry.as_ref()));
    let asked = std::mem::take(&mut *registry.asked.lock().unwrap());
    let host: Arc<dyn Capabilities> = Arc::clone(&registry) as _;
    let answer = GUEST.call_with("validate", payload.as_bytes(), &host).unwrap();
    let answer = String::from_utf8(answer).unwrap();
    assert_eq!(answer, String::from_utf8(natively.to_json()).unwrap());
    assert_eq!(asked, *registry.asked.lock().unwrap());
    let answer: Value = serde_json::from_str(&answer).unwrap();
    let lines = answer["message"].as_str().into_iter().flat_map(|message| message.lines().skip(1));
    let warnings = answer["warnings"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let code =
        |line: &str| line.rsplit_once('[').map_or(line, |(_, code)| code).trim_end_matches(']').to_owned();
    let codes: Vec<String> = lines.chain(warnings).map(code).collect();
    assert_eq!(answer["accepted"], codes.iter().all(|code| code == UNVERIFIED), "{answer}");
    (codes, asked, answer.to_string())
}

fn pinned() -> String {
    format!("{REPOSITORY}@{D}")
}

#[track_caller]
fn assert_told(requirement: &Value, cases: Vec<(&str, Vec<Signature>, bool)>) {
    for (what, signatures, is_trusted) in cases {
        let (codes, _, answer) = told(requirement, &pinned(), Registry::new(signatures));
        let expected: &[&str] = if is_trusted { &[] } else { &[UNTRUSTED] };
        assert_eq!(codes, expected, "{what}: {answer}");
    }
}

#[test]
fn public_keys_must_all_have_signed_unless_any_will_do() {
    let asked = |keys: &str| json!({"type": "sigstoreSigned", "publicKeys": [KEY, OTHER_KEY], "keys": keys});
    let (one, other) = (by_key(KEY), by_key(OTHER_KEY));
    let stranger = by_key("-----BEGIN PUBLIC KEY-----\nstranger\n-----END PUBLIC KEY-----\n");
    let none: Vec<Signature> = vec![];
    assert_told(
        &asked("all"),
        vec![
            ("both", vec![one.clone(), other.clone()], true),
            ("the first", vec![one.clone()], false),
            ("the second", vec![other.clone()], false),
            ("a stranger", vec![stranger.clone()], false),
            ("the first twice", vec![one.clone(), one.clone()], false),
            ("nobody", none.clone(), false),
        ],
    );
    assert_told(
        &asked("any"),
        vec![
            ("both", vec![one.clone(), other.clone()], true),
            ("the first", vec![one], true),
            ("the second", vec![other], true),
            ("a stranger", vec![stranger], false),
            ("nobody", none.clone(), false),
        ],
    );
}

#[test]
fn keyless_identities_are_compared_whole() {
    const WORKFLOW: &str = "https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main";
    let asked = json!({"type": "sigstoreSigned", "keyless": [
        {"issuer": GITHUB, "subject": WORKFLOW},
        {"issuer": "https://accounts.example", "subject": "qa@acme.example"},
    ]});
    let release = keyless(GITHUB, WORKFLOW);
    let qa = keyless("https://accounts.example", "qa@acme.example");
    assert_told(
        &asked,
        vec![
            ("both", vec![release.clone(), qa.clone()], true),
            ("one of them", vec![release.clone()], false),
            ("another issuer", vec![release.clone(), keyless(GITLAB, "qa@acme.example")], false),
            ("the other's issuer", vec![release.clone(), keyless(GITHUB, "qa@acme.example")], false),
            (
                "another branch",
                vec![
                    keyless(
                        GITHUB,
                        "https://github.com/acme/app/.github/workflows/release.yml@refs/heads/dev",
                    ),
                    qa.clone(),
                ],
                false,
            ),
            (
                "more after it",
                vec![release, keyless("https://accounts.example", "qa@acme.example.evil")],
                false,
            ),
            ("a key", vec![by_key(KEY)], false),
        ],
    );
}

#[test]
fn a_prefix_ends_where_a_component_does() {
    let asked = json!({"type": "sigstoreSigned", "keylessPrefix": [
        {"issuer": GITLAB, "urlPrefix": "https://gitlab.com/acme"},
    ]});
    assert_told(
        &asked,
        vec![
            (
                "below it",
                vec![keyless(GITLAB, "https://gitlab.com/acme/app//.gitlab-ci.yml@refs/heads/main")],
                true,
            ),
            ("a look-alike", vec![keyless(GITLAB, "https://gitlab.com/acme-evil/app")], false),
            ("itself", vec![keyless(GITLAB, "https://gitlab.com/acme")], false),
            ("another issuer", vec![keyless(GITHUB, "https://gitlab.com/acme/app")], false),
            ("another host", vec![keyless(GITLAB, "https://gitlab.com.evil.example/acme/app")], false),
        ],
    );
}

#[test]
fn workflows_are_those_of_an_owner_or_of_one_repository() {
    let owner = json!({"type": "sigstoreSigned", "githubActions": {"owner": "acme"}});
    let repository = json!({"type": "sigstoreSigned", "githubActions": {"owner": "acme", "repo": "app"}});
    let of = |subject: &'static str| vec![keyless(GITHUB, subject)];
    let app = of("https://github.com/acme/app/.github/workflows/release.yml@refs/tags/v1");
    let web = of("https://github.com/acme/web/.github/workflows/release.yml@refs/tags/v1");
    let evil = of("https://github.com/acme-evil/app/.github/workflows/release.yml@refs/tags/v1");
    let longer = of("https://github.com/acme/app-evil/.github/workflows/release.yml@refs/tags/v1");
    let elsewhere = of("https://github.com.evil.example/acme/app/x.yml@refs/tags/v1");
    let issued_elsewhere =
        vec![keyless(GITLAB, "https://github.com/acme/app/.github/workflows/release.yml@refs/tags/v1")];
    assert_told(
        &owner,
        vec![
            ("app", app.clone(), true),
            ("web", web.clone(), true),
            ("evil", evil.clone(), false),
            ("elsewhere", elsewhere.clone(), false),
        ],
    );
    assert_told(
        &repository,
        vec![
            ("app", app.clone(), true),
            ("web", web.clone(), false),
            ("longer", longer.clone(), false),
            ("evil", evil.clone(), false),
            ("elsewhere", elsewhere.clone(), false),
            ("issued elsewhere", issued_elsewhere.clone(), false),
        ],
    );
}

#[test]
fn a_certificate_of_ones_own_is_asked_for_with_its_chain_and_the_log() {
    let asked = |log: Option<bool>| {
        let mut certificate = json!({"certificate": CERTIFICATE, "chain": [ROOT]});
        if let Some(log) = log {
            certificate["requireRekorBundle"] = json!(log);
        }
        json!({"type": "sigstoreSigned", "certificate": certificate})
    };
    let signed = |certificate, logged| Signature { chain: &[ROOT], ..by_certificate(certificate, logged) };
    for (log, unlogged_is_trusted) in [(None, false), (Some(true), false), (Some(false), true)] {
        assert_told(
            &asked(log),
            vec![
                ("in the log", vec![signed(CERTIFICATE, true)], true),
                ("not in the log", vec![signed(CERTIFICATE, false)], unlogged_is_trusted),
                ("another certificate", vec![signed(OTHER_CERTIFICATE, true)], false),
                ("no chain", vec![by_certificate(CERTIFICATE, true)], false),
            ],
        );
    }
    let alone = json!({"type": "sigstoreSigned", "certificate": {"certificate": CERTIFICATE}});
    assert_told(&alone, vec![("no chain", vec![by_certificate(CERTIFICATE, true)], true)]);
}

#[test]
fn annotations_must_be_on_the_signature_that_counts() {
    let asked =
        json!({"type": "sigstoreSigned", "publicKeys": [KEY], "annotations": {"env": "prod", "team": "a"}});
    let signed = by_key(KEY);
    let all = &[("env", "prod"), ("team", "a"), ("more", "x")][..];
    assert_told(
        &asked,
        vec![
            ("all of them, and more", vec![annotated(signed.clone(), all)], true),
            ("one of them", vec![annotated(signed.clone(), &[("env", "prod")])], false),
            ("another value", vec![annotated(signed.clone(), &[("env", "dev"), ("team", "a")])], false),
            ("on another's signature", vec![signed.clone(), annotated(by_key(OTHER_KEY), all)], false),
            ("none", vec![signed], false),
        ],
    );
}

#[test]
fn what_is_verified_must_be_what_is_pinned() {
    let asked = json!({"type": "sigstoreSigned", "publicKeys": [KEY]});
    let signed = || Registry::new(vec![by_key(KEY)]);
    let tag = format!("{REPOSITORY}:v1");
    for (what, from, registry, expected) in [
        ("pinned", pinned(), signed(), &[][..]),
        ("a tag beside the digest says nothing", format!("{REPOSITORY}:v1@{D}"), signed(), &[]),
        ("by tag", tag.clone(), signed(), &[UNVERIFIED]),
        ("by tag, unsigned", tag.clone(), Registry::new(vec![]), &[UNTRUSTED]),
        ("not there", format!("{REPOSITORY}@{E}"), signed(), &[UNAVAILABLE]),
        ("another tag", format!("{REPOSITORY}:v2"), signed(), &[UNAVAILABLE]),
        ("another repository", format!("ghcr.example/acme/other@{D}"), signed(), &[UNAVAILABLE]),
        ("nothing is asked there", format!("ghcr.io/other/app@{E}"), signed(), &[]),
    ] {
        let (codes, _, answer) = told(&asked, &from, registry);
        assert_eq!(codes, expected, "{what}: {answer}");
    }
    let (_, asked_of_host, answer) = told(&asked, &tag, signed());
    assert!(answer.contains("it is signed as sha256:0205374946b5… now"), "{answer}");
    let image = |question: &Value| question["image"].clone();
    assert_eq!(asked_of_host.iter().map(image).collect::<Vec<_>>(), [json!(tag)]);
}

/// A host that names another digest than the one that was asked for has verified another image.
#[test]
fn a_host_that_verified_another_image_is_not_believed() {
    let asked = json!({"type": "sigstoreSigned", "publicKeys": [KEY]});
    for (answer, expected) in [
        (json!({"is_trusted": true, "digest": E}), UNTRUSTED),
        (json!({"is_trusted": true, "digest": ""}), UNTRUSTED),
        (json!({"is_trusted": false, "digest": D}), UNTRUSTED),
        (json!({"is_trusted": true}), UNAVAILABLE),
        (json!({"is_trusted": "true", "digest": D}), UNAVAILABLE),
        (json!(null), UNAVAILABLE),
    ] {
        let what = answer.to_string();
        let (codes, ..) = told(&asked, &pinned(), Registry { lie: Some(answer), ..Registry::new(vec![]) });
        assert_eq!(codes, [expected], "{what}");
    }
}
