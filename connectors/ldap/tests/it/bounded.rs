//! What a synchronisation of 50,000 changes holds in memory: counted as what the server has sent and the caller has not
//! got yet.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use icf::{DeltaSink, Flow, OperationOptions, Receive, SyncDelta, SyncToken};

use crate::fake::{Asked, Fake, done, done_with, element, entry};
use crate::harness::{Ldap, cx};

const CHANGES: usize = 50_000;

/// Entries of a page.
const PAGE: usize = 500;

/// The most that may be held: a range, and the page that shows it to be too large.
const BOUND: usize = 2 * PAGE;

#[derive(Debug, Default)]
struct Counters {
    /// Sent since the last range was begun.
    sent: AtomicUsize,
    /// Received since then.
    received: AtomicUsize,
    most: AtomicUsize,
    searches: AtomicUsize,
}

impl Counters {
    fn begin(&self) {
        self.sent.store(0, Ordering::SeqCst);
        self.received.store(0, Ordering::SeqCst);
        self.searches.fetch_add(1, Ordering::SeqCst);
    }

    fn send(&self, entries: usize) {
        let sent = self.sent.fetch_add(entries, Ordering::SeqCst) + entries;
        self.most.fetch_max(sent - self.received.load(Ordering::SeqCst), Ordering::SeqCst);
    }
}

/// A caller that counts and keeps the tokens.
struct Caller {
    counters: Arc<Counters>,
    tokens: Vec<String>,
}

impl Receive<SyncDelta> for Caller {
    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Flow> {
        Poll::Ready(Flow::Continue)
    }

    fn receive(&mut self, delta: SyncDelta) -> icf::Result<Flow> {
        self.counters.received.fetch_add(1, Ordering::SeqCst);
        self.tokens.push(delta.token.value().as_str().unwrap().to_owned());
        Ok(Flow::Continue)
    }
}

/// Synchronises and answers the tokens in the order in which the changes came.
async fn tokens(ldap: &Ldap, counters: &Arc<Counters>, from: &str) -> Vec<String> {
    let mut caller = Caller { counters: Arc::clone(counters), tokens: Vec::new() };
    let mut sink = DeltaSink::new(&mut caller);
    let (instance, token) = (ldap.instance().await, SyncToken::try_new(from).unwrap());
    let sync = instance.sync_op().unwrap();
    sync.sync(&cx(), &ldap.class, Some(&token), &ldap.options, &mut sink).await.unwrap();
    caller.tokens
}

/// The values that a filter compares an attribute with.
fn compared(asked: &Asked, attribute: &str) -> Vec<String> {
    let text: String = asked.bytes.iter().map(|byte| char::from(*byte)).collect();
    let parts = text.split(attribute).skip(1);
    // Behind the name are a tag and a length.
    parts
        .filter(|part| part.starts_with('\u{4}'))
        .map(|part| {
            part.chars().skip(2).take_while(|c| c.is_ascii_digit() || matches!(c, '.' | 'Z')).collect()
        })
        .filter(|value: &String| !value.is_empty())
        .collect()
}

/// The page of `all` that is asked for, by a cookie that says how many came before.
fn page<T>(asked: &Asked, all: &[T], counters: &Counters, made: impl Fn(&T) -> Vec<u8>) -> Vec<u8> {
    let text: String = asked.bytes.iter().map(|byte| char::from(*byte)).collect();
    let digits = text.rsplit_once("page:").map(|(_, rest)| rest.get(..6).unwrap().to_owned());
    let from = digits.map_or(0, |digits| digits.parse().unwrap());
    if from == 0 {
        counters.begin();
    }
    let entries: Vec<Vec<u8>> = all[from..all.len().min(from + PAGE)].iter().map(made).collect();
    counters.send(entries.len());
    let next = from + entries.len();
    let cookie = if next < all.len() { format!("page:{next:06}") } else { String::new() };
    let value = element(0x30, &[&[2, 1, 0], element(4, cookie.as_bytes()).as_slice()].concat());
    let control = [element(4, b"1.2.840.113556.1.4.319"), element(4, &value)].concat();
    [entries.concat(), done_with(asked.id, 0x65, 0, "", &element(0x30, &control))].concat()
}

/// A domain controller whose objects come in no order.
#[tokio::test]
async fn numbers_of_50000_changes_are_put_in_order_part_by_part() {
    let counters = Arc::new(Counters::default());
    let count = Arc::clone(&counters);
    let scrambled: Vec<usize> = (0..CHANGES).map(|n| (n * 7919) % CHANGES * 10 + 10).collect();
    let fake = Fake::start(move |asked| {
        if !asked.mentions("uSNChanged") || asked.mentions("supportedControl") {
            let root = [
                ("supportedCapabilities", ["1.2.840.113556.1.4.800"].as_slice()),
                ("supportedControl", &["1.2.840.113556.1.4.319"]),
                ("highestCommittedUSN", &["600000"]),
            ];
            return [entry(asked.id, "", &root), done(asked.id, 0x65, 0, "")].concat();
        }
        let bounds: Vec<usize> =
            compared(asked, "uSNChanged").iter().map(|text| text.parse().unwrap()).collect();
        let inside = scrambled.iter().filter(|usn| (bounds[0]..=bounds[1]).contains(*usn));
        let inside: Vec<usize> = inside.copied().collect();
        page(asked, &inside, &count, |usn| {
            let (guid, usn) = (format!("{usn:016}"), usn.to_string());
            let (guids, usns) = ([guid.as_str()], [usn.as_str()]);
            let user = [("objectGUID", guids.as_slice()), ("uSNChanged", &usns), ("uSNCreated", &["1"])];
            entry(asked.id, &format!("cn={usn},dc=example,dc=com"), &user)
        })
    })
    .await;
    let options = OperationOptions::default().with_attributes_to_get(["description"]);
    let ldap = fake.ldap().with("uidAttribute", "objectGUID").using(options);
    let tokens = tokens(&ldap, &counters, "0").await;
    let expected: Vec<String> = (1..=CHANGES).map(|n| (n * 10).to_string()).collect();
    assert!(tokens == expected, "{} changes", tokens.len());
    let most = counters.most.load(Ordering::SeqCst);
    assert!(most <= BOUND, "{most} changes were held");
    let searches = counters.searches.load(Ordering::SeqCst);
    assert!(searches < 4 * CHANGES / PAGE, "{searches} searches");
}

/// A log of deletions, which tell themselves.
#[tokio::test]
async fn a_log_of_50000_changes_is_put_in_order_part_by_part() {
    let counters = Arc::new(Counters::default());
    let count = Arc::clone(&counters);
    // Two at a time change places, as when operations overlap.
    let times: Vec<String> =
        (0..CHANGES).map(|n| n ^ 1).map(|n| format!("202611211{:05}.{:06}Z", 20000 + n / 1000, n)).collect();
    let mut expected = times.clone();
    expected.sort();
    let fake = Fake::start(move |asked| {
        if !asked.mentions("reqStart") {
            let root = [("supportedControl", ["1.2.840.113556.1.4.319"].as_slice())];
            return [entry(asked.id, "", &root), done(asked.id, 0x65, 0, "")].concat();
        }
        let bounds = compared(asked, "reqStart");
        let until = bounds.get(1).filter(|_| bounds.len() > 1).cloned();
        let is_inside =
            |time: &&String| **time >= bounds[0] && until.as_ref().is_none_or(|until| *time <= until);
        let inside: Vec<&String> = times.iter().filter(is_inside).collect();
        page(asked, &inside, &count, |time| {
            let starts = [time.as_str()];
            let change = [
                ("reqStart", starts.as_slice()),
                ("reqType", &["delete"]),
                ("reqDN", &["uid=x,dc=example,dc=com"]),
                ("reqEntryUUID", &["7b2a1f9e-0000-0000-0000-000000000000"]),
            ];
            entry(asked.id, &format!("reqStart={time},cn=accesslog"), &change)
        })
    })
    .await;
    let ldap = fake.ldap().with("rs.syncStrategy", "accesslog");
    let tokens = tokens(&ldap, &counters, "20261121000000Z").await;
    assert!(tokens == expected, "{} changes", tokens.len());
    let most = counters.most.load(Ordering::SeqCst);
    assert!(most <= BOUND, "{most} changes were held");
}
