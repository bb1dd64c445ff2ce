//! The commands of `image-trust`, a file each.

pub mod annotate;
pub mod audit;
pub mod completions;
pub mod config;
pub mod convert;
pub mod inputs;
pub mod inspect;
pub mod manifest;
pub mod manual;
pub mod outputs;
#[cfg(feature = "push")]
pub mod push;
pub mod rules;
pub mod run;
pub mod settings;
pub mod test;

mod containers_policy;
mod diff;
mod image_policy;
mod output;
mod pack_run;
mod status;

use clap::builder::FalseyValueParser;
use clap::{Parser, Subcommand};

use crate::console::Console;
use crate::host::cache::Cache;

pub use output::Output;
pub use status::Status;

/// Runs the OpenShift Image Trust policy on a desk, in the host runtime that Kubewarden uses
#[derive(Debug, Parser)]
#[command(
    name = "image-trust",
    version,
    after_help = "Exit codes: 0 allowed, 1 denied, 2 could not be read or decided. Results are printed on standard \
        output, errors on standard error"
)]
pub struct Arguments {
    /// Compile the policy module anew, and do not keep it: otherwise it is kept in `image-trust` in
    /// `$XDG_CACHE_HOME`, or in `~/.cache`
    #[arg(long, global = true, env = "IMAGE_TRUST_NO_CACHE", value_parser = FalseyValueParser::new())]
    no_cache: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Run(run::Run),
    Test(test::Test),
    Rules(rules::Rules),
    Settings(settings::Settings),
    Audit(audit::Audit),
    Inspect(inspect::Inspect),
    Convert(convert::Convert),
    Manifest(manifest::Manifest),
    Annotate(annotate::Annotate),
    #[cfg(feature = "push")]
    Push(push::Push),
    Completions(completions::Completions),
    Manual(manual::Manual),
}

impl Arguments {
    /// Runs the command.
    ///
    /// # Errors
    /// Those that leave the command without a result.
    pub fn execute(&self, console: &mut Console) -> anyhow::Result<Status> {
        let cache = if self.no_cache { None } else { Cache::of_user() };
        let cache = cache.as_ref();
        match &self.command {
            Command::Run(run) => run.execute(cache, console),
            Command::Test(test) => test.execute(cache, console),
            Command::Rules(rules) => rules.execute(console),
            Command::Settings(settings) => settings.execute(console),
            Command::Audit(audit) => audit.execute(cache, console),
            Command::Inspect(inspect) => inspect.execute(console),
            Command::Convert(convert) => convert.execute(console),
            Command::Manifest(manifest) => manifest.execute(console),
            Command::Annotate(annotate) => annotate.execute(console),
            #[cfg(feature = "push")]
            Command::Push(push) => push.execute(console),
            Command::Completions(completions) => completions.execute(console),
            Command::Manual(manual) => manual.execute(console),
        }
    }
}
