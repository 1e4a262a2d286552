//! Changes by content synchronisation (RFC 4533, mode refreshOnly), as OpenLDAP's overlay syncprov gives them. The token is
//! the server's cookie, one for each base. Deletions are told by a server that keeps a log of its session
//! (`syncprov-sessionlog`); one that only tells what is still there would want a copy of the content to compare with.
//!
//! To such a server an entry that was changed outside a base is one that is gone from it. So with several bases deletions
//! wait until it is known what is in the others.

use std::collections::HashSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use icf::{DeltaSink, Flow, SyncDeltaType, SyncToken, Uid};
use tracing::{error, warn};

use super::subject::{Change, Subject};
use super::token;
use crate::dn::Dn;
use crate::fault::{Fault, Result};
use crate::filter::LdapFilter;
use crate::link::{Answer, Link, entry, intermediate, state};
use crate::message::control::{oid, value_of};
use crate::message::sync::{State, SyncInfo, content_done, content_request, sync_info};
use crate::message::{Deref, LdapResult, Scope, SearchRequest, code};
use crate::settings::UidSource;

/// Between the cookies of several bases; no character of base64.
const BETWEEN: &str = " ";

/// How a refresh of one base ended.
enum Ended {
    /// With the cookie of now.
    At(Vec<u8>),
    Stopped,
    /// The server does not know the cookie any more.
    FullRefreshRequired,
}

/// The token of now.
pub(super) async fn latest(subject: &Subject<'_>, link: &mut Link<'_>) -> Result<SyncToken> {
    let mut cookies = Vec::new();
    for base in subject.bases() {
        let mut answers = link.start(&search(subject, base, true), &[content_request(None)]).await?;
        while let Some(answer) = link.next(&mut answers).await? {
            if let Answer::Done(result) = answer {
                cookies.push(cookie_of(result, None)?);
            }
        }
    }
    joined(&cookies)
}

/// Delivers what changed since the token; everything without one.
pub(super) async fn run(
    subject: &Subject<'_>,
    link: &mut Link<'_>,
    token: Option<&SyncToken>,
    deltas: &mut DeltaSink<'_>,
) -> Result<()> {
    let bases = subject.bases();
    let mut start = parted(token, bases.len())?;
    // Inside a refresh there is no place to go on from, so its changes carry the place where it began.
    let begun = joined(&start.iter().map(|cookie| cookie.clone().unwrap_or_default()).collect::<Vec<_>>())?;
    let mut cookies = Vec::new();
    let mut refresh = Refresh { subject, begun: &begun, tells_presence: false, waiting: None };
    if bases.len() > 1 {
        refresh.waiting = Some(Waiting::default());
    }
    for (base, cookie) in bases.into_iter().zip(&mut start) {
        let search = search(subject, base, false);
        let mut ended = refresh.read(link, &search, cookie.as_deref(), deltas).await?;
        if matches!(ended, Ended::FullRefreshRequired) && cookie.take().is_some() {
            warn!("The directory does not know the stored cookie any more; everything is reported anew.");
            ended = refresh.read(link, &search, None, deltas).await?;
        }
        match ended {
            Ended::At(cookie) => cookies.push(cookie),
            Ended::Stopped => {
                deltas.report(begun);
                return Ok(());
            }
            Ended::FullRefreshRequired => {
                return Err(Fault::general("The directory wants a full refresh again and again"));
            }
        }
        if cookie.is_some() && std::mem::take(&mut refresh.tells_presence) {
            warn!(
                "The directory told what is there in place of what is gone; deletions are not reported. Give its overlay syncprov a session log (syncprov-sessionlog)."
            );
        }
    }
    if refresh.deliver_waiting(deltas).await? == Flow::Stop {
        deltas.report(begun);
        return Ok(());
    }
    deltas.report(joined(&cookies)?);
    Ok(())
}

fn search(subject: &Subject<'_>, base: String, names_only: bool) -> SearchRequest {
    SearchRequest {
        base,
        scope: Scope::Subtree,
        deref: Deref::Never,
        filter: subject.filter().unwrap_or_else(LdapFilter::everything),
        attributes: if names_only { vec!["1.1".to_owned()] } else { subject.requested() },
    }
}

/// The cookie at the end; where nothing has changed that is the one that was sent.
fn cookie_of(result: LdapResult, sent: Option<&[u8]>) -> Result<Vec<u8>> {
    if result.code != code::SUCCESS {
        return Err(Fault::refused("synchronise its content (RFC 4533)", result));
    }
    let done = value_of(&result.controls, oid::SYNC_DONE).map(content_done).transpose()?.flatten();
    done.or_else(|| sent.map(<[u8]>::to_vec)).ok_or_else(|| {
        Fault::general(
            "The directory gave no cookie for its content; load the overlay syncprov for the database, or choose another rs.syncStrategy",
        )
    })
}

struct Refresh<'a> {
    subject: &'a Subject<'a>,
    begun: &'a SyncToken,
    /// Whether the server named entries that were not changed.
    tells_presence: bool,
    /// With several bases: what can be said only when all were read.
    waiting: Option<Waiting>,
}

/// Deletions, each with the name if that was told, and the entries that are there.
#[derive(Default)]
struct Waiting {
    gone: Vec<([u8; 16], Option<String>)>,
    there: HashSet<[u8; 16]>,
}

impl Refresh<'_> {
    async fn read(
        &mut self,
        link: &mut Link<'_>,
        search: &SearchRequest,
        cookie: Option<&[u8]>,
        deltas: &mut DeltaSink<'_>,
    ) -> Result<Ended> {
        let mut answers = link.start(search, &[content_request(cookie)]).await?;
        while let Some(answer) = link.next(&mut answers).await? {
            let flow = match answer {
                Answer::Entry(bytes) => self.entry(&bytes, deltas).await?,
                Answer::Info(bytes) => self.info(&bytes, deltas).await?,
                Answer::Reference(_) => Flow::Continue,
                Answer::Done(result) if result.code == code::SYNC_REFRESH_REQUIRED => {
                    return Ok(Ended::FullRefreshRequired);
                }
                Answer::Done(result) => return cookie_of(result, cookie).map(Ended::At),
            };
            if flow == Flow::Stop {
                link.abandon(&mut answers).await;
                return Ok(Ended::Stopped);
            }
        }
        Ok(Ended::Stopped)
    }

    async fn entry(&mut self, bytes: &Bytes, deltas: &mut DeltaSink<'_>) -> Result<Flow> {
        let (state, id) = state(bytes)?.ok_or_else(|| {
            Fault::general("The directory does not say what became of an entry, as RFC 4533 has it")
        })?;
        let kind = match state {
            State::Add => SyncDeltaType::CreateOrUpdate,
            State::Modify => SyncDeltaType::Update,
            State::Delete => return self.gone(id, Some(entry(bytes)?.dn), deltas).await,
            State::Present => {
                self.tells_presence = true;
                return Ok(Flow::Continue);
            }
        };
        if let Some(waiting) = &mut self.waiting {
            waiting.there.insert(id);
        }
        let decoded = self.subject.decode(bytes)?;
        self.subject.deliver(decoded, Change::new(kind, self.begun.clone()), deltas).await
    }

    async fn info(&mut self, bytes: &[u8], deltas: &mut DeltaSink<'_>) -> Result<Flow> {
        let said = intermediate(bytes)?;
        if said.name != oid::SYNC_INFO.as_bytes() {
            return Ok(Flow::Continue);
        }
        let SyncInfo::Ids { deleted, ids } = sync_info(said.value)? else { return Ok(Flow::Continue) };
        if !deleted {
            self.tells_presence = true;
            return Ok(Flow::Continue);
        }
        for id in ids {
            if self.gone(id, None, deltas).await? == Flow::Stop {
                return Ok(Flow::Stop);
            }
        }
        Ok(Flow::Continue)
    }

    async fn gone(&mut self, id: [u8; 16], dn: Option<&str>, deltas: &mut DeltaSink<'_>) -> Result<Flow> {
        match &mut self.waiting {
            Some(waiting) => {
                waiting.gone.push((id, dn.map(str::to_owned)));
                Ok(Flow::Continue)
            }
            None => self.deliver_deletion(id, dn, deltas).await,
        }
    }

    async fn deliver_waiting(&mut self, deltas: &mut DeltaSink<'_>) -> Result<Flow> {
        let Some(mut waiting) = self.waiting.take() else { return Ok(Flow::Continue) };
        for (id, dn) in waiting.gone {
            // Each base tells it, and it is told once.
            if waiting.there.insert(id)
                && self.deliver_deletion(id, dn.as_deref(), deltas).await? == Flow::Stop
            {
                return Ok(Flow::Stop);
            }
        }
        Ok(Flow::Continue)
    }

    async fn deliver_deletion(
        &self,
        id: [u8; 16],
        dn: Option<&str>,
        deltas: &mut DeltaSink<'_>,
    ) -> Result<Flow> {
        let uid = match &self.subject.context.session.directory().settings.uid {
            UidSource::Attribute(name) if name.eq_ignore_ascii_case("entryUUID") => Some(text(id)),
            UidSource::Attribute(name) => dn.and_then(|dn| {
                let dn = Dn::parse(dn).ok()?;
                String::from_utf8(dn.rdn_value(name)?.to_vec()).ok()
            }),
            UidSource::Dn => dn.map(str::to_owned),
        };
        let Some(uid) = uid.filter(|uid| !uid.is_empty()) else {
            error!(
                entry_uuid = text(id),
                "The directory does not tell the identity of a deleted entry; the deletion is not reported. Set uidAttribute to entryUUID."
            );
            return Ok(Flow::Continue);
        };
        self.subject.deliver_deletion(Uid::try_new(uid)?, None, self.begun.clone(), deltas).await
    }
}

/// A UUID as `entryUUID` has it (RFC 4530).
fn text(id: [u8; 16]) -> String {
    let mut text = format!("{:032x}", u128::from_be_bytes(id));
    for at in [20, 16, 12, 8] {
        text.insert(at, '-');
    }
    text
}

fn joined(cookies: &[Vec<u8>]) -> Result<SyncToken> {
    let texts: Vec<String> = cookies.iter().map(|cookie| STANDARD.encode(cookie)).collect();
    Ok(SyncToken::try_new(texts.join(BETWEEN))?)
}

/// The cookies of a token; none of them if it is for another number of bases, or for nothing yet.
fn parted(token: Option<&SyncToken>, bases: usize) -> Result<Vec<Option<Vec<u8>>>> {
    let Some(token) = token else { return Ok(vec![None; bases]) };
    let text = token::text(token)?;
    let mut cookies = Vec::new();
    for part in text.split(BETWEEN) {
        let cookie = STANDARD.decode(part).map_err(|_| {
            Fault::general(format!(
                "The sync token '{text}' is no cookie of content synchronisation; clear the stored token"
            ))
        })?;
        cookies.push(Some(cookie).filter(|cookie| !cookie.is_empty()));
    }
    if cookies.len() == bases {
        return Ok(cookies);
    }
    warn!("The bases of the synchronisation have changed; everything is reported anew.");
    Ok(vec![None; bases])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_has_a_cookie_for_each_base() {
        let token = joined(&[b"one".to_vec(), Vec::new()]).unwrap();
        assert_eq!(token.value().as_str(), Some("b25l "));
        assert_eq!(parted(Some(&token), 2).unwrap(), [Some(b"one".to_vec()), None]);
        assert_eq!(parted(Some(&token), 1).unwrap(), [None]);
        assert_eq!(parted(None, 1).unwrap(), [None]);
        assert!(parted(Some(&SyncToken::try_new("*").unwrap()), 1).is_err());
    }

    #[test]
    fn a_uuid_has_its_dashes() {
        assert_eq!(text(*b"0123456789abcdef"), "30313233-3435-3637-3839-616263646566");
    }
}
