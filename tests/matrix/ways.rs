//! The ways in which the Java framework reaches a connector server. Each is set up once, all in one virtual machine, for
//! all tests of the program.

use std::future::Future;
use std::sync::LazyLock;

use serde_json::{Value, json};
use tokio::runtime::Runtime;
use tokio::sync::OnceCell;

use crate::java::{Driver, Exception, Peer};
use crate::our_server::OurServer;

/// Who dials whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// The framework dials our listener.
    A,
    /// Our server dials the framework, behind Jetty.
    B,
    /// ConnId's remote manager dials our listener, over the legacy protocol.
    C,
    /// The framework dials the Java connector server.
    Java,
}

/// What a way is made of.
#[derive(Debug)]
struct Road {
    driver: &'static Driver,
    peer: Peer<'static>,
    /// Lives as long as the way.
    _ours: Option<OurServer>,
}

static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| Runtime::new().expect("a runtime for the peers of all tests can be made"));
static DRIVER: OnceCell<Driver> = OnceCell::const_new();
static CONNID: OnceCell<Driver> = OnceCell::const_new();
static ROADS: [OnceCell<Road>; 4] = [const { OnceCell::const_new() }; 4];

/// Runs a case with a world of its own.
pub(crate) fn run<F: Future<Output = ()>>(way: Way, name: &str, case: impl FnOnce(Side) -> F) {
    RUNTIME.block_on(async { case(side(way, name).await).await });
}

/// Runs a case that sets up its own peers.
pub(crate) fn on_the_runtime<F: Future<Output = ()>>(case: F) {
    RUNTIME.block_on(case);
}

/// One end of a way, with a world of that name at the other.
pub(crate) async fn side(way: Way, name: &str) -> Side {
    let road = ROADS[way as usize].get_or_init(|| build(way)).await;
    Side { way, road, world: format!("{name} {way:?}") }
}

pub(crate) async fn driver() -> &'static Driver {
    DRIVER.get_or_init(Driver::start).await
}

async fn build(way: Way) -> Road {
    let driver = driver().await;
    // With its own and the CSV connector these are 40.
    let connectors = icf_reference::registrations(38);
    match way {
        Way::A => {
            let server = OurServer::listening_with(connectors, "").await;
            Road { driver, peer: driver.connect(server.port(), "changeit").await, _ours: Some(server) }
        }
        Way::B => {
            // Beyond Jetty's own limits of 64 KiB a message and 30 s of silence.
            let opened = driver.listen(json!({"maxMessageBytes": 1 << 24, "idleSeconds": 900})).await;
            let url = format!("ws://127.0.0.1:{}/openicf/0", opened["port"]);
            let ours = OurServer::dialling_with(connectors, &url, "").await;
            Road { driver, peer: driver.peer(&opened), _ours: Some(ours) }
        }
        Way::C => {
            let driver = CONNID.get_or_init(|| Driver::start_legacy("connid-1.6")).await;
            let server = OurServer::listening_with(connectors, "connectorserver.legacyProfile=connid").await;
            Road { driver, peer: driver.connect(server.port(), "changeit").await, _ours: Some(server) }
        }
        Way::Java => {
            let port = driver.serve("changeit").await["port"].as_u64().expect("the server has a port");
            Road { driver, peer: driver.connect(port, "changeit").await, _ours: None }
        }
    }
}

/// One end of a way, with the reference connector at the other and a world there.
#[derive(Debug)]
pub(crate) struct Side {
    pub(crate) way: Way,
    road: &'static Road,
    world: String,
}

impl Side {
    pub(crate) fn peer(&self) -> &'static Peer<'static> {
        &self.road.peer
    }

    /// The program that has the peer.
    pub(crate) fn driver(&self) -> &'static Driver {
        self.road.driver
    }

    pub(crate) fn world(&self) -> &str {
        &self.world
    }

    /// The arguments of an operation on accounts, with `more`.
    pub(crate) fn operation(&self, op: &str, more: Value) -> Value {
        let mut arguments = json!({
            "op": op,
            "objectClass": "__ACCOUNT__",
            "connectorKey": connector_key(),
            "configuration": {},
        });
        let more = more.as_object().expect("more arguments are members").clone();
        arguments.as_object_mut().expect("arguments are members").extend(more);
        if arguments["configuration"].get("world").is_none() {
            arguments["configuration"]["world"] = json!(self.world);
        }
        arguments
    }

    pub(crate) async fn operate(&self, op: &str, more: Value) -> Result<Value, Exception> {
        self.peer().operate(self.operation(op, more)).await
    }

    /// The answer of an operation that must succeed.
    #[allow(clippy::panic)] // Only tests call it.
    pub(crate) async fn ok(&self, op: &str, more: Value) -> Value {
        let shown = more.to_string();
        match self.operate(op, more).await {
            Ok(answer) => answer,
            Err(exception) => panic!("{op} {shown}: {exception}"),
        }
    }

    /// The exception of an operation that must fail.
    #[allow(clippy::panic)] // Only tests call it.
    pub(crate) async fn fails(&self, op: &str, more: Value) -> Exception {
        let shown = more.to_string();
        match self.operate(op, more).await {
            Ok(answer) => panic!("{op} {shown} must fail, but answered {answer}"),
            Err(exception) => exception,
        }
    }

    /// The result of a script on the connector.
    pub(crate) async fn script(&self, text: &str, arguments: Value) -> Value {
        self.ok("scriptOnConnector", script(text, arguments)).await
    }
}

pub(crate) fn connector_key() -> Value {
    json!({
        "bundleName": icf_reference::BUNDLE_NAME,
        "bundleVersion": icf_reference::BUNDLE_VERSION,
        "connectorName": icf_reference::CONNECTOR_NAME,
    })
}

pub(crate) fn attribute(name: &str, value: Value) -> Value {
    json!({"name": name, "values": [value]})
}

pub(crate) fn script(text: &str, arguments: Value) -> Value {
    json!({"script": {"language": "reference", "text": text, "arguments": arguments}})
}

/// A test of each row in each way; a row is a function that takes a [`Side`]. What stands in brackets has no form in
/// the legacy protocol or in ConnId.
macro_rules! rows {
    ($($row:ident,)* [openicf: $($own:ident,)*]) => {
        crate::ways::rows!(@way a, A, $($row,)* $($own,)*);
        crate::ways::rows!(@way b, B, $($row,)* $($own,)*);
        crate::ways::rows!(@way c, C, $($row,)*);
        crate::ways::rows!(@way java, Java, $($row,)* $($own,)*);
    };
    ($($row:ident,)*) => {
        crate::ways::rows! { $($row,)* [openicf:] }
    };
    (@way $module:ident, $way:ident, $($row:ident,)*) => {
        mod $module {
            $(#[test] fn $row() {
                crate::ways::run(crate::ways::Way::$way, stringify!($row), super::$row);
            })*
        }
    };
}
pub(crate) use rows;
