//! `objectGUID` as text, in the four spellings in use.

use std::fmt::Write as _;

/// The bytes of a GUID: dashed or 32 digits, with `<GUID= >` or without. The dashed form swaps the bytes of its first
/// three fields.
pub(crate) fn parse(text: &str) -> Option<[u8; 16]> {
    let text = text.trim();
    let inner = text.strip_prefix('<').and_then(|text| text.strip_suffix('>')).unwrap_or(text);
    let inner = match inner.get(..5) {
        Some(prefix) if prefix.eq_ignore_ascii_case("GUID=") => inner.get(5..)?,
        _ => inner,
    };
    let is_dashed = match inner.len() {
        36 => [8, 13, 18, 23].iter().all(|at| inner.as_bytes().get(*at) == Some(&b'-')).then_some(true)?,
        32 => false,
        _ => return None,
    };
    let digits: Vec<u8> = inner.bytes().filter(|byte| *byte != b'-').collect();
    // A plus sign would be read as that of a number.
    if !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let mut bytes = [0_u8; 16];
    let mut pairs = digits.chunks_exact(2);
    for byte in &mut bytes {
        *byte = u8::from_str_radix(std::str::from_utf8(pairs.next()?).ok()?, 16).ok()?;
    }
    (digits.len() == 32).then(|| if is_dashed { swapped(bytes) } else { bytes })
}

/// A GUID as text; `old` is the form with the bytes as they are stored.
pub(crate) fn text(bytes: &[u8], old: bool) -> Option<String> {
    let bytes: [u8; 16] = bytes.try_into().ok()?;
    let mut digits = String::with_capacity(40);
    if old {
        digits.push_str("<GUID=");
        push(&mut digits, &bytes);
        digits.push('>');
        return Some(digits);
    }
    for (place, byte) in swapped(bytes).iter().enumerate() {
        if matches!(place, 4 | 6 | 8 | 10) {
            digits.push('-');
        }
        push(&mut digits, &[*byte]);
    }
    Some(digits)
}

fn push(digits: &mut String, bytes: &[u8]) {
    for byte in bytes {
        let _always_succeeds = write!(digits, "{byte:02x}");
    }
}

const fn swapped(b: [u8; 16]) -> [u8; 16] {
    [b[3], b[2], b[1], b[0], b[5], b[4], b[7], b[6], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]]
}

#[cfg(test)]
mod tests {
    use super::*;

    const BYTES: [u8; 16] =
        [0x0c, 0x01, 0x5b, 0xa3, 0xc5, 0x3b, 0x10, 0x49, 0xaf, 0x12, 0xf2, 0x8a, 0xcd, 0x2a, 0xb3, 0x54];

    #[test]
    fn the_four_spellings_are_one_guid() {
        for text in [
            "a35b010c-3bc5-4910-af12-f28acd2ab354",
            "<GUID=a35b010c-3bc5-4910-af12-f28acd2ab354>",
            "0c015ba3c53b1049af12f28acd2ab354",
            "<GUID=0c015ba3c53b1049af12f28acd2ab354>",
        ] {
            assert_eq!(parse(text), Some(BYTES), "{text}");
        }
        assert_eq!(text(&BYTES, false).unwrap(), "a35b010c-3bc5-4910-af12-f28acd2ab354");
        assert_eq!(text(&BYTES, true).unwrap(), "<GUID=0c015ba3c53b1049af12f28acd2ab354>");
        for wrong in [
            "",
            "x",
            "a35b010c+3bc5-4910-af12-f28acd2ab354",
            "zz015ba3c53b1049af12f28acd2ab354",
            "+c015ba3c53b1049af12f28acd2ab354",
        ] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
        assert_eq!(text(&BYTES[1..], true), None);
    }
}
