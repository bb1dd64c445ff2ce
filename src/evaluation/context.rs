//! What rules judge by.

use std::rc::Rc;

use crate::changes::{EntryPoint, Follower, Reference, Source};
use crate::cluster::cache::{Found, LookupError, Lookups, StoredEvent, StoredStream};
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
}

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
    /// its tag, and for which `is_bad` holds; `None` where there is none, or none is known.
    #[must_use]
    pub fn follower(
        &self,
        reference: &Reference<'_>,
        is_bad: impl Fn(&Follower<'_>) -> bool,
    ) -> Option<String> {
        let name = |follower: &Follower<'_>| follower.name.to_owned();
        match &reference.entry {
            EntryPoint::Tag(tag) if tag.followers.is_some() => {
                tag.followers.iter().flatten().find(|it| is_bad(it)).map(name)
            }
            EntryPoint::Tag(_)
            | EntryPoint::ImageImport { .. }
            | EntryPoint::Mapping(_)
            | EntryPoint::Push(_) => {
                let tag = reference.tag()?;
                let stored = self.stored(reference);
                let stored = stored.as_ref().as_ref().ok()?.as_ref()?;
                let followers = stored.followers.of(tag, |_| false).into_iter();
                let mut followers = followers.filter_map(|name| {
                    let (name, it) = stored.spec.get_key_value(name)?;
                    let is_pulled_through = it.is_pulled_through;
                    Some(Follower { name, is_pulled_through, shows: stored.shows(name) })
                });
                followers.find(|it| is_bad(it)).map(|it| name(&it))
            }
            _ => None,
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
