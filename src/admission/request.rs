//! Bytes to an admission request whose parts agree with one another.
//!
//! Whatever cannot be read, or contradicts itself, is an [`Unreadable`] with its path: the answer
//! is a denial, never an accept.

mod reader;

use std::fmt;

use serde_json::value::RawValue;

use crate::admission::user::UserInfo;
use crate::api::{Object, Unreadable};
use crate::json::path::FieldPath;
use crate::json::text::Text;
use crate::quote::{quote, quote_or};

use reader::RequestJson;

/// What is asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Operation {
    Connect,
    Create,
    Delete,
    Update,
}

/// An admission request that could be read.
#[derive(Debug)]
pub struct AdmissionRequest<'a> {
    /// What is asked for.
    pub operation: Operation,
    /// Resource, such as `imagestreams`.
    pub resource: Text<'a>,
    /// `status`, `layers`, `secrets` or empty.
    pub sub_resource: Text<'a>,
    /// Kind as the request names it.
    pub kind: Text<'a>,
    /// Name of the object; empty where the server has yet to make one up.
    pub name: Text<'a>,
    /// Namespace; empty for what is cluster-wide.
    pub namespace: Text<'a>,
    /// Who asks.
    pub user: UserInfo<'a>,
    /// What it is about.
    pub subject: Subject<'a>,
}

impl AdmissionRequest<'_> {
    /// Resource and sub-resource: `imagestreams/status`.
    #[must_use]
    pub fn full_resource(&self) -> String {
        match self.sub_resource.as_str() {
            "" => self.resource.as_str().to_owned(),
            sub_resource => format!("{}/{sub_resource}", self.resource.as_str()),
        }
    }
}

/// What a request is about.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "there is one for each request")]
pub enum Subject<'a> {
    /// Nothing that could be judged: a deletion.
    Nothing,
    /// An object, with the one that it replaces.
    Object {
        /// As it would be stored.
        object: Object<'a>,
        /// As it is stored.
        old: Option<Object<'a>>,
    },
    /// A resource that this policy does not know.
    Unsupported,
}

/// A request with its settings, or what could be told of one that cannot be read.
#[derive(Debug)]
pub struct Read<'a> {
    /// The request.
    pub request: Result<AdmissionRequest<'a>, Unreadable>,
    /// The settings; `None` where there are none, or where the payload cannot be read.
    pub settings: Option<&'a str>,
    /// What the request says it is about, for the first line of the answer.
    pub about: About,
}

/// `ImageStream shop/checkout`.
#[derive(Clone, Debug, Default)]
pub struct About(String);

impl fmt::Display for About {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { f.write_str("the request") } else { f.write_str(&self.0) }
    }
}

/// Reads a payload.
#[must_use]
pub fn read(payload: &[u8]) -> Read<'_> {
    let unreadable = |error| Read { request: Err(error), settings: None, about: About::default() };
    let text = match std::str::from_utf8(payload) {
        Ok(text) => text,
        Err(error) => {
            let reason = format!("is not UTF-8 from byte {} on", error.valid_up_to());
            return unreadable(Unreadable { path: FieldPath::root().key("request"), reason });
        }
    };
    match reader::payload(text) {
        Err(error) => Read { settings: reader::settings(text), ..unreadable(error) },
        Ok(payload) => Read {
            about: payload.request.about(),
            settings: payload.settings.map(RawValue::get),
            request: payload.request.into_request(),
        },
    }
}

impl<'a> RequestJson<'a> {
    fn about(&self) -> About {
        let plain = |text: &Text<'_>| quote(text.as_str()).to_string().trim_matches('`').to_owned();
        let kind = if self.kind.kind.is_empty() { "object".to_owned() } else { plain(&self.kind.kind) };
        let place = match (self.namespace.is_empty(), self.name.is_empty()) {
            (true, true) => String::new(),
            (false, true) => format!(" {}", plain(&self.namespace)),
            (true, false) => format!(" {}", plain(&self.name)),
            (false, false) => format!(" {}/{}", plain(&self.namespace), plain(&self.name)),
        };
        About(format!("{kind}{place}"))
    }

    fn into_request(mut self) -> Result<AdmissionRequest<'a>, Unreadable> {
        let operation = match self.operation.as_str() {
            "CONNECT" => Operation::Connect,
            "CREATE" => Operation::Create,
            "DELETE" => Operation::Delete,
            "UPDATE" => Operation::Update,
            "" => return Err(wrong("request.operation", "is empty".to_owned())),
            other => return Err(wrong("request.operation", format!("{} is not an operation", quote(other)))),
        };
        let subject = self.subject(operation)?;
        Ok(AdmissionRequest {
            operation,
            resource: self.resource.resource,
            sub_resource: self.sub_resource,
            kind: self.kind.kind,
            name: self.name,
            namespace: self.namespace,
            user: self.user_info.unwrap_or_default(),
            subject,
        })
    }

    fn subject(&mut self, operation: Operation) -> Result<Subject<'a>, Unreadable> {
        let resource_is_ours = self.resource_is_ours();
        if !self.is_of_one_group() {
            if self.is_scale() {
                return Ok(Subject::Nothing);
            }
            if resource_is_ours || self.kind_is_ours() {
                return Err(wrong("request.kind", "contradicts `request.resource`".to_owned()));
            }
        }
        if !resource_is_ours {
            return Ok(Subject::Unsupported);
        }
        if operation == Operation::Delete && (self.is_of_the_image_api() || self.served().is_some()) {
            return Ok(Subject::Nothing);
        }
        let kind = match self.served() {
            Some(Ok(kind)) => kind,
            Some(Err(served)) => {
                let reason = format!(
                    "{} contradicts the resource, which serves `{served}`",
                    quote_or(self.kind.kind.as_str(), "an empty kind")
                );
                return Err(wrong("request.kind.kind", reason));
            }
            None if operation == Operation::Connect && self.object.is_none() => return Ok(Subject::Nothing),
            None => return Ok(Subject::Unsupported),
        };
        let Some(part) = self.object.take() else {
            return match operation {
                Operation::Connect => Ok(Subject::Nothing),
                _ => Err(wrong("object", "is missing".to_owned())),
            };
        };
        let object = part.read(kind)?;
        self.check(&object, &FieldPath::root())?;
        let old = match (self.old_object.take(), operation) {
            (Some(part), Operation::Update) => {
                let old = part.read(kind).map_err(|error| Unreadable {
                    path: FieldPath::root().key("oldObject").join(error.path),
                    reason: error.reason,
                })?;
                self.check(&old, &FieldPath::root().key("oldObject"))?;
                Some(old)
            }
            // Without it everything would count as new, which is a denial of what is untouched.
            (None, Operation::Update) => return Err(wrong("oldObject", "is missing".to_owned())),
            _ => None,
        };
        Ok(Subject::Object { object, old })
    }

    /// An object has to be what the request says it is.
    fn check(&self, object: &Object<'_>, at: &FieldPath) -> Result<(), Unreadable> {
        let Some((api_version, kind, metadata)) = object.says() else { return Ok(()) };
        let wrong = |field, reason| Err(Unreadable { path: at.clone().key(field), reason });
        let asked = self.kind.api_version();
        if api_version != asked {
            let reason = format!("is {}, but the request has `{asked}`", quote_or(api_version, "empty"));
            return wrong("apiVersion", reason);
        }
        if kind != self.kind.kind.as_str() {
            let reason = format!(
                "is {}, but the request has {}",
                quote_or(kind, "empty"),
                quote(self.kind.kind.as_str())
            );
            return wrong("kind", reason);
        }
        let Some([name, namespace]) = metadata else {
            return wrong("metadata", "is missing".to_owned());
        };
        for (field, said, asked) in [
            ("metadata.name", name, self.name.as_str()),
            ("metadata.namespace", namespace, self.namespace.as_str()),
        ] {
            if !said.is_empty() && !asked.is_empty() && said != asked {
                let reason = format!("is {}, but the request has {}", quote(said), quote(asked));
                return wrong(field, reason);
            }
        }
        Ok(())
    }
}

fn wrong(path: &'static str, reason: String) -> Unreadable {
    Unreadable { path: FieldPath::root().key(path), reason }
}

#[cfg(test)]
#[expect(clippy::indexing_slicing, reason = "a test may fail")]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::{NOW, lines};

    fn payload() -> Value {
        json!({
            "request": {
                "uid": "00000000-0000-4000-8000-000000000000",
                "kind": {"group": "image.openshift.io", "version": "v1", "kind": "ImageStream"},
                "resource": {"group": "image.openshift.io", "version": "v1", "resource": "imagestreams"},
                "name": "web",
                "namespace": "shop",
                "operation": "UPDATE",
                "userInfo": {"username": "dana", "groups": ["developers"]},
                "object": {
                    "apiVersion": "image.openshift.io/v1", "kind": "ImageStream",
                    "metadata": {"name": "web", "namespace": "shop"},
                    "spec": {"tags": [{"name": "v1", "from": {"kind": "DockerImage", "name": "quay.io"}}]},
                },
                "oldObject": {
                    "apiVersion": "image.openshift.io/v1", "kind": "ImageStream",
                    "metadata": {"name": "web", "namespace": "shop"},
                },
            },
            "settings": {},
        })
    }

    const OFFENCE: &str = "spec.tags[0].from.name (tag `v1`): `quay.io` is read as a registry without a repository; write `docker.io/library/quay.io`, or put the registry in front [reference-unparsable]";

    /// What is found once the value at `pointer` is another one, or is not there.
    fn found(pointer: &str, value: Option<Value>) -> Vec<String> {
        let mut payload = payload();
        let (parent, key) = pointer.rsplit_once('/').unwrap_or_default();
        if let Some(parent) = payload.pointer_mut(parent).and_then(Value::as_object_mut) {
            parent.remove(key);
            parent.extend(value.map(|value| (key.to_owned(), value)));
        }
        lines(&crate::evaluate(payload.to_string().as_bytes(), NOW, &crate::cluster::NoCluster))
    }

    #[test]
    fn without_a_piece_a_request_is_refused_or_judged_but_never_waved_through() {
        let contradicts = "request.kind: contradicts `request.resource` [request-unreadable]";
        for (pointer, expected) in [
            ("/request/uid", OFFENCE),
            ("/request/name", OFFENCE),
            ("/request/namespace", OFFENCE),
            ("/request/userInfo", OFFENCE),
            ("/request/userInfo/username", OFFENCE),
            ("/request/userInfo/groups", OFFENCE),
            ("/settings", OFFENCE),
            ("/request/object/metadata/name", OFFENCE),
            ("/request/object/metadata/namespace", OFFENCE),
            ("/request/oldObject/metadata/name", OFFENCE),
            ("/request/kind", contradicts),
            ("/request/kind/group", contradicts),
            ("/request/kind/version", contradicts),
            ("/request/resource", contradicts),
            ("/request/resource/group", contradicts),
            ("/request/resource/version", contradicts),
            (
                "/request/kind/kind",
                "request.kind.kind: an empty kind contradicts the resource, which serves `ImageStream` [request-unreadable]",
            ),
            (
                "/request/resource/resource",
                "request.resource: resource (empty) is not supported; remove it from the policy's `spec.rules` [unsupported-resource]",
            ),
            ("/request/operation", "request.operation: is empty [request-unreadable]"),
            ("/request/object", "object: is missing [request-unreadable]"),
            ("/request/oldObject", "oldObject: is missing [request-unreadable]"),
            (
                "/request/object/apiVersion",
                "apiVersion: is empty, but the request has `image.openshift.io/v1` [request-unreadable]",
            ),
            (
                "/request/object/kind",
                "kind: is empty, but the request has `ImageStream` [request-unreadable]",
            ),
            ("/request/object/metadata", "metadata: is missing [request-unreadable]"),
            (
                "/request/oldObject/kind",
                "oldObject.kind: is empty, but the request has `ImageStream` [request-unreadable]",
            ),
            ("/request/oldObject/metadata", "oldObject.metadata: is missing [request-unreadable]"),
        ] {
            assert_eq!(found(pointer, None), [expected], "without {pointer}");
        }
        assert_eq!(found("/request", None).len(), 1);
    }

    #[test]
    fn null_is_as_good_as_absent() {
        for (pointer, expected) in [
            ("/request/name", OFFENCE),
            ("/request/namespace", OFFENCE),
            ("/request/userInfo", OFFENCE),
            ("/request/userInfo/groups", OFFENCE),
            ("/settings", OFFENCE),
            ("/request/subResource", OFFENCE),
            ("/request/oldObject", "oldObject: is missing [request-unreadable]"),
            ("/request/object", "object: is missing [request-unreadable]"),
            ("/request/operation", "request.operation: is empty [request-unreadable]"),
        ] {
            assert_eq!(found(pointer, Some(Value::Null)), [expected], "{pointer}");
        }
    }

    #[test]
    fn what_contradicts_the_request_is_refused() {
        for (pointer, value, expected) in [
            (
                "/request/kind/kind",
                "Image",
                "request.kind.kind: `Image` contradicts the resource, which serves `ImageStream`",
            ),
            ("/request/kind/group", "apps", "request.kind: contradicts `request.resource`"),
            ("/request/kind/version", "v2", "request.kind: contradicts `request.resource`"),
            (
                "/request/resource/resource",
                "images",
                "request.kind.kind: `ImageStream` contradicts the resource, which serves `Image`",
            ),
            ("/request/resource/version", "v1beta1", "request.kind: contradicts `request.resource`"),
            (
                "/request/subResource",
                "layers",
                "request.kind.kind: `ImageStream` contradicts the resource, which serves `ImageStreamLayers`",
            ),
            ("/request/operation", "update", "request.operation: `update` is not an operation"),
            ("/request/name", "other", "metadata.name: is `web`, but the request has `other`"),
            ("/request/namespace", "other", "metadata.namespace: is `shop`, but the request has `other`"),
            (
                "/request/object/apiVersion",
                "v1",
                "apiVersion: is `v1`, but the request has `image.openshift.io/v1`",
            ),
            (
                "/request/object/kind",
                "ImageStreamTag",
                "kind: is `ImageStreamTag`, but the request has `ImageStream`",
            ),
            ("/request/object/metadata/name", "WEB", "metadata.name: is `WEB`, but the request has `web`"),
            (
                "/request/object/metadata/namespace",
                "other",
                "metadata.namespace: is `other`, but the request has `shop`",
            ),
            (
                "/request/oldObject/metadata/namespace",
                "other",
                "oldObject.metadata.namespace: is `other`, but the request has `shop`",
            ),
        ] {
            assert_eq!(
                found(pointer, Some(json!(value))),
                [format!("{expected} [request-unreadable]")],
                "{pointer}: {value}"
            );
        }
    }

    #[test]
    fn a_deletion_and_a_connection_introduce_nothing() {
        for operation in ["DELETE", "CONNECT"] {
            let mut payload = payload();
            payload["request"]["operation"] = json!(operation);
            payload["request"]["object"] = Value::Null;
            let verdict = crate::evaluate(payload.to_string().as_bytes(), NOW, &crate::cluster::NoCluster);
            assert!(verdict.accepted && lines(&verdict).is_empty(), "{operation}: {verdict:?}");
        }
    }

    #[test]
    fn a_connection_to_what_is_not_known_introduces_nothing_and_an_object_there_is_refused() {
        let mut payload = payload();
        payload["request"]["subResource"] = json!("unknown");
        let object = payload["request"]["object"].clone();
        for (operation, object, accepted) in [
            ("CONNECT", Value::Null, true),
            ("CONNECT", object.clone(), false),
            ("CREATE", Value::Null, false),
            ("UPDATE", Value::Null, false),
        ] {
            payload["request"]["operation"] = json!(operation);
            payload["request"]["object"] = object;
            let verdict = crate::evaluate(payload.to_string().as_bytes(), NOW, &crate::cluster::NoCluster);
            assert_eq!(verdict.accepted, accepted, "{verdict:?}");
        }
    }

    #[test]
    fn a_dry_run_is_judged_like_any_other() {
        for dry_run in [json!(true), json!(false), json!(null), json!("maybe")] {
            assert_eq!(found("/request/dryRun", Some(dry_run)), [OFFENCE]);
        }
    }

    #[test]
    fn the_first_line_says_what_it_is_about() {
        for (pointer, value, expected) in [
            ("/request/uid", None, "ImageStream shop/web"),
            ("/request/name", None, "ImageStream shop"),
            ("/request/namespace", None, "ImageStream web"),
            ("/request/operation", None, "ImageStream shop/web"),
            ("/request/name", Some("a\u{1b}[2J`b"), "ImageStream shop/a\\u{1b}[2J\\u{60}b"),
            ("/request/kind", None, "object shop/web"),
        ] {
            let mut payload = payload();
            let key = pointer.trim_start_matches("/request/");
            if let Some(request) = payload["request"].as_object_mut() {
                request.remove(key);
                request.extend(value.map(|value| (key.to_owned(), json!(value))));
            }
            let message = crate::evaluate(payload.to_string().as_bytes(), NOW, &crate::cluster::NoCluster)
                .message
                .unwrap_or_default();
            assert_eq!(
                message.lines().next(),
                Some(format!("1 violation in {expected}:").as_str()),
                "{pointer}"
            );
        }
        let garbage =
            crate::evaluate(b"garbage", NOW, &crate::cluster::NoCluster).message.unwrap_or_default();
        assert!(garbage.starts_with("1 violation in the request:\n"), "{garbage}");
    }
}
