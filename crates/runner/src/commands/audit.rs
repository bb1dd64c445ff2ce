//! `image-trust audit`: what a policy would say of a cluster as it is.
//!
//! Every object is judged as if somebody created it now, with the cluster itself to ask: what is
//! counted is what enforcing these settings would deny, or warn of, the next time somebody writes it.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use serde::Serialize;
use serde_json::{Map, Value, json};
use time::UtcDateTime;

use crate::answers::Capabilities;
use crate::answers::Folder;
use crate::commands::{Output, Status};
use crate::console::{self, Console, complain};
use crate::kubewarden::policy::Policy;
use crate::now;
use crate::request::{self, Request};
use crate::response::Finding;
use crate::settings::Settings;

/// Kinds that are judged. A tag or an image of a stream is part of that stream.
const KINDS: [&str; 2] = ["ImageStream", "Image"];
/// The stream through which Images are shown.
const SHOWN: &str = "audit";
/// As many as one object may have.
const VIOLATIONS: usize = 1_000_000;

/// Audit a cluster: what the settings would deny, by rule and by namespace
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 nothing would be denied; 1 something would; 2 something could not be read or decided"
)]
pub struct Audit {
    /// A folder of objects, or one file: `oc get images,is -A -o yaml` as it comes
    #[arg(long, value_name = "DIR")]
    cluster: PathBuf,

    /// The policy's settings, or the manifest of a ClusterAdmissionPolicy or AdmissionPolicy
    #[arg(long, value_name = "FILE")]
    settings: PathBuf,

    /// The policy module
    #[arg(long, value_name = "FILE", env = "IMAGE_TRUST_POLICY", default_value = "policy.wasm")]
    policy: PathBuf,

    /// The instant that the policy takes for now, in RFC 3339
    #[arg(long, value_name = "TIME", value_parser = now::parse)]
    now: Option<UtcDateTime>,

    /// How to print the findings
    #[arg(short, long, value_enum, default_value_t = Output::Text)]
    output: Output,
}

/// What was found.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    objects: usize,
    denied: usize,
    undecided: usize,
    /// Of other kinds.
    not_judged: usize,
    findings: Vec<Found>,
}

/// A level, and what is said.
type Line = (&'static str, String);

/// A row of the table: the objects, and how many findings.
#[derive(Default)]
struct Row<'f> {
    objects: BTreeSet<(&'f str, &'f str)>,
    findings: usize,
}

/// One thing that a rule says of an object.
#[derive(Debug, Serialize)]
struct Found {
    kind: String,
    namespace: String,
    name: String,
    /// `deny` or `warn`.
    level: &'static str,
    rule: String,
    path: String,
    message: String,
}

impl Audit {
    /// Runs the command.
    pub fn execute(&self, console: &mut Console) -> anyhow::Result<Status> {
        let origin = console::name(&self.settings);
        let settings =
            Settings::load(&self.settings).map_err(|error| anyhow::anyhow!("{origin}: {error}"))?;
        let policy = Policy::open(&self.policy)?;
        if !policy.accepts(&settings, &origin)? {
            return Ok(Status::Undecided);
        }
        let settings = spelled_out(&settings)?;
        let folder = Arc::new(Folder::open(&self.cluster)?);
        let answers = Arc::clone(&folder) as Arc<dyn Capabilities>;
        let (objects, others): (Vec<&Value>, Vec<&Value>) =
            folder.objects().partition(|object| KINDS.contains(&text(object, "/kind")));
        let mut report = Report { not_judged: others.len(), ..Report::default() };
        for (number, object) in objects.iter().enumerate() {
            progress(number, objects.len());
            report.objects += 1;
            let judged = request::of_object(&as_it_is(object))
                .map_err(|error| error.to_string())
                .and_then(|request| self.judge(&request, &policy, &settings, &answers));
            match judged {
                Ok((accepted, findings)) => {
                    report.denied += usize::from(!accepted);
                    report
                        .findings
                        .extend(findings.into_iter().map(|(level, line)| Found::of(object, level, &line)));
                }
                Err(error) => {
                    let Found { kind, namespace, name, .. } = Found::of(object, "", "");
                    complain(format_args!("{kind} {namespace}/{name}: {error}"));
                    report.undecided += 1;
                }
            }
        }
        progress(objects.len(), objects.len());
        match self.output {
            Output::Text => report.print(console)?,
            Output::Json => console.json(&report)?,
        }
        Ok(match report.denied {
            _ if report.undecided > 0 => Status::Undecided,
            0 => Status::Allowed,
            _ => Status::Denied,
        })
    }

    fn judge(
        &self,
        request: &Request,
        policy: &Policy,
        settings: &Settings,
        answers: &Arc<dyn Capabilities>,
    ) -> Result<(bool, Vec<Line>), String> {
        let response = policy
            .validate(request.json(), settings, self.now, answers)
            .map_err(|error| error.to_string())?;
        let denied = response.lines().into_iter().map(|line| ("deny", line.to_owned()));
        let warned = response.warnings().iter().map(|line| ("warn", line.clone()));
        Ok((response.accepted(), denied.chain(warned).collect()))
    }
}

/// The object as its owner would write it; an Image as it is shown, since nobody attaches anew what
/// the importer has attached.
fn as_it_is(object: &Value) -> Value {
    if text(object, "/kind") != "Image" {
        return object.clone();
    }
    let name = text(object, "/metadata/name");
    json!({
        "apiVersion": text(object, "/apiVersion"),
        "kind": "ImageStreamImage",
        "metadata": {"name": format!("{SHOWN}@{name}"), "namespace": SHOWN},
        "image": object,
    })
}

/// The settings, with every violation told.
fn spelled_out(settings: &Settings) -> anyhow::Result<Settings> {
    let mut members: Map<String, Value> =
        serde_json::from_str::<Option<_>>(settings.json())?.unwrap_or_default();
    let limits = members.entry("limits").or_insert_with(|| json!({}));
    if let Some(limits) = limits.as_object_mut() {
        limits.insert("violationsReported".to_owned(), json!(VIOLATIONS));
    }
    Ok(Settings::parse(&Value::Object(members).to_string())?)
}

impl Found {
    fn of(object: &Value, level: &'static str, line: &str) -> Self {
        let finding = Finding::parse(line);
        let (rule, path) = finding.map_or_else(Default::default, |finding| (finding.code, finding.path));
        let path = path
            .strip_prefix("image.")
            .filter(|_| text(object, "/kind") == "Image")
            .map_or(path.clone(), str::to_owned);
        Self {
            kind: text(object, "/kind").to_owned(),
            namespace: text(object, "/metadata/namespace").to_owned(),
            name: text(object, "/metadata/name").to_owned(),
            level,
            rule,
            path,
            message: line.to_owned(),
        }
    }
}

impl Report {
    fn print(&self, console: &mut Console) -> std::io::Result<()> {
        let mut rows: BTreeMap<(&str, &str, &str), Row<'_>> = BTreeMap::new();
        for found in &self.findings {
            let row = rows.entry((found.level, &found.rule, &found.namespace)).or_default();
            row.objects.insert((&found.kind, &found.name));
            row.findings += 1;
        }
        if !rows.is_empty() {
            console.line(&format!(
                "{:5} {:30} {:30} {:>8} {:>8}",
                "level", "rule", "namespace", "objects", "findings"
            ))?;
        }
        for ((level, rule, namespace), Row { objects, findings }) in rows {
            let namespace = if namespace.is_empty() { "(cluster)" } else { namespace };
            console
                .line(&format!("{level:5} {rule:30} {namespace:30} {:>8} {findings:>8}", objects.len()))?;
        }
        console.line(&format!("{} of {} objects would be denied", self.denied, self.objects))?;
        match self.not_judged {
            0 => Ok(()),
            others => {
                console.line(&format!("{others} of other kinds than {} are not judged", KINDS.join(" and ")))
            }
        }
    }
}

fn text<'v>(value: &'v Value, pointer: &str) -> &'v str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// How far it is, where somebody watches.
fn progress(done: usize, of: usize) {
    let mut stderr = std::io::stderr();
    if !stderr.is_terminal() {
        return;
    }
    let filled = (done * 30).checked_div(of).unwrap_or(30);
    // A terminal that goes away is no reason to stop.
    _ = write!(stderr, "\r[{}{}] {done}/{of}", "#".repeat(filled), " ".repeat(30 - filled));
    if done == of {
        _ = writeln!(stderr);
    }
}
