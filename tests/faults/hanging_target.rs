//! A target that never answers.

use std::time::{Duration, Instant};

use rcs::config::Settings;
use tenant::KindFilter;

use crate::connector::hangs;
use crate::scene::{PROMPT, Scene, Setup, until};

const TIMEOUT: &str = "org.identityconnectors.framework.common.exceptions.OperationTimeoutException";
const LIMIT: Duration = Duration::from_secs(3);

fn limited(settings: &mut Settings) {
    settings.dispatch.max_operation_time = Some(LIMIT);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operation_that_hangs_ends_at_its_limit_while_others_go_on() {
    let scene = Scene::ready(Setup { adjust: limited, ..Setup::default() }).await;
    let started = Instant::now();
    let ids = ["hang-read", "hang-search"];
    let (reader, searcher) = (scene.client.clone(), scene.client.clone());
    let read = tokio::spawn(async move { reader.read(ids[0]).await });
    let search = tokio::spawn(async move { searcher.search_for(ids[1]).await });
    until("both hang", || ids.iter().all(|id| hangs(id))).await;
    scene.client.search().await.is_whole(1000);
    for got in [read.await.unwrap(), search.await.unwrap()] {
        assert!((LIMIT..LIMIT + PROMPT).contains(&started.elapsed()), "{:?}", started.elapsed());
        assert_eq!(got.status, 503, "{}", got.body);
        assert!(got.body["message"].as_str().unwrap().contains("Timeout"), "{}", got.body);
    }
    let ends = scene.tenant.events().since(0, &KindFilter::parse("op.end"));
    let exceptions: Vec<_> = ends.iter().filter_map(|end| end.data.get("exception")).collect();
    assert_eq!(exceptions, [TIMEOUT, TIMEOUT]);
    until("the calls are gone", || ids.iter().all(|id| !hangs(id))).await;
    scene.client.search().await.is_whole(1000);
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_search_that_hangs_can_be_cancelled() {
    let scene = Scene::ready(Setup::default()).await;
    let client = scene.client.clone();
    let search = tokio::spawn(async move { client.search_for("hang-cancel").await });
    until("the search hangs", || hangs("hang-cancel")).await;
    let cancelled = Instant::now();
    search.abort();
    until("the search is gone", || !hangs("hang-cancel")).await;
    assert!(cancelled.elapsed() < PROMPT, "{:?}", cancelled.elapsed());
    assert_eq!(scene.server.session().executing(), 0);
    scene.client.search().await.is_whole(1000);
    scene.end().await;
}
