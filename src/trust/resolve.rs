//! Which image a reference will show, and what its consumers will pull.
//!
//! The server resolves streams when the tag is written, and imports later: so what is asked here is
//! what it will find. What is not there, or cannot be known before an import, is said so.

use std::fmt;

use crate::changes::{EntryPoint, Reference, Source};
use crate::cluster::cache::{Lookups, StoredEvent, StoredStream};
use crate::oci::reference::{self, ImageReference, PullSpec, RegistryAliases};
use crate::quote::quote;

/// What a reference leads to.
#[derive(Debug)]
pub struct Resolved<'r> {
    /// What consumers will pull, or where it came from; every one must be trusted.
    pub pull_specs: Vec<Pulled<'r>>,
    /// The image.
    pub image: Result<String, Unresolved>,
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
    Unavailable(String),
}

impl fmt::Display for Unresolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoDigest => f.write_str("it has no digest: pin it, or import it and point at its image"),
            Self::Repository => f.write_str("a whole repository brings images that nobody has seen"),
            Self::Untracked => f.write_str("it is only written down, never imported: pin it"),
            Self::Nothing(what) => write!(f, "{} shows no image", quote(what)),
            Self::NoName => f.write_str("the image has no name"),
            Self::Ambiguous(what) => write!(f, "{} fits several images", quote(what)),
            Self::Inconsistent { image, pull_spec } => {
                write!(f, "it shows {} and pulls {}", quote(image), quote(pull_spec))
            }
            Self::Unavailable(why) => f.write_str(why),
        }
    }
}

/// Resolves a reference: to nothing where it points at no image, to several where the server may take
/// any of them. `is_local` where consumers pull through the cluster's own registry.
#[must_use]
pub fn resolve<'r>(
    reference: &Reference<'r>,
    namespace: &str,
    is_local: bool,
    lookups: &Lookups<'_>,
    aliases: &RegistryAliases,
) -> Vec<Resolved<'r>> {
    let mut all = match &reference.source {
        Source::None => unnamed(reference, namespace, is_local, lookups, aliases),
        Source::Unreadable(_) => Vec::new(),
        Source::Image { text, spec } => {
            let image = match (&reference.entry, spec.digest()) {
                (EntryPoint::Repository { .. } | EntryPoint::RepositoryImport(_), _) => {
                    Err(Unresolved::Repository)
                }
                (EntryPoint::Mapping(mapping), _) => match mapping.image {
                    Some(image) => consistent(image, spec),
                    None => Err(Unresolved::NoName),
                },
                (EntryPoint::Event(it), _) if !it.event.image.is_empty() => consistent(it.event.image, spec),
                (_, Some(digest)) => Ok(digest.to_string()),
                _ if reference.is_untracked() => Err(Unresolved::Untracked),
                _ => Err(Unresolved::NoDigest),
            };
            let pulled = Pulled { text: (*text).into(), spec: spec.clone() };
            vec![Resolved { pull_specs: vec![pulled], image }]
        }
        Source::StreamTag { namespace, stream, tag, .. } => {
            let what = || unresolved(Unresolved::Nothing(format!("{namespace}/{stream}:{tag}")));
            vec![newest(namespace, stream, tag, lookups, aliases).unwrap_or_else(what)]
        }
        Source::StreamImage { namespace, stream, id, .. } => {
            let what = format!("{namespace}/{stream}@{id}");
            match lookups.stream(namespace, stream).as_ref() {
                Err(error) => vec![unresolved(Unresolved::Unavailable(error.clone()))],
                Ok(stored) => in_history(stored.as_ref(), id, what, aliases),
            }
        }
    };
    if let Some(event) = reference.shows().filter(|_| reference.source.is_stream()) {
        all.push(of_event(event.image, event.pull_spec, aliases));
    }
    for resolved in &mut all {
        if let Some(local) = local(reference, namespace, is_local, resolved, aliases) {
            resolved.pull_specs.push(local);
        }
    }
    all
}

/// What a reference without a source leads to.
fn unnamed<'r>(
    reference: &Reference<'r>,
    namespace: &str,
    is_local: bool,
    lookups: &Lookups<'_>,
    aliases: &RegistryAliases,
) -> Vec<Resolved<'r>> {
    match (&reference.entry, reference.shows()) {
        // Left out, the server writes the stream's own repository in the integrated registry.
        (EntryPoint::Mapping(mapping), _) => {
            let mut resolved = unresolved(Unresolved::NoName);
            if let Some(name) = mapping.image {
                let own = reference.stream.and_then(|stream| integrated(namespace, stream, name, aliases));
                resolved.pull_specs.extend(own);
                resolved.image = Ok(name.to_owned());
            }
            vec![resolved]
        }
        (EntryPoint::Event(_), Some(event)) => vec![of_event(event.image, event.pull_spec, aliases)],
        // What the tag shows already is pulled through the cluster from now on.
        (EntryPoint::Tag(tag), _) if is_local => {
            let newest = |stream| newest(namespace, stream, tag.name, lookups, aliases);
            reference.stream.and_then(newest).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

/// What the newest event of a tag leads to; nothing where there is none.
fn newest<'r>(
    namespace: &str,
    stream: &str,
    tag: &str,
    lookups: &Lookups<'_>,
    aliases: &RegistryAliases,
) -> Option<Resolved<'r>> {
    match lookups.stream(namespace, stream).as_ref() {
        Err(error) => Some(unresolved(Unresolved::Unavailable(error.clone()))),
        Ok(stored) => {
            let event = stored.as_ref()?.tags.get(tag)?.first()?;
            Some(of_event(&event.image, &event.pull_spec, aliases))
        }
    }
}

/// What an image of a stream's history leads to. One image may be there under several pull specs, of
/// which the server takes any.
fn in_history<'r>(
    stream: Option<&StoredStream>,
    id: &str,
    what: String,
    aliases: &RegistryAliases,
) -> Vec<Resolved<'r>> {
    let events = stream.iter().flat_map(|stored| stored.tags.values().flatten());
    let mut fitting: Vec<&StoredEvent> = events.filter(|event| fits(&event.image, id)).collect();
    fitting.sort();
    fitting.dedup();
    match fitting.as_slice() {
        [] => vec![unresolved(Unresolved::Nothing(what))],
        [first, others @ ..] if others.iter().any(|other| other.image != first.image) => {
            vec![unresolved(Unresolved::Ambiguous(what))]
        }
        all => all.iter().map(|event| of_event(&event.image, &event.pull_spec, aliases)).collect(),
    }
}

fn unresolved<'r>(why: Unresolved) -> Resolved<'r> {
    Resolved { pull_specs: Vec::new(), image: Err(why) }
}

/// What an event in a stream's history leads to.
fn of_event<'r>(image: &str, pull_spec: &str, aliases: &RegistryAliases) -> Resolved<'r> {
    let Ok(spec) = PullSpec::parse(pull_spec) else {
        let (image, pull_spec) = (image.to_owned(), pull_spec.to_owned());
        return unresolved(Unresolved::Inconsistent { image, pull_spec });
    };
    let image = match (image, spec.digest()) {
        ("", Some(digest)) => Ok(digest.to_string()),
        ("", None) => Err(Unresolved::NoDigest),
        (image, _) => consistent(image, &spec),
    };
    let pulled = Pulled { text: pull_spec.to_owned().into(), spec: aliases.rename(spec) };
    Resolved { pull_specs: vec![pulled], image }
}

/// The image, where consumers of the pull spec get that one.
fn consistent(image: &str, spec: &PullSpec) -> Result<String, Unresolved> {
    match spec.digest() {
        Some(digest) if *digest == *image => Ok(image.to_owned()),
        _ => Err(Unresolved::Inconsistent { image: image.to_owned(), pull_spec: spec.to_string() }),
    }
}

/// Whether an image's name fits a digest or the beginning of one, with or without its algorithm
/// (openshift-apiserver `pkg/image/apiserver/internal/imageutil/helpers.go`).
fn fits(image: &str, id: &str) -> bool {
    let hex = image.split_once(':').map_or(image, |(_, hex)| hex);
    image.starts_with(id) || hex.starts_with(id)
}

/// What consumers pull through the cluster's own registry: what the reference policy asks for, and
/// what the server writes for an image of that registry which comes from another stream.
fn local<'r>(
    reference: &Reference<'r>,
    namespace: &str,
    is_local: bool,
    resolved: &Resolved<'r>,
    aliases: &RegistryAliases,
) -> Option<Pulled<'r>> {
    let stream = reference.stream?;
    let is_copied = reference.source.is_stream()
        && !reference.is_untracked()
        && resolved.pull_specs.iter().any(|pulled| reference::is_integrated(pulled.spec.registry()));
    if !is_local && !is_copied && !reference.is_managed() {
        return None;
    }
    let pulled = match &resolved.image {
        Ok(image) | Err(Unresolved::Inconsistent { image, .. }) => {
            integrated(namespace, stream, image, aliases)?
        }
        // Whatever it will be.
        Err(Unresolved::NoDigest | Unresolved::Repository) => own_repository(namespace, stream, aliases)?,
        Err(_) => return None,
    };
    (!resolved.pull_specs.iter().any(|other| other.spec == pulled.spec)).then_some(pulled)
}

/// All images of a stream, in the cluster's own registry.
#[must_use]
pub fn own_repository<'r>(namespace: &str, stream: &str, aliases: &RegistryAliases) -> Option<Pulled<'r>> {
    let Pulled { text, spec } = integrated(namespace, stream, "", aliases)?;
    Some(Pulled { text, spec: spec.of_every_image() })
}

/// An image of a stream, in the cluster's own registry.
fn integrated<'r>(
    namespace: &str,
    stream: &str,
    image: &str,
    aliases: &RegistryAliases,
) -> Option<Pulled<'r>> {
    let text =
        ImageReference { registry: reference::INTEGRATED_HOST, namespace, name: stream, tag: "", id: image }
            .exact();
    let spec = aliases.rename(PullSpec::parse(&text).ok()?);
    Some(Pulled { text: text.into(), spec })
}
