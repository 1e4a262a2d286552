//! Writing: create, update, delete and batch.
//!
//! The way of a write: it waits in the [`queue`] of its file; the first one there takes all that wait and commits them as
//! one [`group`]: their attributes become cells ([`request`]), the rows they touch are found, and the [`plan`] works out in
//! memory what each of them answers and which rows change. Then the new rows are appended ([`append`]), or the whole file
//! is replaced by an edited copy ([`rewrite`], [`replacement`]). Everyone is answered after that.

mod append;
mod group;
mod plan;
mod queue;
pub(crate) mod replacement;
mod request;
mod rewrite;
mod torn;
mod value;

use std::sync::Arc;

use icf::{ConnectorError, Uid};

use crate::fault::Result;
use crate::settings::Settings;

pub(crate) use queue::Queue;
pub(crate) use request::{Request, ValueChange};
pub(crate) use rewrite::copy_range;

/// What became of a request: the identity, except after a delete.
pub(crate) type Answer = Result<Option<Uid>>;

/// Writes one change.
pub(crate) async fn one(settings: Arc<Settings>, request: Request) -> icf::Result<Option<Uid>> {
    let mut answers = many(settings, vec![request], false).await?;
    let answer = answers.pop().ok_or_else(|| ConnectorError::connector("The write was not answered."))?;
    Ok(answer?)
}

/// Writes changes in order, each seeing the effect of those before, in one go. After a failure the rest is still done
/// unless `stop_at_failure`; the answers end with the failure then.
pub(crate) async fn many(
    settings: Arc<Settings>,
    requests: Vec<Request>,
    stop_at_failure: bool,
) -> icf::Result<Vec<Answer>> {
    Ok(queue::submit(settings, requests, stop_at_failure).await?)
}
