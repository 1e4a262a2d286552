//! Searches: from a filter and options to requests, and from entries to objects.
//!
//! Start at [`search`]. [`run`] has the ways to read all of a search, [`pages`] the pages that callers turn.

mod deliver;
mod pages;
mod request;
mod run;
mod sorting;

pub(crate) use request::Request;

use std::sync::Arc;

use icf::filter::Queries;
use icf::{
    CallContext, ConnectorError, ConnectorObject, Filter, ObjectClass, ObjectSink, OperationOptions, Uid,
};

use crate::fault::{Fault, Result};
use crate::filter::plan::Query;
use crate::filter::{Dialect, Translator};
use crate::link::{Link, Patience, Session};
use crate::message::Control;
use crate::message::control::oid;
use crate::projection::Projection;
use crate::schema::Model;
use crate::server::Facts;
use crate::settings::Referrals;
use crate::sync::DIRSYNC_EVENTS;
pub(crate) use deliver::Delivery;

/// The class that has every entry.
const ANY: &str = "__ANY__";
/// The class that tells what kind of server it is.
const SERVER_INFO: &str = "__SERVER_INFO__";

/// What a call works with.
pub(crate) struct Context<'a> {
    pub(crate) session: &'a Session,
    pub(crate) patience: Patience,
    pub(crate) class: &'a ObjectClass,
    pub(crate) facts: Arc<Facts>,
    pub(crate) model: Arc<Model>,
}

impl<'a> Context<'a> {
    /// Looks up what is known of the server; the link comes ready for the class.
    pub(crate) async fn new(
        session: &'a Session,
        cx: &CallContext,
        class: &'a ObjectClass,
        options: &OperationOptions,
    ) -> Result<(Self, Link<'a>)> {
        check_class(class)?;
        let settings = &session.directory().settings;
        let patience = Patience::of(cx, settings.read_timeout);
        let mut link = session.main(&patience).await;
        let facts = session.directory().facts(&mut link).await?;
        let model = session.directory().schema(&mut link).await?;
        if settings.referrals == Referrals::Ignore && !facts.profile().is_microsoft {
            link.add_control(Control::new(oid::MANAGE_DSA_IT, false));
        }
        if settings.properties.send_caud_tx_id
            && let Some(id) = options.transaction_id()
        {
            let value = Some(id.as_bytes().to_vec());
            link.add_control(Control { oid: oid::TRANSACTION_ID.to_owned(), critical: false, value });
        }
        Ok((Self { session, patience, class, facts, model }, link))
    }

    /// The attributes of objects: those asked for, or the usual ones.
    pub(crate) fn projection(&self, options: &OperationOptions) -> Projection {
        let settings = &self.session.directory().settings;
        let asked = options.attributes_to_get();
        let nothing: &[&str] = &[];
        // Of an entry of whatever class nobody knows which attributes it has.
        let asked = if asked.is_none() && self.class.is(ANY) { Some(nothing) } else { asked.as_deref() };
        Projection::new(self.class, asked, settings, &self.model, self.facts.profile())
    }

    fn queries(&self, filter: Option<&Filter>) -> Result<Vec<Query>> {
        if let Some(filter) = filter {
            filter.check()?;
        }
        let profile = self.facts.profile();
        let dialect = Dialect {
            uid: self.session.directory().settings.uid.clone(),
            microsoft: profile.is_microsoft,
            member_of: profile.member_of.map(str::to_owned),
        };
        Translator::new(&dialect)
            .queries(filter)
            .map_err(|many| Fault::Final(ConnectorError::illegal_argument(many.to_string())))
    }
}

/// Special classes that are none of entries.
fn check_class(class: &ObjectClass) -> Result<()> {
    let known = ["__ACCOUNT__", "__GROUP__", "__ALL__", ANY, SERVER_INFO, DIRSYNC_EVENTS];
    if class.as_str().starts_with("__") && !known.iter().any(|known| class.is(known)) {
        return Err(Fault::general(format!("The object class {class} is not known to the LDAP connector")));
    }
    Ok(())
}

/// Runs a search.
pub(crate) async fn search(
    session: &Session,
    cx: &CallContext,
    class: &ObjectClass,
    filter: Option<&Filter>,
    options: &OperationOptions,
    objects: &mut ObjectSink<'_>,
) -> Result<()> {
    if class.is(DIRSYNC_EVENTS) {
        return Err(Fault::general(format!("{DIRSYNC_EVENTS} can be synchronised, not searched")));
    }
    objects.declare_exact();
    let (context, mut link) = Context::new(session, cx, class, options).await?;
    if class.is(SERVER_INFO) {
        return server_info(&context, objects).await;
    }
    let queries = context.queries(filter)?;
    let mut request = Request::new(&context, &mut link, options).await?;
    request.sort = sorting::keys(&context, options);
    let mut projection = context.projection(options);
    for query in &queries {
        lend(&mut projection, query, &context);
    }
    if let Some(size) =
        options.page_size()?.and_then(|size| u32::try_from(size).ok()).filter(|size| *size > 0)
    {
        return pages::page(&context, &mut link, &request, &queries, &projection, size, options, objects)
            .await;
    }
    let mut queries = Queries::new(queries, objects);
    while let Some((query, mut sink)) = queries.next() {
        let mut delivery = Delivery::new(&context, &projection, &query, &mut sink);
        run::query(&context, &mut link, &request, &query, &mut delivery).await?;
    }
    objects.report(icf::SearchResult::default());
    Ok(())
}

/// What the connector itself judges must be in the objects until it has been judged.
fn lend(projection: &mut Projection, query: &Query, context: &Context<'_>) {
    let settings = &context.session.directory().settings;
    for (filter, _) in &query.rest {
        for name in filter.attribute_names() {
            projection.borrow(name.as_str(), settings, &context.model, context.facts.profile());
        }
    }
}

async fn server_info(context: &Context<'_>, objects: &mut ObjectSink<'_>) -> Result<()> {
    let name = context.facts.profile().name;
    let object = ConnectorObject::new(context.class.clone(), Uid::try_new(name)?, name);
    let _flow = objects.push(object).await?;
    objects.report(icf::SearchResult::default());
    Ok(())
}
