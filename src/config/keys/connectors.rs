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
