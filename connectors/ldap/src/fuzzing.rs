//! What must hold for any bytes that a directory sends, for the fuzz targets. A broken rule panics.

use std::sync::OnceLock;

use icf::ObjectClass;

use crate::ber::{Reader, Writer, element_length};
use crate::configuration::LdapConfiguration;
use crate::dn::{self, Dn};
use crate::filter;
use crate::link::LdapUrl;
use crate::message::control::{list_view, page_cookie, password_policy};
use crate::message::sync::{content_done, dir_sync_done, entry_state, sync_info};
use crate::message::{Control, Entry, LdapResult, Message, Operation};
use crate::paging::Cookie;
use crate::projection::Projection;
use crate::schema::Model;
use crate::server::Facts;
use crate::settings::Settings;
use crate::{ad, fault, sync};

/// Takes what a server sends: messages one after the other. The first byte says which port it came from.
pub fn messages(data: &[u8]) {
    let Some((port, mut rest)) = data.split_first() else { return };
    let port = if port & 1 == 0 { 389 } else { 3268 };
    while let Ok(Some((header, length))) = element_length(rest) {
        let Some((message, after)) = rest.split_at_checked(header.saturating_add(length)) else { return };
        if let Ok(read) = Message::read(message) {
            let cut = message.get(..message.len() - 1).unwrap_or_default();
            assert!(Message::read(cut).is_err(), "a message that is cut short is none");
            one(read, port);
        }
        rest = after;
    }
}

fn one(message: Message<'_>, port: u16) {
    if let Ok(found) = message.controls() {
        controls(&found);
    }
    match message.operation {
        Operation::Entry(entry) => {
            let _refused = as_object(entry, port);
            let _refused = sync::read_as_logged(entry);
        }
        Operation::Reference(urls) => urls.iter().for_each(|url| as_url(url)),
        Operation::Intermediate(intermediate) => {
            let _refused = sync_info(intermediate.value);
        }
        Operation::Done(LdapResult { diagnostic, referrals, controls: found, .. }) => {
            let _number = fault::sub_code(&diagnostic);
            referrals.iter().for_each(|url| as_url(url));
            controls(&found);
        }
    }
}

fn controls(controls: &[Control]) {
    for value in controls.iter().filter_map(|control| control.value.as_deref()) {
        let _any = (page_cookie(value), list_view(value), password_policy(value), entry_state(value));
        let _any = (content_done(value), sync_info(value), dir_sync_done(value).map(|_| ()));
        let _any = Entry::read(value).map(walk);
    }
}

/// All values of an entry; how many there are.
fn walk(mut entry: Entry<'_>) -> usize {
    let mut count = 0;
    while let Ok(Some((_, mut values))) = entry.next_attribute() {
        while let Ok(Some(_)) = values.next_value() {
            count += 1;
        }
    }
    count
}

/// An entry as the root DSE, as the schema, and as an object of a server and a schema that say what it says.
fn as_object(entry: Entry<'_>, port: u16) -> fault::Result<()> {
    static SETTINGS: OnceLock<Settings> = OnceLock::new();
    let settings = SETTINGS.get_or_init(|| {
        let properties = LdapConfiguration {
            host: Some("localhost".to_owned()),
            base_contexts: vec!["dc=example,dc=com".to_owned()],
            uid_attribute: "dn".to_owned(),
            convert_gt_to_iso8601: vec!["whenCreated".to_owned()],
            ..LdapConfiguration::default()
        };
        Settings::new(&properties).expect("these properties are valid")
    });
    let facts = Facts::of(entry, port)?;
    let model = Model::of(Some(entry), settings, &facts)?;
    let wanted = [
        "cn",
        "member",
        "jpegPhoto",
        "objectGUID",
        "objectSid",
        "accountExpires",
        "whenCreated",
        "__ENABLE__",
    ];
    for asked in [Some(wanted.as_slice()), None] {
        let projection = Projection::new(&ObjectClass::ACCOUNT, asked, settings, &model, facts.profile());
        let decoded = projection.decode(entry)?;
        let delivered = decoded.object.attributes.iter().map(|attribute| attribute.values().len());
        // One for each of the account flags, which are made of several attributes.
        assert!(delivered.sum::<usize>() <= walk(entry) + 16, "no value is made up");
    }
    Ok(())
}

fn as_url(url: &str) {
    let _read = LdapUrl::parse(url, false);
}

/// Takes a text. The first byte says what it is of.
pub fn texts(data: &[u8]) {
    let Some((kind, bytes)) = data.split_first() else { return };
    if kind & 7 == 3 {
        return sync::read_changes(bytes);
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match kind & 7 {
        0 => as_name(text),
        1 => as_filter(text),
        2 => as_definition(text),
        4 => as_cookie(text),
        5 => {
            let _shown = (
                ad::dates::from_generalized(text),
                ad::dates::from_interval(text),
                ad::dates::to_interval(text),
            );
            let _number = fault::sub_code(text);
        }
        6 => as_guid(text),
        _ => as_url(text),
    }
}

/// A name is its first step and its parent; its spelling does not count.
fn as_name(text: &str) {
    let Ok(name) = Dn::parse(text) else { return };
    assert!(name.is_same(&name) && name.is_within(&name), "a name is itself");
    assert!(dn::same(text, name.as_str()));
    if name.is_root() {
        return;
    }
    let parent = Dn::parse(name.parent()).expect("the parent of a name is a name");
    assert_eq!(parent.depth() + 1, name.depth());
    assert!(name.is_within(&parent) && !parent.is_within(&name));
    let again = format!("{},{}", name.rdn(), name.parent());
    let again = again.strip_suffix(',').unwrap_or(&again);
    // A backslash at the end of the parent would not have been read.
    let again = if parent.is_root() { name.rdn() } else { again };
    let again = Dn::parse(again).expect("steps that were read can be put together");
    assert!(name.is_same(&again), "{text:?} and {again:?}");
    assert_eq!(name.normalized(), again.normalized());
}

/// A filter as text means what it meant, and as bytes is one element.
fn as_filter(text: &str) {
    let Ok(filter) = filter::parse(text) else { return };
    let again = filter::parse(&filter.to_string()).expect("a filter can be read as it is shown");
    assert_eq!(again, filter, "{text:?}");
    let mut writer = Writer::default();
    filter.write(&mut writer);
    let bytes = writer.into_bytes();
    let mut reader = Reader::new(&bytes);
    assert!(reader.element().is_ok() && reader.is_empty(), "a filter is one element");
}

fn as_definition(text: &str) {
    // The three kinds of definitions, in an entry like that of a server.
    let mut content = Writer::default();
    content.nested(0x64, |entry| {
        entry.text("cn=subschema");
        entry.sequence(|list| {
            for name in ["attributeTypes", "objectClasses", "dITContentRules"] {
                list.sequence(|attribute| {
                    attribute.text(name);
                    attribute.nested(0x31, |values| text.lines().for_each(|line| values.text(line)));
                });
            }
        });
    });
    let bytes = content.into_bytes();
    let entry = Entry::read(&bytes).expect("it was written so");
    let _refused = as_object(entry, 389);
}

fn as_cookie(text: &str) {
    if let Ok(cookie) = Cookie::parse(text, 3) {
        let again = Cookie::parse(&cookie.text(), 3).expect("a cookie can be read as it is written");
        assert_eq!(again, cookie);
    }
}

fn as_guid(text: &str) {
    if let Some(bytes) = ad::guid::parse(text) {
        for old in [false, true] {
            let shown = ad::guid::text(&bytes, old).expect("it has 16 bytes");
            assert_eq!(ad::guid::parse(&shown), Some(bytes));
        }
    }
    let _shown = ad::sid::text(text.as_bytes());
}
