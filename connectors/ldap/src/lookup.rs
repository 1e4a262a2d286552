//! Finds entries: by identity, and groups by member.

use icf::writing::unknown_object;
use icf::{Filter, ObjectClass, Uid};

use crate::fault::{Fault, Result};
use crate::filter::{Dialect, LdapFilter, Translator};
use crate::link::{Link, entry};
use crate::message::{Deref, Scope, SearchRequest, code};
use crate::search::Context;
use crate::settings::{Settings, UidSource};

/// The name of the entry with this identity, as the server spells it. It must be of the class.
///
/// # Errors
/// `UnknownUidException` if there is none, `ConnectorException` if there are several.
pub(crate) async fn dn_of(
    context: &Context<'_>,
    link: &mut Link<'_>,
    class: &ObjectClass,
    uid: &Uid,
) -> Result<String> {
    let settings = &context.session.directory().settings;
    let class_filter = settings.class_filter(class);
    let missing = || Fault::Final(unknown_object(uid, class));
    if settings.uid == UidSource::Dn {
        let found = link.read(uid.value(), class_filter, &["1.1"]).await?.ok_or_else(missing)?;
        return Ok(entry(&found)?.dn.to_owned());
    }
    let filter = uid_filter(context, uid)?;
    let filter =
        LdapFilter::all([filter].into_iter().chain(class_filter)).unwrap_or_else(LdapFilter::everything);
    let mut found: Vec<String> = Vec::new();
    for base in &settings.bases {
        let search = below(base.as_str(), filter.clone(), &["1.1"]);
        for bytes in link.find(&search, &[]).await? {
            let dn = entry(&bytes)?.dn.to_owned();
            // Base contexts may overlap.
            if !found.contains(&dn) {
                found.push(dn);
            }
        }
    }
    match found.len() {
        0 => Err(missing()),
        1 => found.pop().ok_or_else(missing),
        _ => Err(Fault::general(format!(
            "The identity {uid} is not unique: {} entries have it; choose another uidAttribute",
            found.len()
        ))),
    }
}

/// The condition that an entry has this identity, for identities that are attributes.
pub(crate) fn uid_filter(context: &Context<'_>, uid: &Uid) -> Result<LdapFilter> {
    let dialect = Dialect {
        uid: context.session.directory().settings.uid.clone(),
        microsoft: context.facts.profile().is_microsoft,
        member_of: None,
    };
    let queries = Translator::new(&dialect).queries(Some(&Filter::uid(uid))).unwrap_or_default();
    let filter = queries.into_iter().find_map(|query| query.native);
    filter.ok_or_else(|| Fault::general("The identity is not one that can be looked for"))
}

/// A search through everything below a base.
pub(crate) fn below(base: &str, filter: LdapFilter, attributes: &[&str]) -> SearchRequest {
    SearchRequest {
        base: base.to_owned(),
        scope: Scope::Subtree,
        deref: Deref::Always,
        filter,
        attributes: attributes.iter().map(|name| (*name).to_owned()).collect(),
    }
}

/// The names of groups whose `attribute` has this value, below all base contexts.
pub(crate) async fn groups_with(
    link: &mut Link<'_>,
    settings: &Settings,
    attribute: &str,
    value: &str,
) -> Result<Vec<String>> {
    let member = LdapFilter::equal(attribute, value);
    let classes = settings.class_filter(&ObjectClass::GROUP);
    let classes = classes.filter(|_| settings.properties.ldap_groups_use_static_groups);
    let is_posix = attribute.eq_ignore_ascii_case("memberUid");
    let filter = LdapFilter::all([member].into_iter().chain(classes.filter(|_| !is_posix)));
    let filter = filter.unwrap_or_else(LdapFilter::everything);
    let mut groups: Vec<String> = Vec::new();
    for base in &settings.bases {
        match link.find(&below(base.as_str(), filter.clone(), &["1.1"]), &[]).await {
            Ok(found) => {
                for bytes in found {
                    let dn = entry(&bytes)?.dn.to_owned();
                    if !groups.contains(&dn) {
                        groups.push(dn);
                    }
                }
            }
            Err(fault) if fault.code() == Some(code::NO_SUCH_OBJECT) => {}
            Err(fault) => return Err(fault),
        }
    }
    Ok(groups)
}

/// The identity of the entry of this name; none if there is no such entry.
pub(crate) async fn uid_of(link: &mut Link<'_>, context: &Context<'_>, dn: &str) -> Result<Option<Uid>> {
    let settings = &context.session.directory().settings;
    let attribute = settings.uid.attribute().unwrap_or("1.1");
    let Some(bytes) = link.read(dn, None, &[attribute]).await? else { return Ok(None) };
    let mut projection = crate::projection::Projection::new(
        context.class,
        Some(&[]),
        settings,
        &context.model,
        context.facts.profile(),
    );
    if let Some(attribute) = settings.uid.attribute() {
        projection.need(attribute, settings, &context.model, context.facts.profile());
    }
    Ok(Some(projection.decode(entry(&bytes)?)?.object.uid))
}
