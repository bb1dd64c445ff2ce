//! `image-trust rules`: the rules, their pages and their examples.

use std::collections::BTreeMap;

use clap::{Args, ValueEnum};
use openshift_image_trust::{RULES, nearest};
use serde::Serialize;

use crate::commands::{Output, Status};
use crate::console::{Console, complain};
use crate::page;

/// The examples of the rules' pages, in full, by rule and by what becomes of them.
const EXAMPLES: &str = include_str!("../../../../docs/reference/examples.json");

/// List the rules, or explain one
#[derive(Debug, Args)]
#[command(after_help = "Exit codes: 0 printed; 2 there is no such rule or example\n\n\
    image-trust rules source-not-allowed --example denied | image-trust run -")]
pub struct Rules {
    /// The code of a rule to explain, as a violation ends with
    code: Option<String>,

    /// Print an example of the rule instead, with its settings, as `image-trust run -` takes it
    #[arg(long, value_enum, requires = "code")]
    example: Option<Example>,

    /// How to print the list or the rule
    #[arg(short, long, value_enum, default_value_t = Output::Text, conflicts_with = "example")]
    output: Output,
}

/// What becomes of an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Example {
    /// The rule refuses it.
    Denied,
    /// The rule lets it pass.
    Allowed,
}

/// A rule, for a program.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    code: &'static str,
    /// `deny`, `warn` or `off`, where the settings do not choose.
    level: String,
    /// Whether settings cannot choose.
    fixed: bool,
    summary: &'static str,
    /// In Markdown.
    #[serde(skip_serializing_if = "Option::is_none")]
    page: Option<&'static str>,
}

impl Rules {
    /// Runs the command.
    ///
    /// # Errors
    /// Standard output is closed.
    pub fn execute(&self, console: &mut Console) -> anyhow::Result<Status> {
        let Some(code) = &self.code else {
            match self.output {
                Output::Text => list(console)?,
                Output::Json => {
                    let entries = RULES.iter().map(|rule| Entry { page: None, ..Entry::of(rule) });
                    console.json(&entries.collect::<Vec<_>>())?;
                }
            }
            return Ok(Status::Success);
        };
        let code = code.trim_matches(['[', ']']);
        let Some(rule) = RULES.iter().find(|rule| rule.code == code) else {
            complain(unknown(code));
            return Ok(Status::Undecided);
        };
        if let Some(example) = self.example {
            return print_example(code, example, console);
        }
        let entry = Entry::of(rule);
        match self.output {
            Output::Text => entry.page.unwrap_or_default().lines().try_for_each(|line| console.line(line))?,
            Output::Json => console.json(&entry)?,
        }
        Ok(Status::Success)
    }
}

impl Entry {
    fn of(rule: &'static openshift_image_trust::Rule) -> Self {
        Self {
            code: rule.code,
            level: rule.level.to_string(),
            fixed: rule.fixed,
            summary: rule.summary,
            page: page::of(rule.code),
        }
    }
}

fn list(console: &mut Console) -> anyhow::Result<()> {
    let code_width = RULES.iter().map(|rule| rule.code.len()).max().unwrap_or_default();
    for rule in RULES {
        let level = rule.level.to_string();
        console.line(&format!("{:code_width$}  {level:4}  {}", rule.code, rule.summary))?;
    }
    Ok(())
}

fn print_example(code: &str, example: Example, console: &mut Console) -> anyhow::Result<Status> {
    let name = match example {
        Example::Denied => "denied",
        Example::Allowed => "allowed",
    };
    let examples: BTreeMap<String, BTreeMap<String, serde_json::Value>> = serde_json::from_str(EXAMPLES)?;
    let Some(payload) = examples.get(code).and_then(|examples| examples.get(name)) else {
        complain(format_args!("rule `{code}` has no example that is {name}"));
        return Ok(Status::Undecided);
    };
    console.script(&serde_norway::to_string(payload)?)?;
    Ok(Status::Success)
}

fn unknown(code: &str) -> String {
    let codes = || RULES.iter().map(|rule| rule.code);
    // Part of a code, such as `signature`, means every rule that has it.
    let containing = || codes().filter(|known| code.len() > 2 && known.contains(code));
    let near: Vec<String> = match nearest(code, codes()) {
        Some(near) => vec![format!("`{near}`")],
        None => containing().take(3).map(|known| format!("`{known}`")).collect(),
    };
    match near.is_empty() {
        true => format!("no rule `{code}`; `image-trust rules` lists them"),
        false => format!("no rule `{code}`; did you mean {}?", near.join(" or ")),
    }
}
