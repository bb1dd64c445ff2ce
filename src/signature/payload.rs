//! The signed payload: a JSON document that names an image and its digest.
//!
//! ```json
//! {
//!   "critical": {
//!     "type": "atomic container signature",
//!     "image": {"docker-manifest-digest": "sha256:0205…"},
//!     "identity": {"docker-reference": "registry.example/ns/app:v1"}
//!   },
//!   "optional": {"creator": "atomic 5.23.1", "timestamp": 1679875200}
//! }
//! ```
//!
//! The format is containers-signature(5), read as strictly as its reference implementation reads
//! it: in `critical` and below exactly these members, each exactly once, names compared after
//! unescaping; in `optional` further members are allowed, but none twice.
//!
//! Three things that the reference implementation accepts are refused. `null` for `creator` or
//! `timestamp` says nothing, and the format asks for a string and a number. Invalid UTF-8 anywhere,
//! where it would silently put replacement characters. And nesting beyond [`DEPTH`], where it stops
//! at 10,000: the depth at which Rust's usual reader stops, so that other tools agree with us.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::oci::digest::Digest;
use crate::quote::{quote, quote_or};

/// How many objects and arrays may be open at once.
pub const DEPTH: usize = 128;

const TYPE: &str = "atomic container signature";

/// What a signer says of an image. Only a [`super::VerifiedSignature`] proves that one said it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payload {
    /// The manifest's digest: a known algorithm, and as many lower-case hexadecimal digits as it
    /// needs.
    pub digest: String,
    /// The image's name as the signer knew it. Not empty; otherwise unread.
    pub docker_reference: String,
    /// The program that made the signature.
    pub creator: Option<String>,
    /// When it says that it did, in seconds since 1970. Never compared with a clock: the
    /// signature's own creation time is.
    pub timestamp: Option<i64>,
}

/// Why a payload is not one of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PayloadProblem {
    /// Not text in UTF-8.
    NotUtf8,
    /// Not one JSON document: what the reader says.
    NotJson(String),
    /// More than [`DEPTH`] levels of nesting.
    TooDeep,
    /// The value at this path has the wrong JSON type.
    Type {
        /// The member's path, as in `critical.image`.
        path: &'static str,
        /// The type that it should have.
        expected: &'static str,
    },
    /// This member is missing.
    Missing(&'static str),
    /// A member that does not belong here.
    Unknown {
        /// The path of the object, empty for the outermost.
        path: &'static str,
        /// The member's name.
        name: String,
    },
    /// A member that is written twice.
    Duplicate {
        /// The path of the object, empty for the outermost.
        path: &'static str,
        /// The member's name.
        name: String,
    },
    /// `critical.type` names another kind of signature.
    OtherType(String),
    /// `docker-manifest-digest` is not a digest.
    Digest(String),
    /// `docker-reference` is empty.
    EmptyReference,
    /// `optional.timestamp` is not a whole number of seconds.
    Timestamp(String),
}

impl fmt::Display for PayloadProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of = |path: &'static str| if path.is_empty() { "the payload" } else { path };
        match self {
            Self::NotUtf8 => write!(f, "the payload is not UTF-8"),
            Self::NotJson(error) => write!(f, "the payload is not one JSON document: {error}"),
            Self::TooDeep => write!(f, "the payload is nested deeper than {DEPTH} levels"),
            Self::Type { path, expected } => write!(f, "{} is not {expected}", of(path)),
            Self::Missing(path) => write!(f, "{path} is missing"),
            Self::Unknown { path, name } => {
                write!(f, "{} has the unknown member {}", of(path), quote(name))
            }
            Self::Duplicate { path, name } => {
                write!(f, "{} has the member {} twice", of(path), quote(name))
            }
            Self::OtherType(kind) => {
                write!(f, "critical.type is {}, not {}", quote_or(kind, "empty"), quote(TYPE))
            }
            Self::Digest(digest) => {
                let found = quote_or(digest, "empty");
                write!(f, "critical.image.docker-manifest-digest is {found}, not a digest")
            }
            Self::EmptyReference => write!(f, "critical.identity.docker-reference is empty"),
            Self::Timestamp(number) => {
                write!(f, "optional.timestamp {} is not a whole number of seconds", quote(number))
            }
        }
    }
}

/// Reads a payload. Its bytes must have been verified before: nothing here protects a reader from
/// believing what anybody wrote.
pub fn parse(bytes: &[u8]) -> Result<Payload, PayloadProblem> {
    let text = std::str::from_utf8(bytes).map_err(|_| PayloadProblem::NotUtf8)?;
    if depth(bytes) > DEPTH {
        return Err(PayloadProblem::TooDeep);
    }
    let top = Members::read("", text)?;
    let [critical, optional] = top.exactly(["critical", "optional"])?;

    let critical = Members::read("critical", critical)?;
    let [kind, image, identity] =
        critical.exactly(["critical.type", "critical.image", "critical.identity"])?;
    let kind = string("critical.type", kind)?;
    if kind != TYPE {
        return Err(PayloadProblem::OtherType(kind));
    }

    let image = Members::read("critical.image", image)?;
    let [digest] = image.exactly(["critical.image.docker-manifest-digest"])?;
    let digest = string("critical.image.docker-manifest-digest", digest)?;
    if !Digest::is_canonical(&digest) {
        return Err(PayloadProblem::Digest(digest));
    }

    let identity = Members::read("critical.identity", identity)?;
    let [reference] = identity.exactly(["critical.identity.docker-reference"])?;
    let docker_reference = string("critical.identity.docker-reference", reference)?;
    if docker_reference.is_empty() {
        return Err(PayloadProblem::EmptyReference);
    }

    let optional = Members::read("optional", optional)?;
    let creator = optional.get("creator").map(|text| string("optional.creator", text)).transpose()?;
    let timestamp = optional.get("timestamp").map(whole_seconds).transpose()?;

    Ok(Payload { digest, docker_reference, creator, timestamp })
}

/// How deep brackets nest, outside strings. The text need not be JSON.
fn depth(bytes: &[u8]) -> usize {
    let (mut open, mut deepest) = (0_usize, 0);
    let (mut in_string, mut escaped) = (false, false);
    for byte in bytes {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => {
                open += 1;
                deepest = deepest.max(open);
            }
            b'}' | b']' if !in_string => open = open.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

fn string(path: &'static str, text: &str) -> Result<String, PayloadProblem> {
    // Only text that begins like a string can fail for another reason than its type.
    if !text.starts_with('"') {
        return Err(PayloadProblem::Type { path, expected: "a string" });
    }
    serde_json::from_str(text).map_err(|error| not_json(&error))
}

/// Any JSON number that is whole, however it is written: `1.7e9` is.
fn whole_seconds(text: &str) -> Result<i64, PayloadProblem> {
    if !text.starts_with(|first: char| first == '-' || first.is_ascii_digit()) {
        return Err(PayloadProblem::Type { path: "optional.timestamp", expected: "a number" });
    }
    if let Ok(seconds) = text.parse() {
        return Ok(seconds);
    }
    /// 2^63, which a double holds exactly.
    const END: f64 = 9_223_372_036_854_775_808.0;
    match text.parse::<f64>() {
        #[expect(clippy::cast_possible_truncation, reason = "whole, and within the range of i64")]
        Ok(seconds) if seconds.fract() == 0.0 && (-END..END).contains(&seconds) => Ok(seconds as i64),
        _ => Err(PayloadProblem::Timestamp(text.to_owned())),
    }
}

fn not_json(error: &serde_json::Error) -> PayloadProblem {
    PayloadProblem::NotJson(error.to_string())
}

/// The members of one object, in order, their values unread.
struct Members<'a> {
    path: &'static str,
    members: Vec<(Cow<'a, str>, &'a str)>,
}

impl<'a> Members<'a> {
    fn read(path: &'static str, text: &'a str) -> Result<Self, PayloadProblem> {
        let MemberList(members) = serde_json::from_str(text).map_err(|error| {
            if error.is_data() {
                PayloadProblem::Type { path, expected: "an object" }
            } else {
                not_json(&error)
            }
        })?;
        let mut seen = BTreeSet::new();
        for (name, _) in &members {
            if !seen.insert(name) {
                return Err(PayloadProblem::Duplicate { path, name: name.to_string() });
            }
        }
        Ok(Self { path, members })
    }

    fn get(&self, name: &str) -> Option<&'a str> {
        self.members.iter().find(|(member, _)| member == name).map(|(_, value)| *value)
    }

    /// The values of exactly these members, named by their whole paths.
    fn exactly<const N: usize>(&self, paths: [&'static str; N]) -> Result<[&'a str; N], PayloadProblem> {
        let last = |path: &'static str| path.rsplit('.').next().unwrap_or(path);
        if let Some((name, _)) =
            self.members.iter().find(|(name, _)| !paths.iter().any(|path| last(path) == name))
        {
            return Err(PayloadProblem::Unknown { path: self.path, name: name.to_string() });
        }
        let mut values = [""; N];
        for (value, path) in values.iter_mut().zip(paths) {
            *value = self.get(last(path)).ok_or(PayloadProblem::Missing(path))?;
        }
        Ok(values)
    }
}

/// An object with every member it was written with, duplicates too.
struct MemberList<'a>(Vec<(Cow<'a, str>, &'a str)>);

impl<'de> Deserialize<'de> for MemberList<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;

        impl<'de> Visitor<'de> for Reader {
            type Value = MemberList<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some((name, value)) = map.next_entry::<Name<'de>, &'de RawValue>()? {
                    members.push((name.0, value.get()));
                }
                Ok(MemberList(members))
            }
        }

        deserializer.deserialize_map(Reader)
    }
}

/// A member's name, borrowed unless it was escaped.
#[derive(serde::Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

#[cfg(test)]
#[expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test stops at what it did not expect")]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const DIGEST: &str = "sha256:0205374946b5e089dfd3017e2743df600adad17678a5c975f7074dc4ab4393d1";

    fn valid() -> Value {
        json!({
            "critical": {
                "type": "atomic container signature",
                "image": {"docker-manifest-digest": DIGEST},
                "identity": {"docker-reference": "registry.test/ns/app:v1"},
            },
            "optional": {"creator": "atomic 5.23.1", "timestamp": 1_679_875_200},
        })
    }

    fn problem(text: &str) -> PayloadProblem {
        parse(text.as_bytes()).expect_err(text)
    }

    /// A change to a valid payload, and what it makes of it.
    type Edit = (&'static str, fn(&mut Value), PayloadProblem);

    fn wrong(path: &'static str, expected: &'static str) -> PayloadProblem {
        PayloadProblem::Type { path, expected }
    }

    fn unknown(path: &'static str, name: &str) -> PayloadProblem {
        PayloadProblem::Unknown { path, name: name.to_owned() }
    }

    fn remove(value: &mut Value, name: &str) {
        value.as_object_mut().expect("an object").remove(name);
    }

    #[test]
    fn a_valid_payload_is_read() {
        assert_eq!(
            parse(valid().to_string().as_bytes()),
            Ok(Payload {
                digest: DIGEST.to_owned(),
                docker_reference: "registry.test/ns/app:v1".to_owned(),
                creator: Some("atomic 5.23.1".to_owned()),
                timestamp: Some(1_679_875_200),
            })
        );
    }

    #[test]
    fn what_is_optional_may_be_absent_or_unknown() {
        for (optional, creator, timestamp) in [
            (json!({}), None, None),
            (json!({"creator": ""}), Some(""), None),
            (json!({"timestamp": -1}), None, Some(-1)),
            (json!({"future": {"a": [1, null, {"b": 2}]}, "null": null}), None, None),
        ] {
            let mut payload = valid();
            payload["optional"] = optional;
            let read = parse(payload.to_string().as_bytes()).expect("valid");
            assert_eq!((read.creator.as_deref(), read.timestamp), (creator, timestamp));
        }
    }

    #[test]
    fn spelling_is_free() {
        let pretty = serde_json::to_string_pretty(&valid()).expect("serializable");
        let escaped = valid().to_string().replace("critical", r"\u0063ritical");
        let spaced = format!(" \t\r\n{}\n\n", valid());
        let reference = valid().to_string().replace("registry.test/", r"registry.test\/");
        let inner = valid().to_string().replacen('{', r#"{"optional":{"x":{"a":1,"a":2}},"#, 1);
        let inner = inner.replace(r#","optional":{"creator":"atomic 5.23.1","timestamp":1679875200}"#, "");
        for text in [pretty, escaped, spaced, reference, inner] {
            assert!(parse(text.as_bytes()).is_ok(), "{text}");
        }
    }

    #[test]
    fn only_brackets_outside_strings_nest() {
        for (text, expected) in [
            ("", 0),
            ("[[]]", 2),
            ("[][{}]", 2),
            ("]]][", 1),
            (r#"["[[["]"#, 1),
            (r#"["]",[]]"#, 2),
            (r#""]"[["#, 2),
            (r#"["\"[["]"#, 1),
            (r#"["\\",[]]"#, 2),
            (r"\[", 1),
        ] {
            assert_eq!(depth(text.as_bytes()), expected, "{text}");
        }
    }

    /// Each edit breaks a payload that was valid: containers/image `TestUnmarshalJSON`.
    #[test]
    fn breaking_edits() {
        let edits: &[Edit] = &[
            ("array", |v| *v = json!([1]), wrong("", "an object")),
            ("null", |v| *v = json!(null), wrong("", "an object")),
            ("string", |v| *v = json!("a"), wrong("", "an object")),
            ("no critical", |v| remove(v, "critical"), PayloadProblem::Missing("critical")),
            ("no optional", |v| remove(v, "optional"), PayloadProblem::Missing("optional")),
            ("extra member", |v| v["unexpected"] = json!(1), unknown("", "unexpected")),
            ("empty name", |v| v[""] = json!({}), unknown("", "")),
            ("critical a number", |v| v["critical"] = json!(1), wrong("critical", "an object")),
            ("critical null", |v| v["critical"] = json!(null), wrong("critical", "an object")),
            ("optional a number", |v| v["optional"] = json!(1), wrong("optional", "an object")),
            ("optional null", |v| v["optional"] = json!(null), wrong("optional", "an object")),
            ("optional an array", |v| v["optional"] = json!([]), wrong("optional", "an object")),
            ("no type", |v| remove(&mut v["critical"], "type"), PayloadProblem::Missing("critical.type")),
            ("no image", |v| remove(&mut v["critical"], "image"), PayloadProblem::Missing("critical.image")),
            (
                "no identity",
                |v| remove(&mut v["critical"], "identity"),
                PayloadProblem::Missing("critical.identity"),
            ),
            (
                "critical with more",
                |v| v["critical"]["unexpected"] = json!(1),
                unknown("critical", "unexpected"),
            ),
            (
                "type in capitals",
                |v| v["critical"]["type"] = json!("Atomic container signature"),
                PayloadProblem::OtherType("Atomic container signature".to_owned()),
            ),
            (
                "type of another signature",
                |v| v["critical"]["type"] = json!("cosign container image signature"),
                PayloadProblem::OtherType("cosign container image signature".to_owned()),
            ),
            ("type empty", |v| v["critical"]["type"] = json!(""), PayloadProblem::OtherType(String::new())),
            ("type a number", |v| v["critical"]["type"] = json!(1), wrong("critical.type", "a string")),
            ("type null", |v| v["critical"]["type"] = json!(null), wrong("critical.type", "a string")),
            (
                "image a string",
                |v| v["critical"]["image"] = json!(DIGEST),
                wrong("critical.image", "an object"),
            ),
            (
                "image with more",
                |v| v["critical"]["image"]["unexpected"] = json!(1),
                unknown("critical.image", "unexpected"),
            ),
            (
                "image without digest",
                |v| v["critical"]["image"] = json!({}),
                PayloadProblem::Missing("critical.image.docker-manifest-digest"),
            ),
            (
                "digest a number",
                |v| v["critical"]["image"]["docker-manifest-digest"] = json!(1),
                wrong("critical.image.docker-manifest-digest", "a string"),
            ),
            (
                "identity an array",
                |v| v["critical"]["identity"] = json!([]),
                wrong("critical.identity", "an object"),
            ),
            (
                "identity with more",
                |v| v["critical"]["identity"]["unexpected"] = json!(1),
                unknown("critical.identity", "unexpected"),
            ),
            (
                "identity without reference",
                |v| v["critical"]["identity"] = json!({}),
                PayloadProblem::Missing("critical.identity.docker-reference"),
            ),
            (
                "reference a number",
                |v| v["critical"]["identity"]["docker-reference"] = json!(1),
                wrong("critical.identity.docker-reference", "a string"),
            ),
            (
                "reference empty",
                |v| v["critical"]["identity"]["docker-reference"] = json!(""),
                PayloadProblem::EmptyReference,
            ),
            (
                "creator a number",
                |v| v["optional"]["creator"] = json!(1),
                wrong("optional.creator", "a string"),
            ),
            (
                "creator null",
                |v| v["optional"]["creator"] = json!(null),
                wrong("optional.creator", "a string"),
            ),
            (
                "timestamp a string",
                |v| v["optional"]["timestamp"] = json!("1"),
                wrong("optional.timestamp", "a number"),
            ),
            (
                "timestamp null",
                |v| v["optional"]["timestamp"] = json!(null),
                wrong("optional.timestamp", "a number"),
            ),
            (
                "timestamp a fraction",
                |v| v["optional"]["timestamp"] = json!(0.5),
                PayloadProblem::Timestamp("0.5".to_owned()),
            ),
        ];
        for (name, edit, expected) in edits {
            let mut payload = valid();
            edit(&mut payload);
            assert_eq!(parse(payload.to_string().as_bytes()), Err(expected.clone()), "{name}");
        }
    }

    /// The same name twice is refused in each of the five objects, however it is spelled: containers/image
    /// `TestParanoidUnmarshalJSONObject`.
    #[test]
    fn duplicates() {
        let optional = r#""optional":{"creator":"a"}"#;
        let image = format!(r#""image":{{"docker-manifest-digest":"{DIGEST}"}}"#);
        let identity = r#""identity":{"docker-reference":"a/b:c"}"#;
        let kind = r#""type":"atomic container signature""#;
        let critical = format!(r#""critical":{{{kind},{image},{identity}}}"#);
        for (path, name, text) in [
            ("", "optional", format!("{{{critical},{optional},{optional}}}")),
            ("", "optional", format!(r#"{{{critical},{optional},"\u006fptional":{{}}}}"#)),
            ("", "critical", format!("{{{critical},{critical},{optional}}}")),
            (
                "critical",
                "type",
                format!(r#"{{"critical":{{{kind},{image},{identity},{kind}}},{optional}}}"#),
            ),
            (
                "critical",
                "image",
                format!(r#"{{"critical":{{{kind},{image},{image},{identity}}},{optional}}}"#),
            ),
            (
                "critical.image",
                "docker-manifest-digest",
                format!("{{{critical},{optional}}}")
                    .replace(r#""image":{"#, r#""image":{"docker-manifest-diges\u0074":"","#),
            ),
            (
                "critical.identity",
                "docker-reference",
                format!("{{{critical},{optional}}}")
                    .replace(r#""identity":{"#, r#""identity":{"docker-reference":"a/b:c","#),
            ),
            (
                "optional",
                "creator",
                format!("{{{critical},{optional}}}")
                    .replace(r#""creator":"a""#, r#""creator":"a","creator":"a""#),
            ),
            (
                "optional",
                "x",
                format!("{{{critical},{optional}}}").replace(r#""creator":"a""#, r#""x":1,"\u0078":2"#),
            ),
        ] {
            let name = name.to_owned();
            assert_eq!(problem(&text), PayloadProblem::Duplicate { path, name }, "{text}");
        }
        // Inside a value that nobody reads, it does not matter.
        let text = format!("{{{critical},{optional}}}").replace(r#""creator":"a""#, r#""x":{"a":1,"a":2}"#);
        assert!(parse(text.as_bytes()).is_ok());
    }

    /// containers/image `TestParanoidUnmarshalJSONObject`.
    #[test]
    fn what_is_not_one_json_document() {
        let valid = valid().to_string();
        for text in [
            String::new(),
            " ".to_owned(),
            "&".to_owned(),
            "This is not JSON\n".to_owned(),
            "{&}".to_owned(),
            "{1:1}".to_owned(),
            "{}{}".to_owned(),
            format!("\u{feff}{valid}"),
            format!("{valid}{{}}"),
            format!("{valid}\0"),
            format!("{valid},"),
            format!("// comment\n{valid}"),
            valid.replace("1679875200", "NaN"),
            valid.replace("1679875200", "01"),
            valid.replace("1679875200", "+1"),
            valid.replace("1679875200", "1."),
            valid.replace("1679875200}", "1,}"),
            valid.replace("atomic 5.23.1", r"\ud800"),
            valid.replace("atomic 5.23.1", r"\x"),
            valid.replace("atomic 5.23.1", "\n"),
            valid.replace('"', "'"),
        ] {
            assert!(matches!(problem(&text), PayloadProblem::NotJson(_)), "{text:?}");
        }
        for end in 0..valid.len() {
            assert!(parse(valid.as_bytes().get(..end).expect("within")).is_err(), "{end}");
        }
        let utf16: Vec<u8> = valid.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert!(parse(&utf16).is_err());
        let latin = valid.replace("atomic 5.23.1", "\u{fc}").replace('\u{fc}', "\u{1}");
        let latin: Vec<u8> = latin.bytes().map(|b| if b == 1 { 0xfc } else { b }).collect();
        assert_eq!(parse(&latin), Err(PayloadProblem::NotUtf8));
    }

    #[test]
    fn timestamps() {
        let valid = valid().to_string();
        for (written, read) in [
            ("0", Some(0)),
            ("-0", Some(0)),
            ("1.7e9", Some(1_700_000_000)),
            ("1700000000.0", Some(1_700_000_000)),
            ("17000000000e-1", Some(1_700_000_000)),
            ("253402300800", Some(253_402_300_800)),
            ("9223372036854775807", Some(i64::MAX)),
            ("-9223372036854775808", Some(i64::MIN)),
            ("9223372036854775808", None),
            ("-9223372036854777856", None),
            ("0.5", None),
            ("1e300", None),
            ("1e400", None),
            ("-1e400", None),
        ] {
            let expected = read.ok_or_else(|| PayloadProblem::Timestamp(written.to_owned()));
            let text = valid.replace("1679875200", written);
            let timestamp = parse(text.as_bytes()).map(|payload| payload.timestamp.expect("given"));
            assert_eq!(timestamp, expected, "{written}");
        }
    }

    #[test]
    fn digests() {
        let hex = DIGEST.strip_prefix("sha256:").expect("sha256");
        for digest in
            [DIGEST.to_owned(), format!("sha384:{hex}{}", "0".repeat(32)), format!("sha512:{hex}{hex}")]
        {
            assert!(Digest::is_canonical(&digest), "{digest}");
        }
        for digest in [
            String::new(),
            "!".to_owned(),
            ":".to_owned(),
            "sha256".to_owned(),
            "sha256:".to_owned(),
            hex.to_owned(),
            format!("sha256:{}", hex.to_uppercase()),
            format!("SHA256:{hex}"),
            format!(" {DIGEST}"),
            format!("{DIGEST} "),
            format!("{DIGEST}00"),
            format!("sha256::{hex}"),
            format!("sha1:{}", "0".repeat(40)),
            format!("md5:{}", "0".repeat(32)),
            format!("sha512:{hex}"),
            format!("sha256:{}", hex.replace('0', "g")),
            format!("sha256:{}", hex.replacen("02", "\u{2070}", 1)),
        ] {
            assert!(!Digest::is_canonical(&digest), "{digest}");
        }
    }

    #[test]
    fn nesting_is_bounded() {
        let nested = |depth: usize| {
            // The payload and `optional` are two levels.
            let value = format!("{}{}", "[".repeat(depth - 2), "]".repeat(depth - 2));
            valid().to_string().replace(r#""atomic 5.23.1""#, r#""""#).replace(
                r#""timestamp":1679875200"#,
                &format!(r#""x":{value},"brackets in strings":"[[[{{\"[""#),
            )
        };
        assert!(parse(nested(DEPTH).as_bytes()).is_ok());
        assert_eq!(problem(&nested(DEPTH + 1)), PayloadProblem::TooDeep);
        assert_eq!(problem(&"[".repeat(1_000_000)), PayloadProblem::TooDeep);
        assert_eq!(problem(&r#"{"":"#.repeat(100_000)), PayloadProblem::TooDeep);
    }

    /// One line, lower case, no full stop, and what somebody wrote is quoted.
    #[test]
    fn wording() {
        for (problem, expected) in [
            (PayloadProblem::NotUtf8, "the payload is not UTF-8"),
            (unknown("", "a\nb`c"), r"the payload has the unknown member `a\nb\u{60}c`"),
            (wrong("optional", "an object"), "optional is not an object"),
            (
                PayloadProblem::Duplicate { path: "critical", name: "type".to_owned() },
                "critical has the member `type` twice",
            ),
            (
                PayloadProblem::OtherType("x".to_owned()),
                "critical.type is `x`, not `atomic container signature`",
            ),
        ] {
            assert_eq!(problem.to_string(), expected);
        }
    }
}
