//! Changes: entries created, changed, renamed and deleted, and the groups that list them kept in step.
//!
//! [`content`] understands what a caller sends; [`create`], [`update`], [`values`] and [`delete`] are the operations;
//! [`groups`] and [`posix`] the memberships; [`account`] the flags of Active Directory.

mod account;
mod content;
mod create;
mod delete;
mod groups;
mod hands;
mod posix;
mod update;
mod values;

pub(crate) use create::create;
pub(crate) use delete::delete;
pub(crate) use update::update;
pub(crate) use values::change_values;
