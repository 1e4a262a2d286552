//! Searching: one resource by its identity, or pages of a list. Each page is held once, as it came; its resources are
//! made into objects one by one, as the caller takes them.

mod cookie;
mod page;
mod walk;

#[cfg(feature = "fuzzing")]
pub(crate) use page::Page;
pub(crate) use page::{Ask, Scope, fetch};
pub(crate) use walk::Walk;

use icf::operations::Lookup;
use icf::{
    CallContext, ConnectorObject, CountPolicy, Filter, Flow, ObjectClass, ObjectSink, OperationOptions,
    Result, SearchResult, Uid, Value, names, option_names,
};
use icf_http::{Budget, StatusCode};
use serde_json::{Map, Value as Json};

use crate::filter::{Dialect, accepts, mentions, translate, wanted_uid};
use crate::model::{Model, ResourceType};
use crate::object::Projection;
use crate::refusal::Doing;
use crate::settings::Version;
use crate::target::{Target, not_scim};

/// Delivers what matches.
pub(crate) async fn search(
    cx: &CallContext,
    target: &Target,
    class: &ObjectClass,
    filter: Option<&Filter>,
    options: &OperationOptions,
    objects: &mut ObjectSink<'_>,
) -> Result<()> {
    objects.declare_exact();
    let budget = target.budget(cx);
    let model = target.model(&budget).await?;
    let kind = model.of_class(class)?;
    let projection = Projection::new(options);
    if let Some(filter) = filter {
        filter.check()?;
        if let Some(uid) = wanted_uid(filter) {
            if let Some(resource) = read(target, &budget, kind, uid, &projection, Some(filter)).await?
                && accepts(filter, kind, &resource)
            {
                let object = projection.object(kind, resource)?;
                let _ = objects.push(object).await?;
            }
            objects.report(SearchResult::default());
            return Ok(());
        }
    }
    let query = Query::new(target, &model, kind, filter, options, projection)?;
    let result = query.run(cx, objects).await?;
    objects.report(result);
    Ok(())
}

/// Reads one object.
pub(crate) async fn get(
    cx: &CallContext,
    target: &Target,
    class: &ObjectClass,
    uid: &Uid,
    options: &OperationOptions,
) -> Result<Lookup> {
    let budget = target.budget(cx);
    let model = target.model(&budget).await?;
    let kind = model.of_class(class)?;
    let projection = Projection::new(options);
    Ok(match read(target, &budget, kind, uid.value(), &projection, None).await? {
        Some(resource) => Lookup::Found(Box::new(projection.object(kind, resource)?)),
        None => Lookup::Missing,
    })
}

async fn read(
    target: &Target,
    budget: &Budget,
    kind: &ResourceType,
    id: &str,
    projection: &Projection,
    filter: Option<&Filter>,
) -> Result<Option<Map<String, Json>>> {
    let asked = attributes(target, kind, projection, filter);
    let query: Vec<_> = asked.parameter().into_iter().collect();
    let answer = target.get(budget, &Target::path_of(&kind.endpoint, id), &query).await?;
    if matches!(answer.status, StatusCode::NOT_FOUND | StatusCode::GONE) {
        return Ok(None);
    }
    if !answer.is_success() {
        return Err(target.refusal(&answer).into_error(Doing::Getting));
    }
    match answer.json() {
        Some(Json::Object(resource)) => Ok(Some(resource)),
        _ => Err(not_scim(&answer)),
    }
}

/// Which attributes the service is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Attributes {
    All,
    Only(String),
    Without(String),
}

impl Attributes {
    pub(crate) fn parameter(&self) -> Option<(&'static str, String)> {
        match self {
            Self::All => None,
            Self::Only(list) => Some(("attributes", list.clone())),
            Self::Without(list) => Some(("excludedAttributes", list.clone())),
        }
    }
}

fn attributes(
    target: &Target,
    kind: &ResourceType,
    projection: &Projection,
    filter: Option<&Filter>,
) -> Attributes {
    let Some(wanted) = &projection.wanted else { return Attributes::All };
    let filtered = filter.map(Filter::attribute_names).unwrap_or_default();
    if target.settings.name_attributes && !target.learned.no_attributes.is_set() {
        let mut paths = Vec::new();
        let also = filtered.iter().map(icf::AttributeName::as_str);
        for name in [kind.naming()].into_iter().chain(wanted.iter().map(String::as_str)).chain(also) {
            let place = kind.place(name);
            let path = place.whole_path();
            let comes_anyway =
                ["id", "schemas", "password"].iter().any(|known| path.eq_ignore_ascii_case(known));
            let mut dropped = target.settings.knobs.drop_attributes.iter();
            let not_there = dropped.any(|known| path.eq_ignore_ascii_case(known));
            if !comes_anyway && !not_there && !paths.contains(&path) {
                paths.push(path);
            }
        }
        return Attributes::Only(paths.join(","));
    }
    let members = kind.core("members").is_some();
    let unwanted = members && !projection.wants("members") && !filter.is_some_and(|f| mentions(f, "members"));
    if unwanted { Attributes::Without("members".to_owned()) } else { Attributes::All }
}

/// A search for many.
struct Query<'a> {
    target: &'a Target,
    model: &'a Model,
    kind: &'a ResourceType,
    filter: Option<&'a Filter>,
    projection: Projection,
    scope: Scope,
    /// Whether the service judges the whole filter.
    exact: bool,
    page_size: Option<u64>,
    offset: u64,
    cookie: Option<String>,
    count: bool,
}

impl<'a> Query<'a> {
    fn new(
        target: &'a Target,
        model: &'a Model,
        kind: &'a ResourceType,
        filter: Option<&'a Filter>,
        options: &OperationOptions,
        projection: Projection,
    ) -> Result<Self> {
        let (mut text, mut exact) = (None, filter.is_none());
        if let Some(filter) = filter {
            let dialect = Dialect::new(target.settings.version, &target.settings.knobs);
            let translated = translate(filter, kind, &dialect)?;
            if model.provider.filter {
                (text, exact) = (translated.text, translated.exact);
            }
        }
        let scope = Scope {
            endpoint: kind.endpoint.clone(),
            filter: text,
            attributes: attributes(target, kind, &projection, filter),
            sort: sort(target, model, kind, options),
        };
        let positive = |number: Option<i32>| number.and_then(|number| u64::try_from(number).ok());
        let policy = options.get(option_names::TOTAL_PAGED_RESULTS_POLICY).and_then(Value::as_str);
        Ok(Self {
            target,
            model,
            kind,
            filter,
            projection,
            scope,
            exact,
            page_size: positive(options.page_size()?).filter(|size| *size > 0),
            offset: positive(options.paged_results_offset()?).unwrap_or(0),
            cookie: options.paged_results_cookie().filter(|cookie| !cookie.is_empty()).map(str::to_owned),
            count: policy.is_some_and(|policy| !policy.eq_ignore_ascii_case("NONE")),
        })
    }

    async fn run(mut self, cx: &CallContext, objects: &mut ObjectSink<'_>) -> Result<SearchResult> {
        match self.page_size {
            Some(size) => self.one_page(cx, size, objects).await,
            None => {
                self.every_page(cx, objects).await?;
                Ok(SearchResult::default())
            }
        }
    }

    async fn every_page(&mut self, cx: &CallContext, objects: &mut ObjectSink<'_>) -> Result<()> {
        let asked_wide = self.filter.is_some() && self.scope.filter.is_none();
        let mut walk = Walk::new(self.target, self.model, self.scope.clone());
        walk.skip(self.offset);
        let mut looked_at = 0_u64;
        while let Some(page) = walk.next(cx).await? {
            let wide = asked_wide || walk.is_wide();
            for resource in page.resources() {
                let resource = resource?;
                looked_at += 1;
                if wide && self.filter.is_some() && looked_at > self.target.settings.knobs.max_scan {
                    return Err(too_wide(self.target.settings.knobs.max_scan));
                }
                if walk.is_repetition(&resource) {
                    continue;
                }
                if self.deliver(resource, objects).await? == Flow::Stop {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    async fn deliver(&self, resource: Map<String, Json>, objects: &mut ObjectSink<'_>) -> Result<Flow> {
        if self.filter.is_some_and(|filter| !accepts(filter, self.kind, &resource)) {
            return Ok(Flow::Continue);
        }
        let object: ConnectorObject = self.projection.object(self.kind, resource)?;
        objects.push(object).await
    }

    async fn one_page(
        &self,
        cx: &CallContext,
        size: u64,
        objects: &mut ObjectSink<'_>,
    ) -> Result<SearchResult> {
        let print = cookie::fingerprint(&self.kind.class, &self.scope);
        let ask = match &self.cookie {
            Some(text) => cookie::decode(text, &print)?,
            None if walk::by_cursor(self.target, self.model) => Ask::Cursor(String::new()),
            None => Ask::Index(self.offset + 1),
        };
        let budget = self.target.budget(cx);
        let fetched = fetch(self.target, &budget, &self.scope, &ask, size).await?;
        let (page, wide) = (fetched.page, fetched.wide);
        let received = page.received();
        for resource in page.resources() {
            if self.deliver(resource?, objects).await? == Flow::Stop {
                return Ok(SearchResult::default());
            }
        }
        let consumed = match &ask {
            Ask::Index(start) => Some(start.saturating_sub(1) + received),
            Ask::Cursor(_) | Ask::Nothing => None,
        };
        let next = match (&page.next_cursor, &ask, consumed) {
            (Some(cursor), _, _) => Some(Ask::Cursor(cursor.clone())),
            (None, Ask::Index(_), Some(consumed)) => {
                let more = received > 0 && page.total.map_or(received >= size, |total| consumed < total);
                (more && !fetched.unpaged).then_some(Ask::Index(consumed + 1))
            }
            _ => None,
        };
        let number = |count: u64| i32::try_from(count).unwrap_or(i32::MAX);
        let exact_total = page.total.filter(|_| self.exact && !wide);
        let remaining = exact_total.zip(consumed).map(|(total, consumed)| total.saturating_sub(consumed));
        let counted = exact_total.filter(|_| self.count);
        Ok(SearchResult {
            paged_results_cookie: next.map(|next| cookie::encode(&next, &print)),
            count_policy: if counted.is_some() { CountPolicy::Exact } else { CountPolicy::None },
            total_paged_results: counted.map_or(-1, number),
            remaining_paged_results: remaining.map_or(-1, number),
        })
    }
}

pub(crate) fn too_wide(most: u64) -> icf::ConnectorError {
    icf::ConnectorError::invalid_attribute_value(format!(
        "The service cannot judge the filter, and more than {most} objects would have to be read to find those that match; use another filter or raise maxScan in providerOverrides."
    ))
}

fn sort(
    target: &Target,
    model: &Model,
    kind: &ResourceType,
    options: &OperationOptions,
) -> Option<(String, bool)> {
    let keys = options.sort_keys();
    let key = keys.first()?;
    if !model.provider.sort || target.settings.version == Version::One {
        tracing::warn!("The service cannot sort; objects come in its own order.");
        return None;
    }
    if keys.len() > 1 {
        tracing::debug!("SCIM sorts by one key; the others are left out.");
    }
    let name = if key.field == names::UID { "id" } else { key.field.as_str() };
    Some((kind.place(name).path(), key.ascending))
}
