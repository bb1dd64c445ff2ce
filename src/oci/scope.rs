//! Scopes: parts of the name space of images, looked up as containers-policy.json(5) does.
//!
//! A scope is a pull spec cut anywhere at a `/`: an image (`quay.io/acme/app:v1`), a repository,
//! a namespace, a registry; or the subdomains of a host (`*.corp.example`); or everything (`""`).
//! It is never a prefix of the text: `registry.io` is not `registry.io.evil.example`.

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Bound;

use crate::oci::reference::{self, PullSpec, ReferenceError, RegistryAliases};
use crate::quote::quote;

/// Docker's sites, which people see in their browsers and no image is pulled from.
const HUB_SITES: [&str; 3] = ["docker.com", "hub.docker.com", "www.docker.com"];
/// What is meant by one of them.
const HUB_INSTEAD: &str = "`docker.io`, which stands for each of the Hub's names";

/// One scope, normalised as a pull spec is.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Scope(String);

/// Why a text is no scope.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ScopeError {
    /// A wildcard with a port, a path, or no host.
    Wildcard,
    /// A `*` that does not stand for subdomains.
    Star,
    /// No image is pulled from there, or all are by another name; what to write instead.
    HoldsNothing(&'static str),
    /// It begins with no host; what is meant on Docker Hub.
    NoHost(String),
    /// A host that is none.
    Host,
    /// What follows the host does not follow the grammar.
    Reference(ReferenceError),
    /// It has a tag and a digest.
    TagAndDigest,
}

impl fmt::Display for ScopeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Wildcard => f.write_str("is not of the form `*.host`, without port and path"),
            Self::Star => f.write_str("has a `*` elsewhere than in a leading `*.`"),
            Self::HoldsNothing(instead) => write!(f, "holds nothing: write {instead}"),
            Self::NoHost(meant) => write!(f, "has no registry host: write {} for Docker Hub", quote(meant)),
            Self::Host => f.write_str("is not a registry host"),
            Self::Reference(error) => error.fmt(f),
            Self::TagAndDigest => f.write_str("has a tag and a digest: a scope has at most one of them"),
        }
    }
}

impl std::error::Error for ScopeError {}

impl Scope {
    /// Everything.
    pub const EVERYWHERE: &'static str = "";

    /// Parses what an administrator wrote.
    ///
    /// # Errors
    /// What is wrong with it, as the end of a sentence that begins with the scope.
    pub fn parse(text: &str) -> Result<Self, ScopeError> {
        if text == Self::EVERYWHERE {
            return Ok(Self::everywhere());
        }
        if let Some(host) = text.strip_prefix("*.") {
            let host = reference::normalize_host(host);
            if host.contains(['*', ':', '/', '@']) || PullSpec::parse(&format!("{host}.x/x")).is_err() {
                return Err(ScopeError::Wildcard);
            }
            if host == "openshift-image-registry.svc.cluster.local" {
                return Err(ScopeError::HoldsNothing(
                    "the integrated registry as `image-registry.openshift-image-registry.svc:5000`",
                ));
            }
            // Every name of these is folded into one that the scope would not hold.
            if host == reference::HUB || HUB_SITES.contains(&host.as_ref()) {
                return Err(ScopeError::HoldsNothing(HUB_INSTEAD));
            }
            return Ok(Self(format!("*.{host}")));
        }
        if text.contains('*') {
            return Err(ScopeError::Star);
        }
        let host = text.split('/').next().unwrap_or_default();
        if !reference::is_host(host) {
            let library = if text.contains('/') { "" } else { "library/" };
            return Err(ScopeError::NoHost(format!("docker.io/{library}{text}")));
        }
        if HUB_SITES.contains(&reference::normalize_host(host).as_ref()) {
            return Err(ScopeError::HoldsNothing(HUB_INSTEAD));
        }
        if !text.contains('/') {
            let host = reference::normalize_host(host);
            return match PullSpec::parse(&format!("{host}/x")) {
                Ok(_) => Ok(Self(host.into_owned())),
                Err(_) => Err(ScopeError::Host),
            };
        }
        // `docker.io/acme` is a namespace: only with a tag or digest is it an official image.
        let reference = reference::ImageReference::parse(text).map_err(ScopeError::Reference)?;
        let (host, id) = (reference::normalize_host(reference.registry), reference.id.to_ascii_lowercase());
        let mut scope = reference::ImageReference { registry: &host, id: &id, ..reference };
        let names_an_image = !scope.tag.is_empty() || !scope.id.is_empty();
        if names_an_image && scope.namespace.is_empty() && scope.registry == reference::HUB {
            scope.namespace = reference::HUB_NAMESPACE;
        }
        if !scope.tag.is_empty() && !scope.id.is_empty() {
            return Err(ScopeError::TagAndDigest);
        }
        Ok(Self(scope.exact()))
    }

    /// The scope of everything.
    #[must_use]
    pub fn everywhere() -> Self {
        Self(Self::EVERYWHERE.to_owned())
    }

    /// Whether it names a host, as opposed to many or all of them.
    #[must_use]
    pub fn has_host(&self) -> bool {
        self.0 != Self::EVERYWHERE && !self.0.starts_with("*.")
    }

    /// Whether it is a single image by digest.
    #[must_use]
    pub fn has_digest(&self) -> bool {
        self.0.contains('@')
    }

    /// Whether it is what a tag of a repository shows.
    #[must_use]
    pub fn has_tag(&self) -> bool {
        let path = self.0.split_once('/').map_or("", |(_, path)| path);
        !self.has_digest() && path.contains(':')
    }

    /// The repository of a single image; otherwise the whole scope.
    #[must_use]
    pub fn repository(&self) -> &str {
        let path_at = self.0.find('/').unwrap_or(self.0.len());
        let (host, path) = self.0.split_at(path_at);
        let end = path.find([':', '@']).unwrap_or(path.len());
        self.0.get(..host.len() + end).unwrap_or_default()
    }

    /// The normalised text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As a message shows it: `""` for everything.
    #[must_use]
    pub fn quoted(&self) -> String {
        quote(&self.0).to_string()
    }

    /// The official image of Docker Hub that `docker.io/nginx` may mean, beside the user of that name.
    #[must_use]
    pub fn official(&self) -> Option<Self> {
        let (host, name) = self.0.split_once('/')?;
        let is_one = host == reference::HUB && name != reference::HUB_NAMESPACE && !name.contains('/');
        is_one.then(|| Self(format!("{host}/{}/{name}", reference::HUB_NAMESPACE)))
    }

    /// The same scope with each registry name replaced by `canonical`.
    #[must_use]
    pub fn map_registry<'a>(&'a self, canonical: impl Fn(&'a str) -> &'a str) -> Self {
        match self.0.split_once('/') {
            Some((host, path)) => Self(format!("{}/{path}", canonical(host))),
            // Nothing, and `*.host`, are the name of no registry.
            None => Self(canonical(&self.0).to_owned()),
        }
    }
}

/// Scopes are sorted as their text is.
impl Borrow<str> for Scope {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for Scope {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Something for each of some scopes.
#[derive(Clone, Debug)]
pub struct ScopeMap<T> {
    /// By image, repository, namespace, host; `""` is everything.
    exact: BTreeMap<Scope, T>,
    /// By the host that stands behind `*.`, with the whole scope.
    wildcard: BTreeMap<String, (Scope, T)>,
}

/// A set of scopes.
pub type ScopeSet = ScopeMap<()>;

impl<T> Default for ScopeMap<T> {
    fn default() -> Self {
        Self { exact: BTreeMap::new(), wildcard: BTreeMap::new() }
    }
}

impl<T> ScopeMap<T> {
    /// What the most specific scope holds, with that scope; a digest is more specific than the
    /// tag beside it, which nobody pulls by.
    #[must_use]
    pub fn get(&self, spec: &PullSpec) -> Option<(&Scope, &T)> {
        self.image(spec).or_else(|| self.wider(spec))
    }

    /// What holds everywhere.
    #[must_use]
    pub fn everywhere(&self) -> Option<&T> {
        self.exact.get(Scope::EVERYWHERE)
    }

    /// What the most specific scope holds that names the host of an image, or another name of the registry,
    /// and not the port, where the image is pulled from a port that is not the usual one.
    #[must_use]
    pub fn at_any_port(&self, spec: &PullSpec, aliases: &RegistryAliases) -> Option<(&Scope, &T)> {
        let spec = aliases.rename(spec.without_port()?);
        let others = || self.beside(&spec).or_else(|| self.within(&spec).next());
        self.get(&spec).filter(|(scope, _)| scope.has_host()).or_else(others)
    }

    /// A scope that holds the image, by digest or by the tag beside it.
    #[must_use]
    pub fn containing(&self, spec: &PullSpec) -> Option<&Scope> {
        let others = || self.beside(spec).or_else(|| self.within(spec).next());
        self.get(spec).or_else(others).map(|(scope, _)| scope)
    }

    /// What the scope of the tag beside a digest holds.
    #[must_use]
    pub fn beside(&self, spec: &PullSpec) -> Option<(&Scope, &T)> {
        let image = format!("{}:{}", spec.name(), spec.tag().filter(|_| spec.digest().is_some())?);
        self.exact.get_key_value(image.as_str())
    }

    /// What the scopes of single images hold that are in a whole repository.
    pub fn within<'s, 'p>(
        &'s self,
        spec: &'p PullSpec,
    ) -> impl Iterator<Item = (&'s Scope, &'s T)> + use<'s, 'p, T> {
        let of = |scope: &Scope| {
            scope.as_str().strip_prefix(spec.name()).is_some_and(|rest| rest.starts_with([':', '@']))
        };
        let whole = spec.is_whole().then(|| self.beginning_with(spec.name()));
        whole.into_iter().flatten().filter(move |(scope, _)| of(scope))
    }

    /// The exact scopes that begin with a text, itself among them.
    fn beginning_with<'s, 'p>(
        &'s self,
        text: &'p str,
    ) -> impl Iterator<Item = (&'s Scope, &'s T)> + use<'s, 'p, T> {
        let held = self.exact.range::<str, _>((Bound::Included(text), Bound::Unbounded));
        held.take_while(move |(scope, _)| scope.as_str().starts_with(text))
    }

    /// The scopes, those of registry names first.
    pub fn scopes(&self) -> impl Iterator<Item = &Scope> {
        self.exact.keys().chain(self.wildcard.values().map(|(scope, _)| scope))
    }

    /// Whether there is no scope.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.exact.is_empty() && self.wildcard.is_empty()
    }

    /// What the scopes hold.
    pub fn values(&self) -> impl Iterator<Item = &T> {
        self.exact.values().chain(self.wildcard.values().map(|(_, value)| value))
    }

    fn image(&self, spec: &PullSpec) -> Option<(&Scope, &T)> {
        // Where nothing is said of any of its images, there is no need to write one.
        if spec.is_whole() || self.beginning_with(spec.name()).all(|(scope, _)| scope.as_str() == spec.name())
        {
            return None;
        }
        let image = match (spec.digest(), spec.effective_tag()) {
            (Some(digest), _) => format!("{}@{digest}", spec.name()),
            (None, tag) => format!("{}:{}", spec.name(), tag.unwrap_or_default()),
        };
        self.exact.get_key_value(image.as_str())
    }

    fn wider(&self, spec: &PullSpec) -> Option<(&Scope, &T)> {
        let mut name = spec.name();
        loop {
            if let Some(found) = self.exact.get_key_value(name) {
                return Some(found);
            }
            match name.rsplit_once('/') {
                Some((parent, _)) => name = parent,
                None => break,
            }
        }
        let host = spec.registry().split(':').next().unwrap_or_default();
        let mut host = if self.wildcard.is_empty() { "" } else { host };
        while let Some((_, domain)) = host.split_once('.') {
            if let Some((scope, found)) = self.wildcard.get(domain) {
                return Some((scope, found));
            }
            host = domain;
        }
        self.exact.get_key_value(Scope::EVERYWHERE)
    }
}

impl<T> FromIterator<(Scope, T)> for ScopeMap<T> {
    fn from_iter<I: IntoIterator<Item = (Scope, T)>>(scopes: I) -> Self {
        let mut map = Self::default();
        for (scope, value) in scopes {
            let domain = scope.as_str().strip_prefix("*.").map(str::to_owned);
            match domain {
                Some(domain) => {
                    map.wildcard.insert(domain, (scope, value));
                }
                None => {
                    map.exact.insert(scope, value);
                }
            }
        }
        map
    }
}

impl FromIterator<Scope> for ScopeSet {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        scopes.into_iter().map(|scope| (scope, ())).collect()
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail")]
mod tests {
    use super::*;

    const D: &str = "sha256:3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25";

    fn set(scopes: &[&str]) -> ScopeSet {
        scopes.iter().map(|scope| Scope::parse(scope).unwrap()).collect()
    }

    fn found(scopes: &[&str], image: &str) -> Option<String> {
        let spec = PullSpec::parse(image).unwrap();
        set(scopes).get(&spec).map(|(scope, ())| scope.to_string())
    }

    #[test]
    fn a_scope_is_never_a_prefix_of_the_text() {
        for (scope, inside, outside) in [
            ("registry.io", "registry.io/x", "registry.io.evil.example/x"),
            ("registry.io", "registry.io/a/b:1", "registry.io:5000/x"),
            ("docker.io", "nginx", "docker.io.evil.com/x"),
            ("quay.io/acme", "quay.io/acme/app", "quay.io/acme-evil/app"),
            ("quay.io/acme/app", "quay.io/acme/app:v2", "quay.io/acme/app2"),
            ("quay.io/acme/app:v1", "quay.io/acme/app:v1", "quay.io/acme/app:v10"),
            ("quay.io/acme/app:latest", "quay.io/acme/app", "quay.io/acme/app:v1"),
            ("*.corp.example", "a.corp.example/x", "corp.example/x"),
            ("*.corp.example", "a.b.corp.example:5000/x", "acorp.example/x"),
            ("*.corp.example", "a.corp.example/x", "corp.example.evil.io/x"),
            ("localhost:5000", "localhost:5000/x", "localhost/x"),
            ("registry.io:5000", "registry.io:5000/x", "registry.io/x"),
            ("INDEX.docker.io/acme", "acme/app", "docker.io/acme2/app"),
            ("quay.io:443/acme", "quay.io/acme/app", "quay.io:8443/acme/app"),
            ("docker.io/nginx:1", "nginx:1", "docker.io/nginx/nginx:1"),
            (&format!("docker.io/nginx@{D}"), &format!("nginx@{D}"), "nginx"),
        ] {
            assert!(found(&[scope], inside).is_some(), "{scope} holds {inside}");
            assert_eq!(found(&[scope], outside), None, "{scope} does not hold {outside}");
        }
    }

    /// containers/image `TestDockerReference`, in `docker/policyconfiguration`.
    #[test]
    fn the_most_specific_scope_wins_in_the_order_of_the_manual() {
        let image = "yet.another.example.com:8443/ns/repo:t";
        let order = [
            "yet.another.example.com:8443/ns/repo:t",
            "yet.another.example.com:8443/ns/repo",
            "yet.another.example.com:8443/ns",
            "yet.another.example.com:8443",
            "*.another.example.com",
            "*.example.com",
            "*.com",
            "",
        ];
        for (rank, first) in order.iter().enumerate() {
            let rest: Vec<&str> = order.iter().skip(rank).copied().collect();
            assert_eq!(found(&rest, image).as_deref(), Some(*first));
        }
    }

    #[test]
    fn a_tag_beside_a_digest_widens_no_permission_but_meets_a_refusal() {
        let both = PullSpec::parse(&format!("quay.io/x:v1@{D}")).unwrap();
        assert!(set(&["quay.io/x:v1"]).get(&both).is_none());
        assert!(set(&["quay.io/x:v1"]).containing(&both).is_some());
        assert!(set(&[&format!("quay.io/x@{D}")]).get(&both).is_some());
    }

    #[test]
    fn a_whole_repository_is_no_image_of_it_but_meets_what_is_said_of_one() {
        let whole = |text: &str| PullSpec::parse(text).unwrap().of_every_image();
        for text in ["quay.io/acme/app", "quay.io/acme/app:v1", &format!("quay.io/acme/app@{D}")] {
            let spec = whole(text);
            for image in ["quay.io/acme/app:latest", "quay.io/acme/app:v1", &format!("quay.io/acme/app@{D}")]
            {
                assert!(set(&[image]).get(&spec).is_none(), "{image}: {text}");
                assert_eq!(set(&[image]).containing(&spec).unwrap().as_str(), image, "{text}");
            }
            assert!(set(&["quay.io/acme/app"]).get(&spec).is_some());
            assert!(set(&["quay.io/acme"]).get(&spec).is_some());
        }
        let others =
            ["quay.io/acme/app2:v1", "quay.io/acme/app/x:v1", "quay.io/acme/ap:v1", "quay.io/acme/ap"];
        assert!(set(&others).containing(&whole("quay.io/acme/app")).is_none());
        let image = PullSpec::parse("quay.io/acme/app").unwrap();
        assert!(set(&["quay.io/acme/app:v1"]).containing(&image).is_none());
    }

    #[test]
    fn what_could_never_match_is_refused() {
        for (scope, reason) in [
            ("busybox", "docker.io/library/busybox"),
            ("acme/app", "docker.io/acme/app"),
            ("quay.io/*", "`*`"),
            ("*quay.io", "`*`"),
            ("*.", "`*.host`"),
            ("*.corp.example:5000", "`*.host`"),
            ("*.corp.example/x", "`*.host`"),
            ("*.docker.io", "holds nothing"),
            ("*.index.docker.io", "holds nothing"),
            ("*.Docker.IO", "holds nothing"),
            ("*.hub.docker.com", "holds nothing"),
            ("*.docker.com", "holds nothing"),
            ("*.openshift-image-registry.svc.cluster.local", "holds nothing"),
            ("quay.io/Acme", "form"),
            ("https://quay.io/x", "form"),
            ("quay.io/", "form"),
            ("quay.io/x@sha256:00", "digest"),
            (&format!("quay.io/x:1@{D}"), "at most one"),
            ("quay.io:x", "host"),
            ("quay.io:", "host"),
            ("a\u{1b}[2Jb", "`docker.io/library/a\\u{1b}[2Jb`"),
        ] {
            let error = Scope::parse(scope).unwrap_err().to_string();
            assert!(error.contains(reason), "{scope}: {error}");
        }
    }

    #[test]
    fn a_scope_tells_its_parts() {
        for (text, has_tag, has_digest, has_host, repository) in [
            ("quay.io/acme/app:v1", true, false, true, "quay.io/acme/app"),
            ("localhost:5000/app:v1", true, false, true, "localhost:5000/app"),
            ("localhost:5000/app", false, false, true, "localhost:5000/app"),
            ("localhost:5000", false, false, true, "localhost:5000"),
            (&format!("localhost:5000/app@{D}"), false, true, true, "localhost:5000/app"),
            ("*.corp.example", false, false, false, "*.corp.example"),
            ("", false, false, false, ""),
        ] {
            let scope = Scope::parse(text).unwrap();
            let found = (scope.has_tag(), scope.has_digest(), scope.has_host(), scope.repository());
            assert_eq!(found, (has_tag, has_digest, has_host, repository), "{text}");
        }
    }

    #[test]
    fn a_host_without_a_port_is_found_at_any_port() {
        for (scope, image, found) in [
            ("reg.example", "reg.example:8443/ns/app", true),
            ("reg.example/ns", "reg.example:8443/ns/app:v1", true),
            ("reg.example/ns/app:v1", "reg.example:8443/ns/app:v1", true),
            ("reg.example:443/ns", "reg.example:80/ns/app", true),
            ("reg.example/ns/app:v1", "reg.example:8443/ns/app:v2", false),
            ("reg.example/other", "reg.example:8443/ns/app", false),
            ("reg.example:5000", "reg.example:8443/ns/app", false),
            ("reg.example", "reg.example/ns/app", false),
            ("eg.example", "reg.example:8443/ns/app", false),
            ("*.example", "reg.example:8443/ns/app", false),
            ("", "reg.example:8443/ns/app", false),
        ] {
            let spec = PullSpec::parse(image).unwrap();
            let aliases = RegistryAliases::default();
            assert_eq!(set(&[scope]).at_any_port(&spec, &aliases).is_some(), found, "{scope} at {image}");
        }
    }

    #[test]
    fn another_name_without_a_port_is_found_at_any_port() {
        let aliases = RegistryAliases::new(&[vec!["reg.example".to_owned(), "mirror.example".to_owned()]]);
        for (image, found) in [
            ("mirror.example:8443/ns/app", true),
            ("Mirror.Example:80/ns/app", true),
            ("other.example:8443/ns/app", false),
        ] {
            let spec = PullSpec::parse(image).unwrap();
            assert_eq!(set(&["reg.example/ns"]).at_any_port(&spec, &aliases).is_some(), found, "{image}");
        }
    }

    #[test]
    fn an_alias_is_the_same_registry() {
        fn canonical(host: &str) -> &str {
            if host == "route.example" { "svc:5000" } else { host }
        }
        for (scope, mapped) in [
            ("route.example/ns", "svc:5000/ns"),
            ("route.example", "svc:5000"),
            ("quay.io/route.example", "quay.io/route.example"),
            ("*.example", "*.example"),
            ("", ""),
        ] {
            let scope = Scope::parse(scope).unwrap();
            assert_eq!(scope.map_registry(canonical).as_str(), mapped);
        }
    }
}
