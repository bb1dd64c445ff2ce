//! The benchmark's yardstick: a policy that reads the request as a JSON tree and accepts it.
//!
//! Whatever a policy costs beyond this one is the cost of deciding. It is built and run
//! exactly as the real module is, and is of no use outside `make bench`.

#![cfg(target_os = "wasi")]

use kubewarden_policy_sdk::wapc_guest::{CallResult, register_function};
use kubewarden_policy_sdk::{accept_request, protocol_version_guest};
use serde_json::Value;

/// Registers the three functions that a host calls.
#[unsafe(no_mangle)]
pub extern "C" fn wapc_init() {
    register_function("validate", validate);
    register_function("validate_settings", |_| Ok(br#"{"valid":true}"#.to_vec()));
    register_function("protocol_version", protocol_version_guest);
}

fn validate(payload: &[u8]) -> CallResult {
    // Held to the end, so that no part of building the tree can be optimised away.
    let request: Value = serde_json::from_slice(payload)?;
    std::hint::black_box(&request);
    accept_request()
}
