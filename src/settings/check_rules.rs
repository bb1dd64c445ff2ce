//! Rules that judge nothing without a setting of their own.

use crate::json::path::FieldPath;
use crate::settings::declaration::Settings;
use crate::settings::problem::Problems;
use crate::settings::rule_code::{Level, RuleCode};

/// Checks levels: whoever has a rule deny wants it to judge something.
pub fn check(settings: &Settings, problems: &mut Problems) {
    let denying = settings.rules.0.iter().filter(|(_, level)| **level == Level::Deny);
    for (RuleCode(code), _) in denying {
        if let Some(setting) = missing_setting(settings, code)
            && problems.is_read(&FieldPath::root().key(setting))
        {
            let message = format!("judges nothing without `{setting}`: set that too, or leave this out");
            problems.complain(&FieldPath::root().key("rules").member(code), message);
        }
    }
}

/// Returns the setting without which a rule judges nothing, where it is not set.
fn missing_setting(settings: &Settings, code: &str) -> Option<&'static str> {
    let references = &settings.references;
    let tags = &references.source_tags;
    let (is_set, setting) = match code {
        "digest-missing" => (!references.pinned.is_empty(), "references.pinned"),
        "import-mode-mismatch" => (references.import_mode.is_some(), "references.importMode"),
        "media-type-not-allowed" => (settings.images.media_types.is_some(), "images.mediaTypes"),
        "reference-policy-mismatch" => {
            (references.reference_policy.written().next().is_some(), "references.referencePolicy")
        }
        "scheduled-import" => (references.scheduled.is_some(), "references.scheduled"),
        "source-kind-not-allowed" => (references.kinds.is_some(), "references.kinds"),
        "source-namespace-not-allowed" => (references.namespaces.is_some(), "references.namespaces"),
        "source-not-allowed" => {
            (references.allow.is_some() || !references.deny.is_empty(), "references.allow")
        }
        "source-tag-not-allowed" => (!tags.deny.is_empty() || tags.allow.is_some(), "references.sourceTags"),
        "tag-moved" => (references.immutable_tags.is_some(), "references.immutableTags"),
        "host-unavailable" | "image-untrusted" | "image-unverified" | "signature-identity-mismatch" => {
            (settings.trust.is_some(), "trust")
        }
        _ => return None,
    };
    (!is_set).then_some(setting)
}
