//! Binary objects, in one piece and in several, with a tree and without, read and written again.

/// Takes any bytes.
pub fn run(data: &[u8]) {
    if let Err(broken) = icf_wire::binary::fuzz::exercise(data) {
        panic!("{broken}");
    }
}
