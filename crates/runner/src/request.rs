//! Documents into admission requests: reviews, requests, and bare objects as if just created.

mod advice;
mod fields;
mod template;

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use openshift_image_trust::{FieldPath, GROUP, SERVED, VERSION, nearest, quote, resource_of};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use thiserror::Error;

use crate::document::{self, DocumentError, Members as Raw};
use crate::settings::Settings;
use template::Parameters;

pub use advice::{Advice, Oddity};

/// The kinds of the image API whose objects belong to no namespace.
const CLUSTER_WIDE: [&str; 2] = ["Image", "ImageSignature"];

/// Why a file yields no requests.
#[derive(Debug, Error)]
pub enum RequestError {
    /// It yields no documents to begin with.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// It is empty, or its lists are.
    #[error("holds no object")]
    Empty,
    /// It holds only objects that are not judged.
    #[error("holds nothing to judge, only {0}")]
    OnlyOthers(Others),
    /// A kind that the image API does not have: its name, and the nearest one.
    #[error("holds {}, a kind that `{GROUP}` does not have{}", quote(.0), meant(*.1))]
    NoKind(String, Option<&'static str>),
    /// A document is a list, a string or the like.
    #[error("holds a document that is not an object")]
    NotAnObject,
    /// A review without a request, such as an answered one.
    #[error("holds an AdmissionReview without `request`")]
    NoRequest,
    /// Neither the members of a request nor those of an object.
    #[error("holds a document that is neither a request nor an object: `{0}` is missing")]
    Unrecognised(&'static str),
    /// A file of another kind, which another command takes.
    #[error("is a containers-policy.json, which `image-trust convert` turns into settings")]
    ContainersPolicy,
    /// A request could not be put together.
    #[error("cannot be turned into a request: {0}")]
    Json(#[from] serde_json::Error),
}

fn meant(nearest: Option<&str>) -> String {
    nearest.map(|name| format!("; did you mean `{name}`?")).unwrap_or_default()
}

/// Objects of kinds that are not judged, counted by kind.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Others(BTreeMap<String, usize>);

impl Others {
    /// That they were not judged, in a sentence.
    pub fn not_judged(&self) -> String {
        format!("{self} {} not judged", if self.count() == 1 { "was" } else { "were" })
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.values().sum()
    }

    /// Adds those of another file.
    pub fn extend(&mut self, others: Others) {
        for (kind, count) in others.0 {
            *self.0.entry(kind).or_default() += count;
        }
    }

    /// Adds one.
    pub fn add(&mut self, kind: &str) {
        *self.0.entry(kind.to_owned()).or_default() += 1;
    }
}

impl fmt::Display for Others {
    /// `4 objects of other kinds (3 Service, 1 Route)`
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut kinds: Vec<_> = self.0.iter().collect();
        kinds.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        let kinds: Vec<String> = kinds.into_iter().map(|(kind, count)| format!("{count} {kind}")).collect();
        let noun = if self.count() == 1 { "object of another kind" } else { "objects of other kinds" };
        write!(formatter, "{} {noun} ({})", self.count(), kinds.join(", "))
    }
}

/// What documents hold.
#[derive(Debug, Default)]
pub struct Contents {
    /// What is judged, in order.
    pub requests: Vec<Request>,
    /// What is not.
    pub others: Others,
}

/// What is made of a document that is neither a request nor an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strays {
    /// It is an error, as in a file that somebody named.
    Refused,
    /// It is passed over, as in a folder, where other files stand too.
    PassedOver,
}

/// An admission request.
#[derive(Debug)]
pub struct Request {
    json: Box<RawValue>,
    summary: Summary,
    place: Place,
    settings: Option<Box<RawValue>>,
    advice: Vec<Advice>,
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

    /// What is odd about it, where it is an object as a person wrote it.
    pub fn advice(&self) -> &[Advice] {
        &self.advice
    }

    fn new(json: Box<RawValue>, place: Place) -> Self {
        let summary = Summary::of(&json, &place);
        Request { json, summary, place, settings: None, advice: Vec::new() }
    }
}

impl Place {
    fn of_request(document: usize, at: FieldPath) -> Self {
        Place { document, object: at.clone().key("object"), request: Some(at) }
    }

    fn of_object(document: usize, at: FieldPath) -> Self {
        Place { document, object: at, request: None }
    }

    /// What a path of an answer leads through: a place in the document, and the path from there.
    pub fn follow<'p>(&'p self, path: &'p str) -> (&'p FieldPath, &'p str) {
        match &self.request {
            Some(request) if path.starts_with("oldObject") => (request, path),
            Some(request) => match path.strip_prefix("request.") {
                Some(below) => (request, below),
                None => (&self.object, path),
            },
            None => (&self.object, path),
        }
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
    some_of(&documents).map(|contents| contents.requests)
}

/// Reads what documents hold, at least one request.
///
/// # Errors
/// One is neither a request nor an object, or there are no requests.
pub fn some_of(documents: &[Box<RawValue>]) -> Result<Contents, RequestError> {
    let contents = read(documents, Strays::Refused)?;
    match contents.requests.is_empty() {
        true if contents.others.count() > 0 => Err(RequestError::OnlyOthers(contents.others)),
        true => Err(RequestError::Empty),
        false => Ok(contents),
    }
}

/// Reads what documents hold, which may be nothing.
///
/// # Errors
/// One is neither a request nor an object.
pub fn read(documents: &[Box<RawValue>], strays: Strays) -> Result<Contents, RequestError> {
    let mut contents = Contents::default();
    for (number, document) in documents.iter().enumerate() {
        let place = Place::of_object(number, FieldPath::root());
        collect(document, &place, None, strays, &mut contents)?;
    }
    Ok(contents)
}

/// The members that tell what a document is, wherever they stand in it. They are kept as they are:
/// judging a malformed one is the policy's part.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default, bound(deserialize = "'de: 'a"))]
struct Members<'a> {
    api_version: Option<&'a RawValue>,
    default: Option<&'a RawValue>,
    items: Option<&'a RawValue>,
    kind: Option<&'a RawValue>,
    metadata: Option<&'a RawValue>,
    name: Option<&'a RawValue>,
    namespace: Option<&'a RawValue>,
    objects: Option<&'a RawValue>,
    operation: Option<&'a RawValue>,
    parameters: Option<&'a RawValue>,
    request: Option<&'a RawValue>,
    resource: Option<&'a RawValue>,
    settings: Option<&'a RawValue>,
    sub_resource: Option<&'a RawValue>,
    transports: Option<&'a RawValue>,
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

/// Adds what one document holds, or an item in it, if it is no stray that is passed over. The items of a typed list
/// may leave out their own type.
fn collect(
    document: &RawValue,
    place: &Place,
    listed: Option<&Type>,
    strays: Strays,
    contents: &mut Contents,
) -> Result<(), RequestError> {
    match collect_one(document, place, listed, strays, contents) {
        Err(RequestError::NotAnObject | RequestError::Unrecognised(_) | RequestError::ContainersPolicy)
            if strays == Strays::PassedOver =>
        {
            Ok(())
        }
        collected => collected,
    }
}

fn collect_one(
    document: &RawValue,
    place: &Place,
    listed: Option<&Type>,
    strays: Strays,
    contents: &mut Contents,
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
        contents.requests.push(Request { settings: members.settings.map(ToOwned::to_owned), ..request });
        return Ok(());
    }
    if kind.is_none() && (members.operation.is_some() || members.kind.is_some_and(is_object)) {
        let place = Place::of_request(place.document, place.object.clone());
        contents.requests.push(Request::new(document.to_owned(), place));
        return Ok(());
    }
    if kind.is_none() && members.default.is_some() && members.transports.is_some() {
        return Err(RequestError::ContainersPolicy);
    }
    let object_type = Type {
        kind: kind
            .or_else(|| listed.map(|listed| listed.kind.clone()))
            .ok_or(RequestError::Unrecognised("kind"))?,
        api_version: text(members.api_version)
            .or_else(|| listed.map(|listed| listed.api_version.clone()))
            .ok_or(RequestError::Unrecognised("apiVersion"))?,
    };
    let below = |list: &'static str, index| {
        Place::of_object(place.document, place.object.clone().key(list).index(index))
    };
    let elements = |list: Option<&'_ RawValue>| -> serde_json::Result<Vec<Box<RawValue>>> {
        list.map_or_else(|| Ok(Vec::new()), |list| serde_json::from_str(list.get()))
    };
    if object_type.is_list() {
        let listed = object_type.of_items();
        for (index, item) in elements(members.items)?.iter().enumerate() {
            collect(item, &below("items", index), listed.as_ref(), strays, contents)?;
        }
    } else if object_type.is_template() {
        let parameters = Parameters::of(members.parameters);
        for (index, object) in elements(members.objects)?.iter().enumerate() {
            collect(&parameters.fill(object)?, &below("objects", index), None, strays, contents)?;
        }
    } else if let Some(request) = created(document, &object_type, members.metadata, place)? {
        contents.requests.push(request);
    } else {
        contents.others.add(&object_type.kind);
    }
    Ok(())
}

impl Type {
    /// Whether `items` are objects of their own: what `oc get` prints, and what the server answers to a
    /// list request. The image API's SecretList is an answer about one stream.
    fn is_list(&self) -> bool {
        self.kind == "List"
            || self.kind.strip_suffix("List").is_some_and(|item| resource_of(self.group(), item).is_some())
            || (self.is_legacy() && self.kind == "ImageStreamList")
    }

    /// Whether `objects` are objects of their own.
    fn is_template(&self) -> bool {
        self.kind == "Template" && (self.is_legacy() || self.group() == "template.openshift.io")
    }

    /// Whether it has the version that kinds of OpenShift had before they got groups, and that core
    /// kinds have.
    fn is_legacy(&self) -> bool {
        self.api_version == "v1"
    }

    /// Whether an object says itself that it is of this type.
    fn is_of(&self, object: &RawValue) -> bool {
        let members = Members::of(Some(object));
        text(members.api_version).as_ref() == Some(&self.api_version)
            && text(members.kind).as_ref() == Some(&self.kind)
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

/// The request that a bare object stands for: its creation, by nobody in particular. None where its
/// kind is not judged.
fn created(
    object: &RawValue,
    object_type: &Type,
    metadata: Option<&RawValue>,
    place: &Place,
) -> Result<Option<Request>, RequestError> {
    let kind = object_type.kind.as_str();
    // The core API has a SecretList of its own.
    let is_legacy = object_type.is_legacy() && kind != "SecretList" && resource_of(GROUP, kind).is_some();
    let group = if is_legacy { GROUP } else { object_type.group() };
    let Some(resource) = resource_of(group, kind) else {
        if group != GROUP {
            return Ok(None);
        }
        let of_group = SERVED.iter().filter(|served| served.group == GROUP);
        let near = nearest(kind, of_group.map(|served| served.name));
        return Err(RequestError::NoKind(kind.to_owned(), near));
    };
    let mut advice = Vec::new();
    let mut typed = object_type.clone();
    if is_legacy {
        advice.push(Advice { path: FieldPath::root().key("apiVersion"), oddity: Oddity::LegacyVersion });
        typed.api_version = format!("{GROUP}/{VERSION}");
    }
    let json = match is_legacy || !typed.is_of(object) {
        true => creation(&with_type(object, &typed)?, &typed, resource, metadata)?,
        false => creation(object, &typed, resource, metadata)?,
    };
    advice.extend(advice::on(&serde_json::from_str(object.get())?, kind));
    Ok(Some(Request { advice, ..Request::new(json, place.clone()) }))
}

/// The object with a type in place of its own, or of none.
fn with_type(object: &RawValue, object_type: &Type) -> serde_json::Result<Box<RawValue>> {
    let Raw::<Box<RawValue>>(members) = serde_json::from_str(object.get())?;
    let members = members.iter().filter(|(key, _)| key != "apiVersion" && key != "kind");
    let members = members.map(|(key, value)| Ok(format!(",{}:{}", serde_json::to_string(key)?, value.get())));
    let members = members.collect::<serde_json::Result<String>>()?;
    let Type { api_version, kind } = object_type;
    RawValue::from_string(format!(
        r#"{{"apiVersion":{},"kind":{}{members}}}"#,
        serde_json::to_string(api_version)?,
        serde_json::to_string(kind)?
    ))
}

fn creation(
    object: &RawValue,
    object_type: &Type,
    (resource, sub_resource): (&str, &str),
    metadata: Option<&RawValue>,
) -> Result<Box<RawValue>, serde_json::Error> {
    let metadata = Members::of(metadata);
    let namespace = match CLUSTER_WIDE.contains(&object_type.kind.as_str()) {
        true => None,
        false => Some(text(metadata.namespace).unwrap_or_else(|| "default".to_owned())),
    };
    let (group, version) = (object_type.group(), object_type.version());
    serde_json::value::to_raw_value(&Creation {
        uid: "00000000-0000-0000-0000-000000000000",
        kind: Kind { group, version, kind: &object_type.kind },
        resource: Resource { group, version, resource },
        sub_resource: Some(sub_resource).filter(|sub_resource| !sub_resource.is_empty()),
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
    kind: Option<String>,
    namespace: Option<String>,
    name: Option<String>,
    /// None for an object, which nobody sent.
    user: Option<String>,
    #[serde(skip)]
    is_object: bool,
}

impl Summary {
    fn of(request: &RawValue, place: &Place) -> Self {
        let members = Members::of(Some(request));
        let mut resource = text(Members::of(members.resource).resource);
        if let (Some(resource), Some(sub_resource)) = (&mut resource, text(members.sub_resource)) {
            resource.push('/');
            resource.push_str(&sub_resource);
        }
        let is_object = place.request.is_none();
        Summary {
            operation: text(members.operation),
            resource,
            kind: text(Members::of(members.kind).kind),
            namespace: text(members.namespace),
            name: text(members.name),
            user: text(Members::of(members.user_info).username).filter(|_| !is_object),
            is_object,
        }
    }
}

impl fmt::Display for Summary {
    /// `ImageStreamTag shop/checkout:latest`, or `UPDATE imagestreamtags shop/checkout:latest by dana`
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.kind, self.is_object) {
            (Some(kind), true) => formatter.write_str(kind)?,
            _ => {
                let operation = self.operation.as_deref().unwrap_or("an operation on");
                let resource = self.resource.as_deref().unwrap_or("an unknown resource");
                write!(formatter, "{operation} {resource}")?;
            }
        }
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
            ("Image", "images", "a"),
            ("ImageSignature", "imagesignatures", "a"),
            ("ImageStream", "imagestreams", "default/a"),
            ("ImageStreamImage", "imagestreamimages", "default/a"),
            ("ImageStreamImport", "imagestreamimports", "default/a"),
            ("ImageStreamLayers", "imagestreams/layers", "default/a"),
            ("ImageStreamMapping", "imagestreammappings", "default/a"),
            ("ImageStreamTag", "imagestreamtags", "default/a"),
            ("ImageTag", "imagetags", "default/a"),
            ("SecretList", "imagestreams/secrets", "default/a"),
        ];
        for served in SERVED.iter().filter(|served| served.group == GROUP) {
            assert!(cases.iter().any(|(kind, ..)| *kind == served.name), "{}", served.name);
        }
        for (kind, resource, name) in cases {
            let object =
                format!("{{apiVersion: image.openshift.io/v1, kind: {kind}, metadata: {{name: a}}}}");
            let requests = read(&object).unwrap();
            let summary = requests.first().unwrap().summary();
            assert_eq!(summary.to_string(), format!("{kind} {name}"));
            assert_eq!(summary.resource.as_deref(), Some(resource), "{kind}");
            assert_eq!(summary.user, None, "{kind}");
        }
    }

    #[test]
    fn what_counts_as_a_request() {
        let request = "{operation: UPDATE, kind: {kind: ImageTag}, resource: {resource: imagetags}, namespace: shop, name: 'a:b', userInfo: {username: dana}}";
        let told = "UPDATE imagetags shop/a:b by dana";
        let stream =
            "{apiVersion: image.openshift.io/v1, kind: ImageStream, metadata: {name: a, namespace: shop}}";
        let created = "ImageStream shop/a";
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
                "objects of other groups beside one",
                format!(
                    "{{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {{name: a}}}}\n---\n{stream}\n---\n\
                     {{apiVersion: lists.example/v1, kind: AllowList, items: [3]}}"
                ),
                vec![created],
            ),
            (
                "what runs, as it is listed",
                "{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: Pod, metadata: {name: a}}, \
                 {apiVersion: apps/v1, kind: Deployment, metadata: {name: b, namespace: shop}}]}\n---\n\
                 {apiVersion: v1, kind: PodList, items: [{metadata: {name: c}}]}"
                    .to_owned(),
                vec!["Pod default/a", "Deployment shop/b", "Pod default/c"],
            ),
            (
                "a list of many kinds",
                format!("{{apiVersion: v1, kind: List, items: [{{apiVersion: v1, kind: Service}}, {stream}]}}"),
                vec![created],
            ),
            (
                "the version that old documents have",
                "{apiVersion: v1, kind: ImageStream, metadata: {name: a}}".to_owned(),
                vec!["ImageStream default/a"],
            ),
            (
                "an old list",
                format!("{{apiVersion: v1, kind: ImageStreamList, items: [{untyped}]}}"),
                vec![created],
            ),
            (
                "a template",
                "{apiVersion: template.openshift.io/v1, kind: Template, parameters: [{name: N, value: web}], \
                 objects: [{apiVersion: v1, kind: Service}, {apiVersion: image.openshift.io/v1, \
                 kind: ImageStream, metadata: {name: '${N}', namespace: '${WHERE}'}}]}"
                    .to_owned(),
                vec!["ImageStream ${WHERE}/web"],
            ),
            (
                "an old template in a list",
                format!(
                    "{{apiVersion: v1, kind: List, items: [{{apiVersion: v1, kind: Template, objects: [{stream}]}}]}}"
                ),
                vec![created],
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
            ("", "holds no object"),
            ("{apiVersion: v1, kind: List, items: []}", "holds no object"),
            ("{apiVersion: v1, kind: Template, metadata: {name: a}}", "holds no object"),
            ("[]", "holds a document that is not an object"),
            ("a string", "holds a document that is not an object"),
            ("{kind: AdmissionReview, response: {}}", "holds an AdmissionReview without `request`"),
            ("{request: []}", "holds an AdmissionReview without `request`"),
            ("{spec: {}}", "holds a document that is neither a request nor an object: `kind` is missing"),
            (
                "{kind: ImageStream}",
                "holds a document that is neither a request nor an object: `apiVersion` is missing",
            ),
            ("{apiVersion: v1, kind: List, items: [3]}", "holds a document that is not an object"),
            ("{apiVersion: v1, kind: Template, objects: [3]}", "holds a document that is not an object"),
            (
                "{apiVersion: v1, kind: Template, objects: 3}",
                "cannot be turned into a request: invalid type: integer `3`, expected a sequence at line 1 column 1",
            ),
            (
                "{apiVersion: image.openshift.io/v1, kind: ImageStraem}",
                "holds `ImageStraem`, a kind that `image.openshift.io` does not have; did you mean `ImageStream`?",
            ),
            (
                "{default: [], transports: {}}",
                "is a containers-policy.json, which `image-trust convert` turns into settings",
            ),
            (
                "{apiVersion: image.openshift.io/v1, kind: Gadget}",
                "holds `Gadget`, a kind that `image.openshift.io` does not have",
            ),
            (
                "{apiVersion: v1, kind: Service}\n---\n{apiVersion: v1, kind: SecretList, items: []}\n---\n{apiVersion: v1, kind: Service}",
                "holds nothing to judge, only 3 objects of other kinds (2 Service, 1 SecretList)",
            ),
            (
                "{apiVersion: v1, kind: Secret}",
                "holds nothing to judge, only 1 object of another kind (1 Secret)",
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(read(text).unwrap_err().to_string(), expected, "{text}");
        }
    }

    #[test]
    fn strays_are_passed_over_in_a_folder() {
        let text = "[1]\n---\na: 1\n---\n{apiVersion: v1, kind: Service}\n---\n{apiVersion: image.openshift.io/v1, kind: ImageTag}";
        // One in a list takes nothing with it.
        let list = "{apiVersion: v1, kind: List, items: [1, {}, {apiVersion: v1, kind: Service}, {apiVersion: image.openshift.io/v1, kind: ImageTag}]}";
        for text in [text, list] {
            let documents = document::parse(text, Format::Yaml).unwrap();
            let contents = super::read(&documents, Strays::PassedOver).unwrap();
            assert_eq!((contents.requests.len(), contents.others.count()), (1, 1));
        }
        let documents = document::parse(text, Format::Yaml).unwrap();
        assert!(super::read(&documents, Strays::Refused).is_err());
        // What looks like a review is no stray.
        let documents = document::parse("{kind: AdmissionReview}", Format::Yaml).unwrap();
        assert!(super::read(&documents, Strays::PassedOver).is_err());
    }

    #[test]
    fn what_is_odd_about_an_object_is_told() {
        let told = |text: &str| {
            let requests = read(text).unwrap();
            let advice = requests.iter().flat_map(Request::advice);
            advice.map(|Advice { path, oddity }| format!("{path}: {}", oddity.code())).collect::<Vec<_>>()
        };
        let old = "{\"z\": 1.10, \"apiVersion\": \"v1\", \"kind\": \"ImageStream\", \"spec\": {}}";
        assert_eq!(told(old), ["apiVersion: legacy-version", "z: unknown-field"]);
        assert!(read(old).unwrap().first().unwrap().json().get().contains(
            r#""object":{"apiVersion":"image.openshift.io/v1","kind":"ImageStream","z":1.1,"spec":{}}"#
        ));
        // What the API server sent is in order.
        let object = "{apiVersion: image.openshift.io/v1, kind: ImageStream, z: '${A}'}";
        assert_eq!(told(&format!("{{operation: CREATE, object: {object}}}")), Vec::<String>::new());
        assert_eq!(told(object), ["z: unknown-field", "z: template-parameter"]);
    }

    #[test]
    fn the_items_of_a_typed_list_get_its_type() {
        let list =
            "{apiVersion: image.openshift.io/v1, kind: ImageStreamList, items: [{metadata: {name: a}}]}";
        let requests = read(list).unwrap();
        let json = requests.first().unwrap().json().get();
        let object =
            r#""object":{"apiVersion":"image.openshift.io/v1","kind":"ImageStream","metadata":{"name":"a"}}"#;
        assert!(json.contains(object), "{json}");
    }

    #[test]
    fn a_path_is_followed_from_the_object_or_the_request() {
        let request = Place::of_request(0, FieldPath::root().key("request"));
        let object = Place::of_object(0, FieldPath::root().key("items").index(1));
        for (place, path, base, below) in [
            (&request, "spec.tags", "request.object", "spec.tags"),
            (&request, "oldObject.spec", "request", "oldObject.spec"),
            (&request, "request.operation", "request", "operation"),
            (&object, "spec.tags", "items[1]", "spec.tags"),
            (&object, "oldObject.spec", "items[1]", "oldObject.spec"),
        ] {
            let (found, rest) = place.follow(path);
            assert_eq!((found.to_string().as_str(), rest), (base, below), "{path}");
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
                format!(
                    "{{apiVersion: v1, kind: Template, objects: [{{apiVersion: v1, kind: Secret}}, {stream}]}}"
                ),
                (0, None, "objects[1]"),
            ),
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
