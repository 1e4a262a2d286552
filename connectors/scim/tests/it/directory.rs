//! A strict SCIM 2.0 service in memory, made from what it says of itself: what its schemas do not have it refuses. A
//! checker from others looks at it (`honest`), so that what it accepts is what RFC 7644 says.

use std::collections::BTreeMap;

use icf_testkit::http::{Received, Reply};
use serde_json::{Map, Value as Json, json};

use crate::patch;
use crate::service::{Described, error, list_of};

/// Everything in the service.
pub(crate) struct Directory {
    described: Described,
    types: Vec<Type>,
    /// Resources by endpoint (`/Users`) and identity.
    pub(crate) resources: BTreeMap<String, BTreeMap<String, Json>>,
    /// What was asked that the service does not have.
    pub(crate) faults: Vec<String>,
    next: u32,
}

/// A resource type with the attributes of its schema and of its extensions.
#[derive(Clone)]
pub(crate) struct Type {
    name: String,
    endpoint: String,
    pub(crate) core: String,
    pub(crate) attributes: Vec<Json>,
    pub(crate) extensions: BTreeMap<String, Vec<Json>>,
}

type Refused<T> = Result<T, Reply>;

pub(crate) fn refused<T>(status: u16, kind: &str, detail: impl Into<String>) -> Refused<T> {
    Err(error(status, kind, &detail.into()))
}

pub(crate) fn named<'a>(attributes: &'a [Json], name: &str) -> Option<&'a Json> {
    attributes.iter().find(|attribute| text(attribute, "name").eq_ignore_ascii_case(name))
}

pub(crate) fn text<'a>(json: &'a Json, name: &str) -> &'a str {
    json[name].as_str().unwrap_or_default()
}

fn resources(list: &Json) -> Vec<Json> {
    list["Resources"].as_array().cloned().unwrap_or_default()
}

/// Whether a value is what the schema says.
pub(crate) fn check(attribute: &Json, value: &Json) -> Refused<()> {
    let name = text(attribute, "name");
    let wrong = || refused(400, "invalidValue", format!("{name} has a wrong value"));
    if attribute["multiValued"] == true {
        return match value.as_array() {
            Some(values) => values.iter().try_for_each(|value| single(attribute, value)),
            None => wrong(),
        };
    }
    single(attribute, value)
}

/// Whether one value of an attribute is what the schema says.
pub(crate) fn single(attribute: &Json, value: &Json) -> Refused<()> {
    let right = match text(attribute, "type") {
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64(),
        "decimal" => value.is_number(),
        "complex" => {
            let Some(parts) = value.as_object() else {
                return refused(400, "invalidValue", format!("{} is no object", text(attribute, "name")));
            };
            let subs = attribute["subAttributes"].as_array().map(Vec::as_slice).unwrap_or_default();
            for (key, part) in parts {
                match named(subs, key) {
                    Some(sub) => check(sub, part)?,
                    None => return refused(400, "invalidSyntax", format!("there is no part {key}")),
                }
            }
            true
        }
        _ => value.is_string(),
    };
    if right { Ok(()) } else { refused(400, "invalidValue", format!("{} is wrong", text(attribute, "name"))) }
}

impl Directory {
    pub(crate) fn new(described: Described) -> Self {
        let schemas = resources(&described.schemas);
        let attributes_of = |urn: &str| {
            let schema = schemas.iter().find(|schema| text(schema, "id") == urn);
            schema.and_then(|schema| schema["attributes"].as_array().cloned()).unwrap_or_default()
        };
        let types: Vec<_> = resources(&described.types)
            .iter()
            .map(|kind| Type {
                name: text(kind, "name").to_owned(),
                endpoint: text(kind, "endpoint").to_owned(),
                core: text(kind, "schema").to_owned(),
                attributes: attributes_of(text(kind, "schema")),
                extensions: kind["schemaExtensions"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .map(|extension| text(extension, "schema"))
                    .map(|urn| (urn.to_owned(), attributes_of(urn)))
                    .collect(),
            })
            .collect();
        let resources = types.iter().map(|kind| (kind.endpoint.clone(), BTreeMap::new())).collect();
        Self { described, types, resources, faults: Vec::new(), next: 0 }
    }

    /// Answers a request whose path is `below` the root.
    pub(crate) fn answer(&mut self, below: &str, request: &Received) -> Reply {
        let reply = self.try_answer(below, request).unwrap_or_else(|refusal| refusal);
        if reply.is_refusal() {
            self.faults.push(format!("{} {}", request.line(), request.text()));
        }
        reply
    }

    fn try_answer(&mut self, below: &str, request: &Received) -> Refused<Reply> {
        let parts: Vec<_> = below.split('/').skip(1).collect();
        let endpoint = format!("/{}", parts.first().copied().unwrap_or_default());
        if let Some(found) = self.about_itself(&parts) {
            return if request.method == "GET" { found } else { refused(405, "", "it is what it is") };
        }
        if (request.method.as_str(), parts.as_slice()) == ("POST", &[".search"]) {
            return self.list(&self.types.clone(), request);
        }
        let Some(kind) = self.types.iter().find(|kind| kind.endpoint == endpoint).cloned() else {
            return refused(404, "", "there is no such endpoint");
        };
        match (request.method.as_str(), &parts[1..]) {
            ("GET", []) | ("POST", [".search"]) => self.list(&[kind], request),
            ("POST", []) => self.create(&kind, request),
            (method @ ("GET" | "PUT" | "PATCH" | "DELETE"), [id]) => {
                let Some(resource) = self.resources[&kind.endpoint].get(*id).cloned() else {
                    return refused(404, "", format!("there is no {id}"));
                };
                match method {
                    "GET" => Ok(Reply::scim(200, &self.shown(&kind, &resource, &Ask::of(request)))),
                    "PUT" => self.replace(&kind, resource, request),
                    "PATCH" => self.change(&kind, resource, request),
                    _ => {
                        self.resources.get_mut(&kind.endpoint).unwrap().remove(*id);
                        Ok(Reply::status(204))
                    }
                }
            }
            _ => refused(405, "", "that cannot be done here"),
        }
    }

    fn about_itself(&self, parts: &[&str]) -> Option<Refused<Reply>> {
        let list = match parts.first().copied()? {
            "ServiceProviderConfig" => return Some(Ok(Reply::scim(200, &self.described.provider))),
            "ResourceTypes" => &self.described.types,
            "Schemas" => &self.described.schemas,
            _ => return None,
        };
        let Some(id) = parts.get(1) else { return Some(Ok(Reply::scim(200, list))) };
        let found = resources(list).into_iter().find(|entry| text(entry, "id") == *id);
        Some(match found {
            Some(entry) => Ok(Reply::scim(200, &entry)),
            None => refused(404, "", format!("there is no {id}")),
        })
    }

    fn list(&mut self, kinds: &[Type], request: &Received) -> Refused<Reply> {
        let ask = Ask::of(request);
        let mut found = Vec::new();
        for kind in kinds {
            for resource in self.resources[&kind.endpoint].values() {
                if ask.filter.as_deref().map_or(Ok(true), |filter| matches(resource, filter))? {
                    found.push((kind, resource.clone()));
                }
            }
        }
        let page = found.iter().skip(ask.start - 1).take(ask.count);
        let page: Vec<_> = page.map(|(kind, resource)| self.shown(kind, resource, &ask)).collect();
        let mut body = list_of(&page);
        body["totalResults"] = found.len().into();
        body["startIndex"] = ask.start.into();
        Ok(Reply::scim(200, &body))
    }

    fn create(&mut self, kind: &Type, request: &Received) -> Refused<Reply> {
        let mut resource = accepted(kind, &request.json())?;
        self.unique(kind, &resource, None)?;
        self.next += 1;
        let id = self.next.to_string();
        resource.insert("id".to_owned(), id.as_str().into());
        let stored = self.store(kind, resource, request);
        let location = text(&stored["meta"], "location").to_owned();
        Ok(Reply::scim(201, &self.shown(kind, &stored, &Ask::of(request))).header("location", &location))
    }

    fn replace(&mut self, kind: &Type, old: Json, request: &Received) -> Refused<Reply> {
        let mut resource = accepted(kind, &request.json())?;
        self.unique(kind, &resource, Some(text(&old, "id")))?;
        resource.insert("id".to_owned(), old["id"].clone());
        let stored = self.store(kind, resource, request);
        Ok(Reply::scim(200, &self.shown(kind, &stored, &Ask::of(request))))
    }

    fn change(&mut self, kind: &Type, mut resource: Json, request: &Received) -> Refused<Reply> {
        patch::apply(kind, resource.as_object_mut().unwrap(), &request.json())?;
        let resource = resource.as_object().unwrap().clone();
        self.unique(kind, &resource, resource["id"].as_str())?;
        let stored = self.store(kind, resource, request);
        Ok(Reply::scim(200, &self.shown(kind, &stored, &Ask::of(request))))
    }

    fn unique(&self, kind: &Type, resource: &Map<String, Json>, own: Option<&str>) -> Refused<()> {
        for attribute in kind.attributes.iter().filter(|attribute| attribute["uniqueness"] == "server") {
            let name = text(attribute, "name");
            let value = |resource: &Json| text(resource, name).to_lowercase();
            let new = resource.get(name).and_then(Json::as_str).unwrap_or_default().to_lowercase();
            let mut others = self.resources[&kind.endpoint].values();
            if others.any(|other| Some(text(other, "id")) != own && value(other) == new) {
                return refused(409, "uniqueness", format!("{name} is taken"));
            }
        }
        Ok(())
    }

    fn store(&mut self, kind: &Type, mut resource: Map<String, Json>, request: &Received) -> Json {
        let id = resource["id"].as_str().unwrap().to_owned();
        let root = request.path.split(&kind.endpoint).next().unwrap_or_default();
        let host = request.header("host").unwrap_or_default();
        let location = format!("http://{host}{root}{}/{id}", kind.endpoint);
        let used = kind.extensions.keys().filter(|urn| resource.contains_key(*urn));
        let schemas: Vec<_> = [&kind.core].into_iter().chain(used).cloned().collect();
        resource.insert("schemas".to_owned(), json!(schemas));
        resource.insert(
            "meta".to_owned(),
            json!({"resourceType": kind.name, "location": location,
            "created": "2026-01-01T00:00:00Z", "lastModified": "2026-01-01T00:00:00Z"}),
        );
        let stored = Json::Object(resource);
        self.resources.get_mut(&kind.endpoint).unwrap().insert(id, stored.clone());
        stored
    }

    /// What a caller sees of a resource.
    fn shown(&mut self, kind: &Type, resource: &Json, ask: &Ask) -> Json {
        let Ask { wanted, unwanted, .. } = ask;
        let ours = |name: &str| {
            let plain =
                name.strip_prefix(kind.core.as_str()).map_or(name, |rest| rest.trim_start_matches(':'));
            let top = plain.split('.').next().unwrap_or_default();
            ["id", "schemas", "meta", "externalId"].contains(&top)
                || named(&kind.attributes, top).is_some()
                || kind.extensions.iter().any(|(urn, attributes)| {
                    let rest = name.strip_prefix(urn.as_str()).map(|rest| rest.trim_start_matches(':'));
                    rest.is_some_and(|rest| rest.is_empty() || named(attributes, rest).is_some())
                })
        };
        let foreign = wanted.iter().flatten().filter(|name| !ours(name)).map(|name| format!("wanted {name}"));
        self.faults.extend(foreign);
        let has = |list: &[String], key: &str| {
            list.iter()
                .any(|name| name == key || name.split('.').next() == Some(key) || name.starts_with(key))
        };
        let mut shown = resource.as_object().unwrap().clone();
        shown.retain(|key, _| {
            let always = key == "id" || key == "schemas";
            let never = named(&kind.attributes, key).is_some_and(|found| found["returned"] == "never");
            let asked = wanted.as_deref().is_none_or(|wanted| has(wanted, key));
            let hidden = unwanted.as_deref().is_some_and(|unwanted| has(unwanted, key));
            !never && (always || asked && !hidden)
        });
        Json::Object(shown)
    }
}

/// What a caller wants to see, in the address or as a SearchRequest.
struct Ask {
    filter: Option<String>,
    start: usize,
    count: usize,
    wanted: Option<Vec<String>>,
    unwanted: Option<Vec<String>>,
}

impl Ask {
    fn of(request: &Received) -> Self {
        let search = request.path.ends_with("/.search").then(|| request.json());
        let value = |name: &str| match &search {
            None => request.parameter(name).map(Json::from),
            Some(body) => body.get(name).cloned(),
        };
        let number = |name: &str| match value(name)? {
            Json::String(text) => text.parse().ok(),
            number => usize::try_from(number.as_u64()?).ok(),
        };
        let names = |name: &str| {
            let list = match value(name)? {
                Json::Array(names) => names.iter().filter_map(Json::as_str).map(str::to_owned).collect(),
                text => text.as_str()?.split(',').map(|name| name.trim().to_owned()).collect(),
            };
            Some(list)
        };
        Self {
            filter: value("filter").and_then(|filter| filter.as_str().map(str::to_owned)),
            start: number("startIndex").unwrap_or(1).max(1),
            count: number("count").unwrap_or(100),
            wanted: names("attributes"),
            unwanted: names("excludedAttributes"),
        }
    }
}

/// The resource of a body, without what only the service sets.
fn accepted(kind: &Type, body: &Json) -> Refused<Map<String, Json>> {
    let Some(body) = body.as_object() else { return refused(400, "invalidSyntax", "no resource") };
    let schemas: Vec<_> =
        body.get("schemas").and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str).collect();
    if !schemas.contains(&kind.core.as_str()) {
        return refused(400, "invalidSyntax", "schemas does not name the schema of the resource");
    }
    let mut resource = Map::new();
    for (key, value) in body {
        if ["schemas", "id", "meta"].contains(&key.as_str()) {
            continue;
        }
        if let Some(attributes) = kind.extensions.get(key) {
            if !schemas.contains(&key.as_str()) || value.as_object().is_none_or(Map::is_empty) {
                return refused(400, "invalidSyntax", format!("{key} is not in schemas, or empty"));
            }
            let extension = json!({"name": key, "type": "complex", "subAttributes": attributes});
            single(&extension, value)?;
            resource.insert(key.clone(), value.clone());
        } else if key == "externalId" {
            resource.insert(key.clone(), value.clone());
        } else {
            let Some(attribute) = named(&kind.attributes, key) else {
                return refused(400, "invalidSyntax", format!("there is no attribute {key}"));
            };
            if attribute["mutability"] != "readOnly" && !value.is_null() {
                check(attribute, value)?;
                resource.insert(text(attribute, "name").to_owned(), value.clone());
            }
        }
    }
    let missing =
        kind.attributes.iter().find(|a| a["required"] == true && !resource.contains_key(text(a, "name")));
    match missing {
        Some(attribute) => refused(400, "invalidValue", format!("{} is missing", text(attribute, "name"))),
        None => Ok(resource),
    }
}

/// One comparison with a text; anything else is refused.
fn matches(resource: &Json, filter: &str) -> Refused<bool> {
    let mut words = filter.splitn(3, ' ');
    let (path, operator) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let operand = words.next().and_then(|operand| serde_json::from_str::<String>(operand).ok());
    let Some(operand) = operand else { return refused(400, "invalidFilter", filter) };
    let found = path.split('.').fold(resource, |value, part| &value[part]);
    let values: Vec<_> = found.as_array().map_or_else(|| vec![found], |list| list.iter().collect());
    let values = values.into_iter().filter_map(|value| value.get("value").unwrap_or(value).as_str());
    let (values, operand) = (values.map(str::to_lowercase).collect::<Vec<_>>(), operand.to_lowercase());
    match operator {
        "eq" => Ok(values.contains(&operand)),
        "sw" => Ok(values.iter().any(|value| value.starts_with(&operand))),
        _ => refused(400, "invalidFilter", filter),
    }
}
