//! The schema: one class, one attribute a column.

use std::sync::Arc;

use icf::{
    AttributeFlag, AttributeInfo, AttributeName, ObjectClass, ObjectClassInfo, OperationSet, Schema,
    SchemaBuilder, ValueType, names,
};

use crate::columns::{Columns, Role};
use crate::fault::Result;
use crate::settings::Settings;
use crate::table::Table;

/// Reads the header and describes it.
pub(crate) fn schema(settings: &Arc<Settings>, supported: OperationSet) -> Result<Schema> {
    let table = Table::open(settings)?;
    let class = ObjectClassInfo::try_new(ObjectClass::ACCOUNT, attributes(&table.columns))?;
    Ok(SchemaBuilder::new(supported).class(class).build()?)
}

fn attributes(columns: &Columns) -> Vec<AttributeInfo> {
    let text = |name: AttributeName| AttributeInfo::new(name, ValueType::String);
    let mut attributes = vec![
        text(AttributeName::from_static(names::UID)),
        text(AttributeName::from_static(names::NAME)).with(AttributeFlag::Required),
    ];
    attributes.extend(columns.iter().filter_map(|(_, column)| {
        match column.role {
            Role::Plain => Some(text(column.attribute.clone())),
            Role::Password => Some(
                AttributeInfo::new(column.attribute.clone(), ValueType::GuardedString)
                    .with(AttributeFlag::NotReadable)
                    .with(AttributeFlag::NotReturnedByDefault),
            ),
            Role::Key | Role::Name | Role::Hidden => None,
        }
    }));
    attributes
}
