//! What must hold for any bytes that an HTTP service sends, for the fuzz targets. A broken rule panics.

use serde_json::Value;

use crate::fault::presentable;
use crate::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use crate::json::{Listing, Members, parse};
use crate::{Answer, Bytes, StatusCode};

pub use crate::oauth::fuzz as token_answer;

/// An answer with one of some statuses and types, and this body.
#[must_use]
pub fn answer(choice: u8, body: &[u8]) -> Answer {
    let statuses = [200, 400, 401, 404, 409, 412, 429, 500];
    let status = statuses.get(usize::from(choice & 7)).and_then(|status| StatusCode::from_u16(*status).ok());
    let kind = if choice & 8 == 0 { "application/scim+json" } else { "text/html" };
    let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(kind))]);
    Answer {
        status: status.unwrap_or_default(),
        headers,
        body: Bytes::copy_from_slice(body),
        uncertain: false,
    }
}

/// A text that holds a list in a member of that name: looked through and parsed whole, the same.
pub fn listing(body: &[u8], name: &str) {
    let shown = presentable(&String::from_utf8_lossy(body));
    assert!(shown.chars().all(|c| !c.is_control()), "what is shown is one line");
    let whole = parse(body).ok();
    let Ok(list) = Listing::parse(body, name) else {
        let usable = match &whole {
            Some(Value::Array(_)) => true,
            Some(Value::Object(members)) => members
                .iter()
                .filter(|(key, _)| key.eq_ignore_ascii_case(name))
                .all(|(_, value)| value.is_array() || value.is_null()),
            _ => false,
        };
        // Of a name that comes twice only the last value is in the parsed form.
        assert!(!usable || comes_twice(body, name), "a list is found where there is one");
        return;
    };
    let elements: Vec<_> =
        list.into_places().into_iter().map(|place| body.get(place).expect("within the text")).collect();
    let Some(whole) = whole else { return };
    let expected = match &whole {
        Value::Array(items) => items.as_slice(),
        Value::Object(members)
            if members.keys().filter(|key| key.eq_ignore_ascii_case(name)).count() == 1 =>
        {
            let member = members.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
            member.and_then(|(_, value)| value.as_array()).map(Vec::as_slice).unwrap_or_default()
        }
        _ => return,
    };
    assert_eq!(elements.len(), expected.len(), "all elements are found");
    for (element, expected) in elements.into_iter().zip(expected) {
        assert_eq!(parse(element).as_ref(), Ok(expected));
    }
}

fn comes_twice(body: &[u8], name: &str) -> bool {
    let Ok(members) = Members::parse(body) else { return false };
    members.names().filter(|key| key.eq_ignore_ascii_case(name)).count() > 1
}
