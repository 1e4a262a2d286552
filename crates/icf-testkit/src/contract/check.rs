//! The list of rules.

use std::fmt;

use super::{Outcome, Subject, reads, writes};

macro_rules! checks {
    ($($name:ident, $text:literal, $run:path;)*) => {
        /// A rule of the contract.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Check {
            $(#[doc = concat!("Rule: ", $text, ".")] $name,)*
        }

        impl Check {
            /// Every rule.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            pub(super) async fn run(self, subject: &mut Subject<'_>) -> Outcome {
                let kept = match self {
                    $(Self::$name => Box::pin($run(subject)).await,)*
                };
                kept.map_or_else(|outcome| outcome, |()| Outcome::Kept)
            }
        }

        impl fmt::Display for Check {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self {
                    $(Self::$name => $text,)*
                })
            }
        }
    };
}

checks! {
    Usable, "the configuration validates and the test operation succeeds", reads::usable;
    SchemaHidesUid, "the schema does not list __UID__ as an attribute", reads::schema_hides_uid;
    CreatedIsFound, "a created object is found by identity and by name, with the attributes given", reads::created_is_found;
    NoFilterFindsAll, "a search without filter delivers every object", reads::no_filter_finds_all;
    CaseOfTarget, "a target that ignores case is searched without case", reads::case_of_target;
    AttributesToGetInSearch, "a search delivers the attributes asked for and no others", reads::attributes_to_get_in_search;
    AttributesToGetInSync, "a synchronisation delivers the attributes asked for and no others", reads::attributes_to_get_in_sync;
    UnknownUser, "resolving an unknown user name is an error", reads::unknown_user;
    SecondDelete, "deleting an object twice ends in UnknownUidException", writes::second_delete;
    IdenticalCreate, "creating an identical object is an error or makes another one", writes::identical_create;
    UnknownAttributeInCreate, "an attribute that the schema does not know is an error in create", writes::unknown_attribute_in_create;
    UnknownAttributeInUpdate, "an attribute that the schema does not know is an error in update", writes::unknown_attribute_in_update;
    UpdateChanges, "an update replaces the values given and nothing else", writes::update_changes;
    NotUpdateable, "updating an attribute that is not updateable is an error", writes::not_updateable;
    ClearedOrRefused, "an update to no value clears the attribute or is refused, but not with NullPointerException", writes::cleared_or_refused;
}
