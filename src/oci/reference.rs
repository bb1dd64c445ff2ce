//! The one place where a pull spec is parsed and normalised.
//!
//! The grammar and the way it splits are OpenShift's own (library-go
//! `pkg/image/reference/reference.go` over the distribution grammar), so that we read in a
//! reference what the API server reads. [`PullSpec`] is what a policy compares: normalised, and
//! refused where the server lets something through that names no image.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use crate::oci::digest::Digest;

/// The registry that a reference without one means.
pub const HUB: &str = "docker.io";
/// Other names of [`HUB`].
const HUB_ALIASES: [&str; 2] = ["index.docker.io", "registry-1.docker.io"];
/// The namespace of a Docker Hub repository without one.
pub const HUB_NAMESPACE: &str = "library";
/// The tag of a reference without tag and digest.
const DEFAULT_TAG: &str = "latest";
/// Longest name (host and repository), in bytes.
const NAME_MAX: usize = 255;
/// Longest tag, in bytes.
pub const TAG_MAX: usize = 128;

/// A reference as OpenShift splits it, verbatim; unset parts are empty.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct ImageReference<'a> {
    /// Host and port.
    pub registry: &'a str,
    /// First component of the repository, where it has several.
    pub namespace: &'a str,
    /// The rest of the repository.
    pub name: &'a str,
    /// The tag.
    pub tag: &'a str,
    /// The digest, `sha256:…`.
    pub id: &'a str,
}

/// Why a reference cannot be used.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ReferenceError {
    /// No text.
    Empty,
    /// Does not follow the grammar.
    Malformed,
    /// An algorithm that is not sha256, sha384 or sha512, or a wrong number of digits.
    Digest,
    /// Host and repository exceed 255 bytes.
    TooLong,
    /// It reads as a registry without a repository: `quay.io`, `my.app:1.0`.
    NoRepository,
    /// The repository is not lower case: no registry serves it.
    UpperCase,
}

impl ReferenceError {
    /// Whether the API server stores such a reference all the same. Container runtimes read `my.app:1`, to it a
    /// registry without a repository, as an image of Docker Hub.
    #[must_use]
    pub fn is_stored(self) -> bool {
        matches!(self, Self::NoRepository | Self::UpperCase)
    }
}

impl fmt::Display for ReferenceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "is empty",
            Self::Malformed => "is not of the form `registry/repository:tag` or `registry/repository@digest`",
            Self::Digest => "has a digest that is not sha256, sha384 or sha512 in full length",
            Self::TooLong => "has a name of more than 255 bytes, registry included",
            Self::NoRepository => "is read as a registry without a repository",
            Self::UpperCase => "has upper-case letters in its repository",
        })
    }
}

impl<'a> ImageReference<'a> {
    /// Parses as library-go's `reference.Parse` does.
    ///
    /// # Errors
    /// The first thing that does not follow the grammar.
    pub fn parse(text: &'a str) -> Result<Self, ReferenceError> {
        if text.is_empty() {
            return Err(ReferenceError::Empty);
        }
        let (name, tag, id) = split(text)?;
        let mut reference =
            Self { tag: tag.unwrap_or_default(), id: id.unwrap_or_default(), ..Self::default() };
        match name.split_once('/') {
            // Without a slash, what looks like a host is one, tag and digest included.
            None if name.contains('.') || name.starts_with("localhost") => {
                reference.registry = text;
                reference.tag = "";
            }
            None => reference.name = name,
            Some((host, repository)) => {
                let repository = if is_host(host) {
                    reference.registry = host;
                    repository
                } else {
                    name
                };
                (reference.namespace, reference.name) =
                    repository.split_once('/').unwrap_or(("", repository));
            }
        }
        Ok(reference)
    }

    /// Fills in what a Docker client assumes: Docker Hub, `library`, `latest`.
    #[must_use]
    pub fn docker_client_defaults(mut self) -> Self {
        if self.registry.is_empty() {
            self.registry = HUB;
        }
        if self.namespace.is_empty() && is_hub(self.registry) {
            self.namespace = HUB_NAMESPACE;
        }
        if self.tag.is_empty() {
            self.tag = DEFAULT_TAG;
        }
        self
    }

    /// Without tag and digest.
    #[must_use]
    pub fn as_repository(mut self) -> Self {
        self.tag = "";
        self.id = "";
        self
    }

    /// The reference as text, the tag dropped where there is a digest; empty without a name.
    #[must_use]
    pub fn exact(&self) -> String {
        if self.name.is_empty() {
            return String::new();
        }
        let mut exact = String::new();
        for part in [self.registry, self.namespace] {
            if !part.is_empty() {
                exact.push_str(part);
                exact.push('/');
            }
        }
        exact.push_str(self.name);
        if !self.id.is_empty() {
            exact.push('@');
            exact.push_str(self.id);
        } else if !self.tag.is_empty() {
            exact.push(':');
            exact.push_str(self.tag);
        }
        exact
    }
}

/// A pull spec as rules compare it: host in lower case, Docker Hub under one name, `:443` gone,
/// `library/` written out, digest in lower case.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PullSpec {
    /// `registry/repository`.
    name: String,
    registry_length: usize,
    tag: Option<String>,
    digest: Option<Digest>,
    is_whole: bool,
}

impl PullSpec {
    /// Parses and normalises.
    ///
    /// # Errors
    /// Besides the grammar's: no repository, or one that no registry can serve.
    pub fn parse(text: &str) -> Result<Self, ReferenceError> {
        let reference = ImageReference::parse(text)?;
        if reference.name.is_empty() {
            return Err(ReferenceError::NoRepository);
        }
        let registry = match reference.registry {
            "" => Cow::Borrowed(HUB),
            host => normalize_host(host),
        };
        let namespace = match reference.namespace {
            "" if registry == HUB => HUB_NAMESPACE,
            namespace => namespace,
        };
        if [namespace, reference.name].iter().any(|part| part.bytes().any(|byte| byte.is_ascii_uppercase())) {
            return Err(ReferenceError::UpperCase);
        }
        let mut name = String::with_capacity(registry.len() + namespace.len() + reference.name.len() + 2);
        for part in [&registry, namespace] {
            if !part.is_empty() {
                name.push_str(part);
                name.push('/');
            }
        }
        name.push_str(reference.name);
        Ok(Self {
            name,
            registry_length: registry.len(),
            tag: (!reference.tag.is_empty()).then(|| reference.tag.to_owned()),
            digest: Digest::parse_any_case(reference.id),
            is_whole: false,
        })
    }

    /// The whole repository, whatever tag or digest is written: every image in it, now and later.
    #[must_use]
    pub fn of_every_image(mut self) -> Self {
        self.is_whole = true;
        self
    }

    /// Whether the whole repository is meant.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// Host, port and repository, normalised: the widest that is still one repository.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Host and port, normalised.
    #[must_use]
    pub fn registry(&self) -> &str {
        self.name.get(..self.registry_length).unwrap_or_default()
    }

    /// The path below the registry.
    #[must_use]
    pub fn repository(&self) -> &str {
        self.name.get(self.registry_length + 1..).unwrap_or_default()
    }

    /// First component of a repository that has several: the project, in OpenShift's registry.
    #[must_use]
    pub fn namespace(&self) -> Option<&str> {
        self.repository().split_once('/').map(|(namespace, _)| namespace)
    }

    /// The tag as written.
    #[must_use]
    pub fn tag(&self) -> Option<&str> {
        self.tag.as_deref()
    }

    /// The tag that a client would ask for: none beside a digest, else `latest` unless written.
    #[must_use]
    pub fn effective_tag(&self) -> Option<&str> {
        if self.is_whole {
            return None;
        }
        match (&self.tag, &self.digest) {
            (Some(tag), _) => Some(tag),
            (None, Some(_)) => None,
            (None, None) => Some(DEFAULT_TAG),
        }
    }

    /// The manifest digest.
    #[must_use]
    pub fn digest(&self) -> Option<&Digest> {
        self.digest.as_ref().filter(|_| !self.is_whole)
    }

    /// The same at the usual port, where another one is written.
    #[must_use]
    pub fn without_port(&self) -> Option<Self> {
        let (host, _) = self.registry().split_once(':')?;
        // Without a dot it would be no host, and is none that a scope can name.
        (host.contains('.') || host == "localhost").then(|| self.clone().with_registry(host))
    }

    /// The same with another name for the registry.
    #[must_use]
    pub fn with_registry(mut self, registry: &str) -> Self {
        self.name = format!("{registry}/{}", self.repository());
        self.registry_length = registry.len();
        self
    }
}

impl fmt::Display for PullSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write(f, &self.name, self.tag.as_deref(), self.digest.as_ref())
    }
}

/// Writes a reference of these parts.
pub(crate) fn write(
    f: &mut fmt::Formatter<'_>,
    name: &str,
    tag: Option<&str>,
    digest: Option<&Digest>,
) -> fmt::Result {
    f.write_str(name)?;
    if let Some(tag) = tag {
        write!(f, ":{tag}")?;
    }
    if let Some(digest) = digest {
        write!(f, "@{digest}")?;
    }
    Ok(())
}

/// The name of OpenShift's integrated registry that the server writes.
pub const INTEGRATED_HOST: &str = "image-registry.openshift-image-registry.svc:5000";

/// Names of OpenShift's integrated registry inside the cluster. Its route is one more name, which
/// `trust.registryAliases` can tell.
pub const INTEGRATED: [&str; 2] =
    [INTEGRATED_HOST, "image-registry.openshift-image-registry.svc.cluster.local:5000"];

/// Whether a normalised host is OpenShift's integrated registry.
#[must_use]
pub fn is_integrated(host: &str) -> bool {
    INTEGRATED.contains(&host)
}

/// Several names of one registry: each is compared as if it were the group's first, or, where the
/// integrated registry is in the group, as that. The integrated registry's own two always are one.
#[derive(Clone, Debug)]
pub struct RegistryAliases(BTreeMap<String, String>);

impl Default for RegistryAliases {
    fn default() -> Self {
        Self::new(&[])
    }
}

impl RegistryAliases {
    /// Groups of names.
    #[must_use]
    pub fn new(groups: &[Vec<String>]) -> Self {
        let [integrated, other] = INTEGRATED.map(str::to_owned);
        let mut names = BTreeMap::from([(other, integrated.clone())]);
        for group in groups {
            let hosts: Vec<String> = group.iter().map(|host| normalize_host(host).into_owned()).collect();
            let canonical = match hosts.iter().any(|host| is_integrated(host)) {
                true => Some(&integrated),
                false => hosts.first(),
            };
            let canonical = canonical.cloned();
            names.extend(hosts.into_iter().filter_map(|host| Some((host, canonical.clone()?))));
        }
        Self(names)
    }

    /// The name under which a host is compared.
    #[must_use]
    pub fn canonical<'h>(&'h self, host: &'h str) -> &'h str {
        self.0.get(host).map_or(host, String::as_str)
    }

    /// The pull spec under that name.
    #[must_use]
    pub fn rename(&self, spec: PullSpec) -> PullSpec {
        match self.0.get(spec.registry()) {
            Some(canonical) => spec.with_registry(canonical),
            None => spec,
        }
    }
}

/// A registry's host as it is compared: lower case, no `:443`, Docker Hub under one name.
#[must_use]
pub fn normalize_host(host: &str) -> Cow<'_, str> {
    let mut normal = Cow::Borrowed(host);
    if host.bytes().any(|byte| byte.is_ascii_uppercase()) {
        normal = Cow::Owned(host.to_ascii_lowercase());
    }
    if let Some((name, port)) = normal.split_once(':') {
        // `:0443` dials the same port. Without it, `registry:443` would be no host any more.
        let dialled = match port.trim_start_matches('0') {
            "" if !port.is_empty() => "0",
            digits => digits,
        };
        if dialled == "443" && is_host(name) {
            normal = Cow::Owned(name.to_owned());
        } else if is_hub_s(name) {
            normal = Cow::Owned(format!("{HUB}:{dialled}"));
        } else if dialled != port {
            normal = Cow::Owned(format!("{name}:{dialled}"));
        }
    }
    if is_hub_s(&normal) { Cow::Borrowed(HUB) } else { normal }
}

/// Whether the first component of a name is a host rather than part of the repository.
#[must_use]
pub fn is_host(component: &str) -> bool {
    component.contains(['.', ':']) || component == "localhost"
}

/// Whether the text can be the name of a tag: `[\w][\w.-]{0,127}`, as `oc tag` asks.
#[must_use]
pub fn is_tag(text: &str) -> bool {
    tag_is_valid(text)
}

fn is_hub(host: &str) -> bool {
    host == HUB || HUB_ALIASES.contains(&host)
}

/// Whether the Hub answers to a name, which need not be one that Docker's clients know.
fn is_hub_s(host: &str) -> bool {
    is_hub(host) || host == "registry.hub.docker.com"
}

/// Name, tag and digest of a reference that follows the grammar.
///
/// # Errors
/// The first thing that does not.
pub(crate) fn split(text: &str) -> Result<(&str, Option<&str>, Option<&str>), ReferenceError> {
    let (rest, id) = match text.split_once('@') {
        Some((rest, id)) => (rest, Some(id)),
        None => (text, None),
    };
    let (name, tag) = split_tag(rest);
    if !name_is_valid(name) || tag.is_some_and(|tag| !tag_is_valid(tag)) {
        return Err(ReferenceError::Malformed);
    }
    if id.is_some_and(|id| !Digest::is_valid(id)) {
        return Err(ReferenceError::Digest);
    }
    if name.len() > NAME_MAX {
        return Err(ReferenceError::TooLong);
    }
    Ok((name, tag, id))
}

/// The last colon starts the tag, unless a slash follows it: then it belongs to the host's port.
fn split_tag(text: &str) -> (&str, Option<&str>) {
    match text.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
        _ => (text, None),
    }
}

/// `[host "/"] component ("/" component)*`.
fn name_is_valid(name: &str) -> bool {
    match name.split_once('/') {
        None => component_is_valid(name.as_bytes()),
        Some((first, rest)) => {
            (component_is_valid(first.as_bytes()) || host_is_valid(first))
                && rest.as_bytes().split(|byte| *byte == b'/').all(component_is_valid)
        }
    }
}

/// `[a-z0-9]+` runs, joined by one `.`, one or two `_`, or any number of `-`.
fn component_is_valid(component: &[u8]) -> bool {
    let is_alphanumeric = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let ends_well = |end: Option<&u8>| end.is_some_and(|byte| is_alphanumeric(*byte));
    ends_well(component.first())
        && ends_well(component.last())
        && component.chunk_by(|one, next| is_alphanumeric(*one) == is_alphanumeric(*next)).all(|run| {
            run.iter().all(|byte| is_alphanumeric(*byte) || *byte == b'-')
                || matches!(run, b"." | b"_" | b"__")
        })
}

/// `label("." label)* [":" digits]`.
fn host_is_valid(host: &str) -> bool {
    let (name, port) = match host.split_once(':') {
        Some((name, port)) => (name, Some(port)),
        None => (host, None),
    };
    let label_is_valid = |label: &[u8]| {
        !label.is_empty()
            && label.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
            && !label.starts_with(b"-")
            && !label.ends_with(b"-")
    };
    name.as_bytes().split(|byte| *byte == b'.').all(label_is_valid)
        && port.is_none_or(|port| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()))
}

fn tag_is_valid(tag: &str) -> bool {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    tag.len() <= TAG_MAX
        && tag.bytes().next().is_some_and(is_word)
        && tag.bytes().all(|byte| is_word(byte) || matches!(byte, b'.' | b'-'))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail")]
mod tests {
    use serde::Deserialize;

    use super::*;

    const D: &str = "sha256:3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25";

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Vector {
        input: String,
        ok: bool,
        #[serde(default)]
        registry: String,
        #[serde(default)]
        namespace: String,
        #[serde(default)]
        name: String,
        #[serde(default)]
        tag: String,
        #[serde(default)]
        id: String,
        exact: Option<String>,
        docker_client_defaults_exact: Option<String>,
        canonical_repository: Option<String>,
    }

    #[test]
    fn every_vector_splits_as_the_api_server_splits_it() {
        let vectors: Vec<Vector> =
            serde_json::from_str(include_str!("../../tests/reference-cases.json")).unwrap();
        assert_eq!(vectors.len(), 72);
        for vector in vectors {
            let input = &vector.input;
            let parsed = ImageReference::parse(input);
            assert_eq!(parsed.is_ok(), vector.ok, "{input}: {parsed:?}");
            let Ok(parsed) = parsed else { continue };
            let expected = ImageReference {
                registry: &vector.registry,
                namespace: &vector.namespace,
                name: &vector.name,
                tag: &vector.tag,
                id: &vector.id,
            };
            assert_eq!(parsed, expected, "{input}");
            assert_eq!(Some(parsed.exact()), vector.exact, "{input}");
            let defaulted = parsed.docker_client_defaults();
            assert_eq!(Some(defaulted.exact()), vector.docker_client_defaults_exact, "{input}");
            assert_eq!(Some(defaulted.as_repository().exact()), vector.canonical_repository, "{input}");
        }
    }

    #[test]
    fn one_image_has_one_normal_form() {
        for (input, normal) in [
            ("busybox", "docker.io/library/busybox"),
            ("library/busybox:1", "docker.io/library/busybox:1"),
            ("index.docker.io/busybox", "docker.io/library/busybox"),
            ("registry-1.docker.io/acme/x:2", "docker.io/acme/x:2"),
            ("Docker.io/library/x", "docker.io/library/x"),
            ("INDEX.docker.io/x", "docker.io/library/x"),
            ("QUAY.io:443/acme/app", "quay.io/acme/app"),
            ("quay.io:8443/acme/app", "quay.io:8443/acme/app"),
            ("docker.io:443/x", "docker.io/library/x"),
            ("registry.hub.docker.com/library/x", "docker.io/library/x"),
            ("quay.io:00443/acme/app", "quay.io/acme/app"),
            ("quay.io:00/acme/app", "quay.io:0/acme/app"),
            ("registry:0443/acme/app", "registry:443/acme/app"),
            ("localhost:443/x", "localhost/x"),
            ("registry:000/acme/app", "registry:0/acme/app"),
            ("localhost/x", "localhost/x"),
            ("acme/app", "docker.io/acme/app"),
        ] {
            assert_eq!(PullSpec::parse(input).unwrap().to_string(), normal, "{input}");
        }
        let upper = format!("quay.io/a@{}", D.to_uppercase().replace("SHA256", "sha256"));
        assert_eq!(PullSpec::parse(&upper).unwrap().digest().unwrap(), D);
    }

    #[test]
    fn what_names_no_image_is_refused_though_the_server_takes_it() {
        for (input, error) in [
            ("", ReferenceError::Empty),
            ("quay.io", ReferenceError::NoRepository),
            ("my.app:1.0", ReferenceError::NoRepository),
            ("localhost-app:1", ReferenceError::NoRepository),
            ("localhost:5000", ReferenceError::NoRepository),
            ("FOO/bar", ReferenceError::UpperCase),
            ("quay.io/acme/App", ReferenceError::Malformed),
            ("*", ReferenceError::Malformed),
            (" quay.io/x", ReferenceError::Malformed),
            ("docker://quay.io/x", ReferenceError::Malformed),
            ("quay.io/x:", ReferenceError::Malformed),
            ("quay.io/x@", ReferenceError::Digest),
            ("quay.io/x@sha256:00", ReferenceError::Digest),
            ("quay.io/x@sha256:a@sha256:b", ReferenceError::Digest),
        ] {
            assert_eq!(PullSpec::parse(input), Err(error), "{input}");
        }
    }

    #[test]
    fn tag_digest_and_neither_are_three_states() {
        let spec = |text: &str| PullSpec::parse(text).unwrap();
        assert_eq!(spec("quay.io/x").effective_tag(), Some("latest"));
        assert_eq!(spec("quay.io/x:1").effective_tag(), Some("1"));
        assert_eq!(spec(&format!("quay.io/x@{D}")).effective_tag(), None);
        assert_eq!(spec(&format!("quay.io/x:1@{D}")).effective_tag(), Some("1"));
    }
}
