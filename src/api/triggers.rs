//! The metadata of what runs images, with the annotation that makes a controller change its images.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, Visitor};

use crate::api::image_stream::ObjectReference;
use crate::json::text::Text;
use crate::json::{case, strict};

/// Makes a controller put what a tag shows into an object's containers.
pub const TRIGGERS_ANNOTATION: &str = "image.openshift.io/triggers";

/// The part of a workload's metadata that rules read.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub struct WorkloadMeta<'a> {
    /// Name.
    #[serde(default)]
    pub name: Text<'a>,
    /// Namespace.
    #[serde(default)]
    pub namespace: Text<'a>,
    /// Of the annotations, the one that counts.
    #[serde(default, rename = "annotations")]
    pub triggers: Triggers,
}

/// What the annotation of triggers says.
#[derive(Clone, Debug, Default)]
pub enum Triggers {
    /// There is none, or an empty one.
    #[default]
    None,
    /// In their order.
    Listed(Vec<Trigger>),
    /// It cannot be read.
    Unreadable {
        /// As written.
        text: String,
        /// Why not.
        reason: String,
    },
}

/// A tag that is followed.
#[derive(Clone, Debug)]
pub struct Trigger {
    /// The tag; `None` where it is not said.
    pub from: Option<ObjectReference<'static>>,
    /// The field that gets the image.
    pub field_path: String,
}

impl<'de> Deserialize<'de> for Triggers {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        struct AnnotationsVisitor;

        impl<'de> Visitor<'de> for AnnotationsVisitor {
            type Value = Triggers;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map")
            }

            fn visit_unit<E: Error>(self) -> Result<Triggers, E> {
                Ok(Triggers::None)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut annotations: A) -> Result<Triggers, A::Error> {
                let mut found = None;
                while let Some(name) = annotations.next_key::<Text<'de>>()? {
                    if name.as_str() != TRIGGERS_ANNOTATION {
                        annotations.next_value::<IgnoredAny>()?;
                        continue;
                    }
                    let text = annotations.next_value::<Text<'de>>()?;
                    if found.replace(Triggers::parse(text.as_str())).is_some() {
                        return Err(A::Error::duplicate_field(TRIGGERS_ANNOTATION));
                    }
                }
                Ok(found.unwrap_or_default())
            }
        }

        reader.deserialize_any(AnnotationsVisitor)
    }
}

impl Triggers {
    /// Reads the annotation's value, which the controller reads as Go does: names in any case count, and
    /// the last of two.
    fn parse(text: &str) -> Self {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
        struct Listed<'a> {
            from: Option<ObjectReference<'a>>,
            #[serde(default)]
            field_path: Text<'a>,
        }

        if text.is_empty() {
            return Self::None;
        }
        let unreadable = |reason| Self::Unreadable { text: text.to_owned(), reason };
        let names = ["from", "kind", "name", "namespace", "fieldPath"];
        if let Err(reason) = case::check(text, &names, &["from"]) {
            return unreadable(reason.to_string());
        }
        match strict::from_str::<Option<Vec<Listed<'_>>>>(text) {
            Ok(listed) => {
                let own = |Listed { from, field_path }: Listed<'_>| Trigger {
                    from: from.map(ObjectReference::into_owned),
                    field_path: field_path.as_str().to_owned(),
                };
                Self::Listed(listed.unwrap_or_default().into_iter().map(own).collect())
            }
            Err(error) => unreadable(strict::reason(&error)),
        }
    }

    /// The triggers, as far as they can be read.
    #[must_use]
    pub fn listed(&self) -> &[Trigger] {
        match self {
            Self::Listed(triggers) => triggers,
            Self::None | Self::Unreadable { .. } => &[],
        }
    }
}
