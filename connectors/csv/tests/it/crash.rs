//! A process that is killed while it writes leaves the complete old or the complete new file.
//!
//! The tests start themselves as a child that writes without end and kill it at random moments, 25 times each. For more:
//! `CSV_CRASH_KILLS=1000 cargo test -p icf-connector-csv --test it -- crash --nocapture`.

use std::hash::{BuildHasher, RandomState};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, SystemTime};

use icf::Value;

use crate::harness::{Csv, text, texts, uids};

const FILE: &str = "CSV_CRASH_FILE";
const MODE: &str = "CSV_CRASH_MODE";
const ROWS: usize = 3000;
/// No child takes that long to start; a hang guard.
const HANG: Duration = Duration::from_secs(60);

fn kills() -> usize {
    std::env::var("CSV_CRASH_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(25)
}

fn row(number: usize, value: &str) -> String {
    format!("u{number},\"{value}\",{}\n", "filling ".repeat(10))
}

/// The file with one value in place of `0` in its middle row.
fn content(value: &str) -> String {
    let rows = (0..ROWS).map(|number| row(number, if number == ROWS / 2 { value } else { "0" }));
    std::iter::once("uid,a,b\n".to_owned()).chain(rows).collect()
}

/// Not a test of its own: the child of the others.
#[test]
fn child_that_writes() {
    let (Ok(path), Ok(mode)) = (std::env::var(FILE), std::env::var(MODE)) else { return };
    let first: usize = mode.trim_start_matches(|c: char| !c.is_ascii_digit()).parse().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let csv = Csv::oip("uid\n").with("csvFile", Value::File(path));
        for number in first.. {
            if mode.starts_with("update") {
                let long = format!("{number} {}", "x".repeat(number % 50));
                csv.update(&format!("u{}", ROWS / 2), texts([("a", &long)])).await.unwrap();
            } else {
                let long = "y".repeat(9000);
                csv.create(texts([("__NAME__", &format!("c{number}")), ("a", &long)])).await.unwrap();
            }
            println!("ack {number}");
            std::io::stdout().flush().unwrap();
        }
    });
}

fn start(path: &Path, mode: &str, first: usize) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "crash::child_that_writes", "--nocapture"])
        .env(FILE, path)
        .env(MODE, format!("{mode}{first}"))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Lets a child write for a while, kills it, and answers the last number it acknowledged.
fn killed_child(path: &Path, mode: &str, first: usize) -> usize {
    let mut child = start(path, mode, first);
    let lines = BufReader::new(child.stdout.take().unwrap());
    let (tell, told) = mpsc::channel();
    let reader = std::thread::spawn(move || {
        for line in lines.lines().map_while(Result::ok) {
            if let Some(number) = line.strip_prefix("ack ") {
                tell.send(number.parse().unwrap()).unwrap();
            }
        }
    });
    let first_told: usize = told.recv_timeout(HANG).expect("the child writes");
    std::thread::sleep(Duration::from_micros(RandomState::new().hash_one(first) % 60_000));
    child.kill().unwrap();
    child.wait().unwrap();
    reader.join().unwrap();
    told.iter().last().unwrap_or(first_told)
}

fn remove_temporary(path: &Path) -> usize {
    let leftovers: Vec<PathBuf> = std::fs::read_dir(path.parent().unwrap())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|entry| entry.extension().is_some_and(|extension| extension == "tmp"))
        .collect();
    leftovers.iter().for_each(|entry| std::fs::remove_file(entry).unwrap());
    leftovers.len()
}

#[test]
fn csv_w16_a_killed_update_leaves_the_old_or_the_new_file() {
    let csv = Csv::oip(content("0"));
    let (mut next, mut acknowledged, mut leftovers) = (1, 0, 0);
    for _ in 0..kills() {
        acknowledged = killed_child(&csv.path(), "update", next);
        let found = csv.text();
        let (before, after) = found.split_once(&format!("u{},\"", ROWS / 2)).unwrap();
        let (value, _) = after.split_once('"').unwrap();
        assert_eq!(found, content(value), "the file is whole ({} bytes before the row)", before.len());
        let number: usize = value.split(' ').next().unwrap().parse().unwrap();
        assert!(number == acknowledged || number == acknowledged + 1, "{number} after {acknowledged}");
        next = number + 1;
        acknowledged = number;
        leftovers += remove_temporary(&csv.path());
    }
    println!("{} kills, {acknowledged} updates, {leftovers} left in the middle of one", kills());
}

#[test]
fn csv_w16_a_killed_create_leaves_every_acknowledged_row() {
    let csv = Csv::oip("uid,a,b\n");
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let mut acknowledged = 0;
    for _ in 0..kills() {
        acknowledged = killed_child(&csv.path(), "create", acknowledged + 1);
        // Remains are not touched while they may be another program's write under way.
        let old = SystemTime::now() - Duration::from_secs(60);
        std::fs::File::options().append(true).open(csv.path()).unwrap().set_modified(old).unwrap();
        runtime.block_on(async {
            csv.create(texts([("__NAME__", "after")])).await.unwrap();
            csv.delete("after").await.unwrap();
            let objects = csv.all().await.unwrap();
            let found = objects.len();
            assert!(found == acknowledged || found == acknowledged + 1, "{found} after {acknowledged}");
            assert_eq!(uids(&objects), (1..=found).map(|number| format!("c{number}")).collect::<Vec<_>>());
            assert!(objects.iter().all(|object| text(object, "a").unwrap().len() == 9000));
            acknowledged = found;
        });
    }
    println!("{} kills, {acknowledged} creates", kills());
}
