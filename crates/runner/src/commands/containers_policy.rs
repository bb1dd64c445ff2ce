//! containers-policy.json(5), read as strictly as its own reader does: a file with one unknown,
//! repeated or mistyped member means nothing.

use std::collections::BTreeSet;

use openshift_image_trust::FieldPath;
use openshift_image_trust::quote;
use openshift_image_trust::{Node, Problem};
use serde::Serialize;

/// A file.
#[derive(Debug)]
pub(super) struct ContainersPolicy {
    /// What holds where nothing else does.
    pub(super) default: Vec<Asked>,
    /// By transport, in the order of the file.
    pub(super) transports: Vec<Transport>,
}

/// What is asked of images that come by one transport.
#[derive(Debug)]
pub(super) struct Transport {
    /// Its name, such as `docker`.
    pub(super) name: String,
    /// Its place in the file.
    pub(super) at: FieldPath,
    /// By scope, in the order of the file, each with its place.
    pub(super) scopes: Vec<(String, FieldPath, Vec<Asked>)>,
}

/// One requirement.
#[derive(Debug)]
pub(super) enum Asked {
    /// Nothing.
    InsecureAcceptAnything,
    /// Cannot be met.
    Reject,
    /// OpenPGP signatures.
    SignedBy { keys: Keys, identity: Option<Identity> },
    /// Sigstore signatures.
    Sigstore(Sigstore),
    /// One that settings have no words for: which, and why.
    Foreign(String),
}

impl Asked {
    /// Sigstore signatures by certificates of one's own.
    pub(super) fn own_pki() -> Self {
        Self::Foreign("asks for sigstore signatures by a PKI of one's own (`pki`)".to_owned())
    }
}

/// Who must have made a sigstore signature. What a signature must say the image is is read and not
/// kept: Kubewarden's host does not compare it.
#[derive(Debug)]
pub(super) enum Sigstore {
    /// The owner of one of these keys.
    Keys(Keys),
    /// Whoever Fulcio gave a certificate for this address.
    Fulcio { issuer: String, email: String },
}

/// Where keys are.
#[derive(Debug)]
pub(super) enum Keys {
    /// In a file each: its member or element below the requirement, and the file.
    Files(Vec<(FieldPath, String)>),
    /// Here, in base64, each with its member or element below the requirement.
    Data(Vec<(FieldPath, String)>),
}

/// `signedIdentity`: alike in both formats.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[expect(clippy::enum_variant_names, reason = "the names are those of the format")]
pub(super) enum Identity {
    MatchRepoDigestOrExact,
    MatchExact,
    MatchRepository,
    ExactReference { docker_reference: String },
    ExactRepository { docker_repository: String },
    RemapIdentity { prefix: String, signed_prefix: String },
}

/// Reads a file.
pub(super) fn parse(json: &str) -> Result<ContainersPolicy, Problem> {
    let root = FieldPath::root();
    let node: Node = serde_json::from_str(json)
        .map_err(|error| problem(&root, format!("is not JSON: {}", quote(&error.to_string()))))?;
    unique(&node, &root)?;
    let policy = Members::of(&node, &root, &["default", "transports"])?;
    let default = requirements(policy.need("default")?, &policy.at("default"))?;
    let mut transports = Vec::new();
    if let Some(node) = policy.get("transports") {
        let at = policy.at("transports");
        for (transport, node) in object(node, &at)? {
            let at = at.clone().member(transport);
            let mut scopes = Vec::new();
            for (scope, node) in object(node, &at)? {
                let at = at.clone().member(scope);
                if transport == "atomic" && !is_atomic_scope(scope) {
                    return Err(problem(&at, "is not of the form `host/namespace/stream:tag`".to_owned()));
                }
                scopes.push((scope.clone(), at.clone(), requirements(node, &at)?));
            }
            transports.push(Transport { name: transport.clone(), at, scopes });
        }
    }
    Ok(ContainersPolicy { default, transports })
}

/// `host[/namespace[/stream[:tag]]]`.
fn is_atomic_scope(scope: &str) -> bool {
    let mut parts = scope.split('/').skip(1);
    let namespace = parts.next().unwrap_or_default();
    let stream = parts.next().unwrap_or_default();
    parts.next().is_none() && !namespace.contains(':') && stream.matches(':').count() < 2
}

fn problem(at: &FieldPath, message: String) -> Problem {
    Problem { path: at.clone(), message }
}

/// Refuses a member that is written twice, however deep: two readers could see two policies.
fn unique(node: &Node, at: &FieldPath) -> Result<(), Problem> {
    match node {
        Node::List(list) => {
            list.iter().enumerate().try_for_each(|(index, node)| unique(node, &at.clone().index(index)))
        }
        Node::Map(members) => {
            let mut seen = BTreeSet::new();
            members.iter().try_for_each(|(key, node)| {
                let at = at.clone().member(key);
                if !seen.insert(key) {
                    return Err(problem(&at, "duplicate key".to_owned()));
                }
                unique(node, &at)
            })
        }
        _ => Ok(()),
    }
}

fn object<'n>(node: &'n Node, at: &FieldPath) -> Result<&'n [(String, Node)], Problem> {
    match node {
        Node::Map(members) => Ok(members),
        _ => Err(problem(at, "is not an object".to_owned())),
    }
}

fn text(node: &Node, at: &FieldPath) -> Result<String, Problem> {
    match node {
        Node::Text(text) => Ok(text.clone()),
        _ => Err(problem(at, "is not a string".to_owned())),
    }
}

/// The members of an object that may have these and no others.
struct Members<'n> {
    at: FieldPath,
    members: &'n [(String, Node)],
}

impl<'n> Members<'n> {
    fn of(node: &'n Node, at: &FieldPath, known: &[&str]) -> Result<Self, Problem> {
        let members = object(node, at)?;
        match members.iter().find(|(key, _)| !known.contains(&key.as_str())) {
            Some((key, _)) => Err(problem(&at.clone().member(key), "is not a known member here".to_owned())),
            None => Ok(Self { at: at.clone(), members }),
        }
    }

    fn at(&self, key: &str) -> FieldPath {
        self.at.clone().member(key)
    }

    fn get(&self, key: &str) -> Option<&'n Node> {
        self.members.iter().find(|(name, _)| name == key).map(|(_, node)| node)
    }

    fn need(&self, key: &str) -> Result<&'n Node, Problem> {
        self.get(key).ok_or_else(|| problem(&self.at(key), "is missing".to_owned()))
    }

    fn text(&self, key: &str) -> Result<String, Problem> {
        text(self.need(key)?, &self.at(key))
    }
}

fn list<'n>(node: &'n Node, at: &FieldPath) -> Result<&'n [Node], Problem> {
    match node {
        Node::List(list) if !list.is_empty() => Ok(list),
        Node::List(_) => Err(problem(at, "is empty".to_owned())),
        _ => Err(problem(at, "is not a list".to_owned())),
    }
}

fn requirements(node: &Node, at: &FieldPath) -> Result<Vec<Asked>, Problem> {
    let list = list(node, at)?.iter().enumerate();
    list.map(|(index, node)| requirement(node, &at.clone().index(index))).collect()
}

/// The `type` of an object.
fn kind(node: &Node, at: &FieldPath) -> Result<String, Problem> {
    Members { at: at.clone(), members: object(node, at)? }.text("type")
}

fn requirement(node: &Node, at: &FieldPath) -> Result<Asked, Problem> {
    match kind(node, at)?.as_str() {
        "insecureAcceptAnything" => Members::of(node, at, &["type"]).map(|_| Asked::InsecureAcceptAnything),
        "reject" => Members::of(node, at, &["type"]).map(|_| Asked::Reject),
        "signedBy" => signed_by(node, at),
        "sigstoreSigned" => sigstore(node, at),
        "signedBaseLayer" => {
            Ok(Asked::Foreign("asks for a signed base layer, which no tool verifies".to_owned()))
        }
        other => Err(problem(&at.clone().key("type"), format!("{} is not a known type", quote(other)))),
    }
}

fn signed_by(node: &Node, at: &FieldPath) -> Result<Asked, Problem> {
    let known = ["type", "keyType", "keyPath", "keyPaths", "keyData", "signedIdentity"];
    let members = Members::of(node, at, &known)?;
    let key_type = members.text("keyType")?;
    let keys = match keys(&members)?.as_mut_slice() {
        [keys] => std::mem::replace(keys, Keys::Files(Vec::new())),
        _ => {
            return Err(problem(at, "has not exactly one of `keyPath`, `keyPaths` and `keyData`".to_owned()));
        }
    };
    let identity = members.get("signedIdentity");
    let identity = identity.map(|node| self::identity(node, &members.at("signedIdentity"))).transpose()?;
    match key_type.as_str() {
        "GPGKeys" => Ok(Asked::SignedBy { keys, identity }),
        "signedByGPGKeys" | "X509Certificates" | "signedByX509CAs" => {
            Ok(Asked::Foreign(format!("has the key type `{key_type}`, which no tool verifies")))
        }
        other => Err(problem(&members.at("keyType"), format!("{} is not a known key type", quote(other)))),
    }
}

/// Every member that names keys.
fn keys(members: &Members<'_>) -> Result<Vec<Keys>, Problem> {
    let mut found = Vec::new();
    for (name, kind) in [
        ("keyPath", Keys::Files as fn(_) -> _),
        ("keyPaths", Keys::Files),
        ("keyData", Keys::Data),
        ("keyDatas", Keys::Data),
    ] {
        let Some(node) = members.get(name) else { continue };
        let below = FieldPath::root().key(name);
        let at = members.at(name);
        let entries = if name.ends_with('s') {
            let entries = list(node, &at)?.iter().enumerate();
            entries
                .map(|(index, node)| Ok((below.clone().index(index), text(node, &at.clone().index(index))?)))
                .collect::<Result<_, Problem>>()?
        } else {
            vec![(below, text(node, &at)?)]
        };
        found.push(kind(entries));
    }
    Ok(found)
}

fn sigstore(node: &Node, at: &FieldPath) -> Result<Asked, Problem> {
    let known = [
        "type",
        "keyPath",
        "keyPaths",
        "keyData",
        "keyDatas",
        "fulcio",
        "pki",
        "rekorPublicKeyPath",
        "rekorPublicKeyPaths",
        "rekorPublicKeyData",
        "rekorPublicKeyDatas",
        "signedIdentity",
    ];
    let members = Members::of(node, at, &known)?;
    if let Some(node) = members.get("signedIdentity") {
        identity(node, &members.at("signedIdentity"))?;
    }
    let mut keys = keys(&members)?;
    match (keys.pop(), keys.is_empty(), members.get("fulcio"), members.get("pki")) {
        (Some(keys), true, None, None) => Ok(Asked::Sigstore(Sigstore::Keys(keys))),
        (None, _, Some(node), None) => {
            let at = members.at("fulcio");
            let fulcio = Members::of(node, &at, &["caPath", "caData", "oidcIssuer", "subjectEmail"])?;
            Ok(Asked::Sigstore(Sigstore::Fulcio {
                issuer: fulcio.text("oidcIssuer")?,
                email: fulcio.text("subjectEmail")?,
            }))
        }
        (None, _, None, Some(_)) => Ok(Asked::own_pki()),
        _ => Err(problem(
            at,
            "has not exactly one of `keyPath`, `keyPaths`, `keyData`, `keyDatas`, `fulcio` and `pki`"
                .to_owned(),
        )),
    }
}

fn identity(node: &Node, at: &FieldPath) -> Result<Identity, Problem> {
    let kind = kind(node, at)?;
    let members = |known: &[&str]| Members::of(node, at, &[&["type"], known].concat());
    Ok(match kind.as_str() {
        "matchRepoDigestOrExact" => members(&[]).map(|_| Identity::MatchRepoDigestOrExact)?,
        "matchExact" => members(&[]).map(|_| Identity::MatchExact)?,
        "matchRepository" => members(&[]).map(|_| Identity::MatchRepository)?,
        "exactReference" => {
            let members = members(&["dockerReference"])?;
            Identity::ExactReference { docker_reference: members.text("dockerReference")? }
        }
        "exactRepository" => {
            let members = members(&["dockerRepository"])?;
            Identity::ExactRepository { docker_repository: members.text("dockerRepository")? }
        }
        "remapIdentity" => {
            let members = members(&["prefix", "signedPrefix"])?;
            Identity::RemapIdentity {
                prefix: members.text("prefix")?,
                signed_prefix: members.text("signedPrefix")?,
            }
        }
        other => {
            return Err(problem(&at.clone().key("type"), format!("{} is not a known type", quote(other))));
        }
    })
}
