//! Changes out of a change log that is read by cookies: that of PingDS, and of OpenDJ in replicated topologies. A cookie
//! says how far each replica of each domain had come, so it is good for every server.

use icf::{DeltaSink, Flow, SyncToken, Value};
use tracing::warn;

use super::changelog::{ATTRIBUTES, LogEntry, deliver};
use super::subject::Subject;
use crate::fault::{Fault, Result};
use crate::filter::LdapFilter;
use crate::link::{Answer, Link, entry};
use crate::message::control::oid;
use crate::message::{Control, Deref, Scope, SearchRequest, code};
use crate::settings::given;

/// Where the root DSE has the cookie of now.
const LAST: &str = "lastExternalChangelogCookie";

/// Whether a token is a cookie, as in `dc=example,dc=com:0000018...;`, and no number.
pub(super) fn is_cookie(token: &SyncToken) -> bool {
    token.value().as_str().is_some_and(|text| text.contains(':') && text.contains(';'))
}

/// The cookie of now.
pub(super) async fn latest(link: &mut Link<'_>) -> Result<SyncToken> {
    let root = link.read("", None, &[LAST]).await?;
    let text = root.map(|bytes| entry(&bytes)?.text(LAST).map_err(Fault::from)).transpose()?.flatten();
    let text = text.ok_or_else(|| {
        Fault::general(format!(
            "The directory does not tell the cookie of its change log ({LAST}); it must be a replica, and the principal needs the privilege changelog-read"
        ))
    })?;
    Ok(SyncToken::try_new(text)?)
}

/// Delivers what was logged behind the token's cookie.
pub(super) async fn run(
    subject: &Subject<'_>,
    link: &mut Link<'_>,
    token: Option<&SyncToken>,
    deltas: &mut DeltaSink<'_>,
) -> Result<()> {
    let Some(mut reached) = token.filter(|token| !is_number(token)).cloned() else {
        if token.is_some() {
            warn!(
                "The stored token is a number of a change log that is read by cookies; changes are reported from now on."
            );
        }
        deltas.report(latest(link).await?);
        return Ok(());
    };
    let cookie = super::token::text(&reached)?;
    let control = Control { value: Some(cookie.into_bytes()), ..Control::new(oid::CHANGE_LOG_COOKIE, true) };
    let mut answers = link.start(&search(subject), &[control]).await?;
    let number = &subject.context.session.directory().settings.properties.change_number_attribute;
    while let Some(answer) = link.next(&mut answers).await? {
        match answer {
            Answer::Entry(bytes) => {
                let Some(log) = LogEntry::read(entry(&bytes)?, number)? else { continue };
                let next = log.cookie.clone().map(SyncToken::try_new).transpose()?;
                reached = next.unwrap_or(reached);
                if deliver(subject, None, log, reached.clone(), deltas).await? == Flow::Stop {
                    link.abandon(&mut answers).await;
                    break;
                }
            }
            Answer::Done(result) if result.code != code::SUCCESS => {
                let refused = Fault::refused("search the change log from a cookie", result);
                return Err(refused.and("If the log was trimmed or the topology has changed, clear the stored token and let a full read come first"));
            }
            Answer::Reference(_) | Answer::Info(_) | Answer::Done(_) => {}
        }
    }
    deltas.report(reached);
    Ok(())
}

fn is_number(token: &SyncToken) -> bool {
    match token.value() {
        Value::String(text) => !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()),
        Value::Integer(_) | Value::Long(_) => true,
        _ => false,
    }
}

fn search(subject: &Subject<'_>) -> SearchRequest {
    let properties = &subject.context.session.directory().settings.properties;
    let base = given(properties.rs_change_log_context.as_deref())
        .or(subject.context.facts.change_log.as_deref())
        .unwrap_or("cn=changelog");
    let filter = if properties.remove_log_entry_object_class_from_filter {
        LdapFilter::everything()
    } else {
        LdapFilter::equal("objectClass", "changeLogEntry")
    };
    SearchRequest {
        base: base.to_owned(),
        scope: Scope::OneLevel,
        deref: Deref::Never,
        filter,
        attributes: ATTRIBUTES.iter().map(|name| (*name).to_owned()).collect(),
    }
}
