//! Trees to streams of objects.

use bytes::BytesMut;

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
    /// What came before the body of the last object that was measured, if nothing else was written since.
    preamble: Vec<u8>,
}

/// A body above that size is not kept for the next object.
const KEPT_BODY: usize = 1 << 20;

impl Encoder {
    /// A writer at the beginning of a stream.
    #[must_use]
    pub fn new(profile: Profile) -> Self {
        Self {
            profile,
            echo: false,
            in_stream: false,
            names: Names::default(),
            body: Vec::new(),
            preamble: Vec::new(),
        }
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
        let known = self.names.len();
        self.preamble.clear();
        self.fill(fill)?;
        write_preamble(!self.in_stream, &self.names, known, out);
        self.in_stream = true;
        out.extend_from_slice(&self.body);
        Ok(())
    }

    /// Appends the stream of one object, the one that `fill` writes, after `before` has been told how many bytes that are
    /// and has made room for them.
    pub(crate) fn write_measured(
        &mut self,
        out: &mut BytesMut,
        before: impl FnOnce(usize, &mut BytesMut),
        fill: impl FnOnce(&mut Writer<'_>) -> Result<(), EncodeError>,
    ) -> Result<(), EncodeError> {
        self.names.restart();
        self.fill(fill)?;
        if self.preamble.is_empty() || !self.names.are_those_before() {
            self.preamble.clear();
            write_preamble(true, &self.names, 0, &mut self.preamble);
        }
        before(self.preamble.len() + self.body.len(), out);
        out.extend_from_slice(&self.preamble);
        out.extend_from_slice(&self.body);
        Ok(())
    }

    /// Writes the body.
    fn fill(
        &mut self,
        fill: impl FnOnce(&mut Writer<'_>) -> Result<(), EncodeError>,
    ) -> Result<(), EncodeError> {
        let known = self.names.len();
        if self.body.capacity() > KEPT_BODY {
            self.body = Vec::new();
        }
        self.body.clear();
        let mut writer = Writer::new(&mut self.names, &mut self.body, self.profile, self.echo);
        let filled = fill(&mut writer);
        if filled.is_err() {
            self.names.truncate(known);
            self.preamble.clear();
        }
        filled
    }

    /// Back to the beginning of a stream, keeping the memory.
    pub(crate) fn restart(&mut self) {
        self.names.restart();
        self.in_stream = false;
    }
}

/// Appends what stands before the body of an object: the header of the stream, if this is its first object, and the names
/// that are new.
fn write_preamble(first: bool, names: &Names, known: usize, out: &mut Vec<u8>) {
    if first {
        out.extend(MAGIC.to_be_bytes());
        out.extend(VERSION.to_be_bytes());
    }
    out.extend(length(names.len() - known).to_be_bytes());
    for (code, name) in names.since(known) {
        out.extend(length(name.len()).to_be_bytes());
        out.extend(name.as_bytes());
        out.extend(code.to_be_bytes());
    }
}

/// Names come from tables and from readers, both of which bound them far below 2 GiB.
fn length(length: usize) -> i32 {
    i32::try_from(length).unwrap_or(i32::MAX)
}
