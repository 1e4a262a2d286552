//! `bin/ConnectorServer.sh` run by `sh`: the verbs of the Java server reach `rcs` with the right arguments.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::PathBuf;
use std::process::{Command, Output};

use tempfile::TempDir;

/// An installation directory with the script in it.
struct Installation(TempDir);

impl Installation {
    /// `rcs` is the real program.
    fn real() -> Self {
        let installation = Self::without_program();
        symlink(env!("CARGO_BIN_EXE_rcs"), installation.path("bin/rcs")).unwrap();
        installation
    }

    /// `rcs` prints how it was called.
    fn recording() -> Self {
        let installation = Self::without_program();
        let program = installation.path("bin/rcs");
        let script = "#!/bin/sh\necho \"pid=$$ home=$CONNECTOR_SERVER_HOME opts=$OPENICF_OPTS pwd=$(pwd -P)\"\n\
                      for argument; do echo \"<$argument>\"; done\n";
        fs::write(&program, script).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        installation
    }

    fn without_program() -> Self {
        let directory = tempfile::tempdir().unwrap();
        fs::create_dir(directory.path().join("bin")).unwrap();
        fs::create_dir(directory.path().join("conf")).unwrap();
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/bin/ConnectorServer.sh");
        fs::copy(source, directory.path().join("bin/ConnectorServer.sh")).unwrap();
        Self(directory)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().canonicalize().unwrap().join(name)
    }

    fn sh(&self) -> Command {
        let mut command = Command::new("sh");
        command
            .arg(self.path("bin/ConnectorServer.sh"))
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .current_dir("/");
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.sh().args(arguments).output().unwrap()
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn run_and_start() {
    for verb in ["/run", "/start", "/RUN", "/Start"] {
        let installation = Installation::recording();
        let output = installation
            .sh()
            .args([verb, "-Da=b c", "-J-Dd=*", "-J-Xmx1g"])
            .env("OPENICF_OPTS", "-Dconnectorserver.clientSecret=s3cret")
            .output()
            .unwrap();
        let home = installation.path("");
        let home = home.to_str().unwrap().trim_end_matches('/');
        let pid = fs::read_to_string(installation.path(".openicf.pid")).unwrap();
        assert_eq!(
            text(&output.stdout),
            format!(
                "pid={} home={home} opts=-Dconnectorserver.clientSecret=s3cret pwd={home}\n<run>\n<-Da=b c>\n<-Dd=*>\n",
                pid.trim()
            )
        );
        assert_eq!(text(&output.stderr), "");
        assert_eq!(output.status.code(), Some(0));
    }
}

#[test]
fn options_are_never_printed() {
    for arguments in [vec!["/version"], vec!["/nonsense"], vec!["/run"], vec!["/setKey", "own"], vec![]] {
        let installation = Installation::real();
        fs::write(installation.path("conf/ConnectorServer.properties"), "").unwrap();
        let output = installation
            .sh()
            .args(&arguments)
            .env("OPENICF_OPTS", "-Dconnectorserver.clientSecret=s3cret")
            .output();
        let output = output.unwrap();
        assert!(
            !text(&output.stdout).contains("s3cret") && !text(&output.stderr).contains("s3cret"),
            "{arguments:?}"
        );
    }
}

#[test]
fn set_key() {
    for verb in ["/setKey", "--setKey", "/setkey"] {
        let installation = Installation::real();
        let file = installation.path("conf/ConnectorServer.properties");
        fs::write(&file, "# head\nconnectorserver.key=x\n").unwrap();
        let output = installation.run(&[verb, "own"]);
        assert_eq!(text(&output.stdout), "Key has been successfully updated.\n");
        assert!(text(&output.stderr).starts_with("Warning: a key on the command line can be seen"));
        assert_eq!(output.status.code(), Some(0));
        assert_eq!(
            fs::read_to_string(&file).unwrap(),
            "# head\nconnectorserver.key=LjOS9+0KypQhm9NH3BQI7SJ9LUA\\=\n"
        );
    }
    let installation = Installation::recording();
    assert!(text(&installation.run(&["/setKey"]).stdout).ends_with("\n<set-key>\n"));
    let installation = Installation::real();
    assert_eq!(installation.run(&["/setKey", "own"]).status.code(), Some(2), "there is no file");
}

#[test]
fn version() {
    let output = Installation::real().run(&["/version"]);
    assert_eq!(text(&output.stdout), format!("RCS {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn anything_else_shows_the_usage() {
    for arguments in [vec![], vec!["/stop"], vec!["/setDefaults"], vec!["--help"], vec!["-Da=b"]] {
        let output = Installation::recording().run(&arguments);
        assert!(text(&output.stdout).starts_with("Usage: ConnectorServer.sh <verb>"), "{arguments:?}");
        assert_eq!(output.status.code(), Some(0));
    }
}

#[test]
fn jpda_is_passed_over() {
    let output = Installation::recording().run(&["jpda", "/run"]);
    assert!(text(&output.stdout).ends_with("\n<run>\n"));
    assert!(text(&output.stderr).contains("jpda is ignored"));
}

#[test]
fn the_installation_is_found_through_a_link_or_by_name() {
    let installation = Installation::recording();
    let elsewhere = tempfile::tempdir().unwrap();
    let link = elsewhere.path().join("rcs-server");
    symlink(installation.path("bin/ConnectorServer.sh"), &link).unwrap();
    let home = format!("home={} ", installation.path("").to_str().unwrap().trim_end_matches('/'));
    let output =
        Command::new("sh").arg(&link).arg("/run").env_remove("CONNECTOR_SERVER_HOME").output().unwrap();
    assert!(text(&output.stdout).contains(&home));

    let other = Installation::without_program();
    let output = other.sh().arg("/run").env("CONNECTOR_SERVER_HOME", installation.path("")).output().unwrap();
    assert!(text(&output.stdout).contains("<run>"));
    let output = other.sh().arg("/run").env("CONNECTOR_SERVER_HOME", "/nowhere").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("not an installation directory: /nowhere"));
    let output = other.run(&["/run"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("was not found"));
}

#[test]
fn the_process_id_goes_where_it_is_wanted() {
    let installation = Installation::recording();
    let file = installation.path("conf/pid");
    let output = installation.sh().arg("/run").env("OPENICF_PID_FILE", &file).output().unwrap();
    let pid = fs::read_to_string(&file).unwrap();
    assert!(text(&output.stdout).starts_with(&format!("pid={} ", pid.trim())));
    let output = installation.sh().arg("/run").env("OPENICF_PID_FILE", "/nowhere/pid").output().unwrap();
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), String::new()));
}
