//! Changes: found in a log where the server keeps one, else by numbers or time stamps.
//!
//! [`Subject`] is what all ways share; each way is a module.

mod accesslog;
mod captured;
mod changelog;
mod cookie;
mod dirsync;
mod events;
mod ldif;
mod pager;
mod spans;
mod subject;
mod syncrepl;
mod timestamp;
mod token;
mod usn;

use icf::{CallContext, DeltaSink, ObjectClass, OperationOptions, SyncToken};
use tracing::warn;

use crate::fault::{Fault, Result};
use crate::link::Session;
use crate::search::Context;
use crate::server::Kind;
use crate::settings::SyncStrategy;
use subject::Subject;
pub(crate) use timestamp::Seen;

/// The class under which Active Directory's members and account flags are told as events.
pub(crate) const DIRSYNC_EVENTS: &str = "__DIRSYNC_EVENTS__";

/// The first version of PingDS whose change log is read by cookies.
const PINGDS_WITH_COOKIES: u32 = 8;

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
    let mut strategy = strategy(&context)?;
    if strategy == SyncStrategy::ChangeLog && token.is_some_and(cookie::is_cookie) {
        strategy = SyncStrategy::Cookie;
    }
    let subject = Subject::new(&context, options, needed(strategy));
    let link = &mut link;
    match strategy {
        SyncStrategy::ChangeLog => changelog::run(&subject, link, token, deltas).await,
        SyncStrategy::Cookie => cookie::run(&subject, link, token, deltas).await,
        SyncStrategy::Usn => usn::run(&subject, link, token, deltas).await,
        SyncStrategy::DirSync => dirsync::run(&subject, link, token, deltas).await,
        SyncStrategy::Timestamp => timestamp::run(&subject, link, token, deltas).await,
        SyncStrategy::AccessLog => accesslog::run(&subject, link, token, deltas).await,
        SyncStrategy::SyncRepl => syncrepl::run(&subject, link, token, deltas).await,
    }
}

/// Reads an entry as one of any log, for the fuzz target.
#[cfg(feature = "fuzzing")]
pub(crate) fn read_as_logged(entry: crate::message::Entry<'_>) -> Result<()> {
    if let Some(logged) = changelog::LogEntry::read(entry, "changeNumber")? {
        let _name = logged.name_after();
    }
    accesslog::Logged::read(entry)?;
    dirsync::by_guid(entry)?;
    dirsync::is_deleted(entry)?;
    Ok(())
}

/// Reads the `changes` of a log entry, for the fuzz target.
#[cfg(feature = "fuzzing")]
pub(crate) fn read_changes(bytes: &[u8]) {
    for changed in ldif::attributes(bytes) {
        assert_eq!(ldif::values(&ldif::attributes(bytes), &changed.attribute), changed.values);
    }
    for changed in ldif::modifications(bytes) {
        assert_eq!(ldif::values(&ldif::modifications(bytes), &changed.attribute), changed.values);
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
    let strategy = strategy(&context)?;
    let subject = Subject::new(&context, &options, needed(strategy));
    let link = &mut link;
    Ok(Some(match strategy {
        SyncStrategy::ChangeLog => changelog::Log::read(&subject, link).await?.latest()?,
        SyncStrategy::Cookie => cookie::latest(link).await?,
        SyncStrategy::Usn => token::of_number(usn::highest(link).await?, token::Form::Text)?,
        SyncStrategy::DirSync => dirsync::latest(&subject, link).await?,
        SyncStrategy::Timestamp => timestamp::now(context.facts.profile().is_microsoft)?,
        SyncStrategy::AccessLog => match accesslog::latest(&subject, link).await? {
            Some(text) => SyncToken::try_new(text)?,
            None => timestamp::now(false)?,
        },
        SyncStrategy::SyncRepl => syncrepl::latest(&subject, link).await?,
    }))
}

const fn needed(strategy: SyncStrategy) -> &'static [&'static str] {
    match strategy {
        SyncStrategy::Usn => usn::NEEDED,
        SyncStrategy::Timestamp => timestamp::NEEDED,
        _ => &[],
    }
}

/// The way that is configured, or the one of the kind of server.
fn strategy(context: &Context<'_>) -> Result<SyncStrategy> {
    let settings = &context.session.directory().settings;
    if context.class.is(DIRSYNC_EVENTS) {
        return match context.facts.kind() {
            Kind::ActiveDirectory => Ok(SyncStrategy::DirSync),
            _ => Err(Fault::general(format!(
                "Only a domain controller of Active Directory can synchronise {DIRSYNC_EVENTS}"
            ))),
        };
    }
    if settings.properties.use_timestamps_for_sync {
        return Ok(SyncStrategy::Timestamp);
    }
    if let Some(strategy) = settings.sync_strategy {
        return Ok(strategy);
    }
    let usual = context.facts.profile().sync;
    if usual != SyncStrategy::ChangeLog {
        return Ok(usual);
    }
    let has_log = context.facts.change_log.is_some() || settings.properties.rs_change_log_context.is_some();
    if !has_log {
        warn!(
            "The directory has no change log; changes are found by time stamps, and deletions are not seen."
        );
        return Ok(SyncStrategy::Timestamp);
    }
    let by_cookies = context.facts.kind() == Kind::PingDs
        && context.facts.major_version.is_some_and(|version| version >= PINGDS_WITH_COOKIES);
    Ok(if by_cookies { SyncStrategy::Cookie } else { usual })
}
