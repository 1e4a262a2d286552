//! Servers that run already: the one with this configuration, and others that are named.

use serde_json::Value as Json;

use super::cause::Cause;
use super::report::{Kind, Part, Step};
use crate::admin;
use crate::config::{AdminListen, Settings};
use crate::report::with_causes;

const RUNNING: &str = "running";
const HOST_ID: &str = "host-id";

/// What runs at the place where the server of these settings answers. The second says whether it is that server and has
/// its port.
pub(super) async fn own(settings: &Settings) -> (Part, bool) {
    let mut part = Part::new(Kind::Servers, "the server of this configuration");
    if settings.admin == AdminListen::Off {
        part.steps.push(Step::skipped(RUNNING, "cannot be asked: adminListen is off"));
        return (part, false);
    }
    let Ok(status) = admin::ask(&settings.admin).await else {
        part.steps.push(Step::skipped(RUNNING, format!("does not answer at {}", settings.admin)));
        return (part, false);
    };
    let told = Told::of(&status);
    let expected = Told::expected(settings);
    if told != expected {
        let said = format!("{told} answers at {} instead of {expected}", settings.admin);
        part.steps.push(Step::warning(RUNNING, said, Cause::OtherServer));
        return (part, false);
    }
    let missing: Vec<_> =
        status["missing"].as_array().into_iter().flatten().filter_map(Json::as_str).collect();
    part.steps.push(if missing.is_empty() {
        Step::passed(RUNNING, format!("{told} is ready"))
    } else {
        Step::warning(RUNNING, format!("{told} misses: {}", missing.join("; ")), Cause::ServerNotReady)
    });
    let listens = settings.server.is_some() && status["listensAt"].is_string();
    (part, listens)
}

/// Whether another server claims the host id of these settings.
pub(super) async fn other(settings: &Settings, place: &AdminListen) -> Part {
    let mut part = Part::new(Kind::Servers, format!("the server at {place}"));
    let status = match admin::ask(place).await {
        Ok(status) => status,
        Err(error) => {
            part.steps.push(Step::failed(HOST_ID, with_causes(&error), Cause::ServerSilent));
            return part;
        }
    };
    let (told, expected) = (Told::of(&status), Told::expected(settings));
    part.steps.push(if expected.host_id.is_some() && told == expected {
        Step::failed(HOST_ID, format!("{told}, as the one of this configuration"), Cause::HostIdTwice)
    } else {
        Step::passed(HOST_ID, format!("{told}, which is another one"))
    });
    part
}

/// Who a server says it is.
#[derive(PartialEq, Eq)]
struct Told {
    name: String,
    /// None in server mode.
    host_id: Option<String>,
}

impl Told {
    fn of(status: &Json) -> Self {
        let text = |name: &str| status[name].as_str().map(str::to_owned);
        Self { name: text("name").unwrap_or_default(), host_id: text("hostId") }
    }

    fn expected(settings: &Settings) -> Self {
        let client = settings.client.as_ref();
        let name = client.map_or("rcs", |client| &client.name).to_owned();
        Self { name, host_id: client.map(|client| client.host_id.clone()) }
    }
}

impl std::fmt::Display for Told {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.host_id {
            Some(host_id) => write!(f, "{:?} with hostId {host_id:?}", self.name),
            None => write!(f, "{:?}", self.name),
        }
    }
}
