//! Signers, and which of them an image needs: containers-policy.json(5) in YAML, with thresholds.

use std::collections::BTreeMap;
use std::convert::Infallible;

use time::{Duration, UtcDateTime};

use crate::json::path::FieldPath;
use crate::settings::by_scope::ByScope;
use crate::settings::declare::{settings, tagged, words};
use crate::settings::node::Node;
#[cfg(not(target_family = "wasm"))]
use crate::settings::problem::KnownRules;
use crate::settings::problem::Problems;
use crate::settings::reader::{KeyedValues, Setting, expected, read_map};
use crate::signature::{self, EndedKey};

settings! {
    /// Somebody who may vouch for images.
    pub struct SignerSettings {
        /// Unique name: `[a-z0-9-]+`.
        "name" => name: String,
        /// One or more OpenPGP certificates, in ASCII armour (text around it is fine) or base64.
        "openpgp" => openpgp: String,
        /// Signatures made before do not count (RFC 3339).
        "signedFrom" => signed_from: Option<UtcDateTime> = None,
        /// Signatures made from then on do not count (RFC 3339).
        "signedUntil" => signed_until: Option<UtcDateTime> = None,
        /// Signatures that are older, in days by their own date, do not count.
        "maxAgeDays" => max_age_days: Option<usize> = None,
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
        /// Whether only signatures by post-quantum keys count. Beside an ordinary `signedBy` in the same list,
        /// an image needs both.
        "postQuantum" => post_quantum: bool = false,
    }

    /// Several requirements, of which an image must meet one.
    pub struct AnyOf {
        /// The requirements, two or more, each `signedBy` or `sigstoreSigned`.
        "requirements" => requirements: Alternatives,
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

/// Most days that `maxAgeDays` may be: a hundred years.
pub const MAX_AGE_DAYS: i64 = 36_500;

impl SignerSettings {
    /// Returns when a signature that was made at `created` becomes too old to count, if it ever does.
    #[must_use]
    pub fn outdates(&self, created: UtcDateTime) -> Option<UtcDateTime> {
        created.checked_add(self.max_age()?)
    }

    fn max_age(&self) -> Option<Duration> {
        self.max_age_days
            .map(|days| Duration::days(i64::try_from(days).unwrap_or(MAX_AGE_DAYS).min(MAX_AGE_DAYS)))
    }

    /// Returns the signer as the verification at `now` takes it.
    #[must_use]
    pub fn for_verification(&self, now: UtcDateTime) -> signature::Signer<'_> {
        let oldest = self.max_age().and_then(|age| now.checked_sub(age));
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
                signed_from: self.signed_from.max(oldest),
                signed_until: self.signed_until,
            },
        }
    }
}

/// Annotations by name.
#[derive(Clone, Debug, Default)]
pub struct Annotations(pub BTreeMap<String, String>);

impl Setting for Annotations {
    fn read(node: &Node, at: &FieldPath, problems: &mut Problems) -> Self {
        match read_map(node, at, problems, |name| Ok::<_, Infallible>(name.to_owned())) {
            Some(KeyedValues { by_key, .. }) => Self(by_key),
            None => expected("an object", node, at, problems),
        }
    }

    fn stand_in() -> Self {
        Self::default()
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
        /// One of several of these.
        "anyOf" => AnyOf(AnyOf),
    }

    /// One of several things of which an image needs one.
    pub enum Alternative {
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

impl Requirement {
    /// Returns the requirements of OpenPGP signatures in it.
    pub fn signed_by(&self) -> impl Iterator<Item = &SignedBy> {
        let (alone, several) = match self {
            Self::SignedBy(signed_by) => (Some(signed_by), &[][..]),
            Self::AnyOf(any_of) => (None, any_of.requirements.0.as_slice()),
            Self::InsecureAcceptAnything(_) | Self::Reject(_) | Self::SigstoreSigned(_) => (None, &[][..]),
        };
        let several = several.iter().filter_map(|alternative| match alternative {
            Alternative::SignedBy(signed_by) => Some(signed_by),
            Alternative::SigstoreSigned(_) => None,
        });
        alone.into_iter().chain(several)
    }

    /// Whether it looks at signatures.
    #[must_use]
    pub fn needs_signatures(&self) -> bool {
        match self {
            Self::SignedBy(_) | Self::SigstoreSigned(_) | Self::AnyOf(_) => true,
            Self::InsecureAcceptAnything(_) | Self::Reject(_) => false,
        }
    }

    /// Whether it asks for anything.
    #[must_use]
    pub fn asks(&self) -> bool {
        !matches!(self, Self::InsecureAcceptAnything(_))
    }
}

impl Setting for Requirements {
    fn read(node: &Node, at: &FieldPath, problems: &mut Problems) -> Self {
        match node {
            Node::List(list) if list.is_empty() => {
                expected("at least one requirement: an empty list would mean nothing", node, at, problems)
            }
            _ => Self(Vec::read(node, at, problems)),
        }
    }

    fn stand_in() -> Self {
        Self(Vec::new())
    }

    #[cfg(not(target_family = "wasm"))]
    fn schema(rules: KnownRules) -> serde_json::Value {
        serde_json::json!({"type": "array", "minItems": 1, "items": Requirement::schema(rules)})
    }
}

/// Requirements of which one must hold.
#[derive(Clone, Debug)]
pub struct Alternatives(pub Vec<Alternative>);

impl Setting for Alternatives {
    fn read(node: &Node, at: &FieldPath, problems: &mut Problems) -> Self {
        let Node::List(list) = node else { return expected("a list", node, at, problems) };
        match list.as_slice() {
            [] => problems.complain(at, "is empty, so that no image could meet it"),
            [_] => problems.complain(at, "has one requirement: write it without `anyOf`"),
            _ => {}
        }
        let read = |(index, node): (usize, &Node)| {
            let at = at.clone().index(index);
            match meaningless(node) {
                Some(reason) => {
                    problems.complain(&at.clone().key("type"), reason);
                    problems.mark_unread(at);
                    Alternative::stand_in()
                }
                None => Alternative::read(node, &at, problems),
            }
        };
        Self(list.iter().enumerate().map(read).collect())
    }

    fn stand_in() -> Self {
        Self(Vec::new())
    }

    #[cfg(not(target_family = "wasm"))]
    fn schema(rules: KnownRules) -> serde_json::Value {
        serde_json::json!({"type": "array", "minItems": 2, "items": Alternative::schema(rules)})
    }
}

/// Why a requirement may not be one of several, though it may be one of all.
fn meaningless(node: &Node) -> Option<&'static str> {
    let Node::Map(members) = node else { return None };
    match members.iter().find(|(key, _)| key == "type") {
        Some((_, Node::Text(tag))) => match tag.as_str() {
            "insecureAcceptAnything" => {
                Some("`insecureAcceptAnything` is always met, so that the others would mean nothing")
            }
            "reject" => Some("`reject` is never met: leave it out"),
            "anyOf" => Some("`anyOf` stands in another one: list its requirements there"),
            _ => None,
        },
        _ => None,
    }
}
