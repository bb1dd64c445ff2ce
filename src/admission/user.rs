//! The user who sends a request.

use serde::Deserialize;

use crate::json::text::Text;

/// Who asks. The only part of a request that its sender cannot choose.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct UserInfo<'a> {
    /// User name.
    #[serde(borrow, default)]
    pub username: Text<'a>,
    /// Groups.
    #[serde(borrow)]
    pub groups: Option<Vec<Text<'a>>>,
}
