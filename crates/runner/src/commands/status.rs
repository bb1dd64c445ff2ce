//! How a command ended, and the exit code that says so.

use std::process::ExitCode;

/// The outcome of a command; of several outcomes the greatest counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// Every request was allowed, every case passed, or what was asked for is done.
    Success,
    /// Some request was denied, some case failed.
    Failure,
    /// Something could not be read or decided. It outranks a denial: the answer is incomplete.
    Undecided,
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        ExitCode::from(match status {
            Status::Success => 0,
            Status::Failure => 1,
            Status::Undecided => 2,
        })
    }
}
