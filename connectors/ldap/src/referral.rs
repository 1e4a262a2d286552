//! Referrals: searches that go on at another server.

use icf::{ConnectorError, Flow};
use tokio::sync::Mutex;
use tracing::warn;

use crate::fault::{Fault, Result};
use crate::filter::{LdapFilter, parse};
use crate::link::LdapUrl;
use crate::link::{Answer, Link};
use crate::message::{Scope, SearchRequest};
use crate::search::{Context, Delivery};
use crate::settings::Referrals;

/// How many servers a search is followed to, one after the other.
const MOST_HOPS: usize = 10;

/// Deals with the references of a search: each is a list of URLs for the same place.
pub(crate) async fn follow(
    context: &Context<'_>,
    search: &SearchRequest,
    references: Vec<Vec<String>>,
    delivery: &mut Delivery<'_, '_, '_>,
) -> Result<Flow> {
    match context.session.directory().settings.referrals {
        _ if references.is_empty() => return Ok(Flow::Continue),
        Referrals::Ignore => return Ok(Flow::Continue),
        Referrals::Throw => {
            let urls = references.concat().join(", ");
            let text = format!("Entries below {} are on another server: {urls}", search.base);
            return Err(Fault::Final(ConnectorError::connector(text)));
        }
        Referrals::Follow => {}
    }
    let mut waiting: Vec<(Vec<String>, usize)> = references.into_iter().map(|urls| (urls, 1)).collect();
    let mut visited: Vec<String> = Vec::new();
    while let Some((urls, hops)) = waiting.pop() {
        if hops > MOST_HOPS {
            warn!(
                "A search was referred from server to server more than {MOST_HOPS} times and is not followed further."
            );
            continue;
        }
        if urls.iter().any(|url| visited.contains(url)) {
            continue;
        }
        visited.extend(urls.iter().cloned());
        let mut failure = None;
        for url in &urls {
            match at(context, search, url, delivery).await {
                Ok((Flow::Stop, _)) => return Ok(Flow::Stop),
                Ok((Flow::Continue, more)) => {
                    waiting.extend(more.into_iter().map(|urls| (urls, hops + 1)));
                    failure = None;
                    break;
                }
                Err(fault @ (Fault::Cancelled | Fault::Final(_))) => return Err(fault),
                Err(fault) => failure = Some(fault),
            }
        }
        if let Some(fault) = failure {
            warn!(error = %fault, "A referral could not be followed; the entries of that server are missing.");
        }
    }
    Ok(Flow::Continue)
}

/// Goes on at one URL and answers the references found there.
async fn at(
    context: &Context<'_>,
    search: &SearchRequest,
    url: &str,
    delivery: &mut Delivery<'_, '_, '_>,
) -> Result<(Flow, Vec<Vec<String>>)> {
    let directory = context.session.directory();
    let settings = &directory.settings;
    let unusable =
        || Fault::refused(format!("follow the referral {url}"), crate::message::LdapResult::default());
    let secured = settings.properties.ssl;
    let target = LdapUrl::parse(url, secured).ok_or_else(unusable)?;
    let Some(address) = target.address.clone() else { return Err(unusable()) };
    let connection = directory.opener.connect_to(&address, settings, &context.patience).await?;
    let authentication = &settings.authentication;
    let connection =
        directory.opener.authenticated(connection, settings, authentication, &context.patience).await?;
    let slot = Mutex::new(Some(connection));
    let Some(mut link) = Link::on(directory, &slot, &context.patience) else { return Err(unusable()) };
    let filter = target.filter.as_deref().and_then(|text| parse(text).ok());
    let request = SearchRequest {
        base: if target.dn.is_empty() { search.base.clone() } else { target.dn.clone() },
        scope: match target.scope.as_deref() {
            Some("base") => Scope::Object,
            Some("one") => Scope::OneLevel,
            _ => search.scope,
        },
        filter: LdapFilter::all(filter.into_iter().chain([search.filter.clone()]))
            .unwrap_or_else(LdapFilter::everything),
        ..search.clone()
    };
    let mut more = Vec::new();
    let mut answers = link.start(&request, &[]).await?;
    while let Some(answer) = link.next(&mut answers).await? {
        match answer {
            Answer::Entry(bytes) => {
                if delivery.deliver(&bytes).await? == Flow::Stop {
                    return Ok((Flow::Stop, Vec::new()));
                }
            }
            Answer::Reference(urls) => more.push(urls),
            Answer::Info(_) => {}
            Answer::Done(result) if result.code == 0 => {}
            Answer::Done(result) => return Err(Fault::refused(format!("search at {url}"), result)),
        }
    }
    Ok((Flow::Continue, more))
}
