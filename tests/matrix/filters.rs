//! Every class of filter: as it arrives, and as the framework on the server's side judges it.

use serde_json::{Value, json};

use crate::ways::{Side, Way, attribute, rows};

rows! {
    filters_of_every_class_arrive_as_sent,
    filters_of_every_class_are_judged,
    the_connector_can_judge_filters_itself,
}

fn filters() -> Vec<(Value, &'static str)> {
    let a = || attribute("string", json!("x"));
    let n = || attribute("int", json!({"int": 5}));
    vec![
        (json!({"equals": a()}), r#"equals(string=["x"])"#),
        (json!({"equals": {"name": "strings", "values": ["x", null]}}), r#"equals(strings=["x", null])"#),
        (json!({"equals": {"name": "string", "values": null}}), "equals(string=null)"),
        (json!({"equals": {"name": "string", "values": []}}), "equals(string=[])"),
        (json!({"equals": attribute("__NAME__", json!("x"))}), r#"equals(__NAME__=["x"])"#),
        (json!({"equals": attribute("__UID__", json!("x"))}), r#"equals(__UID__=["x"])"#),
        (json!({"contains": a()}), r#"contains(string=["x"])"#),
        (json!({"startsWith": a()}), r#"startsWith(string=["x"])"#),
        (json!({"endsWith": a()}), r#"endsWith(string=["x"])"#),
        (json!({"greaterThan": n()}), "greaterThan(int=[int 5])"),
        (json!({"greaterThanOrEqual": n()}), "greaterThanOrEqual(int=[int 5])"),
        (json!({"lessThan": n()}), "lessThan(int=[int 5])"),
        (json!({"lessThanOrEqual": n()}), "lessThanOrEqual(int=[int 5])"),
        (
            json!({"containsAllValues": {"name": "strings", "values": ["x", "y"]}}),
            r#"containsAllValues(strings=["x", "y"])"#,
        ),
        (json!({"present": "string"}), "presence(string)"),
        (
            json!({"extended": {"operator": "soundsLike", "attribute": a()}}),
            r#"extended(soundsLike, string=["x"])"#,
        ),
        (json!({"not": {"equals": a()}}), r#"not(equals(string=["x"]))"#),
        (
            json!({"and": [{"equals": a()}, {"lessThan": n()}]}),
            r#"and(equals(string=["x"]), lessThan(int=[int 5]))"#,
        ),
        (
            json!({"or": [{"equals": a()}, {"lessThan": n()}]}),
            r#"or(equals(string=["x"]), lessThan(int=[int 5]))"#,
        ),
        (
            json!({"and": [{"or": [{"present": "a"}, {"not": {"present": "b"}}]}, {"present": "c"}, {"present": "d"}]}),
            "and(or(presence(a), not(presence(b))), and(presence(c), presence(d)))",
        ),
    ]
}

fn flags(filtered: bool) -> Value {
    json!({"enableFilteredResultsHandler": filtered, "enableNormalizingResultsHandler": false})
}

/// ConnId has no filters for presence or for operators of one's own, but one of its own.
fn has(side: &Side, filter: &Value) -> bool {
    let text = filter.to_string();
    side.way != Way::C || !(text.contains("present") || text.contains("extended"))
}

async fn filters_of_every_class_arrive_as_sent(side: Side) {
    let mut filters = filters();
    filters.retain(|(filter, _)| has(&side, filter));
    if side.way == Way::C {
        let filter = json!({"equalsIgnoreCase": attribute("string", json!("x"))});
        filters.push((filter, r#"equalsIgnoreCase(string=["x"])"#));
    }
    for (filter, description) in filters {
        let arguments =
            json!({"filter": filter, "options": {"describe": true}, "resultsHandler": flags(false)});
        let found = side.ok("search", arguments).await;
        let attributes = found["items"][0]["attributes"].as_array().expect("attributes");
        assert!(attributes.contains(&attribute("filter", json!(description))), "{filter}: {attributes:?}");
    }
}

/// Uids of the accounts of a world with 10 that match.
async fn matching(side: &Side, filter: &Value, more: Value) -> Vec<i64> {
    let mut arguments =
        json!({"filter": filter, "configuration": {"world": side.world(), "objects": {"int": 10}}});
    let more = more.as_object().expect("members").clone();
    arguments["configuration"].as_object_mut().expect("members").extend(more);
    arguments["resultsHandler"] = flags(arguments["configuration"].get("judgesFilters").is_none());
    let found = side.ok("search", arguments).await;
    let items = found["items"].as_array().expect("items");
    let uid = |item: &Value| item["uid"]["value"].as_str().and_then(|uid| uid.parse().ok());
    items.iter().map(|item| uid(item).expect("a number")).collect()
}

/// Account *i* has uid *i+1*, name `user<i>`, `string` `Surname <i>`, `int` *i*, `strings` `s<i%2>` and `s<i%3>`.
fn judgements() -> Vec<(Value, Vec<i64>)> {
    let string = |text: &str| attribute("string", json!(text));
    let int = |n: i32| attribute("int", json!({"int": n}));
    vec![
        (json!({"equals": string("Surname 3")}), vec![4]),
        (json!({"equals": string("surname 3")}), vec![]),
        (json!({"equals": attribute("__UID__", json!("7"))}), vec![7]),
        (json!({"equals": attribute("__NAME__", json!("user7"))}), vec![8]),
        (json!({"equals": {"name": "strings", "values": ["s1", "s0"]}}), vec![4, 10]),
        (json!({"equals": attribute("boolean", json!(true))}), vec![1, 3, 5, 7, 9]),
        (json!({"contains": string("name 3")}), vec![4]),
        (json!({"startsWith": string("Sur")}), (1..=10).collect()),
        (json!({"endsWith": string("3")}), vec![4]),
        (json!({"greaterThan": int(7)}), vec![9, 10]),
        (json!({"greaterThanOrEqual": int(7)}), vec![8, 9, 10]),
        (json!({"lessThan": int(2)}), vec![1, 2]),
        (json!({"lessThanOrEqual": int(2)}), vec![1, 2, 3]),
        (json!({"containsAllValues": {"name": "strings", "values": ["s1", "s0"]}}), vec![4, 5, 10]),
        (json!({"present": "string"}), (1..=10).collect()),
        (json!({"present": "long"}), vec![]),
        (json!({"not": {"greaterThan": int(2)}}), vec![1, 2, 3]),
        (json!({"and": [{"greaterThan": int(2)}, {"lessThan": int(5)}]}), vec![4, 5]),
        (json!({"or": [{"greaterThan": int(8)}, {"lessThan": int(1)}]}), vec![1, 10]),
    ]
}

async fn filters_of_every_class_are_judged(side: Side) {
    for (filter, expected) in judgements().into_iter().filter(|(filter, _)| has(&side, filter)) {
        assert_eq!(matching(&side, &filter, json!({})).await, expected, "{filter}");
    }
    if side.way == Way::C {
        let folded = json!({"equalsIgnoreCase": attribute("string", json!("surname 3"))});
        assert_eq!(matching(&side, &folded, json!({})).await, [4]);
    } else {
        let extended =
            json!({"extended": {"operator": "soundsLike", "attribute": attribute("string", json!("x"))}});
        assert_eq!(matching(&side, &extended, json!({})).await, [] as [i64; 0]);
    }
    let absent = json!({"equals": attribute("long", json!({"long": 1}))});
    // Three-valued: an attribute that is not there makes no condition true, nor its opposite.
    assert_eq!(matching(&side, &json!({"not": absent}), json!({})).await, [] as [i64; 0]);
    // Java's And passes over what is undefined, and its Or lets that win; ours follow Kleene on purpose.
    let user = json!({"equals": attribute("__NAME__", json!("user0"))});
    let java = side.way == Way::Java;
    let both = matching(&side, &json!({"and": [user, absent]}), json!({})).await;
    assert_eq!(both, if java { vec![1] } else { vec![] });
    let either = matching(&side, &json!({"or": [absent, user]}), json!({})).await;
    assert_eq!(either, if java { vec![] } else { vec![1] });
}

async fn the_connector_can_judge_filters_itself(side: Side) {
    for (filter, expected) in judgements().into_iter().filter(|(filter, _)| has(&side, filter)) {
        assert_eq!(matching(&side, &filter, json!({"judgesFilters": true})).await, expected, "{filter}");
    }
    let absent = json!({"not": {"equals": attribute("long", json!({"long": 1}))}});
    let found = matching(&side, &absent, json!({"judgesFilters": true})).await;
    assert_eq!(found.len(), 10, "two-valued: what is not true is false");
}
