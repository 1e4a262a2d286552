//! `authenticate`: checks a user's password.

use icf::{ApiOperation, GuardedString};
use icf_wire::rpc::Operation;
use serde_json::{Map, Value as Json};

use super::Collection;
use super::failure::Failing;
use crate::crest::{Answer, CrestError};

impl Collection<'_> {
    pub(super) async fn authenticate(&self) -> Result<Answer, CrestError> {
        self.admit(ApiOperation::Authenticate)?;
        let content = self.request.content();
        let given = |name: &str| {
            let by_query = self.request.parameters.get(name);
            let by_body = content.get(name).and_then(Json::as_str);
            by_query
                .or(by_body)
                .map(str::to_owned)
                .ok_or_else(|| CrestError::bad_request(format!("Missing required parameter: {name}")))
        };
        let (username, password) = (given("username")?, GuardedString::new(&given("password")?));
        let operation = Operation::Authenticate {
            class: self.class(),
            username: Some(username),
            password: Some(password),
            options: self.default_options(),
        };
        let failing = Failing { operation: "ACTION", id: None, resource: None };
        let uid = self.call_for_uid(operation).await.map_err(|error| failing.map(&error))?;
        let mut answer = Map::new();
        answer.insert("_id".to_owned(), uid.as_ref().map(|uid| uid.value()).into());
        if let Some(revision) = uid.as_ref().and_then(|uid| uid.revision()) {
            answer.insert("_rev".to_owned(), revision.into());
        }
        Ok(Answer::ok(Json::Object(answer)))
    }
}
