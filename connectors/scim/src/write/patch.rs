//! Changing a resource with PATCH: operations in SCIM 2.0 (RFC 7644 §3.5.2), a partial resource in 1.1.

use icf::Result;
use icf_http::{Answer, Budget, Method, StatusCode};
use serde_json::{Map, Value as Json, json};

use super::put;
use crate::model::{Model, ResourceType};
use crate::profile::{ClearWith, Update};
use crate::refusal::{Doing, Refusal};
use crate::resource::Entry;
use crate::settings::Version;
use crate::target::Target;

/// What a PATCH or PUT is to bring about.
#[derive(Debug, Default)]
pub(crate) struct Entries {
    pub(crate) set: Vec<Entry>,
    pub(crate) clear: Vec<Entry>,
    pub(crate) add: Vec<Entry>,
    /// Values to remove, each with the condition that finds it.
    pub(crate) remove: Vec<(Entry, String)>,
}

impl Entries {
    pub(crate) fn is_empty(&self) -> bool {
        self.set.is_empty() && self.clear.is_empty() && self.add.is_empty() && self.remove.is_empty()
    }
}

/// Whether PATCH is worth trying.
pub(crate) fn is_possible(target: &Target, model: &Model, kind: &ResourceType) -> bool {
    let put = target.settings.knobs.update == Update::Put && !kind.is_group();
    !put && model.provider.patch && !target.learned.no_patch.is_set()
}

/// What came of a PATCH.
#[derive(Debug)]
pub(crate) enum Patched {
    /// Done; the identity, if the service names one.
    Done(Option<String>),
    /// The service has no PATCH.
    Impossible,
}

/// Sends a PATCH. An attribute that is to be cleared and is not there counts as cleared.
pub(crate) async fn send(
    target: &Target,
    budget: &Budget,
    kind: &ResourceType,
    id: &str,
    entries: &Entries,
    doing: Doing,
) -> Result<Patched> {
    let body = match target.settings.version {
        Version::Two => message(operations(target, entries)),
        Version::One => partial(kind, entries),
    };
    match answered(target, raw(target, budget, kind, id, &body).await?) {
        Ok(id) => Ok(Patched::Done(id)),
        Err(refusal) if refusal.refuses_patch() => {
            tracing::info!("The service cannot PATCH; objects are read, merged and PUT from now on.");
            target.learned.no_patch.set();
            Ok(Patched::Impossible)
        }
        Err(refusal) if refusal.is_type("noTarget") && !entries.clear.is_empty() => {
            one_by_one(target, budget, kind, id, entries, doing).await.map(Patched::Done)
        }
        Err(refusal) => Err(refusal.into_error(doing)),
    }
}

/// After `noTarget`: each attribute is cleared by itself, so that an absent one does not keep the others.
async fn one_by_one(
    target: &Target,
    budget: &Budget,
    kind: &ResourceType,
    id: &str,
    entries: &Entries,
    doing: Doing,
) -> Result<Option<String>> {
    for entry in &entries.clear {
        let single = Entries { clear: vec![entry.clone()], ..Entries::default() };
        let body = message(operations(target, &single));
        match answered(target, raw(target, budget, kind, id, &body).await?) {
            Err(refusal) if !refusal.is_type("noTarget") => return Err(refusal.into_error(doing)),
            _ => {}
        }
    }
    let rest = Entries {
        set: entries.set.clone(),
        add: entries.add.clone(),
        remove: entries.remove.clone(),
        clear: vec![],
    };
    if rest.is_empty() {
        return Ok(None);
    }
    let body = message(operations(target, &rest));
    answered(target, raw(target, budget, kind, id, &body).await?).map_err(|refusal| refusal.into_error(doing))
}

/// Sends the body of a PATCH as it is; under the version of the resource where the service demands that.
pub(crate) async fn raw(
    target: &Target,
    budget: &Budget,
    kind: &ResourceType,
    id: &str,
    body: &Json,
) -> Result<Answer> {
    let path = Target::path_of(&kind.endpoint, id);
    let mut answer = target.write(budget, Method::PATCH, &path, Some(body), None).await?;
    // The second time somebody else was faster, which does not matter: what is sent does not depend on what was read.
    for _ in 0..=put::MOST_CONFLICTS {
        let demanded = StatusCode::PRECONDITION_REQUIRED;
        if answer.status != demanded && answer.status != StatusCode::PRECONDITION_FAILED {
            break;
        }
        let (_, version) = put::read(target, budget, kind, id, Doing::Updating).await?;
        let Some(version) = version else { break };
        answer = target.write(budget, Method::PATCH, &path, Some(body), Some(&version)).await?;
    }
    Ok(answer)
}

fn answered(target: &Target, answer: Answer) -> Result<Option<String>, Refusal> {
    if !answer.is_success() {
        return Err(target.refusal(&answer));
    }
    // Whatever is in the body beside an identity is not needed; it need not even be JSON.
    let body = answer.json();
    Ok(body.as_ref().and_then(Json::as_object).and_then(crate::object::id_of))
}

/// A message of operations.
pub(crate) fn message(operations: Vec<Json>) -> Json {
    json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations})
}

/// Removes, then replaces, then adds.
fn operations(target: &Target, entries: &Entries) -> Vec<Json> {
    let mut all = Vec::new();
    for entry in &entries.clear {
        all.push(match target.settings.knobs.clear_with {
            ClearWith::Remove => json!({"op": "remove", "path": entry.path()}),
            ClearWith::Null => json!({"op": "replace", "path": entry.path(), "value": null}),
            ClearWith::Empty => {
                let empty = if entry.multi { json!([]) } else { json!("") };
                json!({"op": "replace", "path": entry.path(), "value": empty})
            }
        });
    }
    for (_, condition) in &entries.remove {
        all.push(json!({"op": "remove", "path": condition}));
    }
    if target.settings.use_path {
        for entry in &entries.set {
            all.push(json!({"op": "replace", "path": entry.path(), "value": entry.value}));
        }
    } else if !entries.set.is_empty() {
        let mut value = Map::new();
        for entry in &entries.set {
            entry.clone().put(&mut value);
        }
        all.push(json!({"op": "replace", "value": value}));
    }
    for entry in &entries.add {
        all.push(json!({"op": "add", "path": entry.path(), "value": entry.value}));
    }
    all
}

/// SCIM 1.1: attributes by value, cleared ones by name.
fn partial(kind: &ResourceType, entries: &Entries) -> Json {
    let mut resource = Map::new();
    resource.insert("schemas".to_owned(), json!([kind.urn]));
    for entry in entries.set.iter().chain(&entries.add) {
        entry.clone().put(&mut resource);
    }
    for (entry, _) in &entries.remove {
        let mut entry = entry.clone();
        for value in entry.value.as_array_mut().into_iter().flatten().filter_map(Json::as_object_mut) {
            value.insert("operation".to_owned(), "delete".into());
        }
        entry.put(&mut resource);
    }
    if !entries.clear.is_empty() {
        let names: Vec<_> = entries.clear.iter().map(Entry::path).collect();
        resource.insert("meta".to_owned(), json!({"attributes": names}));
    }
    crate::resource::set_schemas(kind, &mut resource);
    Json::Object(resource)
}
