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
            if request.contains("ImageStreamImport") {
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
            "object: {{kind: ImageStreamTag, tag: {{name: v1, from: {{kind: DockerImage, name: '{used}/lab/x:1'}}}}}}"
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
