//! Something that points, or lets a tag point, at an image.

use crate::api::image_stream::{ObjectReference, TagEvent, TagImportPolicy, TagReferencePolicy};
use crate::json::path::FieldPath;
use crate::oci::reference::{self, PullSpec, ReferenceError, RegistryAliases};

/// A way by which a reference gets into a stream.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Door {
    /// An event written into a stream's status.
    Event,
    /// An entry of ImageStreamImport's `spec.images`.
    ImageImport,
    /// ImageStreamMapping: the pull spec of the image that it brings.
    Mapping,
    /// ImageStream's `spec.dockerImageRepository`: every tag of a repository.
    Repository,
    /// ImageStreamImport's `spec.repository`: every tag of a repository.
    RepositoryImport,
    /// ImageStreamImage: an image that a stream shows already.
    Shown,
    /// A tag in a stream's spec, through whichever kind.
    Tag,
    /// A tag that leaves the spec, while what it shows stays.
    Untagged,
}

/// A reference that a request introduces.
#[derive(Debug)]
pub struct Reference<'r> {
    /// The way in.
    pub door: Door,
    /// The stream that will show the image; empty where the request does not name it.
    pub stream: &'r str,
    /// The tag that will show the image; `None` where there is none, or every one.
    pub tag: Option<&'r str>,
    /// What is pointed at.
    pub source: Source<'r>,
    /// Whether the import is insecure.
    pub insecure: Insecure,
    /// Whether it is imported again and again.
    pub scheduled: bool,
    /// `Legacy`, `PreserveOriginal` or unset.
    pub import_mode: &'r str,
    /// `Local`, `Source` or unset.
    pub reference_policy: &'r str,
    /// Whether consumers pull from the stream through the cluster's own registry; nothing where the
    /// request does not tell.
    pub local: Option<bool>,
    /// Whether it is only written down, never imported (`reference: true`).
    pub untracked: bool,
    /// What the tag was.
    pub before: Before,
    /// Name of the image that a mapping brings.
    pub image: Option<&'r str>,
    /// Whether a mapping calls its image one of the integrated registry, whatever its pull spec says.
    pub managed: bool,
    /// The new event that it is, if it is one.
    pub event: Option<Event<'r>>,
    /// What the tag will show, where the server has resolved its source already, or an event that was
    /// there before is the newest again.
    pub shows: Option<Event<'r>>,
    /// What the tag shows, where it was pulled through the cluster's own registry before and no longer is:
    /// the pull spec by which it is pulled from now on.
    pub bared: Option<&'r str>,
    pub(super) has_import_policy: bool,
    pub(super) has_reference_policy: bool,
    pub(super) place: Place,
}

/// What a reference points at.
#[derive(Debug)]
pub enum Source<'r> {
    /// Nothing yet: the tag waits for a push.
    None,
    /// An image in a registry.
    Image {
        /// As written.
        text: &'r str,
        /// As compared.
        spec: PullSpec,
    },
    /// A tag of a stream.
    StreamTag {
        /// Namespace of that stream.
        namespace: &'r str,
        /// Name of that stream.
        stream: &'r str,
        /// As written.
        text: &'r str,
        /// The tag.
        tag: &'r str,
    },
    /// An image in the history of a stream.
    StreamImage {
        /// Namespace of that stream.
        namespace: &'r str,
        /// Name of that stream.
        stream: &'r str,
        /// As written.
        text: &'r str,
        /// The image's digest, or the beginning of it.
        id: &'r str,
    },
    /// Something that cannot be read.
    Unreadable(SourceError<'r>),
}

/// Why a source cannot be read.
#[derive(Clone, Copy, Debug)]
pub enum SourceError<'r> {
    /// There is no `from`, or an empty one.
    Missing,
    /// The kind is none that the API has.
    Kind(&'r str),
    /// Not a pull spec.
    PullSpec(&'r str, ReferenceError),
    /// Not `stream:tag` or `tag`.
    StreamTag(&'r str),
    /// Not `stream@digest` or `digest`.
    StreamImage(&'r str),
}

/// The two halves of an event.
#[derive(Clone, Copy, Debug)]
pub struct Event<'r> {
    /// Name of the Image; empty where only a reference was written down.
    pub image: &'r str,
    /// What consumers pull.
    pub pull_spec: &'r str,
}

impl<'r> Event<'r> {
    pub(super) fn of(event: &'r TagEvent<'_>) -> Self {
        Self { image: event.image.as_str(), pull_spec: event.docker_image_reference.as_str() }
    }
}

/// Whether an import is insecure.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Insecure {
    /// By the annotation of the stream.
    Annotation,
    /// No.
    No,
    /// By the import policy.
    Policy,
}

/// What a tag was before the request.
#[derive(Debug)]
pub enum Before {
    /// Not there.
    New,
    /// There.
    Set {
        /// What it pointed at, as written; `None` where an image was pushed.
        by: Option<String>,
        /// Whether it points elsewhere now.
        moved: bool,
    },
    /// The request does not tell.
    Unknown,
}

/// A part of a reference that a rule may blame.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Part {
    /// Kind of the source.
    Kind,
    /// The import mode.
    ImportMode,
    /// `importPolicy.insecure`, or the annotation that stands for it.
    Insecure,
    /// Namespace of the source.
    Namespace,
    /// The reference policy.
    ReferencePolicy,
    /// `importPolicy.scheduled`.
    Scheduled,
    /// The source itself.
    Source,
    /// Name of the tag.
    TagName,
    /// `reference`.
    Untracked,
}

/// Where a reference stands.
#[derive(Debug)]
pub(super) enum Place {
    /// A tag reference, or something built like one.
    Tag {
        /// The tag's name.
        name: FieldPath,
        /// The tag reference.
        at: FieldPath,
    },
    /// A field of its own.
    Fields {
        /// The object that has it.
        at: FieldPath,
        /// The field.
        source: &'static str,
    },
    /// An event.
    Event {
        /// The tag's name.
        tag: FieldPath,
        /// The event.
        at: FieldPath,
    },
    /// The image of a mapping.
    Mapping {
        /// Its pull spec, or the image if that is missing.
        source: FieldPath,
    },
}

impl<'r> Reference<'r> {
    pub(super) fn new(door: Door, tag: Option<&'r str>, source: Source<'r>, place: Place) -> Self {
        Self {
            door,
            stream: "",
            tag,
            source,
            insecure: Insecure::No,
            scheduled: false,
            import_mode: "",
            reference_policy: "",
            local: None,
            untracked: false,
            before: Before::New,
            image: None,
            managed: false,
            event: None,
            shows: None,
            bared: None,
            has_import_policy: false,
            has_reference_policy: false,
            place,
        }
    }

    pub(super) fn take_policies(
        &mut self,
        import: Option<&'r TagImportPolicy<'_>>,
        reference: Option<&'r TagReferencePolicy<'_>>,
    ) {
        if let Some(import) = import {
            self.has_import_policy = true;
            if import.insecure.unwrap_or_default() {
                self.insecure = Insecure::Policy;
            }
            self.scheduled = import.scheduled.unwrap_or_default();
            self.import_mode = import.import_mode.as_str();
        }
        if let Some(reference) = reference {
            self.has_reference_policy = true;
            self.reference_policy = reference.type_.as_str();
            self.local = reference.is_local().then_some(true);
        }
    }

    /// The pull spec, if the source is one.
    #[must_use]
    pub fn spec(&self) -> Option<&PullSpec> {
        match &self.source {
            Source::Image { spec, .. } => Some(spec),
            _ => None,
        }
    }

    /// Whether every tag of a repository is meant.
    #[must_use]
    pub fn is_repository(&self) -> bool {
        matches!(self.door, Door::Repository | Door::RepositoryImport)
    }

    /// Whether it makes a tag show an image: not where somebody only tells of it.
    #[must_use]
    pub fn is_shown_by_a_tag(&self) -> bool {
        !matches!(self.door, Door::Shown | Door::Untagged)
    }

    /// Whether it is a push to the stream's own repository in the integrated registry, or says so.
    #[must_use]
    pub fn is_push(&self, namespace: &str) -> bool {
        let own = format!("{namespace}/{}", self.stream);
        let is_own = |spec: &PullSpec| reference::is_integrated(spec.registry()) && spec.repository() == own;
        !self.is_import() && self.spec().is_some_and(is_own)
    }

    /// Whether somebody asks for an import, rather than reports what is there.
    #[must_use]
    pub fn is_import(&self) -> bool {
        !matches!(self.door, Door::Event | Door::Mapping | Door::Shown | Door::Untagged)
    }

    /// The place of a part; of a missing one, the place of what would hold it.
    #[must_use]
    pub fn path(&self, part: Part) -> FieldPath {
        match &self.place {
            Place::Tag { name, at } => match part {
                Part::TagName => name.clone(),
                Part::Insecure if self.insecure == Insecure::Annotation => at.clone().key("from.name"),
                Part::Source if matches!(self.source, Source::Unreadable(SourceError::Missing)) => {
                    at.clone().key("from")
                }
                Part::Source if matches!(self.source, Source::None) => at.clone(),
                Part::Source => at.clone().key("from.name"),
                Part::Kind => at.clone().key("from.kind"),
                Part::Namespace if self.spec().is_some() => at.clone().key("from.name"),
                Part::Namespace => at.clone().key("from.namespace"),
                Part::Untracked => at.clone().key("reference"),
                Part::Insecure | Part::Scheduled | Part::ImportMode if !self.has_import_policy => {
                    at.clone().key("importPolicy")
                }
                Part::Insecure => at.clone().key("importPolicy.insecure"),
                Part::Scheduled => at.clone().key("importPolicy.scheduled"),
                Part::ImportMode => at.clone().key("importPolicy.importMode"),
                Part::ReferencePolicy if !self.has_reference_policy => at.clone().key("referencePolicy"),
                Part::ReferencePolicy => at.clone().key("referencePolicy.type"),
            },
            Place::Fields { at, source } => at.clone().key(source),
            Place::Event { tag, .. } if part == Part::TagName => tag.clone(),
            Place::Event { at, .. } => at.clone().key("dockerImageReference"),
            Place::Mapping { .. } if part == Part::TagName => FieldPath::root().key("tag"),
            Place::Mapping { source } => source.clone(),
        }
    }
}

impl<'r> Source<'r> {
    /// A pull spec.
    pub(super) fn pull_spec(text: &'r str, aliases: &RegistryAliases) -> Self {
        match PullSpec::parse(text) {
            Ok(spec) => Self::Image { text, spec: aliases.rename(spec) },
            Err(error) => Self::Unreadable(SourceError::PullSpec(text, error)),
        }
    }

    /// What `from` says, in the stream `own` of `namespace`.
    pub(super) fn of(
        from: Option<&'r ObjectReference<'_>>,
        namespace: &'r str,
        own: &'r str,
        aliases: &RegistryAliases,
    ) -> Self {
        let Some(from) = from else { return Self::Unreadable(SourceError::Missing) };
        let text = from.name.as_str();
        let namespace = if from.namespace.is_empty() { namespace } else { from.namespace.as_str() };
        match from.kind.as_str() {
            "DockerImage" => Self::pull_spec(text, aliases),
            "ImageStreamTag" => match stream_tag(text) {
                Some((stream, tag)) => {
                    Self::StreamTag { namespace, stream: stream.unwrap_or(own), text, tag }
                }
                None => Self::Unreadable(SourceError::StreamTag(text)),
            },
            "ImageStreamImage" => match stream_image(text) {
                Some((stream, id)) => {
                    Self::StreamImage { namespace, stream: stream.unwrap_or(own), text, id }
                }
                None => Self::Unreadable(SourceError::StreamImage(text)),
            },
            "" if text.is_empty() => Self::Unreadable(SourceError::Missing),
            kind => Self::Unreadable(SourceError::Kind(kind)),
        }
    }

    /// The same, where every image of the repository is meant.
    pub(super) fn of_every_image(self) -> Self {
        match self {
            Self::Image { text, spec } => Self::Image { text, spec: spec.of_every_image() },
            other => other,
        }
    }

    /// As written; empty where there is none.
    #[must_use]
    pub fn text(&self) -> &'r str {
        match self {
            Self::Image { text, .. } | Self::StreamTag { text, .. } | Self::StreamImage { text, .. } => text,
            Self::None | Self::Unreadable(_) => "",
        }
    }

    /// Whether it is a stream, or an image of one.
    #[must_use]
    pub fn is_stream(&self) -> bool {
        matches!(self, Self::StreamTag { .. } | Self::StreamImage { .. })
    }

    /// The namespace of the stream that a source is taken from, if it is a stream.
    #[must_use]
    pub fn stream_namespace(&self) -> Option<&str> {
        match self {
            Self::StreamTag { namespace, .. } | Self::StreamImage { namespace, .. } => Some(namespace),
            Self::Image { spec, .. } if reference::is_integrated(spec.registry()) => spec.namespace(),
            _ => None,
        }
    }
}

/// Stream and tag of `tag` or `stream:tag`.
fn stream_tag(text: &str) -> Option<(Option<&str>, &str)> {
    let (stream, tag) = text.split_once(':').map_or((None, text), |(stream, tag)| (Some(stream), tag));
    let valid =
        stream.is_none_or(|stream| !stream.is_empty()) && !tag.is_empty() && !tag.contains([':', '@']);
    valid.then_some((stream, tag))
}

/// Stream and digest, or the beginning of one, of `digest` or `stream@digest`.
fn stream_image(text: &str) -> Option<(Option<&str>, &str)> {
    let (stream, id) = text.split_once('@').map_or((None, text), |(stream, id)| (Some(stream), id));
    let hex = id.split_once(':').map_or(id, |(_, hex)| hex);
    let valid = stream.is_none_or(|stream| !stream.is_empty())
        && !hex.is_empty()
        && hex.chars().all(|c| c.is_ascii_hexdigit());
    valid.then_some((stream, id))
}
