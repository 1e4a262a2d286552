//! Pools over links in memory, on paused time.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use icf_session::{Execution, Handler, LinkHandle, Session};
use icf_wire::envelope::HandshakeMessage;
use icf_wire::session::{EngineConfig, Role};
use tokio::time::Instant;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::Role as WsRole;
use tokio_util::sync::CancellationToken;

use super::backoff::Setback;
use super::{Open, OpenFailure, Pool, PoolOptions};
use crate::config::PoolSettings;

struct Nobody;

impl Handler for Nobody {
    fn start(&self, _: Execution) {}
}

/// A tenant that accepts links over pipes, or refuses as told.
#[derive(Clone)]
struct World {
    server: Session,
    tenant: Session,
    refusals: Arc<Mutex<VecDeque<Setback>>>,
    attempts: Arc<Mutex<Vec<Duration>>>,
    links: Arc<Mutex<Vec<LinkHandle>>>,
    start: Instant,
}

#[async_trait]
impl Open for World {
    async fn open(&self) -> Result<LinkHandle, OpenFailure> {
        self.attempts.lock().unwrap().push(self.start.elapsed());
        if let Some(setback) = self.refusals.lock().unwrap().pop_front() {
            return Err(OpenFailure { setback, message: "refused by the test".into() });
        }
        let (near, far) = tokio::io::duplex(64 * 1024);
        let host = WebSocketStream::from_raw_socket(far, WsRole::Server, None).await;
        let client = WebSocketStream::from_raw_socket(near, WsRole::Client, None).await;
        let accepted = self.tenant.attach(host, Role::Acceptor, "rcs1");
        let link = self.server.attach(client, Role::Dialer, "rcs1");
        link.ready().await.unwrap();
        accepted.ready().await.unwrap();
        self.links.lock().unwrap().push(accepted);
        Ok(link)
    }
}

impl World {
    fn new() -> Self {
        let handshake = |id: &str| HandshakeMessage { session_id: id.into(), ..Default::default() };
        Self {
            server: Session::new(EngineConfig::default(), handshake("S"), Nobody).0,
            tenant: Session::new(EngineConfig::default(), handshake("T"), Nobody).0,
            refusals: Arc::default(),
            attempts: Arc::default(),
            links: Arc::default(),
            start: Instant::now(),
        }
    }

    fn run(&self, settings: PoolSettings) -> CancellationToken {
        let stop = CancellationToken::new();
        let options = PoolOptions { settings, url: "wss://tenant.example.com:443/openicf/0".into(), seed: 1 };
        tokio::spawn(Pool::new(self.clone(), options).run(stop.clone()));
        stop
    }

    fn attempts(&self) -> Vec<f64> {
        self.attempts.lock().unwrap().iter().map(|at| (at.as_secs_f64() * 10.0).round() / 10.0).collect()
    }

    fn usable(&self) -> usize {
        self.tenant.groups().first().map_or(0, |group| group.usable_links)
    }
}

fn settings(connections: usize) -> PoolSettings {
    PoolSettings {
        connections,
        max_connections: connections + 1,
        ttl: None,
        new_connections_interval: Duration::from_secs(10),
        housekeeping_interval: Duration::from_secs(20),
        connect_timeout: Duration::from_secs(30),
        reconnect_min_delay: Duration::from_secs(1),
        reconnect_max_delay: Duration::from_secs(60),
    }
}

async fn wait(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}

#[tokio::test(start_paused = true)]
async fn links_are_opened_one_after_the_other() {
    let world = World::new();
    world.run(settings(3));
    wait(60).await;
    assert_eq!(world.attempts(), [0.0, 10.0, 20.0]);
    assert_eq!(world.usable(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_link_is_replaced_at_its_age_and_there_is_never_one_too_few() {
    let world = World::new();
    world.run(PoolSettings { ttl: Some(Duration::from_secs(300)), ..settings(2) });
    wait(30).await;
    let until = Instant::now() + Duration::from_secs(3_000);
    while Instant::now() < until {
        assert!((2..=3).contains(&world.usable()), "{} usable links", world.usable());
        wait(1).await;
    }
    let opened = world.attempts().len();
    assert!((18..=24).contains(&opened), "about one every 150 s: {opened}");
    assert_eq!(world.tenant.counters().items_repeated, 0);
}

#[tokio::test(start_paused = true)]
async fn a_lost_link_comes_back_at_once() {
    let world = World::new();
    world.run(settings(1));
    wait(100).await;
    world.links.lock().unwrap()[0].kill("cut by the test");
    wait(1).await;
    assert_eq!(world.attempts(), [0.0, 100.0]);
    assert_eq!(world.usable(), 1);
}

#[tokio::test(start_paused = true)]
async fn wire_c04_a_refused_server_waits_longer_and_longer() {
    let world = World::new();
    world.refusals.lock().unwrap().extend([Setback::Refused; 5]);
    world.run(settings(1));
    wait(600).await;
    let attempts = world.attempts();
    assert_eq!(attempts.len(), 6, "{attempts:?}");
    assert!(attempts.windows(2).all(|pair| pair[1] - pair[0] >= 10.0), "{attempts:?}");
    assert_eq!(world.usable(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_tenant_that_is_away_is_not_flooded() {
    let world = World::new();
    world.refusals.lock().unwrap().extend([Setback::Transient; 1_000]);
    world.run(settings(2));
    wait(3_600).await;
    let attempts = world.attempts().len();
    assert!((60..=600).contains(&attempts), "{attempts} attempts in an hour");
}

#[tokio::test(start_paused = true)]
async fn links_do_not_multiply_after_the_tenant_was_away() {
    let world = World::new();
    world.run(settings(2));
    wait(30).await;
    for round in 0..20 {
        for link in world.links.lock().unwrap().drain(..) {
            link.kill("cut by the test");
        }
        wait(300).await;
        assert_eq!(world.usable(), 2, "round {round}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_link_the_tenant_announces_to_close_is_replaced_first() {
    let world = World::new();
    world.run(settings(1));
    wait(30).await;
    let first = world.links.lock().unwrap()[0].clone();
    // The tenant retires its side: it announces the end and closes once all is proven.
    first.retire();
    wait(1).await;
    assert_eq!(world.attempts(), [0.0, 30.0]);
    assert_eq!(world.usable(), 1);
}

#[tokio::test(start_paused = true)]
async fn cancelled_the_pool_opens_nothing_more() {
    let world = World::new();
    let stop = world.run(settings(2));
    wait(1).await;
    stop.cancel();
    wait(60).await;
    assert_eq!(world.attempts(), [0.0]);
}
