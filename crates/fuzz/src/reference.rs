//! Pull specs and scopes: an input is two lines, a scope and a pull spec.

use openshift_image_trust::{
    Digest, HUB, ImageReference, PullSpec, RegistryAliases, is_host, is_tag, normalize_host,
};
use openshift_image_trust::{Scope, ScopeSet};

/// What is normalised stays as it is, and a scope holds what a naive reading of it holds.
pub fn check(input: &[u8]) {
    let Ok(text) = str::from_utf8(input) else { return };
    let (scope, image) = text.split_once('\n').unwrap_or(("", text));
    let spec = PullSpec::parse(image);
    if let Ok(reference) = ImageReference::parse(image) {
        splits_as_written(&reference, image);
    } else {
        assert!(spec.is_err());
    }
    let spec = spec.ok();
    if let Some(spec) = &spec {
        is_canonical(spec);
    }
    let Ok(scope) = Scope::parse(scope) else { return };
    assert!(is_too_long(scope.as_str()) || Scope::parse(scope.as_str()).as_ref() == Ok(&scope), "{scope}");
    if let Some(spec) = &spec {
        let set = ScopeSet::from_iter([scope.clone()]);
        let held = set.get(spec).map(|(by, ())| by);
        assert_eq!(held.is_some(), holds(&scope, spec), "{scope:?} {spec:?}");
        assert!(held.is_none_or(|by| *by == scope));
        whole_repositories_are_no_images(&scope, spec);
    }
}

/// The parts, put together, are the text again, but for the tag beside a digest.
fn splits_as_written(reference: &ImageReference<'_>, text: &str) {
    let exact = reference.exact();
    if exact.is_empty() {
        assert_eq!(reference.registry, text);
        return;
    }
    if reference.id.is_empty() || reference.tag.is_empty() {
        assert_eq!(exact, text);
    }
    let again = ImageReference::parse(&exact).expect("its own text");
    let tag = if reference.id.is_empty() { reference.tag } else { "" };
    assert_eq!(again, ImageReference { tag, ..*reference });
}

/// With `docker.io` and `library` written out, a name may be longer than the grammar takes.
fn is_too_long(name: &str) -> bool {
    name.len() > 255 && name.starts_with(HUB)
}

fn is_canonical(spec: &PullSpec) {
    let text = spec.to_string();
    assert!(is_too_long(spec.name()) || PullSpec::parse(&text).as_ref() == Ok(spec), "{text}");
    assert_eq!(spec.name(), format!("{}/{}", spec.registry(), spec.repository()));
    assert!(is_host(spec.registry()) && normalize_host(spec.registry()) == spec.registry());
    assert!(
        spec.tag().is_none_or(is_tag)
            && spec.digest().is_none_or(|digest| Digest::is_canonical(digest.as_str()))
    );
    assert!(!spec.repository().contains(|c: char| c.is_ascii_uppercase() || c.is_control()));
    assert!(spec.registry() != HUB || spec.namespace().is_some());
    // A host is the same host in either case, and under any of its names; to the API server some are
    // none in upper case, such as `LOCALHOST`.
    let shouted = text.replacen(spec.registry(), &spec.registry().to_ascii_uppercase(), 1);
    assert!(
        is_too_long(spec.name()) || PullSpec::parse(&shouted).map_or(true, |same| same == *spec),
        "{shouted}"
    );
    let aliases =
        RegistryAliases::new(&[vec!["canonical.example:5000".to_owned(), spec.registry().to_owned()]]);
    let renamed = aliases.rename(spec.clone());
    assert_eq!(renamed.repository(), spec.repository());
    assert_eq!(aliases.rename(renamed.clone()), renamed);
}

/// A scope is everything, or the domain of the host, or the name, or what is left of it when it is
/// cut at a `/`, or the name with the digest, or else the tag.
fn holds(scope: &Scope, spec: &PullSpec) -> bool {
    let scope = scope.as_str();
    if let Some(domain) = scope.strip_prefix("*.") {
        let host = spec.registry().split(':').next().unwrap_or_default();
        return host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.') && rest.len() > 1);
    }
    let image = match spec.digest() {
        Some(digest) => format!("{}@{digest}", spec.name()),
        None => format!("{}:{}", spec.name(), spec.tag().unwrap_or("latest")),
    };
    let is_cut_at_a_slash =
        spec.name().strip_prefix(scope).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    scope.is_empty() || scope == image || is_cut_at_a_slash
}

fn whole_repositories_are_no_images(scope: &Scope, spec: &PullSpec) {
    let whole = spec.clone().of_every_image();
    let set = ScopeSet::from_iter([scope.clone()]);
    let names_an_image = scope.as_str().contains('@')
        || scope
            .as_str()
            .rsplit_once(':')
            .is_some_and(|(before, tag)| before.contains('/') && !tag.contains('/'));
    if names_an_image {
        assert!(set.get(&whole).is_none());
    }
    // What is said of an image is met by it, and by the repository that it is in.
    if set.containing(spec).is_some() {
        assert!(set.containing(&whole).is_some());
    }
}
