//! What can be wrong, in words.

use std::fmt;

use crate::oci::reference::ReferenceError;
use crate::quote::quote;

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
    TagMayMove { tag: String },
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
            Self::TagMayMove { tag } => write!(
                f,
                "{} is immutable by `references.immutableTags`, and whether the stream has it already is not \
                 in the request: write the tag into the ImageStream instead",
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
