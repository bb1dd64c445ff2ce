//! Which scope of `trust` an image is in.

use openshift_image_trust::PullSpec;
use openshift_image_trust::{Scope, ScopeSet};
use serde_json::{Map, Value, json};

use crate::common::{Short, lines};

/// The setting that refuses an image where everything is refused, each scope for itself.
fn asked(scopes: &[&str], image: &str) -> String {
    let reject = json!([{"type": "reject"}]);
    let scopes: Map<String, Value> =
        scopes.iter().map(|scope| ((*scope).to_owned(), reject.clone())).collect();
    let short = json!({
        "settings": {"trust": {"default": reject, "scopes": scopes}},
        "object": {
            "kind": "ImageStream",
            "spec": {"tags": [{"name": "v1", "from": {"kind": "DockerImage", "name": image}}]},
        },
    });
    let verdict = Short::parse(&short.to_string()).verdict();
    assert!(!verdict.accepted, "{image}");
    let lines = lines(&verdict);
    let [line] = &lines[..] else { panic!("{image}: {lines:?}") };
    // The default is told in other words: that no scope covers the image.
    let default = format!(
        "spec.tags[0].from.name (tag `v1`): rejected: no scope of `trust` covers `{image}`, and `trust.default` is `reject` [image-untrusted]"
    );
    if *line == default {
        return "trust.default".to_owned();
    }
    let start = format!("spec.tags[0].from.name (tag `v1`): `{image}` is rejected by `");
    let rest = line.strip_prefix(&start).unwrap_or_else(|| panic!("{line}"));
    rest.strip_suffix("` [image-untrusted]").expect(line).to_owned()
}

const SCOPES: [&str; 10] = [
    "unmatched.example",
    "deep.com",
    "deep.com/n1",
    "deep.com/n1/n2",
    "deep.com/n1/n2/n3",
    "deep.com/n1/n2/n3/repo",
    "deep.com/n1/n2/n3/repo:tag2",
    "*.deep.com",
    "*.very.deep.com",
    "",
];

#[track_caller]
fn assert_scope(image: &str, scope: &str) {
    assert_eq!(asked(&SCOPES, image), format!("trust.scopes[{scope}]"), "{image}");
}

pub(crate) fn an_image_has_the_scope_of_its_tag() {
    assert_scope("deep.com/n1/n2/n3/repo:tag2", "deep.com/n1/n2/n3/repo:tag2");
}

pub(crate) fn each_parent_is_a_scope() {
    for (image, scope) in [
        ("deep.com/n1/n2/n3/repo:nottag2", "deep.com/n1/n2/n3/repo"),
        ("deep.com/n1/n2/n3/notrepo:tag2", "deep.com/n1/n2/n3"),
        ("deep.com/n1/n2/notn3/repo:tag2", "deep.com/n1/n2"),
        ("deep.com/n1/notn2/n3/repo:tag2", "deep.com/n1"),
        ("deep.com/notn1/n2/n3/repo:tag2", "deep.com"),
    ] {
        assert_scope(image, scope);
    }
}

pub(crate) fn the_nearest_wildcard_wins() {
    for (image, scope) in [
        ("very.deep.com/n1/n2/n3/repo:tag2", "*.deep.com"),
        ("not.very.deep.com/n1/n2/n3/repo:tag2", "*.very.deep.com"),
        ("not.very.deep.com:5000/n1/n2/n3/repo:tag2", "*.very.deep.com"),
        ("a.not.very.deep.com/repo:tag2", "*.very.deep.com"),
        ("notdeep.com/repo:tag2", ""),
    ] {
        assert_scope(image, scope);
    }
}

/// Here all transports have one table, whose `""` is that of `docker`; without it the default holds,
/// as it does upstream for a transport that has none.
pub(crate) fn everything_else_has_the_default() {
    for image in ["elsewhere.example/repo:tag2", "busybox:latest", "deep.com.example/n1/repo:tag2"] {
        assert_scope(image, "");
        let without: Vec<&str> = SCOPES.into_iter().filter(|scope| !scope.is_empty()).collect();
        assert_eq!(asked(&without, image), "trust.default", "{image}");
        assert_eq!(asked(&[], image), "trust.default", "{image}");
    }
}

fn found(scopes: &[&str], image: &str) -> Option<String> {
    let scopes: ScopeSet = scopes.iter().map(|scope| Scope::parse(scope).expect(scope)).collect();
    let spec = PullSpec::parse(image).expect(image);
    scopes.get(&spec).map(|(scope, ())| scope.to_string())
}

/// Each name with its scopes, the most specific first. Upstream has none for tag and digest together;
/// here a digest counts, and the tag beside it does not.
pub(crate) fn the_scopes_of_a_name_in_order() {
    const D: &str = "@sha256:0205374946b5e089dfd3017e2743df600adad17678a5c975f7074dc4ab4393d1";
    let (by_digest, both) = (format!("registry.test/ns/app{D}"), format!("registry.test/ns/app:v1{D}"));
    let names: [(&str, &[&str]); 12] = [
        (
            "busybox",
            &[
                "docker.io/library/busybox:latest",
                "docker.io/library/busybox",
                "docker.io/library",
                "docker.io",
                "*.io",
            ],
        ),
        (
            "busybox:v1",
            &[
                "docker.io/library/busybox:v1",
                "docker.io/library/busybox",
                "docker.io/library",
                "docker.io",
                "*.io",
            ],
        ),
        ("ns/app:v1", &["docker.io/ns/app:v1", "docker.io/ns/app", "docker.io/ns", "docker.io", "*.io"]),
        (
            "a/b/c/app:v1",
            &[
                "docker.io/a/b/c/app:v1",
                "docker.io/a/b/c/app",
                "docker.io/a/b/c",
                "docker.io/a/b",
                "docker.io/a",
                "docker.io",
                "*.io",
            ],
        ),
        ("localhost/app:v1", &["localhost/app:v1", "localhost/app", "localhost"]),
        (
            "localhost:5000/ns/app:v1",
            &["localhost:5000/ns/app:v1", "localhost:5000/ns/app", "localhost:5000/ns", "localhost:5000"],
        ),
        ("registry.test/app:v1", &["registry.test/app:v1", "registry.test/app", "registry.test", "*.test"]),
        (
            "registry.test/ns/app:v1",
            &[
                "registry.test/ns/app:v1",
                "registry.test/ns/app",
                "registry.test/ns",
                "registry.test",
                "*.test",
            ],
        ),
        (&by_digest, &[&by_digest, "registry.test/ns/app", "registry.test/ns", "registry.test", "*.test"]),
        (&both, &[&by_digest, "registry.test/ns/app", "registry.test/ns", "registry.test", "*.test"]),
        (
            "sub.registry.test/app:v1",
            &[
                "sub.registry.test/app:v1",
                "sub.registry.test/app",
                "sub.registry.test",
                "*.registry.test",
                "*.test",
            ],
        ),
        (
            "yet.another.example.com:8443/ns/repo:t",
            &[
                "yet.another.example.com:8443/ns/repo:t",
                "yet.another.example.com:8443/ns/repo",
                "yet.another.example.com:8443/ns",
                "yet.another.example.com:8443",
                "*.another.example.com",
                "*.example.com",
                "*.com",
            ],
        ),
    ];
    for (name, scopes) in names {
        for rank in 0..scopes.len() {
            assert_eq!(found(&scopes[rank..], name).as_deref(), Some(scopes[rank]), "{name}");
        }
        for other in names.iter().flat_map(|(_, scopes)| *scopes).filter(|other| !scopes.contains(other)) {
            assert_eq!(found(&[other], name), None, "{name}: {other}");
        }
    }
}
