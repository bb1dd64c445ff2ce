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
    scopes: ScopeMap<Scoped>,
    /// Names of one registry.
    aliases: RegistryAliases,
}

/// The requirements of a scope.
#[derive(Debug)]
struct Scoped {
    /// The scope as it is written, under the canonical name of its registry.
    written: Scope,
    requirements: Requirements,
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
    /// Compiles the settings.
    ///
    /// What is required of `docker.io/nginx` is required of the official image too, which people pull by
    /// that text, unless that has a scope of its own.
    #[must_use]
    pub fn new(
        default: Requirements,
        scopes: BTreeMap<Scope, Requirements>,
        aliases: &RegistryAliases,
    ) -> Self {
        let official = |(scope, requirements): (&Scope, &Requirements)| {
            let official = scope.official().filter(|_| requirements.0.iter().any(Requirement::asks))?;
            let scoped = Scoped { written: scope.clone(), requirements: requirements.clone() };
            (!scopes.contains_key(&official)).then_some((official, scoped))
        };
        let official: Vec<(Scope, Scoped)> = scopes.iter().filter_map(official).collect();
        let written = scopes.into_iter().map(|(scope, requirements)| {
            let scope = scope.map_registry(|host| aliases.canonical(host));
            (scope.clone(), Scoped { written: scope, requirements })
        });
        Self { default, scopes: official.into_iter().chain(written).collect(), aliases: aliases.clone() }
    }

    /// Whether anything is asked of any image.
    #[must_use]
    pub fn asks(&self) -> bool {
        let asks = |requirements: &Requirements| requirements.0.iter().any(Requirement::asks);
        asks(&self.default) || self.scopes.values().any(|scoped| asks(&scoped.requirements))
    }

    /// Returns the requirements that apply to an image.
    ///
    /// More than one scope can apply to a whole repository, or to a tag beside a digest: the strictest
    /// counts. A port that no scope names is held by the scope without one, unless that asks for less than
    /// what holds by a wildcard or by default.
    #[must_use]
    pub fn requirements_for(&self, spec: &PullSpec) -> Applicable<'_> {
        let found = self.scopes.get(spec);
        let names_host = found.is_some_and(|(scope, _)| scope.has_host());
        let default = || Applicable { setting: "trust.default".to_owned(), requirements: &self.default.0 };
        let mut applicable = found.map_or_else(default, Applicable::by_scope);
        let at_any_port =
            self.scopes.at_any_port(spec, &self.aliases).filter(|_| !names_host).map(Applicable::by_scope);
        if let Some(of_host) = at_any_port.filter(|of_host| of_host.weight() >= applicable.weight()) {
            applicable = of_host;
        }
        let others = self.scopes.within(spec).chain(self.scopes.beside(spec)).map(Applicable::by_scope);
        match others.max_by_key(Applicable::weight) {
            Some(other) if other.weight() > applicable.weight() => other,
            _ => applicable,
        }
    }
}

impl<'t> Applicable<'t> {
    fn by_scope((_, scoped): (&Scope, &'t Scoped)) -> Self {
        let setting = format!("trust.scopes[{}]", scoped.written);
        Self { setting, requirements: &scoped.requirements.0 }
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
        self.requirements.iter().any(Requirement::needs_signatures)
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
        let asked = self.requirements.iter().flat_map(Requirement::signed_by);
        let listing: Vec<&SignedBy> = asked.filter(|signed_by| lists(signed_by, verified)).collect();
        // One that asks for another kind of key is no reason to accept a name.
        let may_meet_one = listing.iter().any(|signed_by| may_meet(signed_by, verified));
        let mut relevant = listing.iter().filter(|signed_by| !may_meet_one || may_meet(signed_by, verified));
        listing.is_empty()
            || relevant.any(|signed_by| {
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

/// Whether a verified signature is by a signer, and with a kind of key, that a requirement asks for.
#[must_use]
pub fn may_meet(signed_by: &SignedBy, verified: &VerifiedSignature) -> bool {
    lists(signed_by, verified) && (!signed_by.post_quantum || verified.is_post_quantum())
}
