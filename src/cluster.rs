//! What the policy may ask of the cluster that it runs in, and of registries through it.
//!
//! Whoever calls the policy answers: the host that Kubewarden provides, a recording, a folder of
//! objects. Answers are bytes of the API server's; what they mean is read in [`crate::cluster::cache`].

pub mod cache;

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::quote::quote;

/// Answers questions about the cluster.
pub trait Cluster: fmt::Debug {
    /// The JSON of an object, or of those of its fields that are asked for; nothing where there is no
    /// such object.
    ///
    /// # Errors
    /// Why there is no answer.
    fn get(&self, question: &GetResource<'_>) -> Result<Option<String>, ClusterError>;

    /// Whether an image has sigstore signatures, and which manifest digest has them.
    ///
    /// # Errors
    /// Why there is no answer.
    fn verify(&self, question: &VerifySigstore) -> Result<Verified, ClusterError>;
}

/// Why a question has no answer.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ClusterError {
    /// There is no cluster to ask for this object.
    NoCluster(String),
    /// There is no host to ask for the signatures of this image.
    NoHost(String),
    /// The host could not answer: in its words.
    Host(String),
    /// The host's answer to a question for an object is not UTF-8.
    NotText,
    /// The host's answer to a question for signatures cannot be read: why.
    Unreadable(String),
}

impl fmt::Display for ClusterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoCluster(object) => write!(f, "{object} cannot be looked up: there is no cluster"),
            Self::NoHost(image) => {
                write!(f, "signatures of {} cannot be looked up: there is no host", quote(image))
            }
            Self::Host(error) => f.write_str(error),
            Self::NotText => f.write_str("the answer is not UTF-8"),
            Self::Unreadable(reason) => write!(f, "the answer cannot be read: {reason}"),
        }
    }
}

impl std::error::Error for ClusterError {}

/// A question for an object: `kubernetes/get_resource` of Kubewarden's host capabilities.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub struct GetResource<'q> {
    /// Group and version.
    pub api_version: &'static str,
    /// Kind.
    pub kind: &'static str,
    /// Name.
    pub name: &'q str,
    /// Namespace; none where the kind has none.
    pub namespace: Option<&'q str>,
    /// The host keeps answers for seconds: a tag may be elsewhere by then.
    pub disable_cache: bool,
    /// Fields that are needed, dotted; lists are passed through.
    pub field_masks: &'static [&'static str],
}

/// A question for signatures: `oci/v2/verify` of Kubewarden's host capabilities.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(tag = "type")]
#[expect(missing_docs, reason = "the host's own names")]
pub enum VerifySigstore {
    SigstorePubKeyVerify {
        image: String,
        pub_keys: Vec<String>,
        annotations: Option<BTreeMap<String, String>>,
    },
    SigstoreKeylessVerify {
        image: String,
        keyless: Vec<Keyless>,
        annotations: Option<BTreeMap<String, String>>,
    },
    SigstoreKeylessPrefixVerify {
        image: String,
        keyless_prefix: Vec<KeylessPrefix>,
        annotations: Option<BTreeMap<String, String>>,
    },
    SigstoreGithubActionsVerify {
        image: String,
        owner: String,
        repo: Option<String>,
        annotations: Option<BTreeMap<String, String>>,
    },
    SigstoreCertificateVerify {
        image: String,
        certificate: Vec<u8>,
        certificate_chain: Option<Vec<Vec<u8>>>,
        require_rekor_bundle: bool,
        annotations: Option<BTreeMap<String, String>>,
    },
}

/// Who signed without a key of their own.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[expect(missing_docs, reason = "the host's own names")]
pub struct Keyless {
    pub issuer: String,
    pub subject: String,
}

/// Who signed without a key of their own, by the beginning of their URL.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[expect(missing_docs, reason = "the host's own names")]
pub struct KeylessPrefix {
    pub issuer: String,
    pub url_prefix: String,
}

/// The answer to [`VerifySigstore`].
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
pub struct Verified {
    /// Whether the image is signed as asked.
    pub is_trusted: bool,
    /// The manifest digest that was looked at.
    pub digest: String,
}

/// A cluster that cannot be queried.
#[derive(Clone, Copy, Debug)]
pub struct NoCluster;

impl Cluster for NoCluster {
    fn get(&self, question: &GetResource<'_>) -> Result<Option<String>, ClusterError> {
        Err(ClusterError::NoCluster(question.to_string()))
    }

    fn verify(&self, question: &VerifySigstore) -> Result<Verified, ClusterError> {
        Err(ClusterError::NoHost(question.image().to_owned()))
    }
}

/// What Kubewarden's host says of an image that is not signed as asked, instead of `is_trusted: false`
/// (policy-fetcher `src/verify/mod.rs`, policy-evaluator `src/callback_handler/sigstore_verification.rs`).
const UNSIGNED: [&str; 2] = ["verification failed: ", "no signatures found for image"];

impl VerifySigstore {
    /// What a host's reply means. An image that is not signed as asked is an error to Kubewarden's, told
    /// by its text alone from a registry that does not answer.
    ///
    /// # Errors
    /// Those of the host, and a reply that cannot be read.
    pub fn read(&self, reply: Result<Vec<u8>, String>) -> Result<Verified, ClusterError> {
        match reply {
            Ok(json) => {
                let unreadable = |error: &dyn fmt::Display| ClusterError::Unreadable(error.to_string());
                let json = str::from_utf8(&json).map_err(|error| unreadable(&error))?;
                crate::json::strict::from_str(json).map_err(|error| unreadable(&error))
            }
            Err(error) if UNSIGNED.iter().any(|said| error.contains(said)) => {
                Ok(Verified { is_trusted: false, digest: String::new() })
            }
            Err(error) => Err(ClusterError::Host(error)),
        }
    }

    /// The image that is asked about.
    #[must_use]
    pub fn image(&self) -> &str {
        match self {
            Self::SigstorePubKeyVerify { image, .. }
            | Self::SigstoreKeylessVerify { image, .. }
            | Self::SigstoreKeylessPrefixVerify { image, .. }
            | Self::SigstoreGithubActionsVerify { image, .. }
            | Self::SigstoreCertificateVerify { image, .. } => image,
        }
    }
}

impl fmt::Display for GetResource<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.namespace {
            Some(namespace) => write!(f, "{} {}", self.kind, quote(&format!("{namespace}/{}", self.name))),
            None => write!(f, "{} {}", self.kind, quote(self.name)),
        }
    }
}

impl GetResource<'_> {
    /// What a host's reply means: Kubewarden's reports a missing object as an error, by its text alone
    /// (policy-evaluator `src/callback_handler/kubernetes/client.rs`). A missing kind is another.
    ///
    /// # Errors
    /// Those of the host, and a reply that is no text.
    pub fn read(&self, reply: Result<Vec<u8>, String>) -> Result<Option<String>, ClusterError> {
        match reply {
            Ok(json) => String::from_utf8(json).map(Some).map_err(|_| ClusterError::NotText),
            Err(error) if error.contains(&self.absent()) => Ok(None),
            Err(error) => Err(ClusterError::Host(error)),
        }
    }

    /// How the host says that there is no such object.
    #[must_use]
    pub fn absent(&self) -> String {
        absent(self.api_version, self.kind, self.name)
    }
}

/// The words in which Kubewarden's host reports an object that does not exist.
#[must_use]
pub fn absent(api_version: &str, kind: &str, name: &str) -> String {
    format!("Cannot find {api_version}/{kind} named '{name}'")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(error: &str) -> Result<Vec<u8>, String> {
        Err(error.to_owned())
    }

    fn failed<T>(error: &str) -> Result<T, ClusterError> {
        Err(ClusterError::Host(error.to_owned()))
    }

    #[test]
    fn an_object_is_missing_only_where_the_host_says_so_of_this_very_object() {
        let question = |name| GetResource {
            api_version: "image.openshift.io/v1",
            kind: "Image",
            name,
            namespace: None,
            disable_cache: true,
            field_masks: &[],
        };
        let missing = "Cannot find image.openshift.io/v1/Image named 'sha256:1' inside of namespace 'None'";
        let answers = [
            (Ok(b"{}".to_vec()), Ok(Some("{}".to_owned()))),
            (Ok(Vec::new()), Ok(Some(String::new()))),
            (Ok(b"\"\xff\"".to_vec()), Err(ClusterError::NotText)),
            (reply(missing), Ok(None)),
            (reply(&format!("callback failed: {missing}")), Ok(None)),
        ];
        for (answer, expected) in answers {
            assert_eq!(question("sha256:1").read(answer.clone()), expected, "{answer:?}");
        }
        for error in [
            "",
            "connection refused",
            "images.image.openshift.io is forbidden",
            "Cannot find image.openshift.io/v1/Image",
            "Cannot find image.openshift.io/v1/ImageStream named 'sha256:1' inside of namespace 'None'",
            "Cannot find v1/Image named 'sha256:1' inside of namespace 'None'",
        ] {
            assert_eq!(question("sha256:1").read(reply(error)), failed(error));
        }
        for other in ["sha256:2", "sha256:", "sha256:11"] {
            assert_eq!(question(other).read(reply(missing)), failed(missing), "{other}");
        }
    }

    #[test]
    fn an_image_is_unsigned_only_where_the_host_says_so() {
        let image = "quay.io/acme/app:v1".to_owned();
        let question =
            VerifySigstore::SigstorePubKeyVerify { image, pub_keys: Vec::new(), annotations: None };
        let verified = |is_trusted, digest: &str| Ok(Verified { is_trusted, digest: digest.to_owned() });
        for (answer, expected) in [
            (Ok(br#"{"is_trusted":true,"digest":"sha256:1"}"#.to_vec()), verified(true, "sha256:1")),
            (Ok(br#"{"is_trusted":false,"digest":"sha256:1"}"#.to_vec()), verified(false, "sha256:1")),
            (reply("image verification failed: missing signatures"), verified(false, "")),
            (reply("no signatures found for image: quay.io/acme/app:v1"), verified(false, "")),
            (reply(""), failed("")),
            (reply("verification timed out"), failed("verification timed out")),
            (reply("no such host"), failed("no such host")),
        ] {
            assert_eq!(question.read(answer.clone()), expected, "{answer:?}");
        }
        for reply in [&b""[..], b"\xff", b"null", b"[true,\"sha256:1\"]", br#"{"is_trusted":true}"#] {
            let error = question
                .read(Ok(reply.to_vec()))
                .map_err(|error| matches!(error, ClusterError::Unreadable(reason) if reason.len() > 1));
            assert_eq!(error, Err(true), "{reply:?}");
        }
    }
}
