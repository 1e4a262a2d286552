//! The evaluator of filters: tables of single conditions, and the laws of three-valued logic as properties.

#![allow(clippy::unwrap_used, reason = "helpers of tests, not only the tests, may fail loudly")]

use icf::filter::{Case, Judgement, Truth};
use icf::{Attribute, AttributeName, ConnectorObject, ErrorKind, Filter, Locale, ObjectClass, Uid, Value};
use proptest::prelude::*;

fn object() -> ConnectorObject {
    ConnectorObject::new(ObjectClass::ACCOUNT, Uid::try_new("u1").unwrap().with_revision("7"), "Name One")
        .with(Attribute::new("list", vec!["x".into(), "y".into()]))
        .with(Attribute::single("text", "Straße"))
        .with(Attribute::single("number", 5))
        .with(Attribute::single("bytes", vec![1_u8]))
        .with(Attribute::single("nothing", Value::Null))
        .with(Attribute::null("null"))
        .with(Attribute::new("empty", vec![]))
}

fn judge_with(filter: &Filter, case: Case, language: &str) -> Truth {
    let locale = Locale::new(language, "");
    filter.judge(&object(), Judgement { case, locale: &locale }).unwrap()
}

fn judge(filter: &Filter) -> Truth {
    judge_with(filter, Case::Exact, "en")
}

fn list(name: &str, values: &[&str]) -> Attribute {
    Attribute::new(name, values.iter().map(|value| Value::from(*value)).collect())
}

#[test]
fn equals_compares_whole_lists_in_order() {
    assert_eq!(judge(&Filter::Equals(list("LIST", &["x", "y"]))), Truth::True);
    assert_eq!(judge(&Filter::Equals(list("list", &["y", "x"]))), Truth::False);
    assert_eq!(judge(&Filter::Equals(list("list", &["x"]))), Truth::False);
    assert_eq!(judge(&Filter::Equals(list("absent", &["x"]))), Truth::Undefined);
    assert_eq!(judge(&Filter::Equals(Attribute::null("null"))), Truth::True);
    assert_eq!(judge(&Filter::Equals(Attribute::new("null", vec![]))), Truth::False);
    assert_eq!(judge(&Filter::Equals(Attribute::single("number", 5_i64))), Truth::False);
    assert_eq!(judge_with(&Filter::Equals(list("list", &["X", "Y"])), Case::Ignore, "en"), Truth::True);
}

#[test]
fn identity_and_name_are_attributes_and_the_revision_does_not_count() {
    assert_eq!(judge(&Filter::uid(&Uid::try_new("u1").unwrap())), Truth::True);
    assert_eq!(judge(&Filter::Equals(list("__uid__", &["U1"]))), Truth::False);
    assert_eq!(judge_with(&Filter::Equals(list("__uid__", &["U1"])), Case::Ignore, "en"), Truth::True);
    assert_eq!(judge(&Filter::StartsWith(list("__name__", &["Name"]))), Truth::True);
    assert_eq!(judge(&Filter::ContainsAllValues(list("__NAME__", &["Name One"]))), Truth::True);
    assert_eq!(judge(&Filter::LessThan(list("__NAME__", &["Name Two"]))), Truth::True);
}

#[test]
fn text_conditions_need_one_text() {
    assert_eq!(judge(&Filter::Contains(list("text", &["raß"]))), Truth::True);
    assert_eq!(judge(&Filter::EndsWith(list("text", &["x"]))), Truth::False);
    for name in ["list", "number", "nothing", "null", "empty", "absent"] {
        assert_eq!(judge(&Filter::Contains(list(name, &["x"]))), Truth::Undefined, "{name}");
    }
    assert_eq!(judge_with(&Filter::StartsWith(list("text", &["STRA"])), Case::Ignore, "en"), Truth::True);
    assert_eq!(judge_with(&Filter::Contains(list("__NAME__", &["NAME"])), Case::Ignore, "en"), Truth::True);
    assert_eq!(judge(&Filter::EqualsIgnoreCase(list("__NAME__", &["NAME ONE"]))), Truth::True);
}

#[test]
fn lower_case_is_that_of_the_locale() {
    let object = ConnectorObject::new(ObjectClass::ACCOUNT, Uid::try_new("1").unwrap(), "TITLE");
    let title = Filter::Contains(list("__NAME__", &["title"]));
    let judge = |language| {
        let locale = Locale::new(language, "");
        title.judge(&object, Judgement { case: Case::Ignore, locale: &locale }).unwrap()
    };
    assert_eq!(judge("en"), Truth::True);
    assert_eq!(judge("tr"), Truth::False);
}

#[test]
fn comparisons_need_one_value_of_the_same_type() {
    assert_eq!(judge(&Filter::GreaterThan(Attribute::single("number", 4))), Truth::True);
    assert_eq!(judge(&Filter::GreaterThan(Attribute::single("number", 5))), Truth::False);
    assert_eq!(judge(&Filter::GreaterThanOrEqual(Attribute::single("number", 5))), Truth::True);
    assert_eq!(judge(&Filter::LessThan(Attribute::single("list", "z"))), Truth::Undefined);
    assert_eq!(judge(&Filter::LessThanOrEqual(Attribute::single("nothing", 1))), Truth::Undefined);
    let strict = Filter::GreaterThan(Attribute::single("number", "4"));
    assert_eq!(judge_with(&strict, Case::Ignore, "en"), Truth::Undefined);
    let kind = |filter: &Filter| filter.accepts(&object()).unwrap_err().kind().clone();
    assert_eq!(kind(&strict), ErrorKind::InvalidAttributeValue);
    assert_eq!(kind(&Filter::GreaterThan(Attribute::single("bytes", "4"))), ErrorKind::IllegalArgument);
}

#[test]
fn contains_all_values_wants_a_subset() {
    assert_eq!(judge(&Filter::ContainsAllValues(list("list", &["y"]))), Truth::True);
    assert_eq!(judge(&Filter::ContainsAllValues(list("list", &["y", "z"]))), Truth::False);
    assert_eq!(judge(&Filter::ContainsAllValues(list("list", &[]))), Truth::True);
    assert_eq!(judge(&Filter::ContainsAllValues(list("empty", &["x"]))), Truth::False);
    assert_eq!(judge(&Filter::ContainsAllValues(list("null", &[]))), Truth::Undefined);
    assert_eq!(judge_with(&Filter::ContainsAllValues(list("list", &["Y"])), Case::Ignore, "en"), Truth::True);
}

#[test]
fn presence_is_never_undefined_and_foreign_operators_always_are() {
    for name in ["null", "empty", "__uid__"] {
        assert_eq!(judge(&Filter::Presence(AttributeName::from(name))), Truth::True, "{name}");
    }
    assert_eq!(judge(&Filter::Presence(AttributeName::from("absent"))), Truth::False);
    let foreign = Filter::ExtendedMatch { operator: "ge".into(), attribute: list("text", &["x"]) };
    assert_eq!(judge(&foreign), Truth::Undefined);
}

#[test]
fn with_two_values_an_absent_attribute_is_false_and_its_not_true() {
    let absent = Filter::Equals(list("absent", &["1"]));
    assert!(!absent.accepts(&object()).unwrap());
    assert!(absent.negated().accepts(&object()).unwrap());
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        "[a-bA-B]{0,2}".prop_map(Value::from),
        (0..3_i32).prop_map(Value::from),
        (0..3_i64).prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<char>().prop_map(Value::from),
        Just(Value::Null),
        Just(Value::from(vec![1_u8])),
    ]
}

fn attribute() -> impl Strategy<Value = Attribute> {
    let name = prop::sample::select(vec!["a", "B", "c", "__NAME__", "__UID__"]);
    (name, prop::option::weighted(0.9, prop::collection::vec(value(), 0..3)))
        .prop_map(|(name, values)| Attribute { name: name.into(), values })
}

fn filter() -> impl Strategy<Value = Filter> {
    let leaf = prop_oneof![
        attribute().prop_map(Filter::Equals),
        attribute().prop_map(Filter::EqualsIgnoreCase),
        attribute().prop_map(Filter::Contains),
        attribute().prop_map(Filter::StartsWith),
        attribute().prop_map(Filter::EndsWith),
        attribute().prop_map(Filter::GreaterThan),
        attribute().prop_map(Filter::LessThanOrEqual),
        attribute().prop_map(Filter::ContainsAllValues),
        attribute().prop_map(|attribute| Filter::Presence(attribute.name)),
        attribute().prop_map(|attribute| Filter::ExtendedMatch { operator: "x".into(), attribute }),
    ];
    leaf.prop_recursive(4, 16, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(left, right)| left.and(right)),
            (inner.clone(), inner.clone()).prop_map(|(left, right)| left.or(right)),
            inner.prop_map(Filter::negated),
        ]
    })
}

fn any_object() -> impl Strategy<Value = ConnectorObject> {
    let attribute = prop::sample::select(vec!["A", "b"])
        .prop_flat_map(|name| attribute().prop_map(move |a| Attribute { name: name.into(), ..a }));
    prop::collection::vec(attribute, 0..3).prop_map(|attributes| {
        let uid = Uid::try_new("a").unwrap();
        ConnectorObject { attributes, ..ConnectorObject::new(ObjectClass::ACCOUNT, uid, "b") }
    })
}

const KLEENE: [Truth; 3] = [Truth::False, Truth::Undefined, Truth::True];

/// The conjunction as a table of its own, so that the test does not repeat the evaluator.
fn both(left: Truth, right: Truth) -> Truth {
    match (left, right) {
        (Truth::False, _) | (_, Truth::False) => Truth::False,
        (Truth::True, Truth::True) => Truth::True,
        _ => Truth::Undefined,
    }
}

fn opposite(truth: Truth) -> Truth {
    match truth {
        Truth::True => Truth::False,
        Truth::False => Truth::True,
        Truth::Undefined => Truth::Undefined,
    }
}

proptest! {
    #[test]
    fn the_connectives_follow_kleene(
        left in filter(), right in filter(), object in any_object(), ignore in any::<bool>()
    ) {
        let locale = Locale::new("en", "");
        let judgement =
            Judgement { case: if ignore { Case::Ignore } else { Case::Exact }, locale: &locale };
        let judge = |filter: &Filter| filter.judge(&object, judgement).ok();
        let (Some(a), Some(b)) = (judge(&left), judge(&right)) else {
            return Ok(());
        };
        prop_assert!(KLEENE.contains(&a));
        prop_assert_eq!(judge(&left.clone().negated()), Some(opposite(a)));
        prop_assert_eq!(judge(&left.clone().negated().negated()), Some(a));
        prop_assert_eq!(judge(&left.clone().and(right.clone())), Some(both(a, b)));
        prop_assert_eq!(judge(&left.clone().or(right.clone())), Some(opposite(both(opposite(a), opposite(b)))));
        let de_morgan = left.clone().negated().or(right.clone().negated());
        prop_assert_eq!(judge(&left.and(right).negated()), judge(&de_morgan));
    }

    #[test]
    fn nothing_makes_the_evaluator_panic(filter in filter(), object in any_object()) {
        let locale = Locale::new("tr", "");
        for case in [Case::Exact, Case::Ignore] {
            let _ = filter.judge(&object, Judgement { case, locale: &locale });
        }
        let _ = filter.accepts(&object);
        let _ = filter.check();
    }

    #[test]
    fn a_value_equals_itself_and_orders_with_itself(value in value()) {
        use icf::filter::compare;
        prop_assert!(compare::same_value(&value, &value, Case::Exact));
        prop_assert!(compare::same_value(&value, &value, Case::Ignore));
        if compare::is_comparable(&value) {
            prop_assert_eq!(compare::order(&value, &value, Case::Exact), Some(std::cmp::Ordering::Equal));
        }
    }
}
