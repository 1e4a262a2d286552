//! Trees to streams of objects.

use bytes::{BufMut, BytesMut};

use super::error::EncodeError;
use super::names::Names;
use super::profile::Profile;
use super::raw::{MAGIC, VERSION};
use super::tree::{self, Object};
use super::writer::Writer;

/// The stream of one object.
///
/// # Errors
/// When the object has no form in that profile.
pub fn encode_one(object: &Object, profile: Profile) -> Result<Vec<u8>, EncodeError> {
    let mut bytes = Vec::new();
    Encoder::new(profile).encode(object, &mut bytes)?;
    Ok(bytes)
}

/// Writes the objects of a stream. Each is written whole or not at all: one that fails leaves no byte and no name behind.
#[derive(Debug)]
pub struct Encoder {
    profile: Profile,
    echo: bool,
    in_stream: bool,
    names: Names,
    body: Vec<u8>,
}

/// A body above that size is not kept for the next object.
const KEPT_BODY: usize = 1 << 20;

impl Encoder {
    /// A writer at the beginning of a stream.
    #[must_use]
    pub fn new(profile: Profile) -> Self {
        Self { profile, echo: false, in_stream: false, names: Names::default(), body: Vec::new() }
    }

    /// Lets class values through that no release knows, for a peer that named them itself. Without this they are
    /// refused, because to any other peer they make the whole object unreadable.
    #[must_use]
    pub fn echoing_unknown_classes(mut self) -> Self {
        self.echo = true;
        self
    }

    /// Appends an object.
    ///
    /// # Errors
    /// When the object has no form in the profile; nothing is appended then.
    pub fn encode(&mut self, object: &Object, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        self.write(out, |w| tree::write(w, object))
    }

    /// Appends what `fill` writes.
    pub(crate) fn write(
        &mut self,
        out: &mut Vec<u8>,
        fill: impl FnOnce(&mut Writer<'_>) -> Result<(), EncodeError>,
    ) -> Result<(), EncodeError> {
        let known = self.fill(fill)?;
        out.reserve(self.size(known));
        self.emit(known, out);
        Ok(())
    }

    /// Appends, at the beginning of a stream, what `fill` writes, after `before` has been told how many bytes that are
    /// and has made room for them.
    pub(crate) fn write_measured(
        &mut self,
        out: &mut BytesMut,
        before: impl FnOnce(usize, &mut BytesMut),
        fill: impl FnOnce(&mut Writer<'_>) -> Result<(), EncodeError>,
    ) -> Result<(), EncodeError> {
        self.restart();
        let known = self.fill(fill)?;
        before(self.size(known), out);
        self.emit(known, out);
        Ok(())
    }

    /// Writes the body aside; answers how many names were known before.
    fn fill(
        &mut self,
        fill: impl FnOnce(&mut Writer<'_>) -> Result<(), EncodeError>,
    ) -> Result<usize, EncodeError> {
        let known = self.names.len();
        if self.body.capacity() > KEPT_BODY {
            self.body = Vec::new();
        }
        self.body.clear();
        let mut writer = Writer::new(&mut self.names, &mut self.body, self.profile, self.echo);
        if let Err(error) = fill(&mut writer) {
            self.names.truncate(known);
            return Err(error);
        }
        Ok(known)
    }

    /// How many bytes [`emit`](Self::emit) appends.
    fn size(&self, known: usize) -> usize {
        const WORD: usize = size_of::<i32>();
        let names: usize = self.names.since(known).map(|(_, name)| name.len() + 2 * WORD).sum();
        let header = if self.in_stream { 0 } else { 2 * WORD };
        header + WORD + names + self.body.len()
    }

    fn emit(&mut self, known: usize, out: &mut impl BufMut) {
        if !self.in_stream {
            out.put_i32(MAGIC);
            out.put_i32(VERSION);
            self.in_stream = true;
        }
        out.put_i32(length(self.names.len() - known));
        for (code, name) in self.names.since(known) {
            out.put_i32(length(name.len()));
            out.put_slice(name.as_bytes());
            out.put_i32(code);
        }
        out.put_slice(&self.body);
    }

    /// Back to the beginning of a stream, keeping the memory.
    pub(crate) fn restart(&mut self) {
        self.names.truncate(0);
        self.in_stream = false;
    }
}

/// Names come from tables and from readers, both of which bound them far below 2 GiB.
fn length(length: usize) -> i32 {
    i32::try_from(length).unwrap_or(i32::MAX)
}
