//! A provisioner file as far as it can be understood without the connector.

use serde_json::Value as Json;

use super::{ConnectorRef, OperationRules, Placeholders};

/// A provisioner file.
#[derive(Clone)]
pub(crate) struct Document {
    /// The name behind `provisioner.openicf/`.
    pub(crate) alias: String,
    /// The name of the system in REST paths.
    pub(crate) name: String,
    /// Whether it is in use.
    pub(crate) enabled: bool,
    /// Which connector.
    pub(crate) connector: ConnectorRef,
    /// What is denied or limited.
    pub(crate) rules: OperationRules,
    /// Leave unchanged properties out of updates.
    pub(crate) exclude_unmodified: bool,
    /// Scripts.
    pub(crate) scripts: Vec<ScriptAction>,
    /// The file with placeholders filled in; may hold secrets.
    pub(super) content: Json,
}

/// One action of a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ScriptAction {
    /// Id of the script it belongs to.
    pub(crate) script_id: String,
    /// Pattern that the whole connector name must match; every connector when absent.
    pub(crate) system_type: Option<String>,
    /// Language.
    pub(crate) language: String,
    /// Program text.
    pub(crate) source: Option<String>,
    /// File with the program text.
    pub(crate) file: Option<String>,
}

/// A provisioner file that no system can be made of.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DocumentError {
    /// The name has other characters than letters and digits.
    #[error("System name is not alphanumeric: {0}")]
    Name(String),
}

impl Document {
    /// Reads a stored configuration.
    pub(crate) fn parse(
        alias: &str,
        stored: &Json,
        placeholders: &Placeholders,
    ) -> Result<Self, DocumentError> {
        let content = placeholders.fill(stored.clone());
        let name = content.get("name").and_then(Json::as_str).unwrap_or(alias).to_owned();
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric()) {
            return Err(DocumentError::Name(name));
        }
        let flag = |member: &str, default| content.get(member).and_then(Json::as_bool).unwrap_or(default);
        Ok(Self {
            alias: alias.to_owned(),
            name,
            enabled: flag("enabled", true),
            connector: ConnectorRef::parse(content.get("connectorRef").unwrap_or(&Json::Null)),
            rules: OperationRules::parse(&content),
            exclude_unmodified: flag("excludeUnmodified", false),
            scripts: scripts(&content),
            content,
        })
    }

    /// A member of the file.
    pub(crate) fn member(&self, name: &str) -> &Json {
        self.content.get(name).unwrap_or(&Json::Null)
    }

    /// The resource property that names a person's account.
    pub(crate) fn account_user_name_attribute(&self) -> Option<&str> {
        self.member("configurationProperties").get("accountUserNameAttributes")?.get(0)?.as_str()
    }
}

impl std::fmt::Debug for Document {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The content may hold secrets.
        f.debug_struct("Document")
            .field("alias", &self.alias)
            .field("name", &self.name)
            .field("enabled", &self.enabled)
            .field("connector", &self.connector)
            .finish_non_exhaustive()
    }
}

fn scripts(content: &Json) -> Vec<ScriptAction> {
    let text = |json: &Json, name: &str| json.get(name).and_then(Json::as_str).map(str::to_owned);
    let list = |json: &Json, name: &str| json.get(name).and_then(Json::as_array).cloned().unwrap_or_default();
    let mut found = Vec::new();
    for script in list(content, "systemActions") {
        let Some(script_id) = text(&script, "scriptId") else { continue };
        for action in list(&script, "actions") {
            found.push(ScriptAction {
                script_id: script_id.clone(),
                system_type: text(&action, "systemType"),
                language: text(&action, "actionType").unwrap_or_default(),
                source: text(&action, "actionSource"),
                file: text(&action, "actionFile"),
            });
        }
    }
    found
}
