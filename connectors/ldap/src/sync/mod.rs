//! Changes: found in a log where the server keeps one, else by numbers or time stamps.
//!
//! [`Subject`] is what all ways share; each way is a module.

mod accesslog;
mod captured;
mod changelog;
mod ldif;
mod pager;
mod subject;
mod timestamp;
mod token;
mod usn;

use icf::{CallContext, DeltaSink, ObjectClass, OperationOptions, SyncToken};
use tracing::warn;

use crate::fault::Result;
use crate::link::Session;
use crate::search::Context;
use crate::settings::SyncStrategy;
use subject::Subject;
pub(crate) use timestamp::Seen;

/// Delivers what changed since the token.
pub(crate) async fn sync(
    session: &Session,
    cx: &CallContext,
    class: &ObjectClass,
    token: Option<&SyncToken>,
    options: &OperationOptions,
    deltas: &mut DeltaSink<'_>,
) -> Result<()> {
    let (context, mut link) = Context::new(session, cx, class, options).await?;
    let strategy = strategy(&context);
    let subject = Subject { context: &context, options, needed: needed(strategy) };
    match strategy {
        SyncStrategy::ChangeLog => changelog::run(&subject, &mut link, token, deltas).await,
        SyncStrategy::Usn => usn::run(&subject, &mut link, token, deltas).await,
        SyncStrategy::Timestamp => timestamp::run(&subject, &mut link, token, deltas).await,
        SyncStrategy::AccessLog => accesslog::run(&subject, &mut link, token, deltas).await,
    }
}

/// The token of now.
pub(crate) async fn latest(
    session: &Session,
    cx: &CallContext,
    class: &ObjectClass,
) -> Result<Option<SyncToken>> {
    let options = OperationOptions::default();
    let (context, mut link) = Context::new(session, cx, class, &options).await?;
    let strategy = strategy(&context);
    let subject = Subject { context: &context, options: &options, needed: needed(strategy) };
    Ok(Some(match strategy {
        SyncStrategy::ChangeLog => changelog::Log::read(&subject, &mut link).await?.latest()?,
        SyncStrategy::Usn => token::of_number(usn::highest(&mut link).await?, token::Form::Text)?,
        SyncStrategy::Timestamp => timestamp::now(context.facts.profile().is_microsoft)?,
        SyncStrategy::AccessLog => match accesslog::latest(&subject, &mut link).await? {
            Some(text) => SyncToken::try_new(text)?,
            None => timestamp::now(false)?,
        },
    }))
}

const fn needed(strategy: SyncStrategy) -> &'static [&'static str] {
    match strategy {
        SyncStrategy::Usn => usn::NEEDED,
        SyncStrategy::Timestamp => timestamp::NEEDED,
        SyncStrategy::ChangeLog | SyncStrategy::AccessLog => &[],
    }
}

/// The way that is configured, or the one of the kind of server.
fn strategy(context: &Context<'_>) -> SyncStrategy {
    let settings = &context.session.directory().settings;
    if settings.properties.use_timestamps_for_sync {
        return SyncStrategy::Timestamp;
    }
    if let Some(strategy) = settings.sync_strategy {
        return strategy;
    }
    let usual = context.facts.profile().sync;
    let has_log = context.facts.change_log.is_some() || settings.properties.rs_change_log_context.is_some();
    if usual == SyncStrategy::ChangeLog && !has_log {
        warn!(
            "The directory has no change log; changes are found by time stamps, and deletions are not seen."
        );
        return SyncStrategy::Timestamp;
    }
    usual
}
