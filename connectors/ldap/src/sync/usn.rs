//! Changes of Active Directory by update sequence number: a counter of each domain controller.

use icf::{DeltaSink, Flow, SyncDeltaType, SyncToken};
use tracing::warn;

use super::pager::Pager;
use super::subject::{Change, Subject};
use super::token::{self, Form};
use crate::fault::Result;
use crate::filter::LdapFilter;
use crate::link::{Link, entry};
use crate::message::control::oid;
use crate::message::{Control, Deref, Scope, SearchRequest};
use crate::projection::Decoded;

/// The attributes that this way needs.
pub(super) const NEEDED: &[&str] = &["uSNChanged", "uSNCreated", "isDeleted", "lastKnownParent"];

/// The highest number of the server.
pub(super) async fn highest(link: &mut Link<'_>) -> Result<i64> {
    let root = link.read("", None, &["highestCommittedUSN"]).await?;
    let text = root
        .map(|bytes| entry(&bytes)?.text("highestCommittedUSN").map_err(crate::fault::Fault::from))
        .transpose()?;
    let number = text.flatten().and_then(|text| text.parse().ok());
    number.ok_or_else(|| crate::fault::Fault::general("The directory does not tell its highestCommittedUSN"))
}

/// Delivers what has a number behind the token's, in the order of numbers.
pub(super) async fn run(
    subject: &Subject<'_>,
    link: &mut Link<'_>,
    token: Option<&SyncToken>,
    deltas: &mut DeltaSink<'_>,
) -> Result<()> {
    let highest = highest(link).await?;
    let Some(token) = token else {
        deltas.report(token::of_number(highest, Form::Text)?);
        return Ok(());
    };
    let (before, form) = token::number(token)?;
    let since =
        LdapFilter::AtLeast("uSNChanged".to_owned(), before.saturating_add(1).to_string().into_bytes());
    let mut found: Vec<(i64, bool, Decoded)> = Vec::new();
    let filter = LdapFilter::all([since.clone()].into_iter().chain(subject.filter()));
    for base in subject.bases() {
        let search = search(subject, base, filter.clone());
        collect(subject, link, search, Vec::new(), false, &mut found).await?;
    }
    if subject.context.facts.supports(oid::SHOW_DELETED)
        && let Some(domain) = &subject.context.facts.default_naming_context
    {
        let classes = subject.context.session.directory().settings.class_filter(subject.context.class);
        let gone = LdapFilter::equal("isDeleted", "TRUE");
        let filter = LdapFilter::all([since, gone].into_iter().chain(classes.filter(|_| !subject.is_all())));
        let search = search(subject, format!("CN=Deleted Objects,{domain}"), filter);
        let controls = vec![Control::new(oid::SHOW_DELETED, true)];
        collect(subject, link, search, controls, true, &mut found).await?;
    } else {
        warn!("The directory does not show deleted objects; deletions are not reported.");
    }
    found.sort_by_key(|(number, ..)| *number);
    found.dedup_by(|later, earlier| {
        later.2.object.uid.value() == earlier.2.object.uid.value() && later.0 == earlier.0
    });
    for (number, deleted, decoded) in found {
        let token = token::of_number(number, form)?;
        let flow = if deleted {
            let class = Some(decoded.object.object_class.clone());
            subject.deliver_deletion(decoded.object.uid, class, token.clone(), deltas).await?
        } else {
            let created =
                decoded.texts("uSNCreated").first().and_then(|text| text.parse().ok()) == Some(number);
            let kind = if created { SyncDeltaType::Create } else { SyncDeltaType::Update };
            subject.deliver(decoded, Change::new(kind, token.clone()), deltas).await?
        };
        if flow == Flow::Stop {
            deltas.report(token);
            return Ok(());
        }
    }
    deltas.report(token::of_number(highest.max(before), form)?);
    Ok(())
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

async fn collect(
    subject: &Subject<'_>,
    link: &mut Link<'_>,
    search: SearchRequest,
    controls: Vec<Control>,
    deleted: bool,
    found: &mut Vec<(i64, bool, Decoded)>,
) -> Result<()> {
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
        let number = decoded.texts("uSNChanged").first().and_then(|text| text.parse().ok()).unwrap_or(0);
        found.push((number, deleted, decoded));
    }
    Ok(())
}
