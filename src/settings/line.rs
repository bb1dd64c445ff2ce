//! A line of text that answers repeat.

use crate::json::path::FieldPath;
use crate::settings::node::Node;
#[cfg(not(target_family = "wasm"))]
use crate::settings::problem::KnownRules;
use crate::settings::problem::Problems;
use crate::settings::reader::{Setting, expected, unread};

/// Longest line, in characters.
const MAX: usize = 200;

/// One line of text, which a terminal shows as it is written.
#[derive(Clone, Debug)]
pub struct Line(String);

impl Line {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether a terminal obeys a character, breaks the line at it, or turns the text around.
fn is_control(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

impl Setting for Line {
    fn read(node: &Node, at: &FieldPath, problems: &mut Problems) -> Self {
        let Node::Text(text) = node else { return expected("a string", node, at, problems) };
        if text.trim().is_empty() {
            return unread(problems, at, "is empty: leave it out");
        }
        if text.contains(is_control) {
            return unread(
                problems,
                at,
                "has a line break or another control character: write one plain line",
            );
        }
        match text.chars().count() {
            ..=MAX => Self(text.clone()),
            count => unread(problems, at, format!("has {count} characters: at most {MAX} are shown")),
        }
    }

    fn stand_in() -> Self {
        Self(String::new())
    }

    #[cfg(not(target_family = "wasm"))]
    fn schema(_: KnownRules) -> serde_json::Value {
        serde_json::json!({"type": "string", "minLength": 1, "maxLength": MAX})
    }
}

#[cfg(test)]
mod tests {
    use crate::settings::Settings;

    #[test]
    fn help_is_one_line_that_a_terminal_shows_as_it_is() {
        let problems = |help: &str| -> Vec<String> {
            let settings = serde_json::json!({"answers": {"help": help}}).to_string();
            let problems = Settings::parse(&settings).err().unwrap_or_default();
            problems.iter().map(ToString::to_string).collect()
        };
        let longest = "ä".repeat(200);
        for good in ["see https://wiki.example/images", "frag' das Team Plattform: ☎ 4711", longest.as_str()]
        {
            assert_eq!(problems(good), Vec::<String>::new(), "{good}");
        }
        let control = "answers.help: has a line break or another control character: write one plain line";
        for bad in
            ["a\nb", "a\r", "\u{1b}[2J", "a\tb", "a\u{85}b", "a\u{2028}b", "a\u{202e}b", "a\u{2067}b", "\0"]
        {
            assert_eq!(problems(bad), [control], "{bad:?}");
        }
        for empty in ["", " ", "\n", "\u{a0}"] {
            assert_eq!(problems(empty), ["answers.help: is empty: leave it out"], "{empty:?}");
        }
        assert_eq!(problems(&"ä".repeat(201)), ["answers.help: has 201 characters: at most 200 are shown"]);
    }
}
