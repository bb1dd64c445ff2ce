//! The pages of the rules.

/// The pages of all rules, each under a heading that is its code.
const PAGES: &str = include_str!("../../../docs/rules.md");

/// The page of a rule.
pub fn of(code: &str) -> Option<&'static str> {
    page(PAGES, code)
}

/// The section under the heading `## <code>`, heading included.
fn page<'a>(pages: &'a str, code: &str) -> Option<&'a str> {
    let mut start = None;
    let mut offset = 0;
    let mut fenced = false;
    for line in pages.split_inclusive('\n') {
        fenced ^= line.trim_start().starts_with("```");
        match (line.strip_prefix("## "), start) {
            (Some(heading), None) if !fenced && heading.trim() == code => start = Some(offset),
            (Some(_), Some(start)) if !fenced => {
                return pages.get(start..offset).map(str::trim_end);
            }
            _ => {}
        }
        offset += line.len();
    }
    pages.get(start?..).map(str::trim_end)
}

#[cfg(test)]
mod tests {
    use openshift_image_trust::RULES;

    use super::*;

    const PAGES: &str = "# Rules\n\nHow to read.\n\n## a-b\n\nFirst.\n\n```yaml\n## c\n```\n\n### Why\n\nSo.\n\n## c\n\nLast.\n";

    #[test]
    fn every_rule_has_its_page() {
        let missing: Vec<_> = RULES.iter().map(|rule| rule.code).filter(|code| of(code).is_none()).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn a_page_ends_where_the_next_begins() {
        let cases = [
            ("a-b", Some("## a-b\n\nFirst.\n\n```yaml\n## c\n```\n\n### Why\n\nSo.")),
            ("c", Some("## c\n\nLast.")),
            ("a", None),
            ("", None),
        ];
        for (code, expected) in cases {
            assert_eq!(page(PAGES, code), expected, "{code}");
        }
    }
}
