//! What the settings about references mean together, where one value alone cannot tell.

use std::collections::BTreeMap;

use crate::json::path::FieldPath;
use crate::oci::reference::TAG_MAX;
use crate::oci::scope::Scope;
use crate::quote::quote;
use crate::settings::declaration::{ReferencePolicy, ReferenceSettings};
use crate::settings::pattern::Glob;
use crate::settings::problem::Problems;

/// Most bytes of a namespace's name (RFC 1123 label).
pub const NAMESPACE_MAX: usize = 63;

/// Checks them.
pub fn check(references: &ReferenceSettings, problems: &mut Problems) {
    let at = FieldPath::root().key("references");
    check_denied_scopes(references, &at, problems);
    for (index, scope) in references.pinned.iter().enumerate() {
        if scope.has_digest() {
            let message = format!("scope {} has a digest already", quote(scope.as_str()));
            problems.complain(&at.clone().key("pinned").index(index), message);
        }
    }
    for (index, glob) in references.source_tags.deny.iter().enumerate() {
        let is_tag = glob.is_made_of(|c| c.is_ascii_alphanumeric() || "_.-".contains(c));
        if !is_tag || glob.begins_with(&['.', '-']) || glob.shortest() > TAG_MAX {
            let at = at.clone().key("sourceTags.deny").index(index);
            problems.complain(&at, format!("{} can match no tag", quote(&glob.to_string())));
        }
    }
    check_namespaces(references.namespaces.as_deref(), &at, problems);
    for (scope, policy) in &references.reference_policy.values {
        if scope.has_tag() && *policy == ReferencePolicy::Local {
            let message = format!(
                "names a tag, but images are pulled by digest, to which this would not apply: write {}",
                quote(scope.repository())
            );
            problems.complain(&at.clone().key("referencePolicy").member(scope.as_str()), message);
        }
    }
}

/// Checks globs of namespaces in the member `namespaces` of an object.
pub fn check_namespaces(globs: Option<&[Glob]>, at: &FieldPath, problems: &mut Problems) {
    for (index, glob) in globs.unwrap_or_default().iter().enumerate() {
        let is_name = glob.is_made_of(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        if !is_name || glob.begins_with(&['-']) || glob.shortest() > NAMESPACE_MAX {
            let at = at.clone().key("namespaces").index(index);
            problems.complain(&at, format!("{} can match no namespace", quote(&glob.to_string())));
        }
    }
}

fn check_denied_scopes(references: &ReferenceSettings, at: &FieldPath, problems: &mut Problems) {
    let allowed: BTreeMap<&Scope, usize> =
        references.allow.iter().flatten().enumerate().map(|(index, scope)| (scope, index)).collect();
    if allowed.is_empty() {
        return;
    }
    for (index, scope) in references.deny.iter().enumerate() {
        let Some(allowed) = allowed.get(scope) else { continue };
        if problems.is_read(&at.clone().key("allow").index(*allowed)) {
            let message = format!("scope {} is in `references.allow` too", scope.quoted());
            problems.complain(&at.clone().key("deny").index(index), message);
        }
    }
}
