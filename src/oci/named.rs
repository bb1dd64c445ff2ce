//! References as signers and container runtimes read them (distribution's "normalized named" form),
//! which is not quite as the API server does.

use std::fmt;

use crate::oci::digest::Digest;
use crate::oci::reference::{self, PullSpec, RegistryAliases};

/// A reference in normalised form.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Named {
    /// Host and repository.
    pub name: String,
    /// Tag, if it has one.
    pub tag: Option<String>,
    /// Digest, if it has one.
    pub digest: Option<Digest>,
}

impl Named {
    /// Parses a reference as distribution's `ParseNormalizedNamed` does; `None` for what it rejects.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_id = |name: &str| {
            name.len() == 64 && name.chars().all(|c| c.is_ascii_digit() || ('a'..='f').contains(&c))
        };
        if is_id(text) {
            return None;
        }
        let (domain, path) = match text.split_once('/') {
            Some((first, rest)) if reference::is_host(first) => (first, rest),
            _ => (reference::HUB, text),
        };
        let domain = if domain == "index.docker.io" { reference::HUB } else { domain };
        let library = if domain == reference::HUB && !path.contains('/') { "library/" } else { "" };
        let repository = path.split(':').next().unwrap_or_default();
        if repository.to_lowercase() != repository {
            return None;
        }
        let full = format!("{domain}/{library}{path}");
        let (name, tag, digest) = reference::split(&full).ok()?;
        let digest = match digest {
            Some(digest) => Some(Digest::parse(digest)?),
            None => None,
        };
        Some(Self { name: name.to_owned(), tag: tag.map(str::to_owned), digest })
    }

    /// The reference of an image that is pulled by this pull spec: the server drops a tag beside a digest.
    #[must_use]
    pub fn of(spec: &PullSpec) -> Self {
        let digest = spec.digest().cloned();
        let tag = spec.tag().filter(|_| digest.is_none()).map(str::to_owned);
        Self { name: spec.name().to_owned(), tag, digest }
    }

    /// Writes the host as scopes compare it: in lower case, without `:443`, under its canonical name.
    #[must_use]
    pub fn normalize(mut self, aliases: &RegistryAliases) -> Self {
        if let Some((host, path)) = self.name.split_once('/') {
            let normal = reference::normalize_host(host);
            let library = match normal == reference::HUB && host != reference::HUB && !path.contains('/') {
                true => "library/",
                false => "",
            };
            let canonical = aliases.canonical(&normal);
            if canonical != host || !library.is_empty() {
                self.name = format!("{canonical}/{library}{path}");
            }
        }
        self
    }

    /// Whether it names a whole repository, and so never one image exactly.
    #[must_use]
    pub fn is_name_only(&self) -> bool {
        self.tag.is_none() && self.digest.is_none()
    }

    /// Whether both name the same image, by tag or digest.
    #[must_use]
    pub fn is_exactly(&self, other: &Self) -> bool {
        !self.is_name_only() && self == other
    }
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        reference::write(f, &self.name, self.tag.as_deref(), self.digest.as_ref())
    }
}
