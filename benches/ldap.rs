//! The LDAP connector on an OpenLDAP: a full read through the whole path, in processor time, as a ratio to `ldapsearch`
//! with the same pages; logins; and both beside the Java connector server. docs/performance.md says what the figures mean.
//!
//! `cargo bench --bench ldap` runs everything (`-- read`, `-- memory`, `-- java` one part each);
//! `cargo test --bench ldap -- --short` is for CI: it shows that the figures can be taken, leaves Java out, and what it
//! prints is worth nothing.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed unwrap is a failed bench")]

#[path = "../tests/against_java/asker.rs"]
mod asker;
#[path = "../tests/support/java.rs"]
mod java;
#[allow(dead_code, reason = "the bench of the Java server uses more of it")]
mod peers;
#[allow(dead_code, reason = "the other benches use more of it")]
mod support;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use directories::slapd::{ADMIN, SECRET, SUFFIX, Slapd};
use icf::{
    CallContext, ConnectorObject, Flow, GuardedString, ObjectClass, ObjectSink, OperationOptions, Receive,
    Registration, Result, Value, ValueArray,
};
use icf_wire::binary::{Profile, facade_key};
use icf_wire::rpc::{FacadeKey, Operation, OperationRequest};
use icf_wire::session::EngineConfig;
use peers::{Peer, Usage, Which};
use rcs::config::{BundleNames, BundleSettings};
use rcs::dispatch::DispatchOptions;
use rcs::serve::Server;
use support::bare::BareTenant;
use support::loopback::Host;
use support::pair;
use support::taken::Taken;

/// A server in a process of its own, whose link has TLS.
const SERVER_ALONE: &str = "--server-for";
/// Entries on a page.
const PAGE: i32 = 1_000;
/// The attributes that are read, besides the identity.
const ATTRIBUTES: [&str; 20] = [
    "uid",
    "cn",
    "sn",
    "givenName",
    "displayName",
    "mail",
    "title",
    "description",
    "employeeNumber",
    "employeeType",
    "departmentNumber",
    "telephoneNumber",
    "mobile",
    "homePhone",
    "roomNumber",
    "street",
    "l",
    "st",
    "postalCode",
    "preferredLanguage",
];
const CLASS: ObjectClass = ObjectClass::ACCOUNT;

fn main() {
    let arguments: Vec<_> = std::env::args().collect();
    let after = |flag: &str| arguments.iter().position(|argument| argument == flag).map(|at| at + 1);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    if let Some(at) = after(SERVER_ALONE) {
        return pair::alone(server, arguments[at].parse().unwrap(), Path::new(&arguments[at + 1]));
    }
    if let Some(at) = after(peers::SERVER) {
        return runtime.block_on(peers::serve(Path::new(&arguments[at])));
    }
    let short = arguments.iter().any(|argument| argument == "--short");
    let parts = ["read", "memory", "java"];
    let chosen: Vec<_> =
        parts.iter().filter(|part| arguments.iter().any(|argument| argument == *part)).collect();
    let wants = |part: &str| chosen.is_empty() || chosen.iter().any(|chosen| **chosen == part);
    let (scale, rounds) = if short { (100, 1) } else { (1, 5) };
    let count = 100_000 / scale;
    let directory = Slapd::holding(&people(count));
    if wants("read") {
        runtime.block_on(full_read(&directory, count, rounds));
    }
    if wants("memory") {
        runtime.block_on(peak_memory(&directory, count));
    }
    if wants("java") {
        runtime.block_on(both_servers(&directory, count, rounds, short));
    }
}

/// Entries of some 700 bytes, in a branch of their own.
fn people(count: usize) -> String {
    let mut text = format!("dn: ou=Many,{SUFFIX}\nobjectClass: organizationalUnit\nou: Many\n\n");
    text.reserve(count * 800);
    for n in 0..count {
        write!(
            text,
            "dn: uid=p{n},ou=Many,{SUFFIX}\nobjectClass: inetOrgPerson\nuid: p{n}\ncn: Erika Mustermann {n}\n\
             sn: Mustermann {n}\ngivenName: Erika\ndisplayName: Erika Mustermann {n}\nmail: p{n}@example.com\n\
             title: Engineer\ndescription: number {n} of many people in this directory\nemployeeNumber: {n}\n\
             employeeType: internal\ndepartmentNumber: {}\ntelephoneNumber: +49 30 1234567\nmobile: +49 170 1234567\n\
             homePhone: +49 30 7654321\nroomNumber: 4.{}\nstreet: Main Street 1\nl: Berlin\nst: Berlin\n\
             postalCode: 10115\npreferredLanguage: de-DE\n\n",
            n % 97,
            n % 313
        )
        .unwrap();
    }
    text
}

fn registration() -> Registration {
    let all =
        rcs::bundled::connectors(&BundleSettings { names: BundleNames::Ping, versions: BTreeMap::new() });
    all.into_iter().find(|connector| connector.key().connector_name.ends_with(".LdapConnector")).unwrap()
}

fn server() -> Server {
    let connectors = vec![registration()];
    Server::without_links("bench", EngineConfig::default(), DispatchOptions::default(), connectors).unwrap()
}

/// What both connectors are given.
fn properties(directory: &Slapd, branch: &str) -> Vec<(&'static str, Value)> {
    let base = format!("{branch}{SUFFIX}");
    vec![
        ("host", "127.0.0.1".into()),
        ("port", i32::from(directory.port).into()),
        ("principal", ADMIN.into()),
        ("credentials", Value::GuardedString(GuardedString::new(SECRET))),
        ("baseContexts", Value::Array(Box::new(ValueArray::of_strings([base])))),
        ("useBlocks", true.into()),
        ("usePagedResultControl", true.into()),
        ("blockSize", PAGE.into()),
    ]
}

/// The same with TLS to the directory, by the names of our connector.
fn with_tls(directory: &Slapd) -> Vec<(&'static str, Value)> {
    let mut properties = properties(directory, "ou=Many,");
    properties.retain(|(name, _)| *name != "port");
    properties.extend([
        ("port", i32::from(directory.tls_port).into()),
        ("ssl", true.into()),
        ("alternateKeyStore", directory.file("ca.pem").into()),
        ("alternateKeyStoreType", "PEM".into()),
    ]);
    properties
}

fn options() -> OperationOptions {
    OperationOptions::default().with_attributes_to_get(ATTRIBUTES)
}

fn search() -> Operation {
    Operation::Search { class: Some(CLASS), filter: None, options: options() }
}

fn request(properties: Vec<(&str, Value)>) -> OperationRequest {
    let registration = registration();
    let mut configuration = registration.info().configuration;
    for (name, value) in properties {
        configuration.properties.iter_mut().find(|property| property.name == name).unwrap().value = value;
    }
    let key = facade_key::encode(&configuration, Profile::OpenIcf2).unwrap();
    let (connector, facade_key) = (registration.key().clone(), FacadeKey::new(key.into()));
    OperationRequest { connector, facade_key, locale: None, operation: search() }
}

/// One way to read everything, and the seconds of processor time that each run took.
struct Way {
    name: &'static str,
    seconds: Vec<f64>,
}

impl Way {
    fn micros(&self, count: usize) -> f64 {
        let mut seconds = self.seconds.clone();
        seconds.sort_by(f64::total_cmp);
        seconds[seconds.len() / 2] * 1e6 / count as f64
    }
}

async fn full_read(directory: &Slapd, count: usize, rounds: usize) {
    let names = [
        "`ldapsearch`",
        "`ldapsearch`, LDAPS",
        "connector alone: LDAP decoded to objects",
        "connector alone, LDAPS",
        "whole path, no TLS: encoded and sent as well",
        "whole path, TLS on the link",
        "**whole path, TLS on the link and LDAPS**",
    ];
    let mut ways = names.map(|name| Way { name, seconds: Vec::new() });
    let peer = Peer::start(Which::Ours).await;
    let target = peer.ldap(&properties(directory, "ou=Many,"));
    // The first round is a warm-up. Interleaved, so that what else the machine does hits all alike.
    for round in 0..=rounds {
        let took = [
            ldapsearch(directory, false),
            ldapsearch(directory, true),
            connector(properties(directory, "ou=Many,"), count).await,
            connector(with_tls(directory), count).await,
            {
                let before = peer.usage();
                assert_eq!(peer.count(&target, search()).await, count);
                peer.usage().since(&before).cpu
            },
            over_tls(properties(directory, "ou=Many,"), count).await,
            over_tls(with_tls(directory), count).await,
        ];
        for (way, seconds) in ways.iter_mut().zip(took) {
            if round > 0 || rounds == 1 {
                way.seconds.push(seconds);
            }
        }
    }
    let base = ways[0].micros(count);
    println!("full read of {count} entries with {} attributes, pages of {PAGE}:", ATTRIBUTES.len());
    println!("| what | processor time per entry | ratio |\n|---|---|---|");
    for way in &ways {
        let micros = way.micros(count);
        println!("| {} | {micros:.1} us | {:.2} |", way.name, micros / base);
    }
}

/// Seconds of processor time of `ldapsearch`, which writes to the null device.
fn ldapsearch(directory: &Slapd, tls: bool) -> f64 {
    let before = Usage::of("self", [13, 14]);
    let url = match tls {
        true => format!("ldaps://127.0.0.1:{}", directory.tls_port),
        false => format!("ldap://127.0.0.1:{}", directory.port),
    };
    let mut command = Command::new("ldapsearch");
    // What it thinks of the certificate is of no interest here.
    command.env("LDAPTLS_REQCERT", "never").stdin(Stdio::null()).stdout(Stdio::null());
    command.args(["-x", "-H", &url, "-D", ADMIN, "-w", SECRET, "-b", &format!("ou=Many,{SUFFIX}")]);
    command.args([
        "-E",
        &format!("pr={PAGE}/noprompt"),
        "(&(objectClass=inetOrgPerson)(objectClass=person))",
    ]);
    command.arg("entryUUID").args(ATTRIBUTES);
    let status = command.status().unwrap_or_else(|error| panic!("ldapsearch (package ldap-utils): {error}"));
    assert!(status.success(), "ldapsearch: {status}");
    Usage::of("self", [13, 14]).since(&before).cpu
}

/// Counts objects and drops them.
struct Counted(usize);

impl Receive<ConnectorObject> for Counted {
    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Flow> {
        Poll::Ready(Flow::Continue)
    }

    fn receive(&mut self, object: ConnectorObject) -> Result<Flow> {
        assert!(object.attributes.len() >= ATTRIBUTES.len());
        self.0 += 1;
        Ok(Flow::Continue)
    }
}

/// Seconds of processor time of this process, which does nothing else meanwhile.
async fn connector(properties: Vec<(&str, Value)>, count: usize) -> f64 {
    let properties: Vec<_> = properties.iter().map(|(name, value)| (*name, value)).collect();
    let cx = CallContext::new("bench");
    let instance = registration().bind(&properties).unwrap().open(&cx).await.unwrap();
    let begun = Taken::begin();
    let mut counted = Counted(0);
    let mut sink = ObjectSink::new(&mut counted);
    instance.search_op().unwrap().search(&cx, &CLASS, None, &options(), &mut sink).await.unwrap();
    drop(sink);
    assert_eq!(counted.0, count);
    begun.end().processor.as_secs_f64()
}

/// A server in a process of its own, and what asks it over a link with TLS.
struct ServerAlone {
    child: Child,
    tenant: BareTenant,
}

impl ServerAlone {
    async fn start() -> Self {
        let (host, folder) = (Host::new().await, tempfile::tempdir().unwrap());
        let certificate = folder.path().join("certificate.der");
        host.publish(&certificate);
        let mut child = Command::new(std::env::current_exe().unwrap());
        child.args([SERVER_ALONE, &host.port().to_string()]).arg(&certificate).stdout(Stdio::piped());
        let child = child.spawn().unwrap();
        let tenant = BareTenant::meet(host.accept().await).await;
        Self { child, tenant }
    }

    /// Seconds of processor time of the server for one full read.
    async fn read(&mut self, request: &OperationRequest, count: usize) -> f64 {
        let process = self.child.id().to_string();
        let before = Usage::of(&process, [11, 12]);
        self.tenant.request(request).await;
        let _ = self.tenant.see(count + 1).await;
        Usage::of(&process, [11, 12]).since(&before).cpu
    }

    /// The most memory that it has had resident, in kilobytes.
    async fn end(self) -> f64 {
        self.tenant.leave().await;
        let output = self.child.wait_with_output().unwrap();
        String::from_utf8_lossy(&output.stdout).trim().parse().unwrap()
    }
}

/// Seconds of processor time of a server of its own: one that waits for the others would take its link for broken.
async fn over_tls(properties: Vec<(&str, Value)>, count: usize) -> f64 {
    let mut alone = ServerAlone::start().await;
    let seconds = alone.read(&request(properties), count).await;
    alone.end().await;
    seconds
}

/// People whose number begins with 1, some of them.
const BEGINS_WITH_1: &str = "(employeeNumber=1*)";

fn beginning_with_1(count: usize) -> usize {
    (0..count).filter(|n| n.to_string().starts_with('1')).count()
}

async fn peak_memory(directory: &Slapd, count: usize) {
    let mut first = None;
    // People whose number begins with 1, and everybody.
    for (filter, about) in [(Some(BEGINS_WITH_1), "some"), (None, "all")] {
        let mut properties = properties(directory, "ou=Many,");
        properties.extend(filter.map(|filter| ("accountSearchFilter", filter.into())));
        let expected = if filter.is_some() {
            (0..count).filter(|n| n.to_string().starts_with('1')).count()
        } else {
            count
        };
        let mut alone = ServerAlone::start().await;
        alone.read(&request(properties), expected).await;
        let kilobytes = alone.end().await;
        let base = *first.get_or_insert(kilobytes);
        let (megabytes, ratio) = (kilobytes / 1e3, kilobytes / base);
        println!(
            "peak memory of the server for {about}, {expected} entries: {megabytes:.1} MB, {ratio:.2} of the first"
        );
    }
}

/// The same asked of our server and, in the long form, of the Java server: a full read, and logins.
async fn both_servers(directory: &Slapd, count: usize, rounds: usize, short: bool) {
    let mut table: Vec<(String, Vec<f64>)> = Vec::new();
    let mut put = |what: String, figure: f64| match table.iter_mut().find(|(known, _)| *known == what) {
        Some((_, figures)) => figures.push(figure),
        None => table.push((what, vec![figure])),
    };
    for java in if short { vec![false] } else { vec![true, false] } {
        let peer = Peer::start(if java { Which::JavaOfDirectories } else { Which::Ours }).await;
        // A part of them: Java needs more than the minute that a question may take for all.
        let mut some = properties(directory, "ou=Many,");
        some.push(("accountSearchFilter", BEGINS_WITH_1.into()));
        let (target, count) = (peer.ldap(&some), beginning_with_1(count));
        let mut rates = Vec::new();
        for round in 0..=rounds {
            let before = peer.usage();
            assert_eq!(peer.count(&target, search()).await, count);
            let cpu = peer.usage().since(&before).cpu;
            if round > 0 || rounds == 1 {
                rates.push(count as f64 / cpu);
            }
        }
        put("full read: objects per CPU second".to_owned(), median(rates));
        let target = peer.ldap(&properties(directory, "ou=People,"));
        let length = if short { Duration::from_millis(200) } else { Duration::from_secs(5) };
        logins(&peer, &target, length).await;
        let (rate, per_cpu, slow) = logins(&peer, &target, length).await;
        put("logins, 64 in flight: operations per second".to_owned(), rate);
        put("logins, 64 in flight: operations per CPU second".to_owned(), per_cpu);
        put("logins, 64 in flight: 99 % within, ms".to_owned(), slow);
        put("resident at most, MB".to_owned(), peer.memory("VmHWM"));
    }
    println!("| what | {} |", if short { "ours" } else { "Java | ours | ratio" });
    for (what, figures) in table {
        let shown: Vec<_> = figures.iter().map(|figure| format!("{figure:.1}")).collect();
        let ratio = match figures[..] {
            [java, ours] if what.contains("second") => format!(" {:.1} |", ours / java),
            [java, ours] => format!(" {:.1} |", java / ours),
            _ => String::new(),
        };
        println!("| {what} | {} |{ratio}", shown.join(" | "));
    }
}

fn median(mut of: Vec<f64>) -> f64 {
    of.sort_by(f64::total_cmp);
    of[of.len() / 2]
}

/// Right passwords of 200 people, 64 at a time: logins per second, per second of processor time, and the milliseconds
/// within which 99 % of them are done.
async fn logins(peer: &Peer, target: &peers::Target, length: Duration) -> (f64, f64, f64) {
    let login = |number: usize| Operation::Authenticate {
        class: Some(CLASS),
        username: Some(format!("u{:04}", number % 200 + 1)),
        password: Some(GuardedString::new(&format!("secret-{:04}", number % 200 + 1))),
        options: OperationOptions::default(),
    };
    assert!(peer.succeeds(target, login(7)).await, "a right password is one");
    let (before, begun) = (peer.usage(), Instant::now());
    let workers = (0..64).map(|worker| async move {
        let mut times = Vec::new();
        while begun.elapsed() < length {
            let since = Instant::now();
            peer.count(target, login(worker + times.len() * 64)).await;
            times.push(since.elapsed().as_secs_f64() * 1e3);
        }
        times
    });
    let mut times: Vec<f64> = futures_util::future::join_all(workers).await.into_iter().flatten().collect();
    times.sort_by(f64::total_cmp);
    let usage = peer.usage().since(&before);
    let done = times.len() as f64;
    (done / usage.wall, done / usage.cpu, times[(times.len() - 1) * 99 / 100])
}
