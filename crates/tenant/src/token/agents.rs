//! The part of AM's REST interface for OAuth clients that public set-up scripts use.

use icf::GuardedString;
use serde_json::{Value as Json, json};

use super::clients::{AuthMethod, Client};
use crate::crest::CrestError;
use crate::state::State;

/// `GET …/realm-config/agents/OAuth2Client/<id>`.
pub(crate) fn read_agent(state: &State, id: &str) -> Result<Json, CrestError> {
    let client = state.clients.get(id).ok_or_else(|| CrestError::not_found("Not Found"))?;
    Ok(describe(&client))
}

/// `PUT …/realm-config/agents/OAuth2Client/<id>`: creates or changes a client; members not given stay.
pub(crate) fn write_agent(state: &State, id: &str, body: &Json) -> Result<Json, CrestError> {
    let old = state.clients.get(id);
    let mut client = old.clone().unwrap_or_else(|| {
        let mut client = Client::new(id, "");
        client.scopes.clear();
        client
    });
    let core = body.get("coreOAuth2ClientConfig");
    let advanced = body.get("advancedOAuth2ClientConfig");
    if let Some(secret) = text(core, "userpassword") {
        client.secret = GuardedString::new(secret);
    }
    if let Some(scopes) = list(core, "scopes") {
        client.scopes = scopes;
    }
    if let Some(scopes) = list(core, "defaultScopes") {
        client.default_scopes = scopes;
    }
    if let Some(status) = text(core, "status") {
        client.active = status.eq_ignore_ascii_case("active");
    }
    if let Some(grants) = list(advanced, "grantTypes") {
        client.grant_types = grants;
    }
    if let Some(method) = text(advanced, "tokenEndpointAuthMethod") {
        client.method = method.parse::<AuthMethod>().map_err(CrestError::bad_request)?;
    }
    let secret_changed = old.is_some_and(|old| old.secret != client.secret);
    if secret_changed && state.options.revoke_on_secret_change {
        state.tokens.revoke(Some(id));
    }
    let answer = describe(&client);
    state.clients.put(client);
    Ok(answer)
}

/// A member that AM writes either plainly or as `{"inherited":false,"value":…}`.
fn member<'a>(section: Option<&'a Json>, name: &str) -> Option<&'a Json> {
    let member = section?.get(name)?;
    Some(member.get("value").unwrap_or(member))
}

fn text<'a>(section: Option<&'a Json>, name: &str) -> Option<&'a str> {
    member(section, name)?.as_str()
}

fn list(section: Option<&Json>, name: &str) -> Option<Vec<String>> {
    let items = member(section, name)?.as_array()?;
    Some(items.iter().filter_map(Json::as_str).map(str::to_owned).collect())
}

fn describe(client: &Client) -> Json {
    let value = |value: Json| json!({"inherited": false, "value": value});
    json!({
        "_id": client.id,
        "coreOAuth2ClientConfig": {
            "scopes": value(json!(client.scopes)),
            "defaultScopes": value(json!(client.default_scopes)),
            "status": value(json!(if client.active { "Active" } else { "Inactive" })),
        },
        "advancedOAuth2ClientConfig": {
            "grantTypes": value(json!(client.grant_types)),
            "tokenEndpointAuthMethod": value(json!(client.method.as_str())),
        },
        "_type": {"_id": "OAuth2Client", "name": "OAuth2 Clients", "collection": true},
    })
}
