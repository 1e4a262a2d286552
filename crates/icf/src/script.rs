//! Scripts that a caller asks to run.

use crate::error::{ConnectorError, Result};
use crate::value::ValueMap;

/// A piece of program text and the language it is written in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// Language name such as `groovy`; compared without case.
    pub language: String,
    /// Program text.
    pub text: String,
}

impl Script {
    /// A script; the language must not be blank.
    ///
    /// # Errors
    /// `IllegalArgumentException` for a blank language.
    pub fn try_new(language: impl Into<String>, text: impl Into<String>) -> Result<Self> {
        let (language, text) = (language.into(), text.into());
        if language.trim().is_empty() {
            return Err(ConnectorError::illegal_argument("Parameter 'scriptLanguage' must not be blank."));
        }
        Ok(Self { language, text })
    }
}

/// A script with its arguments.
#[derive(Clone, Debug, PartialEq)]
pub struct ScriptContext {
    /// What to run.
    pub script: Script,
    /// Arguments by name.
    pub arguments: ValueMap,
}

impl From<Box<Self>> for Script {
    fn from(boxed: Box<Self>) -> Self {
        *boxed
    }
}
