//! What the page knows beside the module: the packs, and what their cases are answered.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use image_trust::answers::Natively;
use image_trust::kubewarden::manifest::Deployment;
use image_trust::kubewarden::metadata::Metadata;
use image_trust::pack::{self, Pack};
use image_trust::request;
use image_trust::suite::{Case, Outcome, Verdict};
use serde::Serialize;
use time::UtcDateTime;
use time::format_description::well_known::Rfc3339;

/// A pack as a person writes it.
#[derive(Serialize)]
pub(crate) struct PackText {
    name: String,
    /// What it is for, in a sentence.
    about: String,
    settings: String,
    /// Short objects to begin with.
    examples: Vec<ExampleText>,
    cases: Vec<CaseText>,
    #[serde(skip)]
    read: Pack,
    #[serde(skip)]
    directory: PathBuf,
}

#[derive(Serialize)]
struct ExampleText {
    name: String,
    request: String,
}

#[derive(Serialize)]
struct CaseText {
    name: String,
    verdict: Verdict,
    request: String,
    cluster: String,
    now: String,
}

/// What the page has to say.
#[derive(Serialize)]
pub(crate) struct Expected<'p> {
    /// Of each case of each pack.
    cases: Vec<ExpectedCase<'p>>,
    /// The manifests that deploy the packs' settings, by pack.
    manifests: BTreeMap<&'p str, String>,
}

/// What a case has to be answered.
#[derive(Serialize)]
struct ExpectedCase<'p> {
    pack: &'p str,
    case: &'p str,
    /// The instant at which the answer is this one.
    now: String,
    /// The answer of the policy's library, to the byte.
    response: String,
    /// What the suite says about it.
    outcome: Outcome,
}

/// The packs that the repository ships.
pub(crate) fn packs() -> anyhow::Result<Vec<PackText>> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../policies");
    pack::discover(&directory)?.into_iter().map(PackText::open).collect()
}

/// What the page has to say of them, which the libraries say here.
pub(crate) fn expected(packs: &[PackText]) -> anyhow::Result<Expected<'_>> {
    let metadata = Metadata::shipped()?;
    let manifest = |pack: &PackText| Deployment::of_pack(&pack.name).render(&metadata, &pack.read.settings);
    Ok(Expected {
        cases: cases(packs)?,
        manifests: packs
            .iter()
            .map(|pack| Ok((pack.name.as_str(), manifest(pack)?)))
            .collect::<anyhow::Result<_>>()?,
    })
}

fn cases(packs: &[PackText]) -> anyhow::Result<Vec<ExpectedCase<'_>>> {
    let today = UtcDateTime::now();
    let cases = packs
        .iter()
        .flat_map(|pack| pack.read.cases.iter().map(move |(case, request)| (pack, case, request)));
    cases
        .map(|(pack, case, request)| {
            let now = case.now.unwrap_or(today);
            let payload = request::payload(request.json(), &pack.read.settings);
            let cluster = case.capabilities(&pack.directory)?;
            let verdict =
                openshift_image_trust::evaluate(payload.as_bytes(), now, &Natively(cluster.as_ref()));
            Ok(ExpectedCase {
                pack: &pack.name,
                case: &case.name,
                now: now.format(&Rfc3339)?,
                response: String::from_utf8(verdict.to_json())?,
                outcome: case.expected(),
            })
        })
        .collect()
}

impl PackText {
    fn open(directory: PathBuf) -> anyhow::Result<Self> {
        let read = Pack::open(&directory)?;
        let cases = read.cases.iter().map(|(case, _)| CaseText::open(case, &directory));
        Ok(PackText {
            name: read.name.clone(),
            about: about(&text(&directory.join("README.md"))?)?,
            examples: examples(&read.name)?,
            settings: text(&directory.join(pack::SETTINGS))?,
            cases: cases.collect::<anyhow::Result<_>>()?,
            read,
            directory,
        })
    }
}

impl CaseText {
    fn open(case: &Case, directory: &Path) -> anyhow::Result<Self> {
        let cluster = match case.cluster.as_ref().or(case.replay.as_ref()) {
            Some(path) => cluster(&directory.join(path))?,
            None => String::new(),
        };
        Ok(CaseText {
            name: case.name.clone(),
            verdict: case.expected().verdict,
            request: text(&directory.join(&case.request))?,
            cluster,
            now: case.now.map(|now| now.format(&Rfc3339)).transpose()?.unwrap_or_default(),
        })
    }
}

/// The first sentence below the heading.
fn about(readme: &str) -> anyhow::Result<String> {
    let mut lines = readme.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let paragraph = lines.next().context("a README without a text")?;
    let (sentence, _) = paragraph.split_once(". ").unwrap_or((paragraph, ""));
    Ok(format!("{}.", sentence.trim_end_matches('.')))
}

/// Objects whose first line, a comment, is their name.
fn examples(pack: &str) -> anyhow::Result<Vec<ExampleText>> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples").join(pack);
    if !directory.is_dir() {
        return Ok(Vec::new());
    }
    let example = |file: &PathBuf| {
        let request = text(file)?;
        let name = request.lines().next().and_then(|line| line.strip_prefix("# "));
        let name = name.with_context(|| format!("{}: begins with no comment", file.display()))?.to_owned();
        Ok(ExampleText { name, request })
    };
    files(&directory)?.iter().map(example).collect()
}

/// A folder's files, by name.
fn files(directory: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(directory)?.map(|entry| entry.map(|entry| entry.path()));
    let mut files = entries.collect::<Result<Vec<_>, _>>()?;
    files.sort();
    Ok(files)
}

/// A folder's files as documents of one text: JSON goes for YAML, not the other way round.
fn cluster(path: &Path) -> anyhow::Result<String> {
    if !path.is_dir() {
        return text(path);
    }
    let files = files(path)?;
    let json = files.iter().all(|file| file.extension() == Some(OsStr::new("json")));
    let texts = files.iter().map(|file| text(file)).collect::<anyhow::Result<Vec<_>>>()?;
    Ok(if json { texts.concat() } else { format!("---\n{}", texts.join("---\n")) })
}

fn text(path: &Path) -> anyhow::Result<String> {
    fs::read_to_string(path).with_context(|| path.display().to_string())
}
