//! What the executing side answers.

use icf::{
    Attribute, BatchToken, ConnectorError, ConnectorObject, CountPolicy, ObjectClass, OperationOptions,
    SearchResult, SyncDelta, SyncDeltaType, SyncToken, Uid, Value,
};
use icf_wire::binary::{Blobs, Profile};
use icf_wire::envelope::{self, OperationResponse, RemoteMessage, RpcResponse, SearchOpResponse};
use icf_wire::rpc::{Answer, Item, Operation, Reply, UpdateKind};
use icf_wire::session::ResponseClass;

use super::{answers, shown, uid};

fn options() -> OperationOptions {
    OperationOptions::default()
}

fn search() -> Reply {
    Reply::to(&Operation::Search { class: None, filter: None, options: options() })
}

fn sync() -> Reply {
    Reply::to(&Operation::Sync { class: None, token: None, options: options() })
}

fn create() -> Reply {
    Reply::to(&Operation::Create { class: None, attributes: None, options: options() })
}

fn john() -> ConnectorObject {
    ConnectorObject::new(ObjectClass::ACCOUNT, uid("1"), "john")
}

fn token() -> SyncToken {
    SyncToken::try_new(Value::Integer(1)).unwrap()
}

/// The encoded integer 1 and, around it, everything a message holds before and after.
const TOKEN: &str = "0000fafb000000020000000100000007496e7465676572000000003d0000000046000000040000000148";

/// The encoded set of uid `1` and name `john`.
const JOHN: &str = "0000fafb0000000200000004000000035365740000000000000003556964000000010000000375696400000002000000\
                    044e616d65000000033d0000000046000000143d0000000147000000020000000500000001314846000000133d000000\
                    034600000008000000046a6f686e4848";

#[test]
fn wire_t09_a_test_that_passed() {
    answers(2, Reply::to(&Operation::Test).end(&Ok(Answer::Done)), "08021a041a026a00");
}

#[test]
fn wire_t11_a_sound_configuration() {
    answers(2, Reply::to(&Operation::Validate).end(&Ok(Answer::Done)), "08021a041a027a00");
}

#[test]
fn wire_t15_t16_items_of_a_search_are_numbered_from_one() {
    let mut reply = search();
    for sequence in 1..=2 {
        let (part, class) = reply.message(3, &Item::Object(john())).unwrap();
        assert_eq!(class, ResponseClass::Exact);
        // As T15 and T16, with a real set of attributes in place of `aabb`.
        let expected = format!("08031a89011a8601528301080{sequence}1a7f0a0b5f5f4143434f554e545f5f1270{JOHN}");
        assert_eq!(shown(&part), expected);
    }
    answers(3, reply.end(&Ok(Answer::SearchEnd(None))), "08031a061a0452020802");
}

#[test]
fn wire_t17_the_end_of_a_search_with_unknown_counts() {
    let mut reply = search();
    let _ = reply.message(3, &Item::Object(john())).unwrap();
    let _ = reply.message(3, &Item::Object(john())).unwrap();
    let end = reply.end(&Ok(Answer::SearchEnd(Some(SearchResult::default()))));
    answers(3, end, "08031a1e1a1c521a0802121618ffffffffffffffffff0120ffffffffffffffffff01");
}

#[test]
fn wire_t18_the_end_of_an_empty_search_with_unknown_counts() {
    let end = search().end(&Ok(Answer::SearchEnd(Some(SearchResult::default()))));
    answers(3, end, "08031a1c1a1a5218121618ffffffffffffffffff0120ffffffffffffffffff01");
}

#[test]
fn wire_t20_the_end_of_a_page() {
    let mut reply = search();
    let _ = reply.message(3, &Item::Object(john())).unwrap();
    let _ = reply.message(3, &Item::Object(john())).unwrap();
    let page = SearchResult {
        paged_results_cookie: Some("p2".to_owned()),
        count_policy: CountPolicy::Exact,
        total_paged_results: 10,
        remaining_paged_results: 8,
    };
    let end = reply.end(&Ok(Answer::SearchEnd(Some(page))));
    answers(3, end, "08031a121a10520e0802120a0a0270321002180a2008");
}

#[test]
fn wire_t21_the_end_of_an_empty_search() {
    answers(3, search().end(&Ok(Answer::SearchEnd(None))), "08031a041a025200");
}

#[test]
fn wire_t23_no_latest_token() {
    let reply = Reply::to(&Operation::LatestSyncToken { class: None });
    answers(4, reply.end(&Ok(Answer::LatestSyncToken(None))), "08041a061a045a021200");
}

#[test]
fn wire_t23b_the_latest_token() {
    let reply = Reply::to(&Operation::LatestSyncToken { class: None });
    let end = reply.end(&Ok(Answer::LatestSyncToken(Some(token()))));
    answers(4, end, &format!("08041a341a325a30122e0a2c0a2a{TOKEN}"));
}

#[test]
fn wire_t25_a_deletion() {
    let delta = SyncDelta {
        token: token(),
        delta_type: SyncDeltaType::Delete,
        previous_uid: None,
        object_class: Some(ObjectClass::ACCOUNT),
        uid: uid("u1"),
        object: None,
    };
    let (part, class) = sync().message(6, &Item::Delta(delta)).unwrap();
    assert_eq!(class, ResponseClass::Exact);
    let expected =
        format!("08061a4d1a4b5a490a4708011a430a2c0a2a{TOKEN}1001220b5f5f4143434f554e545f5f2a040a027531");
    assert_eq!(shown(&part), expected);
}

#[test]
fn wire_t26_the_end_of_a_synchronisation() {
    let mut reply = sync();
    let delta = SyncDelta {
        token: token(),
        delta_type: SyncDeltaType::CreateOrUpdate,
        previous_uid: None,
        object_class: None,
        uid: uid("1"),
        object: Some(john()),
    };
    let (part, _) = reply.message(3, &Item::Delta(delta)).unwrap();
    // The class of the object travels although the delta does not repeat it, and the type 0 does not.
    let part = shown(&part);
    assert!(part.contains(&format!("{TOKEN}220b5f5f4143434f554e545f5f2a030a01313270{JOHN}")), "{part}");
    answers(
        6,
        reply.end(&Ok(Answer::SyncEnd(Some(token())))),
        &format!("08061a361a345a320a300801122c0a2a{TOKEN}"),
    );
}

#[test]
fn wire_t26b_the_end_of_a_synchronisation_without_changes() {
    answers(6, sync().end(&Ok(Answer::SyncEnd(None))), "08061a061a045a020a00");
}

#[test]
fn wire_t28_t29_a_subscription_is_confirmed_and_completed() {
    let subscribe = Operation::SubscribeObjects { class: None, filter: None, options: options() };
    let mut reply = Reply::to(&subscribe);
    let (part, _) = reply.message(7, &Item::Accepted).unwrap();
    assert_eq!(shown(&part), "08071a041a021a00");
    let (event, class) = reply.message(7, &Item::ObjectEvent(john())).unwrap();
    assert_eq!(class, ResponseClass::Once);
    assert!(shown(&event).ends_with(&format!("0a7f0a0b5f5f4143434f554e545f5f1270{JOHN}")));
    answers(7, reply.end(&Ok(Answer::SubscriptionEnd)), "08071a061a041a021001");
}

#[test]
fn wire_t30_a_batch_token() {
    let mut reply = Reply::to(&Operation::Batch { tasks: vec![], options: options() });
    let token = BatchToken { tokens: vec!["T1".to_owned()], ..BatchToken::default() };
    let (part, class) = reply.message(8, &Item::BatchToken(token)).unwrap();
    assert_eq!(class, ResponseClass::Once);
    assert_eq!(shown(&part), "08081a0b1a098201060a0254313801");
    answers(8, reply.end(&Ok(Answer::BatchEnd)), "08081a071a058201021801");
}

#[test]
fn wire_t32_a_created_object() {
    let created = Uid::try_new("u1").unwrap().with_revision("r");
    answers(10, create().end(&Ok(Answer::Uid(Some(created)))), "080a1a0d1a0b12090a070a027531120172");
}

#[test]
fn wire_t33_a_created_object_without_uid() {
    answers(10, create().end(&Ok(Answer::Uid(None))), "080a1a041a021200");
}

#[test]
fn wire_t37_a_deleted_object() {
    let delete = Operation::Delete { class: None, uid: None, options: options() };
    answers(9, Reply::to(&delete).end(&Ok(Answer::Done)), "08091a041a022200");
}

#[test]
fn wire_c43_a_missing_object_is_an_empty_answer() {
    let get = Operation::Get { class: None, uid: None, options: options() };
    answers(9, Reply::to(&get).end(&Ok(Answer::Object(None))), "08091a041a022a00");
}

#[test]
fn nothing_is_a_member_without_content() {
    let script = Operation::ScriptOnResource { script: None, options: options() };
    answers(1, Reply::to(&script).end(&Ok(Answer::Value(Value::Null))), "08011a041a024a00");
    answers(1, Reply::to(&Operation::Schema).end(&Ok(Answer::Schema(None))), "08011a041a023a00");
    let authenticate =
        Operation::Authenticate { class: None, username: None, password: None, options: options() };
    answers(1, Reply::to(&authenticate).end(&Ok(Answer::Uid(None))), "08011a041a020a00");
    let resolve = Operation::ResolveUsername { class: None, username: None, options: options() };
    answers(1, Reply::to(&resolve).end(&Ok(Answer::Uid(None))), "08011a041a023200");
    let update = Operation::Update {
        kind: UpdateKind::Add,
        class: None,
        uid: None,
        attributes: None,
        options: options(),
    };
    answers(1, Reply::to(&update).end(&Ok(Answer::Uid(None))), "08011a041a027200");
}

/// The lengths around an object are added up by hand; the protobuf library must come to the same.
#[test]
fn objects_of_every_size_are_the_messages_of_the_schema() {
    let sizes = (0..300).chain((15_900..16_500).step_by(7)).chain([40_000, 2_100_000]);
    let mut blobs = Blobs::new(Profile::OpenIcf2);
    for id in [1, 127, 128, i64::MAX, -1] {
        let mut reply = search();
        for (sequence, size) in (1..).zip(sizes.clone()) {
            let class = ObjectClass::new("c".repeat(size % 200));
            let object = ConnectorObject::new(class, uid("1"), "n".repeat(size));
            let attributes = blobs.object_attributes(&object).unwrap();
            let object_class = object.object_class.as_str().to_owned();
            let (message, _) = reply.message(id, &Item::Object(object)).unwrap();
            let connector_object = Some(envelope::ConnectorObject { object_class, attributes });
            let search = SearchOpResponse { sequence, result: None, connector_object };
            let operation = OperationResponse { search_op_response: Some(search), ..Default::default() };
            let response =
                RpcResponse { operation_response: Some(Box::new(operation)), ..Default::default() };
            assert!(message == RemoteMessage::of_response(id, response).to_bytes(), "{id}, {size}");
        }
    }
}

#[test]
fn an_item_that_cannot_be_sent_takes_no_number() {
    let mut reply = search();
    let broken = john().with(Attribute::single(" ", 1));
    let error = reply.message(3, &Item::Object(broken)).unwrap_err();
    assert_eq!(error.to_string(), "Cannot send the object 1 of class __ACCOUNT__: Name must not be blank!");
    answers(3, reply.end(&Ok(Answer::SearchEnd(None))), "08031a041a025200");
}

#[test]
fn a_delta_that_every_receiver_refuses_is_not_sent() {
    let delta = SyncDelta {
        token: token(),
        delta_type: SyncDeltaType::Update,
        previous_uid: None,
        object_class: None,
        uid: uid("u1"),
        object: None,
    };
    assert!(sync().message(3, &Item::Delta(delta)).is_err());
}

#[test]
fn an_answer_of_another_operation_becomes_an_error() {
    let response = search().end(&Ok(Answer::Done));
    assert_eq!(response.error.unwrap().exception_class, "java.lang.IllegalStateException");
    assert!(search().message(3, &Item::Accepted).is_err());
}

#[test]
fn wire_t27c_an_error() {
    let end = search().end(&Err(ConnectorError::unknown_uid("no")));
    answers(
        2,
        end,
        "08021a4e224c0a466f72672e6964656e74697479636f6e6e6563746f72732e6672616d65776f726b2e636f6d6d6f6e2e657863657074\
         696f6e732e556e6b6e6f776e556964457863657074696f6e12026e6f",
    );
}
