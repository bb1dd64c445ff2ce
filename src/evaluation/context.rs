//! What rules judge by.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use crate::changes::{EntryPoint, Follower, Reference, Source, SpecTag};
use crate::cluster::cache::{Found, LookupError, Lookups, StoredEvent, StoredStream, StoredTag};
use crate::policy::Policy;
use crate::trust::assess::Finding;
use crate::trust::attached::ExaminedSignature;
use crate::trust::judge::Judge;

/// What a rule judges by, besides the thing itself.
#[derive(Debug)]
pub struct Context<'c> {
    /// The policy.
    pub policy: &'c Policy,
    /// The namespace of the request; empty for what is cluster-wide.
    pub namespace: &'c str,
    /// The signatures that the request introduces, verified.
    pub signatures: &'c [ExaminedSignature<'c>],
    /// What the cluster knows.
    pub lookups: &'c Lookups<'c>,
    /// The judge of what `trust` requires.
    pub judge: &'c Judge<'c>,
    /// Whether the requester stores images' manifests, which the API server then takes out of the request.
    pub stores_manifests: bool,
    /// What `trust` has against each reference, in their order; empty where it asks for nothing.
    pub findings: &'c [Vec<Finding>],
    /// Followers of stored tags that are known already.
    pub followers: StoredFollowers,
}

/// By rule and stream the followers of each tag for which the rule asks, or why they are not known.
#[derive(Debug, Default)]
pub struct StoredFollowers(RefCell<BTreeMap<RuleAndStream, Rc<ByTag>>>);

/// The rule, and the stream's namespace and name.
type RuleAndStream = (&'static str, String, String);
type ByTag = Result<BTreeMap<String, Vec<String>>, LookupError>;

impl Context<'_> {
    /// The stream that a reference gets into, as the cluster has it.
    #[must_use]
    pub fn stored(&self, reference: &Reference<'_>) -> Found<StoredStream> {
        match reference.stream {
            Some(stream) => self.lookups.stream(reference.stream_namespace(self.namespace), stream),
            None => Rc::new(Err(LookupError::Nameless)),
        }
    }

    /// The name of a tag of the same stream that will show what the reference brings, because it follows
    /// its tag, and for which `is_bad` holds: the same for all that one rule asks.
    ///
    /// # Errors
    /// The request does not show the stream's tags, and they cannot be looked up.
    pub fn follower(
        &self,
        rule: &'static str,
        reference: &Reference<'_>,
        is_bad: impl Fn(&Follower<'_>) -> bool,
    ) -> Result<Option<String>, LookupError> {
        let tag = match &reference.entry {
            EntryPoint::Tag(SpecTag { followers: Some(followers), .. }) => {
                return Ok(followers.iter().find(|it| is_bad(it)).map(|it| it.name.to_owned()));
            }
            EntryPoint::Tag(_)
            | EntryPoint::ImageImport { .. }
            | EntryPoint::Mapping(_)
            | EntryPoint::Push(_) => reference.tag(),
            _ => None,
        };
        let Some(tag) = tag else { return Ok(None) };
        let namespace = reference.stream_namespace(self.namespace).to_owned();
        let question = (rule, namespace, reference.stream.unwrap_or_default().to_owned());
        let ask = || match self.stored(reference).as_ref() {
            Err(error) => Err(error.clone()),
            Ok(None) => Ok(BTreeMap::new()),
            Ok(Some(stored)) => {
                let is_marked = |name: &str, it: &StoredTag| {
                    let is_pulled_through = it.is_pulled_through;
                    is_bad(&Follower { name, is_pulled_through, shows: stored.shows(name) })
                };
                Ok(stored.marked_followers(is_marked))
            }
        };
        let known =
            Rc::clone(self.followers.0.borrow_mut().entry(question).or_insert_with(|| Rc::new(ask())));
        match known.as_ref() {
            Err(error) => Err(error.clone()),
            // One that follows itself moves nothing more.
            Ok(known) => Ok(known.get(tag).into_iter().flatten().find(|name| *name != tag).cloned()),
        }
    }

    /// The pull spec that a tag comes to show because it follows, directly or through others, a tag of its
    /// stream that imports it, as far as the request or the cluster tells.
    #[must_use]
    pub fn follows_at_last(&self, reference: &Reference<'_>) -> Option<String> {
        let (EntryPoint::Tag(tag), Source::StreamTag { namespace, stream, tag: followed, .. }) =
            (&reference.entry, &reference.source)
        else {
            return None;
        };
        if tag.followers.is_some() {
            return tag.follows_at_last.map(str::to_owned);
        }
        if *namespace != self.namespace || Some(*stream) != reference.stream {
            return None;
        }
        let stored = self.stored(reference);
        stored.as_ref().as_ref().ok()?.as_ref()?.imports_at_last(followed).map(str::to_owned)
    }

    /// Whether the stream that a reference points at was looked up before, so that nobody has to be asked.
    #[must_use]
    pub fn is_known(&self, reference: &Reference<'_>) -> bool {
        match &reference.source {
            Source::StreamTag { namespace, stream, .. } | Source::StreamImage { namespace, stream, .. } => {
                self.lookups.knows_stream(namespace, stream)
            }
            _ => false,
        }
    }

    /// What a tag shows, or a workload runs, because it follows a stream: by the event that the server computed, or by what the
    /// cluster has, as far as either tells.
    #[must_use]
    pub fn shown(&self, reference: &Reference<'_>) -> Vec<StoredEvent> {
        if !reference.follows_streams() {
            return Vec::new();
        }
        if let Some(event) = reference.shows() {
            let (image, pull_spec) = (event.image.to_owned(), event.pull_spec.to_owned());
            return vec![StoredEvent { image, pull_spec }];
        }
        let stored = |namespace: &str, stream: &str| self.lookups.stream(namespace, stream);
        if let (Some((namespace, stream)), Some(spec)) = (reference.served_by(), reference.spec()) {
            return match (&*stored(namespace, stream), spec.digest()) {
                (Ok(Some(stream)), Some(digest)) => {
                    stream.events_of_image(digest.as_str()).cloned().collect()
                }
                (Ok(Some(stream)), None) => {
                    spec.effective_tag().and_then(|tag| stream.newest(tag)).cloned().into_iter().collect()
                }
                _ => Vec::new(),
            };
        }
        match &reference.source {
            Source::StreamTag { namespace, stream, tag, .. } => match &*stored(namespace, stream) {
                Ok(Some(stream)) => stream.newest(tag).cloned().into_iter().collect(),
                _ => Vec::new(),
            },
            Source::StreamImage { namespace, stream, id, .. } => match &*stored(namespace, stream) {
                Ok(Some(stream)) => stream.events_of_image(id).cloned().collect(),
                _ => Vec::new(),
            },
            _ => Vec::new(),
        }
    }
}
