//! Objects of a search, written straight into the bytes that travel.
//!
//! Such a message is five protobuf messages inside each other around the encoded attributes. One after the other, each
//! would be measured once for every message around it, and the attributes copied twice. Here the attributes come first,
//! the lengths around them follow by addition, and then everything is written once, into memory that messages share.

use bytes::{Bytes, BytesMut};
use icf::ConnectorObject;
use prost::encoding::{WireType, encode_key, encode_varint, encoded_len_varint, key_len};

use crate::binary::{Blobs, EncodeError};

/// Memory for messages is taken in pieces of up to this many bytes. A piece goes back when no message in it is needed.
const PIECE: usize = 32 << 10;

/// Makes the messages of one search.
#[derive(Debug, Default)]
pub(super) struct Frames {
    /// Memory for the messages to come.
    free: BytesMut,
    /// What stands before the attributes of one.
    head: Vec<u8>,
    /// How many bytes there were so far: a short answer takes a small piece.
    total: usize,
}

impl Frames {
    /// The message that holds this object under that number, for the request of that id.
    pub(super) fn object(
        &mut self,
        blobs: &mut Blobs,
        id: i64,
        sequence: i64,
        object: &ConnectorObject,
    ) -> Result<Bytes, EncodeError> {
        let (total, head) = (self.total, &mut self.head);
        blobs.append_object_attributes(object, &mut self.free, |attributes, out| {
            let around = Around::new(id, sequence, object.object_class.as_str(), attributes);
            if out.capacity() < around.message {
                *out = BytesMut::with_capacity(around.message.max(total.min(PIECE)));
            }
            // Byte by byte, which a vector takes better.
            head.clear();
            around.write(head);
            out.extend_from_slice(head);
        })?;
        self.total = self.total.saturating_add(self.free.len());
        Ok(self.free.split().freeze())
    }
}

/// What stands around encoded attributes, with the bytes that each message has inside.
struct Around<'a> {
    id: i64,
    sequence: i64,
    class: &'a str,
    attributes: usize,
    object: usize,
    search: usize,
    operation: usize,
    response: usize,
    message: usize,
}

impl<'a> Around<'a> {
    const fn new(id: i64, sequence: i64, class: &'a str, attributes: usize) -> Self {
        let object = text(1, class) + field(2, attributes);
        let search = number(1, sequence) + field(3, object);
        let operation = field(10, search);
        let response = field(3, operation);
        let message = number(1, id) + field(3, response);
        Self { id, sequence, class, attributes, object, search, operation, response, message }
    }

    /// Writes everything up to the attributes, which are the last field of each message.
    fn write(&self, out: &mut Vec<u8>) {
        put_number(1, self.id, out);
        begin(3, self.response, out);
        begin(3, self.operation, out);
        begin(10, self.search, out);
        put_number(1, self.sequence, out);
        begin(3, self.object, out);
        if !self.class.is_empty() {
            begin(1, self.class.len(), out);
            out.extend_from_slice(self.class.as_bytes());
        }
        begin(2, self.attributes, out);
    }
}

/// The size of a field with so many bytes inside.
const fn field(tag: u32, inside: usize) -> usize {
    key_len(tag) + encoded_len_varint(inside as u64) + inside
}

/// The size of a text, which is left out if it is empty.
const fn text(tag: u32, text: &str) -> usize {
    if text.is_empty() { 0 } else { field(tag, text.len()) }
}

/// The size of a number, which is left out if it is 0.
const fn number(tag: u32, value: i64) -> usize {
    if value == 0 { 0 } else { key_len(tag) + encoded_len_varint(value.cast_unsigned()) }
}

fn put_number(tag: u32, value: i64, out: &mut Vec<u8>) {
    if value != 0 {
        encode_key(tag, WireType::Varint, out);
        encode_varint(value.cast_unsigned(), out);
    }
}

fn begin(tag: u32, inside: usize, out: &mut Vec<u8>) {
    encode_key(tag, WireType::LengthDelimited, out);
    encode_varint(inside as u64, out);
}
