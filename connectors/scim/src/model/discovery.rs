//! Asks the service what it has, and makes do with less than a full answer.

use std::collections::BTreeMap;

use icf::{ConnectorError, Result};
use icf_http::json::member;
use icf_http::{Answer, Budget, Fault, StatusCode};
use serde_json::{Map, Value as Json};

use super::attribute::attributes_of;
use super::resource_type::{Extension, ResourceType};
use super::{CORE_V1, ENTERPRISE_V1, GROUP, Model, ProviderConfig, USER, fallback};
use crate::profile::Discovery;
use crate::settings::Version;
use crate::target::Target;

/// Pages of a description at most.
const MOST_PAGES: u64 = 20;

/// A schema as served.
struct Schema {
    name: String,
    attributes: Vec<super::AttributeDef>,
}

/// Asks in the order configuration, types, schemas.
pub(crate) async fn discover(target: &Target, budget: &Budget) -> Result<Model> {
    let provider = provider(target, budget).await?;
    let mut types = if target.settings.knobs.discovery == Discovery::Static {
        Vec::new()
    } else if target.settings.version == Version::One {
        types_v1(target, budget).await?
    } else {
        types_v2(target, budget).await?
    };
    if types.is_empty() {
        types = fallback::types(target.settings.version);
    }
    for kind in &mut types {
        for def in fallback::common() {
            if kind.core(&def.name).is_none() {
                kind.core.push(def);
            }
        }
        let dropped = &target.settings.knobs.drop_attributes;
        if !kind.dynamic {
            kind.core.retain(|def| !dropped.iter().any(|name| name.eq_ignore_ascii_case(&def.name)));
        }
    }
    Ok(Model { types, provider })
}

/// An answer that can be used. Only what means that nothing else will work either is an error.
pub(crate) async fn described(target: &Target, budget: &Budget, path: &str) -> Result<Option<Json>> {
    match target.get(budget, path, &[]).await {
        Ok(answer) if answer.is_success() => {
            let json = answer.json();
            if json.is_none() {
                tracing::warn!(path, "The service describes itself in something that is not JSON.");
            }
            Ok(json)
        }
        Ok(answer) if matches!(answer.status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) => {
            Err(target.refusal(&answer).into_error(crate::refusal::Doing::Describing))
        }
        Ok(answer) => {
            tracing::debug!(
                path,
                status = answer.status.as_u16(),
                "The service does not describe itself there."
            );
            Ok(None)
        }
        Err(fault @ (Fault::Broken { .. } | Fault::TooLarge { .. } | Fault::Redirect { .. })) => {
            tracing::warn!(path, %fault, "The service does not describe itself there.");
            Ok(None)
        }
        Err(fault) => Err(ConnectorError::from(fault)),
    }
}

async fn provider(target: &Target, budget: &Budget) -> Result<ProviderConfig> {
    for path in target.provider_paths() {
        if let Some(json) = described(target, budget, &path).await? {
            return Ok(ProviderConfig::read(&json));
        }
    }
    Ok(ProviderConfig::default())
}

/// A list in any of the shapes in use, all pages of it; none if the service has none.
async fn list(target: &Target, budget: &Budget, path: &str) -> Result<Option<Vec<Map<String, Json>>>> {
    let mut all = Vec::new();
    for page in 0..MOST_PAGES {
        let path = if page == 0 { path.to_owned() } else { format!("{path}?startIndex={}", all.len() + 1) };
        let Some(json) = described(target, budget, &path).await? else {
            return Ok((page > 0).then_some(all));
        };
        let total = json.as_object().and_then(|object| member(object, "totalResults")).and_then(Json::as_u64);
        let before = all.len();
        all.extend(resources(json));
        let more = total.is_some_and(|total| usize::try_from(total).is_ok_and(|total| total > all.len()));
        if !more || all.len() == before {
            break;
        }
    }
    Ok(Some(all))
}

fn resources(json: Json) -> Vec<Map<String, Json>> {
    let object = |json: Json| match json {
        Json::Object(object) => Some(object),
        _ => None,
    };
    match json {
        Json::Array(items) => items.into_iter().filter_map(object).collect(),
        Json::Object(mut envelope) => {
            let key = envelope.keys().find(|key| key.eq_ignore_ascii_case("Resources")).cloned();
            match key.and_then(|key| envelope.remove(&key)) {
                Some(Json::Array(items)) => items.into_iter().filter_map(object).collect(),
                Some(_) => Vec::new(),
                None if member(&envelope, "totalResults").is_some() => Vec::new(),
                None => vec![envelope],
            }
        }
        _ => Vec::new(),
    }
}

fn text<'a>(object: &'a Map<String, Json>, name: &str) -> Option<&'a str> {
    member(object, name).and_then(Json::as_str).map(str::trim).filter(|text| !text.is_empty())
}

async fn types_v2(target: &Target, budget: &Budget) -> Result<Vec<ResourceType>> {
    let served = list(target, budget, "/ResourceTypes").await?.unwrap_or_default();
    let urns: Vec<String> = served.iter().flat_map(urns_of).collect();
    let schemas = schemas(target, budget, &urns).await?;
    let mut types = Vec::new();
    for served in &served {
        if let Some(kind) = resource_type(target, served, &schemas)?
            && !types.iter().any(|known: &ResourceType| known.class == kind.class)
        {
            types.push(kind);
        }
    }
    if types.is_empty() {
        types = fallback::types(Version::Two);
        for kind in &mut types {
            if let Some(schema) = schemas.get(&kind.urn) {
                kind.core.clone_from(&schema.attributes);
                kind.dynamic = true;
            }
            for extension in &mut kind.extensions {
                if let Some(schema) = schemas.get(&extension.urn) {
                    extension.attributes.clone_from(&schema.attributes);
                }
            }
        }
    }
    Ok(types)
}

fn urns_of(served: &Map<String, Json>) -> Vec<String> {
    let extensions = member(served, "schemaExtensions").and_then(Json::as_array);
    let extensions = extensions.into_iter().flatten().filter_map(|entry| text(entry.as_object()?, "schema"));
    text(served, "schema").into_iter().chain(extensions).map(str::to_owned).collect()
}

async fn schemas(target: &Target, budget: &Budget, urns: &[String]) -> Result<BTreeMap<String, Schema>> {
    let mut found = BTreeMap::new();
    let mut keep = |served: Vec<Map<String, Json>>| {
        for schema in served {
            if let Some(id) = text(&schema, "id") {
                let name = text(&schema, "name").unwrap_or_default().to_owned();
                found.insert(id.to_owned(), Schema { name, attributes: attributes_of(&schema) });
            }
        }
    };
    match list(target, budget, "/Schemas").await? {
        Some(served) => keep(served),
        None => {
            for urn in urns {
                if let Some(json) = described(target, budget, &format!("/Schemas/{urn}")).await? {
                    keep(resources(json));
                }
            }
            if urns.is_empty() {
                for (path, urn) in [("/Schemas/Users", USER), ("/Schemas/Groups", GROUP)] {
                    if let Some(json) = described(target, budget, path).await? {
                        let mut served = resources(json);
                        for schema in &mut served {
                            schema.insert("id".to_owned(), urn.into());
                        }
                        keep(served);
                    }
                }
            }
        }
    }
    Ok(found)
}

fn resource_type(
    target: &Target,
    served: &Map<String, Json>,
    schemas: &BTreeMap<String, Schema>,
) -> Result<Option<ResourceType>> {
    let (Some(name), Some(urn)) =
        (text(served, "name").or_else(|| text(served, "id")), text(served, "schema"))
    else {
        return Ok(None);
    };
    let endpoint = match text(served, "endpoint") {
        Some(endpoint) => target.endpoint(endpoint)?,
        None if name == "User" => "/Users".to_owned(),
        None if name == "Group" => "/Groups".to_owned(),
        None => return Ok(None),
    };
    let known = |urn: &str| {
        let served = schemas.get(urn).map(|schema| schema.attributes.clone());
        served.filter(|attributes| !attributes.is_empty())
    };
    let (core, dynamic) = match known(urn) {
        Some(attributes) => (attributes, true),
        None => (fallback::attributes(urn).unwrap_or_default(), false),
    };
    let extensions = urns_of(served)
        .into_iter()
        .filter(|extension| extension != urn)
        .map(|urn| Extension {
            attributes: known(&urn).or_else(|| fallback::attributes(&urn)).unwrap_or_default(),
            urn,
        })
        .collect();
    let schema_name = schemas.get(urn).map_or(name, |schema| schema.name.as_str());
    Ok(Some(ResourceType::new(name, schema_name, endpoint, urn.to_owned(), core, extensions, dynamic)))
}

/// SCIM 1.1 has no resource types; its schemas have fixed places.
async fn types_v1(target: &Target, budget: &Budget) -> Result<Vec<ResourceType>> {
    let mut types = fallback::types(Version::One);
    for kind in &mut types {
        let path = format!("/Schemas{}", kind.endpoint);
        let Some(json) = described(target, budget, &path).await? else { continue };
        let Some(schema) = resources(json).into_iter().next() else { continue };
        let (mut core, mut enterprise) = (Vec::new(), Vec::new());
        for (def, json) in attributes_of(&schema).into_iter().zip(attribute_list(&schema)) {
            match json.as_object().and_then(|object| text(object, "schema")) {
                Some(ENTERPRISE_V1) => enterprise.push(def),
                Some(CORE_V1) | None => core.push(def),
                Some(_) => {}
            }
        }
        if !core.is_empty() {
            kind.core = core;
            kind.dynamic = true;
        }
        for extension in &mut kind.extensions {
            if !enterprise.is_empty() {
                extension.attributes = std::mem::take(&mut enterprise);
            }
        }
    }
    Ok(types)
}

fn attribute_list(schema: &Map<String, Json>) -> impl Iterator<Item = &Json> {
    let list = member(schema, "attributes").and_then(Json::as_array);
    // The same elements that `attributes_of` could read.
    list.into_iter().flatten().filter(|json| super::AttributeDef::read(json, 0).is_some())
}

/// Whether an answer is a description that can be read.
pub(crate) fn is_description(answer: &Answer) -> bool {
    answer.is_success() && answer.json().is_some_and(|json| json.is_object() || json.is_array())
}
