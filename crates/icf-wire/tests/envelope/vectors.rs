//! One test for each message vector; the hex is a literal.

use super::*;

#[test]
fn wire_t01_handshake_request() {
    let message = request(
        0,
        RpcRequest { handshake_message: Some(handshake("AB", ServerType::Java)), ..Default::default() },
    );
    check("12080a060a0241421001", &message);
}

#[test]
fn wire_t02_handshake_response() {
    let message = response(
        0,
        RpcResponse { handshake_message: Some(handshake("CD", ServerType::Dotnet)), ..Default::default() },
    );
    check("1a080a060a0243441002", &message);
}

#[test]
fn wire_t05_connector_info_request() {
    let message = control(1, vec![0], vec![], vec![1]);
    check("0801120812060a01001a0101", &message);
}

#[test]
fn wire_t05b_connector_info_without_ids() {
    let message = control(1, vec![0], vec![], vec![]);
    check("0801120512030a0100", &message);
}

#[test]
fn wire_t06_empty_control_response() {
    let message =
        response(1, RpcResponse { control_response: Some(ControlResponse::default()), ..Default::default() });
    check("08011a021200", &message);
}

#[test]
fn wire_t06b_control_response_with_infos() {
    let message = response(
        1,
        RpcResponse {
            control_response: Some(ControlResponse { connector_infos: payload(), ..Default::default() }),
            ..Default::default()
        },
    );
    check("08011a0612041202aabb", &message);
}

#[test]
fn wire_t07_heartbeat() {
    let message = control(5, vec![], vec![3, 4], vec![5, 2, 300]);
    check("0805120c120a120203041a040502ac02", &message);
}

#[test]
fn wire_t08_test_request() {
    let message = operation(2, |op| op.test_op_request = Some(TestOpRequest {}));
    check("080212201a1e0a090a01621201311a0163120451513d3d1a080a02656e12025553820100", &message);
}

#[test]
fn wire_t09_test_response() {
    let message =
        answer(2, OperationResponse { test_op_response: Some(TestOpResponse {}), ..Default::default() });
    check("08021a041a026a00", &message);
}

#[test]
fn wire_t10_validate_request() {
    let message = operation(2, |op| op.validate_op_request = Some(ValidateOpRequest {}));
    check("080212201a1e0a090a01621201311a0163120451513d3d1a080a02656e12025553920100", &message);
}

#[test]
fn wire_t11_validate_response() {
    let message = answer(
        2,
        OperationResponse { validate_op_response: Some(ValidateOpResponse {}), ..Default::default() },
    );
    check("08021a041a027a00", &message);
}

#[test]
fn wire_t12_cancel() {
    let message =
        request(2, RpcRequest { cancel_op_request: Some(CancelOpRequest {}), ..Default::default() });
    check("080212022200", &message);
}

#[test]
fn wire_t13_search_request() {
    let message = operation(3, |op| {
        op.search_op_request =
            Some(SearchOpRequest { object_class: "__ACCOUNT__".into(), ..Default::default() })
    });
    check(
        "0803122c1a2a0a090a01621201311a0163120451513d3d1a080a02656e120255536a0d0a0b5f5f4143434f554e545f5f",
        &message,
    );
}

#[test]
fn wire_t14_latest_sync_token_request() {
    let message = operation(4, |op| {
        op.sync_op_request = Some(SyncOpRequest {
            latest_sync_token: Some(LatestSyncTokenRequest { object_class: "__ACCOUNT__".into() }),
            ..Default::default()
        })
    });
    check(
        "0804122e1a2c0a090a01621201311a0163120451513d3d1a080a02656e12025553720f120d0a0b5f5f4143434f554e545f5f",
        &message,
    );
}

#[test]
fn wire_t15_search_item_1() {
    let message = answer(3, search_answer(1, None, Some(account_object())));
    check("08031a191a17521508011a110a0b5f5f4143434f554e545f5f1202aabb", &message);
}

#[test]
fn wire_t16_search_item_2() {
    let message = answer(3, search_answer(2, None, Some(account_object())));
    check("08031a191a17521508021a110a0b5f5f4143434f554e545f5f1202aabb", &message);
}

#[test]
fn wire_t17_search_end_after_two() {
    let message = answer(3, search_answer(2, Some(counts("", CountPolicy::None, -1, -1)), None));
    check("08031a1e1a1c521a0802121618ffffffffffffffffff0120ffffffffffffffffff01", &message);
}

#[test]
fn wire_t18_search_end_without_items() {
    let message = answer(3, search_answer(0, Some(counts("", CountPolicy::None, -1, -1)), None));
    check("08031a1c1a1a5218121618ffffffffffffffffff0120ffffffffffffffffff01", &message);
}

#[test]
fn wire_t19_search_end_without_result() {
    let message = answer(3, search_answer(2, None, None));
    check("08031a061a0452020802", &message);
}

#[test]
fn wire_t20_search_end_with_cookie() {
    let message = answer(3, search_answer(2, Some(counts("p2", CountPolicy::Exact, 10, 8)), None));
    check("08031a121a10520e0802120a0a0270321002180a2008", &message);
}

#[test]
fn wire_t21_search_end_of_nothing() {
    let message = answer(3, search_answer(0, None, None));
    check("08031a041a025200", &message);
}

#[test]
fn wire_t22_create_request() {
    let message = operation(10, |op| {
        op.create_op_request = Some(CreateOpRequest {
            object_class: "__ACCOUNT__".into(),
            create_attributes: payload(),
            ..Default::default()
        })
    });
    check(
        "080a12301a2e0a090a01621201311a0163120451513d3d1a080a02656e120255532a110a0b5f5f4143434f554e545f5f1202aabb",
        &message,
    );
}

#[test]
fn wire_t23_no_latest_sync_token() {
    let message = answer(
        4,
        sync(SyncOpResponse {
            latest_sync_token: Some(LatestSyncTokenResponse::default()),
            ..Default::default()
        }),
    );
    check("08041a061a045a021200", &message);
}

#[test]
fn wire_t23b_latest_sync_token() {
    let message = answer(
        4,
        sync(SyncOpResponse {
            latest_sync_token: Some(LatestSyncTokenResponse { sync_token: Some(token()) }),
            ..Default::default()
        }),
    );
    check("08041a0c1a0a5a0812060a040a02aabb", &message);
}

#[test]
fn wire_t24_sync_request() {
    let message = operation(11, |op| {
        op.sync_op_request = Some(SyncOpRequest {
            sync: Some(SyncRequest {
                object_class: "__ACCOUNT__".into(),
                token: Some(token()),
                ..Default::default()
            }),
            ..Default::default()
        })
    });
    check(
        "080b12341a320a090a01621201311a0163120451513d3d1a080a02656e1202555372150a130a0b5f5f4143434f554e545f5f12040a02aabb",
        &message,
    );
}

#[test]
fn wire_t25_sync_delete() {
    let message = answer(
        6,
        sync(SyncOpResponse {
            sync: Some(SyncResponse {
                sequence: 1,
                sync_token: None,
                sync_delta: Some(SyncDelta {
                    token: Some(token()),
                    delta_type: SyncDeltaType::Delete.into(),
                    object_class: "__ACCOUNT__".into(),
                    uid: Some(uid("u1", "")),
                    ..Default::default()
                }),
            }),
            ..Default::default()
        }),
    );
    check("08061a251a235a210a1f08011a1b0a040a02aabb1001220b5f5f4143434f554e545f5f2a040a027531", &message);
}

#[test]
fn wire_t26_sync_end() {
    let message = answer(
        6,
        sync(SyncOpResponse {
            sync: Some(SyncResponse { sequence: 1, sync_token: Some(token()), sync_delta: None }),
            ..Default::default()
        }),
    );
    check("08061a0e1a0c5a0a0a08080112040a02aabb", &message);
}

#[test]
fn wire_t26b_sync_end_of_nothing() {
    let message =
        answer(6, sync(SyncOpResponse { sync: Some(SyncResponse::default()), ..Default::default() }));
    check("08061a061a045a020a00", &message);
}

#[test]
fn wire_t27_request_before_handshake() {
    let message = error(
        0,
        "org.identityconnectors.framework.common.exceptions.ConnectorException",
        "Connection received request before handshake",
    );
    check(
        "1a7722750a456f72672e6964656e74697479636f6e6e6563746f72732e6672616d65776f726b2e636f6d6d6f6e2e657863657074696f6e732e436f6e6e6563746f72457863657074696f6e122c436f6e6e656374696f6e2072656365697665642072657175657374206265666f72652068616e647368616b65",
        &message,
    );
}

#[test]
fn wire_t27b_request_before_handshake_with_id() {
    let message = error(
        2,
        "org.identityconnectors.framework.common.exceptions.ConnectorException",
        "Connection received request before handshake",
    );
    check(
        "08021a7722750a456f72672e6964656e74697479636f6e6e6563746f72732e6672616d65776f726b2e636f6d6d6f6e2e657863657074696f6e732e436f6e6e6563746f72457863657074696f6e122c436f6e6e656374696f6e2072656365697665642072657175657374206265666f72652068616e647368616b65",
        &message,
    );
}

#[test]
fn wire_t27c_unknown_uid() {
    let message = error(2, "org.identityconnectors.framework.common.exceptions.UnknownUidException", "no");
    check(
        "08021a4e224c0a466f72672e6964656e74697479636f6e6e6563746f72732e6672616d65776f726b2e636f6d6d6f6e2e657863657074696f6e732e556e6b6e6f776e556964457863657074696f6e12026e6f",
        &message,
    );
}

#[test]
fn wire_t27d_error_with_cause() {
    let message = response(
        3,
        RpcResponse {
            error: Some(ExceptionMessage {
                exception_class: "E".into(),
                message: "m".into(),
                inner_cause: Some(InnerCause { exception_class: "C".into(), ..Default::default() }),
                stack_trace: "s".into(),
            }),
            ..Default::default()
        },
    );
    check("08031a10220e0a014512016d1a030a0143220173", &message);
}

#[test]
fn wire_t28_subscription_confirmed() {
    let message = subscription(false);
    check("08071a041a021a00", &message);
}

#[test]
fn wire_t29_subscription_completed() {
    let message = subscription(true);
    check("08071a061a041a021001", &message);
}

#[test]
fn wire_t30_batch_token() {
    let message = batch(
        8,
        BatchOpResult { batch_token: vec!["T1".into()], returns_results: true, ..Default::default() },
    );
    check("08081a0b1a098201060a0254313801", &message);
}

#[test]
fn wire_t30b_batch_result() {
    let message =
        batch(8, BatchOpResult { task_id: "0".into(), uid: Some(uid("u1", "")), ..Default::default() });
    check("08081a0e1a0c82010912013042040a027531", &message);
}

#[test]
fn wire_t30c_last_batch_result() {
    let message = batch(
        8,
        BatchOpResult {
            task_id: "0".into(),
            complete: true,
            empty_result: Some(BatchEmptyResponse { result_message: "ok".into() }),
            ..Default::default()
        },
    );
    check("08081a101a0e82010b12013018014a0412026f6b", &message);
}

#[test]
fn wire_t30d_batch_complete() {
    let message = batch(8, BatchOpResult { complete: true, ..Default::default() });
    check("08081a071a058201021801", &message);
}

#[test]
fn wire_t30e_empty_batch_result() {
    let message = batch(8, BatchOpResult::default());
    check("08081a051a03820100", &message);
}

#[test]
fn wire_t31_configuration_change() {
    let message = request(
        0,
        RpcRequest {
            operation_request: Some(Box::new(OperationRequest {
                connector_facade_key: Bytes::from_static(b"QQ=="),
                configuration_change_event: Some(ConfigurationChangeEvent {
                    configuration_property_change: payload(),
                }),
                ..Default::default()
            })),
            ..Default::default()
        },
    );
    check("120f1a0d120451513d3d9a01040a02aabb", &message);
}

#[test]
fn wire_t32_created_with_revision() {
    let message = answer(
        10,
        OperationResponse {
            create_op_response: Some(CreateOpResponse { uid: Some(uid("u1", "r")) }),
            ..Default::default()
        },
    );
    check("080a1a0d1a0b12090a070a027531120172", &message);
}

#[test]
fn wire_t33_created_without_uid() {
    let message = answer(
        10,
        OperationResponse { create_op_response: Some(CreateOpResponse::default()), ..Default::default() },
    );
    check("080a1a041a021200", &message);
}

#[test]
fn wire_t34_large_id() {
    let message = answer(
        300,
        OperationResponse {
            create_op_response: Some(CreateOpResponse { uid: Some(uid("u1", "")) }),
            ..Default::default()
        },
    );
    check("08ac021a0a1a0812060a040a027531", &message);
}

#[test]
fn wire_t35_cancel_of_a_negative_id() {
    let message =
        request(-1, RpcRequest { cancel_op_request: Some(CancelOpRequest {}), ..Default::default() });
    check("08ffffffffffffffffff0112022200", &message);
}

#[test]
fn wire_t36_delete_request() {
    let message = operation(9, |op| {
        op.delete_op_request = Some(DeleteOpRequest {
            object_class: "__ACCOUNT__".into(),
            uid: Some(uid("u1", "")),
            ..Default::default()
        })
    });
    check(
        "080912321a300a090a01621201311a0163120451513d3d1a080a02656e120255533a130a0b5f5f4143434f554e545f5f12040a027531",
        &message,
    );
}

#[test]
fn wire_t37_delete_response() {
    let message =
        answer(9, OperationResponse { delete_op_response: Some(DeleteOpResponse {}), ..Default::default() });
    check("08091a041a022200", &message);
}

#[test]
fn wire_t38_only_an_id() {
    let message = RemoteMessage { message_id: 1, ..Default::default() };
    check("0801", &message);
}

#[test]
fn wire_t39_empty_request() {
    let message = request(2, RpcRequest::default());
    check("08021200", &message);
}

#[test]
fn wire_t40_empty_response() {
    let message = response(2, RpcResponse::default());
    check("08021a00", &message);
}

const PUBLIC_KEY: &str = "30819b301006072a8648ce3d020106052b81040023038186000400c6858e06b70404e9cd9e3ecb662395b4429c648139053fb521f828af606b4d3dbaa14b5e77efe75928fe1dc127a2ffa8de3348b3c1856a429bf97e7e31c2e5bd66011839296a789a3bc0045c8a5fb42c7d1bd998f54449579b446817afbd17273e662c97ee72995ef42640c550b9013fad0761353c7086a272c24088be94769fd16650";
const JAVA_HANDSHAKE: &str = "12d0010acd010a284239433835423646374232303046433741434143334532383137364233303737374130413136324110011a9e0130819b301006072a8648ce3d020106052b81040023038186000400c6858e06b70404e9cd9e3ecb662395b4429c648139053fb521f828af606b4d3dbaa14b5e77efe75928fe1dc127a2ffa8de3348b3c1856a429bf97e7e31c2e5bd66011839296a789a3bc0045c8a5fb42c7d1bd998f54449579b446817afbd17273e662c97ee72995ef42640c550b9013fad0761353c7086a272c24088be94769fd16650";

fn java_handshake() -> HandshakeMessage {
    HandshakeMessage {
        session_id: "B9C85B6F7B200FC7ACAC3E28176B30777A0A162A".into(),
        server_type: ServerType::Java.into(),
        public_key: hex(PUBLIC_KEY),
    }
}

#[test]
fn wire_t03_java_handshake_request() {
    let message = request(0, RpcRequest { handshake_message: Some(java_handshake()), ..Default::default() });
    check(JAVA_HANDSHAKE, &message);
}

#[test]
fn wire_t04_java_handshake_response() {
    let message =
        response(0, RpcResponse { handshake_message: Some(java_handshake()), ..Default::default() });
    check(&format!("1a{}", &JAVA_HANDSHAKE[2..]), &message);
}
