//! The rules: one file each, named like its code, and one row each in [`RULES`].
//!
//! A rule checks for one thing. It is given what a request changes and the policy, and returns the
//! part to blame and a message. Path, code and level are added by the engine, so that no rule can
//! get them wrong.
//!
//! A message says what was found, what is allowed and what to do: lower case, no full stop, the
//! setting's path in backticks, the requester's text in [`quote`](crate::quote::quote).

pub mod claims_mismatch;
pub mod condition_unproven;
pub mod config_mismatch;
pub mod digest_missing;
pub mod host_unavailable;
pub mod image_name_not_digest;
pub mod image_untrusted;
pub mod image_unverified;
pub mod import_mode_mismatch;
pub mod insecure_import;
pub mod layers_mismatch;
pub mod local_lookup;
pub mod manifest_list_mismatch;
pub mod manifest_mismatch;
pub mod media_type_not_allowed;
pub mod pull_spec_mismatch;
pub mod reference_policy_mismatch;
pub mod reference_unparsable;
pub mod repository_import;
pub mod request_unreadable;
pub mod scheduled_import;
pub mod signature_digest_mismatch;
pub mod signature_identity_mismatch;
pub mod signature_malformed;
pub mod signature_removed;
pub mod signature_rewritten;
pub mod signature_untrusted;
pub mod source_kind_not_allowed;
pub mod source_namespace_not_allowed;
pub mod source_not_allowed;
pub mod source_tag_not_allowed;
pub mod tag_event_inconsistent;
pub mod tag_moved;
pub mod tag_name_invalid;
pub mod too_many_signatures;
pub mod unsupported_resource;
pub mod untracked_reference;

use crate::changes::{Introduced, IntroducedImage, Part, Reference, SignatureList, StreamChange};
use crate::cluster::cache::Lookups;
use crate::evaluation::denial::Report;
use crate::json::path::FieldPath;
use crate::policy::Policy;
use crate::settings::reader::words;
use crate::trust::assess::{self, Finding, Severity};
use crate::trust::attached::ExaminedSignature;

words! {
    /// What an offence leads to.
    pub enum Level {
        /// The request is denied.
        "deny" => Deny,
        /// The request passes with a warning.
        "warn" => Warn,
        /// Nothing.
        "off" => Off,
    }
}

/// A rule.
#[derive(Debug)]
pub struct Rule {
    /// Its code, which names the offence.
    pub code: &'static str,
    /// What is refused, in one sentence.
    pub summary: &'static str,
    /// The level, unless `rules` sets another.
    pub level: Level,
    /// The level while `signers` is empty, if it differs.
    pub level_without_signers: Option<Level>,
    /// Whether settings can neither change the level nor exempt anybody.
    pub fixed: bool,
    /// What it checks. Empty for rules that the engine reports itself.
    pub checks: &'static [Check],
}

impl Rule {
    /// A rule that denies.
    const fn new(code: &'static str, summary: &'static str, checks: &'static [Check]) -> Self {
        Self { code, summary, level: Level::Deny, level_without_signers: None, fixed: false, checks }
    }

    /// The same rule at another level.
    const fn level(self, level: Level) -> Self {
        Self { level, ..self }
    }

    /// The same rule at another level while `signers` is empty.
    const fn without_signers(self, level: Level) -> Self {
        Self { level_without_signers: Some(level), ..self }
    }

    /// The same rule, which settings cannot change.
    const fn fixed(self) -> Self {
        Self { fixed: true, ..self }
    }
}

/// What a rule checks, and how.
#[derive(Clone, Copy, Debug)]
pub enum Check {
    /// Each reference.
    Reference(fn(&Reference<'_>, &Context<'_>) -> Result<(), Offence<Part>>),
    /// What `trust` finds about each reference, of one severity, put into words.
    Trust(Severity, fn(&Finding) -> String),
    /// Each change of a stream as a whole.
    Stream(fn(&StreamChange, &Context<'_>) -> Result<(), String>),
    /// Each signature; the part to blame is a path within it.
    Signature(fn(&ExaminedSignature<'_>, &Context<'_>) -> Result<(), Offence<FieldPath>>),
    /// Each list of signatures that grows or shrinks.
    SignatureList(fn(&SignatureList, &Context<'_>) -> Result<(), String>),
    /// Each image; the part to blame is a path within it.
    Image(fn(&IntroducedImage<'_>, &Context<'_>) -> Result<(), Offence<FieldPath>>),
}

/// What a rule decides by, besides the thing itself.
#[derive(Debug)]
pub struct Context<'c> {
    /// The policy.
    pub policy: &'c Policy,
    /// The namespace of the request; empty for what is cluster-wide.
    pub namespace: &'c str,
    /// The signatures that the request introduces, examined.
    pub signatures: &'c [ExaminedSignature<'c>],
    /// What the cluster knows.
    pub lookups: &'c Lookups<'c>,
}

/// What a rule found.
#[derive(Debug)]
pub struct Offence<P> {
    /// The part to blame.
    pub part: P,
    /// What was found, what is allowed and what to do.
    pub message: String,
}

impl<P> Offence<P> {
    /// An offence of `part`.
    pub fn at(part: P, message: impl Into<String>) -> Self {
        Self { part, message: message.into() }
    }
}

/// Every rule, by code.
pub static RULES: &[Rule] = &[
    claims_mismatch::RULE,
    condition_unproven::RULE,
    config_mismatch::RULE,
    digest_missing::RULE,
    host_unavailable::RULE,
    image_name_not_digest::RULE,
    image_untrusted::RULE,
    image_unverified::RULE,
    import_mode_mismatch::RULE,
    insecure_import::RULE,
    layers_mismatch::RULE,
    local_lookup::RULE,
    manifest_list_mismatch::RULE,
    manifest_mismatch::RULE,
    media_type_not_allowed::RULE,
    pull_spec_mismatch::RULE,
    reference_policy_mismatch::RULE,
    reference_unparsable::RULE,
    repository_import::RULE,
    request_unreadable::RULE,
    scheduled_import::RULE,
    signature_digest_mismatch::RULE,
    signature_identity_mismatch::RULE,
    signature_malformed::RULE,
    signature_removed::RULE,
    signature_rewritten::RULE,
    signature_untrusted::RULE,
    source_kind_not_allowed::RULE,
    source_namespace_not_allowed::RULE,
    source_not_allowed::RULE,
    source_tag_not_allowed::RULE,
    tag_event_inconsistent::RULE,
    tag_moved::RULE,
    tag_name_invalid::RULE,
    too_many_signatures::RULE,
    unsupported_resource::RULE,
    untracked_reference::RULE,
];

/// Judges everything that a request introduces.
pub fn judge(introduced: &Introduced<'_>, context: &Context<'_>, report: &mut Report<'_>) {
    for rule in RULES {
        if report.is_off(rule) {
            continue;
        }
        for check in rule.checks {
            check.judge(rule, introduced, context, report);
        }
    }
}

impl Check {
    fn judge(
        &self,
        rule: &'static Rule,
        introduced: &Introduced<'_>,
        context: &Context<'_>,
        report: &mut Report<'_>,
    ) {
        match self {
            Self::Reference(check) => {
                for reference in &introduced.references {
                    if let Err(offence) = check(reference, context) {
                        report.add(rule, reference.path(offence.part), offence.message, reference.spec());
                    }
                }
            }
            Self::Trust(severity, message) => {
                for reference in &introduced.references {
                    let findings = assess::judge(reference, context).iter();
                    for finding in findings.filter(|finding| finding.severity == *severity) {
                        // The image that was checked, which need not be the one in the request.
                        let spec = finding.spec.as_ref();
                        report.add(rule, reference.path(Part::Source), message(finding), spec);
                    }
                }
            }
            Self::Stream(check) => {
                for change in &introduced.streams {
                    if let Err(message) = check(change, context) {
                        report.add(rule, change.path.clone(), message, None);
                    }
                }
            }
            Self::Signature(check) => {
                for signature in context.signatures {
                    if let Err(offence) = check(signature, context) {
                        let path = signature.introduced.path(offence.part);
                        report.add(rule, path, offence.message, None);
                    }
                }
            }
            Self::SignatureList(check) => {
                for list in &introduced.signature_lists {
                    if let Err(message) = check(list, context) {
                        report.add(rule, list.path.clone(), message, None);
                    }
                }
            }
            Self::Image(check) => {
                for image in &introduced.images {
                    if let Err(offence) = check(image, context) {
                        // The requester chooses an image's pull spec, so exemptions by scope do not apply.
                        report.add(rule, image.path(offence.part), offence.message, None);
                    }
                }
            }
        }
    }
}
