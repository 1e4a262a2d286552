//! Changes by time stamp: for servers without a log. Deletions leave no trace.

use std::collections::HashSet;

use icf::{DeltaSink, Flow, SyncDeltaType, SyncToken};
use time::OffsetDateTime;
use time::macros::format_description;

use super::pager::Pager;
use super::subject::{Change, Subject};
use super::token;
use crate::ad::dates::generalized;
use crate::fault::{Fault, Result};
use crate::filter::LdapFilter;
use crate::link::Link;
use crate::message::control::{SortBy, oid};
use crate::message::{Control, Deref, Scope, SearchRequest};
use crate::projection::Decoded;

/// The attributes that this way needs.
pub(super) const NEEDED: &[&str] =
    &["modifyTimestamp", "createTimestamp", "whenChanged", "whenCreated", "entryCSN"];

/// What was delivered of the second that a token names: identity and change number. In that second more may happen, so
/// the next call asks for it again and leaves these out.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    token: String,
    class: String,
    delivered: HashSet<(String, String)>,
}

/// The token of now.
pub(super) fn now(microsoft: bool) -> Result<SyncToken> {
    let format = format_description!("[year][month][day][hour][minute][second]");
    let text = OffsetDateTime::now_utc().format(format).map_err(|error| Fault::general(error.to_string()))?;
    Ok(SyncToken::try_new(format!("{text}{}", if microsoft { ".0Z" } else { "Z" }))?)
}

/// Delivers what has a time stamp from the token on.
pub(super) async fn run(
    subject: &Subject<'_>,
    link: &mut Link<'_>,
    token: Option<&SyncToken>,
    deltas: &mut DeltaSink<'_>,
) -> Result<()> {
    let context = subject.context;
    let profile = context.facts.profile();
    let Some(token) = token else {
        deltas.report(now(profile.is_microsoft)?);
        return Ok(());
    };
    let start = token::text(token)?;
    if generalized(&start).is_none() {
        return Err(Fault::general(format!(
            "The sync token '{start}' is not a GeneralizedTime; clear the stored token"
        )));
    }
    let [changed, created] = profile.time_stamps;
    let from = shifted(&start, context.session.directory().settings.properties.timestamp_sync_offset);
    let times = LdapFilter::Or(vec![
        LdapFilter::AtLeast(changed.to_owned(), from.clone().into_bytes()),
        LdapFilter::AtLeast(created.to_owned(), from.into_bytes()),
    ]);
    let filter = LdapFilter::all([times].into_iter().chain(subject.filter()));
    let filter = filter.unwrap_or_else(LdapFilter::everything);
    let sorts = context.facts.supports(oid::SORT_REQUEST);
    let mut run = Run {
        subject,
        changed,
        created,
        sorts,
        start: token,
        greatest: start.clone(),
        seen: recall(subject, &start),
    };
    for base in subject.bases() {
        let search = SearchRequest {
            base,
            scope: Scope::Subtree,
            deref: Deref::Never,
            filter: filter.clone(),
            attributes: subject.requested(),
        };
        if run.below(link, search, deltas).await? == Flow::Stop {
            return Ok(());
        }
    }
    remember(subject, &run);
    deltas.report(SyncToken::try_new(run.greatest)?);
    Ok(())
}

struct Run<'a> {
    subject: &'a Subject<'a>,
    changed: &'static str,
    created: &'static str,
    /// Whether changes come in the order of their times, so that each can be a token.
    sorts: bool,
    start: &'a SyncToken,
    greatest: String,
    seen: Seen,
}

impl Run<'_> {
    async fn below(
        &mut self,
        link: &mut Link<'_>,
        search: SearchRequest,
        deltas: &mut DeltaSink<'_>,
    ) -> Result<Flow> {
        let context = self.subject.context;
        let one_base = self.subject.bases().len() == 1;
        let sort = SortBy {
            attribute: self.changed.to_owned(),
            ordering_rule: context.model.ordering_rule(self.changed).map(str::to_owned),
            reverse: false,
        };
        let controls = if self.sorts { vec![Control::sort(&[sort], false)] } else { Vec::new() };
        let mut pager = Pager::new(search, controls, &context.facts);
        while let Some(bytes) = pager.next(link).await? {
            let decoded = self.subject.decode(&bytes)?;
            let stamp = self.stamp(&decoded);
            let identity =
                decoded.texts("entryCSN").first().map_or_else(|| stamp.clone(), |csn| (*csn).to_owned());
            let key = (decoded.object.uid.value().to_owned(), identity);
            if self.seen.delivered.contains(&key) {
                continue;
            }
            // Out of order, only the start is a place from which nothing is lost.
            let token =
                if self.sorts && one_base { SyncToken::try_new(stamp.as_str())? } else { self.start.clone() };
            let change = Change::new(SyncDeltaType::CreateOrUpdate, token);
            if self.subject.deliver(decoded, change, deltas).await? == Flow::Stop {
                pager.abandon(link).await;
                return Ok(Flow::Stop);
            }
            if generalized(&stamp) > generalized(&self.greatest) {
                self.greatest.clone_from(&stamp);
                self.seen.delivered.clear();
            }
            if generalized(&stamp) == generalized(&self.greatest) {
                self.seen.delivered.insert(key);
            }
        }
        Ok(Flow::Continue)
    }

    fn stamp(&self, decoded: &Decoded) -> String {
        let stamps = [self.changed, self.created]
            .map(|name| decoded.texts(name).first().map(|text| (*text).to_owned()));
        stamps.into_iter().flatten().max().unwrap_or_else(|| self.greatest.clone())
    }
}

/// The time so many seconds later, or earlier.
fn shifted(text: &str, seconds: i32) -> String {
    let moved = generalized(text).filter(|_| seconds != 0).and_then(|time| {
        let time = time.checked_add(time::Duration::seconds(seconds.into()))?;
        time.format(format_description!("[year][month][day][hour][minute][second]")).ok()
    });
    match moved {
        None => text.to_owned(),
        Some(moved) => format!("{moved}{}", if text.contains('.') { ".0Z" } else { "Z" }),
    }
}

fn recall(subject: &Subject<'_>, token: &str) -> Seen {
    let class = subject.context.class.as_str().to_owned();
    let known = subject.context.session.directory().seen();
    let known = known.into_iter().find(|seen| seen.token == token && seen.class == class);
    known.unwrap_or(Seen { token: token.to_owned(), class, delivered: HashSet::new() })
}

fn remember(subject: &Subject<'_>, run: &Run<'_>) {
    let seen = Seen { token: run.greatest.clone(), ..run.seen.clone() };
    let directory = subject.context.session.directory();
    let mut known = directory.seen();
    known.retain(|other| other.class != seen.class);
    known.push(seen);
    directory.set_seen(known);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_moves_the_start() {
        assert_eq!(shifted("20261121194103Z", 0), "20261121194103Z");
        assert_eq!(shifted("20261121194103Z", -3), "20261121194100Z");
        assert_eq!(shifted("20261121194103.0Z", -3), "20261121194100.0Z");
    }
}
