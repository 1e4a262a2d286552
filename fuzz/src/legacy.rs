//! What clients of the legacy protocol say: locales, keys, requests.

/// Takes two bytes that say where the rest is cut, and any bytes.
pub fn run(data: &[u8]) {
    let (cut, bytes) = data.split_first_chunk::<2>().unwrap_or((&[0, 0], data));
    if let Err(broken) = icf_wire::legacy::fuzz::conversation(bytes, usize::from(u16::from_be_bytes(*cut))) {
        panic!("{broken}");
    }
}
