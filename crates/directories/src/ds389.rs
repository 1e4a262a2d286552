//! The 389 Directory Server, with a change log and 2,500 users: one for each test process, which tests share, so that each
//! works on names of its own; or with the people and groups of the company that [`slapd`] has.

use std::fmt::Write as _;
use std::fs;
use std::net::Ipv4Addr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use crate::keeper::{copy, keep, kept, require, run, said, tree};
use crate::slapd::{self, free_port};

/// Above everything.
pub const SUFFIX: &str = "dc=example,dc=com";
/// May do everything.
pub const ADMIN: &str = "cn=Directory Manager";
/// The password of [`ADMIN`].
pub const SECRET: &str = "Secret12";
/// How many users there are below `ou=People`: `uid=u0001` and so on.
pub const USERS: usize = 2500;

/// So many wrong passwords lock an account.
pub const LOCKED_AFTER: usize = 3;
/// A password policy by which a password that somebody else has set must be changed.
pub const MUST_CHANGE: &str = "cn=must change,ou=Policies,dc=example,dc=com";

const PROGRAM: &str = "/usr/sbin/ns-slapd";
const PACKAGES: [&str; 1] = ["389-ds-base"];
const DEFAULTS: &str = "/usr/share/dirsrv/inf/defaults.inf";

/// The running server.
#[derive(Debug)]
pub struct Ds389 {
    /// For plain connections.
    pub port: u16,
}

impl Ds389 {
    /// The one of this process, started by whoever asks first.
    #[must_use]
    pub fn shared() -> &'static Self {
        // What cannot be started is not tried again by the next test.
        static SHARED: LazyLock<Ds389> = LazyLock::new(Ds389::start);
        &SHARED
    }

    /// Another one, for a test that puts the company into it.
    #[must_use]
    pub fn another() -> Self {
        Self::start()
    }

    /// Makes people and groups those of the company again, whatever became of them.
    pub fn restore_company(&self) {
        for branch in slapd::BRANCHES {
            let mut delete = self.client("ldapdelete");
            // A branch that is not there cannot be deleted.
            let _output = delete.args(["-r", &format!("ou={branch},{SUFFIX}")]).output().unwrap();
        }
        let mut add = self.client("ldapadd");
        let mut add = add.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        std::io::Write::write_all(&mut add.stdin.take().unwrap(), slapd::branches().as_bytes()).unwrap();
        let output = add.wait_with_output().unwrap();
        assert!(output.status.success(), "ldapadd: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// A program of OpenLDAP, which comes with the server.
    fn client(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.args(["-x", "-H", &format!("ldap://127.0.0.1:{}", self.port), "-D", ADMIN, "-w", SECRET]);
        command
    }

    fn start() -> Self {
        require(PROGRAM, &PACKAGES);
        let recipe = said(Command::new(PROGRAM).arg("--version")) + include_str!("ds389.rs");
        let tree = tree(&kept("389"), &recipe, install);
        let (folder, port) = (copy(&tree), free_port());
        let settings = folder.join("config/dse.ldif");
        let text = fs::read_to_string(&settings).unwrap();
        let text = text.replace(&tree.display().to_string(), &folder.display().to_string());
        fs::write(&settings, replaced(&text, "nsslapd-port", &port.to_string())).unwrap();
        keep(&folder, server(&folder).args(["-d", "0"]), (Ipv4Addr::LOCALHOST, port).into());
        Self { port }
    }
}

fn server(folder: &Path) -> Command {
    let mut command = Command::new(PROGRAM);
    command.arg("-D").arg(folder.join("config")).arg("-i").arg(folder.join("pid"));
    command
}

/// Lets the installer of the server make an instance below this folder, and fills it.
fn install(tree: &Path) {
    let inf = tree.join("inf/share/dirsrv/inf");
    fs::create_dir_all(&inf).unwrap();
    let here = tree.display();
    // The installer creates none of these.
    for folder in ["default", "home", "lib", "lock", "log", "run", "tmp", "tmpfiles"] {
        fs::create_dir(tree.join(folder)).unwrap();
    }
    let mut defaults = fs::read_to_string(DEFAULTS).unwrap();
    for (name, value) in [
        ("with_systemd", "0".to_owned()),
        ("user", "root".to_owned()),
        ("group", "root".to_owned()),
        ("tmp_dir", format!("{here}/tmp")),
        ("initconfig_dir", format!("{here}/default")),
        ("tmpfiles_d", format!("{here}/tmpfiles")),
        ("run_dir", format!("{here}/run")),
        ("ldapi", format!("{here}/run/ldapi")),
        ("pid_file", format!("{here}/run/pid")),
        ("inst_dir", format!("{here}/inst")),
        ("lock_dir", format!("{here}/lock")),
        ("db_home_dir", format!("{here}/home")),
    ] {
        defaults = set(&defaults, name, &value);
    }
    let defaults = defaults
        .replace("/etc/dirsrv/slapd-{instance_name}", &format!("{here}/config"))
        .replace("/var/log/dirsrv/slapd-{instance_name}", &format!("{here}/log"))
        .replace("/var/lib/dirsrv/slapd-{instance_name}", &format!("{here}/lib"));
    fs::write(inf.join("defaults.inf"), defaults).unwrap();
    let wishes = format!(
        "[general]\nconfig_version=2\nfull_machine_name=localhost.localdomain\nstrict_host_checking=False\n\
         systemd=False\nselinux=False\nstart=False\n\
         [slapd]\ninstance_name=icf\nport={}\nroot_dn={ADMIN}\nroot_password={SECRET}\nself_sign_cert=False\n\
         secure_port=0\n\
         [backend-userroot]\nsuffix={SUFFIX}\nsample_entries=no\ncreate_suffix_entry=False\n",
        free_port()
    );
    fs::write(tree.join("wishes.inf"), wishes).unwrap();
    run(Command::new("dscreate")
        .env("PREFIX", tree.join("inf"))
        .arg("from-file")
        .arg(tree.join("wishes.inf")));
    configure(&tree.join("config/dse.ldif"));
    fs::write(tree.join("data.ldif"), data()).unwrap();
    run(server_import(tree).arg(tree.join("data.ldif")));
    // Made anew at every start; some hundred megabytes.
    for file in fs::read_dir(tree.join("lib/db")).unwrap().map(|file| file.unwrap().path()) {
        if file.file_name().unwrap().to_string_lossy().starts_with("__db.") {
            fs::remove_file(file).unwrap();
        }
    }
}

fn server_import(tree: &Path) -> Command {
    let mut command = Command::new(PROGRAM);
    command.arg("ldif2db").arg("-D").arg(tree.join("config")).args(["-n", "userroot", "-i"]);
    command
}

/// A change log with the identifiers of entries, little memory, no waiting for the disk, and loopback only.
fn configure(settings: &Path) {
    let mut text = fs::read_to_string(settings).unwrap();
    for (name, value) in [
        ("nsslapd-ldapilisten", "off"),
        ("nsslapd-cache-autosize", "0"),
        ("nsslapd-dbcachesize", "33554432"),
        ("nsslapd-db-durable-transaction", "off"),
    ] {
        text = replaced(&text, name, value);
    }
    let retro = "dn: cn=Retro Changelog Plugin,cn=plugins,cn=config\n";
    let (before, after) = text.split_once(retro).unwrap();
    let after = after.replacen(
        "nsslapd-pluginEnabled: off\n",
        "nsslapd-pluginEnabled: on\n\
         nsslapd-attribute: nsuniqueid:targetUniqueId\n\
         nsslapd-attribute: entryuuid:targetEntryUUID\n",
        1,
    );
    let text = format!("{before}{retro}{after}").replacen(
        "dn: cn=config\n",
        "dn: cn=config\npasswordLockout: on\npasswordMaxFailure: 3\nnsslapd-pwpolicy-local: on\n\
         nsslapd-listenhost: 127.0.0.1\nnsslapd-accesslog-logging-enabled: off\n",
        1,
    );
    fs::write(settings, text).unwrap();
}

/// `name = value` of the installer's file.
fn set(text: &str, name: &str, value: &str) -> String {
    lines(text, &format!("{name} ="), &format!("{name} = {value}"))
}

/// `name: value` of the server's own configuration.
fn replaced(text: &str, name: &str, value: &str) -> String {
    lines(text, &format!("{name}:"), &format!("{name}: {value}"))
}

fn lines(text: &str, beginning: &str, instead: &str) -> String {
    let lines = text.lines().map(|line| if line.starts_with(beginning) { instead } else { line });
    lines.flat_map(|line| [line, "\n"]).collect()
}

fn data() -> String {
    let mut text = format!(
        "dn: {SUFFIX}\nobjectClass: domain\ndc: example\n\
         aci: (targetattr!=\"userPassword\")(version 3.0; acl \"read\"; allow (read,search,compare) userdn=\"ldap:///anyone\";)\n\
         aci: (targetattr=\"*\")(version 3.0; acl \"own\"; allow (write) userdn=\"ldap:///self\";)\n\n"
    );
    for branch in ["People", "Groups", "Policies"] {
        writeln!(text, "dn: ou={branch},{SUFFIX}\nobjectClass: organizationalUnit\nou: {branch}\n").unwrap();
    }
    writeln!(
        text,
        "dn: {MUST_CHANGE}\nobjectClass: ldapsubentry\nobjectClass: passwordpolicy\ncn: must change\n\
         passwordMustChange: on\n"
    )
    .unwrap();
    for number in 1..=USERS {
        writeln!(
            text,
            "dn: uid=u{number:04},ou=People,{SUFFIX}\nobjectClass: inetOrgPerson\nuid: u{number:04}\n\
             cn: User {number}\nsn: Name {}\nentryUUID: 00000000-0000-4000-8000-{number:012}\n",
            number % 10
        )
        .unwrap();
    }
    text
}
