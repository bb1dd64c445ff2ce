//! `image-trust run --pack`: a pack's requests, what its suite expects, and what they got.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::commands::Status;
use crate::commands::test::{self, CaseReport};
use crate::console::{Colour, Console, complain};
use crate::host::policy::Policy;
use crate::pack::Pack;
use crate::suite::Verdict;

/// Where packs are, for those who only name one.
const PACKS: &str = "policies";

/// The pack's folder: as it is named, or in `policies`.
pub(super) fn directory(pack: &Path) -> PathBuf {
    let shipped = Path::new(PACKS).join(pack);
    if pack.is_dir() || !shipped.is_dir() { pack.to_owned() } else { shipped }
}

/// Judges the requests and prints a line for each.
pub(super) fn print(
    directory: &Path,
    policy: &Policy,
    quiet: bool,
    console: &mut Console,
) -> anyhow::Result<Status> {
    let pack = Pack::open(directory)?;
    let problems = test::settings_problems(&pack, directory, policy);
    if !problems.is_empty() {
        problems.iter().for_each(complain);
        return Ok(Status::Undecided);
    }
    let count = pack.cases.len();
    if !quiet {
        let noun = if count == 1 { "request" } else { "requests" };
        console.line(&format!("{count} {noun} of {}; denying the bad ones is its job", pack.name))?;
        console.line("")?;
        console.line("expected  got        request")?;
    }
    let (mut denied, mut wrong, mut status) = (0, 0, Status::Success);
    for (case, request) in &pack.cases {
        let report = test::judge(case, request, &pack, directory, policy);
        let found = report.found.as_ref().map(|found| found.verdict);
        denied += usize::from(found == Some(Verdict::Denied));
        if !report.passed {
            wrong += 1;
            status = status.max(if report.error.is_some() { Status::Undecided } else { Status::Failure });
        }
        if !quiet || !report.passed {
            print_case(&report, found, console)?;
        }
    }
    if !quiet {
        console.line("")?;
    }
    match wrong {
        0 if quiet => {}
        0 => console.line(&format!(
            "{} allowed and {denied} denied, each as expected: the policy works",
            count - denied
        ))?,
        _ => console.line(&format!("{wrong} of {count} did not get the expected answer"))?,
    }
    Ok(status)
}

fn print_case(report: &CaseReport, found: Option<Verdict>, console: &mut Console) -> std::io::Result<()> {
    let got = found.map_or("undecided".to_owned(), |found| found.to_string());
    let line =
        format!("{:8}  {got:9}  {}{}", report.expected.verdict.to_string(), report.name, rules(report));
    if report.passed {
        return console.line(&line);
    }
    console.marked_line("", "WRONG", Colour::Red, &line)?;
    report.differences().iter().try_for_each(|difference| console.line(&format!("    {difference}")))
}

/// ` [source-not-allowed ×3, insecure-import]`
fn rules(report: &CaseReport) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for violation in report.found.iter().flat_map(|found| &found.violations) {
        *counts.entry(&violation.code).or_default() += 1;
    }
    let counts: Vec<String> = counts
        .into_iter()
        .map(|(code, count)| if count == 1 { code.to_owned() } else { format!("{code} ×{count}") })
        .collect();
    if counts.is_empty() { String::new() } else { format!(" [{}]", counts.join(", ")) }
}
