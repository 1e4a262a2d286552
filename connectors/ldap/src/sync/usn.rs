//! Changes of Active Directory by update sequence number: a counter of each domain controller.

use icf::{DeltaSink, Flow, SyncDeltaType, SyncToken};
use tracing::{info, warn};

use super::pager::Pager;
use super::spans::{Basket, Spans};
use super::subject::{Change, Subject};
use super::token::{self, Form};
use crate::dn;
use crate::fault::{Fault, Result};
use crate::filter::LdapFilter;
use crate::link::{Link, entry};
use crate::message::control::oid;
use crate::message::{Control, Deref, Scope, SearchRequest};
use crate::projection::Decoded;

/// The attributes that this way needs.
pub(super) const NEEDED: &[&str] = &["uSNChanged", "uSNCreated", "isDeleted", "lastKnownParent"];

/// The counter.
const CHANGED: &str = "uSNChanged";

/// An object, and whether it is deleted.
type Found = (bool, Decoded);

/// Where the root DSE names the domain controller.
const CONTROLLER: &str = "dsServiceName";

/// The highest number of the server.
pub(super) async fn highest(link: &mut Link<'_>) -> Result<i64> {
    Ok(counter(link).await?.0)
}

/// The highest number, and the domain controller whose number it is.
async fn counter(link: &mut Link<'_>) -> Result<(i64, Option<String>)> {
    let root = link.read("", None, &["highestCommittedUSN", CONTROLLER]).await?;
    let missing = || Fault::general("The directory does not tell its highestCommittedUSN");
    let bytes = root.ok_or_else(missing)?;
    let root = entry(&bytes)?;
    let number = root.text("highestCommittedUSN")?.and_then(|text| text.parse().ok());
    Ok((number.ok_or_else(missing)?, root.text(CONTROLLER)?))
}

/// Says in the log which domain controller counts, and warns when it is another than before: each counts for itself, so
/// changes between the two counters are lost or come twice. Tokens have no room for it; they are numbers.
fn notice(subject: &Subject<'_>, controller: Option<String>) {
    let Some(controller) = controller else { return };
    match subject.context.session.directory().counted_by(&controller) {
        Some(before) if !dn::same(&before, &controller) => warn!(
            before,
            now = controller,
            "Another domain controller answers than at the last synchronisation, and each has numbers of its own: changes may be missed. Name one controller as host and no load balancer, and let a reconciliation follow."
        ),
        Some(_) => {}
        None => info!(controller, "Numbers of changes are those of this domain controller."),
    }
}

/// Delivers what has a number behind the token's, in the order of numbers.
pub(super) async fn run(
    subject: &Subject<'_>,
    link: &mut Link<'_>,
    token: Option<&SyncToken>,
    deltas: &mut DeltaSink<'_>,
) -> Result<()> {
    let (highest, controller) = counter(link).await?;
    notice(subject, controller);
    let Some(token) = token else {
        deltas.report(token::of_number(highest, Form::Text)?);
        return Ok(());
    };
    let (before, form) = token::number(token)?;
    if before > highest {
        warn!(
            token = before,
            highest,
            "The stored number is beyond the last one of this domain controller, so it is another's: name one controller and no load balancer."
        );
    }
    let graves = graves(subject);
    if graves.is_none() {
        warn!("The directory does not show deleted objects; deletions are not reported.");
    }
    let mut spans = Spans::new(before.saturating_add(1), Some(highest));
    while let Some(span) = spans.present() {
        let mut basket = spans.basket();
        if !collect(subject, link, span, graves.as_deref(), &mut basket).await? {
            spans.narrow(&basket);
            continue;
        }
        let mut found = basket.in_order();
        spans.done(found.len());
        found.dedup_by(|later, earlier| {
            later.1.1.object.uid.value() == earlier.1.1.object.uid.value() && later.0 == earlier.0
        });
        for (number, found) in found {
            let token = token::of_number(number, form)?;
            if deliver(subject, number, found, token.clone(), deltas).await? == Flow::Stop {
                deltas.report(token);
                return Ok(());
            }
        }
    }
    deltas.report(token::of_number(highest.max(before), form)?);
    Ok(())
}

async fn deliver(
    subject: &Subject<'_>,
    number: i64,
    (deleted, decoded): Found,
    token: SyncToken,
    deltas: &mut DeltaSink<'_>,
) -> Result<Flow> {
    if deleted {
        let class = Some(decoded.object.object_class.clone());
        return subject.deliver_deletion(decoded.object.uid, class, token, deltas).await;
    }
    let created = decoded.texts("uSNCreated").first().and_then(|text| text.parse().ok()) == Some(number);
    let kind = if created { SyncDeltaType::Create } else { SyncDeltaType::Update };
    subject.deliver(decoded, Change::new(kind, token), deltas).await
}

/// Where deleted objects are; none if the server does not show them.
fn graves(subject: &Subject<'_>) -> Option<String> {
    let facts = &subject.context.facts;
    let domain = facts.default_naming_context.as_ref().filter(|_| facts.supports(oid::SHOW_DELETED))?;
    Some(format!("CN=Deleted Objects,{domain}"))
}

/// Collects what has a number in the range, deleted objects included; answers whether it fits.
async fn collect(
    subject: &Subject<'_>,
    link: &mut Link<'_>,
    (from, to): (i64, Option<i64>),
    graves: Option<&str>,
    basket: &mut Basket<Found>,
) -> Result<bool> {
    let number = |number: i64| number.to_string().into_bytes();
    let range = [Some(LdapFilter::AtLeast(CHANGED.to_owned(), number(from)))]
        .into_iter()
        .chain([to.map(|to| LdapFilter::AtMost(CHANGED.to_owned(), number(to)))])
        .flatten();
    let filter = LdapFilter::all(range.clone().chain(subject.filter()));
    for base in subject.bases() {
        let search = search(subject, base, filter.clone());
        if !fill(subject, link, search, Vec::new(), false, basket).await? {
            return Ok(false);
        }
    }
    let Some(graves) = graves else { return Ok(true) };
    let classes = subject.context.session.directory().settings.class_filter(subject.context.class);
    let gone = LdapFilter::equal("isDeleted", "TRUE");
    let filter = LdapFilter::all(range.chain([gone]).chain(classes.filter(|_| !subject.is_all())));
    let search = search(subject, graves.to_owned(), filter);
    fill(subject, link, search, vec![Control::new(oid::SHOW_DELETED, true)], true, basket).await
}

fn search(subject: &Subject<'_>, base: String, filter: Option<LdapFilter>) -> SearchRequest {
    SearchRequest {
        base,
        scope: Scope::Subtree,
        deref: Deref::Never,
        filter: filter.unwrap_or_else(LdapFilter::everything),
        attributes: subject.requested(),
    }
}

async fn fill(
    subject: &Subject<'_>,
    link: &mut Link<'_>,
    search: SearchRequest,
    controls: Vec<Control>,
    deleted: bool,
    basket: &mut Basket<Found>,
) -> Result<bool> {
    let mut pager = Pager::new(search, controls, &subject.context.facts);
    while let Some(bytes) = pager.next(link).await? {
        let decoded = subject.decode(&bytes)?;
        if deleted {
            // Without the recycle bin every tombstone has `isRecycled`. With it a deletion is told again when the object
            // is emptied, half a year later; that does no harm.
            let parent = decoded.texts("lastKnownParent");
            if parent.first().is_some_and(|parent| !subject.is_within_bases(parent)) {
                continue;
            }
        }
        let number = decoded.texts(CHANGED).first().and_then(|text| text.parse().ok()).unwrap_or(0);
        if !basket.put(number, (deleted, decoded)) {
            pager.abandon(link).await;
            return Ok(false);
        }
    }
    Ok(true)
}
