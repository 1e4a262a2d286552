//! What the original does wrong and this connector must not, as far as no conformance case covers it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use icf::{ErrorKind, SyncDeltaType, Value};

use crate::harness::{Csv, H, attributes, failure, names_in, texts};

/// Defects 1 to 3: an update that fails half-way, here because of a value or a cleared key, replaced the file by the rows
/// written so far.
#[tokio::test]
async fn a_refused_value_leaves_the_file_as_it_is() {
    let csv = Csv::oip(format!("{H}a,u1,b,c\na,u2,b,c\n"));
    let before = csv.text();
    for bad in [
        attributes([("lastName", Value::Bytes(vec![1]))]),
        attributes([("firstName", "x".into()), ("__NAME__", Value::Null)]),
        attributes([("firstName", "x".into()), ("uid", "".into())]),
    ] {
        assert_eq!(failure(csv.update("u2", bad).await).0, ErrorKind::InvalidAttributeValue);
        assert_eq!(csv.text(), before);
    }
}

/// Defect 10: the cost of a synchronisation grew with the square of the rows; a hundred thousand took days.
#[tokio::test]
async fn a_synchronisation_of_many_rows_ends() {
    let rows = |value: &dyn Fn(u32) -> u32| -> String {
        (0..100_000).map(|row| format!("u{row},{}\n", value(row))).collect()
    };
    let csv = Csv::oip(format!("uid,a\n{}", rows(&|row| row)));
    let token = csv.latest_token().await.unwrap();
    csv.set_text(format!("uid,a\n{}", rows(&|row| if row % 100 == 0 { 1 } else { row })));
    let begin = Instant::now();
    let changes = csv.sync(token).await.unwrap();
    assert_eq!(changes.deltas.len(), 1000);
    assert!(changes.deltas.iter().all(|delta| delta.delta_type == SyncDeltaType::Update));
    assert!(begin.elapsed() < Duration::from_secs(60), "{:?}", begin.elapsed());
}

/// Defect 16: when the new version could not be put in place the update was lost and success reported.
#[tokio::test]
async fn a_file_that_cannot_be_replaced_stays_and_the_caller_is_told() {
    let csv = Csv::oip("uid\n");
    // No temporary file can be made beside it: its name would be too long.
    let path = csv.directory.path().join("n".repeat(250));
    std::fs::write(&path, "uid,a\nu1,x\n").unwrap();
    let csv = csv.with("csvFile", Value::File(path.to_string_lossy().into_owned()));
    let (kind, message) = failure(csv.update("u1", texts([("a", "y")])).await);
    assert_eq!(kind, ErrorKind::ConnectorIo);
    assert!(message.contains("the file is unchanged"), "{message}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "uid,a\nu1,x\n");
    assert_eq!(names_in(csv.directory.path()).len(), 2);
    csv.create(texts([("__NAME__", "u2")])).await.unwrap();
}

/// Defect 16: readers saw the file while it was replaced.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_see_a_whole_file_while_it_is_written() {
    let rows: String = (0..2000).map(|row| format!("u{row},x\n")).collect();
    let csv = Arc::new(Csv::oip(format!("uid,a\n{rows}")));
    let writer = {
        let csv = Arc::clone(&csv);
        tokio::spawn(async move {
            for round in 0..50 {
                csv.update(&format!("u{round}"), texts([("a", "a longer value")])).await.unwrap();
                csv.create(texts([("__NAME__", &format!("n{round}"))])).await.unwrap();
                csv.delete(&format!("n{round}")).await.unwrap();
            }
        })
    };
    while !writer.is_finished() {
        let rows = csv.all().await.unwrap().len();
        assert!(rows == 2000 || rows == 2001, "{rows}");
        assert!(csv.get("u1999").await.unwrap().is_some());
    }
    writer.await.unwrap();
}

/// Defect 22: the other values of an attribute vanished without a word. They still do, but a warning tells; and no value,
/// password or record is ever part of an error.
#[tokio::test]
async fn errors_tell_no_values() {
    let csv = Csv::oip(format!("{H}a,u1,b,s3cr3t\na,u2,\"unclosed s3cr3t\n"));
    let told = [
        failure(csv.all().await).1,
        failure(csv.update("u1", texts([("lastName", "s3cr3t")])).await).1,
        failure(csv.sync(Value::Null).await).1,
    ];
    assert!(told.iter().all(|message| !message.contains("s3cr3t")), "{told:?}");
}
