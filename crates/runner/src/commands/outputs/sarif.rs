//! SARIF 2.1.0, for code scanning.
//!
//! <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>

use openshift_image_trust::{Level, RULES};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::{Value, json};

use crate::commands::outputs::{Findings, Judged, Place, Remark, own_rules};
use crate::page;

/// What a path's characters may not be in a URI.
const PATH: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// The document.
pub fn document(findings: &Findings) -> Value {
    let rules: Vec<Value> = rules();
    let remarks = findings.results.iter().flat_map(|judged| judged.remarks().map(move |it| (judged, it)));
    let results: Vec<Value> = remarks.map(|(judged, remark)| result(judged, remark, &rules)).collect();
    let notifications = findings.undecided.iter().map(|undecided| {
        json!({
            "level": "error",
            "message": {"text": undecided.message},
            "locations": [{"physicalLocation": physical(&undecided.place)}],
        })
    });
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "image-trust",
                "version": env!("CARGO_PKG_VERSION"),
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "invocations": [{
                "executionSuccessful": findings.undecided.is_empty(),
                "toolExecutionNotifications": notifications.collect::<Vec<_>>(),
            }],
            "results": results,
        }],
    })
}

/// An entry for each code that can be reported.
fn rules() -> Vec<Value> {
    let policy = RULES.iter().map(|rule| {
        let page = page::of(rule.code).unwrap_or(rule.summary);
        json!({
            "id": rule.code,
            "shortDescription": {"text": rule.summary},
            "help": {
                "text": format!("{}. `image-trust rules {}` explains the rule.", rule.summary, rule.code),
                "markdown": page,
            },
            "helpUri": page::address(rule.code),
            "defaultConfiguration": {"level": level(rule.level)},
        })
    });
    let own = own_rules().map(|(code, summary)| {
        json!({"id": code, "shortDescription": {"text": summary}, "help": {"text": format!("{summary}.")}})
    });
    policy.chain(own).collect()
}

fn result(judged: &Judged, remark: &Remark, rules: &[Value]) -> Value {
    let mut location = json!({"physicalLocation": physical(&remark.place)});
    let name = match &remark.path {
        Some(path) => format!("{} {path}", judged.object),
        None => judged.object.clone(),
    };
    if let Some(members) = location.as_object_mut() {
        members.insert("logicalLocations".to_owned(), json!([{"fullyQualifiedName": name}]));
    }
    let entry = remark.entry.as_ref().map(|entry| format!(" ({entry})")).unwrap_or_default();
    let mut result = json!({
        "level": level(remark.level),
        "message": {"text": format!("{name}{entry}: {}", remark.message)},
        "locations": [location],
    });
    let index =
        rules.iter().position(|rule| rule.get("id").and_then(Value::as_str) == remark.rule.as_deref());
    if let (Some(rule), Some(members)) = (&remark.rule, result.as_object_mut()) {
        members.insert("ruleId".to_owned(), json!(rule));
        if let Some(index) = index {
            members.insert("ruleIndex".to_owned(), json!(index));
        }
    }
    result
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Deny => "error",
        Level::Warn => "warning",
        Level::Off => "none",
    }
}

fn physical(place: &Place) -> Value {
    let path = utf8_percent_encode(&place.file, PATH).to_string();
    let uri = match path.as_str() {
        "-" => "stdin".to_owned(),
        absolute if absolute.starts_with('/') => format!("file://{absolute}"),
        // What stands before a colon in the first segment would be a scheme.
        relative if relative.split('/').next().is_some_and(|first| first.contains(':')) => {
            format!("./{relative}")
        }
        relative => relative.to_owned(),
    };
    match place.position {
        Some(position) => json!({
            "artifactLocation": {"uri": uri},
            "region": {"startLine": position.line, "startColumn": position.column},
        }),
        None => json!({"artifactLocation": {"uri": uri}}),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail by panicking")]
mod tests {
    use super::*;
    use crate::commands::outputs::tests::{findings, place};

    #[test]
    fn each_remark_is_a_result_of_a_known_rule_at_its_place() {
        let document = document(&findings());
        let run = &document["runs"][0];
        let results = run["results"].as_array().unwrap();
        assert_eq!(results.len(), 4);
        let result = &results[1];
        assert_eq!(result["ruleId"], "source-not-allowed");
        assert_eq!(result["level"], "error");
        let rule =
            &run["tool"]["driver"]["rules"][usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()];
        assert_eq!(rule["id"], "source-not-allowed");
        assert!(rule["help"]["markdown"].as_str().unwrap().starts_with("# source-not-allowed"));
        assert_eq!(
            result["locations"][0]["physicalLocation"],
            json!({"artifactLocation": {"uri": "a%20b/s%25.yaml"}, "region": {"startLine": 25, "startColumn": 7}})
        );
        assert_eq!(results[2].get("ruleId"), None);
        assert_eq!(results[0]["level"], "warning");
        assert_eq!(run["invocations"][0]["executionSuccessful"], false);
    }

    #[test]
    fn a_file_is_named_by_a_uri() {
        for (file, uri) in [
            ("a/b.yaml", "a/b.yaml"),
            ("/tmp/ü.yaml", "file:///tmp/%C3%BC.yaml"),
            ("c:d.yaml", "./c:d.yaml"),
            ("-", "stdin"),
            ("a#b?.yaml", "a%23b%3F.yaml"),
        ] {
            assert_eq!(physical(&place(file, 1, 1))["artifactLocation"]["uri"], uri);
        }
    }
}
