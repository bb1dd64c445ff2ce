//! Admission policy for OpenShift's image API (`image.openshift.io/v1`).
//!
//! One pure function decides; who calls it (the Kubewarden guest, the runner, a test) is not its
//! concern. It reads no clock, and asks nobody but the [`cluster::Cluster`] that it is handed.
//!
//! ```text
//! bytes --admission--> AdmissionRequest --changes--> Changes { references, images, signatures, … }
//!                                                         |
//! settings --policy--> Policy                             |
//!                        |                                v
//!                        |      trust: signatures --attached--> proof or reason
//!                        |             references --assess----> findings    (asks cluster)
//!                        v                                |
//!             evaluation: RULES(Changes, Policy, proofs, findings, now) --> Report --> Verdict
//! ```
//!
//! Every arrow is total, or gives a typed error that becomes a denial with a path. `tests/architecture.rs`
//! lists the rooms from top to bottom. A new rule touches three places: its file in `rules/`, its row in
//! [`RULES`], and a case in a pack.

mod admission;
mod api;
mod changes;
mod cluster;
mod evaluation;
mod json;
mod oci;
mod policy;
mod quote;
mod rules;
mod settings;
mod signature;
mod trust;

#[cfg(target_os = "wasi")]
mod guest;

#[cfg(test)]
extern crate self as openshift_image_trust;
#[cfg(test)]
#[path = "../tests/common/mod.rs"]
mod testing;

use time::UtcDateTime;

use admission::request::{self, Subject};
use admission::verdict::{self, Violation};
use api::Unreadable;
use cluster::cache::Lookups;
use evaluation::context::{Context, StoredFollowers};
use evaluation::engine;
use evaluation::report::Report;
use policy::{Policy, platform_writers};
use rules::{request_unreadable, signature_untrusted, unsupported_resource};
use settings::line::Line;
#[cfg(not(target_family = "wasm"))]
use settings::reader::Setting;
use trust::attached;
use trust::judge::Judge;

pub use admission::request::read as read_request;
pub use admission::verdict::{SettingsVerdict, Verdict};
pub use api::{GROUP, SERVED, Served, VERSION, resource_of};
pub use changes::{Changes, EntryPoint, Source};
pub use cluster::{
    Cluster, ClusterError, GetResource, Keyless, KeylessPrefix, NoCluster, Verified, VerifySigstore, absent,
};
pub use evaluation::rule::Rule;
pub use json::path::{FieldPath, Segment};
pub use oci::digest::{Digest, digest_like};
pub use oci::manifest::{Content, Descriptor, Manifest, ManifestError};
pub use oci::reference::{
    HUB, ImageReference, PullSpec, ReferenceError, RegistryAliases, is_host, is_integrated, is_tag,
    normalize_host,
};
pub use oci::scope::{Scope, ScopeSet};
pub use quote::{escape, nearest, quote, shorten_digests};
pub use rules::RULES;
pub use settings::node::Node;
pub use settings::problem::{KnownRule, KnownRules, Problem};
pub use settings::trust::{ExactReference, ExactRepository, Plain, RemapIdentity, SignedIdentity};
pub use settings::{Level, Settings};
pub use signature::stored::TYPES as SIGNATURE_TYPES;
pub use signature::{
    CertificateInfo, CertificateProblem, CheckedCertificates, Cost, EndedKey, Fault, KeyPolicy, Keyring,
    Limits, Malformed, Note, OpenedSignature, Payload, PayloadProblem, Reason, Rejection, Signer, SigningKey,
    UnreadableKeyText, VerifiedSignature, check_certificates, inspect, one_by_one,
};
pub use trust::identity::matches as identity_matches;

/// Decides on a payload `{"request": …, "settings": …}` at the time `now`, by what `cluster` answers.
///
/// Never fails: what cannot be read is denied.
#[must_use]
pub fn evaluate(payload: &[u8], now: UtcDateTime, cluster: &dyn Cluster) -> Verdict {
    let read = request::read(payload);
    let about = read.about.to_string();
    let settings = match Settings::parse(read.settings.unwrap_or("{}")) {
        Ok(settings) => settings,
        Err(problems) => {
            let unreadable = problems.into_iter().map(|problem| Unreadable {
                path: FieldPath::root().key("settings").join(problem.path),
                reason: problem.message,
            });
            return unreadable_verdict("the settings", unreadable.collect(), None);
        }
    };
    let request = match read.request {
        Ok(request) => request,
        Err(error) => {
            let help = settings.answers.help.as_ref().map(Line::as_str);
            return unreadable_verdict(&about, vec![error], help);
        }
    };
    let policy = Policy::new(settings);
    let mut report = Report::new(&policy, &request, now);
    if let Subject::Unsupported = request.subject {
        let message = unsupported_resource::message(&request.full_resource());
        report.add(&unsupported_resource::RULE, FieldPath::root().key("request.resource"), message, None);
    }
    let introduced = Changes::of(&request, &policy.aliases);
    let signers = policy.signature_signers(now);
    let keyring = Keyring::new(&signers, policy.signature_limits(), now);
    let limit = policy.limits.signatures_per_image;
    let signatures = attached::examine(&introduced.signatures, &keyring, limit);
    for signature in &signatures {
        report.note_signers(signature, &signature_untrusted::RULE);
    }
    let lookups = Lookups::new(cluster, &keyring, limit);
    let judge = Judge {
        trust: policy.trust.as_ref(),
        aliases: &policy.aliases,
        namespace: request.namespace.as_str(),
        cluster: &lookups,
        attached: &signatures,
        is_push: policy.exemptions.is_push(&request),
    };
    let findings = judge.assess(&introduced.references, engine::needs_findings(RULES, &report));
    if judge.is_trusted_as_shown(&introduced.references, &findings) {
        report.spare_attached();
    }
    let context = Context {
        policy: &policy,
        namespace: request.namespace.as_str(),
        signatures: &signatures,
        lookups: &lookups,
        judge: &judge,
        stores_manifests: platform_writers::stores_manifests(&request),
        findings: &findings,
        followers: StoredFollowers::default(),
    };
    engine::judge(RULES, &introduced, &context, &mut report);
    for (image, proof) in signatures.iter().filter_map(|it| Some((it.introduced.image?, it.proof()?))) {
        report.note_age(image, proof, &signature_untrusted::RULE);
    }
    for found in lookups.images() {
        let Ok(Some(image)) = found.as_ref() else { continue };
        // Those that had to be verified for the decision.
        let known = image.signatures.iter().filter(|signature| signature.cost().is_none());
        let proofs = known.filter_map(|signature| signature.outcome(&keyring).as_ref().ok());
        for proof in proofs.filter(|proof| proof.payload().digest == image.name) {
            report.note_signer(proof);
            report.note_age(&image.name, proof, &signature_untrusted::RULE);
        }
    }
    report.into_verdict(&about, DENIED)
}

/// Tells whether settings can be used, and everything that is wrong with them.
#[must_use]
pub fn validate_settings(settings: &[u8], now: UtcDateTime) -> SettingsVerdict {
    let problems = match std::str::from_utf8(settings) {
        Ok(json) => Settings::problems(json, now),
        Err(_) => vec![Problem { path: FieldPath::root(), message: "are not UTF-8".to_owned() }],
    };
    SettingsVerdict::new(&problems)
}

/// What settings need to know of the rules.
#[expect(clippy::indexing_slicing, reason = "out of bounds would not compile")]
static KNOWN_RULES: [KnownRule; RULES.len()] = {
    let mut known = [KnownRule { code: "", fixed: true, of_references: false }; RULES.len()];
    let mut index = 0;
    while index < RULES.len() {
        let rule = &RULES[index];
        known[index] =
            KnownRule { code: rule.code, fixed: rule.fixed, of_references: rule.is_about_references() };
        index += 1;
    }
    known
};

impl Settings {
    /// Reads settings.
    ///
    /// # Errors
    /// Everything that is wrong with them.
    pub fn parse(json: &str) -> Result<Self, Vec<Problem>> {
        Self::parse_with(json, &KNOWN_RULES)
    }

    /// Returns everything that is wrong with settings, what takes time to find included.
    #[must_use]
    pub fn problems(json: &str, now: UtcDateTime) -> Vec<Problem> {
        Self::problems_with(json, &KNOWN_RULES, now)
    }

    /// Returns the JSON Schema of the settings.
    #[cfg(not(target_family = "wasm"))]
    #[must_use]
    pub fn json_schema() -> serde_json::Value {
        <Self as Setting>::schema(&KNOWN_RULES)
    }
}

/// HTTP status of a denial.
const DENIED: u16 = 403;
/// HTTP status of an answer to what cannot be read.
const UNREADABLE: u16 = 400;

fn unreadable_verdict(about: &str, unreadable: Vec<Unreadable>, help: Option<&str>) -> Verdict {
    const RULE: &Rule = &request_unreadable::RULE;
    let violations: Vec<Violation> = unreadable
        .into_iter()
        .map(|Unreadable { path, reason }| Violation { path, entry: None, code: RULE.code, message: reason })
        .collect();
    Verdict {
        accepted: false,
        message: Some(verdict::message(about, &violations, violations.len(), help)),
        code: Some(UNREADABLE),
        audit_annotations: std::collections::BTreeMap::new(),
        warnings: Vec::new(),
    }
}
