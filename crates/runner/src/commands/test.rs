//! `image-trust test`: has packs' cases judged, and compares.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use serde::Serialize;

use crate::commands::diff;
use crate::commands::{Output, Status};
use crate::console::{self, Colour, Console, complain};
use crate::kubewarden::policy::{AskError, Policy};
use crate::pack::{self, Pack};
use crate::request::Request;
use crate::suite::{Case, Outcome};

/// Test packs: directories of settings, requests and the answers expected to them
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 all cases passed; 1 some failed; 2 something could not be read or decided"
)]
pub struct Test {
    /// Packs, or directories of packs
    #[arg(value_name = "DIR", default_value = "policies")]
    directories: Vec<PathBuf>,

    /// The policy module
    #[arg(long, value_name = "FILE", env = "IMAGE_TRUST_POLICY", default_value = "policy.wasm")]
    policy: PathBuf,

    /// How to print the results
    #[arg(short, long, value_enum, default_value_t = Output::Text)]
    output: Output,
}

/// The results of all packs.
#[derive(Serialize)]
struct Report {
    packs: Vec<PackReport>,
    passed: usize,
    failed: usize,
    #[serde(skip)]
    undecided: bool,
}

/// The results of a pack.
#[derive(Serialize)]
struct PackReport {
    pack: String,
    cases: Vec<CaseReport>,
}

/// The result of a case.
#[derive(Serialize)]
struct CaseReport {
    name: String,
    request: String,
    passed: bool,
    expected: Outcome,
    found: Option<Outcome>,
    error: Option<String>,
}

impl Test {
    /// Runs the command.
    pub fn execute(&self, console: &mut Console) -> anyhow::Result<Status> {
        let policy = Policy::open(&self.policy)?;
        let mut report = Report { packs: Vec::new(), passed: 0, failed: 0, undecided: false };
        for directory in &self.directories {
            match pack::discover(directory) {
                Ok(packs) => {
                    for directory in packs {
                        self.test_pack(&directory, &policy, &mut report, console)?;
                    }
                }
                Err(error) => report.give_up(error),
            }
        }
        match self.output {
            Output::Text => {
                console.line(&format!("{} passed, {} failed", report.passed, report.failed))?;
            }
            Output::Json => console.json(&report)?,
        }
        Ok(match report.failed {
            _ if report.undecided => Status::Undecided,
            0 => Status::Allowed,
            _ => Status::Denied,
        })
    }

    fn test_pack(
        &self,
        directory: &Path,
        policy: &Policy,
        report: &mut Report,
        console: &mut Console,
    ) -> anyhow::Result<()> {
        let pack = match Pack::open(directory) {
            Ok(pack) => pack,
            Err(error) => {
                report.give_up(error);
                return Ok(());
            }
        };
        let settings = console::name(&directory.join(pack::SETTINGS));
        match policy.validate_settings(&pack.settings) {
            Ok(answer) if answer.valid => {}
            Ok(answer) => {
                for problem in answer.problems() {
                    report.give_up(format_args!("{settings}: {problem}"));
                }
                return Ok(());
            }
            Err(error) => {
                report.give_up(format_args!("{settings}: {error}"));
                return Ok(());
            }
        }
        if self.output == Output::Text {
            console.line(&pack.name)?;
        }
        let mut cases = Vec::new();
        for (case, request) in &pack.cases {
            let result = judge(case, request, &pack, directory, policy);
            if self.output == Output::Text {
                result.print(console)?;
            }
            match result.passed {
                true => report.passed += 1,
                false => report.failed += 1,
            }
            report.undecided |= result.error.is_some();
            cases.push(result);
        }
        report.packs.push(PackReport { pack: pack.name, cases });
        Ok(())
    }
}

impl Report {
    /// Notes that some of what was asked for could not be tested.
    fn give_up(&mut self, reason: impl std::fmt::Display) {
        complain(reason);
        self.undecided = true;
    }
}

fn judge(case: &Case, request: &Request, pack: &Pack, directory: &Path, policy: &Policy) -> CaseReport {
    let expected = case.expected();
    let (found, error) = match find(case, request, pack, directory, policy) {
        Ok(found) => (Some(found), None),
        Err(error) => (None, Some(error)),
    };
    CaseReport {
        name: case.name.clone(),
        request: case.request.to_string_lossy().into_owned(),
        passed: found.as_ref() == Some(&expected),
        expected,
        found,
        error,
    }
}

fn find(
    case: &Case,
    request: &Request,
    pack: &Pack,
    directory: &Path,
    policy: &Policy,
) -> Result<Outcome, String> {
    let capabilities = case.capabilities(directory).map_err(|error| error.to_string())?;
    let response = policy
        .validate(request.json(), &pack.settings, case.now, &Arc::from(capabilities))
        .map_err(|error: AskError| error.to_string())?;
    Outcome::of(&response).map_err(|line| format!("the answer has a line without path and code: {line}"))
}

impl CaseReport {
    fn print(&self, console: &mut Console) -> std::io::Result<()> {
        if self.passed {
            return console.marked_line("  ", "pass", Colour::Green, &self.name);
        }
        console.marked_line("  ", "FAIL", Colour::Red, &format!("{}  ({})", self.name, self.request))?;
        for line in self.differences() {
            console.line(&format!("       {line}"))?;
        }
        Ok(())
    }

    fn differences(&self) -> Vec<String> {
        let expected = &self.expected;
        let Some(found) = &self.found else {
            return self.error.clone().into_iter().collect();
        };
        let mut lines = Vec::new();
        if expected.verdict != found.verdict {
            lines.push(format!("expected {}, found {}", expected.verdict, found.verdict));
        }
        let mut compare = |what: &str, differences: Vec<String>| {
            if differences.iter().any(|line| !line.starts_with(' ')) {
                lines.push(format!("{what} (- expected, + found):"));
                lines.extend(differences.into_iter().map(|line| format!("  {line}")));
            }
        };
        compare("violations", diff::lines(&expected.violations, &found.violations));
        compare("warnings", diff::lines(&expected.warnings, &found.warnings));
        compare("exempted", diff::lines(&expected.exempted, &found.exempted));
        lines
    }
}
