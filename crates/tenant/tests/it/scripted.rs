//! A backend that records the operations it is given and answers as the test has scripted.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex};

use icf::{
    ApiConfiguration, CancellationToken, ConnectorError, ConnectorInfo, ConnectorObject, ErrorKind,
    SyncToken, Uid,
};
use icf_wire::rpc::{Answer, FacadeKey, Item, Operation, OperationRequest};
use tenant::{Call, CallId, Disturbance, IcfBackend, Reply, Submission};
use tokio::sync::{mpsc, watch};

use crate::show;

/// How an operation is answered.
pub(crate) enum Play {
    Answer(Answer),
    Fail(ErrorKind, &'static str),
    Stream(Vec<Item>, Result<Answer, (ErrorKind, &'static str)>),
    Silence,
}

/// An operation as it was seen.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) node: usize,
    pub(crate) server: String,
    pub(crate) session: Option<String>,
    pub(crate) request: OperationRequest,
}

#[derive(Default)]
pub(crate) struct Scripted {
    inner: Arc<Mutex<Inner>>,
    changes: watch::Sender<u64>,
}

#[derive(Default)]
struct Inner {
    offers: HashMap<(usize, String), Vec<Arc<ConnectorInfo>>>,
    log: Vec<String>,
    seen: Vec<Seen>,
    plays: BTreeMap<&'static str, VecDeque<Play>>,
    next_id: i64,
}

impl Scripted {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self::default())
    }

    /// Lets a server offer connectors on a node.
    pub(crate) fn connect(&self, node: usize, server: &str, infos: Vec<ConnectorInfo>) {
        let infos = infos.into_iter().map(Arc::new).collect();
        self.inner.lock().unwrap().offers.insert((node, server.to_owned()), infos);
        self.changes.send_modify(|version| *version += 1);
    }

    pub(crate) fn disconnect(&self, node: usize, server: &str) {
        self.inner.lock().unwrap().offers.remove(&(node, server.to_owned()));
        self.changes.send_modify(|version| *version += 1);
    }

    /// Scripts the next answer to operations of a kind; without a script there are friendly defaults.
    pub(crate) fn on(&self, kind: &'static str, play: Play) {
        self.inner.lock().unwrap().plays.entry(kind).or_default().push_back(play);
    }

    /// The operations seen since the last call, in the notation of the cases; cancels are `CancelOp`.
    pub(crate) fn take_log(&self) -> Vec<String> {
        std::mem::take(&mut self.inner.lock().unwrap().log)
    }

    pub(crate) fn take_seen(&self) -> Vec<Seen> {
        std::mem::take(&mut self.inner.lock().unwrap().seen)
    }

    /// The log, once it holds an entry like this.
    pub(crate) async fn wait_for_log(&self, entry: &str) {
        for _ in 0..500 {
            if self.inner.lock().unwrap().log.iter().any(|line| line.starts_with(entry)) {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        panic!("no {entry} in {:?}", self.inner.lock().unwrap().log);
    }
}

fn kind(operation: &Operation) -> &'static str {
    match operation {
        Operation::Authenticate { .. } => "Authenticate",
        Operation::Create { .. } => "Create",
        Operation::Delete { .. } => "Delete",
        Operation::Get { .. } => "Get",
        Operation::LatestSyncToken { .. } => "LatestSyncToken",
        Operation::Schema => "Schema",
        Operation::ScriptOnConnector { .. } | Operation::ScriptOnResource { .. } => "Script",
        Operation::Search { .. } => "Search",
        Operation::Sync { .. } => "Sync",
        Operation::Test => "Test",
        Operation::Update { .. } => "Update",
        Operation::Validate => "Validate",
        other => panic!("unexpected {other:?}"),
    }
}

fn default_play(operation: &Operation) -> Play {
    let uid = || Some(Uid::try_new("42").unwrap());
    Play::Answer(match operation {
        Operation::Get { .. } => Answer::Object(Some(Box::new(crate::harness::object42()))),
        Operation::Create { .. } | Operation::Authenticate { .. } => Answer::Uid(uid()),
        Operation::Update { uid, .. } => {
            Answer::Uid(uid.as_ref().map(|uid| Uid::try_new(uid.value()).unwrap()))
        }
        Operation::Schema => Answer::Schema(Some(Box::new(crate::harness::schema()))),
        Operation::ScriptOnConnector { .. } | Operation::ScriptOnResource { .. } => {
            Answer::Value("done".into())
        }
        Operation::Search { .. } => return Play::Stream(vec![], Ok(Answer::SearchEnd(None))),
        Operation::LatestSyncToken { .. } => Answer::LatestSyncToken(Some(SyncToken::try_new(5).unwrap())),
        Operation::Sync { .. } => return Play::Stream(vec![], Ok(Answer::SyncEnd(None))),
        _ => Answer::Done,
    })
}

#[icf::async_trait]
impl IcfBackend for Scripted {
    fn connectors(&self, node: usize, server: &str) -> Option<Vec<Arc<ConnectorInfo>>> {
        self.inner.lock().unwrap().offers.get(&(node, server.to_owned())).cloned()
    }

    fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    fn facade_key(&self, configuration: &ApiConfiguration) -> Result<FacadeKey, String> {
        Ok(FacadeKey::new(format!("{:?}", configuration.timeouts).into()))
    }

    async fn submit(&self, submission: &Submission) -> Option<Call> {
        let mut inner = self.inner.lock().unwrap();
        inner.offers.get(&(submission.node, submission.server.clone()))?;
        let operation = &submission.request.operation;
        inner.log.push(show::operation(operation));
        inner.seen.push(Seen {
            node: submission.node,
            server: submission.server.clone(),
            session: submission.session.clone(),
            request: submission.request.clone(),
        });
        let scripted = inner.plays.get_mut(kind(operation)).and_then(VecDeque::pop_front);
        let play = scripted.unwrap_or_else(|| default_play(operation));
        inner.next_id += 1;
        let id = CallId {
            node: submission.node,
            server: submission.server.clone(),
            session: format!("session of {}", submission.server),
            message_id: inner.next_id,
        };
        drop(inner);
        let (sender, replies) = mpsc::channel(64);
        let cancel = CancellationToken::new();
        tokio::spawn(perform(play, sender));
        let (cancelled, inner) = (cancel.clone(), Arc::clone(&self.inner));
        tokio::spawn(async move {
            cancelled.cancelled().await;
            inner.lock().unwrap().log.push("CancelOp".to_owned());
        });
        Some(Call { id, replies, cancel })
    }

    fn disturb(&self, _id: &CallId, how: Disturbance) {
        self.inner.lock().unwrap().log.push(format!("Disturb {how:?}"));
    }
}

async fn perform(play: Play, sender: mpsc::Sender<Reply>) {
    let fail = |(kind, text): (ErrorKind, &str)| ConnectorError::new(kind, text);
    let end = match play {
        Play::Silence => std::future::pending().await,
        Play::Answer(answer) => Ok(answer),
        Play::Fail(kind, text) => Err(fail((kind, text))),
        Play::Stream(items, end) => {
            for item in items {
                if sender.send(Reply::Item(item)).await.is_err() {
                    return;
                }
            }
            end.map_err(fail)
        }
    };
    // The caller may have gone.
    let _ = sender.send(Reply::End(end)).await;
}

/// A search that delivers these objects.
pub(crate) fn found(objects: Vec<ConnectorObject>) -> Play {
    Play::Stream(objects.into_iter().map(Item::Object).collect(), Ok(Answer::SearchEnd(None)))
}
