//! A request object to a typed operation.

use bytes::Bytes;
use icf::{ConnectorError, Locale, Result};

use super::arguments::Arguments;
use super::method::{self, Method};
use super::{Call, Deltas, Work};
use crate::binary::raw::Raw;
use crate::binary::typed::configuration;
use crate::rpc::{FacadeKey, Operation, UpdateKind};

/// Reads an operation request.
///
/// # Errors
/// What to answer when it makes no sense.
pub(super) fn read(raw: &Raw<'_>, locale: Option<Locale>) -> Result<Call> {
    let operation = raw.class_field("operation")?.ok_or_else(|| missing("operation"))?;
    if operation.dimensions() > 0 {
        return Err(ConnectorError::illegal_argument("An array is no operation"));
    }
    let name = raw.text("operationMethodName")?.unwrap_or_default();
    let method = method::find(operation.name(), &name)?;
    let key = raw.object("ConnectorKey")?.ok_or_else(|| missing("ConnectorKey"))?;
    let facade_key = raw.text("connectorFacadeKey")?.ok_or_else(|| missing("connectorFacadeKey"))?;
    Ok(Call {
        locale,
        connector: configuration::read_key(&key)?,
        facade_key: FacadeKey::new(Bytes::from(facade_key.into_owned())),
        work: work(method, &mut Arguments::read(raw)?)?,
    })
}

fn missing(member: &str) -> ConnectorError {
    ConnectorError::null_pointer(format!("The request has no {member}."))
}

/// Arguments are read in the order in which they are sent; surplus ones are passed over.
fn work(method: Method, arguments: &mut Arguments<'_>) -> Result<Work> {
    Ok(Work::Operation(match method {
        Method::Authenticate => Operation::Authenticate {
            class: arguments.object_class()?,
            username: arguments.text()?,
            password: arguments.password()?,
            options: arguments.options()?,
        },
        Method::Create => Operation::Create {
            class: arguments.object_class()?,
            attributes: arguments.attributes()?,
            options: arguments.options()?,
        },
        Method::Delete => Operation::Delete {
            class: arguments.object_class()?,
            uid: arguments.uid()?,
            options: arguments.options()?,
        },
        Method::Get => Operation::Get {
            class: arguments.object_class()?,
            uid: arguments.uid()?,
            options: arguments.options()?,
        },
        Method::LatestSyncToken => Operation::LatestSyncToken { class: arguments.object_class()? },
        Method::ResolveUsername => Operation::ResolveUsername {
            class: arguments.object_class()?,
            username: arguments.text()?,
            options: arguments.options()?,
        },
        Method::Schema => Operation::Schema,
        Method::ScriptOnConnector => {
            Operation::ScriptOnConnector { script: arguments.script()?, options: arguments.options()? }
        }
        Method::ScriptOnResource => {
            Operation::ScriptOnResource { script: arguments.script()?, options: arguments.options()? }
        }
        Method::Search => Operation::Search {
            class: arguments.object_class()?,
            filter: arguments.filter()?,
            options: arguments.options()?,
        },
        Method::Sync => Operation::Sync {
            class: arguments.object_class()?,
            token: arguments.sync_token()?,
            options: arguments.options()?,
        },
        Method::Test => Operation::Test,
        Method::Update => update(UpdateKind::Replace, arguments)?,
        Method::AddValues => update(UpdateKind::Add, arguments)?,
        Method::RemoveValues => update(UpdateKind::Remove, arguments)?,
        Method::UpdateDelta => {
            return Ok(Work::Deltas(Deltas {
                class: arguments.object_class()?,
                uid: arguments.uid()?,
                updates: arguments.deltas()?,
                options: arguments.options()?,
            }));
        }
        Method::Validate => Operation::Validate,
    }))
}

fn update(kind: UpdateKind, arguments: &mut Arguments<'_>) -> Result<Operation> {
    Ok(Operation::Update {
        kind,
        class: arguments.object_class()?,
        uid: arguments.uid()?,
        attributes: arguments.attributes()?,
        options: arguments.options()?,
    })
}
