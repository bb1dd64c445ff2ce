//! `image-trust rules`: the rules and their pages.

use clap::Args;
use openshift_image_trust::{RULES, nearest};

use crate::commands::Status;
use crate::console::{Console, complain};
use crate::page;

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

fn list(console: &mut Console) -> anyhow::Result<()> {
    let code_width = RULES.iter().map(|rule| rule.code.len()).max().unwrap_or_default();
    for rule in RULES {
        let level = rule.level.to_string();
        console.line(&format!("{:code_width$}  {level:4}  {}", rule.code, rule.summary))?;
    }
    Ok(())
}

fn explain(code: &str, console: &mut Console) -> anyhow::Result<Status> {
    match page::of(code) {
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
