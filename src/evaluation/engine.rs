//! The engine: hands each rule the things that it judges, and its offences to the report, each with
//! its path.

use crate::changes::{Changes, Part};
use crate::evaluation::context::Context;
use crate::evaluation::report::Report;
use crate::evaluation::rule::{Check, Rule};

/// Whether any rule that is not disabled needs to know what `trust` has against references.
#[must_use]
pub fn needs_findings(rules: &'static [Rule], report: &Report<'_>) -> bool {
    let is_about_trust = |rule: &Rule| rule.checks.iter().any(|check| matches!(check, Check::Trust(..)));
    rules.iter().any(|rule| is_about_trust(rule) && !report.is_off(rule))
}

/// Judges everything that a request introduces by each rule that is not disabled.
pub fn judge(
    rules: &'static [Rule],
    introduced: &Changes<'_>,
    context: &Context<'_>,
    report: &mut Report<'_>,
) {
    for rule in rules {
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
        introduced: &Changes<'_>,
        context: &Context<'_>,
        report: &mut Report<'_>,
    ) {
        match self {
            Self::Reference(check) => {
                for reference in &introduced.references {
                    if let Err(offence) = check(reference, context) {
                        let spec = reference.spec().filter(|_| offence.is_about_source);
                        report.add(rule, reference.path(offence.part), offence.message, spec);
                    }
                }
            }
            Self::Trust(severity, message) => {
                for (reference, findings) in introduced.references.iter().zip(context.findings) {
                    for finding in findings.iter().filter(|finding| finding.severity == *severity) {
                        // The image that is found wanting, which need not be the one that is written.
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
                        // An image's pull spec is what the requester says: no scope lifts such a rule.
                        report.add(rule, image.path(offence.part), offence.message, None);
                    }
                }
            }
        }
    }
}
