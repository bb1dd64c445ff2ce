//! What a person wrote, judged: what is wrong with each part of it, and what the policy answers.

use std::path::Path;

use image_trust::answers::{self, Natively};
use image_trust::document::{self, Format};
use image_trust::kubewarden::manifest::Deployment;
use image_trust::kubewarden::metadata::Metadata;
use image_trust::now;
use image_trust::place::Text;
use image_trust::request::{self, Advice, Contents, Request};
use image_trust::response::{Line, Response, SignedBy};
use image_trust::settings::{Settings, SettingsError};
use openshift_image_trust::{FieldPath, escape, quote};
use serde::{Deserialize, Serialize};
use time::UtcDateTime;

use crate::place::{self, Place};

/// What a person wrote.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Reviews, requests or objects.
    pub request: String,
    /// The policy's settings, or the manifest that holds them.
    pub settings: String,
    /// Objects of a cluster, a recording of one, or nothing.
    pub cluster: String,
    /// The instant that the policy takes for now.
    pub now: String,
}

/// What there is to say about it.
#[derive(Debug, Default, Serialize)]
pub struct Answer {
    /// What is wrong with the request.
    pub request: Vec<Remark>,
    /// What is wrong with the settings.
    pub settings: Vec<Remark>,
    /// What is wrong with the cluster.
    pub cluster: Vec<Remark>,
    /// What is wrong with the instant.
    pub now: Vec<Remark>,
    /// The requests with the policy's answers; none while something is wrong.
    pub judged: Vec<Judged>,
    /// Which objects beside them are of kinds that are not judged, if any.
    pub not_judged: Option<String>,
}

/// A line, and the place that it is about.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Remark {
    /// What it says.
    pub message: String,
    /// The path that it begins with.
    pub path: Option<String>,
    /// The entry of a list that the path leads into, such as "tag `v1`".
    pub entry: Option<String>,
    /// The rule that it ends with.
    pub code: Option<String>,
    /// Where in the text.
    pub place: Option<Place>,
}

/// A request and what the policy answers.
#[derive(Debug, Serialize)]
pub struct Judged {
    /// What the request is about.
    pub about: String,
    /// Whether it may pass.
    pub accepted: bool,
    /// Why not, as far as the answer lists it.
    pub violations: Vec<Remark>,
    /// How many violations there are.
    pub denied: usize,
    /// What else there is to say, as far as the answer lists it.
    pub warnings: Vec<Remark>,
    /// How many warnings there are.
    pub warned: usize,
    /// The line that the settings add to every denial.
    pub help: Option<String>,
    /// Who signed.
    pub signers: Vec<SignedBy>,
    /// What exemptions let pass, and why.
    pub exempted: Option<String>,
    /// The answer to the byte.
    pub response: String,
}

impl Question {
    /// Answers it, as `image-trust run` would.
    pub fn answer(&self) -> Answer {
        let mut answer = Answer::default();
        let now = self.now(&mut answer.now);
        let settings = self.settings(now, &mut answer.settings);
        let cluster = answers::read(Path::new("cluster"), &self.cluster)
            .map_err(|error| answer.cluster.push(unreadable(&self.cluster, &error.to_string())));
        let requests = self.requests(&mut answer.request);
        let (Some(now), Some(settings), Ok(cluster), Some((Contents { requests, others }, text))) =
            (now, settings, cluster, requests)
        else {
            return answer;
        };
        answer.not_judged =
            Some(others).filter(|others| others.count() > 0).map(|others| others.not_judged());
        for request in requests {
            let payload = request::payload(request.json(), &settings);
            let verdict =
                openshift_image_trust::evaluate(payload.as_bytes(), now, &Natively(cluster.as_ref()))
                    .to_json();
            match Response::parse(&verdict) {
                Ok(response) => answer.judged.push(Judged::new(&request, &response, &text)),
                Err(error) => answer.request.push(Remark::new(error.to_string())),
            }
        }
        answer
    }

    /// The ClusterAdmissionPolicy that deploys the settings, as `image-trust manifest` renders it.
    ///
    /// # Errors
    /// They cannot be used.
    pub fn manifest(&self, pack: &str) -> Result<String, String> {
        let mut remarks = Vec::new();
        let now = self.now(&mut remarks);
        let Some(settings) = self.settings(now, &mut remarks) else {
            let problems = remarks.iter().map(|remark| remark.message.as_str()).collect::<Vec<_>>();
            return Err(problems.join("; "));
        };
        let metadata = Metadata::shipped().map_err(|error| error.to_string())?;
        Deployment::of_pack(pack).render(&metadata, &settings).map_err(|error| error.to_string())
    }

    fn now(&self, remarks: &mut Vec<Remark>) -> Option<UtcDateTime> {
        now::parse(self.now.trim()).map_err(|error| remarks.push(Remark::new(error))).ok()
    }

    fn requests(&self, remarks: &mut Vec<Remark>) -> Option<(Contents, Text<'_>)> {
        let format = format_of(&self.request);
        let requests = document::parse(&self.request, format)
            .map_err(request::RequestError::from)
            .and_then(|documents| request::some_of(&documents));
        match requests {
            Ok(contents) => Some((contents, Text::new(&self.request, format))),
            Err(error) => {
                remarks.push(unreadable(&self.request, &error.to_string()));
                None
            }
        }
    }

    /// The settings, if they can be used.
    fn settings(&self, now: Option<UtcDateTime>, remarks: &mut Vec<Remark>) -> Option<Settings> {
        let format = format_of(&self.settings);
        let read =
            document::parse(&self.settings, format).map_err(SettingsError::from).and_then(|documents| {
                let whole = documents.first().map(|document| document.get().len());
                Settings::from_documents(documents).map(|settings| (settings, whole))
            });
        let (settings, whole) = match read {
            Ok(read) => read,
            Err(error) => {
                remarks.push(unreadable(&self.settings, &error.to_string()));
                return None;
            }
        };
        let answer = openshift_image_trust::validate_settings(settings.json().as_bytes(), now?);
        if answer.valid {
            return Some(settings);
        }
        // They are a part of the document, or all of it.
        let is_manifest = whole.is_some_and(|whole| whole > settings.json().len());
        let base = if is_manifest { FieldPath::root().key("spec.settings") } else { FieldPath::root() };
        let text = Text::new(&self.settings, format);
        let problems = answer.message.as_deref().unwrap_or("refused without a reason").lines();
        remarks.extend(problems.map(|problem| Remark::of_setting(problem, &text, &base)));
        None
    }
}

impl Judged {
    fn new(request: &Request, response: &Response, text: &Text<'_>) -> Self {
        let remark = |line: &str| Remark::of_request(line, text, request.place());
        let advice = request.advice().iter().map(|Advice { path, oddity }| {
            let words = Remark { path: Some(path.to_string()), ..Remark::new(oddity.to_string()) };
            remark(&format!("{path}: {oddity} [{}]", oddity.code())).unwrap_or(words)
        });
        Judged {
            about: request.summary().to_string(),
            accepted: response.accepted(),
            violations: response.lines().into_iter().filter_map(remark).collect(),
            denied: response.violations(),
            warned: response.warned() + advice.len(),
            warnings: response
                .warnings()
                .iter()
                .map(String::as_str)
                .filter_map(remark)
                .chain(advice)
                .collect(),
            help: response.help().map(str::to_owned),
            signers: response.signers(),
            exempted: response.exemptions().map(str::to_owned),
            response: response.json().get().to_owned(),
        }
    }
}

impl Remark {
    fn new(message: String) -> Self {
        Remark { message, path: None, entry: None, code: None, place: None }
    }

    /// A line of an answer, if it begins with a path and ends with a rule.
    fn of_request(line: &str, text: &Text<'_>, place: &request::Place) -> Option<Self> {
        let Line { path, entry, message, code } = Line::parse(line)?;
        let (base, below) = place.follow(path);
        let place = text.find(place.document, base, below).and_then(|place| Place::of(text.text(), place));
        let [path, code] = [path, code].map(|it| Some(it.to_owned()));
        Some(Remark { message: message.to_owned(), path, entry: entry.map(str::to_owned), code, place })
    }

    /// A problem of the settings, which begins with a path.
    fn of_setting(problem: &str, text: &Text<'_>, base: &FieldPath) -> Self {
        let Some((path, message)) = problem.split_once(": ") else {
            return Remark::new(problem.to_owned());
        };
        // What has no path is about all of them.
        let below = if path == "settings" { "object" } else { path };
        let unknown = message.strip_prefix("unknown key `").and_then(|rest| rest.split_once('`'));
        let place = unknown
            .and_then(|(key, _)| text.find_key(0, base, below, key))
            // What it says first is the name itself: that is wrong, not the value.
            .or_else(|| {
                text.find_name(0, base, below).filter(|name| {
                    let name = text.text().get(name.bytes.clone()).unwrap_or_default();
                    message.starts_with(&format!("{} ", quote(name.trim_matches(['"', '\'']))))
                })
            })
            .or_else(|| text.find(0, base, below))
            .and_then(|place| Place::of(text.text(), place));
        Remark { path: Some(path.to_owned()), place, ..Remark::new(message.to_owned()) }
    }
}

/// What is said of a text that cannot be read: readers name the line at the end.
fn unreadable(text: &str, message: &str) -> Remark {
    let number = message.rsplit_once(" line ").map(|(_, rest)| rest);
    let number = number.map(|rest| rest.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default());
    let place = number.and_then(|number| number.parse().ok()).and_then(|line| place::of_line(text, line));
    Remark { place, ..Remark::new(escape(message)) }
}

fn format_of(text: &str) -> Format {
    Format::of(Path::new("-"), text)
}

#[cfg(test)]
#[expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test may fail by panicking"
)]
mod tests {
    use super::*;

    // What begins with a brace is JSON.
    const STREAM: &str = "---\n{apiVersion: image.openshift.io/v1, kind: ImageStream, metadata: {name: a, namespace: b}, spec: {tags: [{name: v1, from: {kind: DockerImage, name: docker.io/x}}]}}";

    fn ask(request: &str, settings: &str, cluster: &str, now: &str) -> Answer {
        let [request, settings, cluster, now] = [request, settings, cluster, now].map(str::to_owned);
        Question { request, settings, cluster, now }.answer()
    }

    /// Path, rule and marked text of remarks on a text of ASCII.
    fn told<'t>(
        remarks: &'t [Remark],
        text: &'t str,
    ) -> Vec<(Option<&'t str>, Option<&'t str>, Option<&'t str>)> {
        let marked = |remark: &Remark| remark.place.map(|place| &text[place.start..place.end]);
        remarks
            .iter()
            .map(|remark| (remark.path.as_deref(), remark.code.as_deref(), marked(remark)))
            .collect()
    }

    const NOW: &str = "2026-03-01T00:00:00Z";

    #[test]
    fn a_violation_names_its_place() {
        let answer = ask(STREAM, "references: {allow: [quay.io]}", "", NOW);
        let [judged] = answer.judged.as_slice() else { panic!("{answer:?}") };
        assert!(!judged.accepted);
        assert_eq!(judged.about, "ImageStream b/a");
        assert_eq!(
            judged.violations[0].message,
            "`docker.io/x` is from `docker.io`, which is not allowed; allowed: `quay.io` (`references.allow`)"
        );
        assert_eq!(judged.violations[0].entry.as_deref(), Some("tag `v1`"));
        let place = (Some("spec.tags[0].from.name"), Some("source-not-allowed"), Some("docker.io/x"));
        assert_eq!(told(&judged.violations, STREAM), [place]);
    }

    #[test]
    fn what_is_not_judged_or_misspelt_is_told_as_on_the_command_line() {
        let text = format!(
            "{}\n---\n{{apiVersion: v1, kind: Service}}\n",
            STREAM.replace("tags:", "tag: [], tags:")
        );
        let answer = ask(&text, "{}", "", NOW);
        let [judged] = answer.judged.as_slice() else { panic!("{answer:?}") };
        assert_eq!((judged.warned, judged.warnings.len()), (1, 1));
        assert_eq!(told(&judged.warnings, &text), [(Some("spec.tag"), Some("unknown-field"), Some("[]"))]);
        assert_eq!(answer.not_judged.as_deref(), Some("1 object of another kind (1 Service) was not judged"));
    }

    #[test]
    fn a_violation_of_the_request_has_its_place_in_the_request() {
        for (more, path, marked) in [
            ("operation: GRAB", "request.operation", "GRAB"),
            ("operation: UPDATE", "oldObject", "request"),
            ("operation: UPDATE, oldObject: {apiVersion: v2}", "oldObject.apiVersion", "v2"),
        ] {
            let review = format!(
                "---\n{{request: {{{more}, kind: {{group: image.openshift.io, version: v1, kind: ImageStream}}, \
                 resource: {{group: image.openshift.io, version: v1, resource: imagestreams}}, object: {}}}}}",
                STREAM.trim_start_matches("---\n")
            );
            let answer = ask(&review, "{}", "", NOW);
            let [judged] = answer.judged.as_slice() else { panic!("{answer:?}") };
            let place = (Some(path), Some("request-unreadable"), Some(marked));
            assert_eq!(told(&judged.violations, &review), [place]);
        }
    }

    #[test]
    fn a_problem_of_the_settings_names_its_place_in_them_or_in_their_manifest() {
        let manifest =
            "apiVersion: policies.kubewarden.io/v1\nkind: AdmissionPolicy\nspec:\n  settings:\n    ";
        for (settings, path, marked) in [
            ("rules: {tag-moved: maybe}", "rules.tag-moved", "maybe"),
            ("rules: {tag-mved: deny}", "rules.tag-mved", "tag-mved"),
            ("rules: {request-unreadable: off}", "rules.request-unreadable", "request-unreadable"),
            (
                "exemptions: [{reason: a, users: [a], rules: [tag-mved]}]",
                "exemptions[0].rules[0]",
                "tag-mved",
            ),
            ("references: {alow: []}", "references", "alow"),
            ("signers: 3", "signers", "3"),
            ("refrences: {}", "settings", "refrences"),
            ("trust: {}", "trust", "{}"),
            ("exemptions: [{users: [a]}]", "exemptions[0]", "{users: [a]}"),
        ] {
            for text in [settings.to_owned(), format!("{manifest}{settings}\n")] {
                let answer = ask(STREAM, &text, "", NOW);
                assert_eq!(told(&answer.settings, &text), [(Some(path), None, Some(marked))], "{text}");
                assert!(answer.judged.is_empty());
            }
        }
    }

    #[test]
    fn violations_are_counted_beyond_those_that_are_listed() {
        let tags: Vec<_> = (0..50)
            .map(|tag| format!("{{name: v{tag}, from: {{kind: DockerImage, name: docker.io/x}}}}"))
            .collect();
        let object = |tags: &str| {
            format!(
                "---\n{{apiVersion: image.openshift.io/v1, kind: ImageStream, metadata: {{name: a, namespace: b}}, spec: {{tags: [{tags}]}}}}"
            )
        };
        let settings = "references: {allow: [quay.io]}\nanswers: {help: ask us}";
        let answer = ask(&object(&tags.join(", ")), settings, "", NOW);
        let [judged] = answer.judged.as_slice() else { panic!("{answer:?}") };
        assert_eq!(
            (judged.denied, judged.violations.len(), judged.help.as_deref()),
            (50, 20, Some("ask us"))
        );
        let answer = ask(
            &object(&tags.join(", ")),
            "rules: {untracked-reference: warn, source-not-allowed: warn}\nreferences: {allow: [quay.io]}",
            "",
            NOW,
        );
        let [judged] = answer.judged.as_slice() else { panic!("{answer:?}") };
        assert_eq!((judged.warned, judged.warnings.len(), judged.help.as_deref()), (50, 20, None));
        assert!(judged.violations.is_empty() && judged.signers.is_empty());
    }

    #[test]
    fn settings_become_the_manifest_that_deploys_them() {
        let question = |settings: &str| Question {
            request: String::new(),
            settings: settings.to_owned(),
            cluster: String::new(),
            now: NOW.to_owned(),
        };
        let manifest = question("references: {allow: [quay.io]}").manifest("").unwrap();
        assert!(manifest.contains("name: image-trust-settings\n") && manifest.contains("mode: monitor\n"));
        assert!(
            manifest.ends_with("  settings:\n    references:\n      allow:\n      - quay.io\n"),
            "{manifest}"
        );
        let again = question(&manifest).manifest("mine").unwrap();
        assert_eq!(again, manifest.replace("image-trust-settings", "image-trust-mine"));
        for (settings, told) in [
            ("references: {alow: []}", "unknown key `alow`: did you mean `allow`?"),
            ("", "holds no settings; write `{}` for none"),
        ] {
            assert_eq!(question(settings).manifest("").unwrap_err(), told);
        }
    }

    #[test]
    fn everything_that_is_wrong_is_said_at_once() {
        let answer = ask("[", "", "kind: Image", "now");
        let counts = [&answer.request, &answer.settings, &answer.cluster, &answer.now].map(Vec::len);
        assert_eq!(counts, [1; 4], "{answer:?}");
        assert!(answer.judged.is_empty());
    }

    #[test]
    fn what_cannot_be_read_names_its_line() {
        let text = "a: 1\nb: 2\na: 3\n";
        let answer = ask(text, "{}", "", NOW);
        assert_eq!(told(&answer.request, text).len(), 1);
        let text = "{\n  \"a\": 1,\n  \"a\": 2\n}";
        let answer = ask(text, "{}", "", NOW);
        assert_eq!(told(&answer.request, text), [(None, None, Some("\"a\": 2"))]);
    }
}
