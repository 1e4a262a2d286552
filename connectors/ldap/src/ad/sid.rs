//! Security identifiers as text ([MS-DTYP] 2.4.2).

use std::fmt::Write as _;

/// `S-1-...`; none for bytes that are no identifier.
pub(crate) fn text(bytes: &[u8]) -> Option<String> {
    let [revision, count, authority @ ..] = bytes else { return None };
    let (authority, rest) = authority.split_at_checked(6)?;
    if rest.len() != usize::from(*count) * 4 {
        return None;
    }
    let authority = authority.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    let mut text = format!("S-{revision}-{authority}");
    for part in rest.chunks_exact(4) {
        let part: [u8; 4] = part.try_into().ok()?;
        let _always_succeeds = write!(text, "-{}", u32::from_le_bytes(part));
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_is_spelled_as_windows_does() {
        let bytes = [1, 5, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 0xf4, 1, 0, 0];
        assert_eq!(text(&bytes).unwrap(), "S-1-5-21-1-2-3-500");
        assert_eq!(text(&bytes[..20]), None);
        assert_eq!(text(&[1]), None);
    }
}
