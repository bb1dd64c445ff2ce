//! What a policy may ask its host, and the interface of whoever answers.

use std::fmt;

use openshift_image_trust::{Cluster, ClusterError, GetResource, Verified, VerifySigstore};
use serde::Serialize;

/// A call of a policy to its host.
#[derive(Clone, Copy, Debug)]
pub struct HostCall<'c> {
    /// Part of the host: `kubernetes`, `oci`.
    pub namespace: &'c str,
    /// What is asked of it: `get_resource`, `v2/verify`.
    pub operation: &'c str,
    /// The question, in JSON.
    pub payload: &'c [u8],
}

/// Answers the calls of policies.
pub trait Capabilities: fmt::Debug + Send + Sync {
    /// Answers one.
    ///
    /// # Errors
    /// As the host would say it.
    fn answer(&self, call: HostCall<'_>) -> Result<Vec<u8>, String>;
}

/// A desk without a cluster.
#[derive(Clone, Copy, Debug)]
pub struct Nobody;

impl Capabilities for Nobody {
    fn answer(&self, HostCall { namespace, operation, .. }: HostCall<'_>) -> Result<Vec<u8>, String> {
        Err(format!("nothing answers {namespace}/{operation}: give --cluster or --replay"))
    }
}

/// The same answers for the policy's own library, without a module in between.
#[derive(Clone, Copy, Debug)]
pub struct Natively<'c>(pub &'c dyn Capabilities);

impl Natively<'_> {
    fn ask(self, namespace: &str, operation: &str, question: &impl Serialize) -> Result<Vec<u8>, String> {
        let payload = serde_json::to_vec(question).map_err(|error| error.to_string())?;
        self.0.answer(HostCall { namespace, operation, payload: &payload })
    }
}

impl Cluster for Natively<'_> {
    fn get(&self, question: &GetResource<'_>) -> Result<Option<String>, ClusterError> {
        question.read(self.ask("kubernetes", "get_resource", question))
    }

    fn verify(&self, question: &VerifySigstore) -> Result<Verified, ClusterError> {
        question.read(self.ask("oci", "v2/verify", question))
    }
}
