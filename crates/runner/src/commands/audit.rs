//! `image-trust audit`: what a policy would say of a cluster as it is.
//!
//! Every object is judged as if somebody created it now, with the cluster itself to ask: what is
//! counted is what enforcing these settings would deny, or warn of, the next time somebody writes it.

mod cluster;
mod judging;
mod natural;
mod places;
mod progress;
mod source;
mod summary;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use openshift_image_trust::{Level, RULES};
use regex::Regex;
use serde::Serialize;
use time::UtcDateTime;

use crate::answers::Capabilities;
use crate::commands::Status;
use crate::commands::outputs::{FailOn, Findings, Judged, Remark, Report, text};
use crate::console::{self, Console, complain};
use crate::host::cache::Cache;
use crate::host::policy::Policy;
use crate::now;
use crate::settings::Settings;
use cluster::{Cluster, Object, Selection, Sort};
use judging::{Bench, Found, Outcome};
use summary::{Summary, count};

/// Audit a cluster: what the settings would deny, by rule, namespace and source
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 nothing would be denied; 1 something would, or with --against something more; 2 \
    something could not be read or decided, or there was nothing to judge\n\n\
    ImageStreams and Images are judged, and pods and what makes them, where the files have them: in the \
    platform's namespaces only if --namespace names them, as the pack running-images leaves them out. Streams in \
    `openshift` and `openshift-*` are judged as the platform would write them; what others would be denied \
    there is counted apart."
)]
pub struct Audit {
    /// A folder of objects, read at any depth, or one file: `oc get images,is,pods -A -o yaml` as it comes
    #[arg(long, value_name = "DIR")]
    cluster: PathBuf,

    /// The policy's settings, or the manifest of a ClusterAdmissionPolicy or AdmissionPolicy
    #[arg(long, value_name = "FILE")]
    settings: PathBuf,

    /// The settings in force: print only what would become denied, and what no longer would be
    #[arg(long, value_name = "FILE")]
    against: Option<PathBuf>,

    /// Judge only what is in namespaces whose whole name this regular expression matches
    #[arg(long, value_name = "REGEX", value_parser = whole)]
    namespace: Option<Regex>,

    /// Count only rules whose whole code this regular expression matches
    #[arg(long, value_name = "REGEX", value_parser = whole)]
    rule: Option<Regex>,

    /// Name every object, each Image included, with all that was found
    #[arg(long)]
    details: bool,

    /// The policy module, instead of the one in this program, or of `policy.wasm` where it has none
    #[arg(long, value_name = "FILE", env = "IMAGE_TRUST_POLICY")]
    policy: Option<PathBuf>,

    /// The instant that the policy takes for now, in RFC 3339
    #[arg(long, value_name = "TIME", value_parser = now::parse)]
    now: Option<UtcDateTime>,

    /// How to print the findings
    #[arg(short, long, value_enum, default_value_t = Report::Text)]
    output: Report,
}

/// The document for a program.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    #[serde(flatten)]
    summary: &'a Summary,
    #[serde(flatten)]
    findings: &'a Findings,
    /// What the settings in force deny, and these do not.
    #[serde(skip_serializing_if = "Option::is_none")]
    no_longer_denied: Option<&'a [Judged]>,
}

/// A pattern that has to match all of a name.
fn whole(pattern: &str) -> Result<Regex, regex::Error> {
    // By itself first, so that `a)(b` is refused.
    Regex::new(pattern)?;
    Regex::new(&format!("^(?:{pattern})$"))
}

impl Audit {
    /// Runs the command.
    pub fn execute(&self, cache: Option<&Cache>, console: &mut Console) -> anyhow::Result<Status> {
        if let Some(rule) = self.rule.as_ref().filter(|rule| !RULES.iter().any(|it| rule.is_match(it.code))) {
            anyhow::bail!("--rule: no rule's code matches `{rule}`");
        }
        let policy = Policy::open(self.policy.as_deref(), cache)?;
        let Some(settings) = load(&self.settings, &policy)? else { return Ok(Status::Undecided) };
        let in_force = match &self.against {
            Some(path) => match load(path, &policy)? {
                Some(settings) => Some(settings),
                None => return Ok(Status::Undecided),
            },
            None => None,
        };
        let mut findings = Findings::default();
        let cluster = Cluster::read(&self.cluster, &mut findings)?;
        let Selection { objects, others, left_out } = cluster.judged(self.namespace.as_ref());
        findings.not_judged = others;
        if objects.is_empty() && findings.undecided.is_empty() {
            complain(self.nothing(&cluster, &findings, left_out));
            return Ok(Status::Undecided);
        }
        let answers = Arc::clone(&cluster.folder) as Arc<dyn Capabilities>;
        let bench = |settings| Bench { policy: &policy, settings, answers: &answers, now: self.now };
        let now = self.outcomes(&bench(&settings), &objects, &mut findings)?;
        let (mut judged, mut gone) = match &in_force {
            None => (now, None),
            Some(in_force) => {
                let before = self.outcomes(&bench(in_force), &objects, &mut findings)?;
                (without(&now, &before), Some(without(&before, &now)))
            }
        };
        if self.output != Report::Text || self.details || self.against.is_some() {
            places::locate(&mut judged);
            gone.as_deref_mut().into_iter().for_each(places::locate);
        }
        let summary = Summary::of(&cluster, &judged, left_out);
        findings.results = self.results(&judged);
        let status = findings.status(FailOn::Deny);
        let gone =
            gone.map(|gone| self.results(&gone).into_iter().filter(|it| !it.accepted).collect::<Vec<_>>());
        match self.output {
            Report::Text => self.print(&summary, &findings, gone.as_deref(), console)?,
            Report::Json => console.json(&Document {
                summary: &summary,
                findings: &findings,
                no_longer_denied: gone.as_deref(),
            })?,
            output => findings.print(output, FailOn::Deny, console)?,
        }
        Ok(status)
    }

    fn nothing(&self, cluster: &Cluster, findings: &Findings, left_out: usize) -> String {
        let read = format!("{} read from {}", count(cluster.objects, "object"), count(cluster.files, "file"));
        match (&self.namespace, findings.not_judged.count()) {
            (Some(namespace), _) => {
                format!("nothing to judge where the namespace matches `{namespace}`: {read}")
            }
            (None, 0) if left_out > 0 => {
                format!("nothing to judge: {read}; {} (--namespace)", summary::left_out(left_out))
            }
            (None, 0) => format!("nothing to judge: {read}"),
            (None, _) => format!("nothing to judge: {read}; {}", findings.not_judged.not_judged()),
        }
    }

    /// What was decided, with the findings of the rules that are wanted.
    fn outcomes<'c>(
        &self,
        bench: &Bench<'_>,
        objects: &[Object<'c>],
        findings: &mut Findings,
    ) -> anyhow::Result<Vec<(Object<'c>, Outcome)>> {
        let mut judged = Vec::new();
        for (object, outcome) in objects.iter().zip(bench.judge_all(objects)?) {
            match outcome {
                Ok(mut outcome) => {
                    if let Some(wanted) = &self.rule {
                        let is_wanted = |rule: &str| wanted.is_match(rule);
                        outcome.retain(|found| found.remark.rule.as_deref().is_some_and(is_wanted));
                        outcome.exempted.retain(|rule| is_wanted(rule));
                        outcome.lifted.retain(|rule| is_wanted(rule));
                        outcome.spared &= !outcome.lifted.is_empty();
                    }
                    judged.push((object.clone(), outcome));
                }
                Err(error) => {
                    findings.give_up(object.place.clone(), format!("{}: {error}", object.title()));
                }
            }
        }
        Ok(judged)
    }

    /// A result for each object. Images with the same source are one, unless each is to be named.
    fn results(&self, judged: &[(Object<'_>, Outcome)]) -> Vec<Judged> {
        let mut results = Vec::new();
        let mut images: BTreeMap<(String, bool), Vec<&(Object<'_>, Outcome)>> = BTreeMap::new();
        for it in judged {
            let (object, outcome) = it;
            if object.sort == Sort::Image && !self.details {
                let source = source::of(object.value, "").unwrap_or_else(|| object.name().to_owned());
                images.entry((source, outcome.accepted)).or_default().push(it);
            } else {
                results.push(result(object.title(), object, outcome.accepted, &outcome.found, [outcome]));
            }
        }
        for ((source, accepted), group) in images {
            let Some((first, _)) = group.first() else { continue };
            let mut seen = BTreeSet::new();
            let all = group.iter().flat_map(|(_, outcome)| &outcome.found);
            let found: Vec<Found> = all.filter(|found| seen.insert(found.key())).cloned().collect();
            let title = match group.len() {
                1 => first.title(),
                many => format!("{many} Images of {source}"),
            };
            let outcomes = group.iter().map(|(_, outcome)| outcome);
            results.push(result(title, first, accepted, &found, outcomes));
        }
        results
    }

    fn print(
        &self,
        summary: &Summary,
        findings: &Findings,
        gone: Option<&[Judged]>,
        console: &mut Console,
    ) -> anyhow::Result<()> {
        if self.details || gone.is_some() {
            if gone.is_some() {
                console.line("Would become denied, or warned about:")?;
            }
            for judged in findings.results.iter().filter(|it| it.remarks().next().is_some()) {
                text::print(judged, console)?;
            }
            if let Some(gone) = gone {
                console.line("Violations that would be gone:")?;
                for judged in gone {
                    console.line(&format!("{}  ({})", judged.object, judged.place))?;
                    for violation in &judged.violations {
                        console.line(&format!("  {violation}"))?;
                    }
                }
                console.line("")?;
            }
        } else {
            // These say what no table does.
            let large = |remark: &&Remark| remark.rule.is_none() && remark.level == Level::Warn;
            for judged in &findings.results {
                for remark in judged.warnings.iter().filter(large) {
                    console.line(&format!("{} {remark}", judged.object))?;
                }
            }
        }
        summary.print(if gone.is_some() { "become" } else { "be" }, console)?;
        if findings.not_judged.count() > 0 {
            console.line(&findings.not_judged.not_judged())?;
        }
        Ok(())
    }
}

/// Settings, with every violation told; none, where the policy refuses them.
fn load(path: &Path, policy: &Policy) -> anyhow::Result<Option<Settings>> {
    let origin = console::name(path);
    let settings = Settings::load(path).map_err(|error| anyhow::anyhow!("{origin}: {error}"))?;
    match policy.accepts(&settings, &origin)? {
        true => judging::spelled_out(&settings).map(Some),
        false => Ok(None),
    }
}

/// What is found in the first and not in the second.
fn without<'c>(
    these: &[(Object<'c>, Outcome)],
    those: &[(Object<'c>, Outcome)],
) -> Vec<(Object<'c>, Outcome)> {
    let known: BTreeMap<String, BTreeSet<_>> = those
        .iter()
        .map(|(object, outcome)| (object.title(), outcome.found.iter().map(Found::key).collect()))
        .collect();
    let rest = these.iter().map(|(object, outcome)| {
        let mut outcome = outcome.clone();
        let known = known.get(&object.title());
        outcome.retain(|found| known.is_none_or(|known| !known.contains(&found.key())));
        (object.clone(), outcome)
    });
    rest.collect()
}

fn result<'o>(
    title: String,
    object: &Object<'_>,
    accepted: bool,
    found: &[Found],
    outcomes: impl IntoIterator<Item = &'o Outcome>,
) -> Judged {
    let remarks = |level| {
        let remarks = found.iter().filter(|found| found.remark.level == level);
        remarks.map(|found| found.remark.clone()).collect::<Vec<_>>()
    };
    let violations = remarks(Level::Deny);
    let outcomes = outcomes.into_iter();
    let exempted: BTreeSet<&String> = outcomes.flat_map(|it| it.exempted.iter().chain(&it.lifted)).collect();
    Judged {
        object: title,
        place: object.place.clone(),
        accepted,
        count: violations.len(),
        violations,
        warnings: remarks(Level::Warn),
        exempted: exempted.into_iter().cloned().collect(),
        request: None,
        response: None,
    }
}
