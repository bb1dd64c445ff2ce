//! Names of members that not every reader of JSON takes for the same.
//!
//! Readers in Go, registries and container runtimes among them, take a member for a field if their names
//! differ only in case, and the last such member counts (`encoding/json`). A text with two spellings of one
//! name would mean one thing here and another there.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::json::strict;
use crate::json::text::Text;
use crate::quote::quote;

/// Why a text may be read in two ways, as the end of a sentence.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum SpellingError {
    /// A member whose name differs from a known one only in case.
    OtherCase {
        /// As it is written.
        found: String,
        /// As it should be.
        known: String,
    },
    /// The text is not JSON, or too deep.
    Unreadable(String),
}

impl fmt::Display for SpellingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OtherCase { found, known } => {
                write!(
                    f,
                    "{} differs only in case from {}, and some readers take it for that",
                    quote(found),
                    quote(known)
                )
            }
            Self::Unreadable(reason) => f.write_str(reason),
        }
    }
}

/// Rejects a text in which the name of a member differs only in case from one of `names`. It looks at the
/// outermost members, and at those below the members of `inside`.
///
/// # Errors
/// The name in another case, or what keeps the text from being read.
pub(crate) fn check(json: &str, names: &[&str], inside: &[&str]) -> Result<(), SpellingError> {
    let mut misspelt = None;
    let mut deserializer = serde_json::Deserializer::from_str(json);
    let read = Spelling { names, inside, misspelt: &mut misspelt }.deserialize(&mut deserializer);
    match (misspelt, read) {
        (Some(error), _) => Err(error),
        (None, Ok(())) => Ok(()),
        (None, Err(error)) => Err(SpellingError::Unreadable(strict::reason(&error))),
    }
}

/// Whether Go takes one name for the other: ASCII letters in either case, and the two other letters
/// that fold to one of them.
fn folds_to(name: &str, known: &str) -> bool {
    let fold = |c: char| match c {
        'ſ' => 's',
        '\u{212a}' => 'k',
        c => c.to_ascii_lowercase(),
    };
    name.chars().map(fold).eq(known.chars().map(fold))
}

struct Spelling<'s> {
    names: &'s [&'s str],
    inside: &'s [&'s str],
    misspelt: &'s mut Option<SpellingError>,
}

impl<'de> DeserializeSeed<'de> for Spelling<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Spelling<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Self { names, inside, misspelt } = self;
        while let Some(name) = map.next_key::<Text<'de>>()? {
            let name = name.as_str();
            if let Some(known) = names.iter().find(|known| name != **known && folds_to(name, known)) {
                *misspelt =
                    Some(SpellingError::OtherCase { found: name.to_owned(), known: (*known).to_owned() });
                return Err(A::Error::custom("misspelt"));
            }
            if inside.contains(&name) {
                map.next_value_seed(Spelling { names, inside, misspelt: &mut *misspelt })?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let Self { names, inside, misspelt } = self;
        while list.next_element_seed(Spelling { names, inside, misspelt: &mut *misspelt })?.is_some() {}
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{SpellingError, check};

    #[test]
    fn what_go_takes_for_a_name_is_refused_where_it_would_be_read() {
        for (json, misspelt) in [
            (r#"{"a":1,"list":[{"keys":1}]}"#, None),
            (r#"{"A":1}"#, Some("A")),
            (r#"{"\u0041":1}"#, Some("A")),
            (r#"{"Liſt":1}"#, Some("Liſt")),
            (r#"{"\u212aeyſ":1}"#, Some("\u{212a}eyſ")),
            (r#"{"list":[{},{"Keys":1}]}"#, Some("Keys")),
            (r#"{"list":{"list":[{"Keys":1}]}}"#, Some("Keys")),
            (r#"{"other":{"A":1},"á":1,"aa":1,"":1}"#, None),
            (r#"{"keys":{"A":1}}"#, None),
        ] {
            let expected = match misspelt {
                Some(found) => {
                    let known = ["a", "list", "keys"].into_iter().find(|known| super::folds_to(found, known));
                    let known = known.unwrap_or_default().to_owned();
                    Err(SpellingError::OtherCase { found: found.to_owned(), known })
                }
                None => Ok(()),
            };
            assert_eq!(check(json, &["a", "list", "keys"], &["list"]), expected, "{json}");
        }
        let deep = format!("{}{}", r#"{"list":"#.repeat(200), "}".repeat(200));
        assert!(check(&deep, &[], &["list"]).is_err());
    }
}
