//! Completes objects with what is not in their entry: groups, members' identities, the rest of long attributes. Looked
//! up over the session's second connection, because the first is in the middle of a search.

use std::collections::HashMap;

use icf::{Attribute, ConnectorObject, Value};

use crate::ad;
use crate::attributes::{LDAP_GROUPS, MEMBER_ID, POSIX_GROUPS, TOKEN_GROUPS};
use crate::fault::{Fault, Result};
use crate::link::entry;
use crate::lookup;
use crate::projection::{Decoded, Extras, Partial, Projection};
use crate::search::Context;

/// Completes the objects of one query.
pub(crate) struct Completer<'a> {
    context: &'a Context<'a>,
    projection: &'a Projection,
    /// Identities of members, by name.
    members: HashMap<String, Option<String>>,
}

impl<'a> Completer<'a> {
    /// Completes objects made by this projection.
    pub(crate) fn new(context: &'a Context<'a>, projection: &'a Projection) -> Self {
        Self { context, projection, members: HashMap::new() }
    }

    /// Adds what is missing.
    pub(crate) async fn complete(&mut self, mut decoded: Decoded) -> Result<ConnectorObject> {
        for partial in std::mem::take(&mut decoded.partial) {
            self.fetch_rest(&mut decoded, partial).await?;
        }
        let extras = self.projection.extras;
        if extras == Extras::default() {
            return Ok(decoded.object);
        }
        let settings = &self.context.session.directory().settings;
        let mut made = Vec::new();
        {
            let mut link = self.context.session.aside(&self.context.patience).await;
            if extras.ldap_groups {
                let attribute = settings.properties.group_member_attribute.clone();
                let groups =
                    lookup::groups_with(&mut link, settings, &attribute, &decoded.object.name).await?;
                made.push(texts(LDAP_GROUPS, groups));
            }
            if extras.posix_groups {
                let mut groups: Vec<String> = Vec::new();
                for uid in decoded.texts("uid") {
                    let more = lookup::groups_with(&mut link, settings, "memberUid", uid).await?;
                    groups.extend(more.into_iter().filter(|group| !decoded.object.name.eq(group)));
                }
                groups.sort();
                groups.dedup();
                made.push(texts(POSIX_GROUPS, groups));
            }
            if extras.token_groups {
                let found = link.read(&decoded.object.name, None, &[TOKEN_GROUPS]).await?;
                let mut sids = Vec::new();
                if let Some(bytes) = &found {
                    sids.extend(entry(bytes)?.values(TOKEN_GROUPS)?.into_iter().filter_map(ad::sid::text));
                }
                made.push(texts(TOKEN_GROUPS, sids));
            }
            if extras.member_id {
                made.push(self.member_ids(&mut link, &decoded).await?);
            }
        }
        decoded.object.attributes.extend(made);
        Ok(decoded.object)
    }

    async fn member_ids(&mut self, link: &mut crate::link::Link<'_>, decoded: &Decoded) -> Result<Attribute> {
        let properties = &self.context.session.directory().settings.properties;
        let most = usize::try_from(properties.rs_member_id_cache_size).unwrap_or(0);
        let mut ids = Vec::new();
        for member in decoded.texts(&properties.group_member_attribute) {
            let id = match self.members.get(member) {
                Some(known) => known.clone(),
                None => {
                    let id = lookup::uid_of(link, self.context, member).await?;
                    let id = id.map(|uid| uid.value().to_owned());
                    if self.members.len() < most {
                        self.members.insert(member.to_owned(), id.clone());
                    }
                    id
                }
            };
            // A member that is gone does not cost the others their identities.
            ids.extend(id);
        }
        Ok(texts(MEMBER_ID, ids))
    }

    /// Fetches the values that the server did not send at once, part by part.
    async fn fetch_rest(&self, decoded: &mut Decoded, first: Partial) -> Result<()> {
        let mut link = self.context.session.aside(&self.context.patience).await;
        let settings = &self.context.session.directory().settings;
        let mut next = Some(first);
        while let Some(part) = next.take() {
            let asked = format!("{};range={}-*", part.name, part.next);
            let found = link.read(&decoded.object.name, None, &[&asked]).await?;
            let Some(bytes) = found else {
                return Err(Fault::general(format!(
                    "The entry {} went away while its attribute {} was read",
                    decoded.object.name, part.name
                )));
            };
            let mut projection = Projection::new(
                self.context.class,
                Some(&[part.name.as_str()]),
                settings,
                &self.context.model,
                self.context.facts.profile(),
            );
            projection.without_uid();
            let more = projection.decode(entry(&bytes)?)?;
            let values = more.object.attribute(&part.name).map(|a| a.values().to_vec()).unwrap_or_default();
            let rest = more.partial.into_iter().find(|rest| rest.name.eq_ignore_ascii_case(&part.name));
            // A server that answers without a step forward would be asked for ever.
            if rest.as_ref().is_some_and(|rest| rest.next <= part.next) || values.is_empty() {
                return Err(Fault::general(format!(
                    "The directory does not hand out the values of {} in {} from number {} on",
                    part.name, decoded.object.name, part.next
                )));
            }
            append(decoded, &part.name, values);
            next = rest;
        }
        Ok(())
    }
}

fn append(decoded: &mut Decoded, name: &str, values: Vec<Value>) {
    let held = decoded.object.attributes.iter_mut().find(|attribute| attribute.name.is(name));
    if let Some(attribute) = held {
        attribute.values.get_or_insert_default().extend(values);
    } else if let Some((_, kept)) = decoded.kept.iter_mut().find(|(known, _)| known.is(name)) {
        kept.extend(values);
    }
}

fn texts(name: &'static str, texts: Vec<String>) -> Attribute {
    Attribute::new(name, texts.into_iter().map(Value::String).collect())
}
