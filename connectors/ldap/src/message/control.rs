//! Controls: what the connector adds to requests and reads from responses.

use crate::ber::{Malformed, Reader, Writer, tag};

/// Object identifiers of controls, extensions and capabilities.
pub(crate) mod oid {
    pub(crate) const PAGED_RESULTS: &str = "1.2.840.113556.1.4.319";
    pub(crate) const SORT_REQUEST: &str = "1.2.840.113556.1.4.473";
    pub(crate) const VLV_REQUEST: &str = "2.16.840.1.113730.3.4.9";
    pub(crate) const VLV_RESPONSE: &str = "2.16.840.1.113730.3.4.10";
    pub(crate) const MANAGE_DSA_IT: &str = "2.16.840.1.113730.3.4.2";
    pub(crate) const PASSWORD_POLICY: &str = "1.3.6.1.4.1.42.2.27.8.5.1";
    pub(crate) const PASSWORD_EXPIRED: &str = "2.16.840.1.113730.3.4.4";
    pub(crate) const TREE_DELETE: &str = "1.2.840.113556.1.4.805";
    pub(crate) const PERMISSIVE_MODIFY: &str = "1.2.840.113556.1.4.1413";
    pub(crate) const POST_READ: &str = "1.3.6.1.1.13.2";
    pub(crate) const PROXIED_AUTHORIZATION: &str = "2.16.840.1.113730.3.4.18";
    pub(crate) const POLICY_HINTS: &str = "1.2.840.113556.1.4.2239";
    pub(crate) const SHOW_DELETED: &str = "1.2.840.113556.1.4.417";
    pub(crate) const TRANSACTION_ID: &str = "1.3.6.1.4.1.36733.2.1.5.1";
    pub(crate) const DIR_SYNC: &str = "1.2.840.113556.1.4.841";
    pub(crate) const SYNC_REQUEST: &str = "1.3.6.1.4.1.4203.1.9.1.1";
    pub(crate) const SYNC_STATE: &str = "1.3.6.1.4.1.4203.1.9.1.2";
    pub(crate) const SYNC_DONE: &str = "1.3.6.1.4.1.4203.1.9.1.3";
    pub(crate) const SYNC_INFO: &str = "1.3.6.1.4.1.4203.1.9.1.4";
    pub(crate) const CHANGE_LOG_COOKIE: &str = "1.3.6.1.4.1.26027.1.5.4";
    pub(crate) const START_TLS: &str = "1.3.6.1.4.1.1466.20037";
}

/// A control of a request or a response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Control {
    pub(crate) oid: String,
    pub(crate) critical: bool,
    pub(crate) value: Option<Vec<u8>>,
}

impl Control {
    /// A control without value.
    pub(crate) fn new(oid: &str, critical: bool) -> Self {
        Self { oid: oid.to_owned(), critical, value: None }
    }

    /// The same with the bytes that the function writes.
    pub(crate) fn with(mut self, value: impl FnOnce(&mut Writer)) -> Self {
        let mut writer = Writer::default();
        value(&mut writer);
        self.value = Some(writer.into_plain());
        self
    }

    /// Simple paged results (RFC 2696).
    pub(crate) fn paged(size: u32, cookie: &[u8]) -> Self {
        Self::new(oid::PAGED_RESULTS, true).with(|value| {
            value.sequence(|inside| {
                inside.integer(size.into());
                inside.octets(cookie);
            });
        })
    }

    /// Server side sorting (RFC 2891).
    pub(crate) fn sort(keys: &[SortBy], critical: bool) -> Self {
        Self::new(oid::SORT_REQUEST, critical).with(|value| {
            value.sequence(|list| {
                for key in keys {
                    list.sequence(|inside| {
                        inside.text(&key.attribute);
                        if let Some(rule) = &key.ordering_rule {
                            inside.element(0x80, rule.as_bytes());
                        }
                        if key.reverse {
                            inside.element(0x81, &[0xff]);
                        }
                    });
                }
            });
        })
    }

    /// A window of a sorted list, by offset (draft-ietf-ldapext-ldapv3-vlv-09).
    pub(crate) fn list_view(window: u32, offset: u32, count: u32, context: Option<&[u8]>) -> Self {
        Self::new(oid::VLV_REQUEST, true).with(|value| {
            value.sequence(|inside| {
                inside.integer(0);
                inside.integer(i64::from(window.saturating_sub(1)));
                inside.nested(0xa0, |target| {
                    target.integer(offset.into());
                    target.integer(count.into());
                });
                if let Some(context) = context {
                    inside.octets(context);
                }
            });
        })
    }

    /// Proxied authorization (RFC 4370) as the user of that name.
    pub(crate) fn act_as(dn: &str) -> Self {
        let value = Some(format!("dn:{dn}").into_bytes());
        Self { oid: oid::PROXIED_AUTHORIZATION.to_owned(), critical: true, value }
    }

    /// The entry after the change (RFC 4527), with these attributes.
    pub(crate) fn post_read(attributes: &[&str]) -> Self {
        Self::new(oid::POST_READ, false).with(|value| {
            value.sequence(|list| attributes.iter().for_each(|attribute| list.text(attribute)));
        })
    }
}

/// A key of server side sorting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SortBy {
    pub(crate) attribute: String,
    pub(crate) ordering_rule: Option<String>,
    pub(crate) reverse: bool,
}

/// Finds the value of a control among those of a response.
pub(crate) fn value_of<'c>(controls: &'c [Control], oid: &str) -> Option<&'c [u8]> {
    controls
        .iter()
        .find(|control| control.oid == oid)
        .map(|control| control.value.as_deref().unwrap_or_default())
}

/// The cookie of a page (RFC 2696); empty after the last one.
pub(crate) fn page_cookie(value: &[u8]) -> Result<Vec<u8>, Malformed> {
    let mut inside = Reader::new(value).sequence()?;
    inside.integer()?;
    Ok(inside.octets()?.to_vec())
}

/// What a server says of a window of a list.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ListView {
    pub(crate) count: u32,
    pub(crate) result: i64,
    pub(crate) context: Option<Vec<u8>>,
}

/// Reads the response of a list view.
pub(crate) fn list_view(value: &[u8]) -> Result<ListView, Malformed> {
    let mut inside = Reader::new(value).sequence()?;
    inside.integer()?;
    let count = u32::try_from(inside.integer()?).map_err(|_| Malformed("a negative content count"))?;
    let result = inside.enumerated()?;
    let context = inside.optional(tag::OCTETS)?.map(<[u8]>::to_vec);
    Ok(ListView { count, result, context })
}

/// What the password policy response says (draft-behera-ldap-password-policy-10 6.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct PasswordPolicy {
    /// Seconds until the password expires.
    pub(crate) expires_in: Option<i64>,
    /// Logins that are left with an expired password.
    pub(crate) grace_logins: Option<i64>,
    /// 0 expired, 1 locked, 2 must be changed, 3 to 8 about changing it.
    pub(crate) error: Option<i64>,
}

/// Reads a password policy response.
pub(crate) fn password_policy(value: &[u8]) -> Result<PasswordPolicy, Malformed> {
    use crate::ber::number;
    let mut inside = Reader::new(value).sequence()?;
    let mut policy = PasswordPolicy::default();
    while !inside.is_empty() {
        match inside.element()? {
            (0xa0, warning) => match Reader::new(warning).element()? {
                (0x80, seconds) => policy.expires_in = Some(number(seconds)?),
                (0x81, left) => policy.grace_logins = Some(number(left)?),
                _ => {}
            },
            (0x81, error) => policy.error = Some(number(error)?),
            _ => {}
        }
    }
    Ok(policy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_asked_for_as_rfc_2696_has_it() {
        let control = Control::paged(100, b"");
        assert_eq!(control.value.unwrap(), [0x30, 0x05, 0x02, 0x01, 100, 0x04, 0x00]);
        assert_eq!(page_cookie(&[0x30, 0x06, 0x02, 0x01, 0x00, 0x04, 0x01, 0x09]), Ok(vec![9]));
        assert!(page_cookie(&[0x30, 0x03, 0x02, 0x01, 0x00]).is_err());
    }

    #[test]
    fn a_sort_key_has_its_rule_and_its_direction() {
        let key =
            SortBy { attribute: "cn".to_owned(), ordering_rule: Some("2.5.13.3".to_owned()), reverse: true };
        let expected = b"\x30\x13\x30\x11\x04\x02cn\x80\x082.5.13.3\x81\x01\xff";
        assert_eq!(Control::sort(&[key], false).value.unwrap(), expected);
    }

    #[test]
    fn a_window_is_counted_from_its_first_entry() {
        let value = Control::list_view(100, 1, 0, None).value.unwrap();
        assert_eq!(value, [0x30, 14, 2, 1, 0, 2, 1, 99, 0xa0, 6, 2, 1, 1, 2, 1, 0]);
        let response = [0x30, 0x0b, 2, 1, 1, 2, 2, 9, 0xc4, 0x0a, 1, 0, 0x04, 0];
        let view = ListView { count: 2500, result: 0, context: Some(Vec::new()) };
        let whole = [[0x30, 0x0c].as_slice(), &response[2..]].concat();
        assert_eq!(list_view(&whole), Ok(view));
    }

    #[test]
    fn a_password_policy_response_is_understood() {
        let expired = password_policy(&[0x30, 3, 0x81, 1, 2]).unwrap();
        assert_eq!(expired.error, Some(2));
        let warning = password_policy(&[0x30, 5, 0xa0, 3, 0x80, 1, 60]).unwrap();
        assert_eq!((warning.expires_in, warning.error), (Some(60), None));
        assert_eq!(password_policy(&[0x30, 0]), Ok(PasswordPolicy::default()));
    }
}
