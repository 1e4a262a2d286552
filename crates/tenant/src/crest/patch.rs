//! Patches: a list of operations, and what they do to a JSON document.

use serde_json::{Map, Number, Value as Json};

use super::{CrestError, Pointer};

/// What a patch operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PatchKind {
    /// Adds values.
    Add,
    /// Removes values.
    Remove,
    /// Sets a value.
    Replace,
    /// Adds to a number.
    Increment,
    /// Copies a member.
    Copy,
    /// Moves a member.
    Move,
    /// Runs a script on a member.
    Transform,
}

impl PatchKind {
    const ALL: [Self; 7] =
        [Self::Add, Self::Remove, Self::Replace, Self::Increment, Self::Copy, Self::Move, Self::Transform];

    /// The name in a patch.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Remove => "remove",
            Self::Replace => "replace",
            Self::Increment => "increment",
            Self::Copy => "copy",
            Self::Move => "move",
            Self::Transform => "transform",
        }
    }
}

/// One operation of a patch.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PatchOperation {
    /// What it does.
    pub(crate) kind: PatchKind,
    /// Where.
    pub(crate) field: Pointer,
    /// With what; never null for add, replace and increment.
    pub(crate) value: Option<Json>,
    /// Source of copy and move.
    pub(crate) from: Option<Pointer>,
}

/// Reads a patch.
pub(crate) fn parse_patch(content: &Json) -> Result<Vec<PatchOperation>, CrestError> {
    let items = content.as_array().ok_or_else(|| invalid("a JSON array"))?;
    items.iter().map(parse_operation).collect()
}

fn parse_operation(item: &Json) -> Result<PatchOperation, CrestError> {
    let text = |name| item.get(name).and_then(Json::as_str);
    let name = text("operation").ok_or_else(|| invalid("a valid JSON patch: an operation has no name"))?;
    let kind = PatchKind::ALL.into_iter().find(|kind| kind.as_str().eq_ignore_ascii_case(name));
    let kind = kind.ok_or_else(|| invalid(&format!("a valid JSON patch: unknown operation '{name}'")))?;
    let field = text("field").ok_or_else(|| invalid("a valid JSON patch: an operation has no field"))?;
    let value = item.get("value").filter(|value| !value.is_null()).cloned();
    let needs_value = matches!(kind, PatchKind::Add | PatchKind::Replace | PatchKind::Increment);
    if needs_value && value.is_none() {
        return Err(invalid(&format!("a valid JSON patch: operation '{name}' on '{field}' has no value")));
    }
    if kind == PatchKind::Increment && !value.as_ref().is_some_and(Json::is_number) {
        return Err(invalid(&format!("a valid JSON patch: the increment of '{field}' is not a number")));
    }
    let from = text("from").map(Pointer::parse).transpose()?;
    Ok(PatchOperation { kind, field: Pointer::parse(field)?, value, from })
}

fn invalid(what: &str) -> CrestError {
    CrestError::bad_request(format!(
        "The request could not be processed because the provided content is not {what}"
    ))
}

/// Applies a patch to a stored document. (Objects of a connector are patched by ICF updates instead.)
pub(crate) fn apply_patch(root: &mut Json, operations: &[PatchOperation]) -> Result<(), CrestError> {
    operations.iter().try_for_each(|operation| apply(root, operation))
}

fn apply(root: &mut Json, operation: &PatchOperation) -> Result<(), CrestError> {
    let field = &operation.field;
    let value = operation.value.clone().unwrap_or_default();
    match operation.kind {
        PatchKind::Add => put(root, field, value, true),
        PatchKind::Replace => put(root, field, value, false),
        PatchKind::Remove => {
            remove(root, field, operation.value.as_ref());
            Ok(())
        }
        PatchKind::Increment => {
            let old = field.get(root).ok_or_else(|| missing(field))?;
            let sum = add_numbers(old, &value).ok_or_else(|| not_a_number(field))?;
            put(root, field, sum, false)
        }
        PatchKind::Copy | PatchKind::Move => {
            let from =
                operation.from.as_ref().ok_or_else(|| invalid("a valid JSON patch: 'from' is missing"))?;
            let value = from.get(root).cloned().ok_or_else(|| missing(from))?;
            if operation.kind == PatchKind::Move {
                remove(root, from, None);
            }
            put(root, field, value, true)
        }
        PatchKind::Transform => Err(CrestError::bad_request("Unsupported patch operation: transform")),
    }
}

/// The complaint about a field that an operation needs.
pub(crate) fn missing(field: &Pointer) -> CrestError {
    CrestError::bad_request(format!("The field '{field}' does not exist"))
}

/// The complaint about a field that cannot be counted up.
pub(crate) fn not_a_number(field: &Pointer) -> CrestError {
    CrestError::bad_request(format!("The field '{field}' is not a number"))
}

/// The sum of two JSON numbers, exact for integers.
pub(crate) fn add_numbers(left: &Json, right: &Json) -> Option<Json> {
    if let (Some(left), Some(right)) = (left.as_i64(), right.as_i64()) {
        return left.checked_add(right).map(Json::from);
    }
    Number::from_f64(left.as_f64()? + right.as_f64()?).map(Json::Number)
}

/// The container that holds the last part of a pointer, with that part; objects on the way are made.
fn parent<'a, 'p>(root: &'a mut Json, field: &'p Pointer) -> Option<(&'a mut Json, &'p str)> {
    let (last, path) = field.tokens().split_last()?;
    let mut at = root;
    for token in path {
        at = match at {
            Json::Array(items) => items.get_mut(token.parse::<usize>().ok()?)?,
            other => {
                if other.is_null() {
                    *other = Json::Object(Map::new());
                }
                other.as_object_mut()?.entry(token.clone()).or_insert(Json::Null)
            }
        };
    }
    Some((at, last))
}

fn put(root: &mut Json, field: &Pointer, value: Json, add: bool) -> Result<(), CrestError> {
    let Some((container, last)) = parent(root, field) else {
        if field.tokens().is_empty() && value.is_object() {
            *root = value;
            return Ok(());
        }
        return Err(missing(field));
    };
    if container.is_null() {
        *container = if last == "-" { Json::Array(Vec::new()) } else { Json::Object(Map::new()) };
    }
    match container {
        Json::Object(members) => {
            match (members.get_mut(last), value) {
                (Some(Json::Array(old)), Json::Array(more)) if add => old.extend(more),
                (_, value) => {
                    members.insert(last.to_owned(), value);
                }
            }
            Ok(())
        }
        Json::Array(items) => put_item(items, last, value, add).ok_or_else(|| missing(field)),
        _ => Err(missing(field)),
    }
}

fn put_item(items: &mut Vec<Json>, last: &str, value: Json, add: bool) -> Option<()> {
    if last == "-" {
        items.push(value);
        return Some(());
    }
    let index: usize = last.parse().ok()?;
    if add && index <= items.len() {
        items.insert(index, value);
    } else {
        *items.get_mut(index)? = value;
    }
    Some(())
}

fn remove(root: &mut Json, field: &Pointer, value: Option<&Json>) {
    let Some((container, last)) = parent(root, field) else { return };
    match container {
        Json::Object(members) => match (members.get_mut(last), value) {
            (Some(Json::Array(items)), Some(value)) => items.retain(|item| item != value),
            (Some(old), Some(value)) if old != value => {}
            _ => {
                members.shift_remove(last);
            }
        },
        Json::Array(items) => {
            if let Ok(index) = last.parse::<usize>()
                && index < items.len()
            {
                items.remove(index);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn patched(mut root: Json, patch: &Json) -> Result<Json, CrestError> {
        apply_patch(&mut root, &parse_patch(patch)?)?;
        Ok(root)
    }

    #[test]
    fn documents_are_patched() {
        let root = json!({"a": {"n": 1}, "l": [1, 2], "x": "y"});
        let patch = json!([
            {"operation": "REPLACE", "field": "/a/m", "value": "z"},
            {"operation": "increment", "field": "a/n", "value": 4},
            {"operation": "add", "field": "/l/-", "value": 3},
            {"operation": "remove", "field": "/l", "value": 1},
            {"operation": "move", "from": "/x", "field": "/w"},
            {"operation": "add", "field": "/new/deep", "value": true},
        ]);
        assert_eq!(
            patched(root, &patch).unwrap(),
            json!({"a": {"n": 5, "m": "z"}, "l": [2, 3], "w": "y", "new": {"deep": true}})
        );
    }

    #[test]
    fn nonsense_is_refused() {
        let message = |patch: Json| patched(json!({"s": "x"}), &patch).unwrap_err().message;
        assert!(message(json!({})).contains("provided content is not a JSON array"));
        assert!(message(json!([{"operation": "zap", "field": "a"}])).contains("'zap'"));
        assert!(message(json!([{"operation": "add", "field": "a", "value": null}])).contains("no value"));
        let increment = |field: &str| json!([{"operation": "increment", "field": field, "value": 1}]);
        assert_eq!(message(increment("/s")), "The field '/s' is not a number");
        assert_eq!(message(increment("/q")), "The field '/q' does not exist");
    }
}
