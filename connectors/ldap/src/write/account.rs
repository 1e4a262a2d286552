//! Account flags of Active Directory and AD LDS, and kinds of groups, as changes of attributes.

use icf::{ConnectorError, ObjectClass, Value};

use super::content::Content;
use super::create::{bytes, texts_of};
use super::hands::Hands;
use crate::ad::{self, Flag, bits};
use crate::fault::{Fault, Result};
use crate::link::Link;
use crate::message::{Change, ChangeKind, Request};
use crate::search::Context;
use crate::server::Kind;

/// What the flags of a new entry are written as.
#[derive(Debug, Default)]
pub(super) struct Flags {
    /// Together with the entry.
    pub(super) at_once: Vec<(&'static str, String)>,
    /// `userAccountControl` once the entry is there: an account is enabled after its password was taken.
    afterwards: Option<u32>,
}

/// The flags of a new entry.
pub(super) fn for_create(context: &Context<'_>, content: &Content) -> Result<Flags> {
    let mut flags = Flags::default();
    match (context.facts.kind(), context.class) {
        (Kind::ActiveDirectory, class) if *class == ObjectClass::GROUP => {
            let word = |flag: Flag| {
                let value = content.flags.iter().find(|(known, _)| *known == flag);
                value.and_then(|(_, value)| value.as_str())
            };
            if content.get("groupType").is_none() {
                let number = ad::group_type(word(Flag::GroupScope), word(Flag::GroupType));
                flags.at_once.push(("groupType", number.to_string()));
            }
        }
        (Kind::ActiveDirectory, class) if *class == ObjectClass::ACCOUNT && !content.flags.is_empty() => {
            let (control, others) = applied(bits::NORMAL, &content.flags)?;
            flags.at_once = others;
            let has_password = matches!(content.password, Some(Some(_)));
            if has_password && control & bits::DISABLED == 0 {
                flags.afterwards = Some(control);
                flags.at_once.push(("userAccountControl", (control | bits::DISABLED).to_string()));
            } else {
                flags.at_once.push(("userAccountControl", control.to_string()));
            }
        }
        (Kind::LightweightDirectory, _) => flags.at_once = lightweight(&content.flags)?,
        _ => {}
    }
    Ok(flags)
}

/// What is left to do once a new entry is there.
pub(super) async fn finish(hands: &mut Hands<'_, '_>, dn: &str, flags: &Flags) -> Result<()> {
    let Some(control) = flags.afterwards else { return Ok(()) };
    let changes = [replace("userAccountControl", &control.to_string())];
    let controls = hands.controls([]);
    let request = Request::Modify { dn, changes: &changes };
    hands.execute(&request, &controls, dn).await.map(drop)
}

/// The changes that flags mean to an entry that is there.
pub(super) async fn for_update(
    context: &Context<'_>,
    link: &mut Link<'_>,
    dn: &str,
    flags: &[(Flag, Value)],
) -> Result<Vec<Change>> {
    if flags.is_empty() {
        return Ok(Vec::new());
    }
    let written = match context.facts.kind() {
        Kind::LightweightDirectory => lightweight(flags)?,
        Kind::ActiveDirectory if *context.class == ObjectClass::GROUP => group_type(link, dn, flags).await?,
        Kind::ActiveDirectory => {
            let present = texts_of(link, dn, "userAccountControl").await?;
            let present = present.first().and_then(|text| text.parse::<u32>().ok()).unwrap_or(bits::NORMAL);
            let (control, mut others) = applied(present, flags)?;
            if control != present {
                others.push(("userAccountControl", control.to_string()));
            }
            others
        }
        _ => Vec::new(),
    };
    Ok(written.iter().map(|(attribute, value)| replace(attribute, value)).collect())
}

async fn group_type(
    link: &mut Link<'_>,
    dn: &str,
    flags: &[(Flag, Value)],
) -> Result<Vec<(&'static str, String)>> {
    let present = texts_of(link, dn, "groupType").await?;
    let present: Option<i32> = present.first().and_then(|text| text.parse().ok());
    let sources = ad::Sources { group_type: present, ..ad::Sources::default() };
    let word = |flag: Flag| {
        let given = flags.iter().find(|(known, _)| *known == flag).and_then(|(_, value)| value.as_str());
        given.map(str::to_owned).or_else(|| flag.read(&sources)?.as_str().map(str::to_owned))
    };
    let number = ad::group_type(word(Flag::GroupScope).as_deref(), word(Flag::GroupType).as_deref());
    Ok(if present == Some(number) { Vec::new() } else { vec![("groupType", number.to_string())] })
}

/// `userAccountControl` with the flags, and the attributes of flags that are not in it.
fn applied(mut control: u32, flags: &[(Flag, Value)]) -> Result<(u32, Vec<(&'static str, String)>)> {
    let mut others = Vec::new();
    for (flag, value) in flags {
        match flag {
            Flag::AccountExpires => others.push(("accountExpires", expiry(value)?)),
            Flag::LockOut => {
                if !truth(*flag, value)? {
                    others.push(("lockoutTime", "0".to_owned()));
                }
            }
            Flag::PasswordExpired => {
                others.push(("pwdLastSet", if truth(*flag, value)? { "0" } else { "-1" }.to_owned()));
            }
            Flag::GroupScope | Flag::GroupType => {}
            _ => {
                if let Some((bit, set)) = flag.control_bit() {
                    if truth(*flag, value)? == set { control |= bit } else { control &= !bit }
                }
            }
        }
    }
    Ok((control, others))
}

fn lightweight(flags: &[(Flag, Value)]) -> Result<Vec<(&'static str, String)>> {
    let mut written = Vec::new();
    let word = |truth: bool| if truth { "TRUE" } else { "FALSE" }.to_owned();
    for (flag, value) in flags {
        match flag {
            Flag::Enable => written.push(("msDS-UserAccountDisabled", word(!truth(*flag, value)?))),
            Flag::DontExpirePassword => {
                written.push(("msDS-UserDontExpirePassword", word(truth(*flag, value)?)))
            }
            Flag::PasswordNotRequired => {
                written.push(("ms-DS-UserPasswordNotRequired", word(truth(*flag, value)?)));
            }
            Flag::LockOut if !truth(*flag, value)? => written.push(("lockoutTime", "0".to_owned())),
            Flag::PasswordExpired => {
                written.push(("pwdLastSet", if truth(*flag, value)? { "0" } else { "-1" }.to_owned()));
            }
            Flag::AccountExpires => written.push(("accountExpires", expiry(value)?)),
            _ => {}
        }
    }
    Ok(written)
}

fn wrong(flag: Flag, what: &str) -> Fault {
    Fault::Final(ConnectorError::invalid_attribute_value(format!(
        "The attribute {} must be {what}",
        flag.name()
    )))
}

fn truth(flag: Flag, value: &Value) -> Result<bool> {
    match value {
        Value::Boolean(truth) => Ok(*truth),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Ok(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Ok(false),
        _ => Err(wrong(flag, "a Boolean")),
    }
}

fn expiry(value: &Value) -> Result<String> {
    let written = match value.as_str().map(str::trim) {
        Some("0") => Some("0".to_owned()),
        Some(text) => ad::dates::to_interval(text).map(|number| number.to_string()),
        None => None,
    };
    written.ok_or_else(|| wrong(Flag::AccountExpires, "0 or a date such as 2026-01-31T12:00:00Z"))
}

/// A change that sets one value.
pub(super) fn replace(attribute: &str, value: &str) -> Change {
    Change { kind: ChangeKind::Replace, attribute: attribute.to_owned(), values: vec![bytes(value)] }
}
