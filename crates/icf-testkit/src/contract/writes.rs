//! Rules of operations that write.

use icf::filter::{Case, compare};
use icf::{Attribute, AttributeFlag, AttributeInfo, ErrorKind, Value, ValueType, names};

use super::Outcome;
use super::subject::{OrBroken, Subject, Verdict, ensure, values};

pub(super) async fn second_delete(subject: &mut Subject<'_>) -> Verdict {
    if subject.instance.delete_op().is_none() {
        return Err(Outcome::NotApplicable("no delete operation"));
    }
    let (uid, _) = subject.create().await?;
    let Some(delete) = subject.instance.delete_op() else {
        return Err(Outcome::NotApplicable("no delete operation"));
    };
    let class = subject.class();
    delete.delete(&subject.cx, class, &uid, &subject.options).await.or_broken("the first delete fails")?;
    ensure(subject.read(&uid).await?.is_none(), || format!("{uid} is still found after its deletion"))?;
    match delete.delete(&subject.cx, class, &uid, &subject.options).await {
        Err(error) if *error.kind() == ErrorKind::UnknownUid => Ok(()),
        other => Err(Outcome::Broken(format!("the second delete ends with {other:?}"))),
    }
}

pub(super) async fn identical_create(subject: &mut Subject<'_>) -> Verdict {
    let (first, attributes) = subject.create().await?;
    match subject.create_from(attributes).await? {
        Err(_) => Ok(()),
        Ok(second) => ensure(second.value() != first.value(), || format!("both creates answer {first}")),
    }
}

pub(super) async fn unknown_attribute_in_create(subject: &mut Subject<'_>) -> Verdict {
    let attributes = subject.fresh().with(unknown_attribute());
    let created = subject.create_from(attributes).await?;
    ensure(created.is_err(), || format!("create of attribute {UNKNOWN} succeeds"))
}

pub(super) async fn unknown_attribute_in_update(subject: &mut Subject<'_>) -> Verdict {
    let (uid, _) = subject.create().await?;
    let updated = subject.update(&uid, unknown_attribute()).await?;
    ensure(updated.is_err(), || format!("update of attribute {UNKNOWN} succeeds"))
}

pub(super) async fn update_changes(subject: &mut Subject<'_>) -> Verdict {
    let Some(change) = subject.sample.change.clone() else {
        return Err(Outcome::NotApplicable("the sample names no attribute to change"));
    };
    let (uid, _) = subject.create().await?;
    let before = subject.read_existing(&uid).await?;
    let updated = subject.update(&uid, change.clone()).await?.or_broken("update fails")?;
    let after = subject.read_existing(&updated.unwrap_or(uid)).await?;
    let held = values(&after, &change.name);
    ensure(compare::same_values(held, change.values(), Case::Exact), || {
        format!("{} was updated to {:?} and is read as {held:?}", change.name, change.values())
    })?;
    for other in before.attributes.iter().filter(|attribute| attribute.name != change.name) {
        let held = values(&after, &other.name);
        ensure(compare::same_values(held, other.values(), Case::Exact), || {
            format!("{} was not updated and changed from {:?} to {held:?}", other.name, other.values())
        })?;
    }
    Ok(())
}

pub(super) async fn not_updateable(subject: &mut Subject<'_>) -> Verdict {
    let info = subject.class_info().await?;
    let fixed = |info: &&AttributeInfo| info.has(AttributeFlag::NotUpdateable) && !info.name.is(names::UID);
    let Some(fixed) = info.attributes.iter().find(fixed) else {
        return Err(Outcome::NotApplicable("every attribute is updateable"));
    };
    let value = match fixed.value_type.boxed() {
        ValueType::String => Value::from("changed"),
        ValueType::Integer => Value::from(1),
        ValueType::Long => Value::from(1_i64),
        ValueType::Boolean => Value::from(true),
        _ => return Err(Outcome::NotApplicable("no value at hand for the type that is not updateable")),
    };
    let attribute = Attribute::single(fixed.name.clone(), value);
    let (uid, _) = subject.create().await?;
    let updated = subject.update(&uid, attribute).await?;
    ensure(updated.is_err(), || format!("update of {} succeeds", fixed.name))
}

pub(super) async fn cleared_or_refused(subject: &mut Subject<'_>) -> Verdict {
    let Some(name) = subject.sample.clear.clone() else {
        return Err(Outcome::NotApplicable("the sample names no attribute to clear"));
    };
    let (uid, _) = subject.create().await?;
    match subject.update(&uid, Attribute::null(name.clone())).await? {
        Ok(updated) => {
            let after = subject.read_existing(&updated.unwrap_or(uid)).await?;
            let left = values(&after, &name);
            ensure(left.iter().all(|value| *value == Value::Null), || format!("{name} still holds {left:?}"))
        }
        Err(error) => {
            ensure(*error.kind() != ErrorKind::NullPointer, || format!("it is refused with {error:?}"))
        }
    }
}

fn unknown_attribute() -> Attribute {
    Attribute::single(UNKNOWN, "x")
}

const UNKNOWN: &str = "noSuchAttribute7f3a";
