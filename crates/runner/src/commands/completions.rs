//! `image-trust completions`: a script by which a shell completes the command line.

use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

use crate::commands::{Arguments, Status};
use crate::console::Console;

/// Print a script that makes a shell complete commands and options
#[derive(Debug, Args)]
#[command(after_help = "Exit codes: 0 printed; 2 not\n\nFor bash: source <(image-trust completions bash)")]
pub struct Completions {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

impl Completions {
    /// Runs the command.
    ///
    /// # Errors
    /// Standard output is closed.
    pub fn execute(&self, console: &mut Console) -> anyhow::Result<Status> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Arguments::command(), "image-trust", &mut script);
        console.script(&String::from_utf8(script)?)?;
        Ok(Status::Success)
    }
}
