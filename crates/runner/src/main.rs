//! `image-trust`: runs the OpenShift Image Trust policy on a desk.
//!
//! Exit code 0: allowed, or passed. 1: denied, or failed. 2: could not be read or decided.

use std::io::{self, ErrorKind};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use image_trust::annotate::Annotate;
use image_trust::audit::Audit;
use image_trust::console::{Console, complain};
use image_trust::convert::Convert;
use image_trust::inspect::Inspect;
use image_trust::push::Push;
use image_trust::rules::Rules;
use image_trust::run::Run;
use image_trust::status::Status;
use image_trust::test::Test;

/// Runs the OpenShift Image Trust policy on a desk, in the host runtime that Kubewarden uses
#[derive(Debug, Parser)]
#[command(version, after_help = "Exit codes: 0 allowed, 1 denied, 2 could not be read or decided")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Run(Run),
    Test(Test),
    Rules(Rules),
    Audit(Audit),
    Inspect(Inspect),
    Convert(Convert),
    Annotate(Annotate),
    Push(Push),
}

fn main() -> ExitCode {
    // clap ends a misuse with exit code 2 by itself.
    let arguments = Arguments::parse();
    let mut console = Console::standard();
    let outcome = match arguments.command {
        Command::Run(run) => run.execute(&mut console),
        Command::Test(test) => test.execute(&mut console),
        Command::Rules(rules) => rules.execute(&mut console),
        Command::Audit(audit) => audit.execute(&mut console),
        Command::Inspect(inspect) => inspect.execute(&mut console),
        Command::Convert(convert) => convert.execute(&mut console),
        Command::Annotate(annotate) => annotate.execute(&mut console),
        Command::Push(push) => push.execute(&mut console),
    };
    let status = outcome.unwrap_or_else(|error| {
        if !nobody_listens(&error) {
            complain(format_args!("{error:#}"));
        }
        Status::Undecided
    });
    ExitCode::from(status)
}

/// Whether a reader such as `head` has seen enough.
fn nobody_listens(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == ErrorKind::BrokenPipe)
}
