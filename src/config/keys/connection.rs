//! Keys for the life of links: how many, how old, how they are watched.

use super::{JAVA_INT_MAX, Kind, Scope, Unit, group};

group! {
    POOL, "Links to the tenant",
    "With the defaults a URL has its first link at once, the second after 10 s; each is replaced when it is 300 s \
     old, the new one opening before the old one closes.",
    WEB_SOCKET_CONNECTIONS {
        name: "webSocketConnections",
        kind: Kind::Whole { unit: Unit::Links, min: 1, max: 1000 },
        default: Some("2"),
        scope: Scope::Client,
        environment: &["WS_CONNECTIONS"],
        description: "Links kept open for each URL."
    }
    MAX_WEB_SOCKET_CONNECTIONS {
        name: "maxWebSocketConnections",
        kind: Kind::Whole { unit: Unit::Links, min: 1, max: 1001 },
        default_text: "`webSocketConnections` + 1",
        scope: Scope::Client,
        environment: &["WS_MAX_CONNECTIONS"],
        description: "Upper bound for each URL while a link is being replaced; at least one more than \
            `webSocketConnections`."
    }
    CONNECTION_TTL {
        name: "connectionTtl",
        kind: Kind::seconds(0),
        default: Some("300"),
        scope: Scope::Client,
        description: "Age at which a link is replaced; `0` keeps links for ever. More than \
            `newConnectionsInterval * webSocketConnections + housekeepingInterval`, or links expire before the last \
            one is open."
    }
    NEW_CONNECTIONS_INTERVAL {
        name: "newConnectionsInterval",
        kind: Kind::seconds(1),
        default: Some("10"),
        scope: Scope::Client,
        description: "Delay between opening one link and the next to the same URL, so that they do not expire \
            together."
    }
    HOUSEKEEPING_INTERVAL {
        name: "housekeepingInterval",
        kind: Kind::seconds(1),
        default: Some("20"),
        scope: Scope::Client,
        description: "Between two inspections of the Java server. Here a link is dealt with at the instant it expires or \
            dies; the value only counts in the check of `connectionTtl`."
    }
    CONNECT_TIMEOUT {
        name: "connectTimeout",
        kind: Kind::seconds(1),
        default: Some("30"),
        scope: Scope::Client,
        description: "From the name look-up to the answer to the upgrade request."
    }
    RECONNECT_MIN_DELAY {
        name: "reconnectMinDelay",
        kind: Kind::seconds(1),
        default: Some("1"),
        scope: Scope::Client,
        description: "First delay after a failed attempt; it doubles up to `reconnectMaxDelay`. The first attempt \
            after a working link is lost comes at once."
    }
    RECONNECT_MAX_DELAY {
        name: "reconnectMaxDelay",
        kind: Kind::seconds(1),
        default: Some("60"),
        scope: Scope::Client,
        description: "Longest delay between two attempts."
    }
}

group! {
    LINK, "Every link",
    "For links in either mode.",
    PING_PONG_INTERVAL {
        name: "pingPongInterval",
        kind: Kind::seconds(0),
        default: Some("60"),
        aliases: &["pingpongInterval"],
        description: "Between two WebSocket pings; `0` sends none. Shorter than the idle time-out of every load \
            balancer on the way."
    }
    PONG_TIMEOUT {
        name: "pongTimeout",
        kind: Kind::seconds(1),
        default: Some("20"),
        description: "How long after a ping without an answer the link counts as dead."
    }
    HANDSHAKE_TIMEOUT {
        name: "handshakeTimeout",
        kind: Kind::seconds(1),
        default: Some("30"),
        description: "From the accepted upgrade to the answered handshake."
    }
    GROUP_CHECK_INTERVAL {
        name: "groupCheckInterval",
        kind: Kind::seconds(0),
        default: Some("60"),
        description: "Between two checks of the connection groups, each with an `operational=` line in the log; `0` \
            turns them off."
    }
    SEND_WAIT {
        name: "sendWait",
        kind: Kind::seconds(1),
        default: Some("30"),
        description: "How long a message waits for a usable link before its operation fails."
    }
    MAX_MESSAGE_SIZE {
        name: "maxMessageSize",
        kind: Kind::Whole { unit: Unit::Bytes, min: 65_536, max: JAVA_INT_MAX },
        default: Some("67108864"),
        description: "Largest frame or message accepted."
    }
}
