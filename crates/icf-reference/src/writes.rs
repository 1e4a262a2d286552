//! Creating, changing and deleting objects.

use icf::operations::{CreateOp, DeleteOp, UpdateAttributeValuesOp, UpdateOp};
use icf::{
    Attribute, AttributeName, AttributeSet, CallContext, ConnectorError, ObjectClass, OperationOptions,
    Result, SyncDeltaType, Uid, Value, async_trait, names,
};

use crate::connector::Reference;
use crate::describe::{describe, describe_attributes, describe_uid};
use crate::schema;
use crate::world::Stored;

#[async_trait]
impl CreateOp for Reference {
    async fn create(
        &self,
        cx: &CallContext,
        class: &ObjectClass,
        attributes: AttributeSet,
        options: &OperationOptions,
    ) -> Result<Option<Uid>> {
        if self.obey(cx, options).await? {
            return Ok(None);
        }
        self.record("create", class, "null", &describe_attributes(&attributes), options);
        check(class, &attributes)?;
        let name = attributes.name().ok_or_else(name_missing)?.to_owned();
        let mut state = self.world.state();
        state.refuse_existing(class, &name)?;
        let uid = if *class == ObjectClass::GROUP {
            name.clone()
        } else {
            state.next += 1;
            state.next.to_string()
        };
        let mut object =
            Stored { class: class.clone(), uid, name, attributes: Default::default(), writes: 1 };
        for attribute in attributes {
            replace(&mut object, attribute)?;
        }
        let answer = object.uid(&self.settings)?;
        state.objects.push(object.clone());
        self.world.enter(&mut state, SyncDeltaType::Create, None, object);
        Ok(Some(answer))
    }
}

#[async_trait]
impl UpdateOp for Reference {
    async fn update(
        &self,
        cx: &CallContext,
        class: &ObjectClass,
        uid: &Uid,
        attributes: AttributeSet,
        options: &OperationOptions,
    ) -> Result<Option<Uid>> {
        if self.obey(cx, options).await? {
            return Ok(None);
        }
        self.change("update", class, uid, attributes, options, replace)
    }
}

#[async_trait]
impl UpdateAttributeValuesOp for Reference {
    async fn add_attribute_values(
        &self,
        cx: &CallContext,
        class: &ObjectClass,
        uid: &Uid,
        attributes: AttributeSet,
        options: &OperationOptions,
    ) -> Result<Option<Uid>> {
        if self.obey(cx, options).await? {
            return Ok(None);
        }
        self.change("addAttributeValues", class, uid, attributes, options, add)
    }

    async fn remove_attribute_values(
        &self,
        cx: &CallContext,
        class: &ObjectClass,
        uid: &Uid,
        attributes: AttributeSet,
        options: &OperationOptions,
    ) -> Result<Option<Uid>> {
        if self.obey(cx, options).await? {
            return Ok(None);
        }
        self.change("removeAttributeValues", class, uid, attributes, options, remove)
    }
}

#[async_trait]
impl DeleteOp for Reference {
    async fn delete(
        &self,
        cx: &CallContext,
        class: &ObjectClass,
        uid: &Uid,
        options: &OperationOptions,
    ) -> Result<()> {
        if self.obey(cx, options).await? {
            return Ok(());
        }
        self.record("delete", class, &describe_uid(uid), "null", options);
        schema::check_class(class)?;
        let mut state = self.world.state();
        let place = state.find(class, uid.value())?;
        state.objects[place].check_revision(uid, &self.settings)?;
        let object = state.objects.remove(place);
        self.world.enter(&mut state, SyncDeltaType::Delete, None, object);
        Ok(())
    }
}

impl Reference {
    fn change(
        &self,
        operation: &str,
        class: &ObjectClass,
        uid: &Uid,
        attributes: AttributeSet,
        options: &OperationOptions,
        apply: fn(&mut Stored, Attribute) -> Result<()>,
    ) -> Result<Option<Uid>> {
        self.record(operation, class, &describe_uid(uid), &describe_attributes(&attributes), options);
        check(class, &attributes)?;
        if attributes.get("notUpdateable").is_some() {
            return Err(ConnectorError::invalid_attribute_value("Not updateable: notUpdateable"));
        }
        let mut state = self.world.state();
        let place = state.find(class, uid.value())?;
        let mut object = state.objects[place].clone();
        object.check_revision(uid, &self.settings)?;
        let (old_uid, old_name) = (object.uid.clone(), object.name.clone());
        for attribute in attributes {
            apply(&mut object, attribute)?;
        }
        if object.name != old_name {
            state.refuse_existing(class, &object.name)?;
            if *class == ObjectClass::GROUP {
                object.uid = object.name.clone();
            }
        }
        object.writes += 1;
        let answer = object.uid(&self.settings)?;
        let moved = object.uid != old_uid;
        let kind = if moved { SyncDeltaType::CreateOrUpdate } else { SyncDeltaType::Update };
        state.objects[place] = object.clone();
        self.world.enter(&mut state, kind, moved.then_some(old_uid), object);
        Ok(Some(answer))
    }
}

fn check(class: &ObjectClass, attributes: &AttributeSet) -> Result<()> {
    schema::check_class(class)?;
    // The first by name, so that both connectors name the same one.
    let mut spelled: Vec<&AttributeName> = attributes.iter().map(|attribute| &attribute.name).collect();
    spelled.sort();
    spelled.into_iter().try_for_each(|name| schema::check_attribute(class, name.as_str()))
}

fn name_missing() -> ConnectorError {
    ConnectorError::invalid_attribute_value("The name is missing.")
}

fn replace(object: &mut Stored, attribute: Attribute) -> Result<()> {
    if attribute.name.is(names::NAME) {
        attribute.as_str().ok_or_else(name_missing)?.clone_into(&mut object.name);
    } else {
        set(object, attribute.name, attribute.values.unwrap_or_default());
    }
    Ok(())
}

fn add(object: &mut Stored, attribute: Attribute) -> Result<()> {
    let mut values = object.attributes.get(&attribute.name).cloned().unwrap_or_default();
    for value in attribute.values.unwrap_or_default() {
        if !values.iter().any(|held| same(held, &value)) {
            values.push(value);
        }
    }
    set(object, attribute.name, values);
    Ok(())
}

fn remove(object: &mut Stored, attribute: Attribute) -> Result<()> {
    let mut values = object.attributes.get(&attribute.name).cloned().unwrap_or_default();
    values.retain(|held| !attribute.values().iter().any(|value| same(held, value)));
    set(object, attribute.name, values);
    Ok(())
}

fn set(object: &mut Stored, name: AttributeName, values: Vec<Value>) {
    if values.is_empty() {
        object.attributes.remove(&name);
    } else {
        object.attributes.insert(name, values);
    }
}

fn same(left: &Value, right: &Value) -> bool {
    describe(left) == describe(right)
}
