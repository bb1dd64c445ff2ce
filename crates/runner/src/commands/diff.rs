//! Two lists side by side: what was expected and what was found.

use std::fmt::Display;

/// The lines that lead from one list to the other: `  ` in both, `- ` expected only, `+ ` found only.
pub fn lines<T: PartialEq + Display>(expected: &[T], found: &[T]) -> Vec<String> {
    let mut lines = Vec::new();
    let mut rest = found;
    for wanted in expected {
        match rest.iter().position(|item| item == wanted) {
            Some(position) => {
                let (skipped, after) = rest.split_at(position);
                lines.extend(skipped.iter().map(|item| format!("+ {item}")));
                lines.push(format!("  {wanted}"));
                rest = after.get(1..).unwrap_or_default();
            }
            None => lines.push(format!("- {wanted}")),
        }
    }
    lines.extend(rest.iter().map(|item| format!("+ {item}")));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_equal_lists_show_no_difference() {
        let cases: [(&[&str], &[&str], &[&str]); 6] = [
            (&[], &[], &[]),
            (&["a", "b"], &["a", "b"], &["  a", "  b"]),
            (&["a", "b"], &["b"], &["- a", "  b"]),
            (&["b"], &["a", "b", "c"], &["+ a", "  b", "+ c"]),
            (&["a", "b"], &["b", "a"], &["+ b", "  a", "- b"]),
            (&["a", "a"], &["a"], &["  a", "- a"]),
        ];
        for (expected, found, difference) in cases {
            assert_eq!(lines(expected, found), difference, "{expected:?} {found:?}");
        }
    }
}
