//! Which requirements apply to an image: containers-policy.json(5), by scope.
//!
//! The most specific scope alone decides; all its requirements must hold.

use std::collections::BTreeMap;

use crate::oci::named::Named;
use crate::oci::reference::{PullSpec, RegistryAliases};
use crate::oci::scope::{Scope, ScopeMap};
use crate::settings::trust::{Requirement, Requirements, SignedBy};
use crate::signature::VerifiedSignature;
use crate::trust::identity::ExpectedIdentity;

/// Requirements by scope.
#[derive(Debug)]
pub struct TrustPolicy {
    default: Requirements,
    scopes: ScopeMap<Requirements>,
}

/// The requirements that apply to an image, and the setting that they come from.
#[derive(Debug)]
pub struct Applicable<'t> {
    /// `trust.scopes[…]` or `trust.default`.
    pub setting: String,
    /// The requirements.
    pub requirements: &'t [Requirement],
}

impl TrustPolicy {
    /// Compiles the settings; `rename` replaces a registry's alias by its canonical name.
    #[must_use]
    pub fn new(
        default: Requirements,
        scopes: BTreeMap<Scope, Requirements>,
        rename: impl Fn(Scope) -> Scope,
    ) -> Self {
        Self { default, scopes: scopes.into_iter().map(|(scope, needed)| (rename(scope), needed)).collect() }
    }

    /// Whether anything is asked of any image.
    #[must_use]
    pub fn asks(&self) -> bool {
        let asks = |requirements: &Requirements| {
            requirements.0.iter().any(|it| !matches!(it, Requirement::InsecureAcceptAnything(_)))
        };
        asks(&self.default) || self.scopes.values().any(asks)
    }

    /// Returns the requirements that apply to an image.
    ///
    /// More than one scope can apply to a whole repository, or to a tag beside a digest: the strictest
    /// counts.
    #[must_use]
    pub fn requirements_for(&self, spec: &PullSpec) -> Applicable<'_> {
        let default = || Applicable { setting: "trust.default".to_owned(), requirements: &self.default.0 };
        let applicable = self.scopes.get(spec).map_or_else(default, Applicable::by_scope);
        let others = self.scopes.within(spec).chain(self.scopes.beside(spec)).map(Applicable::by_scope);
        match others.max_by_key(Applicable::weight) {
            Some(other) if other.weight() > applicable.weight() => other,
            _ => applicable,
        }
    }
}

impl<'t> Applicable<'t> {
    fn by_scope((scope, requirements): (Scope, &'t Requirements)) -> Self {
        Self { setting: format!("trust.scopes[{scope}]"), requirements: &requirements.0 }
    }

    /// How much is asked: nothing, signatures, or what cannot be met.
    fn weight(&self) -> u8 {
        match (self.rejects(), self.signatures()) {
            (true, _) => 2,
            (false, true) => 1,
            (false, false) => 0,
        }
    }

    /// Whether any requirement looks at signatures.
    #[must_use]
    pub fn signatures(&self) -> bool {
        let looks =
            |it: &Requirement| matches!(it, Requirement::SignedBy(_) | Requirement::SigstoreSigned(_));
        self.requirements.iter().any(looks)
    }

    /// Whether anything is asked at all.
    #[must_use]
    pub fn asks(&self) -> bool {
        self.weight() > 0
    }

    /// Whether the image can never be trusted.
    #[must_use]
    pub fn rejects(&self) -> bool {
        self.requirements.iter().any(|requirement| matches!(requirement, Requirement::Reject(_)))
    }

    /// Whether the identity in a signature is one that its signers are asked for; where nobody
    /// asks for these signers, any is.
    #[must_use]
    pub fn identity_matches(
        &self,
        verified: &VerifiedSignature,
        image: &PullSpec,
        aliases: &RegistryAliases,
    ) -> bool {
        let mut asked = self
            .requirements
            .iter()
            .filter_map(|requirement| match requirement {
                Requirement::SignedBy(signed_by) if lists(signed_by, verified) => Some(signed_by),
                _ => None,
            })
            .peekable();
        asked.peek().is_none()
            || asked.any(|signed_by| {
                ExpectedIdentity::new(&signed_by.signed_identity, Some(Named::of(image)), aliases)
                    .matches(&verified.payload().docker_reference)
            })
    }
}

/// Whether a requirement lists one of the signers of a verified signature.
#[must_use]
pub fn lists(signed_by: &SignedBy, verified: &VerifiedSignature) -> bool {
    verified.signers().iter().any(|name| signed_by.signers.contains(name))
}
