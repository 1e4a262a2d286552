//! `POST /tenant/icf`: one operation without anything that IDM does around it.

use icf::{
    Attribute, AttributeSet, BatchOutcome, BatchTask, ConnectorError, ObjectClass, OperationOptions,
    SyncToken, Uid,
};
use icf_wire::rpc::{Answer, Item, Operation, UpdateKind};
use serde_json::{Map, Value as Json, json};

use crate::crest::{Context, CrestError};
use crate::state::State;
use crate::system::{Next, active};
use crate::types::{natural_json, natural_value, schema_to_json};

/// Parts of a stream answered at most; a subscription would never end.
const DEFAULT_LIMIT: u64 = 1000;

/// Runs `{"system","op","objectClass","args"}`; answers parts and end, or the whole exception.
pub(super) async fn run(state: &State, content: &Json) -> Result<Json, CrestError> {
    let text = |name: &str| content.get(name).and_then(Json::as_str).unwrap_or_default();
    let system = state.systems.by_name(text("system"));
    let system = system.ok_or_else(|| CrestError::not_found("There is no such system"))?;
    let active = active(&system)?;
    let args = content.get("args").cloned().unwrap_or_default();
    let operation = operation(text("op"), text("objectClass"), &args)?;
    let limit = args.get("limit").and_then(Json::as_u64).unwrap_or(DEFAULT_LIMIT);
    let opened = active.facade.open(state, &Context::internal(), operation, None).await;
    let mut stream = match opened {
        Ok(stream) => stream,
        Err(error) => return Ok(json!({"exception": exception(&error)})),
    };
    let mut items = Vec::new();
    loop {
        if items.len() as u64 >= limit {
            stream.cancel(state);
            return Ok(json!({"items": items, "cancelled": true}));
        }
        match stream.next(state).await {
            Ok(Next::Item(item)) => items.push(item_json(&item)),
            Ok(Next::End(answer)) => return Ok(json!({"items": items, "result": answer_json(answer)})),
            Err(error) => return Ok(json!({"items": items, "exception": exception(&error)})),
        }
    }
}

fn operation(name: &str, class: &str, args: &Json) -> Result<Operation, CrestError> {
    let class = (!class.is_empty()).then(|| ObjectClass::from(class));
    let text = |name: &str| args.get(name).and_then(Json::as_str).map(str::to_owned);
    let uid = || text("uid").map(Uid::try_new).transpose().map_err(bad);
    let options = options(args.get("options"));
    Ok(match name {
        "test" => Operation::Test,
        "validate" => Operation::Validate,
        "schema" => Operation::Schema,
        "get" => Operation::Get { class, uid: uid()?, options },
        "delete" => Operation::Delete { class, uid: uid()?, options },
        "search" => Operation::Search { class, filter: None, options },
        "create" => {
            Operation::Create { class, attributes: Some(attributes(args.get("attributes"))), options }
        }
        "update" | "addValues" | "removeValues" => Operation::Update {
            kind: match name {
                "addValues" => UpdateKind::Add,
                "removeValues" => UpdateKind::Remove,
                _ => UpdateKind::Replace,
            },
            class,
            uid: uid()?,
            attributes: Some(attributes(args.get("attributes"))),
            options,
        },
        "resolveUsername" => Operation::ResolveUsername { class, username: text("username"), options },
        "latestSyncToken" => Operation::LatestSyncToken { class },
        "sync" => Operation::Sync { class, token: token(args)?, options },
        "subscribeChanges" => Operation::SubscribeChanges { class, token: token(args)?, options },
        "subscribeObjects" => Operation::SubscribeObjects { class, filter: None, options },
        "batch" => Operation::Batch { tasks: tasks(class, args)?, options },
        other => return Err(CrestError::bad_request(format!("Unknown operation '{other}'"))),
    })
}

fn bad(error: ConnectorError) -> CrestError {
    CrestError::bad_request(error.to_string())
}

fn token(args: &Json) -> Result<Option<SyncToken>, CrestError> {
    let value = args.get("token").filter(|token| !token.is_null());
    value.map(|value| SyncToken::try_new(natural_value(value))).transpose().map_err(bad)
}

fn options(json: Option<&Json>) -> OperationOptions {
    let mut options = OperationOptions::default();
    for (name, value) in json.and_then(Json::as_object).into_iter().flatten() {
        options.set(name, natural_value(value));
    }
    options
}

/// Members as attributes: null has no values, a list is the values, anything else is one value.
fn attributes(json: Option<&Json>) -> AttributeSet {
    let members = json.and_then(Json::as_object).into_iter().flatten();
    members
        .map(|(name, value)| match value {
            Json::Null => Attribute::null(name.as_str()),
            Json::Array(items) => Attribute::new(name.as_str(), items.iter().map(natural_value).collect()),
            Json::String(clear) if name == icf::names::PASSWORD => {
                Attribute::single(name.as_str(), icf::GuardedString::new(clear))
            }
            one => Attribute::single(name.as_str(), natural_value(one)),
        })
        .collect()
}

fn tasks(class: Option<ObjectClass>, args: &Json) -> Result<Vec<BatchTask>, CrestError> {
    let object_class = class.ok_or_else(|| CrestError::bad_request("A batch needs an objectClass"))?;
    let list = args.get("tasks").and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
    let task = |json: &Json| {
        let object_class = object_class.clone();
        let options = options(json.get("options"));
        let attributes = attributes(json.get("attributes"));
        let uid = || Uid::try_new(json.get("uid").and_then(Json::as_str).unwrap_or_default()).map_err(bad);
        Ok(match json.get("op").and_then(Json::as_str).unwrap_or_default() {
            "create" => BatchTask::Create { object_class, attributes, options },
            "delete" => BatchTask::Delete { object_class, uid: uid()?, options },
            "update" => BatchTask::Update { object_class, uid: uid()?, attributes, options },
            "addValues" => BatchTask::AddValues { object_class, uid: uid()?, attributes, options },
            "removeValues" => BatchTask::RemoveValues { object_class, uid: uid()?, attributes, options },
            other => return Err(CrestError::bad_request(format!("Unknown task '{other}'"))),
        })
    };
    list.iter().map(task).collect()
}

fn object_json(object: &icf::ConnectorObject) -> Json {
    let attributes = object.attributes.iter().map(|attribute| {
        let values =
            attribute.values.as_ref().map(|values| values.iter().map(natural_json).collect::<Json>());
        (attribute.name.as_str().to_owned(), values.unwrap_or_default())
    });
    json!({
        "uid": object.uid.value(), "revision": object.uid.revision(), "name": object.name,
        "objectClass": object.object_class.as_str(), "attributes": attributes.collect::<Map<_, _>>(),
    })
}

fn delta_json(delta: &icf::SyncDelta) -> Json {
    json!({
        "type": format!("{:?}", delta.delta_type), "uid": delta.uid.value(),
        "token": natural_json(delta.token.value()), "object": delta.object.as_ref().map(object_json),
    })
}

fn item_json(item: &Item) -> Json {
    match item {
        Item::Object(object) | Item::ObjectEvent(object) => object_json(object),
        Item::Delta(delta) | Item::ChangeEvent(delta) => delta_json(delta),
        Item::Outcome { index, outcome, last } => {
            let outcome = match outcome {
                BatchOutcome::Done(uid) => json!({"uid": uid.as_ref().map(Uid::value)}),
                BatchOutcome::Message(text) => json!({"message": text}),
                BatchOutcome::Failed(error) => json!({"exception": exception(error)}),
            };
            json!({"index": index, "outcome": outcome, "last": last})
        }
        Item::BatchToken(token) => json!({"batchToken": token.tokens}),
        Item::Accepted => json!("accepted"),
    }
}

fn answer_json(answer: Answer) -> Json {
    match answer {
        Answer::Uid(uid) => json!({"uid": uid.as_ref().map(Uid::value)}),
        Answer::Object(object) => object.map_or(Json::Null, |object| object_json(&object)),
        Answer::Schema(schema) => schema.map_or(Json::Null, |schema| schema_to_json(&schema)),
        Answer::Value(value) => natural_json(&value),
        Answer::LatestSyncToken(token) | Answer::SyncEnd(token) => {
            token.map_or(Json::Null, |token| natural_json(token.value()))
        }
        Answer::SearchEnd(result) => result.map_or(Json::Null, |result| {
            json!({"cookie": result.paged_results_cookie, "remaining": result.remaining_paged_results})
        }),
        Answer::Done | Answer::BatchEnd | Answer::SubscriptionEnd => Json::Null,
    }
}

fn exception(error: &ConnectorError) -> Json {
    let mut causes = Vec::new();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        causes.push(inner.to_string());
        cause = inner.source();
    }
    json!({"class": error.kind().class_name(), "message": error.message(), "causes": causes})
}
