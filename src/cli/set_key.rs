//! `rcs set-key`: takes the shared key from a terminal, a pipe or a file, never from an argument, and stores its hash.

use std::fs::File;
use std::io::{self, BufRead as _, IsTerminal as _, Read, Write};
use std::path::Path;

use rustix::termios::{self, LocalModes, OptionalActions, Termios};
use zeroize::Zeroizing;

use super::{Exit, SetKeyArguments};
use crate::config::{Inputs, KeyHash, edit};

/// Sets the key and says so on `out`.
///
/// # Errors
///
/// Those of writing to `out`.
pub fn set_key(arguments: &SetKeyArguments, out: &mut impl Write) -> io::Result<Exit> {
    let path = Inputs::from_process(arguments.config.clone(), Vec::new()).file_path();
    let outcome = new_key(arguments.key_file.as_deref())
        .and_then(|key| edit::set_key(&path, &KeyHash::of(&key)).map_err(|error| Refusal(error.to_string())));
    match outcome {
        Ok(()) => {
            writeln!(out, "Key has been successfully updated.")?;
            Ok(Exit::Clean)
        }
        Err(Refusal(reason)) => {
            writeln!(io::stderr(), "Error: {reason}")?;
            Ok(Exit::Invalid)
        }
    }
}

/// The key that a file holds, without a final line end.
///
/// # Errors
///
/// In words: the file cannot be read, or holds none.
pub(super) fn key_in(file: &Path) -> Result<Zeroizing<String>, String> {
    new_key(Some(file)).map_err(|Refusal(reason)| reason)
}

/// Why there is no new key.
struct Refusal(String);

impl From<&str> for Refusal {
    fn from(reason: &str) -> Self {
        Self(reason.to_owned())
    }
}

fn new_key(file: Option<&Path>) -> Result<Zeroizing<String>, Refusal> {
    let key = match file {
        Some(path) => File::open(path)
            .and_then(read_key)
            .map_err(|error| Refusal(format!("{} cannot be read: {error}", path.display())))?,
        None if io::stdin().is_terminal() => ask_twice()?,
        None => read_key(io::stdin().lock())
            .map_err(|error| Refusal(format!("the key cannot be read from standard input: {error}")))?,
    };
    if key.is_empty() {
        return Err("The key is empty.".into());
    }
    Ok(key)
}

/// Reads everything, without a final line end.
fn read_key(source: impl Read) -> io::Result<Zeroizing<String>> {
    let mut key = Zeroizing::new(String::with_capacity(LIMIT + 1));
    source.take(LIMIT as u64 + 1).read_to_string(&mut key)?;
    if key.len() > LIMIT {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("longer than {LIMIT} bytes")));
    }
    trim_line_end(&mut key);
    Ok(key)
}

fn ask_twice() -> Result<Zeroizing<String>, Refusal> {
    let failed = |error: io::Error| Refusal(format!("the terminal cannot be read: {error}"));
    let first = ask("Please enter the new key:").map_err(failed)?;
    let second = ask("Please confirm the new key:").map_err(failed)?;
    if first != second {
        return Err("Key mismatch.".into());
    }
    Ok(first)
}

fn ask(prompt: &str) -> io::Result<Zeroizing<String>> {
    let mut err = io::stderr().lock();
    let mut line = Zeroizing::new(String::with_capacity(LIMIT));
    let silence = Silence::begin()?;
    write!(err, "{prompt} ")?;
    err.flush()?;
    io::stdin().lock().take(LIMIT as u64).read_line(&mut line)?;
    drop(silence);
    writeln!(err)?;
    if line.contains(INTERRUPT) || !line.ends_with('\n') {
        return Err(io::ErrorKind::Interrupted.into());
    }
    trim_line_end(&mut line);
    Ok(line)
}

/// As long as it lives, the terminal shows nothing of what is typed. Ctrl-C arrives as a character, or else the
/// process would end and leave a silent terminal behind.
struct Silence(Termios);

impl Silence {
    fn begin() -> io::Result<Self> {
        let before = termios::tcgetattr(io::stdin())?;
        let mut silent = before.clone();
        silent.local_modes.remove(LocalModes::ECHO | LocalModes::ISIG);
        termios::tcsetattr(io::stdin(), OptionalActions::Flush, &silent)?;
        Ok(Self(before))
    }
}

impl Drop for Silence {
    fn drop(&mut self) {
        // A terminal that is gone needs no echo.
        let _ = termios::tcsetattr(io::stdin(), OptionalActions::Now, &self.0);
    }
}

fn trim_line_end(text: &mut String) {
    if text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
}

/// Longest key accepted, in bytes. A terminal hands over no more in one line.
const LIMIT: usize = 4096;

/// What Ctrl-C types when it raises no signal.
const INTERRUPT: char = '\u{3}';
