//! A PingOne environment as its interface description has it. It refuses what the description does not allow.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use icf_testkit::http::{FakeService, Received, Reply};
use serde_json::{Map, Value as Json, json};

pub(crate) const ENV: &str = "11111111-2222-3333-4444-555555555555";

/// Everything in the environment.
#[derive(Default)]
pub(crate) struct State {
    pub(crate) users: BTreeMap<String, Json>,
    pub(crate) passwords: BTreeMap<String, Json>,
    pub(crate) groups: BTreeMap<String, Json>,
    pub(crate) populations: BTreeMap<String, Json>,
    /// User to groups, with the kind of membership.
    pub(crate) memberships: BTreeMap<String, BTreeMap<String, String>>,
    pub(crate) assignments: BTreeMap<String, Vec<Json>>,
    next: usize,
}

/// The running environment.
pub(crate) struct PingOne {
    pub(crate) service: FakeService,
    pub(crate) state: Arc<Mutex<State>>,
}

type Override = dyn Fn(&Received) -> Option<Reply> + Send + Sync;

impl PingOne {
    pub(crate) async fn start() -> Self {
        Self::with(|_| None).await
    }

    /// Answers of the test come before those of the environment.
    pub(crate) async fn with(first: impl Fn(&Received) -> Option<Reply> + Send + Sync + 'static) -> Self {
        let state: Arc<Mutex<State>> = Arc::default();
        let (shared, first): (_, Arc<Override>) = (Arc::clone(&state), Arc::new(first));
        let service = FakeService::start(move |request| {
            if let Some(reply) = first(request) {
                return reply;
            }
            if request.path == format!("/{ENV}/as/token") {
                return token(request);
            }
            answer(&mut shared.lock().unwrap_or_else(PoisonError::into_inner), request)
        })
        .await;
        Self { service, state }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a user as another administrator would.
    pub(crate) fn user(&self, id: &str, username: &str) {
        self.state()
            .users
            .insert(id.to_owned(), new_user(id, json!({"username": username, "email": "a@example.com"})));
    }

    pub(crate) fn group(&self, id: &str, name: &str) {
        self.state().groups.insert(id.to_owned(), json!({"id": id, "name": name, "description": "old"}));
    }

    /// Requests to the environment, method and path below it, without questions for the schema.
    pub(crate) fn asked(&self) -> Vec<Received> {
        let prefix = format!("/v1/environments/{ENV}");
        let mut asked: Vec<_> = self
            .service
            .received()
            .into_iter()
            .filter(|r| r.path.starts_with(&prefix) && !r.path.contains("/schemas"))
            .collect();
        for request in &mut asked {
            request.path = request.path[prefix.len()..].to_owned();
        }
        asked
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.asked().iter().map(|request| format!("{} {}", request.method, request.path)).collect()
    }
}

pub(crate) fn error(status: u16, code: &str, details: &Json) -> Reply {
    Reply::json(
        status,
        &json!({"id": "err-1", "code": code, "message": "It was refused", "details": details}),
    )
}

fn invalid(target: &str, code: &str) -> Reply {
    error(400, "INVALID_DATA", &json!([{"code": code, "target": target, "message": "is not allowed"}]))
}

fn token(request: &Received) -> Reply {
    let basic = request.header("authorization") == Some("Basic Y2xpZW50OnNlY3JldA==");
    let form = request.text().contains("client_id=client&client_secret=secret");
    if request.method != "POST"
        || basic == form
        || !request.text().starts_with("grant_type=client_credentials")
    {
        return Reply::json(401, &json!({"error": "invalid_client"}));
    }
    Reply::json(200, &json!({"access_token": "access", "token_type": "Bearer", "expires_in": 3600}))
}

fn new_user(id: &str, body: Json) -> Json {
    let mut user = json!({"id": id, "enabled": true, "mfaEnabled": false, "verifyStatus": "NOT_INITIATED",
        "account": {"canAuthenticate": true, "status": "OK"}, "population": {"id": "default"},
        "lifecycle": {"status": "ACCOUNT_OK"}, "createdAt": "2026-01-01T00:00:00Z", "updatedAt": "2026-01-01T00:00:00Z"});
    user.as_object_mut().unwrap().extend(body.as_object().cloned().unwrap());
    user
}

fn answer(state: &mut State, request: &Received) -> Reply {
    if request.header("authorization") != Some("Bearer access") {
        return error(401, "INVALID_TOKEN", &json!([]));
    }
    assert!(
        request.header("x-ping-external-transaction-id").is_some_and(|id| !id.is_empty() && id.len() <= 100)
    );
    if request.path == "/v1/roles" {
        return page(
            request,
            "roles",
            vec![json!({"id": "r1", "name": "Identity Data Admin", "applicableTo": ["ENVIRONMENT"]})],
        );
    }
    let prefix = format!("/v1/environments/{ENV}");
    let Some(path) = request.path.strip_prefix(&prefix) else { return error(404, "NOT_FOUND", &json!([])) };
    let parts: Vec<_> = path.split('/').skip(1).collect();
    match (request.method.as_str(), parts.as_slice()) {
        ("GET", []) => Reply::json(200, &json!({"id": ENV, "name": "Test"})),
        ("GET", ["users"]) => users(state, request),
        ("POST", ["users"]) => create(state, request),
        ("GET", ["users", id]) => user_with_memberships(state, id, request),
        ("PATCH", ["users", id]) => patch(state, id, request),
        ("DELETE", ["users", id]) => gone(state.users.remove(*id)),
        ("POST", ["users", id]) => lock(state, id, request),
        ("PUT", ["users", id, part]) => part_of_user(state, id, part, request),
        (_, ["users", id, "memberOfGroups", ..]) => memberships(state, id, &parts[3..], request),
        (_, ["users", id, "roleAssignments", ..]) => assignments(state, id, &parts[3..], request),
        ("GET", ["groups"]) => listed(
            request,
            "groups",
            &state.groups,
            &["name eq", "name sw", "id eq", "population.id eq", "externalId eq"],
        ),
        ("GET", ["populations"]) => listed(request, "populations", &state.populations, &["name sw", "id eq"]),
        ("GET", ["roles"]) => page(request, "roles", vec![]),
        ("POST", [kind @ ("groups" | "populations")]) => create_named(state, kind, request),
        ("GET", [kind @ ("groups" | "populations"), id]) => found(named(state, kind).get(*id)),
        ("PUT", [kind @ ("groups" | "populations"), id]) => put_named(state, kind, id, request),
        ("DELETE", [kind @ ("groups" | "populations"), id]) => gone(named(state, kind).remove(*id)),
        ("GET", ["schemas"]) => page(request, "schemas", vec![json!({"id": "s1", "name": "User"})]),
        ("GET", ["schemas", "s1", "attributes"]) => page(
            request,
            "attributes",
            vec![
                json!({"name": "username", "schemaType": "CORE", "type": "STRING"}),
                json!({"name": "shoeSize", "schemaType": "CUSTOM", "type": "STRING", "multiValued": false}),
            ],
        ),
        _ => error(405, "METHOD_NOT_ALLOWED", &json!([])),
    }
}

fn named<'a>(state: &'a mut State, kind: &str) -> &'a mut BTreeMap<String, Json> {
    if kind == "groups" { &mut state.groups } else { &mut state.populations }
}

fn found(resource: Option<&Json>) -> Reply {
    resource.map_or_else(|| error(404, "NOT_FOUND", &json!([])), |resource| Reply::json(200, resource))
}

fn gone(resource: Option<Json>) -> Reply {
    resource.map_or_else(|| error(404, "NOT_FOUND", &json!([])), |_| Reply::status(204))
}

/// A HAL list by cursor.
fn page(request: &Received, name: &str, all: Vec<Json>) -> Reply {
    let limit: usize = request.parameter("limit").map_or(Ok(100), |text| text.parse()).unwrap();
    assert!((1..=1000).contains(&limit), "limit {limit}");
    let from: usize = request.parameter("cursor").map_or(0, |text| text.parse().unwrap());
    let here: Vec<_> = all.iter().skip(from).take(limit).cloned().collect();
    let mut body = json!({"_embedded": {name: here}, "count": all.len(), "size": here.len(), "_links": {}});
    if from + limit < all.len() {
        let host = request.header("host").unwrap();
        let filter = request.parameter("filter").map(|_| {
            let pair = request.query.split('&').find(|pair| pair.starts_with("filter=")).unwrap();
            format!("&{pair}")
        });
        let href = format!(
            "http://{host}{}?limit={limit}&cursor={}{}",
            request.path,
            from + limit,
            filter.unwrap_or_default()
        );
        body["_links"]["next"] = json!({"href": href});
    }
    Reply::json(200, &body)
}

fn users(state: &State, request: &Received) -> Reply {
    let all: Vec<_> = state.users.values().cloned().collect();
    let Some(filter) = request.parameter("filter") else { return page(request, "users", all) };
    assert!(!request.query.contains('+'), "a blank is %20");
    if let Some(group) =
        filter.strip_prefix("memberOfGroups[id eq \"").and_then(|rest| rest.strip_suffix("\"]"))
    {
        let members = all.into_iter().filter(|user| {
            let id = user["id"].as_str().unwrap();
            state.memberships.get(id).is_some_and(|groups| groups.contains_key(group))
        });
        return page(request, "users", members.collect());
    }
    const STRINGS: [&str; 9] = [
        "username",
        "email",
        "title",
        "type",
        "externalId",
        "nickname",
        "name.family",
        "name.given",
        "address.locality",
    ];
    let mut allowed: Vec<String> =
        STRINGS.iter().flat_map(|name| [format!("{name} eq"), format!("{name} sw")]).collect();
    allowed.extend(
        ["id eq", "enabled eq", "population.id eq", "account.status eq", "mfaEnabled eq"].map(String::from),
    );
    let allowed: Vec<_> = allowed.iter().map(String::as_str).collect();
    matching(request, "users", all, &filter, &allowed)
}

fn listed(request: &Received, name: &str, all: &BTreeMap<String, Json>, allowed: &[&str]) -> Reply {
    let all: Vec<_> = all.values().cloned().collect();
    match request.parameter("filter") {
        None => page(request, name, all),
        Some(filter) => matching(request, name, all, &filter, allowed),
    }
}

/// One comparison; anything else is refused.
fn matching(request: &Received, name: &str, all: Vec<Json>, filter: &str, allowed: &[&str]) -> Reply {
    let mut words = filter.splitn(3, ' ');
    let (Some(attribute), Some(operator), Some(operand)) = (words.next(), words.next(), words.next()) else {
        return invalid("filter", "INVALID_FILTER");
    };
    if !allowed.contains(&format!("{attribute} {operator}").as_str()) {
        return invalid("filter", "INVALID_FILTER");
    }
    let Ok(operand) = serde_json::from_str::<Json>(operand) else {
        return invalid("filter", "INVALID_FILTER");
    };
    let lower = |json: &Json| json.as_str().unwrap_or_default().to_lowercase();
    let matches = |resource: &Json| {
        let value = attribute.split('.').fold(resource, |value, part| &value[part]);
        match operator {
            "eq" if value.is_string() => lower(value) == lower(&operand),
            "eq" => *value == operand,
            _ => lower(value).starts_with(&lower(&operand)),
        }
    };
    page(request, name, all.into_iter().filter(matches).collect())
}

/// Checks what may be written, by the description of the interface.
fn refused(body: &Map<String, Json>, creating: bool) -> Option<Reply> {
    let both = [
        ("username", 128),
        ("email", 256),
        ("nickname", 256),
        ("title", 256),
        ("type", 256),
        ("locale", 256),
        ("preferredLanguage", 256),
        ("timezone", 256),
        ("externalId", 1024),
        ("primaryPhone", 32),
        ("mobilePhone", 32),
        ("shoeSize", 256),
    ];
    for (name, value) in body {
        if let Some((_, most)) = both.iter().find(|(known, _)| known == name) {
            match value {
                Json::String(text) if text.len() <= *most => {}
                Json::Null if !creating => {}
                _ => return Some(invalid(name, "INVALID_VALUE")),
            }
            continue;
        }
        let sub: &[&str] = match name.as_str() {
            "name" => &["given", "family", "middle", "formatted", "honorificPrefix", "honorificSuffix"],
            "address" => &["streetAddress", "locality", "region", "postalCode", "countryCode"],
            "photo" => &["href"],
            "population" | "identityProvider" if creating => &["id"],
            "lifecycle" if creating => &["status", "suppressVerificationCode"],
            "mfaEnabled" if creating && value.is_boolean() => continue,
            "password" if creating => continue,
            _ => return Some(invalid(name, "INVALID_DATA")),
        };
        let fits = match value {
            Json::Object(members) => members.iter().all(|(key, value)| {
                let odd = |c: char| !(c.is_alphanumeric() || " '.-".contains(c));
                let name_is_fine = name != "name" || value.as_str().is_none_or(|text| !text.contains(odd));
                sub.contains(&key.as_str()) && name_is_fine
            }),
            Json::Null => !creating,
            _ => false,
        };
        if !fits {
            return Some(invalid(name, "INVALID_VALUE"));
        }
    }
    None
}

fn create(state: &mut State, request: &Received) -> Reply {
    let Json::Object(mut body) = request.json() else { return invalid("body", "INVALID_DATA") };
    let import = match request.header("content-type") {
        Some("application/vnd.pingidentity.user.import+json") => true,
        Some("application/json") => false,
        _ => return error(415, "UNSUPPORTED_MEDIA_TYPE", &json!([])),
    };
    if import != body.contains_key("password") {
        return invalid("password", "INVALID_DATA");
    }
    if let Some(refusal) = refused(&body, true) {
        return refusal;
    }
    let name = body.get("username").cloned();
    if name.is_none() {
        return invalid("username", "REQUIRED_VALUE");
    }
    if state.users.values().any(|user| Some(&user["username"]) == name.as_ref()) {
        return error(
            400,
            "INVALID_DATA",
            &json!([{"code": "UNIQUENESS_VIOLATION", "target": "username", "message": "is unique"}]),
        );
    }
    state.next += 1;
    let id = format!("user-{}", state.next);
    if let Some(password) = body.remove("password") {
        state.passwords.insert(id.clone(), password);
    }
    let user = new_user(&id, Json::Object(body));
    state.users.insert(id, user.clone());
    Reply::json(201, &user)
}

fn user_with_memberships(state: &State, id: &str, request: &Received) -> Reply {
    let Some(mut user) = state.users.get(id).cloned() else { return error(404, "NOT_FOUND", &json!([])) };
    let groups: Vec<_> = state.memberships.get(id).into_iter().flat_map(BTreeMap::keys).cloned().collect();
    for wanted in request.parameter("include").iter().flat_map(|list| list.split(',')) {
        match wanted {
            "memberOfGroupIDs" => user["memberOfGroupIDs"] = groups.clone().into(),
            "memberOfGroupNames" => {
                user["memberOfGroupNames"] =
                    groups.iter().filter_map(|id| Some(state.groups.get(id)?["name"].clone())).collect();
            }
            _ => return invalid("include", "INVALID_VALUE"),
        }
    }
    Reply::json(200, &user)
}

fn patch(state: &mut State, id: &str, request: &Received) -> Reply {
    let Json::Object(body) = request.json() else { return invalid("body", "INVALID_DATA") };
    if request.header("content-type") != Some("application/json") {
        return error(415, "UNSUPPORTED_MEDIA_TYPE", &json!([]));
    }
    let Some(user) = state.users.get_mut(id) else { return error(404, "NOT_FOUND", &json!([])) };
    if let Some(refusal) = refused(&body, false) {
        return refusal;
    }
    for (name, value) in body {
        user[name] = value;
    }
    Reply::json(200, user)
}

fn lock(state: &mut State, id: &str, request: &Received) -> Reply {
    let Some(user) = state.users.get_mut(id) else { return error(404, "NOT_FOUND", &json!([])) };
    let status = match request.header("content-type") {
        Some("application/vnd.pingidentity.account.lock+json") => "LOCKED",
        Some("application/vnd.pingidentity.account.unlock+json") => "OK",
        _ => return error(415, "UNSUPPORTED_MEDIA_TYPE", &json!([])),
    };
    user["account"]["status"] = status.into();
    Reply::json(200, user)
}

fn part_of_user(state: &mut State, id: &str, part: &str, request: &Received) -> Reply {
    let body = request.json();
    let members: Vec<_> = body.as_object().unwrap().keys().map(String::as_str).collect();
    let Some(user) = state.users.get_mut(id) else { return error(404, "NOT_FOUND", &json!([])) };
    let kind = if part == "password" {
        "application/vnd.pingidentity.password.set+json"
    } else {
        "application/json"
    };
    if request.header("content-type") != Some(kind) {
        return error(415, "UNSUPPORTED_MEDIA_TYPE", &json!([]));
    }
    match (part, members.as_slice()) {
        ("enabled" | "mfaEnabled" | "verifyStatus", [one]) if *one == part => user[part] = body[part].clone(),
        ("population" | "identityProvider", ["id"]) => user[part] = json!({"id": body["id"]}),
        ("password", _) if body.get("value").is_some() != body.get("external").is_some() => {
            if body["value"] == "weak" {
                return error(
                    400,
                    "INVALID_DATA",
                    &json!([{"code": "INVALID_VALUE", "target": "password", "message": "too weak"}]),
                );
            }
            state.passwords.insert(id.to_owned(), body);
        }
        _ => return invalid(part, "INVALID_DATA"),
    }
    Reply::json(200, &json!({}))
}

fn memberships(state: &mut State, id: &str, rest: &[&str], request: &Received) -> Reply {
    if !state.users.contains_key(id) {
        return error(404, "NOT_FOUND", &json!([]));
    }
    let groups = state.memberships.entry(id.to_owned()).or_default();
    match (request.method.as_str(), rest) {
        ("GET", []) => {
            let all = groups.iter().map(|(id, kind)| json!({"id": id, "type": kind})).collect();
            page(request, "groupMemberships", all)
        }
        ("POST", []) => {
            let body = request.json();
            assert_eq!(body.as_object().unwrap().len(), 1);
            let group = body["id"].as_str().unwrap().to_owned();
            if groups.contains_key(&group) {
                return error(409, "CONFLICT", &json!([]));
            }
            groups.insert(group, "DIRECT".to_owned());
            Reply::json(201, &json!({}))
        }
        ("DELETE", [group]) => match groups.remove(*group) {
            Some(_) => Reply::status(204),
            None => error(404, "NOT_FOUND", &json!([])),
        },
        _ => error(405, "METHOD_NOT_ALLOWED", &json!([])),
    }
}

fn assignments(state: &mut State, id: &str, rest: &[&str], request: &Received) -> Reply {
    let list = state.assignments.entry(id.to_owned()).or_default();
    match (request.method.as_str(), rest) {
        ("GET", []) => page(request, "roleAssignments", list.clone()),
        ("POST", []) => {
            let mut body = request.json();
            let keys: Vec<_> = body.as_object().unwrap().keys().cloned().collect();
            assert_eq!(keys, ["role", "scope"]);
            body["id"] = format!("a{}", list.len() + 1).into();
            list.push(body.clone());
            Reply::json(201, &body)
        }
        ("DELETE", [assignment]) => {
            if list.iter().any(|known| known["id"] == **assignment && known["readOnly"] == true) {
                return error(403, "ACCESS_FAILED", &json!([]));
            }
            list.retain(|known| known["id"] != **assignment);
            Reply::status(204)
        }
        _ => error(405, "METHOD_NOT_ALLOWED", &json!([])),
    }
}

const GROUP: [&str; 6] = ["name", "description", "externalId", "population", "userFilter", "customData"];
const POPULATION: [&str; 7] = [
    "name",
    "description",
    "default",
    "preferredLanguage",
    "passwordPolicy",
    "theme",
    "alternativeIdentifiers",
];

fn writable(kind: &str, body: &Json) -> Option<Reply> {
    let allowed: &[&str] = if kind == "groups" { &GROUP } else { &POPULATION };
    let wrong = body.as_object().unwrap().keys().find(|key| !allowed.contains(&key.as_str()));
    wrong.map(|name| invalid(name, "INVALID_DATA"))
}

fn create_named(state: &mut State, kind: &str, request: &Received) -> Reply {
    let mut body = request.json();
    if let Some(refusal) = writable(kind, &body) {
        return refusal;
    }
    state.next += 1;
    let id = format!("{kind}-{}", state.next);
    body["id"] = id.as_str().into();
    named(state, kind).insert(id, body.clone());
    Reply::json(201, &body)
}

fn put_named(state: &mut State, kind: &str, id: &str, request: &Received) -> Reply {
    let mut body = request.json();
    if let Some(refusal) = writable(kind, &body) {
        return refusal;
    }
    if !named(state, kind).contains_key(id) {
        return error(404, "NOT_FOUND", &json!([]));
    }
    body["id"] = id.into();
    named(state, kind).insert(id.to_owned(), body.clone());
    Reply::json(200, &body)
}
