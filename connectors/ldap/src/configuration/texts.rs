//! What the properties are called and what they mean, for administrators' consoles and for the documentation.

use icf::Messages;

/// The explanation of a property.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Text {
    /// Name of the property.
    pub(crate) name: &'static str,
    /// Its name for people.
    pub(crate) display: &'static str,
    /// What it does.
    pub(crate) help: &'static str,
    /// What a number counts; empty for what is no amount.
    #[cfg_attr(not(test), allow(dead_code, reason = "the documentation is made of it"))]
    pub(crate) unit: &'static str,
}

const fn text(name: &'static str, display: &'static str, help: &'static str) -> Text {
    Text { name, display, help, unit: "" }
}

const fn amount(name: &'static str, unit: &'static str, display: &'static str, help: &'static str) -> Text {
    Text { name, display, help, unit }
}

/// All properties, in the order of the documentation.
pub(crate) const TEXTS: &[Text] = &[
    text(
        "accountSynchronizationFilter",
        "Account Synchronization Filter",
        "An LDAP filter that an account must match besides its class to be reported as changed.",
    ),
    text("alternateKeyStorePassword", "Alternate Key Store Password", "Opens the alternate key store."),
    text(
        "attributesToSynchronize",
        "Attributes To Synchronize",
        "With a change log: changes that touch none of these attributes are left out. Empty means every \
         attribute.",
    ),
    text(
        "baseContextsToSynchronize",
        "Base Contexts To Synchronize",
        "Entries below which changes are looked for. Empty means the base contexts.",
    ),
    amount(
        "changeLogBlockSize",
        "changes",
        "Change Log Block Size",
        "How many change numbers one search of the change log covers.",
    ),
    text(
        "changeNumberAttribute",
        "Change Number Attribute",
        "The attribute of the change log that numbers its entries.",
    ),
    text("credentials", "Password", "The password of the principal."),
    text(
        "filterWithOrInsteadOfAnd",
        "Filter With Or Instead Of And",
        "Ask the change log for each number by itself, for servers that cannot search a range.",
    ),
    text(
        "groupSynchronizationFilter",
        "Group Synchronization Filter",
        "An LDAP filter that a group must match besides its class to be reported as changed.",
    ),
    text(
        "modifiersNamesToFilterOut",
        "Modifiers To Leave Out",
        "Changes made by these users (DNs) are not reported; name the principal here to skip what was written \
         through the connector.",
    ),
    text(
        "objectClassesToSynchronize",
        "Object Classes To Synchronize",
        "With a change log and when all classes are synchronised: only entries of one of these LDAP classes \
         are reported.",
    ),
    text(
        "passwordAttributeToSynchronize",
        "Password Attribute To Synchronize",
        "The attribute of the change log that carries captured passwords.",
    ),
    text(
        "passwordDecryptionInitializationVector",
        "Password Decryption Vector",
        "The initialization vector (8 bytes) of captured passwords.",
    ),
    text(
        "passwordDecryptionKey",
        "Password Decryption Key",
        "The key (24 bytes, Triple DES) of captured passwords.",
    ),
    text(
        "removeLogEntryObjectClassFromFilter",
        "Leave The Class Out Of Change Log Searches",
        "Off: change log searches also ask for the class changeLogEntry.",
    ),
    text(
        "synchronizePasswords",
        "Synchronize Passwords",
        "Deliver passwords that the directory captured in its change log.",
    ),
    text(
        "useTimestampsForSync",
        "Use Timestamps",
        "Find changes by modification time even if the server has a better way. Deletions are not seen.",
    ),
    text(
        "accountObjectClasses",
        "Account Object Classes",
        "The LDAP classes that accounts have: written on create, and all asked for in searches.",
    ),
    text(
        "accountSearchFilter",
        "Account Search Filter",
        "An LDAP filter that takes the place of the class filter in searches for accounts.",
    ),
    text(
        "accountUserNameAttributes",
        "Account User Name Attributes",
        "The attributes in which a login name is looked up. Active Directory: sAMAccountName, \
         userPrincipalName.",
    ),
    text("allowTreeDelete", "Allow Tree Delete", "Delete entries together with everything below them."),
    text(
        "alternateKeyStore",
        "Alternate Key Store",
        "Path of a store (PEM, PKCS#12, JKS) on the machine of the connector server: its certificates are \
         trusted in place of those of the system, its key is shown to servers that ask for a client \
         certificate.",
    ),
    text(
        "alternateKeyStoreType",
        "Alternate Key Store Type",
        "PEM, PKCS12 or JKS. The format is recognised by itself, so this may be left empty.",
    ),
    text(
        "authType",
        "Authentication Type",
        "simple, or SASL-EXTERNAL to authenticate by the client certificate. SASL-GSSAPI is not available in \
         this build.",
    ),
    text(
        "baseContexts",
        "Base Contexts",
        "The entries (DNs) below which everything is looked for. At least one.",
    ),
    amount(
        "blockSize",
        "entries",
        "Block Size",
        "How many entries the server is asked for at once where pages are used without the caller asking for \
         them; 500 at least is asked for when useBlocks is off.",
    ),
    amount(
        "checkAliveMinInterval",
        "seconds",
        "Check Alive Interval",
        "For how long after its last use a connection counts as alive without a probe.",
    ),
    amount(
        "connectionTimeout",
        "milliseconds",
        "Connection Timeout",
        "How long connecting to one server may take, from the look-up of its name to the bind.",
    ),
    text(
        "convertADIntervalToISO8601",
        "Intervals As ISO 8601",
        "Active Directory: attributes that count 100 ns since 1601 and are shown as a date.",
    ),
    text(
        "convertGTToISO8601",
        "Generalized Times As ISO 8601",
        "Attributes with values such as 20260131120000Z that are shown as 2026-01-31T12:00:00Z.",
    ),
    text(
        "customOctetStringAttributes",
        "Further Binary Attributes",
        "Attributes whose values are bytes, besides those that are known to be.",
    ),
    text(
        "enforceADPasswordPolicyOnReset",
        "Enforce Password History On Reset",
        "Active Directory: apply the password history when an administrator sets a password.",
    ),
    text(
        "failover",
        "Failover Servers",
        "Further servers, as ldap:// or ldaps:// URLs, tried in this order when the first cannot be reached.",
    ),
    text(
        "getGroupMemberId",
        "Get Group Member Ids",
        "Give groups, when their members are asked for, also _memberId: the identities of the members. One \
         search for each member.",
    ),
    text(
        "groupMemberAttribute",
        "Group Member Attribute",
        "The attribute of groups that lists the DNs of members. Active Directory and groupOfNames: member.",
    ),
    text(
        "groupObjectClasses",
        "Group Object Classes",
        "The LDAP classes that groups have: written on create, and all asked for in searches.",
    ),
    text(
        "groupSearchFilter",
        "Group Search Filter",
        "An LDAP filter that takes the place of the class filter in searches for groups.",
    ),
    text(
        "gssapiLoginContext",
        "GSSAPI Login Context",
        "The JAAS login context of the Java connector; not used.",
    ),
    text("host", "Host", "Name or address of the server; with useDNSSRVRecord the name of an SRV record."),
    text(
        "hostNameVerification",
        "Verify Host Names",
        "Whether the certificate of the server must be for its name. Its issuer is checked in any case.",
    ),
    text(
        "hostNameVerifierPattern",
        "Host Name Pattern",
        "With host name verification: a regular expression that a name in the certificate must match, in \
         place of the host.",
    ),
    text(
        "ldapGroupsUseStaticGroups",
        "ldapGroups Of Group Classes Only",
        "Look for ldapGroups only among entries of the group object classes.",
    ),
    text(
        "maintainLdapGroupMembership",
        "Maintain LDAP Groups",
        "When an entry is renamed or deleted, change or remove its DN in the groups that list it. Leave it \
         off if the server does so.",
    ),
    text(
        "maintainPosixGroupMembership",
        "Maintain POSIX Groups",
        "When the uid of an entry changes or the entry is deleted, change or remove it in the groups that \
         list it as memberUid.",
    ),
    text(
        "passwordAttribute",
        "Password Attribute",
        "The attribute that takes passwords. Active Directory: unicodePwd.",
    ),
    text(
        "passwordHashAlgorithm",
        "Password Hash Algorithm",
        "How passwords are hashed before they are sent: NONE, MD5, SHA, SHA256, SHA384, SHA512, the same with \
         a leading S for a salt (SMD5, SSHA, SSHA256 ...), or WIN-AD for the encoding of Active Directory. \
         NONE leaves it to the server.",
    ),
    text("port", "Port", "TCP port of the server, 1 to 65535."),
    text(
        "principal",
        "Principal",
        "The DN that the connector authenticates as; Active Directory also takes user@domain. Empty is \
         anonymous.",
    ),
    text(
        "privateKeyAlias",
        "Private Key Alias",
        "Which key of the alternate key store is the client certificate; empty is the first.",
    ),
    text("readSchema", "Read Schema", "Read the schema from the server; off: use a built-in one."),
    text(
        "referralsHandling",
        "Referrals",
        "follow, ignore or throw: what to do when the server answers that entries are elsewhere.",
    ),
    text(
        "resetSyncToken",
        "Reset Sync Token",
        "never, first or last: where to go on when the stored change number is beyond the last one of the \
         server.",
    ),
    text(
        "respectResourcePasswordPolicyChangeAfterReset",
        "Respect Change After Reset",
        "Refuse logins with a password that is right but must be changed first.",
    ),
    text(
        "sendCAUDTxId",
        "Send Transaction Id",
        "Tell the server the transaction id of the request, for its audit log.",
    ),
    text("ssl", "LDAPS", "TLS from the first byte (usually port 636)."),
    text("startTLS", "StartTLS", "Turn the connection into a TLS connection before anything else is sent."),
    amount(
        "timestampSyncOffset",
        "seconds",
        "Timestamp Offset",
        "Added to the time stamp from which changes are looked for; negative values see late replicas again.",
    ),
    text(
        "uidAttribute",
        "Uid Attribute",
        "The attribute that identifies entries for good. dn means the DN itself; Active Directory: \
         objectGUID.",
    ),
    text(
        "useBlocks",
        "Use Blocks",
        "Read in blocks by VLV or, with usePagedResultControl, by simple paged results.",
    ),
    text("useDNSSRVRecord", "Use DNS SRV Record", "Take the servers from the SRV record that host names."),
    text(
        "useOldADGUIDFormat",
        "Old GUID Format",
        "Active Directory: show objectGUID as <GUID=32 digits> instead of the dashed form. Both are \
         understood.",
    ),
    text("usePagedResultControl", "Use Paged Results", "With useBlocks: prefer simple paged results to VLV."),
    text(
        "vlvSortAttribute",
        "VLV Sort Attribute",
        "The attribute by which the server sorts when blocks are read by VLV.",
    ),
    text("rs.accessLogBaseDn", "Access Log Base", "OpenLDAP: where the accesslog overlay keeps changes."),
    text("rs.changeLogContext", "Change Log Base", "Where the change log is, if the server does not tell."),
    amount(
        "rs.memberIdCacheSize",
        "entries",
        "Member Id Cache",
        "How many member identities are remembered during a search.",
    ),
    amount(
        "rs.operationRetries",
        "times",
        "Operation Retries",
        "How often a read is repeated on a new connection when the old one turns out to be dead.",
    ),
    text(
        "rs.permissiveModify",
        "Permissive Changes",
        "Adding a value that is there and removing one that is not succeed.",
    ),
    amount(
        "rs.readTimeout",
        "milliseconds",
        "Read Timeout",
        "How long the server may be silent during an operation; 0: only the time limit of the operation \
         counts.",
    ),
    text(
        "rs.sortMatchingRule",
        "Sort Matching Rule",
        "The ordering rule for sorting, where neither the schema nor the attribute has one.",
    ),
    text(
        "rs.statusAttribute",
        "Status Attribute",
        "The attribute behind __ENABLE__ on servers other than Active Directory: nsAccountLock, ds-pwp- \
         account-disabled or pwdAccountLockedTime.",
    ),
    text(
        "rs.syncStrategy",
        "Sync Strategy",
        "changelog, cookie, usn, dirsync, timestamp, accesslog or syncrepl; empty: chosen by the kind of \
         server.",
    ),
];

/// What is said of a configuration that cannot work, by message key; `{0}` is the value.
pub(crate) const FAULTS: &[(&str, &str)] = &[
    ("host.notBlank", "The host must not be blank; name the server in the property host"),
    ("port.legalValue", "The port must be a number from 1 to 65535"),
    (
        "baseContexts.notEmpty",
        "There must be at least one base context; name the entries below which to search",
    ),
    ("baseContexts.noBlankValues", "No base context may be blank"),
    ("baseContexts.noInvalidLdapNames", "The base context ''{0}'' is not a distinguished name"),
    ("passwordAttribute.notBlank", "The password attribute must not be blank"),
    ("accountObjectClasses.notEmpty", "There must be at least one account object class"),
    ("accountObjectClasses.noBlankValues", "No account object class may be blank"),
    ("accountUserNameAttributes.notEmpty", "There must be at least one account user name attribute"),
    ("accountUserNameAttributes.noBlankValues", "No account user name attribute may be blank"),
    ("groupMemberAttribute.notBlank", "The group member attribute must not be blank"),
    ("blockSize.legalValue", "The block size must be greater than 0"),
    ("vlvSortAttribute.notBlank", "The VLV sort attribute must not be blank"),
    ("uidAttribute.notBlank", "The uid attribute must not be blank"),
    ("baseContextsToSynchronize.noBlankValues", "No base context to synchronize may be blank"),
    (
        "baseContextsToSynchronize.noInvalidLdapNames",
        "The base context to synchronize ''{0}'' is not a distinguished name",
    ),
    ("objectClassesToSynchronize.notEmpty", "There must be at least one object class to synchronize"),
    ("objectClassesToSynchronize.noBlankValues", "No object class to synchronize may be blank"),
    ("attributesToSynchronize.noBlankValues", "No attribute to synchronize may be blank"),
    ("modifiersNamesToFilterOut.noBlankValues", "No modifier to leave out may be blank"),
    (
        "modifiersNamesToFilterOut.noInvalidLdapNames",
        "The modifier to leave out ''{0}'' is not a distinguished name",
    ),
    ("changeNumberAttribute.notBlank", "The change number attribute must not be blank"),
    ("changeLogBlockSize.legalValue", "The change log block size must be greater than 0"),
    (
        "passwordAttributeToSynchronize.notBlank",
        "With synchronizePasswords, the password attribute to synchronize must not be blank",
    ),
    ("decryptionKey.notBlank", "With synchronizePasswords, the password decryption key must be given"),
    (
        "decryptionInitializationVector.notBlank",
        "With synchronizePasswords, the password decryption vector must be given",
    ),
    (
        "referralsHandling.invalidPolicy",
        "The referrals handling ''{0}'' is not known; it is follow, ignore or throw, in lower case",
    ),
    (
        "passwordHashAlgorithm.invalidName",
        "The password hash algorithm ''{0}'' is not known; it is NONE, MD5, SMD5, SHA, SSHA, SHA256, \
         SSHA256, SHA384, SSHA384, SHA512, SSHA512 or WIN-AD",
    ),
    (
        "resetSyncToken.invalidPolicy",
        "The policy resetSyncToken ''{0}'' is not known; it is never, first or last",
    ),
    (
        "failover.invalidUrl",
        "The failover server ''{0}'' is not a URL such as ldap://host:port or ldaps://host:port",
    ),
    ("filter.invalid", "The filter ''{0}'' cannot be understood"),
    (
        "syncStrategy.invalidName",
        "The sync strategy ''{0}'' is not known; it is one of changelog, cookie, usn, dirsync, timestamp, accesslog, syncrepl",
    ),
    ("hostNameVerifierPattern.invalid", "The host name pattern ''{0}'' is not a regular expression"),
    (
        "authType.notAvailable",
        "The authentication type ''{0}'' is not available in this build; use simple or SASL-EXTERNAL",
    ),
];

/// The texts under their message keys.
pub(crate) fn messages() -> Messages {
    let display = TEXTS.iter().map(|text| (format!("{}.display", text.name), text.display));
    let help = TEXTS.iter().map(|text| (format!("{}.help", text.name), text.help));
    let faults = FAULTS.iter().map(|(key, text)| ((*key).to_owned(), *text));
    Messages::of(
        display.chain(help).chain(faults).chain([(crate::DISPLAY_NAME_KEY.to_owned(), "LDAP Connector")]),
    )
}
