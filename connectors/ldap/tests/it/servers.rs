//! The connector on the servers that tests share: each test gets a branch of its own there.

use directories::ds389::{self, Ds389};
use directories::samba::{self, Samba};
use directories::unboundid::{self, Unboundid};
use icf::{Attribute, AttributeSet, ErrorKind, names};

use crate::harness::{Ldap, attributes, failure, list, secret};

/// A branch of a shared server, and a connector that knows nothing else.
pub(crate) struct Branch {
    pub(crate) dn: String,
    pub(crate) ldap: Ldap,
    /// What the test is called, for names that must be unique in the whole server.
    pub(crate) test: &'static str,
}

impl Branch {
    async fn of(ldap: Ldap, suffix: &str, test: &'static str) -> Self {
        let dn = format!("OU={test},{suffix}");
        let ldap = ldap.of("organizationalUnit");
        ldap.create(attributes([("__NAME__", &dn), ("ou", test)])).await.unwrap();
        let ldap = ldap.with("baseContexts", list([dn.as_str()])).of("__ACCOUNT__");
        Self { dn, ldap, test }
    }

    /// A branch of the domain controller.
    pub(crate) async fn samba(test: &'static str) -> Self {
        Self::of(Ldap::samba(), samba::DOMAIN, test).await
    }

    /// A branch of the 389 Directory Server.
    pub(crate) async fn ds389(test: &'static str) -> Self {
        Self::of(Ldap::ds389(), ds389::SUFFIX, test).await
    }

    /// Sets a property.
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<icf::Value>) -> Self {
        self.ldap = self.ldap.with(name, value);
        self
    }

    /// The name of an entry of the branch.
    pub(crate) fn at(&self, rdn: &str) -> String {
        format!("{rdn},{}", self.dn)
    }

    /// A login name that no other test uses.
    pub(crate) fn login(&self, name: &str) -> String {
        format!("{}-{name}", self.test)
    }

    /// A user of the domain who does not exist yet.
    pub(crate) fn user(&self, name: &str) -> AttributeSet {
        attributes([
            ("__NAME__", &self.at(&format!("CN={name}"))),
            ("sAMAccountName", &self.login(name)),
            ("sn", name),
        ])
    }

    /// A new user of the domain who can log in.
    pub(crate) async fn enabled(&self, name: &str) -> String {
        let password = Attribute::single(names::PASSWORD, secret(PASSWORD));
        let user = self.user(name).with(password).with(Attribute::single(names::ENABLE, true));
        self.ldap.create(user).await.unwrap()
    }

    /// A person who does not exist yet, as most directories want one.
    pub(crate) fn person(&self, uid: &str) -> AttributeSet {
        attributes([("__NAME__", &self.at(&format!("uid={uid}"))), ("cn", "New Comer"), ("sn", "Comer")])
    }

    /// The error of a login.
    pub(crate) async fn refused(&self, name: &str, password: &str) -> (ErrorKind, String) {
        failure(self.ldap.authenticate(&self.login(name), password).await)
    }
}

/// What the domain controller takes for a good password.
pub(crate) const PASSWORD: &str = "Corr3ct-Horse!";

impl Ldap {
    /// The administrator of the domain, over TLS.
    pub(crate) fn samba() -> Self {
        let server = Samba::shared();
        Self::nowhere()
            .with("host", server.address.to_string().as_str())
            .with("port", 636)
            .with("ssl", true)
            .with("alternateKeyStore", server.authority().as_str())
            .with("alternateKeyStoreType", "PEM")
            .with("principal", samba::ADMIN)
            .with("credentials", secret(samba::SECRET))
            .with("baseContexts", list([samba::DOMAIN]))
            .with("accountObjectClasses", list(["top", "person", "organizationalPerson", "user"]))
            .with("accountUserNameAttributes", list(["sAMAccountName"]))
            .with("objectClassesToSynchronize", list(["user"]))
            .with("groupObjectClasses", list(["top", "group"]))
            .with("groupMemberAttribute", "member")
            .with("uidAttribute", "objectGUID")
            .with("passwordAttribute", "unicodePwd")
            .with("referralsHandling", "ignore")
            .with("readSchema", false)
    }

    /// The manager of the 389 Directory Server.
    pub(crate) fn ds389() -> Self {
        Self::nowhere()
            .with("port", i32::from(Ds389::shared().port))
            .with("principal", ds389::ADMIN)
            .with("credentials", secret(ds389::SECRET))
    }

    /// The manager of a directory in memory.
    pub(crate) fn in_memory(server: &Unboundid) -> Self {
        Self::nowhere()
            .with("port", i32::from(server.port))
            .with("principal", unboundid::ADMIN)
            .with("credentials", secret(unboundid::SECRET))
    }
}
