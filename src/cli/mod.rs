//! The command line: what can be asked of the program, and the exit codes. Every subcommand that is more than a call
//! into the server has a module of its own here.

mod check;
mod doctor;
mod import;
mod log;
mod program;
mod reload;
mod repeats;
mod run;
mod service;
mod set_key;
mod status;
mod stores;
mod watch;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

pub use check::check;
pub use program::{main, perform};
pub use set_key::set_key;
pub use stores::stores;

use crate::config::{self, AdminListen, Inputs, Loaded, Settings};

/// A remote connector server: runs connectors beside the systems they manage and serves them to identity management.
#[derive(Debug, Parser)]
#[command(name = "rcs", version, propagate_version = false)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the server until it is told to stop with SIGTERM or SIGINT
    ///
    /// SIGHUP has it read its configuration again. A second SIGTERM or SIGINT ends it at once. Exits with 0 when it
    /// stopped as asked, 2 when the configuration is unsound, 3 when it cannot start, 5 when a second signal ended it,
    /// 1 when the program itself failed.
    #[command(after_long_help = config::document::help())]
    Run(RunArguments),
    /// Say what is wrong with the configuration and which values take effect
    ///
    /// Prints one line for each finding, then every effective value with its origin, then whether the configuration
    /// is sound. Exits with 0 when it is (warnings are allowed), with 2 when it is not.
    #[command(after_long_help = config::document::help())]
    Check(CheckArguments),
    /// Ask the server that runs with this configuration whether it is ready, and for its links, token and operations
    ///
    /// Exits with 0 when it is ready, with 4 when it is not or does not answer.
    Status(StatusArguments),
    /// Find out what keeps the server from its tenant, step by step, and say what to do
    ///
    /// Walks name look-up, proxy, TCP, TLS, access token, upgrade, handshake and connector list for every URL, examines
    /// the port and the key of server mode, and asks the servers that run already. Opens real links for a moment, so that
    /// it is best run where the server runs, and as its user. Exits with 0 when nothing is wrong; with 2 when the
    /// configuration or a store is, with 3 when the server could not listen, with 4 when the way to the tenant stops or
    /// another server is in the way, by whichever comes first.
    Doctor(DoctorArguments),
    /// Take over the installation of a Java server, and print a page of what became of everything
    ///
    /// Reads conf/ConnectorServer.properties, the stores that it names and the manifests of the jars among the bundles.
    /// Secrets move into files that their owner alone may read, and are never printed. Nothing in the Java server's folder
    /// changes. Exits with 0 when the new configuration is sound, with 2 when it is not or nothing could be written.
    Import(ImportArguments),
    /// List the connectors that the server offers, with the names and versions it advertises
    Connectors(ConnectorsArguments),
    /// Set the shared key of server mode
    ///
    /// Asks for the key twice on a terminal, otherwise reads it from standard input. Only the line of
    /// connectorserver.key changes in the properties file.
    SetKey(SetKeyArguments),
    /// Print the version
    Version,
}

/// Where the configuration comes from.
#[derive(Debug, Clone, Args)]
pub struct ConfigurationArguments {
    /// The properties file [default: conf/ConnectorServer.properties in CONNECTOR_SERVER_HOME or the current directory]
    #[arg(short, long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Set a key, as in -Dconnectorserver.url=wss://tenant.example.com/openicf/0; wins over the file and the environment
    #[arg(short = 'D', value_name = "KEY=VALUE", allow_hyphen_values = true)]
    pub defines: Vec<String>,
}

/// Arguments of `rcs run`.
#[derive(Debug, Clone, Args)]
pub struct RunArguments {
    /// Where the configuration comes from.
    #[command(flatten)]
    pub configuration: ConfigurationArguments,
}

/// Arguments of `rcs check`.
#[derive(Debug, Clone, Args)]
pub struct CheckArguments {
    /// Where the configuration comes from.
    #[command(flatten)]
    pub configuration: ConfigurationArguments,
}

/// Arguments of `rcs status`.
#[derive(Debug, Clone, Args)]
pub struct StatusArguments {
    /// Where the configuration comes from.
    #[command(flatten)]
    pub configuration: ConfigurationArguments,
    /// Print the answer as JSON
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `rcs doctor`.
#[derive(Debug, Clone, Args)]
pub struct DoctorArguments {
    /// Where the configuration comes from.
    #[command(flatten)]
    pub configuration: ConfigurationArguments,
    /// Print the report as JSON
    #[arg(long)]
    pub json: bool,
    /// Compare the shared key in this file with the hash in connectorserver.key
    #[arg(long, value_name = "FILE")]
    pub key_file: Option<PathBuf>,
    /// See whether the server with this adminListen (host:port or unix:path) claims the same hostId; may be repeated
    #[arg(long = "server", value_name = "PLACE")]
    pub servers: Vec<AdminListen>,
}

/// Arguments of `rcs import`.
#[derive(Debug, Clone, Args)]
pub struct ImportArguments {
    /// The Java server's folder, such as /opt/openicf
    #[arg(value_name = "DIR")]
    pub from: PathBuf,
    /// Where the configuration of this server goes
    #[arg(long, value_name = "DIR", default_value = "/etc/rcs")]
    pub to: PathBuf,
    /// Replace files that are there already
    #[arg(long)]
    pub force: bool,
}

/// Arguments of `rcs connectors`.
#[derive(Debug, Clone, Args)]
pub struct ConnectorsArguments {
    /// Where the configuration comes from.
    #[command(flatten)]
    pub configuration: ConfigurationArguments,
}

/// Arguments of `rcs set-key`.
#[derive(Debug, Clone, Args)]
pub struct SetKeyArguments {
    /// The properties file [default: conf/ConnectorServer.properties in CONNECTOR_SERVER_HOME or the current directory]
    #[arg(short, long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Read the key from this file instead; a line end at its end does not count
    #[arg(long, value_name = "FILE")]
    pub key_file: Option<PathBuf>,
}

impl ConfigurationArguments {
    /// Reads the configuration that these arguments and this process's environment describe.
    #[must_use]
    pub fn load(&self) -> Loaded {
        config::load(&Inputs::from_process(self.config.clone(), self.defines.clone()))
    }

    /// The settings to run with. Findings go to standard error.
    ///
    /// # Errors
    ///
    /// [`Exit::Invalid`] when the configuration is unsound.
    pub fn settings(&self) -> Result<Settings, Exit> {
        self.sound().map(|(settings, _)| settings)
    }

    /// The settings to run with, and the files they come from. Findings go to standard error.
    fn sound(&self) -> Result<(Settings, Vec<PathBuf>), Exit> {
        let loaded = self.load();
        let mut err = std::io::stderr().lock();
        for problem in &loaded.problems {
            // Standard error is all there is to report on.
            let _ = writeln!(err, "{problem}");
        }
        loaded.settings.map(|settings| (settings, loaded.files)).ok_or(Exit::Invalid)
    }
}

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done, or stopped as asked.
    Clean = 0,
    /// The program itself failed.
    Internal = 1,
    /// Wrong usage, or an unsound configuration.
    Invalid = 2,
    /// The start failed for a reason outside the configuration, such as a port that is in use.
    Start = 3,
    /// The server that was asked is not ready, or there is none.
    NotReady = 4,
    /// A second signal ended the server before what ran had ended.
    Forced = 5,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
