//! What each connector answers by its description, worked out from the rows of the file: so that a difference is taken
//! for known only where both answers are exactly what they are known to be.

use icf::filter::Judgement;
use icf::{
    Attribute, ConnectorObject, Filter, GuardedString, ObjectClass, OperationOptions, Uid, Value, names,
};
use icf_wire::rpc::Operation;
use serde_json::{Value as Json, json};

use crate::answer;
use crate::compare::Case;
use crate::judged;
use crate::step::Step;
use crate::table::Row;

/// The search of a step: filter and options.
pub(crate) fn search<'a>(case: &Case<'a>) -> Option<(Option<&'a Filter>, &'a OperationOptions)> {
    match case.step {
        Step::Ask(Operation::Search { filter, options, .. })
        | Step::NextPage(Operation::Search { filter, options, .. }) => Some((filter.as_ref(), options)),
        _ => None,
    }
}

/// What a page consists of.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) items: Json,
    /// What the end tells.
    pub(crate) end: Json,
}

/// The page that ours answers: the filter is judged exactly, and there is a next page only if something is on it.
pub(crate) fn our_page(case: &Case<'_>) -> Option<Page> {
    let (filter, options) = search(case)?;
    let objects = objects(case, case.rows);
    let all = objects.len();
    let matching: Vec<_> = objects.into_iter().filter(|object| matches(filter, object)).collect();
    let skip = case.our_skip.unwrap_or_else(|| offset(options));
    let size = size(options).unwrap_or(usize::MAX);
    let next = skip.saturating_add(size);
    let cookie = if next < matching.len() { json!({"skip": next}) } else { Json::Null };
    let remaining = all.saturating_sub(next.max(skip));
    let end = match filter {
        None => json!({"cookie": cookie, "policy": "Exact", "total": all, "remaining": remaining}),
        Some(_) => json!({"cookie": cookie, "policy": "None", "total": -1, "remaining": -1}),
    };
    let page = matching.into_iter().skip(skip).take(size);
    Some(Page {
        items: page.map(|object| reduced(object, options)).map(|object| answer::object(&object)).collect(),
        end,
    })
}

/// The objects that Java answers: presence lets everything pass in the connector; the page is cut there; what is left is
/// reduced and then, if the handler is on, judged once more.
pub(crate) fn java_items(case: &Case<'_>) -> Option<Json> {
    let (filter, options) = search(case)?;
    let skip = case.java_skip.unwrap_or_else(|| offset(options));
    let page = objects(case, case.rows)
        .into_iter()
        .filter(|object| filter.is_none_or(|filter| passes_java_connector(filter, object, true)))
        .skip(skip)
        .take(size(options).unwrap_or(usize::MAX))
        .map(|object| reduced(object, options))
        .filter(|object| {
            !case.scene.handlers.filtered
                || filter.is_none_or(|filter| matches!(judged_by_java(filter, object), Ok(Some(true))))
        });
    Some(page.map(|object| answer::object(&object)).collect())
}

fn matches(filter: Option<&Filter>, object: &ConnectorObject) -> bool {
    filter.is_none_or(|filter| filter.accepts(object).unwrap_or(false))
}

/// `Not` is pushed down to the conditions; presence is everything, whether wanted or not.
fn passes_java_connector(filter: &Filter, object: &ConnectorObject, wanted: bool) -> bool {
    let passes = |filter: &Filter| passes_java_connector(filter, object, wanted);
    match filter {
        Filter::Not(inner) => passes_java_connector(inner, object, !wanted),
        Filter::And(left, right) if wanted => passes(left) && passes(right),
        Filter::Or(left, right) if !wanted => passes(left) && passes(right),
        Filter::And(left, right) | Filter::Or(left, right) => passes(left) || passes(right),
        Filter::Presence(_) => true,
        condition => matches(Some(condition), object) == wanted,
    }
}

/// Java's three values: `And` overlooks what is undefined, and an `Or` that begins undefined stays so. Fails where it meets
/// a value that cannot be compared.
pub(crate) fn judged_by_java(filter: &Filter, object: &ConnectorObject) -> icf::Result<Option<bool>> {
    Ok(match filter {
        Filter::Not(inner) => judged_by_java(inner, object)?.map(|truth| !truth),
        Filter::And(left, right) => {
            let both =
                judged_by_java(left, object)? != Some(false) && judged_by_java(right, object)? != Some(false);
            Some(both)
        }
        Filter::Or(left, right) => match judged_by_java(left, object)? {
            Some(false) => judged_by_java(right, object)?,
            decided => decided,
        },
        Filter::ContainsAllValues(operand) if judged::has_bytes(operand) => {
            object.attributes.iter().any(|attribute| attribute.name == operand.name).then_some(false)
        }
        condition => {
            let locale = icf::Locale::default();
            let judgement = Judgement { case: icf::filter::Case::Exact, locale: &locale };
            match condition.judge(object, judgement)? {
                icf::filter::Truth::True => Some(true),
                icf::filter::Truth::False => Some(false),
                icf::filter::Truth::Undefined => None,
            }
        }
    })
}

fn size(options: &OperationOptions) -> Option<usize> {
    options.page_size().unwrap().and_then(|size| usize::try_from(size).ok()).filter(|size| *size > 0)
}

fn offset(options: &OperationOptions) -> usize {
    options.paged_results_offset().unwrap().and_then(|offset| usize::try_from(offset).ok()).unwrap_or(0)
}

pub(crate) fn reduced(mut object: ConnectorObject, options: &OperationOptions) -> ConnectorObject {
    match options.attributes_to_get() {
        Some(names) if !names.is_empty() => object.retain(|name| names.iter().any(|wanted| name.is(wanted))),
        _ => {}
    }
    object
}

fn property<'a>(case: &'a Case<'_>, name: &str, default: &'a str) -> &'a str {
    let set = case.scene.properties.iter().find(|(set, _)| *set == name);
    set.and_then(|(_, value)| value.as_str()).unwrap_or(default)
}

/// The column of the key.
pub(crate) fn key_header<'a>(case: &'a Case<'_>) -> &'a str {
    property(case, "headerUid", "uid")
}

/// Where the key stands.
pub(crate) fn key_column(case: &Case<'_>) -> Option<usize> {
    case.rows.first()?.iter().position(|name| name.as_deref() == Some(key_header(case)))
}

/// The objects that rows stand for.
fn objects(case: &Case<'_>, rows: &[Row]) -> Vec<ConnectorObject> {
    let (Some(header), Some(key)) = (rows.first(), key_column(case)) else { return Vec::new() };
    let password = property(case, "headerPassword", "password");
    let object = |row: &Row| {
        let uid = row.get(key)?.clone()?;
        let mut object = ConnectorObject::new(ObjectClass::ACCOUNT, Uid::try_new(uid.as_str()).ok()?, uid);
        for (name, cell) in header.iter().zip(row) {
            let (Some(name), Some(cell)) = (name, cell) else { continue };
            if name == names::NAME {
                object.name = cell.clone();
            } else if name == password {
                let secret = Value::GuardedString(GuardedString::new(cell));
                object.attributes.push(Attribute::single(names::PASSWORD, secret));
            } else {
                object.attributes.push(Attribute::single(name.clone(), cell.as_str()));
            }
        }
        Some(object)
    };
    rows[1..].iter().filter_map(object).collect()
}

/// The changes that ours tells.
pub(crate) fn our_deltas(case: &Case<'_>) -> Option<Json> {
    deltas(case, case.our_copy.as_deref(), case.our_since, false)
}

/// The changes that Java tells: every row that is not new is an update, whether it changed or not.
pub(crate) fn java_deltas(case: &Case<'_>) -> Option<Json> {
    deltas(case, case.java_copy.as_deref(), case.java_since, true)
}

fn deltas(case: &Case<'_>, copy: Option<&[Row]>, since: bool, of_java: bool) -> Option<Json> {
    let Step::Sync(_, _, options) = case.step else { return None };
    let token = if since { "given" } else { "new" };
    let delta = |kind: &str, object: &ConnectorObject| {
        json!({
            "type": kind, "uid": object.uid.value(), "previousUid": null, "token": token, "class": "__ACCOUNT__",
            "object": answer::object(&reduced(object.clone(), options)),
        })
    };
    let objects = |rows: &[Row]| {
        let mut all = objects(case, rows);
        let mut seen = std::collections::HashSet::new();
        // In a comparison the first of several rows with one key counts; to Java each does.
        all.retain(|object| of_java || copy.is_none() || seen.insert(object.uid.clone()));
        all
    };
    let now = objects(case.rows);
    let Some(copy) = copy else {
        return Some(now.iter().map(|object| delta("Update", object)).collect());
    };
    let before = objects(copy);
    let find = |among: &[ConnectorObject], uid: &Uid| among.iter().find(|object| object.uid == *uid).cloned();
    // To Java the header is a row, which is never gone.
    let is_header = |object: &ConnectorObject| of_java && object.uid.value() == key_header(case);
    let gone = before.iter().filter(|object| find(&now, &object.uid).is_none() && !is_header(object));
    let mut deltas: Vec<_> = gone.map(|object| delta("Delete", object)).collect();
    for object in &now {
        match find(&before, &object.uid) {
            None => deltas.push(delta("Create", object)),
            Some(old) if of_java || old != *object => deltas.push(delta("Update", object)),
            Some(_) => {}
        }
    }
    Some(Json::Array(deltas))
}
