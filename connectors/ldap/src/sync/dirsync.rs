//! Changes by Active Directory's own replication: the DirSync control ([MS-ADTS] 3.1.1.3.4.1.3). The token is the server's
//! cookie; it is good for every domain controller. An answer holds only what changed, so each object is read again.

use bytes::Bytes;
use icf::{DeltaSink, Flow, SyncDeltaType, SyncToken, Uid};

use super::subject::{Change, Subject};
use super::token::{self, Opaque};
use super::{DIRSYNC_EVENTS, events};
use crate::ad::guid;
use crate::fault::{Fault, Result};
use crate::filter::LdapFilter;
use crate::link::{Answer, Link, entry};
use crate::message::control::{oid, value_of};
use crate::message::sync::{dir_sync, dir_sync_done};
use crate::message::{Deref, Entry, LdapResult, Scope, SearchRequest, code};
use crate::settings::UidSource;

/// What is asked for besides the attributes of objects.
const ATTRIBUTES: [&str; 6] =
    ["objectGUID", "objectClass", "name", "whenCreated", "isDeleted", "lastKnownParent"];

/// The cookie of now: a search that finds nothing is answered with it.
pub(super) async fn latest(subject: &Subject<'_>, link: &mut Link<'_>) -> Result<SyncToken> {
    let nothing = LdapFilter::everything().negated();
    let mut search = Search::new(subject, nothing, vec!["objectGUID".to_owned()])?;
    while search.goes_on {
        let mut answers = search.ask(link).await?;
        while let Some(answer) = link.next(&mut answers).await? {
            if let Answer::Done(result) = answer {
                search.turn(result)?;
            }
        }
    }
    token::of_bytes(&search.cookie, Opaque::Bytes)
}

/// Delivers what changed since the token; everything without one.
pub(super) async fn run(
    subject: &Subject<'_>,
    link: &mut Link<'_>,
    token: Option<&SyncToken>,
    deltas: &mut DeltaSink<'_>,
) -> Result<()> {
    let are_events = subject.context.class.is(DIRSYNC_EVENTS);
    let mut search = if are_events {
        Search::new(subject, events::filter(), events::ATTRIBUTES.map(str::to_owned).to_vec())?
    } else {
        // Only changes of what is asked for are told. All there is would be told with the hashes of passwords.
        let mut attributes = subject.requested();
        attributes.extend(ATTRIBUTES.map(str::to_owned));
        Search::new(subject, classes(subject).unwrap_or_else(LdapFilter::everything), attributes)?
    };
    let (cookie, form) = token.map(token::bytes).transpose()?.unwrap_or((Vec::new(), Opaque::Bytes));
    search.cookie = cookie;
    let is_full = search.cookie.is_empty();
    while search.goes_on {
        // Only between answers there is a place to go on from.
        let here = token::of_bytes(&search.cookie, form)?;
        let mut answers = search.ask(link).await?;
        while let Some(answer) = link.next(&mut answers).await? {
            let flow = match answer {
                Answer::Entry(bytes) if are_events => events::deliver(subject, &bytes, &here, deltas).await?,
                Answer::Entry(bytes) => deliver(subject, &bytes, is_full, &here, deltas).await?,
                Answer::Done(result) => {
                    search.turn(result)?;
                    Flow::Continue
                }
                Answer::Reference(_) | Answer::Info(_) => Flow::Continue,
            };
            if flow == Flow::Stop {
                link.abandon(&mut answers).await;
                deltas.report(here);
                return Ok(());
            }
        }
    }
    deltas.report(token::of_bytes(&search.cookie, form)?);
    Ok(())
}

/// The condition of class alone: what a deleted object has lost must not hide it.
fn classes(subject: &Subject<'_>) -> Option<LdapFilter> {
    let settings = &subject.context.session.directory().settings;
    if subject.is_all() {
        let classes = &settings.properties.object_classes_to_synchronize;
        return LdapFilter::any(classes.iter().map(|name| LdapFilter::equal("objectClass", name.trim())));
    }
    settings.class_filter(subject.context.class)
}

/// A search through the whole domain, which DirSync wants.
struct Search {
    request: SearchRequest,
    cookie: Vec<u8>,
    begun: bool,
    goes_on: bool,
}

impl Search {
    fn new(subject: &Subject<'_>, filter: LdapFilter, attributes: Vec<String>) -> Result<Self> {
        let domain = subject.context.facts.default_naming_context.clone();
        let base = domain.ok_or_else(|| {
            Fault::general(
                "The directory names no domain (defaultNamingContext) whose changes DirSync could tell",
            )
        })?;
        let request = SearchRequest { base, scope: Scope::Subtree, deref: Deref::Never, filter, attributes };
        Ok(Self { request, cookie: Vec::new(), begun: false, goes_on: true })
    }

    async fn ask(&mut self, link: &mut Link<'_>) -> Result<crate::link::Answers> {
        let control = [dir_sync(&self.cookie)];
        if std::mem::replace(&mut self.begun, true) {
            link.resume(&self.request, &control).await
        } else {
            link.start(&self.request, &control).await
        }
    }

    /// Takes the cookie out of a result.
    fn turn(&mut self, result: LdapResult) -> Result<()> {
        if !matches!(result.code, code::SUCCESS | code::PARTIAL_RESULTS | code::REFERRAL) {
            let refused = Fault::refused("tell changes by DirSync", result);
            return Err(refused.and("If it refuses the cookie, clear the stored token"));
        }
        let done = value_of(&result.controls, oid::DIR_SYNC).map(dir_sync_done).transpose()?;
        let (more, cookie) =
            done.ok_or_else(|| Fault::general("The directory answered DirSync without its control"))?;
        if more && cookie == self.cookie {
            return Err(Fault::general(
                "DirSync does not go on: the directory answers with the cookie it was given",
            ));
        }
        (self.goes_on, self.cookie) = (more, cookie);
        Ok(())
    }
}

/// The name by which an object is read, whatever became of its DN.
pub(super) fn by_guid(entry: Entry<'_>) -> Result<Option<String>> {
    let values = entry.values("objectGUID")?;
    Ok(values.first().and_then(|bytes| guid::text(bytes, true)))
}

/// A name as other servers have it: DirSync may put `<GUID=...>;<SID=...>;` before it.
pub(super) fn plain_name(mut name: &str) -> &str {
    while let Some((_, rest)) = name.strip_prefix('<').and_then(|name| name.split_once(">;")) {
        name = rest;
    }
    name
}

/// Whether the entry is that of a deleted object.
pub(super) fn is_deleted(entry: Entry<'_>) -> Result<bool> {
    Ok(entry.text("isDeleted")?.is_some_and(|text| text.eq_ignore_ascii_case("TRUE")))
}

async fn deliver(
    subject: &Subject<'_>,
    bytes: &Bytes,
    is_full: bool,
    here: &SyncToken,
    deltas: &mut DeltaSink<'_>,
) -> Result<Flow> {
    let changed = entry(bytes)?;
    if is_deleted(changed)? {
        return deliver_deletion(subject, changed, here, deltas).await;
    }
    let Some(name) = by_guid(changed)?.filter(|_| subject.is_within_bases(changed.dn)) else {
        return Ok(Flow::Continue);
    };
    let Some(decoded) = subject.read_aside(&name).await? else { return Ok(Flow::Continue) };
    // What never changes is among the changes of an object only when it is new.
    let kind = match (is_full, changed.text("whenCreated")?.is_some()) {
        (true, _) => SyncDeltaType::CreateOrUpdate,
        (false, true) => SyncDeltaType::Create,
        (false, false) => SyncDeltaType::Update,
    };
    subject.deliver(decoded, Change::new(kind, here.clone()), deltas).await
}

async fn deliver_deletion(
    subject: &Subject<'_>,
    gone: Entry<'_>,
    here: &SyncToken,
    deltas: &mut DeltaSink<'_>,
) -> Result<Flow> {
    let parent = gone.text("lastKnownParent")?;
    if parent.is_some_and(|parent| !subject.is_within_bases(plain_name(&parent))) {
        return Ok(Flow::Continue);
    }
    let settings = &subject.context.session.directory().settings;
    let uid = match &settings.uid {
        UidSource::Attribute(name) if name.eq_ignore_ascii_case("objectGUID") => gone
            .values(name)?
            .first()
            .and_then(|bytes| guid::text(bytes, settings.properties.use_old_adguid_format)),
        UidSource::Attribute(name) => gone.text(name)?,
        UidSource::Dn => None,
    };
    let Some(uid) = uid else {
        tracing::error!(
            "DirSync does not tell the identity of a deleted object; the deletion is not reported. Set uidAttribute to objectGUID."
        );
        return Ok(Flow::Continue);
    };
    let held = gone.texts("objectClass")?;
    let class = (subject.is_all() && !held.is_empty()).then(|| subject.guess(&held));
    subject.deliver_deletion(Uid::try_new(uid)?, class, here.clone(), deltas).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identities_before_a_name_are_no_part_of_it() {
        assert_eq!(plain_name("<GUID=53be>;<SID=S-1>;OU=a,DC=b"), "OU=a,DC=b");
        assert_eq!(plain_name("OU=<x>;,DC=b"), "OU=<x>;,DC=b");
    }
}
