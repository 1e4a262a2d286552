//! Changes out of `cn=changelog` (draft-good-ldap-changelog): a log of numbered changes, read window by window.

use icf::{DeltaSink, Flow, SyncDeltaType, SyncToken, Uid};
use tracing::{error, warn};

use super::captured;
use super::ldif::{self, Changed};
use super::pager::Pager;
use super::subject::{Change, Subject};
use super::token::{self, Form};
use crate::dn::{self, Dn};
use crate::fault::{Fault, Result};
use crate::filter::LdapFilter;
use crate::link::{Link, entry};
use crate::message::{Deref, Entry, Scope, SearchRequest};
use crate::settings::{ResetSyncToken, UidSource, given};

/// What of an entry of the log is asked for.
pub(super) const ATTRIBUTES: [&str; 14] = [
    "targetDN",
    "changeType",
    "changes",
    "newRdn",
    "deleteOldRdn",
    "newSuperior",
    "targetEntryUUID",
    "targetUniqueID",
    "changeInitiatorsName",
    "ibm-changeInitiatorsName",
    "deletedEntryAttrs",
    "changeTime",
    "changeNumber",
    COOKIE,
];

/// The attribute of a log entry with the token of the place behind it.
const COOKIE: &str = "changeLogCookie";

/// The log as the server describes it.
#[derive(Debug)]
pub(super) struct Log {
    base: String,
    first: i64,
    last: i64,
}

/// An entry of the log.
#[derive(Debug)]
pub(super) struct LogEntry {
    /// None in a log that is read by cookies.
    number: Option<i64>,
    pub(super) cookie: Option<String>,
    target: String,
    kind: SyncDeltaType,
    new_rdn: Option<String>,
    new_superior: Option<String>,
    changes: Vec<Changed>,
    deleted: Vec<Changed>,
    entry_uuid: Option<String>,
    unique_id: Option<String>,
    initiator: Option<String>,
}

impl Log {
    /// Asks the server.
    pub(super) async fn read(subject: &Subject<'_>, link: &mut Link<'_>) -> Result<Self> {
        let names = ["changeLog", "firstChangeNumber", "lastChangeNumber"];
        let root = link.read("", None, &names).await?;
        let configured =
            given(subject.context.session.directory().settings.properties.rs_change_log_context.as_deref());
        let (mut base, mut first, mut last) = (configured.map(str::to_owned), None, None);
        if let Some(bytes) = &root {
            let root = entry(bytes)?;
            base = base.or(root.text("changeLog")?);
            first = root.text("firstChangeNumber")?.and_then(|text| text.parse().ok());
            last = root.text("lastChangeNumber")?.and_then(|text| text.parse().ok());
        }
        match (base, first, last) {
            (Some(base), Some(first), Some(last)) => Ok(Self { base, first, last }),
            _ => Err(Fault::general(
                "The directory does not tell where its change log is and which numbers it has (changeLog, firstChangeNumber, lastChangeNumber); switch the log on, or set useTimestampsForSync",
            )),
        }
    }

    /// The token of the last change.
    pub(super) fn latest(&self) -> Result<SyncToken> {
        token::of_number(self.last, Form::Integer)
    }
}

/// Delivers the changes behind a token.
pub(super) async fn run(
    subject: &Subject<'_>,
    link: &mut Link<'_>,
    token: Option<&SyncToken>,
    deltas: &mut DeltaSink<'_>,
) -> Result<()> {
    let settings = &subject.context.session.directory().settings;
    let log = Log::read(subject, link).await?;
    let (before, form) =
        token.map(token::number).transpose()?.unwrap_or_else(|| (log.first.saturating_sub(1), Form::Integer));
    let mut next = before.saturating_add(1);
    if before > log.last {
        match settings.reset_sync_token {
            ResetSyncToken::Never => {}
            ResetSyncToken::First => next = log.first,
            ResetSyncToken::Last => {
                deltas.report(token::of_number(log.last, form)?);
                return Ok(());
            }
        }
    } else if next < log.first {
        warn!(
            from = next,
            first = log.first,
            "The change log was trimmed; changes before its first one are lost."
        );
        next = log.first;
    }
    let mut reached = None;
    while next <= log.last {
        let end = next.saturating_add(i64::from(settings.properties.change_log_block_size) - 1);
        let mut entries = window(subject, link, &log.base, next, end).await?;
        entries.sort_by_key(|(number, _)| *number);
        for (number, entry) in entries {
            let token = token::of_number(number, form)?;
            if deliver(subject, Some(link), entry, token, deltas).await? == Flow::Stop {
                deltas.report(token::of_number(number, form)?);
                return Ok(());
            }
            reached = Some(number);
        }
        // A hole in the numbers is no end; the end of all numbers is.
        let Some(behind) = end.checked_add(1) else { break };
        next = behind;
    }
    if let Some(number) = reached {
        deltas.report(token::of_number(number.max(log.last.min(next)), form)?);
    }
    Ok(())
}

async fn window(
    subject: &Subject<'_>,
    link: &mut Link<'_>,
    base: &str,
    from: i64,
    to: i64,
) -> Result<Vec<(i64, LogEntry)>> {
    let properties = &subject.context.session.directory().settings.properties;
    let attribute = &properties.change_number_attribute;
    let range = if properties.filter_with_or_instead_of_and {
        LdapFilter::any((from..=to).map(|number| LdapFilter::equal(attribute, number.to_string())))
    } else {
        LdapFilter::all([
            LdapFilter::AtLeast(attribute.clone(), from.to_string().into_bytes()),
            LdapFilter::AtMost(attribute.clone(), to.to_string().into_bytes()),
        ])
    };
    let class = (!properties.remove_log_entry_object_class_from_filter)
        .then(|| LdapFilter::equal("objectClass", "changeLogEntry"));
    let mut attributes: Vec<String> = ATTRIBUTES.iter().map(|name| (*name).to_owned()).collect();
    attributes.push(attribute.clone());
    let search = SearchRequest {
        base: base.to_owned(),
        scope: Scope::OneLevel,
        deref: Deref::Never,
        filter: LdapFilter::all(range.into_iter().chain(class)).unwrap_or_else(LdapFilter::everything),
        attributes,
    };
    let mut pager = Pager::new(search, Vec::new(), &subject.context.facts);
    let mut entries = Vec::new();
    while let Some(bytes) = pager.next(link).await? {
        // Servers that only know one of the two bounds send more than was asked for.
        let Some(entry) = LogEntry::read(entry(&bytes)?, attribute)? else { continue };
        entries
            .extend(entry.number.filter(|number| (from..=to).contains(number)).map(|number| (number, entry)));
    }
    Ok(entries)
}

impl LogEntry {
    pub(super) fn read(entry: Entry<'_>, number: &str) -> Result<Option<Self>> {
        let number = entry.text(number)?.and_then(|text| text.trim().parse().ok());
        let Some(target) = entry.text("targetDN")? else { return Ok(None) };
        let kind = entry.text("changeType")?.unwrap_or_default().trim().to_ascii_lowercase();
        let kind = match kind.as_str() {
            "add" => SyncDeltaType::Create,
            "delete" => SyncDeltaType::Delete,
            _ => SyncDeltaType::Update,
        };
        let changes = entry.values("changes")?.concat();
        let deleted = entry.values("deletedEntryAttrs")?.concat();
        Ok(Some(Self {
            number,
            cookie: entry.text(COOKIE)?,
            target,
            kind,
            new_rdn: entry.text("newRdn")?,
            new_superior: entry.text("newSuperior")?.filter(|text| !text.is_empty()),
            changes: if kind == SyncDeltaType::Create {
                ldif::attributes(&changes)
            } else {
                ldif::modifications(&changes)
            },
            deleted: ldif::attributes(&deleted),
            entry_uuid: entry.text("targetEntryUUID")?,
            unique_id: entry.text("targetUniqueID")?,
            initiator: entry.text("changeInitiatorsName")?.or(entry.text("ibm-changeInitiatorsName")?),
        }))
    }

    /// The name of the entry after the change.
    pub(super) fn name_after(&self) -> String {
        let Some(rdn) = &self.new_rdn else { return self.target.clone() };
        let old = Dn::parse(&self.target);
        let parent =
            self.new_superior.as_deref().or_else(|| old.as_ref().ok().map(Dn::parent)).unwrap_or_default();
        if parent.is_empty() { rdn.clone() } else { format!("{rdn},{parent}") }
    }

    fn is_filtered_out(&self, subject: &Subject<'_>) -> bool {
        let properties = &subject.context.session.directory().settings.properties;
        let modifier = ldif::values(&self.changes, "modifiersName").first();
        let modifier = modifier
            .map(|value| String::from_utf8_lossy(value).into_owned())
            .or_else(|| self.initiator.clone());
        let unwanted = &properties.modifiers_names_to_filter_out;
        if modifier.is_some_and(|name| unwanted.iter().any(|known| dn::same(known, &name))) {
            return true;
        }
        let wanted = &properties.attributes_to_synchronize;
        if wanted.is_empty() || self.kind != SyncDeltaType::Update {
            return false;
        }
        let is_wanted = |name: &str| wanted.iter().any(|known| known.trim().eq_ignore_ascii_case(name));
        let in_rdn = self.new_rdn.as_deref().and_then(|rdn| Dn::parse(rdn).ok());
        let renames = in_rdn.is_some_and(|rdn| rdn.rdn_pairs().iter().any(|(name, _)| is_wanted(name)));
        let moves = self.new_superior.is_some();
        !(renames || moves || self.changes.iter().any(|changed| is_wanted(&changed.attribute)))
    }
}

/// Delivers a change of the log. Without a link, which is then in the middle of a search, the entry is read aside.
pub(super) async fn deliver(
    subject: &Subject<'_>,
    link: Option<&mut Link<'_>>,
    log: LogEntry,
    token: SyncToken,
    deltas: &mut DeltaSink<'_>,
) -> Result<Flow> {
    let after = log.name_after();
    if !subject.is_within_bases(&after) && !subject.is_within_bases(&log.target) {
        return Ok(Flow::Continue);
    }
    if log.is_filtered_out(subject) {
        return Ok(Flow::Continue);
    }
    if log.kind == SyncDeltaType::Delete {
        return match uid_of_deleted(subject, &log)? {
            Some((uid, class)) => subject.deliver_deletion(uid, class, token, deltas).await,
            None => {
                error!(
                    change = token.value().as_str(),
                    number = log.number,
                    "The log does not tell the identity of a deleted entry; the deletion is not reported."
                );
                Ok(Flow::Continue)
            }
        };
    }
    let read = match link {
        Some(link) => subject.read(link, &after).await?,
        None => subject.read_aside(&after).await?,
    };
    let Some(decoded) = read else { return Ok(Flow::Continue) };
    let settings = &subject.context.session.directory().settings;
    let classes = decoded.texts("objectClass");
    let wanted = &settings.properties.object_classes_to_synchronize;
    if !wanted.iter().any(|name| classes.iter().any(|held| held.eq_ignore_ascii_case(name.trim()))) {
        return Ok(Flow::Continue);
    }
    let mut change = Change::new(log.kind, token);
    if log.new_rdn.is_some() && settings.uid == UidSource::Dn {
        change.previous = Some(Uid::try_new(log.target.as_str())?);
    }
    if settings.properties.synchronize_passwords
        && let Some(attribute) = given(settings.properties.password_attribute_to_synchronize.as_deref())
        && let Some(value) = ldif::values(&log.changes, attribute).first()
    {
        change.password = Some(captured::open(value, &settings.properties)?);
    }
    subject.deliver(decoded, change, deltas).await
}

/// The identity of a deleted entry as far as the log tells it, and its class.
fn uid_of_deleted(subject: &Subject<'_>, log: &LogEntry) -> Result<Option<(Uid, Option<icf::ObjectClass>)>> {
    let held = ldif::values(&log.deleted, "objectClass");
    let held: Vec<String> = held.iter().map(|value| String::from_utf8_lossy(value).into_owned()).collect();
    let class = (!held.is_empty() && subject.is_all()).then(|| subject.guess(&held));
    let settings = &subject.context.session.directory().settings;
    let attribute = match &settings.uid {
        UidSource::Dn => return Ok(Some((Uid::try_new(log.target.as_str())?, class))),
        UidSource::Attribute(attribute) => attribute,
    };
    let told = if attribute.eq_ignore_ascii_case("entryUUID") {
        log.entry_uuid.clone().or_else(|| log.unique_id.clone())
    } else if attribute.eq_ignore_ascii_case("nsUniqueId") {
        log.unique_id.clone()
    } else {
        None
    };
    let from_entry = || ldif::values(&log.deleted, attribute).first().cloned();
    let from_name = || Dn::parse(&log.target).ok()?.rdn_value(attribute).map(<[u8]>::to_vec);
    let uid = told.or_else(|| String::from_utf8(from_entry().or_else(from_name)?).ok());
    uid.map(|uid| Ok((Uid::try_new(uid)?, class))).transpose()
}
