//! Totals: by rule, by namespace, by source.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::cluster::{Cluster, Object, Sort};
use super::judging::{Found, Outcome};
use super::natural;
use crate::console::Console;

/// What was found, counted.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// Files that were read.
    files: usize,
    /// Objects in them.
    read: usize,
    /// Objects that were judged.
    objects: usize,
    denied: usize,
    /// Denied to everybody but the platform.
    spared: usize,
    by_rule: Vec<RuleRow>,
    by_namespace: Vec<NamespaceRow>,
    refused_sources: Vec<SourceRow>,
    exempted: Vec<ExemptedRow>,
    signed: Vec<SignedRow>,
    ended_pods: usize,
    left_out: usize,
}

#[derive(Debug, Serialize)]
struct RuleRow {
    level: &'static str,
    rule: String,
    /// Sources, and fields that have none.
    findings: usize,
    objects: usize,
}

#[derive(Debug, Serialize)]
struct NamespaceRow {
    /// Empty for what belongs to none.
    namespace: String,
    denied: usize,
    objects: usize,
}

#[derive(Debug, Default, Serialize)]
struct SourceRow {
    source: String,
    streams: usize,
    images: usize,
    pods: usize,
    workloads: usize,
}

#[derive(Debug, Serialize)]
struct ExemptedRow {
    rule: String,
    /// `the platform`, or `the settings`.
    by: &'static str,
    objects: usize,
}

#[derive(Debug, Serialize)]
struct SignedRow {
    registry: String,
    signed: usize,
    images: usize,
}

impl Summary {
    /// Counts.
    pub fn of(cluster: &Cluster, judged: &[(Object<'_>, Outcome)], left_out: usize) -> Self {
        Summary {
            files: cluster.files,
            read: cluster.objects,
            objects: judged.len(),
            denied: judged.iter().filter(|(_, outcome)| !outcome.accepted).count(),
            spared: judged.iter().filter(|(_, outcome)| outcome.spared).count(),
            by_rule: by_rule(judged),
            by_namespace: by_namespace(judged),
            refused_sources: refused_sources(judged),
            exempted: exempted(judged),
            signed: signed(cluster),
            ended_pods: cluster.ended,
            left_out,
        }
    }

    /// Prints tables. Objects would "be" denied, or "become" denied.
    ///
    /// # Errors
    /// Standard output is closed.
    pub fn print(&self, verb: &str, console: &mut Console) -> std::io::Result<()> {
        console.line(&format!("{} read from {}", count(self.read, "object"), count(self.files, "file")))?;
        let rows = self
            .by_rule
            .iter()
            .map(|row| (format!("{:5} {}", row.level, row.rule), vec![row.findings, row.objects]));
        table(console, "By rule", &["findings", "objects"], rows.collect())?;
        let rows = self.by_namespace.iter().filter(|row| row.denied > 0);
        let rows = rows.map(|row| (or(&row.namespace, "(cluster)"), vec![row.denied, row.objects]));
        table(console, "By namespace", &["denied", "of"], rows.collect())?;
        let rows = self
            .refused_sources
            .iter()
            .map(|row| (row.source.clone(), vec![row.streams, row.images, row.pods, row.workloads]));
        table(
            console,
            "Sources that are refused, by what has them",
            &["streams", "images", "pods", "others"],
            rows.collect(),
        )?;
        let rows =
            self.exempted.iter().map(|row| (format!("{} (by {})", row.rule, row.by), vec![row.objects]));
        table(console, "Let through by exemptions", &["objects"], rows.collect())?;
        let rows = self.signed.iter().map(|row| {
            (
                row.registry.clone(),
                vec![row.signed, row.images, (row.signed * 100).checked_div(row.images).unwrap_or(0)],
            )
        });
        table(console, "Images with signatures, by registry", &["signed", "of", "percent"], rows.collect())?;
        console.line("")?;
        if self.ended_pods > 0 {
            let pods = if self.ended_pods == 1 { "pod that has" } else { "pods that have" };
            console.line(&format!("not judged: {} {pods} ended", self.ended_pods))?;
        }
        if self.left_out > 0 {
            console.line(&format!("not judged: {}", left_out(self.left_out)))?;
        }
        if self.spared > 0 {
            console.line(&format!(
                "{} would be denied to everybody but the platform, which maintains them",
                count(self.spared, "object")
            ))?;
        }
        console.line(&format!("{} of {} would {verb} denied", self.denied, count(self.objects, "object")))
    }
}

/// Says how many pods and workloads the pack for them would not be asked about.
pub fn left_out(number: usize) -> String {
    let what = if number == 1 { "pod or workload" } else { "pods and workloads" };
    format!("{number} {what} in the platform's namespaces, which the pack running-images leaves out")
}

/// `1 file`, `2 files`
pub fn count(number: usize, noun: &str) -> String {
    match number {
        1 => format!("1 {noun}"),
        _ => format!("{number} {noun}s"),
    }
}

fn or(text: &str, instead: &str) -> String {
    if text.is_empty() { instead } else { text }.to_owned()
}

fn table(
    console: &mut Console,
    title: &str,
    columns: &[&str],
    rows: Vec<(String, Vec<usize>)>,
) -> std::io::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let width = rows.iter().map(|(name, _)| name.chars().count()).chain([title.len()]).max().unwrap_or(0);
    let heads: String = columns.iter().map(|column| format!(" {column:>9}")).collect();
    console.line("")?;
    console.line(&format!("{title:width$}{heads}"))?;
    for (name, cells) in rows {
        let cells: String = cells.iter().map(|cell| format!(" {cell:>9}")).collect();
        console.line(&format!("{name:width$}{cells}"))?;
    }
    Ok(())
}

/// Where a rule is offended against: sources, or fields with the object that they are in, and objects.
#[derive(Default)]
struct Sightings<'a> {
    places: BTreeSet<(&'a str, String)>,
    objects: BTreeSet<usize>,
}

fn by_rule(judged: &[(Object<'_>, Outcome)]) -> Vec<RuleRow> {
    let mut rows: BTreeMap<(&'static str, &str), Sightings<'_>> = BTreeMap::new();
    for (index, (object, outcome)) in judged.iter().enumerate() {
        for found in &outcome.found {
            let (level, rule, place) = found.key();
            let seen = rows.entry((level, rule.unwrap_or("(no rule)"))).or_default();
            // A source counts once; a field that has none, once in its object.
            let within = if found.source.is_some() { String::new() } else { object.title() };
            seen.places.insert((place, within));
            seen.objects.insert(index);
        }
    }
    let rows = rows.into_iter().map(|((level, rule), Sightings { places, objects })| RuleRow {
        level,
        rule: rule.to_owned(),
        findings: places.len(),
        objects: objects.len(),
    });
    rows.collect()
}

fn by_namespace(judged: &[(Object<'_>, Outcome)]) -> Vec<NamespaceRow> {
    let mut rows: BTreeMap<&str, NamespaceRow> = BTreeMap::new();
    for (object, outcome) in judged {
        let namespace = object.namespace();
        let row = rows.entry(namespace).or_insert_with(|| NamespaceRow {
            namespace: namespace.to_owned(),
            denied: 0,
            objects: 0,
        });
        row.objects += 1;
        row.denied += usize::from(!outcome.accepted);
    }
    let mut rows: Vec<_> = rows.into_values().collect();
    rows.sort_by(|a, b| natural::compare(&a.namespace, &b.namespace));
    rows
}

fn refused_sources(judged: &[(Object<'_>, Outcome)]) -> Vec<SourceRow> {
    let mut rows: BTreeMap<&str, SourceRow> = BTreeMap::new();
    for (object, outcome) in judged {
        let refused = outcome.found.iter().filter(|found| found.is_denial());
        let sources: BTreeSet<&str> = refused.filter_map(|found: &Found| found.source.as_deref()).collect();
        for source in sources {
            let row = rows.entry(source).or_default();
            *match object.sort {
                Sort::Stream => &mut row.streams,
                Sort::Image => &mut row.images,
                Sort::Pod => &mut row.pods,
                Sort::Workload => &mut row.workloads,
            } += 1;
        }
    }
    let mut rows: Vec<_> =
        rows.into_iter().map(|(source, row)| SourceRow { source: source.to_owned(), ..row }).collect();
    let weight = |row: &SourceRow| (row.streams, row.pods, row.workloads, row.images);
    rows.sort_by(|a, b| weight(b).cmp(&weight(a)).then_with(|| natural::compare(&a.source, &b.source)));
    rows
}

fn exempted(judged: &[(Object<'_>, Outcome)]) -> Vec<ExemptedRow> {
    let mut rows: BTreeMap<(&str, &'static str), usize> = BTreeMap::new();
    for (_, outcome) in judged {
        for (rule, by) in outcome
            .exempted
            .iter()
            .map(|rule| (rule.as_str(), "the settings"))
            .chain(outcome.lifted.iter().map(|rule| (rule.as_str(), "the platform")))
        {
            *rows.entry((rule, by)).or_default() += 1;
        }
    }
    let rows = rows.into_iter();
    rows.map(|((rule, by), objects)| ExemptedRow { rule: rule.to_owned(), by, objects }).collect()
}

fn signed(cluster: &Cluster) -> Vec<SignedRow> {
    let rows = cluster.signed().into_iter();
    let mut rows: Vec<_> =
        rows.map(|(registry, (signed, images))| SignedRow { registry, signed, images }).collect();
    rows.sort_by(|a, b| natural::compare(&a.registry, &b.registry));
    rows
}
