//! `PUT` of an object.

use icf::{ApiOperation, AttributeSet, ConnectorObject, OperationOptions, Uid, names};
use icf_wire::rpc::{Operation, UpdateKind};
use serde_json::{Map, Value as Json};

use super::Collection;
use super::failure::Failing;
use crate::crest::{Answer, CrestError};
use crate::types::{Property, build_attribute, object_to_json};

impl Collection<'_> {
    pub(super) async fn update(&self, id: &str, revision: Option<&str>) -> Result<Answer, CrestError> {
        self.admit(ApiOperation::Update)?;
        let content = self.request.content();
        let none = Map::new();
        let members = content.as_object().unwrap_or(&none);
        for name in members.keys() {
            self.declared(name)?;
        }
        let failing = self.failing("UPDATE", Some(id));
        let mut uid = Self::uid(id, revision)?;
        let before = self.get(&uid).await.map_err(|error| failing.map(&error))?;
        let excluded = self.system.document.exclude_unmodified;
        let known = before.as_ref().filter(|_| excluded);
        match self.run_as(before.as_ref()) {
            None => {
                let all = self.attributes(members, known, |_| true)?;
                if !(excluded && all.is_empty()) {
                    uid = self.replace(&uid, all, self.default_options(), &failing).await?;
                }
            }
            Some(run_as) => {
                let own = self.attributes(members, known, |property| property.run_as_user)?;
                if !own.is_empty() {
                    let mut options = self.default_options();
                    run_as.apply(&mut options);
                    uid = self.replace(&uid, own, options, &failing).await?;
                }
                let rest = self.attributes(members, known, |property| !property.run_as_user)?;
                uid = self.replace(&uid, rest, self.default_options(), &failing).await?;
            }
        }
        self.show_after(&uid, &failing).await.map(Answer::ok)
    }

    /// The attributes of declared members that may be changed; those equal to `known` are left out.
    fn attributes(
        &self,
        members: &Map<String, Json>,
        known: Option<&ConnectorObject>,
        wanted: impl Fn(&Property) -> bool,
    ) -> Result<AttributeSet, CrestError> {
        let known = known.map(|object| object_to_json(self.object_type, object)).transpose();
        let known = known.map_err(CrestError::internal)?;
        let mut attributes = AttributeSet::new();
        let writable = |property: &&Property| property.updateable && !property.native_name.is(names::UID);
        for property in
            self.object_type.properties.iter().filter(writable).filter(|property| wanted(property))
        {
            let Some(value) = members.get(&property.name) else { continue };
            if known.as_ref().is_some_and(|known| known.get(&property.name) == Some(value)) {
                continue;
            }
            let built = build_attribute(property, value);
            let built = built.map_err(|error| CrestError::internal(error.to_string()))?;
            built.into_iter().for_each(|attribute| attributes.push(attribute));
        }
        Ok(attributes)
    }

    async fn replace(
        &self,
        uid: &Uid,
        attributes: AttributeSet,
        options: OperationOptions,
        failing: &Failing<'_>,
    ) -> Result<Uid, CrestError> {
        let written = self.write(UpdateKind::Replace, uid, attributes, options).await;
        written.map_err(|error| failing.map(&error))
    }

    /// One update; answers the object's identity after it.
    pub(super) async fn write(
        &self,
        kind: UpdateKind,
        uid: &Uid,
        attributes: AttributeSet,
        options: OperationOptions,
    ) -> Result<Uid, icf::ConnectorError> {
        let operation = Operation::Update {
            kind,
            class: self.class(),
            uid: Some(uid.clone()),
            attributes: Some(attributes),
            options,
        };
        let answered = self.call_for_uid(operation).await?;
        Ok(answered.unwrap_or_else(|| uid.clone()))
    }
}
