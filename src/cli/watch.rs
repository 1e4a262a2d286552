//! Files whose change means that the configuration is to be read again.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::time::sleep;

/// Looks at files every so often.
#[derive(Debug)]
pub(super) struct Watch {
    every: Option<Duration>,
    seen: Vec<Seen>,
    /// What the last look found, if it differed: a file that is being written is read when it rests.
    unsettled: Option<Vec<Seen>>,
}

/// A file and the state in which it was.
type Seen = (PathBuf, Option<Stamp>);

/// Tells one state of a file from another. Names that lead to another file, as Kubernetes changes them, count too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    device: u64,
    inode: u64,
    size: u64,
    modified: (i64, i64),
}

impl Stamp {
    fn of(path: &Path) -> Option<Self> {
        let metadata: Metadata = std::fs::metadata(path).ok()?;
        Some(Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            size: metadata.size(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
        })
    }
}

impl Watch {
    /// Looks at these files from now on; never if `every` is none.
    pub(super) fn new(every: Option<Duration>, files: Vec<PathBuf>) -> Self {
        Self { every, seen: look(files), unsettled: None }
    }

    /// The files are about to be read: changes from now on count.
    pub(super) fn mark(&mut self) {
        self.seen = look(self.seen.iter().map(|(path, _)| path.clone()));
        self.unsettled = None;
    }

    /// Looks at these files instead. Those that were looked at before keep their mark.
    pub(super) fn follow(&mut self, every: Option<Duration>, files: Vec<PathBuf>) {
        self.every = every;
        let known = |path: &PathBuf| self.seen.iter().find(|(seen, _)| seen == path).cloned();
        self.seen = files
            .into_iter()
            .map(|path| known(&path).unwrap_or_else(|| (path.clone(), Stamp::of(&path))))
            .collect();
    }

    /// Waits until a file has changed and rests. May be dropped at any time.
    pub(super) async fn changed(&mut self) {
        let Some(every) = self.every else { return std::future::pending().await };
        loop {
            sleep(every).await;
            let files: Vec<_> = self.seen.iter().map(|(path, _)| path.clone()).collect();
            let Ok(found) = tokio::task::spawn_blocking(|| look(files)).await else { continue };
            if found == self.seen {
                self.unsettled = None;
            } else if self.unsettled.as_ref() == Some(&found) {
                return;
            } else {
                self.unsettled = Some(found);
            }
        }
    }
}

fn look(files: impl IntoIterator<Item = PathBuf>) -> Vec<Seen> {
    files.into_iter().map(|path| (path.clone(), Stamp::of(&path))).collect()
}

#[cfg(test)]
mod tests {
    use tokio::time::timeout;

    use super::*;

    const EVERY: Duration = Duration::from_secs(10);

    #[tokio::test(start_paused = true)]
    async fn a_change_counts_once_the_file_rests() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("f");
        let other = folder.path().join("other");
        let mut watch = Watch::new(Some(EVERY), vec![file.clone()]);
        assert!(
            timeout(10 * EVERY, watch.changed()).await.is_err(),
            "a file that is not there does not change"
        );
        std::fs::write(&file, "half").unwrap();
        assert!(timeout(EVERY + EVERY / 2, watch.changed()).await.is_err(), "it may be in the making");
        std::fs::write(&file, "halfway").unwrap();
        assert!(timeout(EVERY + EVERY / 2, watch.changed()).await.is_err(), "it still is");
        timeout(2 * EVERY, watch.changed()).await.unwrap();
        watch.mark();
        assert!(timeout(10 * EVERY, watch.changed()).await.is_err(), "it was read");
        // Another file under the same name, of the same length.
        std::fs::write(&other, "0123456").unwrap();
        std::fs::rename(&other, &file).unwrap();
        timeout(3 * EVERY, watch.changed()).await.unwrap();
        watch.mark();
        watch.follow(None, vec![file.clone()]);
        std::fs::write(&file, "x").unwrap();
        assert!(timeout(10 * EVERY, watch.changed()).await.is_err(), "nobody looks");
    }
}
