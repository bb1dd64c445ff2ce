//! What takes time, and is therefore checked only when the policy is loaded: whether patterns compile, and
//! certificates can be used.

use std::collections::BTreeMap;

use time::UtcDateTime;

use crate::json::path::FieldPath;
use crate::quote::quote;
use crate::settings::check_trust::check_thresholds;
use crate::settings::declaration::{References, Settings};
use crate::settings::problem::Problems;
use crate::signature;

/// Checks patterns and certificates.
pub fn check(settings: &Settings, now: UtcDateTime, problems: &mut Problems) {
    check_patterns(&settings.references, problems);
    let mut keys = BTreeMap::new();
    for (index, signer) in settings.signers.iter().enumerate() {
        let at = FieldPath::root().key("signers").index(index).key("openpgp");
        match signature::check_certificates(&signer.for_verification(), now) {
            Ok(checked) => {
                let fingerprints = checked.usable.into_iter().map(|certificate| certificate.fingerprint);
                keys.insert(signer.name.as_str(), fingerprints.collect::<Vec<_>>());
            }
            Err(unusable) => unusable.iter().for_each(|one| problems.complain(&at, one.to_string())),
        }
    }
    if let Some(trust) = &settings.trust {
        check_thresholds(trust, &keys, problems);
    }
}

fn check_patterns(references: &References, problems: &mut Problems) {
    for (key, pattern) in [
        ("tagNames", &references.tag_names),
        ("immutableTags", &references.immutable_tags),
        ("sourceTags.allow", &references.source_tags.allow),
    ] {
        let Some(pattern) = pattern else { continue };
        let at = FieldPath::root().key("references").key(key);
        match pattern.matches("") {
            Err(error) => problems.complain(&at, error.to_string()),
            // What finds nothing finds it in every name, as `v*`, a glob, does.
            Ok(true) => {
                let text = quote(pattern.as_str());
                let message = format!(
                    "{text} matches the empty name, and so may match every one: write `.` for any name"
                );
                problems.complain(&at, message);
            }
            Ok(false) => {}
        }
    }
}
