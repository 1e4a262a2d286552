//! `/openidm/system/<name>/<type>`: objects of a connector.
//!
//! [`serve`] finds the verb's own file; [`Collection`] is what they all work on.

mod authenticate;
mod create;
mod delete;
mod failure;
mod patch;
mod patch_plan;
mod query;
mod read;
mod run_as;
mod update;

use std::sync::Arc;

use icf::{ApiOperation, ConnectorError, ConnectorObject, ObjectClass, OperationOptions, Uid, option_names};
use icf_wire::rpc::{Answer as IcfAnswer, Operation};
use serde_json::{Value as Json, json};

use failure::Failing;

use crate::crest::{Answer, CrestError, Pointer, PutMode, Request, Verb, project};
use crate::livesync;
use crate::provisioner::Ruling;
use crate::state::State;
use crate::system::{Active, System, unexpected};
use crate::types::{ObjectType, Property, object_to_json};

/// The resources of one type of one system, as one request sees them.
pub(crate) struct Collection<'a> {
    state: &'a Arc<State>,
    request: &'a Request,
    system: &'a Arc<System>,
    active: &'a Active,
    object_type: &'a ObjectType,
    /// `system/<name>/<type>`
    path: String,
}

/// Answers a request on a type (`id` empty) or on one object.
pub(crate) async fn serve(
    state: &Arc<State>,
    request: &Request,
    system: &Arc<System>,
    type_name: &str,
    id: &str,
) -> Result<Answer, CrestError> {
    let active = crate::system::active(system)?;
    let object_type = active
        .types
        .get(type_name)
        .ok_or_else(|| CrestError::not_found(format!("Not found: {type_name}")))?;
    let collection = Collection {
        state,
        request,
        system,
        active: &active,
        object_type,
        path: format!("system/{}/{type_name}", system.document.name),
    };
    match (&request.verb, id) {
        (Verb::Read { .. }, "") => Err(CrestError::bad_request("The resource collection  cannot be read")),
        (Verb::Read { if_none_match }, id) => collection.read(id, if_none_match.as_deref()).await,
        (Verb::Query(query), "") => collection.query(query).await,
        (Verb::Query(_), id) => {
            Err(CrestError::bad_request(format!("The resource instance {id} cannot be queried")))
        }
        (Verb::Create, "") => collection.create().await,
        (Verb::Action(name), "") => collection.act(name).await,
        (Verb::Create | Verb::Action(_), id) => {
            Err(CrestError::bad_request(format!("Actions are not supported for resource instances: {id}")))
        }
        (_, "") => Err(CrestError::bad_request("The resource collection cannot be changed as a whole")),
        (Verb::Put(PutMode::Create), _) => {
            Err(CrestError::internal("Create with client provided ID is not supported."))
        }
        (Verb::Put(PutMode::Upsert), _) => Err(CrestError::internal(
            "UPSERT (i.e. PUT without the 'if-match' nor 'if-none-match' header) is not supported.",
        )),
        (Verb::Put(PutMode::Update { revision }), id) => collection.update(id, revision.as_deref()).await,
        (Verb::Patch { revision }, id) => collection.patch(id, revision.as_deref()).await,
        (Verb::Delete { revision }, id) => collection.delete(id, revision.as_deref()).await,
    }
}

impl Collection<'_> {
    async fn act(&self, name: &str) -> Result<Answer, CrestError> {
        if name.eq_ignore_ascii_case("authenticate") {
            return self.authenticate().await;
        }
        if name.eq_ignore_ascii_case("liveSync") {
            let answer = livesync::of_type(self.state, self.request, self.system, &self.object_type.name);
            return answer.await.map(Answer::ok);
        }
        if name.eq_ignore_ascii_case("resolveUsername") {
            return Err(CrestError::bad_request("Unsupported action: resolveUsername"));
        }
        Err(CrestError::bad_request(
            "Expecting String containing one of: authenticate create liveSync resolveUsername",
        ))
    }

    /// Refuses what must not be sent.
    fn admit(&self, operation: ApiOperation) -> Result<(), CrestError> {
        if self.object_type.class == ObjectClass::ALL {
            return Err(CrestError::not_found("Operation is not allowed on __ALL__ object class"));
        }
        admit(self.system, self.active, self.object_type, operation)
    }

    fn class(&self) -> Option<ObjectClass> {
        Some(self.object_type.class.clone())
    }

    /// The options of an operation: attributes to return, transaction id.
    fn options<'n>(&self, attributes: impl IntoIterator<Item = &'n str>) -> OperationOptions {
        let mut options = OperationOptions::default().with_attributes_to_get(attributes);
        if self.state.options.send_transaction_id {
            options.set(option_names::TRANSACTION_ID, self.request.context.next_transaction());
        }
        options
    }

    /// The options of a write.
    fn default_options(&self) -> OperationOptions {
        self.options(self.object_type.default_attributes())
    }

    /// The attributes to ask for: those behind `_fields`, or the default ones.
    fn attributes_to_get(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        let fields = &self.request.fields;
        if fields.is_empty() {
            return self.object_type.default_attributes();
        }
        for field in fields {
            let wanted = match field.first() {
                None | Some("*") => self.object_type.default_attributes(),
                Some(name) => {
                    let property = self.object_type.property(name).filter(|property| property.readable);
                    property.map(|property| property.native_name.as_str()).into_iter().collect()
                }
            };
            for name in wanted {
                if !names.contains(&name) {
                    names.push(name);
                }
            }
        }
        names
    }

    async fn call(&self, operation: Operation) -> Result<IcfAnswer, ConnectorError> {
        self.active.facade.call(self.state, &self.request.context, operation).await
    }

    /// Reads one object for a write: before or after it.
    async fn get(&self, uid: &Uid) -> Result<Option<ConnectorObject>, ConnectorError> {
        self.get_with(uid, self.default_options()).await
    }

    async fn get_with(
        &self,
        uid: &Uid,
        options: OperationOptions,
    ) -> Result<Option<ConnectorObject>, ConnectorError> {
        let operation = Operation::Get { class: self.class(), uid: Some(uid.clone()), options };
        match self.call(operation).await? {
            IcfAnswer::Object(object) => Ok(object.map(|object| *object)),
            other => Err(unexpected(&other)),
        }
    }

    /// Makes a call that answers an identity.
    async fn call_for_uid(&self, operation: Operation) -> Result<Option<Uid>, ConnectorError> {
        match self.call(operation).await? {
            IcfAnswer::Uid(uid) => Ok(uid),
            other => Err(unexpected(&other)),
        }
    }

    /// A resource, reduced to `_fields`.
    fn show(&self, object: &ConnectorObject) -> Result<Json, CrestError> {
        let json = object_to_json(self.object_type, object).map_err(CrestError::internal)?;
        Ok(project(json, &self.request.fields))
    }

    /// The resource after a write; its identity alone if it cannot be found.
    async fn show_after(&self, uid: &Uid, failing: &Failing<'_>) -> Result<Json, CrestError> {
        match self.get(uid).await.map_err(|error| failing.map(&error))? {
            Some(object) => self.show(&object),
            None => Ok(json!({"_id": uid.value()})),
        }
    }

    fn failing<'f>(&'f self, operation: &'static str, id: Option<&'f str>) -> Failing<'f> {
        Failing { operation, id, resource: Some(&self.path) }
    }

    fn uid(id: &str, revision: Option<&str>) -> Result<Uid, CrestError> {
        let uid = Uid::try_new(id).map_err(|error| CrestError::bad_request(error.to_string()))?;
        Ok(match revision {
            Some(revision) => uid.with_revision(revision),
            None => uid,
        })
    }

    /// The declared property of a member; `None` for a reserved member that is not declared.
    fn declared(&self, name: &str) -> Result<Option<&Property>, CrestError> {
        match self.object_type.property(name) {
            Some(property) => Ok(Some(property)),
            None if name.starts_with('_') => Ok(None),
            None => Err(CrestError::bad_request(format!("Target does not support attribute {name}"))),
        }
    }
}

/// Whether the rules and the connector let an operation run on a type.
pub(crate) fn admit(
    system: &System,
    active: &Active,
    object_type: &ObjectType,
    operation: ApiOperation,
) -> Result<(), CrestError> {
    match system.document.rules.ruling(operation, Some(object_type)) {
        Ruling::Denied => {
            let name = operation.wire_name().trim_end_matches("ApiOp").to_ascii_uppercase();
            return Err(CrestError::forbidden(format!("Operation {name} is configured to be denied")));
        }
        Ruling::NotForClass => {
            let interface = operation.interface_name();
            let class = &object_type.class;
            let text = format!("Operation {interface} is not supported for object class {class}");
            return Err(CrestError::not_implemented(text));
        }
        Ruling::Allowed => {}
    }
    if active.facade.supports(operation) {
        return Ok(());
    }
    let interface = operation.interface_name();
    Err(CrestError::not_implemented(format!("Operation {interface} is not supported by the Connector")))
}

/// The one part of a pointer at a whole property; a trailing `-` is allowed.
fn property_name(field: &Pointer) -> Option<&str> {
    match field.tokens() {
        [name] => Some(name),
        [name, end] if end == "-" => Some(name),
        _ => None,
    }
}
