//! `_fields`: which members of a resource the answer shows.

use serde_json::{Map, Value as Json};

use super::Pointer;

/// Reduces a resource to `_id`, `_rev` and the members pointed at, each named by the pointer's last part. No pointer, or
/// one at everything, leaves the resource as it is.
pub(crate) fn project(resource: Json, fields: &[Pointer]) -> Json {
    let everything = |field: &Pointer| matches!(field.tokens(), []) || field.tokens() == ["*"];
    if fields.is_empty() || fields.iter().any(everything) {
        return resource;
    }
    let mut shown = Map::new();
    for name in ["_id", "_rev"] {
        if let Some(value) = resource.get(name) {
            shown.insert(name.to_owned(), value.clone());
        }
    }
    for field in fields {
        if let (Some(name), Some(value)) = (field.last(), field.get(&resource)) {
            shown.insert(name.to_owned(), value.clone());
        }
    }
    Json::Object(shown)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn members_are_named_by_the_last_part() {
        let resource = json!({"_id": "1", "a": {"b": 2}, "c": 3});
        let field = |text: &str| Pointer::parse(text).unwrap();
        assert_eq!(project(resource.clone(), &[field("a/b"), field("x")]), json!({"_id": "1", "b": 2}));
        assert_eq!(project(resource.clone(), &[field("c"), field("*")]), resource);
        assert_eq!(project(resource.clone(), &[field("/")]), resource);
    }
}
