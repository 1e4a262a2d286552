//! Where a search looks, how deep, and with which condition besides the caller's.

use icf::{ConnectorError, OperationOptions};

use super::Context;
use crate::fault::{Fault, Result};
use crate::filter::plan::Query;
use crate::filter::{LdapFilter, parse};
use crate::link::Link;
use crate::lookup;
use crate::message::control::SortBy;
use crate::message::{Deref, Scope, SearchRequest};
use crate::projection::Projection;

/// The part of a search that all its queries share.
#[derive(Debug)]
pub(crate) struct Request {
    /// Names of the entries below which to look.
    pub(crate) bases: Vec<String>,
    pub(crate) scope: Scope,
    /// The option `searchFilter`, then the condition of the object class.
    options_filter: Option<LdapFilter>,
    pub(crate) class_filter: Option<LdapFilter>,
    pub(crate) sort: Vec<SortBy>,
}

impl Request {
    /// Understands the options; a container is looked up.
    pub(crate) async fn new(
        context: &Context<'_>,
        link: &mut Link<'_>,
        options: &OperationOptions,
    ) -> Result<Self> {
        let settings = &context.session.directory().settings;
        let scope = match options.scope() {
            None => Scope::Subtree,
            Some(scope) if scope.eq_ignore_ascii_case("subtree") => Scope::Subtree,
            Some(scope) if scope.eq_ignore_ascii_case("onelevel") => Scope::OneLevel,
            Some(scope) if scope.eq_ignore_ascii_case("object") => Scope::Object,
            Some(scope) => {
                let text = format!("The option SCOPE is '{scope}'; it must be object, onelevel or subtree");
                return Err(Fault::Final(ConnectorError::illegal_argument(text)));
            }
        };
        let bases = match options.container() {
            None => settings.bases.iter().map(|base| base.as_str().to_owned()).collect(),
            Some(container) => {
                vec![lookup::dn_of(context, link, &container.object_class, &container.uid).await?]
            }
        };
        let options_filter = options.get("searchFilter").and_then(icf::Value::as_str);
        let options_filter = options_filter.filter(|text| !text.trim().is_empty()).map(|text| {
            parse(text).map_err(|bad| {
                Fault::Final(ConnectorError::illegal_argument(format!(
                    "The option searchFilter is no LDAP filter: {bad}"
                )))
            })
        });
        let any = context.class.is(super::ANY);
        Ok(Self {
            bases,
            scope,
            options_filter: options_filter.transpose()?,
            class_filter: if any { None } else { settings.class_filter(context.class) },
            sort: Vec::new(),
        })
    }

    /// The whole condition of a query.
    pub(crate) fn filter(&self, query: &Query) -> LdapFilter {
        let parts = self.options_filter.iter().chain(&query.native).chain(&self.class_filter);
        LdapFilter::all(parts.cloned()).unwrap_or_else(LdapFilter::everything)
    }

    /// The request below one base.
    pub(crate) fn below(&self, base: &str, query: &Query, projection: &Projection) -> SearchRequest {
        SearchRequest {
            base: base.to_owned(),
            scope: self.scope,
            deref: Deref::Always,
            filter: self.filter(query),
            attributes: projection.requested(),
        }
    }

    /// The request for one entry.
    pub(crate) fn at(&self, name: &str, query: &Query, projection: &Projection) -> SearchRequest {
        SearchRequest { scope: Scope::Object, ..self.below(name, query, projection) }
    }
}
