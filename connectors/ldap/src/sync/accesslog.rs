//! Changes out of the log of OpenLDAP's overlay accesslog: with deletions, in the order in which they happened.

use icf::{DeltaSink, Flow, SyncDeltaType, SyncToken, Uid};
use time::OffsetDateTime;
use time::macros::format_description;

use super::pager::Pager;
use super::spans::{Basket, Spans};
use super::subject::{Change, Subject};
use super::token;
use crate::ad::dates::generalized;
use crate::dn::Dn;
use crate::fault::{Fault, Result};
use crate::filter::LdapFilter;
use crate::link::{Link, entry};
use crate::message::{Deref, Entry, Scope, SearchRequest, code};
use crate::settings::UidSource;

/// When a change began; no two changes have the same.
const START: &str = "reqStart";

const ATTRIBUTES: [&str; 7] =
    [START, "reqType", "reqDN", "reqNewRDN", "reqNewSuperior", "reqEntryUUID", "reqOld"];

/// A change in the log.
pub(super) struct Logged {
    start: String,
    kind: String,
    target: String,
    after: String,
    entry_uuid: Option<String>,
    old: Vec<String>,
}

/// The time of the last change in the log; none while it is empty.
pub(super) async fn latest(subject: &Subject<'_>, link: &mut Link<'_>) -> Result<Option<String>> {
    let mut greatest: Option<String> = None;
    let mut pager = pager(subject, vec![LdapFilter::present(START)], &[START]);
    while let Some(bytes) = pager.next(link).await? {
        greatest = greatest.max(entry(&bytes)?.text(START)?);
    }
    Ok(greatest)
}

fn pager(subject: &Subject<'_>, times: Vec<LdapFilter>, attributes: &[&str]) -> Pager {
    let properties = &subject.context.session.directory().settings.properties;
    let kinds = ["add", "modify", "modrdn", "delete"].map(|kind| LdapFilter::equal("reqType", kind));
    let which = [LdapFilter::equal("reqResult", "0"), LdapFilter::Or(kinds.to_vec())];
    let search = SearchRequest {
        base: properties.rs_access_log_base_dn.clone(),
        scope: Scope::OneLevel,
        deref: Deref::Never,
        filter: LdapFilter::And(times.into_iter().chain(which).collect()),
        attributes: attributes.iter().map(|name| (*name).to_owned()).collect(),
    };
    Pager::new(search, Vec::new(), &subject.context.facts)
}

/// Delivers what was logged after the token.
pub(super) async fn run(
    subject: &Subject<'_>,
    link: &mut Link<'_>,
    token: Option<&SyncToken>,
    deltas: &mut DeltaSink<'_>,
) -> Result<()> {
    let Some(token) = token else {
        let start = latest(subject, link).await?;
        let start =
            start.map_or_else(|| super::timestamp::now(false), |text| Ok(SyncToken::try_new(text)?))?;
        deltas.report(start);
        return Ok(());
    };
    let mut reached = token::text(token)?;
    let after = microseconds(&reached).ok_or_else(|| {
        Fault::general(format!("The sync token '{reached}' is not a GeneralizedTime; clear the stored token"))
    })?;
    let mut spans = Spans::new(after.saturating_add(1), None);
    while let Some(span) = spans.present() {
        let mut basket = spans.basket();
        if !collect(subject, link, span, &mut basket).await? {
            spans.narrow(&basket);
            continue;
        }
        let logged = basket.in_order();
        spans.done(logged.len());
        for (_, change) in logged {
            reached.clone_from(&change.start);
            if deliver(subject, link, change, deltas).await? == Flow::Stop {
                deltas.report(SyncToken::try_new(reached)?);
                return Ok(());
            }
        }
    }
    deltas.report(SyncToken::try_new(reached)?);
    Ok(())
}

/// Collects what was logged in that time; answers whether it fits.
async fn collect(
    subject: &Subject<'_>,
    link: &mut Link<'_>,
    (from, to): (i64, Option<i64>),
    basket: &mut Basket<Logged>,
) -> Result<bool> {
    let time = |microseconds: i64| time_of(microseconds).map(String::into_bytes);
    let times = [
        time(from).map(|time| LdapFilter::AtLeast(START.to_owned(), time)),
        to.and_then(time).map(|time| LdapFilter::AtMost(START.to_owned(), time)),
    ];
    let mut pager = pager(subject, times.into_iter().flatten().collect(), &ATTRIBUTES);
    loop {
        let bytes = match pager.next(link).await {
            Ok(Some(bytes)) => bytes,
            Ok(None) => return Ok(true),
            Err(fault) if fault.code() == Some(code::NO_SUCH_OBJECT) => {
                return Err(Fault::general(
                    "The directory has no access log under rs.accessLogBaseDn; switch the overlay accesslog on, or let the principal read its database",
                ));
            }
            Err(fault) => return Err(fault),
        };
        let Some(logged) = Logged::read(entry(&bytes)?)? else { continue };
        let Some(when) = microseconds(&logged.start) else { continue };
        if !basket.put(when, logged) {
            pager.abandon(link).await;
            return Ok(false);
        }
    }
}

/// A time of the log, which numbers what happens in one second by the digits behind the point, as microseconds.
fn microseconds(time: &str) -> Option<i64> {
    let seconds = generalized(time)?.unix_timestamp().checked_mul(1_000_000)?;
    let fraction = time.split_once(['.', ',']).map_or("", |(_, rest)| rest);
    let digits: String = fraction.chars().take_while(char::is_ascii_digit).take(6).collect();
    let fraction: i64 = format!("{digits:0<6}").parse().ok()?;
    seconds.checked_add(fraction)
}

/// The text of such a time; none beyond the year 9999.
fn time_of(microseconds: i64) -> Option<String> {
    let format = format_description!("[year][month][day][hour][minute][second]");
    let moment = OffsetDateTime::from_unix_timestamp(microseconds.div_euclid(1_000_000)).ok()?;
    let text = moment.format(format).ok()?;
    Some(format!("{text}.{:06}Z", microseconds.rem_euclid(1_000_000)))
}

impl Logged {
    pub(super) fn read(entry: Entry<'_>) -> Result<Option<Self>> {
        let (Some(start), Some(target)) = (entry.text("reqStart")?, entry.text("reqDN")?) else {
            return Ok(None);
        };
        let mut after = target.clone();
        if let Some(rdn) = entry.text("reqNewRDN")? {
            let old = Dn::parse(&target);
            let superior = entry.text("reqNewSuperior")?;
            let parent =
                superior.as_deref().or_else(|| old.as_ref().ok().map(Dn::parent)).unwrap_or_default();
            after = format!("{rdn},{parent}");
        }
        Ok(Some(Self {
            start,
            kind: entry.text("reqType")?.unwrap_or_default(),
            target,
            after,
            entry_uuid: entry.text("reqEntryUUID")?,
            old: entry.texts("reqOld")?,
        }))
    }

    /// The texts of an attribute before the change.
    fn before(&self, name: &str) -> Vec<String> {
        let parts = self.old.iter().filter_map(|line| line.split_once(": "));
        parts
            .filter(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.to_owned())
            .collect()
    }
}

async fn deliver(
    subject: &Subject<'_>,
    link: &mut Link<'_>,
    logged: Logged,
    deltas: &mut DeltaSink<'_>,
) -> Result<Flow> {
    let token = SyncToken::try_new(logged.start.as_str())?;
    if !subject.is_within_bases(&logged.target) && !subject.is_within_bases(&logged.after) {
        return Ok(Flow::Continue);
    }
    let settings = &subject.context.session.directory().settings;
    if logged.kind.eq_ignore_ascii_case("delete") {
        let held = logged.before("objectClass");
        let wanted = settings.ldap_classes(subject.context.class);
        let all = subject.context.model.with_superiors(&held);
        let is_held = |name: &String| all.iter().any(|held| held.eq_ignore_ascii_case(name.trim()));
        // Entries need not list the superiors of their classes, and the built-in schema does not know them.
        let fits = if subject.context.model.is_read {
            wanted.iter().all(is_held)
        } else {
            wanted.iter().any(is_held)
        };
        // What the log did not keep cannot rule a deletion out.
        if !subject.is_all() && !held.is_empty() && !fits {
            return Ok(Flow::Continue);
        }
        let uid = match &settings.uid {
            UidSource::Dn => Some(logged.target.clone()),
            UidSource::Attribute(name) if name.eq_ignore_ascii_case("entryUUID") => logged.entry_uuid.clone(),
            UidSource::Attribute(name) => logged.before(name).into_iter().next(),
        };
        let class = (subject.is_all() && !held.is_empty()).then(|| subject.guess(&held));
        return match uid {
            Some(uid) => subject.deliver_deletion(Uid::try_new(uid)?, class, token, deltas).await,
            None => {
                tracing::error!(
                    "The access log does not tell the identity of a deleted entry; the deletion is not reported."
                );
                Ok(Flow::Continue)
            }
        };
    }
    let Some(decoded) = subject.read(link, &logged.after).await? else { return Ok(Flow::Continue) };
    let created = logged.kind.eq_ignore_ascii_case("add");
    let mut change = Change::new(if created { SyncDeltaType::Create } else { SyncDeltaType::Update }, token);
    if settings.uid == UidSource::Dn && logged.after != logged.target {
        change.previous = Some(Uid::try_new(logged.target)?);
    }
    subject.deliver(decoded, change, deltas).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_the_log_are_numbers() {
        let number = microseconds("20261121193813.000045Z").unwrap();
        assert_eq!(time_of(number).as_deref(), Some("20261121193813.000045Z"));
        assert_eq!(time_of(number - 46).as_deref(), Some("20261121193812.999999Z"));
        // Half a second, and none.
        assert_eq!(microseconds("20261121193813.5Z").unwrap() - number, 499_955);
        assert_eq!(microseconds("20261121193813Z").unwrap() - number, -45);
        assert_eq!(microseconds("soon"), None);
    }
}
