//! Queries on the objects of a type.

use icf::{ApiOperation, Filter, OperationOptions, SortKey, names, option_names};
use icf_wire::rpc::{Answer as IcfAnswer, Item, Operation};
use serde_json::Value as Json;

use super::Collection;
use super::failure::Failing;
use crate::crest::{Answer, CrestError, QueryRequest, Selector, query_envelope};
use crate::query::{Folded, parse, translate};
use crate::system::{Next, unexpected};

impl Collection<'_> {
    pub(super) async fn query(&self, query: &QueryRequest) -> Result<Answer, CrestError> {
        let folded = match &query.selector {
            Selector::Id(id) if id == "query-all-ids" => Folded::Everything,
            Selector::Id(id) => return Err(CrestError::bad_request(format!("Unsupported _queryId: {id}"))),
            Selector::Filter(text) => self.folded(text, "_queryFilter")?,
            Selector::Expression(text) => self.folded(text, "_queryExpression")?,
        };
        self.admit(ApiOperation::Search)?;
        let filter = match folded {
            Folded::Nothing => return Ok(Answer::ok(query_envelope(Vec::new(), None))),
            Folded::Everything => None,
            Folded::Filter(filter) => Some(filter),
        };
        let (result, cookie) = self.search(query, filter).await?;
        Ok(Answer::ok(query_envelope(result, cookie)))
    }

    fn folded(&self, text: &str, parameter: &str) -> Result<Folded, CrestError> {
        let filter = parse(text).map_err(|_| {
            CrestError::bad_request(format!(
                "The value '{text}' for parameter '{parameter}' could not be parsed as a valid query filter"
            ))
        })?;
        translate(&filter, self.object_type)
    }

    async fn search(
        &self,
        query: &QueryRequest,
        filter: Option<Filter>,
    ) -> Result<(Vec<Json>, Option<String>), CrestError> {
        let failing = Failing { operation: "QUERY", ..self.failing("QUERY", None) };
        let fail = |error: icf::ConnectorError| failing.map(&error);
        let options = self.search_options(query);
        let operation = Operation::Search { class: self.class(), filter, options };
        let pin = query.cookie.as_deref().filter(|_| self.state.options.pin_pages);
        let pin = pin.and_then(|cookie| self.system.pinned(cookie));
        let facade = &self.active.facade;
        let mut stream =
            facade.open(self.state, &self.request.context, operation, pin).await.map_err(fail)?;
        let mut result = Vec::new();
        let end = loop {
            match stream.next(self.state).await.map_err(fail)? {
                Next::Item(Item::Object(object)) => result.push(self.show(&object)?),
                Next::Item(_) => {}
                Next::End(IcfAnswer::SearchEnd(end)) => break end,
                Next::End(other) => return Err(fail(unexpected(&other))),
            }
        };
        let cookie = end.and_then(|end| end.paged_results_cookie).filter(|cookie| !cookie.trim().is_empty());
        if let Some(cookie) = &cookie {
            self.system.pin(cookie, &stream.id().server, &stream.id().session);
        }
        Ok((result, cookie))
    }

    fn search_options(&self, query: &QueryRequest) -> OperationOptions {
        let by_id = matches!(query.selector, Selector::Id(_));
        let attributes = if by_id { vec![names::UID] } else { self.attributes_to_get() };
        let mut options = self.options(attributes);
        if let Some(size) = query.page_size {
            options.set(option_names::PAGE_SIZE, size);
        }
        if let Some(cookie) = &query.cookie {
            options.set(option_names::PAGED_RESULTS_COOKIE, cookie.as_str());
        }
        options.set(option_names::PAGED_RESULTS_OFFSET, query.offset);
        options.with_sort_keys(query.sort_keys.iter().map(|key| self.native_sort_key(key)))
    }

    fn native_sort_key(&self, key: &SortKey) -> SortKey {
        let field = match self.object_type.property(&key.field) {
            _ if key.field == "_id" => names::UID.to_owned(),
            Some(property) => property.native_name.as_str().to_owned(),
            None => key.field.clone(),
        };
        SortKey { field, ascending: key.ascending }
    }
}
