//! Manifests: their digest, and what they list an image as consisting of.
//!
//! Docker schema 1 and 2, OCI manifests, and both kinds of list.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::api::{self, Unreadable};
use crate::json::case::{self, SpellingError};
use crate::json::strict;
use crate::json::text::Text;

/// Media type of an OCI image manifest, which need not state it.
const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
/// Media type of an OCI index, which need not state it.
const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
/// Media type of a Docker schema 2 manifest.
const SCHEMA_2: &str = "application/vnd.docker.distribution.manifest.v2+json";
/// Media type of a Docker manifest list.
const MANIFEST_LIST: &str = "application/vnd.docker.distribution.manifest.list.v2+json";
/// Media types of schema 1.
const SCHEMA_1: [&str; 2] = [
    "application/vnd.docker.distribution.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v1+prettyjws",
];

/// Media types of a configuration that containers are run by.
const IMAGE_CONFIGS: [&str; 2] =
    ["application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json"];

/// A manifest that could be read.
#[derive(Debug)]
pub struct Manifest<'a> {
    /// The media type that it states; empty if it states none.
    pub media_type: Text<'a>,
    /// What it describes.
    pub content: Content<'a>,
}

/// What a manifest describes.
#[derive(Debug)]
pub enum Content<'a> {
    /// Docker schema 1: layers only, here oldest first.
    Schema1 {
        /// Digests of the layers.
        layers: Vec<String>,
        /// The configuration of the newest layer, as JSON.
        config: Text<'a>,
    },
    /// An image.
    Image {
        /// The configuration.
        config: Descriptor<'a>,
        /// Layers, oldest first.
        layers: Vec<Descriptor<'a>>,
    },
    /// A list of manifests, one a platform.
    List(Vec<Descriptor<'a>>),
}

/// What a manifest states about a part.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub struct Descriptor<'a> {
    /// Media type.
    #[serde(default)]
    pub media_type: Text<'a>,
    /// Digest.
    #[serde(default)]
    pub digest: Text<'a>,
    /// Bytes.
    pub size: Option<i64>,
    /// For what it is, in a list.
    pub platform: Option<Platform<'a>>,
}

/// A platform in a list.
#[derive(Debug, Default, Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub struct Platform<'a> {
    /// Processor architecture.
    #[serde(default)]
    pub architecture: Text<'a>,
    /// Operating system.
    #[serde(default)]
    pub os: Text<'a>,
    /// Variant of the architecture.
    #[serde(default)]
    pub variant: Text<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
struct ManifestJson<'a> {
    schema_version: Option<i64>,
    #[serde(default)]
    media_type: Text<'a>,
    config: Option<Descriptor<'a>>,
    layers: Option<Vec<Descriptor<'a>>>,
    manifests: Option<Vec<Descriptor<'a>>>,
    fs_layers: Option<Vec<FsLayer<'a>>>,
    signatures: Option<Vec<JwsSignature<'a>>>,
    history: Option<Vec<History<'a>>>,
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
struct History<'a> {
    #[serde(default, rename = "v1Compatibility")]
    v1_compatibility: Text<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
struct FsLayer<'a> {
    #[serde(default)]
    blob_sum: Text<'a>,
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
struct JwsSignature<'a> {
    #[serde(default)]
    protected: Text<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct JwsProtected {
    format_length: usize,
    format_tail: String,
}

/// What keeps a text from being a manifest, as the end of a sentence.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ManifestError {
    /// It is not JSON, or a member is of another type.
    Unreadable(Unreadable),
    /// Readers in Go would see another manifest.
    Spelling(SpellingError),
    /// It has the members of several kinds of manifest.
    SeveralKinds,
    /// It has the members of no kind of manifest.
    NoKind,
    /// It states the media type of another kind.
    OtherKind,
    /// The signature block of schema 1 cannot be read.
    MalformedSignatures,
    /// The signatures of schema 1 are for different texts.
    SignaturesDisagree,
    /// The signatures of schema 1 are for another text than the one around them.
    OtherTextSigned,
}

impl fmt::Display for ManifestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(error) => error.fmt(f),
            Self::Spelling(error) => error.fmt(f),
            Self::SeveralKinds => f.write_str("it has the members of more than one kind of manifest"),
            Self::NoKind => {
                f.write_str("it has no `config`, `manifests` or `fsLayers`, as its kind of manifest needs")
            }
            Self::OtherKind => f.write_str("its media type contradicts its members"),
            Self::MalformedSignatures => f.write_str("its JWS block is malformed"),
            Self::SignaturesDisagree => f.write_str("its JWS signatures are for different texts"),
            Self::OtherTextSigned => f.write_str("its JWS signatures are for another text"),
        }
    }
}

impl<'a> Manifest<'a> {
    /// Reads a manifest, with the bytes that its digest is of.
    ///
    /// # Errors
    /// What keeps the text from being one.
    pub fn parse(text: &'a str) -> Result<(Self, Cow<'a, [u8]>), ManifestError> {
        let json: ManifestJson<'a> = api::parse(text).map_err(ManifestError::Unreadable)?;
        check_spelling(text).map_err(ManifestError::Spelling)?;
        let claims = [
            json.layers.is_some() || json.config.is_some(),
            json.manifests.is_some(),
            json.fs_layers.is_some(),
        ];
        if claims.into_iter().filter(|claim| *claim).count() > 1 {
            // Two readers could see two images in it (CVE-2021-41190).
            return Err(ManifestError::SeveralKinds);
        }
        let media_type = json.media_type.as_str();
        let is_schema_1 = SCHEMA_1.contains(&media_type)
            || ![OCI_INDEX, OCI_MANIFEST, SCHEMA_2, MANIFEST_LIST].contains(&media_type)
                && json.schema_version == Some(1);
        let signed = match &json.signatures {
            Some(signatures) if is_schema_1 => Cow::Owned(signed_part(text, signatures)?),
            _ => Cow::Borrowed(text.as_bytes()),
        };
        let content = match (json.config, json.manifests, json.fs_layers) {
            (_, Some(manifests), _) if !is_schema_1 => Content::List(manifests),
            (Some(config), ..) if !is_schema_1 => {
                Content::Image { config, layers: json.layers.unwrap_or_default() }
            }
            (None, None, Some(_)) if is_schema_1 => {
                // The same text as is signed, which is compared with the whole.
                let newest = json.history.into_iter().flatten().next();
                let config = newest.map(|newest| newest.v1_compatibility).unwrap_or_default();
                Content::Schema1 { layers: layers_of(text, &signed)?, config }
            }
            _ => return Err(ManifestError::NoKind),
        };
        let says_list = [OCI_INDEX, MANIFEST_LIST].contains(&media_type);
        let says_image = [OCI_MANIFEST, SCHEMA_2].contains(&media_type);
        if matches!(content, Content::List(_)) && says_image
            || matches!(content, Content::Image { .. }) && says_list
        {
            return Err(ManifestError::OtherKind);
        }
        Ok((Self { media_type: json.media_type, content }, signed))
    }

    /// Whether it is an OCI manifest of something else than an image: a chart, a signature, a module. No
    /// container runs from it. `media_type` is the one that stands beside the manifest.
    #[must_use]
    pub fn is_artifact(&self, media_type: &str) -> bool {
        let Content::Image { config, .. } = &self.content else { return false };
        let stated = if self.media_type.is_empty() { media_type } else { self.media_type.as_str() };
        let config = config.media_type.as_str();
        stated == OCI_MANIFEST && !config.is_empty() && !IMAGE_CONFIGS.contains(&config)
    }

    /// Whether a media type that stands beside the manifest can be its own.
    #[must_use]
    pub fn may_be(&self, media_type: &str) -> bool {
        if !self.media_type.is_empty() {
            return self.media_type.as_str() == media_type
                // The signed form of schema 1 has a media type of its own, and states neither.
                || matches!(self.content, Content::Schema1 { .. }) && SCHEMA_1.contains(&media_type);
        }
        match self.content {
            Content::Schema1 { .. } => SCHEMA_1.contains(&media_type),
            Content::Image { .. } => {
                ![OCI_INDEX, MANIFEST_LIST].contains(&media_type) && !SCHEMA_1.contains(&media_type)
            }
            Content::List(_) => [OCI_INDEX, MANIFEST_LIST].contains(&media_type),
        }
    }
}

/// Rejects what readers in Go would find in it and this one does not: two spellings are two manifests.
fn check_spelling(text: &str) -> Result<(), SpellingError> {
    const MEMBERS: [&str; 17] = [
        "schemaVersion",
        "mediaType",
        "config",
        "layers",
        "manifests",
        "fsLayers",
        "signatures",
        "digest",
        "size",
        "platform",
        "architecture",
        "os",
        "variant",
        "blobSum",
        "protected",
        "history",
        "v1Compatibility",
    ];
    const INSIDE: [&str; 7] =
        ["config", "layers", "manifests", "fsLayers", "signatures", "platform", "history"];
    case::check(text, &MEMBERS, &INSIDE)
}

/// The layers of a schema 1 manifest, oldest first.
///
/// Its digest is of the signed text, and other readers see the whole text: apart from the signatures both
/// must be the same.
fn layers_of(text: &str, signed: &[u8]) -> Result<Vec<String>, ManifestError> {
    let signed = str::from_utf8(signed).map_err(|_| ManifestError::OtherTextSigned)?;
    let whole = members_besides_signatures(text);
    if whole.is_none() || whole != members_besides_signatures(signed) {
        return Err(ManifestError::OtherTextSigned);
    }
    let json: ManifestJson<'_> = api::parse(signed).map_err(ManifestError::Unreadable)?;
    let layers = json.fs_layers.unwrap_or_default();
    Ok(layers.into_iter().rev().map(|layer| layer.blob_sum.as_str().to_owned()).collect())
}

/// Each with the very text of its value.
fn members_besides_signatures(json: &str) -> Option<BTreeMap<Text<'_>, &str>> {
    let members: BTreeMap<Text<'_>, &RawValue> = serde_json::from_str(json).ok()?;
    let mut others = BTreeMap::new();
    let besides = members.into_iter().filter(|(name, _)| name.as_str() != "signatures");
    others.extend(besides.map(|(name, value)| (name, value.get())));
    Some(others)
}

/// The bytes that a schema 1 manifest's digest is of: the text without its JWS block
/// (distribution's `manifest/schema1`, libtrust `ParsePrettySignature`).
fn signed_part(text: &str, signatures: &[JwsSignature<'_>]) -> Result<Vec<u8>, ManifestError> {
    let malformed = || ManifestError::MalformedSignatures;
    let mut part: Option<(usize, Vec<u8>)> = None;
    for signature in signatures {
        let protected = base64_url(signature.protected.as_str()).ok_or_else(malformed)?;
        let json = str::from_utf8(&protected).map_err(|_| malformed())?;
        let protected: JwsProtected = strict::from_str(json).map_err(|_| malformed())?;
        case::check(json, &["formatLength", "formatTail"], &[]).map_err(ManifestError::Spelling)?;
        let tail = base64_url(&protected.format_tail).ok_or_else(malformed)?;
        let signed = (protected.format_length, tail);
        if part.as_ref().is_some_and(|part| *part != signed) {
            return Err(ManifestError::SignaturesDisagree);
        }
        part = Some(signed);
    }
    let (length, tail) = part.ok_or_else(malformed)?;
    let head = text.as_bytes().get(..length).ok_or_else(malformed)?;
    Ok([head, &tail].concat())
}

fn base64_url(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).or_else(|_| URL_SAFE.decode(text)).ok()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::panic, reason = "a test may fail")]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const PAYLOAD: &str = r#"{
   "schemaVersion": 1,
   "name": "acme/web",
   "tag": "v1",
   "fsLayers": [
      {
         "blobSum": "sha256:bb"
      },
      {
         "blobSum": "sha256:aa"
      }
   ],
   "history": []
}"#;

    fn encode(text: &str) -> String {
        URL_SAFE_NO_PAD.encode(text)
    }

    /// The protected header of a signature on `payload`, which goes on after `length` bytes of
    /// the signed text with `tail`.
    fn protected(length: usize, tail: &str) -> String {
        encode(
            &json!({"formatLength": length, "formatTail": encode(tail), "time": "2015-01-01T00:00:00Z"})
                .to_string(),
        )
    }

    /// As libtrust writes it: the signatures between the last member and the closing brace.
    fn sign(payload: &str, signatures: &Value) -> String {
        let body = payload.strip_suffix("\n}").unwrap();
        format!("{body},\n   \"signatures\": {signatures}\n}}")
    }

    fn signed() -> String {
        let length = PAYLOAD.len() - 2;
        sign(
            PAYLOAD,
            &json!([{"header": {"alg": "ES256"}, "signature": "AAAA", "protected": protected(length, "\n}")}]),
        )
    }

    fn error(text: &str) -> String {
        match Manifest::parse(text) {
            Ok(_) => panic!("read: {text}"),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn a_member_in_another_case_is_refused() {
        let good = r#"{"schemaVersion":2,"config":{"digest":"sha256:00"},"layers":[]}"#;
        assert!(Manifest::parse(good).is_ok());
        for member in ["Layers", "CONFIG", "mediatype", "Manifests", "fslayers", "SchemaVersion", "layerſ"] {
            let evil = good.replacen('{', &format!("{{\"{member}\":null,"), 1);
            assert!(Manifest::parse(&evil).is_err(), "{evil}");
        }
    }

    /// A runtime would pull the last of the two, and the first would be the one that is signed.
    #[test]
    fn a_part_that_names_another_in_another_case_is_refused() {
        for (good, evil) in [
            (r#"{"manifests":[{"digest":"a"}]}"#, r#"{"manifests":[{"digest":"a","Digest":"b"}]}"#),
            (
                r#"{"manifests":[{"digest":"a","platform":{"os":"linux"}}]}"#,
                r#"{"manifests":[{"digest":"a","platform":{"os":"linux","OS":"windows"}}]}"#,
            ),
            (r#"{"config":{"digest":"a"}}"#, r#"{"config":{"digest":"a","DIGEST":"b"}}"#),
            (r#"{"config":{},"layers":[{"size":1}]}"#, r#"{"config":{},"layers":[{"size":1,"ſize":2}]}"#),
            (
                r#"{"schemaVersion":1,"fsLayers":[{"blobSum":"a"}]}"#,
                r#"{"schemaVersion":1,"fsLayers":[{"blobSum":"a","blobsum":"b"}]}"#,
            ),
        ] {
            assert!(Manifest::parse(good).is_ok(), "{good}");
            assert!(error(evil).contains("only in case"), "{evil}");
        }
        for evil in [
            r#"[2,"",{"digest":"a"},[],null,null,null]"#,
            r#"{"config":["a"],"layers":[]}"#,
            r#"{"config":{"digest":"a"},"layers":[["a"]]}"#,
            r#"{"manifests":[["a"]]}"#,
            r#"{"schemaVersion":1,"fsLayers":[["a"]]}"#,
        ] {
            assert!(Manifest::parse(evil).is_err(), "{evil}");
        }
        let annotated = r#"{"manifests":[{"digest":"a","annotations":{"OS":"linux","Size":"1"}}]}"#;
        assert!(Manifest::parse(annotated).is_ok());
    }

    #[test]
    fn the_digest_of_schema_1_is_of_what_was_signed() {
        let signed = signed();
        let (manifest, bytes) = Manifest::parse(&signed).unwrap();
        assert_eq!(std::str::from_utf8(&bytes).unwrap(), PAYLOAD);
        let Content::Schema1 { layers, .. } = &manifest.content else { panic!("{manifest:?}") };
        let layers: Vec<&str> = layers.iter().map(String::as_str).collect();
        assert_eq!(layers, ["sha256:aa", "sha256:bb"], "oldest first");
        let (_, bytes) = Manifest::parse(PAYLOAD).unwrap();
        assert_eq!(std::str::from_utf8(&bytes).unwrap(), PAYLOAD, "unsigned: all of it");
    }

    #[test]
    fn two_signatures_must_sign_the_same() {
        let length = PAYLOAD.len() - 2;
        let (same, other) = (protected(length, "\n}"), protected(length, "}"));
        let agreeing = sign(PAYLOAD, &json!([{"protected": same}, {"protected": same}]));
        assert_eq!(std::str::from_utf8(&Manifest::parse(&agreeing).unwrap().1).unwrap(), PAYLOAD);
        let disagreeing = sign(PAYLOAD, &json!([{"protected": same}, {"protected": other}]));
        assert_eq!(error(&disagreeing), "its JWS signatures are for different texts");
    }

    #[test]
    fn a_malformed_jws_block_is_refused() {
        let header = |header: Value| json!([{"protected": encode(&header.to_string())}]);
        for signatures in [
            json!([]),
            json!([{}]),
            json!([{"protected": null}]),
            json!([{"protected": ""}]),
            json!([{"protected": "*"}]),
            json!([{"protected": encode("{")}]),
            header(json!({})),
            header(json!({"formatLength": 5})),
            header(json!({"formatTail": "Cn0"})),
            header(json!({"formatLength": -1, "formatTail": "Cn0"})),
            header(json!({"formatLength": 1.5, "formatTail": "Cn0"})),
            header(json!({"formatLength": u64::MAX, "formatTail": "Cn0"})),
            header(json!({"formatLength": 100_000, "formatTail": "Cn0"})),
            header(json!({"formatLength": 5, "formatTail": "*"})),
            header(json!({"formatLength": 5, "formatTail": null})),
        ] {
            assert_eq!(error(&sign(PAYLOAD, &signatures)), "its JWS block is malformed", "{signatures}");
        }
        let twice = r#"{"formatLength":5,"formatLength":6,"formatTail":"Cn0"}"#;
        assert_eq!(
            error(&sign(PAYLOAD, &json!([{"protected": encode(twice)}]))),
            "its JWS block is malformed"
        );
    }

    #[test]
    fn a_length_in_the_middle_of_a_character_is_no_trap() {
        for length in 0..12 {
            let protected = protected(length, "");
            let text = format!(
                r#"{{"x":"ä","schemaVersion":1,"fsLayers":[],"signatures":[{{"protected":"{protected}"}}]}}"#
            );
            assert!(Manifest::parse(&text).is_err(), "{length}");
        }
    }

    /// Only the beginning of the text, as far as `formatLength`, is what the digest is of. The API
    /// server reads layers, history and labels from all of it.
    #[test]
    fn what_stands_outside_the_signed_part_must_be_signatures() {
        let rest = PAYLOAD.strip_prefix('{').unwrap();
        let signatures = format!(r#""signatures":[{{"protected":"{}"}}]"#, protected(1, rest));
        for evil in [
            r#""schemaVersion":1,"fsLayers":[{"blobSum":"sha256:ee"}],"history":[]"#,
            r#""schemaVersion":1,"fsLayers":[{"blobSum":"sha256:bb"},{"blobSum":"sha256:aa"}],"history":[{"v1Compatibility":"evil"}]"#,
        ] {
            let forged = format!("{{{evil},{signatures}}}");
            assert!(Manifest::parse(&forged).is_err(), "under the digest of another manifest: {forged}");
        }
    }

    #[test]
    fn the_layers_of_schema_1_are_those_that_were_signed() {
        for payload in [PAYLOAD, r#"{"schemaVersion":2,"config":{"digest":"sha256:aa"},"layers":[]}"#] {
            let rest = payload.strip_prefix('{').unwrap();
            let forged = format!(
                r#"{{"schemaVersion":1,"fsLayers":[{{"blobSum":"sha256:ee"}}],"signatures":[{{"protected":"{}"}}]}}"#,
                protected(1, rest)
            );
            let found = format!("{:?}", Manifest::parse(&forged));
            assert!(!found.contains("sha256:ee"), "{found}");
        }
    }

    #[test]
    fn only_schema_1_has_a_signature_block() {
        let text = format!(
            r#"{{"schemaVersion":2,"config":{{}},"layers":[],"signatures":[{{"protected":"{}"}}]}}"#,
            protected(1, "}")
        );
        let (_, bytes) = Manifest::parse(&text).unwrap();
        assert_eq!(bytes.len(), text.len());
        let named = text.replacen(
            "\"schemaVersion\":2",
            &format!("\"schemaVersion\":1,\"mediaType\":\"{OCI_MANIFEST}\""),
            1,
        );
        assert_eq!(Manifest::parse(&named).unwrap().1.len(), named.len());
    }

    #[test]
    fn each_kind_is_told_by_its_members() {
        for (text, kind, media_type) in [
            (r#"{"schemaVersion":2,"config":{},"layers":[]}"#, "image", ""),
            (r#"{"schemaVersion":2,"config":{"digest":"x"}}"#, "image", ""),
            (
                r#"{"schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manifest.v2+json","config":{},"layers":[]}"#,
                "image",
                SCHEMA_2,
            ),
            (
                r#"{"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{},"layers":null}"#,
                "image",
                OCI_MANIFEST,
            ),
            (r#"{"schemaVersion":2,"manifests":[]}"#, "list", ""),
            (
                r#"{"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{}]}"#,
                "list",
                OCI_INDEX,
            ),
            (
                r#"{"mediaType":"application/vnd.docker.distribution.manifest.list.v2+json","manifests":[]}"#,
                "list",
                MANIFEST_LIST,
            ),
            (r#"{"schemaVersion":1,"fsLayers":[]}"#, "schema 1", ""),
        ] {
            let (manifest, bytes) = Manifest::parse(text).unwrap();
            let found = match manifest.content {
                Content::Image { .. } => "image",
                Content::List(_) => "list",
                Content::Schema1 { .. } => "schema 1",
            };
            assert_eq!((found, manifest.media_type.as_str()), (kind, media_type), "{text}");
            assert_eq!(bytes.as_ref(), text.as_bytes(), "{text}");
        }
    }

    #[test]
    fn what_two_readers_could_read_in_two_ways_is_refused() {
        for text in [
            "",
            "[]",
            "\"x\"",
            "{}",
            r#"{"schemaVersion":2}"#,
            r#"{"schemaVersion":2,"layers":[]}"#,
            r#"{"schemaVersion":1}"#,
            r#"{"schemaVersion":2,"config":{},"layers":[],"manifests":[]}"#,
            r#"{"schemaVersion":2,"config":{},"manifests":[]}"#,
            r#"{"schemaVersion":2,"layers":[],"fsLayers":[]}"#,
            r#"{"schemaVersion":1,"fsLayers":[],"manifests":[]}"#,
            r#"{"schemaVersion":1,"config":{},"layers":[]}"#,
            r#"{"schemaVersion":2,"fsLayers":[]}"#,
            r#"{"schemaVersion":1,"manifests":[]}"#,
            r#"{"mediaType":"application/vnd.oci.image.index.v1+json","config":{},"layers":[]}"#,
            r#"{"mediaType":"application/vnd.oci.image.manifest.v1+json","manifests":[]}"#,
            r#"{"mediaType":"application/vnd.docker.distribution.manifest.v2+json","manifests":[]}"#,
            r#"{"mediaType":"application/vnd.docker.distribution.manifest.v1+json","manifests":[]}"#,
            r#"{"schemaVersion":2,"config":{},"config":{}}"#,
            r#"{"schemaVersion":2,"config":{"digest":"a","digest":"b"}}"#,
            r#"{"schemaVersion":2,"config":{},"layers":[],"layers":[]}"#,
            r#"{"schemaVersion":"2","config":{}}"#,
            r#"{"schemaVersion":2,"config":[]}"#,
            r#"{"schemaVersion":2,"config":{}} {}"#,
        ] {
            assert!(Manifest::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_media_type_beside_the_manifest_can_be_its_own() {
        let schema_1 = r#"{"schemaVersion":1,"fsLayers":[]}"#;
        let image = r#"{"schemaVersion":2,"config":{}}"#;
        let list = r#"{"schemaVersion":2,"manifests":[]}"#;
        let named = r#"{"mediaType":"application/vnd.docker.distribution.manifest.v2+json","config":{}}"#;
        let [plain, pretty] = SCHEMA_1;
        for (text, yes, no) in [
            (schema_1, &[plain, pretty][..], &[SCHEMA_2, OCI_MANIFEST, OCI_INDEX, MANIFEST_LIST][..]),
            (image, &[OCI_MANIFEST, SCHEMA_2], &[plain, pretty, OCI_INDEX, MANIFEST_LIST]),
            (list, &[OCI_INDEX, MANIFEST_LIST], &[plain, pretty, OCI_MANIFEST, SCHEMA_2]),
            (named, &[SCHEMA_2], &[plain, pretty, OCI_MANIFEST, OCI_INDEX, MANIFEST_LIST]),
        ] {
            let (manifest, _) = Manifest::parse(text).unwrap();
            for media_type in yes {
                assert!(manifest.may_be(media_type), "{text} as {media_type}");
            }
            for media_type in no {
                assert!(!manifest.may_be(media_type), "{text} as {media_type}");
            }
        }
    }
}
