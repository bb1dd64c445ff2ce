//! `image-trust-bench compare`: policies side by side, each on requests of its own.
//!
//! What they have in common is the empty policy, which is given the same payloads: how many times
//! its cost a decision is, can be compared between policies that decide different things.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use clap::Args;
use serde::Deserialize;

use crate::measurement::measure;
use crate::module::{self, COMPILATIONS, Module};
use crate::report::{self, Machine, Report};
use crate::row::{self, Row};

/// Measures several policies, each on requests of its own.
#[derive(Args)]
pub(crate) struct Arguments {
    /// The policies: a list of `name`, `module` and `rows`, which are files beside this one.
    #[arg(default_value = "crates/bench/policies.yaml")]
    policies: PathBuf,
    /// The module to compare them with.
    #[arg(long, default_value = "target/empty-policy.wasm")]
    empty: PathBuf,
    /// Where to write the figures for programs.
    #[arg(long, default_value = "target/bench/compare.json")]
    json: PathBuf,
    /// Calls of each module in a row.
    #[arg(long, default_value_t = 200, value_parser = crate::at_least_one)]
    iterations: usize,
}

/// A policy and what it is to be asked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Policy {
    /// What the table calls it.
    name: String,
    module: PathBuf,
    rows: PathBuf,
}

impl Policy {
    fn open(&self, compilations: usize) -> Result<(Module, Vec<Row>)> {
        let rows = row::load(&self.rows)?.rows;
        Ok((Module::open(&self.name, &self.module, compilations)?, rows))
    }
}

impl Arguments {
    /// Runs the command. One that cannot be measured is told, and does not hide the others.
    pub(crate) fn execute(&self) -> Result<()> {
        let policies = self.policies()?;
        let compilations = COMPILATIONS.min(self.iterations);
        let mut modules = Vec::new();
        let mut rows = Vec::new();
        let mut failures = 0;
        let mut fail = |name: &str, error: anyhow::Error| {
            failures += 1;
            eprintln!("{name}: {error:#}");
        };
        for policy in &policies {
            eprintln!("compiling {}", policy.name);
            match policy.open(compilations) {
                Ok((module, own)) => {
                    modules.push(module);
                    rows.push(own);
                }
                Err(error) => fail(&policy.name, error),
            }
        }
        let mut empty = Module::open("the empty policy", &self.empty, compilations)?;
        let mut starting: Vec<&mut Module> = modules.iter_mut().chain([&mut empty]).collect();
        module::time_starts(&mut starting, self.iterations)?;

        let mut measurements = Vec::new();
        for (module, rows) in modules.iter().zip(&rows) {
            for row in rows {
                let name = format!("{}: {}", module.profile.name, row.name);
                eprintln!("measuring {name}");
                match measure(row, module, &empty, self.iterations) {
                    Ok(measurement) => measurements.push(measurement),
                    Err(error) => fail(&name, error),
                }
            }
        }
        let report = Report {
            machine: Machine::this(),
            modules: modules.into_iter().chain([empty]).map(|module| module.profile).collect(),
            rows: measurements,
            aims: Vec::new(),
        };
        println!("{}\n{}", report.modules().to_text(), report.rows().to_text());
        if let Some(folder) = self.json.parent() {
            fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
        }
        report::write(&self.json, &report)?;
        ensure!(failures == 0, "{failures} could not be measured");
        Ok(())
    }

    fn policies(&self) -> Result<Vec<Policy>> {
        let context = || self.policies.display().to_string();
        let text = fs::read_to_string(&self.policies).with_context(context)?;
        let mut policies: Vec<Policy> = serde_norway::from_str(&text).with_context(context)?;
        let beside = |file: &Path| self.policies.with_file_name(file);
        for policy in &mut policies {
            (policy.module, policy.rows) = (beside(&policy.module), beside(&policy.rows));
        }
        Ok(policies)
    }
}
