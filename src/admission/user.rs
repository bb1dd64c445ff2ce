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

impl UserInfo<'_> {
    /// Whether it is the service account of this user name, `system:serviceaccount:<namespace>:<name>`. The
    /// API server puts each into two groups; who only has the name comes from elsewhere.
    #[must_use]
    pub fn is_service_account(&self, name: &str) -> bool {
        let account = name.strip_prefix("system:serviceaccount:");
        let Some((namespace, _)) = account.and_then(|account| account.split_once(':')) else { return false };
        let groups = || self.groups.iter().flatten().map(Text::as_str);
        self.username.as_str() == name
            && groups().any(|group| group == "system:serviceaccounts")
            && groups().any(|group| group.strip_prefix("system:serviceaccounts:") == Some(namespace))
    }
}
