//! Queries on the reference connector.

use serde_json::json;

use crate::scene::{Side, rows};
use crate::systems::reference;

rows! {
    every_kind_of_condition_finds_the_same,
    pages_follow_one_another,
    results_are_sorted_and_cut_to_what_is_asked_for,
    ten_thousand_objects_come_once_each_and_in_order,
    what_cannot_be_asked_is_refused_by_the_tenant,
}

async fn every_kind_of_condition_finds_the_same(side: Side) {
    reference(&side, json!({"objects": 12})).await;
    let cases: [(&str, &[&str]); 16] = [
        ("true", &["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"]),
        ("false", &[]),
        (r#"_id eq "7""#, &["7"]),
        (r#"name eq "user11""#, &["12"]),
        (r#"string eq "Surname 1""#, &["2", "12"]),
        (r#"name co "r1""#, &["2", "11", "12"]),
        (r#"name sw "user1""#, &["2", "11", "12"]),
        (r#"name ew "1""#, &["2", "12"]),
        ("int gt 9", &["11", "12"]),
        ("int ge 9", &["10", "11", "12"]),
        ("int lt 2", &["1", "2"]),
        ("int le 2", &["1", "2", "3"]),
        (r#"strings ca "s2""#, &["3", "6", "9", "12"]),
        ("hidden pr", &[]),
        (r#"boolean eq false and int lt 6 and !(name eq "user3")"#, &["2", "6"]),
        (r#"int eq 3 or (int eq 5 or name sw "user1")"#, &["2", "4", "6", "11", "12"]),
    ];
    for (filter, expected) in cases {
        assert_eq!(side.filter(filter).await.ids(), expected, "{filter}");
    }
    let all_ids = side.query(&[("_queryId", "query-all-ids")]).await;
    assert_eq!(all_ids.ids().len(), 12);
}

async fn pages_follow_one_another(side: Side) {
    reference(&side, json!({"objects": 7})).await;
    let mut cookie = String::new();
    for expected in [&["1", "2", "3"][..], &["4", "5", "6"], &["7"]] {
        let mut parameters = vec![("_queryFilter", "true"), ("_pageSize", "3")];
        if !cookie.is_empty() {
            parameters.push(("_pagedResultsCookie", cookie.as_str()));
        }
        let page = side.query(&parameters).await;
        assert_eq!(page.ids(), expected);
        cookie = page.body["pagedResultsCookie"].as_str().unwrap_or_default().to_owned();
    }
    assert_eq!(cookie, "");
    let parameters = [("_queryFilter", "true"), ("_pageSize", "2"), ("_pagedResultsOffset", "4")];
    assert_eq!(side.query(&parameters).await.ids(), ["5", "6"]);
}

async fn results_are_sorted_and_cut_to_what_is_asked_for(side: Side) {
    reference(&side, json!({"objects": 4})).await;
    let parameters = [("_queryFilter", "true"), ("_sortKeys", "-string"), ("_fields", "string")];
    let got = side.query(&parameters).await.ok();
    let expected = json!([
        {"_id": "4", "string": "Surname 3"}, {"_id": "3", "string": "Surname 2"},
        {"_id": "2", "string": "Surname 1"}, {"_id": "1", "string": "Surname 0"},
    ]);
    assert_eq!(got["result"], expected);
    assert_eq!((&got["resultCount"], &got["totalPagedResultsPolicy"]), (&json!(4), &json!("NONE")));
}

async fn ten_thousand_objects_come_once_each_and_in_order(side: Side) {
    reference(&side, json!({"objects": 10_000})).await;
    let got = side.query(&[("_queryFilter", "true"), ("_fields", "int")]).await;
    let expected: Vec<_> = (1..=10_000).map(|n| n.to_string()).collect();
    assert_eq!(got.ids(), expected);
}

async fn what_cannot_be_asked_is_refused_by_the_tenant(side: Side) {
    reference(&side, json!({})).await;
    let message = "Attribute nothing does not exist as part of ObjectClass: __ACCOUNT__";
    side.filter(r#"nothing eq "x""#).await.is_error(400, message);
    side.filter(r#"_id co "x""#).await.is_error(400, "Uid can only be used for equals comparison.");
}
