//! Lines for a person.

use crate::commands::outputs::{FailOn, Findings, Judged};
use crate::console::{Colour, Console};

/// Prints one result: what was judged, and a line for each remark.
///
/// # Errors
/// Standard output is closed.
pub fn print(judged: &Judged, console: &mut Console) -> std::io::Result<()> {
    let (word, colour) = match judged.accepted {
        true => ("ALLOWED", Colour::Green),
        false => ("DENIED", Colour::Red),
    };
    let count = match judged.count {
        0 => String::new(),
        1 => ": 1 violation".to_owned(),
        count => format!(": {count} violations"),
    };
    console.marked_line("", word, colour, &format!("{}{count}  ({})", judged.object, judged.place))?;
    for violation in &judged.violations {
        match violation.path {
            Some(_) => console.line(&format!("  {}: {violation}", violation.place))?,
            None => console.line(&format!("  {violation}"))?,
        }
    }
    for warning in &judged.warnings {
        let text = format!("{}: {warning}", warning.place);
        console.marked_line("  ", "warning:", Colour::Yellow, &text)?;
    }
    Ok(())
}

/// Prints how many there were of each sort, where that is not plain to see.
///
/// # Errors
/// Standard output is closed.
pub fn close(findings: &Findings, fail_on: FailOn, console: &mut Console) -> std::io::Result<()> {
    let Findings { results, not_judged, undecided } = findings;
    if results.len() + undecided.len() > 1 {
        let allowed = results.iter().filter(|judged| judged.accepted).count();
        let mut tally = format!("{allowed} allowed, {} denied", results.len() - allowed);
        let warned = results.iter().filter(|judged| judged.accepted && !judged.warnings.is_empty()).count();
        if fail_on == FailOn::Warn && warned > 0 {
            tally.push_str(&format!(", {warned} of the allowed failed by a warning"));
        }
        if !undecided.is_empty() {
            tally.push_str(&format!(", {} undecided", undecided.len()));
        }
        console.line(&tally)?;
    }
    match not_judged.count() {
        0 => Ok(()),
        _ => console.line(&not_judged.not_judged()),
    }
}
