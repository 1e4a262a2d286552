//! New entries.

use icf::{AttributeSet, ConnectorError, ErrorKind, OperationOptions, Uid};
use zeroize::Zeroizing;

use super::account;
use super::content::{Bytes, Content};
use super::hands::{Hands, UserSlot};
use super::{groups, posix};
use crate::fault::{Fault, Result};
use crate::link::{Link, entry};
use crate::lookup;
use crate::message::control::{oid, value_of};
use crate::message::{Control, Entry, LdapResult, Request, code};
use crate::projection::Projection;
use crate::search::Context;

/// Creates an entry and answers its identity.
pub(crate) async fn create(
    context: &Context<'_>,
    link: &mut Link<'_>,
    attributes: &AttributeSet,
    options: &OperationOptions,
) -> Result<Uid> {
    let settings = &context.session.directory().settings;
    let mut content = Content::new(context, attributes)?;
    let Some(name) = content.name.take() else {
        return Err(Fault::Final(ConnectorError::invalid_attribute_value(
            "The attribute __NAME__ is missing; it must be the DN of the new entry",
        )));
    };
    content.plain.retain(|(_, values)| !values.is_empty());
    if content.get("objectClass").is_none() {
        let mut classes = settings.ldap_classes(context.class);
        if context.model.is_read {
            classes = context.model.with_superiors(&classes);
        }
        content.set("objectClass", classes.iter().map(|name| bytes(name)).collect());
    }
    // A directory that has an entry without uid has nothing to list in POSIX groups.
    let posix_uid = posix::uid_for(context, &content, &name)?;
    if let Some(Some(password)) = &content.password {
        let value = encoded(context, password);
        content.set(&settings.properties.password_attribute, vec![value]);
    }
    let flags = account::for_create(context, &content)?;
    for (attribute, value) in &flags.at_once {
        content.set(attribute, vec![bytes(value)]);
    }
    let slot = UserSlot::default();
    let mut hands = Hands::new(context, link, &slot, options).await?;
    let result = add(context, &mut hands, name.as_str(), &content.plain).await?;
    if let Err(fault) = account::finish(&mut hands, name.as_str(), &flags).await {
        let request = Request::Delete { dn: name.as_str() };
        let controls = hands.controls([]);
        let undone = hands.execute(&request, &controls, name.as_str()).await.is_ok();
        return Err(fault.and(if undone {
            "The new entry was deleted again"
        } else {
            "The new entry exists"
        }));
    }
    let exists = |fault: Fault| fault.and("The new entry exists nevertheless");
    if let Some(wanted) = &content.ldap_groups {
        groups::join(context, &mut hands, wanted, name.as_str()).await.map_err(exists)?;
    }
    if let (Some(wanted), Some(uid)) = (&content.posix_groups, &posix_uid) {
        posix::join(&mut hands, wanted, uid).await.map_err(exists)?;
    }
    match uid_in(context, &result)? {
        Some(uid) => Ok(uid),
        None => {
            let found = lookup::uid_of(hands.service, context, name.as_str()).await.map_err(exists)?;
            found.ok_or_else(|| {
                Fault::general(format!(
                    "The entry {name} was created but cannot be read back; check what the principal may read"
                ))
            })
        }
    }
}

async fn add(
    context: &Context<'_>,
    hands: &mut Hands<'_, '_>,
    name: &str,
    attributes: &[(String, Bytes)],
) -> Result<LdapResult> {
    let uid = context.session.directory().settings.uid.attribute();
    let post_read = uid.filter(|_| context.facts.supports(oid::POST_READ));
    let controls = hands.controls(post_read.map(|uid| Control::post_read(&[uid])));
    let request = Request::Add { dn: name, attributes };
    match hands.execute(&request, &controls, name).await {
        Err(fault) if fault.code() == Some(code::NO_SUCH_OBJECT) => {
            let parent = crate::dn::Dn::parse(name).map(|dn| dn.parent().to_owned()).unwrap_or_default();
            let fault = fault.refused_as(ErrorKind::InvalidAttributeValue);
            Err(fault.and(&format!("The parent entry {parent} does not exist")))
        }
        other => other,
    }
}

/// The identity in what the server sent along with its answer.
fn uid_in(context: &Context<'_>, result: &LdapResult) -> Result<Option<Uid>> {
    let settings = &context.session.directory().settings;
    let (Some(attribute), Some(value)) =
        (settings.uid.attribute(), value_of(&result.controls, oid::POST_READ))
    else {
        return Ok(None);
    };
    let entry = Entry::read(value)?;
    if entry.values(attribute)?.is_empty() {
        return Ok(None);
    }
    let mut projection =
        Projection::new(context.class, Some(&[]), settings, &context.model, context.facts.profile());
    projection.need(attribute, settings, &context.model, context.facts.profile());
    Ok(Some(projection.decode(entry)?.object.uid))
}

pub(super) fn bytes(text: &str) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(text.as_bytes().to_vec())
}

/// A password as the directory gets it.
pub(super) fn encoded(context: &Context<'_>, password: &icf::GuardedString) -> Zeroizing<Vec<u8>> {
    let settings = &context.session.directory().settings;
    let scheme = settings.properties.password_hash_algorithm.as_deref().unwrap_or_default();
    settings.hash.encode(password, scheme.trim())
}

/// The texts of an attribute of an entry.
pub(super) async fn texts_of(link: &mut Link<'_>, dn: &str, attribute: &str) -> Result<Vec<String>> {
    match link.read(dn, None, &[attribute]).await? {
        Some(bytes) => Ok(entry(&bytes)?.texts(attribute)?),
        None => Ok(Vec::new()),
    }
}
