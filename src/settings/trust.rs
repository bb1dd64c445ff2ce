//! Signers, and which of them an image needs: containers-policy.json(5) in YAML, with thresholds.

use std::collections::BTreeMap;
use std::convert::Infallible;

use time::UtcDateTime;

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
