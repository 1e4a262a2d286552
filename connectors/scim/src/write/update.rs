//! Changing a resource.

use icf::{AttributeSet, CallContext, ConnectorError, ObjectClass, Result, Uid};
use icf_http::Budget;
use serde_json::Value as Json;

use super::patch::{Entries, Patched};
use super::{Change, groups, half_done, members, patch, put};
use crate::filter::literal;
use crate::model::{Kind, Model, ResourceType};
use crate::refusal::Doing;
use crate::resource::{Entry, Wanted, wanted};
use crate::target::Target;

/// Changes a resource and answers its identity.
pub(crate) async fn update(
    cx: &CallContext,
    target: &Target,
    class: &ObjectClass,
    uid: &Uid,
    attributes: AttributeSet,
    change: Change,
) -> Result<Uid> {
    let budget = target.budget(cx);
    let model = target.model(&budget).await?;
    let kind = model.of_class(class)?;
    let wanted = wanted(kind, &target.settings.knobs, attributes)?;
    let doing = if wanted.writes_password { Doing::UpdatingPassword } else { Doing::Updating };
    let Wanted { set, clear, members: member_ids, groups: group_ids, .. } = wanted;
    let job = Job { target, budget: &budget, model: &model, kind, id: uid.value() };
    let entries = job.entries(set, clear, change).await?;
    let mut done = false;
    let mut answered = None;
    if !entries.is_empty() {
        answered = job.send(&entries, doing).await?;
        done = true;
    }
    let rest = |what: &str, done: bool, error: ConnectorError| {
        if done { half_done(&format!("The object {uid} was changed, {what}"), error, None) } else { error }
    };
    if let Some(ids) = member_ids {
        members::change(target, &budget, &model, kind, uid.value(), ids, change)
            .await
            .map_err(|error| rest("but not all of its members", done, error))?;
        done = true;
    }
    if let Some(ids) = group_ids {
        groups::change(target, &budget, &model, kind, uid.value(), ids, change)
            .await
            .map_err(|error| rest("but not all of its groups", done, error))?;
    }
    match answered {
        Some(id) if id != uid.value() => Uid::try_new(id),
        _ => Ok(uid.clone()),
    }
}

struct Job<'a> {
    target: &'a Target,
    budget: &'a Budget,
    model: &'a Model,
    kind: &'a ResourceType,
    id: &'a str,
}

impl Job<'_> {
    async fn send(&self, entries: &Entries, doing: Doing) -> Result<Option<String>> {
        let Self { target, budget, model, kind, id } = *self;
        if patch::is_possible(target, model, kind)
            && let Patched::Done(answered) = patch::send(target, budget, kind, id, entries, doing).await?
        {
            return Ok(answered);
        }
        put::send(target, budget, model, kind, id, entries, doing).await
    }

    /// What is to be sent for a change of values.
    async fn entries(&self, set: Vec<Entry>, clear: Vec<Entry>, change: Change) -> Result<Entries> {
        match change {
            Change::Replace => Ok(Entries { set, clear, ..Entries::default() }),
            Change::Add => {
                let (add, set) = set.into_iter().partition(|entry| entry.multi);
                Ok(Entries { add, set, ..Entries::default() })
            }
            Change::Remove => {
                let mut entries = Entries::default();
                let mut whole = Vec::new();
                for entry in set {
                    let place = self.kind.place(&entry.name);
                    let objects = place.def.is_some_and(|def| def.kind == Kind::Complex);
                    if !entry.multi {
                        entries.clear.push(entry);
                    } else if objects {
                        for value in entry.value.as_array().into_iter().flatten() {
                            let condition = condition(&entry, value)?;
                            let single = Entry { value: Json::Array(vec![value.clone()]), ..entry.clone() };
                            entries.remove.push((single, condition));
                        }
                    } else {
                        whole.push(entry);
                    }
                }
                self.without(whole, &mut entries).await?;
                Ok(entries)
            }
        }
    }

    /// A list of plain values has nothing to find one by; it is read, and replaced without those that go.
    async fn without(&self, gone: Vec<Entry>, entries: &mut Entries) -> Result<()> {
        if gone.is_empty() {
            return Ok(());
        }
        let (resource, _) = put::read(self.target, self.budget, self.kind, self.id, Doing::Updating).await?;
        for entry in gone {
            let place = self.kind.place(&entry.name);
            let Some(Json::Array(held)) = crate::object::whole(&resource, &place) else { continue };
            let unwanted = entry.value.as_array().cloned().unwrap_or_default();
            let kept: Vec<_> = held.iter().filter(|value| !unwanted.contains(value)).cloned().collect();
            if kept.is_empty() {
                entries.clear.push(entry);
            } else if kept.len() < held.len() {
                entries.set.push(Entry { value: Json::Array(kept), ..entry });
            }
        }
        Ok(())
    }
}

/// The path that finds one value of a list.
fn condition(entry: &Entry, value: &Json) -> Result<String> {
    let text = |key: &str| match value.get(key)? {
        Json::String(text) => Some(format!("{key} eq {}", literal(text))),
        Json::Number(number) => Some(format!("{key} eq {number}")),
        _ => None,
    };
    let parts: Vec<_> = ["type", "value"].iter().filter_map(|key| text(key)).collect();
    if parts.is_empty() {
        return Err(ConnectorError::invalid_attribute_value(format!(
            "A value of attribute {} cannot be removed: it has neither 'value' nor 'type' to find it by.",
            entry.name
        )));
    }
    Ok(format!("{}[{}]", entry.path(), parts.join(" and ")))
}
