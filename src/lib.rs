//! Admission policy for OpenShift's image API (`image.openshift.io/v1`).
//!
//! One pure function decides; who calls it (the Kubewarden guest, the runner, a test) is not its
//! concern. It reads no clock, and asks nobody but the [`cluster::Cluster`] that it is handed.
//!
//! ```text
//! bytes --request--> AdmissionRequest --object--> Object --introduced--> Introduced{references, images, signatures}
//!                                                                           |          (settings --policy--> Policy)
//!                                  examined: signature --> proof or reason  |                      |
//!                                                                           v                      v
//!                                                        rules(Introduced, Policy, now) --> Report[Violation] --verdict--> Verdict
//! ```
//!
//! Every arrow is total, or gives a typed error that becomes a denial with a path. To add a rule:
//! its file in `rules/`, its row in [`rules::RULES`], its wording in [`violation::Denial`], a case
//! in a pack.

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
use admission::verdict;
use api::Unreadable;
use cluster::cache::Lookups;
use evaluation::denial::{Denial, Report, Violation};
use policy::Policy;
use rules::{Context, request_unreadable, unsupported_resource};
use trust::{assess, attached};

pub use admission::request::read as read_request;
pub use admission::verdict::{SettingsVerdict, Verdict};
pub use api::{SERVED, Served};
pub use changes::{EntryPoint, Introduced, Source};
pub use cluster::{Cluster, GetResource, Keyless, KeylessPrefix, NoCluster, Verified, VerifySigstore};
pub use json::path::{FieldPath, Segment};
pub use oci::digest::{Digest, digest_like};
pub use oci::manifest::{Content, Descriptor, Manifest};
pub use oci::reference::{
    HUB, ImageReference, PullSpec, ReferenceError, RegistryAliases, is_host, is_integrated, is_tag,
    normalize_host,
};
pub use oci::scope::{Scope, ScopeSet};
pub use quote::quote;
pub use rules::{Level, RULES, Rule};
pub use settings::Settings;
pub use settings::reader::{Node, Problem, Setting};
pub use settings::trust::{ExactReference, ExactRepository, Plain, RemapIdentity, SignedIdentity};
pub use signature::{
    CertificateInfo, CertificateProblem, Fault, Keyring, Limits, Malformed, Note, Past, Payload,
    PayloadProblem, Reason, Rejection, Signer, Stance, Unreadable as UnreadableKeys, VerifiedSignature,
    check_certificates, inspect, one_by_one,
};
pub use trust::attached::TYPES as SIGNATURE_TYPES;
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
            return unreadable_verdict("the settings", unreadable.collect());
        }
    };
    let request = match read.request {
        Ok(request) => request,
        Err(error) => return unreadable_verdict(&about, vec![error]),
    };
    let policy = Policy::new(settings);
    let mut report = Report::new(&policy, &request, now);
    if let Subject::Unsupported = request.subject {
        let denial = Denial::UnsupportedResource { resource: request.full_resource() };
        report.add(&unsupported_resource::RULE, FieldPath::root().key("request.resource"), denial, None);
    }
    let introduced = Introduced::of(&request, &policy.aliases);
    let signers = policy.signature_signers();
    let keyring = Keyring::new(&signers, policy.signature_limits(), now);
    let limit = policy.limits.signatures_per_image;
    let signatures = attached::examine(&introduced.signatures, &keyring, limit);
    signatures.iter().for_each(|signature| report.vouch(signature));
    let context = Context {
        policy: &policy,
        namespace: request.namespace.as_str(),
        signatures: &signatures,
        lookups: &Lookups::new(cluster, &keyring, limit),
    };
    if assess::is_trusted_as_shown(&introduced, &context) {
        report.spare_attached();
    }
    rules::judge(&introduced, &context, &mut report);
    report.into_verdict(&about, DENIED)
}

/// Tells whether settings can be used, and everything that is wrong with them.
#[must_use]
pub fn validate_settings(settings: &[u8], now: UtcDateTime) -> SettingsVerdict {
    let problems = match std::str::from_utf8(settings).map(Settings::parse) {
        Ok(Ok(settings)) => settings.check_thoroughly(now),
        Ok(Err(problems)) => problems,
        Err(_) => {
            vec![Problem { path: FieldPath::root(), message: "are not UTF-8".to_owned() }]
        }
    };
    SettingsVerdict::new(&problems)
}

/// HTTP status of a denial.
const DENIED: u16 = 403;
/// HTTP status of an answer to what cannot be read.
const UNREADABLE: u16 = 400;

fn unreadable_verdict(about: &str, unreadable: Vec<Unreadable>) -> Verdict {
    const RULE: &Rule = &request_unreadable::RULE;
    let violations: Vec<Violation> = unreadable
        .into_iter()
        .map(|Unreadable { path, reason }| Violation {
            path,
            code: RULE.code,
            message: Denial::RequestUnreadable { reason }.to_string(),
        })
        .collect();
    Verdict {
        accepted: false,
        message: Some(verdict::message(about, &violations, violations.len())),
        code: Some(UNREADABLE),
        audit_annotations: std::collections::BTreeMap::new(),
        warnings: Vec::new(),
    }
}
