//! The rules: one file each, named like its code, and one row each in [`RULES`].
//!
//! A rule checks for one thing. It is given what a request changes and the policy, and returns the
//! part to blame and a message. Path, code and level are added by the engine, so that no rule can
//! get them wrong.
//!
//! A message says what was found, what is allowed and what to do: lower case, no full stop, the
//! setting's path in backticks, the requester's text in [`quote`](crate::quote::quote).

pub mod claims_mismatch;
pub mod condition_unproven;
pub mod config_mismatch;
pub mod digest_missing;
pub mod host_unavailable;
pub mod image_name_not_digest;
pub mod image_untrusted;
pub mod image_unverified;
pub mod import_mode_mismatch;
pub mod insecure_import;
pub mod layers_mismatch;
pub mod local_lookup;
pub mod manifest_list_mismatch;
pub mod manifest_mismatch;
pub mod media_type_not_allowed;
pub mod pull_spec_mismatch;
pub mod reference_policy_mismatch;
pub mod reference_unparsable;
pub mod repository_import;
pub mod request_unreadable;
pub mod scheduled_import;
pub mod signature_digest_mismatch;
pub mod signature_identity_mismatch;
pub mod signature_malformed;
pub mod signature_removed;
pub mod signature_rewritten;
pub mod signature_untrusted;
pub mod source_kind_not_allowed;
pub mod source_namespace_not_allowed;
pub mod source_not_allowed;
pub mod source_tag_not_allowed;
pub mod tag_event_inconsistent;
pub mod tag_moved;
pub mod tag_name_invalid;
pub mod too_many_signatures;
pub mod unsupported_resource;
pub mod untracked_reference;

use crate::evaluation::Rule;

/// Every rule, by code.
pub static RULES: &[Rule] = &[
    claims_mismatch::RULE,
    condition_unproven::RULE,
    config_mismatch::RULE,
    digest_missing::RULE,
    host_unavailable::RULE,
    image_name_not_digest::RULE,
    image_untrusted::RULE,
    image_unverified::RULE,
    import_mode_mismatch::RULE,
    insecure_import::RULE,
    layers_mismatch::RULE,
    local_lookup::RULE,
    manifest_list_mismatch::RULE,
    manifest_mismatch::RULE,
    media_type_not_allowed::RULE,
    pull_spec_mismatch::RULE,
    reference_policy_mismatch::RULE,
    reference_unparsable::RULE,
    repository_import::RULE,
    request_unreadable::RULE,
    scheduled_import::RULE,
    signature_digest_mismatch::RULE,
    signature_identity_mismatch::RULE,
    signature_malformed::RULE,
    signature_removed::RULE,
    signature_rewritten::RULE,
    signature_untrusted::RULE,
    source_kind_not_allowed::RULE,
    source_namespace_not_allowed::RULE,
    source_not_allowed::RULE,
    source_tag_not_allowed::RULE,
    tag_event_inconsistent::RULE,
    tag_moved::RULE,
    tag_name_invalid::RULE,
    too_many_signatures::RULE,
    unsupported_resource::RULE,
    untracked_reference::RULE,
];
