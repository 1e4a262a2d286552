//! What is shown: each step with its time, and whether it did what it should.

use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use reqwest::Method;
use serde_json::{Value, json};

use crate::scene::{LINKS_PER_URL, NODES, Scene};

const ACCOUNTS: &str = "/system/hr/account";
/// How long the links may take; many times what they need.
const LINKS_LIMIT: Duration = Duration::from_secs(30);

/// Runs all steps; whether every one was right.
pub(crate) async fn run(scene: &Scene) -> bool {
    let mut right = true;
    right &= step("links", links(scene)).await;
    right &= step("test", test(scene)).await;
    right &= step("schema", schema(scene)).await;
    right &= step("search", search(scene)).await;
    right &= step("page through all", pages(scene)).await;
    right &= step("start liveSync", live_sync_start(scene)).await;
    right &= step("create", create(scene)).await;
    right &= step("read", read(scene)).await;
    right &= step("update", update(scene)).await;
    right &= step("delete", delete(scene)).await;
    right &= step("liveSync", live_sync(scene)).await;
    println!("\n{}", if right { "Every step was right." } else { "A STEP FAILED." });
    right
}

async fn step(name: &str, work: impl Future<Output = anyhow::Result<String>>) -> bool {
    let started = Instant::now();
    let outcome = work.await;
    let took = started.elapsed().as_secs_f64() * 1e3;
    match &outcome {
        Ok(told) => println!("{took:8.1} ms  {name:<16}  {told}"),
        Err(error) => println!("{took:8.1} ms  {name:<16}  FAILED: {error:#}"),
    }
    outcome.is_ok()
}

/// Waits for every link to every end point, telling of each group as it appears.
async fn links(scene: &Scene) -> anyhow::Result<String> {
    let started = Instant::now();
    let mut told = Vec::new();
    loop {
        let groups = scene.server.session().groups();
        let counts: Vec<_> = groups.iter().map(|group| group.usable_links).collect();
        if counts != told {
            println!(
                "{:8.1} ms  links at {} of {NODES} end points: {counts:?}",
                started.elapsed().as_secs_f64() * 1e3,
                groups.len()
            );
            told.clone_from(&counts);
        }
        if counts.len() == NODES && counts.iter().all(|count| *count == LINKS_PER_URL) {
            let answer = scene.rest.post("/system?_action=testConnectorServers", None).await?;
            ensure!(
                answer["openicf"][0]["ok"] == json!(true),
                "the tenant does not see the server: {answer}"
            );
            return Ok(format!("the tenant says {}", answer["openicf"][0]));
        }
        ensure!(started.elapsed() < LINKS_LIMIT, "not all links are up: {counts:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn test(scene: &Scene) -> anyhow::Result<String> {
    let answer = scene.rest.post("/system/hr?_action=test", None).await?;
    ensure!(answer["ok"] == json!(true), "{answer}");
    Ok("the connector reads and may write its file".into())
}

async fn schema(scene: &Scene) -> anyhow::Result<String> {
    let answer = scene.rest.post("/system/hr?_action=schema", None).await?;
    let properties = answer["objectTypes"]["__ACCOUNT__"]["properties"].as_object();
    let names: Vec<_> = properties.context("no class __ACCOUNT__")?.keys().cloned().collect();
    ensure!(names.iter().any(|name| name == "email"), "{names:?}");
    Ok(format!("__ACCOUNT__ has {}", names.join(", ")))
}

async fn search(scene: &Scene) -> anyhow::Result<String> {
    let filter = "department+co+%22Research%22+and+lastName+sw+%22K%22";
    let answer = scene.rest.get(&format!("{ACCOUNTS}?_queryFilter={filter}&_fields=uid,department")).await?;
    let found = results(&answer)?;
    ensure!(!found.is_empty(), "nobody matches");
    for person in found {
        ensure!(person["department"].as_str().is_some_and(|name| name.contains("Research")), "{person}");
    }
    Ok(format!("{} people match department co \"Research\" and lastName sw \"K\"", found.len()))
}

async fn pages(scene: &Scene) -> anyhow::Result<String> {
    let mut cookie: Option<String> = None;
    let (mut pages, mut people) = (0, 0);
    loop {
        let mut path = format!("{ACCOUNTS}?_queryFilter=true&_pageSize=60");
        if let Some(cookie) = &cookie {
            path.push_str("&_pagedResultsCookie=");
            path.extend(url::form_urlencoded::byte_serialize(cookie.as_bytes()));
        }
        let answer = scene.rest.get(&path).await?;
        pages += 1;
        people += results(&answer)?.len();
        match answer["pagedResultsCookie"].as_str() {
            Some(next) => cookie = Some(next.to_owned()),
            None => break,
        }
        ensure!(pages < 100, "the pages do not end");
    }
    ensure!(people == 200, "{people} people instead of 200");
    Ok(format!("{people} people on {pages} pages"))
}

async fn live_sync_start(scene: &Scene) -> anyhow::Result<String> {
    let answer = scene.rest.post(&format!("{ACCOUNTS}?_action=liveSync"), None).await?;
    Ok(format!("changes count from token {}", answer["connectorData"]["syncToken"]))
}

async fn create(scene: &Scene) -> anyhow::Result<String> {
    let person = json!({"uid": "bjensen", "firstName": "Barbara", "lastName": "Jensen", "email": "bjensen@example.com"});
    let answer = scene.rest.post(&format!("{ACCOUNTS}?_action=create"), Some(person)).await?;
    ensure!(answer["_id"] == json!("bjensen"), "{answer}");
    Ok(answer.to_string())
}

async fn read(scene: &Scene) -> anyhow::Result<String> {
    let answer = scene.rest.get(&format!("{ACCOUNTS}/bjensen?_fields=firstName,lastName")).await?;
    ensure!(answer["lastName"] == json!("Jensen"), "{answer}");
    Ok(answer.to_string())
}

async fn update(scene: &Scene) -> anyhow::Result<String> {
    let patch = json!([{"operation": "replace", "field": "/department", "value": "Finance"}]);
    let answer = scene.rest.send(Method::PATCH, &format!("{ACCOUNTS}/bjensen"), Some(patch)).await?;
    ensure!(answer["department"] == json!("Finance"), "{answer}");
    Ok(format!("department is now {}", answer["department"]))
}

async fn delete(scene: &Scene) -> anyhow::Result<String> {
    let first =
        scene.rest.get(&format!("{ACCOUNTS}?_queryFilter=lastName+eq+%22Weber%22&_pageSize=1")).await?;
    let victim =
        results(&first)?.first().and_then(|person| person["_id"].as_str()).context("nobody to delete")?;
    scene.rest.send(Method::DELETE, &format!("{ACCOUNTS}/{victim}"), None).await?;
    let gone = scene.rest.get(&format!("{ACCOUNTS}/{victim}")).await;
    ensure!(gone.is_err_and(|error| error.to_string().contains("404")), "{victim} is still there");
    Ok(format!("{victim} is gone"))
}

async fn live_sync(scene: &Scene) -> anyhow::Result<String> {
    scene.rest.post(&format!("{ACCOUNTS}?_action=liveSync"), None).await?;
    let deltas = scene.tenant.deltas();
    let actions: Vec<_> = deltas.iter().map(Value::to_string).collect();
    ensure!(
        deltas.len() == 2,
        "{} changes instead of one creation and one deletion: {actions:?}",
        deltas.len()
    );
    let all = actions.join(" ");
    ensure!(all.contains("bjensen") && all.contains("notifyDelete"), "{all}");
    Ok("one creation and one deletion arrived".into())
}

fn results(answer: &Value) -> anyhow::Result<&Vec<Value>> {
    answer["result"].as_array().with_context(|| format!("no result list in {answer}"))
}
