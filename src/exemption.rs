//! Who or what is exempt: by the settings, and the platform's own writers.

use time::UtcDateTime;

use crate::platform::{self, PlatformWriter};
use crate::reference::{PullSpec, RegistryAliases};
use crate::request::{AdmissionRequest, UserInfo};
use crate::scope::{Scope, ScopeSet};
use crate::settings::pattern::{Glob, Moment};
use crate::settings::{self, RuleCode};

/// All exemptions.
#[derive(Debug)]
pub struct Exemptions {
    exemptions: Vec<Exemption>,
    platform: bool,
}

#[derive(Debug)]
struct Exemption {
    reason: String,
    until: Option<Moment>,
    users: Vec<Glob>,
    groups: Vec<Glob>,
    namespaces: Vec<Glob>,
    scopes: Option<ScopeSet>,
    rules: Vec<RuleCode>,
}

/// What exemptions make of an offence.
#[derive(Debug, Eq, PartialEq)]
pub enum Exempted {
    /// Nothing: nobody exempts it.
    No,
    /// It is lifted.
    Lifted {
        /// Why.
        reason: String,
    },
    /// It would be, had the exemption not ended.
    Ended {
        /// Position in the settings.
        index: usize,
        /// Why it was.
        reason: String,
        /// When it ended.
        until: UtcDateTime,
    },
}

impl Exemptions {
    /// Takes settings in use.
    #[must_use]
    pub fn new(exemptions: Vec<settings::Exemption>, platform: bool, aliases: &RegistryAliases) -> Self {
        let rename = |scope: Scope| scope.map_registry(|host| aliases.canonical(host));
        let exemptions = exemptions
            .into_iter()
            .map(|exemption| Exemption {
                reason: exemption.reason,
                until: exemption.until,
                users: exemption.users,
                groups: exemption.groups,
                namespaces: exemption.namespaces,
                scopes: (!exemption.scopes.is_empty())
                    .then(|| exemption.scopes.into_iter().map(rename).collect()),
                rules: exemption.rules,
            })
            .collect();
        Self { exemptions, platform }
    }

    /// Whether an offence against a rule, by this request and about this image, is lifted.
    #[must_use]
    pub fn judge(
        &self,
        code: &str,
        request: &AdmissionRequest<'_>,
        spec: Option<&PullSpec>,
        now: UtcDateTime,
    ) -> Exempted {
        if self.platform
            && let Some(PlatformWriter { reason, .. }) = platform::lifts(code, request)
        {
            return Exempted::Lifted { reason: (*reason).to_owned() };
        }
        let mut ended = Exempted::No;
        for (index, exemption) in self.exemptions.iter().enumerate() {
            if !exemption.matches(code, request, spec) {
                continue;
            }
            match exemption.until.map(Moment::last) {
                Some(until) if until < now => {
                    ended = Exempted::Ended { index, reason: exemption.reason.clone(), until };
                }
                _ => return Exempted::Lifted { reason: exemption.reason.clone() },
            }
        }
        ended
    }
}

impl Exemption {
    fn matches(&self, code: &str, request: &AdmissionRequest<'_>, spec: Option<&PullSpec>) -> bool {
        let UserInfo { username, groups } = &request.user;
        let any = |globs: &[Glob], text: &str| globs.iter().any(|glob| glob.matches(text));
        let groups = groups.as_deref().unwrap_or_default();
        (self.rules.is_empty() || self.rules.iter().any(|rule| rule.0 == code))
            && (self.users.is_empty() || any(&self.users, username.as_str()))
            && (self.groups.is_empty() || groups.iter().any(|group| any(&self.groups, group.as_str())))
            && (self.namespaces.is_empty() || any(&self.namespaces, request.namespace.as_str()))
            && self.scopes.as_ref().is_none_or(|scopes| spec.is_some_and(|spec| scopes.get(spec).is_some()))
    }
}
