//! `objectTypes` of a provisioner file.

use icf::{AttributeName, ObjectClass, ValueType};
use serde_json::{Map, Value as Json};

use super::native::native_type;

/// The type that stands for all classes.
pub(crate) const ALL_TYPE: &str = "__ALL__";

/// All object types of a system, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ObjectTypes(Vec<ObjectType>);

/// An object type: how a class of the connector looks over REST.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ObjectType {
    /// Name in REST paths.
    pub(crate) name: String,
    /// The connector's object class.
    pub(crate) class: ObjectClass,
    /// Its properties, in order.
    pub(crate) properties: Vec<Property>,
    /// Leave null values out of results.
    pub(crate) absent_if_null: bool,
    /// Leave empty lists out of results.
    pub(crate) absent_if_empty: bool,
}

/// A property of an object type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Property {
    /// Name over REST.
    pub(crate) name: String,
    /// Declared JSON type.
    pub(crate) json_type: String,
    /// The connector's attribute.
    pub(crate) native_name: AttributeName,
    /// The type of each value.
    pub(crate) value_type: ValueType,
    /// Whether it is a list.
    pub(crate) multivalued: bool,
    /// Must be given at create.
    pub(crate) required: bool,
    /// Is written with the rights of the person concerned.
    pub(crate) run_as_user: bool,
    /// May be given at create.
    pub(crate) creatable: bool,
    /// May be changed.
    pub(crate) updateable: bool,
    /// May be read.
    pub(crate) readable: bool,
    /// Is asked for unless the caller says otherwise.
    pub(crate) returned_by_default: bool,
}

impl ObjectTypes {
    /// Reads the member `objectTypes`; adds the type for all classes when none is declared.
    pub(crate) fn parse(json: &Json) -> Result<Self, String> {
        let none = Map::new();
        let members = match json {
            Json::Null => &none,
            Json::Object(members) => members,
            _ => return Err("objectTypes must be an object".to_owned()),
        };
        let mut types = members
            .iter()
            .map(|(name, json)| ObjectType::parse(name, json))
            .collect::<Result<Vec<_>, _>>()?;
        if !types.iter().any(|object_type| object_type.class == ObjectClass::ALL) {
            types.push(ObjectType::all());
        }
        Ok(Self(types))
    }

    /// The type of that name.
    pub(crate) fn get(&self, name: &str) -> Option<&ObjectType> {
        self.0.iter().find(|object_type| object_type.name == name)
    }

    /// The first type of that class.
    pub(crate) fn of_class(&self, class: &ObjectClass) -> Option<&ObjectType> {
        self.0.iter().find(|object_type| object_type.class == *class)
    }

    /// Names of all types.
    #[cfg(test)]
    fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|object_type| object_type.name.as_str())
    }
}

impl ObjectType {
    fn all() -> Self {
        Self {
            name: ALL_TYPE.to_owned(),
            class: ObjectClass::ALL,
            properties: Vec::new(),
            absent_if_null: true,
            absent_if_empty: false,
        }
    }

    fn parse(name: &str, json: &Json) -> Result<Self, String> {
        let native = json.get("nativeType").and_then(Json::as_str);
        let native = native.ok_or_else(|| format!("objectTypes/{name}/nativeType is missing"))?;
        let class = ObjectClass::from(native);
        let properties = match json.get("properties") {
            Some(_) if class == ObjectClass::ALL => {
                return Err("Properties is not allowed for the __ALL__ object class".to_owned());
            }
            Some(Json::Object(members)) => {
                members.iter().map(|(name, json)| Property::parse(name, json)).collect::<Result<_, _>>()?
            }
            None if class == ObjectClass::ALL => Vec::new(),
            _ => return Err(format!("objectTypes/{name}/properties is missing")),
        };
        let flag = |member: &str, default| json.get(member).and_then(Json::as_bool).unwrap_or(default);
        Ok(Self {
            name: name.to_owned(),
            class,
            properties,
            absent_if_null: flag("absentIfNull", true),
            absent_if_empty: flag("absentIfEmpty", false),
        })
    }

    /// The property of that name, as spelled.
    pub(crate) fn property(&self, name: &str) -> Option<&Property> {
        self.properties.iter().find(|property| property.name == name)
    }

    /// The property that holds `__NAME__`.
    pub(crate) fn name_property(&self) -> Option<&Property> {
        self.properties.iter().find(|property| property.is_name())
    }

    /// The attributes asked for unless the caller says otherwise.
    pub(crate) fn default_attributes(&self) -> Vec<&str> {
        let shown = self.properties.iter().filter(|property| property.returned_by_default);
        shown.map(|property| property.native_name.as_str()).collect()
    }
}

impl Property {
    fn parse(name: &str, json: &Json) -> Result<Self, String> {
        let text = |json: &Json, member: &str| json.get(member).and_then(Json::as_str).map(str::to_owned);
        let json_type = text(json, "type").ok_or_else(|| format!("Property {name} has no type"))?;
        let flags: Vec<&str> = match json.get("flags") {
            Some(Json::Array(flags)) => flags.iter().filter_map(Json::as_str).collect(),
            _ => Vec::new(),
        };
        let has = |flag: &str| flags.contains(&flag);
        let is_array = json_type == "array";
        let native = text(json, "nativeType").or_else(|| {
            // `array` alone says nothing of the values; their own description does.
            let items = json.get("items").filter(|_| is_array)?;
            text(items, "nativeType").or_else(|| text(items, "type"))
        });
        let yes = |member| json.get(member).and_then(Json::as_bool).unwrap_or(false);
        Ok(Self {
            name: name.to_owned(),
            native_name: text(json, "nativeName").unwrap_or_else(|| name.to_owned()).into(),
            value_type: native_type(native.as_deref().unwrap_or(&json_type))?,
            multivalued: is_array || has("MULTIVALUED"),
            json_type,
            required: yes("required"),
            run_as_user: yes("runAsUser"),
            creatable: !has("NOT_CREATABLE"),
            updateable: !has("NOT_UPDATEABLE"),
            readable: !has("NOT_READABLE"),
            returned_by_default: !has("NOT_RETURNED_BY_DEFAULT"),
        })
    }

    /// Whether it holds `__NAME__`.
    pub(crate) fn is_name(&self) -> bool {
        self.native_name.is(icf::names::NAME)
    }

    /// Whether it holds a password, of which null means "not given".
    pub(crate) fn is_password(&self) -> bool {
        self.native_name.is(icf::names::PASSWORD) || self.native_name.is(icf::names::CURRENT_PASSWORD)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn defaults_are_the_propertys_own_name_and_type() {
        let types = ObjectTypes::parse(&json!({"account": {"nativeType": "__ACCOUNT__", "properties": {
            "a": {"type": "string"},
            "l": {"type": "array", "items": {"type": "string", "nativeType": "JAVA_TYPE_LONG"}},
            "m": {"type": "string", "nativeName": "other", "flags": ["MULTIVALUED", "AUDITED"]},
        }}}))
        .unwrap();
        let account = types.get("account").unwrap();
        assert_eq!(account.default_attributes(), ["a", "l", "other"]);
        assert_eq!(account.property("l").unwrap().value_type, ValueType::Long);
        assert!(account.property("m").unwrap().multivalued);
        assert_eq!(types.names().collect::<Vec<_>>(), ["account", "__ALL__"]);
    }

    #[test]
    fn the_type_for_all_classes_has_no_properties() {
        let error = ObjectTypes::parse(&json!({"all": {"nativeType": "__ALL__", "properties": {}}}));
        assert_eq!(error.unwrap_err(), "Properties is not allowed for the __ALL__ object class");
        let types = ObjectTypes::parse(&json!({"everything": {"nativeType": "__ALL__"}})).unwrap();
        assert_eq!(types.names().collect::<Vec<_>>(), ["everything"]);
    }

    #[test]
    fn an_unsupported_type_stops_the_system() {
        let json = json!({"a": {"nativeType": "x", "properties": {"p": {"type": "array"}}}});
        assert_eq!(
            ObjectTypes::parse(&json).unwrap_err(),
            "Attribute type 'interface java.util.List' is not supported."
        );
    }
}
