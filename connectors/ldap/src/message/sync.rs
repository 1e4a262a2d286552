//! Controls and messages of servers that tell changes themselves: content synchronisation (RFC 4533), and DirSync of
//! Active Directory ([MS-ADTS] 3.1.1.3.4.1.3).

use super::control::{Control, oid};
use crate::ber::{Malformed, Reader, number, tag};

/// An entry's place in a content synchronisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Present,
    Add,
    Modify,
    Delete,
}

/// Asks for the content, or for what changed in it since the cookie (RFC 4533 2.2, mode refreshOnly).
pub(crate) fn content_request(cookie: Option<&[u8]>) -> Control {
    Control::new(oid::SYNC_REQUEST, true).with(|value| {
        value.sequence(|inside| {
            inside.enumerated(1);
            if let Some(cookie) = cookie {
                inside.octets(cookie);
            }
        });
    })
}

/// The state of an entry and its UUID (RFC 4533 2.3).
pub(crate) fn entry_state(value: &[u8]) -> Result<(State, [u8; 16]), Malformed> {
    let mut inside = Reader::new(value).sequence()?;
    let state = match inside.enumerated()? {
        0 => State::Present,
        1 => State::Add,
        2 => State::Modify,
        3 => State::Delete,
        _ => return Err(Malformed("an unknown state of an entry")),
    };
    Ok((state, uuid(inside.octets()?)?))
}

fn uuid(bytes: &[u8]) -> Result<[u8; 16], Malformed> {
    bytes.try_into().map_err(|_| Malformed("a UUID that has not 16 bytes"))
}

/// The cookie at the end of a content synchronisation (RFC 4533 2.4).
pub(crate) fn content_done(value: &[u8]) -> Result<Option<Vec<u8>>, Malformed> {
    let mut inside = Reader::new(value).sequence()?;
    Ok(inside.optional(tag::OCTETS)?.map(<[u8]>::to_vec))
}

/// What a server says between entries (RFC 4533 2.5).
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum SyncInfo {
    /// These entries are gone, or were not changed.
    Ids { deleted: bool, ids: Vec<[u8; 16]> },
    /// A cookie, or the end of a phase.
    Other,
}

/// Reads a sync info message.
pub(crate) fn sync_info(value: &[u8]) -> Result<SyncInfo, Malformed> {
    let (choice, content) = Reader::new(value).element()?;
    if choice != 0xa3 {
        return Ok(SyncInfo::Other);
    }
    let mut inside = Reader::new(content);
    inside.optional(tag::OCTETS)?;
    let deleted = inside.optional(tag::BOOLEAN)?.map(number).transpose()?.is_some_and(|truth| truth != 0);
    let mut set = inside.set()?;
    let mut ids = Vec::new();
    while !set.is_empty() {
        ids.push(uuid(set.octets()?)?);
    }
    Ok(SyncInfo::Ids { deleted, ids })
}

/// What DirSync is asked for: values of attributes that were added and removed one by one, parents before children, and
/// only what the principal may see, for which it needs no right to replicate. 0x80000801 as the 32-bit number it is.
const DIR_SYNC_FLAGS: i64 = -0x7fff_f7ff;

/// Asks for what changed since the cookie; an empty one asks for everything.
pub(crate) fn dir_sync(cookie: &[u8]) -> Control {
    Control::new(oid::DIR_SYNC, true).with(|value| {
        value.sequence(|inside| {
            inside.integer(DIR_SYNC_FLAGS);
            inside.integer(i32::MAX.into());
            inside.octets(cookie);
        });
    })
}

/// Whether there is more, and the cookie with which to ask for it.
pub(crate) fn dir_sync_done(value: &[u8]) -> Result<(bool, Vec<u8>), Malformed> {
    let mut inside = Reader::new(value).sequence()?;
    let more = inside.integer()? != 0;
    inside.integer()?;
    Ok((more, inside.octets()?.to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn content_is_asked_for_as_rfc_4533_has_it() {
        assert_eq!(content_request(None).value.unwrap(), [0x30, 3, 0x0a, 1, 1]);
        assert_eq!(content_request(Some(b"c")).value.unwrap(), [0x30, 6, 0x0a, 1, 1, 4, 1, b'c']);
    }

    #[test]
    fn states_and_sets_are_understood() {
        let state = [&[0x30, 21, 0x0a, 1, 3, 4, 16], [7; 16].as_slice()].concat();
        assert_eq!(entry_state(&state), Ok((State::Delete, [7; 16])));
        assert!(entry_state(&state[..22]).is_err());
        let set = [&[0xa3, 24, 4, 1, b'c', 1, 1, 0xff, 0x31, 16], [0].as_slice()].concat();
        assert!(sync_info(&set).is_err());
        let set = [&[0xa3, 23, 1, 1, 0xff, 0x31, 18, 4, 16], [9; 16].as_slice()].concat();
        assert_eq!(sync_info(&set), Ok(SyncInfo::Ids { deleted: true, ids: vec![[9; 16]] }));
        let set = [&[0xa3, 20, 0x31, 18, 4, 16], [9; 16].as_slice()].concat();
        assert_eq!(sync_info(&set), Ok(SyncInfo::Ids { deleted: false, ids: vec![[9; 16]] }));
        assert_eq!(sync_info(&[0xa1, 0]), Ok(SyncInfo::Other));
        assert_eq!(content_done(&[0x30, 6, 4, 1, b'c', 1, 1, 0xff]), Ok(Some(b"c".to_vec())));
        assert_eq!(content_done(&[0x30, 0]), Ok(None));
    }

    #[test]
    fn dir_sync_flags_are_a_signed_number_of_four_bytes() {
        let expected = [0x30, 14, 2, 4, 0x80, 0, 0x08, 0x01, 2, 4, 0x7f, 0xff, 0xff, 0xff, 4, 0];
        assert_eq!(dir_sync(b"").value.unwrap(), expected);
        let answer = [0x30, 12, 2, 1, 1, 2, 1, 0, 4, 4, b'M', b'S', b'D', b'S'];
        assert_eq!(dir_sync_done(&answer), Ok((true, b"MSDS".to_vec())));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let _ = (entry_state(&bytes), content_done(&bytes), sync_info(&bytes), dir_sync_done(&bytes));
        }
    }
}
