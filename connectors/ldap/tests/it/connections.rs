//! TLS, failover, silence and cuts.

use std::time::{Duration, Instant};

use icf::{CallContext, ErrorKind, ObjectSink, Uid};
use icf_testkit::Collector;

use crate::fake::Fake;
use crate::harness::{Ldap, failure, list};
use crate::slapd::{Certificate, Slapd, free_port};

#[tokio::test]
async fn ldap_008_another_server_is_tried_when_the_first_is_not_there() {
    let server = Slapd::start();
    let closed = Ldap::on(&server).with("port", i32::from(free_port())).with("connectionTimeout", 3000);
    let begun = Instant::now();
    let (kind, text) = failure(closed.test().await);
    assert_eq!(kind, ErrorKind::ConnectionFailed);
    assert!(text.contains("Check host, port, ssl and startTLS"), "{text}");
    assert!(begun.elapsed() < Duration::from_secs(4));
    let other = format!("ldap://127.0.0.1:{}", server.port);
    closed.with("failover", list([&other])).test().await.unwrap();
}

fn secured(server: &Slapd, store: &str) -> Ldap {
    Ldap::on(server)
        .with("port", i32::from(server.tls_port))
        .with("ssl", true)
        .with("alternateKeyStore", server.file(store))
}

#[tokio::test]
async fn ldap_064_tls_goes_by_the_store_and_the_names() {
    let server = Slapd::start();
    let issued = || secured(&server, "ca.pem");
    issued().test().await.unwrap();
    issued().with("hostNameVerification", true).test().await.unwrap();
    let start = Ldap::on(&server).with("startTLS", true).with("alternateKeyStore", server.file("ca.pem"));
    start.test().await.unwrap();
    let refused = async |ldap: Ldap| {
        let (kind, text) = failure(ldap.test().await);
        assert_eq!(kind, ErrorKind::ConnectionFailed);
        text
    };
    let text = refused(secured(&server, "self.pem")).await;
    assert!(text.contains("UnknownIssuer"), "{text}");
    let pinned = Slapd::with(Certificate::SelfSigned);
    secured(&pinned, "self.pem").test().await.unwrap();
    let text = refused(secured(&pinned, "self.pem").with("hostNameVerification", true)).await;
    assert!(text.contains("127.0.0.1"), "{text}");
    let matching = || secured(&pinned, "self.pem").with("hostNameVerification", true);
    matching().with("hostNameVerifierPattern", r"directory\..*").test().await.unwrap();
    refused(matching().with("hostNameVerifierPattern", "directory")).await;
    let (kind, _) = failure(issued().with("startTLS", true).test().await);
    assert_eq!(kind, ErrorKind::Configuration);
}

#[tokio::test]
async fn ldap_098_a_silent_server_costs_no_more_than_the_time_limit() {
    let fake = Fake::start(|_| Vec::new()).await;
    let ldap = fake.ldap();
    let instance = ldap.instance().await;
    for round in 1..=2 {
        let begun = Instant::now();
        let deadline = tokio::time::Instant::now() + Duration::from_secs(2);
        let cx = CallContext::new("test").with_deadline(Some(deadline));
        let (mut collector, search) = (Collector::new(), instance.search_op().unwrap());
        let mut sink = ObjectSink::new(&mut collector);
        let ended = search.search(&cx, &ldap.class, None, &ldap.options, &mut sink).await;
        assert_eq!(failure(ended).0, ErrorKind::OperationTimeout);
        assert!((2..3).contains(&begun.elapsed().as_secs()), "{:?}", begun.elapsed());
        assert_eq!(fake.connections(), round, "a connection that owes an answer is not used again");
    }
}

#[tokio::test]
async fn ldap_099_a_connection_closed_between_operations_is_replaced() {
    let mut server = Slapd::start();
    let ldap = Ldap::on(&server);
    let instance = ldap.instance().await;
    let find = async || {
        let mut collector = Collector::stopping_after(1);
        let mut sink = ObjectSink::new(&mut collector);
        let search = instance.search_op().unwrap();
        search.search(&crate::harness::cx(), &ldap.class, None, &ldap.options, &mut sink).await.unwrap();
        collector.items.len()
    };
    assert_eq!(find().await, 1);
    server.kill();
    server.restart();
    assert_eq!(find().await, 1);
    server.kill();
    server.restart();
    instance.check_alive().await.unwrap();
    let uid = ldap.uid(&crate::harness::person(1)).await;
    let (uid, title) = (Uid::try_new(uid).unwrap(), crate::harness::attributes([("title", "t")]));
    let update = instance.update_op().unwrap();
    update.update(&crate::harness::cx(), &ldap.class, &uid, title, &ldap.options).await.unwrap();
}
