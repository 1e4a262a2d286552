//! Events of Active Directory (`__DIRSYNC_EVENTS__`): who became or ceased to be a member of a group, whose account flags
//! changed, who left the bases. Read by DirSync.

use bytes::Bytes;
use icf::{
    Attribute, ConnectorObject, DeltaSink, Flow, ObjectClass, SyncDelta, SyncDeltaType, SyncToken, names,
};

use super::dirsync::{by_guid, is_deleted, plain_name};
use super::subject::Subject;
use crate::ad::guid;
use crate::fault::Result;
use crate::filter::LdapFilter;
use crate::link::entry;
use crate::lookup;
use crate::message::Entry;
use crate::projection::Projection;

/// The attributes whose changes make events, and those that tell a new object from one that was moved.
pub(super) const ATTRIBUTES: [&str; 6] =
    ["member", "userAccountControl", "name", "whenCreated", "isDeleted", "objectGUID"];

/// What is told of an account.
const FLAGS: [&str; 6] = [
    names::ENABLE,
    names::LOCK_OUT,
    names::PASSWORD_EXPIRED,
    "__DONT_EXPIRE_PASSWORD__",
    "__PASSWORD_NOTREQD__",
    "__SMARTCARD_REQUIRED__",
];

/// How DirSync names members that were added, and those that were removed.
const MEMBERS: [(&str, &str); 2] =
    [("member;range=1-1", "addedToGroup"), ("member;range=0-0", "removedFromGroup")];

/// Groups and users.
pub(super) fn filter() -> LdapFilter {
    LdapFilter::Or(vec![LdapFilter::equal("objectClass", "group"), LdapFilter::equal("objectClass", "user")])
}

/// Delivers the events in a change.
pub(super) async fn deliver(
    subject: &Subject<'_>,
    bytes: &Bytes,
    here: &SyncToken,
    deltas: &mut DeltaSink<'_>,
) -> Result<Flow> {
    let changed = entry(bytes)?;
    if is_deleted(changed)? {
        return Ok(Flow::Continue);
    }
    for (name, event) in MEMBERS {
        for member in changed.texts(name)? {
            if deliver_member(subject, changed, plain_name(&member), event, here, deltas).await? == Flow::Stop
            {
                return Ok(Flow::Stop);
            }
        }
    }
    deliver_account(subject, changed, here, deltas).await
}

async fn deliver_member(
    subject: &Subject<'_>,
    group: Entry<'_>,
    member: &str,
    event: &'static str,
    here: &SyncToken,
    deltas: &mut DeltaSink<'_>,
) -> Result<Flow> {
    let context = subject.context;
    let uid = {
        let mut link = context.session.aside(&context.patience).await;
        lookup::uid_of(&mut link, context, member).await?
    };
    // A member that is gone meanwhile is told by its deletion.
    let Some(uid) = uid else { return Ok(Flow::Continue) };
    let old = context.session.directory().settings.properties.use_old_adguid_format;
    let group_guid = group.values("objectGUID")?.first().and_then(|bytes| guid::text(bytes, old));
    let mut object = ConnectorObject::new(context.class.clone(), uid, member);
    object.attributes.push(Attribute::single(event, group.dn));
    object.attributes.extend(group_guid.map(|guid| Attribute::single("groupGUID", guid)));
    push(object, here, deltas).await
}

/// Flags are told as they are now, and only of accounts whose flags were changed or that left the bases.
async fn deliver_account(
    subject: &Subject<'_>,
    changed: Entry<'_>,
    here: &SyncToken,
    deltas: &mut DeltaSink<'_>,
) -> Result<Flow> {
    let is_inside = subject.is_within_bases(changed.dn);
    let has_flags = changed.text("userAccountControl")?.is_some();
    // A name changes with a move; a new object has one too.
    let has_left = !is_inside && changed.text("name")?.is_some() && changed.text("whenCreated")?.is_none();
    if !(is_inside && has_flags || has_left) {
        return Ok(Flow::Continue);
    }
    let Some(name) = by_guid(changed)? else { return Ok(Flow::Continue) };
    let context = subject.context;
    let settings = &context.session.directory().settings;
    let profile = context.facts.profile();
    let mut projection =
        Projection::new(&ObjectClass::ACCOUNT, Some(&FLAGS), settings, &context.model, profile);
    projection.need("objectClass", settings, &context.model, profile);
    let requested = projection.requested();
    let requested: Vec<&str> = requested.iter().map(String::as_str).collect();
    let found = {
        let mut link = context.session.aside(&context.patience).await;
        link.read(&name, Some(LdapFilter::equal("objectClass", "user")), &requested).await?
    };
    let Some(found) = found else { return Ok(Flow::Continue) };
    let mut object = projection.decode(entry(&found)?)?.object;
    object.object_class = context.class.clone();
    if has_left {
        object.attributes.push(Attribute::single("outOfScope", true));
    }
    push(object, here, deltas).await
}

async fn push(object: ConnectorObject, here: &SyncToken, deltas: &mut DeltaSink<'_>) -> Result<Flow> {
    let delta = SyncDelta {
        token: here.clone(),
        delta_type: SyncDeltaType::Update,
        previous_uid: None,
        object_class: Some(object.object_class.clone()),
        uid: object.uid.clone(),
        object: Some(object),
    };
    Ok(deltas.push(delta).await?)
}
