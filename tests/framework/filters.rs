//! The filter as the server judges it. `K` ignores filters.

use icf::{Attribute, AttributeName, Filter};

use crate::rig::{Rig, equals, none, texts};

async fn found(rig: &Rig, filter: Option<Filter>) -> Vec<String> {
    rig.search(filter, none()).await.uids()
}

fn ignoring_case() -> Rig {
    let mut rig = Rig::new();
    rig.configuration.results_handlers.case_insensitive = true;
    rig
}

const NONE: [&str; 0] = [];

#[tokio::test]
async fn fw26_equals_compares_whole_lists_in_order() {
    let rig = Rig::new();
    assert_eq!(found(&rig, equals("a", &["x", "y"])).await, ["u1"]);
    assert_eq!(found(&rig, equals("a", &["y", "x"])).await, NONE);
    assert_eq!(found(&rig, equals("a", &["x"])).await, NONE);
}

#[tokio::test]
async fn fw27_with_the_case_insensitive_flag_equals_ignores_case() {
    assert_eq!(found(&ignoring_case(), equals("a", &["x"])).await, ["u2"]);
}

#[tokio::test]
async fn fw28_contains_needs_one_value() {
    let contains = Some(Filter::Contains(texts("a", &["x"])));
    assert_eq!(found(&Rig::new(), contains.clone()).await, NONE);
    assert_eq!(found(&ignoring_case(), contains).await, ["u2"]);
}

fn absent() -> Filter {
    Filter::Equals(Attribute::single("c", 1))
}

fn first() -> Filter {
    Filter::Equals(texts("__NAME__", &["n1"]))
}

#[tokio::test]
async fn fw29_not_of_undefined_does_not_pass() {
    assert_eq!(found(&Rig::new(), Some(absent().negated())).await, NONE);
}

#[tokio::test]
async fn fw30_and_with_undefined_does_not_pass() {
    assert_eq!(found(&Rig::new(), Some(first().and(absent()))).await, NONE);
}

#[tokio::test]
async fn fw31_or_with_undefined_passes_what_is_true() {
    assert_eq!(found(&Rig::new(), Some(absent().or(first()))).await, ["u1"]);
}

#[tokio::test]
async fn fw32_presence_is_judged_and_foreign_operators_pass_nothing() {
    let rig = Rig::new();
    assert_eq!(found(&rig, Some(Filter::Presence(AttributeName::from("c")))).await, NONE);
    assert_eq!(found(&rig, Some(Filter::Presence(AttributeName::from("a")))).await, ["u1", "u2"]);
    let foreign = Filter::ExtendedMatch { operator: "sounds".into(), attribute: texts("a", &["x"]) };
    assert_eq!(found(&rig, Some(foreign)).await, NONE);
}

#[tokio::test]
async fn fw33_values_are_compared_with_their_own_type_only() {
    let rig = Rig::new();
    let greater = |value: icf::Value| Some(Filter::GreaterThan(Attribute::single("b", value)));
    assert_eq!(found(&rig, greater(4.into())).await, ["u1"]);
    let (class, _) = rig.search(greater("4".into()), none()).await.failure();
    assert_eq!(class, "InvalidAttributeValueException");
}

#[tokio::test]
async fn fw34_without_the_filter_flag_what_is_delivered_too_much_passes() {
    let mut rig = Rig::new();
    rig.configuration.results_handlers.filtered = false;
    assert_eq!(found(&rig, equals("a", &["nothing"])).await, ["u1", "u2"]);
}

#[tokio::test]
async fn fw35_a_connector_that_declares_exactness_is_not_overruled() {
    let rig = Rig::new();
    rig.world.knobs().exact = true;
    assert_eq!(found(&rig, equals("__NAME__", &["N1"])).await, ["u1"]);
    rig.world.knobs().exact = false;
    assert_eq!(found(&rig, equals("__NAME__", &["N1"])).await, NONE);
}

#[tokio::test]
async fn an_object_whose_values_cannot_be_compared_fails_the_search_whatever_the_connector_makes_of_it() {
    let rig = Rig::new();
    let filter = Filter::LessThan(Attribute::single("a", 4));
    assert_eq!(rig.search(Some(filter), none()).await.failure().0, "InvalidAttributeValueException");
}
