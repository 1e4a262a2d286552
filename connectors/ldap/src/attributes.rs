//! Values between ICF and LDAP, and the names that mean something to the connector alone.

use icf::Value;
use zeroize::Zeroizing;

/// The groups (DNs) that list an entry.
pub(crate) const LDAP_GROUPS: &str = "ldapGroups";
/// The POSIX groups (DNs) that list an entry's uid.
pub(crate) const POSIX_GROUPS: &str = "posixGroups";
/// The identities of a group's members.
pub(crate) const MEMBER_ID: &str = "_memberId";
/// The security identifiers of all groups of an entry (Active Directory).
pub(crate) const TOKEN_GROUPS: &str = "tokenGroups";

/// A value as the directory gets it; none for null and for what is no text, number, truth or bytes.
pub(crate) fn to_bytes(value: &Value) -> Option<Zeroizing<Vec<u8>>> {
    let text = |text: String| Some(Zeroizing::new(text.into_bytes()));
    match value {
        Value::String(string) => Some(Zeroizing::new(string.as_bytes().to_vec())),
        Value::Bytes(bytes) => Some(Zeroizing::new(bytes.clone())),
        Value::GuardedString(secret) => Some(crate::password::utf8(secret)),
        Value::GuardedBytes(secret) => Some(Zeroizing::new(secret.reveal().to_vec())),
        // The syntax of RFC 4517 3.3.3.
        Value::Boolean(truth) => text(if *truth { "TRUE" } else { "FALSE" }.to_owned()),
        Value::Integer(number) => text(number.to_string()),
        Value::Long(number) => text(number.to_string()),
        Value::Byte(number) => text(number.to_string()),
        Value::Float(number) => text(number.to_string()),
        Value::Double(number) => text(number.to_string()),
        Value::BigInteger(number) => text(number.to_string()),
        Value::Character(c) => text(c.to_string()),
        _ => None,
    }
}

/// A value as the caller gets it. A text that is not UTF-8 is handed out as the bytes it is.
pub(crate) fn from_bytes(bytes: &[u8], binary: bool) -> Value {
    if binary {
        return Value::Bytes(bytes.to_vec());
    }
    std::str::from_utf8(bytes)
        .map_or_else(|_| Value::Bytes(bytes.to_vec()), |text| Value::String(text.to_owned()))
}
