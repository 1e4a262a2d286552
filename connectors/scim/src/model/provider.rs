//! What the service says it can do. Whatever it does not say has a default.

use icf_http::json::member;
use serde_json::Value as Json;

/// What of `ServiceProviderConfig` counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ProviderConfig {
    pub(crate) patch: bool,
    pub(crate) filter: bool,
    /// Results of a filter at most.
    pub(crate) max_results: Option<u64>,
    pub(crate) sort: bool,
    pub(crate) etag: bool,
    pub(crate) cursor: bool,
    pub(crate) index: bool,
    pub(crate) cursor_by_default: bool,
    pub(crate) max_page_size: Option<u64>,
}

impl Default for ProviderConfig {
    fn default() -> Self {
        Self {
            patch: true,
            filter: true,
            max_results: None,
            sort: false,
            etag: false,
            cursor: false,
            index: true,
            cursor_by_default: false,
            max_page_size: None,
        }
    }
}

impl ProviderConfig {
    pub(crate) fn read(json: &Json) -> Self {
        let part = |name: &str, inner: &str| {
            let object = member(json.as_object()?, name)?.as_object()?;
            member(object, inner)
        };
        let truth = |name: &str, inner: &str, otherwise: bool| {
            part(name, inner).and_then(Json::as_bool).unwrap_or(otherwise)
        };
        let positive =
            |name: &str, inner: &str| part(name, inner).and_then(Json::as_u64).filter(|number| *number > 0);
        let default = Self::default();
        Self {
            patch: truth("patch", "supported", default.patch),
            filter: truth("filter", "supported", default.filter),
            max_results: positive("filter", "maxResults"),
            sort: truth("sort", "supported", default.sort),
            etag: truth("etag", "supported", default.etag),
            cursor: truth("pagination", "cursor", default.cursor),
            index: truth("pagination", "index", default.index),
            cursor_by_default: part("pagination", "defaultPaginationMethod").and_then(Json::as_str)
                == Some("cursor"),
            max_page_size: positive("pagination", "maxPageSize"),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_missing_or_strange_has_a_default() {
        assert_eq!(ProviderConfig::read(&json!({})), ProviderConfig::default());
        assert_eq!(ProviderConfig::read(&json!([])), ProviderConfig::default());
        let read = ProviderConfig::read(&json!({
            "patch": {"supported": "no"}, "filter": {"supported": true, "maxResults": 5},
            "etag": {"supported": true}, "pagination": {"cursor": true, "index": false}
        }));
        assert!(read.patch && read.etag && read.cursor && !read.index);
        assert_eq!(read.max_results, Some(5));
    }
}
