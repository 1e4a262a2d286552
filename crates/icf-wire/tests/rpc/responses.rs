//! What the asking side makes of answers.

use icf::{
    ConnectorError, CountPolicy, ErrorKind, ObjectClass, OperationOptions, SearchResult, SyncDeltaType,
    SyncToken, Uid, Value,
};
use icf_wire::binary::Limits;
use icf_wire::envelope::{OperationResponse, SyncDelta, SyncOpResponse, SyncResponse};
use icf_wire::rpc::{Answer, Expected, Item, Operation};

use super::{hex, response_in, uid};

fn options() -> OperationOptions {
    OperationOptions::default()
}

fn search() -> Expected {
    let search = Operation::Search { class: None, filter: None, options: options() };
    Expected::of(&search, Limits::default())
}

fn sync() -> Expected {
    Expected::of(&Operation::Sync { class: None, token: None, options: options() }, Limits::default())
}

fn create() -> Expected {
    Expected::of(&Operation::Create { class: None, attributes: None, options: options() }, Limits::default())
}

#[test]
fn wire_t15_an_item_whose_attributes_are_not_readable_is_an_error() {
    let item = search().item(response_in("08031a191a17521508011a110a0b5f5f4143434f554e545f5f1202aabb"));
    let error = item.unwrap_err().to_string();
    assert_eq!(error, "Cannot read a connector object: The data ends in the middle of an object");
}

#[test]
fn wire_t17_counts_that_nobody_knows() {
    let literal = "08031a1e1a1c521a0802121618ffffffffffffffffff0120ffffffffffffffffff01";
    let end = search().end(response_in(literal)).unwrap();
    assert_eq!(end, Answer::SearchEnd(Some(SearchResult::default())));
}

#[test]
fn wire_t20_a_page() {
    let end = search().end(response_in("08031a121a10520e0802120a0a0270321002180a2008")).unwrap();
    let page = SearchResult {
        paged_results_cookie: Some("p2".to_owned()),
        count_policy: CountPolicy::Exact,
        total_paged_results: 10,
        remaining_paged_results: 8,
    };
    assert_eq!(end, Answer::SearchEnd(Some(page)));
}

#[test]
fn wire_t19_t21_an_end_without_result() {
    for literal in ["08031a061a0452020802", "08031a041a025200"] {
        assert_eq!(search().end(response_in(literal)).unwrap(), Answer::SearchEnd(None));
    }
}

#[test]
fn wire_c58_no_latest_token() {
    let latest = Expected::of(&Operation::LatestSyncToken { class: None }, Limits::default());
    assert_eq!(latest.end(response_in("08041a061a045a021200")).unwrap(), Answer::LatestSyncToken(None));
}

fn token_bytes() -> bytes::Bytes {
    hex("0000fafb000000020000000100000007496e7465676572000000003d0000000046000000040000000148")
}

fn delta(change: impl FnOnce(&mut SyncDelta)) -> OperationResponse {
    let mut delta = SyncDelta {
        token: Some(icf_wire::envelope::SyncToken { value: token_bytes() }),
        delta_type: 1,
        object_class: "__ACCOUNT__".into(),
        uid: Some(icf_wire::envelope::Uid { value: "u1".into(), revision: String::new() }),
        ..Default::default()
    };
    change(&mut delta);
    let part = SyncResponse { sequence: 1, sync_token: None, sync_delta: Some(delta) };
    let sync = SyncOpResponse { sync: Some(part), latest_sync_token: None };
    OperationResponse { sync_op_response: Some(sync), ..Default::default() }
}

#[test]
fn wire_c59_a_deletion_needs_no_object() {
    let Item::Delta(read) = sync().item(delta(|_| {})).unwrap() else { panic!("a delta") };
    assert_eq!(read.delta_type, SyncDeltaType::Delete);
    assert_eq!((read.uid, read.object, read.object_class), (uid("u1"), None, Some(ObjectClass::ACCOUNT)));
    assert_eq!(read.token, SyncToken::try_new(Value::Integer(1)).unwrap());
}

#[test]
fn wire_c60_an_update_without_object_fails() {
    let error = sync().item(delta(|delta| delta.delta_type = 3)).unwrap_err();
    assert_eq!(*error.kind(), ErrorKind::IllegalArgument);
    assert_eq!(error.to_string(), "ConnectorObject must be specified for anything other than delete.");
}

#[test]
fn deltas_that_break_a_rule_fail() {
    let fails = |change: fn(&mut SyncDelta)| sync().item(delta(change)).unwrap_err().to_string();
    assert_eq!(fails(|delta| delta.token = None), "A sync delta has no token");
    assert_eq!(fails(|delta| delta.uid = None), "A sync delta has no uid");
    assert_eq!(fails(|delta| delta.delta_type = 9), "A sync delta is of unknown type 9");
    let renamed = |delta: &mut SyncDelta| delta.previous_uid = delta.uid.clone();
    assert!(fails(renamed).contains("previous Uid"));
    let no_class = |delta: &mut SyncDelta| {
        delta.object_class = String::new();
        delta.connector_object = token_bytes();
    };
    assert_eq!(fails(no_class), "A sync delta has no object class");
}

#[test]
fn wire_t25_a_token_that_is_not_readable_fails_the_delta() {
    let item = sync().item(response_in(
        "08061a251a235a210a1f08011a1b0a040a02aabb1001220b5f5f4143434f554e545f5f2a040a027531",
    ));
    assert!(item.unwrap_err().to_string().starts_with("Cannot read the sync token"));
}

#[test]
fn wire_t26b_a_synchronisation_without_token() {
    assert_eq!(sync().end(response_in("08061a061a045a020a00")).unwrap(), Answer::SyncEnd(None));
}

#[test]
fn wire_t28_t29_confirmation_and_completion() {
    let subscribe = Operation::SubscribeObjects { class: None, filter: None, options: options() };
    let mut expected = Expected::of(&subscribe, Limits::default());
    assert!(matches!(expected.item(response_in("08071a041a021a00")), Ok(Item::Accepted)));
    assert_eq!(expected.end(response_in("08071a061a041a021001")).unwrap(), Answer::SubscriptionEnd);
}

#[test]
fn wire_t32_t33_t34_uids_of_created_objects() {
    let end = |literal| create().end(response_in(literal)).unwrap();
    let revised = Uid::try_new("u1").unwrap().with_revision("r");
    assert_eq!(end("080a1a0d1a0b12090a070a027531120172"), Answer::Uid(Some(revised)));
    assert_eq!(end("080a1a041a021200"), Answer::Uid(None));
    assert_eq!(end("08ac021a0a1a0812060a040a027531"), Answer::Uid(Some(uid("u1"))));
}

#[test]
fn an_answer_to_another_operation_is_an_error() {
    let error = create().end(response_in("08021a041a026a00")).unwrap_err();
    assert!(error.to_string().starts_with("Unknown response message type:"), "{error}");
    assert!(search().item(OperationResponse::default()).is_err());
    let error: ConnectorError = search().end(OperationResponse::default()).unwrap_err();
    assert_eq!(*error.kind(), ErrorKind::Connector);
}
