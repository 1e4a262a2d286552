//! Writing objects field by field. Whoever calls decides what is written; this is the grammar.

use super::class::ClassRef;
use super::error::EncodeError;
use super::limits::Limits;
use super::names::Names;
use super::profile::Profile;
use super::raw::tag;
use super::registry::{self, Registered};

type Result<T = ()> = std::result::Result<T, EncodeError>;

/// Writes the objects of one top-level object into a buffer.
#[derive(Debug)]
pub(crate) struct Writer<'a> {
    names: &'a mut Names,
    out: &'a mut Vec<u8>,
    profile: Profile,
    /// Whether type names that no release knows may be written, because the peer used them first.
    echo: bool,
    depth: usize,
}

impl<'a> Writer<'a> {
    pub(crate) const fn new(
        names: &'a mut Names,
        out: &'a mut Vec<u8>,
        profile: Profile,
        echo: bool,
    ) -> Self {
        Self { names, out, profile, echo, depth: 0 }
    }

    pub(crate) const fn profile(&self) -> Profile {
        self.profile
    }

    /// Writes null.
    pub(crate) fn null(&mut self) -> Result {
        self.put([tag::TYPE_NULL, tag::END])
    }

    /// Writes an object of a known type whose fields `fill` writes.
    #[inline]
    pub(crate) fn object(
        &mut self,
        type_name: &'static str,
        fill: impl FnOnce(&mut Self) -> Result,
    ) -> Result {
        let [a, b, c, d] = self.names.intern(type_name).to_be_bytes();
        self.put([tag::TYPE_NAMED, a, b, c, d])?;
        self.inside(fill)
    }

    /// Writes an object of a type that may be younger than the peer.
    pub(crate) fn registered(
        &mut self,
        registered: &'static Registered,
        fill: impl FnOnce(&mut Self) -> Result,
    ) -> Result {
        if !self.profile.has(registered.since) {
            return Err(EncodeError::NoSuchType(registered.name.to_owned()));
        }
        self.object(registered.name, fill)
    }

    /// Writes an array.
    pub(crate) fn array(&mut self, component: &ClassRef, fill: impl FnOnce(&mut Self) -> Result) -> Result {
        self.out.push(tag::TYPE_ARRAY);
        self.class(component)?;
        self.inside(fill)
    }

    #[inline]
    fn inside(&mut self, fill: impl FnOnce(&mut Self) -> Result) -> Result {
        if self.depth == Limits::DEPTH {
            return Err(EncodeError::TooDeep(Limits::DEPTH));
        }
        self.depth += 1;
        fill(self)?;
        self.depth -= 1;
        self.out.push(tag::END);
        Ok(())
    }

    /// Writes a class value.
    pub(crate) fn class(&mut self, class: &ClassRef) -> Result {
        let code = match registry::find(class.name()) {
            Some(registered) if self.profile.has(registered.since) => self.names.intern(registered.name),
            None if self.echo => self.names.intern_owned(class.name()),
            _ => return Err(EncodeError::NoSuchType(class.to_string())),
        };
        if class.dimensions() > Limits::DEPTH {
            return Err(EncodeError::TooDeep(Limits::DEPTH));
        }
        self.out.extend(std::iter::repeat_n(tag::TYPE_ARRAY, class.dimensions()));
        self.out.push(tag::TYPE_NAMED);
        self.put(code.to_be_bytes())?;
        Ok(())
    }

    /// Writes a field without a name.
    #[inline]
    pub(crate) fn anonymous(&mut self, payload: impl FnOnce(&mut Self) -> Result) -> Result {
        self.put([tag::FIELD_ANONYMOUS, 0, 0, 0, 0])?;
        self.measured(payload)
    }

    /// Writes a field with a name.
    #[inline]
    pub(crate) fn named(&mut self, name: &'static str, payload: impl FnOnce(&mut Self) -> Result) -> Result {
        let [a, b, c, d] = self.names.intern(name).to_be_bytes();
        self.put([tag::FIELD_NAMED, a, b, c, d, 0, 0, 0, 0])?;
        self.measured(payload)
    }

    /// Writes what the four bytes before it are to be the length of.
    #[inline]
    fn measured(&mut self, payload: impl FnOnce(&mut Self) -> Result) -> Result {
        let start = self.out.len();
        payload(self)?;
        let length = self.out.len() - start;
        let Ok(length) = i32::try_from(length) else { return Err(EncodeError::TooLong) };
        if let Some(place) = self.out.get_mut(start - size_of::<i32>()..).and_then(<[u8]>::first_chunk_mut) {
            *place = length.to_be_bytes();
        }
        Ok(())
    }

    pub(crate) fn i8(&mut self, value: i8) -> Result {
        self.put(value.to_be_bytes())
    }

    pub(crate) fn bool(&mut self, value: bool) -> Result {
        self.put([u8::from(value)])
    }

    pub(crate) fn i32(&mut self, value: i32) -> Result {
        self.put(value.to_be_bytes())
    }

    pub(crate) fn i64(&mut self, value: i64) -> Result {
        self.put(value.to_be_bytes())
    }

    /// Not-a-number has one form only.
    pub(crate) fn f64(&mut self, value: f64) -> Result {
        let bits = if value.is_nan() { 0x7ff8_0000_0000_0000 } else { value.to_bits() };
        self.put(bits.to_be_bytes())
    }

    /// Cannot fail; answers a result so that every write reads alike.
    #[inline]
    #[allow(clippy::unnecessary_wraps, reason = "see above")]
    fn put<const N: usize>(&mut self, bytes: [u8; N]) -> Result {
        self.out.extend_from_slice(&bytes);
        Ok(())
    }

    #[inline]
    pub(crate) fn blob(&mut self, bytes: &[u8]) -> Result {
        let Ok(length) = i32::try_from(bytes.len()) else { return Err(EncodeError::TooLong) };
        self.put(length.to_be_bytes())?;
        self.out.extend_from_slice(bytes);
        Ok(())
    }

    pub(crate) fn utf8(&mut self, text: &str) -> Result {
        self.blob(text.as_bytes())
    }

    /// Writes a text field, nothing for null.
    #[inline]
    pub(crate) fn text_field(&mut self, name: &'static str, text: Option<&str>) -> Result {
        match text {
            Some(text) => self.named(name, |w| w.utf8(text)),
            None => Ok(()),
        }
    }

    /// Writes a truth value field.
    pub(crate) fn bool_field(&mut self, name: &'static str, value: bool) -> Result {
        self.named(name, |w| w.bool(value))
    }

    /// Writes a number field.
    pub(crate) fn i32_field(&mut self, name: &'static str, value: i32) -> Result {
        self.named(name, |w| w.i32(value))
    }

    /// Writes a number field.
    pub(crate) fn i64_field(&mut self, name: &'static str, value: i64) -> Result {
        self.named(name, |w| w.i64(value))
    }

    /// Writes a class field, nothing for null.
    pub(crate) fn class_field(&mut self, name: &'static str, class: Option<&ClassRef>) -> Result {
        class.map_or(Ok(()), |class| self.named(name, |w| w.class(class)))
    }
}
