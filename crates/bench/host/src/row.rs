//! What is measured: one request under one set of settings.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use image_trust::answers::{self, Capabilities};
use image_trust::keys;
use image_trust::request;
use serde::{Deserialize, Serialize};
use serde_json::json;
use serde_norway::Value;

use crate::answers::Fixed;
use crate::gpgv::Verifiable;
use crate::signed;
use crate::target::{ModuleTargets, Targets};

/// A file of rows.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rows {
    /// What the module shall reach before any request.
    #[serde(default)]
    pub(crate) targets: ModuleTargets,
    /// What to measure.
    pub(crate) rows: Vec<Row>,
}

/// One row of the table; where it has several counts, one row for each.
#[derive(Clone, Deserialize)]
pub(crate) struct Row {
    /// What the table calls it; of a row that counts, what is counted.
    pub(crate) name: String,
    /// What it shall reach.
    #[serde(default)]
    pub(crate) target: Targets,
    /// Where it stands in a series, once that is a row for each count.
    #[serde(skip)]
    pub(crate) step: Option<Step>,
    #[serde(flatten)]
    work: Work,
}

/// A row's place in a series of growing rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Step {
    /// What grows.
    pub(crate) series: String,
    /// How far it has grown.
    pub(crate) count: usize,
}

/// What there is to do.
#[derive(Clone, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
enum Work {
    /// A request from a file, seen from the file of the rows.
    Request {
        request: PathBuf,
        settings: Value,
        /// Brings an ImageStream's `spec.tags`, by its own tags in turn, to so many.
        tags: Option<Counts>,
        /// A folder of objects that answers for the cluster.
        cluster: Option<PathBuf>,
        /// Or a recording that answers whatever is asked.
        replay: Option<PathBuf>,
        /// And what is answered to a `namespace/operation` of the host, whatever the question.
        #[serde(default)]
        answers: BTreeMap<String, Value>,
    },
    /// An ImageSignature with this blob for this image, and a signer with this certificate.
    Signature {
        blob: PathBuf,
        certificate: PathBuf,
        image: String,
        /// Whether gpgv knows the algorithm, and is measured beside it.
        #[serde(default = "yes")]
        gpgv: bool,
    },
    /// An ImageStreamImage from a file, with so many signatures, each of which must count.
    Signed { request: PathBuf, signers: PathBuf, signatures: Counts },
}

/// A number, or several that make a series.
#[derive(Clone, Deserialize)]
#[serde(untagged)]
enum Counts {
    One(usize),
    Several(Vec<usize>),
}

/// What a policy is called with.
pub(crate) struct Payload {
    /// For `validate_settings`.
    pub(crate) settings: Vec<u8>,
    /// For `validate`: compact, as the policy server writes it.
    pub(crate) request: Vec<u8>,
}

/// Reads the rows.
pub(crate) fn load(path: &Path) -> Result<Rows> {
    let context = || path.display().to_string();
    let text = fs::read_to_string(path).with_context(context)?;
    let mut rows: Rows = serde_norway::from_str(&text).with_context(context)?;
    rows.rows = rows.rows.into_iter().flat_map(Row::one_by_one).collect();
    rows.rows.iter_mut().for_each(|row| row.work.seen_from(path));
    Ok(rows)
}

impl Row {
    /// A row for each count. A target is for the last.
    fn one_by_one(self) -> Vec<Self> {
        let counts = match &self.work {
            Work::Request { tags: Some(Counts::Several(counts)), .. }
            | Work::Signed { signatures: Counts::Several(counts), .. } => counts.clone(),
            _ => return vec![self],
        };
        let step = |count: &usize| {
            let mut row = self.clone();
            let what = if *count == 1 { self.name.trim_end_matches('s') } else { &self.name };
            row.name = format!("{} {what}", grouped(*count));
            row.step = Some(Step { series: self.name.clone(), count: *count });
            if counts.last() != Some(count) {
                row.target = Targets::default();
            }
            if let Work::Request { tags: Some(counts), .. } | Work::Signed { signatures: counts, .. } =
                &mut row.work
            {
                *counts = Counts::One(*count);
            }
            row
        };
        counts.iter().map(step).collect()
    }

    /// What the host hands to the policy.
    pub(crate) fn payload(&self) -> Result<Payload> {
        let (request, settings) = match &self.work {
            Work::Request { request, settings, tags, .. } => {
                let mut request = one_request(request)?;
                if let Some(Counts::One(count)) = tags {
                    lengthen(&mut request, *count)?;
                }
                (request, settings.clone())
            }
            Work::Signature { blob, certificate, image, .. } => {
                let settings = json!({"signers": [{"name": "signer", "openpgp": key(certificate)?}]});
                let request = signed::attach(&read(blob)?, image);
                (serde_json::from_value(request)?, serde_json::from_value(settings)?)
            }
            Work::Signed { request, signers, signatures } => {
                let Counts::One(count) = signatures else { anyhow::bail!("several rows are one") };
                let (signatures, settings) = signed::by_each(signers, *count)?;
                let mut request = one_request(request)?;
                let image = request.get_mut("object").and_then(|object| object.get_mut("image"));
                let image = image.and_then(Value::as_mapping_mut).context("has no `object.image`")?;
                image.insert(Value::from("signatures"), signatures);
                (request, settings)
            }
        };
        let settings_alone = serde_json::to_vec(&settings)?;
        let payload: serde_norway::Mapping = [("request", request), ("settings", settings)]
            .into_iter()
            .map(|(member, value)| (Value::from(member), value))
            .collect();
        Ok(Payload { settings: settings_alone, request: serde_json::to_vec(&payload)? })
    }

    /// Who answers for the cluster.
    pub(crate) fn capabilities(&self) -> Result<Box<dyn Capabilities>> {
        match &self.work {
            Work::Request { cluster, replay, answers, .. } => {
                let rest = answers::open(cluster.as_deref(), replay.as_deref())?;
                let json =
                    answers.iter().map(|(call, answer)| Ok((call.clone(), serde_json::to_string(answer)?)));
                Ok(Box::new(Fixed { answers: json.collect::<Result<_>>()?, rest }))
            }
            Work::Signature { .. } | Work::Signed { .. } => answers::open(None, None),
        }
    }

    /// The signature, where the row is about one.
    pub(crate) fn verifiable(&self) -> Result<Option<Verifiable>> {
        let Work::Signature { blob, certificate, gpgv: true, .. } = &self.work else { return Ok(None) };
        let certificates = openshift_image_trust::one_by_one(&key(certificate)?)
            .map_err(|unreadable| anyhow::anyhow!("{}: {unreadable}", certificate.display()))?;
        let binary: Result<Vec<Vec<u8>>, _> = certificates.iter().map(|text| STANDARD.decode(text)).collect();
        Ok(Some(Verifiable { blob: blob.clone(), keyring: binary?.concat() }))
    }
}

impl Work {
    /// Its files lie beside the file that names them.
    fn seen_from(&mut self, rows: &Path) {
        let beside = |file: &mut PathBuf| *file = rows.with_file_name(&*file);
        match self {
            Work::Request { request, cluster, replay, .. } => {
                beside(request);
                cluster.iter_mut().chain(replay).for_each(beside);
            }
            Work::Signature { blob, certificate, .. } => [blob, certificate].into_iter().for_each(beside),
            Work::Signed { request, signers, .. } => [request, signers].into_iter().for_each(beside),
        }
    }
}

fn yes() -> bool {
    true
}

/// A number with its thousands apart.
pub(crate) fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn one_request(path: &Path) -> Result<Value> {
    let context = || path.display().to_string();
    let requests = request::load(path).with_context(context)?;
    let [request] = requests.as_slice() else {
        anyhow::bail!("{} holds {} requests, not one", path.display(), requests.len());
    };
    // This kind of tree keeps the order of the members.
    serde_json::from_str(request.json().get()).with_context(context)
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| path.display().to_string())
}

fn key(path: &Path) -> Result<String> {
    keys::load(path).with_context(|| path.display().to_string())
}

fn lengthen(request: &mut Value, count: usize) -> Result<()> {
    let tags = ["object", "spec", "tags"]
        .into_iter()
        .try_fold(request, |value, member| value.get_mut(member))
        .and_then(Value::as_sequence_mut)
        .context("has no `object.spec.tags`")?;
    ensure!(!tags.is_empty(), "has no tag to repeat");
    let originals = tags.clone();
    tags.truncate(count);
    for (number, tag) in originals.iter().cycle().enumerate().take(count).skip(originals.len()) {
        let mut tag = tag.clone();
        *tag.get_mut("name").context("has a tag without a name")? = Value::String(format!("v1.0.{number}"));
        tags.push(tag);
    }
    Ok(())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail by panicking")]
mod tests {
    use super::*;

    fn yaml(text: &str) -> Value {
        serde_norway::from_str(text).unwrap()
    }

    #[test]
    fn a_stream_is_brought_to_a_number_of_tags() {
        for (count, names) in [(1, "a"), (2, "a b"), (5, "a b v1.0.2 v1.0.3 v1.0.4")] {
            let mut request = yaml("{object: {spec: {tags: [{name: a, from: x}, {name: b, from: y}]}}}");
            lengthen(&mut request, count).unwrap();
            let tags = request["object"]["spec"]["tags"].as_sequence().unwrap();
            let found: Vec<_> = tags.iter().map(|tag| tag["name"].as_str().unwrap()).collect();
            assert_eq!(found.join(" "), names);
            assert!(tags.iter().zip(["x", "y"].iter().cycle()).all(|(tag, from)| tag["from"] == **from));
        }
        for request in ["{}", "{object: {spec: {tags: []}}}", "{object: {spec: {tags: [{from: x}]}}}"] {
            assert!(lengthen(&mut yaml(request), 2).is_err(), "{request}");
        }
    }

    #[test]
    fn a_row_with_several_counts_is_a_row_for_each() {
        let row = |counts| -> Row {
            let text = "{name: tags, request: r, settings: {}, target: {empty: 1}, tags: ";
            serde_norway::from_str(&format!("{text}{counts}}}")).unwrap()
        };
        let rows = row("[1, 10000]").one_by_one();
        let found: Vec<_> =
            rows.iter().map(|row| (row.name.as_str(), row.step.clone(), row.target)).collect();
        let target = Targets { empty: Some(1.0), ..Targets::default() };
        let step = |count| Some(Step { series: "tags".to_owned(), count });
        assert_eq!(found, [("1 tag", step(1), Targets::default()), ("10,000 tags", step(10_000), target)]);
        let [alone] = <[Row; 1]>::try_from(row("500").one_by_one()).ok().unwrap();
        assert_eq!((alone.name.as_str(), alone.step, alone.target), ("tags", None, target));
    }

    #[test]
    fn thousands_stand_apart() {
        for (number, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(grouped(number), text);
        }
    }
}
