//! Which image a reference will show, and what its consumers will pull.
//!
//! The server resolves streams when the tag is written, and imports later: so what is asked here is
//! what it will find. What is not there, or cannot be known before an import, is said so.

use std::fmt;

use crate::introduced::{Door, Reference, Source};
use crate::lookups::{Lookups, StoredEvent};
use crate::reference::{self, ImageReference, PullSpec, RegistryAliases};
use crate::text::quote;

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

/// Resolves a reference; nothing where it points at no image.
#[must_use]
pub fn resolve<'r>(
    reference: &Reference<'r>,
    namespace: &str,
    lookups: &Lookups<'_>,
    aliases: &RegistryAliases,
) -> Option<Resolved<'r>> {
    let mut resolved = match &reference.source {
        // Left out, the server writes the stream's own repository in the integrated registry.
        Source::None if reference.door == Door::Mapping => {
            let name = reference.image.filter(|name| !name.is_empty());
            let mut resolved = unresolved(Unresolved::NoName);
            if let Some(name) = name {
                resolved.pull_specs.extend(integrated(namespace, reference.stream, name, aliases));
                resolved.image = Ok(name.to_owned());
            }
            resolved
        }
        Source::None | Source::Unreadable(_) => return None,
        Source::Image { text, spec } => {
            let image = match (reference.door, &reference.event, reference.image, spec.digest()) {
                (Door::Repository | Door::RepositoryImport, ..) => Err(Unresolved::Repository),
                (Door::Mapping, _, Some(""), _) => Err(Unresolved::NoName),
                (Door::Mapping, _, Some(image), _) => Ok(image.to_owned()),
                (_, Some(event), ..) if !event.image.is_empty() => consistent(event.image, spec),
                (.., Some(digest)) => Ok(digest.to_owned()),
                _ if reference.untracked => Err(Unresolved::Untracked),
                _ => Err(Unresolved::NoDigest),
            };
            let pulled = Pulled { text: (*text).into(), spec: spec.clone() };
            Resolved { pull_specs: vec![pulled], image }
        }
        Source::StreamTag { namespace, stream, tag, .. } => {
            let what = format!("{namespace}/{stream}:{tag}");
            match lookups.stream(namespace, stream).as_ref() {
                Err(error) => unresolved(Unresolved::Unavailable(error.clone())),
                Ok(stored) => {
                    let newest = stored.as_ref().and_then(|stored| stored.tags.get(*tag)?.first());
                    newest.map_or_else(|| unresolved(Unresolved::Nothing(what)), |it| of_event(it, aliases))
                }
            }
        }
        Source::StreamImage { namespace, stream, id, .. } => {
            let what = format!("{namespace}/{stream}@{id}");
            match lookups.stream(namespace, stream).as_ref() {
                Err(error) => unresolved(Unresolved::Unavailable(error.clone())),
                Ok(stored) => {
                    let events = stored.iter().flat_map(|stored| stored.tags.values().flatten());
                    let mut fitting = events.filter(|event| fits(&event.image, id));
                    match fitting.next() {
                        None => unresolved(Unresolved::Nothing(what)),
                        Some(first) if fitting.any(|other| other.image != first.image) => {
                            unresolved(Unresolved::Ambiguous(what))
                        }
                        Some(first) => of_event(first, aliases),
                    }
                }
            }
        }
    };
    if let Some(local) = local(reference, namespace, &resolved, aliases) {
        resolved.pull_specs.push(local);
    }
    Some(resolved)
}

fn unresolved<'r>(why: Unresolved) -> Resolved<'r> {
    Resolved { pull_specs: Vec::new(), image: Err(why) }
}

/// What an event in a stream's history leads to.
fn of_event<'r>(event: &StoredEvent, aliases: &RegistryAliases) -> Resolved<'r> {
    let Ok(spec) = PullSpec::parse(&event.pull_spec) else {
        return unresolved(Unresolved::Inconsistent {
            image: event.image.clone(),
            pull_spec: event.pull_spec.clone(),
        });
    };
    let image = match (event.image.as_str(), spec.digest()) {
        ("", Some(digest)) => Ok(digest.to_owned()),
        ("", None) => Err(Unresolved::NoDigest),
        (image, _) => consistent(image, &spec),
    };
    let pulled = Pulled { text: event.pull_spec.clone().into(), spec: aliases.rename(spec) };
    Resolved { pull_specs: vec![pulled], image }
}

/// The image, where consumers of the pull spec get that one.
fn consistent(image: &str, spec: &PullSpec) -> Result<String, Unresolved> {
    match spec.digest() {
        Some(digest) if digest == image => Ok(image.to_owned()),
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
    resolved: &Resolved<'r>,
    aliases: &RegistryAliases,
) -> Option<Pulled<'r>> {
    if reference.stream.is_empty() || matches!(reference.door, Door::Event | Door::Shown) {
        return None;
    }
    let image = resolved.image.as_ref().ok()?;
    if reference.door == Door::Mapping && !reference.managed {
        return None;
    }
    let is_stream = matches!(reference.source, Source::StreamTag { .. } | Source::StreamImage { .. });
    let is_copied = is_stream
        && !reference.untracked
        && resolved.pull_specs.iter().any(|pulled| reference::is_integrated(pulled.spec.registry()));
    if reference.reference_policy != "Local" && !is_copied && !reference.managed {
        return None;
    }
    let pulled = integrated(namespace, reference.stream, image, aliases)?;
    (!resolved.pull_specs.iter().any(|other| other.spec == pulled.spec)).then_some(pulled)
}

/// An image of a stream, in the cluster's own registry.
fn integrated<'r>(
    namespace: &str,
    stream: &str,
    image: &str,
    aliases: &RegistryAliases,
) -> Option<Pulled<'r>> {
    let text = ImageReference {
        registry: reference::INTEGRATED_HOST.to_owned(),
        namespace: namespace.to_owned(),
        name: stream.to_owned(),
        tag: String::new(),
        id: image.to_owned(),
    }
    .exact();
    let spec = aliases.rename(PullSpec::parse(&text).ok()?);
    Some(Pulled { text: text.into(), spec })
}
