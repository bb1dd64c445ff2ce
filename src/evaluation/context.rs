//! What rules judge by.

use crate::cluster::cache::Lookups;
use crate::policy::Policy;
use crate::trust::attached::ExaminedSignature;

/// What a rule judges by, besides the thing itself.
#[derive(Debug)]
pub struct Context<'c> {
    /// The policy.
    pub policy: &'c Policy,
    /// The namespace of the request; empty for what is cluster-wide.
    pub namespace: &'c str,
    /// The signatures that the request introduces, examined.
    pub signatures: &'c [ExaminedSignature<'c>],
    /// What the cluster knows.
    pub lookups: &'c Lookups<'c>,
}
