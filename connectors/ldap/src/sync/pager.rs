//! Entries of a search one after the other, page by page where the server has pages.

use bytes::Bytes;

use crate::fault::{Fault, Result};
use crate::link::{Answer, Answers, Link};
use crate::message::control::{oid, page_cookie, value_of};
use crate::message::{Control, LdapResult, SearchRequest, code};
use crate::server::Facts;

/// Pages of a synchronisation have at least this many entries.
const SMALLEST_PAGE: u32 = 500;

/// A search that is read entry by entry. References to other servers are left out.
pub(super) struct Pager {
    search: SearchRequest,
    controls: Vec<Control>,
    /// None where the server has no pages.
    size: Option<u32>,
    cookie: Vec<u8>,
    answers: Option<Answers>,
    begun: bool,
    done: bool,
}

impl Pager {
    /// Reads this search with these controls.
    pub(super) fn new(search: SearchRequest, controls: Vec<Control>, facts: &Facts) -> Self {
        let size = facts.supports(oid::PAGED_RESULTS).then_some(SMALLEST_PAGE);
        Self { search, controls, size, cookie: Vec::new(), answers: None, begun: false, done: false }
    }

    /// The next message that holds an entry.
    pub(super) async fn next(&mut self, link: &mut Link<'_>) -> Result<Option<Bytes>> {
        loop {
            if self.done {
                return Ok(None);
            }
            let mut answers = match self.answers.take() {
                Some(answers) => answers,
                None => self.page(link).await?,
            };
            match link.next(&mut answers).await? {
                Some(Answer::Entry(bytes)) => {
                    self.answers = Some(answers);
                    return Ok(Some(bytes));
                }
                Some(Answer::Done(result)) => self.end(&result)?,
                Some(_) => self.answers = Some(answers),
                None => self.done = true,
            }
        }
    }

    async fn page(&mut self, link: &mut Link<'_>) -> Result<Answers> {
        let mut controls = self.controls.clone();
        controls.extend(self.size.map(|size| Control::paged(size, &self.cookie)));
        if std::mem::replace(&mut self.begun, true) {
            link.resume(&self.search, &controls).await
        } else {
            link.start(&self.search, &controls).await
        }
    }

    fn end(&mut self, result: &LdapResult) -> Result<()> {
        match result.code {
            code::SUCCESS | code::PARTIAL_RESULTS | code::REFERRAL => {}
            _ => return Err(Fault::refused(format!("search below {}", self.search.base), result.clone())),
        }
        self.cookie = match value_of(&result.controls, oid::PAGED_RESULTS) {
            Some(value) => page_cookie(value)?,
            None => Vec::new(),
        };
        self.done = self.cookie.is_empty();
        Ok(())
    }

    /// Gives the search up.
    pub(super) async fn abandon(&mut self, link: &mut Link<'_>) {
        if let Some(answers) = &mut self.answers {
            link.abandon(answers).await;
        }
        self.done = true;
    }
}
