//! A service that describes itself as RFC 7643 does, in its own words, and otherwise answers as a test says.

use icf_testkit::http::{FakeService, Received, Reply};
use serde_json::{Value as Json, json};

pub(crate) const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
pub(crate) const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
pub(crate) const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
pub(crate) const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// What a service says of itself.
#[derive(Clone)]
pub(crate) struct Described {
    pub(crate) provider: Json,
    pub(crate) types: Json,
    pub(crate) schemas: Json,
}

pub(crate) fn attribute(name: &str, kind: &str, more: &Json) -> Json {
    let mut attribute = json!({"name": name, "type": kind, "multiValued": false, "required": false, "caseExact": false,
        "mutability": "readWrite", "returned": "default", "uniqueness": "none"});
    attribute.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
    attribute
}

pub(crate) fn plain(name: &str) -> Json {
    attribute(name, "string", &json!({}))
}

pub(crate) fn objects(name: &str, more: &Json) -> Json {
    let sub = [
        plain("value"),
        plain("display"),
        plain("type"),
        plain("$ref"),
        attribute("primary", "boolean", &json!({})),
    ];
    let mut attribute = attribute(name, "complex", &json!({"multiValued": true, "subAttributes": sub}));
    attribute.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
    attribute
}

pub(crate) fn list_of(resources: &[Json]) -> Json {
    json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"], "totalResults": resources.len(),
        "startIndex": 1, "itemsPerPage": resources.len(), "Resources": resources})
}

pub(crate) fn resource_type(name: &str, endpoint: &str, schema: &str, extensions: &[&str]) -> Json {
    let extensions: Vec<_> = extensions.iter().map(|urn| json!({"schema": urn, "required": false})).collect();
    json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"], "id": name, "name": name,
        "endpoint": endpoint, "schema": schema, "schemaExtensions": extensions})
}

pub(crate) fn schema(urn: &str, name: &str, attributes: &[Json]) -> Json {
    json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"], "id": urn, "name": name, "attributes": attributes})
}

impl Described {
    pub(crate) fn standard() -> Self {
        let name = attribute(
            "name",
            "complex",
            &json!({"subAttributes": [
            plain("formatted"), plain("familyName"), plain("givenName")]}),
        );
        let user = [
            attribute("userName", "string", &json!({"required": true, "uniqueness": "server"})),
            name,
            plain("displayName"),
            plain("title"),
            plain("locale"),
            attribute("active", "boolean", &json!({})),
            attribute("password", "string", &json!({"mutability": "writeOnly", "returned": "never"})),
            objects("emails", &json!({})),
            objects("groups", &json!({"mutability": "readOnly"})),
            objects("roles", &json!({})),
            attribute("nick", "string", &json!({"caseExact": true})),
            attribute("tags", "string", &json!({"multiValued": true})),
        ];
        let enterprise = [
            plain("employeeNumber"),
            plain("department"),
            attribute("level", "integer", &json!({})),
            attribute("rate", "decimal", &json!({})),
            attribute(
                "manager",
                "complex",
                &json!({"subAttributes": [plain("value"), plain("displayName")]}),
            ),
        ];
        let group =
            [attribute("displayName", "string", &json!({"required": true})), objects("members", &json!({}))];
        Self {
            provider: json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
                "patch": {"supported": true}, "bulk": {"supported": false, "maxOperations": 0, "maxPayloadSize": 0},
                "authenticationSchemes": [], "filter": {"supported": true, "maxResults": 1000},
                "sort": {"supported": false}, "etag": {"supported": false}, "changePassword": {"supported": true}}),
            types: list_of(&[
                resource_type("User", "/Users", USER, &[ENTERPRISE]),
                resource_type("Group", "/Groups", GROUP, &[]),
            ]),
            schemas: list_of(&[
                schema(USER, "User", &user),
                schema(ENTERPRISE, "EnterpriseUser", &enterprise),
                schema(GROUP, "Group", &group),
            ]),
        }
    }

    /// The same with other words about what the service can do.
    pub(crate) fn provider(mut self, more: &Json) -> Self {
        self.provider.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
        self
    }

    /// Starts the service; requests that are no questions for its description go to the test.
    pub(crate) async fn start(
        self,
        answer: impl Fn(&Received) -> Reply + Send + Sync + 'static,
    ) -> FakeService {
        FakeService::start(move |request| self.describe(request).unwrap_or_else(|| answer(request))).await
    }

    pub(crate) fn describe(&self, request: &Received) -> Option<Reply> {
        match request.path.as_str() {
            "/s/ServiceProviderConfig" => Some(Reply::scim(200, &self.provider)),
            "/s/ResourceTypes" => Some(Reply::scim(200, &self.types)),
            "/s/Schemas" => Some(Reply::scim(200, &self.schemas)),
            _ => None,
        }
    }
}

/// A service with the standard description.
pub(crate) async fn standard(answer: impl Fn(&Received) -> Reply + Send + Sync + 'static) -> FakeService {
    Described::standard().start(answer).await
}

/// What was asked besides descriptions.
pub(crate) fn asked(service: &FakeService) -> Vec<Received> {
    let described =
        ["/s/ServiceProviderConfig", "/s/ServiceProviderConfigs", "/s/ResourceTypes", "/s/Schemas"];
    service.received().into_iter().filter(|request| !described.contains(&request.path.as_str())).collect()
}

/// Method and path of what was asked besides descriptions.
pub(crate) fn lines(service: &FakeService) -> Vec<String> {
    asked(service).iter().map(|request| format!("{} {}", request.method, request.path)).collect()
}

pub(crate) fn user(id: &str, name: &str) -> Json {
    json!({"schemas": [USER], "id": id, "userName": name, "meta": {"resourceType": "User"}})
}

pub(crate) fn error(status: u16, scim_type: &str, detail: &str) -> Reply {
    Reply::scim(
        status,
        &json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
        "status": status.to_string(), "scimType": scim_type, "detail": detail}),
    )
}

/// A list that gives as many users as are asked for, of so many.
pub(crate) fn users_page(request: &Received, total: u64, cap: u64) -> Reply {
    let number = |name: &str, otherwise| {
        request.parameter(name).and_then(|text| text.parse().ok()).unwrap_or(otherwise)
    };
    let (start, count) = (number("startIndex", 1).max(1), number("count", total).min(cap));
    let users: Vec<_> = (start..=total)
        .take(usize::try_from(count).unwrap())
        .map(|n| user(&n.to_string(), &format!("user{n}")))
        .collect();
    Reply::scim(
        200,
        &json!({"totalResults": total, "startIndex": start, "itemsPerPage": users.len(), "Resources": users}),
    )
}
