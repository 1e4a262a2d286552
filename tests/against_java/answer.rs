//! Answers in a form in which two servers can be compared: JSON, with everything that may lawfully differ (order of
//! attributes and of schema entries) put into one order.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use icf::{
    ApiConfiguration, Attribute, BatchOutcome, ConnectorError, ConnectorInfo, ConnectorObject, Schema,
    SearchResult, SyncDelta, Uid, Value,
};
use icf_wire::rpc::{Answer, Item};
use serde_json::{Map, Value as Json, json};

use crate::asker::Outcome;

/// `{"items":[...],"end":...}`, or `{"items":[...],"error":{"class","message"}}`.
pub(crate) fn outcome(outcome: &Outcome) -> Json {
    // With an error Java may send a token in which there is nothing; its threads decide whether that comes before the error.
    let says_nothing = |item: &&Item| match item {
        Item::BatchToken(token) => outcome.end.is_err() && token.tokens.is_empty(),
        _ => false,
    };
    let told = outcome.items.iter().filter(|item| !says_nothing(item));
    let mut items: Vec<Json> = told.map(item).collect();
    // The token of a batch may come before, between or after the outcomes.
    items.sort_by_key(|item| item.get("batchToken").is_some());
    match &outcome.end {
        Ok(answer) => json!({"items": items, "end": end(answer)}),
        Err(failed) => json!({"items": items, "error": error(failed)}),
    }
}

fn error(error: &ConnectorError) -> Json {
    json!({"class": error.kind().simple_name(), "message": error.message().unwrap_or_default()})
}

fn item(item: &Item) -> Json {
    match item {
        Item::Object(found) | Item::ObjectEvent(found) => object(found),
        Item::Delta(delta) | Item::ChangeEvent(delta) => self::delta(delta),
        // Which outcome is marked as the last is how the protocol ends a batch, not what it answers.
        Item::Outcome { index, outcome, .. } => json!({"task": index, "outcome": task(outcome)}),
        Item::BatchToken(token) => json!({"batchToken": token.tokens}),
        Item::Accepted => json!("accepted"),
    }
}

fn task(outcome: &BatchOutcome) -> Json {
    match outcome {
        BatchOutcome::Done(uid) => json!({"uid": uid.as_ref().map(self::uid)}),
        BatchOutcome::Message(text) => json!({"message": text}),
        BatchOutcome::Failed(failed) => json!({"error": error(failed)}),
    }
}

fn end(answer: &Answer) -> Json {
    match answer {
        Answer::Uid(uid) => json!(uid.as_ref().map(self::uid)),
        Answer::Object(found) => json!(found.as_ref().map(|found| object(found))),
        Answer::Schema(schema) => json!(schema.as_ref().map(|schema| self::schema(schema))),
        Answer::Value(value) => json!(self::value(value)),
        Answer::LatestSyncToken(token) | Answer::SyncEnd(token) => {
            json!(token.as_ref().map(|token| value(token.value())))
        }
        Answer::SearchEnd(result) => json!(result.as_ref().map(search_result)),
        Answer::Done | Answer::BatchEnd | Answer::SubscriptionEnd => Json::Null,
    }
}

pub(crate) fn object(object: &ConnectorObject) -> Json {
    json!({
        "class": object.object_class.as_str(), "uid": uid(&object.uid), "name": object.name,
        "attributes": attributes(&object.attributes),
    })
}

fn attributes(attributes: &[Attribute]) -> Json {
    let mut sorted: Vec<_> = attributes.iter().collect();
    sorted.sort_by(|a, b| a.name.as_str().cmp(b.name.as_str()));
    let members = sorted.into_iter().map(|attribute| {
        let values = attribute.values.as_ref().map(|values| values.iter().map(value).collect::<Vec<_>>());
        (attribute.name.as_str().to_owned(), json!(values))
    });
    Json::Object(members.collect::<Map<_, _>>())
}

fn uid(uid: &Uid) -> Json {
    match uid.revision() {
        None => json!(uid.value()),
        Some(revision) => json!({"value": uid.value(), "revision": revision}),
    }
}

fn delta(delta: &SyncDelta) -> Json {
    json!({
        "type": format!("{:?}", delta.delta_type), "uid": uid(&delta.uid),
        "previousUid": delta.previous_uid.as_ref().map(uid), "token": value(delta.token.value()),
        "class": delta.object_class.as_ref().map(icf::ObjectClass::as_str),
        "object": delta.object.as_ref().map(object),
    })
}

/// How many objects a cookie says to skip; it begins with that number in clear.
pub(crate) fn skip(cookie: &str) -> Option<usize> {
    let clear = String::from_utf8(BASE64_STANDARD.decode(cookie).ok()?).ok()?;
    clear.split(';').next()?.parse().ok()
}

/// The cookie as what it says in clear: how many objects to skip. What ours says beyond that is its own affair.
fn search_result(result: &SearchResult) -> Json {
    let cookie = result.paged_results_cookie.as_ref();
    let cookie =
        cookie.map(|cookie| skip(cookie).map_or_else(|| json!(cookie), |skip| json!({"skip": skip})));
    json!({
        "cookie": cookie, "policy": format!("{:?}", result.count_policy),
        "total": result.total_paged_results, "remaining": result.remaining_paged_results,
    })
}

/// A value as its type and content; secrets in clear, for they are the tests' own.
pub(crate) fn value(value: &Value) -> String {
    let all = |items: &[Value]| items.iter().map(self::value).collect::<Vec<_>>().join(", ");
    match value {
        Value::String(text) => format!("{text:?}"),
        Value::GuardedString(secret) => format!("GuardedString({:?})", secret.reveal().as_str()),
        Value::GuardedBytes(secret) => format!("GuardedBytes({:?})", secret.reveal()),
        Value::List(items) => format!("List[{}]", all(items)),
        Value::Set(set) => {
            let mut items: Vec<_> = set.items.iter().map(self::value).collect();
            items.sort();
            format!("Set[{}]", items.join(", "))
        }
        Value::Map(map) => {
            let entry = |(key, of): &(Value, Value)| format!("{}: {}", self::value(key), self::value(of));
            let mut entries: Vec<_> = map.iter().map(entry).collect();
            entries.sort();
            format!("Map(case_insensitive: {})[{}]", map.case_insensitive, entries.join(", "))
        }
        Value::Array(array) => format!("{}[{}]", array.component, all(&array.items)),
        other => format!("{other:?}"),
    }
}

fn schema(schema: &Schema) -> Json {
    let classes = schema.object_classes.iter().map(|class| {
        let mut attributes: Vec<_> = class.attributes.iter().collect();
        attributes.sort_by(|a, b| a.name.as_str().cmp(b.name.as_str()));
        let attributes: Vec<_> = attributes.into_iter().map(|info| format!("{info:?}")).collect();
        let name = class.object_class.as_str().to_owned();
        (name, json!({"container": class.container, "attributes": attributes}))
    });
    let sorted = |mut names: Vec<String>| {
        names.sort();
        json!(names)
    };
    let by_operation = schema.classes_by_operation.iter().map(|(operation, classes)| {
        let names = classes.iter().map(|class| class.as_str().to_owned()).collect();
        (operation.wire_name().to_owned(), sorted(names))
    });
    let options = schema
        .options_by_operation
        .iter()
        .map(|(operation, options)| (operation.wire_name().to_owned(), sorted(options.clone())));
    json!({
        "classes": classes.collect::<Map<_, _>>(),
        "options": sorted(schema.options.iter().map(|option| format!("{option:?}")).collect()),
        "classesByOperation": by_operation.collect::<Map<_, _>>(),
        "optionsByOperation": options.collect::<Map<_, _>>(),
    })
}

/// All that a server tells of a connector; texts of properties as a caller without a locale reads them.
pub(crate) fn connector(info: &ConnectorInfo) -> Json {
    let root = icf::Locale::default();
    let text = |key: &Option<String>| key.as_ref().and_then(|key| info.messages.find(&root, key));
    let properties = info.configuration.properties.iter().map(|property| {
        let operations: Vec<_> = property.operations.iter().map(|operation| operation.wire_name()).collect();
        json!({
            "name": property.name, "type": property.value_type.as_ref().map(ToString::to_string),
            "value": value(&property.value), "order": property.order, "required": property.required,
            "confidential": property.confidential, "operations": operations,
            "keys": [property.display_key, property.help_key, property.group_key],
            "display": text(&property.display_key),
        })
    });
    json!({
        "key": info.key.to_string(), "displayNameKey": info.display_name_key, "category": info.category_key,
        "displayName": info.display_name(&root),
        "properties": properties.collect::<Vec<_>>(), "configuration": configuration(&info.configuration),
    })
}

fn configuration(configuration: &ApiConfiguration) -> Json {
    let operations = configuration.supported_operations.iter().flatten();
    json!({
        "operations": operations.map(|operation| operation.wire_name()).collect::<Vec<_>>(),
        "bufferSize": configuration.producer_buffer_size, "pooling": configuration.pooling,
        "pool": format!("{:?}", configuration.pool), "handlers": format!("{:?}", configuration.results_handlers),
        "timeouts": format!("{:?}", configuration.timeouts),
    })
}
