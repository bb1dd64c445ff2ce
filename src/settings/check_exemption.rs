//! What an exemption must say.

use crate::json::path::FieldPath;
use crate::settings::check_references::check_namespaces;
use crate::settings::declaration::ExemptionSettings;
use crate::settings::problem::Problems;
use crate::settings::rule_code::RuleCode;

/// Checks an exemption.
pub fn check(exemption: &ExemptionSettings, at: &FieldPath, problems: &mut Problems) {
    if exemption.reason.trim().is_empty() {
        problems.complain(&at.clone().key("reason"), "is empty");
    }
    let sizes = [
        ("users", exemption.users.as_ref().map(Vec::len)),
        ("groups", exemption.groups.as_ref().map(Vec::len)),
        ("namespaces", exemption.namespaces.as_ref().map(Vec::len)),
        ("scopes", exemption.scopes.as_ref().map(Vec::len)),
    ];
    let rules = exemption.rules.as_deref();
    let all_are_read = sizes.iter().all(|(key, _)| problems.is_read(&at.clone().key(key)));
    if sizes.iter().all(|(_, size)| size.unwrap_or_default() == 0) && all_are_read {
        let message = "names no `users`, `groups`, `namespaces` or `scopes`: to lift a rule for \
                       everybody, set it to `off` in `rules`";
        problems.complain(at, message);
    } else {
        // Whoever empties a list means nobody, and not everybody.
        let sizes = sizes.into_iter().chain([("rules", rules.map(<[RuleCode]>::len))]);
        for (key, _) in sizes.filter(|(_, size)| *size == Some(0)) {
            problems.complain(&at.clone().key(key), "is empty: leave it out where it does not matter");
        }
    }
    check_namespaces(exemption.namespaces.as_deref(), at, problems);
    if exemption.scopes.is_some() {
        for (index, RuleCode(code)) in rules.iter().flat_map(|rules| rules.iter()).enumerate() {
            // No scope holds a source that cannot be read.
            let is_about_sources = *code != "reference-unparsable"
                && problems.rules.iter().any(|rule| rule.code == *code && rule.of_references);
            if !is_about_sources {
                let message = format!("`scopes` never lift `{code}`, which is not about a source");
                problems.complain(&at.clone().key("rules").index(index), message);
            }
        }
    }
}
