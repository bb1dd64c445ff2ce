//! The order in which people count: `team-2` before `team-10`.

use std::cmp::Ordering;

/// Compares two names, and the numbers in them as numbers.
pub fn compare(left: &str, right: &str) -> Ordering {
    let (mut a, mut b) = (left, right);
    loop {
        let (number_a, rest_a) = split_number(a);
        let (number_b, rest_b) = split_number(b);
        if !number_a.is_empty() && !number_b.is_empty() {
            let (plain_a, plain_b) = (number_a.trim_start_matches('0'), number_b.trim_start_matches('0'));
            match plain_a.len().cmp(&plain_b.len()).then_with(|| plain_a.cmp(plain_b)) {
                Ordering::Equal => (a, b) = (rest_a, rest_b),
                different => return different,
            }
            continue;
        }
        let (mut chars_a, mut chars_b) = (a.chars(), b.chars());
        match (chars_a.next(), chars_b.next()) {
            (None, None) => return left.cmp(right),
            (first_a, first_b) if first_a == first_b => (a, b) = (chars_a.as_str(), chars_b.as_str()),
            (first_a, first_b) => return first_a.cmp(&first_b),
        }
    }
}

fn split_number(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    text.split_at(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_count_as_numbers() {
        let sorted =
            ["", "10", "a", "team-2", "team-2b", "team-010", "team-10", "team-11-2", "team-11-10", "x"];
        let mut names = sorted;
        names.reverse();
        names.sort_by(|a, b| compare(a, b));
        assert_eq!(names, sorted);
        assert_eq!(compare("a1", "a1"), Ordering::Equal);
        assert_eq!(compare("a01", "a1"), Ordering::Less);
    }
}
