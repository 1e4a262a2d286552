//! The folder of configuration files: read at start, then looked at again and again.
//!
//! Times and sizes are compared; that needs no support of the file system and survives editors that replace files.

use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use serde_json::Value as Json;

use crate::state::State;
use crate::system;

/// What is known of a file; another stamp means that it has changed.
type Stamp = (Option<SystemTime>, u64);

/// Reads the folder once, then watches it until the tenant stops.
pub(crate) async fn watch(state: Arc<State>) -> io::Result<()> {
    let Some(folder) = state.options.conf_dir.clone() else { return Ok(()) };
    let mut seen = HashMap::new();
    seen = scan(&state, folder.clone(), seen).await?;
    let watcher = Arc::clone(&state);
    state.tasks.spawn(async move {
        let state = watcher;
        loop {
            tokio::select! {
                () = state.shutdown.cancelled() => return,
                () = tokio::time::sleep(state.options.watch_interval) => {}
            }
            match scan(&state, folder.clone(), seen.clone()).await {
                Ok(now) => seen = now,
                Err(error) => tracing::warn!(%error, folder = %folder.display(), "Cannot read the configuration folder."),
            }
        }
    });
    Ok(())
}

async fn scan(
    state: &Arc<State>,
    folder: std::path::PathBuf,
    seen: HashMap<String, Stamp>,
) -> io::Result<HashMap<String, Stamp>> {
    let before = seen.clone();
    let found = tokio::task::spawn_blocking(move || read_folder(&folder, &before)).await;
    let (now, changed) = found.map_err(io::Error::other)??;
    for (id, content) in changed {
        if let Err(error) = system::store_configuration(state, &id, content) {
            tracing::error!(configuration = %id, error = %error.message, "A configuration file was refused.");
        }
    }
    for id in seen.keys().filter(|id| !now.contains_key(*id)) {
        system::remove_configuration(state, id);
    }
    Ok(now)
}

type Found = (HashMap<String, Stamp>, Vec<(String, Json)>);

fn read_folder(folder: &Path, seen: &HashMap<String, Stamp>) -> io::Result<Found> {
    let mut now = HashMap::new();
    let mut changed = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let Some(id) = id_of(&name) else { continue };
        let metadata = std::fs::metadata(entry.path())?;
        if !metadata.is_file() {
            continue;
        }
        let stamp = (metadata.modified().ok(), metadata.len());
        if seen.get(&id) != Some(&stamp) {
            match std::fs::read(entry.path()).map(|bytes| serde_json::from_slice::<Json>(&bytes)) {
                Ok(Ok(content)) if content.is_object() => changed.push((id.clone(), content)),
                Ok(_) => tracing::error!(file = %entry.path().display(), "Not a JSON object; ignored."),
                Err(error) => {
                    tracing::error!(file = %entry.path().display(), %error, "Cannot read; ignored.")
                }
            }
        }
        now.insert(id, stamp);
    }
    // Servers first: systems refer to them.
    changed.sort_by_key(|(id, _)| (id != super::HOSTS_ID, id.clone()));
    Ok((now, changed))
}

/// `provisioner.openicf-ldap.json` is `provisioner.openicf/ldap`.
fn id_of(file: &str) -> Option<String> {
    let name = file.strip_suffix(".json").filter(|name| !name.is_empty() && !name.starts_with('.'))?;
    Some(name.replacen('-', "/", 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_are_ids() {
        assert_eq!(id_of("provisioner.openicf-a-b.json").unwrap(), "provisioner.openicf/a-b");
        assert_eq!(id_of("authentication.json").unwrap(), "authentication");
        assert_eq!(id_of(".hidden.json"), None);
        assert_eq!(id_of("notes.txt"), None);
    }

    #[test]
    fn only_changed_files_are_read_again() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("x.json"), "{\"a\":1}").unwrap();
        std::fs::write(folder.path().join("broken.json"), "{").unwrap();
        let (seen, changed) = read_folder(folder.path(), &HashMap::new()).unwrap();
        assert_eq!(changed.len(), 1);
        let (_, changed) = read_folder(folder.path(), &seen).unwrap();
        assert!(changed.is_empty());
        std::fs::write(folder.path().join("x.json"), "{\"a\":22}").unwrap();
        let (_, changed) = read_folder(folder.path(), &seen).unwrap();
        assert_eq!(changed.len(), 1);
    }
}
