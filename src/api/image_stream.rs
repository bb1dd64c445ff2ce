//! ImageStream, with the tag references and tag events that other kinds share.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::api::meta::ObjectMeta;
use crate::json::text::Text;

/// `imagestreams` and `imagestreams/status`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub struct ImageStream<'a> {
    /// Group and version, where it is an object of its own.
    #[serde(default)]
    pub api_version: Text<'a>,
    /// Kind, where it is an object of its own.
    #[serde(default)]
    pub kind: Text<'a>,
    /// Name, namespace and annotations.
    pub metadata: Option<ObjectMeta<'a>>,
    /// What somebody wants.
    pub spec: Option<ImageStreamSpec<'a>>,
    /// What the server made of it.
    pub status: Option<ImageStreamStatus<'a>>,
}

/// `spec` of an ImageStream.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub struct ImageStreamSpec<'a> {
    /// Whether pods may name the stream's tags by short name.
    pub lookup_policy: Option<LookupPolicy>,
    /// Deprecated but live: a repository whose every tag is imported.
    #[serde(default)]
    pub docker_image_repository: Text<'a>,
    /// Tags.
    pub tags: Option<Vec<TagReference<'a>>>,
}

/// `spec.lookupPolicy`.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub struct LookupPolicy {
    /// Whether short names in pods resolve to this stream.
    pub local: Option<bool>,
}

/// A tag and what it points at.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub struct TagReference<'a> {
    /// The tag's name.
    #[serde(default)]
    pub name: Text<'a>,
    /// Annotations of the tag.
    pub annotations: Option<BTreeMap<Text<'a>, Text<'a>>>,
    /// The source; without one the tag waits for a push.
    pub from: Option<ObjectReference<'a>>,
    /// Whether the tag is only written down: never imported.
    pub reference: Option<bool>,
    /// Managed by the server.
    pub generation: Option<i64>,
    /// How to import.
    pub import_policy: Option<TagImportPolicy<'a>>,
    /// What consumers pull.
    pub reference_policy: Option<TagReferencePolicy<'a>>,
}

/// Annotations of a tag that choose what of a manifest list is imported.
const IMPORTER_ANNOTATIONS: &str = "importer.image.openshift.io/";

impl<'a> TagReference<'a> {
    /// Whether both say the same in a stream of `namespace`: unset is the default, and neither the
    /// server's generation nor a person's annotations decide what is imported.
    #[must_use]
    pub fn same(&self, other: &Self, namespace: &str) -> bool {
        let flags = |tag: &Self| {
            let import = tag.import_policy.as_ref();
            [import.and_then(|policy| policy.insecure), import.and_then(|policy| policy.scheduled)]
                .map(Option::unwrap_or_default)
        };
        !self.points_elsewhere(other, namespace)
            && flags(self) == flags(other)
            && self.consumers_pull() == other.consumers_pull()
            && self.importer_annotations().eq(other.importer_annotations())
    }

    fn importer_annotations(&self) -> impl Iterator<Item = (&Text<'a>, &Text<'a>)> {
        let annotations = self.annotations.iter().flatten();
        annotations.filter(|(name, _)| name.as_str().starts_with(IMPORTER_ANNOTATIONS))
    }

    /// Whether the other one's image is, or may become, another one in a stream of `namespace`: what the
    /// server resolves again (openshift-apiserver `pkg/image/apiserver/registry/imagestream/strategy.go`),
    /// and the kind, which it forgets.
    #[must_use]
    pub fn points_elsewhere(&self, other: &Self, namespace: &str) -> bool {
        self.points_at(namespace) != other.points_at(namespace)
    }

    /// Whether the server looks again for what the other one, a stream's tag or image, shows now: not where
    /// only the kind differs.
    #[must_use]
    pub fn is_resolved_again(&self, other: &Self, namespace: &str) -> bool {
        let ((from, is_untracked, mode), others) = (self.points_at(namespace), other.points_at(namespace));
        let name = |from: Option<[&str; 3]>| from.map(|[_, namespace, name]| format!("{namespace}/{name}"));
        (name(from), is_untracked, mode) != (name(others.0), others.1, others.2)
    }

    /// Whether consumers pull another reference than by the other one.
    #[must_use]
    pub fn is_pulled_otherwise(&self, other: &Self) -> bool {
        self.consumers_pull() != other.consumers_pull()
    }

    /// Whether the other one, otherwise equal, is imported once more: what the controller waits for is a
    /// generation that no event has yet.
    ///
    /// `is_kept` where the server takes the stored generation for one that is not written.
    #[must_use]
    pub fn imports_again(&self, other: &Self, is_kept: bool) -> bool {
        let is_written = other.generation.is_some() || !is_kept;
        let is_known = self.generation.is_some() || other.generation == Some(0);
        other.is_imported() && is_written && is_known && self.generation != other.generation
    }

    /// Whether the controller imports it.
    #[must_use]
    pub fn is_imported(&self) -> bool {
        let from_a_registry = self.from.as_ref().is_some_and(|from| from.kind.as_str() == "DockerImage");
        from_a_registry && !self.is_reference()
    }

    /// Whether its own import policy lets it be imported insecurely.
    #[must_use]
    pub fn is_insecure(&self) -> bool {
        self.import_policy.as_ref().and_then(|policy| policy.insecure).unwrap_or_default()
    }

    /// Whether it is only written down (`reference: true`).
    #[must_use]
    pub fn is_reference(&self) -> bool {
        self.reference.unwrap_or_default()
    }

    /// Whether consumers pull it through the cluster's own registry: a pull spec that is only written down
    /// they pull as it is written, but not the image of a stream.
    #[must_use]
    pub fn is_pulled_through(&self) -> bool {
        let is_raw =
            self.is_reference() && self.from.as_ref().is_some_and(|from| from.kind.as_str() == "DockerImage");
        self.is_local() && !is_raw
    }

    /// Whether it says that consumers pull it through the cluster's own registry.
    #[must_use]
    pub fn is_local(&self) -> bool {
        self.reference_policy.as_ref().is_some_and(TagReferencePolicy::is_local)
    }

    /// The tag of its own stream, `stream` of `namespace`, that it follows, if it does.
    #[must_use]
    pub fn follows(&self, namespace: &str, stream: &str) -> Option<&str> {
        let from = self.from.as_ref().filter(|from| from.kind.as_str() == "ImageStreamTag")?;
        let is_near = from.namespace.is_empty() || from.namespace.as_str() == namespace;
        match from.name.as_str().split_once(':') {
            Some((other, tag)) if is_near && other == stream => Some(tag),
            None if is_near => Some(from.name.as_str()),
            _ => None,
        }
    }

    fn points_at<'t>(&'t self, namespace: &'t str) -> (Option<[&'t str; 3]>, bool, &'t str) {
        let mode = self.import_policy.as_ref().map_or("", |policy| policy.import_mode.as_str());
        (
            self.from.as_ref().map(|from| from.points_at(namespace)),
            self.is_reference(),
            if mode.is_empty() { "Legacy" } else { mode },
        )
    }

    fn consumers_pull(&self) -> &str {
        match self.reference_policy.as_ref().map_or("", |policy| policy.type_.as_str()) {
            "" => "Source",
            policy => policy,
        }
    }
}

/// `from`: only kind, namespace and name count.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(bound(deserialize = "'de: 'a"))]
pub struct ObjectReference<'a> {
    /// `DockerImage`, `ImageStreamTag` or `ImageStreamImage`.
    #[serde(default)]
    pub kind: Text<'a>,
    /// Namespace of the source stream; empty is the stream's own.
    #[serde(default)]
    pub namespace: Text<'a>,
    /// Pull spec, `stream:tag` or `stream@digest`.
    #[serde(default)]
    pub name: Text<'a>,
}

impl ObjectReference<'_> {
    /// The same, with copies of what is borrowed.
    #[must_use]
    pub fn into_owned(self) -> ObjectReference<'static> {
        let Self { kind, namespace, name } = self;
        ObjectReference {
            kind: kind.into_owned(),
            namespace: namespace.into_owned(),
            name: name.into_owned(),
        }
    }

    /// Kind, namespace and name, in a stream of `namespace`: left out, the namespace is that one.
    fn points_at<'t>(&'t self, namespace: &'t str) -> [&'t str; 3] {
        let written = self.namespace.as_str();
        [self.kind.as_str(), if written.is_empty() { namespace } else { written }, self.name.as_str()]
    }
}

/// `importPolicy`.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub struct TagImportPolicy<'a> {
    /// Plain HTTP or unverified TLS.
    pub insecure: Option<bool>,
    /// Import again and again.
    pub scheduled: Option<bool>,
    /// `Legacy` (one platform of a list) or `PreserveOriginal`.
    #[serde(default)]
    pub import_mode: Text<'a>,
}

/// `referencePolicy`.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(bound(deserialize = "'de: 'a"))]
pub struct TagReferencePolicy<'a> {
    /// `Source` or `Local`.
    #[serde(default, rename = "type")]
    pub type_: Text<'a>,
}

impl TagReferencePolicy<'_> {
    /// Whether consumers pull through the cluster's own registry.
    #[must_use]
    pub fn is_local(&self) -> bool {
        self.type_.as_str() == "Local"
    }
}

/// `status` of an ImageStream.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub struct ImageStreamStatus<'a> {
    /// History by tag.
    pub tags: Option<Vec<NamedTagEventList<'a>>>,
}

/// A tag's history, newest first.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(bound(deserialize = "'de: 'a"))]
pub struct NamedTagEventList<'a> {
    /// The tag's name.
    #[serde(default)]
    pub tag: Text<'a>,
    /// Events, newest first.
    pub items: Option<Vec<TagEvent<'a>>>,
}

/// One entry of a tag's history.
#[derive(Clone, Debug, Default, Deserialize, Eq, Hash, PartialEq)]
#[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub struct TagEvent<'a> {
    /// When.
    #[serde(default)]
    pub created: Text<'a>,
    /// What consumers pull.
    #[serde(default)]
    pub docker_image_reference: Text<'a>,
    /// Name of the Image, or empty where only a reference was written down.
    #[serde(default)]
    pub image: Text<'a>,
    /// The spec tag's generation that led to it.
    pub generation: Option<i64>,
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail")]
mod tests {
    use super::TagReference;
    use crate::api::parse;

    #[test]
    fn a_tag_is_the_same_where_only_what_is_unset_or_the_server_s_differs() {
        for (one, other, same) in [
            ("{}", r#"{"generation":2,"annotations":{},"importPolicy":{"insecure":false}}"#, true),
            ("{}", r#"{"annotations":null,"referencePolicy":{"type":"Source"}}"#, true),
            ("{}", r#"{"annotations":{"a":"b"}}"#, true),
            ("{}", r#"{"annotations":{"importer.image.openshift.io/prefer-arch":"arm64"}}"#, false),
            (
                r#"{"annotations":{"a":"b","importer.image.openshift.io/prefer-os":"linux"}}"#,
                r#"{"annotations":{"a":"c","importer.image.openshift.io/prefer-os":"linux"}}"#,
                true,
            ),
            (
                r#"{"annotations":{"importer.image.openshift.io/prefer-os":"linux"}}"#,
                r#"{"annotations":{"importer.image.openshift.io/prefer-os":"windows"}}"#,
                false,
            ),
            (
                r#"{"from":{"kind":"ImageStreamTag","name":"a:1"}}"#,
                r#"{"from":{"kind":"ImageStreamTag","namespace":"shop","name":"a:1"}}"#,
                true,
            ),
            (
                r#"{"from":{"kind":"ImageStreamTag","name":"a:1"}}"#,
                r#"{"from":{"kind":"ImageStreamTag","namespace":"Shop","name":"a:1"}}"#,
                false,
            ),
            ("{}", r#"{"importPolicy":{"insecure":true}}"#, false),
            ("{}", r#"{"importPolicy":{"scheduled":true}}"#, false),
            ("{}", r#"{"referencePolicy":{"type":"Local"}}"#, false),
            ("{}", r#"{"reference":true}"#, false),
            ("{}", r#"{"from":{"kind":"DockerImage","name":"a"}}"#, false),
        ] {
            let tag = |text| parse::<TagReference<'_>>(text).unwrap();
            assert_eq!(tag(one).same(&tag(other), "shop"), same, "{one}, {other}");
            assert_eq!(tag(other).same(&tag(one), "shop"), same, "{other}, {one}");
        }
    }

    #[test]
    fn a_tag_follows_another_one_of_its_own_stream_however_it_is_written() {
        for (from, followed) in [
            (r#"{"kind":"ImageStreamTag","name":"latest"}"#, Some("latest")),
            (r#"{"kind":"ImageStreamTag","name":"web:latest"}"#, Some("latest")),
            (r#"{"kind":"ImageStreamTag","namespace":"shop","name":"web:latest"}"#, Some("latest")),
            (r#"{"kind":"ImageStreamTag","namespace":"shop","name":"latest"}"#, Some("latest")),
            (r#"{"kind":"ImageStreamTag","namespace":"lab","name":"web:latest"}"#, None),
            (r#"{"kind":"ImageStreamTag","name":"base:latest"}"#, None),
            (r#"{"kind":"DockerImage","name":"web:latest"}"#, None),
            (r#"{"kind":"ImageStreamImage","name":"web@ab"}"#, None),
        ] {
            let text = format!(r#"{{"from":{from}}}"#);
            let tag = parse::<TagReference<'_>>(&text).unwrap();
            assert_eq!(tag.follows("shop", "web"), followed, "{from}");
        }
    }
}
