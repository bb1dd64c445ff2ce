//! What `trust` makes of a reference: the moment that counts is when something points at an image.
//!
//! What the reference leads to is [`resolution`]'s business, what an image needs is [`crate::trust`]'s.
//! Each requirement is judged by itself, and the worst that is found is told.

use crate::introduced::{Door, Introduced, Reference, Source};
use crate::lookups::StoredImage;
use crate::resolution::{self, Pulled, Unresolved};
use crate::rules::Context;
use crate::settings::trust::{Requirement, SignedBy};
use crate::sigstore;
use crate::trust::{Asked, Evidence, judge_signed_by};

/// What `trust` makes of a reference, from good to bad.
#[derive(Debug)]
pub enum Judgement {
    /// Nothing is asked, or it is met.
    Trusted,
    /// There is nothing to judge by, or not for good.
    Unverified(About),
    /// The cluster, or a registry, could not be asked.
    Unavailable(About),
    /// What is asked is not met.
    Untrusted(About),
}

/// What a judgement is about.
#[derive(Clone, Debug)]
pub struct About {
    /// The pull spec by which was asked.
    pub source: String,
    /// The setting that asks.
    pub setting: String,
    /// Why, and what would help.
    pub reason: String,
}

/// How many children of a manifest list are looked at: more than there are architectures.
const CHILDREN: usize = 32;

/// Judges a reference by the signatures of the image that it leads to, once in a request.
#[must_use]
pub fn judge<'j>(reference: &'j Reference<'_>, context: &Context<'_>) -> &'j Judgement {
    reference.judgement.get_or_init(|| judge_anew(reference, context))
}

fn judge_anew(reference: &Reference<'_>, context: &Context<'_>) -> Judgement {
    let Some(trust) = context.policy.trust.as_ref().filter(|trust| trust.asks()) else {
        return Judgement::Trusted;
    };
    if let (Door::Shown, Source::Image { text, spec }) = (reference.door, &reference.source) {
        let pulled = Pulled { text: (*text).into(), spec: spec.clone() };
        let evidence: Vec<Evidence<'_>> = context.signatures.iter().map(Evidence::shown).collect();
        let image = match spec.digest() {
            Some(digest) => Ok(digest.to_owned()),
            None => Err(Unresolved::NoDigest),
        };
        let subject = Subject { pulled: &pulled, image: &image, shown: Some(&evidence), context };
        return subject.judge(&trust.ask(spec));
    }
    let aliases = &context.policy.aliases;
    let Some(resolved) = resolution::resolve(reference, context.namespace, context.lookups, aliases) else {
        return Judgement::Trusted;
    };
    if let (Err(why), true) = (&resolved.image, resolved.pull_specs.is_empty()) {
        let source = reference.source.text().to_owned();
        return without_image(why, source, "trust".to_owned());
    }
    let judge = |pulled: &Pulled<'_>| {
        let subject = Subject { pulled, image: &resolved.image, shown: None, context };
        subject.judge(&trust.ask(&pulled.spec))
    };
    worst(resolved.pull_specs.iter().map(judge))
}

/// Whether an image that is only shown is trusted by the signatures that it has. Others beside them
/// do no harm then: no reader of such a policy looks at them.
#[must_use]
pub fn is_trusted_as_shown(introduced: &Introduced<'_>, context: &Context<'_>) -> bool {
    let Some(trust) = &context.policy.trust else { return false };
    introduced.references.iter().filter(|reference| reference.door == Door::Shown).any(|reference| {
        reference.spec().is_some_and(|spec| trust.ask(spec).signatures())
            && matches!(judge(reference, context), Judgement::Trusted)
    })
}

impl Judgement {
    fn badness(&self) -> u8 {
        match self {
            Self::Trusted => 0,
            Self::Unverified(_) => 1,
            Self::Unavailable(_) => 2,
            Self::Untrusted(_) => 3,
        }
    }
}

/// The first of the worst.
fn worst(judgements: impl Iterator<Item = Judgement>) -> Judgement {
    let mut worst = Judgement::Trusted;
    for judgement in judgements {
        if judgement.badness() > worst.badness() {
            worst = judgement;
        }
    }
    worst
}

/// What is said where the image is not known.
fn without_image(why: &Unresolved, source: String, setting: String) -> Judgement {
    let about = About { source, setting, reason: why.to_string() };
    match why {
        Unresolved::Unavailable(_) => Judgement::Unavailable(about),
        Unresolved::Ambiguous(_) | Unresolved::Inconsistent { .. } => Judgement::Untrusted(about),
        Unresolved::NoDigest
        | Unresolved::Repository
        | Unresolved::Untracked
        | Unresolved::Nothing(_)
        | Unresolved::NoName => Judgement::Unverified(about),
    }
}

/// A pull spec that is to be trusted.
#[derive(Debug)]
struct Subject<'s, 'c> {
    pulled: &'s Pulled<'s>,
    image: &'s Result<String, Unresolved>,
    /// The signatures, where the request holds them.
    shown: Option<&'s [Evidence<'s>]>,
    context: &'s Context<'c>,
}

impl Subject<'_, '_> {
    fn judge(&self, asked: &Asked<'_>) -> Judgement {
        worst(asked.requirements.iter().map(|requirement| match requirement {
            Requirement::InsecureAcceptAnything(_) => Judgement::Trusted,
            Requirement::Reject(_) => self.untrusted(asked, "it asks to reject".to_owned()),
            Requirement::SignedBy(signed_by) => self.judge_signed_by(signed_by, asked),
            Requirement::SigstoreSigned(signed) => {
                match sigstore::judge(signed, &self.pulled.text, self.context.lookups) {
                    sigstore::Finding::Signed => Judgement::Trusted,
                    sigstore::Finding::SignedNow(digest) => Judgement::Unverified(About {
                        reason: format!(
                            "it is signed as {digest} now, and may be another image when imported: pin it"
                        ),
                        ..self.about(asked)
                    }),
                    sigstore::Finding::Unsigned(reason) => self.untrusted(asked, reason),
                    sigstore::Finding::Unavailable(reason) => {
                        Judgement::Unavailable(About { reason, ..self.about(asked) })
                    }
                }
            }
        }))
    }

    fn judge_signed_by(&self, signed_by: &SignedBy, asked: &Asked<'_>) -> Judgement {
        let aliases = &self.context.policy.aliases;
        if let Some(evidence) = self.shown {
            return match judge_signed_by(signed_by, &self.pulled.text, evidence, aliases) {
                Ok(()) => Judgement::Trusted,
                Err(reason) => self.untrusted(asked, reason),
            };
        }
        let About { source, setting, .. } = self.about(asked);
        let name = match self.image {
            Ok(name) => name,
            Err(why) => return without_image(why, source, setting),
        };
        let found = self.context.lookups.image(name);
        let stored = match found.as_ref() {
            Ok(Some(stored)) => stored,
            Ok(None) => {
                let reason = "the cluster has no such image yet: import it first".to_owned();
                return Judgement::Unverified(About { source, setting, reason });
            }
            Err(error) => {
                return Judgement::Unavailable(About { source, setting, reason: error.clone() });
            }
        };
        let evidence = Evidence::stored(stored);
        let Err(reason) = judge_signed_by(signed_by, &self.pulled.text, &evidence, aliases) else {
            return Judgement::Trusted;
        };
        match self.judge_children(stored, signed_by) {
            Some(Ok(())) => Judgement::Trusted,
            Some(Err(reason)) => Judgement::Unavailable(About { source, setting, reason }),
            None => self.untrusted(asked, reason),
        }
    }

    /// Whether each child of a manifest list is signed by itself; nothing where one is not.
    fn judge_children(&self, list: &StoredImage, signed_by: &SignedBy) -> Option<Result<(), String>> {
        if list.children.is_empty() || list.children.len() > CHILDREN {
            return None;
        }
        for child in &list.children {
            let found = self.context.lookups.image(child);
            let stored = match found.as_ref() {
                Ok(stored) => stored.as_ref()?,
                Err(error) => return Some(Err(error.clone())),
            };
            let text = format!("{}@{child}", self.pulled.spec.name());
            let evidence = Evidence::stored(stored);
            judge_signed_by(signed_by, &text, &evidence, &self.context.policy.aliases).ok()?;
        }
        Some(Ok(()))
    }

    fn about(&self, asked: &Asked<'_>) -> About {
        About { source: self.pulled.text.to_string(), setting: asked.setting.clone(), reason: String::new() }
    }

    fn untrusted(&self, asked: &Asked<'_>, reason: String) -> Judgement {
        Judgement::Untrusted(About { reason, ..self.about(asked) })
    }
}
