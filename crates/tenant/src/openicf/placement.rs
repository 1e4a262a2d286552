//! Where an upgrade request carries the name of its connector server.

use axum::http::HeaderMap;

use crate::config::Hosts;
use crate::crest::header_text;
use crate::options::NamePlace;

/// A name, and where it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) name: String,
    pub(super) source: String,
}

/// What is looked through.
#[derive(Debug)]
pub(super) struct Places<'a> {
    pub(super) query: &'a [(String, String)],
    pub(super) headers: &'a HeaderMap,
    /// The path segment behind the node.
    pub(super) path_name: Option<&'a str>,
    /// Client of the token, if there is a live one.
    pub(super) client: Option<&'a str>,
    pub(super) hosts: &'a Hosts,
}

impl Places<'_> {
    /// The name at the first of these places that has one.
    pub(super) fn find(&self, places: &[NamePlace]) -> Option<Found> {
        places.iter().find_map(|place| {
            let name = self.at(place).filter(|name| !name.is_empty())?;
            Some(Found { name, source: place.to_string() })
        })
    }

    fn at(&self, place: &NamePlace) -> Option<String> {
        match place {
            NamePlace::Query(wanted) => {
                self.query.iter().find_map(|(name, value)| (name == wanted).then(|| value.clone()))
            }
            NamePlace::Header(wanted) => header_text(self.headers, wanted),
            NamePlace::Path => self.path_name.map(str::to_owned),
            NamePlace::ClientId => {
                let own = |host: &&crate::config::Host| host.client_id.as_deref() == self.client;
                self.client?;
                self.hosts.clients().find(own).map(|host| host.name.clone())
            }
            NamePlace::Single => {
                let mut enabled = self.hosts.clients();
                let only = enabled.next()?;
                enabled.next().is_none().then(|| only.name.clone())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::config::Store;

    #[test]
    fn places_are_tried_in_order() {
        let store = Store::seeded();
        store.put(
            crate::config::HOSTS_ID,
            json!({"remoteConnectorClients": [{"name": "a", "clientId": "c1"}, {"name": "b", "enabled": false}]}),
        );
        let hosts = store.hosts();
        let mut headers = HeaderMap::new();
        headers.insert("connectorServerName", "by-header".parse().unwrap());
        let query = [("name".to_owned(), "by-query".to_owned())];
        let places = Places {
            query: &query,
            headers: &headers,
            path_name: Some("p"),
            client: Some("c1"),
            hosts: &hosts,
        };
        let find = |text: &str| places.find(&[text.parse().unwrap()]).map(|found| found.name);
        assert_eq!(find("query:connectorServerName"), None);
        assert_eq!(find("query:name").unwrap(), "by-query");
        assert_eq!(find("header:CONNECTORSERVERNAME").unwrap(), "by-header");
        assert_eq!(find("path").unwrap(), "p");
        assert_eq!(find("clientId").unwrap(), "a");
        assert_eq!(find("single").unwrap(), "a");
        let first = places.find(&NamePlace::defaults()).unwrap();
        assert_eq!((first.name.as_str(), first.source.as_str()), ("by-query", "query:name"));
    }
}
