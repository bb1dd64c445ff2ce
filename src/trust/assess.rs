//! What `trust` has against a reference: the moment that counts is when something points at an image.
//!
//! What the reference leads to is told by [`resolve`](crate::trust::resolve), what an image needs by
//! [`requirements`](crate::trust::requirements).
//! Each pull spec is judged by itself, and of each all that is wrong is told, however bad.

use crate::changes::{EntryPoint, Reference, Source};
use crate::cluster::cache::{LookupError, StoredImage};
use crate::oci::reference::PullSpec;
use crate::quote::quote;
use crate::settings::trust::{Alternative, Requirement, SignedBy, SigstoreSigned};
use crate::trust::judge::Judge;
use crate::trust::requirements::{Applicable, TrustPolicy};
use crate::trust::resolve::{Pulled, Unresolved};
use crate::trust::signed_by::{Evidence, Shortfall, judge_signed_by};
use crate::trust::sigstore::{self, Answer};

/// How bad a finding is.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Severity {
    /// There is nothing to judge by, or not for good.
    Unverified,
    /// The cluster, or a registry, could not be asked.
    Unavailable,
    /// What is required is not met.
    Untrusted,
    /// The settings reject the image, however it is signed.
    Rejected,
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
    /// Whether it is about an import, which itself brings the image.
    pub is_import: bool,
    /// What to write in place of a tag that a workload uses, where it is known.
    pub by_digest: Option<String>,
}

/// How many children of a manifest list are looked at: more than there are architectures.
const CHILDREN: usize = 32;

impl Judge<'_> {
    /// Returns what is wrong with each reference, in their order; nothing where `trust` asks for nothing.
    ///
    /// Where `all` is unset, only images that the request shows are assessed, for which the cluster need
    /// not be asked: for rules that are disabled it never is.
    #[must_use]
    pub fn assess(&self, references: &[Reference<'_>], all: bool) -> Vec<Vec<Finding>> {
        let Some(trust) = self.trust.filter(|trust| trust.asks()) else { return Vec::new() };
        let assess = |reference: &Reference<'_>| {
            if all || reference.is_shown() { self.assess_one(reference, trust) } else { Vec::new() }
        };
        references.iter().map(assess).collect()
    }

    fn assess_one(&self, reference: &Reference<'_>, trust: &TrustPolicy) -> Vec<Finding> {
        if let (EntryPoint::Shown { .. }, Source::Image { text, spec }) =
            (&reference.entry, &reference.source)
        {
            let pulled = Pulled { text: (*text).into(), spec: spec.clone() };
            let evidence: Vec<Evidence<'_, '_>> = self.attached.iter().map(Evidence::shown).collect();
            let image = match spec.digest() {
                Some(digest) => Ok(digest.to_string()),
                None => Err(Unresolved::NoDigest),
            };
            let candidate = Candidate {
                judge: self,
                pulled: &pulled,
                image: &image,
                shown: Some(evidence.as_slice()),
                is_brought: false,
                is_used: false,
                moving: None,
            };
            return candidate.assess(&trust.requirements_for(spec));
        }
        let mut findings: Vec<Finding> = Vec::new();
        let is_local = self.is_local(reference, trust).unwrap_or_else(|reason| {
            findings.push(self.without_pull_spec(reference, &Unresolved::Unavailable(reason)));
            false
        });
        let is_import = matches!(reference.entry, EntryPoint::ImageImport { .. });
        let is_used = matches!(reference.entry, EntryPoint::Use(_));
        for resolved in self.resolve(reference, is_local) {
            if let (Err(why), true) = (&resolved.image, resolved.pull_specs.is_empty()) {
                findings.push(self.without_pull_spec(reference, why));
            }
            for pulled in &resolved.pull_specs {
                let is_brought = matches!(reference.entry, EntryPoint::Mapping(_)) && !self.is_push;
                let (image, moving) = (&resolved.image, resolved.moving.as_deref());
                let candidate =
                    Candidate { judge: self, pulled, image, shown: None, is_brought, is_used, moving };
                for mut finding in candidate.assess(&trust.requirements_for(&pulled.spec)) {
                    finding.is_import = is_import;
                    if is_used && resolved.image == Err(Unresolved::NoDigest) && finding.by_digest.is_none() {
                        finding.by_digest = self.imported(&pulled.spec);
                    }
                    if let Some(tag) = &resolved.shown_by {
                        let until = format!(
                            "; tag {} shows it until an import succeeds: remove the tag first (`oc tag -d`)",
                            quote(tag)
                        );
                        finding.reason.push_str(&until);
                    }
                    let same = |it: &Finding| it.severity == finding.severity && it.source == finding.source;
                    if !findings.iter().any(same) {
                        findings.push(finding);
                    }
                }
            }
        }
        // However it is signed, what is rejected is not trusted: one cause, told once.
        let rejected: Vec<String> = findings
            .iter()
            .filter(|finding| finding.severity == Severity::Rejected)
            .map(|finding| finding.source.clone())
            .collect();
        findings.retain(|it| it.severity != Severity::Untrusted || !rejected.contains(&it.source));
        findings
    }

    /// Whether consumers pull what the reference leads to through the cluster's own registry, as far as
    /// anything is required of images there. A tag may follow another one: one such tag of a stream will do.
    fn is_local(&self, reference: &Reference<'_>, trust: &TrustPolicy) -> Result<bool, LookupError> {
        let Some(stream) = reference.stream else { return Ok(false) };
        let repository = self.own_repository(stream);
        if !repository.is_some_and(|repository| trust.requirements_for(&repository.spec).asks()) {
            return Ok(false);
        }
        if let Some(is_local) = reference.local {
            return Ok(is_local);
        }
        match self.cluster.stream(self.namespace, stream).as_ref() {
            Ok(stored) => Ok(stored.as_ref().is_some_and(|stored| stored.is_local)),
            Err(error) => Err(error.clone()),
        }
    }

    /// Whether an image that is only shown is trusted by the signatures that it has, after its findings.
    /// Others beside them do no harm then: no reader of such a policy looks at them.
    #[must_use]
    pub fn is_trusted_as_shown(&self, references: &[Reference<'_>], findings: &[Vec<Finding>]) -> bool {
        let Some(trust) = self.trust else { return false };
        references.iter().zip(findings).any(|(reference, findings)| {
            reference.is_shown()
                && findings.is_empty()
                && reference.spec().is_some_and(|spec| trust.requirements_for(spec).signatures())
        })
    }

    /// Returns what is said where neither the image nor a pull spec is known.
    fn without_pull_spec(&self, reference: &Reference<'_>, why: &Unresolved) -> Finding {
        let source = match (reference.source.written(), reference.tag()) {
            ("", Some(tag)) if !tag.is_empty() => {
                format!("{}/{}:{tag}", self.namespace, reference.stream.unwrap_or_default())
            }
            (text, _) => text.to_owned(),
        };
        Finding {
            severity: severity(why),
            source,
            spec: None,
            setting: "trust".to_owned(),
            reason: why.to_string(),
            is_import: false,
            by_digest: None,
        }
    }
}

fn severity(why: &Unresolved) -> Severity {
    match why {
        Unresolved::Unavailable(error) => unanswered(error),
        Unresolved::Ambiguous(_) | Unresolved::Inconsistent { .. } | Unresolved::Unparsable => {
            Severity::Untrusted
        }
        Unresolved::NoDigest
        | Unresolved::Repository
        | Unresolved::Untracked
        | Unresolved::Nothing(_)
        | Unresolved::NoName => Severity::Unverified,
    }
}

/// How bad it is that a look-up has no answer. What asks for more than one request may is itself to blame, so
/// that it is not for `host-unavailable` to let it pass.
fn unanswered(error: &LookupError) -> Severity {
    match error {
        LookupError::Spent => Severity::Untrusted,
        LookupError::Unanswered(_) | LookupError::Unreadable { .. } | LookupError::Nameless => {
            Severity::Unavailable
        }
    }
}

/// A requirement that an image does not meet.
#[derive(Debug)]
struct Missed {
    /// How near it comes: more is nearer.
    nearness: u8,
    finding: Finding,
}

impl Missed {
    fn by_far(finding: Finding) -> Self {
        Self { nearness: 0, finding }
    }
}

/// A pull spec that is to be trusted.
#[derive(Debug)]
struct Candidate<'s, 'j> {
    judge: &'s Judge<'j>,
    pulled: &'s Pulled<'s>,
    image: &'s Result<String, Unresolved>,
    /// The signatures, where the request holds them.
    shown: Option<&'s [Evidence<'s, 'j>]>,
    /// The tag by which it is pulled, where another image may be pulled next time.
    moving: Option<&'s str>,
    /// Whether the request brings the image, should the cluster not have it: the server then stores it
    /// without any signature.
    is_brought: bool,
    /// Whether a workload pulls it as it is written.
    is_used: bool,
}

impl Candidate<'_, '_> {
    fn assess(&self, applicable: &Applicable<'_>) -> Vec<Finding> {
        // What is shown and what is pulled are two images, and no signature is for both.
        if let (Err(why @ Unresolved::Inconsistent { .. }), true) = (self.image, applicable.asks()) {
            return vec![self.without_image(applicable, why)];
        }
        let judge = |requirement: &Requirement| {
            let found = self.judge(requirement, applicable);
            found.or_else(|| self.judge_moving(requirement, applicable))
        };
        applicable.requirements.iter().filter_map(judge).collect()
    }

    /// Returns what keeps the image from meeting a requirement.
    fn judge(&self, requirement: &Requirement, applicable: &Applicable<'_>) -> Option<Finding> {
        match requirement {
            Requirement::InsecureAcceptAnything(_) => None,
            Requirement::Reject(_) => Some(self.found(Severity::Rejected, applicable, "rejected".to_owned())),
            Requirement::SignedBy(signed_by) => Some(self.judge_signed_by(signed_by, applicable)?.finding),
            Requirement::SigstoreSigned(signed) => Some(self.judge_sigstore(signed, applicable)?.finding),
            Requirement::AnyOf(any_of) => self.judge_any(&any_of.requirements.0, applicable),
        }
    }

    /// Returns what keeps the image from meeting any of several requirements, the nearest first. The host
    /// is asked where no signature that the cluster has is enough.
    fn judge_any(&self, alternatives: &[Alternative], applicable: &Applicable<'_>) -> Option<Finding> {
        let mut missed = Vec::new();
        for alternative in alternatives {
            if let Alternative::SignedBy(signed_by) = alternative {
                missed.push(self.judge_signed_by(signed_by, applicable)?);
            }
        }
        for alternative in alternatives {
            if let Alternative::SigstoreSigned(signed) = alternative {
                missed.push(self.judge_sigstore(signed, applicable)?);
            }
        }
        // What is not known yet is nearer than what is known to be missing. The sort is stable.
        missed.sort_by_key(|missed| (missed.finding.severity, u8::MAX - missed.nearness));
        let mut reasons: Vec<String> = missed.iter().map(|missed| missed.finding.reason.clone()).collect();
        reasons.dedup();
        let severity = missed.first().map_or(Severity::Rejected, |missed| missed.finding.severity);
        Some(self.found(severity, applicable, reasons.join("; or ")))
    }

    fn judge_sigstore(&self, signed: &SigstoreSigned, applicable: &Applicable<'_>) -> Option<Missed> {
        // A host would take it for one of its images.
        if self.pulled.spec.is_whole() {
            let why = self.image.as_ref().err().unwrap_or(&Unresolved::Repository);
            return Some(Missed::by_far(self.without_image(applicable, why)));
        }
        let finding = match sigstore::ask(signed, &self.pulled.text, self.judge.cluster) {
            Answer::Signed => return None,
            Answer::SignedNow(digest) => {
                let until = if self.is_used { "for good" } else { "before the import" };
                let reason = format!("{until}: it is signed as {digest} now, but the tag may move");
                let by_digest = quote(&format!("{}@{digest}", self.pulled.spec.name())).to_string();
                let found = self.found(Severity::Unverified, applicable, reason);
                Finding { by_digest: self.is_used.then_some(by_digest), ..found }
            }
            Answer::Unsigned(reason) => self.untrusted(applicable, reason),
            Answer::Unavailable(reason) => self.found(Severity::Unavailable, applicable, reason),
        };
        Some(Missed::by_far(finding))
    }

    /// What keeps the image from being signed as applicable.
    fn judge_signed_by(&self, signed_by: &SignedBy, applicable: &Applicable<'_>) -> Option<Missed> {
        let by_far = |finding: Finding| Some(Missed::by_far(finding));
        let missed = |shortfall: Shortfall| Missed {
            nearness: shortfall.nearness,
            finding: self.untrusted(applicable, shortfall.reason),
        };
        let aliases = self.judge.aliases;
        if let Some(evidence) = self.shown {
            let judged = judge_signed_by(signed_by, &self.pulled.spec, evidence, aliases);
            return judged.err().map(missed);
        }
        let name = match self.image {
            Ok(name) => name,
            Err(why) => return by_far(self.without_image(applicable, why)),
        };
        let found = self.judge.cluster.image(name);
        let stored = match found.as_ref() {
            Ok(Some(stored)) => stored,
            Ok(None) if self.is_brought => {
                let reason = "a mapping makes this image without signatures; import it instead".to_owned();
                return by_far(self.untrusted(applicable, reason));
            }
            Err(error) if self.is_brought => {
                let reason = format!(
                    "a mapping makes this image without signatures, unless the cluster has it: {error}"
                );
                return by_far(self.untrusted(applicable, reason));
            }
            Ok(None) => {
                let reason = "because the cluster does not have this image yet; import it into a staging project, \
                              then tag it from there";
                return by_far(self.found(Severity::Unverified, applicable, reason.to_owned()));
            }
            Err(error) => return by_far(self.found(unanswered(error), applicable, error.to_string())),
        };
        let evidence = Evidence::stored(stored, self.judge.cluster.keyring());
        let shortfall = judge_signed_by(signed_by, &self.pulled.spec, &evidence, aliases).err()?;
        match self.judge_children(stored, signed_by) {
            Some(Ok(())) => None,
            Some(Err(error)) => by_far(self.found(unanswered(&error), applicable, error.to_string())),
            None => Some(missed(shortfall)),
        }
    }

    /// What is said of an image that is signed, where its consumer pulls whatever a tag shows by then.
    fn judge_moving(&self, requirement: &Requirement, applicable: &Applicable<'_>) -> Option<Finding> {
        let (Some(tag), Ok(image)) = (self.moving, self.image) else { return None };
        if !requirement.needs_signatures() {
            return None;
        }
        // Short, so that a warning has room for it.
        let reason = format!(
            "for good: {} is signed now, but the tag may move; write {} in its place",
            quote(tag),
            quote(&format!("@{image}"))
        );
        Some(self.found(Severity::Unverified, applicable, reason))
    }

    /// Whether each child of a manifest list is signed by itself; nothing where one is not, or where
    /// the list's own manifest does not prove which they are.
    fn judge_children(&self, list: &StoredImage, signed_by: &SignedBy) -> Option<Result<(), LookupError>> {
        if !list.claims_children {
            return None;
        }
        let children = self.judge.cluster.children(&list.name);
        let children = match children.as_ref() {
            Ok(children) => children.as_ref()?,
            Err(error) => return Some(Err(error.clone())),
        };
        if children.is_empty() || children.len() > CHILDREN {
            return None;
        }
        for child in children {
            let found = self.judge.cluster.image(child);
            let stored = match found.as_ref() {
                Ok(stored) => stored.as_ref()?,
                Err(error) => return Some(Err(error.clone())),
            };
            let spec = PullSpec::parse(&format!("{}@{child}", self.pulled.spec.name())).ok()?;
            let evidence = Evidence::stored(stored, self.judge.cluster.keyring());
            judge_signed_by(signed_by, &spec, &evidence, self.judge.aliases).ok()?;
        }
        Some(Ok(()))
    }

    fn found(&self, severity: Severity, applicable: &Applicable<'_>, reason: String) -> Finding {
        Finding {
            severity,
            source: self.pulled.text.to_string(),
            spec: Some(self.pulled.spec.clone()),
            setting: applicable.setting.clone(),
            reason,
            is_import: false,
            by_digest: None,
        }
    }

    fn without_image(&self, applicable: &Applicable<'_>, why: &Unresolved) -> Finding {
        self.found(severity(why), applicable, why.to_string())
    }

    fn untrusted(&self, applicable: &Applicable<'_>, reason: String) -> Finding {
        self.found(Severity::Untrusted, applicable, reason)
    }
}
