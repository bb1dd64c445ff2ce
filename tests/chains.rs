//! Chains of requests, each judged alone: whatever is allowed, no tag comes to show what the settings
//! forbid. `chains/server.rs` plays the server.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may fail")]
#![expect(unreachable_pub, reason = "a test binary")]

#[path = "chains/bounds.rs"]
mod bounds;
mod common;
#[path = "common/pointing.rs"]
mod pointing;
#[path = "chains/seeds.rs"]
mod seeds;
#[path = "chains/server.rs"]
mod server;
#[path = "chains/step.rs"]
mod step;

use openshift_image_trust::evaluate;
use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};

use bounds::{BOUNDS, Bounds, Seen};
use common::NOW;
use server::{Asked, Server};
use step::Step;

const CONTROLLER: &str = "system:serviceaccount:openshift-infra:image-import-controller";

/// What the settings answer to a request of this user.
fn is_allowed(bounds: &Bounds, server: &Server, asked: &Asked, user: &str) -> bool {
    let Some(mut request) = asked.request.clone() else { return true };
    request["userInfo"] = user_info(user);
    let payload = json!({"request": request, "settings": (bounds.settings)()}).to_string();
    evaluate(payload.as_bytes(), NOW, server).accepted
}

fn user_info(user: &str) -> Value {
    let groups: &[&str] = match user {
        CONTROLLER => {
            &["system:serviceaccounts", "system:serviceaccounts:openshift-infra", "system:authenticated"]
        }
        _ => &["system:authenticated"],
    };
    json!({"username": user, "groups": groups})
}

/// Plays a chain, with the import controller after each step: what is wrong in the end, if anything.
fn play(bounds: &Bounds, steps: &[Step]) -> Result<usize, String> {
    let mut server = (bounds.start)();
    let mut seen = Seen::of(&server);
    let mut allowed = 0;
    for (index, step) in steps.iter().enumerate() {
        let Some(asked) = server.ask(step) else { continue };
        if !is_allowed(bounds, &server, &asked, "dana") {
            continue;
        }
        allowed += 1;
        server = asked.next;
        if matches!(step, Step::Remove { .. }) {
            seen.forget(step.target());
        }
        seen.check(bounds, &server).map_err(|wrong| format!("step {index}: {wrong}"))?;
        for pending in server.pending() {
            let Some(asked) = server.ask(&pending) else { continue };
            if is_allowed(bounds, &server, &asked, CONTROLLER) {
                server = asked.next;
                seen.check(bounds, &server).map_err(|wrong| format!("import after {index}: {wrong}"))?;
            }
        }
    }
    Ok(allowed)
}

#[test]
fn no_chain_that_is_known_gets_past() {
    let mut wrong = Vec::new();
    for seed in seeds::all() {
        let bounds = BOUNDS.iter().find(|bounds| bounds.name == seed.bounds).unwrap();
        if let Err(shown) = play(bounds, &seed.steps) {
            wrong.push(format!("{} of {}, {:?}: {shown}", seed.what, seed.kind, seed.steps));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is honest has to pass, or nothing would be shown by what is refused.
#[test]
fn a_chain_that_is_honest_passes_whole() {
    let mut wrong = Vec::new();
    for seed in seeds::honest() {
        let bounds = BOUNDS.iter().find(|bounds| bounds.name == seed.bounds).unwrap();
        let played = play(bounds, &seed.steps);
        if played != Ok(seed.steps.len()) {
            wrong.push(format!("{} under {}: {played:?}", seed.what, seed.bounds));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_chain_of_allowed_requests_shows_what_the_settings_forbid() {
    for bounds in BOUNDS {
        let cases = std::env::var("PROPTEST_CASES").ok().and_then(|it| it.parse().ok()).unwrap_or(256);
        let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
        let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
        let mut runner = TestRunner::new_with_rng(config, rng);
        let chains = prop::collection::vec(step::any(), 1..=6);
        let result =
            runner.run(&chains, |steps| play(bounds, &steps).map(|_| ()).map_err(TestCaseError::fail));
        if let Err(error) = result {
            panic!("{}: {error}", bounds.name);
        }
    }
}
