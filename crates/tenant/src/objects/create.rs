//! `POST` of a new object.

use icf::{ApiOperation, Attribute, AttributeName, AttributeSet, names};
use icf_wire::rpc::Operation;
use serde_json::{Map, Value as Json};

use super::Collection;
use crate::crest::{Answer, CrestError};
use crate::types::build_attribute;

impl Collection<'_> {
    pub(super) async fn create(&self) -> Result<Answer, CrestError> {
        self.admit(ApiOperation::Create)?;
        let content = self.request.content();
        let none = Map::new();
        let members = content.as_object().unwrap_or(&none);
        for name in members.keys() {
            self.declared(name)?;
        }
        let name = self.new_name(members);
        let mut attributes = AttributeSet::new();
        if let Some(name) = &name {
            attributes.push(Attribute::single(AttributeName::from_static(names::NAME), name.as_str()));
        }
        self.add_members(members, &mut attributes)?;
        let failing = self.failing("CREATE", name.as_deref());
        let operation = Operation::Create {
            class: self.class(),
            attributes: Some(attributes),
            options: self.default_options(),
        };
        let uid = self.call_for_uid(operation).await.map_err(|error| failing.map(&error))?;
        let uid =
            uid.ok_or_else(|| CrestError::internal("The connector created an object without identity"))?;
        let shown = self.show_after(&uid, &failing).await?;
        let id = shown.get("_id").and_then(Json::as_str).unwrap_or_else(|| uid.value()).to_owned();
        Ok(Answer::created(shown, self.path.split('/').chain([id.as_str()])))
    }

    /// The new object's name, literally: its own property, else `_id`.
    fn new_name(&self, members: &Map<String, Json>) -> Option<String> {
        let own = self.object_type.name_property().and_then(|property| members.get(&property.name));
        let name = own.and_then(Json::as_str).or_else(|| members.get("_id").and_then(Json::as_str));
        name.map(str::to_owned)
    }

    fn add_members(
        &self,
        members: &Map<String, Json>,
        attributes: &mut AttributeSet,
    ) -> Result<(), CrestError> {
        for property in &self.object_type.properties {
            if property.is_name() || property.native_name.is(names::UID) || !property.creatable {
                continue;
            }
            let given = members.get(&property.name).filter(|value| !value.is_null());
            match given {
                None if property.required => {
                    return Err(CrestError::bad_request(format!(
                        "Required attribute '{}' value is null",
                        property.name
                    )));
                }
                None => {}
                Some(Json::Array(items)) if items.is_empty() => {}
                Some(value) => {
                    let built = build_attribute(property, value);
                    let built = built.map_err(|error| CrestError::internal(error.to_string()))?;
                    built.into_iter().for_each(|attribute| attributes.push(attribute));
                }
            }
        }
        Ok(())
    }
}
