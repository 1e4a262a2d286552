//! `createFullConfig`: tries a core configuration and adds what the connector's schema says.

use icf::ApiOperation;
use icf_wire::rpc::{Answer, Operation};
use serde_json::{Map, Value as Json};

use super::activation::{Active, build};
use super::core_config::{find, property_json};
use super::facade::{Facade, unexpected};
use crate::crest::{Context, CrestError};
use crate::provisioner::Document;
use crate::state::State;
use crate::types::schema_to_json;

/// Members that the answer takes over from the request.
const KEPT: [&str; 4] = ["connectorRef", "poolConfigOption", "resultsHandlerConfig", "operationTimeout"];

/// Tests the configuration, asks for the schema and answers both together.
pub(super) async fn create_full_config(
    state: &State,
    context: &Context,
    content: &Json,
) -> Result<Json, CrestError> {
    let active = temporary(state, content)?;
    let fail = |error: icf::ConnectorError| CrestError::internal(error.to_string());
    if active.facade.supports(ApiOperation::Test) {
        active.facade.call(state, context, Operation::Test).await.map_err(fail)?;
    }
    let schema = schema(state, context, &active.facade).await?;
    let mut answer = Map::new();
    for name in KEPT {
        if let Some(value) = content.get(name) {
            answer.insert(name.to_owned(), value.clone());
        }
    }
    let properties: Map<String, Json> = active
        .properties
        .iter()
        .map(|property| (property.name.clone(), property_json(state, property)))
        .collect();
    answer.insert("configurationProperties".to_owned(), Json::Object(properties));
    if let Json::Object(schema) = schema {
        answer.extend(schema);
    }
    Ok(Json::Object(answer))
}

/// A facade for a configuration that is not stored.
fn temporary(state: &State, content: &Json) -> Result<Active, CrestError> {
    let mut nameless = content.clone();
    if let Some(members) = nameless.as_object_mut() {
        // Neither decides anything here, and a name that is not fit must not matter.
        members.shift_remove("name");
        members.shift_remove("objectTypes");
    }
    let document = Document::parse("temporary", &nameless, &state.placeholders)
        .map_err(|error| CrestError::bad_request(error.to_string()))?;
    let info = find(state, &document.connector)?;
    build(state, &document, &info).map_err(CrestError::internal)
}

/// The connector's schema as a provisioner file writes it.
pub(super) async fn schema(state: &State, context: &Context, facade: &Facade) -> Result<Json, CrestError> {
    let answer = facade.call(state, context, Operation::Schema).await;
    match answer.map_err(|error| CrestError::internal(error.to_string()))? {
        Answer::Schema(schema) => Ok(schema_to_json(&schema.map(|schema| *schema).unwrap_or_default())),
        other => Err(CrestError::internal(unexpected(&other).to_string())),
    }
}
