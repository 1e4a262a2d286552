//! Locales of callers.

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
