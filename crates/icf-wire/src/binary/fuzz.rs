//! What must hold for any bytes at all, in one function: for fuzz targets and property tests.

use icf::ObjectClass;

use super::{Blobs, Decoder, Encoder, Limits, Object, Objects, Profile, decode_one, facade_key, read};

/// Reads the bytes in every way there is and writes again what could be read.
///
/// # Errors
/// Which property does not hold.
pub fn exercise(bytes: &[u8]) -> Result<(), String> {
    let limits = Limits::default();
    let tree = decode_one(bytes, &limits);
    let pieces = in_pieces(bytes, &limits);
    if let Ok(object) = &tree {
        if !bytes.is_empty() && pieces.is_none() {
            return Err("readable as a whole, not in pieces".to_owned());
        }
        write_again(object)?;
        let _ = object.clone().interpret();
    }
    typed(bytes, &limits)
}

/// The first object, when the bytes come in small pieces.
fn in_pieces(bytes: &[u8], limits: &Limits) -> Option<Object> {
    let mut decoder = Decoder::new(*limits);
    for piece in bytes.chunks(bytes.len() / 8 + 1) {
        decoder.feed(piece);
        if let Some(object) = decoder.next().ok()? {
            return Some(object);
        }
    }
    None
}

/// What was read can be written, and what was written reads and writes the same. A foreign object alone cannot.
fn write_again(object: &Object) -> Result<(), String> {
    for profile in [Profile::OpenIcf2, Profile::CONNID_1_6] {
        let encode = |object: &Object| {
            let mut bytes = Vec::new();
            let mut encoder = Encoder::new(profile).echoing_unknown_classes();
            encoder.encode(object, &mut bytes).map(|()| bytes)
        };
        let Ok(once) = encode(object) else { continue };
        let object = decode_one(&once, &Limits::default()).map_err(|error| format!("our bytes: {error}"))?;
        if encode(&object).as_ref() != Ok(&once) {
            return Err(format!("{profile}: written again it differs"));
        }
    }
    Ok(())
}

fn typed(bytes: &[u8], limits: &Limits) -> Result<(), String> {
    let mut blobs = Blobs::new(Profile::OpenIcf2);
    if let Ok(value) = read::value(bytes, limits)
        && let Ok(once) = blobs.value(&value)
    {
        let again = read::value(&once, limits).map_err(|error| format!("our value: {error}"))?;
        if blobs.value(&again).as_ref() != Ok(&once) {
            return Err("a value written again differs".to_owned());
        }
    }
    if let Ok(attributes) = read::attributes(bytes, limits)
        && let Ok(once) = blobs.attributes(&attributes)
    {
        let again = read::attributes(&once, limits).map_err(|error| format!("our attributes: {error}"))?;
        if blobs.attributes(&again).as_ref() != Ok(&once) {
            return Err("attributes written again differ".to_owned());
        }
    }
    if let Ok(filter) = read::filter(bytes, limits)
        && let Ok(once) = blobs.filter(&filter)
        && let Err(error) = read::filter(&once, limits)
    {
        return Err(format!("our filter: {error}"));
    }
    let object = read::object_attributes(bytes, ObjectClass::ACCOUNT, limits);
    let mut objects = Objects::new(*limits);
    for _ in 0..2 {
        let again = objects.read(bytes, ObjectClass::ACCOUNT);
        // By their texts, because a number that is none differs from itself.
        if format!("{again:?}") != format!("{object:?}") {
            return Err("an object of a search is read differently from one alone".to_owned());
        }
    }
    let _ = read::connector_object(bytes, limits);
    let _ = read::options(bytes, limits);
    let _ = read::guarded_string(bytes, limits);
    let _ = read::sync_token(bytes, limits);
    let _ = read::map(bytes, limits);
    let _ = read::schema(bytes, limits);
    let _ = read::connector_infos(bytes, limits);
    let _ = read::properties(bytes, limits);
    let _ = read::configuration(bytes, limits);
    let _ = facade_key::decode(bytes, limits);
    Ok(())
}
