//! Search and get: the handlers between a connector's objects and the caller.

use std::borrow::Cow;
use std::collections::HashSet;
use std::task::{Context, Poll};

use icf::filter::{Case, Judgement};
use icf::operations::Lookup;
use icf::{
    ApiOperation, AttributeName, ConnectorError, ConnectorObject, Filter, Flow, Locale, ObjectClass,
    ObjectSink, OperationOptions, Receive, Result, Uid, names,
};
use icf_wire::rpc::{Answer, Item};

use super::execute::{Execution, supported};
use super::normalize::Normal;
use super::outlet::Outlet;

impl Execution<'_> {
    pub(super) async fn search(
        self,
        class: &ObjectClass,
        filter: Option<Filter>,
        options: &OperationOptions,
    ) -> Result<Answer> {
        let operation = supported(self.instance.search_op(), ApiOperation::Search)?;
        let filter = filter.map(|filter| self.filter_for_connector(class, filter));
        let asked = self.options_for_connector(filter.as_ref(), options);
        let mut receiver =
            ToCaller { chain: self.chain(class, filter.as_ref(), options), outlet: self.outlet };
        let mut objects = ObjectSink::new(&mut receiver);
        operation.search(self.cx, class, filter.as_ref(), &asked, &mut objects).await?;
        Ok(Answer::SearchEnd(objects.into_result()))
    }

    /// Reads one object: the first that a search for its identity brings through the same handlers.
    pub(super) async fn get(
        self,
        class: &ObjectClass,
        uid: &Uid,
        options: &OperationOptions,
    ) -> Result<Option<ConnectorObject>> {
        let operation = supported(self.instance.search_op(), ApiOperation::Get)?;
        let filter = self.filter_for_connector(class, Filter::uid(uid));
        let mut chain = self.chain(class, Some(&filter), options);
        match operation.get(self.cx, class, uid, options).await? {
            Lookup::Missing => Ok(None),
            // It was looked up by the connector's own idea of identity, with which no other need agree.
            Lookup::Found(object) => {
                chain.exact = true;
                chain.pass(*object)
            }
            Lookup::NotProvided => {
                let asked = self.options_for_connector(Some(&filter), options);
                let mut first = First { chain, found: None, failure: None };
                let mut objects = ObjectSink::new(&mut first);
                operation.search(self.cx, class, Some(&filter), &asked, &mut objects).await?;
                first.failure.map_or(Ok(first.found), Err)
            }
        }
    }

    /// With filtering on, the filter is normalized as the objects are; otherwise the connector gets the caller's.
    fn filter_for_connector(self, class: &ObjectClass, filter: Filter) -> Filter {
        let on = self.handlers.normalizing && self.handlers.filtered;
        Normal::new(self.instance.normalizer(), class).when(on).filter(filter)
    }

    /// With filtering on, a connector must not leave out what the filter looks at.
    fn options_for_connector<'o>(
        self,
        filter: Option<&Filter>,
        options: &'o OperationOptions,
    ) -> Cow<'o, OperationOptions> {
        let asked = options.attributes_to_get().filter(|asked| !asked.is_empty());
        let (Some(mut asked), Some(filter), true) = (asked, filter, self.handlers.filtered) else {
            return Cow::Borrowed(options);
        };
        let looked_at = filter.attribute_names();
        let before = asked.len();
        for name in &looked_at {
            let always_there = name.is(names::UID) || name.is(names::NAME);
            if !always_there && !asked.iter().any(|asked| name.is(asked)) {
                asked.push(name.as_str());
            }
        }
        if asked.len() == before {
            return Cow::Borrowed(options);
        }
        Cow::Owned(options.clone().with_attributes_to_get(asked))
    }

    fn chain<'c>(
        &'c self,
        class: &'c ObjectClass,
        filter: Option<&'c Filter>,
        options: &OperationOptions,
    ) -> Chain<'c> {
        Chain {
            normal: Normal::new(self.instance.normalizer(), class).when(self.handlers.normalizing),
            filter: filter.filter(|_| self.handlers.filtered),
            case: if self.handlers.case_insensitive { Case::Ignore } else { Case::Exact },
            locale: self.cx.locale(),
            asked: if self.handlers.attributes_to_get { asked_for(options) } else { None },
            exact: false,
        }
    }
}

/// The attributes to which objects are reduced; none for all.
pub(super) fn asked_for(options: &OperationOptions) -> Option<HashSet<AttributeName>> {
    let asked = options.attributes_to_get()?;
    (!asked.is_empty()).then(|| asked.into_iter().map(AttributeName::from).collect())
}

/// Normalize, filter, reduce.
struct Chain<'a> {
    normal: Normal<'a>,
    filter: Option<&'a Filter>,
    case: Case,
    locale: &'a Locale,
    asked: Option<HashSet<AttributeName>>,
    /// The connector has evaluated the filter by its own rules.
    exact: bool,
}

impl Chain<'_> {
    /// The object as the caller gets it; none if the filter does not accept it.
    fn pass(&self, object: ConnectorObject) -> Result<Option<ConnectorObject>> {
        if object.object_class == ObjectClass::ALL {
            return Err(ConnectorError::illegal_argument(
                "Connector object class can not be type of __ALL__",
            ));
        }
        let mut object = self.normal.object(object);
        if let (Some(filter), false) = (self.filter, self.exact) {
            let judgement = Judgement { case: self.case, locale: self.locale };
            if !filter.judge(&object, judgement)?.is_true() {
                return Ok(None);
            }
        }
        if let Some(asked) = &self.asked {
            object.retain(|name| asked.contains(name));
        }
        Ok(Some(object))
    }
}

/// Passes objects on to the caller.
struct ToCaller<'a> {
    chain: Chain<'a>,
    outlet: &'a dyn Outlet,
}

impl Receive<ConnectorObject> for ToCaller<'_> {
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Flow> {
        self.outlet.poll_ready(cx)
    }

    fn receive(&mut self, object: ConnectorObject) -> Result<Flow> {
        Ok(match self.chain.pass(object) {
            Ok(Some(object)) => self.outlet.put(Item::Object(object)),
            Ok(None) => Flow::Continue,
            Err(failure) => self.outlet.fail(failure),
        })
    }

    fn filter_is_exact(&mut self) {
        self.chain.exact = true;
    }
}

/// Keeps the first object.
struct First<'a> {
    chain: Chain<'a>,
    found: Option<ConnectorObject>,
    failure: Option<ConnectorError>,
}

impl Receive<ConnectorObject> for First<'_> {
    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Flow> {
        Poll::Ready(if self.found.is_none() { Flow::Continue } else { Flow::Stop })
    }

    fn receive(&mut self, object: ConnectorObject) -> Result<Flow> {
        match self.chain.pass(object) {
            Ok(None) => return Ok(Flow::Continue),
            Ok(found) => self.found = found,
            Err(failure) => self.failure = Some(failure),
        }
        Ok(Flow::Stop)
    }

    fn filter_is_exact(&mut self) {
        self.chain.exact = true;
    }
}
