//! Users: their passwords and their names.

use icf::operations::{AuthenticateOp, ResolveUsernameOp};
use icf::{
    AttributeName, CallContext, ConnectorError, ErrorKind, GuardedString, ObjectClass, OperationOptions,
    Result, Uid, Value, async_trait, names,
};

use crate::connector::Reference;
use crate::describe::{describe, describe_options, quoted};
use crate::schema;
use crate::world::Stored;

#[async_trait]
impl AuthenticateOp for Reference {
    async fn authenticate(
        &self,
        cx: &CallContext,
        class: &ObjectClass,
        username: &str,
        password: &GuardedString,
        options: &OperationOptions,
    ) -> Result<Option<Uid>> {
        if self.obey(cx, options).await? {
            return Ok(None);
        }
        let password = Value::GuardedString(password.clone());
        self.record("authenticate", class, &quoted(username), &describe(&password), options);
        schema::check_class(class)?;
        let state = self.world.state();
        let user = state.objects.iter().find(|object| object.class == *class && object.name == username);
        let user =
            user.ok_or_else(|| ConnectorError::invalid_credential(format!("Unknown user: {username}")))?;
        if single(user, names::PASSWORD) != Some(&password) {
            return Err(ConnectorError::invalid_password("Wrong password."));
        }
        let uid = user.uid(&self.settings)?;
        if single(user, names::PASSWORD_EXPIRED) == Some(&Value::Boolean(true)) {
            return Err(ConnectorError::new(ErrorKind::PasswordExpired, "The password has expired."));
        }
        Ok(Some(uid))
    }
}

fn single<'a>(object: &'a Stored, name: &'static str) -> Option<&'a Value> {
    match object.attributes.get(&AttributeName::from_static(name))?.as_slice() {
        [value] => Some(value),
        _ => None,
    }
}

#[async_trait]
impl ResolveUsernameOp for Reference {
    async fn resolve_username(
        &self,
        cx: &CallContext,
        class: &ObjectClass,
        username: &str,
        options: &OperationOptions,
    ) -> Result<Option<Uid>> {
        if self.obey(cx, options).await? {
            return Ok(None);
        }
        self.record("resolveUsername", class, &quoted(username), "null", options);
        schema::check_class(class)?;
        let state = self.world.state();
        let user = state.objects.iter().find(|object| object.class == *class && object.name == username);
        let user = user.ok_or_else(|| ConnectorError::unknown_uid(format!("Unknown user: {username}")))?;
        user.uid(&self.settings).map(Some)
    }
}

impl Reference {
    /// Keeps the description of a call for the script `lastCall`.
    pub(crate) fn record(
        &self,
        operation: &str,
        class: &ObjectClass,
        who: &str,
        what: &str,
        options: &OperationOptions,
    ) {
        let options = describe_options(options);
        let call = format!("{operation} class {} {who} {what} {options}", quoted(class.as_str()));
        self.world.state().last_call = Some(call);
    }
}
