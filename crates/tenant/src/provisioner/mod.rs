//! A provisioner file: placeholders, secrets, which connector it names, and the configuration it makes of what that
//! connector advertises.
//!
//! Start at [`Document`]; the way from there to a facade is `resolve` and [`overlay`].

mod connector_ref;
mod document;
mod operation_rules;
mod overlay;
mod secrets;
mod substitute;
mod transform;
mod version;

pub(crate) use connector_ref::ConnectorRef;
pub(crate) use document::{Document, DocumentError, ScriptAction};
pub(crate) use operation_rules::{OperationRules, RateLimit, Ruling};
pub(crate) use overlay::overlay;
pub(crate) use secrets::Vault;
pub(crate) use substitute::Placeholders;
