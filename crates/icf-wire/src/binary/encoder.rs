//! Trees to streams of objects.

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
        let known = self.names.len();
        self.body.clear();
        let mut writer = Writer::new(&mut self.names, &mut self.body, self.profile, self.echo);
        if let Err(error) = fill(&mut writer) {
            self.names.truncate(known);
            return Err(error);
        }
        self.emit(known, out);
        if self.body.capacity() > KEPT_BODY {
            self.body = Vec::new();
        }
        Ok(())
    }

    fn emit(&mut self, known: usize, out: &mut Vec<u8>) {
        let new_names = || self.names.since(known);
        let names: usize = new_names().map(|(_, name)| name.len() + 2 * size_of::<i32>()).sum();
        out.reserve(3 * size_of::<i32>() + names + self.body.len());
        if !self.in_stream {
            out.extend(MAGIC.to_be_bytes());
            out.extend(VERSION.to_be_bytes());
            self.in_stream = true;
        }
        out.extend(length(self.names.len() - known).to_be_bytes());
        for (code, name) in new_names() {
            out.extend(length(name.len()).to_be_bytes());
            out.extend(name.as_bytes());
            out.extend(code.to_be_bytes());
        }
        out.extend(&self.body);
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
