//! A cluster that is a list of objects.

use std::cell::RefCell;

use openshift_image_trust::{Cluster, ClusterError, GetResource, NoCluster, Verified, VerifySigstore};
use serde_json::Value;

/// The objects that a cluster has, and what was asked of it.
#[derive(Debug, Default)]
pub struct Fixture {
    /// None where there is no cluster.
    objects: Option<Vec<Value>>,
    /// What is answered to every question instead.
    pub always: Option<String>,
    pub asked: RefCell<Vec<String>>,
}

impl Fixture {
    /// A list of objects; of text, where that is what the cluster says instead of answering.
    pub fn new(objects: Option<Value>) -> Self {
        let objects = objects.map(|objects| objects.as_array().cloned().unwrap_or_default());
        Self { objects, ..Self::default() }
    }

    /// The objects that it answers with; `None` where it does not answer.
    pub fn objects(&self) -> Option<&[Value]> {
        self.objects.as_deref().filter(|objects| !objects.iter().any(Value::is_string))
    }
}

impl Cluster for Fixture {
    fn get(&self, question: &GetResource<'_>) -> Result<Option<String>, ClusterError> {
        self.asked.borrow_mut().push(question.to_string());
        if self.always.is_some() {
            return Ok(self.always.clone());
        }
        let Some(objects) = &self.objects else { return NoCluster.get(question) };
        if let Some(error) = objects.iter().find_map(Value::as_str) {
            return Err(ClusterError::Host(error.to_owned()));
        }
        let is_asked = |object: &&Value| {
            let metadata = &object["metadata"];
            object["kind"] == question.kind
                && metadata["name"] == question.name
                && metadata["namespace"].as_str() == question.namespace
        };
        Ok(objects.iter().find(is_asked).map(Value::to_string))
    }

    fn verify(&self, question: &VerifySigstore) -> Result<Verified, ClusterError> {
        self.asked.borrow_mut().push(format!("signatures of {}", question.image()));
        let signed = |object: &&Value| object["signed"] == question.image();
        let found = self.objects.iter().flatten().find(signed);
        match found {
            Some(answer) => {
                let digest = answer["digest"].as_str().unwrap_or_default().to_owned();
                Ok(Verified { is_trusted: answer["trusted"] != false, digest })
            }
            None => NoCluster.verify(question),
        }
    }
}
