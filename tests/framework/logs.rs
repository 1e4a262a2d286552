//! What an operation leaves in the log.

use std::io;
use std::sync::{Arc, Mutex};

use icf::{Attribute, ErrorKind, GuardedString};
use icf_wire::rpc::{Operation, UpdateKind};
use tracing::Level;
use tracing_subscriber::fmt::MakeWriter;

use crate::rig::{Rig, create, get, none, search_for, texts, update};
use crate::world::lock;

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Lines {
    fn take(&self) -> Vec<String> {
        let bytes = std::mem::take(&mut *lock(&self.0));
        String::from_utf8(bytes).unwrap().lines().map(str::to_owned).collect()
    }
}

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        lock(&self.0).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Lines {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

fn log_at(level: Level) -> (Lines, tracing::subscriber::DefaultGuard) {
    let lines = Lines::default();
    let subscriber =
        tracing_subscriber::fmt().with_max_level(level).with_ansi(false).with_writer(lines.clone()).finish();
    (lines, tracing::subscriber::set_default(subscriber))
}

#[tokio::test]
async fn every_operation_leaves_one_line_with_outcome_and_duration() {
    let (lines, _guard) = log_at(Level::INFO);
    let rig = Rig::new();
    rig.run(Operation::Test).await.answer.unwrap();
    let logged = lines.take();
    let [line] = &logged[..] else { panic!("{logged:?}") };
    for part in ["request{id=\"42\" op=\"Test\" connector=\"K\"}", "outcome=\"ok\"", "duration_ms="] {
        assert!(line.contains(part), "{part} in {line}");
    }

    rig.world.knobs().unknown_uid = true;
    rig.run(get("u1")).await.failure();
    let logged = lines.take();
    assert_eq!(
        logged.len(),
        1,
        "the sender's own mistakes are not explained to the administrator: {logged:?}"
    );
    assert!(logged[0].contains("outcome=\"UnknownUidException\""));

    rig.world.knobs().dead = vec![Some(ErrorKind::ConnectionFailed); 2];
    rig.run(Operation::Test).await.failure();
    assert!(lines.take().iter().any(|line| line.contains("WARN") && line.contains("not alive")));
}

#[tokio::test]
async fn no_secret_and_no_value_reaches_the_log() {
    let (lines, _guard) = log_at(Level::TRACE);
    let mut rig = Rig::new();
    rig.set("note", "secret-note");
    let password = Attribute::single("__PASSWORD__", GuardedString::new("secret-password"));
    rig.run(create(vec![password, texts("a", &["secret-value"])])).await.answer.unwrap();
    rig.run(update(UpdateKind::Add, "u1", vec![texts("a", &["secret-value"])])).await.answer.unwrap();
    rig.run(search_for(crate::rig::equals("a", &["secret-value"]), none())).await.answer.unwrap();
    rig.set("retries", "secret-type");
    rig.run(Operation::Test).await.failure();
    let key = rig.key();
    let key = std::str::from_utf8(key.as_bytes()).unwrap();
    let logged = lines.take();
    assert!(!logged.is_empty());
    for line in logged {
        assert!(!line.contains("secret-") && !line.contains(key), "{line}");
    }
}
