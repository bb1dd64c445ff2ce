//! Instants, among them the one that the policy takes for "now".

use serde::{Deserialize, Deserializer, de};
use time::UtcDateTime;
use time::format_description::well_known::Rfc3339;

/// Reads an RFC 3339 timestamp, as `--now` and `now` in a suite give it.
pub fn parse(text: &str) -> Result<UtcDateTime, String> {
    UtcDateTime::parse(text, &Rfc3339)
        .map_err(|_| format!("`{text}` is no RFC 3339 timestamp such as 2026-03-01T00:00:00Z"))
}

/// Writes an instant as [`parse`] reads it.
pub fn rfc3339(instant: UtcDateTime) -> String {
    instant.format(&Rfc3339).unwrap_or_else(|_| instant.to_string())
}

/// Reads an optional timestamp of a suite.
pub(crate) fn deserialize<'de, D>(deserializer: D) -> Result<Option<UtcDateTime>, D::Error>
where
    D: Deserializer<'de>,
{
    let text = String::deserialize(deserializer)?;
    parse(&text).map(Some).map_err(de::Error::custom)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail by panicking")]
mod tests {
    use super::*;

    #[test]
    fn an_offset_is_taken_into_account() {
        let paris = parse("2026-03-01T01:30:00+01:00").unwrap();
        assert_eq!(paris, parse("2026-03-01T00:30:00Z").unwrap());
    }

    #[test]
    fn a_date_alone_is_refused() {
        let refusal = parse("2026-03-01").unwrap_err();
        assert_eq!(refusal, "`2026-03-01` is no RFC 3339 timestamp such as 2026-03-01T00:00:00Z");
    }
}
