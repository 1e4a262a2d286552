//! Between JSON and ICF values: object types of a provisioner file, native types, coercion both ways, schema to JSON.

mod attribute;
mod java_name;
mod native;
mod number;
mod object;
mod object_type;
mod schema;
mod to_icf;
mod to_json;

pub(crate) use attribute::{build_attribute, coerce_single};
pub(crate) use native::{native_name_of, native_type};
pub(crate) use object::object_to_json;
pub(crate) use object_type::{ALL_TYPE, ObjectType, ObjectTypes, Property};
pub(crate) use schema::{OPERATION_NAMES, schema_to_json};
pub(crate) use to_icf::{coerce, natural_value};
pub(crate) use to_json::natural_json;
