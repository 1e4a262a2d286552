//! Runs every operation on a file of a million rows and prints how long each took and how much memory it needed.
//!
//! `cargo run --release -p icf-connector-csv --example million [ROWS] [DIRECTORY]`
//!
//! Needs about 1 GB in the directory (default: that for temporary files). Printed are the time by the clock, the time on
//! the processor, and the resident memory at its peak above what it was when the step began and when the program began
//! (the difference is the index, which stays, and what the allocator keeps). Processor time and memory are measured on
//! Linux only. The program fails if a step needs more than 64 MiB.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use icf::operations::Lookup;
use icf::{
    Attribute, AttributeSet, BoundConfiguration, CallContext, ConnectorObject, DeltaSink, Filter, Flow,
    Instance, ObjectClass, ObjectSink, OperationOptions, Receive, SearchResult, SyncDelta, SyncToken, Uid,
    Value, option_names,
};
use icf_connector_csv::{Profile, registrations};

type Outcome<T> = Result<T, Box<dyn Error>>;

const MEMORY_LIMIT_KIB: u64 = 64 << 10;

#[tokio::main]
async fn main() -> Outcome<ExitCode> {
    let mut arguments = std::env::args().skip(1);
    let rows: u64 = arguments.next().map_or(Ok(1_000_000), |rows| rows.parse())?;
    let directory = arguments.next().map_or_else(std::env::temp_dir, PathBuf::from);
    let directory = tempfile::Builder::new().prefix("million").tempdir_in(directory)?;
    let path = directory.path().join("people.csv");
    generate(&path, rows)?;
    println!("{rows} rows, {} MB", path.metadata()?.len() / 1_000_000);
    println!("{:<48} {:>10} {:>10} {:>6} {:>6}", "", "clock", "processor", "MiB", "in all");
    let mut run = Run { csv: connector(&path)?, rows, missed: 0, idle: resident("VmRSS") };
    run.reads().await?;
    run.writes().await?;
    run.changes(&path).await?;
    let wide = directory.path().join("wide.csv");
    generate_wide(&wide)?;
    run.csv = connector(&wide)?;
    run.wide().await?;
    Ok(if run.missed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

struct Run {
    csv: Arc<dyn BoundConfiguration>,
    rows: u64,
    missed: u32,
    /// Resident KiB of the idle process.
    idle: u64,
}

impl Run {
    async fn reads(&mut self) -> Outcome<()> {
        let last = format!("user{:07}", self.rows - 1);
        let rows = self.rows;
        let csv = Arc::clone(&self.csv);
        self.step("search, all objects", "5 s", async {
            expect(search(&*csv, None, &OperationOptions::default()).await?.0, rows)
        })
        .await?;
        let nobody = || Some(Filter::Equals(Attribute::single("mail", "nobody")));
        self.step("search, filter without a match", "1 s", async {
            expect(search(&*csv, nobody(), &OperationOptions::default()).await?.0, 0)
        })
        .await?;
        self.step("get of the last row, first look-up", "1 s", get(&*csv, &last)).await?;
        self.step("the same, second look-up, builds the index", "1 s", get(&*csv, &last)).await?;
        self.step("the same, warm", "5 ms", get(&*csv, &last)).await?;
        self.step("1,000 pages", "2 x full search", page_walk(&*csv, (rows / 1000).max(1), rows)).await?;
        self.step("page of 1,000 at 90 %, by number", "1 s", async {
            let start = i32::try_from(rows / 10 * 9)?;
            let options = OperationOptions::default()
                .with(option_names::PAGE_SIZE, 1000)
                .with(option_names::PAGED_RESULTS_OFFSET, start);
            expect(search(&*csv, None, &options).await?.0, (rows / 10).min(1000))
        })
        .await
    }

    async fn writes(&mut self) -> Outcome<()> {
        let csv = Arc::clone(&self.csv);
        let middle = format!("user{:07}", self.rows / 2);
        self.step("create, warm index", "10 ms", create(&*csv, "new1")).await?;
        self.step("update in the middle", "1.5 s and fsync", update(&*csv, &middle)).await?;
        self.step("create", "10 ms", create(&*csv, "new2")).await?;
        self.step("delete", "1.5 s and fsync", delete(&*csv, "new1")).await?;
        delete(&*csv, "new2").await?;
        self.step("100 updates at once", "one pass or few", async {
            let updates = (0..100).map(|number| {
                let csv = Arc::clone(&csv);
                tokio::spawn(async move {
                    update(&*csv, &format!("user{number:07}")).await.map_err(|e| e.to_string())
                })
            });
            for update in updates.collect::<Vec<_>>() {
                update.await??;
            }
            Ok(())
        })
        .await
    }

    async fn changes(&mut self, path: &Path) -> Outcome<()> {
        let csv = Arc::clone(&self.csv);
        let mut token = None;
        self.step("first token, copies the file", "", async {
            token = latest_token(&*csv).await?;
            Ok(())
        })
        .await?;
        change_one_percent(path)?;
        let token = token.ok_or("no token")?;
        let mut next = None;
        let expected = self.rows.div_ceil(100);
        self.step("sync, 1 % changed", "8 s", async {
            let (deltas, token) = sync(&*csv, &token).await?;
            next = token;
            expect(deltas, expected)
        })
        .await?;
        let next = next.ok_or("no token")?;
        self.step("sync, nothing changed", "", async { expect(sync(&*csv, &next).await?.0, 0) }).await?;
        self.step(
            "update, file as changed by the other program",
            "1.5 s and fsync",
            update(&*csv, "user0000007"),
        )
        .await
    }

    async fn wide(&mut self) -> Outcome<()> {
        let csv = Arc::clone(&self.csv);
        self.step("20 rows of 15 MB: search", "", async {
            expect(search(&*csv, None, &OperationOptions::default()).await?.0, 20)
        })
        .await?;
        self.step("20 rows of 15 MB: update", "", update(&*csv, "wide10")).await?;
        let mut token = None;
        self.step("20 rows of 15 MB: first token", "", async {
            token = latest_token(&*csv).await?;
            Ok(())
        })
        .await?;
        let token = token.ok_or("no token")?;
        update(&*csv, "wide11").await?;
        self.step("20 rows of 15 MB: sync", "", async { expect(sync(&*csv, &token).await?.0, 1) }).await
    }

    /// Runs a step and prints what it took.
    async fn step(
        &mut self,
        name: &str,
        target: &str,
        work: impl Future<Output = Outcome<()>>,
    ) -> Outcome<()> {
        forget_peak();
        let (before, processor, begin) = (resident("VmRSS"), processor_time(), Instant::now());
        work.await.map_err(|error| format!("{name}: {error}"))?;
        let (took, processor) = (begin.elapsed(), processor_time().saturating_sub(processor));
        let peak = resident("VmHWM");
        let (grown, total) = (peak.saturating_sub(before), peak.saturating_sub(self.idle));
        let verdict = if grown > MEMORY_LIMIT_KIB { "TOO MUCH MEMORY" } else { "" };
        self.missed += u32::from(!verdict.is_empty());
        let target = if target.is_empty() { String::new() } else { format!("(goal {target})") };
        let mib = |kib: u64| kib as f64 / 1024.0;
        println!(
            "{name:<48} {:>10} {:>10} {:>6.1} {:>6.1} {target} {verdict}",
            shown(took),
            shown(processor),
            mib(grown),
            mib(total)
        );
        Ok(())
    }
}

fn shown(took: Duration) -> String {
    if took.as_secs() > 0 {
        format!("{:.2} s", took.as_secs_f64())
    } else {
        format!("{:.2} ms", took.as_secs_f64() * 1e3)
    }
}

fn expect(found: u64, expected: u64) -> Outcome<()> {
    if found == expected { Ok(()) } else { Err(format!("{found} results instead of {expected}").into()) }
}

/// A KiB value of the process's status; 0 where the system does not tell.
fn resident(field: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(field));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok()).unwrap_or(0)
}

/// Processor time of the process so far, in steps of 10 ms; zero where the system does not tell.
fn processor_time() -> Duration {
    let status = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = status.rsplit(')').next().unwrap_or_default().split_whitespace();
    let ticks: u64 = fields.skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}

/// Lets the peak of the resident set begin anew.
fn forget_peak() {
    // Not possible everywhere; the peak then is that of all steps so far.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

fn generate(path: &Path, rows: u64) -> Outcome<()> {
    let mut file = BufWriter::new(File::create(path)?);
    writeln!(file, "uid,firstName,lastName,mail,password,department,city,phone")?;
    for row in 0..rows {
        let (given, family) = (row % 997, row % 7919);
        writeln!(
            file,
            "user{row:07},\"Given{given}\",\"Family{family}\",given{given}.family{family}@example.com,pw{row},Dept {},\"City, {}\",+49 30 {row:08}",
            row % 40,
            row % 300
        )?;
    }
    Ok(file.into_inner()?.sync_all()?)
}

/// Rows almost as long as they may be.
fn generate_wide(path: &Path) -> Outcome<()> {
    let mut file = BufWriter::new(File::create(path)?);
    writeln!(file, "uid,a,b,mail")?;
    let cell = "x".repeat(7_500_000);
    for row in 0..20 {
        writeln!(file, "wide{row:02},\"{cell}\",{cell},m")?;
    }
    Ok(file.into_inner()?.sync_all()?)
}

/// Changes every hundredth row, as another program would: a new file in place of the old one.
fn change_one_percent(path: &Path) -> Outcome<()> {
    let changed = path.with_extension("new");
    let mut file = BufWriter::new(File::create(&changed)?);
    for (number, line) in BufReader::new(File::open(path)?).lines().enumerate() {
        let line = line?;
        if number % 100 == 1 { writeln!(file, "{line}9") } else { writeln!(file, "{line}") }?;
    }
    file.into_inner()?.sync_all()?;
    Ok(std::fs::rename(changed, path)?)
}

fn connector(path: &Path) -> Outcome<Arc<dyn BoundConfiguration>> {
    let registration = registrations(&[Profile::Ping], &BTreeMap::new()).pop().ok_or("no registration")?;
    let file = Value::File(path.to_string_lossy().into_owned());
    Ok(registration.bind(&[("csvFile", &file)])?)
}

fn cx() -> CallContext {
    CallContext::new("million")
}

async fn open(csv: &dyn BoundConfiguration) -> Outcome<Box<dyn Instance>> {
    Ok(csv.open(&cx()).await?)
}

/// Counts what it gets and throws it away.
#[derive(Default)]
struct Counter(u64);

impl<T: Send> Receive<T> for Counter {
    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Flow> {
        Poll::Ready(Flow::Continue)
    }

    fn receive(&mut self, _: T) -> icf::Result<Flow> {
        self.0 += 1;
        Ok(Flow::Continue)
    }
}

async fn search(
    csv: &dyn BoundConfiguration,
    filter: Option<Filter>,
    options: &OperationOptions,
) -> Outcome<(u64, SearchResult)> {
    let (instance, mut counter) = (open(csv).await?, Counter::default());
    let receiver: &mut dyn Receive<ConnectorObject> = &mut counter;
    let mut sink = ObjectSink::new(receiver);
    let search = instance.search_op().ok_or("no search")?;
    search.search(&cx(), &ObjectClass::ACCOUNT, filter.as_ref(), options, &mut sink).await?;
    let result = sink.into_result().ok_or("no search result")?;
    Ok((counter.0, result))
}

async fn page_walk(csv: &dyn BoundConfiguration, size: u64, rows: u64) -> Outcome<()> {
    let size = OperationOptions::default().with(option_names::PAGE_SIZE, i32::try_from(size)?);
    let (mut options, mut seen) = (size.clone(), 0);
    loop {
        let (found, result) = search(csv, None, &options).await?;
        seen += found;
        let Some(cookie) = result.paged_results_cookie else { break };
        options = size.clone().with(option_names::PAGED_RESULTS_COOKIE, cookie.as_str());
    }
    expect(seen, rows)
}

async fn get(csv: &dyn BoundConfiguration, uid: &str) -> Outcome<()> {
    let (instance, uid) = (open(csv).await?, Uid::try_new(uid)?);
    let search = instance.search_op().ok_or("no search")?;
    match search.get(&cx(), &ObjectClass::ACCOUNT, &uid, &OperationOptions::default()).await? {
        Lookup::Found(_) => Ok(()),
        _ => Err("not found".into()),
    }
}

async fn create(csv: &dyn BoundConfiguration, uid: &str) -> Outcome<()> {
    let attributes: AttributeSet =
        [Attribute::single("__NAME__", uid), Attribute::single("mail", "new@example.com")]
            .into_iter()
            .collect();
    let instance = open(csv).await?;
    let create = instance.create_op().ok_or("no create")?;
    create.create(&cx(), &ObjectClass::ACCOUNT, attributes, &OperationOptions::default()).await?;
    Ok(())
}

async fn update(csv: &dyn BoundConfiguration, uid: &str) -> Outcome<()> {
    let (instance, uid) = (open(csv).await?, Uid::try_new(uid)?);
    let attributes: AttributeSet = [Attribute::single("mail", "changed@example.com")].into_iter().collect();
    let update = instance.update_op().ok_or("no update")?;
    update.update(&cx(), &ObjectClass::ACCOUNT, &uid, attributes, &OperationOptions::default()).await?;
    Ok(())
}

async fn delete(csv: &dyn BoundConfiguration, uid: &str) -> Outcome<()> {
    let (instance, uid) = (open(csv).await?, Uid::try_new(uid)?);
    let delete = instance.delete_op().ok_or("no delete")?;
    Ok(delete.delete(&cx(), &ObjectClass::ACCOUNT, &uid, &OperationOptions::default()).await?)
}

async fn latest_token(csv: &dyn BoundConfiguration) -> Outcome<Option<SyncToken>> {
    let instance = open(csv).await?;
    let sync = instance.sync_op().ok_or("no sync")?;
    Ok(sync.latest_sync_token(&cx(), &ObjectClass::ACCOUNT).await?)
}

async fn sync(csv: &dyn BoundConfiguration, token: &SyncToken) -> Outcome<(u64, Option<SyncToken>)> {
    let (instance, mut counter) = (open(csv).await?, Counter::default());
    let receiver: &mut dyn Receive<SyncDelta> = &mut counter;
    let mut sink = DeltaSink::new(receiver);
    let sync = instance.sync_op().ok_or("no sync")?;
    sync.sync(&cx(), &ObjectClass::ACCOUNT, Some(token), &OperationOptions::default(), &mut sink).await?;
    let token = sink.into_token();
    Ok((counter.0, token))
}
