//! One JSON document for a program.

use crate::commands::outputs::Findings;
use crate::console::Console;

/// Prints what was found.
///
/// # Errors
/// Standard output is closed.
pub fn print(findings: &Findings, console: &mut Console) -> std::io::Result<()> {
    console.json(findings)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail by panicking")]
mod tests {
    use serde_json::json;

    use crate::commands::outputs::tests::findings;

    #[test]
    fn a_violation_is_an_object() {
        let document = serde_json::to_value(findings()).unwrap();
        assert_eq!(
            document.pointer("/results/2/violations/0"),
            Some(&json!({
                "path": "spec.tags[0].from.name",
                "entry": "tag `v1`",
                "rule": "source-not-allowed",
                "level": "deny",
                "message": "100% <bad>\n::error::x",
                "place": {"file": "a b/s%.yaml", "line": 25, "column": 7},
                "documentation": "https://openshift-image-trust.github.io/openshift-image-trust/book/rules/source-not-allowed.html",
            }))
        );
        assert_eq!(document.pointer("/results/2/warnings/0/level"), Some(&json!("warn")));
        assert_eq!(
            document.pointer("/undecided"),
            Some(&json!([{"place": {"file": "-"}, "message": "is not YAML"}]))
        );
    }
}
