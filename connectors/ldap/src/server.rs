//! What kind of server it is and what it can do: read from its root DSE, and the differences between the kinds as a table.

use std::collections::HashSet;

use crate::fault::Result;
use crate::link::{Link, entry};
use crate::message::Entry;
use crate::settings::SyncStrategy;

/// A kind of server. The names are what a search of `__SERVER_INFO__` answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    ActiveDirectory,
    GlobalCatalog,
    LightweightDirectory,
    OpenLdap,
    OpenDj,
    OpenDs,
    PingDs,
    PingDirectory,
    Oud,
    SunDsee,
    Rhds,
    UnboundId,
    Ibm,
    Novell,
    CaLdap,
    Unknown,
}

/// How servers of one kind differ from others.
#[derive(Debug)]
pub(crate) struct Profile {
    kind: Kind,
    /// What `__SERVER_INFO__` answers.
    pub(crate) name: &'static str,
    /// Active Directory and its relatives.
    pub(crate) is_microsoft: bool,
    /// How changes are found unless said otherwise.
    pub(crate) sync: SyncStrategy,
    /// The attribute that lists the groups of an entry, where the server keeps one.
    pub(crate) member_of: Option<&'static str>,
    /// Attributes with the time of the last change and of creation.
    pub(crate) time_stamps: [&'static str; 2],
    /// Whether a search below a base that does not exist finds nothing instead of failing.
    pub(crate) missing_base_is_empty: bool,
    /// Whether a page can only be turned on the connection of the page before.
    pub(crate) pages_need_connection: bool,
    /// Whether a sort key may carry an ordering rule. OpenLDAP sorts by few attributes without one; 389 fails with one.
    pub(crate) takes_ordering_rules: bool,
}

const PLAIN: Profile = Profile {
    kind: Kind::Unknown,
    name: "UNKNOWN",
    is_microsoft: false,
    sync: SyncStrategy::ChangeLog,
    member_of: None,
    time_stamps: ["modifyTimestamp", "createTimestamp"],
    missing_base_is_empty: false,
    pages_need_connection: true,
    takes_ordering_rules: true,
};

const MICROSOFT: Profile = Profile {
    is_microsoft: true,
    sync: SyncStrategy::Usn,
    member_of: Some("memberOf"),
    time_stamps: ["whenChanged", "whenCreated"],
    pages_need_connection: false,
    takes_ordering_rules: false,
    ..PLAIN
};

const PROFILES: &[Profile] = &[
    Profile { kind: Kind::ActiveDirectory, name: "MSAD", ..MICROSOFT },
    Profile { kind: Kind::GlobalCatalog, name: "MSAD_GC", sync: SyncStrategy::Timestamp, ..MICROSOFT },
    Profile { kind: Kind::LightweightDirectory, name: "MSAD_LDS", ..MICROSOFT },
    Profile { kind: Kind::OpenLdap, name: "OPENLDAP", sync: SyncStrategy::Timestamp, ..PLAIN },
    Profile { kind: Kind::OpenDj, name: "OPENDJ", member_of: Some("isMemberOf"), ..PLAIN },
    Profile { kind: Kind::OpenDs, name: "OPENDS", member_of: Some("isMemberOf"), ..PLAIN },
    Profile {
        kind: Kind::PingDs,
        name: "PINGDS",
        member_of: Some("isMemberOf"),
        pages_need_connection: false,
        ..PLAIN
    },
    Profile { kind: Kind::PingDirectory, name: "PINGDIRECTORY", member_of: Some("isMemberOf"), ..PLAIN },
    Profile { kind: Kind::Oud, name: "OUD", member_of: Some("isMemberOf"), ..PLAIN },
    Profile { kind: Kind::SunDsee, name: "SUN_DSEE", ..PLAIN },
    Profile { kind: Kind::Rhds, name: "RHDS", takes_ordering_rules: false, ..PLAIN },
    Profile { kind: Kind::UnboundId, name: "UNBOUNDID", member_of: Some("isMemberOf"), ..PLAIN },
    Profile { kind: Kind::Ibm, name: "IBM", ..PLAIN },
    Profile { kind: Kind::Novell, name: "NOVELL", ..PLAIN },
    Profile { kind: Kind::CaLdap, name: "CALDAP", missing_base_is_empty: true, ..PLAIN },
    Profile { sync: SyncStrategy::Timestamp, ..PLAIN },
];

impl Kind {
    /// How servers of this kind differ from others.
    pub(crate) fn profile(self) -> &'static Profile {
        PROFILES.iter().find(|profile| profile.kind == self).unwrap_or(&PLAIN)
    }
}

/// What a server says of itself.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    pub(crate) kind: Option<Kind>,
    pub(crate) controls: HashSet<String>,
    pub(crate) subschema: Option<String>,
    pub(crate) default_naming_context: Option<String>,
    pub(crate) change_log: Option<String>,
    /// The first number of the version.
    pub(crate) major_version: Option<u32>,
}

/// Asked for by name, for most are operational.
const ATTRIBUTES: &[&str] = &[
    "vendorName",
    "vendorVersion",
    "fullVendorVersion",
    "highestCommittedUSN",
    "rootDomainNamingContext",
    "structuralObjectClass",
    "supportedControl",
    "supportedCapabilities",
    "subschemaSubentry",
    "defaultNamingContext",
    "changeLog",
];

impl Facts {
    /// Reads the root DSE.
    pub(crate) async fn read(link: &mut Link<'_>) -> Result<Self> {
        let port = link.connection().await?.address().port;
        match link.read("", None, ATTRIBUTES).await? {
            Some(bytes) => Self::of(entry(&bytes)?, port),
            None => Ok(Self::default()),
        }
    }

    /// What a root DSE says, read on that port.
    pub(crate) fn of(root: Entry<'_>, port: u16) -> Result<Self> {
        let first = |name: &str| root.text(name);
        Ok(Self {
            kind: Some(kind(root, port)?),
            controls: root.texts("supportedControl")?.into_iter().collect(),
            subschema: first("subschemaSubentry")?,
            default_naming_context: first("defaultNamingContext")?,
            change_log: first("changeLog")?,
            major_version: major(first("fullVendorVersion")?.or(first("vendorVersion")?)),
        })
    }

    /// How the server differs from others.
    pub(crate) fn profile(&self) -> &'static Profile {
        self.kind().profile()
    }

    /// The kind of server.
    pub(crate) fn kind(&self) -> Kind {
        self.kind.unwrap_or(Kind::Unknown)
    }

    /// Whether it knows a control.
    pub(crate) fn supports(&self, oid: &str) -> bool {
        self.controls.contains(oid)
    }
}

fn major(version: Option<String>) -> Option<u32> {
    let version = version?;
    let digits = version.split(|c: char| !c.is_ascii_digit()).find(|digits| !digits.is_empty())?;
    digits.parse().ok()
}

fn kind(root: Entry<'_>, port: u16) -> Result<Kind> {
    let text = |name: &str| -> Result<String> { Ok(root.text(name)?.unwrap_or_default().to_lowercase()) };
    let has = |name: &str| -> Result<bool> { Ok(root.text(name)?.is_some()) };
    let capabilities = root.texts("supportedCapabilities")?;
    let can = |oid: &str| capabilities.iter().any(|capability| capability == oid);
    let (vendor, version) = (text("vendorName")?, text("vendorVersion")?);
    let version = format!("{version} {}", text("fullVendorVersion")?);
    let (usn, domain) = (has("highestCommittedUSN")?, has("rootDomainNamingContext")?);
    let domain_controller =
        if matches!(port, 3268 | 3269) { Kind::GlobalCatalog } else { Kind::ActiveDirectory };
    let by_vendor = [
        ("ping identity", Kind::PingDirectory),
        ("unboundid", Kind::UnboundId),
        ("ibm", Kind::Ibm),
        ("international business machines", Kind::Ibm),
        ("novell", Kind::Novell),
        ("389", Kind::Rhds),
        ("caldap", Kind::CaLdap),
    ];
    let by_version = [
        ("oracle unified directory", Kind::Oud),
        ("opends", Kind::OpenDs),
        ("opendj", Kind::OpenDj),
        ("ping directory services", Kind::PingDs),
        ("pingds", Kind::PingDs),
        ("forgerock", Kind::PingDs),
    ];
    let named = |table: &[(&str, Kind)], text: &str| {
        table.iter().find(|(word, _)| text.contains(word)).map(|(_, kind)| *kind)
    };
    // The capabilities are those of Active Directory and of AD LDS.
    if can("1.2.840.113556.1.4.1851") {
        return Ok(Kind::LightweightDirectory);
    }
    if can("1.2.840.113556.1.4.800") {
        return Ok(domain_controller);
    }
    // PingDS also names its vendor, which is no reason to take it for PingDirectory.
    if let Some(kind) = named(&by_version, &version) {
        return Ok(kind);
    }
    if let Some(kind) = named(&by_vendor, &vendor) {
        return Ok(kind);
    }
    if version.contains("sun") && version.contains("directory") {
        return Ok(Kind::SunDsee);
    }
    if !version.trim().is_empty() {
        return Ok(Kind::Unknown);
    }
    Ok(match (usn, domain) {
        (true, true) => domain_controller,
        (true, false) => Kind::LightweightDirectory,
        _ if text("structuralObjectClass")? == "openldaprootdse" => Kind::OpenLdap,
        _ => Kind::Unknown,
    })
}
