//! From a path, as an answer names it, to the place in the text.

use std::ops::Range;

use image_trust::document::Format;
use openshift_image_trust::{FieldPath, Segment};
use serde::Serialize;

use crate::tree::{self, Inside, Node};

/// A place in a text, in the units in which a browser counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Place {
    /// Of the first character.
    pub start: usize,
    /// After the last one.
    pub end: usize,
    /// Whether it is what was asked for; else it is what should hold it.
    pub exact: bool,
}

/// A text in which places are looked for.
#[derive(Debug)]
pub struct Text<'t> {
    text: &'t str,
    documents: Vec<Node>,
}

impl<'t> Text<'t> {
    /// Takes a text.
    pub fn new(text: &'t str, format: Format) -> Self {
        Text { text, documents: tree::documents(text, format) }
    }

    /// The place of a path as an answer prints it, below `base` in a document.
    pub fn find(&self, document: usize, base: &FieldPath, path: &str) -> Option<Place> {
        let mut here = Here { node: self.documents.get(document)?, key: None };
        for segment in base.segments() {
            match here.step(|step| step == segment) {
                Some((inner, _)) => here = inner,
                None => return self.place(here.near(self.text), false),
            }
        }
        let (here, exact) = follow(here, path);
        self.place(if exact { here.there() } else { here.near(self.text) }, exact)
    }

    /// The place of a member's name, in an object that an answer names.
    pub fn find_key(&self, document: usize, base: &FieldPath, path: &str, key: &str) -> Option<Place> {
        let mut here = Here { node: self.documents.get(document)?, key: None };
        for segment in base.segments() {
            here = here.step(|step| step == segment)?.0;
        }
        let (here, exact) = follow(here, path);
        let (member, _) = here.step(|step| *step == Segment::Key(key.to_owned().into())).filter(|_| exact)?;
        self.place(member.key?, true)
    }

    fn place(&self, bytes: Range<usize>, exact: bool) -> Option<Place> {
        place(self.text, bytes, exact)
    }
}

/// The place of what a line says, counted from 1.
pub fn of_line(text: &str, number: usize) -> Option<Place> {
    let line = text.split('\n').nth(number.checked_sub(1)?)?;
    let start = line.as_ptr().addr() - text.as_ptr().addr();
    let indent = line.len() - line.trim_start().len();
    place(text, start + indent..start + line.trim_end().len().max(indent), true)
}

fn place(text: &str, bytes: Range<usize>, exact: bool) -> Option<Place> {
    let start = text.get(..bytes.start)?.encode_utf16().count();
    let length = text.get(bytes)?.encode_utf16().count();
    Some(Place { start, end: start + length, exact })
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
#[expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test may fail by panicking")]
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
        let units: Vec<u16> = text.encode_utf16().collect();
        let marked = String::from_utf16(&units[place.start..place.end]).unwrap();
        Some(if place.exact { marked } else { format!("<{marked}>") })
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
    fn a_key_and_a_line_have_places_too() {
        let text = Text::new("references:\n  alow: [x]\n", Format::Yaml);
        let root = FieldPath::root();
        let place = |start, end| Some(Place { start, end, exact: true });
        assert_eq!(text.find_key(0, &root, "references", "alow"), place(14, 18));
        assert_eq!(text.find_key(0, &root, "references", "allow"), None);
        assert_eq!(text.find_key(0, &root, "other", "alow"), None);
        for (number, expected) in [(0, None), (1, place(0, 1)), (2, place(4, 6)), (3, place(7, 7)), (4, None)]
        {
            assert_eq!(of_line("ü\n  b:\n", number), expected, "{number}");
        }
    }
}
