//! Turns records into objects.

use std::borrow::Cow;

use icf::{
    Attribute, AttributeName, ConnectorObject, GuardedString, ObjectClass, OperationOptions, Uid, Value,
    names,
};
use zeroize::Zeroize;

use crate::columns::{Columns, Role};
use crate::fault::{Fault, Result};
use crate::record::Record;

/// Which columns become attributes of the objects a caller gets.
#[derive(Debug)]
pub(crate) struct Projection {
    attributes: Vec<(usize, AttributeName)>,
    password: Option<usize>,
    name: Option<usize>,
    key: usize,
}

impl Projection {
    /// What the caller asks for; everything if it does not say.
    pub(crate) fn new(columns: &Columns, options: &OperationOptions) -> Self {
        let wanted = options.attributes_to_get().filter(|names| !names.is_empty());
        let is_wanted = |index: usize, role: Role| match &wanted {
            None => true,
            Some(names) if role == Role::Password => {
                names.iter().any(|name| icf::same_name(name, names::PASSWORD))
            }
            Some(names) => names.iter().any(|name| columns.find(name) == Some(index)),
        };
        let attributes = columns
            .iter()
            .filter(|(_, column)| match column.role {
                Role::Plain | Role::Password => true,
                Role::Key => columns.key_under_header(),
                Role::Name | Role::Hidden => false,
            })
            .filter(|(index, column)| is_wanted(*index, column.role))
            .map(|(index, column)| (index, column.attribute.clone()))
            .collect();
        Self { attributes, password: columns.password(), name: columns.name(), key: columns.key() }
    }

    /// The object of a row.
    pub(crate) fn object(&self, row: &Record<'_>) -> Result<ConnectorObject> {
        let uid = uid(row, self.key)?;
        let name = match self.name.and_then(|column| row.text(column)) {
            Some(name) => name.into_owned(),
            None => uid.value().to_owned(),
        };
        let mut object = ConnectorObject::new(ObjectClass::ACCOUNT, uid, name);
        object.attributes.reserve_exact(self.attributes.len());
        for (column, attribute) in &self.attributes {
            let Some(text) = row.text(*column) else { continue };
            let value =
                if Some(*column) == self.password { guarded(text) } else { Value::String(text.into_owned()) };
            object.attributes.push(Attribute { name: attribute.clone(), values: Some(vec![value]) });
        }
        Ok(object)
    }
}

/// The identity a row stands for.
pub(crate) fn uid(row: &Record<'_>, key: usize) -> Result<Uid> {
    let text = row.text(key).unwrap_or_default();
    Uid::try_new(&*text)
        .map_err(|_| Fault::connector(format!("The record in line {} has a blank key", row.line)))
}

fn guarded(text: Cow<'_, str>) -> Value {
    let secret = GuardedString::new(&text);
    if let Cow::Owned(mut clear) = text {
        clear.zeroize();
    }
    Value::GuardedString(secret)
}
