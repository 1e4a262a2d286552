//! Updates given as differences, which only ConnId has: for each attribute the values to add and to remove, or those to
//! replace all others. Every connector can be told the same with updates of the three kinds.

use icf::{Attribute, AttributeSet, ConnectorError, Result, Uid, Value, names};

use crate::binary::raw::Raw;
use crate::binary::typed::{containers, value};
use crate::binary::writer::Writer;
use crate::binary::{DecodeError, EncodeError};
use crate::rpc::UpdateKind;

/// Reads a set of differences as the updates that bring them about. Values are removed before others are added, so that
/// an attribute of one value can take another; what replaces comes last, for it may rename the object.
pub(super) fn read(set: &Raw<'_>) -> Result<Vec<(UpdateKind, AttributeSet)>> {
    let [mut remove, mut add, mut replace] = [AttributeSet::new(), AttributeSet::new(), AttributeSet::new()];
    for delta in containers::elements(set)? {
        delta.expect("AttributeDelta")?;
        let name = delta.object("Name")?.map(|name| containers::read_text(&name)).transpose()?;
        let name = name.filter(|name| !name.trim().is_empty()).ok_or_else(|| {
            ConnectorError::illegal_argument("An AttributeDelta needs the name of an attribute")
        })?;
        let [added, removed] = [values(&delta, "ValuesToAdd")?, values(&delta, "ValuesToRemove")?];
        if added.is_none() && removed.is_none() {
            let values = values(&delta, "ValuesToReplace")?;
            replace.push(Attribute { name: name.as_str().into(), values });
            continue;
        }
        for (values, into) in [(added, &mut add), (removed, &mut remove)] {
            // An empty list changes nothing.
            if let Some(values) = values.filter(|values| !values.is_empty()) {
                into.push(Attribute::new(name.as_str(), values));
            }
        }
    }
    let updates = [(UpdateKind::Remove, remove), (UpdateKind::Add, add), (UpdateKind::Replace, replace)];
    Ok(updates.into_iter().filter(|(_, attributes)| !attributes.is_empty()).collect())
}

fn values(delta: &Raw<'_>, field: &str) -> Result<Option<Vec<Value>>, DecodeError> {
    let Some(list) = delta.object(field)? else { return Ok(None) };
    let values: Vec<Value> = list.items().map(|item| value::read(&item?)).collect::<Result<_, _>>()?;
    match values.iter().find(|value| !value.is_attribute_value()) {
        Some(illegal) => Err(DecodeError::refused(format!(
            "{field}: values of type {} are not legal",
            illegal.type_name()
        ))),
        None => Ok(Some(values)),
    }
}

/// Writes what an update brought about besides what was asked for: nothing, or a new identity.
pub(super) fn write_side_effects(w: &mut Writer<'_>, uid: Option<&Uid>) -> Result<(), EncodeError> {
    containers::items(w, "Set", uid, |w, uid| {
        w.object("AttributeDelta", |w| {
            w.named("Name", |w| containers::text(w, names::UID))?;
            w.named("ValuesToAdd", Writer::null)?;
            w.named("ValuesToRemove", Writer::null)?;
            w.named("ValuesToReplace", |w| containers::items(w, "List", [uid.value()], containers::text))
        })
    })
}
