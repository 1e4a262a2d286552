//! Puts elements behind one another.

use zeroize::Zeroizing;

use super::tag;

/// Bytes under construction, wiped when dropped.
#[derive(Default)]
pub(crate) struct Writer {
    bytes: Zeroizing<Vec<u8>>,
}

impl Writer {
    /// A writer with room for so many bytes: what holds a secret must not move while it grows.
    pub(crate) fn with_capacity(bytes: usize) -> Self {
        Self { bytes: Zeroizing::new(Vec::with_capacity(bytes)) }
    }

    /// The bytes.
    pub(crate) fn into_bytes(self) -> Zeroizing<Vec<u8>> {
        self.bytes
    }

    /// The bytes, as a plain vector: for what holds no secret.
    pub(crate) fn into_plain(mut self) -> Vec<u8> {
        std::mem::take(&mut *self.bytes)
    }

    /// An element with this content.
    pub(crate) fn element(&mut self, tag: u8, content: &[u8]) {
        self.bytes.push(tag);
        let (digits, used) = length_digits(content.len());
        self.bytes.extend(digits.iter().take(used));
        self.bytes.extend_from_slice(content);
    }

    /// An element whose content is written by the function.
    pub(crate) fn nested(&mut self, tag: u8, content: impl FnOnce(&mut Self)) {
        self.bytes.push(tag);
        let place = self.bytes.len();
        self.bytes.push(0);
        content(self);
        let (digits, used) = length_digits(self.bytes.len() - place - 1);
        self.bytes.splice(place..=place, digits.into_iter().take(used));
    }

    /// A sequence.
    pub(crate) fn sequence(&mut self, content: impl FnOnce(&mut Self)) {
        self.nested(tag::SEQUENCE, content);
    }

    /// An octet string.
    pub(crate) fn octets(&mut self, content: &[u8]) {
        self.element(tag::OCTETS, content);
    }

    /// A text.
    pub(crate) fn text(&mut self, content: &str) {
        self.octets(content.as_bytes());
    }

    /// An integer.
    pub(crate) fn integer(&mut self, number: i64) {
        self.number(tag::INTEGER, number);
    }

    /// An enumerated value.
    pub(crate) fn enumerated(&mut self, number: i64) {
        self.number(tag::ENUMERATED, number);
    }

    /// A boolean.
    pub(crate) fn boolean(&mut self, truth: bool) {
        self.element(tag::BOOLEAN, &[if truth { 0xff } else { 0 }]);
    }

    /// An integer under a tag.
    pub(crate) fn number(&mut self, tag: u8, number: i64) {
        let bytes = number.to_be_bytes();
        // The fewest bytes that keep the sign.
        let spare = bytes
            .iter()
            .zip(bytes.iter().skip(1))
            .take_while(|(high, next)| {
                **high == 0 && **next & 0x80 == 0 || **high == 0xff && **next & 0x80 != 0
            })
            .count();
        self.element(tag, bytes.get(spare..).unwrap_or_default());
    }
}

/// A length in the fewest bytes, and how many those are.
fn length_digits(length: usize) -> ([u8; 9], usize) {
    let mut digits = [0; 9];
    let length = length as u64;
    if length < 0x80 {
        digits[0] = length.to_le_bytes()[0];
        return (digits, 1);
    }
    let bytes = length.to_be_bytes();
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let used = bytes.len() - zeros;
    digits[0] = 0x80 | u8::try_from(used).expect("a length has at most eight bytes");
    for (place, byte) in digits.iter_mut().skip(1).zip(bytes.iter().skip(zeros)) {
        *place = *byte;
    }
    (digits, used + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ber::Reader;
    use proptest::prelude::*;

    #[test]
    fn numbers_take_the_fewest_bytes() {
        let mut writer = Writer::default();
        for number in [0, 127, 128, -1, -128, -129, 2_147_483_647] {
            writer.integer(number);
        }
        let expected = [
            [0x02, 1, 0].as_slice(),
            &[0x02, 1, 127],
            &[0x02, 2, 0, 128],
            &[0x02, 1, 0xff],
            &[0x02, 1, 0x80],
            &[0x02, 2, 0xff, 0x7f],
            &[0x02, 4, 0x7f, 0xff, 0xff, 0xff],
        ]
        .concat();
        assert_eq!(*writer.into_bytes(), expected);
    }

    #[test]
    fn a_long_element_has_a_long_length() {
        let mut writer = Writer::default();
        writer.sequence(|inside| inside.octets(&[b'x'; 200]));
        let bytes = writer.into_bytes();
        assert_eq!(bytes[..6], [0x30, 0x81, 203, 0x04, 0x81, 200]);
        assert_eq!(bytes.len(), 206);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(number in any::<i64>(), octets in proptest::collection::vec(any::<u8>(), 0..300)) {
            let mut writer = Writer::default();
            writer.sequence(|inside| { inside.integer(number); inside.octets(&octets); });
            let bytes = writer.into_bytes();
            let mut inside = Reader::new(&bytes).sequence().unwrap();
            prop_assert_eq!(inside.integer().unwrap(), number);
            prop_assert_eq!(inside.octets().unwrap(), &octets[..]);
        }
    }
}
