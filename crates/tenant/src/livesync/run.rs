//! One run of liveSync.

use std::sync::Arc;

use icf::{
    ApiOperation, ConnectorError, ErrorKind, ObjectClass, OperationOptions, SyncDelta, SyncToken,
    option_names,
};
use icf_wire::rpc::{Answer as IcfAnswer, Item, Operation};
use serde_json::{Value as Json, json};

use super::delta::{delta_to_json, notification, token_from_json, token_to_json};
use super::failure_handler::{Verdict, judge};
use super::sink::deliver;
use super::store::Stage;
use crate::crest::{CrestError, Request};
use crate::events::EventKind;
use crate::provisioner::Ruling;
use crate::state::State;
use crate::system::{Active, Next, OperationStream, System, unexpected};
use crate::types::{ObjectType, natural_json};

/// The source of a run.
struct Source<'a> {
    state: &'a Arc<State>,
    request: &'a Request,
    system: &'a System,
    active: &'a Active,
    object_type: &'a ObjectType,
    id: String,
}

/// Why a run stopped before its end.
struct Stopped {
    exception: Json,
}

/// Synchronises once; answers the position after it.
pub(super) async fn run(
    state: &Arc<State>,
    request: &Request,
    system: &System,
    active: &Active,
    object_type: &ObjectType,
) -> Result<Json, CrestError> {
    let id = format!("SYSTEM{}{}", system.document.name, object_type.name).to_uppercase();
    let source = Source { state, request, system, active, object_type, id };
    source.admit()?;
    let _running = state
        .sync
        .begin(&source.id)
        .ok_or_else(|| CrestError::conflict(format!("liveSync of {} is running already", source.id)))?;
    let stage = state.sync.stage(&source.id).unwrap_or_default();
    let data = stage.connector_data.clone();
    let token = data.as_ref().map(token_from_json).transpose().map_err(CrestError::internal)?.flatten();
    let after = match token {
        None => source.first().await?,
        Some(token) => source.go_on(token).await?,
    };
    let saved = state.sync.save(&source.id, after);
    Ok(source.answer(&saved))
}

impl Source<'_> {
    fn admit(&self) -> Result<(), CrestError> {
        let sync = ApiOperation::Sync;
        if self.system.document.rules.ruling(sync, Some(self.object_type)) == Ruling::Denied {
            return Err(CrestError::forbidden("Operation SYNC is configured to be denied"));
        }
        if self.active.facade.supports(sync) {
            return Ok(());
        }
        let interface = sync.interface_name();
        Err(unsupported(format!("Operation {interface} is not supported by the Connector")))
    }

    /// The first run looks where the connector stands, and does nothing else.
    async fn first(&self) -> Result<Stage, CrestError> {
        let operation = Operation::LatestSyncToken { class: self.class() };
        let answer = self.active.facade.call(self.state, &self.request.context, operation).await;
        match answer {
            Ok(IcfAnswer::LatestSyncToken(token)) => {
                Ok(Stage { connector_data: token.as_ref().map(token_to_json), ..Stage::default() })
            }
            Ok(other) => Err(broken(&unexpected(&other))),
            Err(error) if *error.kind() == ErrorKind::Unsupported => Err(unsupported(error.to_string())),
            Err(error) => Err(broken(&error)),
        }
    }

    async fn go_on(&self, token: SyncToken) -> Result<Stage, CrestError> {
        let operation =
            Operation::Sync { class: self.class(), token: Some(token.clone()), options: self.options() };
        let facade = &self.active.facade;
        let opened = facade.open(self.state, &self.request.context, operation, None).await;
        let mut stream = opened.map_err(|error| broken(&error))?;
        let mut good = token;
        loop {
            match stream.next(self.state).await.map_err(|error| broken(&error))? {
                Next::Item(Item::Delta(delta)) => {
                    if let Err(stopped) = self.handle(&delta).await {
                        return Ok(self.stop(&mut stream, &good, stopped));
                    }
                    good = delta.token;
                }
                Next::Item(_) => {}
                Next::End(IcfAnswer::SyncEnd(last)) => {
                    self.state.sync.clear_failures(&self.id);
                    let token = last.unwrap_or(good);
                    let data = Some(token_to_json(&token));
                    return Ok(Stage { connector_data: data, ..Stage::default() });
                }
                Next::End(other) => return Err(broken(&unexpected(&other))),
            }
        }
    }

    fn stop(&self, stream: &mut OperationStream, good: &SyncToken, stopped: Stopped) -> Stage {
        stream.cancel(self.state);
        Stage {
            connector_data: Some(token_to_json(good)),
            last_exception: Some(stopped.exception),
            ..Stage::default()
        }
    }

    async fn handle(&self, delta: &SyncDelta) -> Result<(), Stopped> {
        let name = &self.system.document.name;
        let uid = delta.uid.value();
        let outcome = match notification(name, self.object_type, &self.active.types, delta) {
            Ok(told) => deliver(self.state, name, self.object_type.class.as_str(), told).await,
            Err(error) => Err(error),
        };
        let Err(cause) = outcome else {
            self.state
                .events
                .emit(EventKind::SyncDelta, json!({"system": name, "source": self.id, "uid": uid}));
            return Ok(());
        };
        let event = json!({"system": name, "source": self.id, "uid": uid, "message": cause});
        self.state.events.emit(EventKind::SyncFailure, event);
        let token = natural_json(delta.token.value());
        let before = self.state.sync.count_failure(&self.id, &token);
        let throwable = match judge(self.system.document.member("syncFailureHandler"), before) {
            Verdict::Ignore => {
                tracing::warn!(uid, system = name, %cause, "A change could not be synchronised and is ignored.");
                return Ok(());
            }
            Verdict::Bury => {
                self.bury(delta, &token, &cause);
                return Ok(());
            }
            Verdict::Retry(None) => format!("Failed to synchronize {uid} object on {name}: {cause}"),
            Verdict::Retry(Some(left)) => {
                format!("Failed to synchronize {uid} object on {name}, retries ({left}) not exhausted.")
            }
        };
        let delta = delta_to_json(self.object_type, &self.active.types, delta);
        Err(Stopped { exception: json!({"throwable": throwable, "syncDelta": delta}) })
    }

    fn bury(&self, delta: &SyncDelta, token: &Json, cause: &str) {
        let name = &self.system.document.name;
        let record = delta_to_json(self.object_type, &self.active.types, delta);
        let letter = json!({
            "token": token,
            "systemIdentifier": name,
            "objectType": self.object_type.name,
            "uid": delta.uid.value(),
            "failedRecord": record.get("object"),
            "failureCause": cause,
        });
        let id = token.as_str().map_or_else(|| token.to_string(), str::to_owned);
        self.state.sync.bury(name, &id, letter);
    }

    fn class(&self) -> Option<ObjectClass> {
        Some(self.object_type.class.clone())
    }

    fn options(&self) -> OperationOptions {
        let attributes = self.object_type.default_attributes();
        let mut options = OperationOptions::default().with_attributes_to_get(attributes);
        if self.state.options.send_transaction_id {
            options.set(option_names::TRANSACTION_ID, self.request.context.next_transaction());
        }
        options
    }

    fn answer(&self, stage: &Stage) -> Json {
        let mut answer = stage.to_json(&self.id);
        if !self.request.parameters.flag("detailedFailure")
            && let Some(Json::Object(exception)) = answer.get_mut("lastException")
        {
            exception.shift_remove("syncDelta");
        }
        answer
    }
}

fn broken(error: &ConnectorError) -> CrestError {
    let mut mapped = CrestError::internal(format!("Failed to get OperationOptionsBuilder: {error}"));
    mapped.exception = Some(error.kind().class_name().to_owned());
    mapped
}

fn unsupported(text: String) -> CrestError {
    CrestError::not_found("Failed to get latest sync token").with_detail(text.into())
}
