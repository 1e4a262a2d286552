//! The part of BER that LDAP uses (RFC 4511 5.1): tags of one byte, definite lengths, primitive strings.
//!
//! A [`Reader`] lends slices of the message it reads, so that a string is copied once, into the value it becomes. A
//! [`Writer`] wipes what it wrote, for requests carry passwords.

mod reader;
mod writer;

pub(crate) use reader::{Malformed, Reader, element_length, number};
pub(crate) use writer::Writer;

/// Universal tags.
pub(crate) mod tag {
    pub(crate) const BOOLEAN: u8 = 0x01;
    pub(crate) const INTEGER: u8 = 0x02;
    pub(crate) const OCTETS: u8 = 0x04;
    pub(crate) const ENUMERATED: u8 = 0x0a;
    pub(crate) const SEQUENCE: u8 = 0x30;
    pub(crate) const SET: u8 = 0x31;
}
