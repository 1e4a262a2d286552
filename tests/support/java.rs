//! Real Java peers for tests: the driver of `tests/java`, a program around the published OpenICF framework that
//! takes commands as JSON lines. Start at [`Driver`]; the commands are those of `Driver.java` beside it.
//!
//! A driver that cannot be built or started, or that does not answer in time, fails the test.
// Each test program uses its own part of this module.
#![allow(dead_code)]

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, Command};
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};

use self::build::Build;

#[path = "java_build.rs"]
mod build;

/// A hang guard, far above what any command takes.
const ANSWER_WITHIN: Duration = Duration::from_secs(120);

/// Most drivers live for seconds, and several at a time share few cores.
const QUICK_START: [&str; 2] = ["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"];

/// So many of the driver's last log lines are shown when a test fails because of it.
const LOG_LINES: usize = 60;

/// One running driver. It ends with this value, and with it all peers it has.
#[derive(Debug)]
pub(crate) struct Driver {
    input: tokio::sync::Mutex<(u64, ChildStdin)>,
    routes: Routes,
    log: Log,
    bundles: Vec<PathBuf>,
    directory: Vec<PathBuf>,
    process: Child,
}

impl Driver {
    /// Starts a driver, after building it if need be.
    pub(crate) async fn start() -> Self {
        Self::start_with(&QUICK_START).await
    }

    /// Starts a driver whose virtual machine gets exactly `options`, e.g. for a measurement.
    pub(crate) async fn start_with(options: &[&str]) -> Self {
        let build = tokio::task::spawn_blocking(Build::ensure).await.expect("the Java driver can be built");
        Self::run(&build, options)
    }

    /// Starts a driver that speaks the legacy protocol with that framework: `connid-1.4`, `connid-1.5`, `connid-1.6` or
    /// `openicf`. Of the commands it knows `connect`, `connectors`, `operate` and `close`.
    pub(crate) async fn start_legacy(framework: &'static str) -> Self {
        let build = tokio::task::spawn_blocking(|| Build::ensure_legacy(framework)).await;
        Self::run(&build.expect("the Java driver can be built"), &QUICK_START)
    }

    fn run(build: &Build, options: &[&str]) -> Self {
        let mut process = Command::new("java")
            .args(options)
            .args(["-cp", &build.classpath, "driver.Driver"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("start java: the Java peers need Java 17");
        let input = process.stdin.take().expect("standard input is piped");
        let output = process.stdout.take().expect("standard output is piped");
        let errors = process.stderr.take().expect("standard error is piped");
        let routes = Routes::default();
        let log = Log::default();
        tokio::spawn(route_lines(output, Arc::clone(&routes)));
        tokio::spawn(keep_lines(errors, Arc::clone(&log)));
        let input = tokio::sync::Mutex::new((0, input));
        Self {
            input,
            routes,
            log,
            bundles: build.bundles.clone(),
            directory: build.directory.clone(),
            process,
        }
    }

    /// The id of the process.
    pub(crate) fn process(&self) -> u32 {
        self.process.id().expect("it runs")
    }

    /// Runs `command` with the members of `arguments`, and gives its answer, or the exception that Java threw.
    pub(crate) async fn call(&self, command: &str, arguments: Value) -> Result<Value, Exception> {
        self.begin(command, arguments).await.answer().await
    }

    /// Sends a command whose events or whose time of answer matter.
    pub(crate) async fn begin(&self, command: &str, mut arguments: Value) -> Call<'_> {
        let (sender, lines) = mpsc::unbounded_channel();
        let mut input = self.input.lock().await;
        input.0 += 1;
        let id = input.0;
        arguments["do"] = json!(command);
        arguments["id"] = json!(id);
        self.routes.lock().expect("no reader panics").insert(id, sender);
        let line = format!("{arguments}\n");
        if let Err(error) = input.1.write_all(line.as_bytes()).await {
            self.fail(&format!("the driver takes no command: {error}"));
        }
        Call { driver: self, command: command.to_owned(), lines }
    }

    /// Opens the Java connector server in server mode with the CSV connector; `port` is in the answer.
    pub(crate) async fn serve(&self, key: &str) -> Value {
        self.serve_with(json!({"key": key})).await
    }

    /// The same with all of `arguments`, e.g. a `keyStore`.
    pub(crate) async fn serve_with(&self, mut arguments: Value) -> Value {
        arguments["bundles"] = json!(self.bundles);
        self.open("serve", arguments).await
    }

    /// Starts the Java connector server in client mode, dialling `url`, with the CSV connector.
    pub(crate) async fn agent(&self, url: &str, principal: &str, password: &str) -> Value {
        self.agent_with(json!({"url": url, "principal": principal, "password": password})).await
    }

    /// The same with the LDAP connector in place of the others.
    pub(crate) async fn agent_of_directories(&self, url: &str, principal: &str, password: &str) -> Value {
        let bundles = json!(self.directory);
        let arguments = json!({"url": url, "principal": principal, "password": password, "bundles": bundles});
        self.open("agent", arguments).await
    }

    /// The same with all of `arguments`, e.g. a `trustStore`.
    pub(crate) async fn agent_with(&self, mut arguments: Value) -> Value {
        arguments["bundles"] = json!(self.bundles);
        self.open("agent", arguments).await
    }

    /// Dials a connector server in server mode on this machine, as an IDM, and gives the peer.
    pub(crate) async fn connect(&self, port: u64, key: &str) -> Peer<'_> {
        let answer = self.open("connect", json!({"host": "127.0.0.1", "port": port, "password": key})).await;
        self.peer(&answer)
    }

    /// Waits for connector servers in client mode, as an IDM; the answer has `port` and `peer`.
    pub(crate) async fn listen(&self, limits: Value) -> Value {
        self.open("listen", limits).await
    }

    /// The peer that a command's answer names.
    pub(crate) fn peer(&self, answer: &Value) -> Peer<'_> {
        Peer { driver: self, name: answer["peer"].clone() }
    }

    async fn open(&self, command: &str, arguments: Value) -> Value {
        match self.call(command, arguments).await {
            Ok(answer) => answer,
            Err(exception) => self.fail(&format!("the driver cannot {command}: {exception}")),
        }
    }

    #[allow(clippy::panic)] // Only tests call it, and there is nothing to go on with.
    fn fail(&self, what: &str) -> ! {
        let log: Vec<String> = self.log.lock().expect("no reader panics").iter().cloned().collect();
        panic!("{what}\nlast lines of the driver's log:\n{}", log.join("\n"));
    }
}

/// A command under way.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    driver: &'a Driver,
    command: String,
    lines: UnboundedReceiver<Value>,
}

impl Call<'_> {
    /// The next event, or the answer, as the driver wrote it.
    pub(crate) async fn next(&mut self) -> Value {
        self.next_within(ANSWER_WITHIN).await
    }

    /// The same for what may take longer than anything else.
    pub(crate) async fn next_within(&mut self, limit: Duration) -> Value {
        match tokio::time::timeout(limit, self.lines.recv()).await {
            Ok(Some(line)) => line,
            Ok(None) => self.driver.fail(&format!("the driver ended during {}", self.command)),
            Err(_) => self.driver.fail(&format!("no answer to {} in {limit:?}", self.command)),
        }
    }

    /// Waits for the answer; events are passed over.
    pub(crate) async fn answer(mut self) -> Result<Value, Exception> {
        loop {
            let mut line = self.next().await;
            if let Some(answer) = line.get_mut("ok") {
                return Ok(answer.take());
            }
            if line.get("error").is_some() {
                return Err(Exception(line));
            }
        }
    }
}

/// What a driver dialled or accepted.
#[derive(Debug)]
pub(crate) struct Peer<'a> {
    driver: &'a Driver,
    name: Value,
}

impl Peer<'_> {
    /// The name that commands call it by.
    pub(crate) fn name(&self) -> &Value {
        &self.name
    }

    /// The connectors that the other side offers; waits for the first.
    pub(crate) async fn connectors(&self) -> Vec<Value> {
        self.connectors_at_least(1).await
    }

    /// The same, after waiting for so many: Java lists them one by one as it reads the message.
    pub(crate) async fn connectors_at_least(&self, many: usize) -> Vec<Value> {
        match self.driver.open("connectors", json!({"peer": self.name, "atLeast": many})).await {
            Value::Array(connectors) => connectors,
            other => self.driver.fail(&format!("connectors are a list, not {other}")),
        }
    }

    /// Runs the operation that `arguments` describe.
    pub(crate) async fn operate(&self, arguments: Value) -> Result<Value, Exception> {
        self.driver.call("operate", self.arguments(arguments)).await
    }

    /// `arguments` of a command on this peer, for [`Driver::begin`].
    pub(crate) fn arguments(&self, mut arguments: Value) -> Value {
        arguments["peer"] = self.name.clone();
        arguments
    }

    /// Ends the conversation.
    pub(crate) async fn close(self) {
        self.driver.open("close", json!({"peer": self.name})).await;
    }

    /// The ports, sockets and upgrade requests of this peer.
    pub(crate) async fn state(&self) -> Value {
        self.driver.open("state", json!({"peer": self.name})).await
    }
}

/// An exception as Java reported it, with what a search or sync delivered before.
#[derive(Debug)]
pub(crate) struct Exception(Value);

impl Exception {
    /// The class at the side where it was thrown, if it came over the wire; else its own.
    pub(crate) fn class(&self) -> &str {
        let error = &self.0["error"];
        error["remoteClass"].as_str().or_else(|| error["class"].as_str()).unwrap_or_default()
    }

    /// The same without the package.
    pub(crate) fn simple_class(&self) -> &str {
        self.class().rsplit('.').next().unwrap_or_default()
    }

    /// Whether it came over the wire.
    pub(crate) fn is_remote(&self) -> bool {
        self.0["error"]["remoteClass"].is_string()
    }

    /// The message, empty if it has none.
    pub(crate) fn message(&self) -> &str {
        self.0["error"]["message"].as_str().unwrap_or_default()
    }

    /// `items` and `count` of a search or sync until it failed.
    pub(crate) fn seen(&self) -> &Value {
        &self.0["seen"]
    }
}

impl fmt::Display for Exception {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

type Routes = Arc<Mutex<HashMap<u64, UnboundedSender<Value>>>>;
type Log = Arc<Mutex<VecDeque<String>>>;

/// Hands each line to the call that its `id` names. When the driver ends, so do all calls.
async fn route_lines(output: impl AsyncRead + Unpin, routes: Routes) {
    let mut lines = BufReader::new(output).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let line: Value = serde_json::from_str(&line).expect("the driver writes JSON lines");
        let id = line["id"].as_u64().expect("each line names its command");
        let mut routes = routes.lock().expect("no caller panics while it holds the routes");
        let sent = routes.get(&id).is_some_and(|call| call.send(line.clone()).is_ok());
        if !sent || line.get("event").is_none() {
            routes.remove(&id);
        }
    }
    routes.lock().expect("no caller panics while it holds the routes").clear();
}

async fn keep_lines(errors: impl AsyncRead + Unpin, log: Log) {
    let mut lines = BufReader::new(errors).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let mut log = log.lock().expect("no caller panics while it holds the log");
        if log.len() == LOG_LINES {
            log.pop_front();
        }
        log.push_back(line);
    }
}
