//! Writers of one file wait here. Whoever finds nobody at work takes all that wait, again and again until none is left.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use super::Answer;
use super::group;
use super::request::Request;
use crate::fault::{Fault, Result};
use crate::settings::Settings;
use crate::shared::SharedFile;

/// Requests of one group at most; bounds its memory.
const LARGEST_GROUP: usize = 10_000;

/// The waiting writers of a file.
#[derive(Debug, Default)]
pub(crate) struct Queue(Mutex<Waiting>);

#[derive(Debug, Default)]
struct Waiting {
    jobs: VecDeque<Job>,
    busy: bool,
}

/// Changes that one caller wants, and where to answer.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) settings: Arc<Settings>,
    pub(super) requests: Vec<Request>,
    pub(super) stop_at_failure: bool,
    answer: oneshot::Sender<Result<Vec<Answer>>>,
}

/// Waits until the changes are in the file.
pub(super) async fn submit(
    settings: Arc<Settings>,
    requests: Vec<Request>,
    stop_at_failure: bool,
) -> Result<Vec<Answer>> {
    let (answer, answered) = oneshot::channel();
    let job = Job { settings, requests, stop_at_failure, answer };
    // Not awaited: the write goes on for the others in its group even if this caller gives up.
    drop(tokio::task::spawn_blocking(move || match SharedFile::at(&job.settings.path) {
        Ok(file) => file.queue.enter(job, &file),
        Err(fault) => job.answer(Err(fault)),
    }));
    answered
        .await
        .unwrap_or_else(|_| Err(Fault::connector("Writing to the file failed unexpectedly; see the log.")))
}

impl Queue {
    /// Lets a job wait, and does all waiting jobs if nobody else is at it.
    fn enter(&self, job: Job, file: &SharedFile) {
        let mut waiting = self.lock();
        waiting.jobs.push_back(job);
        if waiting.busy {
            return;
        }
        waiting.busy = true;
        drop(waiting);
        let _turn = Turn(self);
        while let Some(jobs) = self.next_group() {
            let writing = file.writing.lock().unwrap_or_else(PoisonError::into_inner);
            let outcome = group::commit(file, &jobs);
            drop(writing);
            answer_all(jobs, outcome);
        }
    }

    /// The jobs at the head of the queue that have one configuration; `None` ends the turn.
    fn next_group(&self) -> Option<Vec<Job>> {
        let mut waiting = self.lock();
        let mut group: Vec<Job> = Vec::new();
        let mut requests = 0;
        while let Some(job) = waiting.jobs.front() {
            requests += job.requests.len();
            let fits =
                group.first().is_none_or(|first| first.settings == job.settings && requests <= LARGEST_GROUP);
            if !fits {
                break;
            }
            // A caller that gave up before its turn gets nothing written.
            group.extend(waiting.jobs.pop_front().filter(|job| !job.answer.is_closed()));
        }
        if group.is_empty() {
            waiting.busy = false;
            return None;
        }
        Some(group)
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends a turn that broke off: those who wait must not wait for ever.
struct Turn<'a>(&'a Queue);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let mut waiting = self.0.lock();
            waiting.busy = false;
            waiting.jobs.clear();
        }
    }
}

impl Job {
    fn answer(self, outcome: Result<Vec<Answer>>) {
        // Nobody listens if the caller gave up.
        let _ = self.answer.send(outcome);
    }
}

fn answer_all(jobs: Vec<Job>, outcome: Result<Vec<Vec<Answer>>>) {
    match outcome {
        Ok(answers) => jobs.into_iter().zip(answers).for_each(|(job, answers)| job.answer(Ok(answers))),
        Err(fault) => jobs.into_iter().for_each(|job| job.answer(Err(fault.clone()))),
    }
}
