//! What is to be done, sorted by the requests that do it.

use std::collections::{BTreeMap, BTreeSet};

use icf::{AttributeSet, ConnectorError, GuardedString, Result, Value, names, same_name};
use icf_http::json::from_value;
use serde_json::{Map, Value as Json, json};

use crate::attributes::{self, Kind, Way};
use crate::class::Class;
use crate::target::{Call, Target};

/// A request of a caller.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    /// Members of the object's body.
    pub(crate) body: Map<String, Json>,
    /// Those of them that are objects of which only parts were named.
    pub(crate) incomplete: BTreeSet<String>,
    /// What has a place of its own, by name.
    pub(crate) separate: BTreeMap<&'static str, Json>,
    pub(crate) password: Option<GuardedString>,
    /// The password as an object, with more to say.
    pub(crate) password_object: Option<Map<String, Json>>,
    pub(crate) force_change: Option<bool>,
    pub(crate) groups: Option<Groups>,
    pub(crate) roles: Option<Vec<Json>>,
    pub(crate) members: Option<Vec<String>>,
    pub(crate) nested_in: Option<Vec<String>>,
}

/// Groups by identity or by name.
#[derive(Clone, Debug)]
pub(crate) enum Groups {
    Ids(Vec<String>),
    Names(Vec<String>),
}

fn wrong(name: &str, what: &str) -> ConnectorError {
    ConnectorError::invalid_attribute_value(format!("Attribute {name} {what}."))
}

impl Plan {
    pub(crate) async fn new(
        call: &Call,
        target: &Target,
        class: Class,
        set: AttributeSet,
        creating: bool,
    ) -> Result<Self> {
        let mut plan = Self::default();
        // Dotted names win over the whole, so they come after it.
        let (dotted, whole): (Vec<_>, Vec<_>) =
            set.into_iter().partition(|attribute| attribute.name.as_str().contains('.'));
        let named = whole.iter().any(|a| a.name.is(class.naming()) && a.as_str().is_some());
        for attribute in whole.into_iter().chain(dotted) {
            let name = attribute.name.as_str();
            let values: Vec<_> =
                attribute.values().iter().filter(|value| **value != Value::Null).cloned().collect();
            if same_name(name, names::NAME) {
                if !named {
                    plan.body.insert(class.naming().to_owned(), single(name, &values)?);
                }
                continue;
            }
            if class == Class::User && plan.takes_special(name, &values)? {
                continue;
            }
            let (first, part) =
                name.split_once('.').map_or((name, None), |(first, part)| (first, Some(part)));
            match attributes::find(class, first) {
                Some(known) => plan.takes(known, part, name, &values, creating)?,
                None => {
                    let several = if class == Class::User {
                        target.custom_attributes(call).await?.get(name).copied()
                    } else {
                        None
                    };
                    let several = several.ok_or_else(|| {
                        wrong(name, "is neither one of PingOne's nor a custom attribute of the environment")
                    })?;
                    let json = if several { list(&values)? } else { single(name, &values)? };
                    plan.body.insert(name.to_owned(), json);
                }
            }
        }
        if creating {
            plan.body.retain(|_, value| !value.is_null());
        }
        Ok(plan)
    }

    /// Names with a meaning of their own.
    fn takes_special(&mut self, name: &str, values: &[Value]) -> Result<bool> {
        let truth = |values: &[Value]| match values {
            [Value::Boolean(truth)] => Ok(Some(*truth)),
            [Value::String(text)] if text.eq_ignore_ascii_case("true") => Ok(Some(true)),
            [Value::String(text)] if text.eq_ignore_ascii_case("false") => Ok(Some(false)),
            [] => Ok(None),
            _ => Err(wrong(name, "takes true or false")),
        };
        if same_name(name, names::PASSWORD) {
            match values {
                [Value::GuardedString(password)] => self.password = Some(password.clone()),
                [] => {}
                _ => return Err(wrong(name, "takes one guarded text")),
            }
        } else if same_name(name, names::ENABLE) {
            if let Some(enabled) = truth(values)? {
                self.separate.insert("enabled", enabled.into());
            }
        } else if same_name(name, "forceChange") {
            self.force_change = truth(values)?;
        } else if same_name(name, "password") {
            match values {
                [value @ Value::Map(_)] => match from_value(value)? {
                    Json::Object(object) => self.password_object = Some(object),
                    _ => return Err(wrong(name, "takes a map")),
                },
                [Value::GuardedString(password)] => self.password = Some(password.clone()),
                [] => {}
                _ => return Err(wrong(name, "takes a map with value, forceChange or external")),
            }
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    fn takes(
        &mut self,
        known: &'static attributes::Attribute,
        part: Option<&str>,
        name: &str,
        values: &[Value],
        creating: bool,
    ) -> Result<()> {
        if known.way == Way::ReadOnly || part.is_some() && !matches!(known.kind, Kind::Object(_)) {
            return Err(wrong(name, "cannot be set; PingOne makes it up"));
        }
        match (known.name, known.way) {
            ("memberOfGroupIDs", _) => self.groups = Some(Groups::Ids(texts(name, values)?)),
            // Identities say more than names.
            ("memberOfGroupNames", _) => {
                if self.groups.is_none() {
                    self.groups = Some(Groups::Names(texts(name, values)?));
                }
            }
            ("roleAssignments", _) => {
                let maps = values.iter().map(from_value).collect::<Result<Vec<_>>>()?;
                if maps
                    .iter()
                    .any(|map| map.pointer("/role/id").is_none() || map.pointer("/scope/id").is_none())
                {
                    return Err(wrong(name, "takes maps with role.id, scope.id and scope.type"));
                }
                self.roles = Some(maps);
            }
            ("members", _) => self.members = Some(texts(name, values)?),
            ("memberOfGroups", _) => self.nested_in = Some(texts(name, values)?),
            ("account", _) => {
                let status = if part == Some("status") {
                    single(name, values)?
                } else {
                    match single(name, values)? {
                        Json::Object(account) => account.get("status").cloned().unwrap_or_default(),
                        _ => Json::Null,
                    }
                };
                match status.as_str() {
                    Some("OK" | "LOCKED") => {
                        self.separate.insert("account", status);
                    }
                    _ => return Err(wrong(name, "can be changed in its status only, to OK or LOCKED")),
                }
            }
            (_, Way::Creation) if !creating => {
                return Err(wrong(name, "can be set only when the object is created"));
            }
            (_, way) => {
                let json = value(known, part, name, values)?;
                let own = match way {
                    Way::Separate => true,
                    Way::Own => !creating,
                    _ => false,
                };
                if own {
                    if !json.is_null() {
                        self.separate.insert(known.name, json);
                    }
                } else {
                    self.put(known.name, part, json);
                }
            }
        }
        Ok(())
    }

    fn put(&mut self, name: &str, part: Option<&str>, json: Json) {
        let Some(part) = part else {
            self.body.insert(name.to_owned(), json);
            return;
        };
        if !self.body.contains_key(name) {
            self.incomplete.insert(name.to_owned());
        }
        let whole = self.body.entry(name.to_owned()).or_insert_with(|| json!({}));
        if !whole.is_object() {
            *whole = json!({});
        }
        if let Some(object) = whole.as_object_mut() {
            object.insert(part.to_owned(), json);
        }
    }

    /// What the password request says, if there is a password.
    pub(crate) fn password_body(&self) -> Option<Json> {
        let mut body = self.password_object.clone().unwrap_or_default();
        if let Some(password) = &self.password {
            body.insert("value".to_owned(), password.reveal().as_str().into());
        }
        if body.is_empty() {
            return None;
        }
        if !body.contains_key("external") && !body.contains_key("forceChange") {
            body.insert("forceChange".to_owned(), self.force_change.unwrap_or(false).into());
        }
        Some(Json::Object(body))
    }
}

/// A value in the type that the description asks for.
fn value(known: &attributes::Attribute, part: Option<&str>, name: &str, values: &[Value]) -> Result<Json> {
    let json = match known.kind {
        Kind::Texts | Kind::Objects => return list(values),
        _ => single(name, values)?,
    };
    Ok(match (known.kind, part, json) {
        // A reference may be the bare identity.
        (Kind::Object(parts), None, Json::String(id)) if parts.contains(&"id") => json!({"id": id}),
        (Kind::Truth, _, Json::String(text)) if text.eq_ignore_ascii_case("true") => true.into(),
        (Kind::Truth, _, Json::String(text)) if text.eq_ignore_ascii_case("false") => false.into(),
        (Kind::Text, _, json @ (Json::Number(_) | Json::Bool(_))) => json.to_string().into(),
        (_, _, json) => json,
    })
}

fn single(name: &str, values: &[Value]) -> Result<Json> {
    match values {
        [] => Ok(Json::Null),
        [value] => from_value(value),
        _ => Err(wrong(name, "takes one value")),
    }
}

fn list(values: &[Value]) -> Result<Json> {
    values.iter().map(from_value).collect::<Result<Vec<_>>>().map(Json::Array)
}

fn texts(name: &str, values: &[Value]) -> Result<Vec<String>> {
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Map(map) => map.get("id").and_then(Value::as_str).map(str::to_owned),
        _ => None,
    };
    values.iter().map(|value| text(value).ok_or_else(|| wrong(name, "takes identities as texts"))).collect()
}
