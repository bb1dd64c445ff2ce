//! `metadata`, which every object has.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::json::text::Text;

/// Annotation that makes every import of a stream insecure.
pub const INSECURE_ANNOTATION: &str = "openshift.io/image.insecureRepository";

/// The part of every object's metadata that rules read.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(bound(deserialize = "'de: 'a"))]
pub struct ObjectMeta<'a> {
    /// Name.
    #[serde(default)]
    pub name: Text<'a>,
    /// Namespace.
    #[serde(default)]
    pub namespace: Text<'a>,
    /// Annotations.
    pub annotations: Option<BTreeMap<Text<'a>, Text<'a>>>,
}

impl ObjectMeta<'_> {
    /// The value of an annotation.
    #[must_use]
    pub fn annotation(&self, name: &str) -> Option<&str> {
        self.annotations.as_ref()?.get(name).map(Text::as_str)
    }

    /// Whether it makes every import into its stream insecure: the server compares with `true`.
    #[must_use]
    pub fn is_insecure(&self) -> bool {
        self.annotation(INSECURE_ANNOTATION) == Some("true")
    }
}
