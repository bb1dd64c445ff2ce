//! The waPC shell: bytes in, bytes out. The only file that names the SDK.

use std::time::SystemTime;

use kubewarden_policy_sdk::{protocol_version_guest, wapc_guest};
use serde::Serialize;
use time::UtcDateTime;
use time::format_description::well_known::Rfc3339;
use wapc_guest::{CallResult, host_call, register_function};

use crate::cluster::{Cluster, ClusterError, GetResource, Verified, VerifySigstore};

/// Where the runner's `--now` arrives. In a cluster a policy has no environment.
const NOW: &str = "IMAGE_TRUST_NOW";

/// Called by the host once for each instance.
#[unsafe(no_mangle)]
pub extern "C" fn wapc_init() {
    register_function("validate", |payload| answer(crate::evaluate(payload, now(), &HostCluster).to_json()));
    register_function("validate_settings", |settings| {
        answer(crate::validate_settings(settings, now()).to_json())
    });
    register_function("protocol_version", protocol_version_guest);
}

fn answer(json: Vec<u8>) -> CallResult {
    Ok(json)
}

/// The host's clock; if it is out of range, the end of time, when nothing is valid any more.
fn now() -> UtcDateTime {
    if let Some(now) = std::env::var(NOW).ok().and_then(|now| UtcDateTime::parse(&now, &Rfc3339).ok()) {
        return now;
    }
    SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .ok()
        .and_then(|since| UtcDateTime::from_unix_timestamp(i64::try_from(since.as_secs()).ok()?).ok())
        .unwrap_or(UtcDateTime::MAX)
}

/// The cluster, through the host's capabilities.
#[derive(Debug)]
struct HostCluster;

impl Cluster for HostCluster {
    fn get(&self, question: &GetResource<'_>) -> Result<Option<String>, ClusterError> {
        question.read(ask("kubernetes", "get_resource", question))
    }

    fn verify(&self, question: &VerifySigstore) -> Result<Verified, ClusterError> {
        question.read(ask("oci", "v2/verify", question))
    }
}

fn ask(namespace: &str, operation: &str, question: &impl Serialize) -> Result<Vec<u8>, String> {
    let question = serde_json::to_vec(question).map_err(|error| error.to_string())?;
    host_call("kubewarden", namespace, operation, &question).map_err(|error| {
        let error = error.to_string();
        error.strip_prefix("Host error: ").map_or(error.clone(), str::to_owned)
    })
}
