//! `image-trust`: runs the OpenShift Image Trust policy on a desk.
//!
//! Exit code 0: allowed, or passed. 1: denied, or failed. 2: could not be read or decided.

use std::io::{self, ErrorKind};
use std::process::ExitCode;

use clap::Parser as _;
use image_trust::commands::{Arguments, Status};
use image_trust::console::{Console, complain};

fn main() -> ExitCode {
    // clap ends a misuse with exit code 2 by itself.
    let arguments = Arguments::parse();
    let status = arguments.execute(&mut Console::standard()).unwrap_or_else(|error| {
        if !is_broken_pipe(&error) {
            complain(format_args!("{error:#}"));
        }
        Status::Undecided
    });
    ExitCode::from(status)
}

/// Whether a reader such as `head` has closed the pipe, which needs no message.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == ErrorKind::BrokenPipe)
}
