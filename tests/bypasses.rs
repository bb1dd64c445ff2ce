//! Requests that reach by another way what a rule refuses. Each was once a way.

mod common;

use common::{Short, code_and_path, lines};

const D: &str = "sha256:0205374946b5e089dfd3017e2743df600adad17678a5c975f7074dc4ab4393d1";
const SIGNERS: &str = "signers: [{name: acme, openpgp: <generated/keys/ed.asc>}, {name: build, openpgp: <generated/keys/rsa.asc>}]";
const ANY: &str = "default: [{type: insecureAcceptAnything}]";

/// What is refused, by settings and request: the codes, each once.
#[track_caller]
fn assert_refused(settings: &str, request: &str, expected: &[&str]) {
    let verdict = Short::parse(&format!("settings: {{{settings}}}\n{request}")).verdict();
    let lines = lines(&verdict);
    let mut codes: Vec<String> = lines.iter().map(|line| code_and_path(line).0).collect();
    codes.sort();
    codes.dedup();
    codes.retain(|code| code != "repository-import");
    assert_eq!(codes, expected, "{settings}\n{request}: {lines:#?}");
    assert_eq!(verdict.accepted, expected.is_empty(), "{settings}\n{request}");
}

/// Every tag of a repository, through both doors.
fn whole(repository: &str) -> [String; 2] {
    [
        format!("object: {{kind: ImageStream, spec: {{dockerImageRepository: '{repository}'}}}}"),
        format!(
            "object: {{kind: ImageStreamImport, spec: {{import: true, repository: {{from: {{kind: DockerImage, name: '{repository}'}}, importPolicy: {{insecure: true, scheduled: true}}}}}}}}"
        ),
    ]
}

#[test]
fn a_whole_repository_is_not_its_latest_image() {
    let open = "rules: {insecure-import: off}";
    for request in whole("quay.io/acme/app") {
        let image = "quay.io/acme/app:latest";
        assert_refused(
            &format!("{open}, references: {{allow: ['{image}']}}"),
            &request,
            &["source-not-allowed"],
        );
        assert_refused(&format!("{open}, references: {{allow: [quay.io/acme/app]}}"), &request, &[]);
        let trust =
            format!("default: [{{type: reject}}], scopes: {{'{image}': [{{type: insecureAcceptAnything}}]}}");
        let there = format!("cluster: []\n{request}");
        assert_refused(&format!("{open}, trust: {{{trust}}}"), &there, &["image-untrusted"]);
        let exempt = format!("exemptions: [{{reason: x, scopes: ['{image}']}}]");
        assert_refused(
            &format!("{open}, references: {{deny: [quay.io]}}, {exempt}"),
            &request,
            &["source-not-allowed"],
        );
    }
    let [_, import] = whole("quay.io/acme/app");
    let latest = "quay.io/acme/app:latest";
    assert_refused(&format!("references: {{insecure: ['{latest}']}}"), &import, &["insecure-import"]);
    assert_refused(
        &format!("{open}, references: {{scheduled: ['{latest}']}}"),
        &import,
        &["scheduled-import"],
    );
}

#[test]
fn a_whole_repository_brings_the_image_that_is_refused() {
    let open = "rules: {insecure-import: off}";
    for request in whole("quay.io/acme/app") {
        for image in ["quay.io/acme/app:v2", &format!("quay.io/acme/app@{D}")] {
            assert_refused(
                &format!("{open}, references: {{deny: ['{image}']}}"),
                &request,
                &["source-not-allowed"],
            );
            let trust = format!("{ANY}, scopes: {{'{image}': [{{type: reject}}]}}");
            assert_refused(&format!("{open}, trust: {{{trust}}}"), &request, &["image-untrusted"]);
            let policy = format!("referencePolicy: {{'{image}': Local}}");
            // `Local` can be required of no tag.
            if request.contains("ImageStreamImport") && image.contains('@') {
                assert_refused(
                    &format!("{open}, references: {{{policy}}}"),
                    &request,
                    &["reference-policy-mismatch"],
                );
            }
        }
        assert_refused(
            &format!("{open}, references: {{pinned: ['quay.io/acme/app:v1']}}"),
            &request,
            &["digest-missing"],
        );
        assert_refused(&format!("{open}, references: {{deny: ['quay.io/acme/app2:v1']}}"), &request, &[]);
    }
}

#[test]
fn the_integrated_registry_is_one_by_both_of_its_names() {
    const SHORT: &str = "image-registry.openshift-image-registry.svc:5000";
    const LONG: &str = "image-registry.openshift-image-registry.svc.cluster.local:5000";
    for (written, used) in [(SHORT, LONG), (LONG, SHORT), (SHORT, SHORT), (LONG, LONG)] {
        let request = format!(
            "object: {{kind: ImageStreamTag, tag: {{name: v1, from: {{kind: DockerImage, name: '{used}/lab/x:1'}}}}}}\ncluster: []"
        );
        let trust = format!("{ANY}, scopes: {{'{written}/lab': [{{type: reject}}]}}");
        assert_refused(
            &format!("references: {{deny: ['{written}/lab']}}"),
            &request,
            &["source-not-allowed"],
        );
        assert_refused(&format!("trust: {{{trust}}}"), &request, &["image-untrusted"]);
    }
    let both = format!(
        "{ANY}, scopes: {{'{SHORT}': [{{type: reject}}], '{LONG}': [{{type: insecureAcceptAnything}}]}}"
    );
    assert_refused(&format!("trust: {{{both}}}"), "object: {kind: ImageStream}", &["request-unreadable"]);
}

#[test]
fn a_tag_beside_a_digest_meets_what_rejects_it() {
    let trust = format!("{ANY}, scopes: {{'quay.io/acme/app:v1': [{{type: reject}}]}}");
    for (source, expected) in [
        (format!("quay.io/acme/app:v1@{D}"), &["image-untrusted"][..]),
        ("quay.io/acme/app:v1".to_owned(), &["image-untrusted"]),
        (format!("quay.io/acme/app:v2@{D}"), &[]),
        (format!("quay.io/acme/app@{D}"), &[]),
    ] {
        let request = format!(
            "object: {{kind: ImageStreamTag, tag: {{name: v1, from: {{kind: DockerImage, name: '{source}'}}}}}}"
        );
        assert_refused(&format!("trust: {{{trust}}}"), &request, expected);
    }
}

/// An image with one signature that is called trusted.
fn image(kind: &str, pull_spec: &str, content: &str) -> String {
    let image = format!(
        "metadata: {{name: '{D}'}}, dockerImageReference: '{pull_spec}', signatures: [{{metadata: {{name: '{D}@one'}}, type: atomic, \
         content: <generated/sigs/{content}.sig>, conditions: [{{type: Trusted, status: 'True'}}, {{type: ForImage, status: 'True'}}]}}]"
    );
    match kind {
        "Image" => format!("object: {{kind: Image, {image}}}"),
        kind => format!("object: {{kind: {kind}, image: {{{image}}}}}"),
    }
}

#[test]
fn another_name_of_a_registry_is_remapped_as_well() {
    let remap = "signedIdentity: {type: remapIdentity, prefix: registry.test, signedPrefix: vendor.example}";
    let trust = format!(
        "{ANY}, registryAliases: [[registry.test, alias.test]], scopes: {{registry.test: [{{type: signedBy, signers: [acme], {remap}}}]}}"
    );
    for host in ["registry.test", "alias.test"] {
        assert_refused(
            &format!("{SIGNERS}, trust: {{{trust}}}"),
            &image("Image", &format!("{host}/ns/app@{D}"), "json-ok"),
            &["condition-unproven", "signature-identity-mismatch"],
        );
    }
}

#[test]
fn nobody_is_called_trusted_whom_nobody_asked() {
    let acme = "[{type: signedBy, signers: [acme]}]";
    for (asked, signer, expected) in [
        (acme, "pgp-rsa-sha256", &["condition-unproven"][..]),
        ("[{type: reject}]", "json-ok", &["condition-unproven"]),
        (acme, "json-ok", &[]),
        ("[{type: insecureAcceptAnything}]", "pgp-rsa-sha256", &[]),
        ("[{type: signedBy, signers: [acme]}, {type: signedBy, signers: [build]}]", "pgp-rsa-sha256", &[]),
    ] {
        assert_refused(
            &format!("{SIGNERS}, trust: {{{ANY}, scopes: {{registry.test: {asked}}}}}"),
            &image("Image", &format!("registry.test/ns/app@{D}"), signer),
            expected,
        );
    }
}

/// Where the rule about pull specs is turned down, trust still does not go by one that says nothing.
#[test]
fn a_pull_spec_that_cannot_be_read_is_no_name() {
    let settings = format!(
        "{SIGNERS}, rules: {{pull-spec-mismatch: off}}, trust: {{default: [{{type: signedBy, signers: [acme]}}]}}"
    );
    for pull_spec in [format!("FOO/bar@{D}"), "my.app:1.0".to_owned(), "quay.io".to_owned()] {
        assert_refused(
            &settings,
            &image("Image", &pull_spec, "json-ok"),
            &["condition-unproven", "signature-identity-mismatch"],
        );
    }
}

#[test]
fn a_signature_for_one_digest_is_none_for_the_one_that_is_pulled() {
    const OTHER: &str = "sha256:3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25";
    let settings = format!(
        "{SIGNERS}, rules: {{pull-spec-mismatch: off}}, trust: {{default: [{{type: signedBy, signers: [acme]}}]}}"
    );
    for (digest, expected) in [(D, &[][..]), (OTHER, &["image-untrusted"])] {
        let request = image("ImageStreamImage", &format!("registry.test/ns/app@{digest}"), "json-ok");
        assert_refused(&settings, &request, expected);
    }
}

/// A stream `web` of the project, as the cluster has it.
fn stored(rest: &str) -> String {
    format!("cluster: [{{kind: ImageStream, metadata: {{name: web, namespace: shop}}, {rest}}}]")
}

fn event(tag: &str, pull_spec: &str) -> String {
    format!(
        "{{tag: {tag}, items: [{{image: '{D}', generation: 1, dockerImageReference: '{pull_spec}@{D}'}}]}}"
    )
}

fn import(name: &str, tag: &str, rest: &str) -> String {
    format!(
        "object: {{kind: ImageStreamImport, spec: {{import: true, images: [{{from: {{kind: DockerImage, name: '{name}'}}, to: {{name: {tag}}}{rest}}}]}}}}"
    )
}

fn mapping(pull_spec: &str, tag: &str, annotations: &str) -> String {
    format!(
        "object: {{kind: ImageStreamMapping, tag: {tag}, image: {{metadata: {{name: '{D}', annotations: {{{annotations}}}}}, dockerImageReference: '{pull_spec}@{D}'}}}}"
    )
}

/// What only the rules about a mapping's own image refuse is not what these tests are about.
const NO_IMAGES: &str = "rules: {config-mismatch: off, layers-mismatch: off, manifest-mismatch: off, media-type-not-allowed: off, manifest-list-mismatch: off}";
const HELD: &str = "references: {immutableTags: '^v\\d'}";

#[test]
fn what_a_held_tag_follows_stays_as_well() {
    let settings = format!("{NO_IMAGES}, {HELD}");
    let spec = "{name: latest, generation: 1, from: {kind: DockerImage, name: quay.io/acme/app}}, \
                {name: stable, generation: 1, from: {kind: ImageStreamTag, name: latest}}, \
                {name: v1, generation: 1, from: {kind: ImageStreamTag, namespace: shop, name: 'web:stable'}}";
    let status = ["latest", "stable", "v1"].map(|tag| event(tag, "quay.io/acme/app")).join(", ");
    let cluster = stored(&format!("spec: {{tags: [{spec}]}}, status: {{tags: [{status}]}}"));
    let tag = |kind: &str, field: &str, source: &str| {
        let of = |source: &str, rest: &str| {
            format!(
                "{{kind: {kind}, metadata: {{name: 'web:latest'}}, {field}: {{generation: 1, from: {{kind: DockerImage, name: {source}}}{rest}}}}}"
            )
        };
        format!("old: {}\nobject: {}", of("quay.io/acme/app", ""), of(source, ", annotations: {a: b}"))
    };
    for request in [
        import("quay.io/acme/app:2", "latest", ""),
        import("quay.io/acme/app:2", "stable", ""),
        mapping("quay.io/acme/app", "latest", ""),
        tag("ImageStreamTag", "tag", "quay.io/acme/other"),
        tag("ImageTag", "spec", "quay.io/acme/other"),
    ] {
        assert_refused(&settings, &format!("{request}\n{cluster}"), &["tag-moved"]);
        // What is stored cannot be known without asking.
        assert_refused(&settings, &request, &["tag-moved"]);
        assert_refused(&settings, &format!("{request}\ncluster: []"), &[]);
    }
    let stream = |latest: &str| {
        format!(
            "{{kind: ImageStream, spec: {{tags: [{}]}}, status: {{tags: [{status}]}}}}",
            spec.replace("quay.io/acme/app", latest)
        )
    };
    let moved = format!("old: {}\nobject: {}", stream("quay.io/acme/app"), stream("quay.io/acme/other"));
    assert_refused(&settings, &moved, &["tag-moved"]);
    let kept = format!("old: {}\nobject: {}", stream("quay.io/acme/app"), stream("quay.io/acme/app"));
    for request in [
        import("quay.io/acme/app:2", "edge", ""),
        mapping("quay.io/acme/app", "edge", ""),
        tag("ImageStreamTag", "tag", "quay.io/acme/app"),
        tag("ImageTag", "spec", "quay.io/acme/app"),
        kept,
    ] {
        assert_refused(&settings, &format!("{request}\n{cluster}"), &[]);
    }
}

#[test]
fn a_held_tag_that_waits_for_its_first_import_waits_for_that_one() {
    let settings = format!("{NO_IMAGES}, {HELD}");
    let cluster = stored(
        "spec: {tags: [{name: v1, from: {kind: DockerImage, name: 'quay.io/acme/app:1'}}, {name: v2}]}",
    );
    for (request, expected) in [
        (import("quay.io/acme/app:1", "v1", ""), &[][..]),
        (import("quay.io/acme/app:2", "v1", ""), &["tag-moved"]),
        (import(&format!("quay.io/acme/app@{D}"), "v1", ""), &["tag-moved"]),
        (mapping("quay.io/acme/app", "v1", ""), &["tag-moved"]),
        (import("quay.io/acme/app:2", "v2", ""), &[]),
        (mapping("quay.io/acme/app", "v2", ""), &[]),
        (import("quay.io/acme/app:2", "v3", ""), &[]),
    ] {
        assert_refused(&settings, &format!("{request}\n{cluster}"), expected);
    }
    // Where the name of the tag is left to the server, it is the source's.
    let named_by_its_source = import("quay.io/acme/app:v1", "x", "").replace(", to: {name: x}", "");
    assert_refused(&settings, &named_by_its_source, &["tag-moved"]);
    assert_refused(&settings, &format!("{}\ncluster: []", named_by_its_source.replace(":v1", ":edge")), &[]);
}

#[test]
fn an_event_in_the_history_is_no_event_of_a_tag_that_has_yet_to_be_imported() {
    let tag = |from: &str| {
        format!(
            "old: {{kind: ImageStream, status: {{tags: [{}]}}}}\n\
             object: {{kind: ImageStream, spec: {{tags: [{{name: v1, generation: 1, {from}}}]}}, status: {{tags: [{}]}}}}",
            event("v1", "quay.io/acme/app"),
            event("v1", "quay.io/acme/app"),
        )
    };
    for (from, expected) in [
        ("from: {kind: DockerImage, name: quay.io/acme/other}", &["tag-moved"][..]),
        ("from: {kind: ImageStreamTag, name: 'base:1'}", &[]),
        // It shows what it showed.
        ("referencePolicy: {type: Local}", &[]),
    ] {
        assert_refused(HELD, &tag(from), expected);
    }
}

#[test]
fn an_old_tag_may_be_annotated_and_nothing_more() {
    let settings = format!("{HELD}, rules: {{local-lookup: off}}")
        .replace("references: {", "references: {allow: [quay.io], ");
    for (kind, field) in [("ImageStreamTag", "tag"), ("ImageTag", "spec")] {
        let tag = |rest: &str| format!("{{kind: {kind}, {field}: {{{rest}}}}}");
        let old = tag("generation: 3, from: {kind: DockerImage, name: nginx}");
        for (rest, expected) in [
            ("generation: 3, annotations: {owner: dana}, from: {kind: DockerImage, name: nginx}", &[][..]),
            (
                "generation: 3, annotations: {openshift.io/image.insecureRepository: 'true'}, from: {kind: DockerImage, name: nginx}",
                &[],
            ),
            ("generation: 3, from: {kind: DockerImage, namespace: shop, name: nginx}", &[]),
            (
                "generation: 3, annotations: {importer.image.openshift.io/prefer-arch: arm64}, from: {kind: DockerImage, name: nginx}",
                &["source-not-allowed"],
            ),
            (
                "generation: 0, annotations: {owner: dana}, from: {kind: DockerImage, name: nginx}",
                &["source-not-allowed", "tag-moved"],
            ),
            (
                "annotations: {owner: dana}, from: {kind: DockerImage, name: nginx}",
                &["source-not-allowed", "tag-moved"],
            ),
            (
                "generation: 3, annotations: {owner: dana}, from: {kind: DockerImage, name: 'nginx:2'}",
                &["source-not-allowed", "tag-moved"],
            ),
            (
                "generation: 3, annotations: {owner: dana}, referencePolicy: {type: Local}, from: {kind: DockerImage, name: nginx}",
                &["source-not-allowed"],
            ),
        ] {
            assert_refused(&settings, &format!("old: {old}\nobject: {}", tag(rest)), expected);
        }
    }
}

#[test]
fn the_own_namespace_is_the_same_written_out_and_no_other_is() {
    let stream = |namespace: &str| {
        format!(
            "{{kind: ImageStream, spec: {{tags: [{{name: v1, generation: 1, from: {{kind: ImageStreamTag, {namespace}name: 'base:1'}}}}]}}}}"
        )
    };
    let (unset, own, other) = (stream(""), stream("namespace: shop, "), stream("namespace: lab, "));
    for (old, new, expected) in [
        (&unset, &own, &[][..]),
        (&own, &unset, &[]),
        (&unset, &other, &["tag-moved"]),
        (&own, &other, &["tag-moved"]),
        (&other, &unset, &["tag-moved"]),
    ] {
        assert_refused(HELD, &format!("old: {old}\nobject: {new}"), expected);
    }
}

#[test]
fn the_pruner_removes_history_and_writes_none() {
    const PRUNER: &str = "system:serviceaccount:openshift-image-registry:pruner";
    let events = |events: &[&str]| {
        let items: Vec<String> = events
            .iter()
            .map(|name| format!("{{image: '', dockerImageReference: 'quay.io/acme/{name}'}}"))
            .collect();
        format!("{{kind: ImageStream, status: {{tags: [{{tag: v1, items: [{}]}}]}}}}", items.join(", "))
    };
    let rules = "rules: {untracked-reference: off}";
    for (user, old, new, expected) in [
        (PRUNER, &["b", "a"][..], &["a"][..], &[][..]),
        (PRUNER, &["b", "a"], &[], &[]),
        ("dana", &["b", "a"], &["a"], &["tag-moved"]),
        ("system:serviceaccount:shop:pruner", &["b", "a"], &["a"], &["tag-moved"]),
        (PRUNER, &["b", "a"], &["c", "a"], &["tag-moved"]),
        (PRUNER, &["a"], &["b", "a"], &["tag-moved"]),
    ] {
        let request =
            format!("user: '{user}'\nsubresource: status\nold: {}\nobject: {}", events(old), events(new));
        assert_refused(&format!("{HELD}, {rules}"), &request, expected);
    }
}

#[test]
fn an_alias_in_the_own_project_has_no_source_tag() {
    let settings = "references: {sourceTags: {deny: [latest]}}";
    for (from, expected) in [
        ("kind: ImageStreamTag, name: latest", &[][..]),
        ("kind: ImageStreamTag, name: 'base:latest'", &[]),
        ("kind: ImageStreamTag, namespace: shop, name: 'base:latest'", &[]),
        ("kind: ImageStreamTag, namespace: lab, name: 'base:latest'", &["source-tag-not-allowed"]),
        ("kind: DockerImage, name: 'quay.io/acme/app:latest'", &["source-tag-not-allowed"]),
        ("kind: DockerImage, name: quay.io/acme/app", &["source-tag-not-allowed"]),
        (
            "kind: DockerImage, name: 'image-registry.openshift-image-registry.svc:5000/shop/base:latest'",
            &["source-tag-not-allowed"],
        ),
    ] {
        for request in [
            format!("object: {{kind: ImageStreamTag, tag: {{from: {{{from}}}}}}}"),
            format!("object: {{kind: ImageTag, spec: {{from: {{{from}}}}}}}"),
            format!("object: {{kind: ImageStream, spec: {{tags: [{{name: v1, from: {{{from}}}}}]}}}}"),
        ] {
            assert_refused(settings, &request, expected);
        }
    }
}

#[test]
fn mappings_and_events_meet_what_tags_meet() {
    const INTEGRATED: &str = "image-registry.openshift-image-registry.svc:5000";
    const LONG: &str = "image-registry.openshift-image-registry.svc.cluster.local:5000";
    let brought = |pull_spec: &str| {
        let event = format!("{{image: '{D}', dockerImageReference: '{pull_spec}@{D}'}}");
        let status =
            |items: &str| format!("{{kind: ImageStream, status: {{tags: [{{tag: a, items: [{items}]}}]}}}}");
        [
            mapping(pull_spec, "a", ""),
            mapping(pull_spec, "a", "openshift.io/image.managed: 'true'"),
            format!("subresource: status\nold: {}\nobject: {}", status(""), status(&event)),
        ]
    };
    let sandbox = format!("{INTEGRATED}/sandbox/web");
    for (references, pull_spec, expected) in [
        (
            "kinds: [ImageStreamTag, ImageStreamImage]".to_owned(),
            "quay.io/acme/web".to_owned(),
            &["source-kind-not-allowed"][..],
        ),
        ("kinds: [ImageStreamTag]".to_owned(), sandbox.clone(), &["source-kind-not-allowed"]),
        (
            "kinds: [ImageStreamTag]".to_owned(),
            format!("{INTEGRATED}/shop/other"),
            &["source-kind-not-allowed"],
        ),
        ("kinds: [ImageStreamTag]".to_owned(), format!("{LONG}/shop/web"), &[]),
        ("kinds: [DockerImage]".to_owned(), sandbox.clone(), &[]),
        (format!("deny: ['{INTEGRATED}/sandbox']"), format!("{LONG}/sandbox/web"), &["source-not-allowed"]),
        (format!("deny: ['{LONG}/sandbox/web']"), sandbox.clone(), &["source-not-allowed"]),
        (format!("deny: ['{INTEGRATED}/sandbox']"), format!("{INTEGRATED}/shop/web"), &[]),
        ("namespaces: [openshift]".to_owned(), sandbox.clone(), &["source-namespace-not-allowed"]),
        ("namespaces: [openshift]".to_owned(), format!("{INTEGRATED}/openshift/web"), &[]),
        ("namespaces: []".to_owned(), format!("{INTEGRATED}/shop/web"), &[]),
        (
            "sourceTags: {deny: [LATEST]}".to_owned(),
            "quay.io/acme/web:latest".to_owned(),
            &["source-tag-not-allowed"],
        ),
        (
            "sourceTags: {allow: '^v\\d'}".to_owned(),
            "quay.io/acme/web:rc".to_owned(),
            &["source-tag-not-allowed"],
        ),
        ("sourceTags: {allow: '^v\\d'}".to_owned(), "quay.io/acme/web:v1".to_owned(), &[]),
    ] {
        let rules = NO_IMAGES.replace("rules: {", "rules: {pull-spec-mismatch: off, ");
        for request in brought(&pull_spec) {
            let request = format!("{request}\ncluster: []");
            assert_refused(&format!("{rules}, references: {{{references}}}"), &request, expected);
        }
    }
    // A tag that follows a stream of a denied project takes its images from there too.
    for (from, expected) in [
        ("kind: ImageStreamTag, namespace: sandbox, name: 'web:1'", &["source-not-allowed"][..]),
        ("kind: ImageStreamImage, namespace: sandbox, name: web@ab", &["source-not-allowed"]),
        ("kind: ImageStreamTag, namespace: lab, name: 'web:1'", &[]),
        ("kind: ImageStreamTag, name: 'web:1'", &[]),
    ] {
        let request = format!("object: {{kind: ImageStreamTag, tag: {{from: {{{from}}}}}}}");
        assert_refused(&format!("references: {{deny: ['{INTEGRATED}/sandbox']}}"), &request, expected);
    }
}

#[test]
fn an_image_by_itself_meets_where_sources_may_lie() {
    let image = |pull_spec: &str| {
        format!("{{kind: Image, metadata: {{name: '{D}'}}, dockerImageReference: '{pull_spec}@{D}'}}")
    };
    let settings = format!(
        "{NO_IMAGES}, references: {{allow: [quay.io/acme], deny: [quay.io/acme/old, 'image-registry.openshift-image-registry.svc:5000/sandbox']}}"
    );
    let good = image("quay.io/acme/app");
    for (pull_spec, expected) in [
        ("quay.io/acme/app", &[][..]),
        ("quay.io/acme/old", &["source-not-allowed"]),
        ("docker.io/evil/app", &["source-not-allowed"]),
        ("image-registry.openshift-image-registry.svc:5000/shop/web", &[]),
        (
            "image-registry.openshift-image-registry.svc.cluster.local:5000/sandbox/web",
            &["source-not-allowed"],
        ),
    ] {
        assert_refused(&settings, &format!("object: {}", image(pull_spec)), expected);
        assert_refused(&settings, &format!("old: {good}\nobject: {}", image(pull_spec)), expected);
        assert_refused(&settings, &format!("old: {}\nobject: {}", image(pull_spec), image(pull_spec)), &[]);
        let pushed = format!(
            "user: 'system:serviceaccount:openshift-image-registry:registry'\nobject: {}",
            image(pull_spec)
        );
        assert_refused(&settings, &pushed, &[]);
    }
}

const LOCAL: &str = "referencePolicy: {type: Local}";
const VENDOR: &str = "references: {referencePolicy: {registry.redhat.io: Local}}";

#[test]
fn the_policy_that_the_server_keeps_is_the_one_that_counts() {
    const UBI: &str = "registry.redhat.io/ubi9/ubi:9";
    let both = |first: &str, second: &str| {
        let entry = |(name, policy): (&str, &str)| {
            format!(
                "{{from: {{kind: DockerImage, name: '{name}'}}, to: {{name: a}}, referencePolicy: {{type: {policy}}}}}"
            )
        };
        let images = [entry(("quay.io/acme/app", first)), entry((UBI, second))].join(", ");
        format!(
            "object: {{kind: ImageStreamImport, spec: {{import: true, images: [{images}]}}}}\ncluster: []"
        )
    };
    let bad = &["reference-policy-mismatch"][..];
    assert_refused(VENDOR, &both("Source", "Local"), bad);
    assert_refused(VENDOR, &both("Local", "Local"), &[]);
    assert_refused(
        VENDOR,
        &both("Source", "Local").replace(
            "to: {name: a}, referencePolicy: {type: Source}",
            "to: {name: b}, referencePolicy: {type: Source}",
        ),
        &[],
    );
    let repository = |policy: &str| {
        both("Local", "Local").replace("images:", &format!("repository: {{from: {{kind: DockerImage, name: quay.io/acme/app}}, referencePolicy: {{type: {policy}}}}}, images:"))
    };
    assert_refused(VENDOR, &repository("Source"), bad);
    assert_refused(VENDOR, &repository("Local"), &[]);

    let import = import(UBI, "a", &format!(", {LOCAL}"));
    for (cluster, expected) in [
        (String::new(), bad),
        ("cluster: ['is forbidden']".to_owned(), bad),
        ("cluster: []".to_owned(), &[]),
        (stored(&format!("spec: {{tags: [{{name: a, {LOCAL}}}]}}")), &[]),
        (stored("spec: {tags: [{name: a, referencePolicy: {type: Source}}]}"), bad),
        (stored(&format!("spec: {{tags: [{{name: a, reference: true, {LOCAL}}}]}}")), bad),
        // Another tag follows, and is pulled from outside.
        (
            stored(&format!(
                "spec: {{tags: [{{name: a, {LOCAL}}}, {{name: b, from: {{kind: ImageStreamTag, name: a}}}}]}}"
            )),
            bad,
        ),
        (
            stored(&format!(
                "spec: {{tags: [{{name: a, {LOCAL}}}, {{name: b, {LOCAL}, from: {{kind: ImageStreamTag, name: a}}}}]}}"
            )),
            &[],
        ),
    ] {
        let settings = format!("rules: {{untracked-reference: off}}, {VENDOR}");
        assert_refused(&settings, &format!("{import}\n{cluster}"), expected);
        let mapped = mapping("registry.redhat.io/ubi9/ubi", "a", "");
        let expected = if cluster == "cluster: []" { bad } else { expected };
        assert_refused(&format!("{NO_IMAGES}, {VENDOR}"), &format!("{mapped}\n{cluster}"), expected);
    }
}

#[test]
fn an_image_that_calls_itself_managed_is_pulled_from_the_stream_only_once_it_is_stored() {
    let image = format!(
        "cluster: [{{kind: Image, metadata: {{name: '{D}'}}, dockerImageReference: 'quay.io/x@{D}'}}]"
    );
    for (managed, cluster, expected) in [
        ("'true'", image.as_str(), &[][..]),
        ("'false'", &image, &["reference-policy-mismatch"]),
        ("'true'", "cluster: []", &["reference-policy-mismatch"]),
        ("'true'", "", &["reference-policy-mismatch"]),
    ] {
        let request =
            mapping("registry.redhat.io/ubi9/ubi", "a", &format!("openshift.io/image.managed: {managed}"));
        assert_refused(&format!("{NO_IMAGES}, {VENDOR}"), &format!("{request}\n{cluster}"), expected);
    }
}

#[test]
fn what_a_followed_stream_shows_is_pulled_from_outside_without_local() {
    let cluster = |image: &str| {
        format!(
            "cluster: [{{kind: ImageStream, metadata: {{name: base, namespace: shop}}, status: {{tags: [{{tag: '9', items: [{{image: '{image}', dockerImageReference: 'registry.redhat.io/ubi9/ubi@{D}'}}]}}]}}}}]"
        )
    };
    let bad = &["reference-policy-mismatch"][..];
    for (kind, field) in [("ImageStreamTag", "tag"), ("ImageTag", "spec")] {
        for (from, policy, image, expected) in [
            ("ImageStreamTag, name: 'base:9'", "Source", D, bad),
            ("ImageStreamTag, name: 'base:9'", "Local", D, &[]),
            // Without an image there is nothing to pull through the cluster.
            ("ImageStreamTag, name: 'base:9'", "Local", "", bad),
            ("ImageStreamTag, name: 'base:8'", "Source", D, &[]),
            ("ImageStreamImage, name: 'base@sha256:0205374946b5e0'", "Source", D, bad),
        ] {
            let request = format!(
                "object: {{kind: {kind}, {field}: {{from: {{kind: {from}}}, referencePolicy: {{type: {policy}}}}}}}\n{}",
                cluster(image)
            );
            assert_refused(VENDOR, &request, expected);
        }
    }
}

#[test]
fn a_tag_that_loses_its_policy_is_pulled_from_where_its_image_came_from() {
    let shown = |pull_spec: &str| stored(&format!("status: {{tags: [{}]}}", event("v1", pull_spec)));
    let image = format!(
        "image: {{metadata: {{name: '{D}'}}, dockerImageReference: 'image-registry.openshift-image-registry.svc:5000/shop/web@{D}'}}"
    );
    let request = |from: &str| {
        format!(
            "old: {{kind: ImageStreamTag, {image}, tag: {{generation: 1, {from}{LOCAL}}}}}\n\
             object: {{kind: ImageStreamTag, {image}, tag: {{generation: 1, {from}referencePolicy: {{type: Source}}}}}}"
        )
    };
    let quay = "from: {kind: DockerImage, name: quay.io/acme/app}, ";
    let bad = &["reference-policy-mismatch"][..];
    for (from, cluster, expected) in [
        ("", shown("registry.redhat.io/ubi9/ubi"), bad),
        (quay, shown("registry.redhat.io/ubi9/ubi"), bad),
        ("", String::new(), bad),
        (quay, "cluster: ['is forbidden']".to_owned(), bad),
        ("", shown("quay.io/acme/app"), &[]),
        ("", shown("image-registry.openshift-image-registry.svc:5000/shop/web"), &[]),
        ("", "cluster: []".to_owned(), &[]),
    ] {
        assert_refused(VENDOR, &format!("{}\n{cluster}", request(from)), expected);
    }
}

#[test]
fn the_insecure_annotation_is_for_repositories_that_may_be_reached_insecurely() {
    let settings = "references: {insecure: ['lab.example:5000']}, rules: {repository-import: off}";
    let stream = |value: &str, repository: &str, tag: &str| {
        format!(
            "object: {{kind: ImageStream, metadata: {{annotations: {{openshift.io/image.insecureRepository: '{value}'}}}}, \
             spec: {{dockerImageRepository: '{repository}', tags: [{tag}]}}}}"
        )
    };
    let (inside, outside) = (
        "{name: a, from: {kind: DockerImage, name: 'lab.example:5000/a'}}",
        "{name: a, from: {kind: DockerImage, name: quay.io/a}}",
    );
    let bad = &["insecure-import"][..];
    for (value, repository, tag, expected) in [
        ("true", "lab.example:5000/web", "", &[][..]),
        ("true", "lab.example:5000/web", inside, &[]),
        ("true", "lab.example:5000/web", outside, bad),
        ("true", "quay.io/acme/web", "", bad),
        ("true", "", "", bad),
        ("true", "", inside, bad),
        ("True", "quay.io/acme/web", outside, &[]),
        ("1", "quay.io/acme/web", outside, &[]),
        ("false", "quay.io/acme/web", outside, &[]),
    ] {
        assert_refused(settings, &stream(value, repository, tag), expected);
    }
    // What is added to such a stream later goes the same way.
    let cluster = stored("spec: {}").replace(
        "namespace: shop}",
        "namespace: shop, annotations: {openshift.io/image.insecureRepository: 'true'}}",
    );
    for (request, expected) in [
        (import("quay.io/acme/app", "a", ""), bad),
        (import("lab.example:5000/a", "a", ""), &[]),
        ("object: {kind: ImageStreamTag, tag: {from: {kind: DockerImage, name: quay.io/a}}}".to_owned(), bad),
        (
            "object: {kind: ImageStreamTag, tag: {from: {kind: DockerImage, name: 'lab.example:5000/a'}}}"
                .to_owned(),
            &[],
        ),
    ] {
        assert_refused(settings, &format!("{request}\n{cluster}"), expected);
        assert_refused(settings, &format!("{request}\n{}", stored("spec: {}")), &[]);
    }
}

/// Without the annotation by which the controller knows that it has looked, it imports all once more.
#[test]
fn a_repository_that_is_imported_once_more_is_judged_once_more() {
    let stream = |checked: &str| {
        format!(
            "{{kind: ImageStream, metadata: {{annotations: {{{checked}}}}}, spec: {{dockerImageRepository: docker.io/evil/app}}}}"
        )
    };
    let checked = stream("openshift.io/image.dockerRepositoryCheck: '2026-01-01T00:00:00Z'");
    let settings = "references: {allow: [quay.io]}";
    for (old, new, expected) in [
        (&checked, &stream(""), &["source-not-allowed"][..]),
        (&checked, &stream("openshift.io/image.dockerRepositoryCheck: ''"), &["source-not-allowed"]),
        (&checked, &checked, &[]),
    ] {
        assert_refused(settings, &format!("old: {old}\nobject: {new}"), expected);
        assert_refused(settings, &format!("subresource: status\nold: {old}\nobject: {new}"), expected);
    }
}

#[test]
fn an_import_into_a_tag_that_is_only_written_down_leaves_it_so() {
    let cluster = |reference: bool| stored(&format!("spec: {{tags: [{{name: a, reference: {reference}}}]}}"));
    let settings = "rules: {untracked-reference: deny}";
    let request = import("quay.io/acme/app", "a", "");
    assert_refused(settings, &format!("{request}\n{}", cluster(true)), &["untracked-reference"]);
    assert_refused(settings, &format!("{request}\n{}", cluster(false)), &[]);
}

/// The tag that is followed shows nothing yet, so nothing could be judged by what it shows.
#[test]
fn what_a_followed_tag_has_yet_to_import_is_pulled_from_outside_without_local() {
    let bad = &["reference-policy-mismatch"][..];
    let vendor = "from: {kind: DockerImage, name: 'registry.redhat.io/ubi9/ubi:9'}";
    let other = "from: {kind: DockerImage, name: 'quay.io/acme/app:9'}";
    let local = "referencePolicy: {type: Local}";
    let base = format!("{{name: base, {vendor}, {local}}}");
    let between = format!("{{name: between, from: {{kind: ImageStreamTag, name: base}}, {local}}}");
    for (stored_tags, from, policy, expected) in [
        (base.clone(), "base", "Source", bad),
        (base.clone(), "web:base", "Source", bad),
        (base.clone(), "base", "Local", &[]),
        (format!("{base}, {between}"), "between", "Source", bad),
        (format!("{base}, {between}"), "web:between", "Source", bad),
        (format!("{base}, {between}"), "between", "Local", &[]),
        (format!("{{name: base, {other}}}"), "base", "Source", &[]),
        (format!("{{name: base, {local}}}"), "base", "Source", &[]),
        ("{name: base, from: {kind: ImageStreamTag, name: base}}".to_owned(), "base", "Source", &[]),
        (base.clone(), "elsewhere:base", "Source", &[]),
    ] {
        let tag =
            format!("from: {{kind: ImageStreamTag, name: '{from}'}}, referencePolicy: {{type: {policy}}}");
        let stream = |tags: &str| format!("{{kind: ImageStream, spec: {{tags: [{tags}]}}}}");
        let cluster = stored(&format!("spec: {{tags: [{stored_tags}]}}"));
        for request in [
            format!(
                "old: {}\nobject: {}",
                stream(&stored_tags),
                stream(&format!("{stored_tags}, {{name: mine, {tag}}}"))
            ),
            format!(
                "object: {{kind: ImageStreamTag, metadata: {{name: 'web:mine'}}, tag: {{{tag}}}}}\n{cluster}"
            ),
            format!("object: {{kind: ImageTag, metadata: {{name: 'web:mine'}}, spec: {{{tag}}}}}\n{cluster}"),
        ] {
            assert_refused(VENDOR, &request, expected);
        }
    }
    // A tag between the two that is given the source moves what follows it.
    let waits = format!("{{name: between, {local}}}");
    let last = "{name: last, from: {kind: ImageStreamTag, name: between}}";
    let stream =
        |between: &str| format!("{{kind: ImageStream, spec: {{tags: [{base}, {between}, {last}]}}}}");
    let request = format!("old: {}\nobject: {}", stream(&waits), stream(&between));
    assert_refused(VENDOR, &request, bad);
}

/// The API server takes what it cannot import for a registry without a repository, and container runtimes pull
/// it from Docker Hub.
#[test]
fn what_cannot_be_read_gets_past_no_other_rule() {
    let scopes = ["allow: [quay.io]", "deny: [docker.io]", "pinned: ['']", "sourceTags: {deny: [latest]}"];
    let codes = ["source-not-allowed", "source-not-allowed", "digest-missing", "source-tag-not-allowed"];
    let tag = "{name: v1, reference: true, from: {kind: DockerImage, name: 'my.app'}}";
    for (scope, code) in scopes.into_iter().zip(codes) {
        for request in [
            format!("object: {{kind: ImageStream, spec: {{tags: [{tag}]}}}}"),
            format!("object: {{kind: ImageStreamTag, tag: {tag}}}"),
            format!("object: {{kind: ImageTag, spec: {tag}}}"),
            "object: {kind: ImageStreamImport, spec: {import: true, images: [{from: {kind: DockerImage, name: my.app}, to: {name: v1}}]}}".to_owned(),
        ] {
            let references = format!("references: {{{scope}}}");
            let mut both = [code, "reference-unparsable"];
            both.sort_unstable();
            assert_refused(&references, &request, &both);
            assert_refused(&format!("{references}, rules: {{reference-unparsable: warn}}"), &request, &both);
            for lowered in [
                "rules: {reference-unparsable: off}",
                "exemptions: [{reason: r, users: [dana], rules: [reference-unparsable]}]",
            ] {
                assert_refused(&format!("{references}, {lowered}"), &request, &[code]);
            }
        }
    }
    let image = "object: {kind: Image, dockerImageReference: my.app}";
    let lowered = "rules: {pull-spec-mismatch: off}";
    assert_refused(&format!("references: {{allow: [quay.io]}}, {lowered}"), image, &["source-not-allowed"]);
    assert_refused(lowered, image, &[]);
}

#[test]
fn what_is_cluster_wide_is_in_no_namespace() {
    let image = format!(
        "object: {{kind: Image, metadata: {{name: '{D}'}}, dockerImageReference: 'evil.test/a@{D}'}}"
    );
    let tag = format!(
        "object: {{kind: ImageStreamTag, tag: {{from: {{kind: DockerImage, name: 'evil.test/a@{D}'}}}}}}"
    );
    let settings = |matcher: &str| {
        format!(
            "references: {{allow: [quay.io]}}, exemptions: [{{reason: r, {matcher}, rules: [source-not-allowed]}}]"
        )
    };
    for matcher in ["namespaces: ['*']", "namespaces: ['*'], users: [dana]"] {
        assert_refused(&settings(matcher), &image, &["source-not-allowed"]);
        assert_refused(&settings(matcher), &tag, &[]);
    }
    assert_refused(&settings("users: [dana]"), &image, &[]);
}

#[test]
fn another_port_of_another_name_is_the_same_registry() {
    let aliases = "registryAliases: [[quay.io, mirror.example]]";
    let request = "object: {kind: ImageStreamTag, tag: {from: {kind: DockerImage, name: 'mirror.example:8443/acme/app:v1'}}}";
    let trust = |scope: &str| format!("trust: {{{ANY}, {aliases}, scopes: {{{scope}: [{{type: reject}}]}}}}");
    for scope in ["quay.io", "mirror.example", "quay.io/acme", "mirror.example/acme"] {
        assert_refused(&trust(scope), request, &["image-untrusted"]);
        for (list, code) in [("deny", "source-not-allowed"), ("pinned", "digest-missing")] {
            let settings = format!("references: {{{list}: [{scope}]}}, trust: {{{ANY}, {aliases}}}");
            assert_refused(&settings, request, &[code]);
        }
    }
    assert_refused(&trust("'quay.io:5000'"), request, &[]);
}
