//! Every line that is logged while tests run, looked through for secrets.

use std::io::{self, Write};
use std::sync::{Mutex, Once, PoisonError};

use tracing_subscriber::fmt::MakeWriter;

/// Shorter texts are parts of other words.
const DISTINCT: usize = 7;

static SECRETS: Mutex<Vec<String>> = Mutex::new(Vec::new());
static BETRAYED: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// From now on no line of this process may hold the text, nor, where it is too short to be one by itself, the text as a
/// bearer token.
pub fn never_logged(secret: &str) {
    static WATCHING: Once = Once::new();
    WATCHING.call_once(|| {
        let subscriber =
            tracing_subscriber::fmt().with_max_level(tracing::Level::DEBUG).with_writer(Watch).finish();
        // Another subscriber of the process would leave nothing to look at.
        tracing::subscriber::set_global_default(subscriber).expect("no other test sets a subscriber for all");
    });
    let mut secrets = SECRETS.lock().unwrap_or_else(PoisonError::into_inner);
    let texts = [Some(format!("Bearer {secret}")), (secret.len() >= DISTINCT).then(|| secret.to_owned())];
    for text in texts.into_iter().flatten().filter(|_| !secret.is_empty()) {
        if !secrets.contains(&text) {
            secrets.push(text);
        }
    }
}

/// Ends the test if a line held a secret.
///
/// # Panics
/// If one did.
pub fn assert_nothing_betrayed() {
    let betrayed = BETRAYED.lock().unwrap_or_else(PoisonError::into_inner);
    assert!(betrayed.is_empty(), "secrets in the log: {betrayed:?}");
}

#[derive(Clone, Copy)]
struct Watch;

impl Write for Watch {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(line);
        let secrets = SECRETS.lock().unwrap_or_else(PoisonError::into_inner);
        if secrets.iter().any(|secret| text.contains(secret.as_str())) {
            BETRAYED.lock().unwrap_or_else(PoisonError::into_inner).push(text.into_owned());
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Watch {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        *self
    }
}
