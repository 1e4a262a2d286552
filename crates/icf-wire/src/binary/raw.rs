//! Objects as they lie in the bytes: a type and fields, looked at without copying.
//!
//! Fields are only as deep as asked for: the payload of a field nobody wants is never parsed, so unknown content in it
//! cannot hurt. That is also how Java peers read.

use std::borrow::Cow;
use std::cell::Cell;

use super::class::ClassRef;
use super::cursor::Cursor;
use super::error::DecodeError;
use super::limits::Limits;
use super::pool::{Name, Pool};
use super::registry::Registered;

type Result<T> = std::result::Result<T, DecodeError>;

pub(crate) const MAGIC: i32 = 0xFAFB;
pub(crate) const VERSION: i32 = 2;

pub(crate) mod tag {
    pub(crate) const TYPE_NULL: u8 = 0x3C;
    pub(crate) const TYPE_NAMED: u8 = 0x3D;
    pub(crate) const TYPE_ARRAY: u8 = 0x3E;
    pub(crate) const FIELD_ANONYMOUS: u8 = 0x46;
    pub(crate) const FIELD_NAMED: u8 = 0x47;
    pub(crate) const END: u8 = 0x48;
}

/// What all objects of one top-level object share.
#[derive(Debug)]
pub(crate) struct Context<'a> {
    pool: &'a Pool<'a>,
    limits: &'a Limits,
    objects: Cell<usize>,
}

impl<'a> Context<'a> {
    pub(crate) const fn new(pool: &'a Pool<'a>, limits: &'a Limits) -> Self {
        Self { pool, limits, objects: Cell::new(0) }
    }

    pub(crate) const fn limits(&self) -> &'a Limits {
        self.limits
    }

    fn count_object(&self) -> Result<()> {
        let objects = self.objects.get() + 1;
        self.objects.set(objects);
        let limit = self.limits.objects;
        if objects > limit {
            return Err(DecodeError::Limit { what: "values in an object", limit });
        }
        Ok(())
    }
}

/// Runs `read` on the object of a one-object stream. Bytes after the object are ignored, as Java peers do.
pub(crate) fn one<T>(bytes: &[u8], limits: &Limits, read: impl FnOnce(&Raw<'_>) -> Result<T>) -> Result<T> {
    if bytes.len() > limits.object_bytes {
        return Err(DecodeError::Limit { what: "bytes in an object", limit: limits.object_bytes });
    }
    let mut cursor = Cursor::new(bytes);
    header(&mut cursor)?;
    let mut pool = Pool::default();
    pool.read(&mut cursor, limits)?;
    let context = Context::new(&pool, limits);
    read(&Raw::read(&mut cursor, &context, 1)?)
}

/// Reads magic number and version; a wrong magic number is reported before more is asked for.
pub(crate) fn header(cursor: &mut Cursor<'_>) -> Result<()> {
    match cursor.i32()? {
        MAGIC => {}
        other => return Err(DecodeError::BadMagic(other)),
    }
    match cursor.i32()? {
        VERSION => Ok(()),
        other => Err(DecodeError::BadVersion(other)),
    }
}

/// A type as it lies in the bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum RawClass<'a> {
    /// No type: the object is null.
    Null,
    /// A type, or that many dimensions of array around it.
    Named { name: &'a Name<'a>, dimensions: usize },
}

impl<'a> RawClass<'a> {
    #[inline]
    fn read(cursor: &mut Cursor<'a>, context: &'a Context<'a>) -> Result<Self> {
        let mut dimensions = 0;
        loop {
            match cursor.u8()? {
                tag::TYPE_NULL if dimensions == 0 => return Ok(Self::Null),
                tag::TYPE_NULL => return Err(DecodeError::refused("An array has no type of elements")),
                tag::TYPE_NAMED => {
                    return Ok(Self::Named { name: context.pool.get(cursor.i32()?)?, dimensions });
                }
                tag::TYPE_ARRAY => {
                    dimensions += 1;
                    if dimensions > context.limits.depth {
                        let limit = context.limits.depth;
                        return Err(DecodeError::Limit { what: "dimensions of an array", limit });
                    }
                }
                other => return Err(DecodeError::BadTypeTag(other)),
            }
        }
    }

    /// As a value that outlives the bytes; `None` for null.
    pub(crate) fn to_class(self) -> Option<ClassRef> {
        match self {
            Self::Null => None,
            Self::Named { name, dimensions } => {
                Some(ClassRef::of(name.text.clone().into_owned(), dimensions))
            }
        }
    }
}

/// The name of a field, if it has one, and its payload.
pub(crate) type Field<'a> = (Option<&'a str>, Cursor<'a>);

/// Fields that are kept when an object is read. Most objects have no more, and need not be gone through again.
const FEW: usize = 2;

/// An object as it lies in the bytes.
#[derive(Debug)]
pub(crate) struct Raw<'a> {
    context: &'a Context<'a>,
    class: RawClass<'a>,
    /// The first fields.
    few: [Field<'a>; FEW],
    count: usize,
    /// All other fields, checked to be whole; without the end mark.
    others: &'a [u8],
    depth: usize,
}

impl<'a> Raw<'a> {
    /// Reads an object and leaves the cursor behind it.
    pub(crate) fn read(cursor: &mut Cursor<'a>, context: &'a Context<'a>, depth: usize) -> Result<Self> {
        let limit = context.limits.depth.min(Limits::DEPTH);
        if depth > limit {
            return Err(DecodeError::Limit { what: "levels of objects inside each other", limit });
        }
        context.count_object()?;
        let class = RawClass::read(cursor, context)?;
        let mut few = [(None, Cursor::new(&[])); FEW];
        let mut count = 0;
        let mut start = cursor.rest();
        let mut end = start;
        while let Some(field) = next_field(cursor, context)? {
            end = cursor.rest();
            if let Some(place) = few.get_mut(count) {
                *place = field;
                start = end;
            }
            count += 1;
        }
        let (others, _) = start.split_at(start.len() - end.len());
        Ok(Self { context, class, few, count, others, depth })
    }

    /// How many fields there are.
    pub(crate) const fn count(&self) -> usize {
        self.count
    }

    pub(crate) const fn class(&self) -> RawClass<'a> {
        self.class
    }

    pub(crate) const fn limits(&self) -> &'a Limits {
        self.context.limits()
    }

    pub(crate) const fn is_null(&self) -> bool {
        matches!(self.class, RawClass::Null)
    }

    /// The type, unless the object is null or an array.
    pub(crate) fn name(&self) -> Option<&'a Name<'a>> {
        match self.class {
            RawClass::Named { name, dimensions: 0 } => Some(name),
            _ => None,
        }
    }

    /// The type as far as this reader knows it.
    pub(crate) fn registered(&self) -> Option<&'static Registered> {
        self.name()?.registered
    }

    /// The wire name of the type for messages.
    pub(crate) fn type_name(&self) -> Cow<'a, str> {
        match self.class {
            RawClass::Null => Cow::Borrowed("null"),
            RawClass::Named { name, dimensions: 0 } => name.text.clone(),
            RawClass::Named { .. } => Cow::Borrowed("array"),
        }
    }

    /// Whether the object is of that type.
    #[inline]
    pub(crate) fn is(&self, type_name: &str) -> bool {
        self.name().is_some_and(|name| name.text == type_name)
    }

    /// Fails unless the object is of that type.
    #[inline]
    pub(crate) fn expect(&self, type_name: &'static str) -> Result<()> {
        if self.is(type_name) {
            return Ok(());
        }
        Err(DecodeError::refused(format!("Expected {type_name}, got {}", self.type_name())))
    }

    /// All fields in order: name, if any, and payload.
    #[inline]
    pub(crate) const fn fields(&self) -> Fields<'_, 'a> {
        Fields { raw: self, next: 0, others: Cursor::new(self.others) }
    }

    /// The payload of the field of that name; the last one counts.
    #[inline]
    pub(crate) fn named(&self, name: &str) -> Option<Cursor<'a>> {
        let is_it = |field: &&Field<'a>| field.0 == Some(name);
        if self.count > FEW {
            return self.fields().filter(|field| is_it(&field)).last().map(|(_, payload)| payload);
        }
        self.few.iter().take(self.count).rev().find(is_it).map(|(_, payload)| *payload)
    }

    /// The payloads of the fields without a name, in order.
    #[inline]
    pub(crate) const fn anonymous(&self) -> Anonymous<'_, 'a> {
        Anonymous(self.fields())
    }

    /// The payload of the first field without a name.
    pub(crate) fn content(&self) -> Result<Cursor<'a>> {
        match self.few.first() {
            Some((None, payload)) if self.count > 0 => Ok(*payload),
            _ => self.anonymous().next().ok_or(DecodeError::NoContent),
        }
    }

    /// The object in a payload. What follows it there is ignored.
    pub(crate) fn nested(&self, mut payload: Cursor<'a>) -> Result<Self> {
        Self::read(&mut payload, self.context, self.depth + 1)
    }

    /// Reads the object in a payload. Where reading recurs this takes the place of [`nested`](Self::nested), since an
    /// object that is handed on by value takes its place on the stack several times in unoptimised builds.
    pub(crate) fn read_nested<T>(
        &self,
        payload: Cursor<'a>,
        read: impl FnOnce(&Self) -> Result<T>,
    ) -> Result<T> {
        match &self.nested(payload) {
            Ok(object) => read(object),
            Err(error) => Err(error.clone()),
        }
    }

    /// The objects in the fields without a name.
    pub(crate) fn items(&self) -> impl Iterator<Item = Result<Self>> + use<'_, 'a> {
        self.anonymous().map(|payload| self.nested(payload))
    }

    /// The object in a named field; `None` if the field is absent or holds null.
    pub(crate) fn object(&self, name: &str) -> Result<Option<Self>> {
        let Some(payload) = self.named(name) else { return Ok(None) };
        self.nested(payload).map(|object| (!object.is_null()).then_some(object))
    }

    /// The text in a named field; `None` if the field is absent.
    pub(crate) fn text(&self, name: &str) -> Result<Option<Cow<'a, str>>> {
        match self.named(name) {
            Some(mut payload) => payload.utf8(self.limits()).map(Some),
            None => Ok(None),
        }
    }

    /// The number in a named field.
    pub(crate) fn i32(&self, name: &str, default: i32) -> Result<i32> {
        self.named(name).map_or(Ok(default), |mut payload| payload.i32())
    }

    /// The number in a named field.
    pub(crate) fn i64(&self, name: &str, default: i64) -> Result<i64> {
        self.named(name).map_or(Ok(default), |mut payload| payload.i64())
    }

    /// The truth value in a named field.
    pub(crate) fn bool(&self, name: &str, default: bool) -> Result<bool> {
        self.named(name).map_or(Ok(default), |mut payload| payload.bool())
    }

    /// The class in a named field.
    pub(crate) fn class_field(&self, name: &str) -> Result<Option<ClassRef>> {
        let Some(payload) = self.named(name) else { return Ok(None) };
        self.class_in(payload).map(RawClass::to_class)
    }

    /// The class in a payload.
    pub(crate) fn class_in(&self, mut payload: Cursor<'a>) -> Result<RawClass<'a>> {
        RawClass::read(&mut payload, self.context)
    }
}

/// The fields of an object in order. Small, because reading recurs with one of these on the stack at every level.
#[derive(Debug)]
pub(crate) struct Fields<'r, 'a> {
    raw: &'r Raw<'a>,
    next: usize,
    others: Cursor<'a>,
}

impl<'a> Iterator for Fields<'_, 'a> {
    type Item = Field<'a>;

    #[inline]
    fn next(&mut self) -> Option<Field<'a>> {
        if self.next == self.raw.count {
            return None;
        }
        let place = self.next;
        self.next += 1;
        match self.raw.few.get(place) {
            Some(field) => Some(*field),
            // The fields were checked when the object was read, so none of them fails.
            None => next_field(&mut self.others, self.raw.context).ok().flatten(),
        }
    }
}

/// The payloads of the fields without a name.
#[derive(Debug)]
pub(crate) struct Anonymous<'r, 'a>(Fields<'r, 'a>);

impl<'a> Iterator for Anonymous<'_, 'a> {
    type Item = Cursor<'a>;

    #[inline]
    fn next(&mut self) -> Option<Cursor<'a>> {
        loop {
            if let (None, payload) = self.0.next()? {
                return Some(payload);
            }
        }
    }
}

/// One field and the name it has, if any; `None` at the end mark.
#[inline]
fn next_field<'a>(cursor: &mut Cursor<'a>, context: &'a Context<'a>) -> Result<Option<Field<'a>>> {
    let name = match cursor.u8()? {
        tag::FIELD_ANONYMOUS => None,
        tag::FIELD_NAMED => Some(context.pool.get(cursor.i32()?)?.text.as_ref()),
        tag::END => return Ok(None),
        other => return Err(DecodeError::BadFieldTag(other)),
    };
    let payload = cursor.blob(context.limits)?;
    Ok(Some((name, Cursor::new(payload))))
}
