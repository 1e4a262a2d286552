//! Writing with the rights of the person concerned.

use icf::{ConnectorObject, GuardedString, OperationOptions, option_names};
use serde_json::Value as Json;

use super::Collection;
use crate::types::object_to_json;

/// On whose behalf some properties are written.
#[derive(Debug)]
pub(super) struct RunAs {
    user: String,
    password: GuardedString,
}

impl RunAs {
    pub(super) fn apply(&self, options: &mut OperationOptions) {
        options.set(option_names::RUN_AS_USER, self.user.as_str());
        options.set(option_names::RUN_WITH_PASSWORD, self.password.clone());
    }
}

impl Collection<'_> {
    /// The person, if the request shows their password and the configuration tells which member names them.
    pub(super) fn run_as(&self, before: Option<&ConnectorObject>) -> Option<RunAs> {
        let password = self.request.context.reauth_password.clone()?;
        let member = self.system.document.account_user_name_attribute()?;
        let before = object_to_json(self.object_type, before?).ok()?;
        let user = before.get(member).and_then(Json::as_str)?.to_owned();
        Some(RunAs { user, password })
    }
}
