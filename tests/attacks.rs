//! The requests of `tests/attacks` and of `tests/attack_variants`: each gets the verdict that is right. The
//! runner's test of this name tries them on the module.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

#[path = "common/attacks.rs"]
mod attacks;
mod common;

use std::collections::BTreeMap;

use attacks::{Attempt, attacks, attempts, groups};
use common::Short;

/// How many variants there are at least of each attack.
const LEAST: usize = 3;

#[test]
fn every_request_gets_the_verdict_that_is_right() {
    let judge = |attempt: Attempt| attempt.fault(attempt.request.as_ref().map(Short::verdict).as_ref());
    let wrong: Vec<String> = attempts().into_iter().filter_map(judge).collect();
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
}

/// `elsewhere.yaml` names tests that try variants in another form.
#[test]
fn every_attack_has_variants() {
    let tests = common::tests();
    let elsewhere = std::fs::read_to_string(tests.join("attack_variants/elsewhere.yaml")).unwrap();
    let elsewhere: BTreeMap<String, Vec<String>> = serde_norway::from_str(&elsewhere).unwrap();
    let mut count: BTreeMap<String, usize> = attacks().into_iter().map(|attack| (attack.name, 0)).collect();
    let mut wrong = Vec::new();
    let mut add = |attack: &str, more: usize| match count.get_mut(attack) {
        Some(count) => *count += more,
        None => wrong.push(format!("there is no attack {attack}")),
    };
    for group in groups() {
        group.of.iter().for_each(|attack| add(attack, group.count()));
    }
    for (attack, named) in &elsewhere {
        for name in named {
            let (file, test) = name.split_once("::").unwrap();
            let text = std::fs::read_to_string(tests.join(format!("{file}.rs"))).unwrap();
            assert!(text.contains(&format!("#[test]\nfn {test}()")), "there is no test {name}");
        }
        add(attack, named.len());
    }
    let few = count.iter().filter(|(_, count)| **count < LEAST);
    wrong.extend(few.map(|(attack, count)| format!("{attack} has {count}")));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
