//! `image-trust manual`: manual pages, for those who package the tool.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, CommandFactory as _};

use crate::commands::{Arguments, Status};
use crate::console::{self, Console};

/// Write the manual pages, one for each command, into a folder
#[derive(Debug, Args)]
#[command(hide = true, after_help = "Exit codes: 0 written; 2 not")]
pub struct Manual {
    /// The folder
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
}

impl Manual {
    /// Runs the command.
    ///
    /// # Errors
    /// The folder cannot be written to.
    pub fn execute(&self, console: &mut Console) -> anyhow::Result<Status> {
        let told = || console::name(&self.folder);
        std::fs::create_dir_all(&self.folder).with_context(told)?;
        clap_mangen::generate_to(Arguments::command(), &self.folder).with_context(told)?;
        console.line(&format!("{}: written", told()))?;
        Ok(Status::Success)
    }
}
