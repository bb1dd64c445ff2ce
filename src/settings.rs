//! What an administrator writes, read strictly.
//!
//! Every key is declared once, with its type, default and meaning (`declaration`, `trust`): the JSON Schema
//! and the reference follow from there. An unknown key, a duplicate, a wrong type, an unknown rule or signer
//! is refused, with its path and all others; `{}` is valid.
//!
//! ```text
//! JSON --node--> Node --reader--> declaration, trust --check_*--> problems
//! ```

mod by_scope;
mod check_aliases;
mod check_exemption;
mod check_identity;
mod check_references;
mod check_rules;
mod check_sigstore;
mod check_thoroughly;
mod check_trust;
mod declaration;
mod declare;
#[cfg(not(target_family = "wasm"))]
mod json_schema;
pub mod line;
pub mod node;
pub mod pattern;
pub mod problem;
pub mod reader;
mod rule_code;
pub mod trust;

use time::UtcDateTime;

use crate::json::path::FieldPath;
use crate::quote::quote;
use crate::signature;

pub use check_references::NAMESPACE_MAX;
pub use declaration::{Exemption, ImportMode, Limits, ReferencePolicy, Settings, SourceKind, SourceTags};
pub use rule_code::{Level, RuleCode};

use node::Node;
use problem::{KnownRules, Problem, Problems};
use reader::Setting;

impl Settings {
    /// Reads settings, which may name these rules.
    ///
    /// # Errors
    /// Everything that is wrong with them, as far as it shows at a glance: they are read for each request.
    pub fn parse_with(json: &str, rules: KnownRules) -> Result<Self, Vec<Problem>> {
        let (settings, problems) = Self::read_all(json, rules);
        if problems.is_empty() { Ok(settings) } else { Err(problems.into_vec()) }
    }

    /// Returns everything that is wrong with settings, what takes time to find included.
    #[must_use]
    pub fn problems_with(json: &str, rules: KnownRules, now: UtcDateTime) -> Vec<Problem> {
        let (settings, mut problems) = Self::read_all(json, rules);
        check_thoroughly::check(&settings, now, &mut problems);
        problems.into_vec()
    }

    /// Reads settings to the end: where a value cannot be read, another stands in for it.
    fn read_all(json: &str, rules: KnownRules) -> (Self, Problems) {
        let at = FieldPath::root();
        let mut problems = Problems::new(rules);
        let settings = match serde_json::from_str(json) {
            Ok(Node::Null) => Self::default(),
            Ok(node) => Self::read(&node, &at, &mut problems),
            Err(error) => {
                reader::unread(&mut problems, &at, format!("are not JSON: {}", quote(&error.to_string())))
            }
        };
        settings.check(&mut problems);
        (settings, problems)
    }

    /// Checks what one value alone cannot tell.
    fn check(&self, problems: &mut Problems) {
        check_references::check(&self.references, problems);
        for (index, exemption) in self.exemptions.iter().enumerate() {
            check_exemption::check(exemption, &FieldPath::root().key("exemptions").index(index), problems);
        }
        check_rules::check(self, problems);
        check_trust::check(self, problems);
        check_aliases::check(self, problems);
    }

    /// Checks what takes time: whether patterns compile, and certificates can be used.
    #[must_use]
    pub fn check_thoroughly(&self, now: UtcDateTime) -> Vec<Problem> {
        let mut problems = Problems::new(&[]);
        check_thoroughly::check(self, now, &mut problems);
        problems.into_vec()
    }

    /// The signers, as signatures are verified with them at `now`.
    #[must_use]
    pub fn verification_signers(&self, now: UtcDateTime) -> Vec<signature::Signer<'_>> {
        self.signers.iter().map(|signer| signer.for_verification(now)).collect()
    }
}

#[cfg(test)]
mod tests;
