//! From a path, as an answer names it, to the place in the text.

use std::ops::Range;

use openshift_image_trust::{FieldPath, Segment};
use serde::Serialize;

use crate::document::Format;
use tree::{Inside, Node};

pub mod tree;

/// A place in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// From its first byte to after its last.
    pub bytes: Range<usize>,
    /// Whether it is what was asked for; else it is what should hold it.
    pub exact: bool,
}

/// A line and a column in it, both from 1; columns count characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

impl Position {
    /// The position of a byte.
    #[must_use]
    pub fn of(text: &str, byte: usize) -> Self {
        let before = text.get(..byte).unwrap_or(text);
        let line = before.rsplit('\n').next().unwrap_or_default();
        Position { line: before.matches('\n').count() + 1, column: line.chars().count() + 1 }
    }
}

/// A text in which places are looked for.
#[derive(Debug)]
pub struct Text<'t> {
    text: &'t str,
    documents: Vec<Node>,
    /// The byte at which each line begins.
    lines: Vec<usize>,
}

impl<'t> Text<'t> {
    /// Takes a text.
    pub fn new(text: &'t str, format: Format) -> Self {
        let breaks = text.match_indices('\n').map(|(at, _)| at + 1);
        let lines = std::iter::once(0).chain(breaks).collect();
        Text { text, documents: tree::documents(text, format), lines }
    }

    /// The position of a byte; as [`Position::of`], but quick in a long text.
    pub fn position(&self, byte: usize) -> Position {
        let line = self.lines.partition_point(|start| *start <= byte);
        let start = line.checked_sub(1).and_then(|index| self.lines.get(index)).copied().unwrap_or_default();
        Position { line, column: self.text.get(start..byte).map_or(1, |before| before.chars().count() + 1) }
    }

    /// The text itself.
    pub fn text(&self) -> &'t str {
        self.text
    }

    /// The place of a path as an answer prints it, below `base` in a document.
    pub fn find(&self, document: usize, base: &FieldPath, path: &str) -> Option<Place> {
        let mut here = Here { node: self.documents.get(document)?, key: None };
        for segment in base.segments() {
            match here.inner(segment) {
                Some(inner) => here = inner,
                None => return Some(Place { bytes: here.near(self.text), exact: false }),
            }
        }
        let (here, exact) = follow(here, path);
        Some(Place { bytes: if exact { here.there() } else { here.near(self.text) }, exact })
    }

    /// The place of a member's name, in an object that an answer names.
    pub fn find_key(&self, document: usize, base: &FieldPath, path: &str, key: &str) -> Option<Place> {
        let (here, exact) = follow(self.below(document, base)?, path);
        let (member, _) = here.step(|step| *step == Segment::Key(key.to_owned().into())).filter(|_| exact)?;
        Some(Place { bytes: member.key?, exact: true })
    }

    /// The place of the name of what a path leads to; none where it is an element of a list, or missing.
    pub fn find_name(&self, document: usize, base: &FieldPath, path: &str) -> Option<Place> {
        let (here, exact) = follow(self.below(document, base)?, path);
        Some(Place { bytes: here.key.filter(|_| exact)?, exact: true })
    }

    fn below(&self, document: usize, base: &FieldPath) -> Option<Here<'_>> {
        let document = Here { node: self.documents.get(document)?, key: None };
        base.segments().iter().try_fold(document, |here, segment| here.inner(segment))
    }

    /// The first name that an object has twice, and where it stands the second time.
    pub fn find_duplicate(&self) -> Option<(&str, Position)> {
        let (key, at) = self.documents.iter().find_map(tree::duplicate)?;
        Some((key, Position::of(self.text, at.start)))
    }
}

/// A value on the way, with the place of its name where it has one.
#[derive(Clone)]
struct Here<'n> {
    node: &'n Node,
    key: Option<Range<usize>>,
}

impl<'n> Here<'n> {
    /// The first value inside for which the question is answered with yes, and how it is reached.
    fn step(&self, wanted: impl Fn(&Segment) -> bool) -> Option<(Here<'n>, Segment)> {
        match &self.node.inside {
            Inside::Nothing => None,
            Inside::List(elements) => elements.iter().enumerate().find_map(|(index, node)| {
                let segment = Segment::Index(index);
                wanted(&segment).then_some((Here { node, key: None }, segment))
            }),
            Inside::Map(members) => members.iter().find_map(|member| {
                let segment = Segment::Key(member.key.clone().into());
                let here = Here { node: &member.node, key: Some(member.at.clone()) };
                wanted(&segment).then_some((here, segment))
            }),
        }
    }

    /// The value that one step leads to.
    fn inner(&self, segment: &Segment) -> Option<Here<'n>> {
        match (&self.node.inside, segment) {
            (Inside::List(elements), Segment::Index(index)) => {
                elements.get(*index).map(|node| Here { node, key: None })
            }
            _ => self.step(|step| step == segment).map(|(inner, _)| inner),
        }
    }

    /// Where the value stands; its name, where it is written as nothing at all.
    fn there(self) -> Range<usize> {
        match self.key {
            Some(key) if self.node.span.is_empty() => key,
            _ => self.node.span.clone(),
        }
    }

    /// Where to look for what is missing in it: at its name, else at its first line.
    fn near(self, text: &str) -> Range<usize> {
        let span = self.node.span.clone();
        self.key.unwrap_or_else(|| {
            let line = text.get(span.clone()).and_then(|value| value.lines().next()).unwrap_or_default();
            span.start..span.start + line.trim_end().len()
        })
    }
}

/// Goes as far as a printed path leads, and tells whether that is all of it. A path is compared as
/// the policy prints it, so that nobody has to read it back.
fn follow<'n>(mut here: Here<'n>, path: &str) -> (Here<'n>, bool) {
    let mut route = FieldPath::root();
    loop {
        if route.to_string() == path {
            return (here, true);
        }
        let extended =
            |segment: &Segment| route.segments().iter().chain([segment]).cloned().collect::<FieldPath>();
        let inner = here.step(|segment| {
            let rest = path.strip_prefix(extended(segment).to_string().as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        });
        match inner {
            Some((inner, segment)) => {
                route = extended(&segment);
                here = inner;
            }
            None => return (here, false),
        }
    }
}

#[cfg(test)]
#[expect(clippy::string_slice, reason = "a test may fail by panicking")]
mod tests {
    use super::*;

    const STREAM: &str = "\
# what oc prints
apiVersion: image.openshift.io/v1
metadata:
  annotations:
    openshift.io/image.x: \"true\" # \"why\"
    empty:
  name: wëb \u{1f600}
spec:
  dockerImageRepository: |
    quay.io/a
    quay.io/b

  tags:
  - name: v1
    from: {kind: DockerImage, name: quay.io/acme/web}
  - name: v2
    from:
      kind: DockerImage # why
      name: 'docker.io/x'   # \"where\"
  - &third
    name: v3
  - *third
";

    const REVIEW: &str = "{\"kind\": \"AdmissionReview\",\n\t\"request\": {\"operation\":\"CREATE\", \"object\" :\n\t\t{\"spec\" : {\"tags\": [ {\"name\": \"a \\\" { : b\"}, {\"na\\\"me\": 5}, []]}}}}";

    /// What is marked for a path; in angle brackets what is only near it.
    fn marked(text: &str, document: usize, base: &FieldPath, path: &str) -> Option<String> {
        let format = if text.starts_with('{') { Format::Json } else { Format::Yaml };
        let place = Text::new(text, format).find(document, base, path)?;
        let marked = &text[place.bytes];
        Some(if place.exact { marked.to_owned() } else { format!("<{marked}>") })
    }

    #[test]
    fn a_path_leads_to_its_place_in_yaml() {
        for (path, expected) in [
            ("apiVersion", "image.openshift.io/v1"),
            ("metadata.annotations[openshift.io/image.x]", "\"true\""),
            ("metadata.annotations.empty", "empty"),
            ("metadata.name", "wëb \u{1f600}"),
            ("spec.dockerImageRepository", "quay.io/a\n    quay.io/b"),
            ("spec.tags[0].name", "v1"),
            ("spec.tags[0].from", "{kind: DockerImage, name: quay.io/acme/web}"),
            ("spec.tags[0].from.name", "quay.io/acme/web"),
            ("spec.tags[1].from", "kind: DockerImage # why\n      name: 'docker.io/x'"),
            ("spec.tags[1].from.name", "'docker.io/x'"),
            ("spec.tags[2].name", "v3"),
            ("spec.tags[3]", "*third"),
        ] {
            assert_eq!(marked(STREAM, 0, &FieldPath::root(), path).as_deref(), Some(expected), "{path}");
        }
    }

    #[test]
    fn a_path_leads_to_its_place_in_json() {
        let base = FieldPath::root().key("request.object");
        for (path, expected) in [
            ("spec.tags[0].name", "\"a \\\" { : b\""),
            ("spec.tags[1][na\"me]", "5"),
            ("spec.tags[2]", "[]"),
            ("object", "{\"spec\" : {\"tags\": [ {\"name\": \"a \\\" { : b\"}, {\"na\\\"me\": 5}, []]}}"),
        ] {
            assert_eq!(marked(REVIEW, 0, &base, path).as_deref(), Some(expected), "{path}");
        }
        assert_eq!(marked(REVIEW, 0, &FieldPath::root(), "request.operation").as_deref(), Some("\"CREATE\""));
    }

    #[test]
    fn what_is_missing_is_near_what_should_hold_it() {
        let root = FieldPath::root();
        for (text, base, path, expected) in [
            (STREAM, &root, "spec.tags[0].from.namespace", "<from>"),
            (STREAM, &root, "spec.tags[2].from.name", "<name: v3>"),
            (STREAM, &root, "spec.tags[9]", "<tags>"),
            // A longer name is another one.
            (STREAM, &root, "spec.tagsy", "<spec>"),
            (STREAM, &root, "spec.tags[0].fro", "<name: v1>"),
            (STREAM, &root, "status.tags[0]", "<apiVersion: image.openshift.io/v1>"),
            (STREAM, &root.clone().key("request"), "object", "<apiVersion: image.openshift.io/v1>"),
            (REVIEW, &root.clone().key("request.object"), "metadata.name", "<\"object\">"),
            (REVIEW, &root.clone().key("request"), "oldObject", "<\"request\">"),
        ] {
            assert_eq!(marked(text, 0, base, path).as_deref(), Some(expected), "{path}");
        }
    }

    #[test]
    fn documents_are_counted_as_requests_are() {
        let text = "---\n---\na: 1\n---\n# none\n---\nnull\n---\na: 2\n...\n";
        let at = |document| marked(text, document, &FieldPath::root(), "a");
        assert_eq!((at(0).as_deref(), at(1).as_deref(), at(2)), (Some("1"), Some("2"), None));
        let text = "{\"a\": 1} {\"a\": 2}\n{";
        let at = |document| marked(text, document, &FieldPath::root(), "a");
        assert_eq!((at(0).as_deref(), at(1).as_deref(), at(2)), (Some("1"), Some("2"), None));
    }

    #[test]
    fn what_is_no_text_of_values_has_no_places() {
        let deep = format!("{}{}", "[".repeat(5_000), "]".repeat(5_000));
        for text in
            ["", "# nothing", "a: [", "a: b: c", "? [a]\n: b", "{", "{\"a\"", "\u{0}", "a: !x {", &deep]
        {
            assert_eq!(marked(text, 0, &FieldPath::root(), "a[0].b"), None, "{text:.20}");
        }
    }

    #[test]
    fn a_key_has_a_place_too() {
        let text = Text::new("references:\n  alow: [x]\n", Format::Yaml);
        let root = FieldPath::root();
        assert_eq!(text.find_key(0, &root, "references", "alow"), Some(Place { bytes: 14..18, exact: true }));
        assert_eq!(text.find_key(0, &root, "references", "allow"), None);
        assert_eq!(text.find_key(0, &root, "other", "alow"), None);
        assert_eq!(text.find_name(0, &root, "references.alow"), Some(Place { bytes: 14..18, exact: true }));
        for path in ["references.alow[0]", "references.allow", "object"] {
            assert_eq!(text.find_name(0, &root, path), None, "{path}");
        }
    }

    #[test]
    fn a_position_counts_lines_and_characters() {
        let text = "a: 1\nü\u{1f600}: [b]\n";
        for (byte, line, column) in [(0, 1, 1), (3, 1, 4), (5, 2, 1), (13, 2, 5), (17, 3, 1), (99, 3, 1)] {
            assert_eq!(Position::of(text, byte), Position { line, column }, "{byte}");
            let read = Text::new(text, Format::Yaml);
            assert_eq!(read.position(byte.min(text.len())), Position { line, column }, "{byte}");
        }
    }
}
