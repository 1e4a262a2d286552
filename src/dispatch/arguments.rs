//! The rules that arguments obey whatever the peer has checked: operations with optional parts in, operations without
//! out.

use icf::writing::{self, ValueChange};
use icf::{
    AttributeSet, BatchTask, BatchToken, ConnectorError, Filter, GuardedString, ObjectClass,
    OperationOptions, Result, ScriptContext, SyncToken, Uid,
};
use icf_wire::rpc::{Operation, UpdateKind};

/// An operation whose arguments are legal. Members are as in [`Operation`].
pub(super) enum Checked {
    Authenticate { class: ObjectClass, username: String, password: GuardedString, options: OperationOptions },
    Batch { tasks: Vec<BatchTask>, options: OperationOptions },
    BatchQuery { token: BatchToken, options: OperationOptions },
    Create { class: ObjectClass, attributes: AttributeSet, options: OperationOptions },
    Delete { class: ObjectClass, uid: Uid, options: OperationOptions },
    Get { class: ObjectClass, uid: Uid, options: OperationOptions },
    LatestSyncToken { class: ObjectClass },
    ResolveUsername { class: ObjectClass, username: String, options: OperationOptions },
    Schema,
    ScriptOnConnector { script: ScriptContext, options: OperationOptions },
    ScriptOnResource { script: ScriptContext, options: OperationOptions },
    Search { class: ObjectClass, filter: Option<Filter>, options: OperationOptions },
    SubscribeChanges { class: ObjectClass, token: Option<SyncToken>, options: OperationOptions },
    SubscribeObjects { class: ObjectClass, filter: Option<Filter>, options: OperationOptions },
    Sync { class: ObjectClass, token: Option<SyncToken>, options: OperationOptions },
    Test,
    Update(Update),
}

/// An update whose arguments are legal.
pub(super) struct Update {
    /// None when the values replace the old ones.
    pub(super) change: Option<ValueChange>,
    pub(super) class: ObjectClass,
    pub(super) uid: Uid,
    pub(super) attributes: AttributeSet,
    pub(super) options: OperationOptions,
}

/// Checks the arguments of an operation, in the order in which the framework does. None for validate, which has none
/// and needs no instance.
///
/// # Errors
/// The exception and the text that the framework answers.
pub(super) fn check(operation: Operation) -> Result<Option<Checked>> {
    Ok(Some(match operation {
        Operation::Authenticate { class, username, password, options } => {
            let class = class_of_objects(class)?;
            let username = required(username, "username")?;
            Checked::Authenticate { class, username, password: required(password, "password")?, options }
        }
        Operation::Batch { tasks, options } => Checked::Batch { tasks, options },
        Operation::BatchQuery { token, options } => Checked::BatchQuery { token, options },
        Operation::Create { class, attributes, options } => {
            let class = class_of_objects(class)?;
            let attributes = required(attributes, "createAttributes")?;
            writing::check_create(&attributes)?;
            Checked::Create { class, attributes, options }
        }
        Operation::Delete { class, uid, options } => {
            Checked::Delete { class: class_of_objects(class)?, uid: required(uid, "uid")?, options }
        }
        Operation::Get { class, uid, options } => {
            Checked::Get { class: class_of_objects(class)?, uid: required(uid, "uid")?, options }
        }
        Operation::LatestSyncToken { class } => Checked::LatestSyncToken { class: any_class(class)? },
        Operation::ResolveUsername { class, username, options } => {
            let class = class_of_objects(class)?;
            Checked::ResolveUsername { class, username: required(username, "username")?, options }
        }
        Operation::Schema => Checked::Schema,
        Operation::ScriptOnConnector { script, options } => {
            Checked::ScriptOnConnector { script: runnable(script)?, options }
        }
        Operation::ScriptOnResource { script, options } => {
            Checked::ScriptOnResource { script: runnable(script)?, options }
        }
        Operation::Search { class, filter, options } => {
            Checked::Search { class: class_of_objects(class)?, filter, options }
        }
        Operation::SubscribeChanges { class, token, options } => {
            Checked::SubscribeChanges { class: any_class(class)?, token, options }
        }
        Operation::SubscribeObjects { class, filter, options } => {
            Checked::SubscribeObjects { class: any_class(class)?, filter, options }
        }
        Operation::Sync { class, token, options } => {
            Checked::Sync { class: any_class(class)?, token, options }
        }
        Operation::Test => Checked::Test,
        Operation::Update { kind, class, uid, attributes, options } => {
            Checked::Update(update(kind, class, uid, attributes, options)?)
        }
        Operation::Validate => return Ok(None),
    }))
}

fn update(
    kind: UpdateKind,
    class: Option<ObjectClass>,
    uid: Option<Uid>,
    attributes: Option<AttributeSet>,
    options: OperationOptions,
) -> Result<Update> {
    let uid = required(uid, "uid")?;
    let class = class_of_objects(class)?;
    let attributes = required(attributes, "replaceAttributes")?;
    let change = match kind {
        UpdateKind::Replace => None,
        UpdateKind::Add => Some(ValueChange::Add),
        UpdateKind::Remove => Some(ValueChange::Remove),
    };
    writing::check_update(&attributes, change)?;
    Ok(Update { change, class, uid, attributes, options })
}

fn required<T>(value: Option<T>, name: &str) -> Result<T> {
    value.ok_or_else(|| ConnectorError::null_pointer(format!("Parameter '{name}' must not be null.")))
}

fn any_class(class: Option<ObjectClass>) -> Result<ObjectClass> {
    required(class, "objectClass")
}

fn class_of_objects(class: Option<ObjectClass>) -> Result<ObjectClass> {
    let class = any_class(class)?;
    writing::check_class(&class)?;
    Ok(class)
}

fn runnable(script: Option<ScriptContext>) -> Result<ScriptContext> {
    let context = required(script, "request")?;
    for (part, name) in [(&context.script.language, "scriptLanguage"), (&context.script.text, "scriptText")] {
        if part.trim().is_empty() {
            return Err(ConnectorError::illegal_argument(format!("Parameter '{name}' must not be blank.")));
        }
    }
    Ok(context)
}
