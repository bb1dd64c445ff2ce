//! `image-trust test`: has packs' cases judged, and compares.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use openshift_image_trust::{FieldPath, Level};
use regex::Regex;
use serde::Serialize;

use crate::commands::outputs::{self, CASE_FAILED, FailOn, Findings, Judged, Remark, Undecided};
use crate::commands::{Status, diff};
use crate::console::{self, Colour, Console, complain};
use crate::document::{self, Format};
use crate::host::cache::Cache;
use crate::host::policy::{AskError, Policy};
use crate::pack::{self, Pack};
use crate::place::{Position, Text};
use crate::request::Request;
use crate::suite::{Case, Outcome};

/// Test packs: directories of settings, requests and the answers expected to them
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 all cases passed; 1 some failed; 2 something could not be read or decided, or there was \
        nothing to test"
)]
pub struct Test {
    /// Packs, or directories of packs
    #[arg(value_name = "DIR", default_value = "policies")]
    directories: Vec<PathBuf>,

    /// The policy module, instead of the one in this program, or of `policy.wasm` where it has none
    #[arg(long, value_name = "FILE", env = "IMAGE_TRUST_POLICY")]
    policy: Option<PathBuf>,

    /// Test only cases whose `PACK/NAME` this regular expression matches somewhere
    #[arg(long, value_name = "REGEX")]
    filter: Option<Regex>,

    /// Print only what fails
    #[arg(short, long)]
    quiet: bool,

    /// How to print the results
    #[arg(short, long, value_enum, default_value_t = outputs::Report::Text)]
    output: outputs::Report,
}

/// The results of all packs.
#[derive(Serialize)]
struct Report {
    packs: Vec<PackReport>,
    passed: usize,
    failed: usize,
    #[serde(skip)]
    undecided: Vec<Undecided>,
}

/// The results of a pack.
#[derive(Serialize)]
struct PackReport {
    pack: String,
    cases: Vec<CaseReport>,
}

/// The result of a case.
#[derive(Serialize)]
pub(super) struct CaseReport {
    pub(super) name: String,
    request: String,
    /// Where the suite has the case.
    place: outputs::Place,
    pub(super) passed: bool,
    pub(super) expected: Outcome,
    pub(super) found: Option<Outcome>,
    pub(super) error: Option<String>,
}

impl Test {
    /// The test of one directory.
    pub(super) fn of(
        directory: PathBuf,
        policy: Option<PathBuf>,
        output: outputs::Report,
        quiet: bool,
    ) -> Self {
        Test { directories: vec![directory], policy, filter: None, quiet, output }
    }

    /// Runs the command.
    pub fn execute(&self, cache: Option<&Cache>, console: &mut Console) -> anyhow::Result<Status> {
        let policy = Policy::open(self.policy.as_deref(), cache)?;
        let mut report = Report { packs: Vec::new(), passed: 0, failed: 0, undecided: Vec::new() };
        for directory in &self.directories {
            match pack::discover(directory) {
                Ok(packs) => {
                    for directory in packs {
                        self.test_pack(&directory, &policy, &mut report, console)?;
                    }
                }
                Err(error) => report.give_up(directory, error),
            }
        }
        if let (Some(filter), 0, true) =
            (&self.filter, report.passed + report.failed, report.undecided.is_empty())
        {
            complain(format_args!("no case matches `{filter}`"));
            return Ok(Status::Undecided);
        }
        let status = match report.failed {
            _ if !report.undecided.is_empty() || report.has_errors() => Status::Undecided,
            0 => Status::Success,
            _ => Status::Failure,
        };
        if self.quiet {
            report.packs.iter_mut().for_each(|pack| pack.cases.retain(|case| !case.passed));
        }
        match self.output {
            outputs::Report::Text if self.quiet => {}
            outputs::Report::Text => {
                console.line(&format!("{} passed, {} failed", report.passed, report.failed))?;
            }
            outputs::Report::Json => console.json(&report)?,
            output => report.findings().print(output, FailOn::Deny, console)?,
        }
        Ok(status)
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
                report.give_up(directory, error);
                return Ok(());
            }
        };
        let problems = settings_problems(&pack, directory, policy);
        if !problems.is_empty() {
            problems.into_iter().for_each(|problem| report.give_up(directory, problem));
            return Ok(());
        }
        let is_wanted = |case: &Case| {
            self.filter.as_ref().is_none_or(|filter| filter.is_match(&format!("{}/{}", pack.name, case.name)))
        };
        let mut cases: Vec<CaseReport> = Vec::new();
        let mut named = false;
        for (case, request) in pack.cases.iter().filter(|(case, _)| is_wanted(case)) {
            let result = judge(case, request, &pack, directory, policy);
            if self.output == outputs::Report::Text && (!self.quiet || !result.passed) {
                if !named {
                    console.line(&pack.name)?;
                    named = true;
                }
                result.print(console)?;
            }
            match result.passed {
                true => report.passed += 1,
                false => report.failed += 1,
            }
            cases.push(result);
        }
        if !cases.is_empty() {
            find_places(&mut cases, directory);
            report.packs.push(PackReport { pack: pack.name, cases });
        }
        Ok(())
    }
}

/// What is wrong with a pack's settings, with where they are.
pub(super) fn settings_problems(pack: &Pack, directory: &Path, policy: &Policy) -> Vec<String> {
    let settings = console::name(&directory.join(pack::SETTINGS));
    match policy.validate_settings(&pack.settings) {
        Ok(answer) if answer.valid => Vec::new(),
        Ok(answer) => answer.problems().iter().map(|problem| format!("{settings}: {problem}")).collect(),
        Err(error) => vec![format!("{settings}: {error}")],
    }
}

/// Where the suite has each case. One that is not found has no line.
fn find_places(cases: &mut [CaseReport], directory: &Path) {
    let Ok(text) = document::text(&directory.join(pack::SUITE)) else { return };
    let places = Text::new(&text, Format::Yaml);
    let names = (0..).map_while(|index| {
        let name = places.find(0, &FieldPath::root().key("cases").index(index), "name")?;
        name.exact.then_some(name.bytes)
    });
    let names: Vec<_> = names.collect();
    for case in cases {
        let is_its = |bytes: &&std::ops::Range<usize>| {
            let name = text.get((*bytes).clone()).map(serde_norway::from_str::<String>);
            name.is_some_and(|name| name.is_ok_and(|name| name == case.name))
        };
        case.place.position = names.iter().find(is_its).map(|bytes| Position::of(&text, bytes.start));
    }
}

impl Report {
    /// Notes that some of what was asked for could not be tested.
    fn give_up(&mut self, directory: &Path, reason: impl std::fmt::Display) {
        complain(&reason);
        let place = outputs::Place::of(directory);
        self.undecided.push(Undecided { place, message: reason.to_string() });
    }

    fn cases(&self) -> impl Iterator<Item = &CaseReport> {
        self.packs.iter().flat_map(|pack| &pack.cases)
    }

    fn has_errors(&self) -> bool {
        self.cases().any(|case| case.error.is_some())
    }

    /// The same, as other outputs take it: what failed is a violation in the suite.
    fn findings(self) -> Findings {
        let packs = self.packs.into_iter();
        let results = packs.flat_map(|PackReport { pack, cases }| {
            cases.into_iter().map(move |case| {
                let remark = Remark {
                    path: None,
                    entry: None,
                    rule: Some(CASE_FAILED.to_owned()),
                    level: Level::Deny,
                    message: case.differences().join("\n"),
                    place: case.place.clone(),
                    documentation: None,
                };
                let violations = if case.passed { Vec::new() } else { vec![remark] };
                Judged {
                    object: format!("{pack}/{}", case.name),
                    place: case.place,
                    accepted: case.passed,
                    count: violations.len(),
                    violations,
                    warnings: Vec::new(),
                    exempted: Vec::new(),
                    request: None,
                    response: None,
                }
            })
        });
        Findings { results: results.collect(), undecided: self.undecided, ..Findings::default() }
    }
}

pub(super) fn judge(
    case: &Case,
    request: &Request,
    pack: &Pack,
    directory: &Path,
    policy: &Policy,
) -> CaseReport {
    let expected = case.expected();
    let (found, error) = match find(case, request, pack, directory, policy) {
        Ok(found) => (Some(found), None),
        Err(error) => (None, Some(error)),
    };
    CaseReport {
        name: case.name.clone(),
        request: case.request.to_string_lossy().into_owned(),
        place: outputs::Place::of(&directory.join(pack::SUITE)),
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

    /// What is not as expected, a line each.
    pub(super) fn differences(&self) -> Vec<String> {
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
