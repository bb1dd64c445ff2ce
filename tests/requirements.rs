//! What the settings of `trust` and `signers` require of an image, and which of them are refused because they
//! would require nothing.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail")]

mod common;
#[path = "common/pointing.rs"]
mod pointing;

use common::{Short, lines};
use openshift_image_trust::validate_settings;
use pointing::{D, INTEGRATED, image, included};
use serde_json::{Value, json};
use time::format_description::well_known::Rfc3339;
use time::{Duration, UtcDateTime};

const KEY: &str = "-----BEGIN PUBLIC KEY-----\nMFkw\n-----END PUBLIC KEY-----\n";
/// After the keys of version 6 were made.
const LATER: &str = "2026-12-15T00:00:00Z";
/// The image that the signatures of version 6 are for.
const BUNDLE: &str = "sha256:50b9402635dd4b312a86bed05dcdbda8c00120d3789ec2e9b527045100b3bdb4";
const REPOSITORY: &str = "registry.redhat.io/albo/aws-load-balancer-operator-bundle";

/// What is wrong with settings when the policy is loaded.
fn problems(settings: &Value) -> Vec<String> {
    let settings = included(settings.clone()).to_string();
    let now = UtcDateTime::parse(LATER, &Rfc3339).unwrap();
    let message = validate_settings(settings.as_bytes(), now).message.unwrap_or_default();
    message.lines().map(str::to_owned).collect()
}

/// A tag that points at an image, where the cluster has these objects.
fn tag(settings: &Value, source: &str, now: &str, cluster: &[Value]) -> Short {
    let object = json!({"kind": "ImageStreamTag", "tag": {"name": "v1", "from": {"kind": "DockerImage", "name": source}}});
    let short = json!({"settings": settings, "object": object, "now": now, "cluster": cluster});
    Short::parse(&short.to_string())
}

/// Settings in which images of a scope need this, and others nothing.
fn scoped(scope: &str, requirement: &Value) -> Value {
    json!({
        "signers": [{"name": "acme", "openpgp": "<generated/keys/ed.asc>"}],
        "trust": {"default": [{"type": "insecureAcceptAnything"}], "scopes": {scope: [requirement]}},
    })
}

fn each_requirement() -> [Value; 4] {
    let signed_by = json!({"type": "signedBy", "signers": ["acme"]});
    let sigstore = json!({"type": "sigstoreSigned", "publicKeys": [KEY]});
    let any_of = json!({"type": "anyOf", "requirements": [signed_by, sigstore]});
    [signed_by, sigstore, any_of, json!({"type": "reject"})]
}

#[test]
fn a_signature_of_a_tag_is_not_asked_for_since_images_are_pulled_by_digest() {
    for requirement in each_requirement() {
        for (scope, named, repository) in [
            ("quay.io/acme/app:v1", "quay.io/acme/app:v1", "quay.io/acme/app"),
            ("Quay.IO:443/acme/app:V1", "quay.io/acme/app:V1", "quay.io/acme/app"),
            ("registry.test:5000/app:latest", "registry.test:5000/app:latest", "registry.test:5000/app"),
            ("docker.io/nginx:1", "docker.io/library/nginx:1", "docker.io/library/nginx"),
        ] {
            let expected = format!(
                "trust.scopes[{named}]: names a tag, but images are pulled by digest, to which this would not apply: write `{repository}`"
            );
            // A tag may be rejected: that holds for what is written with it.
            let asks = requirement["type"] != "reject";
            let expected: Vec<String> = asks.then_some(expected).into_iter().collect();
            assert_eq!(problems(&scoped(scope, &requirement)), expected, "{scope}");
        }
        for scope in [
            "quay.io/acme/app",
            "registry.test:5000",
            "registry.test:5000/app",
            "*.corp.example",
            "",
            &format!("quay.io/acme/app@{D}"),
        ] {
            assert_eq!(problems(&scoped(scope, &requirement)), Vec::<String>::new(), "{scope}");
        }
    }
    // What asks for nothing is not inert: a tag is imported by it.
    let anything = json!({"type": "insecureAcceptAnything"});
    assert_eq!(problems(&scoped("quay.io/acme/app:v1", &anything)), Vec::<String>::new());
}

/// However a scope is spelled, what it requires holds for each spelling of what it names.
#[test]
fn a_requirement_holds_for_every_spelling_of_its_scope() {
    let spelled = |host: &str| format!("{host}/ns/app@{D}");
    for (scope, source) in [
        ("REGISTRY.test", spelled("registry.test")),
        ("registry.test:443", spelled("Registry.Test")),
        ("registry.test/ns", spelled("registry.test:443")),
        ("docker.io/nginx", format!("nginx@{D}")),
        ("docker.io/nginx", format!("docker.io/nginx@{D}")),
        ("index.docker.io/nginx", format!("registry-1.docker.io/library/nginx@{D}")),
        ("docker.io/nginx", format!("docker.io/nginx/nginx@{D}")),
        ("docker.io", format!("nginx@{D}")),
        ("registry.test", spelled("registry.test:8443")),
        ("registry.test/ns", spelled("registry.test:80")),
        ("*.test", spelled("registry.test:8443")),
        (&format!("registry.test/ns/app@{D}"), spelled("registry.test:5000")),
    ] {
        for requirement in each_requirement() {
            let short = tag(&scoped(scope, &requirement), &source, LATER, &[image(D, &[])]);
            assert!(!short.verdict().accepted, "{scope}, {requirement}: {source}");
        }
    }
    // Other registries, namespaces and ports that have a scope of their own.
    for (scope, source) in [
        ("registry.test:5000", spelled("registry.test")),
        ("registry.test:5000", spelled("registry.test:8443")),
        ("registry.test/other", spelled("registry.test:8443")),
        ("docker.io/nginx", format!("docker.io/acme/nginx@{D}")),
        ("docker.io/nginx", format!("docker.io/library/nginx2@{D}")),
        ("*.registry.test", spelled("registry.test")),
        ("egistry.test", spelled("registry.test:8443")),
    ] {
        for requirement in each_requirement() {
            let short = tag(&scoped(scope, &requirement), &source, LATER, &[image(D, &[])]);
            assert!(short.verdict().accepted, "{scope}, {requirement}: {source}");
        }
    }
    // The host's own requirement decides at a port that no scope names, and not one as strict for all.
    let mut settings = scoped("registry.test", &json!({"type": "signedBy", "signers": ["build"]}));
    settings["signers"][0]["name"] = json!("build");
    settings["signers"][0]["openpgp"] = json!("<generated/keys/rsa.asc>");
    let acme = json!({"name": "acme", "openpgp": "<generated/keys/ed.asc>"});
    settings["signers"].as_array_mut().unwrap().push(acme);
    let by_acme = json!([{"type": "signedBy", "signers": ["acme"], "signedIdentity": {"type": "exactReference", "dockerReference": "registry.test/ns/app:v1"}}]);
    for (place, scope) in [("default", None), ("scopes", Some("*.test")), ("scopes", Some(""))] {
        let mut settings = settings.clone();
        match scope {
            None => settings["trust"][place] = by_acme.clone(),
            Some(scope) => settings["trust"][place][scope] = by_acme.clone(),
        }
        let source = spelled("registry.test:8443");
        assert!(!tag(&settings, &source, LATER, &[image(D, &["json-ok"])]).verdict().accepted, "{scope:?}");
        let elsewhere = spelled("other.test:8443");
        assert!(tag(&settings, &elsewhere, LATER, &[image(D, &["json-ok"])]).verdict().accepted, "{scope:?}");
    }
    let anything = json!([{"type": "insecureAcceptAnything"}]);
    for (scope, own, source) in [
        ("registry.test", "registry.test:5000", spelled("registry.test:5000")),
        ("docker.io/nginx", "docker.io/library/nginx", format!("nginx@{D}")),
    ] {
        let mut settings = scoped(scope, &json!({"type": "reject"}));
        settings["trust"]["scopes"][own] = anything.clone();
        assert!(tag(&settings, &source, LATER, &[]).verdict().accepted, "{own} beside {scope}");
    }
    // A scope that asks for nothing is not widened.
    for (scope, source) in
        [("registry.test", spelled("registry.test:5000")), ("docker.io/nginx", format!("nginx@{D}"))]
    {
        let mut settings = scoped(scope, &anything[0]);
        settings["trust"]["default"] = json!([{"type": "reject"}]);
        assert!(!tag(&settings, &source, LATER, &[]).verdict().accepted, "{scope}");
    }
}

fn any_of(requirements: &Value) -> Value {
    json!({"type": "anyOf", "requirements": requirements})
}

#[test]
fn one_of_several_requirements_makes_sense_only_where_each_can_be_met_and_missed() {
    let signed_by = json!({"type": "signedBy", "signers": ["acme"]});
    let at = "trust.scopes[quay.io][0].requirements";
    for (requirements, expected) in [
        (json!([]), vec![format!("{at}: is empty, so that no image could meet it")]),
        (json!([signed_by]), vec![format!("{at}: has one requirement: write it without `anyOf`")]),
        (json!(5), vec![format!("{at}: expected a list, found the number 5")]),
        (
            json!([signed_by, {"type": "insecureAcceptAnything"}]),
            vec![format!(
                "{at}[1].type: `insecureAcceptAnything` is always met, so that the others would mean nothing"
            )],
        ),
        (
            json!([{"type": "reject"}, signed_by]),
            vec![format!("{at}[0].type: `reject` is never met: leave it out")],
        ),
        (
            json!([signed_by, any_of(&json!([signed_by, signed_by]))]),
            vec![format!("{at}[1].type: `anyOf` stands in another one: list its requirements there")],
        ),
        (
            json!([{"type": "signedBy", "signers": ["acne"]}, {"type": "sigstoreSigned"}]),
            vec![
                format!("{at}[0].signers[0]: `acne` is not a signer: did you mean `acme`?"),
                format!(
                    "{at}[1]: has not exactly one of `publicKeys`, `keyless`, `keylessPrefix`, `githubActions`, `certificate`"
                ),
            ],
        ),
        (
            json!([{"type": "signedBy", "signers": ["acme"], "threshold": 2}, signed_by]),
            vec![format!("{at}[0].threshold: 2 cannot be reached: `signers` have 1 different keys")],
        ),
        (json!([signed_by, {"type": "sigstoreSigned", "publicKeys": [KEY]}]), vec![]),
    ] {
        assert_eq!(problems(&scoped("quay.io", &any_of(&requirements))), expected, "{requirements}");
    }
    let missing = scoped("quay.io", &json!({"type": "anyOf"}));
    assert_eq!(problems(&missing), ["trust.scopes[quay.io][0]: `requirements` is missing"]);
}

#[test]
fn one_of_several_requirements_will_do_and_the_host_is_asked_last() {
    let source = format!("registry.test/ns/app@{D}");
    let gpg = json!({"type": "signedBy", "signers": ["acme"]});
    let sigstore = json!({"type": "sigstoreSigned", "publicKeys": [KEY]});
    let settings = scoped("registry.test", &any_of(&json!([sigstore, gpg])));
    let trusted = json!({"signed": source, "digest": D});
    let refused = json!({"signed": source, "digest": D, "trusted": false});
    let asked =
        |short: &Short| short.cluster.asked.borrow().iter().filter(|it| it.starts_with("signatures")).count();

    let by_gpg = tag(&settings, &source, LATER, &[image(D, &["json-ok"]), refused.clone()]);
    assert!(by_gpg.verdict().accepted);
    assert_eq!(asked(&by_gpg), 0, "an OpenPGP signature is enough");
    let by_sigstore = tag(&settings, &source, LATER, &[image(D, &[]), trusted.clone()]);
    assert!(by_sigstore.verdict().accepted);
    assert_eq!(asked(&by_sigstore), 1);
    // The cluster does not have the image yet, and the host vouches for it.
    assert!(tag(&settings, &source, LATER, &[trusted]).verdict().accepted);

    let line = |signatures: &[&str], more: &[Value]| {
        let cluster: Vec<Value> = [image(D, signatures)].into_iter().chain(more.to_vec()).collect();
        let verdict = tag(&settings, &source, LATER, &cluster).verdict();
        assert!(!verdict.accepted);
        lines(&verdict).join("\n")
    };
    let trusted_by = format!("tag.from.name: `{source}` is not trusted by `trust.scopes[registry.test]`: ");
    let none = "the host found no sigstore signature that meets the requirement";
    assert_eq!(
        line(&["json-ok-hub-legacy"], std::slice::from_ref(&refused)),
        format!(
            "{trusted_by}needs a signature from `acme`; its only signature is not valid: made for \
             `index.docker.io/busybox:latest`; or {none} [image-untrusted]"
        )
    );
    // What cannot be asked may still be met: that is what is told first, and it is a denial.
    let unavailable = line(&[], &[]);
    assert!(
        unavailable.ends_with("; or needs a signature from `acme`; it has none [host-unavailable]"),
        "{unavailable}"
    );
    // All requirements of a list must hold, each by one of its own.
    let mut both = settings.clone();
    both["trust"]["scopes"]["registry.test"].as_array_mut().unwrap().push(json!({"type": "reject"}));
    assert!(!tag(&both, &source, LATER, &[image(D, &["json-ok"])]).verdict().accepted);
}

/// Of two signers' requirements, the nearer reason comes first, whatever their order.
#[test]
fn of_several_reasons_the_nearest_is_told_first() {
    let source = format!("registry.test/ns/app@{D}");
    let by = |name: &str| json!({"type": "signedBy", "signers": [name]});
    for requirements in [json!([by("acme"), by("build")]), json!([by("build"), by("acme")])] {
        let mut settings = scoped("registry.test", &any_of(&requirements));
        let build = json!({"name": "build", "openpgp": "<generated/keys/rsa.asc>"});
        settings["signers"].as_array_mut().unwrap().push(build);
        let verdict = tag(&settings, &source, LATER, &[image(D, &["json-ok-hub-legacy"])]).verdict();
        let told = lines(&verdict).join("\n");
        let (near, far) = (told.find("made for `index.docker.io/busybox"), told.find("made by `acme`"));
        assert!(near.is_some() && near < far, "{told}");
    }
}

/// An image that the integrated registry serves: what is required there is required by one of several too.
#[test]
fn one_of_several_requirements_is_asked_of_what_the_cluster_serves_itself() {
    let source = format!("registry.test/ns/app@{D}");
    let requirement = any_of(&json!([
        {"type": "signedBy", "signers": ["acme"]},
        {"type": "sigstoreSigned", "publicKeys": [KEY]},
    ]));
    let settings = scoped(&format!("{INTEGRATED}/shop"), &requirement);
    let object = json!({"kind": "ImageStreamTag", "tag": {
        "name": "v1", "referencePolicy": {"type": "Local"}, "from": {"kind": "DockerImage", "name": source},
    }});
    let short =
        json!({"settings": settings, "object": object, "now": LATER, "cluster": [image(D, &["json-ok"])]});
    // It is signed for another name than the one that it is pulled by.
    assert!(!Short::parse(&short.to_string()).verdict().accepted);
}

/// Settings in which this signer, of version 6, must have signed with a post-quantum key.
fn post_quantum(requirements: &Value, keys: &[(&str, &str)]) -> Value {
    let signers: Vec<Value> = keys
        .iter()
        .map(|(name, key)| json!({"name": name, "openpgp": format!("<openpgp-v6/{key}.cert.asc>")}))
        .collect();
    json!({"signers": signers, "trust": {"default": [{"type": "reject"}], "scopes": {"registry.redhat.io": requirements}}})
}

/// The image with signatures by these keys of version 6.
fn bundle(keys: &[&str]) -> Value {
    let signatures: Vec<Value> = keys
        .iter()
        .map(|key| json!({"type": "atomic", "content": format!("<openpgp-v6/{key}.sig>")}))
        .collect();
    included(json!({
        "kind": "Image", "metadata": {"name": BUNDLE},
        "dockerImageReference": format!("{REPOSITORY}@{BUNDLE}"), "signatures": signatures,
    }))
}

#[test]
fn only_post_quantum_signatures_count_where_they_are_asked_for() {
    const KEYS: &[(&str, &str)] =
        &[("classic", "ed25519-v6"), ("new", "mldsa65-v6"), ("newest", "mldsa87-v6")];
    let quantum = json!({"type": "signedBy", "signers": ["classic", "new", "newest"], "postQuantum": true});
    let ordinary = json!({"type": "signedBy", "signers": ["classic"]});
    let two = json!({"type": "signedBy", "signers": ["classic", "new", "newest"], "postQuantum": true, "threshold": 2});
    let source = format!("{REPOSITORY}@{BUNDLE}");
    for (requirements, signed, accepted) in [
        (json!([quantum]), &["mldsa65-v6"][..], true),
        (json!([quantum]), &["mldsa87-v6"], true),
        (json!([quantum]), &["ed25519-v6", "mldsa65-v6"], true),
        (json!([quantum]), &["ed25519-v6"], false),
        (json!([quantum]), &[], false),
        (json!([quantum, ordinary]), &["ed25519-v6", "mldsa65-v6"], true),
        (json!([quantum, ordinary]), &["mldsa65-v6"], false),
        (json!([ordinary, quantum]), &["ed25519-v6"], false),
        (json!([two]), &["mldsa65-v6", "mldsa87-v6"], true),
        (json!([two]), &["mldsa65-v6", "ed25519-v6"], false),
        (json!([any_of(&json!([quantum, ordinary]))]), &["ed25519-v6"], true),
        (json!([any_of(&json!([quantum, two]))]), &["ed25519-v6"], false),
    ] {
        let settings = post_quantum(&requirements, KEYS);
        assert_eq!(problems(&settings), Vec::<String>::new());
        let verdict = tag(&settings, &source, LATER, &[bundle(signed)]).verdict();
        assert_eq!(verdict.accepted, accepted, "{requirements} by {signed:?}: {:#?}", lines(&verdict));
    }
    let verdict =
        tag(&post_quantum(&json!([quantum]), KEYS), &source, LATER, &[bundle(&["ed25519-v6"])]).verdict();
    let expected = "needs a post-quantum signature from one of `classic`, `new`, `newest`; its only signature is not \
                    valid: made by `classic` with a key that is not post-quantum [image-untrusted]";
    assert!(lines(&verdict).iter().any(|line| line.ends_with(expected)), "{:#?}", lines(&verdict));
}

/// The lines of this rule about an Image with a signature by this key, which is marked as trusted.
fn about(rule: &str, requirements: &Value, key: &str) -> Vec<String> {
    let settings = post_quantum(requirements, &[("acme", "ed25519-v6"), ("new", "mldsa65-v6")]);
    let mut image = bundle(&[key]);
    image["signatures"][0]["metadata"] = json!({"name": format!("{BUNDLE}@one")});
    image["signatures"][0]["conditions"] =
        json!([{"type": "Trusted", "status": "True"}, {"type": "ForImage", "status": "True"}]);
    let short = json!({"settings": settings, "object": image, "now": LATER});
    let end = format!(" [{rule}]");
    let told = lines(&Short::parse(&short.to_string()).verdict());
    told.iter().filter_map(|line| Some(line.strip_suffix(&end)?.to_owned())).collect()
}

#[test]
fn a_signature_of_another_kind_than_is_asked_for_is_not_to_be_called_trusted() {
    let quantum = json!({"type": "signedBy", "signers": ["acme", "new"], "postQuantum": true});
    let ordinary = json!({"type": "signedBy", "signers": ["acme"]});
    let why = "signatures[0].conditions[0].status (signature `sha256:50b9402635dd…@one`): `Trusted` is claimed, but \
               `trust.scopes[registry.redhat.io]` requires a post-quantum signature from `acme`, and this one is not";
    for (requirements, key, expected) in [
        (json!([quantum]), "ed25519-v6", Some(why)),
        (json!([quantum]), "mldsa65-v6", None),
        (json!([quantum, ordinary]), "ed25519-v6", None),
        (json!([any_of(&json!([quantum, ordinary]))]), "ed25519-v6", None),
        (json!([any_of(&json!([quantum, quantum]))]), "ed25519-v6", Some(why)),
    ] {
        let expected: Vec<&str> = expected.into_iter().collect();
        assert_eq!(about("condition-unproven", &requirements, key), expected, "{requirements} {key}");
    }
}

#[test]
fn the_name_in_a_signature_is_held_against_requirements_that_its_key_may_meet() {
    let quantum = |identity: &str| {
        let identity = json!({"type": "exactRepository", "dockerRepository": identity});
        json!({"type": "signedBy", "signers": ["acme", "new"], "postQuantum": true, "signedIdentity": identity})
    };
    let ordinary = |identity: &str| {
        let identity = json!({"type": "exactRepository", "dockerRepository": identity});
        json!({"type": "signedBy", "signers": ["acme"], "signedIdentity": identity})
    };
    let other = "registry.test/other";
    for (requirements, key, is_told) in [
        (json!([ordinary(REPOSITORY), quantum(other)]), "ed25519-v6", false),
        (json!([ordinary(other), quantum(REPOSITORY)]), "ed25519-v6", true),
        (json!([ordinary(other), quantum(REPOSITORY)]), "mldsa65-v6", false),
        // Where it can meet none, its name is still that of the image.
        (json!([quantum(other)]), "ed25519-v6", true),
        (json!([quantum(REPOSITORY)]), "ed25519-v6", false),
    ] {
        let told = about("signature-identity-mismatch", &requirements, key);
        assert_eq!(!told.is_empty(), is_told, "{requirements} {key}: {told:?}");
    }
}

#[test]
fn post_quantum_signatures_that_no_signer_can_make_are_refused() {
    let asked = |signers: &[&str], threshold: usize| json!([{"type": "signedBy", "signers": signers, "postQuantum": true, "threshold": threshold}]);
    let at = "trust.scopes[registry.redhat.io][0]";
    for (requirements, keys, expected) in [
        (
            asked(&["classic"], 1),
            &[("classic", "ed25519-v6")][..],
            Some(format!(
                "{at}.postQuantum: none of `signers` has a post-quantum key, so that no image could meet this"
            )),
        ),
        // A key that another signer has does not help.
        (
            asked(&["classic"], 1),
            &[("classic", "rsa4k-v6"), ("new", "mldsa65-v6")],
            Some(format!(
                "{at}.postQuantum: none of `signers` has a post-quantum key, so that no image could meet this"
            )),
        ),
        (
            asked(&["classic", "new"], 2),
            &[("classic", "ed25519-v6"), ("new", "mldsa65-v6")],
            Some(format!(
                "{at}.threshold: 2 cannot be reached: `signers` have 1 different post-quantum keys"
            )),
        ),
        (asked(&["classic", "new"], 1), &[("classic", "ed25519-v6"), ("new", "mldsa65-v6")], None),
        (asked(&["newest"], 1), &[("newest", "mldsa87-v6")], None),
    ] {
        let expected: Vec<String> = expected.into_iter().collect();
        assert_eq!(problems(&post_quantum(&requirements, keys)), expected);
    }
    let within =
        json!([any_of(&json!([asked(&["classic"], 1)[0], {"type": "signedBy", "signers": ["classic"]}]))]);
    let told = problems(&post_quantum(&within, &[("classic", "ed25519-v6")]));
    assert_eq!(
        told,
        [format!(
            "{at}.requirements[0].postQuantum: none of `signers` has a post-quantum key, so that no image could meet this"
        )]
    );
}

#[test]
fn a_signature_that_is_too_old_for_its_signer_does_not_count() {
    let source = format!("{REPOSITORY}@{BUNDLE}");
    let blob = included(
        json!({"content": "<openpgp-v6/ed25519-v6.sig>", "key": "<openpgp-v6/ed25519-v6.cert.asc>"}),
    );
    let created = created(&blob);
    let settings = |days: u64| {
        let mut settings = post_quantum(
            &json!([{"type": "signedBy", "signers": ["classic"]}]),
            &[("classic", "ed25519-v6")],
        );
        settings["signers"][0]["maxAgeDays"] = json!(days);
        settings
    };
    let warning = |days: i64| {
        format!(
            "settings.signers[0].maxAgeDays: the signature of `classic` on `{}…` counts until {}; sign it again [signature-untrusted]",
            BUNDLE.get(..19).unwrap(),
            (created + Duration::days(days)).date()
        )
    };
    for (age, accepted, warned) in [
        (Duration::days(0), true, false),
        (Duration::days(15), true, false),
        (Duration::days(16) - Duration::seconds(1), true, false),
        (Duration::days(16), true, true),
        (Duration::days(30), true, true),
        (Duration::days(30) + Duration::seconds(1), false, false),
        (Duration::days(31), false, false),
        (Duration::days(300), false, false),
    ] {
        let now = (created + age).format(&Rfc3339).unwrap();
        let verdict = tag(&settings(30), &source, &now, &[bundle(&["ed25519-v6"])]).verdict();
        assert_eq!(verdict.accepted, accepted, "{age}: {:#?}", lines(&verdict));
        let expected: Vec<String> = warned.then(|| warning(30)).into_iter().collect();
        assert_eq!(verdict.warnings, expected, "{age}");
        // As `signedFrom`, it holds for a signature that is attached too.
        let image = bundle(&["ed25519-v6"]);
        let short = json!({"settings": settings(30), "object": image, "now": now});
        let told = lines(&Short::parse(&short.to_string()).verdict());
        let is_refused =
            told.iter().any(|line| line.ends_with("(`signedFrom` or `maxAgeDays`) [signature-untrusted]"));
        assert_eq!(is_refused, !accepted, "{age}: {told:#?}");
    }
    // The narrower of two bounds counts.
    let now = (created + Duration::days(10)).format(&Rfc3339).unwrap();
    for (from, accepted) in [(created - Duration::days(1), true), (created + Duration::days(1), false)] {
        let mut settings = settings(30);
        settings["signers"][0]["signedFrom"] = json!(from.format(&Rfc3339).unwrap());
        let verdict = tag(&settings, &source, &now, &[bundle(&["ed25519-v6"])]).verdict();
        assert_eq!(verdict.accepted, accepted);
    }
    for (days, expected) in [
        (json!(0), "signers[0].maxAgeDays: expected a whole number from 1, found the number 0"),
        (json!(-1), "signers[0].maxAgeDays: expected a whole number from 1, found the number -1"),
        (json!("30"), "signers[0].maxAgeDays: expected a whole number from 1, found the string `30`"),
        (json!(36_501), "signers[0].maxAgeDays: is more than 36500 days: leave it out"),
        (json!(u64::from(u32::MAX)), "signers[0].maxAgeDays: is more than 36500 days: leave it out"),
    ] {
        let mut settings = settings(1);
        settings["signers"][0]["maxAgeDays"] = days;
        assert_eq!(problems(&settings), [expected]);
    }
    assert_eq!(problems(&settings(36_500)), Vec::<String>::new());
}

/// When the signature says it was made.
fn created(blob: &Value) -> UtcDateTime {
    use base64::Engine as _;
    use openshift_image_trust::{KeyPolicy, Keyring, Limits, Signer};
    let signers =
        [Signer { name: "a", openpgp: blob["key"].as_str().unwrap(), key_policy: KeyPolicy::default() }];
    let content = base64::prelude::BASE64_STANDARD.decode(blob["content"].as_str().unwrap()).unwrap();
    let now = UtcDateTime::parse(LATER, &Rfc3339).unwrap();
    Keyring::new(&signers, Limits::default(), now).verify(&content).unwrap().created()
}

/// The settings that docs/settings.md shows for these requirements, with keys in place of `…`.
#[test]
fn the_examples_in_the_documents_hold() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/settings.md")).unwrap();
    let example = page
        .split("```yaml\n")
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap())
        .find(|block| block.contains("postQuantum"))
        .unwrap();
    let mut settings: Value = serde_norway::from_str(&example.replace('…', "x")).unwrap();
    for (index, key) in ["ed25519-v6", "mldsa87-v6", "rsa4k-v6"].iter().enumerate() {
        settings["signers"][index]["openpgp"] = json!(format!("<openpgp-v6/{key}.cert.asc>"));
    }
    assert_eq!(problems(&settings), Vec::<String>::new());
    for (signed, accepted) in [
        (&["ed25519-v6", "mldsa87-v6"][..], true),
        (&["mldsa87-v6"], false),
        (&["ed25519-v6"], false),
        (&[], false),
    ] {
        let source = format!("{REPOSITORY}@{BUNDLE}");
        let verdict = tag(&settings, &source, LATER, &[bundle(signed)]).verdict();
        assert_eq!(verdict.accepted, accepted, "{signed:?}: {:#?}", lines(&verdict));
    }
}
