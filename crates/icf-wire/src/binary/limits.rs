//! How much a peer may ask of a reader.

/// Bounds of a reader. No length from outside reserves memory; the bounds stop a peer that sends, and goes on sending,
/// more than any real one does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one top-level object together with the names before it. Default 64 MiB.
    pub object_bytes: usize,
    /// Bytes of any one field, text or byte array. Default 64 MiB.
    pub blob_bytes: usize,
    /// Names declared before one object. Default 4096; real objects stay below 200.
    pub names_per_object: usize,
    /// Names known at once in a stream. Default 8192.
    pub names: usize,
    /// Bytes of a name. Default 512.
    pub name_bytes: usize,
    /// Objects inside each other. Default 200; every level costs the reader about 2 KiB of stack. At most
    /// [`Limits::DEPTH`], whatever is set here.
    pub depth: usize,
    /// Objects within one top-level object, counting every element and entry. Default 4 million.
    pub objects: usize,
    /// Digits of a big number; reading one takes time that grows with the square. Default 10,000.
    pub digits: usize,
}

impl Limits {
    /// The deepest nesting any reader or writer accepts.
    pub const DEPTH: usize = 300;
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            object_bytes: 64 << 20,
            blob_bytes: 64 << 20,
            names_per_object: 4096,
            names: 8192,
            name_bytes: 512,
            depth: 200,
            objects: 4_000_000,
            digits: 10_000,
        }
    }
}
