//! The configuration properties: names, types, defaults and order of the Java connector, then those of our own, whose
//! names begin with `rs.`. What they mean for people stands in [`texts`].

#[cfg(test)]
mod document;
mod texts;
mod validate;

pub(crate) use texts::messages;
pub(crate) use validate::fault;

use std::sync::Arc;

use icf::{Configuration, GuardedBytes, GuardedString};

use crate::directory::{Directory, Slot};

/// The properties, as a caller sets them.
#[derive(Clone, Debug, Configuration)]
#[icf(own_required_check, validate = Self::check)]
pub struct LdapConfiguration {
    /// What the instances of this configuration share.
    #[icf(skip)]
    pub(crate) slot: Slot,
    /// An LDAP filter that an account must match besides its class to be reported as changed.
    #[icf(operations(Sync))]
    pub account_synchronization_filter: Option<String>,
    /// Opens the alternate key store.
    #[icf(confidential)]
    pub alternate_key_store_password: Option<GuardedString>,
    /// With a change log: changes that touch none of these attributes are left out.
    #[icf(operations(Sync))]
    pub attributes_to_synchronize: Vec<String>,
    /// Entries below which changes are looked for.
    #[icf(operations(Sync))]
    pub base_contexts_to_synchronize: Vec<String>,
    /// How many change numbers one search of the change log covers. Unit: changes.
    #[icf(required, operations(Sync))]
    pub change_log_block_size: i32,
    /// The attribute of the change log that numbers its entries.
    #[icf(required, operations(Sync))]
    pub change_number_attribute: String,
    /// The password of the principal.
    #[icf(confidential)]
    pub credentials: Option<GuardedString>,
    /// Ask the change log for each number by itself, for servers that cannot search a range.
    #[icf(operations(Sync))]
    pub filter_with_or_instead_of_and: bool,
    /// An LDAP filter that a group must match besides its class to be reported as changed.
    #[icf(operations(Sync))]
    pub group_synchronization_filter: Option<String>,
    /// Changes made by these users (DNs) are not reported; name the principal here to skip what was written through
    /// the connector.
    #[icf(operations(Sync))]
    pub modifiers_names_to_filter_out: Vec<String>,
    /// With a change log and when all classes are synchronised: only entries of one of these LDAP classes are
    /// reported.
    #[icf(required, operations(Sync))]
    pub object_classes_to_synchronize: Vec<String>,
    /// The attribute of the change log that carries captured passwords.
    #[icf(operations(Sync))]
    pub password_attribute_to_synchronize: Option<String>,
    /// The initialization vector (8 bytes) of captured passwords.
    #[icf(confidential, operations(Sync))]
    pub password_decryption_initialization_vector: Option<GuardedBytes>,
    /// The key (24 bytes, Triple DES) of captured passwords.
    #[icf(confidential, operations(Sync))]
    pub password_decryption_key: Option<GuardedBytes>,
    /// Off: change log searches also ask for the class changeLogEntry.
    #[icf(operations(Sync))]
    pub remove_log_entry_object_class_from_filter: bool,
    /// Deliver passwords that the directory captured in its change log.
    #[icf(operations(Sync))]
    pub synchronize_passwords: bool,
    /// Find changes by modification time even if the server has a better way.
    #[icf(operations(Sync))]
    pub use_timestamps_for_sync: bool,
    /// The LDAP classes that accounts have: written on create, and all asked for in searches.
    pub account_object_classes: Vec<String>,
    /// An LDAP filter that takes the place of the class filter in searches for accounts.
    pub account_search_filter: Option<String>,
    /// The attributes in which a login name is looked up.
    pub account_user_name_attributes: Vec<String>,
    /// Delete entries together with everything below them.
    pub allow_tree_delete: bool,
    /// Path of a store (PEM, PKCS#12, JKS) on the machine of the connector server: its certificates are trusted in
    /// place of those of the system, its key is shown to servers that ask for a client certificate.
    pub alternate_key_store: Option<String>,
    /// PEM, PKCS12 or JKS.
    pub alternate_key_store_type: Option<String>,
    /// simple, or SASL-EXTERNAL to authenticate by the client certificate.
    pub auth_type: String,
    /// The entries (DNs) below which everything is looked for.
    pub base_contexts: Vec<String>,
    /// How many entries the server is asked for at once where pages are used without the caller asking for them;
    /// 500 at least is asked for when useBlocks is off. Unit: entries.
    pub block_size: i32,
    /// For how long after its last use a connection counts as alive without a probe. Unit: seconds.
    pub check_alive_min_interval: i64,
    /// How long connecting to one server may take, from the look-up of its name to the bind. Unit: milliseconds.
    pub connection_timeout: i32,
    /// Active Directory: attributes that count 100 ns since 1601 and are shown as a date.
    #[icf(name = "convertADIntervalToISO8601", order = 0)]
    pub convert_ad_interval_to_iso8601: Vec<String>,
    /// Attributes with values such as 20260131120000Z that are shown as 2026-01-31T12:00:00Z.
    #[icf(name = "convertGTToISO8601", order = 0)]
    pub convert_gt_to_iso8601: Vec<String>,
    /// Attributes whose values are bytes, besides those that are known to be.
    pub custom_octet_string_attributes: Vec<String>,
    /// Active Directory: apply the password history when an administrator sets a password.
    #[icf(name = "enforceADPasswordPolicyOnReset", order = 0)]
    pub enforce_ad_password_policy_on_reset: bool,
    /// Further servers, as ldap:// or ldaps:// URLs, tried in this order when the first cannot be reached.
    pub failover: Vec<String>,
    /// Give groups, when their members are asked for, also _memberId: the identities of the members.
    pub get_group_member_id: bool,
    /// The attribute of groups that lists the DNs of members.
    pub group_member_attribute: String,
    /// The LDAP classes that groups have: written on create, and all asked for in searches.
    pub group_object_classes: Vec<String>,
    /// An LDAP filter that takes the place of the class filter in searches for groups.
    pub group_search_filter: Option<String>,
    /// The JAAS login context of the Java connector; not used.
    pub gssapi_login_context: Option<String>,
    /// Name or address of the server; with useDNSSRVRecord the name of an SRV record.
    pub host: Option<String>,
    /// Whether the certificate of the server must be for its name.
    pub host_name_verification: bool,
    /// With host name verification: a regular expression that a name in the certificate must match, in place of the
    /// host.
    pub host_name_verifier_pattern: Option<String>,
    /// Look for ldapGroups only among entries of the group object classes.
    pub ldap_groups_use_static_groups: bool,
    /// When an entry is renamed or deleted, change or remove its DN in the groups that list it.
    pub maintain_ldap_group_membership: bool,
    /// When the uid of an entry changes or the entry is deleted, change or remove it in the groups that list it as
    /// memberUid.
    pub maintain_posix_group_membership: bool,
    /// The attribute that takes passwords.
    pub password_attribute: String,
    /// How passwords are hashed before they are sent: NONE, MD5, SHA, SHA256, SHA384, SHA512, the same with a
    /// leading S for a salt (SMD5, SSHA, SSHA256 ...), or WIN-AD for the encoding of Active Directory.
    pub password_hash_algorithm: Option<String>,
    /// TCP port of the server, 1 to 65535.
    pub port: i32,
    /// The DN that the connector authenticates as; Active Directory also takes user@domain.
    pub principal: Option<String>,
    /// Which key of the alternate key store is the client certificate; empty is the first.
    pub private_key_alias: Option<String>,
    /// Read the schema from the server; off: use a built-in one.
    pub read_schema: bool,
    /// follow, ignore or throw: what to do when the server answers that entries are elsewhere.
    pub referrals_handling: String,
    /// never, first or last: where to go on when the stored change number is beyond the last one of the server.
    pub reset_sync_token: String,
    /// Refuse logins with a password that is right but must be changed first.
    pub respect_resource_password_policy_change_after_reset: bool,
    /// Tell the server the transaction id of the request, for its audit log.
    #[icf(name = "sendCAUDTxId", order = 0)]
    pub send_caud_tx_id: bool,
    /// TLS from the first byte (usually port 636).
    pub ssl: bool,
    /// Turn the connection into a TLS connection before anything else is sent.
    #[icf(name = "startTLS", order = 0)]
    pub start_tls: bool,
    /// Added to the time stamp from which changes are looked for; negative values see late replicas again. Unit:
    /// seconds.
    pub timestamp_sync_offset: i32,
    /// The attribute that identifies entries for good.
    pub uid_attribute: String,
    /// Read in blocks by VLV or, with usePagedResultControl, by simple paged results.
    pub use_blocks: bool,
    /// Take the servers from the SRV record that host names.
    #[icf(name = "useDNSSRVRecord", order = 0)]
    pub use_dnssrv_record: bool,
    /// Active Directory: show objectGUID as <GUID=32 digits> instead of the dashed form.
    #[icf(name = "useOldADGUIDFormat", order = 0)]
    pub use_old_adguid_format: bool,
    /// With useBlocks: prefer simple paged results to VLV.
    pub use_paged_result_control: bool,
    /// The attribute by which the server sorts when blocks are read by VLV.
    pub vlv_sort_attribute: String,
    /// OpenLDAP: where the accesslog overlay keeps changes.
    #[icf(name = "rs.accessLogBaseDn", order = 0)]
    pub rs_access_log_base_dn: String,
    /// Where the change log is, if the server does not tell.
    #[icf(name = "rs.changeLogContext", order = 0)]
    pub rs_change_log_context: Option<String>,
    /// How many member identities are remembered during a search. Unit: entries.
    #[icf(name = "rs.memberIdCacheSize", order = 0)]
    pub rs_member_id_cache_size: i32,
    /// How often a read is repeated on a new connection when the old one turns out to be dead. Unit: times.
    #[icf(name = "rs.operationRetries", order = 0)]
    pub rs_operation_retries: i32,
    /// Adding a value that is there and removing one that is not succeed.
    #[icf(name = "rs.permissiveModify", order = 0)]
    pub rs_permissive_modify: bool,
    /// How long the server may be silent during an operation; 0: only the time limit of the operation counts. Unit:
    /// milliseconds.
    #[icf(name = "rs.readTimeout", order = 0)]
    pub rs_read_timeout: i32,
    /// The ordering rule for sorting, where neither the schema nor the attribute has one.
    #[icf(name = "rs.sortMatchingRule", order = 0)]
    pub rs_sort_matching_rule: Option<String>,
    /// The attribute behind __ENABLE__ on servers other than Active Directory: nsAccountLock, ds-pwp-account-
    /// disabled or pwdAccountLockedTime.
    #[icf(name = "rs.statusAttribute", order = 0)]
    pub rs_status_attribute: Option<String>,
    /// changelog, cookie, usn, dirsync, timestamp, accesslog or syncrepl; empty: chosen by the kind of server.
    #[icf(name = "rs.syncStrategy", order = 0)]
    pub rs_sync_strategy: Option<String>,
}

impl Default for LdapConfiguration {
    fn default() -> Self {
        let list = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        Self {
            slot: Slot::default(),
            account_synchronization_filter: None,
            alternate_key_store_password: None,
            attributes_to_synchronize: Vec::new(),
            base_contexts_to_synchronize: Vec::new(),
            change_log_block_size: 100,
            change_number_attribute: "changeNumber".to_owned(),
            credentials: None,
            filter_with_or_instead_of_and: false,
            group_synchronization_filter: None,
            modifiers_names_to_filter_out: Vec::new(),
            object_classes_to_synchronize: vec!["inetOrgPerson".to_owned()],
            password_attribute_to_synchronize: None,
            password_decryption_initialization_vector: None,
            password_decryption_key: None,
            remove_log_entry_object_class_from_filter: true,
            synchronize_passwords: false,
            use_timestamps_for_sync: false,
            account_object_classes: list(&["top", "person", "organizationalPerson", "inetOrgPerson"]),
            account_search_filter: None,
            account_user_name_attributes: list(&["uid", "cn"]),
            allow_tree_delete: false,
            alternate_key_store: None,
            alternate_key_store_type: None,
            auth_type: "simple".to_owned(),
            base_contexts: Vec::new(),
            block_size: 100,
            check_alive_min_interval: 60,
            connection_timeout: 30000,
            convert_ad_interval_to_iso8601: list(&[
                "pwdLastSet",
                "accountExpires",
                "lockoutTime",
                "lastLogon",
            ]),
            convert_gt_to_iso8601: Vec::new(),
            custom_octet_string_attributes: Vec::new(),
            enforce_ad_password_policy_on_reset: false,
            failover: Vec::new(),
            get_group_member_id: false,
            group_member_attribute: "uniqueMember".to_owned(),
            group_object_classes: list(&["top", "groupOfUniqueNames"]),
            group_search_filter: None,
            gssapi_login_context: None,
            host: None,
            host_name_verification: false,
            host_name_verifier_pattern: None,
            ldap_groups_use_static_groups: false,
            maintain_ldap_group_membership: false,
            maintain_posix_group_membership: false,
            password_attribute: "userPassword".to_owned(),
            password_hash_algorithm: None,
            port: 389,
            principal: None,
            private_key_alias: None,
            read_schema: true,
            referrals_handling: "follow".to_owned(),
            reset_sync_token: "never".to_owned(),
            respect_resource_password_policy_change_after_reset: false,
            send_caud_tx_id: false,
            ssl: false,
            start_tls: false,
            timestamp_sync_offset: 0,
            uid_attribute: "entryUUID".to_owned(),
            use_blocks: false,
            use_dnssrv_record: false,
            use_old_adguid_format: false,
            use_paged_result_control: false,
            vlv_sort_attribute: "uid".to_owned(),
            rs_access_log_base_dn: "cn=accesslog".to_owned(),
            rs_change_log_context: None,
            rs_member_id_cache_size: 10000,
            rs_operation_retries: 1,
            rs_permissive_modify: true,
            rs_read_timeout: 0,
            rs_sort_matching_rule: None,
            rs_status_attribute: None,
            rs_sync_strategy: None,
        }
    }
}

impl LdapConfiguration {
    /// What the instances share, made at the first call.
    pub(crate) fn directory(&self) -> icf::Result<Arc<Directory>> {
        self.slot.get_or_make(self)
    }
}
