//! Attributes of the connector's own making that accounts and groups of Active Directory have.

use icf::{AttributeFlag, AttributeInfo, ValueType, names};

/// Those of users.
pub(super) fn of_users() -> Vec<AttributeInfo> {
    use AttributeFlag::{NotCreatable, NotReadable, NotReturnedByDefault};
    let switch = |name: &'static str| AttributeInfo::new(name, ValueType::PrimitiveBoolean);
    vec![
        switch("__SMARTCARD_REQUIRED__"),
        switch("__DONT_EXPIRE_PASSWORD__"),
        switch("__PASSWORD_NOTREQD__"),
        switch(names::ENABLE),
        switch(names::PASSWORD_EXPIRED),
        switch(names::LOCK_OUT).with(NotCreatable),
        AttributeInfo::new("__ACCOUNT_EXPIRES__", ValueType::String)
            .with(NotReadable)
            .with(NotReturnedByDefault),
        AttributeInfo::new(names::CURRENT_PASSWORD, ValueType::GuardedString)
            .with(NotCreatable)
            .with(NotReadable)
            .with(NotReturnedByDefault),
    ]
}

/// Those of groups.
pub(super) fn of_groups() -> Vec<AttributeInfo> {
    let text = |name: &'static str| AttributeInfo::new(name, ValueType::String);
    vec![text("__GROUP_TYPE__"), text("__GROUP_SCOPE__")]
}
