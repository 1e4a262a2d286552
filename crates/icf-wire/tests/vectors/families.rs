//! What a vector of each family demands.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use icf_wire::binary::{
    Blobs, ClassRef, DecodeError, Decoder, EncodeError, Encoder, Field, Foreign, Limits, Map, Object,
    Profile, Record, decode_one, encode_one, facade_key, read,
};
use serde_json::Value;
use sha1::{Digest as _, Sha1};

use crate::notation::{Outcome, hex, same, unhex, units};

/// Who wrote the bytes.
pub(crate) struct Origin {
    profile: Profile,
}

impl Origin {
    pub(crate) fn of(file: &Value) -> Self {
        let framework = file["produced_by"]["framework"].as_str().unwrap_or_default();
        let version = file["produced_by"]["version"].as_str().unwrap_or_default();
        let profile = Profile::of_release(framework, version)
            .unwrap_or_else(|| panic!("nobody knows who wrote the vectors: {framework} {version}"));
        Self { profile }
    }
}

type Check = fn(&Value, &Origin) -> Outcome;

/// The check of a family; `None` for the families that are left out.
pub(crate) fn check_of(family: &str) -> Option<Check> {
    match family {
        "primitives" | "containers" | "guarded" | "objects" | "filters" | "exceptions" | "apiconfig"
        | "messages" | "openicf-specific" | "connid-specific" | "rpc-blobs" | "streams" | "facade-key" => {
            Some(written)
        }
        older if older.starts_with("older-") => Some(written),
        "key-hash" => Some(key_hash),
        "reader" => Some(reader),
        "writer-errors" => Some(writer_error),
        "transcripts" | "xml" => None,
        unknown => panic!("a family this test does not know: {unknown}"),
    }
}

fn fails<T>(result: Result<T, DecodeError>, what: &str) -> Outcome {
    result.map_or(Ok(()), |_| Err(format!("{what} was accepted")))
}

fn text<'a>(vector: &'a Value, key: &str) -> Result<&'a str, String> {
    vector[key].as_str().ok_or_else(|| format!("the vector has no {key}"))
}

/// Bytes a Java writer wrote: one object or several, plain or as Base64.
fn written(vector: &Value, origin: &Origin) -> Outcome {
    let expected = text(vector, "hex")?;
    let bytes = unhex(expected);
    if let Some(length) = vector["length"].as_u64()
        && bytes.len() as u64 != length
    {
        return Err(format!("{length} bytes announced, {} there", bytes.len()));
    }
    if let Some(key) = vector["base64"].as_str()
        && BASE64_STANDARD.decode(key).map_err(|error| error.to_string())? != bytes
    {
        return Err("the Base64 text holds other bytes".to_owned());
    }
    if let Some(described) = vector["objects"].as_array() {
        return stream(vector, described, &bytes, origin);
    }
    let object = decode_one(&bytes, &Limits::default()).map_err(|error| error.to_string())?;
    same(&object, &vector["object"])?;
    let again = encode_one(&object, origin.profile).map_err(|error| error.to_string())?;
    if hex(&again) != expected {
        return Err(format!(
            "written again under {} it differs:\n  {expected}\n  {}",
            origin.profile,
            hex(&again)
        ));
    }
    in_pieces(&bytes, std::slice::from_ref(&vector["object"]))?;
    if vector["java_decode"] == "same" {
        let object = object.interpret().map_err(|error| format!("refused, though Java takes it: {error}"))?;
        same(&object, &vector["object"]).map_err(|fault| format!("interpreted, it is another: {fault}"))?;
        typed(&bytes, &vector["object"], origin).map_err(|fault| format!("without a tree: {fault}"))?;
    }
    if let Some(key) = vector["base64"].as_str() {
        return key_means_the_same(key, origin);
    }
    Ok(())
}

/// The way without a tree reads and writes the same bytes, as far as the types of the object model hold all there is.
fn typed(bytes: &[u8], described: &Value, origin: &Origin) -> Outcome {
    let limits = Limits::default();
    let mut blobs = Blobs::new(origin.profile);
    let type_name = described["type"].as_str().unwrap_or("null");
    let text = described.to_string();
    let has_no_model = [r#""nameHint":{"#, "ConnectorObjectReference"].iter().any(|part| text.contains(part));
    let has_no_right_side = type_name.ends_with("Filter") && text.contains(",null]");
    if has_no_model || has_no_right_side {
        return Ok(()); // the object model holds no such thing, or something simpler that means the same
    }
    let is_member = |item: &Value| ["Attribute", "Uid", "Name"].iter().any(|name| item["type"] == *name);
    let members = described["items"].as_array().filter(|items| type_name == "Set" && !items.is_empty());
    let again = if type_name.ends_with("Filter") {
        blobs.filter(&read::filter(bytes, &limits).map_err(|error| error.to_string())?)
    } else if type_name == "OperationOptions" {
        blobs.options(&read::options(bytes, &limits).map_err(|error| error.to_string())?)
    } else if members.is_some_and(|items| items.iter().all(is_member)) && !text.contains(r#""revision":""#) {
        blobs.attributes(&read::attributes(bytes, &limits).map_err(|error| error.to_string())?)
    } else if VALUES.contains(&type_name) {
        blobs.value(&read::value(bytes, &limits).map_err(|error| error.to_string())?)
    } else if let ("Array" | "List" | "Set" | "Map", Ok(value)) = (type_name, read::value(bytes, &limits)) {
        blobs.value(&value)
    } else if type_name == "ConnectorObject" {
        read::connector_object(bytes, &limits).map_err(|error| error.to_string())?;
        return Ok(());
    } else if type_name == "Schema" {
        read::schema(bytes, &limits).map_err(|error| error.to_string())?;
        return Ok(());
    } else if text.starts_with(r#"{"type":"List","items":[{"type":"ConnectorInfo""#) {
        read::connector_infos(bytes, &limits).map_err(|error| error.to_string())?;
        return Ok(());
    } else {
        return Ok(());
    };
    let again = hex(&again.map_err(|error| error.to_string())?);
    if again != hex(bytes) {
        return Err(format!("written again it differs:\n  {}\n  {again}", hex(bytes)));
    }
    Ok(())
}

/// Types that are values whatever they hold.
const VALUES: [&str; 23] = [
    "null",
    "Boolean",
    "Character",
    "Integer",
    "Long",
    "Float",
    "Double",
    "Byte",
    "String",
    "URI",
    "File",
    "BigInteger",
    "BigDecimal",
    "ByteArray",
    "GuardedString",
    "GuardedByteArray",
    "ZonedDateTime",
    "Locale",
    "Script",
    "ObjectClass",
    "Uid",
    "QualifiedUid",
    "SortKey",
];

/// A key that was read and written means the same, though Java's order of operations is another.
fn key_means_the_same(key: &str, origin: &Origin) -> Outcome {
    let limits = Limits::default();
    let configuration = facade_key::decode(key.as_bytes(), &limits).map_err(|error| error.to_string())?;
    let again = facade_key::encode(&configuration, origin.profile).map_err(|error| error.to_string())?;
    let once_more = facade_key::decode(again.as_bytes(), &limits).map_err(|error| error.to_string())?;
    if once_more != configuration || configuration.properties.is_empty() {
        return Err("the key means something else when written again".to_owned());
    }
    Ok(())
}

fn stream(vector: &Value, described: &[Value], bytes: &[u8], origin: &Origin) -> Outcome {
    let mut decoder = Decoder::new(Limits::default());
    let mut encoder = Encoder::new(origin.profile);
    let segments = vector["segments"].as_array().ok_or("a stream without segments")?;
    if segments.len() != described.len() {
        return Err(format!("{} objects in {} segments", described.len(), segments.len()));
    }
    for (segment, described) in segments.iter().zip(described) {
        let segment = segment.as_str().ok_or("a segment is no text")?;
        decoder.feed(&unhex(segment));
        let object = decoder.next().map_err(|error| error.to_string())?.ok_or("a segment holds no object")?;
        same(&object, described)?;
        let mut again = Vec::new();
        encoder.encode(&object, &mut again).map_err(|error| error.to_string())?;
        if hex(&again) != segment {
            return Err(format!("written again it differs:\n  {segment}\n  {}", hex(&again)));
        }
    }
    in_pieces(bytes, described)
}

/// The same objects come out when the bytes arrive in small pieces.
fn in_pieces(bytes: &[u8], described: &[Value]) -> Outcome {
    let mut decoder = Decoder::new(Limits::default());
    let mut described = described.iter();
    let size = bytes.len() / 50 + 1;
    for piece in bytes.chunks(size) {
        decoder.feed(piece);
        while let Some(object) = decoder.next().map_err(|error| format!("in pieces: {error}"))? {
            let described = described.next().ok_or("in pieces: more objects than described")?;
            same(&object, described).map_err(|fault| format!("in pieces: {fault}"))?;
        }
    }
    if described.next().is_some() || decoder.is_inside_object() {
        return Err("in pieces: an object is missing".to_owned());
    }
    Ok(())
}

/// The hash that configuration files hold, made from the secret as it travels.
fn key_hash(vector: &Value, _: &Origin) -> Outcome {
    let bytes = unhex(text(vector, "serialized_guardedstring_hex")?);
    let Object::GuardedString(key) =
        decode_one(&bytes, &Limits::default()).map_err(|error| error.to_string())?
    else {
        return Err("not a guarded string".to_owned());
    };
    if key.units() != units(text(vector, "key")?) {
        return Err("another key".to_owned());
    }
    let clear: Vec<u8> = key.units().iter().flat_map(|unit| unit.to_be_bytes()).collect();
    let hash = BASE64_STANDARD.encode(Sha1::digest(clear));
    if vector["hash"] != hash {
        return Err(format!("the hash is {hash}"));
    }
    Ok(())
}

/// Bytes no writer wrote, and what the Java reader makes of them.
fn reader(vector: &Value, _: &Origin) -> Outcome {
    let bytes = unhex(text(vector, "hex")?);
    let outcome = &vector["java_result"];
    let read = decode_one(&bytes, &Limits::default()).and_then(Object::interpret);
    if outcome.get("accepted").is_some() {
        let object = read.map_err(|error| format!("refused, though Java takes it: {error}"))?;
        return same(&object, &outcome["accepted"]);
    }
    let Err(error) = read else {
        return Err(format!("accepted, though Java says {}", outcome["message"]));
    };
    let class = text(outcome, "error")?;
    let ours = error.to_string();
    match outcome["message"].as_str() {
        // Java's reader has texts of its own for these; the rest are what the virtual machine happens to say.
        Some(theirs) if class.ends_with(".ConnectorException") && outcome["cause"].is_null() => {
            let (theirs_kind, theirs_detail) = theirs.rsplit_once(": ").unwrap_or((theirs, ""));
            let (ours_kind, ours_detail) = ours.rsplit_once(": ").unwrap_or((&ours, ""));
            // Java names a class it has by package and all.
            if theirs_kind != ours_kind || !theirs_detail.ends_with(ours_detail) {
                return Err(format!("Java says {theirs:?}, we say {ours:?}"));
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

/// What the Java writer refuses, we refuse; what it writes wrongly, we cannot write and do not read.
fn writer_error(vector: &Value, origin: &Origin) -> Outcome {
    let outcome = &vector["java_writer"];
    if let Some(written) = outcome["written_hex"].as_str() {
        return fails(decode_one(&unhex(written), &Limits::default()), "what Java wrote wrongly");
    }
    let message = outcome["message"].as_str().unwrap_or_default();
    let class = message.strip_prefix("No serializer for class: class ").unwrap_or("java.lang.Object");
    let foreign = Object::Foreign(Box::new(Foreign { type_name: class.to_owned(), fields: Vec::new() }));
    let refused = [
        Object::List(vec![Object::Integer(1), foreign.clone()]),
        foreign,
        Object::Class(ClassRef::new(class)),
        Object::Class(ClassRef::new(class).array()),
    ];
    let mut encoder = Encoder::new(origin.profile);
    let mut bytes = Vec::new();
    for object in refused {
        match encoder.encode(&object, &mut bytes) {
            Err(EncodeError::NoSuchType(name)) if name.trim_end_matches("[]") == class => {}
            other => return Err(format!("writing {class} answers {other:?}")),
        }
    }
    // What failed has left nothing behind.
    encoder.encode(&Object::Boolean(true), &mut bytes).map_err(|error| error.to_string())?;
    if hex(&bytes) != "0000fafb000000020000000100000007426f6f6c65616e000000003d0000000046000000010148" {
        return Err("a failed object left bytes or names behind".to_owned());
    }
    let option = message
        .strip_prefix("ConfigurationOption type '")
        .and_then(|rest| rest.strip_suffix("' is not supported."))
        .and_then(|class| class.rsplit(['.', '$']).next());
    match option {
        Some(type_name) => fails(option_of(type_name)?.interpret(), "an option of a type no option has"),
        None => Ok(()),
    }
}

/// Operation options with one value of that type, in which everything else is in order.
fn option_of(type_name: &str) -> Result<Object, String> {
    let mut value = Record::new(type_name).ok_or("no such type")?;
    if type_name == "CountPolicy" {
        value.set("value", Field::Text(Some("EXACT".to_owned()))).map_err(|error| error.to_string())?;
    }
    let entries = vec![(Object::String("OPTION".to_owned()), value.into())];
    let mut options = Record::new("OperationOptions").ok_or("no such type")?;
    let map = Object::Map(Map { case_insensitive: false, entries });
    options.set("options", Field::Object(map)).map_err(|error| error.to_string())?;
    Ok(options.into())
}
