//! What must hold for any bytes that a SCIM service sends, for the fuzz targets. A broken rule panics.

use icf::{Attribute, Filter, OperationOptions, names};
use icf_http::fuzzing::{answer, listing};
use serde_json::{Map, Value as Json};

use crate::filter::accepts;
use crate::model::{ProviderConfig, ResourceType, attributes_of, fallback_types};
use crate::object::{Projection, modified, version_of};
use crate::refusal::{Doing, Refusal};
use crate::search::Page;
use crate::settings::Version;

/// Takes an answer. The first byte says its status and type and how it is read, the rest is its body.
pub fn run(data: &[u8]) {
    let Some((choice, body)) = data.split_first() else { return };
    listing(body, "Resources");
    let answer = answer(*choice, body);
    for doing in [Doing::Creating, Doing::UpdatingPassword, Doing::Deleting, Doing::Searching] {
        let error = Refusal::of(&answer).into_error(doing);
        assert!(error.message().is_some_and(|text| text.len() < 4_000), "a message is short");
    }
    describes(&answer.json().unwrap_or_default());
    let version = if choice & 16 == 0 { Version::Two } else { Version::One };
    let Ok(page) = Page::new(&answer, "nextCursor") else { return };
    let mut count = 0;
    for resource in page.resources() {
        count += 1;
        let Ok(resource) = resource else { continue };
        for kind in &fallback_types(version) {
            as_object(kind, &resource);
        }
    }
    assert_eq!(page.received(), count);
}

fn as_object(kind: &ResourceType, resource: &Map<String, Json>) {
    let _stamp = (modified(resource), version_of(resource));
    let some = ["emails", "name.familyName", "department", "__ENABLE__", "nobody"];
    for options in [OperationOptions::default(), OperationOptions::default().with_attributes_to_get(some)] {
        let projection = Projection::new(&options);
        let Ok(object) = projection.object(kind, resource.clone()) else { continue };
        assert!(!object.uid.value().trim().is_empty() && !object.name.is_empty());
        for (place, attribute) in object.attributes.iter().enumerate() {
            assert!(!attribute.values().is_empty(), "an attribute has values");
            let again = object.attributes.iter().skip(place + 1).find(|other| other.name == attribute.name);
            assert!(again.is_none(), "a name comes once");
            assert!(!attribute.name.is("password"), "a password is not shown");
        }
    }
    let texts = ["userName", "meta.lastModified", "emails", "active", names::NAME];
    for name in texts {
        let operand = || Attribute::single(name, "2026-01-01T00:00:00Z");
        let or = Filter::GreaterThan(operand()).or(Filter::Equals(operand()));
        let either = Filter::GreaterThanOrEqual(operand());
        if name == "meta.lastModified" {
            assert_eq!(accepts(&or, kind, resource), accepts(&either, kind, resource));
        }
        let both = Filter::Contains(operand()).and(Filter::Contains(operand()).negated());
        assert!(!accepts(&both, kind, resource), "nothing is and is not");
    }
}

/// A body as the description of a service.
fn describes(json: &Json) {
    let provider = ProviderConfig::read(json);
    assert!(provider.max_results != Some(0) && provider.max_page_size != Some(0));
    if let Some(schema) = json.as_object() {
        for def in attributes_of(schema) {
            assert!(!def.name.is_empty() && def.attribute.is(&def.name));
        }
    }
}
