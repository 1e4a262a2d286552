//! Locales of callers and the message catalogues of connectors.

use std::collections::BTreeMap;
use std::fmt;

/// A language, a country and a variant; every part may be empty, all empty is the root locale.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Locale {
    /// ISO 639 code, lower case, such as `en`.
    pub language: String,
    /// ISO 3166 code, upper case, such as `US`.
    pub country: String,
    /// Vendor-specific variant.
    pub variant: String,
}

impl Locale {
    /// A locale of a language and, unless empty, a country.
    #[must_use]
    pub fn new(language: &str, country: &str) -> Self {
        Self { language: language.to_owned(), country: country.to_owned(), variant: String::new() }
    }

    /// The locales in which a text is looked up: this one, then ever more general ones, the root last.
    pub fn fallbacks(&self) -> impl Iterator<Item = Self> {
        let country = Self { variant: String::new(), ..self.clone() };
        let language = Self { country: String::new(), ..country.clone() };
        let mut all = vec![self.clone(), country, language, Self::default()];
        all.dedup();
        all.into_iter()
    }
}

impl fmt::Display for Locale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.language)?;
        if !self.country.is_empty() || !self.variant.is_empty() {
            write!(f, "_{}", self.country)?;
        }
        if !self.variant.is_empty() {
            write!(f, "_{}", self.variant)?;
        }
        Ok(())
    }
}

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
}
