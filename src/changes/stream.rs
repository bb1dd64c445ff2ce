//! The kinds that are streams or write into one.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::api::image::Image;
use crate::api::image_stream::{
    ImageStream, LookupPolicy, NamedTagEventList, ObjectReference, TagEvent, TagReference,
};
use crate::api::image_stream_import::ImageStreamImport;
use crate::api::image_stream_mapping::ImageStreamMapping;
use crate::api::image_stream_tag::{ImageStreamTag, ImageTag, split_name};
use crate::api::{CHECK_ANNOTATION, INSECURE_ANNOTATION, MANAGED_ANNOTATION, ObjectMeta};
use crate::changes::collector::{Collector, StreamChange, StreamTrait};
use crate::changes::followers::Followers;
use crate::changes::reference::{
    Bared, Before, EntryPoint, Event, Follower, Insecure, Mapping, Origin, Policies, Reference, Showing,
    Source, SpecTag, StatusEvent,
};
use crate::json::path::FieldPath;
use crate::oci::reference::ImageReference;

impl<'r> Collector<'_, 'r> {
    pub fn image_stream(
        &mut self,
        stream: &'r ImageStream<'_>,
        old: Option<&'r ImageStream<'_>>,
        is_status: bool,
    ) {
        let insecure = self.insecure_annotation(stream, old);
        let spec = stream.spec.as_ref();
        let old_spec = old.and_then(|old| old.spec.as_ref());
        self.lookup_policy(
            spec.and_then(|spec| spec.lookup_policy),
            old_spec.and_then(|spec| spec.lookup_policy),
            "spec.lookupPolicy.local",
        );
        // A tag may follow another one of the stream: what one shows, the other can come to show.
        let local = spec_tags(stream).iter().any(TagReference::is_local);
        self.stream_repository(stream, old, insecure, local);
        let old_tags = tags_by_name(old.map(spec_tags).unwrap_or_default());
        self.spec_tags(stream, old, &old_tags, insecure, local);
        self.insecure_repositories(stream, &old_tags);
        self.left_tags(stream, old);
        if is_status {
            let old_events = old.map(|old| events_by_tag(old)).unwrap_or_default();
            self.events(stream, &old_events, local, Origin::Written);
        } else if old.is_none() {
            self.events(stream, &HashMap::new(), local, Origin::Computed);
        }
    }

    /// Takes note of a new annotation that makes every import insecure, and returns whether there is
    /// one that was there before: a new one is judged itself, for all that the stream imports.
    fn insecure_annotation(&mut self, stream: &'r ImageStream<'_>, old: Option<&'r ImageStream<'_>>) -> bool {
        let is_insecure =
            |stream: &ImageStream<'_>| stream.metadata.as_ref().is_some_and(ObjectMeta::is_insecure);
        if !is_insecure(stream) {
            return false;
        }
        let is_inherited = old.is_some_and(is_insecure);
        if !is_inherited {
            let repository = self.repository(stream);
            let tags = spec_tags(stream).iter().filter(|tag| repository.is_some() && tag.is_imported());
            let own = name(stream.metadata.as_ref());
            let sources = tags.map(|tag| self.source(tag.from.as_ref(), own)).collect::<Vec<_>>();
            let trait_ = StreamTrait::Insecure(repository.into_iter().chain(sources).collect());
            let path = FieldPath::root().key("metadata.annotations").member(INSECURE_ANNOTATION);
            self.introduced.streams.push(StreamChange { trait_, path });
        }
        is_inherited
    }

    /// Every image of `spec.dockerImageRepository`, where that is set.
    fn repository(&self, stream: &'r ImageStream<'_>) -> Option<Source<'r>> {
        let repository = stream.spec.as_ref()?.docker_image_repository.as_str();
        named(repository).map(|text| Source::pull_spec(text, self.aliases).of_every_image())
    }

    /// `spec.dockerImageRepository`, where it is new or imported once more.
    fn stream_repository(
        &mut self,
        stream: &'r ImageStream<'_>,
        old: Option<&ImageStream<'_>>,
        insecure: bool,
        local: bool,
    ) {
        let Some(source) = self.repository(stream) else { return };
        let old_text = old.and_then(|old| Some(old.spec.as_ref()?.docker_image_repository.as_str()));
        if old_text == Some(source.written()) && !is_unchecked(stream, old) {
            return;
        }
        let entry = EntryPoint::Repository { insecure };
        let stream = name(stream.metadata.as_ref());
        let reference = Reference::new(entry, stream, source, Before::Unknown);
        self.introduced.references.push(Reference { local: Some(local), ..reference });
    }

    /// Tags of the spec that are new or changed.
    fn spec_tags(
        &mut self,
        stream: &'r ImageStream<'_>,
        old: Option<&'r ImageStream<'_>>,
        old_tags: &TagsByName<'_>,
        insecure: bool,
        local: bool,
    ) {
        let old_events = old.map(|old| events_by_tag(old)).unwrap_or_default();
        let events = events_by_tag(stream);
        let unchecked = is_unchecked(stream, old);
        let own = name(stream.metadata.as_ref()).unwrap_or_default();
        let pairs = spec_tags(stream)
            .iter()
            .filter_map(|tag| Some((tag.name.as_str(), tag.follows(self.namespace, own)?)));
        let followers: Followers = pairs.collect();
        // Most streams have none, whatever their number of tags.
        let followed = if followers.is_empty() { &[] } else { spec_tags(stream) };
        let by_name = tags_by_name(followed);
        let is_new = |tag: &TagReference<'_>| {
            let old_tag = old_tags.get(tag.name.as_str());
            old_tag
                .is_none_or(|old| old.points_elsewhere(tag, self.namespace) || old.imports_again(tag, true))
        };
        let namespace = self.namespace;
        let is_asked = |tag: &TagReference<'_>| is_asked(tag, old_tags, namespace);
        // Each tag follows one other: it is met once.
        let ends: HashMap<&str, &'r str> = followed
            .iter()
            .filter(|tag| tag.is_imported() && !is_asked(tag))
            .filter_map(|tag| Some((tag.name.as_str(), tag.from.as_ref()?.name.as_str())))
            .flat_map(|(tag, source)| {
                let names = followers.of(tag, |_| false).into_iter();
                names.filter_map(|name| Some((by_name.get(name)?.name.as_str(), source))).collect::<Vec<_>>()
            })
            .collect();
        // What is at the end of a chain moves all of it; another one is asked as far as to the next that
        // is asked itself, so that each tag is walked over a few times only.
        let followers = |tag: &TagReference<'_>| {
            if followers.is_empty() {
                return Vec::new();
            }
            let is_last = tag.follows(self.namespace, own).is_none();
            let moves = is_new(tag);
            let stops = |name: &str| {
                let next = by_name.get(name).filter(|_| !is_last);
                next.is_some_and(|next| if moves { is_new(next) } else { is_asked(next) })
            };
            let names = followers.of(tag.name.as_str(), stops);
            let tags = names.into_iter().filter_map(|name| by_name.get(name).copied());
            let follower = |tag: &'r TagReference<'_>| Follower {
                name: tag.name.as_str(),
                is_pulled_through: tag.is_pulled_through(),
                shows: old_tags.contains_key(tag.name.as_str())
                    && old_events.get(tag.name.as_str()).is_some_and(|events| !events.is_empty()),
            };
            tags.map(follower).collect::<Vec<_>>()
        };
        for (index, tag) in spec_tags(stream).iter().enumerate() {
            let tag_name = tag.name.as_str();
            let old_tag = old_tags.get(tag_name).copied();
            let again =
                old_tag.is_some_and(|old| old.imports_again(tag, true) || unchecked && tag.is_imported());
            if !again && old_tag.is_some_and(|old| old.same(tag, self.namespace)) {
                continue;
            }
            // The validating view's old status holds the event that this very change computed, unless the
            // controller has to import first; it alone carries the tag's new generation.
            let is_computed = !tag.is_imported() && tag.from.is_some();
            let is_old = |event: &TagEvent<'_>| !is_computed || event.generation != tag.generation;
            let has_history = old_events.get(tag_name).is_some_and(|events| events.iter().any(is_old));
            // The server resolves streams before it asks.
            let newest = events.get(tag_name).and_then(|events| events.first());
            let resolved = newest.filter(|it| it.generation.is_some() && it.generation == tag.generation);
            let at = FieldPath::root().key("spec.tags").index(index);
            let showing = match newest {
                _ if old.is_none() || old_tag.is_some_and(|old| !is_shown_anew(old, tag, self.namespace)) => {
                    Showing::Nothing
                }
                Some(event) => Showing::Event(Event::of(event)),
                None => Showing::Stored,
            };
            let entry = SpecTag {
                insecure_by_annotation: insecure,
                showing,
                resolved: resolved.map(Event::of),
                followers: Some(followers(tag)),
                follows_at_last: ends.get(tag_name).copied(),
                is_event_new: old.is_some(),
                ..SpecTag::new(tag, tag_name, at.clone().key("name"), at)
            };
            let before = match before(old_tag, has_history, tag, again, self.namespace) {
                // The server puts what is written down in the place of what was: it may be gone.
                Before::New if written_down(old_events.get(tag_name)) => Before::Unknown,
                before => before,
            };
            let was = old_tag.filter(|old| old.is_pulled_through() && !tag.is_pulled_through());
            let shown = || newest.or_else(|| old_events.get(tag_name).and_then(|events| events.first()));
            let bared =
                was.and_then(|_| shown()).map(|it| Bared::PullSpec(it.docker_image_reference.as_str()));
            let reference = self.tag(tag, entry, name(stream.metadata.as_ref()), before);
            self.introduced.references.push(Reference { local: Some(local), bared, ..reference });
        }
    }

    /// Repositories of which some tag is imported insecurely, and any is new or changed: the controller
    /// imports what is new in a stream together, and the server reaches a repository one way.
    fn insecure_repositories(&mut self, stream: &'r ImageStream<'_>, old_tags: &TagsByName<'_>) {
        if !spec_tags(stream).iter().any(|tag| tag.is_imported() && tag.is_insecure()) {
            return;
        }
        let mut repositories: BTreeMap<String, InsecureRepository<'r>> = BTreeMap::new();
        for (index, tag) in spec_tags(stream).iter().enumerate().filter(|(_, tag)| tag.is_imported()) {
            let source = self.source(tag.from.as_ref(), name(stream.metadata.as_ref()));
            let Source::Image { spec, .. } = &source else { continue };
            let repository = repositories.entry(spec.name().to_owned()).or_default();
            let is_asked = is_asked(tag, old_tags, self.namespace);
            repository.is_new |= is_asked;
            if !tag.is_insecure() {
                repository.others.push(source);
            } else if repository.insecure.is_none() {
                repository.insecure = Some((index, Some(source).filter(|_| is_asked)));
            }
        }
        for repository in repositories.into_values().filter(|it| it.is_new && !it.others.is_empty()) {
            let Some((index, new)) = repository.insecure else { continue };
            let path = FieldPath::root().key("spec.tags").index(index).key("importPolicy.insecure");
            let trait_ = StreamTrait::InsecureRepository { new, others: repository.others };
            self.introduced.streams.push(StreamChange { trait_, path });
        }
    }

    /// Tags that leave the spec.
    fn left_tags(&mut self, stream: &'r ImageStream<'_>, old: Option<&'r ImageStream<'_>>) {
        let Some(old) = old else { return };
        let kept: HashSet<&str> = spec_tags(stream).iter().map(|tag| tag.name.as_str()).collect();
        let mut left = spec_tags(old)
            .iter()
            .filter(|tag| tag.is_pulled_through() && !kept.contains(tag.name.as_str()))
            .peekable();
        if left.peek().is_none() {
            return;
        }
        let events = events_by_tag(stream);
        // Before the server fills in the status, it is what the client sent.
        let old_events = events_by_tag(old);
        let at = FieldPath::root().key(if stream.spec.is_some() { "spec.tags" } else { "spec" });
        for tag in left {
            let newest = |events: &EventsByTag<'r>| events.get(tag.name.as_str())?.first();
            let newest = newest(&events).or_else(|| newest(&old_events));
            self.untagged(name(stream.metadata.as_ref()), tag, newest, at.clone());
        }
    }

    /// A tag that was pulled through the cluster, and has no policy any more.
    fn untagged(
        &mut self,
        stream: Option<&'r str>,
        tag: &'r TagReference<'_>,
        newest: Option<&'r TagEvent<'_>>,
        at: FieldPath,
    ) {
        let Some(newest) = newest else { return };
        let entry = EntryPoint::Untagged { tag: tag.name.as_str(), at };
        let reference = Reference::new(entry, stream, Source::None, Before::New);
        let bared = Some(Bared::PullSpec(newest.docker_image_reference.as_str()));
        self.introduced.references.push(Reference { bared, ..reference });
    }

    /// Events of `status` that the old one does not have, or that are the newest again.
    ///
    /// Those that the requester writes or brings back, through `imagestreams/status`, are judged like a
    /// tag. Those that the server computed from the spec were judged there, and need only be consistent.
    fn events(
        &mut self,
        stream: &'r ImageStream<'_>,
        old: &EventsByTag<'r>,
        local: bool,
        origin_of_new: Origin,
    ) {
        let tags = stream.status.as_ref().and_then(|status| status.tags.as_deref()).unwrap_or_default();
        let pulled_through: HashSet<&str> = spec_tags(stream)
            .iter()
            .filter(|tag| tag.is_pulled_through())
            .map(|tag| tag.name.as_str())
            .collect();
        for (index, NamedTagEventList { tag, items }) in tags.iter().enumerate() {
            let old_items = old.get(tag.as_str()).copied().unwrap_or_default();
            let known: HashSet<&TagEvent<'_>> = old_items.iter().collect();
            let list_at = FieldPath::root().key("status.tags").index(index);
            for (position, event) in items.iter().flatten().enumerate() {
                let is_new = !known.contains(event);
                // One that is put behind the newest comes to the front when that is pruned.
                let before = match old_items.first().filter(|_| position == 0 || is_new) {
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
                let origin = if is_new { origin_of_new } else { Origin::Restored };
                let source = match origin {
                    Origin::Written | Origin::Restored => {
                        Source::pull_spec(event.docker_image_reference.as_str(), self.aliases)
                    }
                    Origin::Computed => Source::None,
                };
                let entry = EntryPoint::Event(StatusEvent {
                    tag: tag.as_str(),
                    event: Event::of(event),
                    origin,
                    is_pulled_through: pulled_through.contains(tag.as_str()),
                    list_at: list_at.clone(),
                    at: list_at.clone().key("items").index(position),
                });
                let reference = Reference::new(entry, name(stream.metadata.as_ref()), source, before);
                self.introduced.references.push(Reference { local: Some(local), ..reference });
            }
        }
    }

    pub fn image_stream_tag(&mut self, object: &'r ImageStreamTag<'_>, old: Option<&'r ImageStreamTag<'_>>) {
        self.lookup_policy(object.lookup_policy, old.and_then(|old| old.lookup_policy), "lookupPolicy.local");
        let Some(tag) = &object.tag else { return };
        let before = old.map(|old| {
            let shown = old
                .image
                .as_ref()
                .is_some_and(|image| !image.name().is_empty() || !image.docker_image_reference.is_empty());
            (old.tag.as_ref(), shown)
        });
        // Where the image came from is not in the request: the old object tells what was pulled through the
        // cluster.
        let from = old.and_then(|old| old.tag.as_ref()?.from.as_ref());
        let written = from.filter(|from| from.kind.as_str() == "DockerImage").map(|from| from.name.as_str());
        let shown = before.filter(|(_, shown)| *shown).map(|_| Bared::Stored(written));
        // Annotations here are the tag's, not the stream's: they make no import insecure.
        self.single_tag(tag, object.metadata.as_ref(), before, shown, "tag", false);
    }

    pub fn image_tag(&mut self, object: &'r ImageTag<'_>, old: Option<&'r ImageTag<'_>>) {
        let events = old.and_then(|old| old.status.as_ref()?.items.as_deref()).unwrap_or_default();
        let Some(tag) = &object.spec else {
            if let Some(tag) = old.and_then(|old| old.spec.as_ref()).filter(|tag| tag.is_pulled_through()) {
                let names = object.metadata.as_ref().and_then(|metadata| split_name(&metadata.name));
                let stream = names.and_then(|(stream, _)| named(stream));
                self.untagged(stream, tag, events.first(), FieldPath::root().key("spec"));
            }
            return;
        };
        let newest = events.first().map(|event| Bared::PullSpec(event.docker_image_reference.as_str()));
        let before = old.map(|old| {
            let events = old.status.as_ref().and_then(|status| status.items.as_deref());
            (old.spec.as_ref(), events.is_some_and(|events| !events.is_empty()))
        });
        // On an update these metadata are the whole stream's.
        let annotated = object.metadata.as_ref().is_some_and(ObjectMeta::is_insecure);
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
        shown: Option<Bared<'r>>,
        at: &'static str,
        annotated: bool,
    ) {
        let was =
            old.and_then(|(old, _)| old).filter(|old| old.is_pulled_through() && !tag.is_pulled_through());
        let bared = was.and(shown);
        let before = match old {
            None => Before::Unknown,
            Some((Some(old), _)) if old.same(tag, self.namespace) && !old.imports_again(tag, false) => return,
            Some((old, shown)) => {
                let again = old.is_some_and(|old| old.imports_again(tag, false));
                before(old, shown, tag, again, self.namespace)
            }
        };
        let names = metadata.and_then(|metadata| split_name(&metadata.name));
        let (stream, tag_name) = names.map_or((None, ""), |(stream, tag)| (named(stream), tag));
        let name_at = FieldPath::root().key("metadata.name");
        let showing = match old.and_then(|(old, _)| old) {
            Some(old) if !is_shown_anew(old, tag, self.namespace) => Showing::Nothing,
            Some(old) if !old.is_resolved_again(tag, self.namespace) => Showing::Stored,
            _ => Showing::UnlessFound,
        };
        let entry = SpecTag {
            insecure_by_annotation: annotated,
            showing,
            ..SpecTag::new(tag, tag_name, name_at, FieldPath::root().key(at))
        };
        let reference = self.tag(tag, entry, stream, before);
        self.introduced.references.push(Reference { bared, ..reference });
    }

    pub fn image_stream_import(&mut self, object: &'r ImageStreamImport<'_>) {
        let Some(spec) = &object.spec else { return };
        // Which tags the stream already has is not in the request.
        let before = |has_tag: bool| match spec.import.unwrap_or_default() && has_tag {
            true => Before::Unknown,
            false => Before::New,
        };
        let stream = name(object.metadata.as_ref());
        let first = self.introduced.references.len();
        if let Some(repository) = &spec.repository {
            let source = self.source(repository.from.as_ref(), stream).of_every_image();
            let policies =
                Policies::new(repository.import_policy.as_ref(), repository.reference_policy.as_ref());
            let entry = EntryPoint::RepositoryImport(policies);
            let reference = Reference::new(entry, stream, source, before(true));
            self.introduced.references.push(Reference { local: policies.local(), ..reference });
        }
        for (index, image) in spec.images.as_deref().unwrap_or_default().iter().enumerate() {
            let source = self.source(image.from.as_ref(), stream);
            let policies = Policies::new(image.import_policy.as_ref(), image.reference_policy.as_ref());
            let to = image.to.as_ref().map(|to| to.name.as_str());
            // Left out, the server takes the tag of the source.
            let of_source = || named(ImageReference::parse(source.text()).ok()?.tag);
            let at = FieldPath::root().key("spec.images").index(index);
            let tag = to.or_else(of_source);
            let entry = EntryPoint::ImageImport { tag, has_to: to.is_some(), policies, at };
            let reference = Reference::new(entry, stream, source, before(tag.is_some()));
            self.introduced.references.push(Reference { local: policies.local(), ..reference });
        }
        let imports = self.introduced.references.get_mut(first..).unwrap_or_default();
        compare_policies(imports);
        compare_sources(imports);
        // The server reaches a repository one way for all that it imports from there.
        let repository = |it: &Reference<'_>| it.spec().map(|spec| spec.name().to_owned());
        let insecure: HashSet<String> =
            imports.iter().filter(|it| it.insecure() != Insecure::No).filter_map(repository).collect();
        for import in imports {
            if repository(import).is_some_and(|it| insecure.contains(&it)) {
                import.make_insecure();
            }
        }
    }

    pub fn image_stream_mapping(&mut self, object: &'r ImageStreamMapping<'_>) {
        let at = FieldPath::root().key("image");
        // Left out, the server writes the stream's own repository in the integrated registry.
        let (pull_spec, source_at) = match &object.image {
            Some(image) => (image.docker_image_reference.as_str(), at.clone().key("dockerImageReference")),
            None => ("", at.clone()),
        };
        let source =
            if pull_spec.is_empty() { Source::None } else { Source::pull_spec(pull_spec, self.aliases) };
        let annotated = |image: &Image<'_>| {
            image.metadata.as_ref().is_some_and(|it| it.annotation(MANAGED_ANNOTATION) == Some("true"))
        };
        let entry = EntryPoint::Mapping(Mapping {
            tag: object.tag.as_str(),
            image: object.image.as_ref().and_then(|image| named(image.name())),
            brought: object.image.as_ref(),
            managed: object.image.as_ref().is_some_and(annotated),
            source_at,
        });
        let stream = name(object.metadata.as_ref());
        self.introduced.references.push(Reference::new(entry, stream, source, Before::Unknown));
        if let Some(image) = &object.image {
            self.image(image, None, at, true);
        }
    }

    fn tag(
        &self,
        tag: &'r TagReference<'_>,
        entry: SpecTag<'r>,
        stream: Option<&'r str>,
        before: Before,
    ) -> Reference<'r> {
        let source = match &tag.from {
            None => Source::None,
            from => self.source(from.as_ref(), stream),
        };
        let local = entry.policies.local();
        Reference { local, ..Reference::new(EntryPoint::Tag(entry), stream, source, before) }
    }

    /// What `from` says, in a stream of the request's namespace.
    fn source(&self, from: Option<&'r ObjectReference<'_>>, stream: Option<&'r str>) -> Source<'r> {
        // Without a name of its own the stream is none that could be found.
        Source::of(from, self.namespace, stream.unwrap_or_default(), self.aliases)
    }

    fn lookup_policy(&mut self, policy: Option<LookupPolicy>, old: Option<LookupPolicy>, path: &'static str) {
        let local = |policy: Option<LookupPolicy>| policy.and_then(|policy| policy.local).unwrap_or_default();
        if local(policy) && !local(old) {
            let path = FieldPath::root().key(path);
            self.introduced.streams.push(StreamChange { trait_: StreamTrait::LocalLookup, path });
        }
    }
}

impl<'r> SpecTag<'r> {
    fn new(tag: &'r TagReference<'_>, name: &'r str, name_at: FieldPath, at: FieldPath) -> Self {
        Self {
            name,
            policies: Policies::new(tag.import_policy.as_ref(), tag.reference_policy.as_ref()),
            insecure_by_annotation: false,
            untracked: tag.reference.unwrap_or_default(),
            showing: Showing::Nothing,
            resolved: None,
            followers: None,
            follows_at_last: None,
            is_event_new: false,
            name_at,
            at,
        }
    }
}

/// Whether what the tag shows comes to be shown by another source, or pulled otherwise.
fn is_shown_anew(old: &TagReference<'_>, new: &TagReference<'_>, namespace: &str) -> bool {
    old.points_elsewhere(new, namespace) || old.is_pulled_otherwise(new)
}

/// The stream's name; `None` where the server has yet to make one up.
fn name<'r>(metadata: Option<&'r ObjectMeta<'_>>) -> Option<&'r str> {
    metadata.and_then(|metadata| named(metadata.name.as_str()))
}

/// A name that is there.
fn named(name: &str) -> Option<&str> {
    Some(name).filter(|name| !name.is_empty())
}

/// Whether the controller has looked at the stream, by annotation.
fn was_checked(stream: &ImageStream<'_>) -> bool {
    let annotation = stream.metadata.as_ref().and_then(|metadata| metadata.annotation(CHECK_ANNOTATION));
    annotation.is_some_and(|value| !value.is_empty())
}

/// The tags of a stream's spec.
fn spec_tags<'r>(stream: &'r ImageStream<'_>) -> &'r [TagReference<'r>] {
    stream.spec.as_ref().and_then(|spec| spec.tags.as_deref()).unwrap_or_default()
}

/// Whether the controller looks at the stream once more, and imports all of it.
fn is_unchecked(stream: &ImageStream<'_>, old: Option<&ImageStream<'_>>) -> bool {
    old.is_some_and(was_checked) && !was_checked(stream)
}

/// Tells imports of one request that write the same tag of each other's policy; a whole repository may
/// write any tag.
fn compare_policies<'r>(imports: &mut [Reference<'r>]) {
    fn policy<'r>(import: &Reference<'r>) -> &'r str {
        import.reference_policy().unwrap_or("Source")
    }
    let mut by_tag = HashMap::<Option<&'r str>, BTreeSet<&'r str>>::new();
    for import in imports.iter().filter(|import| import.is_repository() || import.tag().is_some()) {
        by_tag.entry(import.tag()).or_default().insert(policy(import));
    }
    let all: BTreeSet<&'r str> = by_tag.values().flatten().copied().collect();
    for import in imports {
        let own = policy(import);
        let of_tag = by_tag.get(&import.tag()).into_iter().flatten();
        let of_repository = by_tag.get(&None).into_iter().flatten();
        let others = of_tag.chain(of_repository).chain(all.iter().filter(|_| import.is_repository()));
        if let Some(other) = others.copied().find(|other| *other != own) {
            import.add_policy(other);
        }
    }
}

/// Tells imports of one request that write the same tag of another's source.
fn compare_sources<'r>(imports: &mut [Reference<'r>]) {
    let mut by_tag = HashMap::<&'r str, [&'r str; 2]>::new();
    for import in imports.iter().filter(|import| !import.is_repository()) {
        let Some(tag) = import.tag() else { continue };
        let source = import.source.written();
        let [_, last] = by_tag.entry(tag).or_insert([source; 2]);
        *last = source;
    }
    for import in imports.iter_mut().filter(|import| !import.is_repository()) {
        let Some(sources) = import.tag().and_then(|tag| by_tag.get(tag)) else { continue };
        if let Some(other) = sources.iter().find(|other| **other != import.source.written()) {
            import.add_source(other);
        }
    }
}

/// What of one repository a stream imports.
#[derive(Default)]
struct InsecureRepository<'r> {
    /// The first tag that is imported insecurely, with its source if it is judged itself.
    insecure: Option<(usize, Option<Source<'r>>)>,
    /// The sources of those that are not.
    others: Vec<Source<'r>>,
    /// Whether any of all these is new or changed.
    is_new: bool,
}

/// The tags of a stream's spec.
type TagsByName<'r> = HashMap<&'r str, &'r TagReference<'r>>;

fn tags_by_name<'r>(tags: &'r [TagReference<'r>]) -> TagsByName<'r> {
    tags.iter().map(|tag| (tag.name.as_str(), tag)).collect()
}

/// Whether a tag of a stream's spec is new, another than the stored one, or imported once more.
fn is_asked(tag: &TagReference<'_>, old_tags: &TagsByName<'_>, namespace: &str) -> bool {
    let old = old_tags.get(tag.name.as_str());
    old.is_none_or(|old| !old.same(tag, namespace) || old.imports_again(tag, true))
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
fn before(
    old: Option<&TagReference<'_>>,
    has_history: bool,
    new: &TagReference<'_>,
    again: bool,
    namespace: &str,
) -> Before {
    let describe = |tag: &TagReference<'_>| tag.from.as_ref().map(|from| from.name.as_str().to_owned());
    match old {
        Some(old) => Before::Set { by: describe(old), moved: again || old.points_elsewhere(new, namespace) },
        // Written by a push or an import that left no spec; without a source it goes on showing that.
        None if has_history => Before::Set { by: None, moved: new.from.is_some() },
        None => Before::New,
    }
}
