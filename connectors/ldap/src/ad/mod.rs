//! What Active Directory, AD LDS and Samba have of their own: identifiers, account flags, dates.

pub(crate) mod dates;
mod flags;
pub(crate) mod guid;
pub(crate) mod sid;

pub(crate) use flags::{Flag, SOURCES, Sources, bits, group_type};
