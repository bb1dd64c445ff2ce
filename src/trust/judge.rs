//! The judge of one request: all that a decision about an image's trust depends on.

use crate::cluster::cache::Lookups;
use crate::oci::reference::RegistryAliases;
use crate::trust::attached::ExaminedSignature;
use crate::trust::requirements::TrustPolicy;

/// Judges images by `trust`. How it does so is split by question: what a reference leads to
/// (`resolve`), what is wrong with it (`assess`), whether signatures are those required (`signed_by`).
#[derive(Debug)]
pub struct Judge<'j> {
    /// `trust`, where it is set.
    pub trust: Option<&'j TrustPolicy>,
    /// Names of one registry.
    pub aliases: &'j RegistryAliases,
    /// Namespace of the request; empty for what is cluster-wide.
    pub namespace: &'j str,
    /// What the cluster knows: nothing is looked up before a requirement needs it.
    pub cluster: &'j Lookups<'j>,
    /// The signatures that the request introduces, verified.
    pub attached: &'j [ExaminedSignature<'j>],
    /// Whether the integrated registry itself maps an image, to record a push.
    pub is_push: bool,
}
