//! `authentication` and `access`: which roles an OAuth client has, and which connector servers it may open.

use serde_json::{Value as Json, json};

use super::Store;

/// The role of a client that may be a connector server.
pub(crate) const SERVER_ROLE: &str = "rcsclient-authorized";

/// The role of a client that may use the REST interface.
const ADMIN_ROLE: &str = "openidm-admin";

/// The mapping every tenant starts with.
pub(super) fn seed() -> Json {
    json!({"rsFilter": {"staticUserMapping": [
        {"subject": "RCSClient", "localUser": "internal/user/idm-provisioning", "roles": [SERVER_ROLE]},
        {"subject": "idm-admin", "localUser": "internal/user/openidm-admin",
         "roles": ["internal/role/openidm-authorized", format!("internal/role/{ADMIN_ROLE}")]},
    ]}})
}

/// The roles of an OAuth client, without their paths.
pub(crate) fn roles_of(store: &Store, client: &str) -> Vec<String> {
    let Some(content) = store.get("authentication") else { return Vec::new() };
    let mapping = content.get("rsFilter").and_then(|filter| filter.get("staticUserMapping"));
    let entries = mapping.and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
    let own = entries.iter().filter(|entry| entry.get("subject").and_then(Json::as_str) == Some(client));
    own.filter_map(|entry| entry.get("roles")).flat_map(names).map(|role| short(&role).to_owned()).collect()
}

/// A list of names, or one text with commas.
fn names(json: &Json) -> Vec<String> {
    match json {
        Json::Array(items) => items.iter().filter_map(Json::as_str).map(str::to_owned).collect(),
        Json::String(text) => text.split(',').map(|name| name.trim().to_owned()).collect(),
        _ => Vec::new(),
    }
}

fn short(role: &str) -> &str {
    role.rsplit('/').next().unwrap_or(role)
}

/// Whether a client with these roles may open connector server `name`. Without any rule for them, every client may; one
/// rule turns enforcement on for all servers.
pub(crate) fn may_open(store: &Store, name: &str, roles: &[String]) -> bool {
    let content = store.get("access");
    let configs = content.as_ref().and_then(|content| content.get("configs")).and_then(Json::as_array);
    let is_ours = |rule: &&Json| rule.get("servlet").and_then(Json::as_str) == Some("openicf");
    let rules: Vec<&Json> = configs.map(|rules| rules.iter().filter(is_ours).collect()).unwrap_or_default();
    let listed = |rule: &Json, member: &str| rule.get(member).map(names).unwrap_or_default();
    rules.is_empty()
        || rules.iter().any(|rule| {
            let pattern = rule.get("pattern").and_then(Json::as_str).unwrap_or_default();
            let methods = listed(rule, "methods");
            let allowed = listed(rule, "roles");
            (pattern == "*" || pattern == name)
                && methods.iter().any(|method| method == "read" || method == "*")
                && allowed.iter().any(|role| role == "*" || roles.iter().any(|own| own == short(role)))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_rule_turns_enforcement_on() {
        let store = Store::seeded();
        let roles = roles_of(&store, "RCSClient");
        assert_eq!(roles, [SERVER_ROLE]);
        assert_eq!(roles_of(&store, "idm-admin"), ["openidm-authorized", ADMIN_ROLE]);
        assert!(roles_of(&store, "stranger").is_empty());
        assert!(may_open(&store, "rcs1", &roles));
        let rule = |pattern: &str| {
            json!({"configs": [
                {"pattern": "health", "roles": "*", "methods": "*"},
                {"servlet": "openicf", "pattern": pattern, "roles": SERVER_ROLE, "methods": "read"},
            ]})
        };
        store.put("access", rule("rcs1"));
        assert!(may_open(&store, "rcs1", &roles));
        assert!(!may_open(&store, "rcs2", &roles));
        store.put("access", rule("*"));
        assert!(may_open(&store, "rcs2", &roles));
        assert!(!may_open(&store, "rcs2", &["other".to_owned()]));
    }
}
