//! What rules judge by.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use crate::changes::{EntryPoint, Follower, Reference, Source, SpecTag};
use crate::cluster::cache::{
    Found, LookupError, Lookups, ReadError, StoredEvent, StoredStream, StoredTag, once,
};
use crate::oci::reference::PullSpec;
use crate::policy::Policy;
use crate::quote::quote;
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
        match once(&self.followers.0, question, ask).as_ref() {
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

    /// The pull spec by which the cluster has the image that a reference names, whatever that says of it: the
    /// server keeps an Image that is there. `None` where there is none, or a push brings it.
    ///
    /// # Errors
    /// It cannot be looked up, and the request does not tell.
    pub fn kept_from(&self, reference: &Reference<'_>) -> Result<Option<PullSpec>, LookupError> {
        let Some(name) = reference.named_image().filter(|_| !self.judge.is_push) else { return Ok(None) };
        match &*self.lookups.pull_spec(name) {
            Ok(None) => Ok(None),
            Ok(Some(text)) => match PullSpec::parse(text) {
                Ok(spec) => Ok(Some(self.policy.aliases.rename(spec))),
                Err(_) => {
                    let question = format!("Image {}", quote(name));
                    Err(LookupError::Unreadable { question, reason: ReadError::PullSpec })
                }
            },
            Err(_) if reference.tells_origin() => Ok(None),
            Err(error) => Err(error.clone()),
        }
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

    /// Why what a tag follows in a stream is not known: its request is not the stream's own, and the stream
    /// cannot be looked up.
    #[must_use]
    pub fn unseen_source(&self, reference: &Reference<'_>) -> Option<LookupError> {
        let EntryPoint::Tag(SpecTag { followers: None, .. }) = &reference.entry else { return None };
        match &reference.source {
            Source::StreamTag { namespace, stream, .. } | Source::StreamImage { namespace, stream, .. } => {
                self.lookups.stream(namespace, stream).as_ref().as_ref().err().cloned()
            }
            _ => None,
        }
    }

    /// What a tag shows or imports, or a workload runs, because it follows a stream or is served by one: by
    /// the event that the server computed, or by what the cluster has, as far as either tells.
    #[must_use]
    pub fn shown(&self, reference: &Reference<'_>) -> Vec<StoredEvent> {
        if !reference.follows_streams() {
            return Vec::new();
        }
        let stored = |namespace: &str, stream: &str| self.lookups.stream(namespace, stream);
        if let (Some((namespace, stream)), Some(spec)) = (reference.stream_behind(), reference.spec()) {
            return match &*stored(namespace, stream) {
                Ok(Some(stream)) => {
                    stream.served_as(spec, reference.is_repository()).into_iter().cloned().collect()
                }
                _ => Vec::new(),
            };
        }
        if let Some(event) = reference.shows() {
            let (image, pull_spec) = (event.image.to_owned(), event.pull_spec.to_owned());
            return vec![StoredEvent { image, pull_spec }];
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
