//! Entries renamed, moved and changed.

use icf::{AttributeSet, ConnectorError, ErrorKind, OperationOptions, Uid};

use super::content::{Bytes, Content};
use super::create::{encoded, texts_of};
use super::hands::{Hands, UserSlot};
use super::{account, groups, posix};
use crate::authenticate::try_login;
use crate::dn::Dn;
use crate::fault::{Fault, Result};
use crate::link::Link;
use crate::lookup;
use crate::message::control::oid;
use crate::message::{Change, ChangeKind, Control, Request, code};
use crate::search::Context;
use icf::writing::unknown_object;

/// Replaces attributes of an entry and answers its identity.
pub(crate) async fn update(
    context: &Context<'_>,
    link: &mut Link<'_>,
    uid: &Uid,
    attributes: &AttributeSet,
    options: &OperationOptions,
) -> Result<Uid> {
    let content = Content::new(context, attributes)?;
    let old = lookup::dn_of(context, link, context.class, uid).await?;
    let slot = UserSlot::default();
    let mut hands = Hands::new(context, link, &slot, options).await?;
    let uids = uids_before(context, &mut hands, &content, &old).await?;
    if let (Some(current), false) = (&content.current_password, context.facts.profile().is_microsoft) {
        let result = try_login(context, &old, current).await?;
        if result.code != code::SUCCESS {
            return Err(Fault::refused(format!("accept the current password of {old}"), result)
                .refused_as(ErrorKind::InvalidPassword));
        }
    }
    let new = match &content.name {
        Some(name) => rename(&mut hands, uid, &old, name, context).await?,
        None => old.clone(),
    };
    let mut changes = replacements(&content, &new);
    changes.extend(passwords(context, &content));
    changes.extend(account::for_update(context, hands.service, &new, &content.flags).await?);
    modify(context, &mut hands, uid, &new, &changes).await?;
    groups::follow(context, &mut hands, &content, &old, &new).await?;
    if let Some(uids) = uids {
        posix::follow(context, &mut hands, content.posix_groups.as_ref(), &uids, &new).await?;
    }
    let found = lookup::uid_of(hands.service, context, &new).await?;
    found.ok_or_else(|| Fault::general(format!("The entry {new} was changed but cannot be read back")))
}

/// The uids of the entry before the change, if POSIX groups have to do with it. Taking the last one away from a member
/// is refused.
async fn uids_before(
    context: &Context<'_>,
    hands: &mut Hands<'_, '_>,
    content: &Content,
    dn: &str,
) -> Result<Option<Vec<String>>> {
    let touches_uid = content.get("uid").is_some() || content.name.is_some();
    let maintain = context.session.directory().settings.properties.maintain_posix_group_membership;
    if content.posix_groups.is_none() && content.get("uid").is_none() && !(maintain && touches_uid) {
        return Ok(None);
    }
    let before = texts_of(hands.service, dn, "uid").await?;
    if let Some(values) = content.get("uid") {
        let after: Vec<String> =
            values.iter().filter_map(|value| String::from_utf8(value.to_vec()).ok()).collect();
        posix::check_removal(context, hands, &before, &after, content.posix_groups.as_ref()).await?;
    }
    Ok(Some(before))
}

/// Renames or moves an entry and answers its name; other spellings of the present name change nothing.
async fn rename(
    hands: &mut Hands<'_, '_>,
    uid: &Uid,
    old: &str,
    new: &Dn,
    context: &Context<'_>,
) -> Result<String> {
    let present = Dn::parse(old).map_err(|bad| Fault::general(bad.to_string()))?;
    if present.is_same(new) {
        return Ok(old.to_owned());
    }
    let stays = crate::dn::same(present.parent(), new.parent());
    let new_superior = Some(new.parent()).filter(|_| !stays);
    let request = Request::ModifyDn { dn: old, new_rdn: new.rdn(), new_superior };
    let controls = hands.controls([]);
    match hands.execute(&request, &controls, &format!("{old} to {new}")).await {
        Ok(_) => {}
        Err(fault) if fault.code() == Some(code::NO_SUCH_OBJECT) => {
            let gone = hands.service.read(old, None, &["1.1"]).await?.is_none();
            return Err(if gone {
                Fault::Final(unknown_object(uid, context.class))
            } else {
                fault
                    .refused_as(ErrorKind::InvalidAttributeValue)
                    .and(&format!("The new parent entry {} does not exist", new.parent()))
            });
        }
        Err(fault) => return Err(fault),
    }
    Ok(hands.service.spelled(new.as_str()).await?.unwrap_or_else(|| new.as_str().to_owned()))
}

/// One replacement for each attribute. That of the naming attribute is left out where the rename has done it.
fn replacements(content: &Content, name: &str) -> Vec<Change> {
    let name = Dn::parse(name).ok();
    let is_done = |attribute: &str, values: &Bytes| {
        let in_name = name.as_ref().and_then(|name| name.rdn_value(attribute));
        matches!((values.as_slice(), in_name), ([value], Some(in_name)) if value.as_slice() == in_name)
    };
    content
        .plain
        .iter()
        .filter(|(attribute, values)| !is_done(attribute, values))
        .map(|(attribute, values)| Change {
            kind: ChangeKind::Replace,
            attribute: attribute.clone(),
            values: values.clone(),
        })
        .collect()
}

/// A password is replaced; by its owner at Active Directory it is exchanged for the old one.
fn passwords(context: &Context<'_>, content: &Content) -> Vec<Change> {
    let Some(password) = &content.password else { return Vec::new() };
    let attribute = &context.session.directory().settings.properties.password_attribute;
    let change = |kind, password: Option<&icf::GuardedString>| Change {
        kind,
        attribute: attribute.clone(),
        values: password.map(|password| encoded(context, password)).into_iter().collect(),
    };
    match (&content.current_password, password) {
        (Some(current), Some(password)) if context.facts.profile().is_microsoft => {
            vec![change(ChangeKind::Delete, Some(current)), change(ChangeKind::Add, Some(password))]
        }
        (_, password) => vec![change(ChangeKind::Replace, password.as_ref())],
    }
}

async fn modify(
    context: &Context<'_>,
    hands: &mut Hands<'_, '_>,
    uid: &Uid,
    dn: &str,
    changes: &[Change],
) -> Result<()> {
    if changes.is_empty() {
        return Ok(());
    }
    let enforce = context.session.directory().settings.properties.enforce_ad_password_policy_on_reset
        && changes.iter().any(|change| {
            change.kind == ChangeKind::Replace && change.attribute.eq_ignore_ascii_case("unicodePwd")
        });
    let hints = enforce.then(|| {
        Control::new(oid::POLICY_HINTS, true).with(|value| value.sequence(|inside| inside.integer(1)))
    });
    let controls = hands.controls(hints);
    match hands.execute(&Request::Modify { dn, changes }, &controls, dn).await {
        Ok(_) => Ok(()),
        Err(fault) if fault.code() == Some(code::NO_SUCH_OBJECT) => {
            Err(Fault::Final(unknown_object(uid, context.class)))
        }
        Err(fault) => Err(about_password(fault, changes, context)),
    }
}

/// A refusal for the policy's sake names the attribute that callers know.
fn about_password(fault: Fault, changes: &[Change], context: &Context<'_>) -> Fault {
    let attribute = &context.session.directory().settings.properties.password_attribute;
    let touches = changes.iter().any(|change| change.attribute.eq_ignore_ascii_case(attribute));
    if touches && fault.code() == Some(code::CONSTRAINT_VIOLATION) {
        let error = ConnectorError::from(fault);
        let text = format!("{error}. The new value of __PASSWORD__ was not accepted");
        return Fault::Final(ConnectorError::new(error.kind().clone(), text));
    }
    fault
}
