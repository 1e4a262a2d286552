//! Commits a group of waiting writes in one pass over the file.

use std::collections::HashSet;
use std::rc::Rc;

use zeroize::Zeroizing;

use super::Answer;
use super::append::Tail;
use super::plan::{Changes, Edit, Plan, new_row};
use super::queue::Job;
use super::replacement::{Replacement, synchronise_directory};
use super::request::Intent;
use super::rewrite::{self, Edited};
use super::torn;
use crate::fault::{Fault, Result};
use crate::lookup::{Located, locate};
use crate::shared::{Knowledge, SharedFile, Sound};
use crate::table::Table;
use crate::version::{FileVersion, keyed_hash};

/// How often a pass is done again because another program changed the file.
const ATTEMPTS: usize = 3;

/// Commits jobs that have one configuration; answers each of their requests.
pub(super) fn commit(file: &SharedFile, jobs: &[Job]) -> Result<Vec<Vec<Answer>>> {
    let Some(settings) = jobs.first().map(|job| &job.settings) else { return Ok(Vec::new()) };
    for _ in 0..ATTEMPTS {
        let table = Table::open(settings)?;
        let intents = resolve(&table, jobs);
        let keys: HashSet<String> =
            intents.iter().flatten().flatten().flat_map(Intent::keys).cloned().collect();
        let (table, located) = sound(table, &keys)?;
        let mut plan = Plan::new(&table, located.rows);
        let answers: Vec<Vec<Answer>> =
            jobs.iter().zip(intents).map(|(job, intents)| apply(&mut plan, job, intents)).collect();
        let changes = plan.into_changes();
        if changes.is_empty() || publish(file, &table, located.sound, &changes)? {
            return Ok(answers);
        }
    }
    Err(Fault::busy(&settings.path))
}

fn resolve(table: &Table, jobs: &[Job]) -> Vec<Vec<Result<Intent>>> {
    jobs.iter().map(|job| job.requests.iter().map(|request| request.resolve(table)).collect()).collect()
}

fn apply(plan: &mut Plan<'_>, job: &Job, intents: Vec<Result<Intent>>) -> Vec<Answer> {
    let mut answers = Vec::with_capacity(intents.len());
    for intent in intents {
        let answer = intent.and_then(|intent| plan.apply(intent));
        let stop = answer.is_err() && job.stop_at_failure;
        answers.push(answer);
        if stop {
            break;
        }
    }
    answers
}

/// Finds the rows of the keys. Every row of the file must be sound; only what is left of an own append at the end is
/// treated as if it were not there.
fn sound(table: Table, keys: &HashSet<String>) -> Result<(Table, Located)> {
    let malformed = match locate(&table, keys) {
        Ok(located) => return Ok((table, located)),
        Err(malformed) => malformed,
    };
    match malformed.torn_at {
        Some(offset) if torn::is_unfinished_append(&table, offset)? => {
            let table = table.cut_at(offset);
            let located = locate(&table, keys)?;
            Ok((table, located))
        }
        _ => Err(malformed.fault),
    }
}

/// Brings the changes into the file. False if another program changed the file meanwhile.
fn publish(file: &SharedFile, table: &Table, sound: Sound, changes: &Changes) -> Result<bool> {
    let new_rows: Vec<Zeroizing<Vec<u8>>> =
        changes.appends.iter().map(|(_, cells)| new_row(table, cells)).collect();
    if changes.edits.is_empty() {
        return append(file, table, sound, changes, &new_rows);
    }
    let copy = Replacement::new(&file.path, &table.file)?;
    let edited = rewrite::write(table, changes, &new_rows, &copy)?;
    copy.synchronise()?;
    let mut knowledge = file.lock();
    if !is_current(file, table) {
        return Ok(false);
    }
    let published = copy.publish()?;
    let version = published.metadata().map(|metadata| FileVersion::of(&metadata));
    renew(&mut knowledge, table, version.ok(), |known| known.edit(sound, changes, &edited));
    drop(knowledge);
    synchronise_directory(&file.path)?;
    Ok(true)
}

fn append(
    file: &SharedFile,
    table: &Table,
    sound: Sound,
    changes: &Changes,
    new_rows: &[Zeroizing<Vec<u8>>],
) -> Result<bool> {
    let mut tail = Tail::new(table, new_rows)?;
    let mut knowledge = file.lock();
    if !is_current(file, table) {
        return Ok(false);
    }
    let written = tail.write(table);
    let version = tail.file().metadata().map(|metadata| FileVersion::of(&metadata));
    let edited = Edited { shifts: Vec::new(), appended_at: tail.appended_at().to_vec() };
    match written {
        Ok(()) => renew(&mut knowledge, table, version.ok(), |known| known.edit(sound, changes, &edited)),
        Err(_) => *knowledge = None,
    }
    drop(knowledge);
    written?;
    if let Err(fault) = tail.synchronise(table) {
        // The caller is told that the rows are not there, so they must not be.
        let mut knowledge = file.lock();
        tail.take_back(table);
        *knowledge = None;
        return Err(fault);
    }
    // If another program replaced the file just now, the rows went into the one that is gone.
    Ok(tail.is_at(&file.path))
}

/// Whether the file at the path is still the one the pass began with.
fn is_current(file: &SharedFile, table: &Table) -> bool {
    file.path.metadata().is_ok_and(|metadata| FileVersion::of(&metadata) == table.version)
}

/// Carries what is known over to the version just published; forgets it if it was about something else.
fn renew(
    knowledge: &mut Option<Knowledge>,
    table: &Table,
    version: Option<FileVersion>,
    edit: impl FnOnce(&mut Knowledge),
) {
    let about_this =
        knowledge.take().filter(|known| known.version_for(&table.settings) == Some(table.version));
    *knowledge = about_this.zip(version).map(|(mut known, version)| {
        edit(&mut known);
        known.renewed(version)
    });
}

impl Knowledge {
    /// What is known once these changes are in the file.
    fn edit(&mut self, sound: Sound, changes: &Changes, edited: &Edited) {
        let deleted = changes.edits.iter().filter(|(_, _, edit)| matches!(edit, Edit::Delete)).count();
        let rows = sound.rows.saturating_sub(deleted as u64) + changes.appends.len() as u64;
        self.sound = Some(Sound { rows });
        let Some(index) = &mut self.index else { return };
        let mut update = || {
            for (span, key, edit) in &changes.edits {
                let new_key = match edit {
                    Edit::Delete => None,
                    Edit::Change { new_key: None, .. } => continue,
                    Edit::Change { new_key: Some(key), .. } => Some(Rc::clone(key)),
                };
                index.remove(keyed_hash(&**key), span.offset);
                if let Some(new_key) = new_key {
                    index.insert(keyed_hash(&*new_key), span.offset)?;
                }
            }
            index.shift(&edited.shifts)?;
            for ((key, _), offset) in changes.appends.iter().zip(&edited.appended_at) {
                index.insert(keyed_hash(&**key), *offset)?;
            }
            Ok::<(), crate::index::Full>(())
        };
        if update().is_err() {
            // It is built anew, with more room, when it is next wanted.
            self.index = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::OipConfiguration;
    use crate::profile::ProfileConfiguration;
    use crate::write::Request;

    /// A pass over a file that another program changes before the outcome is published.
    fn publish_after(foreign: impl FnOnce(&std::path::Path), request: Request) -> (bool, String) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("t.csv");
        std::fs::write(&path, "uid,a\nu1,x\n").unwrap();
        let configuration = OipConfiguration { csv_file: Some(path.clone()), ..OipConfiguration::default() };
        let settings = Arc::new(configuration.settings().unwrap());
        let file = SharedFile::at(&path).unwrap();
        let table = Table::open(&settings).unwrap();
        let intent = request.resolve(&table).unwrap();
        let located = locate(&table, &intent.keys().cloned().collect()).unwrap();
        let mut plan = Plan::new(&table, located.rows);
        plan.apply(intent).unwrap();
        foreign(&path);
        let published = publish(&file, &table, located.sound, &plan.into_changes()).unwrap();
        assert_eq!(directory.path().read_dir().unwrap().count(), 1, "no temporary file is left");
        (published, std::fs::read_to_string(path).unwrap())
    }

    fn create() -> Request {
        Request::Create(vec![icf::Attribute::single("uid", "u2")].into())
    }

    fn delete() -> Request {
        Request::Delete(icf::Uid::try_new("u1").unwrap())
    }

    #[test]
    fn what_another_program_wrote_meanwhile_is_not_lost() {
        for request in [create, delete] {
            let appended =
                publish_after(|path| std::fs::write(path, "uid,a\nu1,x\nu7,z\n").unwrap(), request());
            assert_eq!(appended, (false, "uid,a\nu1,x\nu7,z\n".to_owned()));
            let replaced = |path: &std::path::Path| {
                let other = path.with_extension("new");
                std::fs::write(&other, "uid,a\nu8,x\n").unwrap();
                std::fs::rename(other, path).unwrap();
            };
            assert_eq!(publish_after(replaced, request()), (false, "uid,a\nu8,x\n".to_owned()));
        }
        assert_eq!(publish_after(|_| (), create()), (true, "uid,a\nu1,x\n\"u2\",\n".to_owned()));
        assert_eq!(publish_after(|_| (), delete()), (true, "uid,a\n".to_owned()));
    }
}
