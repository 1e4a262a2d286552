//! An object of PingOne as an ICF object.

use icf::{
    Attribute, AttributeName, ConnectorError, ConnectorObject, ErrorKind, OperationOptions, Result, Uid,
    Value, names, same_name,
};
use icf_http::json::to_value;
use serde_json::{Map, Value as Json};

use crate::attributes::{self, Kind};
use crate::class::Class;

/// Which attributes are delivered.
#[derive(Clone, Debug)]
pub(crate) struct Projection {
    wanted: Option<Vec<String>>,
}

impl Projection {
    pub(crate) fn new(options: &OperationOptions) -> Self {
        let wanted = options.attributes_to_get().map(|names| names.into_iter().map(str::to_owned).collect());
        Self { wanted }
    }

    /// Whether an attribute is asked for by name.
    pub(crate) fn names(&self, name: &str) -> bool {
        self.wanted.as_ref().is_some_and(|wanted| wanted.iter().any(|known| same_name(known, name)))
    }

    /// Takes what is not wanted out of an object.
    pub(crate) fn apply(&self, object: &mut ConnectorObject) {
        match &self.wanted {
            Some(wanted) => object.retain(|name| wanted.iter().any(|known| name.is(known))),
            // Dotted names and the framework's are there for those who ask for them.
            None => object.retain(|name| !name.as_str().contains('.') && !name.is(names::ENABLE)),
        }
    }
}

/// The object with everything it has, under every name; a projection takes out what is not wanted.
pub(crate) fn object(class: Class, json: Map<String, Json>, expand: bool) -> Result<ConnectorObject> {
    let text = |name: &str| json.get(name).and_then(Json::as_str);
    let id = text("id").ok_or_else(|| {
        ConnectorError::new(
            ErrorKind::ConnectorIo,
            "PingOne delivered an object without id; it cannot be managed.",
        )
    })?;
    let uid = Uid::try_new(id)?;
    let name = text(class.naming()).unwrap_or(id).to_owned();
    let mut object = ConnectorObject::new(class.object_class(), uid, name);
    if let (Class::User, Some(Json::Bool(enabled))) = (class, json.get("enabled")) {
        object.attributes.push(Attribute::single(names::ENABLE, *enabled));
    }
    for (key, value) in json {
        if key.starts_with('_') || key == "id" || key == "password" {
            continue;
        }
        if let (true, Json::Object(members)) = (expand, &value) {
            for (part, value) in members {
                let text = match value {
                    Json::String(text) => text.clone(),
                    Json::Bool(_) | Json::Number(_) => value.to_string(),
                    _ => continue,
                };
                object.attributes.push(Attribute::single(AttributeName::from(format!("{key}.{part}")), text));
            }
        }
        let kind = attributes::find(class, &key).map(|attribute| attribute.kind);
        let values = values(kind, value);
        if !values.is_empty() {
            object.attributes.push(Attribute::new(AttributeName::from(key), values));
        }
    }
    Ok(object)
}

fn values(kind: Option<Kind>, json: Json) -> Vec<Value> {
    let single = |json: Json| match (kind, json) {
        (Some(Kind::Text | Kind::Texts), json @ (Json::Number(_) | Json::Bool(_))) => json.to_string().into(),
        (_, json) if json.is_array() => json.to_string().into(),
        (_, json) => to_value(json),
    };
    match json {
        Json::Null => Vec::new(),
        Json::Array(items) => items.into_iter().filter(|item| !item.is_null()).map(single).collect(),
        json => vec![single(json)],
    }
}
