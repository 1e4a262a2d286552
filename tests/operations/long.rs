//! Operations of 20 minutes on paused time, through two engines and the whole server. The same against real Java:
//! `tests/matrix/long.rs`.

use std::time::Duration;

use bytes::Bytes;
use icf::{Attribute, AttributeSet, OperationOptions};
use icf_session::{Execution, Handler, LinkHandle, Session};
use icf_wire::binary::{Blobs, Profile, facade_key};
use icf_wire::envelope::{
    ConnectorKey, CreateOpRequest, HandshakeMessage, OperationRequest, SearchOpRequest,
};
use icf_wire::session::{Delivery, EngineConfig, Role};
use rcs::dispatch::DispatchOptions;
use rcs::serve::Server;
use tokio::time::{Instant, sleep};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::Role as WsRole;

const TWENTY_MINUTES: Duration = Duration::from_secs(20 * 60);
/// Objects of the search, 5 s apart.
const OBJECTS: i32 = 240;

/// The tenant executes nothing.
struct Nobody;

impl Handler for Nobody {
    fn start(&self, _: Execution) {}
}

struct Scene {
    server: Server,
    tenant: Session,
}

impl Scene {
    fn new() -> Self {
        let server = Server::without_links(
            "test",
            EngineConfig::default(),
            DispatchOptions::default(),
            vec![icf_reference::registration()],
        )
        .unwrap();
        let hello = HandshakeMessage { session_id: "TENANT".into(), ..Default::default() };
        let (tenant, _) = Session::new(EngineConfig::default(), hello, Nobody);
        Self { server, tenant }
    }

    /// Opens a link; answers the server's end.
    async fn connect(&self) -> LinkHandle {
        let (near, far) = tokio::io::duplex(256 * 1024);
        let client = WebSocketStream::from_raw_socket(near, WsRole::Client, None).await;
        let host = WebSocketStream::from_raw_socket(far, WsRole::Server, None).await;
        let accepted = self.tenant.attach(host, Role::Acceptor, "rcs1");
        let link = self.server.session().attach(client, Role::Dialer, "rcs1");
        link.ready().await.unwrap();
        accepted.ready().await.unwrap();
        link
    }

    async fn ask(&self, fill: impl FnOnce(&mut OperationRequest)) -> icf_session::Pending {
        let info = icf_reference::registration().info();
        let mut operation = OperationRequest {
            connector_key: Some(ConnectorKey {
                bundle_name: info.key.bundle_name,
                bundle_version: info.key.bundle_version,
                connector_name: info.key.connector_name,
            }),
            connector_facade_key: facade_key::encode(&info.configuration, Profile::OpenIcf2).unwrap().into(),
            ..Default::default()
        };
        fill(&mut operation);
        let group = self.tenant.groups()[0].id;
        self.tenant.request(group, operation, Duration::from_secs(5)).await.unwrap()
    }
}

fn options(options: OperationOptions) -> Bytes {
    Blobs::new(Profile::OpenIcf2).options(&options).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_search_of_twenty_minutes_survives_group_checks_and_replaced_links() {
    let scene = Scene::new();
    let mut oldest = scene.connect().await;
    let mut newest = scene.connect().await;
    let slow = OperationOptions::default().with("generate", OBJECTS).with("delayMillis", 5000);
    let begun = Instant::now();
    let mut search = scene
        .ask(|operation| {
            operation.search_op_request = Some(SearchOpRequest {
                object_class: "__ACCOUNT__".into(),
                options: options(slow),
                ..Default::default()
            });
        })
        .await;
    let mut seen = 0;
    loop {
        match search.next().await {
            Some(Delivery::Item(item)) => {
                seen += 1;
                assert_eq!(item.search_op_response.unwrap().sequence, seen);
                // Links are replaced every 5 minutes, as long-lived ones are.
                if seen % 60 == 0 {
                    let next = scene.connect().await;
                    oldest.retire();
                    oldest = std::mem::replace(&mut newest, next);
                }
            }
            Some(Delivery::End(_)) => break,
            Some(Delivery::Failed(failure)) => {
                panic!("after {:?} and {seen} objects: {failure}", begun.elapsed())
            }
            None => panic!("no end after {:?} and {seen} objects", begun.elapsed()),
        }
    }
    assert_eq!(seen, i64::from(OBJECTS));
    assert!(begun.elapsed() >= TWENTY_MINUTES, "{:?}", begun.elapsed());
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_takes_twenty_minutes_arrives_over_a_link_that_is_not_the_asking_one() {
    let scene = Scene::new();
    let asking = scene.connect().await;
    let silent = OperationOptions::default().with("delayMillis", 20 * 60 * 1000);
    let attributes = AttributeSet::new().with(Attribute::single("__NAME__", "ann"));
    let begun = Instant::now();
    let mut creation = scene
        .ask(|operation| {
            operation.create_op_request = Some(CreateOpRequest {
                object_class: "__ACCOUNT__".into(),
                create_attributes: Blobs::new(Profile::OpenIcf2).attributes(&attributes).unwrap(),
                options: options(silent),
            });
        })
        .await;
    sleep(Duration::from_secs(10 * 60)).await;
    let _other = scene.connect().await;
    asking.retire();
    let answer = creation.next().await;
    assert!(matches!(answer, Some(Delivery::End(_))), "after {:?}: {answer:?}", begun.elapsed());
    assert!(begun.elapsed() >= TWENTY_MINUTES, "{:?}", begun.elapsed());
}
