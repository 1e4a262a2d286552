//! Which values of the properties can work, by the rules of the Java connector and in its order.

use icf::{ConnectorError, Locale, Result};

use super::{LdapConfiguration, messages};
use crate::dn::Dn;
use crate::link::Address;
use crate::password::Hash;
use crate::settings::SyncStrategy;

/// The error of a message key, about a value.
pub(crate) fn fault(key: &str, value: Option<&str>) -> ConnectorError {
    let arguments: Vec<_> = value.into_iter().map(Into::into).collect();
    ConnectorError::configuration(messages().format(&Locale::default(), Some(key), None, &arguments))
}

fn ensure(holds: bool, key: &str) -> Result<()> {
    if holds { Ok(()) } else { Err(fault(key, None)) }
}

fn is_blank(text: Option<&str>) -> bool {
    text.is_none_or(|text| text.trim().is_empty())
}

fn no_blanks(values: &[String], property: &str) -> Result<()> {
    ensure(!values.iter().any(|value| value.trim().is_empty()), &format!("{property}.noBlankValues"))
}

fn names(values: &[String], property: &str) -> Result<()> {
    match values.iter().find(|value| Dn::parse(value).is_err()) {
        None => Ok(()),
        Some(value) => Err(fault(&format!("{property}.noInvalidLdapNames"), Some(value))),
    }
}

impl LdapConfiguration {
    pub(super) fn check(&self) -> Result<()> {
        self.check_target()?;
        self.check_classes()?;
        self.check_sync()?;
        self.check_choices()
    }

    fn check_target(&self) -> Result<()> {
        ensure(!is_blank(self.host.as_deref()), "host.notBlank")?;
        ensure((1..=65535).contains(&self.port), "port.legalValue")?;
        for url in &self.failover {
            Address::parse(url, self.ssl).ok_or_else(|| fault("failover.invalidUrl", Some(url)))?;
        }
        ensure(!self.base_contexts.is_empty(), "baseContexts.notEmpty")?;
        no_blanks(&self.base_contexts, "baseContexts")?;
        names(&self.base_contexts, "baseContexts")
    }

    fn check_classes(&self) -> Result<()> {
        ensure(!is_blank(Some(&self.password_attribute)), "passwordAttribute.notBlank")?;
        ensure(!self.account_object_classes.is_empty(), "accountObjectClasses.notEmpty")?;
        no_blanks(&self.account_object_classes, "accountObjectClasses")?;
        ensure(!self.account_user_name_attributes.is_empty(), "accountUserNameAttributes.notEmpty")?;
        no_blanks(&self.account_user_name_attributes, "accountUserNameAttributes")?;
        ensure(!is_blank(Some(&self.group_member_attribute)), "groupMemberAttribute.notBlank")?;
        ensure(self.block_size > 0, "blockSize.legalValue")?;
        ensure(!is_blank(Some(&self.vlv_sort_attribute)), "vlvSortAttribute.notBlank")?;
        ensure(!is_blank(Some(&self.uid_attribute)), "uidAttribute.notBlank")
    }

    fn check_sync(&self) -> Result<()> {
        no_blanks(&self.base_contexts_to_synchronize, "baseContextsToSynchronize")?;
        names(&self.base_contexts_to_synchronize, "baseContextsToSynchronize")?;
        ensure(!self.object_classes_to_synchronize.is_empty(), "objectClassesToSynchronize.notEmpty")?;
        no_blanks(&self.object_classes_to_synchronize, "objectClassesToSynchronize")?;
        no_blanks(&self.attributes_to_synchronize, "attributesToSynchronize")?;
        no_blanks(&self.modifiers_names_to_filter_out, "modifiersNamesToFilterOut")?;
        names(&self.modifiers_names_to_filter_out, "modifiersNamesToFilterOut")?;
        ensure(!is_blank(Some(&self.change_number_attribute)), "changeNumberAttribute.notBlank")?;
        ensure(self.change_log_block_size > 0, "changeLogBlockSize.legalValue")?;
        if !self.synchronize_passwords {
            return Ok(());
        }
        let attribute = self.password_attribute_to_synchronize.as_deref();
        ensure(!is_blank(attribute), "passwordAttributeToSynchronize.notBlank")?;
        ensure(self.password_decryption_key.is_some(), "decryptionKey.notBlank")?;
        ensure(
            self.password_decryption_initialization_vector.is_some(),
            "decryptionInitializationVector.notBlank",
        )
    }

    fn check_choices(&self) -> Result<()> {
        if !["follow", "ignore", "throw"].contains(&self.referrals_handling.as_str()) {
            return Err(fault("referralsHandling.invalidPolicy", Some(&self.referrals_handling)));
        }
        if let Some(name) = &self.password_hash_algorithm
            && Hash::from_name(name).is_none()
        {
            return Err(fault("passwordHashAlgorithm.invalidName", Some(name)));
        }
        let reset = self.reset_sync_token.trim().to_ascii_lowercase();
        if !["", "never", "first", "last"].contains(&reset.as_str()) {
            return Err(fault("resetSyncToken.invalidPolicy", Some(&self.reset_sync_token)));
        }
        if let Some(name) = self.rs_sync_strategy.as_deref().filter(|name| !is_blank(Some(name)))
            && SyncStrategy::from_name(name).is_none()
        {
            return Err(fault("syncStrategy.invalidName", Some(name)));
        }
        let filters = [
            &self.account_search_filter,
            &self.group_search_filter,
            &self.account_synchronization_filter,
            &self.group_synchronization_filter,
        ];
        for text in filters.into_iter().flatten().filter(|text| !is_blank(Some(text))) {
            crate::filter::parse(text).map_err(|bad| fault("filter.invalid", Some(text)).with_source(bad))?;
        }
        if let Some(pattern) = self.host_name_verifier_pattern.as_deref().filter(|p| !is_blank(Some(p)))
            && regex::Regex::new(pattern).is_err()
        {
            return Err(fault("hostNameVerifierPattern.invalid", Some(pattern)));
        }
        Ok(())
    }
}
