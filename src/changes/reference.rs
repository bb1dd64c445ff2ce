//! Something that points, or lets a tag point, at an image.

use crate::api::image::Image;
use crate::api::image_stream::{ObjectReference, TagEvent, TagImportPolicy, TagReferencePolicy};
use crate::changes::image::ChangedImage;
use crate::changes::used_image::{Form, PushedTag, UsedImage};
use crate::json::path::FieldPath;
use crate::oci::reference::{self, PullSpec, ReferenceError, RegistryAliases};

/// A reference that a request introduces.
#[derive(Debug)]
pub struct Reference<'r> {
    /// The way by which it gets into a stream.
    pub entry: EntryPoint<'r>,
    /// The stream that will show the image; `None` where the request does not name it.
    pub stream: Option<&'r str>,
    /// What is pointed at.
    pub source: Source<'r>,
    /// What the tag was.
    pub before: Before,
    /// Whether consumers pull from the stream through the cluster's own registry; `None` where the
    /// request does not tell.
    pub local: Option<bool>,
    /// What the tag shows, where it was pulled through the cluster's own registry before and no longer is.
    pub bared: Option<Bared<'r>>,
}

/// By which pull spec a tag is pulled from now on that was pulled through the cluster before.
#[derive(Clone, Copy, Debug)]
pub enum Bared<'r> {
    /// By this one.
    PullSpec(&'r str),
    /// The request does not tell; the tag pointed at this, where it did at an image.
    Stored(Option<&'r str>),
}

/// A tag that shows whatever another tag of its stream shows.
#[derive(Clone, Copy, Debug)]
pub struct Follower<'r> {
    /// Its name.
    pub name: &'r str,
    /// Whether consumers pull it through the cluster's own registry.
    pub is_pulled_through: bool,
    /// Whether it shows something already.
    pub shows: bool,
}

/// A way by which a reference gets into a stream, with what only this way has.
#[derive(Debug)]
pub enum EntryPoint<'r> {
    /// An event in a stream's status.
    Event(StatusEvent<'r>),
    /// An entry of ImageStreamImport's `spec.images`.
    ImageImport {
        /// The tag that will show the image; `None` where the import is only a look.
        tag: Option<&'r str>,
        /// Whether the tag is written out, rather than taken from the source by the server.
        has_to: bool,
        /// How to import, and what consumers pull.
        policies: Policies<'r>,
        /// Where the entry stands.
        at: FieldPath,
    },
    /// ImageStreamMapping: the pull spec of the image that it brings.
    Mapping(Mapping<'r>),
    /// ImageStream's `spec.dockerImageRepository`: every tag of a repository.
    Repository {
        /// Whether the stream's annotation makes the import insecure.
        insecure: bool,
    },
    /// A tag that a build pushes to.
    Push(PushedTag<'r>),
    /// ImageStreamImport's `spec.repository`: every tag of a repository.
    RepositoryImport(Policies<'r>),
    /// ImageStreamImage: an image that a stream shows already.
    Shown {
        /// Where the image stands.
        at: FieldPath,
    },
    /// A tag in a stream's spec, through whichever kind.
    Tag(SpecTag<'r>),
    /// A tag that leaves the spec, while what it shows stays.
    Untagged {
        /// The tag's name.
        tag: &'r str,
        /// What held the tag.
        at: FieldPath,
    },
    /// An image that a workload runs, or that a build is made from.
    Use(UsedImage),
}

/// A tag in a stream's spec.
#[derive(Debug)]
pub struct SpecTag<'r> {
    /// The tag's name.
    pub name: &'r str,
    /// How to import, and what consumers pull.
    pub policies: Policies<'r>,
    /// Whether the annotation of the stream makes every import into it insecure.
    pub insecure_by_annotation: bool,
    /// Whether it is only written down, never imported (`reference: true`).
    pub untracked: bool,
    /// What consumers get by the tag until its source is imported, where they come to pull it through the
    /// cluster's own registry.
    pub showing: Showing<'r>,
    /// The newest event of the tag, where the server has resolved this very source already.
    pub resolved: Option<Event<'r>>,
    /// The tags of the stream that follow it; `None` where the request does not tell.
    pub followers: Option<Vec<Follower<'r>>>,
    /// The pull spec that it comes to show once that is imported: that of the tag of its stream which it
    /// follows, directly or through others, where that one is not judged itself; `None` where the request
    /// does not tell.
    pub follows_at_last: Option<&'r str>,
    /// Whether that event is new with the request, and judged here: those of a new stream are judged
    /// in its status.
    pub(super) is_event_new: bool,
    /// Where the name stands, which need not be in the tag reference.
    pub(super) name_at: FieldPath,
    /// Where the tag reference stands.
    pub(super) at: FieldPath,
}

/// What a tag goes on to show.
#[derive(Clone, Copy, Debug)]
pub enum Showing<'r> {
    /// Nothing that was not judged before: neither source nor reference policy change, or the stream is new.
    Nothing,
    /// This event, which the request tells.
    Event(Event<'r>),
    /// What the cluster has, unless the source is found in a stream: then the server shows that at once.
    UnlessFound,
    /// What the cluster has.
    Stored,
}

/// An event in a stream's status.
#[derive(Debug)]
pub struct StatusEvent<'r> {
    /// The tag, as it stands in the status.
    pub(super) tag: &'r str,
    /// The two halves of the event.
    pub event: Event<'r>,
    /// How it came to be there.
    pub origin: Origin,
    /// Whether the spec has the tag pulled through the cluster's own registry.
    pub is_pulled_through: bool,
    /// Where the tag's list stands.
    pub(super) list_at: FieldPath,
    /// Where the event stands.
    pub(super) at: FieldPath,
}

/// How an event came to be in a stream's status.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Origin {
    /// New, and computed by the server from the spec, where its source is judged.
    Computed,
    /// Stored before, and the newest again since later ones are removed.
    Restored,
    /// New, and written by the requester through `imagestreams/status`.
    Written,
}

/// What a mapping brings.
#[derive(Debug)]
pub struct Mapping<'r> {
    /// The tag that will show the image.
    pub tag: &'r str,
    /// Name of the image; `None` where the mapping does not tell.
    pub image: Option<&'r str>,
    /// The image that it brings, should the cluster not have it.
    pub(super) brought: Option<&'r Image<'r>>,
    /// Whether it calls its image one of the integrated registry, whatever its pull spec says.
    pub managed: bool,
    /// Where the pull spec stands, or the image where that is missing.
    pub(super) source_at: FieldPath,
}

/// How a tag asks to be imported and pulled: `importPolicy` and `referencePolicy`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Policies<'r> {
    import: Option<&'r TagImportPolicy<'r>>,
    reference: Option<&'r TagReferencePolicy<'r>>,
    /// Whether something insecure is imported from the same repository by the same request.
    is_insecure_beside: bool,
    /// Another reference policy, which the same request has for the same tag: the first that is written
    /// stays.
    reference_beside: Option<&'r str>,
    /// Another source, which the same request imports into the same tag: what fails now is tried again.
    source_beside: Option<&'r str>,
}

impl<'r> Policies<'r> {
    pub(super) fn new(
        import: Option<&'r TagImportPolicy<'r>>,
        reference: Option<&'r TagReferencePolicy<'r>>,
    ) -> Self {
        Self { import, reference, is_insecure_beside: false, reference_beside: None, source_beside: None }
    }

    /// `Some(true)` where consumers pull through the cluster's own registry by this policy; another tag
    /// of the stream may still make them.
    pub(super) fn local(&self) -> Option<bool> {
        self.reference.filter(|policy| policy.is_local()).map(|_| true)
    }

    fn is_insecure(&self) -> bool {
        self.is_insecure_beside || self.import.and_then(|policy| policy.insecure).unwrap_or_default()
    }

    fn is_scheduled(&self) -> bool {
        self.import.and_then(|policy| policy.scheduled).unwrap_or_default()
    }

    fn import_mode(&self) -> Option<&'r str> {
        self.import.map(|policy| policy.import_mode.as_str()).filter(|mode| !mode.is_empty())
    }

    fn reference_policy(&self) -> Option<&'r str> {
        self.reference.map(|policy| policy.type_.as_str()).filter(|policy| !policy.is_empty())
    }
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
    /// An annotation that should list triggers: why it does not.
    Triggers(&'r str),
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

impl<'r> Reference<'r> {
    pub(super) fn new(
        entry: EntryPoint<'r>,
        stream: Option<&'r str>,
        source: Source<'r>,
        before: Before,
    ) -> Self {
        Self { entry, stream, source, before, local: None, bared: None }
    }

    /// The tag that will show the image; `None` where there is none, or every one, or where its name
    /// is judged elsewhere.
    #[must_use]
    pub fn tag(&self) -> Option<&'r str> {
        match &self.entry {
            EntryPoint::Event(event) => event.judged_tag(),
            EntryPoint::ImageImport { tag, .. } => *tag,
            EntryPoint::Mapping(mapping) => Some(mapping.tag),
            EntryPoint::Push(pushed) => Some(pushed.tag),
            EntryPoint::Tag(tag) => Some(tag.name),
            EntryPoint::Untagged { tag, .. } => Some(tag),
            EntryPoint::Repository { .. }
            | EntryPoint::RepositoryImport(_)
            | EntryPoint::Shown { .. }
            | EntryPoint::Use(_) => None,
        }
    }

    /// Namespace of the stream that will show the image, `own` being the request's.
    #[must_use]
    pub fn stream_namespace(&self, own: &'r str) -> &'r str {
        match &self.entry {
            EntryPoint::Push(pushed) => pushed.namespace,
            _ => own,
        }
    }

    /// Whether it goes on showing, importing, or running, what a stream shows.
    #[must_use]
    pub fn follows_streams(&self) -> bool {
        match &self.entry {
            // Without an image, whatever the pull spec leads to.
            EntryPoint::Event(it) => it.origin != Origin::Computed && it.event.image.is_empty(),
            EntryPoint::Use(_) => true,
            _ => self.is_import(),
        }
    }

    /// Whether the request tells that no tag of the stream follows this one.
    #[must_use]
    pub fn has_no_followers(&self) -> bool {
        matches!(&self.entry, EntryPoint::Tag(tag) if tag.followers.as_ref().is_some_and(Vec::is_empty))
    }

    /// Namespace and name of the stream by which the cluster's own registry serves what is imported, or what a
    /// workload pulls.
    #[must_use]
    pub fn stream_behind(&self) -> Option<(&str, &str)> {
        let spec = self.spec().filter(|spec| reference::is_integrated(spec.registry()))?;
        spec.repository().split_once('/').filter(|_| self.follows_streams())
    }

    /// The same, of what a workload pulls.
    #[must_use]
    pub fn served_by(&self) -> Option<(&str, &str)> {
        self.stream_behind().filter(|_| matches!(self.entry, EntryPoint::Use(_)))
    }

    /// The import and reference policies, where there can be some.
    fn policies(&self) -> Option<&Policies<'r>> {
        match &self.entry {
            EntryPoint::ImageImport { policies, .. } | EntryPoint::RepositoryImport(policies) => {
                Some(policies)
            }
            EntryPoint::Tag(tag) => Some(&tag.policies),
            _ => None,
        }
    }

    /// Whether the import is insecure, and by what. The import policy comes first.
    #[must_use]
    pub fn insecure(&self) -> Insecure {
        let by_annotation = match &self.entry {
            EntryPoint::Repository { insecure } => *insecure,
            EntryPoint::Tag(tag) => tag.insecure_by_annotation,
            _ => false,
        };
        if self.policies().is_some_and(Policies::is_insecure) {
            Insecure::Policy
        } else if by_annotation {
            Insecure::Annotation
        } else {
            Insecure::No
        }
    }

    /// Makes an import of ImageStreamImport insecure, as another one from its repository is.
    pub(super) fn make_insecure(&mut self) {
        if let EntryPoint::ImageImport { policies, .. } | EntryPoint::RepositoryImport(policies) =
            &mut self.entry
        {
            policies.is_insecure_beside = true;
        }
    }

    /// Whether it asks by itself that consumers pull through the cluster's own registry.
    #[must_use]
    pub fn is_local_by_itself(&self) -> bool {
        self.policies().and_then(Policies::local).unwrap_or_default()
    }

    /// Takes note of another reference policy for the tag of an import.
    pub(super) fn add_policy(&mut self, policy: &'r str) {
        if let EntryPoint::ImageImport { policies, .. } | EntryPoint::RepositoryImport(policies) =
            &mut self.entry
        {
            policies.reference_beside = Some(policy);
        }
        if policy == "Local" {
            self.local = Some(true);
        }
    }

    /// Another reference policy that the same request has for the same tag.
    #[must_use]
    pub fn policy_beside(&self) -> Option<&'r str> {
        self.policies()?.reference_beside
    }

    /// Takes note of another source for the tag of an import.
    pub(super) fn add_source(&mut self, source: &'r str) {
        if let EntryPoint::ImageImport { policies, .. } = &mut self.entry {
            policies.source_beside = Some(source);
        }
    }

    /// Another source that the same request imports into the same tag.
    #[must_use]
    pub fn source_beside(&self) -> Option<&'r str> {
        self.policies()?.source_beside
    }

    /// Whether it is imported again and again.
    #[must_use]
    pub fn is_scheduled(&self) -> bool {
        self.policies().is_some_and(Policies::is_scheduled)
    }

    /// The import mode as written; `None` where it is unset, which the server reads as `Legacy`.
    #[must_use]
    pub fn import_mode(&self) -> Option<&'r str> {
        self.policies()?.import_mode()
    }

    /// The reference policy as written; `None` where it is unset, which the server reads as `Source`.
    #[must_use]
    pub fn reference_policy(&self) -> Option<&'r str> {
        self.policies()?.reference_policy()
    }

    /// Whether it is only written down, never imported: no Image is recorded.
    #[must_use]
    pub fn is_untracked(&self) -> bool {
        match &self.entry {
            EntryPoint::Event(it) => it.origin != Origin::Computed && it.event.image.is_empty(),
            EntryPoint::Tag(tag) => tag.untracked,
            _ => false,
        }
    }

    /// The event that the request adds to a stream's status, or makes its newest again, if it is or has one.
    #[must_use]
    pub fn new_event(&self) -> Option<Event<'r>> {
        match &self.entry {
            EntryPoint::Event(it) => Some(it.event),
            EntryPoint::Tag(tag) if tag.is_event_new => tag.resolved,
            _ => None,
        }
    }

    /// What the tag will show by an event that is there already: one that the server has computed for this
    /// source.
    #[must_use]
    pub fn shows(&self) -> Option<Event<'r>> {
        match &self.entry {
            EntryPoint::Tag(tag) => tag.resolved,
            _ => None,
        }
    }

    /// Name of the image that it makes a tag show by its name alone: the cluster may have that already, from
    /// elsewhere, and keeps what it has.
    #[must_use]
    pub fn named_image(&self) -> Option<&'r str> {
        match &self.entry {
            EntryPoint::Mapping(mapping) => mapping.image,
            EntryPoint::Event(it) if it.origin != Origin::Computed => {
                Some(it.event.image).filter(|image| !image.is_empty())
            }
            _ => None,
        }
    }

    /// Whether the request tells where the image that it names comes from, as far as that has to be known: it
    /// is pulled from outside, it was there before, or the request has all of it.
    #[must_use]
    pub fn tells_origin(&self) -> bool {
        self.is_pulled_from_outside()
            || match &self.entry {
                EntryPoint::Mapping(mapping) => mapping.is_brought(),
                EntryPoint::Event(it) => it.origin != Origin::Written,
                _ => true,
            }
    }

    /// Whether an image that it names is pulled from another registry than the cluster's own, as far as it says
    /// so itself.
    #[must_use]
    pub fn is_pulled_from_outside(&self) -> bool {
        !self.is_managed()
            && self.source.written() != ""
            && !self.spec().is_some_and(|spec| reference::is_integrated(spec.registry()))
    }

    /// Whether a mapping calls its image one of the integrated registry.
    #[must_use]
    pub fn is_managed(&self) -> bool {
        matches!(&self.entry, EntryPoint::Mapping(mapping) if mapping.managed)
    }

    /// The pull spec, if the source is one.
    #[must_use]
    pub fn spec(&self) -> Option<&PullSpec> {
        match &self.source {
            Source::Image { spec, .. } => Some(spec),
            _ => None,
        }
    }

    /// The pull spec that cannot be read, where it is stored all the same, and pulled as runtimes read it.
    #[must_use]
    pub fn stored_unread(&self) -> Option<&'r str> {
        match &self.source {
            Source::Unreadable(SourceError::PullSpec(text, error)) if error.is_stored() => Some(text),
            _ => None,
        }
    }

    /// Whether every tag of a repository is meant.
    #[must_use]
    pub fn is_repository(&self) -> bool {
        matches!(self.entry, EntryPoint::Repository { .. } | EntryPoint::RepositoryImport(_))
    }

    /// Whether it is an image that a stream shows already.
    #[must_use]
    pub fn is_shown(&self) -> bool {
        matches!(self.entry, EntryPoint::Shown { .. })
    }

    /// Whether it makes a tag show an image: not where somebody only tells of it.
    #[must_use]
    pub fn is_shown_by_a_tag(&self) -> bool {
        !matches!(self.entry, EntryPoint::Shown { .. } | EntryPoint::Untagged { .. })
    }

    /// Whether it is a push to the stream's own repository in the integrated registry, or says so.
    #[must_use]
    pub fn is_push(&self, namespace: &str) -> bool {
        let Some(stream) = self.stream else { return false };
        let is_own = |spec: &PullSpec| {
            reference::is_integrated(spec.registry())
                && spec.repository().split_once('/') == Some((namespace, stream))
        };
        !self.is_import() && self.spec().is_some_and(is_own)
    }

    /// Whether somebody asks for an import, rather than reports what is there.
    #[must_use]
    pub fn is_import(&self) -> bool {
        match self.entry {
            EntryPoint::ImageImport { .. }
            | EntryPoint::Repository { .. }
            | EntryPoint::RepositoryImport(_)
            | EntryPoint::Tag(_) => true,
            EntryPoint::Event(_)
            | EntryPoint::Mapping(_)
            | EntryPoint::Push(_)
            | EntryPoint::Shown { .. }
            | EntryPoint::Untagged { .. }
            | EntryPoint::Use(_) => false,
        }
    }

    /// The place of a part; of a missing one, the place of what would hold it.
    #[must_use]
    pub fn path(&self, part: Part) -> FieldPath {
        match &self.entry {
            EntryPoint::Tag(tag) if part == Part::TagName => tag.name_at.clone(),
            EntryPoint::Tag(tag) => self.path_in(&tag.at, &tag.policies, part),
            EntryPoint::ImageImport { at, has_to: false, .. } if part == Part::TagName => {
                at.clone().key("from.name")
            }
            EntryPoint::ImageImport { at, .. } if part == Part::TagName => at.clone().key("to.name"),
            EntryPoint::ImageImport { at, policies, .. } => self.path_in(at, policies, part),
            EntryPoint::RepositoryImport(policies) => {
                self.path_in(&FieldPath::root().key("spec.repository"), policies, part)
            }
            EntryPoint::Repository { .. } => FieldPath::root().key("spec").key("dockerImageRepository"),
            EntryPoint::Event(event) if part == Part::TagName => event.list_at.clone().key("tag"),
            EntryPoint::Event(event) => event.at.clone().key("dockerImageReference"),
            EntryPoint::Mapping(_) if part == Part::TagName => FieldPath::root().key("tag"),
            EntryPoint::Mapping(mapping) => mapping.source_at.clone(),
            EntryPoint::Shown { at } => at.clone().key("dockerImageReference"),
            EntryPoint::Push(pushed) => pushed.at.clone(),
            EntryPoint::Untagged { at, .. } => at.clone(),
            EntryPoint::Use(used) => self.path_of_used(used, part),
        }
    }

    /// The place of a part of an image that is used.
    fn path_of_used(&self, used: &UsedImage, part: Part) -> FieldPath {
        let at = used.at.clone();
        match (used.form, part, &self.source) {
            (Form::Text, ..) | (.., Source::Unreadable(SourceError::Missing)) => at,
            (_, Part::Kind, _) => at.key("kind"),
            (_, Part::Namespace, Source::StreamTag { .. } | Source::StreamImage { .. }) => {
                at.key("namespace")
            }
            _ => at.key("name"),
        }
    }

    /// The place of a part in what is built like a tag reference and stands at `at`.
    fn path_in(&self, at: &FieldPath, policies: &Policies<'_>, part: Part) -> FieldPath {
        let at = at.clone();
        match part {
            // Only what is built otherwise has a name inside.
            Part::TagName => at,
            Part::Insecure if self.insecure() == Insecure::Annotation => at.key("from.name"),
            Part::Source => match self.source {
                Source::Unreadable(SourceError::Missing) => at.key("from"),
                Source::None => at,
                _ => at.key("from.name"),
            },
            Part::Kind => at.key("from.kind"),
            Part::Namespace if self.spec().is_some() => at.key("from.name"),
            Part::Namespace => at.key("from.namespace"),
            Part::Untracked => at.key("reference"),
            Part::Insecure | Part::Scheduled | Part::ImportMode if policies.import.is_none() => {
                at.key("importPolicy")
            }
            Part::Insecure => at.key("importPolicy.insecure"),
            Part::Scheduled => at.key("importPolicy.scheduled"),
            Part::ImportMode => at.key("importPolicy.importMode"),
            Part::ReferencePolicy if policies.reference.is_none() => at.key("referencePolicy"),
            Part::ReferencePolicy => at.key("referencePolicy.type"),
        }
    }
}

impl Mapping<'_> {
    /// Whether the request has the whole image: the manifest whose digest the name is.
    #[must_use]
    pub fn is_brought(&self) -> bool {
        self.brought.is_some_and(|image| ChangedImage::new(image, None, FieldPath::root()).is_proven())
    }
}

impl<'r> StatusEvent<'r> {
    /// The tag, where the request answers for its name: a name that the server took from the spec is
    /// judged there, and an invalid one that was stored before is left alone.
    fn judged_tag(&self) -> Option<&'r str> {
        match self.origin {
            Origin::Written => Some(self.tag),
            Origin::Restored => Some(self.tag).filter(|tag| reference::is_tag(tag)),
            Origin::Computed => None,
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

    /// As written, even where it cannot be parsed; empty where there is none.
    #[must_use]
    pub fn written(&self) -> &'r str {
        match self {
            Self::Unreadable(
                SourceError::PullSpec(text, _)
                | SourceError::StreamTag(text)
                | SourceError::StreamImage(text)
                | SourceError::Kind(text),
            ) => text,
            _ => self.text(),
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
pub(super) fn stream_tag(text: &str) -> Option<(Option<&str>, &str)> {
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
