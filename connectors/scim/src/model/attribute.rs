//! One attribute of a schema.

use icf::AttributeName;
use serde_json::{Map, Value as Json};

use icf_http::json::member;

/// What its values are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Text, reference, date or binary; also whatever is not known.
    Text,
    Date,
    Boolean,
    Integer,
    Decimal,
    Complex,
}

/// Who may change it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mutability {
    ReadOnly,
    ReadWrite,
    Immutable,
    WriteOnly,
}

/// When it is returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Returned {
    Always,
    Never,
    Default,
    Request,
}

/// An attribute as a schema describes it.
#[derive(Clone, Debug)]
pub(crate) struct AttributeDef {
    pub(crate) name: String,
    /// The same, cheap to clone.
    pub(crate) attribute: AttributeName,
    pub(crate) kind: Kind,
    pub(crate) multi: bool,
    pub(crate) required: bool,
    pub(crate) case_exact: bool,
    pub(crate) mutability: Mutability,
    pub(crate) returned: Returned,
    /// Unique on the whole server or beyond.
    pub(crate) unique: bool,
    pub(crate) sub: Vec<Self>,
}

impl AttributeDef {
    /// A single-valued optional attribute.
    pub(crate) fn new(name: &str, kind: Kind) -> Self {
        Self {
            name: name.to_owned(),
            attribute: name.into(),
            kind,
            multi: false,
            required: false,
            case_exact: false,
            mutability: Mutability::ReadWrite,
            returned: Returned::Default,
            unique: false,
            sub: Vec::new(),
        }
    }

    /// Reads one of a schema; words that are not known get the widest meaning. Sub-attributes have none themselves.
    pub(crate) fn read(json: &Json, depth: usize) -> Option<Self> {
        let object = json.as_object()?;
        let text = |name: &str| member(object, name).and_then(Json::as_str).unwrap_or_default();
        let truth = |name: &str| is_true(member(object, name));
        let name = text("name").trim();
        if name.is_empty() || name.len() > 200 {
            return None;
        }
        let kind = match text("type").to_ascii_lowercase().as_str() {
            "boolean" => Kind::Boolean,
            "integer" => Kind::Integer,
            "decimal" => Kind::Decimal,
            "datetime" => Kind::Date,
            "complex" => Kind::Complex,
            _ => Kind::Text,
        };
        let mutability = match text("mutability").to_ascii_lowercase().as_str() {
            "readonly" => Mutability::ReadOnly,
            "immutable" => Mutability::Immutable,
            "writeonly" => Mutability::WriteOnly,
            // SCIM 1.1 has a flag instead.
            "" if truth("readOnly") => Mutability::ReadOnly,
            _ => Mutability::ReadWrite,
        };
        let returned = match text("returned").to_ascii_lowercase().as_str() {
            "always" => Returned::Always,
            "never" => Returned::Never,
            "request" => Returned::Request,
            _ => Returned::Default,
        };
        let sub = if depth == 0 {
            Vec::new()
        } else {
            let list = member(object, "subAttributes").and_then(Json::as_array);
            list.into_iter().flatten().filter_map(|json| Self::read(json, depth - 1)).collect()
        };
        Some(Self {
            name: name.to_owned(),
            attribute: name.into(),
            kind,
            multi: truth("multiValued"),
            required: truth("required"),
            case_exact: truth("caseExact"),
            mutability,
            returned,
            unique: matches!(text("uniqueness").to_ascii_lowercase().as_str(), "server" | "global"),
            sub,
        })
    }

    /// The sub-attribute of that name.
    pub(crate) fn sub(&self, name: &str) -> Option<&Self> {
        self.sub.iter().find(|sub| sub.name.eq_ignore_ascii_case(name))
    }

    /// Whether the service sets it and nobody else.
    pub(crate) fn is_made_by_the_service(&self) -> bool {
        self.mutability == Mutability::ReadOnly
    }

    /// Whether its values are objects of which the member `value` is meant when there is only a text.
    pub(crate) fn is_list_of_objects(&self) -> bool {
        self.multi && self.kind == Kind::Complex
    }

    /// Whether it is shown as a list of texts although its values are objects.
    pub(crate) fn shows_values_only(&self) -> bool {
        self.is_list_of_objects() && self.name.eq_ignore_ascii_case("roles")
    }
}

/// True, also as a text.
pub(crate) fn is_true(json: Option<&Json>) -> bool {
    match json {
        Some(Json::Bool(truth)) => *truth,
        Some(Json::String(text)) => text.eq_ignore_ascii_case("true"),
        _ => false,
    }
}

/// The attributes of a schema resource.
pub(crate) fn attributes_of(schema: &Map<String, Json>) -> Vec<AttributeDef> {
    let list = member(schema, "attributes").and_then(Json::as_array);
    list.into_iter().flatten().filter_map(|json| AttributeDef::read(json, 1)).collect()
}
