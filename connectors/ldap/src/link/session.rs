//! The connections of one instance: one for the operation, one for what it has to look up meanwhile.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{Mutex, MutexGuard};
use tracing::debug;

use super::connection::{Answer, Connection, entry};
use super::{Patience, close};
use crate::directory::Directory;
use crate::fault::{Fault, Result, sub_code};
use crate::filter::LdapFilter;
use crate::message::{Control, Deref, LdapResult, Request, Scope, SearchRequest, code};

/// The most that a search for few entries may bring, in bytes: more than any group, and not enough to hurt.
const MOST_FOUND: usize = 64 << 20;

/// How long a probe may take.
const PROBE: Duration = Duration::from_secs(5);

/// What one instance of the connector holds.
#[derive(Debug)]
pub(crate) struct Session {
    directory: Arc<Directory>,
    main: Mutex<Option<Connection>>,
    aside: Mutex<Option<Connection>>,
}

/// A connection in the hands of one operation. It is opened when it is first needed.
pub(crate) struct Link<'a> {
    pub(crate) directory: &'a Arc<Directory>,
    pub(crate) patience: Patience,
    connection: MutexGuard<'a, Option<Connection>>,
    /// Sent with every request.
    controls: Vec<Control>,
}

/// A search that is being answered.
#[derive(Debug)]
pub(crate) struct Answers {
    id: i32,
    first: Option<Answer>,
    done: bool,
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Entry(_) => "Entry",
            Self::Reference(_) => "Reference",
            Self::Info(_) => "Info",
            Self::Done(_) => "Done",
        })
    }
}

impl Session {
    /// A session without connections.
    pub(crate) fn new(directory: Arc<Directory>) -> Self {
        Self { directory, main: Mutex::new(None), aside: Mutex::new(None) }
    }

    /// What the configuration shares.
    pub(crate) const fn directory(&self) -> &Arc<Directory> {
        &self.directory
    }

    /// The connection of the operation.
    pub(crate) async fn main(&self, patience: &Patience) -> Link<'_> {
        self.link(self.main.lock().await, patience)
    }

    /// The connection for look-ups while the other one is answering a search.
    pub(crate) async fn aside(&self, patience: &Patience) -> Link<'_> {
        self.link(self.aside.lock().await, patience)
    }

    fn link<'a>(&'a self, connection: MutexGuard<'a, Option<Connection>>, patience: &Patience) -> Link<'a> {
        Link { directory: &self.directory, patience: patience.clone(), connection, controls: Vec::new() }
    }

    /// Whether the session still works: a connection used lately counts as alive, another is probed.
    pub(crate) async fn check_alive(&self, patience: &Patience) -> Result<()> {
        let interval = self.directory.settings.properties.check_alive_min_interval;
        let interval = Duration::from_secs(u64::try_from(interval).unwrap_or(0));
        let mut link =
            self.main(&patience.at_most(PROBE.min(self.directory.settings.connection_timeout))).await;
        let Some(connection) = link.connection.as_mut() else { return Ok(()) };
        if !connection.is_usable().await {
            *link.connection = None;
            return Ok(());
        }
        if connection.used().elapsed() < interval {
            return Ok(());
        }
        link.read("", None, &["subschemaSubentry"]).await.map(drop)
    }

    /// Closes what is open.
    pub(crate) async fn close(&self, patience: &Patience) {
        for slot in [&self.main, &self.aside] {
            if let Some(connection) = slot.lock().await.take() {
                close(connection, patience).await;
            }
        }
    }
}

impl<'a> Link<'a> {
    /// A link of its own, on a connection that no session keeps.
    pub(crate) fn on(
        directory: &'a Arc<Directory>,
        slot: &'a Mutex<Option<Connection>>,
        patience: &Patience,
    ) -> Option<Self> {
        let connection = slot.try_lock().ok()?;
        Some(Self { directory, patience: patience.clone(), connection, controls: Vec::new() })
    }

    /// Adds a control to every request from here on.
    pub(crate) fn add_control(&mut self, control: Control) {
        self.controls.push(control);
    }

    /// The connection, opened if there is none that can be used.
    pub(crate) async fn connection(&mut self) -> Result<&mut Connection> {
        let usable = match self.connection.as_mut() {
            Some(connection) => connection.is_usable().await,
            None => false,
        };
        if !usable {
            *self.connection = None;
            let opened = self.directory.opener.open(&self.directory.settings, &self.patience).await?;
            debug!(server = %opened.address(), "Opened a connection to the directory.");
            *self.connection = Some(opened);
        }
        self.connection.as_mut().ok_or_else(|| Fault::general("There is no connection to the directory"))
    }

    /// Takes the connection away, as for a page that goes on later.
    pub(crate) fn take(&mut self) -> Option<Connection> {
        self.connection.take()
    }

    /// Puts a connection in the place of the present one.
    pub(crate) fn put(&mut self, connection: Connection) {
        *self.connection = Some(connection);
    }

    fn with_own(&self, controls: &[Control]) -> Vec<Control> {
        controls.iter().chain(&self.controls).cloned().collect()
    }

    /// Begins a search. A connection that was used before and turns out to be dead is replaced, as often as
    /// `rs.operationRetries` allows.
    pub(crate) async fn start(&mut self, search: &SearchRequest, controls: &[Control]) -> Result<Answers> {
        let retries = self.directory.settings.properties.rs_operation_retries;
        self.start_with(search, controls, retries).await
    }

    /// Begins the next page of a search, which another connection may not be able to go on with.
    pub(crate) async fn resume(&mut self, search: &SearchRequest, controls: &[Control]) -> Result<Answers> {
        self.start_with(search, controls, 0).await
    }

    async fn start_with(
        &mut self,
        search: &SearchRequest,
        controls: &[Control],
        mut retries: i32,
    ) -> Result<Answers> {
        let controls = self.with_own(controls);
        loop {
            let patience = self.patience.clone();
            let connection = self.connection().await?;
            let begun = async {
                let id = connection.send(&Request::Search(search), &controls, &patience).await?;
                let first = connection.next(id, "search", &patience).await?;
                Ok::<_, Fault>((id, first))
            };
            let again = match begun.await {
                Ok((_, Answer::Done(result))) if is_login_lost(&result) => Fault::refused("search", result),
                Ok((id, first)) => return Ok(Answers { id, first: Some(first), done: false }),
                Err(fault) if fault.is_broken_connection() => fault,
                Err(fault) => return Err(fault),
            };
            let reused = self.connection.take().is_some_and(|connection| connection.is_reused());
            if !reused || retries <= 0 {
                return Err(again);
            }
            retries -= 1;
            debug!(error = %again, "A connection to the directory was dead; repeating the search on another.");
        }
    }

    /// The next part of the answer to a search; none after the end. A connection that broke is given up.
    pub(crate) async fn next(&mut self, answers: &mut Answers) -> Result<Option<Answer>> {
        if answers.done {
            return Ok(None);
        }
        let answer = match answers.first.take() {
            Some(first) => first,
            None => {
                let connection = self.connection.as_mut();
                let connection = connection.ok_or_else(|| Fault::general("The connection was given up"))?;
                match connection.next(answers.id, "search", &self.patience).await {
                    Ok(answer) => answer,
                    Err(fault) => {
                        *self.connection = None;
                        return Err(fault);
                    }
                }
            }
        };
        answers.done = matches!(answer, Answer::Done(_));
        Ok(Some(answer))
    }

    /// Gives up a search that is being answered.
    pub(crate) async fn abandon(&mut self, answers: &mut Answers) {
        if !answers.done
            && let Some(connection) = self.connection.as_mut()
            && connection.abandon(&self.patience).await.is_err()
        {
            *self.connection = None;
        }
        answers.done = true;
    }

    /// Sends a change and answers its result; anything but success is a fault. It is never sent twice.
    pub(crate) async fn execute(
        &mut self,
        request: &Request<'_>,
        controls: &[Control],
        target: &str,
    ) -> Result<LdapResult> {
        let controls = self.with_own(controls);
        let patience = self.patience.clone();
        let connection = self.connection().await?;
        let result = match connection.call(request, &controls, &patience).await {
            Ok(result) => result,
            Err(fault) => {
                *self.connection = None;
                return Err(fault);
            }
        };
        if is_login_lost(&result) {
            *self.connection = None;
        }
        if result.code == code::SUCCESS {
            Ok(result)
        } else {
            Err(Fault::refused(format!("{} {target}", request.name()), result))
        }
    }

    /// All entries of a search that finds few. References are left out.
    pub(crate) async fn find(&mut self, search: &SearchRequest, controls: &[Control]) -> Result<Vec<Bytes>> {
        let mut answers = self.start(search, controls).await?;
        let (mut found, mut held) = (Vec::new(), 0);
        while let Some(answer) = self.next(&mut answers).await? {
            match answer {
                Answer::Entry(bytes) => {
                    held += bytes.len();
                    if held > MOST_FOUND {
                        self.abandon(&mut answers).await;
                        return Err(Fault::general(format!(
                            "A look-up below {} brought more than {MOST_FOUND} bytes; check the filters of the configuration",
                            search.base
                        )));
                    }
                    found.push(bytes);
                }
                Answer::Done(result)
                    if !matches!(result.code, code::SUCCESS | code::REFERRAL | code::PARTIAL_RESULTS) =>
                {
                    return Err(Fault::refused(format!("search {}", search.base), result));
                }
                Answer::Reference(_) | Answer::Info(_) | Answer::Done(_) => {}
            }
        }
        Ok(found)
    }

    /// One entry; none if it does not exist, does not match or has a name that is none.
    pub(crate) async fn read(
        &mut self,
        dn: &str,
        filter: Option<LdapFilter>,
        attributes: &[&str],
    ) -> Result<Option<Bytes>> {
        let search = SearchRequest {
            base: dn.to_owned(),
            scope: Scope::Object,
            deref: Deref::Always,
            filter: filter.unwrap_or_else(LdapFilter::everything),
            attributes: attributes.iter().map(|name| (*name).to_owned()).collect(),
        };
        match self.find(&search, &[]).await {
            Ok(found) => Ok(found.into_iter().next()),
            Err(fault) if matches!(fault.code(), Some(code::NO_SUCH_OBJECT | code::INVALID_DN_SYNTAX)) => {
                Ok(None)
            }
            Err(fault) => Err(fault),
        }
    }

    /// The name of an entry as the server spells it; none if there is no such entry.
    pub(crate) async fn spelled(&mut self, dn: &str) -> Result<Option<String>> {
        let found = self.read(dn, None, &["1.1"]).await?;
        found.map(|bytes| entry(&bytes).map(|entry| entry.dn.to_owned())).transpose()
    }
}

/// Active Directory's way to say that the connection is not authenticated any more.
fn is_login_lost(result: &LdapResult) -> bool {
    result.code == code::OPERATIONS_ERROR && sub_code(&result.diagnostic) == Some(0x4dc)
}
