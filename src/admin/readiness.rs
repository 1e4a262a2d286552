//! Whether an operation of the tenant would be taken now.

use std::time::Duration;

use futures_util::future::join_all;
use futures_util::stream::{FuturesUnordered, StreamExt as _};

use crate::pool::{PoolStatus, SeenLink};
use crate::serve::View;

/// An answer to a ping this young still counts, so that frequent questions are no flood of pings.
const FRESH: Duration = Duration::from_secs(1);

/// How long the tenant may take to answer a ping.
const LIMIT: Duration = Duration::from_secs(1);

/// What keeps the server from being ready, in words; nothing if it is.
///
/// A socket that is up proves nothing: of each URL one link must have been accepted (its handshake is done) and answer a
/// ping now. In server mode the listener counts.
pub(super) async fn missing(view: &View) -> Vec<String> {
    if view.stopping.is_cancelled() {
        return vec!["the server is stopping".to_owned()];
    }
    let mut missing: Vec<_> = join_all(view.pools().iter().map(|pool| {
        let status = pool.borrow().clone();
        lacks_link(status)
    }))
    .await
    .into_iter()
    .flatten()
    .collect();
    if view.pools().is_empty() && view.listens_at.is_none() {
        missing.push("the server neither dials nor listens".to_owned());
    }
    missing
}

/// Why no link of a pool can take an operation; `None` if one can.
async fn lacks_link(status: PoolStatus) -> Option<String> {
    let usable = status.links.iter().filter(|seen| !seen.retiring);
    let mut answers: FuturesUnordered<_> =
        usable.map(|SeenLink { link, .. }| link.answers(FRESH, LIMIT)).collect();
    let asked = answers.len();
    while let Some(answered) = answers.next().await {
        if answered {
            return None;
        }
    }
    let url = &status.url;
    Some(match (asked, &status.last_failure) {
        (1.., _) => format!("{url}: none of {asked} links answered a ping within {LIMIT:?}"),
        (0, Some(failure)) => {
            format!("{url}: no link; {} s ago: {}", failure.at.elapsed().as_secs(), failure.message)
        }
        (0, None) => format!("{url}: no link yet"),
    })
}
