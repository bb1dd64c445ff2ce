//! Text from a request, shown without harm.

use std::fmt::{self, Write};

/// How many characters of a requester's text an answer repeats.
pub const SHOWN: usize = 160;

/// Somebody's text in an answer: in backticks, cut to 160 characters, nothing in it that a
/// terminal would obey. An empty text is shown as `""`.
#[must_use]
pub fn quote(text: &str) -> Quoted<'_> {
    Quoted(text)
}

/// What [`quote`] gives.
#[derive(Clone, Copy, Debug)]
pub struct Quoted<'a>(&'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("`\"\"`");
        }
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
    const ALGORITHMS: [&str; 3] = ["256:", "384:", "512:"];
    let mut shortened = String::with_capacity(text.len());
    let mut rest = text;
    // One pass, however many digests there are.
    while let Some((before, after)) = rest.split_once("sha") {
        shortened.push_str(before);
        shortened.push_str("sha");
        let Some(algorithm) = ALGORITHMS.into_iter().find(|algorithm| after.starts_with(algorithm)) else {
            rest = after;
            continue;
        };
        let (before, hex) = after.split_at(algorithm.len());
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

/// A text that was found, quoted, or `none` in its place if there is no text.
#[must_use]
pub fn quote_or(text: &str, none: &str) -> String {
    if text.is_empty() { none.to_owned() } else { quote(text).to_string() }
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
    let listed: Vec<String> = listed.into_iter().map(|it| quote(it.as_ref()).to_string()).collect();
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
    let limit = |candidate: &str| (candidate.len() / 3).max(1);
    known
        .into_iter()
        // What is too long by itself is not measured, which takes the product of both lengths.
        .filter(|candidate| name.chars().count().abs_diff(candidate.chars().count()) <= limit(candidate))
        .map(|candidate| (strsim::damerau_levenshtein(name, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= limit(candidate))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
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
            ("empty", "", "`\"\"`"),
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

    /// Each takes a time in proportion to the text, not to its square or to the product of two.
    #[test]
    fn long_texts_are_shown_and_compared() {
        let digest = format!("sha256:{}", "0".repeat(64));
        let many = digest.repeat(50_000);
        assert_eq!(shorten_digests(&many).matches('…').count(), 50_000);
        assert_eq!(shorten_digests(&"sha".repeat(1_000_000)).len(), 3_000_000);
        let long = "r".repeat(3_000_000);
        assert_eq!(nearest(&long, ["references", "rules"]), None);
        assert_eq!(nearest("rules", [long.as_str(), "rule"]), Some("rule"));
        assert_eq!(excerpt(&long).chars().count(), 321);
        assert_eq!((quote_or("", "none"), quote_or("a", "none")), ("none".to_owned(), "`a`".to_owned()));
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
