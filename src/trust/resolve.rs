//! Which image a reference will show, and what its consumers will pull.
//!
//! The server resolves streams when the tag is written, and imports later: so what is asked here is
//! what it will find. What is not there, or cannot be known before an import, is said so.

use std::collections::BTreeSet;
use std::fmt;

use crate::changes::{Before, EntryPoint, Reference, Showing, Source, SourceError};
use crate::cluster::cache::{LookupError, StoredEvent, StoredStream};
use crate::oci::reference::{self, ImageReference, PullSpec};
use crate::quote::quote;
use crate::trust::judge::Judge;

/// What a reference leads to.
#[derive(Debug)]
pub struct Resolved<'r> {
    /// What consumers will pull, or where it came from; every one must be trusted.
    pub pull_specs: Vec<Pulled<'r>>,
    /// The image.
    pub image: Result<String, Unresolved>,
    /// What is pulled by tag, so that it may be another image next time; `None` where it is not.
    pub moving: Option<String>,
    /// The tag that shows it already, and goes on to until its source is imported.
    pub shown_by: Option<String>,
}

/// A pull spec by which trust is asked.
#[derive(Debug)]
pub struct Pulled<'r> {
    /// As written.
    pub text: std::borrow::Cow<'r, str>,
    /// As compared.
    pub spec: PullSpec,
}

/// Why the image is not known.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Unresolved {
    /// A pull spec by tag: what it will be is known once it is imported.
    NoDigest,
    /// Every tag of a repository.
    Repository,
    /// Only written down, never imported.
    Untracked,
    /// No such stream, or nothing in its tag: what was asked for.
    Nothing(String),
    /// A mapping does not say which.
    NoName,
    /// The reference cannot be parsed.
    Unparsable,
    /// The beginning of a digest that fits several: what was asked for.
    Ambiguous(String),
    /// A tag whose event pulls another image than it shows.
    Inconsistent {
        /// What it shows.
        image: String,
        /// What its consumers pull.
        pull_spec: String,
    },
    /// The cluster could not be asked.
    Unavailable(LookupError),
}

/// What leaves the image unverified ends a sentence: "… cannot be checked *without a digest*".
impl fmt::Display for Unresolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoDigest => f.write_str("without a digest"),
            Self::Repository => f.write_str("for a whole repository; import single images by digest"),
            Self::Untracked => f.write_str("because a `reference: true` tag is never imported"),
            Self::Nothing(what) => write!(f, "because nothing has been imported for {} yet", quote(what)),
            Self::NoName => f.write_str("because the image has no name"),
            Self::Unparsable => f.write_str("it cannot be parsed, so no signature can be made for it"),
            Self::Ambiguous(what) => write!(f, "{} matches several images", quote(what)),
            Self::Inconsistent { image, pull_spec } => {
                write!(f, "it shows {}, but its consumers pull {}", quote(image), quote(pull_spec))
            }
            Self::Unavailable(why) => why.fmt(f),
        }
    }
}

impl Judge<'_> {
    /// Resolves a reference: to nothing where it points at no image, to several where the server may take
    /// any of them. `is_local` where consumers pull through the cluster's own registry.
    #[must_use]
    pub fn resolve<'r>(&self, reference: &Reference<'r>, is_local: bool) -> Vec<Resolved<'r>> {
        let mut all = match &reference.source {
            Source::None => self.unnamed(reference, is_local),
            Source::Unreadable(error) => self.unparsable(error, is_local).into_iter().collect(),
            Source::Image { text, spec } if reference.served_by().is_some() => {
                let (namespace, stream) = reference.served_by().unwrap_or_default();
                self.served(Pulled { text: (*text).into(), spec: spec.clone() }, namespace, stream)
            }
            Source::Image { text, spec } => {
                let image = match (&reference.entry, reference.new_event(), spec.digest()) {
                    (EntryPoint::Repository { .. } | EntryPoint::RepositoryImport(_), ..) => {
                        Err(Unresolved::Repository)
                    }
                    (EntryPoint::Mapping(mapping), ..) => match mapping.image {
                        Some(image) => consistent(image, spec),
                        None => Err(Unresolved::NoName),
                    },
                    (_, Some(event), _) if !event.image.is_empty() => consistent(event.image, spec),
                    (.., Some(digest)) => Ok(digest.to_string()),
                    _ if reference.is_untracked() => Err(Unresolved::Untracked),
                    _ => Err(Unresolved::NoDigest),
                };
                let pulled = Pulled { text: (*text).into(), spec: spec.clone() };
                vec![Resolved { pull_specs: vec![pulled], image, moving: None, shown_by: None }]
            }
            Source::StreamTag { namespace, stream, tag, .. } => {
                let what = || unresolved(Unresolved::Nothing(format!("{namespace}/{stream}:{tag}")));
                vec![self.newest(namespace, stream, tag).unwrap_or_else(what)]
            }
            Source::StreamImage { namespace, stream, id, .. } => {
                let what = format!("{namespace}/{stream}@{id}");
                match self.cluster.stream(namespace, stream).as_ref() {
                    Err(error) => vec![unresolved(Unresolved::Unavailable(error.clone()))],
                    Ok(stored) => self.in_history(stored.as_ref(), id, what),
                }
            }
        };
        all.extend(self.kept(reference));
        all.extend(self.behind(reference));
        if let Some(event) = reference.shows().filter(|_| reference.source.is_stream()) {
            all.push(self.of_event(event.image, event.pull_spec));
        }
        if is_local {
            let is_found = all.iter().any(|resolved| resolved.image.is_ok());
            all.extend(self.shown_until_then(reference, is_found));
        }
        for resolved in &mut all {
            if let Some(local) = self.local(reference, is_local, resolved) {
                resolved.pull_specs.push(local);
            }
        }
        all
    }

    /// What is imported through the cluster's own registry is what a stream shows, and is in its history by the
    /// pull spec that it came from.
    fn behind<'r>(&self, reference: &Reference<'r>) -> Vec<Resolved<'r>> {
        let behind = reference.stream_behind().filter(|_| reference.served_by().is_none());
        let (Some((namespace, stream)), Some(spec)) = (behind, reference.spec()) else { return Vec::new() };
        match self.cluster.stream(namespace, stream).as_ref() {
            Err(error) => vec![unresolved(Unresolved::Unavailable(error.clone()))],
            Ok(None) => Vec::new(),
            Ok(Some(stored)) => {
                let served = stored.served_as(spec, reference.is_repository()).into_iter();
                served.map(|event| self.of_event(&event.image, &event.pull_spec)).collect()
            }
        }
    }

    /// What the cluster has already of an image that the reference names, and which the stream's own repository
    /// serves then.
    fn kept<'r>(&self, reference: &Reference<'r>) -> Option<Resolved<'r>> {
        let name =
            reference.named_image().filter(|_| !self.is_push && !reference.is_pulled_from_outside())?;
        match self.cluster.pull_spec(name).as_ref() {
            Ok(stored) => Some(self.of_event(name, stored.as_ref()?)),
            Err(_) if reference.tells_origin() => None,
            Err(error) => Some(unresolved(Unresolved::Unavailable(error.clone()))),
        }
    }

    /// What a reference without a source leads to.
    fn unnamed<'r>(&self, reference: &Reference<'r>, is_local: bool) -> Vec<Resolved<'r>> {
        match &reference.entry {
            // Left out, the server writes the stream's own repository in the integrated registry.
            EntryPoint::Mapping(mapping) => {
                let mut resolved = unresolved(Unresolved::NoName);
                if let Some(name) = mapping.image {
                    let own = reference.stream.and_then(|stream| self.integrated(stream, name));
                    resolved.pull_specs.extend(own);
                    resolved.image = Ok(name.to_owned());
                }
                vec![resolved]
            }
            // What the tag shows already is pulled through the cluster from now on.
            EntryPoint::Tag(tag) if is_local && !reference.is_local_by_itself() => {
                let newest = |stream| self.newest(self.namespace, stream, tag.name);
                reference.stream.and_then(newest).into_iter().collect()
            }
            _ => Vec::new(),
        }
    }

    /// What the cluster's own registry serves of a stream: by tag what the tag shows, by digest that
    /// image; each is in the stream's history by the pull spec that it came from.
    fn served<'r>(&self, written: Pulled<'r>, namespace: &str, stream: &str) -> Vec<Resolved<'r>> {
        if let Some(digest) = written.spec.digest() {
            let image = Ok(digest.to_string());
            let came_from = match self.cluster.stream(namespace, stream).as_ref() {
                Err(error) => vec![unresolved(Unresolved::Unavailable(error.clone()))],
                Ok(None) => Vec::new(),
                Ok(Some(stored)) => {
                    let mut events: Vec<&StoredEvent> = stored.events_of_image(digest.as_str()).collect();
                    events.sort();
                    events.dedup();
                    events.into_iter().map(|event| self.of_event(&event.image, &event.pull_spec)).collect()
                }
            };
            let served = Resolved { pull_specs: vec![written], image, moving: None, shown_by: None };
            return std::iter::once(served).chain(came_from).collect();
        }
        let tag = written.spec.effective_tag().unwrap_or_default();
        let what = || unresolved(Unresolved::Nothing(format!("{namespace}/{stream}:{tag}")));
        let moving = Some(format!("{}:{tag}", written.spec.name()));
        let shown = Resolved { moving, ..self.newest(namespace, stream, tag).unwrap_or_else(what) };
        let pulled = match &shown.image {
            Ok(image) | Err(Unresolved::Inconsistent { image, .. }) => {
                let text = format!("{}@{image}", written.spec.name());
                match PullSpec::parse(&text) {
                    Ok(spec) => Pulled { text: text.into(), spec: self.aliases.rename(spec) },
                    Err(_) => written,
                }
            }
            Err(_) => written,
        };
        let served = Resolved {
            pull_specs: vec![pulled],
            image: shown.image.clone(),
            moving: shown.moving.clone(),
            shown_by: None,
        };
        vec![served, shown]
    }

    /// What a reference that cannot be parsed leads to, whatever other rules make of it: nothing where
    /// nothing is asked of what it can mean.
    fn unparsable<'r>(&self, error: &SourceError<'r>, is_local: bool) -> Option<Resolved<'r>> {
        let asks = |spec: PullSpec| {
            self.trust.is_some_and(|trust| trust.requirements_for(&self.aliases.rename(spec)).asks())
        };
        let is_free = match error {
            SourceError::Missing => true,
            // Apart from upper-case letters, registry and repository can still be told.
            SourceError::PullSpec(text, _) if !is_local => {
                PullSpec::parse(&text.to_ascii_lowercase()).is_ok_and(|spec| !asks(spec))
            }
            _ => false,
        };
        (!is_free).then(|| unresolved(Unresolved::Unparsable))
    }

    /// What the tags that come to be pulled through the cluster's own registry show already: they go on to
    /// until their source is imported, which may never be.
    fn shown_until_then<'r>(&self, reference: &Reference<'r>, is_found: bool) -> Vec<Resolved<'r>> {
        let Some(stream) = reference.stream.filter(|_| reference.is_local_by_itself()) else {
            return Vec::new();
        };
        let shown_by = |tag: &str, resolved: Resolved<'r>| {
            let shown_by = Some(format!("{stream}:{tag}"));
            Resolved { shown_by, ..resolved }
        };
        match &reference.entry {
            EntryPoint::Tag(tag) => match tag.showing {
                Showing::Event(event) => {
                    vec![shown_by(tag.name, self.of_event(event.image, event.pull_spec))]
                }
                Showing::Stored | Showing::UnlessFound
                    if !(matches!(tag.showing, Showing::UnlessFound)
                        && reference.source.is_stream()
                        && is_found) =>
                {
                    let newest = self.newest(self.namespace, stream, tag.name);
                    newest.into_iter().map(|resolved| shown_by(tag.name, resolved)).collect()
                }
                Showing::Nothing | Showing::Stored | Showing::UnlessFound => Vec::new(),
            },
            // A look stores nothing.
            EntryPoint::ImageImport { .. } | EntryPoint::RepositoryImport(_)
                if matches!(reference.before, Before::Unknown) =>
            {
                match self.cluster.stream(self.namespace, stream).as_ref() {
                    Err(error) => vec![unresolved(Unresolved::Unavailable(error.clone()))],
                    Ok(stored) => stored
                        .iter()
                        .flat_map(|stored| stored.without_policy())
                        .filter(|(tag, _)| reference.tag().is_none_or(|name| name == *tag))
                        .map(|(tag, event)| shown_by(tag, self.of_event(&event.image, &event.pull_spec)))
                        .collect(),
                }
            }
            _ => Vec::new(),
        }
    }

    /// What the newest event of a tag leads to; nothing where there is none.
    fn newest<'r>(&self, namespace: &str, stream: &str, tag: &str) -> Option<Resolved<'r>> {
        match self.cluster.stream(namespace, stream).as_ref() {
            Err(error) => Some(unresolved(Unresolved::Unavailable(error.clone()))),
            Ok(stored) => {
                let event = stored.as_ref()?.newest(tag)?;
                Some(self.of_event(&event.image, &event.pull_spec))
            }
        }
    }

    /// What an image of a stream's history leads to. One image may be there under several pull specs, of
    /// which the server takes any.
    fn in_history<'r>(&self, stream: Option<&StoredStream>, id: &str, what: String) -> Vec<Resolved<'r>> {
        let mut fitting = BTreeSet::new();
        fitting.extend(stream.iter().flat_map(|stored| stored.events_of_image(id)));
        let fitting: Vec<&StoredEvent> = fitting.into_iter().collect();
        match fitting.as_slice() {
            [] => vec![unresolved(Unresolved::Nothing(what))],
            [first, others @ ..] if others.iter().any(|other| other.image != first.image) => {
                vec![unresolved(Unresolved::Ambiguous(what))]
            }
            all => all.iter().map(|event| self.of_event(&event.image, &event.pull_spec)).collect(),
        }
    }

    /// What an event in a stream's history leads to.
    fn of_event<'r>(&self, image: &str, pull_spec: &str) -> Resolved<'r> {
        let Ok(spec) = PullSpec::parse(pull_spec) else {
            let (image, pull_spec) = (image.to_owned(), pull_spec.to_owned());
            return unresolved(Unresolved::Inconsistent { image, pull_spec });
        };
        let image = match (image, spec.digest()) {
            ("", Some(digest)) => Ok(digest.to_string()),
            ("", None) => Err(Unresolved::NoDigest),
            (image, _) => consistent(image, &spec),
        };
        let pulled = Pulled { text: pull_spec.to_owned().into(), spec: self.aliases.rename(spec) };
        Resolved { pull_specs: vec![pulled], image, moving: None, shown_by: None }
    }

    /// What consumers pull through the cluster's own registry: what the reference policy asks for, and
    /// what the server writes for an image of that registry which comes from another stream.
    fn local<'r>(
        &self,
        reference: &Reference<'r>,
        is_local: bool,
        resolved: &Resolved<'r>,
    ) -> Option<Pulled<'r>> {
        let stream = reference.stream?;
        let is_copied = reference.source.is_stream()
            && !reference.is_untracked()
            && resolved.pull_specs.iter().any(|pulled| reference::is_integrated(pulled.spec.registry()));
        if !is_local && !is_copied && !reference.is_managed() {
            return None;
        }
        let pulled = match &resolved.image {
            Ok(image) | Err(Unresolved::Inconsistent { image, .. }) => self.integrated(stream, image)?,
            // Whatever it will be.
            Err(Unresolved::NoDigest | Unresolved::Repository) => self.own_repository(stream)?,
            Err(_) => return None,
        };
        (!resolved.pull_specs.iter().any(|other| other.spec == pulled.spec)).then_some(pulled)
    }

    /// What a stream of the request's namespace has imported for a pull spec by tag: the same by digest, and
    /// the stream's tag. Only streams whose name is known can be looked up, so the one with the repository's
    /// name is, where `oc import-image` puts it.
    #[must_use]
    pub fn imported(&self, spec: &PullSpec) -> Option<String> {
        let name = spec.repository().rsplit('/').next()?;
        let found = self.cluster.stream(self.namespace, name);
        let stored = found.as_ref().as_ref().ok()?.as_ref()?;
        stored.spec.iter().find_map(|(tag, it)| {
            let [_, _, source] = it.source.as_ref().filter(|[kind, ..]| kind == "DockerImage")?;
            let read = |text: &str| PullSpec::parse(text).ok().map(|spec| self.aliases.rename(spec));
            let (source, event) = (read(source)?, stored.newest(tag)?);
            let pulled = read(&event.pull_spec)?;
            let is_same = source == *spec
                || (source.name(), source.effective_tag(), source.digest())
                    == (spec.name(), spec.effective_tag(), None);
            let is_shown = pulled.name() == spec.name() && consistent(&event.image, &pulled).is_ok();
            (is_same && is_shown).then(|| {
                let by_digest = format!("{}@{}", spec.name(), event.image);
                let tag = format!("{}/{name}:{tag}", self.namespace);
                format!("{}, which {} has imported", quote(&by_digest), quote(&tag))
            })
        })
    }

    /// All images of a stream, in the cluster's own registry.
    #[must_use]
    pub fn own_repository<'r>(&self, stream: &str) -> Option<Pulled<'r>> {
        let Pulled { text, spec } = self.integrated(stream, "")?;
        Some(Pulled { text, spec: spec.of_every_image() })
    }

    /// An image of a stream, in the cluster's own registry.
    fn integrated<'r>(&self, stream: &str, image: &str) -> Option<Pulled<'r>> {
        let text = ImageReference {
            registry: reference::INTEGRATED_HOST,
            namespace: self.namespace,
            name: stream,
            tag: "",
            id: image,
        }
        .exact();
        let spec = self.aliases.rename(PullSpec::parse(&text).ok()?);
        Some(Pulled { text: text.into(), spec })
    }
}

fn unresolved<'r>(why: Unresolved) -> Resolved<'r> {
    Resolved { pull_specs: Vec::new(), image: Err(why), moving: None, shown_by: None }
}

/// The image, where consumers of the pull spec get that one.
fn consistent(image: &str, spec: &PullSpec) -> Result<String, Unresolved> {
    match spec.digest() {
        Some(digest) if *digest == *image => Ok(image.to_owned()),
        _ => Err(Unresolved::Inconsistent { image: image.to_owned(), pull_spec: spec.to_string() }),
    }
}
