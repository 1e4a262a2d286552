//! Keys for running the server.

use super::{Kind, Status, group};

group! {
    OPERATION, "Running the server",
    "Start, stop and observation.",
    DRAIN_TIMEOUT {
        name: "drainTimeout",
        kind: Kind::seconds(0),
        default: Some("30"),
        description: "From the signal to stop to the end: operations that are still running then are handed back \
            as retryable errors."
    }
    ADMIN_LISTEN {
        name: "adminListen",
        kind: Kind::Listen,
        default: Some("127.0.0.1:8760"),
        description: "Where health (`/livez`, `/readyz`), metrics (`/metrics`) and status (`/status`) are served over HTTP. \
            If the default address is taken, the server starts without them and says so."
    }
    WATCH_INTERVAL {
        name: "watchInterval",
        kind: Kind::seconds(0),
        default: Some("10"),
        description: "How often the files of the configuration (this file, secrets, stores) are looked at. When one has \
            changed, all are read again, as on SIGHUP; `0` waits for the signal."
    }
    LOGGER_CLASS {
        name: "loggerClass",
        status: Status::Unused,
        description: "Java logging, which has no meaning here."
    }
}
