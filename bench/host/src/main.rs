//! Measures the policy against an empty one, request by request.
//!
//! Both modules run as in a cluster: linked beforehand, with a fresh instance for every request.
//! They take turns, so that whatever else the machine does falls on both, and medians are
//! compared: the ratio is the figure to watch, the milliseconds are this machine's own. Where a
//! signature is verified, gpgv takes its turn on the same one.

mod gpgv;
mod row;
mod traffic;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use clap::Parser;
use image_trust::capabilities::Capabilities;
use image_trust::host::{Guest, Host};
use serde::{Deserialize, Serialize};

use crate::gpgv::Gpgv;
use crate::row::Row;
use crate::traffic::Traffic;

/// How often a module is compiled.
const COMPILATIONS: usize = 3;
/// Calls before the ones that count.
const WARM_UP: usize = 20;

#[derive(Parser)]
#[command(about)]
struct Arguments {
    /// The policy's module.
    #[arg(long, default_value = "policy.wasm")]
    policy: PathBuf,
    /// The module to compare it with.
    #[arg(long, default_value = "target/empty-policy.wasm")]
    empty: PathBuf,
    /// What to measure.
    #[arg(long, default_value = "bench/rows.yaml")]
    rows: PathBuf,
    /// Where to write the figures for programs.
    #[arg(long, default_value = "target/bench.json")]
    json: PathBuf,
    /// Calls of each module in a row.
    #[arg(long, default_value_t = 200)]
    iterations: usize,
}

#[derive(Serialize)]
struct Report {
    policy: Module,
    empty: Module,
    rows: Vec<Measurement>,
}

#[derive(Serialize)]
struct Module {
    bytes: usize,
    compile_ms: f64,
}

#[derive(Serialize)]
struct Measurement {
    name: String,
    payload_bytes: usize,
    accepted: bool,
    policy_ms: f64,
    empty_ms: f64,
    ratio: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    gpgv_ms: Option<f64>,
    /// What the policy asks its host in one request.
    host_calls: usize,
    /// Bytes of those questions and their answers.
    host_bytes: usize,
}

#[derive(Deserialize)]
struct Answer {
    accepted: bool,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let rows = row::load(&arguments.rows)?;

    let (policy_module, policy) = compile(&arguments.policy)?;
    let (empty_module, empty) = compile(&arguments.empty)?;
    println!("{:32} {:>10} {:>13}", "module", "size", "compilation");
    for (path, module) in [(&arguments.policy, &policy_module), (&arguments.empty, &empty_module)] {
        let megabytes = module.bytes as f64 / 1e6;
        println!("{:32} {megabytes:>7.2} MB {:>10.0} ms", path.display(), module.compile_ms);
    }

    println!(
        "\n{:32} {:>10} {:>9} {:>13} {:>13} {:>6} {:>13} {:>6}",
        "row", "payload", "answer", "policy", "empty", "ratio", "gpgv", "ratio"
    );
    let mut measurements = Vec::new();
    for row in rows {
        let name = row.name.clone();
        let measurement =
            measure(row, &policy, &empty, arguments.iterations).with_context(|| format!("row `{name}`"))?;
        let gpgv = measurement
            .gpgv_ms
            .map(|gpgv_ms| format!(" {gpgv_ms:>10.3} ms {:>6.2}", measurement.policy_ms / gpgv_ms));
        println!(
            "{:32} {:>7.1} kB {:>9} {:>10.3} ms {:>10.3} ms {:>6.2}{}",
            measurement.name,
            measurement.payload_bytes as f64 / 1e3,
            if measurement.accepted { "accepted" } else { "denied" },
            measurement.policy_ms,
            measurement.empty_ms,
            measurement.ratio,
            gpgv.unwrap_or_default(),
        );
        if measurement.host_calls > 0 {
            println!("{:32} {} look-ups, {} bytes", "", measurement.host_calls, measurement.host_bytes);
        }
        measurements.push(measurement);
    }

    let report = Report { policy: policy_module, empty: empty_module, rows: measurements };
    fs::write(&arguments.json, serde_json::to_vec_pretty(&report)?)
        .with_context(|| arguments.json.display().to_string())
}

fn compile(path: &Path) -> Result<(Module, Guest)> {
    let context = || path.display().to_string();
    let wasm = fs::read(path).with_context(context)?;
    let mut times = Vec::new();
    for _ in 0..COMPILATIONS {
        let start = Instant::now();
        Host::compile(&wasm).with_context(context)?;
        times.push(start.elapsed());
    }
    let guest = Host::compile(&wasm).and_then(|host| host.link(None)).with_context(context)?;
    Ok((Module { bytes: wasm.len(), compile_ms: median_ms(times) }, guest))
}

fn measure(row: Row, policy: &Guest, empty: &Guest, iterations: usize) -> Result<Measurement> {
    ensure!(iterations > 0, "nothing to measure in no iterations");
    let payload = row.payload()?;
    let traffic = Arc::new(Traffic::of(row.capabilities()?));
    let answers = Arc::clone(&traffic) as Arc<dyn Capabilities>;
    let answer = policy.call_with("validate", &payload, &answers)?;
    let accepted = serde_json::from_slice::<Answer>(&answer)?.accepted;
    let (host_calls, host_bytes) = traffic.counted();
    for _ in 0..WARM_UP {
        policy.call_with("validate", &payload, &answers)?;
        empty.call("validate", &payload)?;
    }
    let gpgv = row.verifiable()?.map(Gpgv::new).transpose()?.flatten();
    let (mut policy_times, mut empty_times, mut gpgv_times) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..iterations {
        policy_times.push(time(policy, &payload, &answers)?);
        empty_times.push(time(empty, &payload, &answers)?);
        if let Some(gpgv) = &gpgv {
            gpgv_times.push(gpgv.time()?);
        }
    }
    let (policy_ms, empty_ms) = (median_ms(policy_times), median_ms(empty_times));
    Ok(Measurement {
        name: row.name,
        payload_bytes: payload.len(),
        accepted,
        policy_ms,
        empty_ms,
        ratio: policy_ms / empty_ms,
        gpgv_ms: gpgv.is_some().then(|| median_ms(gpgv_times)),
        host_calls,
        host_bytes,
    })
}

fn time(guest: &Guest, payload: &[u8], answers: &Arc<dyn Capabilities>) -> Result<Duration> {
    let start = Instant::now();
    guest.call_with("validate", payload, answers)?;
    Ok(start.elapsed())
}

fn median_ms(mut times: Vec<Duration>) -> f64 {
    let middle = times.len() / 2;
    let (_, median, _) = times.select_nth_unstable(middle);
    median.as_secs_f64() * 1e3
}
