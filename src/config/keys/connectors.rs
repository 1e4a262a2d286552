//! Keys for connectors and their operations.

use super::{JAVA_INT_MAX, Kind, Status, Unit, group};
use crate::config::choices::BundleNames;

group! {
    CONNECTORS, "Connectors",
    "Connectors are compiled in; there is no directory of bundles.",
    BUNDLE_NAMES {
        name: "bundleNames",
        kind: Kind::Choice(BundleNames::WORDS),
        default: Some("ping"),
        description: "Which bundle names the connectors are advertised under: those of Ping Identity, of the Open \
            Identity Platform, or both. Only advertised names are answered."
    }
    BUNDLE_VERSION {
        name: "bundleVersion",
        kind: Kind::Version,
        default_text: "the connector's own",
        description: "Written `bundleVersion.<bundle name>`, one line for each bundle: the version to advertise for \
            it, so that a tenant's `connectorRef` finds it. The environment cannot set it."
    }
    PROTECT {
        name: "protect",
        kind: Kind::Protection,
        default_text: "no limits",
        example: "concurrency=10; rate=50; wait=5; failures=5; pause=30",
        description: "Written `protect.<bundle name>`, one line for each bundle, or `protect.*` for all others: spares \
            the targets of its connector. At most `concurrency` operations at a time and `rate` in a second reach one \
            target; an operation waits for its turn up to `wait` seconds (5). After `failures` operations in a row that \
            could not reach the target, or that it did not answer in time, it is left alone for `pause` seconds (30); \
            then one operation tries. What is held back ends as `RetryableException` that says why. The environment \
            cannot set it."
    }
    MAX_OPERATION_TIME {
        name: "maxOperationTime",
        kind: Kind::seconds(0),
        default: Some("3600"),
        description: "Limit for operations for which the tenant set none; for streams the time without progress. \
            `0` is no limit."
    }
    MAX_FACADE_LIFE_TIME {
        name: "maxFacadeLifeTime",
        kind: Kind::Whole { unit: Unit::Minutes, min: 0, max: JAVA_INT_MAX },
        default: Some("120"),
        description: "How long a configured connector that nobody uses is kept, with its pool; `0` is for ever."
    }
    BUNDLE_DIR {
        name: "bundleDir",
        kind: Kind::Path,
        status: Status::Unused,
        description: "Java bundles, which this server cannot load."
    }
    LIB_DIR {
        name: "libDir",
        kind: Kind::Path,
        status: Status::Unused,
        description: "Java libraries, which this server cannot load."
    }
}
