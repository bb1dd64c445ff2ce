//! What a rule is: what it judges, what an offence leads to, and how it names one.

use crate::changes::{ChangedImage, Part, Reference, SignatureList, StreamChange};
use crate::evaluation::context::Context;
use crate::json::path::FieldPath;
use crate::policy::Policy;
use crate::settings::Level;
use crate::trust::assess::{Finding, Severity};
use crate::trust::attached::ExaminedSignature;

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

/// What a rule checks, and how.
#[derive(Clone, Copy, Debug)]
pub enum Check {
    /// Each reference.
    Reference(fn(&Reference<'_>, &Context<'_>) -> Result<(), Offence<Part>>),
    /// What `trust` finds about each reference, of one severity, put into words.
    Trust(Severity, fn(&Finding) -> String),
    /// Each change of a stream as a whole.
    Stream(fn(&StreamChange<'_>, &Context<'_>) -> Result<(), String>),
    /// Each signature; the part to blame is a path within it.
    Signature(fn(&ExaminedSignature<'_>, &Context<'_>) -> Result<(), Offence<FieldPath>>),
    /// Each list of signatures that grows or shrinks.
    SignatureList(fn(&SignatureList, &Context<'_>) -> Result<(), String>),
    /// Each image; the part to blame is a path within it.
    Image(fn(&ChangedImage<'_>, &Context<'_>) -> Result<(), Offence<FieldPath>>),
}

impl Rule {
    /// A rule that denies.
    pub const fn new(code: &'static str, summary: &'static str, checks: &'static [Check]) -> Self {
        Self { code, summary, level: Level::Deny, level_without_signers: None, fixed: false, checks }
    }

    /// The same rule at another level.
    pub const fn level(self, level: Level) -> Self {
        Self { level, ..self }
    }

    /// The same rule at another level while `signers` is empty.
    pub const fn without_signers(self, level: Level) -> Self {
        Self { level_without_signers: Some(level), ..self }
    }

    /// The same rule, which settings cannot change.
    pub const fn fixed(self) -> Self {
        Self { fixed: true, ..self }
    }

    /// Whether it judges references, whose source a scope may hold.
    #[must_use]
    pub const fn is_about_references(&self) -> bool {
        let mut rest = self.checks;
        while let [check, others @ ..] = rest {
            if matches!(check, Check::Reference(_) | Check::Trust(..)) {
                return true;
            }
            rest = others;
        }
        false
    }

    /// Whether it judges images or their signatures, which are not a namespace's own.
    #[must_use]
    pub const fn is_about_images(&self) -> bool {
        let mut rest = self.checks;
        while let [check, others @ ..] = rest {
            if matches!(check, Check::Image(_) | Check::Signature(_) | Check::SignatureList(_)) {
                return true;
            }
            rest = others;
        }
        false
    }

    /// What an offence leads to under a policy.
    #[must_use]
    pub fn level_under(&self, policy: &Policy) -> Level {
        let without_signers = if policy.signers.is_empty() { self.level_without_signers } else { None };
        policy.configured_level(self.code).or(without_signers).unwrap_or(self.level)
    }
}

/// What a rule found.
#[derive(Debug)]
pub struct Offence<P> {
    /// The part to blame.
    pub part: P,
    /// What was found, what is allowed and what to do.
    pub message: String,
    /// Whether it is about the source that is written, so that an exemption of its scope lifts it.
    pub is_about_source: bool,
}

impl<P> Offence<P> {
    /// An offence of `part`.
    pub fn at(part: P, message: impl Into<String>) -> Self {
        Self { part, message: message.into(), is_about_source: true }
    }

    /// The same, about something else than the source that is written.
    pub fn beside_source(self) -> Self {
        Self { is_about_source: false, ..self }
    }
}
