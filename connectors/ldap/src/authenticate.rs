//! Login names to entries, and whether a password is right: by a bind on a connection of its own.

use icf::{ConnectorError, ErrorKind, GuardedString, OperationOptions, Uid, Value};
use tracing::{info, warn};

use crate::fault::{Fault, Result, kind_of};
use crate::filter::LdapFilter;
use crate::link::{Link, bind, close, entry};
use crate::lookup;
use crate::message::control::{PasswordPolicy, oid, password_policy, value_of};
use crate::message::{Control, LdapResult, code};
use crate::projection::Projection;
use crate::search::Context;
use crate::settings::is_dn_attribute;

/// The entry of a login name.
#[derive(Debug)]
pub(crate) struct User {
    pub(crate) dn: String,
    pub(crate) uid: Uid,
}

/// Finds the one entry of a login name.
///
/// # Errors
/// `InvalidCredentialException` if there is none, `ConnectorSecurityException` if there are several.
pub(crate) async fn resolve(
    context: &Context<'_>,
    link: &mut Link<'_>,
    name: &str,
    options: &OperationOptions,
) -> Result<User> {
    let settings = &context.session.directory().settings;
    let attributes = name_attributes(options, &settings.properties.account_user_name_attributes);
    let class = settings.class_filter(context.class);
    let mut projection =
        Projection::new(context.class, Some(&[]), settings, &context.model, context.facts.profile());
    if let Some(uid) = settings.uid.attribute() {
        projection.need(uid, settings, &context.model, context.facts.profile());
    }
    let requested = projection.requested();
    let requested: Vec<&str> = requested.iter().map(String::as_str).collect();
    let mut found = Vec::new();
    let (names, others): (Vec<&String>, Vec<&String>) =
        attributes.iter().partition(|attribute| is_dn_attribute(attribute));
    if !names.is_empty() && !name.trim().is_empty() {
        found.extend(link.read(name, class.clone(), &requested).await?);
    }
    let any = LdapFilter::any(others.iter().map(|attribute| LdapFilter::equal(attribute.trim(), name)));
    if let Some(any) = any {
        let filter = LdapFilter::all([any].into_iter().chain(class));
        let filter = filter.unwrap_or_else(LdapFilter::everything);
        for base in &settings.bases {
            let search = lookup::below(base.as_str(), filter.clone(), &requested);
            found.extend(link.find(&search, &[]).await?);
        }
    }
    let mut users: Vec<User> = Vec::new();
    for bytes in found {
        let object = projection.decode(entry(&bytes)?)?.object;
        if !users.iter().any(|user| user.dn == object.name) {
            users.push(User { dn: object.name, uid: object.uid });
        }
    }
    match (users.pop(), users.is_empty()) {
        (Some(user), true) => Ok(user),
        (None, _) => Err(Fault::Final(ConnectorError::invalid_credential(format!(
            "Cannot resolve the user name '{name}': no entry of {} has it",
            context.class
        )))),
        (Some(_), false) => Err(Fault::Final(ConnectorError::new(
            ErrorKind::ConnectorSecurity,
            format!("More than one entry matches the user name '{name}'"),
        ))),
    }
}

/// Checks a password and answers the identity of its owner.
pub(crate) async fn authenticate(
    context: &Context<'_>,
    link: &mut Link<'_>,
    name: &str,
    password: &GuardedString,
    options: &OperationOptions,
) -> Result<Uid> {
    let user = resolve(context, link, name, options).await?;
    let result = try_login(context, &user.dn, password).await?;
    judge(context, &user, &result)?;
    Ok(user.uid)
}

/// Binds as an entry on a connection of its own and answers what the server says.
pub(crate) async fn try_login(
    context: &Context<'_>,
    dn: &str,
    password: &GuardedString,
) -> Result<LdapResult> {
    let directory = context.session.directory();
    let mut controls = Vec::new();
    if context.facts.supports(oid::PASSWORD_POLICY) {
        controls.push(Control::new(oid::PASSWORD_POLICY, false));
    }
    let mut connection = directory.opener.connect(&directory.settings, &context.patience).await?;
    let result = bind(&mut connection, dn, password, &controls, &context.patience).await?;
    close(connection, &context.patience).await;
    Ok(result)
}

/// What the answer to a login means.
pub(crate) fn judge(context: &Context<'_>, user: &User, result: &LdapResult) -> Result<()> {
    let respect =
        context.session.directory().settings.properties.respect_resource_password_policy_change_after_reset;
    let policy = policy(result);
    let verdict = if result.code == code::SUCCESS {
        let must_change = value_of(&result.controls, oid::PASSWORD_EXPIRED).is_some()
            || matches!(policy.error, Some(0 | 2));
        match policy.error {
            _ if must_change && respect => Some(ErrorKind::PasswordExpired),
            Some(1) => Some(ErrorKind::InvalidCredential),
            _ => None,
        }
    } else {
        Some(refusal(result, policy, context.facts.profile().is_microsoft, respect))
    };
    let Some(kind) = verdict else {
        if let Some(seconds) = policy.expires_in {
            info!(user = user.dn, seconds, "The password of a user expires soon.");
        }
        if let Some(left) = policy.grace_logins {
            warn!(
                user = user.dn,
                left, "A user logged in with an expired password; few such logins are left."
            );
        }
        return Ok(());
    };
    let text = match (&kind, policy.error) {
        (ErrorKind::PasswordExpired, _) if result.code == code::SUCCESS => {
            format!("The password of {} is right but has expired or must be changed", user.dn)
        }
        (_, Some(1)) => format!("The account {} is locked", user.dn),
        _ => Fault::refused(format!("authenticate {}", user.dn), result.clone()).to_string(),
    };
    let mut error = ConnectorError::new(kind.clone(), text);
    if kind == ErrorKind::PasswordExpired {
        error = error.with_uid(user.uid.clone());
    }
    Err(Fault::Final(error))
}

fn policy(result: &LdapResult) -> PasswordPolicy {
    value_of(&result.controls, oid::PASSWORD_POLICY)
        .and_then(|value| password_policy(value).ok())
        .unwrap_or_default()
}

fn refusal(result: &LdapResult, policy: PasswordPolicy, microsoft: bool, respect: bool) -> ErrorKind {
    // Servers refuse a locked account with whatever code; 389 with that of a broken constraint.
    if policy.error == Some(1) {
        return ErrorKind::InvalidCredential;
    }
    if result.code != code::INVALID_CREDENTIALS {
        return kind_of(result);
    }
    if microsoft {
        return match data(&result.diagnostic).as_deref() {
            Some("52e" | "525") => ErrorKind::InvalidPassword,
            Some("532") => ErrorKind::PasswordExpired,
            Some("773") if respect => ErrorKind::PasswordExpired,
            _ => ErrorKind::InvalidCredential,
        };
    }
    let text = result.diagnostic.to_lowercase();
    let expired = text.contains("password expired") || text.contains("password has expired");
    match policy.error {
        Some(0) => ErrorKind::PasswordExpired,
        _ if expired => ErrorKind::PasswordExpired,
        _ => ErrorKind::InvalidPassword,
    }
}

/// The number behind the word `data` in what Active Directory says of a login.
fn data(diagnostic: &str) -> Option<String> {
    let (_, rest) = diagnostic.split_once("data ")?;
    let number: String = rest.chars().take_while(char::is_ascii_hexdigit).collect();
    Some(number.to_lowercase()).filter(|number| !number.is_empty())
}

fn name_attributes(options: &OperationOptions, configured: &[String]) -> Vec<String> {
    let items: &[Value] = match options.get("ldap_uid_attributes") {
        Some(Value::Array(array)) => &array.items,
        Some(Value::List(items)) => items,
        _ => &[],
    };
    let named: Vec<String> = items.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    if named.is_empty() { configured.to_vec() } else { named }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(code: u32, text: &str, microsoft: bool, respect: bool) -> ErrorKind {
        let result = LdapResult { code, diagnostic: text.to_owned(), ..LdapResult::default() };
        refusal(&result, PasswordPolicy::default(), microsoft, respect)
    }

    #[test]
    fn a_wrong_password_is_not_an_expired_one() {
        assert_eq!(refused(49, "", false, true), ErrorKind::InvalidPassword);
        assert_eq!(
            refused(49, "NDS error: password has expired (-223)", false, false),
            ErrorKind::PasswordExpired
        );
        assert_eq!(refused(50, "", false, false), ErrorKind::PermissionDenied);
    }

    #[test]
    fn data_of_active_directory_says_why() {
        let text = |data: &str| {
            format!(
                "80090308: LdapErr: DSID-0C0903A9, comment: AcceptSecurityContext error, data {data}, v1db1"
            )
        };
        for (data, kind) in [
            ("52e", ErrorKind::InvalidPassword),
            ("525", ErrorKind::InvalidPassword),
            ("532", ErrorKind::PasswordExpired),
            ("533", ErrorKind::InvalidCredential),
            ("701", ErrorKind::InvalidCredential),
            ("773", ErrorKind::InvalidCredential),
            ("775", ErrorKind::InvalidCredential),
        ] {
            assert_eq!(refused(49, &text(data), true, false), kind, "{data}");
        }
        assert_eq!(refused(49, &text("773"), true, true), ErrorKind::PasswordExpired);
    }
}
