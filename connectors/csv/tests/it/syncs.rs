//! Live synchronisation and history files.

use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use icf::{ErrorKind, SyncDelta, SyncDeltaType, Value};

use crate::harness::{Changes, Csv, failure, text, texts};

const T: i64 = 1_300_734_815_289;

fn told(changes: &Changes) -> Vec<(SyncDeltaType, &str)> {
    changes.deltas.iter().map(|delta| (delta.delta_type, delta.uid.value())).collect()
}

fn set_mtime(path: &Path, millis: i64) {
    let time = UNIX_EPOCH + Duration::from_millis(u64::try_from(millis).unwrap());
    std::fs::File::options().append(true).open(path).unwrap().set_modified(time).unwrap();
}

fn mtime(csv: &Csv) -> i64 {
    let modified = csv.path().metadata().unwrap().modified().unwrap();
    i64::try_from(modified.duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap()
}

/// A file with a copy under the token T.
fn with_copy(copy: &str, content: &str) -> Csv {
    let csv = Csv::oip(content);
    std::fs::write(csv.directory.path().join(format!("t.csv.{T}")), copy).unwrap();
    csv
}

fn s03() -> Csv {
    with_copy("uid,a\nu1,x\nu2,y\nu3,z\n", "uid,a\nu1,x\nu2,changed\nu4,w\n")
}

fn copies(csv: &Csv) -> Vec<String> {
    csv.files().into_iter().filter(|name| name.starts_with("t.csv.")).collect()
}

#[tokio::test]
async fn csv_s01_the_latest_token_is_that_of_the_newest_copy() {
    let csv = with_copy("uid,a\n", "uid,a\nu1,x\n");
    std::fs::write(csv.directory.path().join("t.csv.1200000000000"), "uid,a\n").unwrap();
    std::fs::write(csv.directory.path().join("t.csv.99"), "uid,a\n").unwrap();
    assert_eq!(csv.latest_token().await.unwrap(), Value::Long(T));
    assert_eq!(copies(&csv).len(), 3);
}

#[tokio::test]
async fn csv_s02_without_a_copy_one_is_made_so_that_nothing_is_missed() {
    let csv = Csv::oip("uid,a\nu1,x\n");
    set_mtime(&csv.path(), T);
    assert_eq!(csv.latest_token().await.unwrap(), Value::Long(T));
    assert_eq!(copies(&csv), [format!("t.csv.{T}")]);
    csv.delete("u1").await.unwrap();
    assert_eq!(told(&csv.sync(T).await.unwrap()), [(SyncDeltaType::Delete, "u1")]);
}

#[tokio::test]
async fn csv_s03_deletes_come_first_then_changes_in_file_order() {
    let csv = s03();
    let changes = csv.sync(T).await.unwrap();
    let expected =
        [(SyncDeltaType::Delete, "u3"), (SyncDeltaType::Update, "u2"), (SyncDeltaType::Create, "u4")];
    assert_eq!(told(&changes), expected);
    assert!(changes.deltas.iter().all(|delta| *delta.token.value() == Value::Long(T)));
    assert!(changes.deltas.iter().all(|delta| delta.check().is_ok() && delta.previous_uid.is_none()));
    let value = |delta: &SyncDelta| text(delta.object.as_ref().unwrap(), "a").unwrap().to_owned();
    assert_eq!(changes.deltas.iter().map(value).collect::<Vec<_>>(), ["z", "changed", "w"]);
    assert_eq!(changes.token, Value::Long(mtime(&csv)));
    assert_eq!(copies(&csv), [format!("t.csv.{T}"), format!("t.csv.{}", mtime(&csv))]);
}

#[tokio::test]
async fn csv_s04_without_a_change_there_is_no_delta_no_new_token_and_no_copy() {
    let csv = s03();
    let token = csv.sync(T).await.unwrap().token;
    let files = csv.files();
    let again = csv.sync(token.clone()).await.unwrap();
    assert!(again.deltas.is_empty());
    assert_eq!(again.token, token);
    assert_eq!(csv.files(), files);
}

#[tokio::test]
async fn csv_s05_after_stop_nothing_is_lost() {
    let csv = s03();
    let files = csv.files();
    for stop in [1, 2, 3] {
        let stopped = csv.sync_at_most(stop, T).await.unwrap();
        assert_eq!(stopped.deltas.len(), stop);
        assert_eq!(stopped.token, Value::Long(T));
        assert_eq!(csv.files(), files);
    }
    assert_eq!(csv.sync(T).await.unwrap().deltas.len(), 3);
}

#[tokio::test]
async fn csv_s06_without_the_copy_of_the_token_everything_is_told() {
    let csv = Csv::oip("uid,a\nu1,x\nu2,y\nu3,z\n");
    let changes = csv.sync(T).await.unwrap();
    let updates =
        [(SyncDeltaType::Update, "u1"), (SyncDeltaType::Update, "u2"), (SyncDeltaType::Update, "u3")];
    assert_eq!(told(&changes), updates);
    assert!(changes.deltas.iter().all(|delta| *delta.token.value() == Value::Long(T)));
    assert_eq!(changes.token, Value::Long(mtime(&csv)));
    for _ in 0..2 {
        let all = csv.sync(Value::Null).await.unwrap();
        assert_eq!(told(&all), updates);
        assert!(all.deltas.iter().all(|delta| *delta.token.value() == Value::Long(0)));
        assert_eq!(all.token, Value::Long(mtime(&csv)));
    }
    assert_eq!(copies(&csv).len(), 1);
}

#[tokio::test]
async fn csv_s07_other_headers_cannot_be_compared() {
    for copy in ["uid,b\nu1,x\n", "id,a\nu1,x\n", "uid,a,b\nu1,x,y\n", "uid,,a\n", ""] {
        let csv = with_copy(copy, "uid,a\nu1,x\n");
        let (kind, message) = failure(csv.sync(T).await);
        assert_eq!(kind, ErrorKind::Connector);
        assert!(message.starts_with("Headers do not match"), "{message}");
        assert_eq!(csv.files().len(), 2);
    }
    let moved = with_copy("a,uid\nx,u1\n", "uid,a\nu1,x\n");
    assert!(moved.sync(T).await.unwrap().deltas.is_empty());
}

#[tokio::test]
async fn csv_s08_old_copies_are_removed_and_files_of_others_are_not() {
    let csv = Csv::oip("uid,a\n");
    let foreign = [
        "old-t.csv.1900000000000",
        "tXcsv.1800000000000",
        "t.csv.19000000000000",
        "t.csv.190000000000x",
        "t.csv.1900000000000.bak",
    ];
    for name in foreign {
        std::fs::write(csv.directory.path().join(name), "uid,a\n").unwrap();
    }
    let mut token = csv.latest_token().await.unwrap();
    assert!(token != Value::Long(1_900_000_000_000) && token != Value::Long(1_800_000_000_000));
    for round in 0..6 {
        csv.create(texts([("__NAME__", &format!("u{round}"))])).await.unwrap();
        let changes = csv.sync(token.clone()).await.unwrap();
        assert_eq!(told(&changes), [(SyncDeltaType::Create, format!("u{round}").as_str())]);
        token = changes.token;
    }
    let files = csv.files();
    assert!(foreign.iter().all(|name| files.iter().any(|file| file == name)), "{files:?}");
    let own: Vec<_> = files.iter().filter(|name| !foreign.contains(&name.as_str())).collect();
    assert_eq!(own.len(), 4, "the file and three copies: {own:?}");
    let Value::Long(newest) = token else { panic!("{token:?}") };
    assert!(own.contains(&&format!("t.csv.{newest}")));
}

#[tokio::test]
async fn csv_s09_two_changes_within_one_tick_are_both_found() {
    let csv = Csv::oip("uid,a\nu1,x\n");
    set_mtime(&csv.path(), T);
    let mut token = csv.latest_token().await.unwrap();
    for round in 1..=3 {
        csv.set_text(format!("uid,a\nu1,x{round}\n"));
        set_mtime(&csv.path(), T);
        let changes = csv.sync(token).await.unwrap();
        assert_eq!(told(&changes), [(SyncDeltaType::Update, "u1")]);
        assert_eq!(changes.token, Value::Long(T + round));
        token = changes.token;
    }
}

#[tokio::test]
async fn csv_s10_a_token_may_be_text_and_never_becomes_a_path() {
    let csv = s03();
    let changes = csv.sync(T.to_string().as_str()).await.unwrap();
    assert_eq!(changes.deltas.len(), 3);
    for odd in ["../x", "1300734815289/../x", "-1", "", "99999999999999999999999"] {
        let csv = s03();
        let parent = csv.directory.path().parent().unwrap().join("x");
        let changes = csv.sync(odd).await.unwrap();
        assert_eq!(told(&changes).len(), 3, "{odd}");
        assert!(changes.deltas.iter().all(|delta| delta.delta_type == SyncDeltaType::Update), "{odd}");
        assert!(!parent.exists());
    }
    for far in [i64::MAX, 9_999_999_999_999, 5] {
        let csv = Csv::oip("uid,a\nu1,x\n");
        assert_eq!(csv.sync(far).await.unwrap().deltas.len(), 1);
    }
}

#[tokio::test]
async fn a_key_that_changed_is_a_delete_and_a_create() {
    let csv = with_copy("uid,a\nu1,x\n", "uid,a\nu1,x\n");
    csv.update("u1", texts([("__NAME__", "u2")])).await.unwrap();
    let changes = csv.sync(T).await.unwrap();
    assert_eq!(told(&changes), [(SyncDeltaType::Delete, "u1"), (SyncDeltaType::Create, "u2")]);
}

#[tokio::test]
async fn a_malformed_row_fails_the_sync_and_leaves_no_copy() {
    let csv = with_copy("uid,a\nu1,x\n", "uid,a\nu1,x\nu2\n");
    let (kind, message) = failure(csv.sync(T).await);
    assert_eq!(kind, ErrorKind::Connector);
    assert!(message.contains("line 3"), "{message}");
    assert_eq!(csv.files().len(), 2);
    let broken_copy = with_copy("uid,a\nu1\n", "uid,a\nu1,x\n");
    let (_, message) = failure(broken_copy.sync(T).await);
    assert!(message.contains(&format!("t.csv.{T}")) && message.contains("line 2"), "{message}");
}

#[tokio::test]
async fn a_full_pass_over_an_older_file_makes_a_token_of_thirteen_digits() {
    let csv = Csv::oip("uid,a\nu1,x\n");
    set_mtime(&csv.path(), 5000);
    assert_eq!(csv.latest_token().await.unwrap(), Value::Long(1_000_000_000_000));
    assert_eq!(csv.sync(Value::Null).await.unwrap().token, Value::Long(1_000_000_000_000));
}

#[cfg(unix)]
#[tokio::test]
async fn copies_are_as_secret_as_the_file() {
    use std::os::unix::fs::PermissionsExt;
    let csv = Csv::oip("uid,password\nu1,x\n");
    std::fs::set_permissions(csv.path(), std::fs::Permissions::from_mode(0o640)).unwrap();
    let Value::Long(token) = csv.latest_token().await.unwrap() else { panic!("no number") };
    let copy = csv.directory.path().join(format!("t.csv.{token}"));
    assert_eq!(copy.metadata().unwrap().permissions().mode() & 0o777, 0o640);
}

#[tokio::test]
async fn a_relative_path_works() {
    let directory = tempfile::tempdir_in(".").unwrap();
    let relative = Path::new(directory.path().file_name().unwrap()).join("r.csv");
    std::fs::write(&relative, "uid,a\nu1,x\n").unwrap();
    let csv = Csv::oip("uid\n").with("csvFile", Value::File(relative.to_string_lossy().into_owned()));
    let token = csv.latest_token().await.unwrap();
    csv.delete("u1").await.unwrap();
    assert_eq!(told(&csv.sync(token).await.unwrap()), [(SyncDeltaType::Delete, "u1")]);
    let age = relative.metadata().unwrap().modified().unwrap().elapsed().unwrap_or_default();
    assert!(age < Duration::from_secs(3600) && SystemTime::now() > UNIX_EPOCH);
}
