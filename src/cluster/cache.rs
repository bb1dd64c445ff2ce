//! What the cluster answered, read and kept: each question is asked once in a request.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Bound;
use std::rc::Rc;

use crate::api::ObjectMeta;
use crate::api::image::Image;
use crate::api::image_stream::{ImageStream, ObjectReference, TagEvent, TagReference};
use crate::cluster::{Cluster, ClusterError, GetResource, Verified, VerifySigstore};
use crate::json::strict;
use crate::oci::digest::digest_like;
use crate::oci::manifest::{Content, Manifest};
use crate::oci::reference::PullSpec;
use crate::signature::Keyring;
use crate::signature::stored::{StoredSignature, VerificationError};

/// Group and version of all that is asked for.
const API_VERSION: &str = "image.openshift.io/v1";
/// What is needed of an Image.
const IMAGE_FIELDS: &[&str] =
    &["metadata.name", "dockerImageManifests.digest", "signatures.type", "signatures.content"];
/// What proves which images are in a manifest list.
const LIST_FIELDS: &[&str] = &["metadata.name", "dockerImageManifest"];
/// What is needed of the Image of a signature.
const PULL_SPEC_FIELDS: &[&str] = &["metadata.name", "dockerImageReference"];
/// What is needed of an ImageStream.
const STREAM_FIELDS: &[&str] = &[
    "metadata.name",
    "metadata.namespace",
    "metadata.annotations",
    "spec.tags.name",
    "spec.tags.from.kind",
    "spec.tags.from.namespace",
    "spec.tags.from.name",
    "spec.tags.importPolicy.insecure",
    "spec.tags.reference",
    "spec.tags.referencePolicy.type",
    "status.tags.tag",
    "status.tags.items.image",
    "status.tags.items.dockerImageReference",
];
/// How many signatures of stored images are read in one request.
const SIGNATURES: usize = 1000;
/// How many objects are asked for in one request.
const QUESTIONS: usize = 1000;

/// The answers of one request.
#[derive(Debug)]
pub struct Lookups<'c> {
    cluster: &'c dyn Cluster,
    keyring: &'c Keyring<'c>,
    signatures_per_image: usize,
    signatures_left: Cell<usize>,
    questions_left: Cell<usize>,
    images: RefCell<BTreeMap<String, Found<StoredImage>>>,
    children: RefCell<BTreeMap<String, Found<Vec<String>>>>,
    pull_specs: RefCell<BTreeMap<String, Found<String>>>,
    streams: RefCell<BTreeMap<(String, String), Found<StoredStream>>>,
    sigstore: RefCell<BTreeMap<VerifySigstore, Rc<Result<Verified, LookupError>>>>,
}

/// An answer: the object, nothing, or why there is no answer.
pub type Found<T> = Rc<Result<Option<T>, LookupError>>;

/// Why a question has no answer.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum LookupError {
    /// The cluster did not answer.
    Unanswered(ClusterError),
    /// The answer is not what was asked for.
    Unreadable {
        /// What was asked for.
        question: String,
        /// What is wrong with the answer.
        reason: ReadError,
    },
    /// The request does not name the stream.
    Nameless,
    /// One request may not ask for more.
    Spent,
}

/// Why an answer cannot be read.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ReadError {
    /// It is no JSON of the kind, in the parser's words.
    Json(String),
    /// It has another name, or another namespace.
    AnotherObject,
    /// The pull spec that it has cannot be parsed.
    PullSpec,
}

impl fmt::Display for LookupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unanswered(error) => error.fmt(f),
            Self::Unreadable { question, reason } => {
                write!(f, "the answer for {question} cannot be read: {reason}")
            }
            Self::Nameless => f.write_str("the request names no stream"),
            Self::Spent => write!(f, "more than {QUESTIONS} objects are needed for one request"),
        }
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json(error) => f.write_str(error),
            Self::AnotherObject => f.write_str("it is another object"),
            Self::PullSpec => f.write_str("its pull spec cannot be parsed"),
        }
    }
}

/// An Image as the cluster has it.
#[derive(Debug)]
pub struct StoredImage {
    /// Its name, the manifest digest.
    pub name: String,
    /// Its signatures.
    pub signatures: Vec<StoredSignature>,
    /// Whether it says that it is a manifest list, which anybody may have written.
    pub claims_children: bool,
}

/// An ImageStream as the cluster has it.
#[derive(Debug)]
pub struct StoredStream {
    /// Its history by tag, the newest event first.
    pub tags: BTreeMap<String, Vec<StoredEvent>>,
    /// Whether any of its tags is pulled through the cluster's own registry.
    pub is_local: bool,
    /// The tags of its spec, by name.
    pub spec: BTreeMap<String, StoredTag>,
    /// Whether its annotation makes every import insecure.
    pub is_insecure: bool,
    /// The events of all tags by their image, each once.
    by_image: BTreeMap<String, BTreeSet<StoredEvent>>,
    /// The images by their digest without its algorithm.
    by_hex: BTreeMap<String, BTreeSet<String>>,
}

/// A tag of a stored stream's spec.
#[derive(Clone, Debug)]
pub struct StoredTag {
    /// What it points at, as written: kind, namespace and name; `None` where it waits for a push.
    pub source: Option<[String; 3]>,
    /// Whether what is imported into it would be pulled through the cluster's own registry.
    pub is_pulled_through: bool,
    /// Whether it is only written down.
    pub is_reference: bool,
    /// Whether its import policy lets it be imported insecurely.
    pub is_insecure: bool,
    /// The tag of its own stream that it follows.
    follows: Option<String>,
}

impl StoredTag {
    /// Returns the pull spec that it imports, if it does.
    #[must_use]
    pub fn imports(&self) -> Option<&str> {
        let [kind, _, name] = self.source.as_ref()?;
        (kind == "DockerImage" && !self.is_reference).then_some(name)
    }
}

impl StoredStream {
    /// Whether the tag shows something.
    #[must_use]
    pub fn shows(&self, tag: &str) -> bool {
        self.newest(tag).is_some()
    }

    /// Returns what the tag shows.
    #[must_use]
    pub fn newest(&self, tag: &str) -> Option<&StoredEvent> {
        self.tags.get(tag)?.first()
    }

    /// Returns the pull spec that a tag imports, or the tag that it follows, directly or through others.
    #[must_use]
    pub fn imports_at_last<'s>(&'s self, tag: &'s str) -> Option<&'s str> {
        let mut next = tag;
        for _ in 0..self.spec.len() {
            let stored = self.spec.get(next)?;
            match &stored.follows {
                Some(followed) => next = followed,
                None => return stored.imports(),
            }
        }
        None
    }

    /// Returns the tags of the spec for which `is_marked` holds and that follow others, by those that they
    /// follow, directly or through others: of each the first two, of which one is not the tag itself. Each
    /// tag is asked for, and passed, a few times at most.
    pub fn marked_followers(
        &self,
        is_marked: impl Fn(&str, &StoredTag) -> bool,
    ) -> BTreeMap<String, Vec<String>> {
        let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (name, tag) in self.spec.iter().filter(|(name, tag)| is_marked(name, tag)) {
            let mut next = tag.follows.as_deref();
            while let Some(followed) = next {
                let known = found.entry(followed.to_owned()).or_default();
                if known.len() > 1 || known.contains(name) {
                    break;
                }
                known.push(name.clone());
                next = self.spec.get(followed).and_then(|tag| tag.follows.as_deref());
            }
        }
        found
    }

    /// Returns what each tag shows that its spec says nothing of, and so no policy.
    pub fn without_policy(&self) -> impl Iterator<Item = (&str, &StoredEvent)> {
        let bare = self.tags.iter().filter(|(tag, _)| !self.spec.contains_key(*tag));
        bare.filter_map(|(tag, events)| Some((tag.as_str(), events.first()?)))
    }

    /// Returns what the cluster's own registry serves of it by a pull spec, or by all tags.
    #[must_use]
    pub fn served_as(&self, spec: &PullSpec, is_repository: bool) -> Vec<&StoredEvent> {
        match (spec.digest(), spec.effective_tag()) {
            _ if is_repository => self.tags.values().filter_map(|events| events.first()).collect(),
            (Some(digest), _) => self.events_of_image(digest.as_str()).collect(),
            (None, tag) => tag.and_then(|tag| self.newest(tag)).into_iter().collect(),
        }
    }

    /// Returns the events, of any tag and each once, whose image a digest fits, or the beginning of one, with
    /// or without its algorithm (openshift-apiserver `pkg/image/apiserver/internal/imageutil/helpers.go`).
    pub fn events_of_image(&self, id: &str) -> impl Iterator<Item = &StoredEvent> {
        let whole = beginning_with(&self.by_image, id).map(|(image, _)| image);
        let by_hex = beginning_with(&self.by_hex, id).flat_map(|(_, images)| images);
        let mut images: BTreeSet<&String> = BTreeSet::new();
        images.extend(whole.chain(by_hex));
        images.into_iter().filter_map(|image| self.by_image.get(image)).flatten()
    }
}

/// The entries whose key begins so.
fn beginning_with<'m, T>(
    map: &'m BTreeMap<String, T>,
    beginning: &str,
) -> impl Iterator<Item = (&'m String, &'m T)> {
    let from = (Bound::Included(beginning), Bound::Unbounded);
    map.range::<str, _>(from).take_while(move |(key, _)| key.starts_with(beginning))
}

/// An event in the history of a tag.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct StoredEvent {
    /// Name of the Image; empty where only a reference was written down.
    pub image: String,
    /// What consumers pull.
    pub pull_spec: String,
}

impl<'c> Lookups<'c> {
    /// Nothing is asked yet.
    #[must_use]
    pub fn new(cluster: &'c dyn Cluster, keyring: &'c Keyring<'c>, signatures_per_image: usize) -> Self {
        Self {
            cluster,
            keyring,
            signatures_per_image,
            signatures_left: Cell::new(SIGNATURES),
            questions_left: Cell::new(QUESTIONS),
            images: RefCell::default(),
            children: RefCell::default(),
            pull_specs: RefCell::default(),
            streams: RefCell::default(),
            sigstore: RefCell::default(),
        }
    }

    /// The Images that were asked for and found.
    #[must_use]
    pub fn images(&self) -> Vec<Found<StoredImage>> {
        self.images.borrow().values().cloned().collect()
    }

    /// Those whose signatures count.
    #[must_use]
    pub fn keyring(&self) -> &Keyring<'c> {
        self.keyring
    }

    /// The Image of this name.
    #[must_use]
    pub fn image(&self, name: &str) -> Found<StoredImage> {
        let ask = || self.get(&image_question(name, IMAGE_FIELDS), |json| self.read_image(name, json));
        once(&self.images, name.to_owned(), ask)
    }

    /// The digests of the images in a manifest list, as far as its manifest proves them: none where the
    /// manifest is not there, or is not the one that the name is the digest of.
    #[must_use]
    pub fn children(&self, name: &str) -> Found<Vec<String>> {
        let read = |json: &str| Ok(proven_children(&read_image(name, json)?));
        let ask = || self.get(&image_question(name, LIST_FIELDS), read);
        once(&self.children, name.to_owned(), ask)
    }

    /// The pull spec of the Image of this name.
    #[must_use]
    pub fn pull_spec(&self, name: &str) -> Found<String> {
        let read = |json: &str| Ok(read_image(name, json)?.docker_image_reference.as_str().to_owned());
        let ask = || self.get(&image_question(name, PULL_SPEC_FIELDS), read);
        once(&self.pull_specs, name.to_owned(), ask)
    }

    /// The ImageStream of this name.
    #[must_use]
    pub fn stream(&self, namespace: &str, name: &str) -> Found<StoredStream> {
        let question = GetResource {
            api_version: API_VERSION,
            kind: "ImageStream",
            name,
            namespace: Some(namespace),
            disable_cache: true,
            field_masks: STREAM_FIELDS,
        };
        let ask = || self.get(&question, |json| read_stream(namespace, name, json));
        once(&self.streams, (namespace.to_owned(), name.to_owned()), ask)
    }

    /// Whether the ImageStream of this name was asked for.
    #[must_use]
    pub fn knows_stream(&self, namespace: &str, name: &str) -> bool {
        self.streams.borrow().contains_key(&(namespace.to_owned(), name.to_owned()))
    }

    /// Whether an image has these signatures.
    #[must_use]
    pub fn verify(&self, question: VerifySigstore) -> Rc<Result<Verified, LookupError>> {
        let ask = || {
            self.count()?;
            self.cluster.verify(&question).map_err(LookupError::Unanswered)
        };
        once(&self.sigstore, question.clone(), ask)
    }

    fn get<T>(
        &self,
        question: &GetResource<'_>,
        read: impl FnOnce(&str) -> Result<T, ReadError>,
    ) -> Result<Option<T>, LookupError> {
        self.count()?;
        let Some(json) = self.cluster.get(question).map_err(LookupError::Unanswered)? else {
            return Ok(None);
        };
        let unreadable = |reason| LookupError::Unreadable { question: question.to_string(), reason };
        read(&json).map(Some).map_err(unreadable)
    }

    fn count(&self) -> Result<(), LookupError> {
        let left = self.questions_left.get().checked_sub(1).ok_or(LookupError::Spent)?;
        self.questions_left.set(left);
        Ok(())
    }

    fn read_image(&self, name: &str, json: &str) -> Result<StoredImage, ReadError> {
        let image = read_image(name, json)?;
        let signatures = image.signatures.as_deref().unwrap_or_default().iter();
        let signatures = signatures.enumerate().map(|(index, signature)| {
            if index >= self.signatures_per_image {
                let limit = self.signatures_per_image;
                return StoredSignature::unread(VerificationError::TooMany { limit, first: false });
            }
            let Some(left) = self.signatures_left.get().checked_sub(1) else {
                return StoredSignature::unread(VerificationError::Spent);
            };
            self.signatures_left.set(left);
            StoredSignature::open(signature.type_.as_str(), signature.content.as_str(), self.keyring)
        });
        Ok(StoredImage {
            name: name.to_owned(),
            signatures: signatures.collect(),
            claims_children: image.docker_image_manifests.is_some_and(|manifests| !manifests.is_empty()),
        })
    }
}

fn image_question<'q>(name: &'q str, field_masks: &'static [&'static str]) -> GetResource<'q> {
    GetResource {
        api_version: API_VERSION,
        kind: "Image",
        name,
        namespace: None,
        disable_cache: true,
        field_masks,
    }
}

/// The answer to a question, asked where there is none yet.
pub fn once<K: Ord, A>(answers: &RefCell<BTreeMap<K, Rc<A>>>, question: K, ask: impl FnOnce() -> A) -> Rc<A> {
    if let Some(answer) = answers.borrow().get(&question) {
        return Rc::clone(answer);
    }
    let answer = Rc::new(ask());
    answers.borrow_mut().insert(question, Rc::clone(&answer));
    answer
}

fn read_image<'j>(name: &str, text: &'j str) -> Result<Image<'j>, ReadError> {
    let image: Image<'_> = strict::from_str(text).map_err(|error| ReadError::Json(error.to_string()))?;
    if image.name() != name {
        return Err(ReadError::AnotherObject);
    }
    Ok(image)
}

fn proven_children(image: &Image<'_>) -> Vec<String> {
    match Manifest::parse(image.docker_image_manifest.as_str()) {
        Ok((Manifest { content: Content::List(children), .. }, bytes))
            if digest_like(image.name(), &bytes) == image.name() =>
        {
            children.iter().map(|child| child.digest.as_str().to_owned()).collect()
        }
        _ => Vec::new(),
    }
}

fn read_stream(namespace: &str, name: &str, text: &str) -> Result<StoredStream, ReadError> {
    let stream: ImageStream<'_> =
        strict::from_str(text).map_err(|error| ReadError::Json(error.to_string()))?;
    let metadata = stream.metadata.as_ref();
    if metadata.is_none_or(|it| it.name.as_str() != name || it.namespace.as_str() != namespace) {
        return Err(ReadError::AnotherObject);
    }
    let lists = stream.status.as_ref().and_then(|status| status.tags.as_deref()).unwrap_or_default();
    let event = |event: &TagEvent<'_>| StoredEvent {
        image: event.image.as_str().to_owned(),
        pull_spec: event.docker_image_reference.as_str().to_owned(),
    };
    let mut tags: BTreeMap<String, Vec<StoredEvent>> = BTreeMap::new();
    tags.extend(
        lists
            .iter()
            .map(|list| (list.tag.as_str().to_owned(), list.items.iter().flatten().map(event).collect())),
    );
    let mut by_image: BTreeMap<String, BTreeSet<StoredEvent>> = BTreeMap::new();
    let mut by_hex: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for event in tags.values().flatten() {
        let hex = event.image.split_once(':').map_or(event.image.as_str(), |(_, hex)| hex);
        by_hex.entry(hex.to_owned()).or_default().insert(event.image.clone());
        by_image.entry(event.image.clone()).or_default().insert(event.clone());
    }
    let spec_tags = stream.spec.as_ref().and_then(|spec| spec.tags.as_deref()).unwrap_or_default();
    let stored = spec_tags.iter().map(|tag| {
        let source = |from: &ObjectReference<'_>| {
            [&from.kind, &from.namespace, &from.name].map(|part| part.as_str().to_owned())
        };
        let stored = StoredTag {
            source: tag.from.as_ref().map(source),
            is_pulled_through: tag.is_local() && !tag.is_reference(),
            is_reference: tag.is_reference(),
            is_insecure: tag.is_insecure(),
            follows: tag.follows(namespace, name).map(str::to_owned),
        };
        (tag.name.as_str().to_owned(), stored)
    });
    let mut spec = BTreeMap::new();
    spec.extend(stored);
    Ok(StoredStream {
        tags,
        is_local: spec_tags.iter().any(TagReference::is_local),
        spec,
        is_insecure: metadata.is_some_and(ObjectMeta::is_insecure),
        by_image,
        by_hex,
    })
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail")]
mod tests {
    use std::cell::Cell;

    use super::read_stream;

    fn stream(tags: impl Iterator<Item = (String, String)>) -> super::StoredStream {
        let tag = |(name, followed): (String, String)| {
            format!(r#"{{"name": "{name}", "from": {{"kind": "ImageStreamTag", "name": "{followed}"}}}}"#)
        };
        let tags = tags.map(tag).collect::<Vec<_>>().join(", ");
        let text = format!(
            r#"{{"metadata": {{"name": "web", "namespace": "shop"}}, "spec": {{"tags": [{tags}]}}}}"#
        );
        read_stream("shop", "web", &text).unwrap()
    }

    #[test]
    fn each_tag_knows_a_marked_one_that_follows_it() {
        for (pairs, marked, expected) in [
            ("b>a c>b", "c", "a:c b:c"),
            ("b>a c>b d>b", "c d", "a:c,d b:c,d"),
            ("b>a c>b d>c e>d", "b c d e", "a:b,c b:c,d c:d,e d:e"),
            // Whoever follows itself is found beside the one that matters.
            ("a>c b>a c>b", "a", "a:a b:a c:a"),
            ("a>c b>a c>b d>b", "a d", "a:a,d b:a,d c:a,d"),
            ("a>a b>a", "a b", "a:a,b"),
            ("b>a", "", ""),
        ] {
            let pairs = pairs.split(' ').map(|pair| pair.split_once('>').unwrap());
            let stream = stream(pairs.map(|(name, followed)| (name.to_owned(), followed.to_owned())));
            let found = stream.marked_followers(|name, _| marked.split(' ').any(|marked| marked == name));
            let found: Vec<String> =
                found.iter().map(|(tag, marked)| format!("{tag}:{}", marked.join(","))).collect();
            assert_eq!(found.join(" "), expected);
        }
    }

    /// However many of them a request asks for: the answer is kept.
    #[test]
    fn a_long_chain_is_asked_for_once_and_passed_twice() {
        const LENGTH: usize = 5_000;
        let stream = stream((1..LENGTH).map(|n| (format!("t{n}"), format!("t{}", n - 1))));
        let asked = Cell::new(0);
        let found = stream.marked_followers(|_, _| {
            asked.set(asked.get() + 1);
            true
        });
        assert_eq!(asked.get(), LENGTH - 1);
        let passed: usize = found.values().map(Vec::len).sum();
        assert!(passed < 2 * LENGTH, "{passed}");
    }
}
