//! Whether signatures meet a `signedBy` requirement: containers-policy.json(5), with thresholds.

use crate::cluster::cache::StoredImage;
use crate::oci::named::Named;
use crate::oci::reference::{PullSpec, RegistryAliases};
use crate::quote::quote;
use crate::settings::reader::list;
use crate::settings::trust::{Requirement, SignedBy};
use crate::signature::stored::{Outcome, StoredSignature};
use crate::signature::{Cost, Keyring, VerifiedSignature};
use crate::trust::attached::ExaminedSignature;
use crate::trust::identity::ExpectedIdentity;
use crate::trust::judge::Judge;
use crate::trust::requirements::{Applicable, lists, may_meet};

/// The image of an attached signature.
struct SignedImage<'t> {
    /// Its pull spec.
    pull_spec: String,
    /// The same as it is compared, and the requirements that apply to it; `None` where the pull spec cannot be read.
    applicable: Option<(PullSpec, Applicable<'t>)>,
}

/// Why a verified signature is not one that an image needs.
#[derive(Debug)]
pub struct Unneeded {
    /// The setting that needs others, or rejects the image.
    pub setting: String,
    /// Whether it needs signatures by its signers, but with post-quantum keys.
    pub is_not_post_quantum: bool,
}

impl<'j> Judge<'j> {
    /// Returns why the image of a verified signature needs the signatures of others, or by other keys, or is
    /// rejected, if it does.
    #[must_use]
    pub fn requires_another_signer(&self, signature: &ExaminedSignature<'_>) -> Option<Unneeded> {
        let verified = signature.proof()?;
        let (_, applicable) = self.signed_image(signature)?.applicable?;
        let asked = || applicable.requirements.iter().flat_map(Requirement::signed_by);
        let is_needed = asked().any(|signed_by| may_meet(signed_by, verified));
        let is_listed = asked().any(|signed_by| lists(signed_by, verified));
        let is_unneeded = applicable.rejects() || applicable.signatures() && !is_needed;
        let is_not_post_quantum = is_listed && !is_needed;
        is_unneeded.then_some(Unneeded { setting: applicable.setting, is_not_post_quantum })
    }

    /// Returns the setting that requires another identity than the one in a verified signature, and the
    /// pull spec of the image; `None` where the identity will do, nothing is verified, or the pull spec
    /// is not known.
    #[must_use]
    pub fn requires_another_identity(&self, signature: &ExaminedSignature<'_>) -> Option<(String, String)> {
        let verified = signature.proof()?;
        let SignedImage { pull_spec, applicable } = self.signed_image(signature)?;
        let Some((spec, applicable)) = applicable else { return Some(("trust".to_owned(), pull_spec)) };
        let matches = applicable.identity_matches(verified, &spec, self.aliases);
        (!matches).then_some((applicable.setting, pull_spec))
    }

    /// Returns the image of a signature, where its pull spec is known: an ImageSignature tells only the
    /// digest, and where the cluster does not answer, the update of the image that follows is judged.
    fn signed_image(&self, signature: &ExaminedSignature<'_>) -> Option<SignedImage<'j>> {
        let trust = self.trust?;
        let introduced = signature.introduced;
        let pull_spec = match introduced.pull_spec {
            Some(pull_spec) => pull_spec.to_owned(),
            None if trust.asks() => self.cluster.pull_spec(introduced.image?).as_ref().clone().ok()??,
            None => return None,
        };
        let spec = PullSpec::parse(&pull_spec).ok().map(|spec| self.aliases.rename(spec));
        let applicable = spec.map(|spec| {
            let applicable = trust.requirements_for(&spec);
            (spec, applicable)
        });
        Some(SignedImage { pull_spec, applicable })
    }
}

/// A signature that an image has.
#[derive(Debug)]
pub struct Evidence<'e, 'k> {
    /// Name of the image, if it has one.
    image: Option<&'e str>,
    signature: Signature<'e, 'k>,
}

#[derive(Debug)]
enum Signature<'e, 'k> {
    /// What it proves is known.
    Shown(&'e Outcome),
    /// It is verified when it is needed.
    Stored(&'e StoredSignature, &'e Keyring<'k>),
}

impl<'e, 'k> Evidence<'e, 'k> {
    /// One that the request holds.
    #[must_use]
    pub fn shown(signature: &'e ExaminedSignature<'_>) -> Self {
        Self { image: signature.introduced.image, signature: Signature::Shown(&signature.outcome) }
    }

    /// Those that the cluster has of an image.
    #[must_use]
    pub fn stored(image: &'e StoredImage, keyring: &'e Keyring<'k>) -> Vec<Self> {
        let stored =
            |signature| Self { image: Some(&image.name), signature: Signature::Stored(signature, keyring) };
        image.signatures.iter().map(stored).collect()
    }

    fn cost(&self) -> Option<Cost> {
        match self.signature {
            Signature::Shown(_) => None,
            Signature::Stored(signature, _) => signature.cost(),
        }
    }

    fn outcome(&self) -> &'e Outcome {
        match self.signature {
            Signature::Shown(outcome) => outcome,
            Signature::Stored(signature, keyring) => signature.outcome(keyring),
        }
    }
}

/// What keeps signatures from meeting a requirement.
#[derive(Debug)]
pub struct Shortfall {
    /// How near they come: more is nearer.
    pub nearness: u8,
    /// What is missing, and the most that can be said about why.
    pub reason: String,
}

/// How near an image comes that has some of the signatures, and not enough.
const SOME: u8 = 100;

/// Whether the image that is pulled by `image` has the signatures that are asked for. They are worth
/// nothing where it is pulled by another digest than they are for.
///
/// # Errors
/// What is missing, and the most that can be said about why.
pub fn judge_signed_by<'e>(
    signed_by: &SignedBy,
    image: &PullSpec,
    evidence: &[Evidence<'e, '_>],
    aliases: &RegistryAliases,
) -> Result<(), Shortfall> {
    let expected = ExpectedIdentity::new(&signed_by.signed_identity, Some(Named::of(image)), aliases);
    // The cheapest first, and none beyond those that are enough.
    let mut by_cost: Vec<_> = evidence.iter().enumerate().collect();
    by_cost.sort_by_key(|(_, evidence)| evidence.cost());
    let mut judged = Vec::new();
    let mut enough: Vec<&VerifiedSignature> = Vec::new();
    for (index, evidence) in by_cost {
        let verdict = vouches(signed_by, image, &expected, evidence);
        if let Ok(verified) = verdict
            && !enough.iter().any(|other| verified.shares_key_with(other))
        {
            enough.push(verified);
        }
        if enough.len() >= signed_by.threshold {
            return Ok(());
        }
        judged.push((index, verdict));
    }

    judged.sort_by_key(|(index, _)| *index);
    let mut vouching: Vec<&VerifiedSignature> = Vec::new();
    // Of several reasons the one that came furthest tells the most.
    let mut nearest: Option<(u8, String)> = None;
    let mut refused = 0_usize;
    for (_, verdict) in judged {
        let (rank, reason) = match verdict {
            Ok(verified) => match vouching.iter().find(|other| verified.shares_key_with(other)) {
                None => {
                    vouching.push(verified);
                    continue;
                }
                Some(other) if other.fingerprint() == verified.fingerprint() => continue,
                Some(other) => {
                    (33, format!("made with the same key as the one by {}", list(other.signers())))
                }
            },
            Err(refusal) => refusal,
        };
        refused += 1;
        if nearest.as_ref().is_none_or(|(best, _)| rank > *best) {
            nearest = Some((rank, reason));
        }
    }
    let kind = if signed_by.post_quantum { "post-quantum " } else { "" };
    let asked = match signed_by.threshold {
        1 => format!("needs a {kind}signature from {}", one_of(&signed_by.signers)),
        threshold => format!("needs {kind}signatures from {threshold} of {}", list(&signed_by.signers)),
    };
    let has_vouched = |name: &&String| vouching.iter().any(|verified| verified.signers().contains(*name));
    let by = list(&signed_by.signers.iter().filter(has_vouched).collect::<Vec<_>>());
    let nearest_rank = nearest.as_ref().map_or(0, |(rank, _)| *rank);
    let found = match (vouching.len(), refused, nearest) {
        (0, 1, Some((_, reason))) => format!("its only signature is not valid: {reason}"),
        (0, count, Some((_, reason))) => format!("it has {count} signatures, none valid (closest: {reason})"),
        (0, _, None) => "it has none".to_owned(),
        (_, 0 | 1, Some((_, reason))) => format!("found {by}; 1 other rejected: {reason}"),
        (_, count, Some((_, reason))) => format!("found {by}; {count} others rejected (closest: {reason})"),
        (_, _, None) => format!("found {by}"),
    };
    let nearness = if vouching.is_empty() { nearest_rank } else { SOME };
    Err(Shortfall { nearness, reason: format!("{asked}; {found}") })
}

/// The proof that a signer who is asked for vouches for the image.
///
/// # Errors
/// Why there is none, and how far it came.
fn vouches<'e>(
    signed_by: &SignedBy,
    image: &PullSpec,
    expected: &ExpectedIdentity,
    evidence: &Evidence<'e, '_>,
) -> Result<&'e VerifiedSignature, (u8, String)> {
    match evidence.outcome() {
        Ok(verified) if !lists(signed_by, verified) => {
            Err((30, format!("made by {}, whose signature is not required", list(verified.signers()))))
        }
        Ok(verified) if signed_by.post_quantum && !verified.is_post_quantum() => {
            Err((31, format!("made by {} with a key that is not post-quantum", list(verified.signers()))))
        }
        Ok(verified)
            if Some(verified.payload().digest.as_str()) != evidence.image
                || image.digest().is_some_and(|digest| *digest != *verified.payload().digest) =>
        {
            Err((31, format!("made for {}", quote(&verified.payload().digest))))
        }
        Ok(verified) if expected.matches(&verified.payload().docker_reference) => Ok(verified),
        Ok(verified) => Err((32, format!("made for {}", quote(&verified.payload().docker_reference)))),
        Err(unproven) => Err((unproven.rank().min(29), unproven.to_string())),
    }
}

fn one_of(names: &[String]) -> String {
    match names {
        [name] => quote(name).to_string(),
        names => format!("one of {}", list(names)),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::panic, reason = "a test may fail")]
mod tests {
    use std::path::Path;

    use serde_json::json;
    use time::macros::utc_datetime;

    use super::*;
    use crate::settings::Settings;
    use crate::signature::{KeyPolicy, Limits, Signer};
    use crate::testing::{Short, assert_rule};

    /// Signatures of one payload, the dearest first.
    const VERSION_6: [&str; 4] = ["mldsa87-v6", "mldsa65-v6", "rsa4k-v6", "ed25519-v6"];
    const PAYLOAD: &str = "sha256:50b9402635dd4b312a86bed05dcdbda8c00120d3789ec2e9b527045100b3bdb4";

    #[test]
    fn the_cheapest_are_verified_first_and_none_that_cannot_change_the_outcome() {
        let read = |name: &str, end: &str| {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/signatures/openpgp-v6");
            std::fs::read(folder.join(format!("{name}.{end}"))).unwrap()
        };
        let certificates = VERSION_6.map(|name| String::from_utf8(read(name, "cert.asc")).unwrap());
        let signers: Vec<Signer<'_>> = VERSION_6
            .iter()
            .zip(&certificates)
            .map(|(name, openpgp)| Signer { name, openpgp, key_policy: KeyPolicy::default() })
            .collect();
        let keyring = Keyring::new(&signers, Limits::default(), utc_datetime!(2026-12-15 0:00));
        let image = format!("registry.redhat.io/albo/aws-load-balancer-operator-bundle@{PAYLOAD}");
        for (asked, threshold, left) in [
            (&VERSION_6[..], 1, &["mldsa87-v6", "mldsa65-v6", "ed25519-v6"][..]),
            (&VERSION_6, 2, &["mldsa87-v6", "mldsa65-v6"]),
            (&VERSION_6, 3, &["mldsa87-v6"]),
            (&VERSION_6, 4, &[]),
            // Whose a signature is tells only its verification.
            (&["mldsa65-v6"], 1, &["mldsa87-v6"]),
            (&["mldsa87-v6"], 1, &[]),
        ] {
            let settings = json!({
                "signers": signers.iter().map(|it| json!({"name": it.name, "openpgp": it.openpgp})).collect::<Vec<_>>(),
                "trust": {"default": [{"type": "signedBy", "signers": asked, "threshold": threshold}]},
            });
            let settings = Settings::parse(&settings.to_string()).unwrap();
            let [Requirement::SignedBy(signed_by)] = settings.trust.as_ref().unwrap().default.0.as_slice()
            else {
                panic!("one requirement");
            };
            let signatures = VERSION_6.map(|name| {
                let content =
                    base64::Engine::encode(&base64::engine::general_purpose::STANDARD, read(name, "sig"));
                StoredSignature::open("atomic", &content, &keyring)
            });
            let stored = StoredImage {
                name: PAYLOAD.to_owned(),
                signatures: signatures.into(),
                claims_children: false,
            };
            let judge = |image: &str| {
                judge_signed_by(
                    signed_by,
                    &PullSpec::parse(image).unwrap(),
                    &Evidence::stored(&stored, &keyring),
                    &RegistryAliases::default(),
                )
            };
            let unverified = || -> Vec<&str> {
                let all = VERSION_6.iter().zip(&stored.signatures);
                all.filter(|(_, signature)| signature.cost().is_some()).map(|(name, _)| *name).collect()
            };
            assert_eq!(unverified(), VERSION_6);
            assert!(judge(&image).is_ok(), "{threshold} of {asked:?}");
            assert_eq!(unverified(), left, "{threshold} of {asked:?}");
            // Where they are not enough, each is looked at, and told in its order.
            let reason = judge("registry.test/ns/app:v1").unwrap_err();
            assert_eq!(unverified(), [""; 0], "{threshold} of {asked:?}");
            assert!(reason.reason.contains("4 signatures, none valid"), "{reason:?}");
        }
    }

    const D: &str = "sha256:0205374946b5e089dfd3017e2743df600adad17678a5c975f7074dc4ab4393d1";
    const SIGNERS: &str = "signers: [{name: ed, openpgp: <generated/keys/ed.asc>}, {name: rsa, openpgp: <generated/keys/rsa.asc>}, \
                           {name: sub, openpgp: <generated/keys/sub.asc>}, {name: ed-again, openpgp: <generated/keys/ed.asc>}]";

    /// An image as it is shown with these signatures.
    fn shown(trust: &str, reference: &str, contents: &[&str]) -> String {
        let signatures: Vec<String> = contents
            .iter()
            .enumerate()
            .map(|(index, content)| {
                format!("{{metadata: {{name: '{D}@{index}'}}, type: atomic, content: <generated/sigs/{content}.sig>}}")
            })
            .collect();
        format!(
            "settings: {{{SIGNERS}, trust: {trust}}}\nobject: {{kind: ImageStreamImage, image: {{metadata: {{name: '{D}'}}, \
             dockerImageReference: '{reference}@{D}', signatures: [{}]}}}}",
            signatures.join(", ")
        )
    }

    fn is_trusted(trust: &str, reference: &str, contents: &[&str]) -> bool {
        let verdict = Short::parse(&shown(trust, reference, contents)).verdict();
        !crate::testing::lines(&verdict).iter().any(|line| line.ends_with("[image-untrusted]"))
    }

    /// containers/image `TestPolicyContextIsRunningImageAllowed`.
    #[test]
    fn all_requirements_must_hold_each_by_whatever_signature() {
        const APP: &str = "registry.test/ns/app";
        let ed = "{type: signedBy, signers: [ed]}";
        let rsa = "{type: signedBy, signers: [rsa]}";
        let either = "{type: signedBy, signers: [rsa, ed]}";
        let any = "{type: insecureAcceptAnything}";
        let reject = "{type: reject}";
        for (requirements, contents, trusted) in [
            (vec![any], &[][..], true),
            (vec![reject], &["json-ok"], false),
            (vec![any, reject], &["json-ok"], false),
            (vec![reject, any], &["json-ok"], false),
            (vec![ed], &[], false),
            (vec![ed], &["json-ok"], true),
            (vec![ed], &["pgp-rsa-sha256"], false),
            (vec![ed], &["pgp-rsa-sha256", "json-ok"], true),
            (vec![ed], &["raw-random", "json-ok"], true),
            (vec![ed], &["json-ok", "raw-random"], true),
            (vec![ed], &["json-ok", "json-ok"], true),
            (vec![ed], &["json-bad-digest-other"], false),
            (vec![ed], &["json-ok-hub-legacy"], false),
            (vec![ed, any], &["json-ok"], true),
            (vec![any, ed], &[], false),
            (vec![ed, reject], &["json-ok"], false),
            (vec![ed, ed], &["json-ok"], true),
            (vec![ed, rsa], &["json-ok"], false),
            (vec![ed, rsa], &["pgp-rsa-sha256"], false),
            (vec![ed, rsa], &["pgp-rsa-sha256", "json-ok"], true),
            (vec![either], &["json-ok"], true),
            (vec![either], &["pgp-rsa-sha384"], true),
            (vec![either], &["pgp-p256"], false),
            // One message with two signatures is none.
            (vec![either], &["pgp-two-signers"], false),
        ] {
            let trust = format!("{{default: [{}]}}", requirements.join(", "));
            assert_eq!(is_trusted(&trust, APP, contents), trusted, "{requirements:?} by {contents:?}");
        }
    }

    #[test]
    fn a_threshold_counts_keys_not_signatures_names_or_subkeys() {
        for (signers, threshold, contents, trusted) in [
            ("ed, rsa", 2, &["json-ok", "pgp-rsa-sha256"][..], true),
            ("ed, rsa", 2, &["json-ok"], false),
            ("ed, rsa", 2, &["json-ok", "json-ok-pretty", "pgp-ed25519"], false),
            ("ed, ed-again", 2, &["json-ok", "json-ok-pretty"], false),
            ("ed, ed-again, rsa", 2, &["json-ok", "json-ok-pretty", "pgp-rsa-sha256"], true),
            ("ed, rsa, sub", 2, &["pgp-subkey", "pgp-rsa-sha256"], true),
            ("ed, rsa, sub", 3, &["pgp-subkey", "pgp-rsa-sha256"], false),
            ("ed, rsa, sub", 3, &["pgp-subkey", "pgp-rsa-sha256", "json-ok"], true),
            ("ed, rsa", 2, &["json-ok", "pgp-subkey"], false),
            ("ed, rsa", 2, &["json-ok-hub-legacy", "pgp-rsa-sha256"], false),
            ("ed, rsa", 3, &["json-ok", "pgp-rsa-sha256", "pgp-rsa-sha384"], false),
        ] {
            let trust =
                format!("{{default: [{{type: signedBy, signers: [{signers}], threshold: {threshold}}}]}}");
            assert_eq!(
                is_trusted(&trust, "registry.test/ns/app", contents),
                trusted,
                "{threshold} of {signers} by {contents:?}"
            );
        }
    }

    /// containers/image `TestPolicyContextRequirementsForImageRef`.
    #[test]
    fn the_most_specific_scope_alone_decides() {
        let trust = "{default: [{type: insecureAcceptAnything}], scopes: {'*.test': [{type: reject}], registry.test: [{type: signedBy, signers: [rsa]}], \
                     registry.test/ns: [{type: signedBy, signers: [ed]}], registry.test/ns/open: [{type: insecureAcceptAnything}]}}";
        for (reference, contents, trusted) in [
            ("registry.test/ns/app", &["json-ok"][..], true),
            ("registry.test/ns/app", &["pgp-rsa-sha256"], false),
            ("registry.test/ns/app", &[], false),
            ("registry.test/ns/open", &[], true),
            ("registry.test/ns/open/x", &[], true),
            ("registry.test/ns/opened", &[], false),
            ("registry.test/other", &[], false),
            ("registry.test:5000/ns/open", &[], false),
            ("Registry.TEST/ns/app", &[], false),
            ("other.test/ns/app", &["json-ok"], false),
            ("quay.io/ns/app", &[], true),
        ] {
            assert_eq!(is_trusted(trust, reference, contents), trusted, "{reference} by {contents:?}");
        }
    }

    #[test]
    fn of_a_tag_s_scope_and_a_digest_s_the_digest_s_decides() {
        let trust = format!(
            "{{default: [{{type: reject}}], scopes: {{'registry.test/ns/app:v1': [{{type: insecureAcceptAnything}}], \
             'registry.test/ns/app@{D}': [{{type: signedBy, signers: [rsa], signedIdentity: {{type: matchRepository}}}}]}}}}"
        );
        for (contents, trusted) in [(&["pgp-rsa-sha256"][..], true), (&["json-ok"], false), (&[], false)] {
            assert_eq!(is_trusted(&trust, "registry.test/ns/app:v1", contents), trusted, "{contents:?}");
        }
    }

    #[test]
    fn what_is_rejected_is_refused_through_every_door() {
        let settings = "settings: {trust: {default: [{type: insecureAcceptAnything}], scopes: {registry.test: [{type: reject}]}}}";
        let from = "from: {kind: DockerImage, name: 'registry.test/ns/app:v1'}";
        let line = "`registry.test/ns/app:v1` is rejected by `trust.scopes[registry.test]`";
        let at = |path: &str| format!("{path}: {line}");
        let (spec, tag, import, image_tag) = (
            at("spec.tags[0].from.name (tag `v1`)"),
            at("tag.from.name"),
            at("spec.images[0].from.name"),
            at("spec.from.name"),
        );
        let image = format!(
            "image.dockerImageReference: `registry.test/ns/app@{D}` is rejected by `trust.scopes[registry.test]`"
        );
        assert_rule(
            "image-untrusted",
            &[
                (
                    "ImageStream",
                    &format!(
                        "{settings}\nobject: {{kind: ImageStream, spec: {{tags: [{{name: v1, {from}}}]}}}}"
                    ),
                    &[&spec],
                ),
                (
                    "ImageStreamTag",
                    &format!("{settings}\nobject: {{kind: ImageStreamTag, tag: {{name: v1, {from}}}}}"),
                    &[&tag],
                ),
                (
                    "ImageTag",
                    &format!("{settings}\nobject: {{kind: ImageTag, spec: {{name: v1, {from}}}}}"),
                    &[&image_tag],
                ),
                (
                    "ImageStreamImport",
                    &format!(
                        "{settings}\nobject: {{kind: ImageStreamImport, spec: {{import: true, images: [{{{from}}}]}}}}"
                    ),
                    &[&import],
                ),
                (
                    "ImageStreamMapping",
                    &format!(
                        "{settings}\nobject: {{kind: ImageStreamMapping, tag: v1, image: {{metadata: {{name: '{D}'}}, dockerImageReference: 'registry.test/ns/app@{D}'}}}}"
                    ),
                    &[&image],
                ),
                (
                    "ImageStreamImage",
                    &format!(
                        "{settings}\nobject: {{kind: ImageStreamImage, image: {{metadata: {{name: '{D}'}}, dockerImageReference: 'registry.test/ns/app@{D}'}}}}"
                    ),
                    &[&image],
                ),
            ],
        );
    }

    #[test]
    fn beside_the_signatures_that_a_shown_image_needs_others_only_warn() {
        let image = |trust: &str, contents: &[&str]| {
            Short::parse(&shown(trust, "registry.test/ns/app", contents)).verdict()
        };
        let asked = "{default: [{type: signedBy, signers: [ed]}]}";
        for other in ["pgp-rsa1024", "json-ok-hub-legacy", "json-bad-digest-other", "raw-random"] {
            let verdict = image(asked, &["json-ok", other]);
            assert!(verdict.accepted && !verdict.warnings.is_empty(), "{other}: {verdict:?}");
            let verdict = image(asked, &[other]);
            assert!(!verdict.accepted, "{other}: {verdict:?}");
        }
        // Where no requirement looks at signatures, they are judged as attached.
        let verdict = image("{default: [{type: insecureAcceptAnything}]}", &["json-ok", "pgp-rsa1024"]);
        assert!(!verdict.accepted, "{verdict:?}");
    }

    #[test]
    fn what_is_missing_is_told_by_the_nearest_signature() {
        for (threshold, contents, reason) in [
            (1, &[][..], "a signature from one of `ed`, `rsa`; it has none"),
            (
                1,
                &["pgp-p256"],
                "a signature from one of `ed`, `rsa`; its only signature is not valid: made with key 64DCB9DAAF84E5516A4093212AF0F1F942974422, which belongs to none of `signers`",
            ),
            (
                1,
                &["raw-random", "json-ok-hub-legacy", "pgp-p256"],
                "a signature from one of `ed`, `rsa`; it has 3 signatures, none valid (closest: made for `index.docker.io/busybox:latest`)",
            ),
            (
                1,
                &["raw-random", "pgp-p256"],
                "a signature from one of `ed`, `rsa`; it has 2 signatures, none valid (closest: made with key 64DCB9DAAF84E5516A4093212AF0F1F942974422, which belongs to none of `signers`)",
            ),
            (2, &["json-ok"], "signatures from 2 of `ed`, `rsa`; found `ed`"),
            (2, &["json-ok", "json-ok-pretty"], "signatures from 2 of `ed`, `rsa`; found `ed`"),
            (
                2,
                &["pgp-rsa-sha256", "json-ok-hub-legacy"],
                "signatures from 2 of `ed`, `rsa`; found `rsa`; 1 other rejected: made for `index.docker.io/busybox:latest`",
            ),
        ] {
            let trust =
                format!("{{default: [{{type: signedBy, signers: [ed, rsa], threshold: {threshold}}}]}}");
            let line = format!(
                "image.dockerImageReference: `registry.test/ns/app@{D}` is not trusted by `trust.default`: needs {reason}"
            );
            assert_rule(
                "image-untrusted",
                &[(reason, &shown(&trust, "registry.test/ns/app", contents), &[&line])],
            );
        }
    }

    #[test]
    fn of_signatures_that_come_as_near_the_first_is_told() {
        let trust = "{default: [{type: signedBy, signers: [rsa]}]}";
        for (contents, signer) in
            [(["json-ok", "pgp-subkey"], "`ed`, `ed-again`"), (["pgp-subkey", "json-ok"], "`sub`")]
        {
            let line = format!(
                "image.dockerImageReference: `registry.test/ns/app@{D}` is not trusted by `trust.default`: needs a \
                 signature from `rsa`; it has 2 signatures, none valid (closest: made by {signer}, whose signature is not required)"
            );
            let short = shown(trust, "registry.test/ns/app", &contents);
            assert_rule("image-untrusted", &[(signer, &short, &[&line])]);
        }
    }
}
