//! The policy in a browser: JSON in, JSON out.
//!
//! ```text
//! Question --image_trust: document, request, settings--> payload --openshift_image_trust--> Response
//!                                             Answer <--image_trust::place: where in the text-- Response
//! ```
//!
//! Nothing here decides. What a person pastes is read as `image-trust run` reads files, and judged by
//! the policy's own library; this crate adds where in the pasted text an answer points.

pub mod answer;
pub mod place;

use openshift_image_trust::RULES;
use serde_json::json;
use wasm_bindgen::prelude::wasm_bindgen;

use answer::Question;

/// Answers a question: [`answer::Question`] in, [`answer::Answer`] out.
///
/// # Errors
/// The question is none.
#[wasm_bindgen]
pub fn judge(question: &str) -> Result<String, String> {
    let question: Question = serde_json::from_str(question).map_err(|error| error.to_string())?;
    serde_json::to_string(&question.answer()).map_err(|error| error.to_string())
}

/// The ClusterAdmissionPolicy that deploys the settings of a question, of this pack if it has a name.
///
/// # Errors
/// The question is none, or the settings cannot be used.
#[wasm_bindgen]
pub fn manifest(question: &str, pack: &str) -> Result<String, String> {
    let question: Question = serde_json::from_str(question).map_err(|error| error.to_string())?;
    question.manifest(pack)
}

/// The rules: code, what it refuses, level.
#[wasm_bindgen]
pub fn rules() -> String {
    let rules = RULES
        .iter()
        .map(|rule| json!({"code": rule.code, "summary": rule.summary, "level": rule.level.as_str()}));
    serde_json::Value::Array(rules.collect()).to_string()
}

/// The page of a rule, in Markdown.
#[wasm_bindgen]
pub fn rule_page(code: &str) -> Option<String> {
    image_trust::page::of(code).map(str::to_owned)
}
