//! Why a request brought no answer, and what that is to the caller of an operation.

use std::error::Error;
use std::time::Duration;

use icf::{ConnectorError, ErrorKind};

use crate::oauth::TokenFault;

/// The longest text that is taken over from a service.
const MAX_TEXT: usize = 500;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The settings cannot be used.
    #[error("{0}")]
    Configuration(String),
    /// No access token.
    #[error("{0}")]
    Token(TokenFault),
    /// No connection; nothing was sent.
    #[error("Cannot connect to {host}: {cause}")]
    Unreachable {
        /// Host and port.
        host: String,
        /// What happened.
        cause: String,
    },
    /// The connection ended after the request was sent, wholly or in part.
    #[error("The connection to {host} broke during {what}: {cause}")]
    Broken {
        /// Host and port.
        host: String,
        /// Method and path.
        what: String,
        /// What happened.
        cause: String,
    },
    /// The time of the operation is over.
    #[error("{host} did not answer {what} within {} ms; the time of the operation is over", .waited.as_millis())]
    Timeout {
        /// Host and port.
        host: String,
        /// Method and path.
        what: String,
        /// How long it was waited for.
        waited: Duration,
    },
    /// A limit was met, of the service or of the configuration, that the operation has no time to wait out.
    #[error("{limit}: the next request may be sent in {} s, which does not fit into the time of the operation; repeat it then", .wait.as_secs_f64().ceil())]
    Limited {
        /// Whose limit.
        limit: String,
        /// How long to wait.
        wait: Duration,
    },
    /// The answer is longer than what is read.
    #[error("The answer of {host} to {what} is longer than {limit} bytes; nothing of it was used")]
    TooLarge {
        /// Host and port.
        host: String,
        /// Method and path.
        what: String,
        /// Bytes at most.
        limit: usize,
    },
    /// The service sends the request elsewhere.
    #[error("{host} answered {what} with a redirect to {to}, which is not followed: {why}")]
    Redirect {
        /// Host and port.
        host: String,
        /// Method and path.
        what: String,
        /// Where to, without query.
        to: String,
        /// Why not.
        why: &'static str,
    },
    /// The caller gave up.
    #[error("The operation was cancelled before it ended.")]
    Cancelled,
}

impl Fault {
    /// Which exception it is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Configuration(_) => ErrorKind::Configuration,
            Self::Token(fault) => fault.kind(),
            Self::Unreachable { .. } => ErrorKind::ConnectionFailed,
            Self::Broken { .. } => ErrorKind::ConnectionBroken,
            Self::Timeout { .. } => ErrorKind::OperationTimeout,
            Self::Limited { .. } => ErrorKind::Retryable,
            Self::TooLarge { .. } | Self::Redirect { .. } => ErrorKind::ConnectorIo,
            Self::Cancelled => ErrorKind::Connector,
        }
    }
}

impl From<Fault> for ConnectorError {
    fn from(fault: Fault) -> Self {
        Self::new(fault.kind(), fault.to_string())
    }
}

impl From<TokenFault> for Fault {
    fn from(fault: TokenFault) -> Self {
        Self::Token(fault)
    }
}

/// The reasons below an error in one line; the libraries' own top line only says that sending failed.
pub(crate) fn reasons(error: &dyn Error) -> String {
    let mut texts: Vec<String> = Vec::new();
    let mut next = error.source();
    while let Some(error) = next {
        let text = error.to_string();
        if !texts.iter().any(|known| known.contains(&text)) {
            texts.push(text);
        }
        next = error.source();
    }
    if texts.is_empty() {
        texts.push(error.to_string());
    }
    presentable(&texts.join(": "))
}

/// Foreign text for a message: short, on one line, without what follows words that announce a credential.
#[must_use]
pub fn presentable(text: &str) -> String {
    let one_line: String =
        text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MAX_TEXT).collect();
    let mut words: Vec<String> = Vec::new();
    let (mut scheme, mut credential) = ("", Credential::Over);
    for word in one_line.split(' ') {
        match credential {
            Credential::Begins if word.starts_with(['"', '\'']) => {
                words.push("***".to_owned());
                credential = Credential::after(word);
                continue;
            }
            Credential::Begins if word.is_empty() => {
                words.push(String::new());
                continue;
            }
            Credential::GoesOn(end) => {
                if word.contains(end) {
                    credential = Credential::Over;
                }
                continue;
            }
            // In "password: too weak" it is language that follows the colon.
            Credential::Begins | Credential::Over => {}
        }
        // "Basic" and "token" are words of the language, too; what follows them as a credential is long.
        let hidden = match scheme.to_ascii_lowercase().as_str() {
            "bearer" => !word.is_empty(),
            "basic" | "token" => word.len() >= 12,
            _ => false,
        };
        if hidden {
            words.push("***".to_owned());
        } else {
            // A credential in JSON or a form has its name before it.
            let (shown, then) = without_assigned_secret(word);
            words.push(shown);
            credential = then;
        }
        if !word.is_empty() {
            scheme = word;
        }
    }
    words.join(" ")
}

/// Where in a credential a text is.
#[derive(Clone, Copy)]
enum Credential {
    /// In none.
    Over,
    /// Its name and a colon were read; the next word is its value, if that is in quotation marks.
    Begins,
    /// It goes on to this quotation mark.
    GoesOn(char),
}

impl Credential {
    /// Behind the beginning of a value.
    fn after(value: &str) -> Self {
        match value.chars().next() {
            Some(quote @ ('"' | '\'')) if !value.get(1..).unwrap_or_default().contains(quote) => {
                Self::GoesOn(quote)
            }
            _ => Self::Over,
        }
    }
}

fn without_assigned_secret(word: &str) -> (String, Credential) {
    const NAMES: [&str; 5] = ["access_token", "refresh_token", "client_secret", "password", "assertion"];
    let lower = word.to_ascii_lowercase();
    let found = NAMES.iter().filter_map(|name| lower.find(name).map(|at| at + name.len())).min();
    match found.and_then(|end| Some((word.get(..end)?, word.get(end..)?.trim_start_matches(['"', '\''])))) {
        Some((_, ":")) => (word.to_owned(), Credential::Begins),
        Some((kept, rest)) if rest.starts_with(['=', ':']) => {
            (format!("{kept}=***"), Credential::after(rest.get(1..).unwrap_or_default()))
        }
        _ => (word.to_owned(), Credential::Over),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_texts_are_short_and_hold_no_credentials() {
        assert_eq!(presentable("a\nb"), "a b");
        assert_eq!(presentable("sent Bearer  abc.def to"), "sent Bearer  *** to");
        assert_eq!(
            presentable("token was revoked; Basic dXNlcjpwYXNzd29yZA=="),
            "token was revoked; Basic ***"
        );
        assert_eq!(presentable(r#"{"access_token":"s3cret","x":1}"#), r#"{"access_token=***"#);
        assert_eq!(presentable("client_secret=abc&x"), "client_secret=***");
        let spread = r#"{ "password":  "two words", "title": "x" }"#;
        assert_eq!(presentable(spread), r#"{ "password":  *** "title": "x" }"#);
        assert_eq!(presentable(r#"{"password":"two words","#), r#"{"password=***"#);
        for language in ["the password is too short", "password: too weak"] {
            assert_eq!(presentable(language), language);
        }
        assert_eq!(presentable(&"x".repeat(900)).len(), MAX_TEXT);
    }
}
