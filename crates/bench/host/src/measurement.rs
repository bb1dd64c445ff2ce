//! Measures one row: a module, the empty one and, where there is a signature, gpgv take turns.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use image_trust::answers::Capabilities;
use image_trust::host::module::Guest;
use serde::{Deserialize, Serialize};

use crate::answers::Answers;
use crate::gpgv::Gpgv;
use crate::module::Module;
use crate::row::{Row, Step};
use crate::times::Times;

/// Calls before the ones that count.
const WARM_UP: usize = 20;

/// What was found of a row.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Measurement {
    /// The row.
    pub(crate) name: String,
    /// Where it stands in a series.
    #[serde(flatten)]
    pub(crate) step: Option<Step>,
    /// The policy that was asked.
    pub(crate) module: String,
    /// What the policy is called with.
    pub(crate) payload_bytes: usize,
    /// What it said.
    pub(crate) accepted: bool,
    /// The median time of a request, from no instance to the answer.
    pub(crate) ms: f64,
    /// The least time of a request, which other work on the machine disturbs least.
    pub(crate) least_ms: f64,
    /// The median time of the empty policy.
    pub(crate) empty_ms: f64,
    /// The one in terms of the other.
    pub(crate) ratio: f64,
    /// The median time of gpgv with the same signature.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) gpgv_ms: Option<f64>,
    /// The linear memory of the instance in the end.
    pub(crate) memory_bytes: usize,
    /// The same of the empty policy.
    pub(crate) empty_memory_bytes: usize,
    /// What the policy asks its host in one request.
    pub(crate) host_calls: usize,
    /// Bytes of those questions and their answers.
    pub(crate) host_bytes: usize,
}

#[derive(Deserialize)]
struct Answer {
    accepted: bool,
}

#[derive(Deserialize)]
struct SettingsAnswer {
    valid: bool,
    message: Option<String>,
}

/// Measures a row.
pub(crate) fn measure(row: &Row, module: &Module, empty: &Module, iterations: usize) -> Result<Measurement> {
    let payload = row.payload()?;
    accepts(&module.guest, &payload.settings)?;
    let payload = &payload.request;
    let counting = Arc::new(Answers::of(row.capabilities()?));
    let answers = Arc::clone(&counting) as Arc<dyn Capabilities>;
    let answer = module.guest.call_with("validate", payload, &answers)?;
    let answer: Answer = serde_json::from_slice(&answer).context("the answer is none")?;
    let (host_calls, host_bytes) = counting.counted();
    for _ in 0..WARM_UP.min(iterations) {
        time(&module.guest, payload, &answers)?;
        time(&empty.guest, payload, &answers)?;
    }
    let gpgv = row.verifiable()?.map(Gpgv::new).transpose()?.flatten();
    let (mut times, mut empty_times, mut gpgv_times) = <(Times, Times, Times)>::default();
    for _ in 0..iterations {
        times.push(time(&module.guest, payload, &answers)?);
        empty_times.push(time(&empty.guest, payload, &answers)?);
        if let Some(gpgv) = &gpgv {
            gpgv_times.push(gpgv.time()?);
        }
    }
    let [least_ms, ms] = times.percentiles_ms([0.0, 50.0]);
    let empty_ms = empty_times.median_ms();
    Ok(Measurement {
        name: row.name.clone(),
        step: row.step.clone(),
        module: module.profile.name.clone(),
        payload_bytes: payload.len(),
        accepted: answer.accepted,
        ms,
        least_ms,
        empty_ms,
        ratio: ms / empty_ms,
        gpgv_ms: gpgv.is_some().then(|| gpgv_times.median_ms()),
        memory_bytes: module.scales.weigh(payload, &answers)?,
        empty_memory_bytes: empty.scales.weigh(payload, &answers)?,
        host_calls,
        host_bytes,
    })
}

/// A policy would never be asked under settings that it refuses.
fn accepts(guest: &Guest, settings: &[u8]) -> Result<()> {
    let answer = guest.call("validate_settings", settings)?;
    let answer: SettingsAnswer = serde_json::from_slice(&answer).context("the answer to settings is none")?;
    ensure!(answer.valid, "the settings are refused: {}", answer.message.unwrap_or_default());
    Ok(())
}

fn time(guest: &Guest, payload: &[u8], answers: &Arc<dyn Capabilities>) -> Result<Duration> {
    let start = Instant::now();
    guest.call_with("validate", payload, answers)?;
    Ok(start.elapsed())
}
