//! Where in an object something stands: `spec.tags[2].from.name`.

use std::borrow::Cow;
use std::fmt::{self, Write};

use crate::quote;

/// A route from the object's root to a field.
///
/// Lists are named by index, as they stand in the request, so that every path can be followed
/// in it. Paths sort as the object reads: `tags[2]` before `tags[10]`.
#[derive(Clone, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct FieldPath(Vec<Segment>);

/// One step of a [`FieldPath`].
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Segment {
    /// A member of an object.
    Key(Cow<'static, str>),
    /// An element of a list, from 0.
    Index(usize),
}

impl FieldPath {
    /// The object itself.
    #[must_use]
    pub fn root() -> Self {
        Self::default()
    }

    /// A member of the object that this path names, or of one below it: `from.name` is two steps.
    #[must_use]
    pub fn key(mut self, keys: &'static str) -> Self {
        self.0.extend(keys.split('.').map(|key| Segment::Key(Cow::Borrowed(key))));
        self
    }

    /// A member whose name may hold dots, such as an annotation's.
    #[must_use]
    pub fn member(mut self, name: &str) -> Self {
        self.0.push(Segment::Key(Cow::Owned(name.to_owned())));
        self
    }

    /// An element of the list that this path names.
    #[must_use]
    pub fn index(mut self, index: usize) -> Self {
        self.0.push(Segment::Index(index));
        self
    }

    /// The path that goes on from here with another one.
    #[must_use]
    pub fn join(mut self, rest: Self) -> Self {
        self.0.extend(rest.0);
        self
    }

    /// The steps, from the root.
    #[must_use]
    pub fn segments(&self) -> &[Segment] {
        &self.0
    }
}

impl FromIterator<Segment> for FieldPath {
    fn from_iter<I: IntoIterator<Item = Segment>>(segments: I) -> Self {
        Self(segments.into_iter().collect())
    }
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("object");
        }
        for (depth, segment) in self.0.iter().enumerate() {
            match segment {
                Segment::Index(index) => write!(f, "[{index}]")?,
                Segment::Key(key) if !is_plain(key) => write_bracketed(f, key)?,
                Segment::Key(key) if depth == 0 => f.write_str(key)?,
                Segment::Key(key) => write!(f, ".{key}")?,
            }
        }
        Ok(())
    }
}

fn is_plain(key: &str) -> bool {
    // No field of the API has a longer name.
    (1..=64).contains(&key.len()) && key.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
}

/// A key that somebody chose: what would end it, or what a terminal would obey, is escaped, and
/// it is cut at a length that no annotation's name reaches.
fn write_bracketed(f: &mut fmt::Formatter<'_>, key: &str) -> fmt::Result {
    const SHOWN: usize = 320;
    f.write_char('[')?;
    for c in key.chars().take(SHOWN) {
        match c {
            ' ' | '[' | ']' | '`' => write!(f, "{}", c.escape_unicode())?,
            _ => f.write_str(&quote::escape(c.encode_utf8(&mut [0; 4])))?,
        }
    }
    if key.chars().nth(SHOWN).is_some() {
        f.write_char('…')?;
    }
    f.write_char(']')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_reads_as_it_is_written_in_documentation() {
        let tag = FieldPath::root().key("spec.tags").index(2);
        assert_eq!(tag.clone().key("from.name").to_string(), "spec.tags[2].from.name");
        assert_eq!(tag.to_string(), "spec.tags[2]");
        assert_eq!(FieldPath::root().to_string(), "object");
        assert_eq!(
            FieldPath::root().key("metadata.annotations").member("openshift.io/image.x").to_string(),
            "metadata.annotations[openshift.io/image.x]"
        );
        // What would end it.
        assert_eq!(FieldPath::root().member("a] [b`").to_string(), r"[a\u{5d}\u{20}\u{5b}b\u{60}]");
    }

    #[test]
    fn paths_sort_by_number_in_lists() {
        let tag = |index| FieldPath::root().key("spec.tags").index(index).key("name");
        assert!(tag(2) < tag(10));
        assert!(FieldPath::root().key("metadata") < tag(0));
    }
}
