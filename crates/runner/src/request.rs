//! Documents into admission requests: reviews, requests, and bare objects as if just created.

use std::fmt;
use std::path::Path;

use openshift_image_trust::{FieldPath, resource_of};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use thiserror::Error;

use crate::document::{self, DocumentError};
use crate::settings::Settings;

/// The kinds of the image API whose objects belong to no namespace.
const CLUSTER_WIDE: [&str; 2] = ["Image", "ImageSignature"];

/// Why a file yields no requests.
#[derive(Debug, Error)]
pub enum RequestError {
    /// It yields no documents to begin with.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// It is empty, or its lists are.
    #[error("holds no request")]
    Empty,
    /// A document is a list, a string or the like.
    #[error("holds a document that is no object")]
    NotAnObject,
    /// A review without a request, such as an answered one.
    #[error("holds an AdmissionReview without a `request`")]
    NoRequest,
    /// Neither the members of a request nor those of an object.
    #[error("holds a document that is neither a request nor an object: it has no `{0}`")]
    Unrecognised(&'static str),
    /// A request could not be put together.
    #[error("cannot be made a request: {0}")]
    Json(#[from] serde_json::Error),
}

/// An admission request.
#[derive(Debug)]
pub struct Request {
    json: Box<RawValue>,
    summary: Summary,
    place: Place,
    settings: Option<Box<RawValue>>,
}

/// Where in its file a request stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The number of the document, from 0; empty ones do not count.
    pub document: usize,
    /// The request in the document; none for a bare object, which has no more than itself.
    pub request: Option<FieldPath>,
    /// The object in the document.
    pub object: FieldPath,
}

impl Request {
    /// The request as the policy gets it.
    pub fn json(&self) -> &RawValue {
        &self.json
    }

    /// What to call it.
    pub fn summary(&self) -> &Summary {
        &self.summary
    }

    /// Where it stands.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// The settings that stand beside it, where the document is what a policy is called with.
    pub fn settings(&self) -> Option<Settings> {
        self.settings.as_deref().map(Settings::of_value)
    }

    fn new(json: Box<RawValue>, place: Place) -> Self {
        let summary = Summary::of(&json);
        Request { json, summary, place, settings: None }
    }
}

impl Place {
    fn of_request(document: usize, at: FieldPath) -> Self {
        Place { document, object: at.clone().key("object"), request: Some(at) }
    }

    fn of_object(document: usize, at: FieldPath) -> Self {
        Place { document, object: at, request: None }
    }
}

/// What the policy is called with to judge a request.
pub fn payload(request: &RawValue, settings: &Settings) -> String {
    format!(r#"{{"request":{},"settings":{}}}"#, request.get(), settings.json())
}

/// Reads the requests of a file, or of standard input for `-`.
pub fn load(path: &Path) -> Result<Vec<Request>, RequestError> {
    from_documents(document::load(path)?)
}

/// The request that would create an object.
///
/// # Errors
/// It is none.
pub fn of_object(object: &serde_json::Value) -> Result<Request, RequestError> {
    let document = serde_json::value::to_raw_value(object)?;
    from_documents(vec![document])?.into_iter().next().ok_or(RequestError::Empty)
}

/// Reads the requests of documents.
///
/// # Errors
/// One is none, or there are none.
pub fn from_documents(documents: Vec<Box<RawValue>>) -> Result<Vec<Request>, RequestError> {
    let mut requests = Vec::new();
    for (number, document) in documents.iter().enumerate() {
        collect(document, &Place::of_object(number, FieldPath::root()), None, &mut requests)?;
    }
    if requests.is_empty() {
        return Err(RequestError::Empty);
    }
    Ok(requests)
}

/// The members that tell what a document is, wherever they stand in it. They are kept as they are:
/// judging a malformed one is the policy's part.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default, bound(deserialize = "'de: 'a"))]
struct Members<'a> {
    api_version: Option<&'a RawValue>,
    items: Option<&'a RawValue>,
    kind: Option<&'a RawValue>,
    metadata: Option<&'a RawValue>,
    name: Option<&'a RawValue>,
    namespace: Option<&'a RawValue>,
    operation: Option<&'a RawValue>,
    request: Option<&'a RawValue>,
    resource: Option<&'a RawValue>,
    settings: Option<&'a RawValue>,
    sub_resource: Option<&'a RawValue>,
    user_info: Option<&'a RawValue>,
    username: Option<&'a RawValue>,
}

impl<'a> Members<'a> {
    /// The members of an object; of anything else, none.
    fn of(value: Option<&'a RawValue>) -> Self {
        value
            .filter(|value| is_object(value))
            .and_then(|object| serde_json::from_str(object.get()).ok())
            .unwrap_or_default()
    }
}

fn is_object(value: &RawValue) -> bool {
    value.get().starts_with('{')
}

/// A string that says something.
fn text(value: Option<&RawValue>) -> Option<String> {
    let text: String = serde_json::from_str(value?.get()).ok()?;
    Some(text).filter(|text| !text.is_empty())
}

/// `apiVersion` and `kind`.
#[derive(Clone)]
struct Type {
    api_version: String,
    kind: String,
}

/// Adds the requests of one document, or of an item in it. The items of a typed list may leave out
/// their own type.
fn collect(
    document: &RawValue,
    place: &Place,
    listed: Option<&Type>,
    requests: &mut Vec<Request>,
) -> Result<(), RequestError> {
    if !is_object(document) {
        return Err(RequestError::NotAnObject);
    }
    let members = Members::of(Some(document));
    let kind = text(members.kind);
    if kind.as_deref() == Some("AdmissionReview") || (kind.is_none() && members.request.is_some()) {
        let request = members.request.filter(|request| is_object(request));
        let place = Place::of_request(place.document, place.object.clone().key("request"));
        let request = Request::new(request.ok_or(RequestError::NoRequest)?.to_owned(), place);
        requests.push(Request { settings: members.settings.map(ToOwned::to_owned), ..request });
        return Ok(());
    }
    if kind.is_none() && (members.operation.is_some() || members.kind.is_some_and(is_object)) {
        let place = Place::of_request(place.document, place.object.clone());
        requests.push(Request::new(document.to_owned(), place));
        return Ok(());
    }
    let object_type = Type {
        kind: kind
            .or_else(|| listed.map(|listed| listed.kind.clone()))
            .ok_or(RequestError::Unrecognised("kind"))?,
        api_version: text(members.api_version)
            .or_else(|| listed.map(|listed| listed.api_version.clone()))
            .ok_or(RequestError::Unrecognised("apiVersion"))?,
    };
    if object_type.is_list() {
        let items: Vec<&RawValue> = match members.items {
            Some(items) => serde_json::from_str(items.get())?,
            None => Vec::new(),
        };
        let listed = object_type.of_items();
        for (index, item) in items.into_iter().enumerate() {
            let place = Place::of_object(place.document, place.object.clone().key("items").index(index));
            collect(item, &place, listed.as_ref(), requests)?;
        }
    } else {
        let request = creation(document, &object_type, members.metadata)?;
        requests.push(Request::new(request, place.clone()));
    }
    Ok(())
}

impl Type {
    /// Whether `items` are objects of their own: what `oc get` prints, and what the server answers to a
    /// list request. The image API's SecretList is an answer about one stream.
    fn is_list(&self) -> bool {
        let item = self.kind.strip_suffix("List");
        self.kind == "List" || item.is_some_and(|item| resource_of(self.group(), item).is_some())
    }

    fn of_items(&self) -> Option<Type> {
        let kind = self.kind.strip_suffix("List").filter(|kind| !kind.is_empty())?;
        Some(Type { api_version: self.api_version.clone(), kind: kind.to_owned() })
    }

    fn group(&self) -> &str {
        self.api_version.split_once('/').map_or("", |(group, _)| group)
    }

    fn version(&self) -> &str {
        self.api_version.split_once('/').map_or(&self.api_version, |(_, version)| version)
    }
}

/// The request that a bare object stands for: its creation, by nobody in particular.
fn creation(
    object: &RawValue,
    object_type: &Type,
    metadata: Option<&RawValue>,
) -> Result<Box<RawValue>, serde_json::Error> {
    let served = resource_of(object_type.group(), &object_type.kind);
    let (resource, sub_resource) = match served {
        Some((resource, sub_resource)) => {
            (resource.to_owned(), Some(sub_resource).filter(|it| !it.is_empty()))
        }
        None => (format!("{}s", object_type.kind.to_lowercase()), None),
    };
    let metadata = Members::of(metadata);
    let namespace = match served {
        Some(_) if CLUSTER_WIDE.contains(&object_type.kind.as_str()) => None,
        Some(_) => Some(text(metadata.namespace).unwrap_or_else(|| "default".to_owned())),
        None => text(metadata.namespace),
    };
    let (group, version) = (object_type.group(), object_type.version());
    serde_json::value::to_raw_value(&Creation {
        uid: "00000000-0000-0000-0000-000000000000",
        kind: Kind { group, version, kind: &object_type.kind },
        resource: Resource { group, version, resource: &resource },
        sub_resource,
        name: text(metadata.name),
        namespace,
        operation: "CREATE",
        user_info: User { username: "image-trust", groups: [] },
        object,
        old_object: None,
        dry_run: false,
    })
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Creation<'a> {
    uid: &'a str,
    kind: Kind<'a>,
    resource: Resource<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sub_resource: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<String>,
    operation: &'a str,
    user_info: User<'a>,
    object: &'a RawValue,
    old_object: Option<()>,
    dry_run: bool,
}

#[derive(Serialize)]
struct Kind<'a> {
    group: &'a str,
    version: &'a str,
    kind: &'a str,
}

#[derive(Serialize)]
struct Resource<'a> {
    group: &'a str,
    version: &'a str,
    resource: &'a str,
}

#[derive(Serialize)]
struct User<'a> {
    username: &'a str,
    groups: [&'a str; 0],
}

/// What a request is about, as far as it says so itself.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Summary {
    operation: Option<String>,
    resource: Option<String>,
    namespace: Option<String>,
    name: Option<String>,
    user: Option<String>,
}

impl Summary {
    fn of(request: &RawValue) -> Self {
        let members = Members::of(Some(request));
        let mut resource = text(Members::of(members.resource).resource);
        if let (Some(resource), Some(sub_resource)) = (&mut resource, text(members.sub_resource)) {
            resource.push('/');
            resource.push_str(&sub_resource);
        }
        Summary {
            operation: text(members.operation),
            resource,
            namespace: text(members.namespace),
            name: text(members.name),
            user: text(Members::of(members.user_info).username),
        }
    }
}

impl fmt::Display for Summary {
    /// `UPDATE imagestreamtags shop/checkout:latest by dana`
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let operation = self.operation.as_deref().unwrap_or("an operation on");
        let resource = self.resource.as_deref().unwrap_or("an unknown resource");
        write!(formatter, "{operation} {resource}")?;
        match (&self.namespace, &self.name) {
            (Some(namespace), Some(name)) => write!(formatter, " {namespace}/{name}")?,
            (Some(namespace), None) => write!(formatter, " in {namespace}")?,
            (None, Some(name)) => write!(formatter, " {name}")?,
            (None, None) => {}
        }
        match &self.user {
            Some(user) => write!(formatter, " by {user}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail by panicking")]
mod tests {
    use super::*;
    use crate::document::Format;

    fn read(text: &str) -> Result<Vec<Request>, RequestError> {
        from_documents(document::parse(text, Format::Yaml)?)
    }

    fn summaries(text: &str) -> Vec<String> {
        read(text).unwrap().iter().map(|request| request.summary().to_string()).collect()
    }

    #[test]
    fn every_kind_of_the_image_api_has_its_resource() {
        let cases = [
            ("Image", "images a"),
            ("ImageSignature", "imagesignatures a"),
            ("ImageStream", "imagestreams default/a"),
            ("ImageStreamImage", "imagestreamimages default/a"),
            ("ImageStreamImport", "imagestreamimports default/a"),
            ("ImageStreamLayers", "imagestreams/layers default/a"),
            ("ImageStreamMapping", "imagestreammappings default/a"),
            ("ImageStreamTag", "imagestreamtags default/a"),
            ("ImageTag", "imagetags default/a"),
            ("SecretList", "imagestreams/secrets default/a"),
            ("Gadget", "gadgets a"),
        ];
        for (kind, expected) in cases {
            let object =
                format!("{{apiVersion: image.openshift.io/v1, kind: {kind}, metadata: {{name: a}}}}");
            assert_eq!(summaries(&object), [format!("CREATE {expected} by image-trust")], "{kind}");
        }
    }

    #[test]
    fn what_counts_as_a_request() {
        let request = "{operation: UPDATE, kind: {kind: ImageTag}, resource: {resource: imagetags}, namespace: shop, name: 'a:b', userInfo: {username: dana}}";
        let told = "UPDATE imagetags shop/a:b by dana";
        let stream =
            "{apiVersion: image.openshift.io/v1, kind: ImageStream, metadata: {name: a, namespace: shop}}";
        let created = "CREATE imagestreams shop/a by image-trust";
        let untyped = "{metadata: {name: a, namespace: shop}}";
        let cases = [
            (
                "a review",
                format!("{{apiVersion: admission.k8s.io/v1, kind: AdmissionReview, request: {request}}}"),
                vec![told],
            ),
            ("a policy's payload", format!("{{request: {request}, settings: {{}}}}"), vec![told]),
            ("a request", request.to_owned(), vec![told]),
            ("an object", stream.to_owned(), vec![created]),
            ("several documents", format!("{stream}\n---\n{request}"), vec![created, told]),
            (
                "a list",
                format!("{{apiVersion: v1, kind: List, items: [{stream}, {stream}]}}"),
                vec![created, created],
            ),
            (
                "a list in a list",
                format!(
                    "{{apiVersion: v1, kind: List, items: [{{apiVersion: v1, kind: List, items: [{stream}]}}]}}"
                ),
                vec![created],
            ),
            (
                "a typed list",
                format!("{{apiVersion: image.openshift.io/v1, kind: ImageStreamList, items: [{untyped}]}}"),
                vec![created],
            ),
            (
                "an empty list beside an object",
                format!("{{apiVersion: v1, kind: List, items: []}}\n---\n{stream}"),
                vec![created],
            ),
            (
                "an object of another group",
                "{apiVersion: apps/v1, kind: Deployment, metadata: {name: a, namespace: b}}".to_owned(),
                vec!["CREATE deployments b/a by image-trust"],
            ),
            (
                "a list of another group",
                "{apiVersion: lists.example/v1, kind: AllowList, metadata: {name: a}}".to_owned(),
                vec!["CREATE allowlists a by image-trust"],
            ),
            (
                "the group-less form",
                "{apiVersion: v1, kind: ImageStream, metadata: {name: a}}".to_owned(),
                vec!["CREATE imagestreams a by image-trust"],
            ),
            (
                "a status update",
                "{operation: UPDATE, resource: {resource: imagestreams}, subResource: status, name: a}"
                    .to_owned(),
                vec!["UPDATE imagestreams/status a"],
            ),
            (
                "a malformed request",
                "{operation: 5, kind: {}}".to_owned(),
                vec!["an operation on an unknown resource"],
            ),
        ];
        for (name, text, expected) in cases {
            assert_eq!(summaries(&text), expected, "{name}");
        }
    }

    #[test]
    fn what_does_not() {
        let cases = [
            ("", "holds no request"),
            ("{apiVersion: v1, kind: List, items: []}", "holds no request"),
            ("[]", "holds a document that is no object"),
            ("a string", "holds a document that is no object"),
            ("{kind: AdmissionReview, response: {}}", "holds an AdmissionReview without a `request`"),
            ("{request: []}", "holds an AdmissionReview without a `request`"),
            ("{spec: {}}", "holds a document that is neither a request nor an object: it has no `kind`"),
            (
                "{kind: ImageStream}",
                "holds a document that is neither a request nor an object: it has no `apiVersion`",
            ),
            ("{apiVersion: v1, kind: List, items: [3]}", "holds a document that is no object"),
        ];
        for (text, expected) in cases {
            assert_eq!(read(text).unwrap_err().to_string(), expected, "{text}");
        }
    }

    #[test]
    fn a_request_knows_where_it_stands() {
        let stream = "{apiVersion: image.openshift.io/v1, kind: ImageStream, metadata: {name: a}}";
        let request = "{operation: DELETE, name: a}";
        let cases = [
            (stream.to_owned(), (0, None, "object")),
            (request.to_owned(), (0, Some("object"), "object")),
            (format!("{{request: {request}}}"), (0, Some("request"), "request.object")),
            (
                format!(
                    "---\n# none\n---\n{{apiVersion: v1, kind: List, items: [{{apiVersion: v1, kind: List, items: []}}, {stream}]}}"
                ),
                (0, None, "items[1]"),
            ),
            (format!("{{apiVersion: v1, kind: List}}\n---\n{stream}"), (1, None, "object")),
            (
                format!("{{apiVersion: v1, kind: List, items: [{{request: {request}}}]}}"),
                (0, Some("items[0].request"), "items[0].request.object"),
            ),
        ];
        for (text, expected) in cases {
            let requests = read(&text).unwrap();
            let Place { document, request, object } = requests.first().unwrap().place();
            let request = request.as_ref().map(ToString::to_string);
            assert_eq!((*document, request.as_deref(), object.to_string().as_str()), expected, "{text}");
        }
    }

    #[test]
    fn an_object_is_sent_as_it_stands() {
        let text = r#"{"kind": "Image", "apiVersion": "image.openshift.io/v1", "metadata": {"namespace": "no"}, "z": 1.10, "a": 12345678901234567890123}"#;
        let documents = document::parse(text, Format::Json).unwrap();
        let requests = from_documents(documents).unwrap();
        let expected = format!(
            concat!(
                r#"{{"uid":"00000000-0000-0000-0000-000000000000","#,
                r#""kind":{{"group":"image.openshift.io","version":"v1","kind":"Image"}},"#,
                r#""resource":{{"group":"image.openshift.io","version":"v1","resource":"images"}},"#,
                r#""operation":"CREATE","userInfo":{{"username":"image-trust","groups":[]}},"#,
                r#""object":{},"oldObject":null,"dryRun":false}}"#,
            ),
            text
        );
        assert_eq!(requests.first().unwrap().json().get(), expected);
    }
}
