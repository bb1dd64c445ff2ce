//! ImageSignature: on its own, and inside an Image.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::api::meta::ObjectMeta;
use crate::json::text::Text;

/// `imagesignatures`: an opaque blob to the server, and claims about it that anybody may have
/// written who may write the Image.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub struct ImageSignature<'a> {
    /// Group and version, where it is an object of its own.
    #[serde(default)]
    pub api_version: Text<'a>,
    /// Kind, where it is an object of its own.
    #[serde(default)]
    pub kind: Text<'a>,
    /// Name `<image>@<signature>`.
    pub metadata: Option<ObjectMeta<'a>>,
    /// `AtomicImageV1` or `atomic`.
    #[serde(default, rename = "type")]
    pub type_: Text<'a>,
    /// The signature, base64.
    #[serde(default)]
    pub content: Text<'a>,
    /// What the last writer claims to have found.
    pub conditions: Option<Vec<SignatureCondition<'a>>>,
    /// Claimed identity of the image.
    #[serde(default)]
    pub image_identity: Text<'a>,
    /// Claimed content.
    pub signed_claims: Option<BTreeMap<Text<'a>, Text<'a>>>,
    /// Claimed time of signing.
    #[serde(default)]
    pub created: Text<'a>,
    /// Claimed issuer of the key.
    pub issued_by: Option<SignatureSubject<'a>>,
    /// Claimed holder of the key.
    pub issued_to: Option<SignatureSubject<'a>>,
}

impl ImageSignature<'_> {
    /// The object's name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.metadata.as_ref().map(|metadata| metadata.name.as_str()).unwrap_or_default()
    }
}

/// One of a signature's conditions.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub struct SignatureCondition<'a> {
    /// `Trusted`, `ForImage`, `Expired`, `Revoked`.
    #[serde(default, rename = "type")]
    pub type_: Text<'a>,
    /// `True`, `False` or `Unknown`; the server does not insist.
    #[serde(default)]
    pub status: Text<'a>,
}

/// Who a key is said to belong to.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub struct SignatureSubject<'a> {
    /// Organization.
    #[serde(default)]
    pub organization: Text<'a>,
    /// Common name; `oc adm verify-image-signature` writes the short key ID here.
    #[serde(default)]
    pub common_name: Text<'a>,
    /// Key ID.
    #[serde(default, rename = "publicKeyID")]
    pub public_key_id: Text<'a>,
}
