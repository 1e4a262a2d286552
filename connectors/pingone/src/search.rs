//! Searching: one object by its identity, or pages of a list, each held once and made into objects one by one.

use std::ops::Range;

use icf::filter::{Case, Judgement};
use icf::operations::Lookup;
use icf::{
    CallContext, ConnectorError, ConnectorObject, CountPolicy, Filter, Flow, ObjectSink, OperationOptions,
    Result, SearchResult, Uid,
};
use icf_http::json::{Listing, Members, parse};
use icf_http::{Answer, Bytes, Url};
use serde_json::{Map, Value as Json};

use crate::class::Class;
use crate::filter::{member_of, translate, wanted_uid};
use crate::object::{Projection, object};
use crate::refusal::{Doing, Refusal};
use crate::target::{Call, Target, not_json};

/// Objects on a page that we choose.
const PAGE: u64 = 200;
/// Objects on a page at most.
const LARGEST_PAGE: u64 = 1_000;

/// A page as it came, and where its objects stand in it.
struct Page {
    /// What it holds.
    embedded: Bytes,
    places: Vec<Range<usize>>,
    next: Option<Url>,
    count: Option<u64>,
    size: u64,
}

impl Page {
    /// `environment` is where the page is from.
    fn new(environment: &Url, answer: &Answer, name: &str) -> Result<Self> {
        let broken =
            |_| ConnectorError::io("PingOne's list cannot be read; it is not what the API describes.");
        let body = Members::parse(&answer.body).map_err(|_| not_json(answer))?;
        let href = body.value("_links").and_then(|links| links.pointer("/next/href").cloned());
        let next = match href {
            Some(Json::String(href)) if !href.is_empty() => Some(same_origin(environment, &href)?),
            _ => None,
        };
        let count = body.value("count").and_then(|count| count.as_u64());
        let (mut embedded, mut places) = (Bytes::new(), Vec::new());
        if let Some(raw) = body.get("_embedded") {
            embedded = answer.body.slice_ref(raw.get().as_bytes());
            places = Listing::parse(&embedded, name).map_err(broken)?.into_places();
        }
        let size = u64::try_from(places.len()).unwrap_or(u64::MAX);
        Ok(Self { embedded, places, next, count, size })
    }

    /// The objects, each parsed when it is its turn.
    fn objects(&self) -> impl Iterator<Item = Result<Map<String, Json>>> {
        self.places.iter().map(|place| match parse(self.embedded.get(place.clone()).unwrap_or_default()) {
            Ok(Json::Object(object)) => Ok(object),
            Ok(_) => Err(ConnectorError::io("PingOne's list holds something that is no object.")),
            Err(error) => {
                Err(ConnectorError::io(format!("An object in PingOne's list cannot be read: {error}.")))
            }
        })
    }

    fn cursor(&self) -> Option<String> {
        let next = self.next.as_ref()?;
        next.query_pairs().find(|(name, _)| name == "cursor").map(|(_, cursor)| cursor.into_owned())
    }
}

/// The next page must be where this one is: whoever gets the request gets the token.
fn same_origin(environment: &Url, href: &str) -> Result<Url> {
    match environment.join(href) {
        Ok(next) if next.origin() == environment.origin() => Ok(next),
        _ => Err(ConnectorError::connector(
            "PingOne's next page is on another host; it was not asked for, because that host would get the access token.",
        )),
    }
}

/// Delivers what matches.
pub(crate) async fn search(
    cx: &CallContext,
    target: &Target,
    class: Class,
    filter: Option<&Filter>,
    options: &OperationOptions,
    objects: &mut ObjectSink<'_>,
) -> Result<()> {
    objects.declare_exact();
    let query = Query { cx, target, class, filter, projection: Projection::new(options) };
    if let Some(filter) = filter {
        filter.check()?;
        if let Some(uid) = wanted_uid(filter) {
            let call = target.call(cx);
            if let Some(found) = read(&call, target, class, uid, &query.projection).await? {
                let _ = query.deliver(found, objects).await?;
            }
            objects.report(SearchResult::default());
            return Ok(());
        }
    }
    let result = query.run(options, objects).await?;
    objects.report(result);
    Ok(())
}

/// Reads one object.
pub(crate) async fn get(
    cx: &CallContext,
    target: &Target,
    class: Class,
    uid: &Uid,
    options: &OperationOptions,
) -> Result<Lookup> {
    let (call, projection) = (target.call(cx), Projection::new(options));
    let Some(found) = read(&call, target, class, uid.value(), &projection).await? else {
        return Ok(Lookup::Missing);
    };
    let mut object = object(class, found, target.settings.expand_nested)?;
    projection.apply(&mut object);
    Ok(Lookup::Found(Box::new(object)))
}

async fn read(
    call: &Call,
    target: &Target,
    class: Class,
    id: &str,
    projection: &Projection,
) -> Result<Option<Map<String, Json>>> {
    let include: Vec<_> = ["memberOfGroupIDs", "memberOfGroupNames"]
        .into_iter()
        .filter(|name| projection.names(name))
        .collect();
    let query = if class == Class::User && !include.is_empty() {
        vec![("include", include.join(","))]
    } else {
        vec![]
    };
    let mut answer = target.get(call, target.url(&[class.plural(), id], &query)?).await?;
    if class == Class::Role && answer.status.as_u16() == 404 {
        answer = target.get(call, target.root_url(&[class.plural(), id], &[])?).await?;
    }
    if matches!(answer.status.as_u16(), 404 | 410) {
        return Ok(None);
    }
    if !answer.is_success() {
        return Err(Refusal::of(&answer).into_error(Doing::Getting));
    }
    let Some(Json::Object(mut found)) = answer.json() else { return Err(not_json(&answer)) };
    if class == Class::User && projection.names("roleAssignments") {
        let list = links(call, target, &["users", id, "roleAssignments"], "roleAssignments").await?;
        found.insert("roleAssignments".to_owned(), Json::Array(list));
    }
    if class == Class::Group && projection.names("members") {
        let ids = members(call, target, id).await?;
        found.insert("members".to_owned(), ids.into());
    }
    if class == Class::Group && projection.names("memberOfGroups") {
        let list = links(call, target, &["groups", id, "memberOfGroups"], "groupMemberships").await?;
        let ids: Vec<_> = list.iter().filter_map(|link| link.get("id").cloned()).collect();
        found.insert("memberOfGroups".to_owned(), ids.into());
    }
    Ok(Some(found))
}

/// All entries of a list that belongs to one object.
pub(crate) async fn links(
    call: &Call,
    target: &Target,
    parts: &[&str],
    name: &'static str,
) -> Result<Vec<Json>> {
    let mut url = target.url(parts, &[("limit", PAGE.to_string())])?;
    let mut all = Vec::new();
    loop {
        let answer = target.get(call, url).await?;
        if !answer.is_success() {
            return Err(Refusal::of(&answer).into_error(Doing::Getting));
        }
        let page = Page::new(&target.settings.environment, &answer, name)?;
        for entry in page.objects() {
            all.push(Json::Object(entry?));
        }
        match page.next.filter(|_| page.size > 0) {
            Some(next) => url = next,
            None => return Ok(all),
        }
    }
}

/// The users of a group.
pub(crate) async fn members(call: &Call, target: &Target, group: &str) -> Result<Vec<String>> {
    let mut url =
        target.url(&["users"], &[("limit", LARGEST_PAGE.to_string()), ("filter", member_of(group))])?;
    let mut all = Vec::new();
    loop {
        let answer = target.get(call, url).await?;
        if !answer.is_success() {
            return Err(Refusal::of(&answer).into_error(Doing::Getting));
        }
        let page = Page::new(&target.settings.environment, &answer, "users")?;
        for user in page.objects() {
            all.extend(user?.get("id").and_then(Json::as_str).map(str::to_owned));
        }
        match page.next.filter(|_| page.size > 0) {
            Some(next) => url = next,
            None => return Ok(all),
        }
    }
}

struct Query<'a> {
    cx: &'a CallContext,
    target: &'a Target,
    class: Class,
    filter: Option<&'a Filter>,
    projection: Projection,
}

impl Query<'_> {
    async fn run(&self, options: &OperationOptions, objects: &mut ObjectSink<'_>) -> Result<SearchResult> {
        let positive = |number: Option<i32>| number.and_then(|number| u64::try_from(number).ok());
        let size = positive(options.page_size()?).filter(|size| *size > 0);
        let mut skip = positive(options.paged_results_offset()?).unwrap_or(0);
        if !options.sort_keys().is_empty() {
            tracing::debug!("PingOne does not sort; objects come in its own order.");
        }
        let mut cursor = None;
        if let Some(cookie) = options.paged_results_cookie().filter(|cookie| !cookie.is_empty()) {
            let place = cookie.strip_prefix("c1.").ok_or_else(|| {
                ConnectorError::invalid_attribute_value(
                    "The paged results cookie is none of this connector's.",
                )
            })?;
            cursor = Some(place.to_owned());
            skip = 0;
        }
        let (mut text, exact) = self.filter.map_or((None, true), |filter| translate(filter, self.class));
        let mut next: Option<Url> = None;
        let mut first = true;
        // Custom roles are in the environment, the others at the root of the API.
        let mut at_root = self.class == Class::Role;
        loop {
            let call = self.target.call(self.cx);
            let limit = size.unwrap_or(PAGE).min(LARGEST_PAGE);
            let url = match next.take() {
                Some(url) => url,
                None => self.address(limit, text.as_deref(), cursor.as_deref(), at_root)?,
            };
            let answer = self.target.get(&call, url).await?;
            if answer.status.as_u16() == 400 && text.is_some() && first {
                tracing::warn!("PingOne refuses the filter; objects are read without it and judged here.");
                text = None;
                continue;
            }
            if !answer.is_success() {
                return Err(Refusal::of(&answer).into_error(Doing::Searching));
            }
            let page = Page::new(&self.target.settings.environment, &answer, self.class.plural())?;
            for found in page.objects() {
                let found = found?;
                if skip > 0 {
                    skip -= 1;
                } else if self.deliver(found, objects).await? == Flow::Stop {
                    return Ok(SearchResult::default());
                }
            }
            if size.is_some() && skip == 0 {
                return Ok(self.report(
                    &page,
                    first && cursor.is_none() && exact && text.is_some() == self.filter.is_some(),
                ));
            }
            first = false;
            next.clone_from(&page.next);
            if next.is_none() || page.size == 0 {
                if !at_root {
                    return Ok(SearchResult::default());
                }
                (at_root, next) = (false, None);
            }
        }
    }

    fn address(&self, limit: u64, filter: Option<&str>, cursor: Option<&str>, at_root: bool) -> Result<Url> {
        let mut query = vec![("limit", limit.to_string())];
        query.extend(filter.map(|filter| ("filter", filter.to_owned())));
        query.extend(cursor.map(|cursor| ("cursor", cursor.to_owned())));
        let parts = [self.class.plural()];
        if at_root { self.target.root_url(&parts, &query) } else { self.target.url(&parts, &query) }
    }

    fn report(&self, page: &Page, whole: bool) -> SearchResult {
        let total = page.count.filter(|count| whole && *count >= page.size);
        let number = |count: u64| i32::try_from(count).unwrap_or(i32::MAX);
        SearchResult {
            paged_results_cookie: page
                .cursor()
                .filter(|_| page.size > 0)
                .map(|cursor| format!("c1.{cursor}")),
            count_policy: if total.is_some() { CountPolicy::Exact } else { CountPolicy::None },
            total_paged_results: total.map_or(-1, number),
            remaining_paged_results: total.map_or(-1, |total| number(total.saturating_sub(page.size))),
        }
    }

    async fn deliver(&self, mut found: Map<String, Json>, objects: &mut ObjectSink<'_>) -> Result<Flow> {
        let memberships = self.target.settings.include_memberships
            && self.class == Class::User
            && (self.projection.names("memberOfGroupIDs") || self.projection.names("memberOfGroupNames"));
        if memberships
            && !found.contains_key("memberOfGroupIDs")
            && !found.contains_key("memberOfGroupNames")
            && let Some(id) = found.get("id").and_then(Json::as_str).map(str::to_owned)
        {
            // Each of them has the time of a call: the search goes on as long as results flow.
            let call = self.target.call(self.cx);
            match read(&call, self.target, self.class, &id, &self.projection).await? {
                Some(more) => found = more,
                None => return Ok(Flow::Continue),
            }
        }
        // Dotted names may be in the filter whether or not they are offered.
        let mut object: ConnectorObject = object(self.class, found, true)?;
        if let Some(filter) = self.filter {
            let judgement = Judgement { case: Case::Ignore, locale: self.cx.locale() };
            if !adapted(filter).judge(&object, judgement)?.is_true() {
                return Ok(Flow::Continue);
            }
        }
        if !self.target.settings.expand_nested {
            object.retain(|name| !name.as_str().contains('.'));
        }
        self.projection.apply(&mut object);
        objects.push(object).await
    }
}

/// The filter with the names under which objects are judged.
fn adapted(filter: &Filter) -> Filter {
    let leaf = |attribute: &icf::Attribute| {
        let text = attribute.single_value().and_then(icf::Value::as_str).is_some();
        let name = match attribute.name.as_str() {
            name if text && name.eq_ignore_ascii_case("population") => "population.id".into(),
            name if name.eq_ignore_ascii_case("id") => icf::names::UID.into(),
            _ => attribute.name.clone(),
        };
        icf::Attribute { name, values: attribute.values.clone() }
    };
    match filter {
        Filter::And(left, right) => adapted(left).and(adapted(right)),
        Filter::Or(left, right) => adapted(left).or(adapted(right)),
        Filter::Not(inner) => adapted(inner).negated(),
        Filter::Equals(attribute) => Filter::Equals(leaf(attribute)),
        Filter::StartsWith(attribute) => Filter::StartsWith(leaf(attribute)),
        other => other.clone(),
    }
}

/// Takes a page of a class, for the fuzz target.
#[cfg(feature = "fuzzing")]
pub(crate) fn fuzz(answer: &Answer, class: Class) {
    let environment: Url = "https://api.pingone.eu/v1/environments/e/".parse().expect("an address");
    let Ok(page) = Page::new(&environment, answer, class.plural()) else { return };
    let next = page.next.as_ref();
    assert!(next.is_none_or(|next| next.origin() == environment.origin()), "the token stays where it is");
    let _cookie = page.cursor();
    let mut count = 0;
    for found in page.objects() {
        count += 1;
        let Ok(found) = found else { continue };
        let Ok(object) = object(class, found, true) else { continue };
        assert!(!object.attributes.iter().any(|attribute| attribute.name.is("password")));
        let filter = Filter::Equals(icf::Attribute::single("population", "p"));
        let judgement = Judgement { case: Case::Ignore, locale: &icf::Locale::default() };
        let _judged = adapted(&filter).judge(&object, judgement);
    }
    assert_eq!(page.size, count);
}
