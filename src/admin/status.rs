//! The state of the server as JSON.

use serde_json::{Value, json};
use tokio::sync::watch;

use crate::dispatch::{FacadeStatus, LastError, OperationFigures};
use crate::pool::{PoolStatus, SeenLink};
use crate::serve::{ReloadStatus, Reloaded, View};

/// Everything that `/status` tells; `missing` is what keeps the server from being ready. Times are in seconds.
pub(super) fn status(view: &View, missing: &[String]) -> Value {
    let counters = view.session.counters();
    let groups: Vec<_> = view
        .session
        .groups()
        .into_iter()
        .map(|group| {
            json!({
                "session": group.session, "label": group.label, "links": group.links.len(),
                "usableLinks": group.usable_links, "executing": group.executing, "backlog": group.backlog,
            })
        })
        .collect();
    let connectors: Vec<_> =
        view.dispatcher.connector_infos().iter().map(|info| info.key.to_string()).collect();
    json!({
        "name": view.name,
        "hostId": view.host_id,
        "version": env!("CARGO_PKG_VERSION"),
        "uptime": view.started.elapsed().as_secs(),
        "milliseconds": view.started.elapsed().as_millis(),
        "ready": missing.is_empty(),
        "missing": missing,
        "urls": view.pools().iter().map(url).collect::<Vec<_>>(),
        "listensAt": view.listens_at.map(|address| address.to_string()),
        "groups": groups,
        "token": view.token().map(|source| {
            let token = source.status();
            json!({
                "age": token.age.map(|age| age.as_secs()),
                "expiresIn": token.expires_in.map(|left| left.as_secs()),
                "granted": token.granted,
                "failures": token.failures,
                "lastError": token.last_error.map(|error| crate::report::with_causes(&error)),
            })
        }),
        "reload": view.last_reload().map(|reload| reload_status(&reload)),
        "operations": view.dispatcher.figures().iter().map(operation).collect::<Vec<_>>(),
        "operationsRunning": view.dispatcher.running(),
        "messagesRepeated": counters.messages_repeated,
        "connectors": connectors,
        "facades": view.dispatcher.facades().iter().map(facade).collect::<Vec<_>>(),
        "lastErrors": view.dispatcher.last_errors().iter().map(last_error).collect::<Vec<_>>(),
    })
}

fn operation(figures: &OperationFigures) -> Value {
    json!({
        "connector": figures.connector,
        "operation": figures.operation,
        "done": figures.done,
        "failed": figures.failed,
        "seconds": figures.time.as_secs_f64(),
    })
}

fn facade(status: &FacadeStatus) -> Value {
    let pool = status.pool.map(|pool| json!({"busy": pool.busy, "idle": pool.idle, "most": pool.most}));
    json!({"connector": status.connector, "running": status.running, "pool": pool})
}

fn last_error(error: &LastError) -> Value {
    json!({
        "secondsAgo": error.at.elapsed().as_secs(),
        "times": error.times,
        "connector": error.connector,
        "operation": error.operation,
        "class": error.class,
        "message": error.message,
    })
}

fn url(pool: &watch::Receiver<PoolStatus>) -> Value {
    let status = pool.borrow();
    json!({
        "url": status.url,
        "wanted": status.wanted,
        "links": status.links.iter().map(link).collect::<Vec<_>>(),
        "failures": status.failures,
        "lastFailure": status.last_failure.as_ref().map(|failure| {
            json!({"secondsAgo": failure.at.elapsed().as_secs(), "message": failure.message})
        }),
    })
}

fn link(seen: &SeenLink) -> Value {
    let pong = seen.link.last_pong();
    json!({
        "id": seen.link.id().to_string(),
        "age": seen.since.elapsed().as_secs(),
        "retiring": seen.retiring,
        "pingMilliseconds": pong.map(|pong| pong.latency.as_secs_f64() * 1000.0),
        "lastPong": pong.map(|pong| pong.at.elapsed().as_secs()),
    })
}

fn reload_status(reload: &ReloadStatus) -> Value {
    let (changed, needs_restart, refused) = match &reload.outcome {
        Ok(Reloaded { changed, needs_restart }) => (changed.as_slice(), needs_restart.as_slice(), None),
        Err(reason) => (&[][..], &[][..], Some(reason)),
    };
    json!({
        "secondsAgo": reload.at.elapsed().as_secs(),
        "changed": changed,
        "needsRestart": needs_restart,
        "refused": refused,
    })
}
