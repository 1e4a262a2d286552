//! Membership in POSIX groups: the uid of an entry among the `memberUid` values of others.

use icf::ConnectorError;

use super::content::Content;
use super::create::texts_of;
use super::groups;
use super::hands::Hands;
use crate::dn::Dn;
use crate::fault::{Fault, Result};
use crate::lookup;
use crate::search::Context;

/// The attribute of groups.
const MEMBER_UID: &str = "memberUid";

/// The uid by which a new entry is listed, if it is to be listed.
pub(super) fn uid_for(_context: &Context<'_>, content: &Content, name: &Dn) -> Result<Option<String>> {
    let Some(groups) = content.posix_groups.as_ref().filter(|groups| !groups.is_empty()) else {
        return Ok(None);
    };
    let given = content.get("uid").into_iter().flatten();
    let given = given.filter_map(|value| std::str::from_utf8(value).ok().map(str::to_owned));
    let in_name = name.rdn_value("uid").and_then(|value| std::str::from_utf8(value).ok()).map(str::to_owned);
    match given.chain(in_name).min() {
        Some(uid) => Ok(Some(uid)),
        None => Err(cannot_add(name.as_str(), groups)),
    }
}

fn cannot_add(name: &str, groups: &[String]) -> Fault {
    Fault::Final(ConnectorError::connector(format!(
        "Cannot add {name} to the POSIX groups {}: it has no uid",
        groups.join("; ")
    )))
}

/// Lists a uid in groups.
pub(super) async fn join(hands: &mut Hands<'_, '_>, wanted: &[String], uid: &str) -> Result<()> {
    for group in wanted {
        groups::change_plain(hands, group, MEMBER_UID, None, Some(uid)).await?;
    }
    Ok(())
}

/// The groups that list one of these uids, each with the uids it lists.
pub(super) async fn listing(
    context: &Context<'_>,
    hands: &mut Hands<'_, '_>,
    uids: &[String],
) -> Result<Vec<(String, String)>> {
    let settings = &context.session.directory().settings;
    let mut listed = Vec::new();
    for uid in uids {
        let groups = lookup::groups_with(hands.service, settings, MEMBER_UID, uid).await?;
        listed.extend(groups.into_iter().map(|group| (group, uid.clone())));
    }
    Ok(listed)
}

/// Refuses to take the last uid away from an entry that is listed by it.
pub(super) async fn check_removal(
    context: &Context<'_>,
    hands: &mut Hands<'_, '_>,
    old: &[String],
    new: &[String],
    posix_groups: Option<&Vec<String>>,
) -> Result<()> {
    if !new.is_empty() || posix_groups.is_some_and(Vec::is_empty) {
        return Ok(());
    }
    match listing(context, hands, old).await?.first() {
        None => Ok(()),
        Some((group, uid)) => Err(Fault::Final(ConnectorError::connector(format!(
            "Cannot remove the attribute uid because '{uid}' is a member of the POSIX group {group}"
        )))),
    }
}

/// Brings the groups of an entry in line with what was asked for, and with its new uids.
pub(super) async fn follow(
    context: &Context<'_>,
    hands: &mut Hands<'_, '_>,
    wanted: Option<&Vec<String>>,
    old: &[String],
    dn: &str,
) -> Result<()> {
    let maintain = context.session.directory().settings.properties.maintain_posix_group_membership;
    if wanted.is_none() && !maintain {
        return Ok(());
    }
    let new = texts_of(hands.service, dn, "uid").await?;
    let smallest = new.iter().min().cloned();
    let mut all: Vec<String> = old.iter().chain(&new).cloned().collect();
    all.sort();
    all.dedup();
    let listed = listing(context, hands, &all).await?;
    let gone = |uid: &String| !new.contains(uid);
    let Some(wanted) = wanted else {
        for (group, uid) in listed.iter().filter(|(_, uid)| gone(uid)) {
            groups::change_plain(hands, group, MEMBER_UID, Some(uid), smallest.as_deref()).await?;
        }
        return Ok(());
    };
    for (group, uid) in &listed {
        let stays = wanted.iter().any(|known| crate::dn::same(known, group));
        if !stays {
            groups::change_plain(hands, group, MEMBER_UID, Some(uid), None).await?;
        } else if gone(uid) {
            groups::change_plain(hands, group, MEMBER_UID, Some(uid), smallest.as_deref()).await?;
        }
    }
    let missing: Vec<String> = wanted
        .iter()
        .filter(|group| !listed.iter().any(|(known, _)| crate::dn::same(known, group)))
        .cloned()
        .collect();
    match smallest {
        _ if missing.is_empty() => Ok(()),
        Some(uid) => join(hands, &missing, &uid).await,
        None => Err(cannot_add(dn, &missing)),
    }
}

/// Lists an entry in groups, or no longer.
pub(super) async fn change(hands: &mut Hands<'_, '_>, wanted: &[String], dn: &str, add: bool) -> Result<()> {
    let uids = texts_of(hands.service, dn, "uid").await?;
    if add {
        let Some(uid) = uids.iter().min() else { return Err(cannot_add(dn, wanted)) };
        return join(hands, wanted, uid).await;
    }
    for group in wanted {
        for uid in &uids {
            groups::change_plain(hands, group, MEMBER_UID, Some(uid), None).await?;
        }
    }
    Ok(())
}

/// Takes the uids of an entry out of all groups.
pub(super) async fn forget(context: &Context<'_>, hands: &mut Hands<'_, '_>, dn: &str) -> Result<()> {
    let uids = texts_of(hands.service, dn, "uid").await?;
    for (group, uid) in listing(context, hands, &uids).await? {
        groups::change_plain(hands, &group, MEMBER_UID, Some(&uid), None).await?;
    }
    Ok(())
}
