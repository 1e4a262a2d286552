//! Where changes go.

use serde_json::Value as Json;

use crate::faults::{FaultKind, Point, Subject};
use crate::options::SinkTarget;
use crate::state::State;

/// Hands a change to the sink.
///
/// # Errors
/// Why it was not taken.
pub(super) async fn deliver(
    state: &State,
    system: &str,
    class: &str,
    notification: Json,
) -> Result<(), String> {
    let uid = notification.get("resourceId").and_then(Json::as_str).map(str::to_owned);
    let subject = Subject {
        system: Some(system.to_owned()),
        object_class: Some(class.to_owned()),
        uid,
        ..Subject::default()
    };
    if let Some(hit) = state.faults.hit(Point::Sync, &subject) {
        state.clock.sleep(hit.delay).await;
        if hit.kind == FaultKind::Fail {
            return Err(hit.text("message").unwrap_or("fault on demand").to_owned());
        }
    }
    match &state.options.sink {
        SinkTarget::Record => {
            state.sync.record(notification);
            Ok(())
        }
        SinkTarget::Http(url) => post(url, &notification).await,
    }
}

async fn post(url: &str, notification: &Json) -> Result<(), String> {
    let tell = |error: reqwest::Error| format!("The sink {url} cannot be reached: {error}");
    let client = reqwest::Client::builder().no_proxy().build().map_err(tell)?;
    let response = client.post(url).json(notification).send().await.map_err(tell)?;
    let status = response.status();
    if status.is_success() { Ok(()) } else { Err(format!("The sink {url} answered {status}")) }
}
