//! OpenLDAP, with the provisioner file that is in the repository; only the port is that of the test's server.
//!
//! `RCS_LDAP_OBJECTS` chooses how many entries the full read has.

use std::collections::HashSet;
use std::fmt::Write as _;

use directories::slapd::{SECRET, SUFFIX, Slapd};
use reqwest::Method;
use serde_json::{Value, json};

use crate::scene::{Scene, file};

const ACCOUNTS: &str = "/system/ldap/account";
const OBJECTS: usize = 10_000;
const PAGE: usize = 1000;

fn provisioner(server: &Slapd) -> Value {
    let mut file = file("ldap");
    file["configurationProperties"]["port"] = server.port.to_string().into();
    file
}

async fn scene(provisioner: Value) -> Scene {
    let scene = Scene::start("ldap", provisioner, &[("ldap.password", SECRET.to_owned())]).await;
    let tested = scene.done(Method::POST, "/system/ldap?_action=test", None).await;
    assert_eq!(tested["ok"], true, "{tested}");
    scene
}

fn replace(field: &str, value: Value) -> Option<Value> {
    Some(json!([{"operation": "replace", "field": field, "value": value}]))
}

fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut all, byte| {
        write!(all, "%{byte:02X}").unwrap();
        all
    })
}

/// The one account with this `uid`.
async fn account(scene: &Scene, uid: &str) -> Value {
    let path = format!("{ACCOUNTS}?_queryFilter={}", encoded(&format!("uid eq \"{uid}\"")));
    let found = scene.done(Method::GET, &path, None).await;
    assert_eq!(found["result"].as_array().unwrap().len(), 1, "{uid}: {found}");
    found["result"][0].clone()
}

fn at(account: &Value) -> String {
    format!("{ACCOUNTS}/{}", account["_id"].as_str().unwrap())
}

async fn login(scene: &Scene, name: &str, password: &str) -> (u16, String) {
    let body = json!({"username": name, "password": password});
    let path = format!("{ACCOUNTS}?_action=authenticate");
    let (status, answer) = scene.send(Method::POST, &path, Some(body)).await;
    let told = if status == 200 { &answer["_id"] } else { &answer["message"] };
    (status, told.as_str().unwrap().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_directory_is_read_page_by_page() {
    let objects = std::env::var("RCS_LDAP_OBJECTS").map_or(OBJECTS, |text| text.parse().unwrap());
    let mut more = String::new();
    for number in 0..objects {
        writeln!(
            more,
            "dn: uid=n{number},ou=People,{SUFFIX}\nobjectClass: inetOrgPerson\nuid: n{number}\ncn: N\nsn: N\n"
        )
        .unwrap();
    }
    let server = Slapd::holding(&more);
    let scene = scene(provisioner(&server)).await;
    let (mut read, mut cookie) = (HashSet::new(), String::new());
    let begun = std::time::Instant::now();
    let mut pages = 0;
    loop {
        let path = format!(
            "{ACCOUNTS}?_queryFilter=true&_fields=uid&_pageSize={PAGE}&_pagedResultsCookie={}",
            encoded(&cookie)
        );
        let page = scene.done(Method::GET, &path, None).await;
        pages += 1;
        for entry in page["result"].as_array().unwrap() {
            assert!(read.insert(entry["_id"].as_str().unwrap().to_owned()), "twice: {entry}");
        }
        match page["pagedResultsCookie"].as_str() {
            Some(next) => cookie = next.to_owned(),
            None => break,
        }
    }
    println!("{} entries in {pages} pages in {:?}", read.len(), begun.elapsed());
    // With those of the company: 300 users, one whose password was reset, and four with strange names.
    assert_eq!(read.len(), objects + 305);
    scene.end().await;
}

/// Logins are limited: three wrong passwords, and a day with the same password.
fn limited() -> String {
    let limits = format!("cn=limits,ou=Policies,{SUFFIX}");
    let mut text = format!(
        "dn: {limits}\nobjectClass: device\nobjectClass: pwdPolicy\ncn: limits\npwdAttribute: userPassword\n\
         pwdLockout: TRUE\npwdMaxFailure: 3\npwdMaxAge: 86400\n\n"
    );
    for (uid, line) in [
        ("expired", "pwdChangedTime: 20200101000000Z"),
        ("disabled", "pwdAccountLockedTime: 000001010000Z"),
        ("locked", "description: locked by three wrong passwords"),
    ] {
        writeln!(
            text,
            "dn: uid={uid},ou=People,{SUFFIX}\nobjectClass: inetOrgPerson\nuid: {uid}\ncn: U\nsn: U\n\
             userPassword: secret-{uid}\npwdPolicySubentry: {limits}\n{line}\n"
        )
        .unwrap();
    }
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_created_changed_moved_and_logs_in() {
    let server = Slapd::holding(&limited());
    let scene = scene(provisioner(&server)).await;
    let new = json!({"dn": format!("uid=ann,ou=People,{SUFFIX}"), "uid": "ann", "cn": "Ann Lee", "sn": "Lee",
        "mail": "ann@example.com", "userPassword": "first-secret"});
    let created = scene.done(Method::POST, &format!("{ACCOUNTS}?_action=create"), Some(new)).await;
    let ann = at(&created);
    assert_eq!(account(&scene, "ann").await["mail"], "ann@example.com");
    let id = created["_id"].as_str().unwrap().to_owned();
    assert_eq!(login(&scene, "ann", "first-secret").await, (200, id.clone()));

    let moved = format!("uid=ann,ou=Partners,{SUFFIX}");
    scene.done(Method::PATCH, &ann, replace("/dn", moved.clone().into())).await;
    let after = scene.done(Method::GET, &ann, None).await;
    assert_eq!((&after["dn"], &after["_id"]), (&moved.clone().into(), &id.clone().into()));

    let group = |name: &str| format!("cn={name},ou=Groups,{SUFFIX}");
    scene.done(Method::PATCH, &ann, replace("/ldapGroups", json!([group("g1"), group("g2")]))).await;
    scene.done(Method::PATCH, &ann, replace("/ldapGroups", json!([group("g2"), group("g3")]))).await;
    let groups = scene.done(Method::GET, "/system/ldap/group?_queryFilter=true", None).await;
    let with_ann: Vec<_> = groups["result"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|group| group["uniqueMember"].as_array().unwrap().contains(&moved.clone().into()))
        .map(|group| group["cn"].as_str().unwrap())
        .collect();
    assert_eq!(with_ann, ["g2", "g3"]);

    scene.done(Method::PATCH, &ann, replace("/userPassword", "second-secret".into())).await;
    assert_eq!(login(&scene, "ann", "second-secret").await, (200, id));
    let (status, text) = login(&scene, "ann", "first-secret").await;
    assert_eq!((status, &text[..16]), (401, "Invalid password"), "{text}");
    let (status, text) = login(&scene, "nobody", "x").await;
    assert_eq!((status, &text[..18]), (401, "Invalid credential"), "{text}");
    let (status, text) = login(&scene, "expired", "secret-expired").await;
    assert!(status == 403 && text.contains("PasswordExpired"), "{status} {text}");
    let (status, text) = login(&scene, "disabled", "secret-disabled").await;
    assert_eq!((status, &text[..18]), (401, "Invalid credential"), "{text}");
    for _ in 0..3 {
        assert_eq!(login(&scene, "locked", "wrong").await.0, 401);
    }
    let (status, text) = login(&scene, "locked", "secret-locked").await;
    assert_eq!((status, &text[..18]), (401, "Invalid credential"), "{text}");

    scene.done(Method::DELETE, &ann, None).await;
    assert_eq!(scene.send(Method::GET, &ann, None).await.0, 404);
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_and_deletions_arrive_by_live_sync() {
    let server = Slapd::start();
    let mut file = provisioner(&server);
    // Without it OpenLDAP tells no deletions.
    file["configurationProperties"]["rs.syncStrategy"] = "accesslog".into();
    let scene = scene(file).await;
    let sync =
        async || scene.done(Method::POST, "/system?_action=liveSync&source=system/ldap/account", None).await;
    let first = sync().await;
    assert!(first["connectorData"]["syncToken"].is_string(), "{first}");
    let (changed, deleted) = (account(&scene, "u0001").await, account(&scene, "u0002").await);
    scene.done(Method::PATCH, &at(&changed), replace("/givenName", "New".into())).await;
    scene.done(Method::DELETE, &at(&deleted), None).await;
    let new = json!({"dn": format!("uid=ann,ou=People,{SUFFIX}"), "uid": "ann", "cn": "Ann", "sn": "Lee"});
    let created = scene.done(Method::POST, &format!("{ACCOUNTS}?_action=create"), Some(new)).await;
    sync().await;
    let told: Vec<_> = scene
        .changes()
        .iter()
        .map(|change| (change["action"].clone(), change["resourceId"].clone()))
        .collect();
    let expected = [("notifyUpdate", &changed), ("notifyDelete", &deleted), ("notifyCreate", &created)];
    assert_eq!(told, expected.map(|(action, account)| (action.into(), account["_id"].clone())));
    assert_eq!(scene.changes()[0]["content"]["newValue"]["givenName"], "New");
    sync().await;
    assert_eq!(scene.changes().len(), 3);
    scene.end().await;
}

/// The recipe for passwords that are hashed already: the identity service shows the bytes in base64, and its mapping
/// decodes them.
#[tokio::test(flavor = "multi_thread")]
async fn a_hashed_password_arrives_in_base64() {
    let server = Slapd::holding(&format!(
        "dn: uid=hashed,ou=People,{SUFFIX}\nobjectClass: inetOrgPerson\nuid: hashed\ncn: H\nsn: H\n\
         userPassword: {{PBKDF2-HMAC-SHA256}}10000$k1Yj9mQ0c2FsdA==\n"
    ));
    let mut file = provisioner(&server);
    let password = &mut file["objectTypes"]["account"]["properties"]["userPassword"];
    password.as_object_mut().unwrap().remove("flags");
    let scene = scene(file).await;
    let expected = "e1BCS0RGMi1ITUFDLVNIQTI1Nn0xMDAwMCRrMVlqOW1RMGMyRnNkQT09";
    assert_eq!(account(&scene, "hashed").await["userPassword"], expected);
    scene.end().await;
}
