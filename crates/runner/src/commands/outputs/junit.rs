//! JUnit's XML, for CI servers: a suite for each file, a case for each object.

use openshift_image_trust::escape;
use quick_junit::{NonSuccessKind, Report, SerializeError, TestCase, TestCaseStatus, TestSuite};

use crate::commands::outputs::{FailOn, Findings, Judged, Remark, Undecided};

/// The document.
///
/// # Errors
/// None that depends on what was found.
pub fn document(findings: &Findings, fail_on: FailOn) -> Result<String, SerializeError> {
    let mut report = Report::new("image-trust");
    let mut suites: Vec<TestSuite> = Vec::new();
    let mut add = |file: &str, case: TestCase| {
        let name = escape(file);
        match suites.iter_mut().find(|suite| suite.name.as_str() == name) {
            Some(suite) => _ = suite.add_test_case(case),
            None => {
                let mut suite = TestSuite::new(name);
                suite.add_test_case(case);
                suites.push(suite);
            }
        }
    };
    for judged in &findings.results {
        add(&judged.place.file, case(judged, fail_on));
    }
    for Undecided { place, message } in &findings.undecided {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status.set_message(escape(message));
        add(&place.file, TestCase::new(escape(&place.to_string()), status));
    }
    report.add_test_suites(suites);
    report.to_string()
}

fn case(judged: &Judged, fail_on: FailOn) -> TestCase {
    let listed = |remarks: &[Remark]| {
        let lines = remarks.iter().map(|remark| escape(&format!("{}: {remark}", remark.place)));
        lines.collect::<Vec<_>>().join("\n")
    };
    let mut passed = TestCaseStatus::success();
    let (status, rest) = match judged.fails(fail_on) {
        false => (&mut passed, listed(&judged.warnings)),
        true => {
            let (remarks, rest) = match judged.accepted {
                true => (&judged.warnings, String::new()),
                false => (&judged.violations, listed(&judged.warnings)),
            };
            passed = TestCaseStatus::non_success(NonSuccessKind::Failure);
            let first = remarks.first();
            passed.set_message(first.map(|remark| escape(&remark.to_string())).unwrap_or_default());
            passed.set_type(first.and_then(|remark| remark.rule.clone()).unwrap_or_default());
            passed.set_description(listed(remarks));
            (&mut passed, rest)
        }
    };
    let mut case = TestCase::new(escape(&judged.object), status.clone());
    case.set_classname(escape(&judged.place.to_string()));
    if !rest.is_empty() {
        case.set_system_out(rest);
    }
    case
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail by panicking")]
mod tests {
    use roxmltree::{Document, Node};

    use super::*;
    use crate::commands::outputs::tests::findings;

    /// What Jenkins' schema (`junit-10.xsd` of its xUnit plugin) lets each element have.
    const ELEMENTS: [(&str, &[&str], &[&str]); 6] = [
        ("testsuites", &["name", "tests", "skipped", "failures", "errors"], &["testsuite"]),
        ("testsuite", &["name", "tests", "skipped", "failures", "errors"], &["testcase"]),
        ("testcase", &["name", "classname"], &["failure", "error", "system-out"]),
        ("failure", &["message", "type"], &[]),
        ("error", &["message", "type"], &[]),
        ("system-out", &[], &[]),
    ];

    fn check(node: Node<'_, '_>) {
        let name = node.tag_name().name();
        let (_, attributes, children) =
            ELEMENTS.iter().find(|(known, ..)| *known == name).ok_or(name).unwrap();
        for attribute in node.attributes() {
            assert!(attributes.contains(&attribute.name()), "{name} {}", attribute.name());
        }
        for child in node.children().filter(Node::is_element) {
            assert!(children.contains(&child.tag_name().name()), "{name} {}", child.tag_name().name());
            check(child);
        }
        let count = |kind: &str| node.descendants().filter(|it| it.has_tag_name(kind)).count().to_string();
        if name.starts_with("testsuite") {
            for (attribute, kind) in [("tests", "testcase"), ("failures", "failure"), ("errors", "error")] {
                assert_eq!(node.attribute(attribute), Some(count(kind).as_str()), "{name} {attribute}");
            }
        }
    }

    #[test]
    fn a_file_is_a_suite_and_an_object_a_case() {
        let xml = document(&findings(), FailOn::Deny).unwrap();
        let document = Document::parse(&xml).unwrap();
        check(document.root_element());
        let cases = document.descendants().filter(|node| node.has_tag_name("testcase"));
        let cases: Vec<_> = cases
            .map(|case| {
                let status = case
                    .children()
                    .find(|child| child.has_tag_name("failure") || child.has_tag_name("error"));
                (case.attribute("name").unwrap().to_owned(), status.map(|it| it.tag_name().name().to_owned()))
            })
            .collect();
        let case = |name: &str, status: Option<&str>| (name.to_owned(), status.map(str::to_owned));
        assert_eq!(
            cases,
            [
                case("ImageStream shop/good", None),
                case("ImageStream shop/odd", None),
                case("ImageStream <&shop>/bad\\u{1b}[31m", Some("failure")),
                case("standard input", Some("error")),
            ]
        );
        let failure = document.descendants().find(|node| node.has_tag_name("failure")).unwrap();
        assert_eq!(failure.attribute("type"), Some("source-not-allowed"));
        assert_eq!(
            failure.text(),
            Some(
                "a b/s%.yaml:25: spec.tags[0].from.name (tag `v1`): 100% <bad>\\n::error::x [source-not-allowed]\n\
                 a b/s%.yaml:25: and 3 more"
            )
        );
    }

    #[test]
    fn a_warning_fails_where_it_is_told_to() {
        let xml = document(&findings(), FailOn::Warn).unwrap();
        let document = Document::parse(&xml).unwrap();
        check(document.root_element());
        let failures = document.descendants().filter(|node| node.has_tag_name("failure"));
        let types: Vec<_> = failures.map(|failure| failure.attribute("type").unwrap()).collect();
        assert_eq!(types, ["tag-moved", "source-not-allowed"]);
    }
}
