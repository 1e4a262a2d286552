//! Everything that changes something in the environment.

mod create;
mod groups;
mod plan;
mod users;

pub(crate) use create::create;

use icf::{AttributeSet, CallContext, ConnectorError, ErrorKind, Result, Uid};
use icf_http::{Answer, Fault};

use crate::class::Class;
use crate::refusal::{Doing, Refusal};
use crate::target::{Call, Target};

/// What a caller wants done with values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// They take the place of the old ones.
    Replace,
    /// They come to the old ones.
    Add,
    /// They go.
    Remove,
}

/// Changes an object.
pub(crate) async fn update(
    cx: &CallContext,
    target: &Target,
    class: Class,
    uid: &Uid,
    attributes: AttributeSet,
    change: Change,
) -> Result<Uid> {
    let call = target.call(cx);
    let plan = plan::Plan::new(&call, target, class, attributes, false).await?;
    match class {
        Class::User => users::update(&call, target, uid.value(), plan, change).await?,
        Class::Group | Class::Population => {
            groups::update(&call, target, class, uid.value(), plan, change).await?
        }
        Class::Role => return Err(read_only()),
    }
    Ok(uid.clone())
}

/// Deletes an object.
pub(crate) async fn delete(cx: &CallContext, target: &Target, class: Class, uid: &Uid) -> Result<()> {
    if class == Class::Role {
        return Err(read_only());
    }
    let call = target.call(cx);
    let answer = target.delete(&call, target.url(&[class.plural(), uid.value()], &[])?).await?;
    // It was there when the first request went out, whose answer was lost.
    if answer.status.as_u16() == 404 && answer.uncertain {
        return Ok(());
    }
    expect(Ok(answer), Doing::Deleting).map(drop)
}

pub(crate) fn read_only() -> ConnectorError {
    ConnectorError::unsupported(
        "Roles of PingOne can be read and assigned, and neither created, changed nor deleted.",
    )
}

/// An answer of success.
fn expect(answer: Result<Answer, Fault>, doing: Doing) -> Result<Answer> {
    let answer = answer?;
    if answer.is_success() { Ok(answer) } else { Err(Refusal::of(&answer).into_error(doing)) }
}

/// Names the step that failed, in the kind of its failure.
fn at_step(step: &str, error: ConnectorError) -> ConnectorError {
    ConnectorError::new(error.kind().clone(), format!("Step '{step}' failed: {error}")).with_source(error)
}

/// A failure after something was done already: the same call again brings about the rest.
fn half_done(what: &str, error: ConnectorError, uid: Option<&Uid>) -> ConnectorError {
    let text = format!("{what}; the rest was not done, and the same call again does it: {error}");
    let retry = ConnectorError::new(ErrorKind::Retryable, text).with_source(error);
    match uid {
        Some(uid) => retry.with_uid(uid.clone()),
        None => retry,
    }
}

/// Creates or removes one link. What is there already, or gone already, is as it should be.
async fn link(call: &Call, target: &Target, parts: &[&str], other: &str, present: bool) -> Result<()> {
    use icf_http::Method;
    let answer = if present {
        let body = serde_json::json!({"id": other});
        target.write(call, Method::POST, target.url(parts, &[])?, "application/json", &body).await?
    } else {
        let all: Vec<_> = parts.iter().copied().chain([other]).collect();
        target.delete(call, target.url(&all, &[])?).await?
    };
    let refusal = Refusal::of(&answer);
    let as_wanted = if present { refusal.is_duplicate() } else { answer.status.as_u16() == 404 };
    if answer.is_success() || as_wanted {
        return Ok(());
    }
    Err(refusal.into_error(Doing::Updating))
}
