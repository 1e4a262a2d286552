//! A real OpenLDAP server with a small company in it, one for each test.

use std::fmt::Write as _;
use std::fs;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use tempfile::TempDir;

use crate::keeper::scratch;
use crate::packages::Unpacked;

/// Above everything in the company.
pub const SUFFIX: &str = "dc=example,dc=com";
/// May do everything.
pub const ADMIN: &str = "cn=admin,dc=example,dc=com";
/// The password of [`ADMIN`].
pub const SECRET: &str = "admin-secret";

/// Where the company's people and groups are.
pub(crate) const BRANCHES: [&str; 3] = ["People", "Partners", "Groups"];

/// A running server.
#[derive(Debug)]
pub struct Slapd {
    folder: TempDir,
    child: Child,
    /// For plain connections and StartTLS.
    pub port: u16,
    /// For TLS from the first byte.
    pub tls_port: u16,
}

/// The packages and a database to copy.
struct Template {
    packages: Unpacked,
    folder: TempDir,
}

/// What the server shows of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certificate {
    /// Issued by the authority in `ca.pem`, for localhost and 127.0.0.1.
    Issued,
    /// Its own authority, for another name.
    SelfSigned,
}

fn template() -> &'static Template {
    static TEMPLATE: OnceLock<Template> = OnceLock::new();
    TEMPLATE.get_or_init(|| {
        let packages = Unpacked::slapd();
        let folder = tempfile::tempdir_in(scratch()).unwrap();
        let path = folder.path();
        make_certificates(path);
        write_configuration(&packages, path, Certificate::Issued, room(0));
        load(&packages, path, &company());
        Template { packages, folder }
    })
}

/// Fills the database of a server that does not run.
fn load(packages: &Unpacked, folder: &Path, entries: &str) {
    let data = folder.join("data.ldif");
    fs::write(&data, entries).unwrap();
    let mut load = packages.program("usr/sbin/slapadd");
    load.args(["-q", "-b", SUFFIX, "-f"]).arg(folder.join("slapd.conf")).arg("-l").arg(data);
    let output = load.output().unwrap();
    assert!(output.status.success(), "slapadd: {}", String::from_utf8_lossy(&output.stderr));
}

impl Slapd {
    /// A fresh server with the company.
    #[must_use]
    pub fn start() -> Self {
        Self::with(Certificate::Issued)
    }

    /// A fresh server that shows this certificate.
    #[must_use]
    pub fn with(certificate: Certificate) -> Self {
        Self::start_with(certificate, "")
    }

    /// A fresh server with more entries, in LDIF, besides the company.
    #[must_use]
    pub fn holding(more: &str) -> Self {
        Self::start_with(Certificate::Issued, more)
    }

    fn start_with(certificate: Certificate, more: &str) -> Self {
        let template = template();
        let folder = tempfile::tempdir_in(scratch()).unwrap();
        let from = template.folder.path();
        for file in ["server.pem", "server.key", "self.pem", "self.key", "ca.pem"] {
            fs::copy(from.join(file), folder.path().join(file)).unwrap();
        }
        fs::create_dir(folder.path().join("db")).unwrap();
        fs::create_dir(folder.path().join("log")).unwrap();
        fs::copy(from.join("db/data.mdb"), folder.path().join("db/data.mdb")).unwrap();
        write_configuration(&template.packages, folder.path(), certificate, room(more.len()));
        if !more.is_empty() {
            load(&template.packages, folder.path(), more);
        }
        let (port, tls_port) = (free_port(), free_port());
        let child = launch(&template.packages, folder.path(), port, tls_port);
        let server = Self { folder, child, port, tls_port };
        server.wait();
        server
    }

    fn wait(&self) {
        let begun = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).is_err() {
            assert!(begun.elapsed() < Duration::from_secs(20), "slapd does not listen: {}", self.said());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn said(&self) -> String {
        fs::read_to_string(self.folder.path().join("said")).unwrap_or_default()
    }

    /// Ends the server at once.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Starts the server again on its ports.
    pub fn restart(&mut self) {
        self.child = launch(&template().packages, self.folder.path(), self.port, self.tls_port);
        self.wait();
    }

    /// Starts the server again on its ports, with this certificate.
    pub fn restart_with(&mut self, certificate: Certificate) {
        write_configuration(&template().packages, self.folder.path(), certificate, room(0));
        self.restart();
    }

    /// A file of the server's folder.
    #[must_use]
    pub fn file(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }
}

impl Drop for Slapd {
    fn drop(&mut self) {
        // It may have been killed by the test.
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}

fn launch(packages: &Unpacked, folder: &Path, port: u16, tls_port: u16) -> Child {
    let urls = format!("ldap://127.0.0.1:{port} ldaps://127.0.0.1:{tls_port}");
    let said = fs::File::create(folder.join("said")).unwrap();
    let mut command: Command = packages.program("usr/sbin/slapd");
    // With a debug level it stays in the foreground.
    command.args(["-d", "0", "-h", &urls, "-f"]).arg(folder.join("slapd.conf"));
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(said).spawn().unwrap()
}

/// A port on which nobody listens.
#[must_use]
pub fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}

/// How large a database may become that gets so many bytes of LDIF besides the company. It is that large on disk as well,
/// so no larger than needed.
const fn room(more: usize) -> usize {
    (32 << 20) + 32 * more
}

fn write_configuration(packages: &Unpacked, folder: &Path, certificate: Certificate, room: usize) {
    let name = if certificate == Certificate::Issued { "server" } else { "self" };
    for place in ["db", "log"] {
        fs::create_dir_all(folder.join(place)).unwrap();
    }
    let schemas = packages.root.join("etc/ldap/schema");
    let mut text = String::new();
    for schema in ["core", "cosine", "nis", "inetorgperson"] {
        writeln!(text, "include {}/{schema}.schema", schemas.display()).unwrap();
    }
    let here = |file: &str| folder.join(file).display().to_string();
    writeln!(text, "pidfile {}\nmodulepath {}", here("pid"), module_path(packages).display()).unwrap();
    for module in ["back_mdb", "sssvlv", "ppolicy", "syncprov", "accesslog"] {
        writeln!(text, "moduleload {module}").unwrap();
    }
    writeln!(
        text,
        "TLSCACertificateFile {}\nTLSCertificateFile {}\nTLSCertificateKeyFile {}",
        here("ca.pem"),
        here(&format!("{name}.pem")),
        here(&format!("{name}.key"))
    )
    .unwrap();
    writeln!(
        text,
        "sizelimit 50\nallow bind_v2\n\
         database mdb\nsuffix cn=accesslog\nrootdn {ADMIN}\ndirectory {}\nmaxsize 33554432\ndbnosync\n\
         index reqStart,reqEnd eq\n\
         database mdb\nsuffix {SUFFIX}\nrootdn {ADMIN}\nrootpw {SECRET}\ndirectory {}\nmaxsize {room}\ndbnosync\n\
         index objectClass,entryUUID,entryCSN,uid,uniqueMember,memberUid,modifyTimestamp eq\n\
         access to attrs=userPassword by self write by anonymous auth by * none\n\
         access to * by self write by users read by anonymous read\n\
         overlay sssvlv\noverlay syncprov\nsyncprov-sessionlog 1000\noverlay accesslog\nlogdb cn=accesslog\n\
         logops writes\nlogsuccess TRUE\n\
         logold (objectClass=*)\noverlay ppolicy\nppolicy_use_lockout\n",
        here("log"),
        here("db")
    )
    .unwrap();
    fs::write(folder.join("slapd.conf"), text).unwrap();
}

fn module_path(packages: &Unpacked) -> PathBuf {
    packages.root.join("usr/lib/ldap")
}

/// The company's people and groups, which any server takes.
pub(crate) fn branches() -> String {
    let company = company();
    let entries = company.split("\n\n").map(str::trim_start).filter(|entry| {
        let name = entry.lines().next().unwrap_or_default();
        BRANCHES.iter().any(|branch| name.ends_with(&format!("ou={branch},{SUFFIX}")))
    });
    entries.flat_map(|entry| [entry, "\n\n"]).collect()
}

/// 300 users in two branches, groups of both kinds, names with every character that means something.
fn company() -> String {
    let mut text = String::new();
    let mut add = |dn: &str, lines: &str| writeln!(text, "dn: {dn}\n{lines}\n").unwrap();
    add(SUFFIX, "objectClass: dcObject\nobjectClass: organization\no: Example\ndc: example");
    for branch in ["People", "Partners", "Groups", "Policies", "Strange"] {
        let lines = format!("objectClass: organizationalUnit\nou: {branch}");
        add(&format!("ou={branch},{SUFFIX}"), &lines);
    }
    add(&format!("o=Acme,{SUFFIX}"), "objectClass: organization\no: Acme");
    for number in 1..=300 {
        let branch = if number <= 200 { "People" } else { "Partners" };
        let mut lines = format!(
            "objectClass: inetOrgPerson\nuid: u{number:04}\ncn: User {number}\nsn: Name {}\nuserPassword: secret-{number:04}",
            number % 10
        );
        if number % 2 == 0 {
            write!(lines, "\nmail: u{number:04}@example.com").unwrap();
        }
        add(&format!("uid=u{number:04},ou={branch},{SUFFIX}"), &lines);
    }
    for (number, member) in [(1, 1), (2, 2), (3, 3)] {
        let lines = format!(
            "objectClass: groupOfUniqueNames\ncn: g{number}\nuniqueMember: uid=u{member:04},ou=People,{SUFFIX}\nuniqueMember: cn=nobody"
        );
        add(&format!("cn=g{number},ou=Groups,{SUFFIX}"), &lines);
    }
    for (number, member) in [(1, "u0001"), (2, "u0002")] {
        let lines =
            format!("objectClass: posixGroup\ncn: p{number}\ngidNumber: 10{number}\nmemberUid: {member}");
        add(&format!("cn=p{number},ou=Groups,{SUFFIX}"), &lines);
    }
    let policy = "objectClass: device\nobjectClass: pwdPolicy\ncn: strict\npwdAttribute: userPassword\npwdMustChange: TRUE";
    add(&format!("cn=strict,ou=Policies,{SUFFIX}"), policy);
    let reset = format!(
        "objectClass: inetOrgPerson\nuid: reset\ncn: Reset\nsn: Reset\nuserPassword: reset-secret\npwdPolicySubentry: cn=strict,ou=Policies,{SUFFIX}\npwdReset: TRUE"
    );
    add(&format!("uid=reset,ou=Strange,{SUFFIX}"), &reset);
    let strange: [(&str, &str); 4] = [
        (r"cn=a\2Cb,ou=Strange", "a,b"),
        (r"cn=sharp \#\+\\\22/,ou=Strange", "sharp #+\\\"/"),
        ("cn=Jürgen Groß,ou=Strange", "Jürgen Groß"),
        (r"cn=a*b(c)d\5Ce,ou=Strange", "a*b(c)d\\e"),
    ];
    for (dn, cn) in strange {
        let lines = format!("objectClass: inetOrgPerson\ncn: {cn}\nsn: Strange\nuid: twins");
        let lines = if cn.is_ascii() {
            lines
        } else {
            "objectClass: inetOrgPerson\ncn:: SsO8cmdlbiBHcm/Dnw==\nsn: Strange".to_owned()
        };
        match dn.is_ascii() {
            true => add(&format!("{dn},{SUFFIX}"), &lines),
            // The name in base64, as LDIF wants what is not ASCII.
            false => add(": Y249SsO8cmdlbiBHcm/DnyxvdT1TdHJhbmdlLGRjPWV4YW1wbGUsZGM9Y29t", &lines),
        }
    }
    text.replace("dn: : ", "dn:: ")
}

fn make_certificates(folder: &Path) {
    let write = |name: &str, text: String| fs::write(folder.join(name), text).unwrap();
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.distinguished_name.push(DnType::CommonName, "Test authority");
    let issuer = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    write("ca.pem", issuer.pem());
    let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(names).unwrap().signed_by(&key, &issuer).unwrap();
    write("server.pem", leaf.pem());
    write("server.key", key.serialize_pem());
    let mut own = CertificateParams::new(vec!["directory.example".to_owned()]).unwrap();
    own.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    own.distinguished_name.push(DnType::CommonName, "directory.example");
    let key = KeyPair::generate().unwrap();
    write("self.pem", own.self_signed(&key).unwrap().pem());
    write("self.key", key.serialize_pem());
}
