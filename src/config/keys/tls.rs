//! Keys for trust stores and key stores.

use super::{Kind, group};
use crate::config::choices::StoreType;

group! {
    STORES, "Certificates",
    "Relative paths start at the installation directory: `CONNECTOR_SERVER_HOME`, or the current directory.",
    TRUST_STORE_FILE {
        name: "trustStoreFile",
        kind: Kind::Path,
        default_text: "the system's certificates",
        example: "security/truststore",
        description: "Certificates to trust, and no others, for links, token requests and the connectors' TLS. Not \
            needed when the tenant's certificate is publicly signed."
    }
    TRUST_STORE_TYPE {
        name: "trustStoreType",
        kind: Kind::Choice(StoreType::WORDS),
        default_text: "told from the content",
        description: "Format of that file. `PEM` is a text file of certificates."
    }
    TRUST_STORE_PASS {
        name: "trustStorePass",
        kind: Kind::Secret,
        default: Some("changeit"),
        environment: &["TRUSTSTORE_PASSWORD"],
        file: Some(&TRUST_STORE_PASS_FILE),
        description: "Password of that file; `PEM` has none."
    }
    TRUST_STORE_PASS_FILE {
        name: "trustStorePassFile",
        kind: Kind::Path,
        environment: &["TRUSTSTORE_PASSWORD_FILE"],
        description: "File with that password, in place of `trustStorePass`."
    }
    KEY_STORE_FILE {
        name: "keyStoreFile",
        kind: Kind::Path,
        default_text: "with `usessl`: `security/keyStore.pkcs12`",
        example: "security/keyStore.pkcs12",
        description: "Certificate and private key of the listener in server mode; in client mode the certificate to \
            show when the tenant asks for one."
    }
    KEY_STORE_TYPE {
        name: "keyStoreType",
        kind: Kind::Choice(StoreType::WORDS),
        default_text: "told from the content",
        description: "Format of that file. `PEM` is a text file with the private key and its certificates."
    }
    KEY_STORE_PASS {
        name: "keyStorePass",
        kind: Kind::Secret,
        default: Some("changeit"),
        file: Some(&KEY_STORE_PASS_FILE),
        description: "Password of that file; `PEM` has none."
    }
    KEY_STORE_PASS_FILE {
        name: "keyStorePassFile",
        kind: Kind::Path,
        description: "File with that password, in place of `keyStorePass`."
    }
    KEY_PASS {
        name: "keyPass",
        kind: Kind::Secret,
        default_text: "`keyStorePass`",
        file: Some(&KEY_PASS_FILE),
        description: "Password of the private key inside the key store."
    }
    KEY_PASS_FILE {
        name: "keyPassFile",
        kind: Kind::Path,
        description: "File with that password, in place of `keyPass`."
    }
}
