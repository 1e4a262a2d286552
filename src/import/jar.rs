//! Which bundle of connectors a jar holds: its manifest, read out of the zip file without touching anything else.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use flate2::read::DeflateDecoder;

/// The end record of a zip file has so many bytes, and a comment of up to 64 KiB behind it.
const END_RECORD: usize = 22;
const MOST_COMMENT: u64 = 0xffff;
/// No sensible directory of a jar is longer, in bytes.
const MOST_DIRECTORY: u64 = 64 * 1024 * 1024;
/// No sensible manifest is longer, in bytes.
const MOST_MANIFEST: u64 = 1024 * 1024;

const MANIFEST: &str = "META-INF/MANIFEST.MF";

/// A bundle of connectors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bundle {
    pub(super) name: String,
    pub(super) version: String,
}

/// The bundle in a jar; `None` if it is another kind of jar.
///
/// # Errors
/// A file that cannot be read, or is no zip file.
pub(super) fn bundle(path: &Path) -> io::Result<Option<Bundle>> {
    let manifest = manifest(&mut File::open(path)?)?;
    Ok(manifest.as_deref().and_then(parse))
}

/// The names stand in lines of their own; lines that begin with a blank go on with the one before.
fn parse(manifest: &str) -> Option<Bundle> {
    let unfolded = manifest.replace("\r\n", "\n").replace("\n ", "");
    let value = |name: &str| {
        let mut lines = unfolded.lines();
        lines
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(": ").map(|value| value.trim().to_owned()))
    };
    Some(Bundle { name: value("ConnectorBundle-Name")?, version: value("ConnectorBundle-Version")? })
}

fn manifest(file: &mut (impl Read + Seek)) -> io::Result<Option<String>> {
    let directory = directory(file)?;
    let mut rest = directory.as_slice();
    while let Some(header) = rest.strip_prefix(b"PK\x01\x02") {
        let entry = Entry::read(header).ok_or_else(|| broken("its directory ends within an entry"))?;
        if entry.name.eq_ignore_ascii_case(MANIFEST.as_bytes()) {
            return entry.content(file).map(Some);
        }
        rest = entry.rest;
    }
    Ok(None)
}

/// The directory, which the record at the end of the file points to.
fn directory(file: &mut (impl Read + Seek)) -> io::Result<Vec<u8>> {
    let length = file.seek(SeekFrom::End(0))?;
    let tail_length = length.min(MOST_COMMENT + END_RECORD as u64);
    file.seek(SeekFrom::Start(length - tail_length))?;
    let mut tail = Vec::new();
    file.take(tail_length).read_to_end(&mut tail)?;
    let end = tail.windows(END_RECORD).rev().find_map(|window| window.strip_prefix(b"PK\x05\x06"));
    let end = end.ok_or_else(|| broken("it is no zip file"))?;
    let (size, offset) =
        number(end, 8, 4).zip(number(end, 12, 4)).ok_or_else(|| broken("its end is cut off"))?;
    if size > MOST_DIRECTORY {
        return Err(broken("its directory is too long"));
    }
    file.seek(SeekFrom::Start(offset))?;
    let mut directory = Vec::new();
    file.take(size).read_to_end(&mut directory)?;
    Ok(directory)
}

/// An entry of the directory.
struct Entry<'a> {
    name: &'a [u8],
    method: u64,
    compressed: u64,
    offset: u64,
    rest: &'a [u8],
}

impl<'a> Entry<'a> {
    /// From behind the signature.
    fn read(header: &'a [u8]) -> Option<Self> {
        let length = |at| usize::try_from(number(header, at, 2)?).ok();
        let (name, extra, comment) = (length(24)?, length(26)?, length(28)?);
        let variable = header.get(42..)?;
        Some(Self {
            name: variable.get(..name)?,
            method: number(header, 6, 2)?,
            compressed: number(header, 16, 4)?,
            offset: number(header, 38, 4)?,
            rest: variable.get(name + extra + comment..)?,
        })
    }

    fn content(&self, file: &mut (impl Read + Seek)) -> io::Result<String> {
        file.seek(SeekFrom::Start(self.offset))?;
        let mut local = [0; 30];
        file.read_exact(&mut local)?;
        let skipped =
            number(&local, 26, 2).zip(number(&local, 28, 2)).map_or(0, |(name, extra)| name + extra);
        file.seek(SeekFrom::Start(self.offset + 30 + skipped))?;
        let stored = file.take(self.compressed.min(MOST_MANIFEST));
        let mut bytes = Vec::new();
        match self.method {
            0 => stored.take(MOST_MANIFEST).read_to_end(&mut bytes)?,
            8 => DeflateDecoder::new(stored).take(MOST_MANIFEST).read_to_end(&mut bytes)?,
            _ => return Err(broken("its manifest is packed in an unknown way")),
        };
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}

/// A little-endian number of `length` bytes.
fn number(bytes: &[u8], at: usize, length: usize) -> Option<u64> {
    let bytes = bytes.get(at..at.checked_add(length)?)?;
    Some(bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

fn broken(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn folded_lines_are_put_together() {
        let manifest = "Manifest-Version: 1.0\r\nConnectorBundle-FrameworkVersion: 1.0\r\n\
            ConnectorBundle-Name: org.forgerock.openicf.connectors.databaseta\r\n ble-connector\r\n\
            ConnectorBundle-Version: 1.5.20.33\r\n";
        let expected = Bundle {
            name: "org.forgerock.openicf.connectors.databasetable-connector".to_owned(),
            version: "1.5.20.33".to_owned(),
        };
        assert_eq!(parse(manifest), Some(expected));
        assert_eq!(parse("Manifest-Version: 1.0\n"), None);
    }

    proptest! {
        #[test]
        fn no_bytes_do_harm(mut bytes in proptest::collection::vec(any::<u8>(), 0..200), tail in any::<[u8; 18]>()) {
            let _ = manifest(&mut Cursor::new(&bytes));
            bytes.extend_from_slice(b"PK\x05\x06");
            bytes.extend_from_slice(&tail);
            let _ = manifest(&mut Cursor::new(&bytes));
            bytes.splice(0..0, *b"PK\x01\x02");
            let _ = manifest(&mut Cursor::new(&bytes));
        }
    }
}
