//! Takes elements off a slice.

use super::tag;

/// The bytes are not what the protocol allows there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("malformed BER: {0}")]
pub(crate) struct Malformed(pub(crate) &'static str);

/// What is left of the content of an element.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

/// Length of the header and of the content of the element that the bytes begin with; none as long as that is not known.
///
/// # Errors
/// A tag or length that LDAP does not use.
pub(crate) fn element_length(bytes: &[u8]) -> Result<Option<(usize, usize)>, Malformed> {
    let [tag, first, rest @ ..] = bytes else { return Ok(None) };
    if tag & 0x1f == 0x1f {
        return Err(Malformed("a tag of several bytes"));
    }
    if *first < 0x80 {
        return Ok(Some((2, usize::from(*first))));
    }
    let count = usize::from(first & 0x7f);
    if count == 0 || count > 4 {
        return Err(Malformed("a length that is indefinite or has more than four bytes"));
    }
    let Some(digits) = rest.get(..count) else { return Ok(None) };
    let length = digits.iter().fold(0_u64, |length, digit| length << 8 | u64::from(*digit));
    let length = usize::try_from(length).map_err(|_| Malformed("a length beyond this machine"))?;
    Ok(Some((2 + count, length)))
}

impl<'a> Reader<'a> {
    /// Reads these bytes.
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// Whether nothing is left.
    pub(crate) const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The next element: its tag and its content.
    pub(crate) fn element(&mut self) -> Result<(u8, &'a [u8]), Malformed> {
        let cut = Malformed("an element is cut short");
        let (header, length) = element_length(self.rest)?.ok_or(cut)?;
        let tag = *self.rest.first().ok_or(cut)?;
        let content = self.rest.get(header..).ok_or(cut)?;
        let (content, rest) = content.split_at_checked(length).ok_or(cut)?;
        self.rest = rest;
        Ok((tag, content))
    }

    /// The content of the next element, which must have this tag.
    pub(crate) fn expect(&mut self, wanted: u8) -> Result<&'a [u8], Malformed> {
        match self.element()? {
            (tag, content) if tag == wanted => Ok(content),
            _ => Err(Malformed("an element of another kind than expected")),
        }
    }

    /// The content of the next element if it has this tag.
    pub(crate) fn optional(&mut self, wanted: u8) -> Result<Option<&'a [u8]>, Malformed> {
        if self.rest.first() == Some(&wanted) { self.expect(wanted).map(Some) } else { Ok(None) }
    }

    /// What is inside the next sequence.
    pub(crate) fn sequence(&mut self) -> Result<Self, Malformed> {
        self.expect(tag::SEQUENCE).map(Self::new)
    }

    /// What is inside the next set.
    pub(crate) fn set(&mut self) -> Result<Self, Malformed> {
        self.expect(tag::SET).map(Self::new)
    }

    /// The next octet string.
    pub(crate) fn octets(&mut self) -> Result<&'a [u8], Malformed> {
        self.expect(tag::OCTETS)
    }

    /// The next octet string, which must be UTF-8.
    pub(crate) fn text(&mut self) -> Result<&'a str, Malformed> {
        std::str::from_utf8(self.octets()?).map_err(|_| Malformed("a text that is not UTF-8"))
    }

    /// The next integer.
    pub(crate) fn integer(&mut self) -> Result<i64, Malformed> {
        number(self.expect(tag::INTEGER)?)
    }

    /// The next enumerated value.
    pub(crate) fn enumerated(&mut self) -> Result<i64, Malformed> {
        number(self.expect(tag::ENUMERATED)?)
    }
}

/// The value of the content of an integer.
pub(crate) fn number(content: &[u8]) -> Result<i64, Malformed> {
    let [first, ..] = content else { return Err(Malformed("an integer without bytes")) };
    if content.len() > 8 {
        return Err(Malformed("an integer of more than eight bytes"));
    }
    let start = if first & 0x80 == 0 { 0 } else { -1 };
    Ok(content.iter().fold(start, |number, byte| number << 8 | i64::from(*byte)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lengths_are_read_in_all_forms() {
        assert_eq!(element_length(&[0x30, 0x03]), Ok(Some((2, 3))));
        assert_eq!(element_length(&[0x30, 0x81, 0x80]), Ok(Some((3, 128))));
        // Active Directory always writes four bytes.
        assert_eq!(element_length(&[0x30, 0x84, 0, 0, 0, 0x10]), Ok(Some((6, 16))));
        assert_eq!(element_length(&[0x30, 0x84, 0, 0]), Ok(None));
        assert!(element_length(&[0x30, 0x80]).is_err() && element_length(&[0x3f, 0x01]).is_err());
    }

    #[test]
    fn integers_have_a_sign() {
        let mut reader = Reader::new(&[0x02, 1, 0x7f, 0x02, 1, 0xff, 0x02, 2, 0, 0x80, 0x0a, 1, 49]);
        assert_eq!(reader.integer(), Ok(127));
        assert_eq!(reader.integer(), Ok(-1));
        assert_eq!(reader.integer(), Ok(128));
        assert_eq!(reader.enumerated(), Ok(49));
        assert!(reader.integer().is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let mut reader = Reader::new(&bytes);
            while let Ok((_, content)) = reader.element() {
                prop_assert!(content.len() < bytes.len());
            }
        }
    }
}
