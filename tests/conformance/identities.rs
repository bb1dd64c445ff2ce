//! What a signature says the image is, against what it is.

use openshift_image_trust::RegistryAliases;
use openshift_image_trust::identity_matches;
use openshift_image_trust::{ExactReference, ExactRepository, Plain, RemapIdentity, SignedIdentity};
use serde_json::json;

use crate::images::{self, Image};
use crate::{SKOPEO_DIGEST, fixture, fixture_key, verify};

const EXACT: SignedIdentity = SignedIdentity::MatchExact(Plain {});
const BY_DIGEST: SignedIdentity = SignedIdentity::MatchRepoDigestOrExact(Plain {});
const REPOSITORY: SignedIdentity = SignedIdentity::MatchRepository(Plain {});

fn exact_reference(text: &str) -> SignedIdentity {
    SignedIdentity::ExactReference(ExactReference { docker_reference: text.to_owned() })
}

fn exact_repository(text: &str) -> SignedIdentity {
    SignedIdentity::ExactRepository(ExactRepository { docker_repository: text.to_owned() })
}

fn remap(prefix: &str, signed_prefix: &str) -> SignedIdentity {
    SignedIdentity::RemapIdentity(RemapIdentity {
        prefix: prefix.to_owned(),
        signed_prefix: signed_prefix.to_owned(),
    })
}

/// `$D` stands for a digest, `$E` for another.
fn written(text: &str) -> String {
    text.replace("$D", "@sha256:0205374946b5e089dfd3017e2743df600adad17678a5c975f7074dc4ab4393d1")
        .replace("$E", "@sha256:3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25")
}

#[track_caller]
fn assert_matches(identity: &SignedIdentity, image: &str, signed: &str, expected: bool) {
    let found = identity_matches(identity, &written(image), &written(signed), &RegistryAliases::default());
    assert_eq!(found, expected, "{identity:?}: image `{image}`, signed `{signed}`");
}

/// Where two references are the same image's, whichever of them is signed.
const EXACT_PAIRS: [(&str, &str, bool); 25] = [
    ("app:v1", "app:v1", true),
    ("registry.test/ns/app:v1", "registry.test/ns/app:v1", true),
    ("app$D", "app$D", true),
    ("library/app:v1", "app:v1", true),
    ("docker.io/library/app:v1", "app:v1", true),
    ("library/app$D", "app$D", true),
    ("app:v1", "app:v2", false),
    ("app:v1", "other:v1", false),
    ("app:v1", "host/library/app:v2", false),
    ("host/library/app:v1", "app:v2", false),
    ("app:v1", "registry.test/ns/app:v1", false),
    ("app$D", "other$D", false),
    ("app:v1", "app$D", false),
    ("app$D", "app$E", false),
    ("app", "app:v1", false),
    ("app", "app$D", false),
    ("app", "app", false),
    ("app:v1$D", "app:v1$D", true),
    ("app:v1$D", "app:v1$E", false),
    ("app:v1$D", "app:v2$D", false),
    ("app:v1$D", "app$D", false),
    ("app:v1$D", "app:v1", false),
    ("UPPER_CASE", "app:v1", false),
    ("", "UPPER_CASE", false),
    ("UPPER", "UPPER", false),
];

/// Where two references are of one repository.
const REPOSITORY_PAIRS: [(&str, &str, bool); 31] = [
    ("app:v1", "app:v1", true),
    ("registry.test/ns/app:v1", "registry.test/ns/app:v1", true),
    ("app$D", "app$D", true),
    ("library/app:v1", "app:v1", true),
    ("docker.io/library/app:v1", "app:v1", true),
    ("library/app$D", "app$D", true),
    ("app:v1", "app:v2", true),
    ("registry.test/ns/app:v10", "registry.test/ns/app:v1", true),
    ("library/app:v1", "app:v2", true),
    ("app:v1", "library/app:v2", true),
    ("docker.io/library/app:v2", "app:v1", true),
    ("app:v2", "docker.io/library/app:v1", true),
    ("app:v1", "app$D", true),
    ("app$D", "app$E", true),
    ("app", "app:v2", true),
    ("registry.test/ns/app:v1", "registry.test/ns/app", true),
    ("app", "app$D", true),
    ("library/app", "app", true),
    ("docker.io/library/app", "app", true),
    ("app:v1", "other:v1", false),
    ("host/library/app:v1", "app:v2", false),
    ("app:v1", "registry.test/ns/app:v1", false),
    ("app$D", "other$D", false),
    ("app:v1$D", "app:v1$D", true),
    ("app:v1$D", "app:v1$E", true),
    ("app:v1$D", "app:v2$D", true),
    ("app:v1$D", "app$D", true),
    ("app:v1$D", "app:v1", true),
    ("UPPER_CASE", "app:v1", false),
    ("", "UPPER_CASE", false),
    ("UPPER", "UPPER", false),
];

pub(crate) fn exact_matches() {
    for (one, other, expected) in EXACT_PAIRS {
        for (image, signed) in [(one, other), (other, one)] {
            assert_matches(&EXACT, image, signed, expected);
            // Whatever the image itself is called.
            for called in [image, "mirror.test/x:v9", ""] {
                assert_matches(&exact_reference(&written(image)), called, signed, expected);
            }
        }
    }
}

pub(crate) fn repository_matches() {
    for (one, other, expected) in REPOSITORY_PAIRS {
        for (image, signed) in [(one, other), (other, one)] {
            assert_matches(&REPOSITORY, image, signed, expected);
            for called in [image, "mirror.test/x:v9", ""] {
                assert_matches(&exact_repository(&written(image)), called, signed, expected);
            }
        }
    }
}

/// What is told apart only here, image first. Left out is what
/// [`an_image_by_digest_needs_a_signed_tag_or_digest`] holds.
const BY_DIGEST_PAIRS: [(&str, &str, bool); 19] = [
    ("app:v1", "app:v2", false),
    ("registry.test/ns/app:v10", "registry.test/ns/app:v1", false),
    ("library/app:v1", "app:v2", false),
    ("app:v1", "library/app:v2", false),
    ("docker.io/library/app:v2", "app:v1", false),
    ("app:v2", "docker.io/library/app:v1", false),
    ("app", "app:v1", false),
    ("app:v1", "app", false),
    ("app", "app$D", false),
    ("registry.test/ns/app:v1", "registry.test/ns/app", false),
    ("app", "app", false),
    ("app:v1", "app$D", false),
    ("app$D", "app:v1", true),
    ("app$D", "app$E", true),
    ("app:v1$D", "app:v1", false),
    ("app:v1$D", "app:v2", false),
    ("app:v1", "app:v1$D", false),
    ("app:v1$D", "app:v1$E", false),
    ("app:v1$D", "app:v2$E", false),
];

/// All pairs that `matchRepoDigestOrExact` decides, image first: what matches exactly, what is of
/// another repository, and what is told apart only there.
fn by_digest_pairs() -> impl Iterator<Item = (&'static str, &'static str, bool)> {
    let exact = EXACT_PAIRS.into_iter().filter(|(.., expected)| *expected);
    let elsewhere = REPOSITORY_PAIRS.into_iter().filter(|(.., expected)| !*expected);
    exact
        .chain(elsewhere)
        .flat_map(|(one, other, expected)| [(one, other, expected), (other, one, expected)])
        .chain(BY_DIGEST_PAIRS)
}

pub(crate) fn repository_by_digest_else_exact_matches() {
    for (image, signed, expected) in by_digest_pairs() {
        assert_matches(&BY_DIGEST, image, signed, expected);
    }
}

/// A row of `matchRepoDigestOrExactTestTable`: a signature for a repository as a whole is for none of
/// its images.
#[test]
fn an_image_by_digest_needs_a_signed_tag_or_digest() {
    assert_matches(&BY_DIGEST, "app$D", "app", false);
    assert_matches(&remap("x.test", "y.test"), "app$D", "app", false);
    assert_matches(&remap("m.test", "v.test"), "m.test/app$D", "v.test/app", false);
    let by_digest = format!("testing/manifest@{SKOPEO_DIGEST}");
    let trust = json!({"default": [images::signed_by(&["skopeo"])]});
    let image = Image { reference: &by_digest, ..Image::signed(&["image.signature"]) };
    assert!(!images::shown(&images::skopeo(&trust), &image).accepted);
}

/// containers/image's `splitDockerDomain`: a first part without dot and colon is a host only as
/// `localhost`, so that one in capitals is a repository, and no name.
#[test]
fn a_first_part_in_capitals_is_no_host() {
    for identity in [EXACT, BY_DIGEST, REPOSITORY] {
        assert_matches(&identity, "UPPER/app:v1", "UPPER/app:v1", false);
    }
    // The last row of `TestPRMRemapIdentityMatchesDockerReference`.
    assert_matches(&remap("m.test", "UPPER"), "m.test/app:v1", "UPPER/app:v1", false);
}

pub(crate) fn where_a_prefix_applies() {
    for (image, prefix, applies) in [
        ("docker.io/app:v1", "docker.io", true),
        ("docker.io/app:v1", "m.test", false),
        ("m.test:5000/app:v1", "m.test:5000", true),
        ("m.test:50000/app:v1", "m.test:5000", false),
        ("m.test:5000/app:v1", "m.test", false),
        ("m.test/app:v1", "m.test:5000", false),
        ("m.test/app:v1", "m.test", true),
        ("m.test/ns/app:v1", "m.test", true),
        ("m.test/ns/app$D", "m.test", true),
        ("m.test/ns/app:v1$D", "m.test", true),
        ("sub.m.test/app:v1", "m.test", false),
        ("m.test.example/app:v1", "m.test", false),
        ("m.test:v1", "m.test", false),
        ("docker.io/ns/app:v1", "docker.io/library", false),
        ("docker.io/libraryy/app:v1", "docker.io/library", false),
        ("m.test/library/app:v1", "docker.io/library", false),
        ("docker.io/library/app:v1", "docker.io/library", true),
        ("app:v1", "docker.io/library", true),
        ("app:v1", "docker.io/library/app", true),
        ("app2:v1", "docker.io/library/app", false),
        ("app:v1", "docker.io/app", false),
        ("m.test/library/app:v1", "docker.io/library/app", false),
        ("m.test/ns/app:v1", "m.test/ns", true),
        ("m.test/ns2/app:v1", "m.test/ns", false),
        ("m.test/n2/app:v1", "m.test/ns", false),
        ("m.test:5000/ns/app:v1", "m.test/ns", false),
        ("m.test/ns/app:v1", "m.test:5000/ns", false),
        ("m.test/ns/app:v1", "m.test/ns/app", true),
        ("m.test/ns/app$D", "m.test/ns/app", true),
        ("m.test/ns/app:v1$D", "m.test/ns/app", true),
        ("m.test/ns/ap2:v1", "m.test/ns/app", false),
        ("m.test/ns/appp:v1", "m.test/ns/app", false),
        ("m.test:5000/ns/app:v1", "m.test/ns/app", false),
        ("m.test/ns/app:v1", "m.test:5000/ns/app", false),
    ] {
        // Where it does not apply, the image keeps its name; where it does, it has another.
        assert_matches(&remap(prefix, "v.test/x"), image, image, !applies);
        // Onto itself it changes nothing either way.
        assert_matches(&remap(prefix, prefix), image, image, true);
    }
}

/// Empty stands for what is no reference once replaced; `src/identity.rs` has more of these.
pub(crate) fn what_a_prefix_is_replaced_by() {
    for (prefix, signed_prefix, image, becomes) in [
        ("m.test", "v.test", "m.test/ns/app:tag", "v.test/ns/app:tag"),
        ("m.test", "v.test", "other.test/ns/app:tag", "other.test/ns/app:tag"),
        ("m.test", "v.test", "prefixm.test/ns/app:tag", "prefixm.test/ns/app:tag"),
        ("m.test/ns", "v.test/team", "m.test/other/app:tag", "m.test/other/app:tag"),
        ("m.test/a", "m.test/b", "m.test/a/app:tag", "m.test/b/app:tag"),
        ("m.test/ns/a", "m.test/ns/b", "m.test/ns/a:tag", "m.test/ns/b:tag"),
        ("m.test", "v.test/a/b", "m.test/app:tag", "v.test/a/b/app:tag"),
        ("m.test/a/b", "v.test", "m.test/a/b/app:tag", "v.test/app:tag"),
        ("m.test:5000", "v.test", "m.test:5000/app:tag", "v.test/app:tag"),
        ("m.test", "v.test:5000", "m.test/app:tag", "v.test:5000/app:tag"),
        ("m.test", "m.test/m.test", "m.test/m.test:tag", "m.test/m.test/m.test:tag"),
        ("docker.io", "v.test", "busybox:tag", "v.test/library/busybox:tag"),
        ("docker.io", "v.test/ns", "busybox:tag", "v.test/ns/library/busybox:tag"),
        ("docker.io/library", "v.test/ns", "busybox:tag", "v.test/ns/busybox:tag"),
        ("docker.io/library/busybox", "v.test/ns/other", "busybox:tag", "v.test/ns/other:tag"),
        ("m.test", "v.test", "m.test/app:tag", "v.test/app:tag"),
        ("m.test", "v.test", "m.test/app:tag$D", "v.test/app:tag$D"),
        ("m.test/ns/app", "v.test:5000", "m.test/ns/app:tag", ""),
        ("m.test/ns/app", "v.test:5000", "m.test/ns/app$D", ""),
        ("m.test/ns/app", "notlocalhost", "m.test/ns/app:tag", ""),
    ] {
        let identity = remap(prefix, signed_prefix);
        assert_matches(&identity, image, becomes, !becomes.is_empty());
        if becomes.is_empty() {
            let replaced = image.replacen(prefix, signed_prefix, 1);
            for signed in [image, &replaced, &format!("docker.io/library/{replaced}"), "v.test/ns/app:tag"] {
                assert_matches(&identity, image, signed, false);
            }
        } else {
            assert_matches(&identity, image, &becomes.replace(":tag", ":other"), false);
            let changes = !image.ends_with(becomes);
            assert_matches(&identity, image, image, !changes);
        }
    }
    // By digest the repository is all that is seen; with neither tag nor digest, nothing is.
    for (signed, expected) in [("v.test/app$D", true), ("v.test/app:any", true), ("m.test/app$D", false)] {
        assert_matches(&remap("m.test", "v.test"), "m.test/app$D", signed, expected);
    }
    assert_matches(&remap("m.test", "v.test"), "m.test/app", "v.test/app", false);
}

/// The last three have prefixes that settings refuse.
pub(crate) fn remapped_matches() {
    for (prefix, signed_prefix, image, signed, expected) in [
        ("x.test", "y.test", "busybox:latest", "busybox:latest", true),
        ("x.test", "y.test", "busybox:latest", "notbusybox:latest", false),
        ("m.test", "v.test", "m.test/app:1", "v.test/app:1", true),
        ("m.test", "v.test", "m.test/app:1", "v.test/app:2", false),
        ("m.test", "v.test", "m.test/app:1", "m.test/app:1", false),
        ("m.test", "v.test", "v.test/app:1", "m.test/app:1", false),
        ("m.test", "docker.io/library", "m.test/busybox:latest", "busybox:latest", true),
        ("m.test", "docker.io/library", "m.test/alpine:latest", "busybox:latest", false),
        ("docker.io/library", "v.test", "copied:latest", "v.test/copied:latest", true),
        ("docker.io/library", "v.test", "copied:latest", "v.test/ns/copied:latest", false),
        ("busybox", "v.test/busybox", "busybox:latest", "v.test/busybox:latest", false),
        ("docker.io/library/busybox", "busybox", "busybox:latest", "busybox:latest", false),
        ("UPPER", "v.test", "v.test/app:1", "v.test/app:1", true),
    ] {
        assert_matches(&remap(prefix, signed_prefix), image, signed, expected);
    }
    // Otherwise it is `matchRepoDigestOrExact`, of the image's own name and of a mirror's.
    for (image, signed, expected) in by_digest_pairs() {
        assert_matches(&remap("x.test", "y.test"), image, signed, expected);
        let (domain, path) = match image.split_once('/') {
            Some((domain @ ("docker.io" | "registry.test"), path)) => (domain, path.to_owned()),
            Some(_) => ("docker.io", image.to_owned()),
            None => ("docker.io", format!("library/{image}")),
        };
        assert_matches(&remap("m.test", domain), &format!("m.test/{path}"), signed, expected);
    }
}

pub(crate) fn an_image_without_a_name_matches_nothing() {
    for identity in [EXACT, BY_DIGEST, REPOSITORY, remap("m.test", "v.test")] {
        for signed in ["", "app:v1", "app$D"] {
            assert_matches(&identity, "", signed, false);
            assert_matches(&identity, signed, "", false);
        }
    }
    // An image whose pull spec is not known.
    let trust = json!({"default": [images::signed_by(&["skopeo"])]});
    let unnamed = Image { reference: "", ..Image::signed(&["dir-img-valid/signature-1"]) };
    let verdict = images::shown(&images::skopeo(&trust), &unnamed);
    assert!(!verdict.accepted, "{verdict:?}");
    assert!(images::has_line(&verdict, "reference-unparsable"), "{verdict:?}");
}

/// Both spellings are one name, whether of the image or in the signature.
pub(crate) fn a_name_is_compared_in_its_full_form() {
    let verified = verify(&fixture("image.signature"), &fixture_key("public-key.gpg")).expect("accepted");
    let signed = &verified.payload().docker_reference;
    for image in ["testing/manifest", "docker.io/testing/manifest", "index.docker.io/testing/manifest"] {
        assert_matches(&REPOSITORY, image, signed, true);
        assert_matches(&exact_repository(image), "", signed, true);
        assert_matches(&EXACT, &format!("{image}:v1"), &format!("{signed}:v1"), true);
        let digest = format!("{image}@{SKOPEO_DIGEST}");
        let mut requirement = images::signed_by(&["skopeo"]);
        requirement["signedIdentity"] = json!({"type": "matchRepository"});
        let trust = json!({"default": [requirement]});
        images::assert_trusted(
            &images::skopeo(&trust),
            &Image { reference: &digest, ..Image::signed(&["image.signature"]) },
        );
    }
    for image in ["docker.io/library/testing/manifest", "testing.test/manifest", "manifest"] {
        assert_matches(&REPOSITORY, image, signed, false);
    }
}

pub(crate) fn a_signed_name_that_is_none_matches_nothing() {
    let verified =
        verify(&fixture("invalid-reference.signature"), &fixture_key("public-key.gpg")).expect("accepted");
    let signed = &verified.payload().docker_reference;
    assert_eq!(signed, "UPPERCASEISINVALID");
    for image in ["UPPERCASEISINVALID", "uppercaseisinvalid", "testing/manifest:latest"] {
        for identity in [EXACT, BY_DIGEST, REPOSITORY, exact_reference(image), exact_repository(image)] {
            assert_matches(&identity, image, signed, false);
            assert_matches(&identity, &format!("{image}$D"), signed, false);
        }
    }
    let trust = json!({"default": [images::signed_by(&["skopeo"])]});
    for reference in ["testing/manifest", "uppercaseisinvalid", "UPPERCASEISINVALID"] {
        let reference = format!("{reference}@{SKOPEO_DIGEST}");
        let image = Image { reference: &reference, ..Image::signed(&["invalid-reference.signature"]) };
        assert!(!images::shown(&images::skopeo(&trust), &image).accepted, "{reference}");
    }
}
