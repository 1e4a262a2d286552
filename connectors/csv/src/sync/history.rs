//! The copies of a file that its tokens stand for: `<name of the file>.<token>` beside it, the token being 13 digits.

use std::ffi::OsString;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};

use icf::{CancellationToken, ErrorKind};

use crate::fault::{Fault, Result};
use crate::handover::check;
use crate::settings::Settings;
use crate::shared::SharedFile;
use crate::table::{Table, Window};
use crate::version::FileVersion;
use crate::write::copy_range;
use crate::write::replacement::{Replacement, directory_of, synchronise_directory};

/// Tokens have 13 digits.
const TOKENS: std::ops::Range<i64> = 1_000_000_000_000..10_000_000_000_000;
/// How often a copy is made again because another program changed the file meanwhile.
const ATTEMPTS: usize = 3;

/// The copies of one file.
pub(super) struct History {
    settings: Arc<Settings>,
    shared: Arc<SharedFile>,
}

/// A copy of the file that is not among the others yet; dropped without being kept it disappears.
pub(super) struct Snapshot {
    copy: Replacement,
    history: History,
    /// The token it would like to have.
    token: i64,
    since: Option<i64>,
}

impl History {
    /// The copies of the file of a configuration.
    pub(super) fn of(settings: &Arc<Settings>) -> Result<Self> {
        Ok(Self { settings: Arc::clone(settings), shared: SharedFile::at(&settings.path)? })
    }

    /// The token of the newest copy.
    pub(super) fn newest(&self) -> Result<Option<i64>> {
        Ok(self.tokens()?.into_iter().max())
    }

    /// The tokens that have a copy, in no order. Only exact names count, and only files: no links, no directories.
    fn tokens(&self) -> Result<Vec<i64>> {
        let directory = directory_of(&self.settings.path);
        let fault = |error| Fault::reading(directory, error);
        let mut prefix = self.settings.path.file_name().unwrap_or_default().to_owned();
        prefix.push(".");
        let mut tokens = Vec::new();
        for entry in directory.read_dir().map_err(fault)? {
            let entry = entry.map_err(fault)?;
            let name = entry.file_name();
            let digits = name.as_encoded_bytes().strip_prefix(prefix.as_encoded_bytes());
            if let Some(token) = digits.and_then(token_of)
                && entry.file_type().is_ok_and(|kind| kind.is_file())
            {
                tokens.push(token);
            }
        }
        Ok(tokens)
    }

    fn path(&self, token: i64) -> PathBuf {
        let mut name = OsString::from(self.settings.path.file_name().unwrap_or_default());
        name.push(format!(".{token}"));
        self.settings.path.with_file_name(name)
    }

    /// The copy of a token, if there is one.
    pub(super) fn open(&self, token: i64) -> Result<Option<Table>> {
        let Some(file) = self.file(token)? else { return Ok(None) };
        let settings = Arc::new(Settings { path: self.path(token), ..Settings::clone(&self.settings) });
        match Table::of_file(settings, Arc::clone(&self.shared), file) {
            // A header that cannot be used now is not that of the file.
            Err(fault) if fault.kind == ErrorKind::Configuration => {
                Err(headers_do_not_match(&self.settings.path, &self.path(token)))
            }
            table => table.map(Some),
        }
    }

    fn file(&self, token: i64) -> Result<Option<File>> {
        let path = self.path(token);
        if !TOKENS.contains(&token) || !path.symlink_metadata().is_ok_and(|metadata| metadata.is_file()) {
            return Ok(None);
        }
        File::open(&path).map(Some).map_err(|error| Fault::reading(&path, error))
    }

    /// Whether the file is, byte for byte, what a copy of it is.
    pub(super) fn is_unchanged(&self, copy: &Table, cancellation: &CancellationToken) -> Result<bool> {
        let live = Table::open(&self.settings)?;
        Ok(live.version.size() == copy.version.size()
            && same_content(&live.file, &copy.file, copy.version.size(), &self.settings.path, cancellation)?)
    }

    /// Copies the file as it is now. Its token will be above `since`.
    pub(super) fn snapshot(self, since: Option<i64>) -> Result<Snapshot> {
        // Without writers of this process any change seen is another program's.
        let shared = Arc::clone(&self.shared);
        let _no_writers = shared.writing.lock().unwrap_or_else(PoisonError::into_inner);
        for _ in 0..ATTEMPTS {
            let live = Table::open(&self.settings)?;
            let copy = Replacement::new(&self.settings.path, &live.file)?;
            let size = live.version.size();
            let copied = copy_range(&live.file, 0, size, copy.file()).map_err(|error| copy.fault(error))?;
            let after = live.file.metadata().map(|metadata| FileVersion::of(&metadata));
            if copied == size && after.is_ok_and(|after| after == live.version) {
                let above = since.filter(|since| *since < TOKENS.end - 1).map_or(0, |since| since + 1);
                let token = live.version.modified_millis().max(above).max(TOKENS.start);
                return Ok(Snapshot { copy, token: token.min(TOKENS.end - 1), history: self, since });
            }
        }
        Err(Fault::busy(&self.settings.path))
    }

    /// Removes the oldest copies beyond the number to keep, but never those two.
    fn retain(&self, new: i64, since: Option<i64>) -> Result<()> {
        let mut tokens = self.tokens()?;
        tokens.sort_unstable_by_key(|token| std::cmp::Reverse(*token));
        let surplus = tokens.into_iter().skip(self.settings.retention);
        for token in surplus.filter(|token| *token != new && Some(*token) != since) {
            let path = self.path(token);
            if let Err(error) = std::fs::remove_file(&path) {
                tracing::warn!(file = %path.display(), %error, "An old copy could not be removed.");
            }
        }
        Ok(())
    }
}

impl Snapshot {
    /// The copy, for reading.
    pub(super) fn table(&self) -> Result<Table> {
        let file = self.copy.reopen()?;
        Table::of_file(Arc::clone(&self.history.settings), Arc::clone(&self.history.shared), file)
    }

    /// Puts the copy among the others, removes old ones and answers the token. If a copy with the same content has the
    /// wanted token already, that one is used.
    pub(super) fn keep(self) -> Result<i64> {
        let Self { mut copy, history, mut token, since } = self;
        let shared = Arc::clone(&history.shared);
        let _alone = shared.history.lock().unwrap_or_else(PoisonError::into_inner);
        copy.synchronise()?;
        loop {
            let path = history.path(token);
            let Some(back) = copy.publish_new(&path)? else { break };
            if let Some(existing) = history.file(token)?
                && same_files(&existing, back.file(), &path)?
            {
                break;
            }
            copy = back;
            token += 1;
            if !TOKENS.contains(&token) {
                return Err(Fault::connector(format!("No token is left for a copy of {}", path.display())));
            }
        }
        synchronise_directory(&history.settings.path)?;
        history.retain(token, since)?;
        Ok(token)
    }
}

fn token_of(digits: &[u8]) -> Option<i64> {
    let all_digits = digits.len() == 13 && digits.iter().all(u8::is_ascii_digit);
    let token = std::str::from_utf8(digits).ok().filter(|_| all_digits)?.parse().ok()?;
    TOKENS.contains(&token).then_some(token)
}

/// The fault of a copy whose columns are others than those of the file.
pub(super) fn headers_do_not_match(file: &Path, copy: &Path) -> Fault {
    Fault::connector(format!(
        "Headers do not match: file {} and its copy {} have different columns. Drop the token of the synchronisation to begin anew",
        file.display(),
        copy.display()
    ))
}

fn same_files(left: &File, right: &File, path: &Path) -> Result<bool> {
    let size = |file: &File| file.metadata().map_err(|error| Fault::reading(path, error)).map(|m| m.len());
    let length = size(left)?;
    Ok(length == size(right)? && same_content(left, right, length, path, &CancellationToken::new())?)
}

/// Whether two files are equal up to a size that both have.
fn same_content(
    left: &File,
    right: &File,
    size: u64,
    path: &Path,
    cancellation: &CancellationToken,
) -> Result<bool> {
    const BLOCK: usize = 128 << 10;
    let fault = |error| Fault::reading(path, error);
    let window = |file| Window { file, at: 0, end: size };
    let (mut left, mut right) = (window(left), window(right));
    let (mut left_block, mut right_block) = (Vec::with_capacity(BLOCK), Vec::with_capacity(BLOCK));
    loop {
        check(cancellation)?;
        left_block.clear();
        right_block.clear();
        left.by_ref().take(BLOCK as u64).read_to_end(&mut left_block).map_err(fault)?;
        right.by_ref().take(BLOCK as u64).read_to_end(&mut right_block).map_err(fault)?;
        if left_block != right_block {
            return Ok(false);
        }
        if left_block.is_empty() {
            return Ok(true);
        }
    }
}
