//! The connector under test with the objects a check has made.

use icf::filter::{Case, Judgement};
use icf::{
    Attribute, AttributeName, AttributeSet, CallContext, ConnectorObject, Filter, Instance, Locale,
    ObjectClass, ObjectClassInfo, OperationOptions, Registration, Result, Uid, Value, names,
};

use super::{Outcome, Sample};
use crate::collect;

/// How a check ends early: the rule is broken, or does not apply.
pub(super) type Verdict<T = ()> = Result<T, Outcome>;

pub(super) struct Subject<'a> {
    pub(super) instance: Box<dyn Instance>,
    pub(super) cx: CallContext,
    pub(super) sample: &'a Sample,
    pub(super) options: OperationOptions,
    next: usize,
    created: Vec<Uid>,
}

impl<'a> Subject<'a> {
    pub(super) async fn open(
        registration: &Registration,
        properties: &[(String, Value)],
        sample: &'a Sample,
        first: usize,
    ) -> Result<Self> {
        let properties: Vec<_> = properties.iter().map(|(name, value)| (name.as_str(), value)).collect();
        let bound = registration.bind(&properties)?;
        bound.validate()?;
        let cx = CallContext::new("contract");
        let instance = bound.open(&cx).await?;
        instance.check_alive().await?;
        Ok(Self {
            instance,
            cx,
            sample,
            options: OperationOptions::default(),
            next: first,
            created: Vec::new(),
        })
    }

    /// Deletes what was created, as far as that is possible, and disposes of the instance.
    pub(super) async fn close(self) {
        if let Some(delete) = self.instance.delete_op() {
            for uid in &self.created {
                // The check may have deleted it itself.
                let _gone = delete.delete(&self.cx, self.class(), uid, &self.options).await;
            }
        }
        self.instance.dispose().await;
    }

    pub(super) const fn class(&self) -> &'a ObjectClass {
        &self.sample.object_class
    }

    /// Attributes of an object that does not exist yet.
    pub(super) fn fresh(&mut self) -> AttributeSet {
        self.next += 1;
        (self.sample.create)(self.next)
    }

    /// Creates an object; answers its identity and what it was made of.
    pub(super) async fn create(&mut self) -> Verdict<(Uid, AttributeSet)> {
        let attributes = self.fresh();
        let uid = self.create_from(attributes.clone()).await?;
        let uid = uid.map_err(|error| Outcome::Broken(format!("create of the sample fails: {error:?}")))?;
        Ok((uid, attributes))
    }

    /// Creates an object of these attributes; the inner result is the connector's.
    pub(super) async fn create_from(&mut self, attributes: AttributeSet) -> Verdict<Result<Uid>> {
        let Some(create) = self.instance.create_op() else {
            return Err(Outcome::NotApplicable("no create operation"));
        };
        match create.create(&self.cx, self.class(), attributes, &self.options).await {
            Ok(Some(uid)) => {
                self.created.push(uid.clone());
                Ok(Ok(uid))
            }
            Ok(None) => Err(Outcome::Broken("create answers no identity".to_owned())),
            Err(error) => Ok(Err(error)),
        }
    }

    pub(super) async fn update(&self, uid: &Uid, attribute: Attribute) -> Verdict<Result<Option<Uid>>> {
        let Some(update) = self.instance.update_op() else {
            return Err(Outcome::NotApplicable("no update operation"));
        };
        let attributes = AttributeSet::from(vec![attribute]);
        Ok(update.update(&self.cx, self.class(), uid, attributes, &self.options).await)
    }

    /// The objects that match, as the server would pass them on: filtered unless the connector filters by itself.
    pub(super) async fn find(
        &self,
        filter: Option<&Filter>,
        case: Case,
        options: &OperationOptions,
    ) -> Verdict<Vec<ConnectorObject>> {
        let Some(search) = self.instance.search_op() else {
            return Err(Outcome::NotApplicable("no search operation"));
        };
        let mut found =
            collect::search(search, self.class(), filter, options).await.or_broken("search fails")?;
        if let (Some(filter), false) = (filter, found.exact) {
            let judgement = Judgement { case, locale: &Locale::new("en", "") };
            let mut matching = Vec::with_capacity(found.objects.len());
            for object in found.objects {
                if filter.judge(&object, judgement).or_broken("the filter cannot be applied")?.is_true() {
                    matching.push(object);
                }
            }
            found.objects = matching;
        }
        Ok(found.objects)
    }

    /// The one object of that identity.
    pub(super) async fn read(&self, uid: &Uid) -> Verdict<Option<ConnectorObject>> {
        Ok(self.find(Some(&Filter::uid(uid)), Case::Exact, &self.options).await?.into_iter().next())
    }

    /// The one object of that identity, which must exist.
    pub(super) async fn read_existing(&self, uid: &Uid) -> Verdict<ConnectorObject> {
        let missing = || Outcome::Broken(format!("the object {uid} is not found by its identity"));
        self.read(uid).await?.ok_or_else(missing)
    }

    pub(super) async fn class_info(&self) -> Verdict<ObjectClassInfo> {
        let Some(schema) = self.instance.schema_op() else {
            return Err(Outcome::NotApplicable("no schema operation"));
        };
        let schema = schema.schema(&self.cx).await.or_broken("schema fails")?;
        schema
            .and_then(|schema| schema.object_class(self.class().as_str()).cloned())
            .ok_or_else(|| Outcome::Broken(format!("the schema does not know {}", self.class())))
    }

    /// The attributes of the sample that a search returns, `__NAME__` left out.
    pub(super) fn readable(&self, attributes: &AttributeSet) -> Vec<Attribute> {
        attributes
            .iter()
            .filter(|attribute| {
                !attribute.name.is(names::NAME) && !self.sample.write_only.contains(&attribute.name)
            })
            .cloned()
            .collect()
    }
}

/// The values of an attribute of an object, none if it is absent.
pub(super) fn values<'o>(object: &'o ConnectorObject, name: &AttributeName) -> &'o [Value] {
    object.attribute(name.as_str()).map(Attribute::values).unwrap_or_default()
}

pub(super) trait OrBroken<T> {
    /// Turns a failure into a broken rule.
    fn or_broken(self, what: &str) -> Verdict<T>;
}

impl<T> OrBroken<T> for Result<T> {
    fn or_broken(self, what: &str) -> Verdict<T> {
        self.map_err(|error| Outcome::Broken(format!("{what}: {error:?}")))
    }
}

/// A rule that demands something.
pub(super) fn ensure(holds: bool, otherwise: impl FnOnce() -> String) -> Verdict {
    if holds { Ok(()) } else { Err(Outcome::Broken(otherwise())) }
}
