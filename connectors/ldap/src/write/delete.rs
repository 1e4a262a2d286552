//! Entries deleted, with their memberships and, if that is allowed, with what is below them.

use icf::writing::unknown_object;
use icf::{OperationOptions, Uid};

use super::hands::{Hands, UserSlot};
use super::{groups, posix};
use crate::dn::Dn;
use crate::fault::{Fault, Result};
use crate::filter::LdapFilter;
use crate::link::{Link, entry};
use crate::lookup;
use crate::message::control::oid;
use crate::message::{Control, Request, code};
use crate::search::Context;

/// Deletes the entry of an identity, which must be of the class.
pub(crate) async fn delete(
    context: &Context<'_>,
    link: &mut Link<'_>,
    uid: &Uid,
    options: &OperationOptions,
) -> Result<()> {
    let settings = &context.session.directory().settings;
    let properties = &settings.properties;
    let dn = lookup::dn_of(context, link, context.class, uid).await?;
    let slot = UserSlot::default();
    let mut hands = Hands::new(context, link, &slot, options).await?;
    if properties.maintain_ldap_group_membership {
        let attribute = &properties.group_member_attribute;
        let listed = lookup::groups_with(hands.service, settings, attribute, &dn).await?;
        groups::leave(context, &mut hands, &listed, &dn).await?;
    }
    if properties.maintain_posix_group_membership {
        posix::forget(context, &mut hands, &dn).await?;
    }
    let tree = properties.allow_tree_delete && context.facts.supports(oid::TREE_DELETE);
    let controls = hands.controls(tree.then(|| Control::new(oid::TREE_DELETE, true)));
    match hands.execute(&Request::Delete { dn: &dn }, &controls, &dn).await {
        Ok(_) => Ok(()),
        Err(fault) if fault.code() == Some(code::NO_SUCH_OBJECT) => {
            Err(Fault::Final(unknown_object(uid, context.class)))
        }
        Err(fault)
            if properties.allow_tree_delete
                && matches!(
                    fault.code(),
                    Some(code::NOT_ALLOWED_ON_NON_LEAF | code::UNAVAILABLE_CRITICAL_EXTENSION)
                ) =>
        {
            from_the_leaves(&mut hands, &dn).await
        }
        Err(fault) => Err(fault),
    }
}

/// Deletes what is below an entry, the deepest first, then the entry.
async fn from_the_leaves(hands: &mut Hands<'_, '_>, dn: &str) -> Result<()> {
    let search = lookup::below(dn, LdapFilter::everything(), &["1.1"]);
    let mut names = Vec::new();
    for bytes in hands.service.find(&search, &[]).await? {
        names.push(entry(&bytes)?.dn.to_owned());
    }
    names.sort_by_key(|name| std::cmp::Reverse(Dn::parse(name).map_or(0, |dn| dn.depth())));
    for name in names {
        let controls = hands.controls([]);
        match hands.execute(&Request::Delete { dn: &name }, &controls, &name).await {
            // Gone in the meantime, which is what was wanted.
            Err(fault) if fault.code() != Some(code::NO_SUCH_OBJECT) => return Err(fault),
            _ => {}
        }
    }
    Ok(())
}
