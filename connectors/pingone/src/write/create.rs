//! Creating an object.

use icf::{AttributeSet, CallContext, ConnectorError, Result, Uid};
use icf_http::Method;
use serde_json::{Value as Json, json};

use super::plan::Plan;
use super::{expect, groups, half_done, read_only, users};
use crate::class::Class;
use crate::refusal::Doing;
use crate::target::{Target, not_json};

/// Creates an object and answers its identity.
pub(crate) async fn create(
    cx: &CallContext,
    target: &Target,
    class: Class,
    set: AttributeSet,
) -> Result<Uid> {
    if class == Class::Role {
        return Err(read_only());
    }
    let call = target.call(cx);
    let mut plan = Plan::new(&call, target, class, set, true).await?;
    let mut kind = "application/json";
    if class == Class::User {
        if let (Some(population), false) =
            (&target.settings.default_population, plan.body.contains_key("population"))
        {
            plan.body.insert("population".to_owned(), json!({"id": population}));
        }
        if let Some(password) = plan.password_body() {
            kind = "application/vnd.pingidentity.user.import+json";
            plan.body.insert("password".to_owned(), password);
            (plan.password, plan.password_object) = (None, None);
        }
    }
    let url = target.url(&[class.plural()], &[])?;
    let body = Json::Object(std::mem::take(&mut plan.body));
    let answer = expect(target.write(&call, Method::POST, url, kind, &body).await, Doing::Creating)?;
    let created = answer.json().ok_or_else(|| not_json(&answer))?;
    let id = created.get("id").and_then(Json::as_str).ok_or_else(|| {
        ConnectorError::connector("PingOne created the object and does not say which identity it has.")
    })?;
    let uid = Uid::try_new(id)?;
    // It is enabled from the start.
    if plan.separate.get("enabled") == Some(&Json::Bool(true)) {
        plan.separate.remove("enabled");
    }
    let rest = match class {
        Class::User => users::rest(&call, target, uid.value(), &plan, super::Change::Add).await,
        _ => groups::links(&call, target, uid.value(), &plan, super::Change::Add).await,
    };
    rest.map_err(|error| half_done(&format!("The object {uid} was created"), error, Some(&uid)))?;
    Ok(uid)
}
