//! Who or what is exempt: by the settings, and the platform's own writers.

use time::UtcDateTime;

use crate::admission::request::AdmissionRequest;
use crate::admission::user::UserInfo;
use crate::oci::reference::{PullSpec, RegistryAliases};
use crate::oci::scope::{Scope, ScopeSet};
use crate::policy::platform_writers::{self, PlatformWriter};
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
    users: Option<Vec<Glob>>,
    groups: Option<Vec<Glob>>,
    namespaces: Option<Vec<Glob>>,
    scopes: Option<ScopeSet>,
    /// `None` for all but those about images.
    rules: Option<Vec<RuleCode>>,
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
    pub fn new(
        exemptions: Vec<settings::ExemptionSettings>,
        platform: bool,
        aliases: &RegistryAliases,
    ) -> Self {
        let rename = |scope: Scope| scope.map_registry(|host| aliases.canonical(host));
        let exemptions = exemptions
            .into_iter()
            .map(|exemption| Exemption {
                reason: exemption.reason,
                until: exemption.until,
                users: exemption.users,
                groups: exemption.groups,
                namespaces: exemption.namespaces,
                scopes: exemption.scopes.map(|scopes| scopes.into_iter().map(rename).collect()),
                rules: exemption.rules,
            })
            .collect();
        Self { exemptions, platform }
    }

    /// Whether an offence against a rule only warns, since a platform's writer made it.
    #[must_use]
    pub fn softens(&self, code: &str, request: &AdmissionRequest<'_>) -> bool {
        self.platform && platform_writers::softens(code, request)
    }

    /// Whether the integrated registry records a push.
    #[must_use]
    pub fn is_push(&self, request: &AdmissionRequest<'_>) -> bool {
        self.platform && platform_writers::is_push(request)
    }

    /// The platform's writer whose request it is.
    #[must_use]
    pub fn writer(&self, request: &AdmissionRequest<'_>) -> Option<&'static PlatformWriter> {
        if self.platform { platform_writers::writer(request) } else { None }
    }

    /// Whether an offence against a rule, by this request and about this image, is lifted by the settings. An
    /// exemption that names no rules does not lift those that are about images: other namespaces use them too.
    #[must_use]
    pub fn judge(
        &self,
        code: &str,
        is_about_images: bool,
        request: &AdmissionRequest<'_>,
        spec: Option<&PullSpec>,
        now: UtcDateTime,
    ) -> Exempted {
        let mut ended = Exempted::No;
        for (index, exemption) in self.exemptions.iter().enumerate() {
            if !exemption.lifts(code, is_about_images) || !exemption.matches(request, spec) {
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
    fn lifts(&self, code: &str, is_about_images: bool) -> bool {
        match &self.rules {
            None => !is_about_images,
            Some(rules) => rules.iter().any(|rule| rule.0 == code),
        }
    }

    fn matches(&self, request: &AdmissionRequest<'_>, spec: Option<&PullSpec>) -> bool {
        let UserInfo { username, groups } = &request.user;
        let any = |globs: &[Glob], text: &str| globs.iter().any(|glob| glob.matches(text));
        let is_user = |globs: &Vec<Glob>| any(globs, username.as_str());
        // What is cluster-wide is in no namespace, not even in `*`.
        let namespace = Some(request.namespace.as_str()).filter(|namespace| !namespace.is_empty());
        let is_in = |globs: &Vec<Glob>| namespace.is_some_and(|namespace| any(globs, namespace));
        let groups = groups.as_deref().unwrap_or_default();
        let is_member = |globs: &Vec<Glob>| groups.iter().any(|group| any(globs, group.as_str()));
        self.users.as_ref().is_none_or(is_user)
            && self.groups.as_ref().is_none_or(is_member)
            && self.namespaces.as_ref().is_none_or(is_in)
            && self.scopes.as_ref().is_none_or(|scopes| spec.is_some_and(|spec| scopes.get(spec).is_some()))
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{Short, lines};

    const LINE: &str = "spec.tags[0].from.name (tag `v1`): `acme/web` is from `docker.io`, which is not allowed; allowed: `quay.io` (`references.allow`) [source-not-allowed]";
    const OBJECT: &str =
        "{kind: ImageStream, spec: {tags: [{name: v1, from: {kind: DockerImage, name: acme/web}}]}}";

    /// An offence against `references.allow` by dana, of the group developers, in the namespace
    /// shop, about docker.io/acme/web.
    fn request(exemptions: &str) -> Short {
        Short::parse(&format!(
            "settings: {{references: {{allow: [quay.io]}}, exemptions: {exemptions}}}\n\
             groups: [developers, 'system:authenticated']\nobject: {OBJECT}"
        ))
    }

    #[test]
    fn an_exemption_holds_only_where_every_matcher_that_is_given_matches() {
        for (exemption, lifted) in [
            ("users: [dana]", true),
            ("users: ['d*']", true),
            ("users: ['d?na']", true),
            ("users: [bob, dana]", true),
            ("users: [dan]", false),
            ("users: [Dana]", false),
            ("users: ['dana ']", false),
            ("users: ['system:serviceaccount:*']", false),
            ("groups: [developers]", true),
            ("groups: ['system:*']", true),
            ("groups: [develop]", false),
            ("groups: ['system:masters']", false),
            ("namespaces: [shop]", true),
            ("namespaces: ['sh*', other]", true),
            ("namespaces: [sho]", false),
            ("namespaces: ['shop-*']", false),
            ("scopes: [docker.io/acme]", true),
            ("scopes: ['']", true),
            ("scopes: [index.docker.io/acme/web]", true),
            ("scopes: [docker.io/acme/we]", false),
            ("scopes: ['docker.io/acme/web:v1']", false),
            ("scopes: [quay.io]", false),
            ("users: [dana], rules: [source-not-allowed]", true),
            ("users: [dana], rules: [digest-missing, source-not-allowed]", true),
            ("users: [dana], rules: [digest-missing]", false),
            (
                "users: [dana], groups: [developers], namespaces: [shop], scopes: [docker.io], rules: [source-not-allowed]",
                true,
            ),
            ("users: [bob], groups: [developers], namespaces: [shop], scopes: [docker.io]", false),
            ("users: [dana], groups: [admins], namespaces: [shop], scopes: [docker.io]", false),
            ("users: [dana], groups: [developers], namespaces: [other], scopes: [docker.io]", false),
            ("users: [dana], groups: [developers], namespaces: [shop], scopes: [quay.io]", false),
        ] {
            let verdict = request(&format!("[{{reason: because, {exemption}}}]")).verdict();
            let expected: &[&str] = if lifted { &[] } else { &[LINE] };
            assert_eq!(lines(&verdict), expected, "{exemption}");
            assert_eq!(verdict.accepted, lifted, "{exemption}");
            let audit = verdict.audit_annotations.get("exempted").map(String::as_str);
            assert_eq!(audit, lifted.then_some("source-not-allowed: because"), "{exemption}");
        }
    }

    #[test]
    fn two_exemptions_do_not_make_one() {
        let verdict = request("[{reason: a, users: [dana], namespaces: [other]}, {reason: b, users: [bob], namespaces: [shop]}]").verdict();
        assert_eq!(lines(&verdict), [LINE]);
    }

    #[test]
    fn the_last_day_counts_to_its_end() {
        for (until, now, ended) in [
            ("2026-06-01", "2026-06-01T00:00:00Z", None),
            ("2026-06-01", "2026-06-01T23:59:59Z", None),
            ("2026-06-01", "2026-06-02T00:00:00Z", Some("2026-06-01")),
            ("2026-06-01T12:00:00Z", "2026-06-01T12:00:00Z", None),
            ("2026-06-01T12:00:00Z", "2026-06-01T12:00:01Z", Some("2026-06-01")),
            ("2026-06-01T12:00:00+02:00", "2026-06-01T10:00:00Z", None),
            ("2026-06-01T12:00:00+02:00", "2026-06-01T10:00:01Z", Some("2026-06-01")),
            ("2028-02-29", "2028-02-29T23:00:00Z", None),
        ] {
            let short = format!(
                "now: {now}\n\
                 settings: {{references: {{allow: [quay.io]}}, exemptions: [{{reason: move to quay, users: [dana], until: '{until}'}}]}}\n\
                 object: {OBJECT}"
            );
            let verdict = Short::parse(&short).verdict();
            let expected: Vec<String> = match ended {
                None => Vec::new(),
                Some(day) => vec![
                    LINE.to_owned(),
                    format!(
                        "settings.exemptions[0].until: exemption `move to quay` ended on {day} [source-not-allowed]"
                    ),
                ],
            };
            assert_eq!(lines(&verdict), expected, "{until} at {now}");
        }
    }

    #[test]
    fn an_exemption_that_ended_warns_once_a_rule_and_only_where_it_would_have_lifted() {
        let ended = "{reason: old, users: [dana], until: 2020-01-01}";
        let short = Short::parse(&format!(
            "settings: {{references: {{allow: [quay.io]}}, exemptions: [{ended}]}}\n\
             object: {{kind: ImageStream, spec: {{tags: [{{name: a, from: {{kind: DockerImage, name: x}}}}, \
             {{name: b, from: {{kind: DockerImage, name: y}}}}]}}}}"
        ));
        let verdict = short.verdict();
        assert_eq!(
            verdict.warnings,
            ["settings.exemptions[0].until: exemption `old` ended on 2020-01-01 [source-not-allowed]"]
        );
        assert_eq!(verdict.audit_annotations.get("warned").map(String::as_str), Some("source-not-allowed"));
        let elsewhere = request("[{reason: old, users: [bob], until: 2020-01-01}]").verdict();
        assert_eq!(elsewhere.warnings, Vec::<String>::new());
        let renewed =
            request("[{reason: old, users: [dana], until: 2020-01-01}, {reason: new, users: [dana]}]")
                .verdict();
        assert!(renewed.accepted && renewed.warnings.is_empty(), "{renewed:?}");
    }

    #[test]
    fn the_audit_log_tells_every_rule_that_was_lifted_and_why() {
        let verdict = Short::parse(
            "settings: {references: {allow: [quay.io], pinned: [''], sourceTags: {deny: [latest]}}, exemptions: \
             [{reason: \"first\\nline\", users: [dana], rules: [source-not-allowed, digest-missing]}, \
             {reason: second, namespaces: [shop], rules: [digest-missing, source-tag-not-allowed]}]}\n\
             object: {kind: ImageStreamTag, tag: {from: {kind: DockerImage, name: nginx}}}",
        )
        .verdict();
        assert!(verdict.accepted, "{verdict:?}");
        assert_eq!(
            verdict.audit_annotations.get("exempted").map(String::as_str),
            Some(
                "digest-missing: first\\nline; source-not-allowed: first\\nline; source-tag-not-allowed: second"
            )
        );
    }

    #[test]
    fn what_cannot_be_read_cannot_be_exempted() {
        let verdict = Short::parse(
            "settings: {exemptions: [{reason: all, users: ['*']}, {reason: all, namespaces: ['*']}, {reason: all, groups: ['*']}]}\n\
             object: {kind: ImageStream, spec: {tags: [{name: 5}]}}",
        )
        .verdict();
        assert!(!verdict.accepted && verdict.code == Some(400), "{verdict:?}");
    }

    #[test]
    fn a_level_that_is_off_needs_no_exemption() {
        let verdict = Short::parse(&format!(
            "settings: {{references: {{allow: [quay.io]}}, rules: {{source-not-allowed: off}}, exemptions: [{{reason: x, users: [dana]}}]}}\n\
             object: {OBJECT}"
        ))
        .verdict();
        assert!(verdict.accepted && verdict.audit_annotations.is_empty(), "{verdict:?}");
    }

    #[test]
    fn a_warning_can_be_exempted_too() {
        let verdict = Short::parse(
            "settings: {exemptions: [{reason: x, users: [dana]}]}\n\
             object: {kind: ImageStream, spec: {dockerImageRepository: quay.io/a/b}}",
        )
        .verdict();
        assert_eq!(lines(&verdict), Vec::<String>::new());
        assert_eq!(
            verdict.audit_annotations.get("exempted").map(String::as_str),
            Some("repository-import: x")
        );
    }

    #[test]
    fn a_scope_says_nothing_of_what_is_in_no_registry() {
        let verdict = Short::parse(
            "settings: {references: {kinds: [DockerImage]}, exemptions: [{reason: x, scopes: ['']}]}\n\
             object: {kind: ImageStreamTag, tag: {from: {kind: ImageStreamTag, name: 'base:1'}}}",
        )
        .verdict();
        assert_eq!(
            lines(&verdict),
            [
                "tag.from.kind: kind `ImageStreamTag` is not allowed; allowed: `DockerImage` (`references.kinds`) [source-kind-not-allowed]"
            ]
        );
    }
}
