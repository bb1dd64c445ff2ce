//! Has the objects judged, on all cores.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use openshift_image_trust::{GROUP, Level, VERSION};
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use time::UtcDateTime;

use super::cluster::{Object, Sort};
use super::progress::Progress;
use super::source;
use crate::answers::Capabilities;
use crate::commands::outputs::Remark;
use crate::host::policy::{Linked, Policy};
use crate::request;
use crate::response::Response;
use crate::settings::Settings;

/// The stream through which Images are shown.
const SHOWN: &str = "audit";
/// As many as one object may have.
const VIOLATIONS: usize = 1_000_000;
/// One of the users that the policy lets maintain the platform's own streams, unless the settings have
/// `platformExemptions: false`.
const PLATFORM: &str = "system:serviceaccount:openshift-cluster-version:cluster-version-operator";
/// The groups that the API server puts it into.
const PLATFORM_GROUPS: [&str; 2] =
    ["system:serviceaccounts", "system:serviceaccounts:openshift-cluster-version"];
/// The longest stream, in bytes, of which two and what goes around them fit into a review of 2 MB, with
/// room to grow.
const LARGE: usize = 700_000;

/// What is said of an object.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    pub accepted: bool,
    pub found: Vec<Found>,
    /// The rules that an exemption of the settings lifted.
    pub exempted: Vec<String>,
    /// The rules that would deny it to others than the platform.
    pub lifted: Vec<String>,
    /// Whether it passes because the platform maintains it, and nobody else.
    pub spared: bool,
}

/// One thing that is said of an object, and the source that it is about.
#[derive(Clone, Debug)]
pub struct Found {
    pub remark: Remark,
    pub source: Option<String>,
}

impl Found {
    pub fn is_denial(&self) -> bool {
        self.remark.level == Level::Deny
    }

    /// Two findings with the same key are one: a source offends against a rule once.
    pub fn key(&self) -> (&'static str, Option<&str>, &str) {
        let place = self.source.as_deref().or(self.remark.path.as_deref());
        (self.remark.level.as_str(), self.remark.rule.as_deref(), place.unwrap_or(&self.remark.message))
    }
}

/// The settings, with every violation told, and nothing else.
pub fn spelled_out(settings: &Settings) -> anyhow::Result<Settings> {
    let mut members: Map<String, Value> =
        serde_json::from_str::<Option<_>>(settings.json())?.unwrap_or_default();
    let limits = members.entry("limits").or_insert_with(|| json!({}));
    if let Some(limits) = limits.as_object_mut() {
        limits.insert("violationsReported".to_owned(), json!(VIOLATIONS));
    }
    // That line would count as one more violation.
    if let Some(answers) = members.get_mut("answers").and_then(Value::as_object_mut) {
        answers.remove("help");
    }
    Ok(Settings::parse(&Value::Object(members).to_string())?)
}

/// What judging takes.
pub struct Bench<'a> {
    pub policy: &'a Policy,
    pub settings: &'a Settings,
    pub answers: &'a Arc<dyn Capabilities>,
    pub now: Option<UtcDateTime>,
}

impl Bench<'_> {
    /// Has each judged; the answers are in the order of the objects.
    ///
    /// # Errors
    /// The module cannot be linked.
    pub fn judge_all(&self, objects: &[Object<'_>]) -> anyhow::Result<Vec<Result<Outcome, String>>> {
        let threads = thread::available_parallelism().map_or(1, usize::from).min(objects.len()).max(1);
        let linked: Vec<Linked> =
            (0..threads).map(|_| self.policy.linked(self.now)).collect::<Result<_, _>>()?;
        let progress = Progress::new(objects.len());
        let next = AtomicUsize::new(0);
        let work = |linked: Linked| {
            let mut outcomes = Vec::new();
            loop {
                let index = next.fetch_add(1, Ordering::Relaxed);
                let Some(object) = objects.get(index) else { return outcomes };
                outcomes.push((index, self.judge(object, &linked)));
                progress.step();
            }
        };
        let mut outcomes = thread::scope(|scope| {
            let threads: Vec<_> =
                linked.into_iter().map(|linked| scope.spawn(move || work(linked))).collect();
            let joined = threads
                .into_iter()
                .map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
            joined.flatten().collect::<Vec<_>>()
        });
        progress.end();
        outcomes.sort_by_key(|(index, _)| *index);
        Ok(outcomes.into_iter().map(|(_, outcome)| outcome).collect())
    }

    fn judge(&self, object: &Object<'_>, linked: &Linked) -> Result<Outcome, String> {
        let request = request::of_object(&as_it_is(object)).map_err(|error| error.to_string())?;
        let ask = |request: &RawValue| {
            linked.validate(request, self.settings, self.answers).map_err(|error| error.to_string())
        };
        let response = ask(request.json())?;
        let mut outcome = match is_stream_of_the_platform(object) && !response.accepted() {
            false => outcome(object, &response),
            true => {
                let by_platform = ask(&by_platform(request.json()).map_err(|error| error.to_string())?)?;
                let (mut exempted, mut lifted) = (response.exempted(), by_platform.exempted());
                lifted.retain(|rule| !exempted.contains(rule));
                exempted.retain(|rule| by_platform.exempted().contains(rule));
                let spared = by_platform.accepted();
                Outcome { exempted, lifted, spared, ..outcome(object, &by_platform) }
            }
        };
        let size = object.value.to_string().len();
        if object.sort == Sort::Stream && size > LARGE {
            let message = format!(
                "is {} kB long; the policy server refuses reviews over 2 MB, and an update carries the stream twice",
                size / 1000
            );
            let remark = Remark::of_line(&message, Level::Warn, object.place.clone());
            outcome.found.push(Found { remark, source: None });
        }
        Ok(outcome)
    }
}

/// The object as its owner would write it; an Image as it is shown, since nobody attaches anew what
/// the importer has attached.
fn as_it_is(object: &Object<'_>) -> Value {
    if object.sort != Sort::Image {
        return object.value.clone();
    }
    json!({
        "apiVersion": format!("{GROUP}/{VERSION}"),
        "kind": "ImageStreamImage",
        "metadata": {"name": format!("{SHOWN}@{}", object.name()), "namespace": SHOWN},
        "image": object.value,
    })
}

fn is_stream_of_the_platform(object: &Object<'_>) -> bool {
    let namespace = object.namespace();
    object.sort == Sort::Stream && (namespace == "openshift" || namespace.starts_with("openshift-"))
}

/// The same request, by the platform.
fn by_platform(request: &RawValue) -> serde_json::Result<Box<RawValue>> {
    let mut request: Map<String, Value> = serde_json::from_str(request.get())?;
    request.insert("userInfo".to_owned(), json!({"username": PLATFORM, "groups": PLATFORM_GROUPS}));
    serde_json::value::to_raw_value(&request)
}

/// One finding for each source and rule.
fn outcome(object: &Object<'_>, response: &Response) -> Outcome {
    let found = |line: &str, level| {
        let mut remark = Remark::of_line(line, level, object.place.clone());
        if object.sort == Sort::Image {
            let path = remark.path.take();
            remark.path = path.map(|path| path.strip_prefix("image.").map_or(path.clone(), str::to_owned));
        }
        let source = remark.path.as_deref().and_then(|path| source::of(object.value, path));
        Found { remark, source }
    };
    let denied = response.lines().into_iter().map(|line| found(line, Level::Deny));
    let warned = response.warnings().iter().map(|line| found(line, Level::Warn));
    let mut outcome = Outcome {
        accepted: response.accepted(),
        found: denied.chain(warned).collect(),
        exempted: response.exempted(),
        lifted: Vec::new(),
        spared: false,
    };
    outcome.merge();
    outcome
}

impl Outcome {
    /// Keeps the first finding of each key.
    fn merge(&mut self) {
        let mut seen = std::collections::HashSet::new();
        self.found.retain(|found| {
            let (level, rule, place) = found.key();
            seen.insert((level, rule.map(str::to_owned), place.to_owned()))
        });
    }

    /// Keeps the findings that are wanted; without a violation it passes.
    pub fn retain(&mut self, wanted: impl Fn(&Found) -> bool) {
        self.found.retain(wanted);
        self.accepted |= !self.found.iter().any(Found::is_denial);
    }
}
