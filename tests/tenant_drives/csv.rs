//! A CSV file, all the way.

use std::fs;

use reqwest::Method;
use serde_json::json;

use crate::differences::{COOKIE_WITHOUT_NEED, EVERY_ROW_IS_AN_UPDATE};
use crate::scene::{Side, rows};
use crate::systems::{PEOPLE, csv, csv_file};

rows! {
    a_file_is_read_searched_and_paged,
    a_file_is_written,
    people_of_a_file_authenticate,
    changes_of_a_file_arrive,
    a_file_that_is_not_there,
}

async fn a_file_is_read_searched_and_paged(side: Side) {
    csv(&side).await;
    let zoe = json!({"_id": "u3", "name": "u3", "firstName": "Zoë", "lastName": "d'Arc, the 2nd"});
    assert_eq!(side.read("account/u3").await.ok(), zoe);
    assert_eq!(side.filter("true").await.ids(), ["u1", "u2", "u3"]);
    assert_eq!(side.filter(r#"lastName eq "Mustermann" and !(firstName sw "M")"#).await.ids(), ["u1"]);
    let first = side.query(&[("_queryFilter", "true"), ("_pageSize", "2")]).await;
    assert_eq!(first.ids(), ["u1", "u2"]);
    let cookie = first.body["pagedResultsCookie"].as_str().unwrap().to_owned();
    let second =
        side.query(&[("_queryFilter", "true"), ("_pageSize", "2"), ("_pagedResultsCookie", &cookie)]).await;
    assert_eq!(second.ids(), ["u3"]);
    let more = side.filter("true").await.body["pagedResultsCookie"].is_string();
    assert_eq!(more, side.either(&COOKIE_WITHOUT_NEED, true, false));
}

async fn a_file_is_written(side: Side) {
    csv(&side).await;
    let new = json!({"name": "u4", "firstName": "Jörg", "lastName": "\"x\", y", "password": "p4"});
    let created = side.create("account", new).await;
    let expected = json!({"_id": "u4", "name": "u4", "firstName": "Jörg", "lastName": "\"x\", y"});
    assert_eq!((created.status, created.body), (201, expected));
    side.create("account", json!({"name": "u4"})).await.is_error(412, "System object u4 already exists");
    let changed = side.update("account/u1", json!({"firstName": "Rita", "lastName": null})).await.ok();
    assert_eq!(changed, json!({"_id": "u1", "name": "u1", "firstName": "Rita"}));
    side.on(Method::DELETE, "account/u2", None).await.ok();
    let text = fs::read_to_string(side.folder().join("people.csv")).unwrap();
    let cells: Vec<_> = text.lines().map(|line| line.split(',').next().unwrap().trim_matches('"')).collect();
    assert_eq!(cells, ["uid", "u1", "u3", "u4"], "{text}");
    assert_eq!(side.filter("true").await.ids(), ["u1", "u3", "u4"]);
}

async fn people_of_a_file_authenticate(side: Side) {
    csv(&side).await;
    let login = async |name: &str, password: &str| {
        let body = json!({"username": name, "password": password});
        side.on(Method::POST, "account?_action=authenticate", Some(body)).await
    };
    assert_eq!(login("u1", "secret1").await.ok(), json!({"_id": "u1"}));
    let refused =
        |what: &str| format!("Invalid {what} has been provided to operation ACTION for system object: null");
    login("u1", "secret2").await.is_error(401, &refused("password"));
    login("u9", "secret1").await.is_error(401, &refused("credential"));
}

async fn changes_of_a_file_arrive(side: Side) {
    csv(&side).await;
    let sync = async || {
        let path = format!("/openidm/system?_action=liveSync&source=system/{}/account", side.system);
        side.post(&path, json!({})).await.ok()
    };
    sync().await;
    // Java makes the copy to compare with only now.
    sync().await;
    let before = arrived(&side).len();
    let changed = PEOPLE.replace("Max", "Moritz").replace("u3,Zoë", "u4,Zoë");
    fs::write(side.folder().join("people.csv"), changed).unwrap();
    sync().await;
    let mut arrived = arrived(&side).split_off(before);
    arrived.sort();
    let java = vec!["notifyCreate u4", "notifyDelete u3", "notifyUpdate u1", "notifyUpdate u2"];
    let ours = vec!["notifyCreate u4", "notifyDelete u3", "notifyUpdate u2"];
    assert_eq!(arrived, side.either(&EVERY_ROW_IS_AN_UPDATE, java, ours));
}

fn arrived(side: &Side) -> Vec<String> {
    let container = format!("system/{}/account", side.system);
    let deltas = side.tenant().deltas();
    let own = deltas.iter().filter(|delta| delta["resourceContainer"] == container.as_str());
    own.map(|delta| {
        format!("{} {}", delta["action"].as_str().unwrap(), delta["resourceId"].as_str().unwrap())
    })
    .collect()
}

async fn a_file_that_is_not_there(side: Side) {
    side.set_up(csv_file(&side, side.folder().join("nothing.csv").to_str().unwrap())).await;
    let status = side.post(&format!("/openidm/system/{}?_action=test", side.system), json!({})).await.ok();
    assert_eq!(status["ok"], false);
    let error = status["error"].as_str().unwrap();
    assert!(error.contains("doesn't exist. A file containing a csv header must exist."), "{status}");
}
