//! What all ways to find changes share: which entries count, and how an entry becomes a change.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use icf::{
    DeltaSink, Flow, GuardedString, ObjectClass, OperationOptions, SyncDelta, SyncDeltaType, SyncToken, Uid,
    names,
};

use crate::complete::Completer;
use crate::dn::Dn;
use crate::fault::Result;
use crate::filter::LdapFilter;
use crate::link::{Link, entry};
use crate::message::Entry;
use crate::projection::{Decoded, Projection};
use crate::search::Context;

/// The class of an entry of which nobody knows the class.
const UNKNOWN: ObjectClass = ObjectClass::from_static("__UNKNOWN__");

/// What a synchronisation is about.
pub(super) struct Subject<'a> {
    pub(super) context: &'a Context<'a>,
    pub(super) options: &'a OperationOptions,
    /// Attributes that the way to find changes needs besides.
    needed: &'static [&'static str],
    /// How entries of the class become objects, made once.
    own: OnceLock<Arc<Projection>>,
}

/// A change on its way.
pub(super) struct Change {
    pub(super) kind: SyncDeltaType,
    pub(super) token: SyncToken,
    pub(super) previous: Option<Uid>,
    pub(super) password: Option<GuardedString>,
}

impl Change {
    /// A change of this kind.
    pub(super) const fn new(kind: SyncDeltaType, token: SyncToken) -> Self {
        Self { kind, token, previous: None, password: None }
    }
}

impl<'a> Subject<'a> {
    /// A synchronisation of the context's class.
    pub(super) const fn new(
        context: &'a Context<'a>,
        options: &'a OperationOptions,
        needed: &'static [&'static str],
    ) -> Self {
        Self { context, options, needed, own: OnceLock::new() }
    }

    /// Whether objects of all classes are wanted.
    pub(super) fn is_all(&self) -> bool {
        *self.context.class == ObjectClass::ALL
    }

    /// The condition on entries: of class and synchronisation filter.
    pub(super) fn filter(&self) -> Option<LdapFilter> {
        let settings = &self.context.session.directory().settings;
        let class = if self.is_all() {
            let classes = &settings.properties.object_classes_to_synchronize;
            LdapFilter::any(classes.iter().map(|name| LdapFilter::equal("objectClass", name.trim())))
        } else {
            settings.class_filter(self.context.class)
        };
        let filter = settings.filters(self.context.class).and_then(|filters| filters.sync.clone());
        LdapFilter::all(class.into_iter().chain(filter))
    }

    /// The names of the bases.
    pub(super) fn bases(&self) -> Vec<String> {
        let settings = &self.context.session.directory().settings;
        settings.sync_bases.iter().map(|base| base.as_str().to_owned()).collect()
    }

    /// Whether an entry lies below the bases.
    pub(super) fn is_within_bases(&self, dn: &str) -> bool {
        let settings = &self.context.session.directory().settings;
        Dn::parse(dn).is_ok_and(|dn| settings.sync_bases.iter().any(|base| dn.is_within(base)))
    }

    /// How entries of a class become objects. Attributes without value are reported, so that removals are seen.
    pub(super) fn projection(&self, class: &ObjectClass) -> Arc<Projection> {
        if class == self.context.class {
            return Arc::clone(self.own.get_or_init(|| Arc::new(self.new_projection(class))));
        }
        Arc::new(self.new_projection(class))
    }

    fn new_projection(&self, class: &ObjectClass) -> Projection {
        let settings = &self.context.session.directory().settings;
        let profile = self.context.facts.profile();
        let asked = self.options.attributes_to_get();
        let mut projection = Projection::new(class, asked.as_deref(), settings, &self.context.model, profile);
        projection.report_absent();
        for name in self.needed.iter().chain(&["objectClass"]) {
            projection.need(name, settings, &self.context.model, profile);
        }
        projection
    }

    /// What to ask for so that entries of whatever class can become objects.
    pub(super) fn requested(&self) -> Vec<String> {
        let mut requested = Vec::new();
        let classes = if self.is_all() {
            vec![ObjectClass::ACCOUNT, ObjectClass::GROUP]
        } else {
            vec![self.context.class.clone()]
        };
        for class in classes {
            for name in self.projection(&class).requested() {
                if !requested.contains(&name) {
                    requested.push(name);
                }
            }
        }
        if self.is_all() && !requested.contains(&"*".to_owned()) {
            requested.push("*".to_owned());
        }
        requested
    }

    /// The class of the object that an entry becomes.
    pub(super) fn class_of(&self, entry: Entry<'_>) -> Result<ObjectClass> {
        if !self.is_all() {
            return Ok(self.context.class.clone());
        }
        let held = entry.texts("objectClass")?;
        Ok(self.guess(&held))
    }

    /// The class of an object with these LDAP classes.
    pub(super) fn guess(&self, held: &[String]) -> ObjectClass {
        let properties = &self.context.session.directory().settings.properties;
        let has = |name: &String| held.iter().any(|held| held.eq_ignore_ascii_case(name.trim()));
        if properties.account_object_classes.iter().all(has) {
            ObjectClass::ACCOUNT
        } else if properties.group_object_classes.iter().all(has) {
            ObjectClass::GROUP
        } else {
            let known = properties.object_classes_to_synchronize.iter().find(|name| has(name));
            known.map_or(UNKNOWN, |name| ObjectClass::from(name.as_str()))
        }
    }

    /// The object in a message.
    pub(super) fn decode(&self, bytes: &Bytes) -> Result<Decoded> {
        let entry = entry(bytes)?;
        let class = self.class_of(entry)?;
        self.projection(&class).decode(entry)
    }

    /// Delivers the object as changed.
    pub(super) async fn deliver(
        &self,
        decoded: Decoded,
        change: Change,
        deltas: &mut DeltaSink<'_>,
    ) -> Result<Flow> {
        let projection = self.projection(&decoded.object.object_class);
        let mut object = Completer::new(self.context, &projection).complete(decoded).await?;
        if let Some(password) = change.password {
            object.attributes.push(icf::Attribute::single(names::PASSWORD, password));
        }
        let delta = SyncDelta {
            token: change.token,
            delta_type: change.kind,
            previous_uid: change.previous.filter(|uid| uid.value() != object.uid.value()),
            object_class: Some(object.object_class.clone()),
            uid: object.uid.clone(),
            object: Some(object),
        };
        Ok(deltas.push(delta).await?)
    }

    /// Reports that an object is gone.
    pub(super) async fn deliver_deletion(
        &self,
        uid: Uid,
        class: Option<ObjectClass>,
        token: SyncToken,
        deltas: &mut DeltaSink<'_>,
    ) -> Result<Flow> {
        let class = class.or_else(|| Some(if self.is_all() { UNKNOWN } else { self.context.class.clone() }));
        let delta = SyncDelta {
            token,
            delta_type: SyncDeltaType::Delete,
            previous_uid: None,
            object_class: class,
            uid,
            object: None,
        };
        Ok(deltas.push(delta).await?)
    }

    /// Reads the entry of a name, if it is one that counts, over the second connection of the session.
    pub(super) async fn read_aside(&self, dn: &str) -> Result<Option<Decoded>> {
        // Given back before the object is delivered, for which that connection may be needed.
        let mut link = self.context.session.aside(&self.context.patience).await;
        self.read(&mut link, dn).await
    }

    /// Reads the entry of a name if it is one that counts.
    pub(super) async fn read(&self, link: &mut Link<'_>, dn: &str) -> Result<Option<Decoded>> {
        let requested = self.requested();
        let requested: Vec<&str> = requested.iter().map(String::as_str).collect();
        let filter = if self.is_all() { None } else { self.filter() };
        let found = link.read(dn, filter, &requested).await?;
        found.map(|bytes| self.decode(&bytes)).transpose()
    }
}
