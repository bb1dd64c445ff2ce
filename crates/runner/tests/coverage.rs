//! The packs show every rule both ways.

mod common;

use image_trust::suite::Verdict;
use openshift_image_trust::RULES;

#[test]
fn every_rule_speaks_in_one_case_and_is_silent_in_another() {
    let packs = common::packs();
    let mut missing = Vec::new();
    for rule in RULES {
        let (mut speaks, mut is_silent) = (false, false);
        for (case, _) in packs.iter().flat_map(|(_, pack)| &pack.cases) {
            let expected = case.expected();
            let named = expected.violations.iter().chain(&expected.warnings).any(|it| it.code == rule.code);
            speaks |= named;
            is_silent |= !named && expected.verdict == Verdict::Allowed;
        }
        match (speaks, is_silent) {
            (true, true) => {}
            (false, _) => missing.push(format!("no case breaks `{}`", rule.code)),
            (_, false) => missing.push(format!("no allowed case keeps to `{}`", rule.code)),
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
fn no_case_expects_a_rule_that_does_not_exist() {
    for (_, pack) in common::packs() {
        for (case, _) in &pack.cases {
            let expected = case.expected();
            let findings = expected.violations.iter().chain(&expected.warnings);
            for code in findings.map(|finding| &finding.code).chain(&expected.exempted) {
                assert!(RULES.iter().any(|rule| rule.code == code), "{}: {}: `{code}`", pack.name, case.name);
            }
        }
    }
}
