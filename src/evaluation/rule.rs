//! What a rule is: what it judges, what an offence leads to, and how it names one.

use crate::changes::{IntroducedImage, Part, Reference, SignatureList, StreamChange};
use crate::evaluation::context::Context;
use crate::evaluation::denial::Denial;
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
    /// What an offence leads to, unless the settings say otherwise.
    pub level: Level,
    /// The same, as long as the settings name no signer.
    pub level_without_signers: Option<Level>,
    /// Whether the settings may neither change the level nor lift the rule.
    pub fixed: bool,
    /// What it judges, and how; nothing where the frame finds the offence by itself.
    pub checks: &'static [Check],
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

impl Rule {
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
    /// Why.
    pub denial: Denial,
}

impl Denial {
    /// Blames a part for it.
    pub fn at<T, P>(self, part: P) -> Result<T, Offence<P>> {
        Err(Offence { part, denial: self })
    }
}
