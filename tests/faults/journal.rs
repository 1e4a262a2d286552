//! The log of all servers of the process, to be searched by what is unique in a line.

use std::io;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tracing_subscriber::fmt::MakeWriter;

#[derive(Clone, Default)]
struct Journal(Arc<Mutex<Vec<u8>>>);

impl io::Write for Journal {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Journal {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

/// Keeps what is logged from now on.
fn journal() -> &'static Journal {
    static JOURNAL: OnceLock<Journal> = OnceLock::new();
    JOURNAL.get_or_init(|| {
        let journal = Journal::default();
        tracing_subscriber::fmt()
            .with_ansi(false)
            .with_env_filter("rcs=info")
            .with_writer(journal.clone())
            .try_init()
            .expect("nobody else sets it");
        journal
    })
}

/// Begins to keep the log.
pub(crate) fn keep() {
    journal();
}

/// The lines with all of these texts in them.
pub(crate) fn lines(texts: &[&str]) -> Vec<String> {
    let bytes = journal().0.lock().unwrap_or_else(PoisonError::into_inner);
    let log = String::from_utf8_lossy(&bytes);
    log.lines().filter(|line| texts.iter().all(|text| line.contains(text))).map(str::to_owned).collect()
}
