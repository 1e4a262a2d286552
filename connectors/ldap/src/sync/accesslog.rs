//! Changes out of the log of OpenLDAP's overlay accesslog: with deletions, in the order in which they happened.

use icf::{DeltaSink, Flow, SyncDeltaType, SyncToken, Uid};

use super::pager::Pager;
use super::subject::{Change, Subject};
use super::token;
use crate::dn::Dn;
use crate::fault::{Fault, Result};
use crate::filter::LdapFilter;
use crate::link::{Link, entry};
use crate::message::{Deref, Entry, Scope, SearchRequest, code};
use crate::settings::UidSource;

const ATTRIBUTES: [&str; 7] =
    ["reqStart", "reqType", "reqDN", "reqNewRDN", "reqNewSuperior", "reqEntryUUID", "reqOld"];

/// A change in the log.
struct Logged {
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
    let mut pager = pager(subject, LdapFilter::present("reqStart"));
    while let Some(bytes) = pager.next(link).await? {
        greatest = greatest.max(entry(&bytes)?.text("reqStart")?);
    }
    Ok(greatest)
}

fn pager(subject: &Subject<'_>, since: LdapFilter) -> Pager {
    let properties = &subject.context.session.directory().settings.properties;
    let kinds = ["add", "modify", "modrdn", "delete"].map(|kind| LdapFilter::equal("reqType", kind));
    let search = SearchRequest {
        base: properties.rs_access_log_base_dn.clone(),
        scope: Scope::OneLevel,
        deref: Deref::Never,
        filter: LdapFilter::And(vec![
            since,
            LdapFilter::equal("reqResult", "0"),
            LdapFilter::Or(kinds.to_vec()),
        ]),
        attributes: ATTRIBUTES.iter().map(|name| (*name).to_owned()).collect(),
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
    let after = token::text(token)?;
    let mut logged = Vec::new();
    let mut pager = pager(subject, LdapFilter::AtLeast("reqStart".to_owned(), after.clone().into_bytes()));
    loop {
        match pager.next(link).await {
            Ok(Some(bytes)) => logged.extend(
                Logged::read(entry(&bytes)?)?.filter(|logged| instant(&logged.start) > instant(&after)),
            ),
            Ok(None) => break,
            Err(fault) if fault.code() == Some(code::NO_SUCH_OBJECT) => {
                return Err(Fault::general(
                    "The directory has no access log under rs.accessLogBaseDn; switch the overlay accesslog on, or let the principal read its database",
                ));
            }
            Err(fault) => return Err(fault),
        }
    }
    logged.sort_by(|left, right| left.start.cmp(&right.start));
    let mut reached = after;
    for change in logged {
        reached.clone_from(&change.start);
        if deliver(subject, link, change, deltas).await? == Flow::Stop {
            break;
        }
    }
    deltas.report(SyncToken::try_new(reached)?);
    Ok(())
}

/// The digits of a time: with a fraction of the second or without, they compare as texts.
fn instant(time: &str) -> &str {
    time.trim_end_matches('Z')
}

impl Logged {
    fn read(entry: Entry<'_>) -> Result<Option<Self>> {
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
