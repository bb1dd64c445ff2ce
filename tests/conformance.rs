//! What the programs of the field say of signatures, payloads, names, scopes and policies, by their
//! own tests and fixtures, and what this policy says of the same.
//!
//! Each row names where its case comes from. Where a case has no meaning for an admission policy,
//! the check covers what comes nearest, and says so.

#![allow(missing_docs, reason = "a test binary")]
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops at what it did not expect"
)]

#[path = "conformance/blobs.rs"]
mod blobs;
mod certificate_builder;
mod common;
#[path = "conformance/identities.rs"]
mod identities;
#[path = "conformance/images.rs"]
mod images;
#[path = "conformance/payloads.rs"]
mod payloads;
#[path = "conformance/scopes.rs"]
mod scopes;
#[path = "conformance/settings.rs"]
mod settings;

use std::fs;
use std::path::Path;

use openshift_image_trust::{KeyPolicy, Keyring, Limits, Rejection, Signer, VerifiedSignature};
use time::UtcDateTime;
use time::macros::utc_datetime;

/// After every published signature, and before its key's end.
const NOW: UtcDateTime = utc_datetime!(2026-11-22 00:00);

/// What containers/image's fixtures sign: `image.manifest.json`.
const SKOPEO_DIGEST: &str = "sha256:20bf21ed457b390829cdbeec8795a7bea1626991fda603e0d01b4e7f60427e55";

fn file(path: &str) -> Vec<u8> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/signatures");
    fs::read(root.join(path)).expect(path)
}

/// A file of containers/image's `signature/fixtures`.
fn fixture(name: &str) -> Vec<u8> {
    file(&format!("real/containers-image/{name}"))
}

/// A key file as settings hold it.
fn key(path: &str) -> String {
    String::from_utf8(file(path)).unwrap_or_else(|binary| certificate_builder::base64(binary.as_bytes()))
}

fn fixture_key(name: &str) -> String {
    key(&format!("real/containers-image/{name}"))
}

fn signer<'a>(name: &'a str, openpgp: &'a str) -> Signer<'a> {
    Signer { name, openpgp, key_policy: KeyPolicy::default() }
}

fn verify_at(blob: &[u8], openpgp: &str, now: UtcDateTime) -> Result<VerifiedSignature, Rejection> {
    Keyring::new(&[signer("somebody", openpgp)], Limits::default(), now).verify(blob)
}

fn verify(blob: &[u8], openpgp: &str) -> Result<VerifiedSignature, Rejection> {
    verify_at(blob, openpgp, NOW)
}

struct Case {
    number: &'static str,
    source: &'static str,
    check: &'static str,
}

/// Each row is a test: number, source, and the check that holds it.
macro_rules! cases {
    ($( $number:literal, $source:literal => $module:ident::$check:ident; )*) => {
        const CASES: &[Case] = &[
            $( Case { number: $number, source: $source, check: stringify!($check) }, )*
        ];
        $(
            #[test]
            fn $check() {
                $module::$check();
            }
        )*
    };
}

cases! {
    "1", "containers/image signature/simple_test.go TestVerifyAndExtractSignature: image.signature"
        => blobs::a_good_signature_tells_its_key;
    "2", "containers/image signature/simple_test.go TestVerifyAndExtractSignature: one fingerprint of three"
        => blobs::a_signer_counts_wherever_they_are_listed;
    "3", "containers/image signature/simple_test.go TestVerifyAndExtractSignature: no fingerprint"
        => blobs::without_signers_nothing_is_read;
    "4", "containers/image signature/simple_test.go TestVerifyAndExtractSignature: another fingerprint"
        => blobs::of_a_stranger_nothing_is_read;
    "5", "containers/image signature/mechanism_test.go TestGPGSigningMechanismVerify: subkey.signature, -v3"
        => blobs::a_signing_subkey_counts_as_its_primary_key;
    "6", "containers/image signature/mechanism_test.go TestGPGSigningMechanismVerify: subkey-revoked.signature, -v3"
        => blobs::a_revoked_subkey_never_counts;
    "7", "containers/image signature/mechanism_test.go TestGPGSigningMechanismVerify: empty, `invalid signature`"
        => blobs::what_is_no_message_is_refused;
    "8", "containers/image signature/mechanism_test.go TestGPGSigningMechanismVerify: unsigned-literal.signature"
        => blobs::what_nobody_signed_is_refused;
    "9", "containers/image signature/mechanism_test.go TestGPGSigningMechanismVerify: unsigned-encrypted.signature"
        => blobs::what_is_encrypted_is_refused;
    "10", "containers/image signature/mechanism_test.go TestGPGSigningMechanismVerify: expired.signature"
        => blobs::a_signature_ends_when_it_says;
    "11", "containers/image signature/mechanism_test.go TestGPGSigningMechanismVerify: corrupt.signature, -v3"
        => blobs::a_damaged_signature_is_refused;
    "12", "containers/image signature/mechanism_test.go TestGPGSigningMechanismVerify: unknown-key.signature, -v3"
        => blobs::a_key_that_nobody_listed_is_refused;
    "13", "containers/image signature/mechanism_test.go TestGPGSigningMechanismVerify: invalid-blob.signature-v3"
        => blobs::a_version_3_packet_verifies_and_its_payload_is_then_read;
    "14", "containers/image signature/policy_eval_signedby_test.go TestPRSignedByIsSignatureAuthorAccepted: invalid-blob.signature"
        => blobs::a_good_signature_on_no_payload_is_refused;
    "15", "containers/container-libs image/signature TestGPGMESigningMechanismVerifyCleartext: invalid-cleartext.signature"
        => blobs::a_cleartext_signature_is_refused;
    "16", "containers/image signature/mechanism_test.go TestNewEphemeralGPGSigningMechanism: empty, `This is invalid`"
        => blobs::a_text_without_keys_proves_nothing;
    "17", "containers/image signature/policy_eval_signedby_test.go TestPRSignedByIsSignatureAuthorAccepted: public-key-1.gpg, public-key-2.gpg"
        => images::keys_count_in_either_order;
    "18", "containers/image signature/policy_eval_signedby_test.go TestPRSignedByIsSignatureAuthorAccepted: a missing file among keyPaths"
        => settings::one_unreadable_key_is_a_mistake;
    "19", "containers/image signature/policy_eval_signedby_test.go TestPRSignedByIsSignatureAuthorAccepted: other key types"
        => settings::there_is_one_kind_of_key;
    "20", "containers/image signature/policy_eval_signedby_test.go TestPRSignedByIsSignatureAuthorAccepted: dir-img-modified-manifest"
        => images::another_manifest_is_another_image;
    "21", "containers/image signature/policy_eval_signedby_test.go TestPRSignedByIsSignatureAuthorAccepted: dir-img-manifest-digest-error"
        => images::a_manifest_without_a_digest_is_refused;
    "22", "containers/image signature/policy_eval_signedby_test.go TestPRSignedByIsSignatureAuthorAccepted: dir-img-no-manifest"
        => images::without_a_manifest_the_name_is_the_digest;
    "23", "containers/image signature/policy_eval_signedby_test.go TestPRSignedByIsSignatureAuthorAccepted: exactReference this/does-not:match"
        => images::a_signature_under_another_name_does_not_count;
    "24", "containers/image signature/policy_eval_signedby_test.go TestPRSignedByIsRunningImageAllowed: dir-img-unsigned"
        => images::an_unsigned_image_is_refused;
    "25", "containers/image signature/policy_eval_signedby_test.go TestPRSignedByIsRunningImageAllowed: dir-img-valid-2"
        => images::two_good_signatures_are_as_good_as_one;
    "26", "containers/image signature/policy_eval_signedby_test.go TestPRSignedByIsRunningImageAllowed: dir-img-mixed"
        => images::a_bad_signature_does_not_spoil_a_good_one;
    "27", "containers/image signature/policy_eval_signedby_test.go TestPRSignedByIsRunningImageAllowed: dir-img-valid-2 as :notlatest"
        => images::good_signatures_under_another_tag_do_not_count;
    "28", "containers/image signature/policy_eval_signedby_test.go TestPRSignedByIsRunningImageAllowed: dir-img-valid-subkey"
        => images::an_image_signed_by_a_subkey_is_trusted;
    "29", "containers/image signature/policy_eval_test.go TestPolicyContextIsRunningImageAllowed: allowDeny"
        => images::one_refusal_is_enough;
    "30", "containers/image signature/policy_eval_test.go TestPolicyContextIsRunningImageAllowed: twoAllows"
        => images::two_requirements_may_hold_by_one_signature;
    "31", "containers/image signature/policy_eval_test.go TestPolicyContextIsRunningImageAllowed: acceptAnything"
        => images::what_asks_nothing_accepts_anything;
    "32", "containers/image signature/policy_eval_test.go TestPolicyContextIsRunningImageAllowed: invalidEmptyRequirements"
        => images::no_requirements_are_not_trust;
    "33", "containers/image signature/policy_eval_test.go TestPolicyContextRequirementsForImageRef: deep.com/n1/n2/n3/repo:tag2"
        => scopes::an_image_has_the_scope_of_its_tag;
    "34", "containers/image signature/policy_eval_test.go TestPolicyContextRequirementsForImageRef: parents"
        => scopes::each_parent_is_a_scope;
    "35", "containers/image signature/policy_eval_test.go TestPolicyContextRequirementsForImageRef: wildcards"
        => scopes::the_nearest_wildcard_wins;
    "36", "containers/image signature/policy_eval_test.go TestPolicyContextRequirementsForImageRef: defaults"
        => scopes::everything_else_has_the_default;
    "37", "containers/image docker/policyconfiguration/naming_test.go TestDockerReference"
        => scopes::the_scopes_of_a_name_in_order;
    "38", "containers/image signature/policy_reference_match_test.go prmExactMatchTestTable"
        => identities::exact_matches;
    "39", "containers/image signature/policy_reference_match_test.go prmRepositoryMatchTestTable"
        => identities::repository_matches;
    "40", "containers/image signature/policy_reference_match_test.go matchRepoDigestOrExactTestTable"
        => identities::repository_by_digest_else_exact_matches;
    "41", "containers/image signature/policy_reference_match_test.go TestPRMRemapIdentityRefMatchesPrefix"
        => identities::where_a_prefix_applies;
    "42", "containers/image signature/policy_reference_match_test.go TestPRMRemapIdentityRemapReferencePrefix"
        => identities::what_a_prefix_is_replaced_by;
    "43", "containers/image signature/policy_reference_match_test.go TestPRMRemapIdentityMatchesDockerReference"
        => identities::remapped_matches;
    "44", "containers/image signature/policy_reference_match_test.go TestPRMMatchExactMatchesDockerReference and its two siblings: no reference"
        => identities::an_image_without_a_name_matches_nothing;
    "45", "containers/image signature/simple_test.go TestUnmarshalJSON: break functions"
        => payloads::what_breaks_a_payload;
    "46", "containers/image signature/simple_test.go TestUnmarshalJSON: optional members; no-optional-fields.signature"
        => payloads::what_is_optional_may_be_unknown_or_absent;
    "47", "containers/image signature/internal/json_test.go TestParanoidUnmarshalJSONObject"
        => payloads::json_that_is_read_in_one_way_only;
    "48", "containers/image signature/docker_test.go TestVerifyDockerManifestSignature: testing/manifest, docker.io/testing/manifest"
        => identities::a_name_is_compared_in_its_full_form;
    "49", "containers/image signature/docker_test.go TestVerifyDockerManifestSignature: invalid-reference.signature"
        => identities::a_signed_name_that_is_none_matches_nothing;
    "50", "containers/image internal/manifest/manifest_test.go TestDigest"
        => payloads::the_digest_of_each_kind_of_manifest;
    "51", "containers/image internal/manifest/manifest_test.go TestDigest: v2s1-invalid-signatures.manifest.json"
        => payloads::a_schema_1_manifest_with_a_broken_block_has_no_digest;
    "52", "containers/image signature/policy_config_test.go TestPolicyUnmarshalJSON"
        => settings::a_policy_with_a_mistake_means_nothing;
    "53", "containers/image signature/policy_config_test.go TestPRSignedByUnmarshalJSON: 0, 2 or 3 sources of keys"
        => settings::a_signer_has_one_source_of_keys;
    "54", "containers/image signature/policy_config_test.go TestNewPRMExactReference"
        => settings::an_exact_reference_names_one_image;
    "55", "openshift/oc-mirror tests/unit/testdata/noo-bundle-image: signatures and manifest of a product image"
        => images::a_product_image_is_trusted_under_the_name_it_was_signed_by;
    "56", "openshift/oc-mirror internal/e2e/signatures/signature-1: OCP 4.15.0"
        => blobs::a_release_signed_by_a_version_4_packet;
    "57", "crashvb/oc-mirror atomicsignature: OCP 4.4.6, without `optional`"
        => images::a_payload_without_optional_is_refused;
    "58", "openshift/library-go pkg/verify/testdata/signatures sha256=edd9824f, keyrings/simple.txt: a key that has expired"
        => blobs::an_expired_key_no_longer_counts;
    "59", "openshift/library-go pkg/verify/testdata/signatures sha256=edd9824f: partial lengths from 2 octets, literal of mode t"
        => blobs::a_first_part_of_two_octets_is_read;
    "60", "openshift/library-go pkg/verify/testdata/keyrings/redhat.txt, signatures sha256=e3f12513"
        => blobs::the_sha_1_edition_counts_where_the_settings_say_so;
    "60a", "openshift/cluster-update-keys keys/verifier-public-key-redhat-release"
        => blobs::text_before_the_armor_is_skipped;
    "60b", "openshift/cluster-update-keys keys/verifier-public-key-openshift-ci-4"
        => blobs::certifications_by_others_do_no_harm;
    "60c", "containers/image signature/fixtures/pubring.gpg: trust packets of a key ring"
        => blobs::trust_packets_do_not_lose_the_subkeys;
    "61", "openshift/library-go pkg/verify/verify_test.go Test_ReleaseVerifier_Verify"
        => images::each_of_several_keys_can_be_asked_for;
    "62", "generated/sigs/json-big-spaces-64m.sig: 64 MiB that pack into 65 kB"
        => blobs::what_unpacks_to_64_mib_is_refused;
    "63", "generated/cases.tsv, with the verdicts of skopeo 1.9.3"
        => blobs::the_generated_cases_under_their_references;
}

#[test]
fn every_case_is_there_once() {
    let expected: Vec<String> = (1..=60)
        .map(|number| number.to_string())
        .chain(["60a", "60b", "60c", "61", "62", "63"].map(str::to_owned))
        .collect();
    let found: Vec<&str> = CASES.iter().map(|case| case.number).collect();
    assert_eq!(found, expected);
    for Case { number, source, check } in CASES {
        assert!(source.contains('/') && source.len() > 20, "{number}");
        assert!(CASES.iter().filter(|other| other.check == *check).count() == 1, "{number}: {check}");
    }
}
