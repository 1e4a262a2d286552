//! The test: the service describes itself, and lets us read.

use icf::{CallContext, ConnectorError, Result};
use icf_http::StatusCode;

use crate::model::is_description;
use crate::refusal::Doing;
use crate::target::{Target, not_scim};

/// Succeeds if operations have a fair chance to succeed.
pub(crate) async fn test(cx: &CallContext, target: &Target) -> Result<()> {
    let budget = target.budget(cx);
    let mut first = None;
    let mut described = false;
    for path in target.provider_paths() {
        let error = match target.get(&budget, &path, &[]).await {
            Ok(answer) if is_description(&answer) => {
                described = true;
                break;
            }
            Ok(answer) if answer.is_success() => not_scim(&answer),
            Ok(answer) => target.refusal(&answer).into_error(Doing::Testing),
            Err(fault) => {
                // What keeps one request from arriving keeps the others, too.
                let ends =
                    !matches!(fault, icf_http::Fault::Broken { .. } | icf_http::Fault::Redirect { .. });
                let error = ConnectorError::from(fault);
                if ends {
                    return Err(error);
                }
                error
            }
        };
        first.get_or_insert(error);
    }
    // A description may be public; a list of users is not.
    let answer = target.get(&budget, "/Users", &[("count", "1".to_owned())]).await?;
    if answer.is_success() {
        return if is_description(&answer) { Ok(()) } else { Err(not_scim(&answer)) };
    }
    let refused = matches!(answer.status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN);
    if described && !refused {
        tracing::debug!(status = answer.status.as_u16(), "The service describes itself and lists no users.");
        return Ok(());
    }
    if refused {
        return Err(target.refusal(&answer).into_error(Doing::Testing));
    }
    Err(first.unwrap_or_else(|| target.refusal(&answer).into_error(Doing::Testing)))
}
