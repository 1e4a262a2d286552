//! A server with the connector that makes objects up, and our own asking side, joined by loopback links.

use std::path::Path;
use std::time::Duration;

use icf::{ObjectClass, OperationOptions};
use icf_session::{Execution, Handler, Pending, Session};
use icf_wire::binary::{Limits, Profile, facade_key};
use icf_wire::rpc::{Expected, FacadeKey, Item, Operation, OperationRequest};
use icf_wire::session::{Delivery, EngineConfig, GroupId, Role};
use rcs::dispatch::DispatchOptions;
use rcs::serve::{Server, new_identity};

use super::connector::registration;
use super::loopback::{Host, dial};

/// A server and its peer.
pub(crate) struct Pair {
    _server: Server,
    tenant: Session,
    group: GroupId,
}

struct Nobody;

impl Handler for Nobody {
    fn start(&self, _: Execution) {}
}

/// A server without a link yet.
pub(crate) fn server() -> Server {
    let connectors = vec![registration()];
    Server::without_links("bench", EngineConfig::default(), DispatchOptions::default(), connectors).unwrap()
}

/// A request to the connector.
pub(crate) fn request(operation: Operation) -> OperationRequest {
    let configuration = registration().info().configuration;
    let key = facade_key::encode(&configuration, Profile::OpenIcf2).unwrap();
    OperationRequest {
        connector: registration().key().clone(),
        facade_key: FacadeKey::new(key.into()),
        locale: None,
        operation,
    }
}

impl Pair {
    pub(crate) async fn new(host: &Host) -> Self {
        let server = server();
        let (tenant, _) = Session::new(EngineConfig::default(), new_identity().unwrap(), Nobody);
        let (near, far) = host.pair().await;
        let link = tenant.attach(far, Role::Acceptor, "bench");
        server.session().attach(near, Role::Dialer, "bench");
        let group = link.ready().await.unwrap();
        Self { _server: server, tenant, group }
    }

    async fn ask(&self, request: &OperationRequest) -> Pending {
        let message = request.to_message().unwrap();
        self.tenant.request(self.group, message, Duration::from_secs(30)).await.unwrap()
    }

    /// Runs a search to its end and decodes the objects; answers how many there were.
    pub(crate) async fn search(&self, count: usize) -> usize {
        let class = Some(ObjectClass::new(count.to_string()));
        let search = Operation::Search { class, filter: None, options: OperationOptions::default() };
        let mut expected = Expected::of(&search, Limits::default());
        let mut pending = self.ask(&request(search)).await;
        let mut seen = 0;
        while let Some(part) = pending.next().await {
            match part {
                Delivery::Item(item) => match expected.item(*item).unwrap() {
                    Item::Object(object) if !object.attributes.is_empty() => seen += 1,
                    other => panic!("{other:?}"),
                },
                Delivery::End(_) => {}
                Delivery::Failed(failure) => panic!("{failure}"),
            }
        }
        seen
    }

    pub(crate) async fn test(&self, test: &OperationRequest) {
        match self.ask(test).await.next().await {
            Some(Delivery::End(_)) => {}
            other => panic!("{other:?}"),
        }
    }
}

/// Serves until the tenant leaves, then tells the peak memory of this process in kilobytes.
pub(crate) fn alone(server: fn() -> Server, port: u16, certificate: &Path) {
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let server = server();
        let socket = dial(port, std::fs::read(certificate).unwrap().into()).await;
        server.session().attach(socket, Role::Dialer, "bench").closed().await;
    });
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    println!("{}", peak.trim().trim_end_matches(" kB"));
}
