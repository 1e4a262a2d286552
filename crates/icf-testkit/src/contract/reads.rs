//! Rules of operations that read.

use icf::filter::{Case, compare};
use icf::{Attribute, AttributeName, ConnectorObject, Filter, OperationOptions, names};

use super::Outcome;
use super::subject::{OrBroken, Subject, Verdict, ensure, values};
use crate::collect;

pub(super) async fn usable(subject: &mut Subject<'_>) -> Verdict {
    let Some(test) = subject.instance.test_op() else {
        return Err(Outcome::NotApplicable("no test operation"));
    };
    test.test(&subject.cx).await.or_broken("test fails")
}

pub(super) async fn schema_hides_uid(subject: &mut Subject<'_>) -> Verdict {
    let info = subject.class_info().await?;
    ensure(info.attribute(names::UID).is_none(), || format!("{} lists __UID__", info.object_class))
}

pub(super) async fn created_is_found(subject: &mut Subject<'_>) -> Verdict {
    let (uid, attributes) = subject.create().await?;
    let object = subject.read_existing(&uid).await?;
    for given in subject.readable(&attributes) {
        let held = values(&object, &given.name);
        let same = held.len() == given.values().len()
            && given.values().iter().all(|value| compare::contains(held, value, Case::Exact));
        ensure(same, || {
            format!("{} was created as {:?} and is read as {held:?}", given.name, given.values())
        })?;
    }
    if let Some(name) = attributes.name() {
        ensure(object.name == name, || {
            format!("__NAME__ was created as {name} and is read as {}", object.name)
        })?;
        let by_name = Filter::Equals(Attribute::single(AttributeName::from_static(names::NAME), name));
        let found = subject.find(Some(&by_name), Case::Exact, &subject.options).await?;
        ensure(found.iter().any(|object| object.uid.value() == uid.value()), || {
            format!("{name} is not found by its name")
        })?;
    }
    Ok(())
}

pub(super) async fn no_filter_finds_all(subject: &mut Subject<'_>) -> Verdict {
    let mut wanted = Vec::new();
    for _ in 0..3 {
        wanted.push(subject.create().await?.0);
    }
    let found = subject.find(None, Case::Exact, &subject.options).await?;
    for uid in wanted {
        let times = found.iter().filter(|object| object.uid.value() == uid.value()).count();
        ensure(times == 1, || format!("{uid} is delivered {times} times among {} objects", found.len()))?;
    }
    Ok(())
}

pub(super) async fn case_of_target(subject: &mut Subject<'_>) -> Verdict {
    if !subject.sample.ignores_case {
        return Err(Outcome::NotApplicable("case counts at the target"));
    }
    let (uid, _) = subject.create().await?;
    let object = subject.read_existing(&uid).await?;
    for (name, value) in [(names::UID, object.uid.value()), (names::NAME, object.name.as_str())] {
        let swapped = swap_case(value);
        let filter = Filter::Equals(Attribute::single(AttributeName::from_static(name), swapped.as_str()));
        let found = subject.find(Some(&filter), Case::Ignore, &subject.options).await?;
        ensure(found.iter().any(|object| object.uid.value() == uid.value()), || {
            format!("{value} is not found by {name} spelled {swapped}")
        })?;
    }
    Ok(())
}

pub(super) async fn attributes_to_get_in_search(subject: &mut Subject<'_>) -> Verdict {
    let (uid, attributes) = subject.create().await?;
    let asked = asked_for(subject.readable(&attributes))?;
    let options = OperationOptions::default().with_attributes_to_get([asked.name.as_str()]);
    let found = subject.find(Some(&Filter::uid(&uid)), Case::Exact, &options).await?;
    let object =
        found.first().ok_or_else(|| Outcome::Broken(format!("{uid} is not found with ATTRS_TO_GET")))?;
    only(object, &asked.name)
}

pub(super) async fn attributes_to_get_in_sync(subject: &mut Subject<'_>) -> Verdict {
    if subject.instance.sync_op().is_none() {
        return Err(Outcome::NotApplicable("no sync operation"));
    }
    let before = latest_token(subject).await?;
    let (uid, attributes) = subject.create().await?;
    let asked = asked_for(subject.readable(&attributes))?;
    let options = OperationOptions::default().with_attributes_to_get([asked.name.as_str()]);
    let Some(sync) = subject.instance.sync_op() else {
        return Err(Outcome::NotApplicable("no sync operation"));
    };
    let (deltas, _) =
        collect::sync(sync, subject.class(), before.as_ref(), &options).await.or_broken("sync fails")?;
    for delta in &deltas {
        delta.check().or_broken("a change breaks the rules of changes")?;
    }
    let delta = deltas.iter().find(|delta| delta.uid.value() == uid.value());
    let object = delta.and_then(|delta| delta.object.as_ref());
    only(
        object.ok_or_else(|| Outcome::Broken(format!("sync does not report the creation of {uid}")))?,
        &asked.name,
    )
}

pub(super) async fn unknown_user(subject: &mut Subject<'_>) -> Verdict {
    let Some(resolve) = subject.instance.resolve_username_op() else {
        return Err(Outcome::NotApplicable("no resolve username operation"));
    };
    let answer =
        resolve.resolve_username(&subject.cx, subject.class(), "no-such-user-7f3a", &subject.options).await;
    ensure(answer.is_err(), || format!("the answer is {answer:?}"))
}

async fn latest_token(subject: &Subject<'_>) -> Verdict<Option<icf::SyncToken>> {
    match subject.instance.sync_op() {
        Some(sync) => {
            sync.latest_sync_token(&subject.cx, subject.class()).await.or_broken("latest sync token fails")
        }
        None => Err(Outcome::NotApplicable("no sync operation")),
    }
}

/// An attribute of the sample to ask for; there must be a second one whose absence can be seen.
fn asked_for(readable: Vec<Attribute>) -> Verdict<Attribute> {
    let several = readable.len() > 1;
    let first = readable.into_iter().next().filter(|_| several);
    first.ok_or(Outcome::NotApplicable("the sample has fewer than two readable attributes"))
}

fn only(object: &ConnectorObject, asked: &AttributeName) -> Verdict {
    ensure(!values(object, asked).is_empty(), || format!("{asked} was asked for and is not delivered"))?;
    let others: Vec<_> = object.attributes.iter().map(|a| &a.name).filter(|name| *name != asked).collect();
    ensure(others.is_empty(), || {
        format!("only {asked} was asked for and these are delivered too: {others:?}")
    })
}

fn swap_case(text: &str) -> String {
    let swap = |c: char| if c.is_ascii_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() };
    text.chars().map(swap).collect()
}
