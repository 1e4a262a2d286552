//! The arguments of a method, one after the other. Each may be null; whether it must not be is the dispatcher's to say.

use std::vec::IntoIter;

use icf::{
    AttributeSet, ConnectorError, ErrorKind, Filter, GuardedString, ObjectClass, OperationOptions, Result,
    Script, ScriptContext, SyncToken, Uid, Value,
};

use super::delta;
use crate::binary::DecodeError;
use crate::binary::raw::Raw;
use crate::binary::typed::{attributes, containers, filter, options, value};
use crate::rpc::UpdateKind;

/// The arguments that have not been read.
pub(super) struct Arguments<'a>(IntoIter<Raw<'a>>);

impl<'a> Arguments<'a> {
    /// Those of a request; a null list is an empty one.
    pub(super) fn read(request: &Raw<'a>) -> Result<Self> {
        Ok(Self(containers::members(request, "Arguments")?.into_iter()))
    }

    /// The next one, none for null; the class of the error for a missing one is that of Java servers.
    fn next(&mut self) -> Result<Option<Raw<'a>>> {
        let next = self.0.next();
        let next = next.ok_or_else(|| {
            ConnectorError::maybe(ErrorKind::Other("java.util.NoSuchElementException".to_owned()), None)
        })?;
        Ok((!next.is_null()).then_some(next))
    }

    fn of<T>(
        &mut self,
        read: impl FnOnce(&Raw<'a>) -> std::result::Result<T, DecodeError>,
    ) -> Result<Option<T>> {
        Ok(self.next()?.map(|raw| read(&raw)).transpose()?)
    }

    pub(super) fn object_class(&mut self) -> Result<Option<ObjectClass>> {
        self.of(value::read_object_class)
    }

    pub(super) fn uid(&mut self) -> Result<Option<Uid>> {
        self.of(attributes::read_uid)
    }

    pub(super) fn text(&mut self) -> Result<Option<String>> {
        self.of(containers::read_text)
    }

    pub(super) fn attributes(&mut self) -> Result<Option<AttributeSet>> {
        self.of(attributes::read_set)
    }

    pub(super) fn filter(&mut self) -> Result<Option<Filter>> {
        self.of(filter::read)
    }

    pub(super) fn options(&mut self) -> Result<OperationOptions> {
        Ok(self.of(options::read)?.unwrap_or_default())
    }

    pub(super) fn password(&mut self) -> Result<Option<GuardedString>> {
        self.of(|raw| match value::read(raw)? {
            Value::GuardedString(password) => Ok(password),
            other => Err(DecodeError::refused(format!("Expected GuardedString, got {}", other.type_name()))),
        })
    }

    pub(super) fn sync_token(&mut self) -> Result<Option<SyncToken>> {
        let value = self.of(|raw| {
            raw.expect("SyncToken")?;
            raw.object("value")?.map_or(Ok(Value::Null), |value| value::read(&value))
        })?;
        value.map(SyncToken::try_new).transpose()
    }

    pub(super) fn script(&mut self) -> Result<Option<ScriptContext>> {
        let Some(raw) = self.next()? else { return Ok(None) };
        raw.expect("ScriptContext")?;
        let language = raw.text("scriptLanguage")?.unwrap_or_default().into_owned();
        let text = raw.object("scriptText")?.map(|text| containers::read_text(&text)).transpose()?;
        let arguments = raw.object("scriptArguments")?.map(|map| value::read_map(&map)).transpose()?;
        let script = Script::try_new(language, text.unwrap_or_default())?;
        Ok(Some(ScriptContext { script, arguments: arguments.unwrap_or_default() }))
    }

    /// Differences, taken apart into updates.
    pub(super) fn deltas(&mut self) -> Result<Vec<(UpdateKind, AttributeSet)>> {
        self.next()?.map_or(Ok(Vec::new()), |set| delta::read(&set))
    }
}
