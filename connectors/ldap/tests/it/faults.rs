//! Servers that die, fall silent or change, in the middle of something: the right error in time, the next call succeeds,
//! and no connection is left behind.

use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use icf::{CallContext, ConnectorObject, ErrorKind, Flow, Instance, ObjectSink, Receive, Result, Uid};
use icf_testkit::Collector;

use crate::harness::{Ldap, attributes, cx, failure, list, person};
use crate::proxy::{Mode, Proxy};
use crate::slapd::{Certificate, Slapd, free_port};

fn through(server: &Slapd, proxy: &Proxy) -> Ldap {
    Ldap::on(server)
        .with("port", i32::from(proxy.port))
        .with("useBlocks", true)
        .with("usePagedResultControl", true)
}

/// Counts, and does something at the tenth object.
struct Counter<F> {
    count: usize,
    at_ten: F,
}

impl<F: FnMut() + Send> Receive<ConnectorObject> for Counter<F> {
    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Flow> {
        Poll::Ready(Flow::Continue)
    }

    fn receive(&mut self, _: ConnectorObject) -> Result<Flow> {
        self.count += 1;
        if self.count == 10 {
            (self.at_ten)();
        }
        Ok(Flow::Continue)
    }
}

/// Searches for everything; answers how many objects came and how it ended.
async fn search(
    ldap: &Ldap,
    instance: &dyn Instance,
    cx: &CallContext,
    at_ten: impl FnMut() + Send,
) -> (usize, Result<()>) {
    let mut counter = Counter { count: 0, at_ten };
    let mut sink = ObjectSink::new(&mut counter);
    let search = instance.search_op().unwrap();
    let ended = search.search(cx, &ldap.class, None, &ldap.options, &mut sink).await;
    (counter.count, ended)
}

/// As the pool does before it hands the instance out: an instance that is not alive is replaced.
async fn recovered(ldap: &Ldap, instance: Box<dyn Instance>) -> Box<dyn Instance> {
    let instance = match instance.check_alive().await {
        Ok(()) => instance,
        Err(_) => ldap.instance().await,
    };
    let (count, ended) = search(ldap, &*instance, &cx(), || ()).await;
    ended.unwrap();
    assert_eq!(count, 305);
    instance
}

fn limited(limit: Duration) -> CallContext {
    CallContext::new("test").with_idle_limit(Some(limit))
}

#[tokio::test]
async fn a_server_killed_in_the_middle_of_pages_is_told_and_found_again() {
    let mut server = Slapd::start();
    let proxy = Proxy::to(server.port).await;
    let ldap = through(&server, &proxy);
    let instance = ldap.instance().await;
    let begun = Instant::now();
    let (count, ended) = search(&ldap, &*instance, &cx(), || server.kill()).await;
    // It shows on the connection in use, or at the first attempt to open the one for look-ups.
    assert!(matches!(failure(ended).0, ErrorKind::ConnectionFailed | ErrorKind::ConnectionBroken));
    assert!((10..305).contains(&count), "{count}");
    assert!(begun.elapsed() < Duration::from_secs(5));
    let (_, ended) = search(&ldap, &*instance, &cx(), || ()).await;
    assert!(matches!(failure(ended).0, ErrorKind::ConnectionFailed | ErrorKind::ConnectionBroken));
    server.restart();
    let instance = recovered(&ldap, instance).await;
    instance.dispose().await;
    assert_eq!(proxy.left().await, 0);
}

#[tokio::test]
async fn a_connection_cut_in_the_middle_of_an_answer_is_told_and_replaced() {
    let server = Slapd::start();
    let proxy = Proxy::to(server.port).await;
    let ldap = through(&server, &proxy);
    // First the schema is read, whole.
    let instance = recovered(&ldap, ldap.instance().await).await;
    let uid = Uid::try_new(ldap.uid(&person(1)).await).unwrap();
    instance.dispose().await;
    let instance = ldap.instance().await;
    proxy.set(Mode::CutAfter(6000));
    let (count, ended) = search(&ldap, &*instance, &cx(), || ()).await;
    assert_eq!(failure(ended).0, ErrorKind::ConnectionBroken);
    assert!(count < 50, "{count}");
    // Enough for the login and to find the entry, not for the answer to the change.
    let mut kinds = Vec::new();
    for bytes in [14, 100, 200] {
        proxy.set(Mode::CutAfter(bytes));
        let changed = instance.update_op().unwrap();
        let title = attributes([("title", "t")]);
        let changed = changed.update(&cx(), &ldap.class, &uid, title, &ldap.options).await;
        kinds.extend(changed.err().map(|error| error.kind().clone()));
    }
    let in_kind =
        |kind: &ErrorKind| matches!(kind, ErrorKind::ConnectionBroken | ErrorKind::ConnectionFailed);
    assert!(!kinds.is_empty() && kinds.iter().all(in_kind), "{kinds:?}");
    proxy.set(Mode::Pass);
    let instance = recovered(&ldap, instance).await;
    instance.dispose().await;
    assert_eq!(proxy.left().await, 0);
}

#[tokio::test]
async fn a_server_that_falls_silent_costs_the_limit_and_no_more() {
    let server = Slapd::start();
    let proxy = Proxy::to(server.port).await;
    let ldap = through(&server, &proxy).with("checkAliveMinInterval", 0_i64).with("connectionTimeout", 1000);
    let instance = recovered(&ldap, ldap.instance().await).await;
    let uid = Uid::try_new(ldap.uid(&person(1)).await).unwrap();
    let limit = Duration::from_secs(1);
    let in_time =
        |begun: Instant| assert!((1..3).contains(&begun.elapsed().as_secs()), "{:?}", begun.elapsed());
    let begun = Instant::now();
    let (_, ended) = search(&ldap, &*instance, &limited(limit), || proxy.set(Mode::Silent)).await;
    assert_eq!(failure(ended).0, ErrorKind::OperationTimeout);
    in_time(begun);
    // A new connection is not answered either.
    let begun = Instant::now();
    let (_, ended) = search(&ldap, &*instance, &limited(5 * limit), || ()).await;
    assert_eq!(failure(ended).0, ErrorKind::ConnectionFailed);
    in_time(begun);
    proxy.set(Mode::Pass);
    let instance = recovered(&ldap, instance).await;
    proxy.set(Mode::Silent);
    let begun = Instant::now();
    let deadline = tokio::time::Instant::now() + limit;
    let cx = CallContext::new("test").with_deadline(Some(deadline));
    let update = instance.update_op().unwrap();
    let changed = update.update(&cx, &ldap.class, &uid, attributes([("title", "t")]), &ldap.options).await;
    assert_eq!(failure(changed).0, ErrorKind::OperationTimeout);
    in_time(begun);
    proxy.set(Mode::Pass);
    let instance = recovered(&ldap, instance).await;
    proxy.set(Mode::Silent);
    let begun = Instant::now();
    assert_eq!(failure(instance.check_alive().await).0, ErrorKind::OperationTimeout);
    in_time(begun);
    let begun = Instant::now();
    instance.dispose().await;
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    assert_eq!(proxy.left().await, 0);
}

#[tokio::test]
async fn a_call_that_is_cancelled_or_dropped_leaves_no_connection_of_use_behind() {
    let server = Slapd::start();
    let proxy = Proxy::to(server.port).await;
    let ldap = through(&server, &proxy);
    let instance = recovered(&ldap, ldap.instance().await).await;
    proxy.set(Mode::Silent);
    let dropped =
        tokio::time::timeout(Duration::from_millis(300), search(&ldap, &*instance, &cx(), || ())).await;
    assert!(dropped.is_err());
    let cx = cx();
    let (cancellation, begun) = (cx.cancellation().clone(), Instant::now());
    let cancelling = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        cancellation.cancel();
    };
    let ((_, ended), ()) = tokio::join!(search(&ldap, &*instance, &cx, || ()), cancelling);
    assert_eq!(failure(ended).0, ErrorKind::Connector);
    assert!(begun.elapsed() < Duration::from_secs(2));
    proxy.set(Mode::Pass);
    let instance = recovered(&ldap, instance).await;
    // Not disposed of, only dropped.
    drop(instance);
    assert_eq!(proxy.left().await, 0);
}

#[tokio::test]
async fn a_certificate_that_was_changed_is_refused_until_it_is_trusted() {
    let mut server = Slapd::start();
    let ldap = Ldap::on(&server)
        .with("port", i32::from(server.tls_port))
        .with("ssl", true)
        .with("alternateKeyStore", server.file("ca.pem"));
    let instance = recovered(&ldap, ldap.instance().await).await;
    server.kill();
    server.restart_with(Certificate::SelfSigned);
    let begun = Instant::now();
    let (count, ended) = search(&ldap, &*instance, &cx(), || ()).await;
    let (kind, text) = failure(ended);
    assert_eq!((count, kind), (0, ErrorKind::ConnectionFailed));
    assert!(text.contains("invalid peer certificate"), "{text}");
    assert!(begun.elapsed() < Duration::from_secs(5));
    server.kill();
    server.restart_with(Certificate::Issued);
    recovered(&ldap, instance).await;
}

#[tokio::test]
async fn the_next_server_of_the_list_takes_over() {
    let server = Slapd::start();
    let (primary, other) = (Proxy::to(server.port).await, Proxy::to(server.port).await);
    let url = format!("ldap://127.0.0.1:{}", other.port);
    let ldap = || through(&server, &primary).with("failover", list([&url])).with("connectionTimeout", 1000);
    let instance = recovered(&ldap(), ldap().instance().await).await;
    assert_eq!(other.left().await, 0, "the first server is there");
    // It takes connections and says nothing.
    primary.set(Mode::Silent);
    let (_, ended) = search(&ldap(), &*instance, &limited(Duration::from_secs(1)), || ()).await;
    assert_eq!(failure(ended).0, ErrorKind::OperationTimeout);
    let begun = Instant::now();
    let instance = recovered(&ldap(), instance).await;
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    assert_eq!(primary.left().await, 0);
    instance.dispose().await;
    assert_eq!(other.left().await, 0);
    // It is not there at all.
    let gone = ldap().with("port", i32::from(free_port()));
    let instance = recovered(&gone, gone.instance().await).await;
    instance.dispose().await;
    assert_eq!(other.left().await, 0);
}

/// Several operations on their own instances, of which each is cut at a random place.
#[tokio::test]
async fn cuts_anywhere_are_errors_of_the_connection() {
    let server = Slapd::start();
    let proxy = Proxy::to(server.port).await;
    let ldap = through(&server, &proxy).with("connectionTimeout", 2000);
    for bytes in [0, 1, 13, 14, 15, 500, 2000, 9000, 20_000, 40_000] {
        proxy.set(Mode::CutAfter(bytes));
        let mut collector = Collector::new();
        let mut sink = ObjectSink::new(&mut collector);
        let instance = ldap.instance().await;
        let search = instance.search_op().unwrap();
        let ended = search.search(&cx(), &ldap.class, None, &ldap.options, &mut sink).await;
        let (kind, text) = failure(ended);
        assert!(
            matches!(kind, ErrorKind::ConnectionFailed | ErrorKind::ConnectionBroken),
            "{bytes}: {kind:?}: {text}"
        );
        drop(instance);
    }
    assert_eq!(proxy.left().await, 0);
}
