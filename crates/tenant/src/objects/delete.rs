//! `DELETE` of an object.

use icf::ApiOperation;
use icf_wire::rpc::Operation;
use serde_json::json;

use super::Collection;
use crate::crest::{Answer, CrestError};

impl Collection<'_> {
    pub(super) async fn delete(&self, id: &str, revision: Option<&str>) -> Result<Answer, CrestError> {
        self.admit(ApiOperation::Delete)?;
        let failing = self.failing("DELETE", Some(id));
        let uid = Self::uid(id, revision)?;
        let before = self.get(&uid).await.map_err(|error| failing.map(&error))?;
        let options = self.default_options();
        let operation = Operation::Delete { class: self.class(), uid: Some(uid), options };
        self.call(operation).await.map_err(|error| failing.map(&error))?;
        match before {
            Some(object) => self.show(&object).map(Answer::ok),
            None => Ok(Answer::ok(json!({"_id": id}))),
        }
    }
}
