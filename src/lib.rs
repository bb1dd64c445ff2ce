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

pub mod cluster;
pub mod examined;
pub mod exemption;
pub mod introduced;
pub mod judgement;
pub mod lookups;
pub mod object;
pub mod platform;
pub mod policy;
pub mod request;
pub mod resolution;
pub mod rules;
pub mod settings;
pub mod signature;
pub mod sigstore;
pub mod trust;
pub mod verdict;
pub mod violation;

pub mod field;
pub mod identity;
pub mod manifest;
pub mod place;
pub mod reference;
pub mod scope;
pub mod text;

mod json;
mod spelling;

#[cfg(target_os = "wasi")]
mod guest;

#[cfg(test)]
extern crate self as openshift_image_trust;
#[cfg(test)]
#[path = "../tests/common/mod.rs"]
mod testing;

use time::UtcDateTime;

use cluster::Cluster;
use field::FieldPath;
use introduced::Introduced;
use lookups::Lookups;
use object::Unreadable;
use policy::Policy;
use request::Subject;
use rules::{Context, Rule, request_unreadable, unsupported_resource};
use settings::Settings;
use signature::Keyring;
use verdict::{SettingsVerdict, Verdict};
use violation::{Denial, Report, Violation};

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
    let signatures = examined::examine(&introduced.signatures, &keyring, limit);
    signatures.iter().for_each(|signature| report.vouch(signature));
    let context = Context {
        policy: &policy,
        namespace: request.namespace.as_str(),
        signatures: &signatures,
        lookups: &Lookups::new(cluster, &keyring, limit),
    };
    if judgement::is_trusted_as_shown(&introduced, &context) {
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
            vec![settings::reader::Problem { path: FieldPath::root(), message: "are not UTF-8".to_owned() }]
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
