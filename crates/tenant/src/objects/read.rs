//! `GET` of one object.

use icf::ApiOperation;

use super::Collection;
use crate::crest::{Answer, CrestError};

impl Collection<'_> {
    pub(super) async fn read(&self, id: &str, if_none_match: Option<&str>) -> Result<Answer, CrestError> {
        self.admit(ApiOperation::Get)?;
        let uid = Self::uid(id, None)?;
        let options = self.options(self.attributes_to_get());
        let found =
            self.get_with(&uid, options).await.map_err(|error| self.failing("READ", Some(id)).map(&error))?;
        let object =
            found.ok_or_else(|| CrestError::not_found(format!("Object {id} not found on {}", self.path)))?;
        if if_none_match.is_some() && object.uid.revision() == if_none_match {
            return Ok(Answer::not_modified());
        }
        self.show(&object).map(Answer::ok)
    }
}
