//! What can be wrong, in words, and the report that gathers it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use time::{Duration, UtcDateTime};

use crate::admission::request::AdmissionRequest;
use crate::admission::verdict::{self, Verdict};
use crate::json::path::FieldPath;
use crate::oci::reference::{PullSpec, ReferenceError};
use crate::policy::Policy;
use crate::policy::exemption::Exempted;
use crate::policy::platform_writers;
use crate::quote::quote;
use crate::rules::{self, Level, Rule};
use crate::settings::reader::list;
use crate::trust::attached::ExaminedSignature;

/// How long before a key expires its use gives a warning.
const EXPIRY_NOTICE: Duration = Duration::days(30);

/// Why something is pulled from outside, although `Local` is asked for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Outside {
    /// A mapping or an event brings it, and the tag has no policy or another one.
    Mapped,
    /// An import into a tag that has another policy.
    Kept,
    /// `reference: true`.
    Written,
    /// A tag loses its policy.
    Bared,
    /// A tag leaves the spec.
    Left {
        /// `stream:tag`.
        tag: String,
    },
}

/// An offence: all the wording there is.
///
/// Lower case, no full stop; what was found, what was expected, and the setting that asks for it.
#[derive(Clone, Debug)]
pub enum Denial {
    ClaimMismatch { found: String, expected: String },
    ClaimUnproven { found: String },
    ConditionUnproven { reason: String },
    ConfigClaimMismatch { what: String, found: String, expected: String },
    ConfigDigestMismatch { found: String, expected: String },
    ConfigIdMismatch { found: String, expected: String },
    ConfigUnexpected,
    ConfigUnproven,
    ConfigUnreadable { reason: String },
    DigestMissing { source: String, scope: String },
    EventInconsistent { source: String, image: String },
    ImageNameNotDigest { name: String },
    ImageUntrusted { source: String, setting: String, reason: String },
    HostUnavailable { source: String, reason: String },
    ImageUnverified { source: String, setting: String, reason: String },
    ImportModeMismatch { found: String, expected: String },
    InsecureAnnotation,
    InsecureImport { source: String },
    InsecureStream { source: String },
    LayerCountMismatch { found: usize, expected: usize },
    LayerMismatch { found: String, expected: String },
    LayersUnexpected,
    ListEntryCountMismatch { found: usize, expected: usize },
    ListEntryMismatch { what: &'static str, found: String, expected: String },
    ListUnexpected,
    ListUnproven,
    LocalLookup,
    ManifestDigestMismatch { found: String, name: String },
    ManifestMediaTypeUnproven { found: String, stored: String },
    ManifestMediaTypeMismatch { found: String, expected: String },
    ManifestUnreadable { reason: String },
    MediaTypeMissing,
    MediaTypeNotAllowed { media_type: String },
    NamespaceNotAllowed { namespace: String },
    PatternBroken { setting: &'static str, error: String },
    PullSpecMismatch { source: String, name: String },
    PullSpecMissing,
    PullSpecUnparsable { source: String, error: ReferenceError },
    PulledFromOutside { why: Outside, pull_spec: String, scope: String },
    ReferencePolicyMismatch { found: String, expected: &'static str, scope: String },
    RepositoryImport { source: String },
    RequestUnreadable { reason: String },
    ScheduledImport { source: String },
    SignatureForOther { signers: String, signed: String, image: String },
    SignatureIdentity { signers: String, signed: String, image: String, setting: String },
    SignatureNameForeign { name: String, image: String },
    SignatureNotBase64,
    SignatureRejected { rejection: String },
    SignatureRemoved { name: String, more: usize },
    SignatureRewritten { name: String },
    SignatureTypeUnknown { found: String },
    SignatureUnexamined { limit: usize },
    SourceDenied { source: String, scope: String },
    SourceKindNotAllowed { kind: String },
    SourceKindUnknown { kind: String },
    SourceMissing,
    SourceRegistryNotAllowed { registry: String },
    SourceRepositoryNotAllowed { name: String },
    SourceTagDenied { tag: String },
    SourceTagNotAllowed { tag: String, pattern: String },
    SourceTagsUnknown,
    StreamImageUnparsable { source: String },
    StreamTagUnparsable { source: String },
    TagFollows { tag: String, followed: String },
    TagMayMove { tag: String, error: String },
    TagMoved { tag: String, by: String },
    TagNameInvalid { name: String },
    TagNameNotAllowed { name: String, pattern: String },
    TagNamesUnknown,
    TagsMayMove,
    TooManySignatures { found: usize, limit: usize },
    UnsupportedResource { resource: String },
    UntrackedReference { source: String },
}

impl fmt::Display for Denial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ClaimMismatch { found, expected } => {
                write!(f, "is {}, the signature says {}", quote(found), quote(expected))
            }
            Self::ClaimUnproven { found } => {
                write!(f, "is {}, which no signature by one of `signers` says", quote(found))
            }
            Self::ConditionUnproven { reason } => write!(f, "`Trusted` is claimed, but {reason}"),
            Self::ConfigClaimMismatch { what, found, expected } => {
                write!(f, "{what} is {}, the configuration says {}", quote(found), quote(expected))
            }
            Self::ConfigDigestMismatch { found, expected } => {
                write!(f, "its digest is {}, the manifest says {}", quote(found), quote(expected))
            }
            Self::ConfigIdMismatch { found, expected } => {
                write!(f, "{} is not the image's configuration, {}", quote(found), quote(expected))
            }
            Self::ConfigUnproven => f.write_str("there is no manifest that says it belongs to the image"),
            Self::ConfigUnexpected => f.write_str("the manifest has no configuration"),
            Self::ConfigUnreadable { reason } => write!(f, "is not a configuration: {reason}"),
            Self::DigestMissing { source, scope: s } if s.is_empty() => {
                write!(f, "{} has no digest, `references.pinned` asks for one everywhere", quote(source))
            }
            Self::DigestMissing { source, scope } => {
                write!(f, "{} has no digest, `references.pinned` asks for one in {}", quote(source), quote(scope))
            }
            Self::EventInconsistent { source, image } => {
                write!(f, "{} does not carry the digest of the event's image {}", quote(source), quote(image))
            }
            Self::ImageNameNotDigest { name } => {
                write!(f, "{} is not a manifest digest such as `sha256:…` with 64 hex digits", quote(name))
            }
            Self::ImageUntrusted { source, setting, reason } => {
                write!(f, "{} is not trusted by {}: {reason}", quote(source), quote(setting))
            }
            Self::HostUnavailable { source, reason } => {
                write!(f, "{} cannot be judged: {}", quote(source), crate::quote::excerpt(reason))
            }
            Self::ImageUnverified { source, setting, reason } => {
                write!(f, "{} asks for signatures of {}: {reason}", quote(setting), quote(source))
            }
            Self::ImportModeMismatch { found, expected } => {
                write!(f, "import mode {} is not in `references.importMode` ({expected})", quote(found))
            }
            Self::InsecureAnnotation => f.write_str(
                "makes every import into the stream insecure, `references.insecure` does not hold everywhere: \
                 set `importPolicy.insecure` on the tags that need it",
            ),
            Self::InsecureImport { source } if source.is_empty() => {
                f.write_str("insecure import, which `references.insecure` does not hold everywhere")
            }
            Self::InsecureImport { source } => {
                write!(f, "insecure import from {}, which is not in `references.insecure`", quote(source))
            }
            Self::InsecureStream { source } => write!(
                f,
                "insecure import from {} by the stream's annotation, which is not in `references.insecure`",
                quote(source)
            ),
            Self::LayerCountMismatch { found, expected } => {
                write!(f, "{found} layers, the manifest has {expected}")
            }
            Self::LayerMismatch { found, expected } => {
                write!(f, "is {}, the manifest says {}", quote(found), quote(expected))
            }
            Self::LayersUnexpected => f.write_str("the manifest is a list and has no layers"),
            Self::ListEntryCountMismatch { found, expected } => {
                write!(f, "{found} manifests, the list has {expected}")
            }
            Self::ListEntryMismatch { what, found, expected } => {
                write!(f, "{what} is {}, the list says {}", quote(found), quote(expected))
            }
            Self::ListUnexpected => f.write_str("the manifest is not a list"),
            Self::ListUnproven => f.write_str("changes without a list that says so"),
            Self::LocalLookup => f.write_str("lets pods use the stream's tags by short name"),
            Self::ManifestDigestMismatch { found, name } => {
                write!(f, "its digest is {}, the image's name is {}", quote(found), quote(name))
            }
            Self::ManifestMediaTypeUnproven { found, stored } => {
                write!(f, "becomes {}, was {}, without a manifest that says so", quote(found), quote(stored))
            }
            Self::ManifestMediaTypeMismatch { found, expected } => {
                write!(f, "is {}, the manifest says {}", quote(found), quote(expected))
            }
            Self::ManifestUnreadable { reason } => write!(f, "is not a manifest: {reason}"),
            Self::MediaTypeMissing => f.write_str("is missing, `images.mediaTypes` asks for one"),
            Self::MediaTypeNotAllowed { media_type } => {
                write!(f, "{} is not in `images.mediaTypes`", quote(media_type))
            }
            Self::NamespaceNotAllowed { namespace } => {
                write!(f, "namespace {} is not in `references.namespaces`", quote(namespace))
            }
            Self::PatternBroken { setting, error } => write!(f, "`{setting}` cannot be used: {error}"),
            Self::PullSpecMissing => f.write_str("is missing"),
            Self::PullSpecMismatch { source, name } => {
                write!(f, "{} does not carry the digest that is the image's name, {}", quote(source), quote(name))
            }
            Self::PullSpecUnparsable { source, error } => write!(f, "pull spec {} {error}", quote(source)),
            Self::PulledFromOutside { why, pull_spec, scope } => {
                let pull_spec = quote(pull_spec);
                match why {
                    Outside::Mapped => write!(f, "{pull_spec} is pulled from there: no tag of the stream says `Local`"),
                    Outside::Kept => write!(f, "the stream keeps `Source` for the tag"),
                    Outside::Written => write!(f, "{pull_spec} is only written down, and pulled from there"),
                    Outside::Bared => write!(f, "the tag shows {pull_spec}, which is pulled from there from now on"),
                    Outside::Left { tag } => write!(
                        f,
                        "the tag shows {pull_spec}, which is pulled from there without a policy: `oc tag -d {tag}` \
                         removes both"
                    ),
                }?;
                match scope.as_str() {
                    "" => f.write_str("; `references.referencePolicy` asks for `Local` everywhere"),
                    scope => write!(f, "; `references.referencePolicy` asks for `Local` in {}", quote(scope)),
                }
            }
            Self::ReferencePolicyMismatch { found, expected, scope } if scope.is_empty() => {
                write!(f, "is {}, `references.referencePolicy` asks for `{expected}` everywhere", quote(found))
            }
            Self::ReferencePolicyMismatch { found, expected, scope } => write!(
                f,
                "is {}, `references.referencePolicy` asks for `{expected}` in {}",
                quote(found),
                quote(scope)
            ),
            Self::RepositoryImport { source } => {
                write!(f, "imports every tag of {}, now and later", quote(source))
            }
            Self::RequestUnreadable { reason } => f.write_str(reason),
            Self::ScheduledImport { source } if source.is_empty() => {
                f.write_str("scheduled import, which `references.scheduled` does not hold everywhere")
            }
            Self::ScheduledImport { source } => {
                write!(f, "scheduled import from {}, which is not in `references.scheduled`", quote(source))
            }
            Self::SignatureForOther { signers, signed, image } => write!(
                f,
                "signer {signers} vouches for {}, not for this image, {}",
                quote(signed),
                quote(image)
            ),
            Self::SignatureIdentity { signers, signed, image, setting } => write!(
                f,
                "signer {signers} vouches for {}, not for {} as {} asks",
                quote(signed),
                quote(image),
                quote(setting)
            ),
            Self::SignatureNameForeign { name, image } => {
                write!(f, "{} is not of the form `<image>@<signature>` with the image {}", quote(name), quote(image))
            }
            Self::SignatureNotBase64 => f.write_str("is not base64"),
            Self::SignatureRejected { rejection } => f.write_str(rejection),
            Self::SignatureRemoved { name, more: 0 } => write!(f, "{} goes away", quote(name)),
            Self::SignatureRemoved { name, more } => write!(f, "{} and {more} more go away", quote(name)),
            Self::SignatureRewritten { name } => {
                write!(f, "another signature is stored under the name {}", quote(name))
            }
            Self::SignatureTypeUnknown { found } => {
                write!(f, "is {}, a signature's type is `AtomicImageV1` or `atomic`", quote(found))
            }
            Self::SignatureUnexamined { limit } => {
                write!(f, "was not looked at, nor is any after it: `limits.signaturesPerImage` is {limit}")
            }
            Self::SourceDenied { source, scope } => {
                write!(f, "{} is in `references.deny`, by {}", quote(source), quote(scope))
            }
            Self::SourceKindNotAllowed { kind } => write!(f, "kind {} is not in `references.kinds`", quote(kind)),
            Self::SourceKindUnknown { kind } => write!(
                f,
                "kind {} is none of `DockerImage`, `ImageStreamTag`, `ImageStreamImage`",
                quote(kind)
            ),
            Self::SourceMissing => f.write_str("the source is missing"),
            Self::SourceRegistryNotAllowed { registry } => {
                write!(f, "registry {} is not in `references.allow`", quote(registry))
            }
            Self::SourceRepositoryNotAllowed { name } => {
                write!(f, "{} is not in `references.allow`", quote(name))
            }
            Self::SourceTagDenied { tag } => {
                write!(f, "source tag {} is in `references.sourceTags.deny`", quote(tag))
            }
            Self::SourceTagNotAllowed { tag, pattern } => write!(
                f,
                "source tag {} does not match `references.sourceTags.allow`, {}",
                quote(tag),
                quote(pattern)
            ),
            Self::SourceTagsUnknown => {
                f.write_str("a whole repository brings tags that `references.sourceTags` cannot judge")
            }
            Self::StreamImageUnparsable { source } => {
                write!(f, "{} is not of the form `stream@digest`", quote(source))
            }
            Self::StreamTagUnparsable { source } => write!(f, "{} is not of the form `stream:tag`", quote(source)),
            Self::TagFollows { tag, followed } => write!(
                f,
                "{} is immutable by `references.immutableTags`, and would move with {} of its own stream",
                quote(tag),
                quote(followed)
            ),
            Self::TagMayMove { tag, error } => write!(
                f,
                "{} is immutable by `references.immutableTags`, and whether the stream shows something by it \
                 already cannot be looked up: {error}",
                quote(tag)
            ),
            Self::TagMoved { tag, by } => write!(
                f,
                "{} is immutable by `references.immutableTags`, and was set by {}",
                quote(tag),
                quote(by)
            ),
            Self::TagNameInvalid { name } if name.is_empty() => f.write_str("names no tag"),
            Self::TagNameInvalid { name } => write!(
                f,
                "tag name {} is not of the form `[A-Za-z0-9_][A-Za-z0-9_.-]{{0,127}}`",
                quote(name)
            ),
            Self::TagNameNotAllowed { name, pattern } => {
                write!(f, "tag name {} does not match `references.tagNames`, {}", quote(name), quote(pattern))
            }
            Self::TagNamesUnknown => {
                f.write_str("a whole repository brings tags that `references.tagNames` cannot judge")
            }
            Self::TagsMayMove => {
                f.write_str("a whole repository may move tags that `references.immutableTags` holds")
            }
            Self::TooManySignatures { found, limit } => {
                write!(f, "{found} signatures, `limits.signaturesPerImage` is {limit}")
            }
            Self::UnsupportedResource { resource } => {
                write!(f, "{} is not a resource that this policy can judge", quote(resource))
            }
            Self::UntrackedReference { source } => {
                write!(f, "{} is only written down: never imported, so never verified", quote(source))
            }
        }
    }
}

/// An offence with its place and its rule.
#[derive(Clone, Debug)]
pub struct Violation {
    /// Where.
    pub path: FieldPath,
    /// Which rule.
    pub code: &'static str,
    /// What.
    pub message: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} [{}]", self.path, self.message, self.code)
    }
}

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
        }
    }

    /// Takes note that the image is trusted, whatever else is attached to it.
    pub fn spare_attached(&mut self) {
        self.attached_are_spare = true;
    }

    /// Whether nobody wants to hear of a rule.
    #[must_use]
    pub fn is_off(&self, rule: &Rule) -> bool {
        self.policy.level(rule) == Level::Off
    }

    /// Takes an offence in; `spec` is the image that it is about.
    pub fn add(&mut self, rule: &'static Rule, path: FieldPath, denial: Denial, spec: Option<&PullSpec>) {
        let level = match self.policy.level(rule) {
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
            match self.policy.exemptions.judge(code, self.request, spec, self.now) {
                Exempted::No => {}
                Exempted::Lifted { reason } => {
                    self.exempted.entry(code).or_default().insert(reason);
                    return;
                }
                Exempted::Ended { index, reason, until } => {
                    let until = until.date();
                    let message = format!("ended on {until} and no longer lifts this: {}", quote(&reason));
                    let path = FieldPath::root().key("settings.exemptions").index(index).key("until");
                    let ended = Violation { path, code, message };
                    if self.ended.insert((index, code)) {
                        self.warned.push(ended);
                    }
                }
            }
        }
        let violation = Violation { path, code, message: denial.to_string() };
        match level {
            Level::Deny => self.denied.push(violation),
            Level::Warn => self.warned.push(violation),
            Level::Off => {}
        }
    }

    /// Takes note of who vouched, and warns where their key will soon be of no use.
    pub fn vouch(&mut self, signature: &ExaminedSignature<'_>) {
        let Some(proof) = signature.proof() else { return };
        for signer in proof.signers() {
            self.signers.insert(format!("{signer} {}", proof.fingerprint()));
        }
        let Some(expires) = proof.expires().filter(|expires| *expires > self.now) else { return };
        if expires - self.now <= EXPIRY_NOTICE {
            let path = signature.introduced.path(FieldPath::root().key("content"));
            let message =
                format!("key {} of {} expires on {}", proof.key(), list(proof.signers()), expires.date());
            self.warned.push(Violation { path, code: rules::signature_untrusted::RULE.code, message });
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
            let codes: BTreeSet<&str> = self.warned.iter().map(|violation| violation.code).collect();
            audit_annotations.insert("warned", codes.into_iter().collect::<Vec<_>>().join(", "));
        }
        Verdict {
            accepted,
            message: (!accepted).then(|| verdict::message(about, &self.denied, reported)),
            code: (!accepted).then_some(code),
            audit_annotations,
            warnings,
        }
    }
}
