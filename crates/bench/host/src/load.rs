//! `image-trust-bench load`: a host that lives long, and the same requests again and again.
//!
//! The module is compiled and linked once, as in a policy server; every request gets an instance of
//! its own. Every answer must be the one that the case's suite expects, and to the byte the one that
//! the case had before; and the process must not grow.

mod report;

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, ensure};
use clap::Args;
use image_trust::host::module::Host;

use crate::case::{self, Case};
use crate::module::sha256;
use crate::order::shuffled;
use crate::report::{self as figures, Machine, kibibytes};
use crate::times::Times;
use crate::{plot, resident};

use report::ends;
pub(crate) use report::{Report, Sample};

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
        figures::write(&self.out.join(REPORT), &report)?;
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

fn seed_of_the_clock() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs())
}
