//! To the bytes of one-object streams.

use bytes::{Bytes, BytesMut};
use icf::{
    ApiConfiguration, AttributeSet, ConfigurationProperty, ConnectorInfo, ConnectorObject, Filter,
    GuardedString, OperationOptions, Schema, Value, ValueMap,
};

use super::{Write, Writer, attributes, configuration, containers, filter, options, schema, value};
use crate::binary::encoder::Encoder;
use crate::binary::error::EncodeError;
use crate::binary::profile::Profile;

/// Makes one-object streams. Keep one per operation: it keeps its memory from one stream to the next.
#[derive(Debug)]
pub struct Blobs {
    encoder: Encoder,
}

type Blob = Result<Bytes, EncodeError>;

impl Blobs {
    /// A maker of streams for peers of that profile. Types a peer named itself are written back to it even if no
    /// release knows them.
    #[must_use]
    pub fn new(profile: Profile) -> Self {
        Self { encoder: Encoder::new(profile).echoing_unknown_classes() }
    }

    fn one(&mut self, fill: impl FnOnce(&mut Writer<'_>) -> Write) -> Blob {
        self.encoder.restart();
        let mut bytes = Vec::new();
        self.encoder.write(&mut bytes, fill)?;
        Ok(bytes.into())
    }

    /// A set of attributes.
    ///
    /// # Errors
    /// When a name is blank or a value has no form in the profile.
    pub fn attributes(&mut self, attributes: &AttributeSet) -> Blob {
        self.one(|w| attributes::write_set(w, attributes))
    }

    /// The set of attributes of an object, uid and name first.
    ///
    /// # Errors
    /// As [`attributes`](Self::attributes).
    pub fn object_attributes(&mut self, object: &ConnectorObject) -> Blob {
        self.one(|w| attributes::write_object_attributes(w, object))
    }

    /// Appends the set of attributes of an object, after `before` has been told how many bytes that are and has made
    /// room for them.
    ///
    /// # Errors
    /// As [`attributes`](Self::attributes); nothing is appended then.
    pub(crate) fn append_object_attributes(
        &mut self,
        object: &ConnectorObject,
        out: &mut BytesMut,
        before: impl FnOnce(usize, &mut BytesMut),
    ) -> Write {
        self.encoder.write_measured(out, before, |w| attributes::write_object_attributes(w, object))
    }

    /// An object with its class.
    ///
    /// # Errors
    /// As [`attributes`](Self::attributes).
    pub fn connector_object(&mut self, object: &ConnectorObject) -> Blob {
        self.one(|w| attributes::write_object(w, object))
    }

    /// Operation options.
    ///
    /// # Errors
    /// When a value has no form in the profile.
    pub fn options(&mut self, options: &OperationOptions) -> Blob {
        self.one(|w| options::write(w, options))
    }

    /// A filter.
    ///
    /// # Errors
    /// As [`attributes`](Self::attributes), or when the profile has no such filter.
    pub fn filter(&mut self, filter: &Filter) -> Blob {
        self.one(|w| filter::write(w, filter))
    }

    /// A secret text.
    ///
    /// # Errors
    /// When it is longer than 2 GiB.
    pub fn guarded_string(&mut self, secret: &GuardedString) -> Blob {
        self.one(|w| value::write(w, &Value::GuardedString(secret.clone())))
    }

    /// Any value: that of a sync token, the result of a script.
    ///
    /// # Errors
    /// When it has no form in the profile.
    pub fn value(&mut self, value: &Value) -> Blob {
        self.one(|w| value::write(w, value))
    }

    /// A map, such as the arguments of a script.
    ///
    /// # Errors
    /// When a value has no form in the profile.
    pub fn map(&mut self, map: &ValueMap) -> Blob {
        self.one(|w| value::write_map(w, map))
    }

    /// A schema.
    ///
    /// # Errors
    /// When it names a type the profile does not have.
    pub fn schema(&mut self, schema: &Schema) -> Blob {
        self.one(|w| schema::write(w, schema))
    }

    /// What a server tells of its connectors.
    ///
    /// # Errors
    /// When a property has no form in the profile.
    pub fn connector_infos(&mut self, infos: &[ConnectorInfo]) -> Blob {
        self.one(|w| containers::items(w, "List", infos, configuration::write_info))
    }

    /// A list of configuration properties.
    ///
    /// # Errors
    /// When a property has no form in the profile.
    pub fn properties(&mut self, properties: &[ConfigurationProperty]) -> Blob {
        self.one(|w| containers::items(w, "List", properties, configuration::write_property))
    }

    /// A configuration.
    ///
    /// # Errors
    /// When a property has no form in the profile.
    pub fn configuration(&mut self, configuration: &ApiConfiguration) -> Blob {
        self.one(|w| configuration::write(w, configuration))
    }
}
