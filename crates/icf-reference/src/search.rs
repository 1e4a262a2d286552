//! Searching: everything that there is, sorted and in pages, or what is made up.

use std::cmp::Reverse;

use icf::operations::SearchOp;
use icf::{
    CallContext, ConnectorError, ConnectorObject, CountPolicy, Filter, Flow, ObjectClass, ObjectSink,
    OperationOptions, Result, SearchResult, async_trait,
};

use crate::connector::Reference;
use crate::describe::{describe_attribute, describe_filter};
use crate::schema;
use crate::stream::{self, Pace};

#[async_trait]
impl SearchOp for Reference {
    async fn search(
        &self,
        cx: &CallContext,
        class: &ObjectClass,
        filter: Option<&Filter>,
        options: &OperationOptions,
        objects: &mut ObjectSink<'_>,
    ) -> Result<()> {
        let mut pace = Pace::new(cx, options);
        let result = if let Some(numbers) = pace.made_up() {
            for i in numbers {
                pace.before_item().await?;
                let flow = objects.push(pace.object(class, i)?).await?;
                if self.ends(&pace, flow) {
                    return Ok(());
                }
            }
            all(pace.orders.generate.unwrap_or_default())
        } else {
            let (found, result) = if pace.orders.describe {
                let call = stream::call(class, ("filter", describe_filter(filter)), options)?;
                (vec![call], all(1))
            } else {
                self.page(class, filter, options)?
            };
            for object in found {
                pace.before_item().await?;
                if objects.push(object).await? == Flow::Stop {
                    break;
                }
            }
            result
        };
        pace.at_end().await?;
        if !pace.orders.null {
            objects.report(result);
        }
        Ok(())
    }
}

impl Reference {
    /// The objects of a class as far as the filter, if it is judged here, and the page let them through.
    fn page(
        &self,
        class: &ObjectClass,
        filter: Option<&Filter>,
        options: &OperationOptions,
    ) -> Result<(Vec<ConnectorObject>, SearchResult)> {
        schema::check_class(class)?;
        let filter = filter.filter(|_| self.settings.judges_filters);
        let mut found = Vec::new();
        for object in self.world.state().objects.iter().filter(|object| object.class == *class) {
            let object = object.shown(&self.settings, options)?;
            if filter.map_or(Ok(true), |filter| filter.accepts(&object))? {
                found.push(object);
            }
        }
        for key in options.sort_keys().into_iter().rev() {
            if key.ascending {
                found.sort_by_cached_key(|object| sorting(object, &key.field));
            } else {
                found.sort_by_cached_key(|object| Reverse(sorting(object, &key.field)));
            }
        }
        cut(found, options)
    }
}

fn sorting(object: &ConnectorObject, field: &str) -> String {
    match field {
        icf::names::NAME => describe_attribute(&object.name_attribute()),
        icf::names::UID => describe_attribute(&object.uid_attribute()),
        _ => object.attribute(field).map(describe_attribute).unwrap_or_default(),
    }
}

fn cut(
    found: Vec<ConnectorObject>,
    options: &OperationOptions,
) -> Result<(Vec<ConnectorObject>, SearchResult)> {
    let total = found.len();
    let size = match options.page_size()? {
        Some(size) if size > 0 => usize::try_from(size).unwrap_or(usize::MAX),
        _ => return Ok((found, all(count(total)))),
    };
    let start = match options.paged_results_cookie() {
        Some(cookie) => {
            cookie.parse().map_err(|_| ConnectorError::illegal_argument(format!("Not a cookie: {cookie}")))?
        }
        None => options.paged_results_offset()?.and_then(|offset| offset.try_into().ok()).unwrap_or(0),
    };
    let page: Vec<_> = found.into_iter().skip(start).take(size).collect();
    let next = start.saturating_add(page.len()).min(total);
    let result = SearchResult {
        paged_results_cookie: (next < total).then(|| next.to_string()),
        count_policy: CountPolicy::Exact,
        total_paged_results: count(total),
        remaining_paged_results: count(total - next),
    };
    Ok((page, result))
}

fn all(total: i32) -> SearchResult {
    SearchResult {
        paged_results_cookie: None,
        count_policy: CountPolicy::Exact,
        total_paged_results: total,
        remaining_paged_results: 0,
    }
}

fn count(number: usize) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}
