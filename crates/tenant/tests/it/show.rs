//! ICF operations in the short notation of the conformance cases.

use std::collections::BTreeSet;

use icf::{Attribute, AttributeSet, Filter, OperationOptions, Uid, Value, option_names};
use icf_wire::rpc::{Operation, UpdateKind};

/// The default attributes of the type `account`, written `D`.
const DEFAULT: &str = "[__NAME__ sn email age big active photo addr created]";

pub(crate) fn operation(operation: &Operation) -> String {
    use Operation as O;
    match operation {
        O::Validate => "Validate".to_owned(),
        O::Test => "Test".to_owned(),
        O::Schema => "Schema".to_owned(),
        O::Get { class, uid, options } => {
            format!("Get({}, {}, {})", name(class), of_uid(uid), of_options(options))
        }
        O::Delete { class, uid, options } => {
            format!("Delete({}, {}, {})", name(class), of_uid(uid), of_options(options))
        }
        O::Create { class, attributes, options } => {
            format!("Create({}, {}, {})", name(class), of_set(attributes), of_options(options))
        }
        O::Update { kind, class, uid, attributes, options } => {
            let kind = match kind {
                UpdateKind::Replace => "REPLACE",
                UpdateKind::Add => "ADD",
                UpdateKind::Remove => "REMOVE",
            };
            let (uid, set, options) = (of_uid(uid), of_set(attributes), of_options(options));
            format!("Update {kind}({}, {uid}, {set}, {options})", name(class))
        }
        O::Search { class, filter: wanted, options } => {
            let wanted = wanted.as_ref().map_or_else(|| "no filter".to_owned(), filter);
            format!("Search({}, {wanted}, {})", name(class), of_options(options))
        }
        O::Authenticate { class, username, password, options } => {
            let password = password.as_ref().map(|password| password.reveal().to_string());
            format!(
                "Authenticate({}, {}, Guarded({}), {})",
                name(class),
                username.as_deref().unwrap_or("null"),
                password.as_deref().unwrap_or("null"),
                of_options(options)
            )
        }
        O::LatestSyncToken { class } => format!("LatestSyncToken({})", name(class)),
        O::Sync { class, token, options } => {
            let token = token.as_ref().map_or_else(|| "null".to_owned(), |token| value(token.value()));
            format!("Sync({}, {token}, {})", name(class), of_options(options))
        }
        O::ScriptOnConnector { script, .. } => format!("ScriptOnConnector{}", of_script(script.as_ref())),
        O::ScriptOnResource { script, .. } => format!("ScriptOnResource{}", of_script(script.as_ref())),
        other => format!("{other:?}"),
    }
}

fn name(class: &Option<icf::ObjectClass>) -> &str {
    class.as_ref().map_or("null", |class| class.as_str())
}

fn of_uid(uid: &Option<Uid>) -> String {
    match uid {
        None => "null".to_owned(),
        Some(uid) => match uid.revision() {
            None => uid.value().to_owned(),
            Some(revision) => format!("{} rev {revision}", uid.value()),
        },
    }
}

fn of_script(script: Option<&icf::ScriptContext>) -> String {
    let Some(context) = script else { return "(null)".to_owned() };
    let arguments: Vec<String> =
        context.arguments.iter().map(|(key, item)| format!("{}:{}", value(key), quoted(item))).collect();
    format!("({}, {}, {{{}}})", context.script.language, context.script.text, arguments.join(", "))
}

fn quoted(item: &Value) -> String {
    item.as_str().map_or_else(|| value(item), |text| format!("{text:?}"))
}

/// A set has no order, so the attributes are shown sorted.
fn of_set(set: &Option<AttributeSet>) -> String {
    let Some(set) = set else { return "null".to_owned() };
    let shown: BTreeSet<String> = set.iter().map(attribute).collect();
    assert_eq!(shown.len(), set.len(), "two equal attributes in one set");
    format!("{{{}}}", shown.into_iter().collect::<Vec<_>>().join(", "))
}

fn attribute(attribute: &Attribute) -> String {
    match &attribute.values {
        None => format!("{}:null", attribute.name),
        Some(values) => {
            format!("{}:[{}]", attribute.name, values.iter().map(value).collect::<Vec<_>>().join(", "))
        }
    }
}

fn of_options(options: &OperationOptions) -> String {
    let mut shown = BTreeSet::new();
    for (key, item) in options.options.iter() {
        let key = key.as_str().unwrap_or("?");
        if key == option_names::TRANSACTION_ID {
            continue;
        }
        let text = value(item);
        let text = if text == DEFAULT { "D".to_owned() } else { text };
        shown.insert(if key == option_names::ATTRS_TO_GET {
            format!("A:{text}")
        } else {
            format!("{key}:{text}")
        });
    }
    format!("{{{}}}", shown.into_iter().collect::<Vec<_>>().join(", "))
}

pub(crate) fn filter(filter: &Filter) -> String {
    let two = |word: &str, left: &Filter, right: &Filter| {
        format!("{word}({}, {})", self::filter(left), self::filter(right))
    };
    let one = |word: &str, operand: &Attribute| {
        let values: Vec<String> = operand.values().iter().map(value).collect();
        format!("{word}({}, {})", operand.name, values.join(" "))
    };
    match filter {
        Filter::And(left, right) => two("And", left, right),
        Filter::Or(left, right) => two("Or", left, right),
        Filter::Not(inner) => format!("Not({})", self::filter(inner)),
        Filter::Equals(a) => one("Equals", a),
        Filter::Contains(a) => one("Contains", a),
        Filter::StartsWith(a) => one("StartsWith", a),
        Filter::EndsWith(a) => one("EndsWith", a),
        Filter::GreaterThan(a) => one("GreaterThan", a),
        Filter::GreaterThanOrEqual(a) => one("GreaterThanOrEqual", a),
        Filter::LessThan(a) => one("LessThan", a),
        Filter::LessThanOrEqual(a) => one("LessThanOrEqual", a),
        Filter::ContainsAllValues(a) => one("ContainsAllValues", a),
        Filter::Presence(name) => format!("Presence({name})"),
        other => format!("{other:?}"),
    }
}

pub(crate) fn value(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::String(text) => text.clone(),
        Value::Boolean(boolean) => boolean.to_string(),
        Value::Integer(number) => format!("Integer {number}"),
        Value::Long(number) => format!("Long {number}"),
        Value::GuardedString(secret) => format!("Guarded({})", secret.reveal().as_str()),
        Value::SortKey(key) => format!("({},{})", key.field, if key.ascending { "asc" } else { "desc" }),
        Value::Array(array) => {
            format!("[{}]", array.items.iter().map(self::value).collect::<Vec<_>>().join(" "))
        }
        other => format!("{other:?}"),
    }
}
