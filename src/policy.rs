//! Settings made ready for rules: scopes indexed, names folded. Patterns wait until a request
//! reaches them.

pub mod exemption;
pub mod platform_writers;

use std::collections::BTreeMap;

use time::UtcDateTime;

use crate::oci::reference::RegistryAliases;
use crate::oci::scope::{Scope, ScopeMap, ScopeSet};
use crate::policy::exemption::Exemptions;
use crate::settings::line::Line;
use crate::settings::pattern::{Glob, Pattern};
use crate::settings::trust::SignerSettings;
use crate::settings::{ImportMode, Level, LimitSettings, ReferencePolicy, Settings, SourceKind, SourceTags};
use crate::signature;
use crate::trust::requirements::TrustPolicy;

/// What rules see of the settings.
#[derive(Debug)]
pub struct Policy {
    /// Where tags may point, and how.
    pub references: References,
    /// Media types that manifests may have.
    pub media_types: Option<Vec<String>>,
    /// Who may vouch for images.
    pub signers: Vec<SignerSettings>,
    /// Which vouching an image needs.
    pub trust: Option<TrustPolicy>,
    /// Bounds.
    pub limits: LimitSettings,
    /// The last line of every denial.
    pub help: Option<Line>,
    /// Who or what is exempt.
    pub exemptions: Exemptions,
    /// Names of one registry.
    pub aliases: RegistryAliases,
    levels: BTreeMap<&'static str, Level>,
}

/// Where tags may point, and how: the settings `references`, indexed.
#[derive(Debug)]
pub struct References {
    pub kinds: Option<Vec<SourceKind>>,
    pub allow: Option<ScopeSet>,
    pub deny: ScopeSet,
    pub namespaces: Option<Vec<Glob>>,
    pub pinned: ScopeSet,
    pub source_tags: SourceTags,
    pub tag_names: Option<Pattern>,
    pub immutable_tags: Option<Pattern>,
    pub reference_policy: ScopeMap<ReferencePolicy>,
    pub import_mode: Option<Vec<ImportMode>>,
    pub insecure: ScopeSet,
    pub scheduled: Option<ScopeSet>,
}

impl Policy {
    /// Takes settings in use.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        let groups =
            settings.trust.as_ref().map(|trust| trust.registry_aliases.as_slice()).unwrap_or_default();
        let aliases = RegistryAliases::new(groups);
        let rename = |scope: Scope| scope.map_registry(|host| aliases.canonical(host));
        let set = |scopes: Vec<Scope>| scopes.into_iter().map(rename).collect::<ScopeSet>();
        // Whoever refuses `docker.io/nginx`, or wants it pinned, means what people pull by that text too.
        let both = |scopes: Vec<Scope>| {
            let official: Vec<Scope> = scopes.iter().filter_map(Scope::official).collect();
            set(scopes.into_iter().chain(official).collect())
        };
        let from = settings.references;
        let references = References {
            kinds: from.kinds,
            allow: from.allow.map(set),
            deny: both(from.deny),
            namespaces: from.namespaces,
            pinned: both(from.pinned),
            source_tags: from.source_tags,
            tag_names: from.tag_names,
            immutable_tags: from.immutable_tags,
            reference_policy: with_official(from.reference_policy.values)
                .into_iter()
                .map(|(scope, policy)| (rename(scope), policy))
                .collect(),
            import_mode: from.import_mode,
            insecure: set(from.insecure),
            scheduled: from.scheduled.map(set),
        };
        let exemptions = Exemptions::new(settings.exemptions, settings.platform_exemptions, &aliases);
        let mut levels = BTreeMap::new();
        levels.extend(settings.rules.0.into_iter().map(|(code, level)| (code.0, level)));
        Self {
            references,
            media_types: settings.images.media_types,
            signers: settings.signers,
            trust: settings.trust.map(|trust| TrustPolicy::new(trust.default, trust.scopes.values, &aliases)),
            limits: settings.limits,
            help: settings.answers.help,
            exemptions,
            levels,
            aliases,
        }
    }

    /// The signers, as the verification at `now` takes them.
    #[must_use]
    pub fn signature_signers(&self, now: UtcDateTime) -> Vec<signature::Signer<'_>> {
        self.signers.iter().map(|signer| signer.for_verification(now)).collect()
    }

    /// How large signatures may be.
    #[must_use]
    pub fn signature_limits(&self) -> signature::Limits {
        signature::Limits {
            signature_bytes: self.limits.signature_bytes,
            payload_bytes: self.limits.payload_bytes,
        }
    }

    /// Returns the level that the settings choose for a rule, if they choose one.
    #[must_use]
    pub fn configured_level(&self, code: &str) -> Option<Level> {
        self.levels.get(code).copied()
    }
}

/// Adds the official image that `docker.io/nginx` may mean, unless it has a value of its own.
fn with_official<T: Clone>(mut values: BTreeMap<Scope, T>) -> BTreeMap<Scope, T> {
    let meant = |(scope, value): (&Scope, &T)| Some((scope.official()?, value.clone()));
    let official: Vec<(Scope, T)> = values.iter().filter_map(meant).collect();
    for (scope, value) in official {
        values.entry(scope).or_insert(value);
    }
    values
}
