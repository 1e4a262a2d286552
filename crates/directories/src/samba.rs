//! A domain controller of Active Directory, as Samba makes it: one for each test process, on a loopback address of its
//! own, because its ports are fixed. Needs root for them.
//!
//! Tests share it, so each works on names of its own.

use std::fmt::Write as _;
use std::fs;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};

use crate::keeper::{copy, keep, kept, require, run, said, tree, write_private};

/// The name of the domain, as a name of the directory.
pub const DOMAIN: &str = "DC=example,DC=test";
/// May do everything.
pub const ADMIN: &str = "Administrator@example.test";
/// The password of [`ADMIN`].
pub const SECRET: &str = "Passw0rd!23";

/// How many members the group `CN=everybody,OU=Many` has: more than a domain controller of Microsoft tells at once.
pub const MEMBERS: usize = 1700;
/// So many wrong passwords lock an account.
pub const LOCKED_AFTER: usize = 3;

const PROGRAM: &str = "/usr/sbin/samba";
const PACKAGES: [&str; 2] = ["samba-ad-dc", "samba-ad-provision"];

/// The running domain controller.
#[derive(Debug)]
pub struct Samba {
    /// Where it listens: on 389, 636, 3268 and 3269.
    pub address: Ipv4Addr,
    folder: PathBuf,
}

impl Samba {
    /// The one of this process, started by whoever asks first.
    #[must_use]
    pub fn shared() -> &'static Self {
        // What cannot be started is not tried again by the next test.
        static SHARED: LazyLock<Samba> = LazyLock::new(Samba::start);
        &SHARED
    }

    /// The certificate of the authority that issued its own.
    #[must_use]
    pub fn authority(&self) -> String {
        self.folder.join("private/tls/ca.pem").display().to_string()
    }

    fn start() -> Self {
        require(PROGRAM, &PACKAGES);
        let recipe = said(Command::new(PROGRAM).arg("--version")) + include_str!("samba.rs");
        let folder = copy(&tree(&kept("samba"), &recipe, provision));
        let address = own_address(std::process::id());
        write_settings(&folder, address);
        let mut server = Command::new(PROGRAM);
        server.args(["--foreground", "--no-process-group", "--model=single", "--configfile"]);
        server.arg(folder.join("etc/smb.conf"));
        keep(&folder, &server, (address, 3269).into());
        Self { address, folder }
    }
}

/// Loads a file into the database of a domain controller that does not run.
const LOAD: &str = "
import sys
from samba.auth import system_session
from samba.param import LoadParm
from samba.samdb import SamDB
settings = LoadParm()
settings.load(sys.argv[1])
database = SamDB(url=sys.argv[2], session_info=system_session(), lp=settings)
database.transaction_start()
database.add_ldif(open(sys.argv[3]).read())
database.transaction_commit()
";

/// A group that is too large for one answer.
fn many() -> String {
    let branch = format!("OU=Many,{DOMAIN}");
    let mut text = format!("dn: {branch}\nobjectClass: organizationalUnit\nou: Many\n\n");
    let mut group = format!("dn: CN=everybody,{branch}\nobjectClass: group\nsAMAccountName: everybody\n");
    for number in 1..=MEMBERS {
        let name = format!("CN=m{number:04},{branch}");
        writeln!(text, "dn: {name}\nobjectClass: contact\n").unwrap();
        writeln!(group, "member: {name}").unwrap();
    }
    text + &group + "\n"
}

/// An address that no other process has.
fn own_address(process: u32) -> Ipv4Addr {
    let [_, high, middle, low] = process.to_be_bytes();
    Ipv4Addr::new(127, 64 | (high & 0x3f), middle, low)
}

/// Makes the domain, with passwords that may be changed at any time and accounts that three wrong ones lock.
fn provision(tree: &Path) {
    run(Command::new("samba-tool")
        .args(["domain", "provision", "--realm=EXAMPLE.TEST", "--domain=EXAMPLE", "--server-role=dc"])
        .args(["--dns-backend=NONE", "--host-name=dc1", "--host-ip=127.0.0.1", "--option=interfaces=lo"])
        .args(["--option=bind interfaces only=yes", &format!("--adminpass={SECRET}")])
        .arg(format!("--targetdir={}", tree.display())));
    run(Command::new("samba-tool")
        .args(["domain", "passwordsettings", "set", "--min-pwd-age=0"])
        .arg(format!("--account-lockout-threshold={LOCKED_AFTER}"))
        .arg("-s")
        .arg(tree.join("etc/smb.conf")));
    fs::write(tree.join("many.ldif"), many()).unwrap();
    let (settings, database) = (tree.join("etc/smb.conf"), tree.join("private/sam.ldb"));
    run(Command::new("/usr/bin/python3")
        .args(["-c", LOAD])
        .arg(settings)
        .arg(database)
        .arg(tree.join("many.ldif")));
    make_certificates(&tree.join("private/tls"));
}

fn make_certificates(folder: &Path) {
    fs::create_dir_all(folder).unwrap();
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.distinguished_name.push(DnType::CommonName, "Test authority");
    let issuer = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    fs::write(folder.join("ca.pem"), issuer.pem()).unwrap();
    let key = KeyPair::generate().unwrap();
    let names = vec!["dc1.example.test".to_owned()];
    let leaf = CertificateParams::new(names).unwrap().signed_by(&key, &issuer).unwrap();
    fs::write(folder.join("cert.pem"), leaf.pem()).unwrap();
    write_private(&folder.join("key.pem"), &key.serialize_pem());
}

/// The directory alone, of all that a domain controller serves.
fn write_settings(folder: &Path, address: Ipv4Addr) {
    let here = folder.display();
    fs::create_dir_all(folder.join("log")).unwrap();
    let text = format!(
        "[global]\n\
         realm = EXAMPLE.TEST\nworkgroup = EXAMPLE\nnetbios name = DC1\n\
         server role = active directory domain controller\nserver services = ldap\n\
         ldap server require strong auth = no\n\
         interfaces = {address}/8\nbind interfaces only = yes\n\
         private dir = {here}/private\nstate directory = {here}/state\ncache directory = {here}/cache\n\
         lock directory = {here}\nbinddns dir = {here}/bind-dns\npid directory = {here}/run\n\
         ncalrpc dir = {here}/ncalrpc\nlog file = {here}/log/log.samba\n\
         [sysvol]\npath = {here}/state/sysvol\nread only = no\n\
         [netlogon]\npath = {here}/state/sysvol/example.test/scripts\nread only = no\n"
    );
    fs::write(folder.join("etc/smb.conf"), text).unwrap();
}
