//! Text from a request: read without copying, and shown without harm.

use std::borrow::{Borrow, Cow};
use std::fmt::{self, Write};

use serde::de::{self, Deserialize, Deserializer, Visitor};

/// How many characters of a requester's text an answer repeats.
const SHOWN: usize = 160;

/// A JSON string, borrowed from the request where it holds no escapes.
///
/// The API server writes `null` for some unset strings: that reads as the empty one.
#[derive(Clone, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Text<'a>(Cow<'a, str>);

impl Text<'_> {
    /// The text itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is empty or was not set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The same, with a copy of what is borrowed.
    #[must_use]
    pub fn into_owned(self) -> Text<'static> {
        Text(Cow::Owned(self.0.into_owned()))
    }
}

impl Borrow<str> for Text<'_> {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Borrow;

        impl<'de> Visitor<'de> for Borrow {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }

            fn visit_unit<E: de::Error>(self) -> Result<Text<'de>, E> {
                Ok(Text::default())
            }
        }

        deserializer.deserialize_any(Borrow)
    }
}

/// Somebody's text in an answer: in backticks, cut to 160 characters, nothing in it that a
/// terminal would obey.
#[must_use]
pub fn quote(text: &str) -> Quoted<'_> {
    Quoted(text)
}

/// What [`quote`] gives.
#[derive(Clone, Copy, Debug)]
pub struct Quoted<'a>(&'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('`')?;
        let mut rest = self.0.chars();
        for c in rest.by_ref().take(SHOWN) {
            match c {
                '`' => f.write_str("\\u{60}")?,
                _ => write_shown(f, c)?,
            }
        }
        if rest.next().is_some() {
            f.write_char('…')?;
        }
        f.write_char('`')
    }
}

/// The beginning of a text that may hold somebody's, harmless to show.
#[must_use]
pub fn excerpt(text: &str) -> String {
    let mut escaped: String = text.chars().take(2 * SHOWN).collect();
    if escaped.len() < text.len() {
        escaped.push('…');
    }
    escape(&escaped)
}

/// The text with every character escaped that a terminal would obey or hide.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        // Writing to a `String` cannot fail.
        let _ = write_shown(&mut escaped, c);
    }
    escaped
}

fn write_shown(out: &mut impl Write, c: char) -> fmt::Result {
    match c {
        ' '..='~' => out.write_char(c),
        _ => write!(out, "{}", c.escape_debug()),
    }
}

/// The text with each digest cut to 12 hex digits: `sha256:3c87c5728229…`.
#[must_use]
pub fn shorten_digests(text: &str) -> String {
    const KEPT: usize = 12;
    let mut shortened = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((algorithm, at)) = ["sha256:", "sha384:", "sha512:"]
        .iter()
        .filter_map(|it| Some((it, rest.find(it)?)))
        .min_by_key(|it| it.1)
    {
        let (before, hex) = rest.split_at(at + algorithm.len());
        let digits = hex.bytes().take_while(u8::is_ascii_hexdigit).count();
        let (hex, after) = hex.split_at(digits);
        shortened.push_str(before);
        match hex.get(..KEPT) {
            Some(kept) if digits > KEPT => {
                shortened.push_str(kept);
                // Where the text was cut already, one ellipsis will do.
                if !after.starts_with('…') {
                    shortened.push('…');
                }
            }
            _ => shortened.push_str(hex),
        }
        rest = after;
    }
    shortened + rest
}

/// A number of things: `1 layer`, `2 layers`.
#[must_use]
pub fn plural(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// The end of a sentence about what a setting does not list: what it does list, at most two of it.
#[must_use]
pub fn allowed<S: AsRef<str>>(listed: impl IntoIterator<Item = S>, setting: &str) -> String {
    const SHOWN: usize = 2;
    let listed: Vec<String> = listed
        .into_iter()
        .map(|it| match it.as_ref() {
            // The scope of everything.
            "" => "`\"\"`".to_owned(),
            it => quote(it).to_string(),
        })
        .collect();
    match listed.get(SHOWN..).filter(|more| more.len() > 1) {
        _ if listed.is_empty() => format!("nothing is allowed, as `{setting}` is empty"),
        Some(more) => {
            let shown = listed.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
            format!("allowed: {shown} and {} more (`{setting}`)", more.len())
        }
        None => format!("allowed: {} (`{setting}`)", listed.join(", ")),
    }
}

/// The known name that was probably meant, if one is close enough.
#[must_use]
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(name, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= (candidate.len() / 3).max(1))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail")]
mod tests {
    use super::*;

    #[test]
    fn a_requester_s_text_cannot_reach_the_terminal_raw() {
        for (name, text, shown) in [
            ("plain", "quay.io/acme/app:v1", "`quay.io/acme/app:v1`"),
            ("escape sequence", "a\u{1b}[31mb", "`a\\u{1b}[31mb`"),
            ("line break", "a\nb", "`a\\nb`"),
            ("carriage return", "a\rb", "`a\\rb`"),
            ("C1 control", "a\u{9b}b", "`a\\u{9b}b`"),
            ("right-to-left override", "a\u{202e}b", "`a\\u{202e}b`"),
            ("zero width space", "a\u{200b}b", "`a\\u{200b}b`"),
            ("backtick", "a`b", "`a\\u{60}b`"),
            ("quotes stay", "a\"'\\b", "`a\"'\\b`"),
            ("letters stay", "größe", "`größe`"),
            ("empty", "", "``"),
        ] {
            assert_eq!(quote(text).to_string(), shown, "{name}");
        }
    }

    #[test]
    fn a_long_text_is_cut() {
        let long = "x".repeat(161);
        assert_eq!(quote(&long).to_string(), format!("`{}…`", "x".repeat(160)));
        let fits = "x".repeat(160);
        assert_eq!(quote(&fits).to_string(), format!("`{fits}`"));
        for letter in ["x", "ä"] {
            let fits = letter.repeat(320);
            assert_eq!(excerpt(&fits), fits);
            assert_eq!(excerpt(&letter.repeat(321)), format!("{fits}…"));
        }
    }

    #[test]
    fn digests_are_cut_to_twelve_digits() {
        let hex = "0123456789abcdef".repeat(4);
        for (text, expected) in [
            (String::new(), String::new()),
            ("quay.io/a:1".to_owned(), "quay.io/a:1".to_owned()),
            (
                format!("`a@sha256:{hex}`, `sha512:{hex}{hex}@one`"),
                "`a@sha256:0123456789ab…`, `sha512:0123456789ab…@one`".to_owned(),
            ),
            (format!("sha256:{hex}sha384:{hex}"), "sha256:0123456789ab…sha384:0123456789ab…".to_owned()),
            (format!("sha256:{hex}…"), "sha256:0123456789ab…".to_owned()),
            (
                "sha256:0123456789ab sha256: sha256:ä".to_owned(),
                "sha256:0123456789ab sha256: sha256:ä".to_owned(),
            ),
        ] {
            assert_eq!(shorten_digests(&text), expected);
        }
    }

    #[test]
    fn a_list_is_named_in_part() {
        for (listed, expected) in [
            (&[][..], "nothing is allowed, as `s` is empty"),
            (&["a"], "allowed: `a` (`s`)"),
            (&["a", "", "c"], "allowed: `a`, `\"\"`, `c` (`s`)"),
            (&["a", "b", "c", "d"], "allowed: `a`, `b` and 2 more (`s`)"),
        ] {
            assert_eq!(allowed(listed.iter().copied(), "s"), expected);
        }
        assert_eq!((plural(1, "layer"), plural(2, "layer")), ("1 layer".to_owned(), "2 layers".to_owned()));
    }

    #[test]
    fn null_reads_as_empty_and_a_number_does_not_read() {
        assert!(serde_json::from_str::<Text<'_>>("null").unwrap().is_empty());
        assert_eq!(serde_json::from_str::<Text<'_>>(r#""a\u0041""#).unwrap().as_str(), "aA");
        for wrong in ["5", "true", "[]", "{}", "1.5"] {
            assert!(serde_json::from_str::<Text<'_>>(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_near_name_is_found_and_a_far_one_is_not() {
        let known = ["references", "rules", "signers"];
        assert_eq!(nearest("refrences", known), Some("references"));
        assert_eq!(nearest("rule", known), Some("rules"));
        assert_eq!(nearest("limits", known), None);
        // A third of the letters may be wrong.
        assert_eq!(nearest("rfrncs", ["references"]), None);
        assert_eq!(nearest("refrncs", ["references"]), Some("references"));
        assert_eq!(nearest("roles", ["rules"]), Some("rules"));
        assert_eq!(nearest("roses", ["rules"]), None);
    }
}
