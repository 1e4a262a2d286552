//! Account flags and kinds of groups: attributes of the connector's own that stand for bits.

use icf::{Attribute, Value, names};

/// Bits of `userAccountControl`.
pub(crate) mod bits {
    pub(crate) const DISABLED: u32 = 0x2;
    pub(crate) const LOCKED: u32 = 0x10;
    pub(crate) const PASSWORD_NOT_REQUIRED: u32 = 0x20;
    pub(crate) const NORMAL: u32 = 0x200;
    pub(crate) const PASSWORD_NEVER_EXPIRES: u32 = 0x1_0000;
    pub(crate) const SMARTCARD: u32 = 0x4_0000;
    pub(crate) const PASSWORD_EXPIRED: u32 = 0x80_0000;
}

/// An attribute that stands for a bit or a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flag {
    Enable,
    DontExpirePassword,
    PasswordNotRequired,
    SmartcardRequired,
    LockOut,
    PasswordExpired,
    AccountExpires,
    GroupScope,
    GroupType,
}

/// What the flags are computed from.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sources {
    pub(crate) control: Option<u32>,
    pub(crate) computed: Option<u32>,
    pub(crate) group_type: Option<i32>,
    /// The three attributes of AD LDS, if they are there.
    pub(crate) lds_disabled: Option<bool>,
    pub(crate) lds_locked: Option<bool>,
    pub(crate) lds_expired: Option<bool>,
}

const NAMES: [(Flag, &str); 9] = [
    (Flag::Enable, names::ENABLE),
    (Flag::DontExpirePassword, "__DONT_EXPIRE_PASSWORD__"),
    (Flag::PasswordNotRequired, "__PASSWORD_NOTREQD__"),
    (Flag::SmartcardRequired, "__SMARTCARD_REQUIRED__"),
    (Flag::LockOut, names::LOCK_OUT),
    (Flag::PasswordExpired, names::PASSWORD_EXPIRED),
    (Flag::AccountExpires, "__ACCOUNT_EXPIRES__"),
    (Flag::GroupScope, "__GROUP_SCOPE__"),
    (Flag::GroupType, "__GROUP_TYPE__"),
];

/// What must be read to compute flags.
pub(crate) const SOURCES: [&str; 6] = [
    "userAccountControl",
    "msDS-User-Account-Control-Computed",
    "groupType",
    "msDS-UserAccountDisabled",
    "ms-DS-UserAccountAutoLocked",
    "msDS-UserPasswordExpired",
];

impl Flag {
    /// The flag of that name.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        NAMES.iter().find(|(_, known)| known.eq_ignore_ascii_case(name)).map(|(flag, _)| *flag)
    }

    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        NAMES.iter().find(|(flag, _)| *flag == self).map_or("", |(_, name)| name)
    }

    /// The bit of `userAccountControl`, and whether it is set when the flag is true.
    pub(crate) const fn control_bit(self) -> Option<(u32, bool)> {
        match self {
            Self::Enable => Some((bits::DISABLED, false)),
            Self::DontExpirePassword => Some((bits::PASSWORD_NEVER_EXPIRES, true)),
            Self::PasswordNotRequired => Some((bits::PASSWORD_NOT_REQUIRED, true)),
            Self::SmartcardRequired => Some((bits::SMARTCARD, true)),
            _ => None,
        }
    }

    /// The attribute of an entry; none if the entry does not tell.
    pub(crate) fn read(self, sources: &Sources) -> Option<Attribute> {
        let has = |number: Option<u32>, bit: u32| number.map(|number| number & bit != 0);
        let value: Value = match self {
            Self::Enable => (!has(sources.control, bits::DISABLED).or(sources.lds_disabled)?).into(),
            Self::LockOut => {
                let locked = sources.lds_locked.or_else(|| has(sources.computed, bits::LOCKED));
                locked.or_else(|| has(sources.control, bits::LOCKED))?.into()
            }
            Self::PasswordExpired => {
                let expired = sources.lds_expired.or_else(|| has(sources.computed, bits::PASSWORD_EXPIRED));
                expired.or_else(|| has(sources.control, bits::PASSWORD_EXPIRED))?.into()
            }
            Self::DontExpirePassword | Self::PasswordNotRequired | Self::SmartcardRequired => {
                has(sources.control, self.control_bit()?.0)?.into()
            }
            Self::AccountExpires => return None,
            Self::GroupScope => scope(sources.group_type?).into(),
            Self::GroupType => if sources.group_type? < 0 { "security" } else { "distribution" }.into(),
        };
        Some(Attribute::single(self.name(), value))
    }
}

const fn scope(group_type: i32) -> &'static str {
    if group_type & 2 != 0 {
        "global"
    } else if group_type & 4 != 0 {
        "domain"
    } else {
        "universal"
    }
}

/// `groupType` of the words for scope and type; unknown words are global and security.
pub(crate) fn group_type(scope: Option<&str>, kind: Option<&str>) -> i32 {
    let is = |word: Option<&str>, wanted: &str| word.is_some_and(|word| word.eq_ignore_ascii_case(wanted));
    let scope = if is(scope, "domain") {
        4
    } else if is(scope, "universal") {
        8
    } else {
        2
    };
    if is(kind, "distribution") { scope } else { scope | i32::MIN }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_are_bits() {
        let sources = Sources { control: Some(0x1_0202), computed: Some(0x80_0010), ..Sources::default() };
        let read = |flag: Flag| flag.read(&sources).map(|attribute| attribute.values()[0].clone());
        assert_eq!(read(Flag::Enable), Some(false.into()));
        assert_eq!(read(Flag::DontExpirePassword), Some(true.into()));
        assert_eq!(read(Flag::SmartcardRequired), Some(false.into()));
        assert_eq!(
            (read(Flag::LockOut), read(Flag::PasswordExpired)),
            (Some(true.into()), Some(true.into()))
        );
        assert_eq!(read(Flag::GroupScope), None);
    }

    #[test]
    fn words_for_groups_are_a_number() {
        assert_eq!(group_type(None, None), -2_147_483_646);
        assert_eq!(group_type(Some("universal"), Some("distribution")), 8);
        let sources = Sources { group_type: Some(-2_147_483_644), ..Sources::default() };
        assert_eq!(Flag::GroupScope.read(&sources).unwrap().as_str(), Some("domain"));
        assert_eq!(Flag::GroupType.read(&sources).unwrap().as_str(), Some("security"));
    }
}
