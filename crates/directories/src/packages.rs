//! Debian packages with the directories that the tests talk to. What is not installed is downloaded and unpacked once,
//! into a folder beside the build: no root needed. A package that cannot be had fails the test.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where the programs are, below a root of their own.
#[derive(Debug)]
pub(crate) struct Unpacked {
    pub(crate) root: PathBuf,
}

/// slapd with what it needs beyond a plain installation of Debian.
const PACKAGES: [&str; 6] = ["slapd", "libldap-2.5-0", "libsasl2-2", "libltdl7", "libodbc2", "libwrap0"];

impl Unpacked {
    /// The packages, unpacked unless that has been done.
    pub(crate) fn slapd() -> Self {
        if Path::new("/usr/sbin/slapd").exists() && Path::new("/etc/ldap/schema/core.schema").exists() {
            return Self { root: PathBuf::from("/") };
        }
        let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/counterparts/slapd");
        fs::create_dir_all(&place).unwrap();
        let place = place.canonicalize().unwrap();
        let lock = File::create(place.join("lock")).unwrap();
        lock.lock().unwrap();
        let root = place.join("root");
        if !place.join("complete").exists() {
            download(&place);
            fs::create_dir_all(&root).unwrap();
            for file in fs::read_dir(&place).unwrap().map(|file| file.unwrap().path()) {
                if file.extension().is_some_and(|extension| extension == "deb") {
                    run(Command::new("dpkg").arg("-x").arg(&file).arg(&root));
                }
            }
            fs::write(place.join("complete"), "").unwrap();
        }
        Self { root }
    }

    /// A program of the packages, with its libraries.
    pub(crate) fn program(&self, path: &str) -> Command {
        let mut command = Command::new(self.root.join(path));
        let libraries = ["usr/lib/x86_64-linux-gnu", "usr/lib/aarch64-linux-gnu"];
        let libraries: Vec<_> =
            libraries.iter().map(|folder| self.root.join(folder).display().to_string()).collect();
        if self.root != Path::new("/") {
            command.env("LD_LIBRARY_PATH", libraries.join(":"));
        }
        command
    }
}

/// With lists and a cache of its own, so that nothing of the machine is changed.
fn download(place: &Path) {
    let apt = place.join("apt");
    for folder in ["state/lists/partial", "cache/archives/partial"] {
        fs::create_dir_all(apt.join(folder)).unwrap();
    }
    let option = |name: &str, folder: &str| format!("{name}={}", apt.join(folder).display());
    let options = [
        option("Dir::State", "state"),
        option("Dir::Cache", "cache"),
        "Debug::NoLocking=1".to_owned(),
        "APT::Sandbox::User=".to_owned(),
    ];
    let apt_get = || {
        let mut command = Command::new("apt-get");
        for option in &options {
            command.arg("-o").arg(option);
        }
        command.arg("-qq").current_dir(place);
        command
    };
    run(apt_get().arg("update"));
    run(apt_get().arg("download").args(PACKAGES));
}

fn run(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {}: {said}", output.status);
}
