//! What requests and answers are made of, as message and as value.

use bytes::Bytes;
use icf::{
    AttributeSet, ConnectorError, ConnectorObject, CountPolicy, Filter, Locale, ObjectClass,
    OperationOptions, Result, Script, ScriptContext, SearchResult, SyncDelta, SyncDeltaType, SyncToken, Uid,
    Value,
};

use super::error::{unreadable, unwritable};
use super::frames::Frames;
use crate::binary::{Blobs, DecodeError, EncodeError, Limits, read};
use crate::envelope;

/// Reads members. Empty bytes and empty texts mean absence.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading<'a> {
    pub(super) limits: &'a Limits,
}

impl Reading<'_> {
    fn blob<T>(
        self,
        member: &str,
        bytes: &Bytes,
        read: impl FnOnce(&[u8], &Limits) -> Result<T, DecodeError>,
    ) -> Result<Option<T>> {
        if bytes.is_empty() {
            return Ok(None);
        }
        read(bytes, self.limits).map(Some).map_err(|error| unreadable(member, error))
    }

    pub(super) fn options(self, bytes: &Bytes) -> Result<OperationOptions> {
        self.blob("options", bytes, read::options).map(Option::unwrap_or_default)
    }

    pub(super) fn attributes(self, member: &str, bytes: &Bytes) -> Result<Option<AttributeSet>> {
        self.blob(member, bytes, read::attributes)
    }

    pub(super) fn filter(self, bytes: &Bytes) -> Result<Option<Filter>> {
        self.blob("the filter", bytes, read::filter)
    }

    pub(super) fn password(self, bytes: &Bytes) -> Result<Option<icf::GuardedString>> {
        self.blob("the password", bytes, read::guarded_string)
    }

    pub(super) fn value(self, member: &str, bytes: &Bytes) -> Result<Value> {
        self.blob(member, bytes, read::value).map(Option::unwrap_or_default)
    }

    pub(super) fn schema(self, bytes: &Bytes) -> Result<Option<icf::Schema>> {
        self.blob("the schema", bytes, read::schema)
    }

    pub(super) fn whole_object(self, bytes: &Bytes) -> Result<Option<ConnectorObject>> {
        self.blob("the connector object", bytes, read::connector_object)
    }

    pub(super) fn object(self, message: envelope::ConnectorObject) -> Result<ConnectorObject> {
        self.object_of(message.object_class.into(), &message.attributes)
    }

    fn object_of(self, class: ObjectClass, attributes: &[u8]) -> Result<ConnectorObject> {
        read::object_attributes(attributes, class, self.limits).map_err(unreadable_object)
    }

    /// An absent message and one without value both mean no token.
    pub(super) fn token(self, message: Option<&envelope::SyncToken>) -> Result<Option<SyncToken>> {
        message.map_or(Ok(None), |token| self.blob("the sync token", &token.value, read::sync_token))
    }

    pub(super) fn delta(self, message: envelope::SyncDelta) -> Result<SyncDelta> {
        let missing = |part| move || ConnectorError::illegal_argument(format!("A sync delta has no {part}"));
        let delta_type = match envelope::SyncDeltaType::try_from(message.delta_type) {
            Ok(envelope::SyncDeltaType::CreateOrUpdate) => SyncDeltaType::CreateOrUpdate,
            Ok(envelope::SyncDeltaType::Create) => SyncDeltaType::Create,
            Ok(envelope::SyncDeltaType::Update) => SyncDeltaType::Update,
            Ok(envelope::SyncDeltaType::Delete) => SyncDeltaType::Delete,
            Err(_) => {
                let text = format!("A sync delta is of unknown type {}", message.delta_type);
                return Err(ConnectorError::illegal_argument(text));
            }
        };
        let object_class = class(message.object_class);
        let object = if message.connector_object.is_empty() {
            None
        } else {
            let class = object_class.clone().ok_or_else(missing("object class"))?;
            Some(self.object_of(class, &message.connector_object)?)
        };
        let delta = SyncDelta {
            token: self.token(message.token.as_ref())?.ok_or_else(missing("token"))?,
            delta_type,
            previous_uid: message.previous_uid.map(uid).transpose()?,
            object_class,
            uid: uid(message.uid.ok_or_else(missing("uid"))?)?,
            object,
        };
        delta.check()?;
        Ok(delta)
    }

    pub(super) fn script(self, message: Option<envelope::ScriptContext>) -> Result<Option<ScriptContext>> {
        let Some(message) = message else { return Ok(None) };
        let script = message.script.unwrap_or_default();
        let script = Script::try_new(script.script_language, script.script_text)?;
        if script.text.trim().is_empty() {
            return Err(ConnectorError::illegal_argument("Parameter 'scriptText' must not be blank."));
        }
        let arguments = self.blob("the script arguments", &message.script_arguments, read::map)?;
        Ok(Some(ScriptContext { script, arguments: arguments.unwrap_or_default() }))
    }
}

/// The class of a request. The empty text is a class like any other, one that no connector knows: this protocol has no
/// way to leave the class out.
#[expect(clippy::unnecessary_wraps, reason = "a peer of another protocol may leave it out")]
pub(super) fn named_class(name: String) -> Option<ObjectClass> {
    Some(ObjectClass::from(name))
}

/// A class; none for an empty text.
pub(super) fn class(name: String) -> Option<ObjectClass> {
    text(name).map(ObjectClass::from)
}

/// A text; none for an empty one.
pub(super) fn text(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

/// An identity; a blank revision is none.
pub(super) fn uid(message: envelope::Uid) -> Result<Uid> {
    Ok(Uid::try_new(message.value)?.with_revision(message.revision))
}

pub(super) fn uid_message(uid: &Uid) -> envelope::Uid {
    envelope::Uid { value: uid.value().to_owned(), revision: uid.revision().unwrap_or_default().to_owned() }
}

pub(super) fn locale(message: envelope::Locale) -> Locale {
    Locale { language: message.language, country: message.country, variant: message.variant }
}

pub(super) fn locale_message(locale: &Locale) -> envelope::Locale {
    envelope::Locale {
        language: locale.language.clone(),
        country: locale.country.clone(),
        variant: locale.variant.clone(),
    }
}

/// A blank cookie is none, an unknown policy says nothing.
pub(super) fn search_result(message: envelope::SearchResult) -> SearchResult {
    let count_policy = match envelope::CountPolicy::try_from(message.total_paged_results_policy) {
        Ok(envelope::CountPolicy::Estimate) => CountPolicy::Estimate,
        Ok(envelope::CountPolicy::Exact) => CountPolicy::Exact,
        Ok(envelope::CountPolicy::None) | Err(_) => CountPolicy::None,
    };
    SearchResult {
        paged_results_cookie: Some(message.paged_results_cookie).filter(|cookie| !cookie.trim().is_empty()),
        count_policy,
        total_paged_results: message.total_paged_results,
        remaining_paged_results: message.remaining_paged_results,
    }
}

pub(super) fn search_result_message(result: &SearchResult) -> envelope::SearchResult {
    let policy = match result.count_policy {
        CountPolicy::None => envelope::CountPolicy::None,
        CountPolicy::Estimate => envelope::CountPolicy::Estimate,
        CountPolicy::Exact => envelope::CountPolicy::Exact,
    };
    envelope::SearchResult {
        paged_results_cookie: result.paged_results_cookie.clone().unwrap_or_default(),
        total_paged_results_policy: policy.into(),
        total_paged_results: result.total_paged_results,
        remaining_paged_results: result.remaining_paged_results,
    }
}

/// Writes the members that hold encoded objects.
#[derive(Debug)]
pub(super) struct Writing {
    blobs: Blobs,
}

impl Writing {
    pub(super) fn new() -> Self {
        Self { blobs: Blobs::new(crate::binary::Profile::OpenIcf2) }
    }

    /// Options as they travel; empty ones need not.
    pub(super) fn options(&mut self, options: &OperationOptions) -> Result<Bytes> {
        if options.is_empty() { Ok(Bytes::new()) } else { self.all_options(options) }
    }

    /// Options as they travel where even empty ones do.
    pub(super) fn all_options(&mut self, options: &OperationOptions) -> Result<Bytes> {
        self.blobs.options(options).map_err(|error| unwritable("the options", error))
    }

    pub(super) fn attributes(&mut self, attributes: Option<&AttributeSet>) -> Result<Bytes> {
        attributes.map_or(Ok(Bytes::new()), |attributes| {
            self.blobs.attributes(attributes).map_err(|error| unwritable("the attributes", error))
        })
    }

    pub(super) fn filter(&mut self, filter: Option<&Filter>) -> Result<Bytes> {
        filter.map_or(Ok(Bytes::new()), |filter| {
            self.blobs.filter(filter).map_err(|error| unwritable("the filter", error))
        })
    }

    pub(super) fn password(&mut self, password: Option<&icf::GuardedString>) -> Result<Bytes> {
        password.map_or(Ok(Bytes::new()), |password| {
            self.blobs.guarded_string(password).map_err(|error| unwritable("the password", error))
        })
    }

    /// Null is no bytes at all.
    pub(super) fn value(&mut self, value: &Value) -> Result<Bytes> {
        if *value == Value::Null {
            return Ok(Bytes::new());
        }
        self.blobs.value(value).map_err(|error| unwritable("the value", error))
    }

    pub(super) fn schema(&mut self, schema: &icf::Schema) -> Result<Bytes> {
        self.blobs.schema(schema).map_err(|error| unwritable("the schema", error))
    }

    pub(super) fn whole_object(&mut self, object: &ConnectorObject) -> Result<Bytes> {
        self.blobs.connector_object(object).map_err(|error| unwritable("the object", error))
    }

    pub(super) fn object(&mut self, object: &ConnectorObject) -> Result<envelope::ConnectorObject> {
        Ok(envelope::ConnectorObject {
            object_class: object.object_class.as_str().to_owned(),
            attributes: self.object_attributes(object)?,
        })
    }

    /// The message that holds an object of a search.
    pub(super) fn object_frame(
        &mut self,
        frames: &mut Frames,
        id: i64,
        sequence: i64,
        object: &ConnectorObject,
    ) -> Result<Bytes> {
        frames.object(&mut self.blobs, id, sequence, object).map_err(|error| unwritable_object(object, error))
    }

    fn object_attributes(&mut self, object: &ConnectorObject) -> Result<Bytes> {
        self.blobs.object_attributes(object).map_err(|error| unwritable_object(object, error))
    }

    pub(super) fn token(&mut self, token: &SyncToken) -> Result<envelope::SyncToken> {
        self.value(token.value()).map(|value| envelope::SyncToken { value })
    }

    pub(super) fn delta(&mut self, delta: &SyncDelta) -> Result<envelope::SyncDelta> {
        delta.check()?;
        let delta_type = match delta.delta_type {
            SyncDeltaType::CreateOrUpdate => envelope::SyncDeltaType::CreateOrUpdate,
            SyncDeltaType::Create => envelope::SyncDeltaType::Create,
            SyncDeltaType::Update => envelope::SyncDeltaType::Update,
            SyncDeltaType::Delete => envelope::SyncDeltaType::Delete,
        };
        Ok(envelope::SyncDelta {
            token: Some(self.token(&delta.token)?),
            delta_type: delta_type.into(),
            previous_uid: delta.previous_uid.as_ref().map(uid_message),
            object_class: delta.class().map_or_else(String::new, |class| class.as_str().to_owned()),
            uid: Some(uid_message(&delta.uid)),
            connector_object: delta
                .object
                .as_ref()
                .map_or(Ok(Bytes::new()), |object| self.object_attributes(object))?,
        })
    }

    pub(super) fn script(
        &mut self,
        context: Option<&ScriptContext>,
    ) -> Result<Option<envelope::ScriptContext>> {
        let Some(context) = context else { return Ok(None) };
        let arguments = self.blobs.map(&context.arguments);
        Ok(Some(envelope::ScriptContext {
            script: Some(envelope::Script {
                script_language: context.script.language.clone(),
                script_text: context.script.text.clone(),
            }),
            script_arguments: arguments.map_err(|error| unwritable("the script arguments", error))?,
        }))
    }
}

pub(super) fn unreadable_object(error: DecodeError) -> ConnectorError {
    unreadable("a connector object", error)
}

fn unwritable_object(object: &ConnectorObject, error: EncodeError) -> ConnectorError {
    unwritable(&format!("the object {} of class {}", object.uid, object.object_class), error)
}
