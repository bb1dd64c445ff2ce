//! What `trust` has against a reference: the moment that counts is when something points at an image.
//!
//! What the reference leads to is [`resolution`]'s business, what an image needs is [`crate::trust::signed_by`]'s.
//! Each pull spec is judged by itself, and of each all that is wrong is told, however bad.

use crate::changes::{EntryPoint, Introduced, Reference, Source};
use crate::cluster::cache::StoredImage;
use crate::oci::reference::PullSpec;
use crate::rules::Context;
use crate::settings::trust::{Requirement, SignedBy};
use crate::trust::resolve::{self, Pulled, Unresolved};
use crate::trust::signed_by::{Asked, Evidence, Trust, judge_signed_by};
use crate::trust::sigstore;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Severity {
    /// There is nothing to judge by, or not for good.
    Unverified,
    /// The cluster, or a registry, could not be asked.
    Unavailable,
    /// What is asked is not met.
    Untrusted,
}

/// Something that `trust` has against a reference.
#[derive(Debug)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// The pull spec by which was asked; where none is known, what is written, or the tag.
    pub source: String,
    /// The same, as it is compared with scopes.
    pub spec: Option<PullSpec>,
    /// The setting that asks.
    pub setting: String,
    /// Why, and what would help.
    pub reason: String,
}

/// How many children of a manifest list are looked at: more than there are architectures.
const CHILDREN: usize = 32;

/// Judges a reference by the signatures of the images that it leads to, once in a request.
#[must_use]
pub fn judge<'j>(reference: &'j Reference<'_>, context: &Context<'_>) -> &'j [Finding] {
    reference.findings.get_or_init(|| judge_anew(reference, context))
}

fn judge_anew(reference: &Reference<'_>, context: &Context<'_>) -> Vec<Finding> {
    let Some(trust) = context.policy.trust.as_ref().filter(|trust| trust.asks()) else { return Vec::new() };
    if let (EntryPoint::Shown { .. }, Source::Image { text, spec }) = (&reference.entry, &reference.source) {
        let pulled = Pulled { text: (*text).into(), spec: spec.clone() };
        let evidence: Vec<Evidence<'_>> = context.signatures.iter().map(Evidence::shown).collect();
        let image = match spec.digest() {
            Some(digest) => Ok(digest.to_string()),
            None => Err(Unresolved::NoDigest),
        };
        let subject = Subject { pulled: &pulled, image: &image, shown: Some(&evidence), context };
        return subject.judge(&trust.ask(spec));
    }
    let mut findings: Vec<Finding> = Vec::new();
    let is_local = is_local(reference, trust, context).unwrap_or_else(|reason| {
        findings.push(without_pull_spec(reference, &Unresolved::Unavailable(reason), context));
        false
    });
    let (lookups, aliases) = (context.lookups, &context.policy.aliases);
    for resolved in resolve::resolve(reference, context.namespace, is_local, lookups, aliases) {
        if let (Err(why), true) = (&resolved.image, resolved.pull_specs.is_empty()) {
            findings.push(without_pull_spec(reference, why, context));
        }
        for pulled in &resolved.pull_specs {
            let subject = Subject { pulled, image: &resolved.image, shown: None, context };
            for finding in subject.judge(&trust.ask(&pulled.spec)) {
                let same = |it: &Finding| it.severity == finding.severity && it.source == finding.source;
                if !findings.iter().any(same) {
                    findings.push(finding);
                }
            }
        }
    }
    findings
}

/// Whether consumers pull what the reference leads to through the cluster's own registry, as far as
/// anything is asked of images there. A tag may follow another one: one such tag of a stream will do.
fn is_local(reference: &Reference<'_>, trust: &Trust, context: &Context<'_>) -> Result<bool, String> {
    let Some(stream) = reference.stream else { return Ok(false) };
    let repository = resolve::own_repository(context.namespace, stream, &context.policy.aliases);
    if !repository.is_some_and(|repository| trust.ask(&repository.spec).asks()) {
        return Ok(false);
    }
    if let Some(is_local) = reference.local {
        return Ok(is_local);
    }
    match context.lookups.stream(context.namespace, stream).as_ref() {
        Ok(stored) => Ok(stored.as_ref().is_some_and(|stored| stored.is_local)),
        Err(error) => Err(error.clone()),
    }
}

/// Whether an image that is only shown is trusted by the signatures that it has. Others beside them
/// do no harm then: no reader of such a policy looks at them.
#[must_use]
pub fn is_trusted_as_shown(introduced: &Introduced<'_>, context: &Context<'_>) -> bool {
    let Some(trust) = &context.policy.trust else { return false };
    let is_shown = |it: &&Reference<'_>| matches!(it.entry, EntryPoint::Shown { .. });
    introduced.references.iter().filter(is_shown).any(|reference| {
        reference.spec().is_some_and(|spec| trust.ask(spec).signatures())
            && judge(reference, context).is_empty()
    })
}

/// What is said where neither the image nor a pull spec is known.
fn without_pull_spec(reference: &Reference<'_>, why: &Unresolved, context: &Context<'_>) -> Finding {
    let source = match (reference.source.text(), reference.tag()) {
        ("", Some(tag)) if !tag.is_empty() => {
            format!("{}/{}:{tag}", context.namespace, reference.stream.unwrap_or_default())
        }
        (text, _) => text.to_owned(),
    };
    Finding {
        severity: severity(why),
        source,
        spec: None,
        setting: "trust".to_owned(),
        reason: why.to_string(),
    }
}

fn severity(why: &Unresolved) -> Severity {
    match why {
        Unresolved::Unavailable(_) => Severity::Unavailable,
        Unresolved::Ambiguous(_) | Unresolved::Inconsistent { .. } => Severity::Untrusted,
        Unresolved::NoDigest
        | Unresolved::Repository
        | Unresolved::Untracked
        | Unresolved::Nothing(_)
        | Unresolved::NoName => Severity::Unverified,
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
    fn judge(&self, asked: &Asked<'_>) -> Vec<Finding> {
        // What is shown and what is pulled are two things, and nobody vouches for both.
        if let (Err(why @ Unresolved::Inconsistent { .. }), true) = (self.image, asked.asks()) {
            return vec![self.without_image(asked, why)];
        }
        let mut findings: Vec<Finding> = Vec::new();
        for requirement in asked.requirements {
            let found = match requirement {
                Requirement::InsecureAcceptAnything(_) => None,
                Requirement::Reject(_) => Some(self.untrusted(asked, "it asks to reject".to_owned())),
                Requirement::SignedBy(signed_by) => self.judge_signed_by(signed_by, asked),
                // A host would take it for one of its images.
                Requirement::SigstoreSigned(_) if self.pulled.spec.is_whole() => {
                    let why = self.image.as_ref().err().unwrap_or(&Unresolved::Repository);
                    Some(self.without_image(asked, why))
                }
                Requirement::SigstoreSigned(signed) => {
                    match sigstore::judge(signed, &self.pulled.text, self.context.lookups) {
                        sigstore::Finding::Signed => None,
                        sigstore::Finding::SignedNow(digest) => {
                            let reason = format!(
                                "it is signed as {digest} now, and may be another image when imported: pin it"
                            );
                            Some(self.found(Severity::Unverified, asked, reason))
                        }
                        sigstore::Finding::Unsigned(reason) => Some(self.untrusted(asked, reason)),
                        sigstore::Finding::Unavailable(reason) => {
                            Some(self.found(Severity::Unavailable, asked, reason))
                        }
                    }
                }
            };
            findings.extend(found);
        }
        findings
    }

    /// What keeps the image from being signed as asked.
    fn judge_signed_by(&self, signed_by: &SignedBy, asked: &Asked<'_>) -> Option<Finding> {
        let aliases = &self.context.policy.aliases;
        if let Some(evidence) = self.shown {
            let judged = judge_signed_by(signed_by, &self.pulled.text, evidence, aliases);
            return judged.err().map(|reason| self.untrusted(asked, reason));
        }
        let name = match self.image {
            Ok(name) => name,
            Err(why) => return Some(self.without_image(asked, why)),
        };
        let found = self.context.lookups.image(name);
        let stored = match found.as_ref() {
            Ok(Some(stored)) => stored,
            Ok(None) => {
                let reason = "the cluster has no such image yet: import it first".to_owned();
                return Some(self.found(Severity::Unverified, asked, reason));
            }
            Err(error) => return Some(self.found(Severity::Unavailable, asked, error.clone())),
        };
        let evidence = Evidence::stored(stored);
        let reason = judge_signed_by(signed_by, &self.pulled.text, &evidence, aliases).err()?;
        match self.judge_children(stored, signed_by) {
            Some(Ok(())) => None,
            Some(Err(reason)) => Some(self.found(Severity::Unavailable, asked, reason)),
            None => Some(self.untrusted(asked, reason)),
        }
    }

    /// Whether each child of a manifest list is signed by itself; nothing where one is not, or where
    /// the list's own manifest does not prove which they are.
    fn judge_children(&self, list: &StoredImage, signed_by: &SignedBy) -> Option<Result<(), String>> {
        if !list.claims_children {
            return None;
        }
        let children = self.context.lookups.children(&list.name);
        let children = match children.as_ref() {
            Ok(children) => children.as_ref()?,
            Err(error) => return Some(Err(error.clone())),
        };
        if children.is_empty() || children.len() > CHILDREN {
            return None;
        }
        for child in children {
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

    fn found(&self, severity: Severity, asked: &Asked<'_>, reason: String) -> Finding {
        Finding {
            severity,
            source: self.pulled.text.to_string(),
            spec: Some(self.pulled.spec.clone()),
            setting: asked.setting.clone(),
            reason,
        }
    }

    fn without_image(&self, asked: &Asked<'_>, why: &Unresolved) -> Finding {
        self.found(severity(why), asked, why.to_string())
    }

    fn untrusted(&self, asked: &Asked<'_>, reason: String) -> Finding {
        self.found(Severity::Untrusted, asked, reason)
    }
}
