//! One page of a list.

use std::ops::Range;

use icf::{ConnectorError, Result};
use icf_http::json::{Listing, NoJson};
use icf_http::{Answer, Budget, Bytes, StatusCode};
use serde_json::{Map, Value as Json, json};

use super::Attributes;
use crate::profile::Paging;
use crate::refusal::Doing;
use crate::target::{Target, not_scim};

/// A filter longer than this, encoded, does not go into an address.
const LONGEST_FILTER: usize = 6_000;

/// What is searched.
#[derive(Clone, Debug)]
pub(crate) struct Scope {
    pub(crate) endpoint: String,
    pub(crate) filter: Option<String>,
    pub(crate) attributes: Attributes,
    /// Path and whether ascending.
    pub(crate) sort: Option<(String, bool)>,
}

/// Which page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ask {
    /// From this resource, counted from 1.
    Index(u64),
    /// From this cursor; the first is empty.
    Cursor(String),
    /// All, because the service has no pages.
    Nothing,
}

/// A page as it came, and where its resources stand in it.
#[derive(Debug)]
pub(crate) struct Page {
    body: Bytes,
    places: Vec<Range<usize>>,
    /// All results of the search, if the service says.
    pub(crate) total: Option<u64>,
    pub(crate) next_cursor: Option<String>,
}

/// What became of asking for a page.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) page: Page,
    /// The service refused the filter and was asked for everything.
    pub(crate) wide: bool,
    /// The service refused to make pages and sent everything.
    pub(crate) unpaged: bool,
}

impl Page {
    pub(crate) fn new(answer: &Answer, cursor_member: &str) -> Result<Self> {
        let body = answer.body.clone();
        let list = Listing::parse(&body, "Resources").map_err(|_: NoJson| not_scim(answer))?;
        let total = match list.value("totalResults") {
            Some(Json::Number(number)) => number.as_u64(),
            Some(Json::String(text)) => text.trim().parse().ok(),
            _ => None,
        };
        let next_cursor = match list.value(cursor_member) {
            Some(Json::String(cursor)) if !cursor.is_empty() && cursor != "end" => Some(cursor),
            _ => None,
        };
        if !list.is_there() && total.is_none() {
            return Err(not_scim(answer));
        }
        let places = list.into_places();
        Ok(Self { body, places, total, next_cursor })
    }

    /// Resources on the page.
    pub(crate) fn received(&self) -> u64 {
        u64::try_from(self.places.len()).unwrap_or(u64::MAX)
    }

    /// The resources, each parsed when it is its turn.
    pub(crate) fn resources(&self) -> impl Iterator<Item = Result<Map<String, Json>>> {
        self.places.iter().map(|place| {
            let text = self.body.get(place.clone()).unwrap_or_default();
            match icf_http::json::parse(text) {
                Ok(Json::Object(resource)) => Ok(resource),
                Ok(_) => Err(ConnectorError::io("The service's list holds something that is no resource.")),
                Err(error) => Err(ConnectorError::io(format!(
                    "A resource in the service's list cannot be read: {error}."
                ))),
            }
        })
    }
}

/// Asks for a page; makes do without filter or pages when the service has none.
pub(crate) async fn fetch(
    target: &Target,
    budget: &Budget,
    scope: &Scope,
    ask: &Ask,
    count: u64,
) -> Result<Asked> {
    let (mut scope, mut ask) = (scope.clone(), ask.clone());
    let asked_for = scope.attributes.clone();
    let (mut wide, mut unpaged) = (false, false);
    if target.settings.knobs.paging == Paging::None || target.learned.no_paging.is_set() {
        ask = Ask::Nothing;
        unpaged = true;
    }
    loop {
        let answer = attempt(target, budget, &scope, &ask, count).await?;
        if answer.is_success() {
            if scope.attributes != asked_for {
                target.learned.no_attributes.set();
            }
            let page = Page::new(&answer, &target.settings.knobs.cursor_params.1)?;
            return Ok(Asked { page, wide, unpaged });
        }
        let refusal = target.refusal(&answer);
        let is_any_of = |kinds: &[&str]| {
            answer.status == StatusCode::BAD_REQUEST && kinds.iter().any(|kind| refusal.is_type(kind))
        };
        let bad_filter = answer.status == StatusCode::NOT_IMPLEMENTED || is_any_of(&["", "invalidFilter"]);
        // Some stumble over an address and blame a value that nobody sent.
        let blames_a_value = is_any_of(&["invalidValue", "invalidSyntax", "invalidPath"]);
        if answer.status == StatusCode::NOT_IMPLEMENTED && ask != Ask::Nothing && scope.filter.is_none() {
            tracing::warn!("The service makes no pages; everything is asked for at once.");
            target.learned.no_paging.set();
            ask = Ask::Nothing;
            unpaged = true;
        } else if blames_a_value && matches!(scope.attributes, Attributes::Only(_)) {
            tracing::debug!(
                "The service may stumble over the names of attributes; it is asked without them."
            );
            scope.attributes = Attributes::All;
        } else if (blames_a_value || bad_filter) && scope.filter.is_some() {
            tracing::warn!(
                status = refusal.status,
                "The service refuses the filter; objects are read without it and judged here."
            );
            scope.filter = None;
            wide = true;
        } else {
            return Err(refusal.into_error(Doing::Searching));
        }
    }
}

async fn attempt(target: &Target, budget: &Budget, scope: &Scope, ask: &Ask, count: u64) -> Result<Answer> {
    let cursor_name = target.settings.knobs.cursor_params.0.as_str();
    let long = scope.filter.as_ref().is_some_and(|filter| Target::length_of(filter) > LONGEST_FILTER);
    if long && !target.learned.no_search_endpoint.is_set() {
        let body = request(scope, ask, count, cursor_name);
        let answer = target.query(budget, &format!("{}/.search", scope.endpoint), &body).await?;
        if !matches!(answer.status.as_u16(), 404 | 405 | 501) {
            return Ok(answer);
        }
        tracing::debug!("The service has no .search; long filters go into the address.");
        target.learned.no_search_endpoint.set();
    }
    let mut query: Vec<(&str, String)> = Vec::with_capacity(6);
    if let Some(filter) = &scope.filter {
        query.push(("filter", filter.clone()));
    }
    match ask {
        Ask::Index(start) => query.extend([("startIndex", start.to_string()), ("count", count.to_string())]),
        Ask::Cursor(cursor) => query.extend([(cursor_name, cursor.clone()), ("count", count.to_string())]),
        Ask::Nothing => {}
    }
    if let Some((by, ascending)) = &scope.sort {
        query.push(("sortBy", by.clone()));
        query.push(("sortOrder", if *ascending { "ascending" } else { "descending" }.to_owned()));
    }
    query.extend(scope.attributes.parameter());
    Ok(target.get(budget, &scope.endpoint, &query).await?)
}

/// The same as a SearchRequest.
fn request(scope: &Scope, ask: &Ask, count: u64, cursor_name: &str) -> Json {
    let mut body = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"]});
    let Some(object) = body.as_object_mut() else { return body };
    if let Some(filter) = &scope.filter {
        object.insert("filter".to_owned(), filter.as_str().into());
    }
    match ask {
        Ask::Index(start) => {
            object.insert("startIndex".to_owned(), (*start).into());
            object.insert("count".to_owned(), count.into());
        }
        Ask::Cursor(cursor) => {
            object.insert(cursor_name.to_owned(), cursor.as_str().into());
            object.insert("count".to_owned(), count.into());
        }
        Ask::Nothing => {}
    }
    if let Some((by, ascending)) = &scope.sort {
        object.insert("sortBy".to_owned(), by.as_str().into());
        object.insert("sortOrder".to_owned(), if *ascending { "ascending" } else { "descending" }.into());
    }
    if let Some((name, list)) = scope.attributes.parameter() {
        let names: Vec<_> = list.split(',').collect();
        object.insert(name.to_owned(), names.into());
    }
    body
}
