//! Objects as texts that are equal when the objects are, up to what belongs to one run: the order of sets and maps, the
//! start time of the server, stack traces.

use icf_wire::binary::{Field, Object};

pub(crate) fn print(object: &Object) -> String {
    match object {
        Object::Null => "null".to_owned(),
        Object::String(text) => format!("{text:?}"),
        Object::Class(class) => class.to_string(),
        Object::Map(map) => {
            let entry = |(key, value): &(Object, Object)| match key {
                Object::String(name) if name == "SERVER_START_TIME" => {
                    format!("{name}: {}", value.type_name())
                }
                key => format!("{}: {}", print(key), print(value)),
            };
            format!("Map{{{}}}", sorted(map.entries.iter().map(entry)))
        }
        Object::Set(set) => format!("Set[{}]", sorted(set.items.iter().map(print))),
        Object::List(items) => format!("List[{}]", joined(items.iter().map(print))),
        Object::Array(array) => format!("{}[{}]", array.component, joined(array.items.iter().map(print))),
        Object::Record(record) => {
            let fields = record.fields().filter(|(name, _)| *name != "stackTrace");
            let fields = fields.filter_map(|(name, field)| Some(format!("{name}={}", print_field(field)?)));
            let items = record.items().iter().map(print);
            format!("{}({})", record.type_name(), joined(fields.chain(items)))
        }
        leaf => format!("{leaf:?}"),
    }
}

/// None for what is absent.
fn print_field(field: &Field) -> Option<String> {
    Some(match field {
        Field::Text(text) => format!("{:?}", text.as_ref()?),
        Field::I32(value) => value.to_string(),
        Field::I64(value) => value.to_string(),
        Field::Bool(value) => value.to_string(),
        Field::Class(class) => class.as_ref()?.to_string(),
        Field::Object(Object::Null) => return None,
        Field::Object(object) => print(object),
    })
}

fn joined(texts: impl Iterator<Item = String>) -> String {
    texts.collect::<Vec<_>>().join(", ")
}

fn sorted(texts: impl Iterator<Item = String>) -> String {
    let mut texts: Vec<String> = texts.collect();
    texts.sort();
    texts.join(", ")
}
