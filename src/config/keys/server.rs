//! Keys of server mode.

use super::{Kind, Scope, group};
use crate::config::choices::LegacyProfile;

group! {
    LISTENER, "Server mode",
    "The tenant opens the links. Not usable with the cloud.",
    PORT {
        name: "port",
        kind: Kind::PORT,
        default: Some("8759"),
        scope: Scope::Server,
        description: "Port for WebSocket (at `/openicf`) and for legacy clients."
    }
    IFADDRESS {
        name: "ifaddress",
        kind: Kind::Host,
        default_text: "every interface",
        scope: Scope::Server,
        description: "Address to bind to."
    }
    USESSL {
        name: "usessl",
        kind: Kind::Boolean,
        default: Some("false"),
        scope: Scope::Server,
        aliases: &["useSSL"],
        description: "Whether the listener speaks TLS, with the certificate in `keyStoreFile`. Java servers ignore \
            the spelling `useSSL`; here it works, with a warning."
    }
    KEY {
        name: "key",
        kind: Kind::KeyHash,
        scope: Scope::Server,
        file: Some(&KEY_FILE),
        description: "Required in server mode. Hash of the shared key: `base64(sha1(key as UTF-16, big-endian))`. \
            Set it with `rcs set-key`."
    }
    KEY_FILE {
        name: "keyFile",
        kind: Kind::Path,
        scope: Scope::Server,
        description: "File with that hash, in place of `key`."
    }
    LEGACY_PROFILE {
        name: "legacyProfile",
        kind: Kind::Choice(LegacyProfile::WORDS),
        default: Some("openicf"),
        scope: Scope::Server,
        description: "The dialect in which clients of the legacy protocol (ConnId's, OpenICF 1.4's) are answered. \
            midPoint and OpenICF need an `openicf` one, Syncope needs `connid`, which is the newest known: the two \
            read the end of a page differently."
    }
    LEGACY_PORT {
        name: "legacyPort",
        kind: Kind::PORT,
        default_text: "none",
        scope: Scope::Server,
        example: "8758",
        description: "A port for legacy clients alone; `port` then takes none."
    }
}
