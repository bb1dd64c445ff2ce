//! `image-trust-bench load`: a host that lives long, and the same requests again and again.
//!
//! The module is compiled and linked once, as in a policy server; every request gets an instance of
//! its own. Every answer must be the one that the case's suite expects, and to the byte the one that
//! the case had before; and the process must not grow.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, ensure};
use clap::Args;
use image_trust::host::Host;
use serde::{Deserialize, Serialize};

use crate::case::{self, Case};
use crate::module::sha256;
use crate::order::shuffled;
use crate::report::{self, Machine, kibibytes, milliseconds};
use crate::row::grouped;
use crate::table::Table;
use crate::times::{Bucket, Times};
use crate::{plot, resident};

/// How often the memory of the process is looked at.
const SAMPLES: usize = 200;

/// Has the cases of packs judged many times over, in random order.
#[derive(Args)]
pub(crate) struct Arguments {
    /// The policy's module.
    #[arg(long, default_value = "policy.wasm")]
    policy: PathBuf,
    /// A pack, or a folder of packs.
    #[arg(long, default_value = "policies")]
    packs: PathBuf,
    /// How many requests.
    #[arg(long, default_value_t = 100_000, value_parser = crate::at_least_one)]
    requests: usize,
    /// How long at most, in seconds; what is not done by then is left.
    #[arg(long, default_value_t = 900)]
    seconds: u64,
    /// How many are judged at a time; as many as there are processors, if not given.
    #[arg(long, value_parser = crate::at_least_one)]
    workers: Option<usize>,
    /// Decides the order; the clock decides, if not given.
    #[arg(long)]
    seed: Option<u64>,
    /// By how many MiB the process may grow after the first tenth of the requests.
    #[arg(long, default_value_t = 16)]
    growth: usize,
    /// The folder for the figures and plots.
    #[arg(long, default_value = "target/bench")]
    out: PathBuf,
}

/// The file of the figures.
pub(crate) const REPORT: &str = "load.json";

/// What a load found.
#[derive(Serialize, Deserialize)]
pub(crate) struct Report {
    /// Where it was run.
    pub(crate) machine: Machine,
    /// Which module it was.
    pub(crate) sha256: String,
    seed: u64,
    /// How many different requests.
    cases: usize,
    /// How many were judged.
    requests: usize,
    workers: usize,
    seconds: f64,
    per_second: f64,
    p50_ms: f64,
    p90_ms: f64,
    p99_ms: f64,
    p999_ms: f64,
    max_ms: f64,
    /// The process after a tenth of the requests.
    resident_at_tenth_bytes: usize,
    /// The process after the last request.
    resident_at_end_bytes: usize,
    /// By how much it may have grown in between.
    growth_bound_bytes: usize,
    /// How long the requests took.
    pub(crate) histogram: Vec<Bucket>,
    /// The process over time.
    pub(crate) samples: Vec<Sample>,
}

/// The size of the process at one time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Sample {
    /// How many requests had been begun.
    pub(crate) requests: usize,
    /// What was resident.
    pub(crate) bytes: usize,
}

/// What the workers share.
struct Run<'c> {
    cases: &'c [Case],
    order: Vec<usize>,
    deadline: Instant,
    next: AtomicUsize,
    failed: AtomicBool,
    samples: Mutex<Vec<Sample>>,
}

impl Arguments {
    /// Runs the command.
    pub(crate) fn execute(&self) -> Result<()> {
        let seed = self.seed.unwrap_or_else(seed_of_the_clock);
        let workers = self.workers.unwrap_or_else(|| thread::available_parallelism().map_or(1, usize::from));
        println!("seed {seed}, {workers} at a time");
        let wasm = fs::read(&self.policy).with_context(|| self.policy.display().to_string())?;
        let host = Host::compile(&wasm).with_context(|| self.policy.display().to_string())?;
        let cases = case::of_packs(&self.packs, &host)?;

        let start = Instant::now();
        let run = Run {
            cases: &cases,
            order: shuffled(cases.len(), self.requests, seed),
            deadline: start + Duration::from_secs(self.seconds),
            next: AtomicUsize::new(0),
            failed: AtomicBool::new(false),
            samples: Mutex::default(),
        };
        let times = run.with(workers)?;
        let seconds = start.elapsed().as_secs_f64();
        let mut samples = run.samples.into_inner().unwrap_or_else(PoisonError::into_inner);
        samples.push(Sample { requests: times.len(), bytes: resident::bytes()? });

        let [p50_ms, p90_ms, p99_ms, p999_ms, max_ms] = times.percentiles_ms([50.0, 90.0, 99.0, 99.9, 100.0]);
        let (tenth, end) = ends(&mut samples).context("there are no samples")?;
        let report = Report {
            machine: Machine::this(),
            sha256: sha256(&wasm),
            seed,
            cases: cases.len(),
            requests: times.len(),
            workers,
            seconds,
            per_second: times.len() as f64 / seconds,
            p50_ms,
            p90_ms,
            p99_ms,
            p999_ms,
            max_ms,
            resident_at_tenth_bytes: tenth,
            resident_at_end_bytes: end,
            growth_bound_bytes: self.growth * 1024 * 1024,
            histogram: times.histogram(),
            samples,
        };
        print!("{}", report.table().to_text());
        fs::create_dir_all(&self.out).with_context(|| self.out.display().to_string())?;
        report::write(&self.out.join(REPORT), &report)?;
        plot::load(&report, &self.out)?;
        ensure!(
            end.saturating_sub(tenth) <= report.growth_bound_bytes,
            "the process grew from {} to {}, by more than {} MiB",
            kibibytes(tenth as f64),
            kibibytes(end as f64),
            self.growth
        );
        Ok(())
    }
}

impl Run<'_> {
    fn with(&self, workers: usize) -> Result<Times> {
        thread::scope(|scope| {
            let workers: Vec<_> = (0..workers).map(|_| scope.spawn(|| self.work())).collect();
            let mut all = Times::default();
            for worker in workers {
                all.append(worker.join().map_err(|_| anyhow::anyhow!("a worker panicked"))??);
            }
            Ok(all)
        })
    }

    /// Takes one request after another, until there are none, or somebody fails.
    fn work(&self) -> Result<Times> {
        let mut times = Times::default();
        while !self.failed.load(Ordering::Relaxed) && Instant::now() < self.deadline {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(case) = self.order.get(number).and_then(|case| self.cases.get(*case)) else { break };
            let judged = self.sample(number).and_then(|()| case.judge());
            times.push(judged.inspect_err(|_| self.failed.store(true, Ordering::Relaxed))?);
        }
        Ok(times)
    }

    fn sample(&self, number: usize) -> Result<()> {
        if number.is_multiple_of(self.order.len().div_ceil(SAMPLES)) {
            let sample = Sample { requests: number, bytes: resident::bytes()? };
            self.samples.lock().unwrap_or_else(PoisonError::into_inner).push(sample);
        }
        Ok(())
    }
}

impl Report {
    /// The figures.
    pub(crate) fn table(&self) -> Table {
        let mut table = Table::new(["load", ""]);
        let mut line = |what: &str, figure: String| table.line([what.to_owned(), figure]);
        line("requests, every answer as expected", grouped(self.requests));
        line("different requests", grouped(self.cases));
        line("at a time", self.workers.to_string());
        line("time", format!("{:.0} s", self.seconds));
        line("throughput", format!("{} a second", grouped(self.per_second as usize)));
        line("p50", milliseconds(self.p50_ms));
        line("p90", milliseconds(self.p90_ms));
        line("p99", milliseconds(self.p99_ms));
        line("p99.9", milliseconds(self.p999_ms));
        line("longest", milliseconds(self.max_ms));
        line("process after a tenth of the requests", kibibytes(self.resident_at_tenth_bytes as f64));
        line("process at the end", kibibytes(self.resident_at_end_bytes as f64));
        line("may have grown by", kibibytes(self.growth_bound_bytes as f64));
        line("seed", self.seed.to_string());
        table
    }

    /// What the histogram marks.
    pub(crate) fn marks(&self) -> [(&'static str, f64); 4] {
        [("p50", self.p50_ms), ("p90", self.p90_ms), ("p99", self.p99_ms), ("p99.9", self.p999_ms)]
    }
}

/// The size after a tenth of the requests, and the last one. Puts the samples in order.
fn ends(samples: &mut [Sample]) -> Option<(usize, usize)> {
    samples.sort_by_key(|sample| sample.requests);
    let last = *samples.last()?;
    let tenth = samples.iter().find(|sample| sample.requests * 10 >= last.requests)?;
    Some((tenth.bytes, last.bytes))
}

fn seed_of_the_clock() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growth_is_counted_from_the_first_tenth() {
        let sample = |requests| Sample { requests, bytes: requests + 7 };
        let cases = [
            (vec![], None),
            (vec![sample(5)], Some((12, 12))),
            (vec![sample(100), sample(0), sample(9), sample(20), sample(10)], Some((17, 107))),
        ];
        for (mut samples, expected) in cases {
            assert_eq!(ends(&mut samples), expected, "{samples:?}");
        }
    }
}
