//! Searches: reduction, order of the handlers, ends.

use icf::{Attribute, ConnectorObject, Filter, ObjectClass, SearchResult, Value};
use icf_wire::rpc::Answer;

use crate::rig::{Rig, Taken, asking_for, equals, none, objects_of, search_for, texts};
use crate::variants::Upper;
use crate::world::{u1, u2, uid};

fn names(object: &ConnectorObject) -> Vec<&str> {
    object.attributes.iter().map(|attribute| attribute.name.as_str()).collect()
}

#[tokio::test]
async fn fw23_objects_are_reduced_to_the_attributes_asked_for() {
    let mut rig = Rig::new();
    let objects = rig.search(None, asking_for(&["A", "q"])).await.objects();
    assert_eq!((objects[0].uid.value(), objects[0].name.as_str()), ("u1", "n1"));
    assert_eq!(objects[0].object_class, ObjectClass::ACCOUNT);
    assert_eq!(names(&objects[0]), ["a"]);
    rig.configuration.results_handlers.attributes_to_get = false;
    assert_eq!(rig.search(None, asking_for(&["A"])).await.objects(), [u1(), u2()]);
}

#[tokio::test]
async fn fw24_an_empty_list_of_attributes_reduces_nothing() {
    let rig = Rig::new();
    assert_eq!(rig.search(None, asking_for(&[])).await.objects(), [u1(), u2()]);
}

#[tokio::test]
async fn fw25_the_filter_sees_attributes_that_were_not_asked_for() {
    let rig = Rig::new();
    // A connector that leaves out what it is not asked for, so that it must be asked.
    rig.world.knobs().obeys_attributes = true;
    let filter = Some(Filter::Equals(Attribute::single("b", 5)));
    let objects = rig.search(filter, asking_for(&["a"])).await.objects();
    assert_eq!(objects.len(), 1);
    assert_eq!((objects[0].uid.value(), names(&objects[0])), ("u1", vec!["a"]));
    assert_eq!(rig.world.seen().searches[0].1.attributes_to_get(), Some(vec!["a", "b"]));
}

#[tokio::test]
async fn identity_and_name_need_not_be_asked_for_and_nothing_is_without_the_filter_flag() {
    let mut rig = Rig::new();
    rig.search(equals("__NAME__", &["n1"]), asking_for(&["a"])).await.answer.unwrap();
    rig.configuration.results_handlers.filtered = false;
    rig.search(equals("b", &["5"]), asking_for(&["a"])).await.answer.unwrap();
    for (_, options) in &rig.world.seen().searches {
        assert_eq!(options.attributes_to_get(), Some(vec!["a"]));
    }
}

#[tokio::test]
async fn fw36_an_object_found_by_two_queries_comes_once() {
    let rig = Rig::new();
    rig.world.knobs().two_queries = true;
    assert_eq!(rig.search(None, none()).await.uids(), ["u1", "u2"]);
    assert_eq!(rig.world.seen().queries, 2);
    let enough = Taken::enough_after(1);
    assert_eq!(rig.run_into(search_for(None, none()), enough).await.uids(), ["u1"]);
    assert_eq!(rig.world.seen().queries, 3, "the second query of the second search did not run");
}

#[tokio::test]
async fn fw37_a_caller_that_has_enough_still_gets_the_search_result() {
    let rig = Rig::new();
    let result = SearchResult { paged_results_cookie: Some("next".into()), ..SearchResult::default() };
    rig.world.knobs().result = Some(result.clone());
    let enough = Taken::enough_after(1);
    let outcome = rig.run_into(search_for(None, none()), enough).await;
    assert_eq!(outcome.answer.unwrap(), Answer::SearchEnd(Some(result)));
    assert_eq!(objects_of(outcome.items), [u1()]);
    rig.world.knobs().result = None;
    assert_eq!(rig.search(None, none()).await.answer.unwrap(), Answer::SearchEnd(None));
}

#[tokio::test]
async fn an_object_of_the_class_all_fails_the_search() {
    let rig = Rig::new();
    rig.world.knobs().objects = vec![ConnectorObject::new(ObjectClass::ALL, uid("u"), "n")];
    assert_eq!(rig.search(None, none()).await.failure().0, "IllegalArgumentException");
}

fn upper(text: &str) -> Value {
    Value::from(text)
}

#[tokio::test]
async fn objects_and_filter_are_normalized_before_they_meet() {
    let mut rig = Rig::of::<Upper>();
    let objects = rig.search(equals("a", &["x"]), none()).await.objects();
    assert_eq!((objects[0].uid.value(), objects[0].name.as_str()), ("U2", "N2"));
    assert_eq!(objects[0].attribute("a").unwrap().values(), [upper("X")]);
    assert_eq!(
        rig.world.seen().searches[0].0,
        equals("a", &["X"]),
        "the connector gets the normalized filter"
    );

    rig.configuration.results_handlers.filtered = false;
    let objects = rig.search(equals("a", &["x"]), none()).await.objects();
    assert_eq!(objects[0].attribute("a").unwrap().values(), [upper("X"), upper("Y")]);
    assert_eq!(rig.world.seen().searches[1].0, equals("a", &["x"]), "without filtering it gets the caller's");

    rig.configuration.results_handlers.filtered = true;
    rig.configuration.results_handlers.normalizing = false;
    assert_eq!(rig.search(equals("a", &["x"]), none()).await.uids(), [""; 0]);
    assert_eq!(rig.search(equals("a", &["x", "y"]), none()).await.objects(), [u1()]);
}

#[tokio::test]
async fn every_condition_of_a_filter_is_normalized_but_for_presence_and_foreign_operators() {
    let rig = Rig::of::<Upper>();
    let filter = |text: &str| {
        let leaf = |make: fn(Attribute) -> Filter| make(texts("a", &[text]));
        leaf(Filter::Contains)
            .and(leaf(Filter::StartsWith).or(leaf(Filter::EndsWith)))
            .or(leaf(Filter::GreaterThan).and(leaf(Filter::LessThanOrEqual)).negated())
            .or(leaf(Filter::ContainsAllValues))
            .and(Filter::Presence("a".into()))
    };
    rig.search(Some(filter("x")), none()).await.answer.unwrap();
    assert_eq!(rig.world.seen().searches[0].0, Some(filter("X")));
}

#[tokio::test]
async fn the_connector_knows_the_callers_locale() {
    let rig = Rig::new();
    let mut request = rig.request(search_for(None, none()));
    request.locale = Some(crate::rig::german());
    rig.send(request, crate::rig::call(), Taken::default()).await.answer.unwrap();
    rig.search(None, none()).await.answer.unwrap();
    assert_eq!(rig.world.seen().locales, ["de_AT", "en"]);
}
