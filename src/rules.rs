//! The rules: one file each, named like its code, and one row each in [`RULES`].
//!
//! A rule knows one offence. It is handed what a request introduces and the policy, and answers
//! with the part to blame and a [`Denial`]; never with a path, a code or a level: those are the
//! engine's, which cannot misplace them.

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
use crate::evaluation::denial::{Denial, Report};
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
    /// What an offence leads to, unless the settings say otherwise.
    pub level: Level,
    /// The same, as long as the settings name no signer.
    pub level_without_signers: Option<Level>,
    /// Whether the settings may neither change the level nor lift the rule.
    pub fixed: bool,
    /// What it judges, and how; nothing where the frame finds the offence by itself.
    pub checks: &'static [Check],
}

impl Rule {
    /// Whether it judges a source that can be read, so that a scope may hold it.
    #[must_use]
    pub fn is_about_sources(&self) -> bool {
        let of_sources = |check: &Check| matches!(check, Check::Reference(_) | Check::Trust(..));
        self.code != reference_unparsable::RULE.code && self.checks.iter().any(of_sources)
    }
}

/// What a rule judges, and how.
#[derive(Clone, Copy, Debug)]
pub enum Check {
    /// Each reference.
    Reference(fn(&Reference<'_>, &Context<'_>) -> Result<(), Offence<Part>>),
    /// What `trust` has against each reference, of one severity.
    Trust(Severity, fn(&Finding) -> Denial),
    /// Each change of a stream as a whole.
    Stream(fn(&StreamChange, &Context<'_>) -> Result<(), Denial>),
    /// Each signature; the part to blame is a path within it.
    Signature(fn(&ExaminedSignature<'_>, &Context<'_>) -> Result<(), Offence<FieldPath>>),
    /// Each list of signatures that grows or shrinks.
    SignatureList(fn(&SignatureList, &Context<'_>) -> Result<(), Denial>),
    /// Each image; the part to blame is a path within it.
    Image(fn(&IntroducedImage<'_>, &Context<'_>) -> Result<(), Offence<FieldPath>>),
}

/// What a rule judges by, besides the thing itself.
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
    /// Why.
    pub denial: Denial,
}

impl Denial {
    /// Blames a part for it.
    pub fn at<T, P>(self, part: P) -> Result<T, Offence<P>> {
        Err(Offence { part, denial: self })
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
                        report.add(rule, reference.path(offence.part), offence.denial, reference.spec());
                    }
                }
            }
            Self::Trust(severity, denial) => {
                for reference in &introduced.references {
                    let findings = assess::judge(reference, context).iter();
                    for finding in findings.filter(|finding| finding.severity == *severity) {
                        // The image that is found wanting, which need not be the one that is written.
                        let spec = finding.spec.as_ref();
                        report.add(rule, reference.path(Part::Source), denial(finding), spec);
                    }
                }
            }
            Self::Stream(check) => {
                for change in &introduced.streams {
                    if let Err(denial) = check(change, context) {
                        report.add(rule, change.path.clone(), denial, None);
                    }
                }
            }
            Self::Signature(check) => {
                for signature in context.signatures {
                    if let Err(offence) = check(signature, context) {
                        let path = signature.introduced.path(offence.part);
                        report.add(rule, path, offence.denial, None);
                    }
                }
            }
            Self::SignatureList(check) => {
                for list in &introduced.signature_lists {
                    if let Err(denial) = check(list, context) {
                        report.add(rule, list.path.clone(), denial, None);
                    }
                }
            }
            Self::Image(check) => {
                for image in &introduced.images {
                    if let Err(offence) = check(image, context) {
                        // An image's pull spec is what the requester says: no scope lifts such a rule.
                        report.add(rule, image.path(offence.part), offence.denial, None);
                    }
                }
            }
        }
    }
}
