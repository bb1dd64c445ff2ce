//! The JSON of a request, with its objects read where they stand.
//!
//! A request names its kind before its objects, in the order of the API server and in that of the
//! alphabet, and hosts write either. So the objects are read at once; to find their ends first and to
//! read them then is a sixth of the work of a large one. Where the order is another, or anything is
//! wrong, all is read again, one step after the other.

use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::admission::user::UserInfo;
use crate::api::{self, GROUP, Kind, Object, Unreadable};
use crate::json::strict;
use crate::json::text::Text;

/// What the host hands over: `{"request": …, "settings": …}`.
#[derive(Debug, Deserialize)]
pub(super) struct ValidationRequest<'a, R = RequestJson<'a>> {
    pub(super) request: R,
    #[serde(borrow)]
    pub(super) settings: Option<&'a RawValue>,
}

/// `request` of an AdmissionReview (`admission.k8s.io/v1`).
#[derive(Debug, Default)]
pub(super) struct RequestJson<'a> {
    pub(super) kind: GroupVersionKind<'a>,
    pub(super) resource: GroupVersionResource<'a>,
    pub(super) sub_resource: Text<'a>,
    pub(super) name: Text<'a>,
    pub(super) namespace: Text<'a>,
    pub(super) operation: Text<'a>,
    pub(super) user_info: Option<UserInfo<'a>>,
    pub(super) object: Option<ObjectText<'a>>,
    pub(super) old_object: Option<ObjectText<'a>>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct GroupVersionKind<'a> {
    #[serde(borrow, default)]
    group: Text<'a>,
    #[serde(borrow, default)]
    version: Text<'a>,
    #[serde(borrow, default)]
    pub(super) kind: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct GroupVersionResource<'a> {
    #[serde(borrow, default)]
    group: Text<'a>,
    #[serde(borrow, default)]
    version: Text<'a>,
    #[serde(borrow, default)]
    pub(super) resource: Text<'a>,
}

impl GroupVersionKind<'_> {
    /// Group and version as an object writes them; Kubernetes' core has no group.
    pub(super) fn api_version(&self) -> String {
        match (self.group.as_str(), self.version.as_str()) {
            ("", version) => version.to_owned(),
            (group, version) => format!("{group}/{version}"),
        }
    }
}

/// An object of a request.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "there are two for each request")]
pub(super) enum ObjectText<'a> {
    /// Read, as the kind that the request had named before.
    Ahead(Kind, Object<'a>),
    /// Its text.
    Text(&'a RawValue),
}

impl<'a> ObjectText<'a> {
    /// The object, as one of a kind.
    pub(super) fn read(self, kind: Kind) -> Result<Object<'a>, Unreadable> {
        match self {
            Self::Ahead(_, object) => Ok(object),
            Self::Text(text) => Object::parse(kind, text.get()),
        }
    }
}

/// Reads a payload.
pub(super) fn payload(text: &str) -> Result<ValidationRequest<'_>, Unreadable> {
    match strict::from_str::<ValidationRequest<'_, Ahead<'_>>>(text) {
        Ok(ValidationRequest { request: Ahead(request), settings }) if request.is_as_read() => {
            Ok(ValidationRequest { request, settings })
        }
        _ => api::parse(text),
    }
}

/// The settings beside a request that cannot be read: they have the help that ends a denial.
pub(super) fn settings(text: &str) -> Option<&str> {
    #[derive(Deserialize)]
    struct Beside<'a> {
        #[serde(borrow)]
        settings: Option<&'a RawValue>,
    }
    let beside: Beside<'_> = strict::from_str(text).ok()?;
    beside.settings.map(RawValue::get)
}

impl RequestJson<'_> {
    pub(super) fn kind_is_ours(&self) -> bool {
        api::is_served(self.kind.group.as_str(), self.kind.version.as_str())
    }

    pub(super) fn resource_is_ours(&self) -> bool {
        api::is_served(self.resource.group.as_str(), self.resource.version.as_str())
    }

    /// Whether kind and resource are of one group, in one version.
    pub(super) fn is_of_one_group(&self) -> bool {
        (&self.kind.group, &self.kind.version) == (&self.resource.group, &self.resource.version)
    }

    /// Whether it is about the image API, all of which is known.
    pub(super) fn is_of_the_image_api(&self) -> bool {
        self.resource.group.as_str() == GROUP
    }

    /// Whether it is about a number of replicas.
    pub(super) fn is_scale(&self) -> bool {
        self.served_by().is_scale() && self.served().is_some_and(|kind| kind.is_ok())
    }

    /// As [`api::Resource::kind`].
    pub(super) fn served(&self) -> Option<Result<Kind, &'static str>> {
        self.served_by().kind(self.kind.kind.as_str())
    }

    fn served_by(&self) -> api::Resource<'_> {
        api::Resource {
            group: self.resource.group.as_str(),
            version: self.resource.version.as_str(),
            resource: self.resource.resource.as_str(),
            sub_resource: self.sub_resource.as_str(),
        }
    }

    /// The kind of an object that comes now, as far as the request has told.
    fn kind_ahead(&self) -> Option<Kind> {
        Kind::named(self.kind.group.as_str(), self.kind.version.as_str(), self.kind.kind.as_str())
    }

    /// Whether the objects that were read are of the kind that the whole request tells.
    fn is_as_read(&self) -> bool {
        [&self.object, &self.old_object].into_iter().flatten().all(|part| match part {
            ObjectText::Ahead(kind, _) => self.is_of_one_group() && self.served() == Some(Ok(*kind)),
            ObjectText::Text(_) => true,
        })
    }
}

/// A request whose objects are read where they stand.
struct Ahead<'a>(RequestJson<'a>);

impl<'de> Deserialize<'de> for Ahead<'de> {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        reader.deserialize_map(Request { ahead: true }).map(Self)
    }
}

impl<'de> Deserialize<'de> for RequestJson<'de> {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        reader.deserialize_map(Request { ahead: false })
    }
}

struct Request {
    ahead: bool,
}

impl Request {
    fn part<'de, A: MapAccess<'de>>(
        &self,
        request: &RequestJson<'de>,
        members: &mut A,
    ) -> Result<Option<ObjectText<'de>>, A::Error> {
        match request.kind_ahead().filter(|_| self.ahead) {
            Some(kind) => members.next_value_seed(Maybe(kind)),
            None => Ok(members.next_value::<Option<_>>()?.map(ObjectText::Text)),
        }
    }
}

impl<'de> Visitor<'de> for Request {
    type Value = RequestJson<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an admission request")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<RequestJson<'de>, A::Error> {
        const NAMES: [&str; 9] = [
            "kind",
            "resource",
            "subResource",
            "name",
            "namespace",
            "operation",
            "userInfo",
            "object",
            "oldObject",
        ];
        let mut request = RequestJson::default();
        let mut seen = Vec::with_capacity(NAMES.len());
        while let Some(name) = members.next_key::<Text<'de>>()? {
            let Some(name) = NAMES.into_iter().find(|known| *known == name.as_str()) else {
                members.next_value::<IgnoredAny>()?;
                continue;
            };
            if seen.contains(&name) {
                return Err(A::Error::duplicate_field(name));
            }
            seen.push(name);
            match name {
                "kind" => request.kind = members.next_value()?,
                "resource" => request.resource = members.next_value()?,
                "subResource" => request.sub_resource = members.next_value()?,
                "name" => request.name = members.next_value()?,
                "namespace" => request.namespace = members.next_value()?,
                "operation" => request.operation = members.next_value()?,
                "userInfo" => request.user_info = members.next_value()?,
                "object" => request.object = self.part(&request, &mut members)?,
                _ => request.old_object = self.part(&request, &mut members)?,
            }
        }
        Ok(request)
    }
}

/// An object of a kind, or `null`.
struct Maybe(Kind);

impl<'de> DeserializeSeed<'de> for Maybe {
    type Value = Option<ObjectText<'de>>;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Option<ObjectText<'de>>, D::Error> {
        reader.deserialize_option(self)
    }
}

impl<'de> Visitor<'de> for Maybe {
    type Value = Option<ObjectText<'de>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_none<E: Error>(self) -> Result<Option<ObjectText<'de>>, E> {
        Ok(None)
    }

    fn visit_unit<E: Error>(self) -> Result<Option<ObjectText<'de>>, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, reader: D) -> Result<Option<ObjectText<'de>>, D::Error> {
        Ok(Some(ObjectText::Ahead(self.0, self.0.deserialize(reader)?)))
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail")]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::testing::{NOW, lines};

    const STREAM: &str = r#"{"apiVersion":"image.openshift.io/v1","kind":"ImageStream","metadata":{"name":"web"},"spec":{"tags":[{"name":"v1","from":{"kind":"DockerImage","name":"quay.io"}}]}}"#;
    const OFFENCE: &str = "spec.tags[0].from.name (tag `v1`): `quay.io` is read as a registry without a repository; write `docker.io/library/quay.io`, or put the registry in front [reference-unparsable]";

    /// A request for image streams, its members in the order of the API server.
    fn members(changed: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
        let usual = [
            ("kind", r#"{"group":"image.openshift.io","version":"v1","kind":"ImageStream"}"#),
            ("resource", r#"{"group":"image.openshift.io","version":"v1","resource":"imagestreams"}"#),
            ("subResource", "null"),
            ("name", r#""web""#),
            ("operation", r#""CREATE""#),
            ("object", STREAM),
            ("oldObject", "null"),
        ];
        let changed: BTreeMap<_, _> = changed.iter().copied().collect();
        usual.map(|(name, value)| (name, changed.get(name).copied().unwrap_or(value))).to_vec()
    }

    fn request(members: &[(&str, &str)]) -> String {
        let members: Vec<String> =
            members.iter().map(|(name, value)| format!("{}:{value}", serde_json::json!(name))).collect();
        format!(r#"{{"request":{{{}}},"settings":{{}}}}"#, members.join(","))
    }

    fn found(request: &str) -> Vec<String> {
        lines(&crate::evaluate(request.as_bytes(), NOW, &crate::cluster::NoCluster))
    }

    #[test]
    fn the_order_of_a_request_s_members_makes_no_difference() {
        for (changed, expected) in [
            (vec![], vec![OFFENCE]),
            (vec![("operation", r#""UPDATE""#), ("oldObject", STREAM)], vec![]),
            (
                vec![("operation", r#""UPDATE""#), ("oldObject", "null")],
                vec!["oldObject: is missing [request-unreadable]"],
            ),
            (
                vec![("operation", r#""UPDATE""#), ("oldObject", r#"{"spec":[]}"#)],
                vec!["oldObject.spec: expected an object, found a list [request-unreadable]"],
            ),
            // What nobody looks at may be anything.
            (vec![("oldObject", r#"{"spec":[]}"#)], vec![OFFENCE]),
            (vec![("operation", r#""DELETE""#), ("object", "null"), ("oldObject", r#"{"spec":[]}"#)], vec![]),
            (vec![("operation", r#""DELETE""#), ("object", r#"{"spec":[]}"#)], vec![]),
            (
                vec![("object", r#"{"spec":{"tags":{}}}"#)],
                vec!["spec.tags: expected a list, found an object [request-unreadable]"],
            ),
            (
                vec![("operation", r#""create""#)],
                vec!["request.operation: `create` is not an operation [request-unreadable]"],
            ),
            (
                vec![("subResource", r#""layers""#)],
                vec![
                    "request.kind.kind: `ImageStream` contradicts the resource, which serves `ImageStreamLayers` [request-unreadable]",
                ],
            ),
            (
                vec![("subResource", r#""scale""#)],
                vec![
                    "request.resource: resource `imagestreams/scale` is not supported; remove it from the policy's `spec.rules` [unsupported-resource]",
                ],
            ),
            (
                vec![("kind", r#"{"group":"image.openshift.io","version":"v1","kind":"Image"}"#)],
                vec![
                    "request.kind.kind: `Image` contradicts the resource, which serves `ImageStream` [request-unreadable]",
                ],
            ),
            (
                vec![
                    ("kind", r#"{"group":"apps","version":"v1","kind":"ImageStream"}"#),
                    ("resource", r#"{"group":"apps","version":"v1","resource":"imagestreams"}"#),
                ],
                vec![
                    "request.resource: resource `imagestreams` is not supported; remove it from the policy's `spec.rules` [unsupported-resource]",
                ],
            ),
        ] {
            let mut members = members(&changed);
            for _ in 0..2 {
                members.reverse();
                for last in 0..members.len() {
                    for _ in 0..members.len() {
                        members.rotate_left(1);
                        let mut members = members.clone();
                        let late = members.remove(last);
                        members.push(late);
                        let request = request(&members);
                        assert_eq!(found(&request), expected, "{request}");
                    }
                }
            }
        }
    }

    #[test]
    fn what_is_no_request_is_called_so() {
        for (request, expected) in [
            ("[]", "request: expected an admission request, found a list [request-unreadable]"),
            ("null", "request: expected an admission request, found null [request-unreadable]"),
        ] {
            assert_eq!(found(&format!(r#"{{"request":{request},"settings":{{}}}}"#)), [expected]);
        }
    }

    #[test]
    fn what_stands_twice_is_refused_wherever_it_does() {
        let members = members(&[]);
        for (index, twice) in members.iter().enumerate() {
            for other in 0..=members.len() {
                let mut doubled = members.clone();
                doubled.insert(other, *twice);
                let lines = found(&request(&doubled));
                let name = members.get(index).unwrap().0;
                assert!(lines.concat().contains(&format!("duplicate key `{name}`")), "{lines:?}");
            }
        }
    }

    #[test]
    fn objects_are_read_where_they_stand_if_their_kind_was_named() {
        let ahead = |members: &[(&str, &str)]| {
            let text = request(members);
            let request = payload(&text).unwrap().request;
            let is_ahead =
                |part: Option<ObjectText<'_>>| part.map(|part| matches!(part, ObjectText::Ahead(..)));
            [is_ahead(request.object), is_ahead(request.old_object)]
        };
        let update = members(&[("operation", r#""UPDATE""#), ("oldObject", STREAM)]);
        assert_eq!(ahead(&update), [Some(true), Some(true)]);
        let mut sorted = update.clone();
        sorted.sort();
        assert_eq!(ahead(&sorted), [Some(true), Some(true)]);
        sorted.reverse();
        assert_eq!(ahead(&sorted), [Some(false), Some(false)]);
        // What is wrong with an object is told, if anybody looks at it, by the other way.
        let broken = r#"{"spec":[]}"#;
        assert_eq!(ahead(&members(&[("oldObject", broken)])), [Some(false), Some(false)]);
        let foreign = r#"{"group":"apps","version":"v1","resource":"imagestreams"}"#;
        assert_eq!(ahead(&members(&[("resource", foreign)])), [Some(false), None]);
        // The kind is known, and then it is another one, or not.
        for (late, is_ahead) in [("layers", false), ("scale", false), ("status", true)] {
            let late = format!("{late:?}");
            let mut members = members(&[]);
            members.retain(|(name, _)| *name != "subResource");
            members.push(("subResource", &late));
            assert_eq!(ahead(&members), [Some(is_ahead), None], "{late}");
        }
    }
}
