//! For which peers bytes are written. A reader takes the union of all; a writer must not send a type its peer lacks,
//! because one unknown type name makes the whole object unreadable there.

use std::fmt;

/// The release whose bytes a writer produces.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Profile {
    /// OpenICF 1.4, and midPoint's old fork of it.
    OpenIcf14,
    /// OpenICF 1.5 and later, Ping's framework.
    OpenIcf2,
    /// ConnId of that release or one between it and the next.
    ConnId(ConnIdRelease),
}

impl Profile {
    /// ConnId 1.4.3 to 1.4.5.
    pub const CONNID_1_4: Self = Self::ConnId(ConnIdRelease::V1_4_3);
    /// ConnId 1.5.2.1 and 1.5.3.
    pub const CONNID_1_5: Self = Self::ConnId(ConnIdRelease::V1_5_2_1);
    /// ConnId 1.6 and 1.7.
    pub const CONNID_1_6: Self = Self::ConnId(ConnIdRelease::V1_6_0);

    /// The profile of a framework (`OpenICF` or `ConnId`) and the beginning of its version.
    #[must_use]
    pub fn of_release(framework: &str, version: &str) -> Option<Self> {
        let mut parts = version.split(['.', '-', ' ']).map_while(|part| part.parse::<u32>().ok());
        let mut next = || parts.next().unwrap_or(0);
        let version = [next(), next(), next(), next()];
        match framework {
            "OpenICF" if version < [1, 5, 0, 0] => Some(Self::OpenIcf14),
            "OpenICF" => Some(Self::OpenIcf2),
            "ConnId" => Some(Self::ConnId(
                ConnIdRelease::ALL
                    .into_iter()
                    .rev()
                    .find(|release| release.first() <= version)
                    .unwrap_or(ConnIdRelease::V1_4_0),
            )),
            _ => None,
        }
    }

    pub(crate) fn has(self, since: Since) -> bool {
        match since {
            Since::Always => true,
            Since::OpenIcf2 => self == Self::OpenIcf2,
            Since::ConnId(first) => matches!(self, Self::ConnId(release) if release >= first),
        }
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OpenIcf14 => f.write_str("openicf-1.4"),
            Self::OpenIcf2 => f.write_str("openicf-2"),
            Self::ConnId(release) => {
                let [major, minor, patch, fix] = release.first();
                write!(f, "connid-{major}.{minor}.{patch}.{fix}")
            }
        }
    }
}

/// Releases of ConnId that brought something new to the format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "each is the release of that number")]
pub enum ConnIdRelease {
    V1_4_0,
    V1_4_1,
    V1_4_2,
    V1_4_3,
    V1_5_0,
    V1_5_1,
    V1_5_2_0,
    V1_5_2_1,
    V1_6_0,
}

impl ConnIdRelease {
    const ALL: [Self; 9] = [
        Self::V1_4_0,
        Self::V1_4_1,
        Self::V1_4_2,
        Self::V1_4_3,
        Self::V1_5_0,
        Self::V1_5_1,
        Self::V1_5_2_0,
        Self::V1_5_2_1,
        Self::V1_6_0,
    ];

    const fn first(self) -> [u32; 4] {
        match self {
            Self::V1_4_0 => [1, 4, 0, 0],
            Self::V1_4_1 => [1, 4, 1, 0],
            Self::V1_4_2 => [1, 4, 2, 0],
            Self::V1_4_3 => [1, 4, 3, 0],
            Self::V1_5_0 => [1, 5, 0, 0],
            Self::V1_5_1 => [1, 5, 1, 0],
            Self::V1_5_2_0 => [1, 5, 2, 0],
            Self::V1_5_2_1 => [1, 5, 2, 1],
            Self::V1_6_0 => [1, 6, 0, 0],
        }
    }
}

/// Who knows a type or a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Since {
    /// Every peer.
    Always,
    /// OpenICF 1.5 and later only.
    OpenIcf2,
    /// ConnId from that release on only.
    ConnId(ConnIdRelease),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_find_their_profile() {
        let of = |framework, version| Profile::of_release(framework, version).unwrap();
        assert_eq!(of("OpenICF", "2.1.0-SNAPSHOT (as 2.0.4)"), Profile::OpenIcf2);
        assert_eq!(of("OpenICF", "1.4.1.0-SNAPSHOT"), Profile::OpenIcf14);
        assert_eq!(of("OpenICF", "1.5.2"), Profile::OpenIcf2);
        assert_eq!(of("ConnId", "1.4.5.1"), Profile::CONNID_1_4);
        assert_eq!(of("ConnId", "1.5.2.1"), Profile::CONNID_1_5);
        assert_eq!(of("ConnId", "1.5.3.0"), Profile::CONNID_1_5);
        assert_eq!(of("ConnId", "1.6.1.1"), Profile::CONNID_1_6);
        assert_eq!(of("ConnId", "1.4.0.0").to_string(), "connid-1.4.0.0");
        assert_eq!(Profile::of_release("Other", "1.0"), None);
    }
}
