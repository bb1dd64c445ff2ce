//! Signers, and which of them an image needs: containers-policy.json(5) in YAML, with thresholds.

use std::collections::{BTreeMap, BTreeSet};

use time::UtcDateTime;

use super::ByScope;
#[cfg(not(target_family = "wasm"))]
use super::reader::KnownRules;
use super::reader::{Node, Problems, Setting, complain, expected, help, read_map, settings, tagged, words};
use crate::json::path::FieldPath;
use crate::oci::named::Named;
use crate::oci::reference::{self, PullSpec};
use crate::quote::quote;
use crate::signature::{self, EndedKey};

settings! {
    /// Somebody who may vouch for images.
    pub struct Signer {
        /// Unique name: `[a-z0-9-]+`.
        "name" => name: String,
        /// One or more OpenPGP certificates, in ASCII armour (text around it is fine) or base64.
        "openpgp" => openpgp: String,
        /// Signatures made before do not count (RFC 3339).
        "signedFrom" => signed_from: Option<UtcDateTime> = None,
        /// Signatures made from then on do not count (RFC 3339).
        "signedUntil" => signed_until: Option<UtcDateTime> = None,
        /// What a key that has expired does to signatures that it made before.
        "expiredKey" => expired_key: Stance = Stance::Deny,
        /// What a key that was replaced or retired does to signatures that it made before; a
        /// compromised key is always denied.
        "revokedKey" => revoked_key: Stance = Stance::Deny,
        /// Whether certificates count whose own self-signatures use SHA-1.
        "sha1SelfSignatures" => sha1_self_signatures: bool = false,
    }

    /// Which vouching an image needs. The most specific scope alone decides, and all its
    /// requirements must hold.
    pub struct Trust {
        /// What holds for an image in no scope.
        "default" => default: Requirements,
        /// What holds by scope.
        "scopes" => scopes: ByScope<Requirements> = ByScope::default(),
        /// Lists of names of one registry, for scopes and identities.
        "registryAliases" => registry_aliases: Vec<Vec<String>> = Vec::new(),
    }

    /// Signatures by known signers.
    pub struct SignedBy {
        /// Names of the signers that count.
        "signers" => signers: Vec<String>,
        /// How many different ones must have signed.
        "threshold" => threshold: usize = 1,
        /// What the signature must say the image is.
        "signedIdentity" => signed_identity: SignedIdentity = SignedIdentity::MatchRepoDigestOrExact(Plain {}),
    }

    /// Sigstore signatures, which the host verifies. Exactly one of `publicKeys`, `keyless`,
    /// `keylessPrefix`, `githubActions` and `certificate` says by whom.
    pub struct SigstoreSigned {
        /// Public keys, in PEM.
        "publicKeys" => public_keys: Vec<String> = Vec::new(),
        /// Whether each of `publicKeys` must have signed, or any.
        "keys" => keys: Keys = Keys::All,
        /// Identities of certificates that Fulcio issued; each must have signed.
        "keyless" => keyless: Vec<KeylessIdentity> = Vec::new(),
        /// The same by the beginning of their URL; each must have signed.
        "keylessPrefix" => keyless_prefix: Vec<KeylessUrl> = Vec::new(),
        /// Workflows of an owner, or of one repository.
        "githubActions" => github_actions: Option<GithubActions> = None,
        /// A certificate of one's own.
        "certificate" => certificate: Option<SigstoreCertificate> = None,
        /// Annotations that the signature must carry.
        "annotations" => annotations: Annotations = Annotations::default(),
    }

    /// An identity of a keyless signature.
    pub struct KeylessIdentity {
        /// Who vouched for the identity: the OIDC issuer.
        "issuer" => issuer: String,
        /// Whom they vouched for.
        "subject" => subject: String,
    }

    /// The beginning of an identity of a keyless signature.
    pub struct KeylessUrl {
        /// Who vouched for the identity: the OIDC issuer.
        "issuer" => issuer: String,
        /// How the URL of whom they vouched for begins.
        "urlPrefix" => url_prefix: String,
    }

    /// Workflows on GitHub.
    pub struct GithubActions {
        /// User or organisation.
        "owner" => owner: String,
        /// One repository of theirs.
        "repo" => repo: Option<String> = None,
    }

    /// A certificate of one's own.
    pub struct SigstoreCertificate {
        /// The certificate, in PEM.
        "certificate" => certificate: String,
        /// The chain above it, in PEM; without one the host's own roots count.
        "chain" => chain: Vec<String> = Vec::new(),
        /// Whether the signature must be in the transparency log.
        "requireRekorBundle" => require_rekor_bundle: bool = true,
    }

    /// Nothing but a type.
    pub struct Plain {
    }

    /// An identity that is given.
    pub struct ExactReference {
        /// A pull spec with tag or digest.
        "dockerReference" => docker_reference: String,
    }

    /// A repository that is given.
    pub struct ExactRepository {
        /// A repository.
        "dockerRepository" => docker_repository: String,
    }

    /// A mirror.
    pub struct RemapIdentity {
        /// Where the image is: `host`, or a path below it.
        "prefix" => prefix: String,
        /// Where it was signed.
        "signedPrefix" => signed_prefix: String,
    }
}

words! {
    /// What to do with signatures of a key that is no longer good.
    pub enum Stance {
        /// They do not count.
        "deny" => Deny,
        /// They count if they are older than the event.
        "allowSignedBefore" => AllowSignedBefore,
    }
}

words! {
    /// How many of several keys must have signed.
    pub enum Keys {
        /// Each of them.
        "all" => All,
        /// One of them.
        "any" => Any,
    }
}

impl Signer {
    /// Returns the signer as the verification takes it.
    #[must_use]
    pub fn for_verification(&self) -> signature::Signer<'_> {
        let past = |stance: Stance| match stance {
            Stance::Deny => EndedKey::Deny,
            Stance::AllowSignedBefore => EndedKey::AllowSignedBefore,
        };
        signature::Signer {
            name: &self.name,
            openpgp: &self.openpgp,
            key_policy: signature::KeyPolicy {
                expired_key: past(self.expired_key),
                revoked_key: past(self.revoked_key),
                sha1_self_signatures: self.sha1_self_signatures,
                signed_from: self.signed_from,
                signed_until: self.signed_until,
            },
        }
    }
}

/// Annotations by name.
#[derive(Clone, Debug, Default)]
pub struct Annotations(pub BTreeMap<String, String>);

impl Setting for Annotations {
    fn read(node: &Node, at: &FieldPath, problems: &mut Problems) -> Option<Self> {
        read_map(node, at, problems, |name| Ok(name.to_owned())).map(Self)
    }

    #[cfg(not(target_family = "wasm"))]
    fn schema(rules: KnownRules) -> serde_json::Value {
        serde_json::json!({"type": "object", "additionalProperties": String::schema(rules)})
    }
}

tagged! {
    /// One thing that an image needs.
    pub enum Requirement {
        /// Nothing.
        "insecureAcceptAnything" => InsecureAcceptAnything(Plain),
        /// Cannot be met.
        "reject" => Reject(Plain),
        /// OpenPGP signatures.
        "signedBy" => SignedBy(SignedBy),
        /// Sigstore signatures.
        "sigstoreSigned" => SigstoreSigned(SigstoreSigned),
    }

    /// How the identity in a signature is compared with the image's reference
    /// (containers-policy.json(5), `signedIdentity`).
    pub enum SignedIdentity {
        /// The repository for an image by digest, else the whole reference.
        "matchRepoDigestOrExact" => MatchRepoDigestOrExact(Plain),
        /// The whole reference.
        "matchExact" => MatchExact(Plain),
        /// The repository.
        "matchRepository" => MatchRepository(Plain),
        /// A reference given here.
        "exactReference" => ExactReference(ExactReference),
        /// A repository given here.
        "exactRepository" => ExactRepository(ExactRepository),
        /// The reference with its prefix replaced, for mirrors.
        "remapIdentity" => RemapIdentity(RemapIdentity),
    }
}

/// Requirements that must all hold: at least one.
#[derive(Clone, Debug)]
pub struct Requirements(pub Vec<Requirement>);

impl Setting for Requirements {
    fn read(node: &Node, at: &FieldPath, problems: &mut Problems) -> Option<Self> {
        match node {
            Node::List(list) if list.is_empty() => {
                expected("at least one requirement: an empty list would mean nothing", node, at, problems)
            }
            _ => Vec::read(node, at, problems).map(Self),
        }
    }

    #[cfg(not(target_family = "wasm"))]
    fn schema(rules: KnownRules) -> serde_json::Value {
        serde_json::json!({"type": "array", "minItems": 1, "items": Requirement::schema(rules)})
    }
}

/// What one value alone cannot tell.
pub(super) fn check(signers: &[Signer], trust: Option<&Trust>, problems: &mut Problems) {
    let at = FieldPath::root();
    let mut names = BTreeSet::new();
    for (index, signer) in signers.iter().enumerate() {
        let at = at.clone().key("signers").index(index);
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if signer.name.is_empty() || !signer.name.chars().all(plain) {
            let message = format!("{} is not of the form `[a-z0-9-]+`", quote(&signer.name));
            complain(problems, &at.clone().key("name"), message);
        }
        if !names.insert(signer.name.as_str()) {
            complain(
                problems,
                &at.clone().key("name"),
                format!("{} is another signer's name too", quote(&signer.name)),
            );
        }
        if let (Some(from), Some(until)) = (signer.signed_from, signer.signed_until)
            && from >= until
        {
            complain(problems, &at.clone().key("signedUntil"), "is not after `signedFrom`".to_owned());
        }
    }
    let Some(trust) = trust else { return };
    let at = at.key("trust");
    check_requirements(&trust.default, &names, &at.clone().key("default"), problems);
    for (scope, requirements) in &trust.scopes.0 {
        check_requirements(requirements, &names, &at.clone().key("scopes").member(scope.as_str()), problems);
    }
}

fn check_sigstore(signed: &SigstoreSigned, at: &FieldPath, problems: &mut Problems) {
    let ways = [
        !signed.public_keys.is_empty(),
        !signed.keyless.is_empty(),
        !signed.keyless_prefix.is_empty(),
        signed.github_actions.is_some(),
        signed.certificate.is_some(),
    ];
    if ways.into_iter().filter(|way| *way).count() != 1 {
        let message =
            "has not exactly one of `publicKeys`, `keyless`, `keylessPrefix`, `githubActions`, `certificate`";
        complain(problems, at, message.to_owned());
    }
    let mut need = |holds: bool, at: FieldPath, what: &str| {
        if !holds {
            complain(problems, &at, what.to_owned());
        }
    };
    const NOTHING: &str = "is empty";
    for (index, key) in signed.public_keys.iter().enumerate() {
        let at = at.clone().key("publicKeys").index(index);
        need(key.contains("-----BEGIN PUBLIC KEY-----"), at, "is not a public key in PEM");
    }
    for (index, identity) in signed.keyless.iter().enumerate() {
        let at = at.clone().key("keyless").index(index);
        need(!identity.issuer.is_empty(), at.clone().key("issuer"), NOTHING);
        need(!identity.subject.is_empty(), at.key("subject"), NOTHING);
    }
    for (index, identity) in signed.keyless_prefix.iter().enumerate() {
        let at = at.clone().key("keylessPrefix").index(index);
        need(!identity.issuer.is_empty(), at.clone().key("issuer"), NOTHING);
        need(
            is_url(&identity.url_prefix),
            at.key("urlPrefix"),
            "is not a URL such as `https://github.com/acme/`",
        );
    }
    if let Some(actions) = &signed.github_actions {
        let at = at.clone().key("githubActions");
        // The host compares with one component of a path.
        let is_name = |name: &str| !name.is_empty() && !name.contains('/');
        need(
            is_name(&actions.owner),
            at.clone().key("owner"),
            "is not the name of a user or an organisation",
        );
        need(actions.repo.as_deref().is_none_or(is_name), at.key("repo"), "is not the name of a repository");
    }
    if let Some(certificate) = &signed.certificate {
        let at = at.clone().key("certificate");
        let is_pem = |text: &str| text.contains("-----BEGIN CERTIFICATE-----");
        need(is_pem(&certificate.certificate), at.clone().key("certificate"), "is not a certificate in PEM");
        for (index, link) in certificate.chain.iter().enumerate() {
            need(is_pem(link), at.clone().key("chain").index(index), "is not a certificate in PEM");
        }
    }
}

/// Whether the text is a URL. The host does not survive others.
fn is_url(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("https://") else { return false };
    let authority = rest.split('/').next().unwrap_or_default();
    let (host, port) = authority.split_once(':').unwrap_or((authority, "443"));
    let is_name = |c: char| c.is_ascii_alphanumeric() || ".-".contains(c);
    !host.is_empty()
        && host.chars().all(is_name)
        && port.parse::<u16>().is_ok()
        && !text.contains(|c: char| c.is_whitespace() || c.is_control())
}

/// Whether the signers of each requirement have as many keys as it asks for, by signer.
pub(super) fn check_thresholds(trust: &Trust, keys: &BTreeMap<&str, Vec<String>>, problems: &mut Problems) {
    let at = FieldPath::root().key("trust");
    let of_scopes =
        trust.scopes.0.iter().map(|(scope, them)| (at.clone().key("scopes").member(scope.as_str()), them));
    for (at, requirements) in of_scopes.chain([(at.clone().key("default"), &trust.default)]) {
        for (index, requirement) in requirements.0.iter().enumerate() {
            let Requirement::SignedBy(signed_by) = requirement else { continue };
            let of_signers = signed_by.signers.iter().filter_map(|name| keys.get(name.as_str()));
            let mut different = BTreeSet::new();
            different.extend(of_signers.flatten());
            let different = different.len();
            if different < signed_by.threshold {
                let threshold = signed_by.threshold;
                let message =
                    format!("{threshold} cannot be reached: `signers` have {different} different keys");
                complain(problems, &at.clone().index(index).key("threshold"), message);
            }
        }
    }
}

fn check_requirements(
    requirements: &Requirements,
    names: &BTreeSet<&str>,
    at: &FieldPath,
    problems: &mut Problems,
) {
    for (index, requirement) in requirements.0.iter().enumerate() {
        let at = at.clone().index(index);
        let signed_by = match requirement {
            Requirement::SignedBy(signed_by) => signed_by,
            Requirement::SigstoreSigned(signed) => {
                check_sigstore(signed, &at, problems);
                continue;
            }
            Requirement::InsecureAcceptAnything(_) | Requirement::Reject(_) => continue,
        };
        for (index, name) in signed_by.signers.iter().enumerate() {
            let at = at.clone().key("signers").index(index);
            if !names.contains(name.as_str()) {
                let help = if names.is_empty() {
                    "`signers` is empty".to_owned()
                } else {
                    help(name, &names.iter().copied().collect::<Vec<_>>())
                };
                complain(problems, &at, format!("{} is not a signer: {help}", quote(name)));
            }
            if signed_by.signers.iter().take(index).any(|earlier| earlier == name) {
                complain(problems, &at, format!("{} is listed twice", quote(name)));
            }
        }
        if signed_by.signers.is_empty() {
            complain(problems, &at.clone().key("signers"), "is empty".to_owned());
        }
        for (key, text, reason) in never_matches(&signed_by.signed_identity) {
            let at = at.clone().key("signedIdentity").key(key);
            complain(problems, &at, format!("{} {reason}", quote(text)));
        }
    }
}

/// Returns what keeps an identity from ever matching: the key to blame, its value, and the reason as the
/// end of a sentence.
fn never_matches(identity: &SignedIdentity) -> Vec<(&'static str, &str, String)> {
    match identity {
        SignedIdentity::ExactReference(exact) => {
            let text = exact.docker_reference.as_str();
            let reason = match named(text) {
                Ok(named) if named.is_name_only() => Some("has neither tag nor digest".to_owned()),
                other => other.err(),
            };
            reason.into_iter().map(|reason| ("dockerReference", text, reason)).collect()
        }
        SignedIdentity::ExactRepository(exact) => {
            let text = exact.docker_repository.as_str();
            named(text).err().into_iter().map(|reason| ("dockerRepository", text, reason)).collect()
        }
        SignedIdentity::RemapIdentity(remap) => {
            let prefixes =
                [("prefix", remap.prefix.as_str()), ("signedPrefix", remap.signed_prefix.as_str())];
            prefixes
                .into_iter()
                .filter_map(|(key, text)| Some((key, text, prefix_fault(text)?.to_owned())))
                .collect()
        }
        SignedIdentity::MatchExact(_)
        | SignedIdentity::MatchRepoDigestOrExact(_)
        | SignedIdentity::MatchRepository(_) => Vec::new(),
    }
}

fn named(text: &str) -> Result<Named, String> {
    PullSpec::parse(text).map_err(|error| error.to_string())?;
    Named::parse(text).ok_or_else(|| {
        "is not a reference as signatures carry it: digest in lower case, no name of 64 hex digits".to_owned()
    })
}

/// A prefix is `host[:port]`, or a repository or namespace below it, as normalised names have it.
fn prefix_fault(text: &str) -> Option<&'static str> {
    let host = text.split('/').next().unwrap_or_default();
    // Two components, so that nothing is taken for an official image of Docker Hub.
    let below = format!("{text}/x/x");
    match Named::parse(&below) {
        Some(named) if reference::is_host(host) && named.is_name_only() => {
            (named.name != below).then_some("is never in a normalised name: write `docker.io`")
        }
        _ => Some("is not a registry host or a path below one, without tag and digest"),
    }
}

#[cfg(test)]
mod tests {
    use crate::settings::Settings;

    fn problems(settings: &str) -> Vec<String> {
        let problems = Settings::parse(settings).err().unwrap_or_default();
        problems.iter().map(ToString::to_string).collect()
    }

    fn assert_problems(table: &[(&str, &[&str])]) {
        for (settings, expected) in table {
            assert_eq!(problems(settings), *expected, "{settings}");
        }
    }

    #[test]
    fn a_mistake_in_trust_never_reads_as_trust_in_everything() {
        assert_problems(&[
            (r#"{"trust":null}"#, &["trust: expected an object, found null"]),
            (r#"{"trust":{}}"#, &["trust: `default` is missing"]),
            (
                r#"{"trust":{"default":[]}}"#,
                &[
                    "trust.default: expected at least one requirement: an empty list would mean nothing, found a list",
                ],
            ),
            (
                r#"{"trust":{"default":[{"type":"reject"}],"scopes":{"quay.io":[]}}}"#,
                &[
                    "trust.scopes[quay.io]: expected at least one requirement: an empty list would mean nothing, found a list",
                ],
            ),
            (
                r#"{"trust":{"default":{"type":"reject"}}}"#,
                &["trust.default: expected a list, found an object"],
            ),
            (
                r#"{"trust":{"default":[{}]}}"#,
                &[
                    "trust.default[0]: `type` is missing: one of `insecureAcceptAnything`, `reject`, `signedBy`, `sigstoreSigned`",
                ],
            ),
            (
                r#"{"trust":{"default":[{"type":"insecureAcceptAnyThing"}]}}"#,
                &[
                    "trust.default[0].type: unknown type `insecureAcceptAnyThing`: did you mean `insecureAcceptAnything`?",
                ],
            ),
            (
                r#"{"trust":{"default":[{"type":null}]}}"#,
                &[
                    "trust.default[0].type: expected one of `insecureAcceptAnything`, `reject`, `signedBy`, `sigstoreSigned`, found null",
                ],
            ),
            (
                r#"{"trust":{"default":[{"type":"reject","type":"insecureAcceptAnything"}]}}"#,
                &["trust.default[0].type: duplicate key"],
            ),
            (
                r#"{"trust":{"default":[{"type":"reject","signers":[]}]}}"#,
                &["trust.default[0]: unknown key `signers`: known: "],
            ),
            (r#"{"trust":{"default":[{"type":"signedBy"}]}}"#, &["trust.default[0]: `signers` is missing"]),
            (
                r#"{"trust":{"default":[{"type":"reject"}],"defualt":[]}}"#,
                &["trust: unknown key `defualt`: did you mean `default`?"],
            ),
            (
                r#"{"trust":{"default":[{"type":"reject"}],"scopes":{"busybox":[{"type":"reject"}]}}}"#,
                &[
                    "trust.scopes.busybox: `busybox` has no registry host: write `docker.io/library/busybox` for Docker Hub",
                ],
            ),
        ]);
    }

    #[test]
    fn signers_are_named_once_and_known() {
        let signed_by = |signers: &str, signed_by: &str| {
            format!(r#"{{"signers":[{signers}],"trust":{{"default":[{{"type":"signedBy",{signed_by}}}]}}}}"#)
        };
        let good = r#"{"name":"red-hat","openpgp":"x"}"#;
        assert_problems(&[
            (&signed_by(good, r#""signers":["red-hat"]"#), &[]),
            (
                &signed_by(good, r#""signers":["redhat"]"#),
                &["trust.default[0].signers[0]: `redhat` is not a signer: did you mean `red-hat`?"],
            ),
            (
                &signed_by(good, r#""signers":["nobody"]"#),
                &["trust.default[0].signers[0]: `nobody` is not a signer: known: `red-hat`"],
            ),
            (
                &signed_by(r#"{"name":"\u001b[2J","openpgp":"x"}"#, r#""signers":["nobody"]"#),
                &[
                    r"signers[0].name: `\u{1b}[2J` is not of the form `[a-z0-9-]+`",
                    r"trust.default[0].signers[0]: `nobody` is not a signer: known: `\u{1b}[2J`",
                ],
            ),
            (
                &signed_by(r#"{"name":"red\u001bhat","openpgp":"x"}"#, r#""signers":["redhat"]"#),
                &[
                    r"signers[0].name: `red\u{1b}hat` is not of the form `[a-z0-9-]+`",
                    r"trust.default[0].signers[0]: `redhat` is not a signer: did you mean `red\u{1b}hat`?",
                ],
            ),
            (
                &signed_by("", r#""signers":["red-hat"]"#),
                &["trust.default[0].signers[0]: `red-hat` is not a signer: `signers` is empty"],
            ),
            (
                &signed_by(good, r#""signers":["red-hat","red-hat"]"#),
                &["trust.default[0].signers[1]: `red-hat` is listed twice"],
            ),
            (&signed_by(good, r#""signers":[]"#), &["trust.default[0].signers: is empty"]),
            (
                &signed_by(good, r#""signers":["red-hat"],"threshold":0"#),
                &["trust.default[0].threshold: expected a whole number from 1, found the number 0"],
            ),
            (
                &signed_by(&format!("{good},{good}"), r#""signers":["red-hat"]"#),
                &["signers[1].name: `red-hat` is another signer's name too"],
            ),
            (
                &signed_by(r#"{"name":"Red Hat","openpgp":"x"}"#, r#""signers":["Red Hat"]"#),
                &["signers[0].name: `Red Hat` is not of the form `[a-z0-9-]+`"],
            ),
            (
                &signed_by(
                    r#"{"name":"a","openpgp":"x","signedFrom":"2027-01-01T00:00:00Z","signedUntil":"2026-01-01T00:00:00Z"}"#,
                    r#""signers":["a"]"#,
                ),
                &["signers[0].signedUntil: is not after `signedFrom`"],
            ),
            (
                &signed_by(r#"{"name":"a","openpgp":"x","signedFrom":"2027-01-01"}"#, r#""signers":["a"]"#),
                &["signers[0].signedFrom: `2027-01-01` is not a time such as `2027-01-01T00:00:00Z`"],
            ),
            (
                &signed_by(r#"{"name":"a","openpgp":"x","revokedKey":"allow"}"#, r#""signers":["a"]"#),
                &[
                    "signers[0].revokedKey: expected one of `deny`, `allowSignedBefore`, found the string `allow`",
                ],
            ),
            (r#"{"signers":[{}]}"#, &["signers[0]: `name` is missing", "signers[0]: `openpgp` is missing"]),
        ]);
    }

    #[test]
    fn sigstore_signatures_are_by_somebody() {
        let asked = |by: &str| format!(r#"{{"trust":{{"default":[{{"type":"sigstoreSigned"{by}}}]}}}}"#);
        let key = r#""-----BEGIN PUBLIC KEY-----\nMFkw\n-----END PUBLIC KEY-----""#;
        let certificate = r#""-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----""#;
        let at = "trust.default[0]";
        let url = "is not a URL such as `https://github.com/acme/`";
        let by = format!(
            "{at}: has not exactly one of `publicKeys`, `keyless`, `keylessPrefix`, `githubActions`, `certificate`"
        );
        let prefix =
            |url: &str| asked(&format!(r#","keylessPrefix":[{{"issuer":"x","urlPrefix":"{url}"}}]"#));
        for good in ["https://github.com/acme/", "https://a", "https://a-b.test:8443/x?y#z"] {
            assert_problems(&[(&prefix(good), &[])]);
        }
        for bad in [
            "",
            "http://a/",
            "https:///x",
            "https://:1/",
            "https://a:65536/",
            "https://a_b/",
            "https://a@b/",
            "https://a/b c",
            r"https://a/\u0007",
            r"https://a/\u00a0",
        ] {
            assert_problems(&[(&prefix(bad), &[&format!("{at}.keylessPrefix[0].urlPrefix: {url}")])]);
        }
        assert_problems(&[
            (&asked(&format!(r#","publicKeys":[{key}]"#)), &[]),
            (&asked(&format!(r#","publicKeys":[{key}],"keys":"any","annotations":{{"env":"prod"}}"#)), &[]),
            (&asked(r#","keyless":[{"issuer":"https://issuer","subject":"a@b.example"}]"#), &[]),
            (&asked(r#","keylessPrefix":[{"issuer":"https://issuer","urlPrefix":"https://a/"}]"#), &[]),
            (&asked(r#","githubActions":{"owner":"acme"}"#), &[]),
            (&asked(r#","githubActions":{"owner":"acme","repo":"app"}"#), &[]),
            (
                &asked(&format!(
                    r#","certificate":{{"certificate":{certificate},"chain":[{certificate}],"requireRekorBundle":false}}"#
                )),
                &[],
            ),
            (&asked(""), &[&by]),
            (&asked(r#","publicKeys":[]"#), &[&by]),
            (&asked(&format!(r#","publicKeys":[{key}],"githubActions":{{"owner":"acme"}}"#)), &[&by]),
            (&asked(r#","publicKeys":["x"]"#), &[&format!("{at}.publicKeys[0]: is not a public key in PEM")]),
            (&asked(r#","keyless":[{"issuer":"x"}]"#), &[&format!("{at}.keyless[0]: `subject` is missing")]),
            (
                &asked(r#","keyless":[{"issuer":"","subject":""}]"#),
                &[
                    &format!("{at}.keyless[0].issuer: is empty"),
                    &format!("{at}.keyless[0].subject: is empty"),
                ],
            ),
            (
                &asked(
                    r#","keylessPrefix":[{"issuer":"x","urlPrefix":"github.com/acme"},{"issuer":"","urlPrefix":"https://a:b/"}]"#,
                ),
                &[
                    &format!("{at}.keylessPrefix[0].urlPrefix: {url}"),
                    &format!("{at}.keylessPrefix[1].issuer: is empty"),
                    &format!("{at}.keylessPrefix[1].urlPrefix: {url}"),
                ],
            ),
            (
                &asked(r#","githubActions":{"owner":"","repo":"acme/app"}"#),
                &[
                    &format!("{at}.githubActions.owner: is not the name of a user or an organisation"),
                    &format!("{at}.githubActions.repo: is not the name of a repository"),
                ],
            ),
            (
                &asked(r#","certificate":{"certificate":"x","chain":["y"]}"#),
                &[
                    &format!("{at}.certificate.certificate: is not a certificate in PEM"),
                    &format!("{at}.certificate.chain[0]: is not a certificate in PEM"),
                ],
            ),
        ]);
    }

    #[test]
    fn an_identity_that_could_never_match_is_refused() {
        let identity = |identity: &str| {
            format!(
                r#"{{"signers":[{{"name":"a","openpgp":"x"}}],"trust":{{"default":[{{"type":"signedBy","signers":["a"],"signedIdentity":{identity}}}]}}}}"#
            )
        };
        let at = "trust.default[0].signedIdentity";
        let carried =
            "is not a reference as signatures carry it: digest in lower case, no name of 64 hex digits";
        let prefix = "is not a registry host or a path below one, without tag and digest";
        assert_problems(&[
            (&identity(r#"{"type":"matchExact"}"#), &[]),
            (&identity(r#"{"type":"exactReference","dockerReference":"quay.io/a:1"}"#), &[]),
            (
                &identity(r#"{"type":"exactReference","dockerReference":"quay.io/a"}"#),
                &[&format!("{at}.dockerReference: `quay.io/a` has neither tag nor digest")],
            ),
            (
                &identity(r#"{"type":"exactRepository","dockerRepository":"quay.io"}"#),
                &[&format!("{at}.dockerRepository: `quay.io` reads as a registry without a repository")],
            ),
            (
                &identity(
                    r#"{"type":"remapIdentity","prefix":"mirror.example","signedPrefix":"quay.io/acme"}"#,
                ),
                &[],
            ),
            (
                &identity(r#"{"type":"remapIdentity","prefix":"mirror","signedPrefix":"quay.io/a:1"}"#),
                &[
                    &format!("{at}.prefix: `mirror` {prefix}"),
                    &format!("{at}.signedPrefix: `quay.io/a:1` {prefix}"),
                ],
            ),
            (
                &identity(&format!(
                    r#"{{"type":"exactReference","dockerReference":"quay.io/a@sha256:{}"}}"#,
                    "A".repeat(64)
                )),
                &[&format!("{at}.dockerReference: `quay.io/a@sha256:{}` {carried}", "A".repeat(64))],
            ),
            (
                &identity(&format!(
                    r#"{{"type":"exactRepository","dockerRepository":"{}"}}"#,
                    "a".repeat(64)
                )),
                &[&format!("{at}.dockerRepository: `{}` {carried}", "a".repeat(64))],
            ),
            (
                &identity(
                    r#"{"type":"remapIdentity","prefix":"index.docker.io","signedPrefix":"docker.io/library"}"#,
                ),
                &[&format!(
                    "{at}.prefix: `index.docker.io` is never in a normalised name: write `docker.io`"
                )],
            ),
            (
                &identity(r#"{"type":"remapIdentity","prefix":"m.example/Ns","signedPrefix":"docker.io"}"#),
                &[&format!("{at}.prefix: `m.example/Ns` {prefix}")],
            ),
            (
                &identity(r#"{"type":"matchexact"}"#),
                &[&format!("{at}.type: unknown type `matchexact`: did you mean `matchExact`?")],
            ),
        ]);
    }
}
