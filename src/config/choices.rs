//! Settings that are one word out of a few. The words are written once; parsing, the documentation and messages
//! take them from here.

/// Declares an enumeration whose variants are spelled in the configuration file as given.
macro_rules! choice {
    ($(#[$meta:meta])* $name:ident { $($(#[$variant_meta:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name {
            $($(#[$variant_meta])* $variant,)+
        }

        impl $name {
            /// The words as they are written in the configuration file.
            pub const WORDS: &'static [&'static str] = &[$($word),+];

            /// The word as it is written in the configuration file.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }

            /// Recognises a word, in any letter case.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                $(if word.eq_ignore_ascii_case($word) {
                    return Some(Self::$variant);
                })+
                None
            }
        }
    };
}

choice! {
    /// Which side opens the connections.
    Mode {
        /// [`Client`](Self::Client) when `url` is set, otherwise [`Server`](Self::Server).
        Auto = "auto",
        /// The server dials the tenant.
        Client = "client",
        /// The tenant dials the server.
        Server = "server",
        /// The server dials and listens.
        Both = "both",
    }
}

choice! {
    /// How the server shows its client secret to the token endpoint.
    TokenEndpointAuthMethod {
        /// Basic first; in the body after `invalid_client`; the one that worked is kept.
        Auto = "auto",
        /// In an `Authorization: Basic` header.
        Basic = "client_secret_basic",
        /// In the body of the request.
        Post = "client_secret_post",
    }
}

choice! {
    /// The kind of file that holds certificates or keys.
    StoreType {
        /// PKCS#12, the Java default since version 9.
        Pkcs12 = "PKCS12",
        /// The older Java format.
        Jks = "JKS",
        /// Certificates, and for a key store the private key, as PEM blocks in one file.
        Pem = "PEM",
    }
}

choice! {
    /// Under which bundle names the compiled-in connectors are advertised.
    BundleNames {
        /// The names of Ping Identity's connectors.
        Ping = "ping",
        /// The names of the Open Identity Platform's connectors.
        Oip = "oip",
        /// Both.
        Both = "both",
    }
}

choice! {
    /// Which dialect of the binary object format is written to clients of the legacy protocol.
    LegacyProfile {
        /// Current OpenICF.
        OpenIcf = "openicf",
        /// The newest ConnId known.
        ConnId = "connid",
        /// OpenICF 1.4.
        OpenIcf14 = "openicf-1.4",
        /// ConnId 1.4.
        ConnId14 = "connid-1.4",
        /// ConnId 1.5.
        ConnId15 = "connid-1.5",
        /// ConnId 1.6.
        ConnId16 = "connid-1.6",
    }
}

choice! {
    /// The form of the log.
    LogFormat {
        /// Lines for people.
        Text = "text",
        /// One JSON object a line.
        Json = "json",
    }
}
