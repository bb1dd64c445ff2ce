//! Several names of one registry, against the scopes that are written for one of them.
//!
//! Scopes and pull specs are compared under one name of each registry. Two scopes may then become
//! one, and a wildcard may hold one name and not the other: which of them decides must not be a
//! matter of order.

use std::collections::{BTreeMap, BTreeSet};

use crate::json::path::FieldPath;
use crate::oci::reference::{self, PullSpec, RegistryAliases};
use crate::oci::scope::Scope;
use crate::quote::quote;
use crate::settings::by_scope::ByScope;
use crate::settings::declaration::Settings;
use crate::settings::problem::Problems;

/// Scopes that were written in one place, each by its position or with a value of its own.
struct Written<'s> {
    at: FieldPath,
    scopes: Vec<&'s Scope>,
    has_values: bool,
}

impl<'s> Written<'s> {
    fn listed(key: &'static str, scopes: &'s [Scope]) -> Self {
        let at = FieldPath::root().key("references").key(key);
        Self { at, scopes: scopes.iter().collect(), has_values: false }
    }

    fn by_scope<T>(key: &'static str, values: &'s ByScope<T>) -> Self {
        Self { at: FieldPath::root().key(key), scopes: values.values.keys().collect(), has_values: true }
    }

    /// Where a scope stands. Made when there is something to complain of: this is read for each request.
    fn path(&self, index: usize, scope: &Scope) -> FieldPath {
        let at = self.at.clone();
        if self.has_values { at.member(scope.as_str()) } else { at.index(index) }
    }
}

pub fn check(settings: &Settings, problems: &mut Problems) {
    let groups = settings.trust.as_ref().map(|trust| trust.registry_aliases.as_slice()).unwrap_or_default();
    let at = FieldPath::root().key("trust.registryAliases");
    if !check_groups(groups, &at, problems) {
        return;
    }
    let aliases = RegistryAliases::new(groups);
    let is_integrated = |host: &String| reference::is_integrated(&reference::normalize_host(host));
    let integrated = reference::INTEGRATED.map(str::to_owned);
    let mut all: Vec<Vec<String>> = groups.to_vec();
    match all.iter_mut().find(|group| group.iter().any(is_integrated)) {
        Some(group) => group.extend(integrated),
        None => all.push(integrated.to_vec()),
    }
    for written in written(settings) {
        if written.has_values {
            check_values(&written, &aliases, problems);
        }
        for group in &all {
            check_wildcards(&written, group, &aliases, problems);
        }
    }
}

/// Every place with scopes.
fn written(settings: &Settings) -> impl Iterator<Item = Written<'_>> {
    let from = &settings.references;
    let lists = [
        Written::listed("allow", from.allow.as_deref().unwrap_or_default()),
        Written::listed("deny", &from.deny),
        Written::listed("pinned", &from.pinned),
        Written::listed("insecure", &from.insecure),
        Written::listed("scheduled", from.scheduled.as_deref().unwrap_or_default()),
        Written::by_scope("references.referencePolicy", &from.reference_policy),
    ];
    let trust = settings.trust.as_ref().map(|trust| Written::by_scope("trust.scopes", &trust.scopes));
    lists.into_iter().chain(trust)
}

/// Returns whether they can be used. What follows from a mistake is not told beside it.
fn check_groups(groups: &[Vec<String>], at: &FieldPath, problems: &mut Problems) -> bool {
    let mut are_usable = problems.is_read(at);
    let mut complain = |at: &FieldPath, message: String| {
        are_usable = false;
        problems.complain(at, message);
    };
    let mut seen = BTreeSet::new();
    for (index, group) in groups.iter().enumerate() {
        let at = at.clone().index(index);
        if group.len() < 2 {
            complain(&at, "is not a list of two or more names of one registry".to_owned());
        }
        for (index, host) in group.iter().enumerate() {
            let at = at.clone().index(index);
            if host.contains('/')
                || !reference::is_host(host)
                || PullSpec::parse(&format!("{host}/x")).is_err()
            {
                complain(&at, format!("{} is not a registry host", quote(host)));
            } else if !seen.insert(reference::normalize_host(host)) {
                complain(&at, format!("{} is listed twice", quote(host)));
            }
        }
    }
    are_usable
}

/// Two scopes that are one say two things.
fn check_values(written: &Written<'_>, aliases: &RegistryAliases, problems: &mut Problems) {
    let mut seen: BTreeMap<Scope, &Scope> = BTreeMap::new();
    for (index, &scope) in written.scopes.iter().enumerate() {
        let renamed = scope.map_registry(|host| aliases.canonical(host));
        if let Some(earlier) = seen.insert(renamed, scope) {
            let message =
                format!("is the same scope as {}, by `trust.registryAliases`", quote(earlier.as_str()));
            problems.complain(&written.path(index, scope), message);
        }
    }
}

/// A wildcard that holds some names of a registry and not all says two things of it, unless a
/// scope of its own says one.
fn check_wildcards(
    written: &Written<'_>,
    group: &[String],
    aliases: &RegistryAliases,
    problems: &mut Problems,
) {
    if !written.scopes.iter().any(|scope| scope.as_str().starts_with('*')) {
        return;
    }
    let hosts: Vec<String> = group.iter().map(|host| reference::normalize_host(host).into_owned()).collect();
    let is_written = |scope: &&Scope| {
        hosts.first().is_some_and(|host| aliases.canonical(host) == aliases.canonical(scope.as_str()))
    };
    if written.scopes.iter().any(is_written) {
        return;
    }
    let wildcard = |host: &str| {
        let name = host.split(':').next().unwrap_or_default().to_owned();
        let holds =
            |scope: &Scope| scope.as_str().strip_prefix('*').is_some_and(|domain| name.ends_with(domain));
        let held = written.scopes.iter().copied().enumerate().filter(|(_, scope)| holds(scope));
        held.max_by_key(|(_, scope)| scope.as_str().len())
    };
    for host in &hosts {
        let Some((index, scope)) = wildcard(host) else { continue };
        let other = hosts.iter().find(|other| wildcard(other).map(|(_, scope)| scope) != Some(scope));
        if let Some(other) = other {
            let message = format!(
                "{} holds {} and not {}, the same registry by `trust.registryAliases`: write a scope for it",
                quote(scope.as_str()),
                quote(host),
                quote(other)
            );
            problems.complain(&written.path(index, scope), message);
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::settings::Settings;

    fn assert_problems(cases: &[(&str, &[&str])]) {
        for (settings, expected) in cases {
            let problems = Settings::parse(settings).err().unwrap_or_default();
            let problems: Vec<String> =
                problems.iter().map(|problem| format!("{}: {}", problem.path, problem.message)).collect();
            assert_eq!(problems, *expected, "{settings}");
        }
    }

    #[test]
    fn registry_aliases_are_hosts_each_in_one_list() {
        let aliases = |aliases: &str| {
            format!(r#"{{"trust":{{"default":[{{"type":"reject"}}],"registryAliases":{aliases}}}}}"#)
        };
        let at = "trust.registryAliases";
        assert_problems(&[
            (&aliases(r#"[["a.example:5000","b.example"]]"#), &[]),
            (
                &aliases(r#"[["a.example"]]"#),
                &[&format!("{at}[0]: is not a list of two or more names of one registry")],
            ),
            (
                &aliases(r#"[["a.example","mirror"]]"#),
                &[&format!("{at}[0][1]: `mirror` is not a registry host")],
            ),
            (
                &aliases(r#"[["a.example","b.example/x"]]"#),
                &[&format!("{at}[0][1]: `b.example/x` is not a registry host")],
            ),
            (
                &aliases(r#"[["a.example","b.example"],["c.example","B.example:443"]]"#),
                &[&format!("{at}[1][1]: `B.example:443` is listed twice")],
            ),
            // What follows from a mistake is not told beside it.
            (
                &aliases(r#"[["route.corp.example","svc.internal:5000","mirror"]]"#)
                    .replace("{\"trust\"", r#"{"references":{"deny":["*.corp.example"]},"trust""#),
                &[&format!("{at}[0][2]: `mirror` is not a registry host")],
            ),
        ]);
    }

    /// Settings with scopes below `trust` and elsewhere, and two names of one registry.
    fn with(scopes: &str, references: &str) -> String {
        format!(
            r#"{{"references":{{{references}}},"trust":{{"default":[{{"type":"reject"}}],"scopes":{{{scopes}}},
               "registryAliases":[["svc.internal:5000","route.corp.example"]]}}}}"#
        )
    }

    #[test]
    fn scopes_that_an_alias_makes_one_are_refused() {
        const ANY: &str = r#"[{"type":"insecureAcceptAnything"}]"#;
        const NONE: &str = r#"[{"type":"reject"}]"#;
        let same = |other: &str| format!("is the same scope as `{other}`, by `trust.registryAliases`");
        assert_problems(&[
            (&with(&format!(r#""svc.internal:5000":{NONE},"route.corp.example/ns":{ANY}"#), ""), &[]),
            (
                &with(&format!(r#""svc.internal:5000":{NONE},"route.corp.example":{ANY}"#), ""),
                &[&format!("trust.scopes[svc.internal:5000]: {}", same("route.corp.example"))],
            ),
            (
                &with(
                    &format!(r#""svc.internal:5000/ns/app":{NONE},"ROUTE.corp.example:443/ns/app":{ANY}"#),
                    "",
                ),
                &[&format!("trust.scopes[svc.internal:5000/ns/app]: {}", same("route.corp.example/ns/app"))],
            ),
            (
                &with("", r#""referencePolicy":{"svc.internal:5000":"Local","route.corp.example":"Source"}"#),
                &[&format!("references.referencePolicy[svc.internal:5000]: {}", same("route.corp.example"))],
            ),
            (&with("", r#""allow":["svc.internal:5000","route.corp.example"]"#), &[]),
        ]);
    }

    #[test]
    fn a_wildcard_that_holds_one_name_of_a_registry_needs_a_scope_beside_it() {
        const ANY: &str = r#"[{"type":"insecureAcceptAnything"}]"#;
        const NONE: &str = r#"[{"type":"reject"}]"#;
        let needs = |scope: &str| {
            format!(
                "`{scope}` holds `route.corp.example` and not `svc.internal:5000`, the same registry by \
                 `trust.registryAliases`: write a scope for it"
            )
        };
        assert_problems(&[
            (
                &with(&format!(r#""*.corp.example":{NONE}"#), ""),
                &[&format!("trust.scopes[*.corp.example]: {}", needs("*.corp.example"))],
            ),
            (&with(&format!(r#""*.corp.example":{NONE},"route.corp.example":{ANY}"#), ""), &[]),
            (&with(&format!(r#""*.corp.example":{NONE},"svc.internal:5000":{ANY}"#), ""), &[]),
            (
                &with(&format!(r#""*.corp.example":{NONE},"svc.internal:5000/ns":{ANY}"#), ""),
                &[&format!("trust.scopes[*.corp.example]: {}", needs("*.corp.example"))],
            ),
            (&with(&format!(r#""*.other.example":{NONE}"#), ""), &[]),
            (&with("", r#""deny":["*.example"]"#), &[&format!("references.deny[0]: {}", needs("*.example"))]),
            (
                &with("", r#""deny":["*.example","*.internal"]"#),
                &[
                    "references.deny[1]: `*.internal` holds `svc.internal:5000` and not `route.corp.example`, the same \
                 registry by `trust.registryAliases`: write a scope for it",
                ],
            ),
            (&with("", r#""deny":["*.example","route.corp.example"]"#), &[]),
            (
                &with("", r#""allow":["quay.io","*.corp.example"]"#),
                &[&format!("references.allow[1]: {}", needs("*.corp.example"))],
            ),
        ]);
    }
}
