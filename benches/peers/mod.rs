//! The two servers of a comparison as processes, and what a client asks them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use icf::{ApiConfiguration, ConnectorKey, ObjectClass, OperationOptions, Uid, Value};
use icf_wire::binary::{Profile, facade_key};
use icf_wire::rpc::{FacadeKey, Operation};
use rcs::config::{self, Inputs};
use rcs::serve::Server;

use crate::asker::{Asker, Door};
use crate::java::Driver;

/// Runs this program as our server, with the properties in the file that follows.
pub(crate) const SERVER: &str = "--server";
/// The Java framework's logger writes a line for every message unless told not to.
pub(crate) const JVM: [&str; 3] = [
    "-Xmx1g",
    "-Dfile.encoding=UTF-8",
    "-Dorg.identityconnectors.common.logging.class=org.identityconnectors.common.logging.impl.NoOpLogger",
];
const CSV_BUNDLE: &str = "org.openidentityplatform.openicf.connectors.csvfile-connector";
const LDAP_BUNDLE: &str = "org.openidentityplatform.openicf.connectors.ldap-connector";

enum Process {
    Java(Box<Driver>),
    Ours(Child, #[allow(dead_code, reason = "holds the properties")] tempfile::TempDir),
}

/// What is measured.
#[derive(Clone, Copy)]
pub(crate) enum Which<'a> {
    /// The Java connector server.
    Java,
    /// The Java server with the LDAP connector in place of the others.
    JavaOfDirectories,
    /// This program as our server, with the reference connector.
    Ours,
    /// A built binary of our server.
    Binary(&'a Path),
}

/// A server that has dialled in.
pub(crate) struct Peer {
    process: Process,
    asker: Asker,
    /// From the start of the process until it has said what it offers.
    pub(crate) started_in: Duration,
}

/// A configured connector.
pub(crate) struct Target {
    connector: ConnectorKey,
    facade_key: FacadeKey,
    csv: bool,
}

/// What a process has used, and when.
#[derive(Clone, Copy)]
pub(crate) struct Usage {
    /// Seconds.
    pub(crate) wall: f64,
    /// User and system time in seconds.
    pub(crate) cpu: f64,
}

impl Usage {
    /// Of a process until now; `places` are those of two numbers of ticks behind the name in `/proc/PID/stat`: 11 and 12
    /// of the process itself, 13 and 14 of its children that have ended.
    pub(crate) fn of(process: &str, places: [usize; 2]) -> Self {
        let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
        // The name of the program, in parentheses, may contain blanks.
        let after = stat.rsplit_once(')').unwrap().1;
        let ticks = |at: usize| after.split_whitespace().nth(at).unwrap().parse::<f64>().unwrap();
        let wall = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        Self { wall: wall.as_secs_f64(), cpu: places.into_iter().map(ticks).sum::<f64>() / 100.0 }
    }

    pub(crate) fn since(&self, before: &Self) -> Self {
        // The clock of the process ticks a hundred times a second.
        Self { wall: self.wall - before.wall, cpu: (self.cpu - before.cpu).max(0.01) }
    }
}

/// Our server with all compiled-in connectors and the reference connector, until it is killed.
pub(crate) async fn serve(properties: &Path) {
    let loaded = config::load(&Inputs {
        home: properties.parent().unwrap().to_owned(),
        file: Some(properties.to_owned()),
        environment: BTreeMap::new(),
        defines: Vec::new(),
        host_name: "bench".to_owned(),
    });
    let settings = loaded.settings.unwrap();
    let mut connectors = rcs::bundled::connectors(&settings.bundles);
    connectors.push(icf_reference::registration());
    let _server = Server::start(settings, connectors).await.unwrap();
    std::future::pending::<()>().await;
}

impl Peer {
    pub(crate) async fn start(which: Which<'_>) -> Self {
        let door = Door::open().await;
        let url = door.url();
        // Building what Java runs is no part of its start.
        let started = Instant::now();
        let process = async {
            match which {
                Which::Java => {
                    let driver = Driver::start_with(&JVM).await;
                    driver.agent(&url, "rcs1", "secret").await;
                    Process::Java(Box::new(driver))
                }
                Which::JavaOfDirectories => {
                    let driver = Driver::start_with(&JVM).await;
                    driver.agent_of_directories(&url, "rcs1", "secret").await;
                    Process::Java(Box::new(driver))
                }
                Which::Ours => start_ours(&url, Command::new(std::env::current_exe().unwrap()).arg(SERVER)),
                Which::Binary(file) => start_ours(&url, Command::new(file).args(["run", "--config"])),
            }
        };
        let (process, asker) = tokio::join!(process, door.admit());
        Self { process, asker, started_in: started.elapsed() }
    }

    fn id(&self) -> u32 {
        match &self.process {
            Process::Java(driver) => driver.process(),
            Process::Ours(child, _) => child.id(),
        }
    }

    /// A member of `/proc/PID/status`, in MB.
    pub(crate) fn memory(&self, member: &str) -> f64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(member)).unwrap();
        line.trim_start_matches(':').trim().trim_end_matches(" kB").parse::<f64>().unwrap() / 1e3
    }

    pub(crate) fn usage(&self) -> Usage {
        Usage::of(&self.id().to_string(), [11, 12])
    }

    /// Asks, and counts the items of the answer.
    pub(crate) async fn count(&self, target: &Target, operation: Operation) -> usize {
        self.asker.count(&target.connector, &target.facade_key, operation).await
    }

    /// Whether an operation succeeds.
    pub(crate) async fn succeeds(&self, target: &Target, operation: Operation) -> bool {
        self.asker.ask(&target.connector, &target.facade_key, operation).await.end.is_ok()
    }

    /// The LDAP connector with these properties.
    pub(crate) fn ldap(&self, properties: &[(&str, Value)]) -> Target {
        let key = ConnectorKey::new(LDAP_BUNDLE, "2.0.1", "org.identityconnectors.ldap.LdapConnector");
        self.target(key, false, |configuration| {
            for (name, value) in properties {
                configuration.properties.iter_mut().find(|p| p.name == *name).unwrap().value = value.clone();
            }
        })
    }

    pub(crate) fn csv(&self, file: &Path) -> Target {
        let key = ConnectorKey::new(CSV_BUNDLE, "2.0.1", "org.forgerock.openicf.csvfile.CSVFileConnector");
        let file: PathBuf = file.to_owned();
        self.target(key, true, |configuration| {
            let path = file.to_str().unwrap().to_owned();
            configuration.properties.iter_mut().find(|p| p.name == "csvFile").unwrap().value =
                Value::File(path);
        })
    }

    pub(crate) fn reference(&self) -> Target {
        let key = icf_reference::registration().key().clone();
        self.target(key, false, |_| ())
    }

    fn target(&self, connector: ConnectorKey, csv: bool, set: impl FnOnce(&mut ApiConfiguration)) -> Target {
        let mut configuration = self.asker.connector(&connector).configuration.clone();
        // As the cloud generates them.
        configuration.results_handlers.normalizing = false;
        configuration.results_handlers.filtered = false;
        set(&mut configuration);
        let key = facade_key::encode(&configuration, Profile::OpenIcf2).unwrap();
        Target { connector, facade_key: FacadeKey::new(key.into()), csv }
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        if let Process::Ours(child, _) = &mut self.process {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }
}

impl Target {
    /// A search that finds so many objects.
    pub(crate) fn search(&self, rows: usize) -> Operation {
        let options = OperationOptions::default();
        let options = if self.csv { options } else { options.with("generate", i32::try_from(rows).unwrap()) };
        Operation::Search { class: Some(ObjectClass::ACCOUNT), filter: None, options }
    }

    /// One row of the file, or nothing at all.
    pub(crate) fn single(&self, number: usize) -> Operation {
        if !self.csv {
            return Operation::Test;
        }
        let uid = Some(Uid::try_new(format!("u{number}")).unwrap());
        Operation::Get { class: Some(ObjectClass::ACCOUNT), uid, options: OperationOptions::default() }
    }
}

/// `command` still lacks the name of the properties file.
fn start_ours(url: &str, command: &mut Command) -> Process {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rcs.properties");
    let properties = format!(
        "connectorserver.connectorServerName=rcs1\n\
         connectorserver.url={url}\n\
         connectorserver.principal=rcs1\n\
         connectorserver.password=secret\n\
         connectorserver.newConnectionsInterval=1\n\
         connectorserver.bundleNames=oip\n\
         connectorserver.adminListen=unix:{}/admin\n\
         connectorserver.logLevel=warn\n\
         connectorserver.bundleVersion.{CSV_BUNDLE}=2.0.1\n\
         connectorserver.bundleVersion.{LDAP_BUNDLE}=2.0.1\n",
        folder.path().display()
    );
    fs::write(&file, properties).unwrap();
    let child = command.arg(&file).spawn().unwrap();
    Process::Ours(child, folder)
}
