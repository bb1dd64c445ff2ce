//! `image-trust-bench rows`: the policy, row by row, beside the empty one.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail, ensure};
use clap::Args;

use crate::measurement::measure;
use crate::module::{self, COMPILATIONS, Module};
use crate::report::{self, Machine, Report};
use crate::{plot, row, series};

/// Measures a policy against an empty one.
#[derive(Args)]
pub(crate) struct Arguments {
    /// The policy's module.
    #[arg(long, default_value = "policy.wasm")]
    policy: PathBuf,
    /// The module to compare it with.
    #[arg(long, default_value = "target/empty-policy.wasm")]
    empty: PathBuf,
    /// What to measure.
    #[arg(long, default_value = "crates/bench/rows.yaml")]
    rows: PathBuf,
    /// The folder for the figures and plots.
    #[arg(long, default_value = "target/bench")]
    out: PathBuf,
    /// Calls of each module in a row.
    #[arg(long, default_value_t = 200, value_parser = crate::at_least_one)]
    iterations: usize,
}

/// The file of the figures.
pub(crate) const REPORT: &str = "bench.json";

impl Arguments {
    /// Runs the command.
    pub(crate) fn execute(&self) -> Result<()> {
        let rows = row::load(&self.rows)?;
        let compilations = COMPILATIONS.min(self.iterations);
        let mut policy = Module::open("the policy", &self.policy, compilations)?;
        let mut empty = Module::open("the empty policy", &self.empty, compilations)?;
        module::time_starts(&mut [&mut policy, &mut empty], self.iterations)?;

        let mut measurements = Vec::new();
        let mut aims = rows.targets.aims(&policy.profile);
        for row in &rows.rows {
            eprintln!("measuring {}", row.name);
            let measurement = measure(row, &policy, &empty, self.iterations)
                .with_context(|| format!("row `{}`", row.name))?;
            // A denial may stop early, and then its row would not be about what it says.
            ensure!(measurement.accepted, "row `{}`: the request is denied", row.name);
            aims.extend(row.target.aims(&measurement));
            measurements.push(measurement);
        }
        let report = Report {
            machine: Machine::this(),
            modules: vec![policy.profile, empty.profile],
            rows: measurements,
            aims,
        };

        let all = series::of(&report.rows);
        println!("{}\n{}\n{}", report.modules().to_text(), report.rows().to_text(), report.aims().to_text());
        fs::create_dir_all(&self.out).with_context(|| self.out.display().to_string())?;
        report::write(&self.out.join(REPORT), &report)?;
        for series in &all {
            println!("{}", series.table().to_text());
            plot::series(series, &self.out)?;
        }
        match all.iter().find_map(series::Series::excess) {
            Some(excess) => bail!("{excess}"),
            None => Ok(()),
        }
    }
}
