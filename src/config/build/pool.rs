//! The life of links, and how the numbers go together.

use std::time::Duration;

use super::reading::Reading;
use crate::config::keys;
use crate::config::problem::Severity;
use crate::config::settings::{LinkSettings, PoolSettings};

pub(super) fn settings(reading: &mut Reading<'_>) -> Option<PoolSettings> {
    let connections: Option<usize> = reading.number(&keys::WEB_SOCKET_CONNECTIONS);
    let ttl = reading.interval(&keys::CONNECTION_TTL);
    let new_connections_interval = reading.seconds(&keys::NEW_CONNECTIONS_INTERVAL);
    let housekeeping_interval = reading.seconds(&keys::HOUSEKEEPING_INTERVAL);
    let connect_timeout = reading.seconds(&keys::CONNECT_TIMEOUT);
    let reconnect_min_delay = reading.seconds(&keys::RECONNECT_MIN_DELAY);
    let reconnect_max_delay = reading.seconds(&keys::RECONNECT_MAX_DELAY);
    let rotates = ttl.is_none_or(|ttl| ttl.is_some());
    let max_connections = max_connections(reading, connections, rotates);

    if let (Some(min), Some(max)) = (reconnect_min_delay, reconnect_max_delay)
        && min > max
    {
        let message = format!("it is above connectorserver.reconnectMaxDelay ({} s)", max.as_secs());
        reading.complain(
            Severity::Error,
            &keys::RECONNECT_MIN_DELAY,
            message,
            "lower it, or raise the other",
        );
    }
    let pool = PoolSettings {
        connections: connections?,
        max_connections: max_connections?,
        ttl: ttl?,
        new_connections_interval: new_connections_interval?,
        housekeeping_interval: housekeeping_interval?,
        connect_timeout: connect_timeout?,
        reconnect_min_delay: reconnect_min_delay?,
        reconnect_max_delay: reconnect_max_delay?,
    };
    remark_expiry(reading, &pool);
    Some(pool)
}

/// The upper bound. Rotation opens the new link before it closes the old one, so it takes one more than is kept.
fn max_connections(reading: &mut Reading<'_>, connections: Option<usize>, rotates: bool) -> Option<usize> {
    let key = &keys::MAX_WEB_SOCKET_CONNECTIONS;
    if !reading.is_given(key) {
        let max = connections? + 1;
        reading.derive(key, max.to_string());
        return Some(max);
    }
    let max: usize = reading.number(key)?;
    let connections = connections?;
    if max < connections {
        let message = format!("`{max}` is less than connectorserver.webSocketConnections ({connections})");
        let remedy = format!("set it to {} or remove it", connections + 1);
        reading.complain(Severity::Error, key, message, remedy);
        return None;
    }
    if max == connections && rotates {
        let message = format!(
            "`{max}` leaves no room to open a link before the expired one closes; {} is used",
            connections + 1
        );
        let remedy = format!("set it to {} or remove it", connections + 1);
        reading.complain(Severity::Warning, key, message, remedy);
        return Some(connections + 1);
    }
    Some(max)
}

fn remark_expiry(reading: &mut Reading<'_>, pool: &PoolSettings) {
    let Some(ttl) = pool.ttl else { return };
    if pool.connections == 1 {
        let message = "with a single link, requests wait while it is being replaced after connectionTtl";
        let remedy = "set it to 2, or connectorserver.connectionTtl to 0";
        reading.complain(Severity::Warning, &keys::WEB_SOCKET_CONNECTIONS, message, remedy);
    }
    let connections = u32::try_from(pool.connections).unwrap_or(u32::MAX);
    let least =
        pool.new_connections_interval.saturating_mul(connections).saturating_add(pool.housekeeping_interval);
    if ttl <= least {
        let message = format!(
            "`{}` is not more than newConnectionsInterval * webSocketConnections + housekeepingInterval ({} s): \
             links expire before all are open",
            ttl.as_secs(),
            least.as_secs()
        );
        let remedy = format!("set it to more than {}", least.as_secs());
        reading.complain(Severity::Warning, &keys::CONNECTION_TTL, message, remedy);
    }
}

pub(super) fn link(reading: &mut Reading<'_>) -> Option<LinkSettings> {
    let ping_interval = reading.interval(&keys::PING_PONG_INTERVAL);
    let pong_timeout = reading.seconds(&keys::PONG_TIMEOUT);
    let handshake_timeout = reading.seconds(&keys::HANDSHAKE_TIMEOUT);
    let group_check_interval = reading.interval(&keys::GROUP_CHECK_INTERVAL);
    let send_wait = reading.seconds(&keys::SEND_WAIT);
    let max_message_size = reading.number(&keys::MAX_MESSAGE_SIZE);
    if let Some(interval) = ping_interval {
        remark_ping(reading, interval);
    }
    Some(LinkSettings {
        ping_interval: ping_interval?,
        pong_timeout: pong_timeout?,
        handshake_timeout: handshake_timeout?,
        group_check_interval: group_check_interval?,
        send_wait: send_wait?,
        max_message_size: max_message_size?,
    })
}

fn remark_ping(reading: &mut Reading<'_>, interval: Option<Duration>) {
    let key = &keys::PING_PONG_INTERVAL;
    match interval {
        None => {
            let message = "no pings are sent: a link whose peer vanished is only noticed by its expiry";
            reading.complain(
                Severity::Note,
                key,
                message,
                "set it to 60 unless a middlebox demands otherwise",
            );
        }
        Some(interval) if interval >= SHORTEST_IDLE_TIMEOUT => {
            let message = format!(
                "`{}` is not below the idle time-out of common load balancers ({} s), which cut silent links",
                interval.as_secs(),
                SHORTEST_IDLE_TIMEOUT.as_secs()
            );
            reading.complain(Severity::Warning, key, message, "set it to 60");
        }
        Some(_) => {}
    }
}

/// Network load balancers of Amazon cut connections that were silent for so long; those of Google wait 1200 s.
const SHORTEST_IDLE_TIMEOUT: Duration = Duration::from_secs(350);
