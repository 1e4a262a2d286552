//! Our server beside the Java connector server: both in client mode, each in a process of its own, asked by the same
//! client. Prints the table of `docs/performance.md`, section "Against the Java server".
//!
//! `cargo bench --bench java` runs everything and takes some ten minutes, most of it for the Java side;
//! `cargo bench --bench java -- --short` is for a quick look at a file of 10,000 rows. Needs what the Java tests need: JDK 17 and Maven.
//!
//! `cargo bench --bench java -- --binary FILE` measures a built binary alone, for the section "The released binary".

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed unwrap is a failed bench")]

#[path = "../tests/against_java/asker.rs"]
mod asker;
#[path = "../tests/support/java.rs"]
mod java;
#[allow(dead_code, reason = "the bench of directories uses more of it")]
mod peers;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use peers::{Peer, Target, Usage, Which};

/// Runs that are thrown away, then runs of which the median counts.
const WARM_UPS: usize = 2;
const RUNS: usize = 5;
const IN_FLIGHT: [usize; 3] = [1, 16, 64];

fn main() {
    let arguments: Vec<_> = std::env::args().collect();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    if let Some(at) = arguments.iter().position(|argument| argument == peers::SERVER) {
        return runtime.block_on(peers::serve(Path::new(&arguments[at + 1])));
    }
    let short = arguments.iter().any(|argument| argument == "--short");
    let rows = if short { 10_000 } else { 100_000 };
    match arguments.iter().position(|argument| argument == "--binary") {
        Some(at) => runtime.block_on(alone(Path::new(&arguments[at + 1]), rows)),
        None => runtime.block_on(compare(rows)),
    }
}

/// A line of the table: what, and the figures of Java and ours; more is better, or less.
type Line = (String, f64, f64, &'static str);

async fn compare(rows: usize) {
    let (_folder, file) = people_file(rows);
    println!("JVM flags: {}; {rows} rows of {} bytes", peers::JVM.join(" "), people(1).len() - HEADER.len());
    let mut figures = Vec::new();
    for which in [Which::Java, Which::Ours] {
        figures.push(measure(which, &file, rows).await);
    }
    let ours = figures.pop().unwrap();
    let java = figures.pop().unwrap();
    let lines =
        java.all.into_iter().zip(ours.all).map(|((what, java, unit), (_, ours, _))| (what, java, ours, unit));
    println!("\n| what | Java | ours | ratio |\n|---|---|---|---|");
    lines.for_each(|line| println!("{}", row(&line)));
}

/// A built binary, by the CSV connector alone.
async fn alone(binary: &Path, rows: usize) {
    let size = std::fs::metadata(binary).unwrap().len() as f64 / 1e6;
    println!("{}: {size:.2} MB", binary.display());
    let (_folder, file) = people_file(rows);
    measure(Which::Binary(binary), &file, rows).await;
}

fn people_file(rows: usize) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("people.csv");
    std::fs::write(&file, people(rows)).unwrap();
    (folder, file)
}

fn row((what, java, ours, unit): &Line) -> String {
    let better = if unit.ends_with("/s") { ours / java } else { java / ours };
    let digits = usize::from(*ours < 100.0) * 2;
    format!("| {what} | {java:.digits$} {unit} | {ours:.digits$} {unit} | {better:.1} |")
}

const HEADER: &str = "uid,firstName,lastName,email,department,phone,city,employeeNumber\n";

fn people(rows: usize) -> String {
    let mut text = HEADER.to_owned();
    for n in 0..rows {
        writeln!(text, "u{n},Erika,Mustermann {n},person{n}@example.com,Research and Development,+49 30 1234567,Berlin,{n}")
            .unwrap();
    }
    text
}

/// What was measured of one server, told as it comes.
struct Figures {
    server: &'static str,
    all: Vec<(String, f64, &'static str)>,
}

impl Figures {
    fn new(server: &'static str) -> Self {
        Self { server, all: Vec::new() }
    }

    /// Rates by the clock and by the CPU time of the server.
    fn rates(&mut self, name: &str, what: &str, runs: &[Run]) {
        let rate = |seconds: fn(&Usage) -> f64| {
            median(runs.iter().map(|run| run.done as f64 / seconds(&run.usage)).collect())
        };
        self.push((format!("{name}: {what}"), rate(|usage| usage.wall), "/s"));
        self.push((format!("{name}: {what} per CPU second"), rate(|usage| usage.cpu), "/s"));
    }

    fn push(&mut self, figure: (String, f64, &'static str)) {
        println!("{} {}: {:.3} {}", self.server, figure.0, figure.1, figure.2);
        self.all.push(figure);
    }
}

async fn measure(which: Which<'_>, file: &Path, rows: usize) -> Figures {
    let mut figures = Figures::new(if matches!(which, Which::Java) { "Java" } else { "ours" });
    let mut starts = Vec::new();
    for _ in 1..RUNS {
        starts.push(Peer::start(which).await.started_in.as_secs_f64() * 1e3);
    }
    let peer = Peer::start(which).await;
    starts.push(peer.started_in.as_secs_f64() * 1e3);
    figures.push(("start to operational".into(), median(starts), "ms"));
    tokio::time::sleep(Duration::from_secs(3)).await;
    figures.push(("resident, idle".into(), peer.memory("VmRSS"), "MB"));
    let csv = peer.csv(file);
    let mut searches = vec![("CSV", &csv)];
    let mut singles = vec![("CSV get", &csv, [8, 16, 64])];
    // What is released does not have the reference connector.
    let reference = (!matches!(which, Which::Binary(_))).then(|| peer.reference());
    if let Some(reference) = &reference {
        searches.push(("no-op", reference));
        singles.insert(0, ("no-op", reference, [250, 1_000, 2_000]));
    }
    for (name, target) in searches {
        let runs = repeat(|| search(&peer, target, rows)).await;
        figures.rates(&format!("{name}, search of {rows}"), "objects", &runs);
    }
    for (name, target, counts) in singles {
        for (in_flight, count) in IN_FLIGHT.into_iter().zip(counts) {
            let runs = repeat(|| single(&peer, target, rows, in_flight, count)).await;
            let name = format!("{name}, {in_flight} in flight");
            let of = |at: usize| median(runs.iter().map(|run| run.quantile(at) * 1e3).collect());
            figures.push((format!("{name}: median"), of(50), "ms"));
            figures.push((format!("{name}: 99 %"), of(99), "ms"));
            figures.rates(&name, "operations", &runs);
        }
    }
    figures.push(("resident at most".into(), peer.memory("VmHWM"), "MB"));
    figures
}

async fn repeat<T, F: Future<Output = T>>(mut run: impl FnMut() -> F) -> Vec<T> {
    for _ in 0..WARM_UPS {
        run().await;
    }
    let mut runs = Vec::new();
    for _ in 0..RUNS {
        runs.push(run().await);
    }
    runs
}

/// What a run did and used. It goes on for a second at least, since the clock of a process is coarse.
struct Run {
    done: usize,
    usage: Usage,
    /// How long each operation took in seconds, in order.
    times: Vec<f64>,
}

impl Run {
    fn quantile(&self, percent: usize) -> f64 {
        self.times[(self.times.len() - 1) * percent / 100]
    }
}

const LEAST: Duration = Duration::from_secs(1);

async fn search(peer: &Peer, target: &Target, rows: usize) -> Run {
    let (before, started) = (peer.usage(), Instant::now());
    let mut done = 0;
    while started.elapsed() < LEAST {
        assert_eq!(peer.count(target, target.search(rows)).await, rows);
        done += rows;
    }
    Run { done, usage: peer.usage().since(&before), times: Vec::new() }
}

/// So many single operations at least, so many at a time.
async fn single(peer: &Peer, target: &Target, rows: usize, in_flight: usize, count: usize) -> Run {
    let (before, started) = (peer.usage(), Instant::now());
    let workers = (0..in_flight).map(|worker| async move {
        let mut times = Vec::new();
        while times.len() < count / in_flight || started.elapsed() < LEAST {
            let since = Instant::now();
            // Spread over the whole file.
            let number = (worker + times.len() * in_flight) * 7_919 % rows;
            peer.count(target, target.single(number)).await;
            times.push(since.elapsed().as_secs_f64());
        }
        times
    });
    let mut times: Vec<f64> = futures_util::future::join_all(workers).await.into_iter().flatten().collect();
    times.sort_by(f64::total_cmp);
    Run { done: times.len(), usage: peer.usage().since(&before), times }
}

fn median(mut of: Vec<f64>) -> f64 {
    of.sort_by(f64::total_cmp);
    of[of.len() / 2]
}
