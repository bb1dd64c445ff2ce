//! What an administrator writes, read strictly.
//!
//! Every key is documented here, once: the JSON Schema and the README follow. An unknown key, a
//! duplicate, a wrong type, an unknown rule or signer is refused, with its path and all others;
//! `{}` is valid.

mod aliases;
pub mod pattern;
pub mod reader;
pub mod trust;

use std::collections::BTreeMap;

use time::UtcDateTime;

use crate::json::path::FieldPath;
use crate::oci::scope::Scope;
use crate::quote::{nearest, quote};
use crate::signature;

use pattern::{Glob, Moment, Pattern};
use reader::{KnownRules, Node, Problem, Problems, Setting, complain, settings, words};
use trust::{Signer, Trust};

settings! {
    /// The settings of the policy.
    pub struct Settings {
        /// Who may vouch for images.
        "signers" => signers: Vec<Signer> = Vec::new(),
        /// Which vouching an image needs, by scope.
        "trust" => trust: Option<Trust> = None,
        /// Where tags may point, and how.
        "references" => references: References = References::default(),
        /// What images may be.
        "images" => images: Images = Images::default(),
        /// Level by rule, where it is not the rule's own: `deny`, `warn` or `off`.
        "rules" => rules: RuleLevels = RuleLevels::default(),
        /// Who or what is exempt, why, and until when.
        "exemptions" => exemptions: Vec<Exemption> = Vec::new(),
        /// Whether the platform's own writers keep working; `false` leaves only `exemptions`.
        "platformExemptions" => platform_exemptions: bool = true,
        /// Bounds on what a request may hold.
        "limits" => limits: Limits = Limits::default(),
    }

    /// Where tags may point, and how. What is not written is not restricted.
    pub struct References {
        /// Kinds of source that tags may have.
        "kinds" => kinds: Option<Vec<SourceKind>> = None,
        /// Scopes that sources may come from.
        "allow" => allow: Option<Vec<Scope>> = None,
        /// Scopes that sources may not come from; wins over `allow`.
        "deny" => deny: Vec<Scope> = Vec::new(),
        /// Globs of the foreign namespaces that sources in streams may come from.
        "namespaces" => namespaces: Option<Vec<Glob>> = None,
        /// Scopes whose sources must carry a digest; `""` is everywhere.
        "pinned" => pinned: Vec<Scope> = Vec::new(),
        /// Tags that sources may carry.
        "sourceTags" => source_tags: SourceTags = SourceTags::default(),
        /// Regular expression for the names of the tags themselves.
        "tagNames" => tag_names: Option<Pattern> = None,
        /// Regular expression for tags that, once set, may not be pointed elsewhere.
        "immutableTags" => immutable_tags: Option<Pattern> = None,
        /// `Local` or `Source`, by scope of the source; the most specific scope wins.
        "referencePolicy" => reference_policy: ByScope<ReferencePolicy> = ByScope::default(),
        /// Import modes that tags may have.
        "importMode" => import_mode: Option<Vec<ImportMode>> = None,
        /// Scopes from which images may be imported insecurely.
        "insecure" => insecure: Vec<Scope> = Vec::new(),
        /// Scopes from which images may be imported on schedule.
        "scheduled" => scheduled: Option<Vec<Scope>> = None,
    }

    /// Tags that sources may carry.
    pub struct SourceTags {
        /// Globs of the tags that are refused.
        "deny" => deny: Vec<Glob> = Vec::new(),
        /// Regular expression that others must match.
        "allow" => allow: Option<Pattern> = None,
    }

    /// What images may be.
    pub struct Images {
        /// Media types that manifests may have.
        "mediaTypes" => media_types: Option<Vec<String>> = None,
    }

    /// An exemption: every matcher that is given must match. An empty one is refused.
    pub struct Exemption {
        /// Why; it is written into the audit log.
        "reason" => reason: String,
        /// The last day (or instant, RFC 3339) on which it counts.
        "until" => until: Option<Moment> = None,
        /// Globs of user names.
        "users" => users: Option<Vec<Glob>> = None,
        /// Globs of groups.
        "groups" => groups: Option<Vec<Glob>> = None,
        /// Globs of the request's namespace.
        "namespaces" => namespaces: Option<Vec<Glob>> = None,
        /// Scopes of the source that is judged; rules about images themselves they never lift.
        "scopes" => scopes: Option<Vec<Scope>> = None,
        /// Rules that are lifted; none written is all that may be.
        "rules" => rules: Vec<RuleCode> = Vec::new(),
    }

    /// Bounds on what a request may hold.
    pub struct Limits {
        /// Bytes of one signature.
        "signatureBytes" => signature_bytes: usize = 65_536,
        /// Bytes of what a signature signs.
        "payloadBytes" => payload_bytes: usize = 65_536,
        /// Signatures of one image.
        "signaturesPerImage" => signatures_per_image: usize = 32,
        /// Violations that an answer spells out.
        "violationsReported" => violations_reported: usize = 20,
    }
}

words! {
    /// What an offence leads to.
    pub enum Level {
        /// The request is denied.
        "deny" => Deny,
        /// The request passes with a warning.
        "warn" => Warn,
        /// Nothing.
        "off" => Off,
    }

    /// What a tag can point at.
    pub enum SourceKind {
        /// A pull spec.
        "DockerImage" => DockerImage,
        /// A tag of a stream.
        "ImageStreamTag" => ImageStreamTag,
        /// An image in a stream's history.
        "ImageStreamImage" => ImageStreamImage,
    }

    /// What consumers of a tag pull.
    pub enum ReferencePolicy {
        /// From the integrated registry.
        "Local" => Local,
        /// From where the image came.
        "Source" => Source,
    }

    /// What an import keeps of a manifest list.
    pub enum ImportMode {
        /// One platform.
        "Legacy" => Legacy,
        /// All of it.
        "PreserveOriginal" => PreserveOriginal,
    }
}

/// Values by scope.
#[derive(Clone, Debug)]
pub struct ByScope<T>(pub BTreeMap<Scope, T>);

impl<T> Default for ByScope<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<T: Setting> Setting for ByScope<T> {
    fn read(node: &Node, at: &FieldPath, problems: &mut Problems) -> Option<Self> {
        reader::read_map(node, at, problems, Scope::parse).map(Self)
    }

    #[cfg(not(target_family = "wasm"))]
    fn schema(rules: KnownRules) -> serde_json::Value {
        serde_json::json!({"type": "object", "additionalProperties": T::schema(rules)})
    }
}

impl Setting for Scope {
    fn read(node: &Node, at: &FieldPath, problems: &mut Problems) -> Option<Self> {
        let text = String::read(node, at, problems)?;
        Self::parse(&text)
            .map_err(|error| complain(problems, at, format!("scope {} {error}", quote(&text))))
            .ok()
    }

    #[cfg(not(target_family = "wasm"))]
    fn schema(_: KnownRules) -> serde_json::Value {
        serde_json::json!({"type": "string"})
    }
}

/// The code of a rule.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct RuleCode(pub &'static str);

impl RuleCode {
    /// Returns the rule of this name, if it is one whose level may be chosen.
    fn parse(name: &str, rules: KnownRules) -> Result<Self, String> {
        match rules.iter().find(|rule| rule.code == name) {
            Some(rule) if rule.fixed => Err("cannot be changed".to_owned()),
            Some(rule) => Ok(Self(rule.code)),
            None => Err(match nearest(name, rules.iter().map(|rule| rule.code)) {
                Some(near) => format!("is not a rule: did you mean `{near}`?"),
                None => "is not a rule".to_owned(),
            }),
        }
    }

    #[cfg(not(target_family = "wasm"))]
    fn words(rules: KnownRules) -> Vec<&'static str> {
        rules.iter().filter(|rule| !rule.fixed).map(|rule| rule.code).collect()
    }
}

impl Setting for RuleCode {
    fn read(node: &Node, at: &FieldPath, problems: &mut Problems) -> Option<Self> {
        let name = String::read(node, at, problems)?;
        Self::parse(&name, problems.rules)
            .map_err(|error| complain(problems, at, format!("{} {error}", quote(&name))))
            .ok()
    }

    #[cfg(not(target_family = "wasm"))]
    fn schema(rules: KnownRules) -> serde_json::Value {
        serde_json::json!({"enum": Self::words(rules)})
    }
}

/// Levels by rule.
#[derive(Clone, Debug, Default)]
pub struct RuleLevels(pub BTreeMap<RuleCode, Level>);

impl Setting for RuleLevels {
    fn read(node: &Node, at: &FieldPath, problems: &mut Problems) -> Option<Self> {
        let rules = problems.rules;
        reader::read_map(node, at, problems, |name| RuleCode::parse(name, rules)).map(Self)
    }

    #[cfg(not(target_family = "wasm"))]
    fn schema(rules: KnownRules) -> serde_json::Value {
        serde_json::json!({
            "type": "object",
            "propertyNames": {"enum": RuleCode::words(rules)},
            "additionalProperties": Level::schema(rules),
        })
    }
}

/// What is read from `{}`.
#[expect(clippy::expect_used, reason = "every key of these has a default, as a test shows")]
fn from_nothing<T: Setting>() -> T {
    let empty = T::read(&Node::Map(Vec::new()), &FieldPath::root(), &mut Problems::new(&[]));
    empty.expect("every key has a default")
}

macro_rules! default_from_nothing {
    ($($name:ident),*) => {$(
        impl Default for $name {
            fn default() -> Self {
                from_nothing()
            }
        }
    )*};
}

default_from_nothing!(Settings, References, SourceTags, Images, Limits);

impl Settings {
    /// Reads settings, which may name these rules.
    ///
    /// # Errors
    /// Everything that is wrong with them.
    pub fn parse_with(json: &str, rules: KnownRules) -> Result<Self, Vec<Problem>> {
        let at_root = |message: String| vec![Problem { path: FieldPath::root(), message }];
        let node: Node = serde_json::from_str(json)
            .map_err(|error| at_root(format!("are not JSON: {}", quote(&error.to_string()))))?;
        let mut problems = Problems::new(rules);
        let settings = match node {
            Node::Null => Some(Self::default()),
            node => Self::read(&node, &FieldPath::root(), &mut problems),
        };
        if let Some(settings) = &settings {
            settings.check(&mut problems);
        }
        match settings {
            Some(settings) if problems.count() == 0 => Ok(settings),
            _ => Err(problems.into_vec()),
        }
    }

    /// What one value alone cannot tell. Nothing here costs more than a glance at the settings:
    /// it is done for each request.
    fn check(&self, problems: &mut Problems) {
        let at = FieldPath::root();
        let references = at.clone().key("references");
        for (index, scope) in self.references.deny.iter().enumerate() {
            if self.references.allow.as_ref().is_some_and(|allow| allow.contains(scope)) {
                let message = format!("scope {} is in `references.allow` too", quote(scope.as_str()));
                complain(problems, &references.clone().key("deny").index(index), message);
            }
        }
        for (index, scope) in self.references.pinned.iter().enumerate() {
            if scope.as_str().contains('@') {
                let message = format!("scope {} has a digest already", quote(scope.as_str()));
                complain(problems, &references.clone().key("pinned").index(index), message);
            }
        }
        for (index, glob) in self.references.source_tags.deny.iter().enumerate() {
            let at = || references.clone().key("sourceTags.deny").index(index);
            glob.check("tag", |c| c.is_ascii_alphanumeric() || "_.-".contains(c), at, problems);
        }
        for (index, glob) in self.references.namespaces.iter().flatten().enumerate() {
            let at = || references.clone().key("namespaces").index(index);
            glob.check_namespace(at, problems);
        }
        for (index, exemption) in self.exemptions.iter().enumerate() {
            exemption.check(&at.clone().key("exemptions").index(index), problems);
        }
        trust::check(&self.signers, self.trust.as_ref(), problems);
        aliases::check(self, problems);
    }

    /// The signers, as signatures are verified with them.
    #[must_use]
    pub fn verification_signers(&self) -> Vec<signature::Signer<'_>> {
        self.signers.iter().map(Signer::for_verification).collect()
    }

    /// What takes time, and is therefore told only when the policy is loaded: whether patterns
    /// compile, and certificates can be used.
    #[must_use]
    pub fn check_thoroughly(&self, now: UtcDateTime) -> Vec<Problem> {
        let mut problems = Problems::new(&[]);
        let references = FieldPath::root().key("references");
        for (key, pattern) in [
            ("tagNames", &self.references.tag_names),
            ("immutableTags", &self.references.immutable_tags),
            ("sourceTags.allow", &self.references.source_tags.allow),
        ] {
            let Some(pattern) = pattern else { continue };
            let path = references.clone().key(key);
            match pattern.matches("") {
                Err(error) => complain(&mut problems, &path, error),
                // What finds nothing finds it in every name, as `v*`, a glob, does.
                Ok(true) => {
                    let text = quote(pattern.as_str());
                    let message = format!(
                        "{text} matches the empty name, and so may match every one: write `.` for any name"
                    );
                    complain(&mut problems, &path, message);
                }
                Ok(false) => {}
            }
        }
        let mut keys = BTreeMap::new();
        let before = problems.count();
        for (index, signer) in self.signers.iter().enumerate() {
            let at = FieldPath::root().key("signers").index(index).key("openpgp");
            match signature::check_certificates(&signer.for_verification(), now) {
                Ok(checked) => {
                    let fingerprints = checked.usable.into_iter().map(|certificate| certificate.fingerprint);
                    keys.insert(signer.name.as_str(), fingerprints.collect::<Vec<_>>());
                }
                Err(unusable) => {
                    unusable.iter().for_each(|one| complain(&mut problems, &at, one.to_string()));
                }
            }
        }
        if let Some(trust) = self.trust.as_ref().filter(|_| problems.count() == before) {
            trust::check_thresholds(trust, &keys, &mut problems);
        }
        problems.into_vec()
    }
}

impl Exemption {
    fn check(&self, at: &FieldPath, problems: &mut Problems) {
        if self.reason.trim().is_empty() {
            complain(problems, &at.clone().key("reason"), "is empty".to_owned());
        }
        let sizes = [
            ("users", self.users.as_ref().map(Vec::len)),
            ("groups", self.groups.as_ref().map(Vec::len)),
            ("namespaces", self.namespaces.as_ref().map(Vec::len)),
            ("scopes", self.scopes.as_ref().map(Vec::len)),
        ];
        if sizes.iter().all(|(_, size)| size.unwrap_or_default() == 0) {
            let message = "names no `users`, `groups`, `namespaces` or `scopes`: to lift a rule for \
                           everybody, set it to `off` in `rules`";
            complain(problems, at, message.to_owned());
        } else {
            // Whoever empties a list means nobody, and not everybody.
            for (key, _) in sizes.iter().filter(|(_, size)| *size == Some(0)) {
                let message = "is empty: leave it out where it does not matter".to_owned();
                complain(problems, &at.clone().key(key), message);
            }
        }
        for (index, glob) in self.namespaces.iter().flatten().enumerate() {
            glob.check_namespace(|| at.clone().key("namespaces").index(index), problems);
        }
        if self.scopes.is_some() {
            for (index, RuleCode(code)) in self.rules.iter().enumerate() {
                // No scope holds a source that cannot be read.
                let is_about_sources = *code != "reference-unparsable"
                    && problems.rules.iter().any(|rule| rule.code == *code && rule.of_references);
                if !is_about_sources {
                    let message = format!("`scopes` never lift `{code}`, which is not about a source");
                    complain(problems, &at.clone().key("rules").index(index), message);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(settings: &str) -> Vec<String> {
        match Settings::parse(settings) {
            Ok(_) => Vec::new(),
            Err(problems) => problems.iter().map(ToString::to_string).collect(),
        }
    }

    fn assert_problems(table: &[(&str, &[&str])]) {
        for (settings, expected) in table {
            assert_eq!(problems(settings), *expected, "{settings}");
        }
    }

    #[test]
    fn nothing_written_is_valid_and_every_key_has_a_default() {
        for settings in
            ["{}", "null", " {} ", r#"{"references":{},"images":{},"rules":{},"limits":{},"exemptions":[]}"#]
        {
            assert_problems(&[(settings, &[])]);
        }
        let settings = Settings::default();
        assert!(settings.platform_exemptions && settings.references.allow.is_none());
        assert_eq!(settings.limits.violations_reported, 20);
    }

    /// What somebody wrote to forbid something, and would forbid nothing; or to exempt nobody.
    #[test]
    fn what_means_less_than_it_says_is_refused() {
        for (settings, expected) in [
            (
                r#"{"exemptions":[{"reason":"r","users":[],"namespaces":["shop"]}]}"#,
                "exemptions[0].users: is empty: leave it out where it does not matter",
            ),
            (
                r#"{"exemptions":[{"reason":"r","groups":["g"],"scopes":[]}]}"#,
                "exemptions[0].scopes: is empty: leave it out where it does not matter",
            ),
            (
                r#"{"exemptions":[{"reason":"r","scopes":["quay.io"],"rules":["digest-missing","layers-mismatch"]}]}"#,
                "exemptions[0].rules[1]: `scopes` never lift `layers-mismatch`, which is not about a source",
            ),
            (
                r#"{"exemptions":[{"reason":"r","scopes":["quay.io"],"rules":["reference-unparsable"]}]}"#,
                "exemptions[0].rules[0]: `scopes` never lift `reference-unparsable`, which is not about a source",
            ),
            (
                r#"{"exemptions":[{"reason":"r","namespaces":["Shop"]}]}"#,
                "exemptions[0].namespaces[0]: `Shop` can match no namespace",
            ),
            (
                r#"{"exemptions":[{"reason":"r","users":["^dana"]}]}"#,
                "exemptions[0].users[0]: `^dana` is a glob, in which `^` and `$` stand for themselves",
            ),
            (
                r#"{"references":{"sourceTags":{"deny":["^latest$"]}}}"#,
                "references.sourceTags.deny[0]: `^latest$` is a glob, in which `^` and `$` stand for themselves",
            ),
            (
                r#"{"references":{"sourceTags":{"deny":["latest","dev|test"]}}}"#,
                "references.sourceTags.deny[1]: `dev|test` can match no tag",
            ),
            (
                r#"{"references":{"namespaces":["shared_*"]}}"#,
                "references.namespaces[0]: `shared_*` can match no namespace",
            ),
            (
                r#"{"references":{"deny":["*.docker.io"]}}"#,
                "references.deny[0]: scope `*.docker.io` holds nothing: write `docker.io`, which stands for each of the Hub's names",
            ),
            (
                r#"{"references":{"pinned":["quay.io/a@sha256:3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25"]}}"#,
                "references.pinned[0]: scope `quay.io/a@sha256:3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25` has a digest already",
            ),
        ] {
            assert_problems(&[(settings, &[expected])]);
        }
        for key in ["tagNames", "immutableTags", "sourceTags.allow"] {
            for (pattern, matches) in [
                ("v*", true),
                ("", true),
                (".*", true),
                ("^v?", true),
                ("latest|", true),
                ("^v", false),
                (".", false),
            ] {
                let value = match key.split_once('.') {
                    Some((key, inner)) => serde_json::json!({key: {inner: pattern}}),
                    None => serde_json::json!({key: pattern}),
                };
                let settings = serde_json::json!({"references": value}).to_string();
                let problems: Vec<String> = match Settings::parse(&settings) {
                    Ok(settings) => settings.check_thoroughly(UtcDateTime::UNIX_EPOCH),
                    Err(problems) => problems,
                }
                .iter()
                .map(ToString::to_string)
                .collect();
                let expected = format!(
                    "references.{key}: `{pattern}` matches the empty name, and so may match every one: write `.` for any name"
                );
                assert_eq!(problems, if matches { vec![expected] } else { Vec::new() }, "{pattern}");
            }
        }
    }

    #[test]
    fn every_key_that_needs_no_signer_is_read() {
        let settings = Settings::parse(
            r#"{
                "references": {
                    "kinds": ["DockerImage", "ImageStreamTag", "ImageStreamImage"],
                    "allow": ["registry.redhat.io", "quay.io/acme", "*.corp.example"],
                    "deny": ["docker.io"],
                    "namespaces": ["openshift", "shared-*"],
                    "pinned": ["quay.io", ""],
                    "sourceTags": {"deny": ["latest", "*-rc*"], "allow": "^v\\d+"},
                    "tagNames": "^[a-z0-9.-]+$",
                    "immutableTags": "^v\\d",
                    "referencePolicy": {"registry.redhat.io": "Local", "": "Source"},
                    "importMode": ["PreserveOriginal"],
                    "insecure": ["registry.lab.example:5000"],
                    "scheduled": ["registry.redhat.io"]
                },
                "images": {"mediaTypes": ["application/vnd.oci.image.manifest.v1+json"]},
                "rules": {"scheduled-import": "deny", "digest-missing": "warn", "local-lookup": "off"},
                "exemptions": [{
                    "reason": "cluster operators maintain their own streams",
                    "until": "2027-03-31",
                    "users": ["system:serviceaccount:openshift-cluster-version:*"],
                    "groups": ["developers"],
                    "namespaces": ["openshift", "openshift-*"],
                    "scopes": ["quay.io"],
                    "rules": ["digest-missing"]
                }],
                "platformExemptions": true,
                "limits": {"signatureBytes": 65536, "payloadBytes": 65536, "signaturesPerImage": 32, "violationsReported": 20}
            }"#,
        );
        let problems = settings.as_ref().map(|settings| settings.check_thoroughly(crate::testing::NOW));
        assert_eq!(problems.ok(), Some(Vec::new()));
    }

    #[test]
    fn an_unknown_key_is_refused_at_every_level_with_the_nearest_name() {
        assert_problems(&[
            (r#"{"refrences":{}}"#, &["settings: unknown key `refrences`: did you mean `references`?"]),
            (r#"{"References":{}}"#, &["settings: unknown key `References`: did you mean `references`?"]),
            (
                r#"{"nonsense":1}"#,
                &[
                    "settings: unknown key `nonsense`: known: `signers`, `trust`, `references`, `images`, `rules`, `exemptions`, \
                   `platformExemptions`, `limits`",
                ],
            ),
            (r#"{"references":{"alow":[]}}"#, &["references: unknown key `alow`: did you mean `allow`?"]),
            (
                r#"{"references":{"sourceTags":{"denny":[]}}}"#,
                &["references.sourceTags: unknown key `denny`: did you mean `deny`?"],
            ),
            (
                r#"{"images":{"mediatypes":[]}}"#,
                &["images: unknown key `mediatypes`: did you mean `mediaTypes`?"],
            ),
            (
                r#"{"exemptions":[{"reason":"x","users":["a"],"namespace":[]}]}"#,
                &["exemptions[0]: unknown key `namespace`: did you mean `namespaces`?"],
            ),
            (
                r#"{"limits":{"violationReported":1}}"#,
                &["limits: unknown key `violationReported`: did you mean `violationsReported`?"],
            ),
            (
                r#"{"rules":{"digest-mising":"warn"}}"#,
                &["rules.digest-mising: `digest-mising` is not a rule: did you mean `digest-missing`?"],
            ),
            (r#"{"rules":{"everything":"off"}}"#, &["rules.everything: `everything` is not a rule"]),
            (
                r#"{"rules":{"request-unreadable":"off"}}"#,
                &["rules.request-unreadable: `request-unreadable` cannot be changed"],
            ),
            (
                r#"{"exemptions":[{"reason":"x","users":["a"],"rules":["tag-move","request-unreadable"]}]}"#,
                &[
                    "exemptions[0].rules[0]: `tag-move` is not a rule: did you mean `tag-moved`?",
                    "exemptions[0].rules[1]: `request-unreadable` cannot be changed",
                ],
            ),
            (
                r#"{"a\u001b[2Jb":1}"#,
                &[
                    "settings: unknown key `a\\u{1b}[2Jb`: known: `signers`, `trust`, `references`, `images`, \
                                       `rules`, `exemptions`, `platformExemptions`, `limits`",
                ],
            ),
        ]);
    }

    #[test]
    fn a_key_that_is_written_twice_is_refused_at_every_level() {
        assert_problems(&[
            (r#"{"rules":{},"rules":{}}"#, &["rules: duplicate key"]),
            (r#"{"references":{"allow":[],"allow":["quay.io"]}}"#, &["references.allow: duplicate key"]),
            (r#"{"limits":{"payloadBytes":1,"payloadBytes":1}}"#, &["limits.payloadBytes: duplicate key"]),
            (r#"{"rules":{"tag-moved":"warn","tag-moved":"warn"}}"#, &["rules.tag-moved: duplicate key"]),
            (
                r#"{"references":{"referencePolicy":{"docker.io":"Local","Index.Docker.io":"Source"}}}"#,
                &["references.referencePolicy[Index.Docker.io]: duplicate key"],
            ),
            (
                r#"{"exemptions":[{"reason":"x","reason":"y","users":["a"]}]}"#,
                &["exemptions[0].reason: duplicate key"],
            ),
        ]);
    }

    #[test]
    fn another_type_is_refused_and_null_is_no_way_to_leave_something_out() {
        assert_problems(&[
            ("[]", &["settings: expected an object, found a list"]),
            ("5", &["settings: expected an object, found the number 5"]),
            (r#""x""#, &["settings: expected an object, found the string `x`"]),
            (r#"{"references":null}"#, &["references: expected an object, found null"]),
            (r#"{"references":[]}"#, &["references: expected an object, found a list"]),
            (r#"{"references":{"allow":null}}"#, &["references.allow: expected a list, found null"]),
            (
                r#"{"references":{"allow":"quay.io"}}"#,
                &["references.allow: expected a list, found the string `quay.io`"],
            ),
            (
                r#"{"references":{"allow":[5,{}]}}"#,
                &[
                    "references.allow[0]: expected a string, found the number 5",
                    "references.allow[1]: expected a string, found an object",
                ],
            ),
            (r#"{"references":{"allow":[null]}}"#, &["references.allow[0]: expected a string, found null"]),
            (
                r#"{"references":{"tagNames":["a"]}}"#,
                &["references.tagNames: expected a string, found a list"],
            ),
            (
                r#"{"references":{"sourceTags":{"allow":["a"]}}}"#,
                &["references.sourceTags.allow: expected a string, found a list"],
            ),
            (
                r#"{"references":{"kinds":["dockerImage"]}}"#,
                &[
                    "references.kinds[0]: expected one of `DockerImage`, `ImageStreamTag`, `ImageStreamImage`, found the string `dockerImage`",
                ],
            ),
            (
                r#"{"references":{"importMode":"Legacy"}}"#,
                &["references.importMode: expected a list, found the string `Legacy`"],
            ),
            (
                r#"{"references":{"referencePolicy":{"quay.io":"local"}}}"#,
                &[
                    "references.referencePolicy[quay.io]: expected one of `Local`, `Source`, found the string `local`",
                ],
            ),
            (
                r#"{"references":{"referencePolicy":"Local"}}"#,
                &["references.referencePolicy: expected an object, found the string `Local`"],
            ),
            (
                r#"{"rules":{"tag-moved":false}}"#,
                &["rules.tag-moved: expected one of `deny`, `warn`, `off`, found `false`"],
            ),
            (
                r#"{"rules":{"tag-moved":"Deny"}}"#,
                &["rules.tag-moved: expected one of `deny`, `warn`, `off`, found the string `Deny`"],
            ),
            (r#"{"rules":["tag-moved"]}"#, &["rules: expected an object, found a list"]),
            (
                r#"{"platformExemptions":"true"}"#,
                &["platformExemptions: expected `true` or `false`, found the string `true`"],
            ),
            (
                r#"{"platformExemptions":null}"#,
                &["platformExemptions: expected `true` or `false`, found null"],
            ),
            (r#"{"exemptions":{}}"#, &["exemptions: expected a list, found an object"]),
            (r#"{"exemptions":["x"]}"#, &["exemptions[0]: expected an object, found the string `x`"]),
            (
                r#"{"limits":{"violationsReported":0}}"#,
                &["limits.violationsReported: expected a whole number from 1, found the number 0"],
            ),
            (
                r#"{"limits":{"violationsReported":-1}}"#,
                &["limits.violationsReported: expected a whole number from 1, found the number -1"],
            ),
            (
                r#"{"limits":{"violationsReported":1.5}}"#,
                &["limits.violationsReported: expected a whole number from 1, found the number 1.5"],
            ),
            (
                r#"{"limits":{"violationsReported":"20"}}"#,
                &["limits.violationsReported: expected a whole number from 1, found the string `20`"],
            ),
            (
                r#"{"limits":{"violationsReported":1e400}}"#,
                &["settings: are not JSON: `number out of range at line 1 column 37`"],
            ),
        ]);
    }

    #[test]
    fn what_could_never_match_is_refused() {
        assert_problems(&[
            (
                r#"{"references":{"allow":["busybox"]}}"#,
                &[
                    "references.allow[0]: scope `busybox` has no registry host: write `docker.io/library/busybox` for Docker Hub",
                ],
            ),
            (
                r#"{"references":{"deny":["quay.io/*"]}}"#,
                &["references.deny[0]: scope `quay.io/*` has a `*` elsewhere than in a leading `*.`"],
            ),
            (
                r#"{"references":{"insecure":["*.corp.example:5000"]}}"#,
                &[
                    "references.insecure[0]: scope `*.corp.example:5000` is not of the form `*.host`, without port and path",
                ],
            ),
            (
                r#"{"references":{"referencePolicy":{"https://quay.io":"Local"}}}"#,
                &[
                    "references.referencePolicy[https://quay.io]: `https://quay.io` is not of the form `registry/repository:tag` or \
                   `registry/repository@digest`",
                ],
            ),
            (r#"{"references":{"namespaces":[""]}}"#, &["references.namespaces[0]: is empty"]),
            (r#"{"references":{"sourceTags":{"deny":[""]}}}"#, &["references.sourceTags.deny[0]: is empty"]),
            (r#"{"exemptions":[{"reason":"x","users":[""]}]}"#, &["exemptions[0].users[0]: is empty"]),
            (
                r#"{"references":{"allow":["quay.io","Docker.io"],"deny":["index.docker.io"]}}"#,
                &["references.deny[0]: scope `docker.io` is in `references.allow` too"],
            ),
        ]);
    }

    #[test]
    fn an_exemption_says_why_for_whom_and_until_a_day_that_exists() {
        let no_matcher = "exemptions[0]: names no `users`, `groups`, `namespaces` or `scopes`: to lift a rule for everybody, \
                          set it to `off` in `rules`";
        assert_problems(&[
            (r#"{"exemptions":[{"users":["a"]}]}"#, &["exemptions[0]: `reason` is missing"]),
            (r#"{"exemptions":[{"reason":"","users":["a"]}]}"#, &["exemptions[0].reason: is empty"]),
            (r#"{"exemptions":[{"reason":" \t","users":["a"]}]}"#, &["exemptions[0].reason: is empty"]),
            (r#"{"exemptions":[{"reason":"x"}]}"#, &[no_matcher]),
            (r#"{"exemptions":[{"reason":"x","rules":["tag-moved"],"users":[]}]}"#, &[no_matcher]),
            (
                r#"{"exemptions":[{"reason":"x","users":["a"],"until":"2027-02-30"}]}"#,
                &[
                    "exemptions[0].until: `2027-02-30` is neither a date (`2027-03-31`) nor a time (`2027-03-31T12:00:00Z`)",
                ],
            ),
            (
                r#"{"exemptions":[{"reason":"x","users":["a"],"until":"31.03.2027"}]}"#,
                &[
                    "exemptions[0].until: `31.03.2027` is neither a date (`2027-03-31`) nor a time (`2027-03-31T12:00:00Z`)",
                ],
            ),
            (
                r#"{"exemptions":[{"reason":"x","users":["a"],"until":"2027-03-31T12:00:00"}]}"#,
                &[
                    "exemptions[0].until: `2027-03-31T12:00:00` is neither a date (`2027-03-31`) nor a time (`2027-03-31T12:00:00Z`)",
                ],
            ),
            (
                r#"{"exemptions":[{"reason":"x","users":["a"],"until":""}]}"#,
                &[
                    "exemptions[0].until: `` is neither a date (`2027-03-31`) nor a time (`2027-03-31T12:00:00Z`)",
                ],
            ),
            (
                r#"{"exemptions":[{"reason":"x","users":["a"],"until":20270331}]}"#,
                &["exemptions[0].until: expected a date such as `2027-03-31`, found the number 20270331"],
            ),
            (r#"{"exemptions":[{"reason":"x","users":["a"],"until":"2027-03-31T12:00:00+02:00"}]}"#, &[]),
        ]);
    }

    #[test]
    fn all_problems_are_told_together() {
        assert_problems(&[(
            r#"{"rules":{"tag-moved":"no"},"x":1,"references":{"kinds":["y"],"allow":["busybox"]},"limits":{"payloadBytes":0},
                "exemptions":[{"until":"soon"}]}"#,
            &[
                "settings: unknown key `x`: known: `signers`, `trust`, `references`, `images`, `rules`, `exemptions`, \
                 `platformExemptions`, `limits`",
                "references.kinds[0]: expected one of `DockerImage`, `ImageStreamTag`, `ImageStreamImage`, found the string `y`",
                "references.allow[0]: scope `busybox` has no registry host: write `docker.io/library/busybox` for Docker Hub",
                "rules.tag-moved: expected one of `deny`, `warn`, `off`, found the string `no`",
                "exemptions[0]: `reason` is missing",
                "exemptions[0].until: `soon` is neither a date (`2027-03-31`) nor a time (`2027-03-31T12:00:00Z`)",
                "limits.payloadBytes: expected a whole number from 1, found the number 0",
            ],
        )]);
    }

    #[test]
    fn a_pattern_is_compiled_when_the_policy_is_loaded_not_for_each_request() {
        let settings = Settings::parse(
            r#"{"references":{"tagNames":"(","immutableTags":"a{1000}{1000}","sourceTags":{"allow":"[z-a]"}}}"#,
        );
        let problems =
            settings.map(|settings| settings.check_thoroughly(crate::testing::NOW)).unwrap_or_default();
        let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(
            problems,
            [
                "references.tagNames: `(` is not a usable regular expression: found open group without closing ')'",
                "references.immutableTags: `a{1000}{1000}` is not a usable regular expression: compiled regex exceeded size limit",
                "references.sourceTags.allow: `[z-a]` is not a usable regular expression: invalid range in character class",
            ]
        );
    }

    #[test]
    fn trust_that_says_nothing_is_refused() {
        for settings in [
            r#"{"trust":{"scopes":{"quay.io":[{"type":"reject"}]}}}"#,
            r#"{"trust":{"default":[{"type":"signedBy","signers":["nobody"]}]}}"#,
            r#"{"trust":null}"#,
            r#"{"trust":{}}"#,
            r#"{"trust":{"default":[]}}"#,
            r#"{"signers":[{"name":"a"}]}"#,
            r#"{"signers":null}"#,
        ] {
            assert!(!problems(settings).is_empty(), "{settings}");
        }
    }
}
