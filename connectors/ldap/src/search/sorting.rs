//! Sort keys for the server, with an ordering rule where its schema has none: OpenLDAP refuses to sort without.

use icf::{OperationOptions, names};
use tracing::warn;

use super::Context;
use crate::message::control::{SortBy, oid};
use crate::settings::{given, is_dn_attribute};

/// The keys of a search; none if the server cannot sort.
pub(super) fn keys(context: &Context<'_>, options: &OperationOptions) -> Vec<SortBy> {
    let keys = options.sort_keys();
    if keys.is_empty() {
        return Vec::new();
    }
    if !context.facts.supports(oid::SORT_REQUEST) {
        warn!("The directory cannot sort; the objects come in its own order.");
        return Vec::new();
    }
    let settings = &context.session.directory().settings;
    let mut wanted = Vec::new();
    for key in keys {
        let attribute = if key.field.eq_ignore_ascii_case(names::UID) {
            settings.uid.attribute()
        } else if key.field.eq_ignore_ascii_case(names::NAME) || is_dn_attribute(&key.field) {
            None
        } else {
            Some(key.field.as_str())
        };
        match attribute {
            Some(attribute) => wanted.push(by(context, attribute, !key.ascending)),
            None => warn!("Directories do not sort by name; that sort key is left out."),
        }
    }
    wanted
}

/// A key with its rule.
pub(super) fn by(context: &Context<'_>, attribute: &str, reverse: bool) -> SortBy {
    let configured = given(context.session.directory().settings.properties.rs_sort_matching_rule.as_deref());
    let by_schema = context.model.ordering_rule(attribute);
    let by_schema = by_schema.filter(|_| context.facts.profile().takes_ordering_rules);
    let ordering_rule = by_schema.or(configured).map(str::to_owned);
    SortBy { attribute: attribute.to_owned(), ordering_rule, reverse }
}
