//! Transforms: an object of one member whose name begins with `$` stands for a value of another type.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Number, Value as Json};

/// The value that an object stands for, or the object itself.
pub(super) fn transform(object: Map<String, Json>) -> Json {
    let transformed = match object.iter().next() {
        Some((name, value)) if object.len() == 1 => apply(name, value),
        _ => None,
    };
    transformed.unwrap_or(Json::Object(object))
}

fn apply(name: &str, value: &Json) -> Option<Json> {
    let text = match value {
        Json::String(text) => text.trim().to_owned(),
        other => other.to_string(),
    };
    match name {
        "$int" => text.parse::<i64>().ok().map(Json::from),
        "$number" => number(&text),
        "$bool" => Some(Json::Bool(text.eq_ignore_ascii_case("true"))),
        "$string" => Some(Json::String(text)),
        "$list" => Some(match value {
            Json::Array(_) => value.clone(),
            _ if text.is_empty() => Json::Array(Vec::new()),
            _ => text.split(',').map(|item| Json::String(item.trim().to_owned())).collect(),
        }),
        "$array" => serde_json::from_str(&text).ok().filter(Json::is_array),
        "$object" => serde_json::from_str(&text).ok().filter(Json::is_object),
        "$base64:encode" => Some(Json::String(STANDARD.encode(text))),
        "$base64:decode" => {
            let bytes = STANDARD.decode(text).ok()?;
            String::from_utf8(bytes).ok().map(Json::String)
        }
        _ => None,
    }
}

fn number(text: &str) -> Option<Json> {
    let whole = text.parse::<i64>().ok().map(Json::from);
    whole.or_else(|| text.parse::<f64>().ok().and_then(Number::from_f64).map(Json::Number))
}
