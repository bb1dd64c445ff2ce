//! The kinds that are streams or write into one.

use std::collections::{HashMap, HashSet};

use super::Collector;
use super::reference::{Before, Door, Event, Insecure, Place, Reference, Source};
use crate::api::image::Image;
use crate::api::image_stream::{ImageStream, LookupPolicy, NamedTagEventList, TagEvent, TagReference};
use crate::api::image_stream_import::ImageStreamImport;
use crate::api::image_stream_mapping::ImageStreamMapping;
use crate::api::image_stream_tag::{ImageStreamTag, ImageTag, split_name};
use crate::api::{CHECK_ANNOTATION, INSECURE_ANNOTATION, MANAGED_ANNOTATION, ObjectMeta};
use crate::json::path::FieldPath;
use crate::oci::reference::is_tag;

/// A change of a stream as a whole.
#[derive(Debug)]
pub struct StreamChange {
    /// What becomes of it.
    pub trait_: StreamTrait,
    /// Where it says so.
    pub path: FieldPath,
}

/// What can become of a stream as a whole.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum StreamTrait {
    /// Every import into it is insecure, by annotation.
    Insecure,
    /// Short names in pods resolve to it.
    LocalLookup,
}

impl<'r> Collector<'_, 'r> {
    pub(super) fn image_stream(
        &mut self,
        stream: &'r ImageStream<'_>,
        old: Option<&'r ImageStream<'_>>,
        is_status: bool,
    ) {
        let own = name(stream.metadata.as_ref());
        let annotated = is_insecure(stream.metadata.as_ref());
        // Where the annotation is new, it is judged itself, for all tags.
        let value = |stream: &ImageStream<'_>| {
            let annotation = stream.metadata.as_ref().and_then(|it| it.annotation(INSECURE_ANNOTATION));
            annotation.map(str::to_owned)
        };
        let inherited = annotated && old.is_some_and(|old| value(old) == value(stream));
        if annotated && !inherited {
            let path = FieldPath::root().key("metadata.annotations").member(INSECURE_ANNOTATION);
            self.introduced.streams.push(StreamChange { trait_: StreamTrait::Insecure, path });
        }
        let spec = stream.spec.as_ref();
        let old_spec = old.and_then(|old| old.spec.as_ref());
        self.lookup_policy(
            spec.and_then(|spec| spec.lookup_policy),
            old_spec.and_then(|spec| spec.lookup_policy),
            "spec.lookupPolicy.local",
        );
        let tags = spec.and_then(|spec| spec.tags.as_deref()).unwrap_or_default();
        // A tag may follow another one of the stream: what one shows, the other can come to show.
        let local = Some(tags.iter().any(TagReference::is_local));
        if let Some(spec) = spec {
            let repository = &spec.docker_image_repository;
            let old_repository = old_spec.map(|spec| &spec.docker_image_repository);
            if !repository.is_empty() && Some(repository) != old_repository {
                let source = Source::pull_spec(repository.as_str(), self.aliases).of_every_image();
                let at = FieldPath::root().key("spec");
                self.introduced.references.push(Reference {
                    insecure: if inherited { Insecure::Annotation } else { Insecure::No },
                    before: Before::Unknown,
                    stream: own,
                    local,
                    ..Reference::new(
                        Door::Repository,
                        None,
                        source,
                        Place::Fields { at, source: "dockerImageRepository" },
                    )
                });
            }
        }
        let old_tags: HashMap<&str, &TagReference<'_>> = old_spec
            .and_then(|spec| spec.tags.as_deref())
            .unwrap_or_default()
            .iter()
            .map(|tag| (tag.name.as_str(), tag))
            .collect();
        let old_events = old.map(|old| events_by_tag(old)).unwrap_or_default();
        let events = events_by_tag(stream);
        let was_checked = |stream: &ImageStream<'_>| {
            let annotation = stream.metadata.as_ref().and_then(|it| it.annotation(CHECK_ANNOTATION));
            annotation.is_some_and(|value| !value.is_empty())
        };
        let unchecked = old.is_some_and(was_checked) && !was_checked(stream);
        for (index, tag) in tags.iter().enumerate() {
            let name = tag.name.as_str();
            let old_tag = old_tags.get(name).copied();
            let again =
                old_tag.is_some_and(|old| old.imports_again(tag, true) || unchecked && tag.is_imported());
            if !again && old_tag.is_some_and(|old| old.same(tag)) {
                continue;
            }
            let at = FieldPath::root().key("spec.tags").index(index);
            // The validating view's old status holds the event that this very change computed; it
            // alone carries the tag's new generation.
            let has_history = old_events
                .get(name)
                .is_some_and(|events| events.iter().any(|event| event.generation != tag.generation));
            let before = match before(old_tag, has_history, tag, again) {
                // The server puts what is written down in the place of what was: it may be gone.
                Before::New if written_down(old_events.get(name)) => Before::Unknown,
                before => before,
            };
            let names = (own, name);
            let reference = self.tag(tag, names, before, at.clone().key("name"), at, inherited);
            // The server resolves streams before it asks.
            let newest = events.get(name).and_then(|events| events.first());
            let shows = newest.filter(|it| it.generation.is_some() && it.generation == tag.generation);
            let event = shows.filter(|_| old.is_some()).map(Event::of);
            let shows = shows.map(Event::of);
            let was = old_tag.filter(|old| old.is_pulled_through() && !tag.is_pulled_through());
            let before = || old_events.get(name).and_then(|events| events.first());
            let bared = was.and_then(|_| newest.or_else(before)).map(|it| it.docker_image_reference.as_str());
            self.introduced.references.push(Reference { local, shows, bared, event, ..reference });
        }
        let left = old_spec.and_then(|spec| spec.tags.as_deref()).unwrap_or_default().iter();
        let kept: HashSet<&str> = tags.iter().map(|tag| tag.name.as_str()).collect();
        for tag in left.filter(|tag| tag.is_pulled_through() && !kept.contains(tag.name.as_str())) {
            let newest = events.get(tag.name.as_str()).and_then(|events| events.first());
            let at = FieldPath::root();
            let source = if spec.is_some() { "spec.tags" } else { "spec" };
            self.untagged(own, tag, newest, Place::Fields { at, source });
        }
        if is_status {
            self.events(stream, &old_events, local, true);
        } else if old.is_none() {
            self.events(stream, &HashMap::new(), local, false);
        }
    }

    /// A tag that was pulled through the cluster, and has no policy any more.
    fn untagged(
        &mut self,
        own: &'r str,
        tag: &'r TagReference<'_>,
        newest: Option<&'r TagEvent<'_>>,
        place: Place,
    ) {
        if let Some(newest) = newest {
            self.introduced.references.push(Reference {
                stream: own,
                bared: Some(newest.docker_image_reference.as_str()),
                ..Reference::new(Door::Untagged, Some(tag.name.as_str()), Source::None, place)
            });
        }
    }

    /// Events of `status` that the old one does not have.
    ///
    /// Those that the requester writes, through `imagestreams/status`, are judged like a tag. Those
    /// that the server computed from the spec were judged there, and need only be consistent.
    fn events(
        &mut self,
        stream: &'r ImageStream<'_>,
        old: &EventsByTag<'r>,
        local: Option<bool>,
        written: bool,
    ) {
        let own = name(stream.metadata.as_ref());
        let tags = stream.status.as_ref().and_then(|status| status.tags.as_deref()).unwrap_or_default();
        let spec_tags = stream.spec.as_ref().and_then(|spec| spec.tags.as_deref()).unwrap_or_default();
        for (index, NamedTagEventList { tag, items }) in tags.iter().enumerate() {
            let old_items = old.get(tag.as_str()).copied().unwrap_or_default();
            let known: HashSet<&TagEvent<'_>> = old_items.iter().collect();
            let at = FieldPath::root().key("status.tags").index(index);
            for (position, event) in items.iter().flatten().enumerate() {
                let is_new = !known.contains(event);
                let before = match old_items.first().filter(|_| position == 0) {
                    Some(shown) => Before::Set {
                        by: Some(shown.docker_image_reference.as_str().to_owned()),
                        moved: !same_image(shown, event),
                    },
                    None => Before::New,
                };
                // The newest event is what the tag shows: a removal can bring an older one back.
                if !is_new && !matches!(before, Before::Set { moved: true, .. }) {
                    continue;
                }
                let pull_spec = event.docker_image_reference.as_str();
                let source =
                    if is_new && written { Source::pull_spec(pull_spec, self.aliases) } else { Source::None };
                let place =
                    Place::Event { tag: at.clone().key("tag"), at: at.clone().key("items").index(position) };
                let name = (written && (is_new || is_tag(tag.as_str()))).then_some(tag.as_str());
                let through = spec_tags.iter().any(|it| it.name == *tag && it.is_pulled_through());
                self.introduced.references.push(Reference {
                    reference_policy: if through { "Local" } else { "" },
                    event: is_new.then(|| Event::of(event)),
                    shows: (!is_new).then(|| Event::of(event)),
                    local,
                    untracked: is_new && written && event.image.is_empty(),
                    stream: own,
                    before,
                    ..Reference::new(Door::Event, name, source, place)
                });
            }
        }
    }

    pub(super) fn image_stream_tag(
        &mut self,
        object: &'r ImageStreamTag<'_>,
        old: Option<&'r ImageStreamTag<'_>>,
    ) {
        self.lookup_policy(object.lookup_policy, old.and_then(|old| old.lookup_policy), "lookupPolicy.local");
        let Some(tag) = &object.tag else { return };
        let before = old.map(|old| {
            let shown = old
                .image
                .as_ref()
                .is_some_and(|image| !image.name().is_empty() || !image.docker_image_reference.is_empty());
            (old.tag.as_ref(), shown)
        });
        let image = old.and_then(|old| old.image.as_ref()).map(|image| image.docker_image_reference.as_str());
        // Annotations here are the tag's, not the stream's: they make no import insecure.
        self.single_tag(tag, object.metadata.as_ref(), before, image, "tag", false);
    }

    pub(super) fn image_tag(&mut self, object: &'r ImageTag<'_>, old: Option<&'r ImageTag<'_>>) {
        let events = old.and_then(|old| old.status.as_ref()?.items.as_deref()).unwrap_or_default();
        let Some(tag) = &object.spec else {
            if let Some(tag) = old.and_then(|old| old.spec.as_ref()).filter(|tag| tag.is_pulled_through()) {
                let stream = object.metadata.as_ref().and_then(|metadata| split_name(&metadata.name));
                let place = Place::Fields { at: FieldPath::root(), source: "spec" };
                self.untagged(stream.unwrap_or_default().0, tag, events.first(), place);
            }
            return;
        };
        let newest = events.first().map(|event| event.docker_image_reference.as_str());
        let before = old.map(|old| {
            let events = old.status.as_ref().and_then(|status| status.items.as_deref());
            (old.spec.as_ref(), events.is_some_and(|events| !events.is_empty()))
        });
        // On an update these metadata are the whole stream's.
        let annotated = is_insecure(object.metadata.as_ref());
        self.single_tag(tag, object.metadata.as_ref(), before, newest, "spec", annotated);
    }

    /// A tag that is an object of its own: its name is the object's, whatever the tag says.
    ///
    /// `old` is the stored tag, and whether it shows an image: nothing on creation, when the
    /// request does not tell what was pushed to the tag before.
    fn single_tag(
        &mut self,
        tag: &'r TagReference<'_>,
        metadata: Option<&'r ObjectMeta<'_>>,
        old: Option<(Option<&'r TagReference<'_>>, bool)>,
        pulled: Option<&'r str>,
        at: &'static str,
        annotated: bool,
    ) {
        let was =
            old.and_then(|(old, _)| old).filter(|old| old.is_pulled_through() && !tag.is_pulled_through());
        // An ImageStreamTag tells what was pulled through the cluster, and not where it came from.
        let source = |old: &'r TagReference<'_>| match (pulled, &old.from) {
            (Some(""), _) | (None, _) => None,
            (_, Some(from)) if from.kind.as_str() == "DockerImage" => Some(from.name.as_str()),
            (pulled, _) => pulled,
        };
        let bared = was.and_then(source);
        let before = match old {
            None => Before::Unknown,
            Some((Some(old), _)) if old.same(tag) && !old.imports_again(tag, false) => return,
            Some((old, shown)) => {
                before(old, shown, tag, old.is_some_and(|old| old.imports_again(tag, false)))
            }
        };
        let names = metadata.map(|metadata| &metadata.name).and_then(split_name).unwrap_or_default();
        let at = FieldPath::root().key(at);
        let reference = self.tag(tag, names, before, FieldPath::root().key("metadata.name"), at, annotated);
        self.introduced.references.push(Reference { bared, ..reference });
    }

    pub(super) fn image_stream_import(&mut self, object: &'r ImageStreamImport<'_>) {
        let Some(spec) = &object.spec else { return };
        let stored = spec.import.unwrap_or_default();
        let own = name(object.metadata.as_ref());
        let first = self.introduced.references.len();
        if let Some(repository) = &spec.repository {
            let at = FieldPath::root().key("spec.repository");
            let source =
                Source::of(repository.from.as_ref(), self.namespace, own, self.aliases).of_every_image();
            let place = Place::Tag { name: at.clone(), at };
            let mut reference =
                Reference { stream: own, ..Reference::new(Door::RepositoryImport, None, source, place) };
            reference.take_policies(repository.import_policy.as_ref(), repository.reference_policy.as_ref());
            reference.before = if stored { Before::Unknown } else { Before::New };
            self.introduced.references.push(reference);
        }
        for (index, image) in spec.images.as_deref().unwrap_or_default().iter().enumerate() {
            let at = FieldPath::root().key("spec.images").index(index);
            let tag = image.to.as_ref().map(|to| to.name.as_str());
            let source = Source::of(image.from.as_ref(), self.namespace, own, self.aliases);
            let place = Place::Tag { name: at.clone().key("to.name"), at };
            let mut reference =
                Reference { stream: own, ..Reference::new(Door::ImageImport, tag, source, place) };
            reference.take_policies(image.import_policy.as_ref(), image.reference_policy.as_ref());
            // Which tags the stream already has is not in the request.
            reference.before = if stored && tag.is_some() { Before::Unknown } else { Before::New };
            self.introduced.references.push(reference);
        }
        // The server reaches a repository one way for all that it imports from there.
        let imports = self.introduced.references.get_mut(first..).unwrap_or_default();
        let repository = |it: &Reference<'_>| it.spec().map(|spec| spec.name().to_owned());
        let insecure: HashSet<String> =
            imports.iter().filter(|it| it.insecure != Insecure::No).filter_map(repository).collect();
        for import in imports {
            if repository(import).is_some_and(|it| insecure.contains(&it)) {
                import.insecure = Insecure::Policy;
            }
        }
    }

    pub(super) fn image_stream_mapping(&mut self, object: &'r ImageStreamMapping<'_>) {
        let at = FieldPath::root().key("image");
        // Left out, the server writes the stream's own repository in the integrated registry.
        let (pull_spec, source_at) = match &object.image {
            Some(image) => (image.docker_image_reference.as_str(), at.clone().key("dockerImageReference")),
            None => ("", at.clone()),
        };
        let source =
            if pull_spec.is_empty() { Source::None } else { Source::pull_spec(pull_spec, self.aliases) };
        let place = Place::Mapping { source: source_at };
        self.introduced.references.push(Reference {
            stream: name(object.metadata.as_ref()),
            image: Some(object.image.as_ref().map_or("", Image::name)),
            managed: object
                .image
                .as_ref()
                .and_then(|image| image.metadata.as_ref()?.annotation(MANAGED_ANNOTATION))
                .is_some(),
            before: Before::Unknown,
            ..Reference::new(Door::Mapping, Some(object.tag.as_str()), source, place)
        });
        if let Some(image) = &object.image {
            self.image(image, None, at, true);
        }
    }

    fn tag(
        &self,
        tag: &'r TagReference<'_>,
        (own, name): (&'r str, &'r str),
        before: Before,
        name_path: FieldPath,
        at: FieldPath,
        annotated: bool,
    ) -> Reference<'r> {
        let source = match &tag.from {
            None => Source::None,
            from => Source::of(from.as_ref(), self.namespace, own, self.aliases),
        };
        let place = Place::Tag { name: name_path, at };
        let mut reference = Reference { stream: own, ..Reference::new(Door::Tag, Some(name), source, place) };
        reference.take_policies(tag.import_policy.as_ref(), tag.reference_policy.as_ref());
        if annotated && reference.insecure == Insecure::No {
            reference.insecure = Insecure::Annotation;
        }
        reference.untracked = tag.reference.unwrap_or_default();
        reference.before = before;
        reference
    }

    fn lookup_policy(&mut self, policy: Option<LookupPolicy>, old: Option<LookupPolicy>, path: &'static str) {
        let local = |policy: Option<LookupPolicy>| policy.and_then(|policy| policy.local).unwrap_or_default();
        if local(policy) && !local(old) {
            let path = FieldPath::root().key(path);
            self.introduced.streams.push(StreamChange { trait_: StreamTrait::LocalLookup, path });
        }
    }
}

/// The stream's name.
fn name<'r>(metadata: Option<&'r ObjectMeta<'_>>) -> &'r str {
    metadata.map_or("", |metadata| metadata.name.as_str())
}

/// Whether imports into the stream are insecure, by annotation. The server compares with `true`;
/// what looks like an attempt at it counts too.
fn is_insecure(metadata: Option<&ObjectMeta<'_>>) -> bool {
    metadata
        .and_then(|metadata| metadata.annotation(INSECURE_ANNOTATION))
        .is_some_and(|value| !matches!(value, "" | "false"))
}

/// A stream's history.
type EventsByTag<'r> = HashMap<&'r str, &'r [TagEvent<'r>]>;

fn events_by_tag<'r>(stream: &'r ImageStream<'_>) -> EventsByTag<'r> {
    let tags = stream.status.as_ref().and_then(|status| status.tags.as_deref()).unwrap_or_default();
    tags.iter().map(|list| (list.tag.as_str(), list.items.as_deref().unwrap_or_default())).collect()
}

/// Whether the newest event shows no image.
fn written_down(events: Option<&&[TagEvent<'_>]>) -> bool {
    events.and_then(|events| events.first()).is_some_and(|newest| newest.image.is_empty())
}

fn same_image(one: &TagEvent<'_>, other: &TagEvent<'_>) -> bool {
    one.image == other.image && one.docker_image_reference == other.docker_image_reference
}

/// What the tag was before this request, which may bring it to import `again`.
fn before(old: Option<&TagReference<'_>>, has_history: bool, new: &TagReference<'_>, again: bool) -> Before {
    let describe = |tag: &TagReference<'_>| tag.from.as_ref().map(|from| from.name.as_str().to_owned());
    match old {
        Some(old) => Before::Set { by: describe(old), moved: again || old.points_elsewhere(new) },
        // Written by a push or an import that left no spec.
        None if has_history => Before::Set { by: None, moved: true },
        None => Before::New,
    }
}
