//! Images with their signatures, by whole requests.

use openshift_image_trust::Verdict;
use openshift_image_trust::digest_like;
use openshift_image_trust::{PayloadProblem, Reason};
use serde_json::{Value, json};

use crate::certificate_builder::{self, DIGEST, Owner};
use crate::common::{Short, lines};
use crate::{SKOPEO_DIGEST, file, fixture, verify_at};

/// An image as a scanner shows it.
#[derive(Clone, Copy)]
pub(crate) struct Image<'a> {
    pub(crate) digest: &'a str,
    pub(crate) reference: &'a str,
    pub(crate) manifest: Option<&'a str>,
    /// Files below `tests/signatures`, or of containers/image's fixtures.
    pub(crate) signatures: &'a [&'a str],
}

impl<'a> Image<'a> {
    /// The image of containers/image's fixtures with some of their signatures.
    pub(crate) fn signed(signatures: &'a [&'a str]) -> Self {
        Image { digest: SKOPEO_DIGEST, reference: "testing/manifest:latest", manifest: None, signatures }
    }
}

/// The image alone, through the door by which its signatures are counted.
pub(crate) fn shown(settings: &Value, image: &Image<'_>) -> Verdict {
    let signatures: Vec<Value> = image
        .signatures
        .iter()
        .enumerate()
        .map(|(index, signature)| {
            let content = match signature.split('/').next() {
                Some("real" | "generated") => format!("<{signature}>"),
                _ => format!("<real/containers-image/{signature}>"),
            };
            let name = format!("{}@{index}", image.digest);
            json!({"metadata": {"name": name}, "type": "atomic", "content": content})
        })
        .collect();
    let object = json!({
        "kind": "ImageStreamImage",
        "image": {
            "metadata": {"name": image.digest},
            "dockerImageReference": image.reference,
            "dockerImageManifest": image.manifest,
            "signatures": signatures,
        },
    });
    Short::parse(&json!({"settings": settings, "object": object}).to_string()).verdict()
}

/// Whether a rule has something to say.
pub(crate) fn has_line(verdict: &Verdict, rule: &str) -> bool {
    lines(verdict).iter().any(|line| line.ends_with(&format!(" [{rule}]")))
}

fn untrusted(verdict: &Verdict) -> bool {
    has_line(verdict, "image-untrusted")
}

#[track_caller]
pub(crate) fn assert_trusted(settings: &Value, image: &Image<'_>) {
    let verdict = shown(settings, image);
    assert!(verdict.accepted && !untrusted(&verdict), "{}: {verdict:?}", image.reference);
}

#[track_caller]
fn assert_untrusted(settings: &Value, image: &Image<'_>) {
    let verdict = shown(settings, image);
    assert!(!verdict.accepted && untrusted(&verdict), "{}: {verdict:?}", image.reference);
}

pub(crate) fn signed_by(signers: &[&str]) -> Value {
    json!({"type": "signedBy", "signers": signers})
}

/// The keys of containers/image's fixtures. Whether a pull spec carries the digest is not what is
/// asked here: the fixtures are called by tag.
pub(crate) fn skopeo(trust: &Value) -> Value {
    json!({
        "signers": [
            {"name": "skopeo", "openpgp": "<real/containers-image/public-key.gpg>"},
            {"name": "second", "openpgp": "<real/containers-image/public-key-2.gpg>"},
            {"name": "subkey", "openpgp": "<real/containers-image/public-key-with-subkey.gpg>"},
        ],
        "trust": trust,
        "rules": {"pull-spec-mismatch": "off"},
    })
}

fn by_skopeo() -> Value {
    skopeo(&json!({"default": [signed_by(&["skopeo"])]}))
}

const VALID: &[&str] = &["dir-img-valid/signature-1"];

fn text(path: &str) -> String {
    String::from_utf8(file(path)).expect("text")
}

/// Two files are two signers, or the text of one.
pub(crate) fn keys_count_in_either_order() {
    let settings = |signers: Value| {
        let names: Vec<&str> =
            signers.as_array().expect("a list").iter().filter_map(|signer| signer["name"].as_str()).collect();
        json!({
            "signers": signers,
            "trust": {"default": [signed_by(&names)]},
            "rules": {"pull-spec-mismatch": "off"},
        })
    };
    let one = fixture("public-key-1.gpg");
    let two = fixture("public-key-2.gpg");
    for [first, second] in [[&one, &two], [&two, &one]] {
        let (a, b) = (certificate_builder::base64(first), certificate_builder::base64(second));
        let apart = json!([{"name": "a", "openpgp": a}, {"name": "b", "openpgp": b}]);
        assert_trusted(&settings(apart), &Image::signed(VALID));
        let together = certificate_builder::base64(&[first.as_slice(), second].concat());
        assert_trusted(&settings(json!([{"name": "both", "openpgp": together}])), &Image::signed(VALID));
    }
    let other = json!([{"name": "two", "openpgp": certificate_builder::base64(&two)}]);
    assert_untrusted(&settings(other), &Image::signed(VALID));
}

pub(crate) fn another_manifest_is_another_image() {
    let modified = text("real/containers-image/dir-img-modified-manifest/manifest.json");
    let digest = digest_like("", modified.as_bytes());
    let signatures = &["dir-img-modified-manifest/signature-1"];
    let image = Image { digest: &digest, manifest: Some(&modified), ..Image::signed(signatures) };
    assert_untrusted(&by_skopeo(), &image);
    // And under the digest that was signed, it is not the manifest.
    let verdict = shown(&by_skopeo(), &Image { digest: SKOPEO_DIGEST, ..image });
    assert!(!verdict.accepted && has_line(&verdict, "manifest-mismatch"), "{verdict:?}");
    let genuine = text("real/containers-image/image.manifest.json");
    assert_trusted(&by_skopeo(), &Image { digest: SKOPEO_DIGEST, manifest: Some(&genuine), ..image });
}

pub(crate) fn a_manifest_without_a_digest_is_refused() {
    let broken = crate::payloads::broken_schema_1();
    for manifest in [broken.as_str(), "{", " "] {
        let verdict = shown(&by_skopeo(), &Image { manifest: Some(manifest), ..Image::signed(VALID) });
        assert!(!verdict.accepted && has_line(&verdict, "manifest-mismatch"), "{verdict:?}");
    }
}

/// Upstream refuses what has no manifest. In the cluster most images have none in the request, and
/// their name is the digest: one that is none is refused, the manifest may be absent.
pub(crate) fn without_a_manifest_the_name_is_the_digest() {
    let signatures = &["dir-img-no-manifest/signature-1"];
    assert_trusted(&by_skopeo(), &Image::signed(signatures));
    for digest in ["dir-img-no-manifest", "sha256:20bf21ed", "20bf21ed457b390829cdbeec8795a7be"] {
        assert_untrusted(&by_skopeo(), &Image { digest, ..Image::signed(signatures) });
    }
}

pub(crate) fn a_signature_under_another_name_does_not_count() {
    let trust = |reference: &str| {
        let identity = json!({"type": "exactReference", "dockerReference": reference});
        let requirement = json!({"type": "signedBy", "signers": ["skopeo"], "signedIdentity": identity});
        skopeo(&json!({"default": [requirement]}))
    };
    assert_untrusted(&trust("this/does-not:match"), &Image::signed(VALID));
    assert_trusted(&trust("docker.io/testing/manifest:latest"), &Image::signed(VALID));
}

pub(crate) fn an_unsigned_image_is_refused() {
    assert_untrusted(&by_skopeo(), &Image::signed(&[]));
}

pub(crate) fn two_good_signatures_are_as_good_as_one() {
    let both = ["dir-img-valid-2/signature-1", "dir-img-valid-2/signature-2"];
    assert_trusted(&by_skopeo(), &Image::signed(&both));
    assert_trusted(&by_skopeo(), &Image::signed(&["dir-img-valid-2/signature-1"; 2]));
}

/// Upstream's verdict is that of `trust`. That a signature is attached that is no good, another rule
/// tells, which can be off.
pub(crate) fn a_bad_signature_does_not_spoil_a_good_one() {
    let (bad, good) = ("dir-img-mixed/signature-1", "dir-img-mixed/signature-2");
    for signatures in [[bad, good], [good, bad]] {
        let verdict = shown(&by_skopeo(), &Image::signed(&signatures));
        assert!(!untrusted(&verdict) && has_line(&verdict, "signature-malformed"), "{verdict:?}");
        let mut settings = by_skopeo();
        settings["rules"]["signature-untrusted"] = json!("off");
        settings["rules"]["signature-malformed"] = json!("off");
        assert_trusted(&settings, &Image::signed(&signatures));
        assert_untrusted(&settings, &Image::signed(&[bad, bad]));
    }
}

pub(crate) fn good_signatures_under_another_tag_do_not_count() {
    let both = ["dir-img-valid-2/signature-1", "dir-img-valid-2/signature-2"];
    let image = Image { reference: "testing/manifest:notlatest", ..Image::signed(&both) };
    assert_untrusted(&by_skopeo(), &image);
}

pub(crate) fn an_image_signed_by_a_subkey_is_trusted() {
    let image = Image::signed(&["dir-img-valid-subkey/signature-1"]);
    assert_trusted(&skopeo(&json!({"default": [signed_by(&["subkey"])]})), &image);
    assert_untrusted(&by_skopeo(), &image);
}

pub(crate) fn one_refusal_is_enough() {
    let (reject, any) = (json!({"type": "reject"}), json!({"type": "insecureAcceptAnything"}));
    for requirements in [
        json!([signed_by(&["skopeo"]), reject]),
        json!([reject, signed_by(&["skopeo"])]),
        json!([any, reject]),
        json!([reject, any]),
        json!([reject]),
    ] {
        assert_untrusted(&skopeo(&json!({"default": requirements})), &Image::signed(VALID));
    }
}

pub(crate) fn two_requirements_may_hold_by_one_signature() {
    let trust = json!({"default": [signed_by(&["skopeo"]), signed_by(&["skopeo", "second"])]});
    assert_trusted(&skopeo(&trust), &Image::signed(VALID));
    assert_untrusted(&skopeo(&trust), &Image::signed(&[]));
}

pub(crate) fn what_asks_nothing_accepts_anything() {
    let settings = skopeo(&json!({"default": [{"type": "insecureAcceptAnything"}]}));
    assert_trusted(&settings, &Image::signed(&[]));
    assert_trusted(&settings, &Image::signed(VALID));
}

pub(crate) fn no_requirements_are_not_trust() {
    let any = json!([{"type": "insecureAcceptAnything"}]);
    for trust in [
        json!({"default": []}),
        json!({"default": any, "scopes": {"docker.io/testing": []}}),
        json!({"default": any, "scopes": {"quay.io": []}}),
    ] {
        let verdict = shown(&skopeo(&trust), &Image::signed(VALID));
        assert_eq!((verdict.accepted, verdict.code), (false, Some(400)), "{verdict:?}");
    }
}

/// Three of the four published signatures are at hand.
pub(crate) fn a_product_image_is_trusted_under_the_name_it_was_signed_by() {
    const BUNDLE: &str = "albo/aws-load-balancer-operator-bundle";
    let manifest = text("real/oc-mirror/noo-bundle-image/manifest.json");
    let digest = digest_like("", manifest.as_bytes());
    assert_eq!(digest, "sha256:50b9402635dd4b312a86bed05dcdbda8c00120d3789ec2e9b527045100b3bdb4");
    let openpgp = text("real/cluster-update-keys/keys/verifier-public-key-redhat-release");
    let settings = |identity: &str| {
        let requirement =
            json!({"type": "signedBy", "signers": ["red-hat"], "signedIdentity": {"type": identity}});
        json!({
            "signers": [{"name": "red-hat", "openpgp": openpgp}],
            "trust": {"default": [requirement]},
            "rules": {"pull-spec-mismatch": "off"},
        })
    };
    for (number, host, tag) in [
        (1, "registry.access.redhat.com", "0.0.1"),
        (2, "registry.access.redhat.com", "0.0.1-20"),
        (3, "registry.redhat.io", "0.0.1"),
    ] {
        let signature = format!("real/oc-mirror/noo-bundle-image/signature-{number}");
        let signatures = &[signature.as_str()];
        for other in ["registry.access.redhat.com", "registry.redhat.io", "quay.io"] {
            let by_digest = format!("{other}/{BUNDLE}@{digest}");
            let by_tag = format!("{other}/{BUNDLE}:{tag}");
            for (reference, identity) in [
                (&by_digest, "matchRepoDigestOrExact"),
                (&by_tag, "matchExact"),
                (&by_tag, "matchRepository"),
            ] {
                let manifest = Some(manifest.as_str());
                let image = Image { digest: &digest, reference, manifest, signatures };
                if other == host {
                    assert_trusted(&settings(identity), &image);
                } else {
                    assert_untrusted(&settings(identity), &image);
                }
            }
        }
    }
}

/// The published signature is not at hand: one made for the case.
pub(crate) fn a_payload_without_optional_is_refused() {
    let settings = json!({
        "signers": [{"name": "ed", "openpgp": "<generated/keys/ed.asc>"}],
        "trust": {"default": [signed_by(&["ed"])]},
    });
    let reference = format!("registry.test/ns/app@{DIGEST}");
    let image = |signatures| Image { digest: DIGEST, reference: &reference, manifest: None, signatures };
    assert_untrusted(&settings, &image(&["generated/sigs/json-bad-no-optional.sig"]));
    assert_trusted(&settings, &image(&["generated/sigs/json-ok.sig"]));
}

/// The cluster's own updater asks for a signature by each key ring: here, a requirement for each.
/// Its digest is what the image is called, and what the payload says.
pub(crate) fn each_of_several_keys_can_be_asked_for() {
    let settings = json!({
        "signers": [
            {"name": "ed", "openpgp": "<generated/keys/ed.asc>"},
            {"name": "rsa", "openpgp": "<generated/keys/rsa.asc>"},
        ],
        "trust": {"default": [signed_by(&["ed"]), signed_by(&["rsa"])]},
    });
    const ED: &str = "generated/sigs/json-ok.sig";
    const RSA: &str = "generated/sigs/pgp-rsa-sha256.sig";
    let reference = format!("registry.test/ns/app@{DIGEST}");
    let image = |signatures| Image { digest: DIGEST, reference: &reference, manifest: None, signatures };
    for (signatures, trusted) in [
        (&[ED, RSA][..], true),
        (&[RSA, ED], true),
        (&[ED], false),
        (&[RSA], false),
        (&[ED, ED], false),
        (&[], false),
    ] {
        if trusted {
            assert_trusted(&settings, &image(signatures));
        } else {
            assert_untrusted(&settings, &image(signatures));
        }
    }

    let mut owner = Owner::ordinary();
    let key = owner.text();
    let extra = format!("{DIGEST}:");
    for digest in ["", "!", &extra, "sha256:a:b"] {
        let verdict = shown(&settings, &Image { digest, ..image(&[ED, RSA]) });
        assert!(!verdict.accepted && has_line(&verdict, "image-name-not-digest"), "{digest}: {verdict:?}");
        let payload =
            String::from_utf8(certificate_builder::payload()).expect("text").replace(DIGEST, digest);
        let blob = owner.sign(payload.as_bytes(), 50);
        let rejection = verify_at(&blob, &key, certificate_builder::day(100)).expect_err("accepted");
        assert_eq!(rejection.reason, Reason::Payload(PayloadProblem::Digest(digest.to_owned())));
    }
}
