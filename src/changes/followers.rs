//! Tags that show whatever another tag of their stream shows.

use std::collections::{BTreeMap, BTreeSet};

/// Which tags of a stream follow which other ones of it.
#[derive(Debug, Default)]
pub struct Followers(BTreeMap<String, Vec<String>>);

impl Followers {
    /// Whether no tag follows another one.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the tags that follow `tag`, directly or through others, itself left out. What follows a tag
    /// for which `stops` holds is left out too.
    pub fn of(&self, tag: &str, stops: impl Fn(&str) -> bool) -> BTreeSet<&str> {
        let mut found = BTreeSet::new();
        let mut left = vec![tag];
        while let Some(followed) = left.pop() {
            for name in self.0.get(followed).into_iter().flatten().filter(|name| *name != tag) {
                if found.insert(name.as_str()) && !stops(name) {
                    left.push(name);
                }
            }
        }
        found
    }
}

/// Pairs of a tag and the one that it follows.
impl<'t> FromIterator<(&'t str, &'t str)> for Followers {
    fn from_iter<I: IntoIterator<Item = (&'t str, &'t str)>>(pairs: I) -> Self {
        let mut followers = Self::default();
        for (tag, followed) in pairs {
            followers.0.entry(followed.to_owned()).or_default().push(tag.to_owned());
        }
        followers
    }
}

#[cfg(test)]
mod tests {
    use super::Followers;

    #[test]
    fn who_follows_through_others_follows() {
        let pairs =
            [("v1", "stable"), ("stable", "latest"), ("edge", "main"), ("latest", "v1"), ("me", "me")];
        let followers: Followers = pairs.into_iter().collect();
        for (tag, expected) in [
            ("latest", &["stable", "v1"][..]),
            ("stable", &["latest", "v1"]),
            ("v1", &["latest", "stable"]),
            ("main", &["edge"]),
            ("edge", &[]),
            ("me", &[]),
            ("", &[]),
        ] {
            let found: Vec<&str> = followers.of(tag, |_| false).into_iter().collect();
            assert_eq!(found, expected, "{tag}");
        }
        let found: Vec<&str> = followers.of("latest", |tag| tag == "stable").into_iter().collect();
        assert_eq!(found, ["stable"]);
    }
}
