//! `syncFailureHandler`: what happens when a change cannot be synchronised.

use serde_json::Value as Json;

/// What to do about a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Stop here; the next run begins at this change. For ever, or so many times more.
    Retry(Option<i64>),
    /// Put the change aside and go on.
    Bury,
    /// Go on.
    Ignore,
}

/// Judges the failure of a change that failed `before` times already.
pub(super) fn judge(handler: &Json, before: i64) -> Verdict {
    let retries = handler.get("maxRetries").and_then(Json::as_i64).filter(|retries| *retries >= 0);
    match retries {
        None => Verdict::Retry(None),
        Some(retries) if before < retries => Verdict::Retry(Some(retries - before)),
        Some(_) => match handler.get("postRetryAction") {
            Some(Json::String(action)) if action == "dead-letter-queue" => Verdict::Bury,
            Some(action @ Json::Object(_)) if action.get("script").is_some() => {
                tracing::warn!("This tenant runs no scripts; the failure is ignored.");
                Verdict::Ignore
            }
            _ => Verdict::Ignore,
        },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn retries_come_before_the_post_action() {
        assert_eq!(judge(&Json::Null, 7), Verdict::Retry(None));
        assert_eq!(judge(&json!({"maxRetries": -1}), 7), Verdict::Retry(None));
        let handler = json!({"maxRetries": 2, "postRetryAction": "dead-letter-queue"});
        assert_eq!(judge(&handler, 0), Verdict::Retry(Some(2)));
        assert_eq!(judge(&handler, 1), Verdict::Retry(Some(1)));
        assert_eq!(judge(&handler, 2), Verdict::Bury);
        assert_eq!(judge(&json!({"maxRetries": 0, "postRetryAction": "logged-ignore"}), 0), Verdict::Ignore);
        let script = json!({"maxRetries": 0, "postRetryAction": {"script": {}}});
        assert_eq!(judge(&script, 0), Verdict::Ignore);
    }
}
