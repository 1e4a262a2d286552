//! The strict service of these tests, looked at by a checker that others wrote: what it accepts and refuses is what the
//! RFCs say.

use std::process::Command;
use std::sync::Mutex;

use icf_testkit::http::FakeService;

use crate::counterparts::python;
use crate::directory::Directory;
use crate::service::Described;

#[tokio::test(flavor = "multi_thread")]
async fn a_checker_finds_nothing_wrong_with_the_strict_service() {
    let mut described = Described::standard();
    // The checker makes texts of decimals.
    let extension = described.schemas["Resources"][1]["attributes"].as_array_mut().unwrap();
    extension.retain(|attribute| attribute["type"] != "decimal");
    let directory = Mutex::new(Directory::new(described));
    let service = FakeService::start(move |request| {
        let below = request.path.strip_prefix("/s").unwrap_or(&request.path);
        directory.lock().unwrap().answer(below, request)
    })
    .await;
    let url = service.url("/s");
    let checked = tokio::task::spawn_blocking(move || {
        Command::new(python().join("scim2")).args(["--url", &url, "test"]).output().unwrap()
    })
    .await
    .unwrap();
    let said = String::from_utf8_lossy(&checked.stdout).into_owned();
    assert!(checked.status.success(), "{said} {}", String::from_utf8_lossy(&checked.stderr));
    let passed = said.lines().filter(|line| line.starts_with("SUCCESS")).count();
    let wrong = said.lines().any(|line| line.starts_with("ERROR") || line.starts_with("CRITICAL"));
    assert!(passed >= 60 && !wrong, "{passed} passed: {said}");
}
