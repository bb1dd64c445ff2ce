//! The waPC shell: bytes in, bytes out. The only file that names the SDK.

use std::time::SystemTime;

use kubewarden_policy_sdk::{protocol_version_guest, wapc_guest};
use time::UtcDateTime;
use time::format_description::well_known::Rfc3339;
use wapc_guest::{CallResult, register_function};

/// Where the runner's `--now` arrives. In a cluster a policy has no environment.
const NOW: &str = "IMAGE_TRUST_NOW";

/// Called by the host once for each instance.
#[unsafe(no_mangle)]
pub extern "C" fn wapc_init() {
    register_function("validate", |payload| answer(crate::evaluate(payload, now()).to_json()));
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
