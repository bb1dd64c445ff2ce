//! ClusterImagePolicy and ImagePolicy (config.openshift.io/v1), which OpenShift turns into its nodes'
//! policy.json.
//!
//! A scope is written without a transport; what no scope holds is accepted. Where several policies
//! name one scope, all of them must be satisfied.

use openshift_image_trust::{FieldPath, Problem, quote};
use serde::Deserialize;

use crate::commands::containers_policy::{Asked, ContainersPolicy, Keys, Sigstore, Transport};
use crate::document::{self, Format};

const GROUP: &str = "config.openshift.io/";

/// A document whose kind is not known yet.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Typed {
    #[serde(default)]
    api_version: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    items: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
struct ImagePolicy {
    metadata: Metadata,
    spec: Spec,
}

#[derive(Deserialize)]
struct Metadata {
    name: String,
    #[serde(default)]
    namespace: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Spec {
    scopes: Vec<String>,
    policy: Policy,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Policy {
    root_of_trust: RootOfTrust,
    /// What the signature must say the image is: read, but Kubewarden's host does not compare it.
    #[serde(rename = "signedIdentity")]
    _signed_identity: Option<serde_json::Value>,
}

#[derive(Deserialize)]
#[serde(tag = "policyType", deny_unknown_fields)]
enum RootOfTrust {
    #[serde(rename_all = "camelCase")]
    PublicKey { public_key: PublicKey },
    #[serde(rename = "FulcioCAWithRekor")]
    Fulcio {
        #[serde(rename = "fulcioCAWithRekor")]
        fulcio: Fulcio,
    },
    #[serde(rename = "PKI")]
    Pki {
        #[serde(rename = "pki")]
        _pki: serde_json::Value,
    },
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PublicKey {
    key_data: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Fulcio {
    fulcio_subject: Subject,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Subject {
    oidc_issuer: String,
    signed_email: String,
}

/// Reads image policies, one or several, also in a list, with what deserves a look. `None` where the
/// text holds none at all.
///
/// # Errors
/// Some documents are image policies that cannot be read, or others stand between them.
pub(super) fn parse(text: &str) -> Result<Option<(ContainersPolicy, Vec<Problem>)>, Problem> {
    let problem = |at: &FieldPath, message: String| Problem { path: at.clone(), message };
    let root = FieldPath::root();
    let Ok(documents) = document::parse(text, Format::Yaml) else { return Ok(None) };
    let mut objects = Vec::new();
    for document in documents {
        let Ok(value) = serde_json::from_str::<serde_json::Value>(document.get()) else { return Ok(None) };
        match Typed::deserialize(&value) {
            Ok(typed) if typed.kind == "List" || is_image_policy(&typed.kind.replace("List", "")) => {
                if typed.items.is_empty() { objects.push(value) } else { objects.extend(typed.items) }
            }
            _ => objects.push(value),
        }
    }
    let type_of = |value: &serde_json::Value| {
        Typed::deserialize(value)
            .ok()
            .filter(|it| it.api_version.starts_with(GROUP) && is_image_policy(&it.kind))
    };
    if !objects.iter().any(|object| type_of(object).is_some()) {
        return Ok(None);
    }
    let mut notes = Vec::new();
    let mut scopes = Vec::new();
    for object in &objects {
        let Some(Typed { kind, .. }) = type_of(object) else {
            return Err(problem(&root, "holds other objects beside image policies".to_owned()));
        };
        let policy = ImagePolicy::deserialize(object).map_err(|error| {
            problem(&root.clone().member(&kind), format!("cannot be read: {}", quote(&error.to_string())))
        })?;
        let at = root.clone().member(&kind).member(&policy.metadata.name);
        if kind == "ImagePolicy" {
            let message = format!(
                "holds in the namespace {} alone; these settings hold wherever they are deployed: deploy them \
                 as an AdmissionPolicy in that namespace",
                quote(&policy.metadata.namespace)
            );
            notes.push(problem(&at, message));
        }
        if policy.spec.scopes.is_empty() {
            return Err(problem(&at.key("spec").key("scopes"), "is empty".to_owned()));
        }
        for (index, scope) in policy.spec.scopes.iter().enumerate() {
            let at = at.clone().key("spec").key("scopes").index(index);
            scopes.push((scope.clone(), at, vec![asked(&policy.spec.policy.root_of_trust)]));
        }
    }
    let transport = Transport { name: "docker".to_owned(), at: root, scopes };
    Ok(Some((
        ContainersPolicy { default: vec![Asked::InsecureAcceptAnything], transports: vec![transport] },
        notes,
    )))
}

fn is_image_policy(kind: &str) -> bool {
    kind == "ClusterImagePolicy" || kind == "ImagePolicy"
}

fn asked(root: &RootOfTrust) -> Asked {
    match root {
        RootOfTrust::PublicKey { public_key } => Asked::Sigstore(Sigstore::Keys(Keys::Data(vec![(
            FieldPath::root(),
            public_key.key_data.clone(),
        )]))),
        RootOfTrust::Fulcio { fulcio: Fulcio { fulcio_subject } } => Asked::Sigstore(Sigstore::Fulcio {
            issuer: fulcio_subject.oidc_issuer.clone(),
            email: fulcio_subject.signed_email.clone(),
        }),
        RootOfTrust::Pki { .. } => Asked::own_pki(),
    }
}
