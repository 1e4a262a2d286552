//! A configuration that was understood: names parsed, choices made, blanks gone.

use std::time::Duration;

use icf::{GuardedString, ObjectClass, Result};
use regex::Regex;

use crate::configuration::{LdapConfiguration, fault};
use crate::dn::Dn;
use crate::filter::{LdapFilter, parse};
use crate::link::Address;
use crate::password::Hash;

/// What the connector works with.
#[derive(Debug)]
pub(crate) struct Settings {
    /// The properties that need no understanding.
    pub(crate) properties: LdapConfiguration,
    /// Servers in the order in which they are tried; with an SRV record those after its own.
    pub(crate) servers: Vec<Address>,
    pub(crate) authentication: Authentication,
    pub(crate) bases: Vec<Dn>,
    /// Bases of synchronisation: those of their own, or all.
    pub(crate) sync_bases: Vec<Dn>,
    pub(crate) uid: UidSource,
    pub(crate) hash: Hash,
    pub(crate) referrals: Referrals,
    pub(crate) reset_sync_token: ResetSyncToken,
    pub(crate) sync_strategy: Option<SyncStrategy>,
    pub(crate) account: ClassFilters,
    pub(crate) group: ClassFilters,
    pub(crate) host_name_pattern: Option<Regex>,
    /// How long connecting to one server may take.
    pub(crate) connection_timeout: Duration,
    /// How long a server may be silent; none without limit.
    pub(crate) read_timeout: Option<Duration>,
}

/// How the connector authenticates.
#[derive(Clone, Debug)]
pub(crate) enum Authentication {
    Anonymous,
    Simple { principal: String, password: GuardedString },
    External,
}

/// Where the identity of an entry is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum UidSource {
    Dn,
    Attribute(String),
}

/// What to do with referrals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Referrals {
    Follow,
    Ignore,
    Throw,
}

/// Where to go on when a token is beyond the end of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ResetSyncToken {
    Never,
    First,
    Last,
}

/// How changes are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SyncStrategy {
    ChangeLog,
    Usn,
    Timestamp,
    AccessLog,
    /// The change log, by its cookies in place of numbers.
    Cookie,
    DirSync,
    SyncRepl,
}

/// The filters configured for accounts or groups.
#[derive(Clone, Debug, Default)]
pub(crate) struct ClassFilters {
    /// Takes the place of the filter by class.
    pub(crate) search: Option<LdapFilter>,
    /// What must match besides for a change to be reported.
    pub(crate) sync: Option<LdapFilter>,
}

impl SyncStrategy {
    /// The strategy of that name.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Some(match name.trim().to_ascii_lowercase().as_str() {
            "changelog" => Self::ChangeLog,
            "usn" => Self::Usn,
            "timestamp" => Self::Timestamp,
            "accesslog" => Self::AccessLog,
            "cookie" => Self::Cookie,
            "dirsync" => Self::DirSync,
            "syncrepl" => Self::SyncRepl,
            _ => return None,
        })
    }
}

impl UidSource {
    fn of(attribute: &str) -> Self {
        if is_dn_attribute(attribute) { Self::Dn } else { Self::Attribute(attribute.to_owned()) }
    }

    /// The attribute, if it is not the DN.
    pub(crate) fn attribute(&self) -> Option<&str> {
        match self {
            Self::Dn => None,
            Self::Attribute(name) => Some(name),
        }
    }
}

/// Whether a name stands for the DN of an entry.
pub(crate) fn is_dn_attribute(name: &str) -> bool {
    ["dn", "entryDN", "distinguishedName"].iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// A text that says something.
pub(crate) fn given(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

impl Settings {
    /// Understands the properties, which must be valid.
    ///
    /// # Errors
    /// `ConfigurationException` naming the property.
    pub(crate) fn new(properties: &LdapConfiguration) -> Result<Self> {
        icf::Configuration::validate(properties)?;
        let names = |values: &[String], key: &str| -> Result<Vec<Dn>> {
            values.iter().map(|v| Dn::parse(v).map_err(|_| fault(key, Some(v)))).collect()
        };
        let bases = names(&properties.base_contexts, "baseContexts.noInvalidLdapNames")?;
        let mut sync_bases =
            names(&properties.base_contexts_to_synchronize, "baseContextsToSynchronize.noInvalidLdapNames")?;
        if sync_bases.is_empty() {
            sync_bases.clone_from(&bases);
        }
        let filter = |text: &Option<String>| -> Result<Option<LdapFilter>> {
            given(text.as_deref())
                .map(|text| parse(text).map_err(|bad| fault("filter.invalid", Some(text)).with_source(bad)))
                .transpose()
        };
        Ok(Self {
            servers: servers(properties)?,
            authentication: authentication(properties)?,
            bases,
            sync_bases,
            uid: UidSource::of(properties.uid_attribute.trim()),
            hash: hash(properties),
            referrals: match properties.referrals_handling.as_str() {
                "ignore" => Referrals::Ignore,
                "throw" => Referrals::Throw,
                _ => Referrals::Follow,
            },
            reset_sync_token: match properties.reset_sync_token.trim().to_ascii_lowercase().as_str() {
                "first" => ResetSyncToken::First,
                "last" => ResetSyncToken::Last,
                _ => ResetSyncToken::Never,
            },
            sync_strategy: properties.rs_sync_strategy.as_deref().and_then(SyncStrategy::from_name),
            account: ClassFilters {
                search: filter(&properties.account_search_filter)?,
                sync: filter(&properties.account_synchronization_filter)?,
            },
            group: ClassFilters {
                search: filter(&properties.group_search_filter)?,
                sync: filter(&properties.group_synchronization_filter)?,
            },
            // Java's `matches` covers the whole name.
            host_name_pattern: given(properties.host_name_verifier_pattern.as_deref())
                .map(|p| {
                    Regex::new(&format!("^(?:{p})$"))
                        .map_err(|_| fault("hostNameVerifierPattern.invalid", Some(p)))
                })
                .transpose()?,
            connection_timeout: milliseconds(properties.connection_timeout)
                .unwrap_or(Duration::from_secs(30)),
            read_timeout: milliseconds(properties.rs_read_timeout),
            properties: properties.clone(),
        })
    }

    /// The LDAP classes of an object class.
    pub(crate) fn ldap_classes(&self, class: &ObjectClass) -> Vec<String> {
        if *class == ObjectClass::ACCOUNT {
            self.properties.account_object_classes.clone()
        } else if *class == ObjectClass::GROUP {
            self.properties.group_object_classes.clone()
        } else {
            vec![class.as_str().to_owned()]
        }
    }

    /// The filters configured for an object class.
    pub(crate) fn filters(&self, class: &ObjectClass) -> Option<&ClassFilters> {
        if *class == ObjectClass::ACCOUNT {
            Some(&self.account)
        } else if *class == ObjectClass::GROUP {
            Some(&self.group)
        } else {
            None
        }
    }

    /// The condition that entries of an object class meet; none where any entry will do.
    pub(crate) fn class_filter(&self, class: &ObjectClass) -> Option<LdapFilter> {
        if let Some(filter) = self.filters(class).and_then(|filters| filters.search.clone()) {
            return Some(filter);
        }
        LdapFilter::all(
            self.ldap_classes(class)
                .iter()
                .map(|name| LdapFilter::equal("objectClass", name.trim().as_bytes())),
        )
    }
}

fn milliseconds(number: i32) -> Option<Duration> {
    u64::try_from(number).ok().filter(|number| *number > 0).map(Duration::from_millis)
}

fn servers(properties: &LdapConfiguration) -> Result<Vec<Address>> {
    let host = given(properties.host.as_deref()).unwrap_or_default();
    let port = u16::try_from(properties.port).unwrap_or(389);
    let mut servers = vec![Address { host: host.to_owned(), port, tls: properties.ssl }];
    for url in &properties.failover {
        let address = Address::parse(url, properties.ssl);
        servers.push(address.ok_or_else(|| fault("failover.invalidUrl", Some(url)))?);
    }
    Ok(servers)
}

fn authentication(properties: &LdapConfiguration) -> Result<Authentication> {
    let kind = properties.auth_type.trim();
    if kind.eq_ignore_ascii_case("SASL-EXTERNAL") {
        return Ok(Authentication::External);
    }
    if kind.eq_ignore_ascii_case("SASL-GSSAPI") {
        return Err(fault("authType.notAvailable", Some(kind)));
    }
    Ok(match given(properties.principal.as_deref()) {
        None => Authentication::Anonymous,
        Some(principal) => Authentication::Simple {
            principal: principal.to_owned(),
            password: properties.credentials.clone().unwrap_or_default(),
        },
    })
}

/// What is sent to `unicodePwd` is always in the encoding of Active Directory.
fn hash(properties: &LdapConfiguration) -> Hash {
    if properties.password_attribute.trim().eq_ignore_ascii_case("unicodePwd") {
        return Hash::WindowsAd;
    }
    properties.password_hash_algorithm.as_deref().and_then(Hash::from_name).unwrap_or(Hash::None)
}
