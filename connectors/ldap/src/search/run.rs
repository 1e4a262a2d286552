//! The ways to read all of a search: in pages by themselves, through list views, or at once.

use icf::{ConnectorError, Flow};
use tracing::{debug, warn};

use super::deliver::Delivery;
use super::{Context, Request, sorting};
use crate::fault::{Fault, Result};
use crate::filter::plan::{Place, Query};
use crate::link::{Answer, Link};
use crate::message::control::{list_view, oid, page_cookie, value_of};
use crate::message::{Control, LdapResult, SearchRequest, code};
use crate::referral;
use crate::settings::Referrals;

/// Pages that nobody asked for have at least this many entries.
const SMALLEST_PAGE: u32 = 500;

/// How one base context is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    ListView,
    Paged(u32),
    Plain,
}

/// What the server answered to one request.
pub(super) struct Round {
    pub(super) flow: Flow,
    pub(super) result: LdapResult,
    pub(super) entries: u64,
}

/// Runs one query.
pub(super) async fn query(
    context: &Context<'_>,
    link: &mut Link<'_>,
    request: &Request,
    query: &Query,
    delivery: &mut Delivery<'_, '_, '_>,
) -> Result<()> {
    match &query.place {
        Place::Entry(name) => {
            let search = request.at(name, query, delivery.projection());
            let round = round(context, link, &search, &[], delivery, false, 0).await?;
            match round.result.code {
                code::NO_SUCH_OBJECT | code::INVALID_DN_SYNTAX => Ok(()),
                _ => ended(context, &search.base, round.result),
            }
        }
        Place::Bases => {
            for base in &request.bases {
                let search = request.below(base, query, delivery.projection());
                if below(context, link, request, &search, delivery).await? == Flow::Stop {
                    break;
                }
            }
            Ok(())
        }
    }
}

async fn below(
    context: &Context<'_>,
    link: &mut Link<'_>,
    request: &Request,
    search: &SearchRequest,
    delivery: &mut Delivery<'_, '_, '_>,
) -> Result<Flow> {
    let properties = &context.session.directory().settings.properties;
    let size = u32::try_from(properties.block_size).unwrap_or(SMALLEST_PAGE);
    let mut way = if properties.use_blocks
        && !properties.use_paged_result_control
        && context.facts.supports(oid::VLV_REQUEST)
    {
        Way::ListView
    } else if !context.facts.supports(oid::PAGED_RESULTS) {
        Way::Plain
    } else if properties.use_blocks {
        Way::Paged(size)
    } else {
        Way::Paged(size.max(SMALLEST_PAGE))
    };
    let mut sort: Vec<Control> = Vec::new();
    if !request.sort.is_empty() {
        sort.push(Control::sort(&request.sort, false));
    }
    loop {
        let attempt = match way {
            Way::ListView => views(context, link, search, size, delivery).await?,
            Way::Paged(size) => paged(context, link, search, size, &sort, delivery).await?,
            Way::Plain => round(context, link, search, &sort, delivery, false, 0).await?,
        };
        let refused = attempt.entries == 0
            && matches!(
                attempt.result.code,
                code::INAPPROPRIATE_MATCHING
                    | code::UNWILLING_TO_PERFORM
                    | code::UNAVAILABLE_CRITICAL_EXTENSION
            );
        if refused && way == Way::ListView {
            warn!(
                reason = attempt.result.diagnostic,
                "The directory refuses list views; reading by pages instead."
            );
            way = if context.facts.supports(oid::PAGED_RESULTS) { Way::Paged(size) } else { Way::Plain };
        } else if refused && !sort.is_empty() {
            warn!(
                reason = attempt.result.diagnostic,
                "The directory cannot sort by these keys; the result is not sorted."
            );
            sort.clear();
        } else if refused && way != Way::Plain {
            debug!(reason = attempt.result.diagnostic, "The directory refuses pages; reading all at once.");
            way = Way::Plain;
        } else {
            ended(context, &search.base, attempt.result)?;
            return Ok(attempt.flow);
        }
    }
}

/// Reads page after page. Only an empty cookie ends a result: pages may be short or even empty.
async fn paged(
    context: &Context<'_>,
    link: &mut Link<'_>,
    search: &SearchRequest,
    size: u32,
    sort: &[Control],
    delivery: &mut Delivery<'_, '_, '_>,
) -> Result<Round> {
    let mut cookie = Vec::new();
    let mut entries = 0;
    loop {
        let mut controls = vec![Control::paged(size, &cookie)];
        controls.extend_from_slice(sort);
        let resumed = !cookie.is_empty();
        let mut round = round(context, link, search, &controls, delivery, resumed, 0).await?;
        entries += round.entries;
        cookie = next_cookie(&round.result)?;
        if round.flow == Flow::Stop || round.result.code != code::SUCCESS || cookie.is_empty() {
            round.entries = entries;
            return Ok(round);
        }
    }
}

/// The cookie of the page after this one; empty after the last.
pub(super) fn next_cookie(result: &LdapResult) -> Result<Vec<u8>> {
    match value_of(&result.controls, oid::PAGED_RESULTS) {
        Some(value) => Ok(page_cookie(value)?),
        None => Ok(Vec::new()),
    }
}

/// Reads window after window of a sorted list.
async fn views(
    context: &Context<'_>,
    link: &mut Link<'_>,
    search: &SearchRequest,
    size: u32,
    delivery: &mut Delivery<'_, '_, '_>,
) -> Result<Round> {
    let attribute = &context.session.directory().settings.properties.vlv_sort_attribute;
    let sort = Control::sort(&[sorting::by(context, attribute, false)], true);
    let (mut offset, mut count, mut server_context) = (1_u32, 0_u32, None::<Vec<u8>>);
    let mut entries = 0;
    loop {
        let view = Control::list_view(size, offset, count, server_context.as_deref());
        delivery.begin_window();
        let mut round = round(context, link, search, &[sort.clone(), view], delivery, offset > 1, 0).await?;
        entries += round.entries;
        let ended = round.flow == Flow::Stop || round.result.code != code::SUCCESS || round.entries == 0;
        if !ended {
            let answer = value_of(&round.result.controls, oid::VLV_RESPONSE);
            let answer = answer
                .ok_or_else(|| Fault::general("The directory answered a list view without its control"))?;
            let answer = list_view(answer)?;
            if answer.result != 0 {
                return Err(Fault::general(format!(
                    "The directory refused a list view with result {}",
                    answer.result
                )));
            }
            count = answer.count;
            server_context = answer.context;
            offset = offset.saturating_add(size);
        }
        if ended || offset > count {
            round.entries = entries;
            return Ok(round);
        }
    }
}

/// Sends one request and delivers what comes, after leaving out the first `skip` entries.
pub(super) async fn round(
    context: &Context<'_>,
    link: &mut Link<'_>,
    search: &SearchRequest,
    controls: &[Control],
    delivery: &mut Delivery<'_, '_, '_>,
    resumed: bool,
    mut skip: u64,
) -> Result<Round> {
    let mut answers =
        if resumed { link.resume(search, controls).await? } else { link.start(search, controls).await? };
    let (mut entries, mut references) = (0, Vec::new());
    let mut result = LdapResult::default();
    while let Some(answer) = link.next(&mut answers).await? {
        match answer {
            Answer::Entry(_) if skip > 0 => {
                skip -= 1;
                entries += 1;
            }
            Answer::Entry(bytes) => {
                entries += 1;
                if delivery.deliver(&bytes).await? == Flow::Stop {
                    link.abandon(&mut answers).await;
                    return Ok(Round { flow: Flow::Stop, result, entries });
                }
            }
            Answer::Reference(urls) => references.push(urls),
            Answer::Info(_) => {}
            Answer::Done(done) => result = done,
        }
    }
    if result.code == code::REFERRAL && context.session.directory().settings.referrals == Referrals::Follow {
        references.push(std::mem::take(&mut result.referrals));
        result.code = code::SUCCESS;
    }
    let flow = referral::follow(context, search, references, delivery).await?;
    Ok(Round { flow, result, entries })
}

/// What the end of a search means.
pub(super) fn ended(context: &Context<'_>, base: &str, result: LdapResult) -> Result<()> {
    let profile = context.facts.profile();
    match result.code {
        code::SUCCESS => Ok(()),
        code::PARTIAL_RESULTS if profile.is_microsoft => Ok(()),
        code::NO_SUCH_OBJECT if profile.missing_base_is_empty => Ok(()),
        code::REFERRAL => {
            let text = format!("Entries below {base} are on another server: {}", result.referrals.join(", "));
            Err(Fault::Final(ConnectorError::connector(text)))
        }
        _ => Err(Fault::refused(format!("search below {base}"), result)),
    }
}
