//! The parameters of a query, and the envelope of its answer.

use icf::SortKey;
use serde_json::{Map, Value as Json};

use super::{CrestError, Parameters};

/// What a query selects by; exactly one is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Selector {
    /// `_queryFilter`
    Filter(String),
    /// `_queryId`
    Id(String),
    /// `_queryExpression`
    Expression(String),
}

/// A query as it came.
#[derive(Clone, Debug)]
pub(crate) struct QueryRequest {
    /// What is selected.
    pub(crate) selector: Selector,
    /// Results at most; `None` for all.
    pub(crate) page_size: Option<i32>,
    /// Where the page begins.
    pub(crate) cookie: Option<String>,
    /// Results to skip.
    pub(crate) offset: i32,
    /// Order, by names as given.
    pub(crate) sort_keys: Vec<SortKey>,
}

/// The reserved parameters of a query.
pub(super) const PARAMETERS: [&str; 8] = [
    "_queryFilter",
    "_queryId",
    "_queryExpression",
    "_pageSize",
    "_pagedResultsCookie",
    "_pagedResultsOffset",
    "_sortKeys",
    "_totalPagedResultsPolicy",
];

impl QueryRequest {
    pub(super) fn parse(parameters: &Parameters) -> Result<Self, CrestError> {
        let cookie = parameters.get("_pagedResultsCookie").filter(|cookie| !cookie.is_empty());
        let offset = parameters.number("_pagedResultsOffset")?.unwrap_or(0);
        if cookie.is_some() && offset > 0 {
            return Err(CrestError::bad_request(
                "The parameters '_pagedResultsCookie' and '_pagedResultsOffset' are mutually exclusive",
            ));
        }
        if let Some(policy) = parameters.get("_totalPagedResultsPolicy")
            && !["NONE", "ESTIMATE", "EXACT"].iter().any(|known| known.eq_ignore_ascii_case(policy))
        {
            return Err(CrestError::bad_request(format!(
                "The value '{policy}' for parameter '_totalPagedResultsPolicy' could not be parsed as a valid policy"
            )));
        }
        Ok(Self {
            selector: selector(parameters)?,
            page_size: parameters.number("_pageSize")?.filter(|size| *size > 0),
            cookie: cookie.map(str::to_owned),
            offset,
            sort_keys: parameters
                .all("_sortKeys")
                .flat_map(|keys| keys.split(','))
                .filter_map(sort_key)
                .collect(),
        })
    }
}

fn selector(parameters: &Parameters) -> Result<Selector, CrestError> {
    let text = |name| parameters.get(name).map(str::to_owned);
    match (text("_queryFilter"), text("_queryId"), text("_queryExpression")) {
        (Some(filter), None, None) => Ok(Selector::Filter(filter)),
        (None, Some(id), None) => Ok(Selector::Id(id)),
        (None, None, Some(expression)) => Ok(Selector::Expression(expression)),
        _ => Err(CrestError::bad_request(
            "The parameters '_queryFilter', '_queryId' and '_queryExpression' are mutually exclusive",
        )),
    }
}

fn sort_key(text: &str) -> Option<SortKey> {
    let text = text.trim();
    let (field, ascending) = match text.strip_prefix('-') {
        Some(field) => (field, false),
        None => (text.strip_prefix('+').unwrap_or(text), true),
    };
    let field = field.strip_prefix('/').unwrap_or(field);
    (!field.is_empty()).then(|| SortKey { field: field.to_owned(), ascending })
}

/// The answer of a query; counts are never told.
pub(crate) fn query_envelope(result: Vec<Json>, cookie: Option<String>) -> Json {
    let mut envelope = Map::new();
    let count = result.len();
    envelope.insert("result".to_owned(), result.into());
    envelope.insert("resultCount".to_owned(), count.into());
    envelope.insert("pagedResultsCookie".to_owned(), cookie.into());
    envelope.insert("totalPagedResultsPolicy".to_owned(), "NONE".into());
    envelope.insert("totalPagedResults".to_owned(), (-1).into());
    envelope.insert("remainingPagedResults".to_owned(), (-1).into());
    Json::Object(envelope)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(query: &str) -> Result<QueryRequest, CrestError> {
        QueryRequest::parse(&Parameters::parse(Some(query)))
    }

    #[test]
    fn pages_and_sort_keys_are_read() {
        let query =
            parse("_queryFilter=true&_pageSize=2&_sortKeys=-mail,_id&_pagedResultsCookie=c1").unwrap();
        assert_eq!((query.page_size, query.cookie.as_deref(), query.offset), (Some(2), Some("c1"), 0));
        let keys: Vec<_> = query.sort_keys.iter().map(|key| (key.field.as_str(), key.ascending)).collect();
        assert_eq!(keys, [("mail", false), ("_id", true)]);
        assert_eq!(parse("_queryFilter=true&_pageSize=0").unwrap().page_size, None);
    }

    #[test]
    fn contradictions_are_refused() {
        assert!(parse("_queryFilter=true&_pagedResultsCookie=c&_pagedResultsOffset=3").is_err());
        assert!(parse("_queryFilter=true&_queryId=x").unwrap_err().message.ends_with("mutually exclusive"));
        assert!(parse("_queryFilter=true&_pageSize=-1").is_err());
        assert!(parse("_queryFilter=true&_totalPagedResultsPolicy=ALL").is_err());
        assert!(parse("_queryFilter=true&_totalPagedResultsPolicy=EXACT").is_ok());
    }
}
