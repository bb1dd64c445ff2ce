//! Every rule is registered, named like its file, and documented in full.

#![expect(clippy::expect_used, reason = "a test may fail")]

#[path = "common/pages.rs"]
mod pages;

use openshift_image_trust::RULES;

use pages::{HEADINGS, pages, section};

#[test]
fn every_rule_file_is_registered_under_its_name() {
    let files: Vec<String> = pages().into_keys().collect();
    let rules: Vec<String> = RULES.iter().map(|rule| rule.code.replace('-', "_")).collect();
    assert_eq!(rules, files, "`RULES` lists the files of src/rules in order");
}

#[test]
fn every_code_names_an_offence() {
    for rule in RULES {
        let plain = rule.code.chars().all(|c| c.is_ascii_lowercase() || c == '-');
        assert!(plain && !rule.code.starts_with('-') && !rule.code.ends_with('-'), "{}", rule.code);
        for prefix in ["check-", "no-", "must-", "require-"] {
            assert!(!rule.code.starts_with(prefix), "{} does not name the offence", rule.code);
        }
        let summary = rule.summary;
        assert!(!summary.ends_with('.') && summary.starts_with(char::is_lowercase), "{summary}");
    }
}

#[test]
fn every_page_has_its_headings_in_order() {
    for (file, page) in pages() {
        let found: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix("# ")).collect();
        assert_eq!(found, HEADINGS, "{file}");
        for heading in HEADINGS {
            assert!(!section(&page, heading).expect("a heading").is_empty(), "{file}: {heading}");
        }
        let first = page.lines().next().unwrap_or_default();
        assert!(!first.is_empty() && !first.starts_with('#'), "{file} begins with a sentence");
    }
}
