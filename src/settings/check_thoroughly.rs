//! What takes time, and is therefore checked only when the policy is loaded: whether patterns compile, and
//! certificates can be used.

use std::collections::BTreeMap;
use std::iter::Peekable;
use std::str::Chars;

use time::UtcDateTime;

use crate::json::path::FieldPath;
use crate::quote::quote;
use crate::settings::check_trust::check_thresholds;
use crate::settings::declaration::{ReferenceSettings, Settings};
use crate::settings::problem::Problems;
use crate::signature;

/// Checks patterns and certificates.
pub fn check(settings: &Settings, now: UtcDateTime, problems: &mut Problems) {
    check_patterns(&settings.references, problems);
    let mut certificates = BTreeMap::new();
    for (index, signer) in settings.signers.iter().enumerate() {
        let at = FieldPath::root().key("signers").index(index).key("openpgp");
        match signature::check_certificates(&signer.for_verification(now), now) {
            Ok(checked) => {
                certificates.insert(signer.name.as_str(), checked.usable);
            }
            Err(unusable) => unusable.iter().for_each(|one| problems.complain(&at, one.to_string())),
        }
    }
    if let Some(trust) = &settings.trust {
        check_thresholds(trust, &certificates, problems);
    }
}

fn check_patterns(references: &ReferenceSettings, problems: &mut Problems) {
    for (key, pattern) in [
        ("tagNames", &references.tag_names),
        ("immutableTags", &references.immutable_tags),
        ("sourceTags.allow", &references.source_tags.allow),
    ] {
        let Some(pattern) = pattern else { continue };
        let at = FieldPath::root().key("references").key(key);
        match pattern.matches("") {
            Err(error) => problems.complain(&at, error.to_string()),
            // What finds nothing finds it in every name, as `v*`, a glob, does.
            Ok(true) => {
                let text = quote(pattern.as_str());
                let message = format!(
                    "{text} matches the empty name, and so may match every one: write `.` for any name"
                );
                problems.complain(&at, message);
            }
            Ok(false) => {
                if let Some(c) = foreign_letter(pattern.as_str()) {
                    let (text, letter) =
                        (quote(pattern.as_str()), quote(c.encode_utf8(&mut [0; 4])).to_string());
                    let message =
                        format!("{text} asks for {letter}, which no tag has: write alternatives as `a|b`");
                    problems.complain(&at, message);
                } else if has_inner_anchor(pattern.as_str()) {
                    let text = quote(pattern.as_str());
                    let message =
                        format!("{text} has a `^` behind a letter or a `$` before one, so no tag matches");
                    problems.complain(&at, message);
                }
            }
        }
    }
}

/// Whether a regular expression asks for the beginning of the name right behind a letter, or for its end right
/// before one: `$v1` and `v1^` match nothing.
fn has_inner_anchor(pattern: &str) -> bool {
    let is_letter = |c: char| c.is_ascii_alphanumeric() || "_-".contains(c);
    let (mut before, mut rest) = (None, pattern.chars().peekable());
    while let Some(c) = rest.next() {
        match c {
            '\\' => _ = rest.next(),
            '[' => skip_class(&mut rest),
            '^' if before.is_some_and(is_letter) => return true,
            '$' if rest.peek().is_some_and(|next| is_letter(*next)) => return true,
            _ => {}
        }
        before = Some(c);
    }
    false
}

/// Returns a letter that a regular expression asks for, somewhere outside of classes and without being
/// optional, and that no tag can have: `v1, v2` and `/^v/` match nothing.
fn foreign_letter(pattern: &str) -> Option<char> {
    let is_foreign = |c: char| !c.is_ascii_alphanumeric() && !"_.-^$*+?()|[]{}\\".contains(c);
    // Blanks, and what does not show.
    let is_blank = |escaped: char| "sntrfva".contains(escaped);
    let mut rest = pattern.chars().peekable();
    while let Some(c) = rest.next() {
        let letter = match c {
            '\\' => match rest.next()? {
                escaped if is_blank(escaped) => ' ',
                escaped => escaped,
            },
            '[' => {
                skip_class(&mut rest);
                continue;
            }
            '{' => {
                rest.by_ref().find(|c| *c == '}');
                continue;
            }
            '(' if rest.peek() == Some(&'?') => {
                let flags: String = rest.by_ref().take_while(|c| ![':', ')', '>'].contains(c)).collect();
                // Blanks mean nothing then.
                if flags.contains('x') && !flags.contains('<') {
                    return None;
                }
                continue;
            }
            c => c,
        };
        if is_foreign(letter) && !matches!(rest.peek(), Some('*' | '?' | '{')) {
            return Some(letter);
        }
    }
    None
}

/// Skips the rest of a class such as `[^]a-z[:alpha:]]`.
fn skip_class(rest: &mut Peekable<Chars<'_>>) {
    rest.next_if_eq(&'^');
    rest.next_if_eq(&']');
    while let Some(c) = rest.next() {
        match c {
            ']' => return,
            '\\' => {
                rest.next();
            }
            '[' => skip_class(rest),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{foreign_letter, has_inner_anchor};

    #[test]
    fn an_anchor_in_the_middle_is_noticed() {
        for pattern in ["$v", "v1^", "^v1$2", "a|v^", "(v)|$v"] {
            assert!(has_inner_anchor(pattern), "{pattern}");
        }
        for pattern in ["^v1$", "a|^v", "(^v|x$)", "[a^$b]", "v\\^x", "\\$v", "^a$|^b$", "(?:^|-)v"] {
            assert!(!has_inner_anchor(pattern), "{pattern}");
        }
    }

    #[test]
    fn a_pattern_that_asks_for_what_no_tag_has_is_noticed() {
        for (pattern, letter) in [
            ("v1,v2", Some(',')),
            ("^v1 $", Some(' ')),
            ("/^v\\d/", Some('/')),
            ("quay.io/acme:v1", Some('/')),
            ("app:v1", Some(':')),
            ("v1|v2, v3", Some(',')),
            ("^v\\/1", Some('/')),
            ("\u{e4}", Some('\u{e4}')),
            ("(?i)a b", Some(' ')),
            ("^v1\\s", Some(' ')),
            ("v1\\n$", Some(' ')),
            ("^v1\\s*$", None),
            ("\\S", None),
            ("(?P<x>a):b", Some(':')),
            ("^v\\d+$", None),
            ("^v\\d{1,3}$", None),
            ("^(?:a|b)$", None),
            ("(?P<x>a)", None),
            ("(?x) a b", None),
            ("^[a-z ,/:]+$", None),
            ("^[^]/]+$", None),
            ("[[:alpha:],]x", None),
            ("^v1/?", None),
            ("^v1/*$", None),
            ("^v1/{0,1}$", None),
            ("\\.", None),
            ("_-.", None),
        ] {
            assert_eq!(foreign_letter(pattern), letter, "{pattern}");
        }
    }
}
