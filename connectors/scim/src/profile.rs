//! What is known about services: profiles are data (`profiles.json`), laid over the defaults and overlaid in turn by the
//! property `providerOverrides`.

use std::collections::BTreeMap;

use icf::{ConnectorError, Result};
use serde::Deserialize;
use serde_json::{Map, Value as Json};

const PROFILES: &str = include_str!("profiles.json");

/// What a service does its own way.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Knobs {
    /// How resources other than groups are changed.
    pub(crate) update: Update,
    /// Whether operations of a PATCH have a path; `follow` is what the property `usePathForPatchV2` says.
    pub(crate) use_path: UsePath,
    /// Members in one request at most.
    pub(crate) member_chunk: usize,
    pub(crate) member_remove: MemberRemove,
    pub(crate) member_add_wrap: MemberAddWrap,
    /// How all members are removed.
    pub(crate) clear_members: ClearMembers,
    /// A list of that many members may be cut short by the service.
    pub(crate) members_truncated_at: Option<usize>,
    /// What to do with a list that may be cut short.
    pub(crate) truncated_members: TruncatedMembers,
    pub(crate) clear_with: ClearWith,
    /// Operators that the service understands; all if absent.
    pub(crate) filter_ops: Option<Vec<String>>,
    pub(crate) filter_not: bool,
    pub(crate) page_size: Option<u64>,
    pub(crate) paging: Paging,
    /// Names of the parameter and the member of cursor paging.
    pub(crate) cursor_params: (String, String),
    /// Whether the parameter `attributes` is understood.
    pub(crate) send_attributes: bool,
    pub(crate) content_type: ContentType,
    pub(crate) service_provider_config_path: Option<String>,
    pub(crate) delete_mode: DeleteMode,
    /// Whether the groups of a user are looked up by filter where the user does not list them.
    pub(crate) groups_lookup: bool,
    /// Never sent.
    pub(crate) drop_attributes: Vec<String>,
    /// Of which one value is sent.
    pub(crate) single_valued: Vec<String>,
    pub(crate) token_auth: TokenAuth,
    /// Milliseconds that a call may take.
    pub(crate) budget_ms: u64,
    /// Objects that are looked at when the service cannot filter.
    pub(crate) max_scan: u64,
    pub(crate) extra_headers: BTreeMap<String, String>,
    pub(crate) discovery: Discovery,
    /// Used when the properties set none.
    pub(crate) read_rate_limit: Option<String>,
    pub(crate) write_rate_limit: Option<String>,
    /// PATCH of SCIM 1.1 as POST with this header.
    pub(crate) method_override: bool,
    /// Whether `.search` is worth trying for long filters.
    pub(crate) search_endpoint: bool,
}

impl Default for Knobs {
    fn default() -> Self {
        Self {
            update: Update::Patch,
            use_path: UsePath::Follow,
            member_chunk: 500,
            member_remove: MemberRemove::Filter,
            member_add_wrap: MemberAddWrap::None,
            clear_members: ClearMembers::Path,
            members_truncated_at: None,
            truncated_members: TruncatedMembers::Replace,
            clear_with: ClearWith::Remove,
            filter_ops: None,
            filter_not: true,
            page_size: None,
            paging: Paging::Auto,
            cursor_params: ("cursor".to_owned(), "nextCursor".to_owned()),
            send_attributes: true,
            content_type: ContentType::Auto,
            service_provider_config_path: None,
            delete_mode: DeleteMode::Delete,
            groups_lookup: true,
            drop_attributes: Vec::new(),
            single_valued: Vec::new(),
            token_auth: TokenAuth::Auto,
            budget_ms: 12_000,
            max_scan: 50_000,
            extra_headers: BTreeMap::new(),
            discovery: Discovery::Dynamic,
            read_rate_limit: None,
            write_rate_limit: None,
            method_override: false,
            search_endpoint: true,
        }
    }
}

macro_rules! choices {
    ($($name:ident { $($choice:ident = $text:literal),* })*) => {
        $(
            #[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
            pub(crate) enum $name {
                $(#[serde(rename = $text)] $choice,)*
            }
        )*
    };
}

choices! {
    Update { Patch = "patch", Put = "put" }
    UsePath { Follow = "follow", Always = "always", Never = "never" }
    MemberRemove { Filter = "filter", ValueArray = "valueArray", OrFilter = "orFilter" }
    MemberAddWrap { None = "none", Salesforce = "salesforce" }
    ClearMembers { Path = "path", Each = "each" }
    TruncatedMembers { Replace = "replace", Refuse = "refuse" }
    ClearWith { Remove = "remove", Null = "null", Empty = "empty" }
    Paging { Auto = "auto", Index = "index", Cursor = "cursor", None = "none" }
    ContentType { Auto = "auto", Scim = "scim", Json = "json" }
    DeleteMode { Delete = "delete", Deactivate = "deactivate", Auto = "auto" }
    TokenAuth { Auto = "auto", Basic = "basic", Form = "form" }
    Discovery { Dynamic = "dynamic", Static = "static" }
}

/// An entry of `profiles.json`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Profile {
    /// Ends of host names by which `auto` knows the service.
    #[serde(default)]
    hosts: Vec<String>,
    /// Parts of the token address by which `auto` knows the service.
    #[serde(default)]
    token_paths: Vec<String>,
    #[serde(default)]
    knobs: Map<String, Json>,
}

/// The knobs of a profile, by name or by what `auto` finds, with overrides.
pub(crate) fn knobs(
    name: Option<&str>,
    overrides: Option<&str>,
    host: &str,
    token_endpoint: &str,
) -> Result<Knobs> {
    let profiles: BTreeMap<String, Profile> =
        serde_json::from_str(PROFILES).expect("a test reads the same constant");
    let mut knobs = match name.unwrap_or("auto") {
        auto if auto.eq_ignore_ascii_case("auto") => profiles
            .iter()
            .find(|(_, profile)| profile.knows(host, token_endpoint))
            .map(|(name, profile)| {
                tracing::debug!(profile = name, "The service is one of the known ones.");
                profile.knobs.clone()
            })
            .unwrap_or_default(),
        name => {
            let found = profiles.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
            let names = || profiles.keys().cloned().collect::<Vec<_>>().join(", ");
            let (_, profile) = found.ok_or_else(|| {
                ConnectorError::configuration(format!(
                    "Property providerProfile names no known profile; use auto or one of {}",
                    names()
                ))
            })?;
            profile.knobs.clone()
        }
    };
    if let Some(text) = overrides.map(str::trim).filter(|text| !text.is_empty()) {
        let fault =
            |what: String| ConnectorError::configuration(format!("Property providerOverrides {what}"));
        let over: Map<String, Json> =
            serde_json::from_str(text).map_err(|_| fault("is no JSON object".to_owned()))?;
        knobs.extend(over);
        return serde_json::from_value(Json::Object(knobs))
            .map_err(|error| fault(format!("cannot be used: {error}")));
    }
    Ok(serde_json::from_value(Json::Object(knobs)).expect("a test reads every profile"))
}

impl Profile {
    fn knows(&self, host: &str, token_endpoint: &str) -> bool {
        self.hosts.iter().any(|end| host.ends_with(end.as_str()))
            || self.token_paths.iter().any(|part| token_endpoint.contains(part.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_profile_can_be_read() {
        let profiles: BTreeMap<String, Profile> = serde_json::from_str(PROFILES).unwrap();
        for name in profiles.keys() {
            knobs(Some(name), None, "", "").unwrap();
        }
        assert!(profiles.len() >= 18);
    }

    #[test]
    fn auto_knows_hosts_and_overrides_win() {
        assert_eq!(knobs(None, None, "scim.eu-west-1.amazonaws.com", "").unwrap().member_chunk, 100);
        assert_eq!(
            knobs(Some("auto"), None, "h", "https://h/scim/oauth/token").unwrap().token_auth,
            TokenAuth::Form
        );
        assert_eq!(knobs(None, None, "example.com", "").unwrap(), Knobs::default());
        let over = knobs(Some("aws-iam-ic"), Some(r#"{"memberChunk":7}"#), "", "").unwrap();
        assert_eq!((over.member_chunk, over.clear_members), (7, ClearMembers::Each));
        for wrong in ["[]", "{", r#"{"memberchunk":1}"#, r#"{"update":"post"}"#] {
            let error = knobs(None, Some(wrong), "", "").unwrap_err().to_string();
            assert!(error.starts_with("Property providerOverrides"), "{error}");
        }
        assert!(knobs(Some("nobody"), None, "", "").unwrap_err().to_string().contains("beyondtrust"));
    }
}
