//! Manifests: their digest, and what they say an image consists of.
//!
//! Docker schema 1 and 2, OCI manifests, and both kinds of list.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD};
use serde::Deserialize;
use serde::de::IgnoredAny;
use sha2::{Digest, Sha256, Sha384, Sha512};

use crate::text::Text;

/// Media type of an OCI image manifest, which need not name itself.
const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
/// Media type of an OCI index, which need not name itself.
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

/// A manifest that could be read.
#[derive(Debug)]
pub struct Manifest<'a> {
    /// What it says about itself; empty where it does not.
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
        layers: Vec<Text<'a>>,
    },
    /// An image.
    Image {
        /// Digest of the configuration.
        config: Text<'a>,
        /// Layers, oldest first.
        layers: Vec<Descriptor<'a>>,
    },
    /// A list of manifests, one a platform.
    List(Vec<Descriptor<'a>>),
}

/// What a manifest says of a part.
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
    /// Schema 1 has one; nobody here reads it.
    #[serde(rename = "history")]
    _history: Option<IgnoredAny>,
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

impl<'a> Manifest<'a> {
    /// Reads a manifest, with the bytes that its digest is of.
    ///
    /// # Errors
    /// What keeps it from being one, as the end of a sentence.
    pub fn parse(text: &'a str) -> Result<(Self, Cow<'a, [u8]>), String> {
        let json: ManifestJson<'a> = crate::object::parse(text).map_err(|error| error.to_string())?;
        let claims = [
            json.layers.is_some() || json.config.is_some(),
            json.manifests.is_some(),
            json.fs_layers.is_some(),
        ];
        if claims.into_iter().filter(|claim| *claim).count() > 1 {
            // Two readers could see two images in it (CVE-2021-41190).
            return Err("it has the members of more than one kind of manifest".to_owned());
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
                Content::Image { config: config.digest, layers: json.layers.unwrap_or_default() }
            }
            (None, None, Some(layers)) if is_schema_1 => {
                Content::Schema1 { layers: layers.into_iter().rev().map(|layer| layer.blob_sum).collect() }
            }
            _ => return Err("it has neither configuration, nor layers, nor manifests of its kind".to_owned()),
        };
        let says_list = [OCI_INDEX, MANIFEST_LIST].contains(&media_type);
        let says_image = [OCI_MANIFEST, SCHEMA_2].contains(&media_type);
        if matches!(content, Content::List(_)) && says_image
            || matches!(content, Content::Image { .. }) && says_list
        {
            return Err("its media type contradicts its members".to_owned());
        }
        Ok((Self { media_type: json.media_type, content }, signed))
    }

    /// Whether a media type that stands beside the manifest can be its own.
    #[must_use]
    pub fn may_be(&self, media_type: &str) -> bool {
        if !self.media_type.is_empty() {
            return self.media_type.as_str() == media_type
                // The signed form of schema 1 has a media type of its own, and says neither.
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

/// The bytes that a schema 1 manifest's digest is of: the text without its JWS block
/// (distribution's `manifest/schema1`, libtrust `ParsePrettySignature`).
fn signed_part(text: &str, signatures: &[JwsSignature<'_>]) -> Result<Vec<u8>, String> {
    let malformed = || "its JWS block is malformed".to_owned();
    let mut part: Option<Vec<u8>> = None;
    for signature in signatures {
        let protected = base64_url(signature.protected.as_str()).ok_or_else(malformed)?;
        let protected: JwsProtected = serde_json::from_slice(&protected).map_err(|_| malformed())?;
        let mut signed = text.as_bytes().get(..protected.format_length).ok_or_else(malformed)?.to_vec();
        signed.extend(base64_url(&protected.format_tail).ok_or_else(malformed)?);
        if part.as_ref().is_some_and(|part| *part != signed) {
            return Err("its JWS signatures disagree on what they sign".to_owned());
        }
        part = Some(signed);
    }
    part.ok_or_else(malformed)
}

fn base64_url(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).or_else(|_| URL_SAFE.decode(text)).ok()
}

/// The digest of some bytes by the algorithm that another digest uses, by sha256 where it uses
/// none that is known.
#[must_use]
pub fn digest_like(other: &str, bytes: &[u8]) -> String {
    fn hex(algorithm: &str, hash: &[u8]) -> String {
        use std::fmt::Write;
        hash.iter().fold(format!("{algorithm}:"), |mut hex, byte| {
            // Writing to a `String` cannot fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    }
    match other.split_once(':') {
        Some(("sha384", _)) => hex("sha384", &Sha384::digest(bytes)),
        Some(("sha512", _)) => hex("sha512", &Sha512::digest(bytes)),
        _ => hex("sha256", &Sha256::digest(bytes)),
    }
}
