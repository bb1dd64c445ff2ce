//! The report that gathers offences, and what becomes of each: denied, warned, exempt.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use time::{Duration, UtcDateTime};

use crate::admission::request::AdmissionRequest;
use crate::admission::verdict::{self, Verdict, Violation};
use crate::evaluation::entry;
use crate::evaluation::rule::Rule;
use crate::json::path::FieldPath;
use crate::oci::reference::PullSpec;
use crate::policy::Policy;
use crate::policy::exemption::Exempted;
use crate::policy::platform_writers::{self, PlatformWriter};
use crate::quote::quote;
use crate::settings::Level;
use crate::settings::line::Line;
use crate::settings::reader::list;
use crate::signature::VerifiedSignature;
use crate::trust::attached::ExaminedSignature;

/// How long before a key expires its use gives a warning.
const EXPIRY_NOTICE: Duration = Duration::days(30);

/// How long before a signature is too old for its signer its use gives a warning.
const AGE_NOTICE: Duration = Duration::days(14);

/// Gathers offences: sorts them by level, lifts what is exempt.
#[derive(Debug)]
pub struct Report<'r> {
    policy: &'r Policy,
    request: &'r AdmissionRequest<'r>,
    now: UtcDateTime,
    denied: Vec<Violation>,
    warned: Vec<Violation>,
    exempted: BTreeMap<&'static str, BTreeSet<String>>,
    /// Exemptions that ended and rules that they lifted, each told once.
    ended: BTreeSet<(usize, &'static str)>,
    signers: BTreeSet<String>,
    /// Whether rules about attached signatures only warn.
    attached_are_spare: bool,
    /// The platform's writer whose request it is, once that matters.
    writer: OnceCell<Option<&'static PlatformWriter>>,
}

impl<'r> Report<'r> {
    /// An empty report.
    #[must_use]
    pub fn new(policy: &'r Policy, request: &'r AdmissionRequest<'r>, now: UtcDateTime) -> Self {
        Self {
            policy,
            request,
            now,
            denied: Vec::new(),
            warned: Vec::new(),
            exempted: BTreeMap::new(),
            ended: BTreeSet::new(),
            signers: BTreeSet::new(),
            attached_are_spare: false,
            writer: OnceCell::new(),
        }
    }

    /// Takes note that the image is trusted, whatever else is attached to it.
    pub fn spare_attached(&mut self) {
        self.attached_are_spare = true;
    }

    /// Whether the rule is disabled.
    #[must_use]
    pub fn is_off(&self, rule: &Rule) -> bool {
        rule.level_under(self.policy) == Level::Off
    }

    /// Adds an offence; `spec` is the image that it is about, by which exemptions may apply.
    pub fn add(&mut self, rule: &'static Rule, path: FieldPath, message: String, spec: Option<&PullSpec>) {
        let level = match rule.level_under(self.policy) {
            Level::Off => return,
            Level::Deny if self.policy.exemptions.softens(rule.code, self.request) => Level::Warn,
            Level::Deny
                if self.attached_are_spare && platform_writers::SIGNATURE_RULES.contains(&rule.code) =>
            {
                Level::Warn
            }
            level => level,
        };
        let code = rule.code;
        if !rule.fixed {
            let writer = self.writer.get_or_init(|| self.policy.exemptions.writer(self.request));
            if let Some(writer) = writer.filter(|writer| writer.lifts(code)) {
                self.exempted.entry(code).or_default().insert(writer.reason.to_owned());
                return;
            }
            // A rule about sources is about an image where that, which has no namespace, is what is written.
            let is_about_images = rule.is_about_images()
                && (!rule.is_about_references() || self.request.namespace.as_str().is_empty());
            match self.policy.exemptions.judge(code, is_about_images, self.request, spec, self.now) {
                Exempted::No => {}
                Exempted::Lifted { reason } => {
                    self.exempted.entry(code).or_default().insert(reason);
                    return;
                }
                Exempted::Ended { index, reason, until } => {
                    let until = until.date();
                    let message = format!("exemption {} ended on {until}", quote(&reason));
                    let path = FieldPath::root().key("settings.exemptions").index(index).key("until");
                    let ended = Violation { path, entry: None, code, message };
                    if self.ended.insert((index, code)) {
                        self.warned.push(ended);
                    }
                }
            }
        }
        let entry = entry::of(&path, &self.request.subject);
        let violation = Violation { path, entry, code, message };
        match level {
            Level::Deny => self.denied.push(violation),
            Level::Warn => self.warned.push(violation),
            Level::Off => {}
        }
    }

    /// Notes for the audit log whose key made a verified signature.
    pub fn note_signer(&mut self, proof: &VerifiedSignature) {
        for signer in proof.signers() {
            self.signers.insert(format!("{signer} {}", proof.fingerprint()));
        }
    }

    /// Notes the signers of a verified signature, and warns under `rule` where their key expires soon.
    pub fn note_signers(&mut self, signature: &ExaminedSignature<'_>, rule: &'static Rule) {
        let Some(proof) = signature.proof() else { return };
        self.note_signer(proof);
        let Some(expires) = proof.expires().filter(|expires| *expires > self.now) else { return };
        if expires - self.now <= EXPIRY_NOTICE {
            let path = signature.introduced.path(FieldPath::root().key("content"));
            let message =
                format!("key {} of {} expires on {}", proof.key(), list(proof.signers()), expires.date());
            let entry = entry::of(&path, &self.request.subject);
            self.warned.push(Violation { path, entry, code: rule.code, message });
        }
    }

    /// Warns under `rule` where a signature by which an image is trusted will soon be too old for its signer.
    pub fn note_age(&mut self, image: &str, verified: &VerifiedSignature, rule: &'static Rule) {
        for (index, signer) in self.policy.signers.iter().enumerate() {
            let is_by = verified.signers().contains(&signer.name);
            let Some(end) = signer.outdates(verified.created()).filter(|_| is_by) else { continue };
            if end >= self.now && end - self.now <= AGE_NOTICE {
                let path = FieldPath::root().key("settings.signers").index(index).key("maxAgeDays");
                let (image, name, day) = (quote(image), quote(&signer.name), end.date());
                let message = format!("the signature of {name} on {image} counts until {day}; sign it again");
                let told = Violation { path, entry: None, code: rule.code, message };
                if !self.warned.contains(&told) {
                    self.warned.push(told);
                }
            }
        }
    }

    /// The answer.
    #[must_use]
    pub fn into_verdict(mut self, about: &str, code: u16) -> Verdict {
        let in_order = |violations: &mut Vec<Violation>| {
            violations.sort_by(|one, other| (&one.path, one.code).cmp(&(&other.path, other.code)));
        };
        in_order(&mut self.denied);
        in_order(&mut self.warned);
        let reported = self.policy.limits.violations_reported;
        let accepted = self.denied.is_empty();
        let mut warnings: Vec<String> = self.warned.iter().take(reported).map(verdict::warning).collect();
        if self.warned.len() > reported {
            warnings.push(format!("and {} more", self.warned.len() - reported));
        }
        let help = self.policy.help.as_ref();
        let mut audit_annotations = BTreeMap::new();
        if !self.exempted.is_empty() {
            let exempted = self.exempted.iter().flat_map(|(code, reasons)| {
                reasons.iter().map(move |reason| format!("{code}: {}", crate::quote::escape(reason)))
            });
            audit_annotations.insert("exempted", exempted.collect::<Vec<_>>().join("; "));
        }
        if !self.signers.is_empty() {
            audit_annotations.insert("signers", self.signers.iter().cloned().collect::<Vec<_>>().join(", "));
        }
        if !self.warned.is_empty() {
            let mut codes = BTreeSet::new();
            codes.extend(self.warned.iter().map(|violation| violation.code));
            audit_annotations.insert("warned", codes.into_iter().collect::<Vec<_>>().join(", "));
        }
        Verdict {
            accepted,
            message: (!accepted)
                .then(|| verdict::message(about, &self.denied, reported, help.map(Line::as_str))),
            code: (!accepted).then_some(code),
            audit_annotations,
            warnings,
        }
    }
}
