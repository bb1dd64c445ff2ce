//! Every key of the settings that is not about trust, each with its type, its default and its meaning. The
//! JSON Schema and the reference follow from here.

use crate::oci::scope::Scope;
use crate::settings::by_scope::ByScope;
use crate::settings::declare::{settings, words};
use crate::settings::line::Line;
use crate::settings::pattern::{Glob, Moment, Pattern};
use crate::settings::reader::Setting;
use crate::settings::rule_code::{RuleCode, RuleLevels};
use crate::settings::trust::{SignerSettings, Trust};

settings! {
    /// The settings of the policy.
    pub struct Settings {
        /// Who may vouch for images.
        "signers" => signers: Vec<SignerSettings> = Vec::new(),
        /// Which vouching an image needs, by scope.
        "trust" => trust: Option<Trust> = None,
        /// Where tags may point, and how.
        "references" => references: ReferenceSettings = ReferenceSettings::default(),
        /// What images may be.
        "images" => images: Images = Images::default(),
        /// Level by rule, where it is not the rule's own: `deny`, `warn` or `off`.
        "rules" => rules: RuleLevels = RuleLevels::default(),
        /// Who or what is exempt, why, and until when.
        "exemptions" => exemptions: Vec<ExemptionSettings> = Vec::new(),
        /// Whether the platform's own writers keep working; `false` leaves only `exemptions`.
        "platformExemptions" => platform_exemptions: bool = true,
        /// Bounds on what a request may hold.
        "limits" => limits: LimitSettings = LimitSettings::default(),
        /// What answers say beside what is wrong.
        "answers" => answers: Answers = Answers::default(),
    }

    /// Where tags may point, and how. What is not written is not restricted.
    pub struct ReferenceSettings {
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
    pub struct ExemptionSettings {
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
        /// Rules that are lifted. Without these, all but those about images and their signatures, which other
        /// namespaces use too.
        "rules" => rules: Option<Vec<RuleCode>> = None,
    }

    /// What answers say beside what is wrong.
    pub struct Answers {
        /// The last line of every denial, such as where to ask: at most 200 characters, none of them a control
        /// character.
        "help" => help: Option<Line> = None,
    }

    /// Bounds on what a request may hold.
    pub struct LimitSettings {
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

macro_rules! default_from_nothing {
    ($($name:ident),*) => {$(
        impl Default for $name {
            fn default() -> Self {
                Self::stand_in()
            }
        }
    )*};
}

// Each key of these has a default.
default_from_nothing!(Settings, ReferenceSettings, SourceTags, Images, Answers, LimitSettings);
