//! Directories in memory, of the UnboundID SDK: any number inside one Java process, each showing the vendor and the
//! version that the test wants.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError};

use crate::keeper::{kept, run};

/// Above everything.
pub const SUFFIX: &str = "dc=example,dc=com";
/// May do everything.
pub const ADMIN: &str = "cn=Directory Manager";
/// The password of [`ADMIN`].
pub const SECRET: &str = "Secret12";

const VERSION: &str = "7.0.3";
const COPY: &str = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy";

/// A directory with a change log. It lives as long as the test process.
#[derive(Debug)]
pub struct Unboundid {
    /// For plain connections.
    pub port: u16,
}

/// The Java process; it ends with its input, which is open while this program lives.
struct Java {
    _child: Child,
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Unboundid {
    /// An empty directory that shows these attributes in its root entry; an empty one is absent.
    #[must_use]
    pub fn start(vendor_name: &str, vendor_version: &str) -> Self {
        static JAVA: OnceLock<Mutex<Java>> = OnceLock::new();
        let java = JAVA.get_or_init(|| Mutex::new(launch()));
        let mut java = java.lock().unwrap_or_else(PoisonError::into_inner);
        writeln!(java.orders, "{vendor_name}\t{vendor_version}").unwrap();
        let mut port = String::new();
        java.answers.read_line(&mut port).unwrap();
        Self { port: port.trim().parse().unwrap_or_else(|error| panic!("no port but {port:?}: {error}")) }
    }
}

fn launch() -> Java {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("java/Directories.java");
    let mut child = Command::new("java")
        .args(["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp"])
        .arg(sdk())
        .arg(source)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("start java: the directories in memory need Java 17");
    let orders = child.stdin.take().unwrap();
    let answers = BufReader::new(child.stdout.take().unwrap());
    Java { _child: child, orders, answers }
}

/// The jar file, fetched by Maven unless it is there.
fn sdk() -> PathBuf {
    let place = kept("unboundid");
    let lock = File::create(place.join("lock")).unwrap();
    lock.lock().unwrap();
    let jar = place.join(format!("unboundid-ldapsdk-{VERSION}.jar"));
    if !jar.exists() {
        run(Command::new("mvn")
            .args(["-q", "-B", COPY])
            .arg(format!("-Dartifact=com.unboundid:unboundid-ldapsdk:{VERSION}"))
            .arg(format!("-DoutputDirectory={}", place.join("new").display())));
        fs::rename(place.join("new").join(jar.file_name().unwrap()), &jar).unwrap();
    }
    jar
}
