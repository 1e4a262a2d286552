//! Single values added to and removed from attributes.

use icf::writing::ValueChange;
use icf::{AttributeSet, OperationOptions, Uid};
use zeroize::Zeroizing;

use super::content::Content;
use super::create::texts_of;
use super::hands::{Hands, UserSlot};
use super::{groups, posix};
use crate::fault::{Fault, Result};
use crate::link::Link;
use crate::lookup;
use crate::message::control::oid;
use crate::message::{Change, ChangeKind, Control, Request, code};
use crate::search::Context;
use crate::settings::UidSource;
use icf::writing::unknown_object;

/// Adds or removes values and answers the identity of the entry.
pub(crate) async fn change_values(
    context: &Context<'_>,
    link: &mut Link<'_>,
    uid: &Uid,
    attributes: &AttributeSet,
    options: &OperationOptions,
    change: ValueChange,
) -> Result<Uid> {
    let settings = &context.session.directory().settings;
    let content = Content::new(context, attributes)?;
    let dn = match settings.uid {
        UidSource::Dn => uid.value().to_owned(),
        UidSource::Attribute(_) => lookup::dn_of(context, link, context.class, uid).await?,
    };
    let slot = UserSlot::default();
    let mut hands = Hands::new(context, link, &slot, options).await?;
    let adds = change == ValueChange::Add;
    let uids = match content.get("uid").filter(|_| !adds) {
        None => None,
        Some(gone) => {
            let before = texts_of(hands.service, &dn, "uid").await?;
            let removed =
                |uid: &String| gone.is_empty() || gone.iter().any(|value| value.as_slice() == uid.as_bytes());
            let after: Vec<String> = before.iter().filter(|uid| !removed(uid)).cloned().collect();
            posix::check_removal(context, &mut hands, &before, &after, None).await?;
            Some(before)
        }
    };
    let kind = if adds { ChangeKind::Add } else { ChangeKind::Delete };
    let changes: Vec<Change> = content
        .plain
        .iter()
        // Adding nothing is nothing; removing nothing in particular removes everything.
        .filter(|(_, values)| !adds || !values.is_empty())
        .map(|(attribute, values)| Change { kind, attribute: attribute.clone(), values: values.clone() })
        .collect();
    modify(context, &mut hands, uid, &dn, &changes).await?;
    if let Some(wanted) = &content.ldap_groups {
        if adds {
            groups::join(context, &mut hands, wanted, &dn).await?;
        } else {
            groups::leave(context, &mut hands, wanted, &dn).await?;
        }
    }
    if let Some(wanted) = &content.posix_groups {
        posix::change(&mut hands, wanted, &dn, adds).await?;
    } else if let Some(before) = uids {
        posix::follow(context, &mut hands, None, &before, &dn).await?;
    }
    let changes_uid = settings.uid.attribute().is_some_and(|attribute| content.get(attribute).is_some());
    if changes_uid {
        let found = lookup::uid_of(hands.service, context, &dn).await?;
        return found
            .ok_or_else(|| Fault::general(format!("The entry {dn} was changed but cannot be read back")));
    }
    Ok(uid.clone())
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
    let permissive = context.session.directory().settings.properties.rs_permissive_modify;
    let control = permissive && context.facts.supports(oid::PERMISSIVE_MODIFY);
    let controls = hands.controls(control.then(|| Control::new(oid::PERMISSIVE_MODIFY, true)));
    let outcome = hands.execute(&Request::Modify { dn, changes }, &controls, dn).await;
    match outcome {
        Ok(_) => Ok(()),
        Err(fault) if permissive && is_so(&fault) => one_by_one(hands, dn, changes).await,
        Err(fault) if fault.code() == Some(code::NO_SUCH_OBJECT) => {
            Err(Fault::Final(unknown_object(uid, context.class)))
        }
        Err(fault) => Err(fault),
    }
}

fn is_so(fault: &Fault) -> bool {
    groups::is_there(fault) || groups::is_absent(fault)
}

/// Each value by itself, for servers that do not know the control; what is already so is left.
async fn one_by_one(hands: &mut Hands<'_, '_>, dn: &str, changes: &[Change]) -> Result<()> {
    for change in changes {
        let single = |value: &Zeroizing<Vec<u8>>| vec![value.clone()];
        let lists = if change.values.is_empty() {
            vec![Vec::new()]
        } else {
            change.values.iter().map(single).collect::<Vec<_>>()
        };
        for values in lists {
            let one = [Change { kind: change.kind, attribute: change.attribute.clone(), values }];
            let controls = hands.controls([]);
            match hands.execute(&Request::Modify { dn, changes: &one }, &controls, dn).await {
                Err(fault) if !is_so(&fault) => return Err(fault),
                _ => {}
            }
        }
    }
    Ok(())
}
