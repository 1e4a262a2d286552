//! Query parameters: reserved ones begin with `_`, others are extra.

use super::CrestError;

/// The query parameters of a request, names compared without case.
#[derive(Clone, Debug, Default)]
pub(crate) struct Parameters(Vec<(String, String)>);

/// Parameters that every request may carry.
const COMMON: [&str; 3] = ["_fields", "_prettyPrint", "_mimeType"];

/// Parameters that may be repeated.
const LISTS: [&str; 2] = ["_fields", "_sortKeys"];

impl Parameters {
    /// Decodes a query string.
    pub(crate) fn parse(query: Option<&str>) -> Self {
        Self(url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned().collect())
    }

    /// Refuses reserved parameters that the kind of request does not know, and single ones that came twice.
    pub(crate) fn check(&self, known: &[&str]) -> Result<(), CrestError> {
        for (at, (name, _)) in self.0.iter().enumerate().filter(|(_, (name, _))| name.starts_with('_')) {
            let is = |candidate: &&&str| name.eq_ignore_ascii_case(candidate);
            let Some(canonical) = COMMON.iter().chain(known).find(is) else {
                return Err(CrestError::bad_request(format!("Unrecognized request parameter '{name}'")));
            };
            let repeated = self.0.iter().take(at).any(|(earlier, _)| earlier.eq_ignore_ascii_case(name));
            if repeated && !LISTS.contains(canonical) {
                return Err(CrestError::bad_request(format!(
                    "Multiple values provided for the request parameter '{name}'"
                )));
            }
        }
        Ok(())
    }

    /// The first value of a parameter.
    pub(crate) fn get<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        self.all(name).next()
    }

    /// All values of a parameter.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(move |(candidate, _)| candidate.eq_ignore_ascii_case(name))
            .map(|(_, v)| v.as_str())
    }

    /// Whether a parameter is `true`.
    pub(crate) fn flag(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    /// A number that must not be negative.
    pub(crate) fn number(&self, name: &str) -> Result<Option<i32>, CrestError> {
        let Some(text) = self.get(name) else { return Ok(None) };
        match text.parse::<i32>() {
            Ok(number) if number >= 0 => Ok(Some(number)),
            _ => Err(CrestError::bad_request(format!(
                "The value '{text}' for parameter '{name}' could not be parsed as a valid integer"
            ))),
        }
    }

    /// Parameters that are not reserved, in order.
    pub(crate) fn extra(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().filter(|(name, _)| !name.starts_with('_')).map(|(n, v)| (n.as_str(), v.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_ignore_case_and_single_ones_come_once() {
        let parameters = Parameters::parse(Some("_PAGESIZE=2&_fields=a&_Fields=b&x=1&x=2"));
        parameters.check(&["_pageSize"]).unwrap();
        assert_eq!(parameters.number("_pageSize").unwrap(), Some(2));
        assert_eq!(parameters.all("_fields").collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(parameters.extra().count(), 2);
        let unknown = parameters.check(&[]).unwrap_err();
        assert_eq!(unknown.message, "Unrecognized request parameter '_PAGESIZE'");
        assert!(Parameters::parse(Some("_pageSize=1&_pagesize=2")).check(&["_pageSize"]).is_err());
        assert!(Parameters::parse(Some("_pageSize=x")).number("_pageSize").is_err());
    }
}
