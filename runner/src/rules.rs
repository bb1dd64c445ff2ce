//! `image-trust rules`: the rules and their pages.

use clap::Args;
use openshift_image_trust::rules::RULES;

use crate::console::{Console, complain};
use crate::status::Status;

/// The pages of all rules, each under a heading that is its code.
const PAGES: &str = include_str!("../../docs/rules.md");

/// List the rules, or explain one
#[derive(Debug, Args)]
pub struct Rules {
    /// The code of a rule to explain, as a violation ends with
    code: Option<String>,
}

impl Rules {
    /// Runs the command.
    pub fn execute(&self, console: &mut Console) -> anyhow::Result<Status> {
        match &self.code {
            None => {
                list(console)?;
                Ok(Status::Allowed)
            }
            Some(code) => explain(code.trim_matches(['[', ']']), console),
        }
    }
}

/// Whether a rule has this code.
pub(crate) fn exists(code: &str) -> bool {
    RULES.iter().any(|rule| rule.code == code)
}

fn list(console: &mut Console) -> anyhow::Result<()> {
    let code_width = RULES.iter().map(|rule| rule.code.len()).max().unwrap_or_default();
    for rule in RULES {
        let level = rule.level.to_string();
        console.line(&format!("{:code_width$}  {level:4}  {}", rule.code, rule.summary))?;
    }
    Ok(())
}

fn explain(code: &str, console: &mut Console) -> anyhow::Result<Status> {
    match page(PAGES, code) {
        Some(page) => {
            for line in page.lines() {
                console.line(line)?;
            }
            Ok(Status::Allowed)
        }
        None => {
            complain(unknown(code));
            Ok(Status::Undecided)
        }
    }
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

fn unknown(code: &str) -> String {
    let mut near: Vec<_> = RULES
        .iter()
        .map(|rule| (strsim::normalized_damerau_levenshtein(code, rule.code), rule.code))
        .filter(|(likeness, rule)| *likeness > 0.5 || (code.len() > 2 && rule.contains(code)))
        .collect();
    near.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    let near: Vec<_> = near.iter().take(3).map(|(_, rule)| format!("`{rule}`")).collect();
    match near.is_empty() {
        true => format!("no rule `{code}`; `image-trust rules` lists them"),
        false => format!("no rule `{code}`; did you mean {}?", near.join(" or ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGES: &str = "# Rules\n\nHow to read.\n\n## a-b\n\nFirst.\n\n```yaml\n## c\n```\n\n### Why\n\nSo.\n\n## c\n\nLast.\n";

    #[test]
    fn every_rule_has_its_page() {
        let missing: Vec<_> =
            RULES.iter().map(|rule| rule.code).filter(|code| page(super::PAGES, code).is_none()).collect();
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
