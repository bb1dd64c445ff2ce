//! What rules judge by.

use crate::cluster::cache::Lookups;
use crate::policy::Policy;
use crate::trust::assess::Finding;
use crate::trust::attached::ExaminedSignature;
use crate::trust::judge::Judge;

/// What a rule judges by, besides the thing itself.
#[derive(Debug)]
pub struct Context<'c> {
    /// The policy.
    pub policy: &'c Policy,
    /// The namespace of the request; empty for what is cluster-wide.
    pub namespace: &'c str,
    /// The signatures that the request introduces, verified.
    pub signatures: &'c [ExaminedSignature<'c>],
    /// What the cluster knows.
    pub lookups: &'c Lookups<'c>,
    /// The judge of what `trust` requires.
    pub judge: &'c Judge<'c>,
    /// Whether the requester stores images' manifests, which the API server then takes out of the request.
    pub stores_manifests: bool,
    /// What `trust` has against each reference, in their order; empty where it asks for nothing.
    pub findings: &'c [Vec<Finding>],
}
