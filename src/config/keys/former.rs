//! Keys of older or other servers, so that their files load with an explanation.

use super::{Kind, Status, group};

group! {
    FORMER, "Keys of older and other servers",
    "They are accepted, have no effect, and cause a warning.",
    LOGGING_CONFIG_FILE {
        name: "loggingConfigFile",
        kind: Kind::Path,
        status: Status::Former { bare: false, instead: "remove it; logs go to standard error" },
        description: "Path of a `logback.xml`; removed from the Java server in 1.5.20.32."
    }
    NAME_INTERVAL {
        name: "nameInterval",
        status: Status::Former { bare: false, instead: "remove it" },
        description: "Mentioned by the vendor as not to be changed; its meaning is not public."
    }
    CERTIFICATE_STORE_NAME {
        name: "certificatestorename",
        status: Status::Former { bare: false, instead: "name the certificate's file in keyStoreFile" },
        description: "Windows certificate store of the .NET server."
    }
    CERTIFICATE_THUMBPRINT {
        name: "certificateThumbprint",
        status: Status::Former { bare: false, instead: "name the certificate's file in keyStoreFile" },
        description: "Certificate of the .NET server."
    }
    CONNECTION_MANAGER_FACTORY {
        name: "ClientConnectionManagerFactoryClass",
        status: Status::Former { bare: true, instead: "remove it; links are managed by this server itself" },
        description: "Extension hook of the Java framework; written without the prefix."
    }
}
