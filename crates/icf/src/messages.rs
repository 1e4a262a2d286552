//! Message catalogues of connectors: looked up by locale, formatted as `java.text.MessageFormat` does.

mod format;

use std::collections::BTreeMap;

use crate::api::ConnectorInfo;
use crate::locale::Locale;
use crate::name::ObjectClass;
use crate::value::Value;

/// Texts of one locale: message key to pattern.
pub type Catalogue = BTreeMap<String, String>;

/// The message catalogues of a connector, by locale; the root locale holds the texts for everyone else.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Messages {
    /// Catalogue of each locale.
    pub catalogues: BTreeMap<Locale, Catalogue>,
}

impl Messages {
    /// Messages of the root locale only.
    #[must_use]
    pub fn of<K: Into<String>, V: Into<String>>(texts: impl IntoIterator<Item = (K, V)>) -> Self {
        let catalogue = texts.into_iter().map(|(key, text)| (key.into(), text.into())).collect();
        Self { catalogues: BTreeMap::from([(Locale::default(), catalogue)]) }
    }

    /// Adds the texts of one locale.
    #[must_use]
    pub fn with(mut self, locale: Locale, catalogue: Catalogue) -> Self {
        self.catalogues.entry(locale).or_default().extend(catalogue);
        self
    }

    /// The text of a key: in this locale, its country, its language, the root, then among the framework's own.
    #[must_use]
    pub fn find(&self, locale: &Locale, key: &str) -> Option<&str> {
        locale
            .fallbacks()
            .find_map(|locale| self.catalogues.get(&locale)?.get(key))
            .map(String::as_str)
            .or_else(|| FRAMEWORK.iter().find_map(|(known, text)| (*known == key).then_some(*text)))
    }

    /// The text of a key with its placeholders filled in. Without such a text the default, as it is; without default
    /// the key.
    #[must_use]
    pub fn format(
        &self,
        locale: &Locale,
        key: Option<&str>,
        default: Option<&str>,
        arguments: &[Value],
    ) -> String {
        match key.and_then(|key| self.find(locale, key)) {
            Some(pattern) => format::message(pattern, locale, arguments),
            None => default.or(key).unwrap_or_default().to_owned(),
        }
    }
}

impl ConnectorInfo {
    /// The connector's name for people: the text of its display key, else the connector name.
    #[must_use]
    pub fn display_name(&self, locale: &Locale) -> String {
        self.messages.format(locale, Some(&self.display_name_key), Some(&self.key.connector_name), &[])
    }
}

impl ObjectClass {
    /// The message key of the class's name for people.
    #[must_use]
    pub fn display_name_key(&self) -> String {
        format!("MESSAGE_OBJECT_CLASS_{}", self.as_str().to_uppercase())
    }
}

/// Texts every connector has.
const FRAMEWORK: [(&str, &str); 2] =
    [("MESSAGE_OBJECT_CLASS_ACCOUNT", "Account"), ("MESSAGE_OBJECT_CLASS_GROUP", "Group")];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::ApiOperation;

    fn messages() -> Messages {
        let german = Catalogue::from([("greeting".to_owned(), "Hallo {0}".to_owned())]);
        Messages::of([("greeting", "Hello {0}"), ("only.root", "root")]).with(Locale::new("de", ""), german)
    }

    #[test]
    fn fw57_a_text_is_looked_up_from_the_special_to_the_general() {
        let (messages, austria) = (messages(), Locale::new("de", "AT"));
        assert_eq!(messages.format(&austria, Some("greeting"), None, &["Ada".into()]), "Hallo Ada");
        assert_eq!(messages.format(&austria, Some("only.root"), None, &[]), "root");
        assert_eq!(messages.format(&austria, Some("unknown"), Some("it''s {0}"), &["x".into()]), "it''s {0}");
        assert_eq!(messages.format(&austria, Some("unknown"), None, &[]), "unknown");
        assert_eq!(messages.format(&austria, None, Some("default"), &[]), "default");
    }

    #[test]
    fn the_framework_has_texts_of_its_own() {
        let text = |key: &str| Messages::default().format(&Locale::new("fr", "FR"), Some(key), None, &[]);
        assert_eq!(text("MESSAGE_OBJECT_CLASS_ACCOUNT"), "Account");
        assert_eq!(text("MESSAGE_OBJECT_CLASS_GROUP"), "Group");
        assert_eq!(ObjectClass::from("person").display_name_key(), "MESSAGE_OBJECT_CLASS_PERSON");
    }

    #[test]
    fn an_operation_that_is_not_supported_is_named_by_its_interface() {
        assert_eq!(
            ApiOperation::Search.not_supported().to_string(),
            "Operation 'interface org.identityconnectors.framework.api.operations.SearchApiOp' not supported."
        );
    }
}
