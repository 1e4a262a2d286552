//! Names of attributes and object classes: kept as spelled, compared without regard to case.

use std::borrow::Cow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// Text that is cheap to clone: a literal or a shared allocation.
#[derive(Clone)]
enum Text {
    Literal(&'static str),
    Shared(Arc<str>),
}

impl Text {
    fn as_str(&self) -> &str {
        match self {
            Self::Literal(text) => text,
            Self::Shared(text) => text,
        }
    }
}

/// One character upper-cased by Unicode's simple mapping, without a locale.
fn fold(c: char) -> char {
    if c.is_ascii() {
        return c.to_ascii_uppercase();
    }
    let mut upper = c.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(single), None) => single,
        _ => c,
    }
}

/// Whether two names are the same name: equal after simple upper-casing of every character.
#[must_use]
pub fn same_name(left: &str, right: &str) -> bool {
    for (a, b) in left.bytes().zip(right.bytes()) {
        if !a.is_ascii() || !b.is_ascii() {
            return left.chars().map(fold).eq(right.chars().map(fold));
        }
        if !a.eq_ignore_ascii_case(&b) {
            return false;
        }
    }
    left.len() == right.len()
}

macro_rules! name_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $name(Text);

        impl $name {
            /// A name known at compile time; costs no allocation.
            #[must_use]
            pub const fn from_static(name: &'static str) -> Self {
                Self(Text::Literal(name))
            }

            /// A name as received; the spelling is kept.
            #[must_use]
            pub fn new(name: impl Into<Cow<'static, str>>) -> Self {
                match name.into() {
                    Cow::Borrowed(name) => Self(Text::Literal(name)),
                    Cow::Owned(name) => Self(Text::Shared(name.into())),
                }
            }

            /// The spelling it was made with.
            #[must_use]
            pub fn as_str(&self) -> &str {
                self.0.as_str()
            }

            /// Whether this is the given name, without regard to case.
            #[must_use]
            pub fn is(&self, name: &str) -> bool {
                same_name(self.as_str(), name)
            }
        }

        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                same_name(self.as_str(), other.as_str())
            }
        }

        impl Eq for $name {}

        impl Hash for $name {
            fn hash<H: Hasher>(&self, state: &mut H) {
                for c in self.as_str().chars().map(fold) {
                    c.hash(state);
                }
            }
        }

        impl PartialOrd for $name {
            fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
                Some(self.cmp(other))
            }
        }

        impl Ord for $name {
            fn cmp(&self, other: &Self) -> std::cmp::Ordering {
                self.as_str().chars().map(fold).cmp(other.as_str().chars().map(fold))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(self.as_str(), f)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl From<&str> for $name {
            fn from(name: &str) -> Self {
                Self(Text::Shared(name.into()))
            }
        }

        impl From<String> for $name {
            fn from(name: String) -> Self {
                Self(Text::Shared(name.into()))
            }
        }
    };
}

name_type! {
    /// The name of an attribute. Equality, order and hash ignore case; the spelling is kept.
    AttributeName
}

name_type! {
    /// The name of an object class. Equality, order and hash ignore case; the spelling is kept.
    ObjectClass
}

impl ObjectClass {
    /// The predefined class of accounts.
    pub const ACCOUNT: Self = Self::from_static("__ACCOUNT__");
    /// The predefined class of groups.
    pub const GROUP: Self = Self::from_static("__GROUP__");
    /// Stands for all classes at once; legal only in sync operations.
    pub const ALL: Self = Self::from_static("__ALL__");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_compare_without_case_and_keep_their_spelling() {
        let name = AttributeName::from("MailAddress");
        assert_eq!(name, AttributeName::from_static("mailaddress"));
        assert_eq!(name.as_str(), "MailAddress");
        assert!(ObjectClass::ALL.is("__all__"));
    }

    #[test]
    fn the_simple_mapping_does_not_expand_characters() {
        assert!(!same_name("straße", "STRASSE"));
        assert!(same_name("äÖ", "ÄÖ"));
        assert!(same_name("aÖ", "Aö"));
        assert!(!same_name("a", "ab") && !same_name("aö", "a") && !same_name("a", "aö"));
        assert!(same_name("ſ", "s"), "a letter whose capital is an ASCII one");
    }
}
