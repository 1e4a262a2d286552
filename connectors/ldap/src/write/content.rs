//! What a caller sends, parted by what the connector does with it.

use icf::{Attribute, AttributeSet, ConnectorError, GuardedString, Value, names};
use tracing::warn;
use zeroize::Zeroizing;

use crate::ad::{self, Flag};
use crate::attributes::{LDAP_GROUPS, MEMBER_ID, POSIX_GROUPS, to_bytes};
use crate::dn::Dn;
use crate::fault::{Fault, Result};
use crate::schema::transfer_name;
use crate::search::Context;
use crate::settings::{given, is_dn_attribute};

/// Values as they are sent; they may be secrets.
pub(super) type Bytes = Vec<Zeroizing<Vec<u8>>>;

/// The attributes of a call.
#[derive(Default)]
pub(super) struct Content {
    pub(super) name: Option<Dn>,
    /// A password, or that there is to be none.
    pub(super) password: Option<Option<GuardedString>>,
    pub(super) current_password: Option<GuardedString>,
    /// By LDAP name, each once.
    pub(super) plain: Vec<(String, Bytes)>,
    pub(super) ldap_groups: Option<Vec<String>>,
    pub(super) posix_groups: Option<Vec<String>>,
    pub(super) flags: Vec<(Flag, Value)>,
}

impl Content {
    /// Understands attributes.
    pub(super) fn new(context: &Context<'_>, attributes: &AttributeSet) -> Result<Self> {
        let mut content = Self::default();
        for attribute in attributes {
            content.take(context, attribute)?;
        }
        Ok(content)
    }

    fn take(&mut self, context: &Context<'_>, attribute: &Attribute) -> Result<()> {
        let settings = &context.session.directory().settings;
        let microsoft = context.facts.profile().is_microsoft;
        let name = &attribute.name;
        if name.is(names::NAME) {
            self.name = Some(dn(attribute)?);
        } else if name.is(names::PASSWORD) {
            self.password = Some(secret(attribute)?);
        } else if name.is(names::CURRENT_PASSWORD) {
            self.current_password = secret(attribute)?;
        } else if name.is(LDAP_GROUPS) {
            self.ldap_groups = Some(texts(attribute)?);
        } else if name.is(POSIX_GROUPS) {
            self.posix_groups = Some(texts(attribute)?);
        } else if let Some(flag) = Flag::from_name(name.as_str()).filter(|_| microsoft) {
            // A flag without a value says nothing.
            self.flags
                .extend(attribute.single_value().filter(|v| **v != Value::Null).map(|v| (flag, v.clone())));
        } else if let (true, Some(status)) =
            (name.is(names::ENABLE), given(settings.properties.rs_status_attribute.as_deref()))
        {
            if let Some(Value::Boolean(enabled)) = attribute.single_value() {
                self.set(status, status_values(status, *enabled));
            }
        } else if name.is(MEMBER_ID) || is_dn_attribute(name.as_str()) {
            warn!(attribute = %name, "An attribute that cannot be written is left out.");
        } else if name.as_str().starts_with("__") {
            warn!(attribute = %name, "A special attribute that the LDAP connector does not know is left out.");
        } else {
            let values = values(context, attribute)?;
            self.set(&transfer_name(name.as_str()), values);
        }
        Ok(())
    }

    /// Sets values; those of an attribute that came before are joined.
    pub(super) fn set(&mut self, name: &str, mut values: Bytes) {
        match self.plain.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(name)) {
            Some((_, known)) => known.append(&mut values),
            None => self.plain.push((name.to_owned(), values)),
        }
    }

    /// The values of an attribute, if it is to be changed.
    pub(super) fn get(&self, name: &str) -> Option<&Bytes> {
        self.plain.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, values)| values)
    }
}

fn status_values(attribute: &str, enabled: bool) -> Bytes {
    let text = match (enabled, attribute.eq_ignore_ascii_case("pwdAccountLockedTime")) {
        (true, _) => return Vec::new(),
        // Locked until an administrator unlocks it (draft-behera-ldap-password-policy-10 5.3.3).
        (false, true) => "000001010000Z",
        (false, false) => "true",
    };
    vec![Zeroizing::new(text.as_bytes().to_vec())]
}

fn invalid(attribute: &Attribute, what: &str) -> Fault {
    Fault::Final(ConnectorError::invalid_attribute_value(format!("The attribute {} {what}", attribute.name)))
}

fn dn(attribute: &Attribute) -> Result<Dn> {
    let text =
        attribute.as_str().ok_or_else(|| invalid(attribute, "must have one text, the DN of the entry"))?;
    let dn = Dn::parse(text).map_err(|bad| invalid(attribute, &format!("is not a name: {bad}")))?;
    if dn.is_root() { Err(invalid(attribute, "is empty; it must be the DN of the entry")) } else { Ok(dn) }
}

fn secret(attribute: &Attribute) -> Result<Option<GuardedString>> {
    match attribute.values() {
        [] | [Value::Null] => Ok(None),
        [Value::GuardedString(secret)] => Ok(Some(secret.clone())),
        _ => Err(invalid(attribute, "must have one guarded value")),
    }
}

fn texts(attribute: &Attribute) -> Result<Vec<String>> {
    let mut texts: Vec<String> = Vec::new();
    for value in attribute.values() {
        let text = value.as_str().ok_or_else(|| invalid(attribute, "holds a value that is no text"))?;
        if !texts.iter().any(|known| crate::dn::same(known, text)) {
            texts.push(text.to_owned());
        }
    }
    Ok(texts)
}

fn values(context: &Context<'_>, attribute: &Attribute) -> Result<Bytes> {
    let properties = &context.session.directory().settings.properties;
    let is_interval = context.facts.profile().is_microsoft
        && properties.convert_ad_interval_to_iso8601.iter().any(|known| attribute.name.is(known.trim()));
    let mut values = Vec::new();
    for value in attribute.values().iter().filter(|value| **value != Value::Null) {
        let interval = value.as_str().filter(|_| is_interval).and_then(ad::dates::to_interval);
        let bytes = match interval {
            Some(number) => Some(Zeroizing::new(number.to_string().into_bytes())),
            None => to_bytes(value),
        };
        let kind = value.type_name();
        values.push(bytes.ok_or_else(|| invalid(attribute, &format!("cannot hold a value of type {kind}")))?);
    }
    Ok(values)
}
