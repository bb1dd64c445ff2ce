//! What an administrator writes, read strictly.
//!
//! Every key is documented here, once: the JSON Schema and the README follow. An unknown key, a
//! duplicate, a wrong type, an unknown rule or signer is refused, with its path and all others;
//! `{}` is valid.

pub mod pattern;
pub mod reader;
pub mod trust;

use std::collections::BTreeMap;

use crate::field::FieldPath;
use crate::rules::{self, Level};
use crate::scope::Scope;
use crate::text::{nearest, quote};

use pattern::{Glob, Moment, Pattern};
use reader::{Node, Problem, Problems, Setting, complain, settings, words};
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

    /// An exemption: every matcher that is given must match.
    pub struct Exemption {
        /// Why; it is written into the audit log.
        "reason" => reason: String,
        /// The last day (or instant, RFC 3339) on which it counts.
        "until" => until: Option<Moment> = None,
        /// Globs of user names.
        "users" => users: Vec<Glob> = Vec::new(),
        /// Globs of groups.
        "groups" => groups: Vec<Glob> = Vec::new(),
        /// Globs of the request's namespace.
        "namespaces" => namespaces: Vec<Glob> = Vec::new(),
        /// Scopes of the image that is judged.
        "scopes" => scopes: Vec<Scope> = Vec::new(),
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
    fn schema() -> serde_json::Value {
        serde_json::json!({"type": "object", "additionalProperties": T::schema()})
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
    fn schema() -> serde_json::Value {
        serde_json::json!({"type": "string"})
    }
}

/// The code of a rule.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct RuleCode(pub &'static str);

impl RuleCode {
    /// The rule of this name, if it is one whose level may be chosen.
    fn parse(name: &str) -> Result<Self, String> {
        match rules::RULES.iter().find(|rule| rule.code == name) {
            Some(rule) if rule.fixed => Err("cannot be changed".to_owned()),
            Some(rule) => Ok(Self(rule.code)),
            None => Err(match nearest(name, rules::RULES.iter().map(|rule| rule.code)) {
                Some(near) => format!("is not a rule: did you mean `{near}`?"),
                None => "is not a rule".to_owned(),
            }),
        }
    }

    #[cfg(not(target_family = "wasm"))]
    fn words() -> Vec<&'static str> {
        rules::RULES.iter().filter(|rule| !rule.fixed).map(|rule| rule.code).collect()
    }
}

impl Setting for RuleCode {
    fn read(node: &Node, at: &FieldPath, problems: &mut Problems) -> Option<Self> {
        let name = String::read(node, at, problems)?;
        Self::parse(&name).map_err(|error| complain(problems, at, format!("{} {error}", quote(&name)))).ok()
    }

    #[cfg(not(target_family = "wasm"))]
    fn schema() -> serde_json::Value {
        serde_json::json!({"enum": Self::words()})
    }
}

/// Levels by rule.
#[derive(Clone, Debug, Default)]
pub struct RuleLevels(pub BTreeMap<RuleCode, Level>);

impl Setting for RuleLevels {
    fn read(node: &Node, at: &FieldPath, problems: &mut Problems) -> Option<Self> {
        reader::read_map(node, at, problems, RuleCode::parse).map(Self)
    }

    #[cfg(not(target_family = "wasm"))]
    fn schema() -> serde_json::Value {
        serde_json::json!({
            "type": "object",
            "propertyNames": {"enum": RuleCode::words()},
            "additionalProperties": Level::schema(),
        })
    }
}

/// What is read from `{}`.
#[expect(clippy::expect_used, reason = "every key of these has a default, as a test shows")]
fn from_nothing<T: Setting>() -> T {
    let empty = T::read(&Node::Map(Vec::new()), &FieldPath::root(), &mut Problems::new());
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
    /// Reads settings.
    ///
    /// # Errors
    /// Everything that is wrong with them.
    pub fn parse(json: &str) -> Result<Self, Problems> {
        let at_root = |message: String| vec![Problem { path: FieldPath::root(), message }];
        let node: Node = serde_json::from_str(json)
            .map_err(|error| at_root(format!("are not JSON: {}", quote(&error.to_string()))))?;
        let mut problems = Problems::new();
        let settings = match node {
            Node::Null => Some(Self::default()),
            node => Self::read(&node, &FieldPath::root(), &mut problems),
        };
        if let Some(settings) = &settings {
            settings.check(&mut problems);
        }
        match settings {
            Some(settings) if problems.is_empty() => Ok(settings),
            _ => Err(problems),
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
        for (index, exemption) in self.exemptions.iter().enumerate() {
            exemption.check(&at.clone().key("exemptions").index(index), problems);
        }
        trust::check(&self.signers, self.trust.as_ref(), problems);
    }

    /// What takes time, and is therefore told only when the policy is loaded: whether patterns
    /// compile.
    #[must_use]
    pub fn check_thoroughly(&self) -> Problems {
        let mut problems = Problems::new();
        let references = FieldPath::root().key("references");
        for (key, pattern) in [
            ("tagNames", &self.references.tag_names),
            ("immutableTags", &self.references.immutable_tags),
            ("sourceTags.allow", &self.references.source_tags.allow),
        ] {
            if let Some(Err(error)) = pattern.as_ref().map(Pattern::compile) {
                complain(&mut problems, &references.clone().key(key), error);
            }
        }
        problems
    }
}

impl Exemption {
    fn check(&self, at: &FieldPath, problems: &mut Problems) {
        if self.reason.trim().is_empty() {
            complain(problems, &at.clone().key("reason"), "is empty".to_owned());
        }
        let matchers = [
            self.users.is_empty(),
            self.groups.is_empty(),
            self.namespaces.is_empty(),
            self.scopes.is_empty(),
        ];
        if matchers == [true; 4] {
            let message = "names no `users`, `groups`, `namespaces` or `scopes`: to lift a rule for \
                           everybody, set it to `off` in `rules`";
            complain(problems, at, message.to_owned());
        }
    }
}
