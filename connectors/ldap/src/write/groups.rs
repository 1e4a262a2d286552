//! Membership in LDAP groups: the DN of an entry among the members of others.

use icf::ErrorKind;

use super::content::Content;
use super::create::bytes;
use super::hands::Hands;
use crate::dn;
use crate::fault::{Fault, Result, sub_code};
use crate::lookup;
use crate::message::control::oid;
use crate::message::{Change, ChangeKind, Control, Request, code};
use crate::search::Context;

/// Adds an entry to groups.
pub(super) async fn join(
    context: &Context<'_>,
    hands: &mut Hands<'_, '_>,
    groups: &[String],
    member: &str,
) -> Result<()> {
    let attribute = &context.session.directory().settings.properties.group_member_attribute;
    for group in groups {
        change(context, hands, group, attribute, None, Some(member)).await?;
    }
    Ok(())
}

/// Removes an entry from groups.
pub(super) async fn leave(
    context: &Context<'_>,
    hands: &mut Hands<'_, '_>,
    groups: &[String],
    member: &str,
) -> Result<()> {
    let attribute = &context.session.directory().settings.properties.group_member_attribute;
    for group in groups {
        change(context, hands, group, attribute, Some(member), None).await?;
    }
    Ok(())
}

/// Brings the groups of an entry in line with what was asked for, and with its new name.
pub(super) async fn follow(
    context: &Context<'_>,
    hands: &mut Hands<'_, '_>,
    content: &Content,
    old: &str,
    new: &str,
) -> Result<()> {
    let settings = &context.session.directory().settings;
    let renamed = old != new;
    let maintain = renamed && settings.properties.maintain_ldap_group_membership;
    if content.ldap_groups.is_none() && !maintain {
        return Ok(());
    }
    let attribute = &settings.properties.group_member_attribute;
    let under_old = lookup::groups_with(hands.service, settings, attribute, old).await?;
    // Some servers rename members by themselves.
    let under_new = if renamed {
        lookup::groups_with(hands.service, settings, attribute, new).await?
    } else {
        Vec::new()
    };
    let Some(wanted) = &content.ldap_groups else {
        for group in &under_old {
            change(context, hands, group, attribute, Some(old), Some(new)).await?;
        }
        return Ok(());
    };
    let is_among = |groups: &[String], group: &str| groups.iter().any(|known| dn::same(known, group));
    for group in &under_new {
        if !is_among(wanted, group) {
            change(context, hands, group, attribute, Some(new), None).await?;
        }
    }
    for group in &under_old {
        let stays = is_among(wanted, group);
        if renamed || !stays {
            let new = Some(new).filter(|_| stays);
            change(context, hands, group, attribute, Some(old), new).await?;
        }
    }
    for group in wanted {
        if !is_among(&under_old, group) && !is_among(&under_new, group) {
            change(context, hands, group, attribute, None, Some(new)).await?;
        }
    }
    Ok(())
}

/// Removes one member of a group and adds another. What is already so is fine.
async fn change(
    context: &Context<'_>,
    hands: &mut Hands<'_, '_>,
    group: &str,
    attribute: &str,
    remove: Option<&str>,
    add: Option<&str>,
) -> Result<()> {
    let permissive = context.facts.supports(oid::PERMISSIVE_MODIFY);
    let permissive = permissive.then(|| Control::new(oid::PERMISSIVE_MODIFY, false));
    step(hands, permissive.as_ref(), group, attribute, remove, add).await
}

/// The same for values that are no names.
pub(super) async fn change_plain(
    hands: &mut Hands<'_, '_>,
    group: &str,
    attribute: &str,
    remove: Option<&str>,
    add: Option<&str>,
) -> Result<()> {
    step(hands, None, group, attribute, remove, add).await
}

/// In one step where that is possible: a group that must have a member is never without.
async fn step(
    hands: &mut Hands<'_, '_>,
    permissive: Option<&Control>,
    group: &str,
    attribute: &str,
    remove: Option<&str>,
    add: Option<&str>,
) -> Result<()> {
    let one =
        |kind, value: &str| Change { kind, attribute: attribute.to_owned(), values: vec![bytes(value)] };
    let changes: Vec<Change> = remove
        .map(|value| one(ChangeKind::Delete, value))
        .into_iter()
        .chain(add.map(|value| one(ChangeKind::Add, value)))
        .collect();
    let controls = hands.controls(permissive.cloned());
    let request = Request::Modify { dn: group, changes: &changes };
    let Err(fault) = hands.execute(&request, &controls, group).await else { return Ok(()) };
    if remove.is_some() && add.is_some() && (is_there(&fault) || is_absent(&fault)) {
        Box::pin(step(hands, permissive, group, attribute, None, add)).await?;
        return Box::pin(step(hands, permissive, group, attribute, remove, None)).await;
    }
    match fault.code() {
        _ if add.is_some() && is_there(&fault) => Ok(()),
        _ if remove.is_some() && is_absent(&fault) => Ok(()),
        Some(code::NO_SUCH_OBJECT) if remove.is_some() => Ok(()),
        Some(code::OBJECT_CLASS_VIOLATION) => Err(fault
            .refused_as(ErrorKind::InvalidAttributeValue)
            .and(&format!("The group {group} must keep a member"))),
        _ => Err(fault),
    }
}

/// Whether the server says that the value is there already. Active Directory and Samba say it in their own way.
pub(super) fn is_there(fault: &Fault) -> bool {
    matches!(fault.code(), Some(code::ATTRIBUTE_OR_VALUE_EXISTS | code::ENTRY_ALREADY_EXISTS))
        || matches!(sub_code(fault.diagnostic()), Some(0x528 | 0x562))
}

/// Whether the server says that the value is not there.
pub(super) fn is_absent(fault: &Fault) -> bool {
    let text = fault.diagnostic().to_lowercase();
    fault.code() == Some(code::NO_SUCH_ATTRIBUTE)
        || matches!(sub_code(fault.diagnostic()), Some(0x529 | 0x561))
        || fault.code() == Some(code::UNWILLING_TO_PERFORM)
            && (text.contains("doesn't exist") || text.contains("already deleted"))
}
