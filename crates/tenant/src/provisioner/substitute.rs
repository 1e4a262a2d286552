//! Placeholders: `&{name}` and `&{name|default}` in every text of a configuration.

use serde_json::{Map, Value as Json};

use super::transform::transform;

/// Placeholders may stand inside each other this deep.
const MAX_DEPTH: usize = 32;

/// Where values of placeholders come from: the environment, then the tenant's properties.
#[derive(Clone, Debug)]
pub(crate) struct Placeholders {
    properties: Map<String, Json>,
    environment: fn(&str) -> Option<String>,
}

impl Placeholders {
    pub(crate) fn new(properties: Map<String, Json>) -> Self {
        Self { properties, environment: |name| std::env::var(name).ok() }
    }

    /// A document with every placeholder filled in and every transform done. What cannot be resolved stays as it is.
    pub(crate) fn fill(&self, json: Json) -> Json {
        match json {
            Json::String(text) => self.fill_text(&text),
            Json::Array(items) => items.into_iter().map(|item| self.fill(item)).collect(),
            Json::Object(members) => {
                let filled: Map<_, _> =
                    members.into_iter().map(|(name, value)| (name, self.fill(value))).collect();
                transform(filled)
            }
            other => other,
        }
    }

    fn fill_text(&self, text: &str) -> Json {
        if !text.contains("&{") {
            return Json::String(text.to_owned());
        }
        // A text that is one placeholder takes over the property's type.
        if let Some(inner) = whole_placeholder(text)
            && let Some(value) = self.lookup(&self.expand(inner, 1))
        {
            return value;
        }
        Json::String(self.expand(text, 0))
    }

    fn expand(&self, text: &str, depth: usize) -> String {
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(start) = rest.find("&{") {
            let (before, from) = rest.split_at(start);
            filled.push_str(before);
            let inner = from.get(2..).unwrap_or_default();
            let Some(end) = closing(inner).filter(|_| depth < MAX_DEPTH) else {
                filled.push_str(from);
                return filled;
            };
            let (inner, behind) = inner.split_at(end);
            let token = self.expand(inner, depth + 1);
            match self.lookup(&token) {
                Some(Json::String(value)) => filled.push_str(&value),
                Some(value) => filled.push_str(&value.to_string()),
                None => {
                    tracing::warn!(placeholder = %token, "A placeholder has no value; it stays as it is.");
                    filled.push_str("&{");
                    filled.push_str(&token);
                    filled.push('}');
                }
            }
            rest = behind.get(1..).unwrap_or_default();
        }
        filled.push_str(rest);
        filled
    }

    fn lookup(&self, token: &str) -> Option<Json> {
        let (name, default) = match token.split_once('|') {
            Some((name, default)) => (name, Some(default)),
            None => (token, None),
        };
        let variable = name.replace('.', "_").to_uppercase();
        (self.environment)(&variable)
            .map(Json::String)
            .or_else(|| self.properties.get(name).cloned())
            .or_else(|| default.map(|default| Json::String(default.to_owned())))
    }
}

/// Where the brace that closes a placeholder stands, given the text behind `&{`.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0;
    let mut previous = ' ';
    for (at, c) in text.char_indices() {
        match c {
            '{' if previous == '&' => depth += 1,
            '}' if depth == 0 => return Some(at),
            '}' => depth -= 1,
            _ => {}
        }
        previous = c;
    }
    None
}

fn whole_placeholder(text: &str) -> Option<&str> {
    let inner = text.strip_prefix("&{")?;
    let end = closing(inner)?;
    (end + 1 == inner.len()).then(|| inner.get(..end)).flatten()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn placeholders() -> Placeholders {
        let properties = json!({"port": 8080, "host.name": "h", "which": "host"});
        let Json::Object(properties) = properties else { unreachable!() };
        Placeholders { properties, environment: |name| (name == "FROM_ENV").then(|| "e".to_owned()) }
    }

    #[test]
    fn values_come_from_environment_properties_and_defaults() {
        let fill = |text: &str| placeholders().fill(json!(text));
        assert_eq!(fill("&{from.env}"), json!("e"));
        assert_eq!(fill("&{port}"), json!(8080));
        assert_eq!(fill("p=&{port}"), json!("p=8080"));
        assert_eq!(fill("&{x|d}"), json!("d"));
        assert_eq!(fill("&{x|&{y|&{host.name}}}"), json!("h"));
        assert_eq!(fill("&{&{which}.name}"), json!("h"));
        assert_eq!(fill("a &{gone} b"), json!("a &{gone} b"));
        assert_eq!(fill("&{open"), json!("&{open"));
    }

    #[test]
    fn transforms_follow_the_placeholders() {
        let filled = placeholders().fill(json!({
            "n": {"$int": "&{port}"}, "b": {"$bool": "true"}, "l": {"$list": "a, b"},
            "s": {"$base64:encode": "hi"}, "o": {"$object": "{\"a\":1}"}, "c": {"$crypto": {"type": "x"}},
        }));
        assert_eq!(
            filled,
            json!({"n": 8080, "b": true, "l": ["a", "b"], "s": "aGk=", "o": {"a": 1}, "c": {"$crypto": {"type": "x"}}})
        );
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[&{}|a-cé]{0,80}") {
            placeholders().fill(json!(text));
        }
    }
}
