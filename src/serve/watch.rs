//! Tells the log what happens to links and groups. The lines that administrators of the Java server search for keep
//! their wording.

use std::collections::HashMap;

use icf_session::SessionEvent;
use icf_wire::session::GroupId;
use metrics::histogram;
use tokio::sync::mpsc::UnboundedReceiver;
use tracing::{debug, info};

/// Logs the events of a session until it ends.
pub(super) async fn log_events(name: String, mut events: UnboundedReceiver<SessionEvent>) {
    let mut groups = HashMap::new();
    while let Some(event) = events.recv().await {
        log(&name, &mut groups, event);
    }
}

fn log(name: &str, groups: &mut HashMap<GroupId, String>, event: SessionEvent) {
    let operational = |groups: &HashMap<GroupId, String>, group: &GroupId, operational: bool| {
        let session = groups.get(group).map_or("unknown", String::as_str);
        info!(
            "[{name}] Check ConnectionManager: {group}, Session: {session}, ConnectionGroup:{name}:{session} - operational={operational}"
        );
    };
    match event {
        SessionEvent::GroupUp { group, session, .. } => {
            groups.insert(group, session);
            operational(groups, &group, true);
        }
        SessionEvent::GroupDown { group } => operational(groups, &group, false),
        SessionEvent::GroupGone { group } => {
            groups.remove(&group);
            info!(
                "[{name}] The links of a group were gone for too long; what it had asked for was cancelled"
            );
        }
        SessionEvent::Checked { group, operational: is_operational } => {
            operational(groups, &group, is_operational);
        }
        SessionEvent::Pong { link, latency } => {
            histogram!("rcs_link_ping_seconds").record(latency);
            debug!("Pong received - {} ms on websocket {link}", latency.as_millis());
        }
        SessionEvent::LinkReady { link, group } => debug!(%link, %group, "The handshake of a link is done"),
        SessionEvent::LinkClosed { link, closed } => debug!(%link, "Link {closed}"),
        SessionEvent::LinkClosingSoon { link } => debug!(%link, "The tenant will close a link soon"),
        SessionEvent::ConnectorInfos { .. } | SessionEvent::ConfigurationChanged { .. } => {}
    }
}
