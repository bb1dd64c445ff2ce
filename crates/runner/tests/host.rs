//! The runtime, with modules small enough to see what they do.

#![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

use std::time::{Duration, Instant};

use image_trust::host::module::{CallError, Guest, Host, HostError};
use image_trust::now;

/// A module with a memory, whose `__guest_call` is the given instructions.
fn guest(call: &str) -> Guest {
    module("", call).link(None).unwrap()
}

fn module(more: &str, call: &str) -> Host {
    let text = format!(
        r#"(module
            (import "wapc" "__guest_request" (func $request (param i32 i32)))
            (import "wapc" "__guest_response" (func $response (param i32 i32)))
            (import "wapc" "__guest_error" (func $error (param i32 i32)))
            (import "wapc" "__host_call" (func $ask (param i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))
            (import "wapc" "__host_error" (func $refusal (param i32)))
            (import "wapc" "__host_error_len" (func $refusal_length (result i32)))
            (import "wasi_snapshot_preview1" "environ_get" (func $environ (param i32 i32) (result i32)))
            (import "wasi_snapshot_preview1" "environ_sizes_get" (func $environ_sizes (param i32 i32) (result i32)))
            (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
            (memory (export "memory") 2)
            (data (i32.const 0) "kubewarden/kubernetes/get_resource")
            (data (i32.const 64) "no such luck")
            (global $count (mut i32) (i32.const 48))
            {more}
            (func (export "__guest_call") (param $operation i32) (param $length i32) (result i32)
                {call}))"#
    );
    Host::compile(&wat::parse_str(text).unwrap()).unwrap()
}

const SPIN: &str = "(loop $spin (br $spin)) unreachable";

#[test]
fn an_answer_is_passed_on() {
    let echo = guest(
        "(call $request (i32.const 1024) (i32.const 2048))
         (call $response (i32.const 2048) (local.get $length)) (i32.const 1)",
    );
    assert_eq!(echo.call("validate", b"{\"a\": 1.10}").unwrap(), b"{\"a\": 1.10}");
}

#[test]
fn every_call_gets_an_instance_of_its_own() {
    let counter = guest(
        "(global.set $count (i32.add (global.get $count) (i32.const 1)))
         (i32.store8 (i32.const 1024) (global.get $count))
         (call $response (i32.const 1024) (i32.const 1)) (i32.const 1)",
    );
    assert_eq!(counter.call("validate", b"").unwrap(), b"1");
    assert_eq!(counter.call("validate", b"").unwrap(), b"1");
}

#[test]
fn a_call_that_takes_too_long_is_interrupted() {
    let start = Instant::now();
    assert!(matches!(guest(SPIN).call("validate", b""), Err(CallError::Deadline)));
    let taken = start.elapsed();
    assert!((Duration::from_millis(1900)..Duration::from_secs(20)).contains(&taken), "{taken:?}");
}

#[test]
fn so_is_a_start_that_takes_too_long() {
    let host = module(&format!("(func (export \"wapc_init\") {SPIN})"), "(i32.const 1)");
    assert!(matches!(host.link(None).unwrap().call("validate", b""), Err(CallError::Deadline)));
}

#[test]
fn a_crash_is_told_in_one_line() {
    let cases = [
        ("unreachable", "the policy crashed: wasm trap: wasm `unreachable` instruction executed"),
        (
            "(i32.load (i32.const -4))",
            "the policy crashed: memory fault at wasm address 0xfffffffc in linear memory of size 0x20000",
        ),
        ("(call $exit (i32.const 3)) (i32.const 1)", "the policy crashed: Exited with i32 exit status 3"),
    ];
    for (call, expected) in cases {
        let error = guest(call).call("validate", b"").unwrap_err();
        assert!(matches!(error, CallError::Trap(_)), "{error:?}");
        assert_eq!(error.to_string(), expected);
    }
}

#[test]
fn an_error_of_the_module_is_no_crash() {
    let cases = [
        ("(call $error (i32.const 64) (i32.const 12)) (i32.const 0)", "the policy gave up: no such luck"),
        ("(i32.const 0)", "the policy gave up: No error message set for call failure"),
        ("(i32.const 1)", "the policy gave up: No error message OR response set for call success"),
    ];
    for (call, expected) in cases {
        let error = guest(call).call("validate", b"").unwrap_err();
        assert!(matches!(error, CallError::Guest(_)), "{error:?}");
        assert_eq!(error.to_string(), expected);
    }
}

#[test]
fn a_crash_before_the_call_is_told_apart() {
    let host = module("(func (export \"wapc_init\") unreachable)", "(i32.const 1)");
    let error = host.link(None).unwrap().call("validate", b"").unwrap_err();
    assert!(matches!(error, CallError::Start(_)), "{error:?}");
}

#[test]
fn host_calls_are_refused_by_name() {
    let asking = guest(
        "(drop (call $ask (i32.const 0) (i32.const 10) (i32.const 11) (i32.const 10)
                          (i32.const 22) (i32.const 12) (i32.const 0) (i32.const 0)))
         (call $refusal (i32.const 1024))
         (call $response (i32.const 1024) (call $refusal_length)) (i32.const 1)",
    );
    let refusal = String::from_utf8(asking.call("validate", b"").unwrap()).unwrap();
    assert_eq!(refusal, "nothing answers kubernetes/get_resource: give --cluster or --replay");
}

#[test]
fn the_environment_holds_a_pinned_instant_and_nothing_else() {
    let host = module(
        "",
        "(drop (call $environ_sizes (i32.const 1024) (i32.const 1028)))
         (drop (call $environ (i32.const 2048) (i32.const 4096)))
         (call $response (i32.const 4096) (i32.load (i32.const 1028))) (i32.const 1)",
    );
    let environment = |now| host.link(now).unwrap().call("validate", b"").unwrap();
    assert_eq!(environment(None), b"");
    let now = now::parse("2026-03-01T01:00:00+01:00").unwrap();
    assert_eq!(environment(Some(now)), b"IMAGE_TRUST_NOW=2026-03-01T00:00:00Z\0");
}

#[test]
fn what_is_no_policy_is_refused_before_the_call() {
    assert!(matches!(Host::compile(b"(module)"), Err(HostError::Module(_))));
    assert!(matches!(Host::compile(b"\0asm\x01\0\0\0nonsense"), Err(HostError::Module(_))));
    let stranger = wat::parse_str(r#"(module (import "elsewhere" "f" (func)))"#).unwrap();
    assert!(matches!(Host::compile(&stranger).unwrap().link(None), Err(HostError::Link(_))));
    let mute = Host::compile(&wat::parse_str("(module)").unwrap()).unwrap().link(None).unwrap();
    assert!(matches!(mute.call("validate", b""), Err(CallError::Start(_))));
}
