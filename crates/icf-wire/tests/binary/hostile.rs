//! Bytes no honest peer sends: they are refused in time and in memory that do not depend on what they claim.

use icf_wire::binary::{
    Array, Blobs, ClassRef, DecodeError, Decoder, EncodeError, Field, Limits, Map, Object, Profile, Record,
    decode_one, encode_one, fuzz, read,
};
use proptest::prelude::*;

use super::hex;

const HEADER: &str = "0000fafb 00000002";

/// A stream whose only name is `List` = 0, in front of these bytes.
fn list_stream(body: &[u8]) -> Vec<u8> {
    let mut bytes = hex(&format!("{HEADER} 00000001 00000004 4c697374 00000000"));
    bytes.extend(body);
    bytes
}

/// Lists inside each other, the innermost empty.
fn nested_lists(levels: usize) -> Vec<u8> {
    // Built from the inside; every level adds a type, a field and an end mark.
    let mut lengths = Vec::new();
    let mut length = 6_u32;
    for _ in 1..levels {
        lengths.push(length);
        length += 11;
    }
    let mut body = Vec::new();
    for length in lengths.iter().rev() {
        body.extend([0x3d, 0, 0, 0, 0, 0x46]);
        body.extend(length.to_be_bytes());
    }
    body.extend([0x3d, 0, 0, 0, 0, 0x48]);
    body.extend(std::iter::repeat_n(0x48, levels - 1));
    list_stream(&body)
}

fn limit_of(error: DecodeError) -> &'static str {
    match error {
        DecodeError::Limit { what, .. } => what,
        other => panic!("not a limit: {other:?}"),
    }
}

/// Objects of each recursive kind inside each other, as deep as any reader goes.
fn deepest() -> Vec<Object> {
    let nested = |levels: usize, around: fn(Object) -> Object, core| (0..levels).fold(core, |o, _| around(o));
    let null = || Object::Null;
    let list = nested(Limits::DEPTH - 1, |o| Object::List(vec![o]), null());
    let map =
        |o| Object::Map(Map { case_insensitive: true, entries: vec![(Object::String(String::new()), o)] });
    let map = nested((Limits::DEPTH - 1) / 2, map, null());
    let array = |o| Object::Array(Box::new(Array { component: ClassRef::new("Object"), items: vec![o] }));
    let not = |o| {
        let mut not = Record::new("NotFilter").unwrap();
        not.push(o);
        not.into()
    };
    let presence = Record::new("PresenceFilter").unwrap();
    let cause = |o| {
        let mut exception = Record::new("RemoteWrappedException").unwrap();
        exception.set("RemoteWrappedException", Field::Object(o)).unwrap();
        exception.into()
    };
    vec![
        list,
        map,
        nested(Limits::DEPTH - 1, array, null()),
        nested(Limits::DEPTH - 1, not, presence.into()),
        nested(Limits::DEPTH - 1, cause, null()),
    ]
}

#[test]
fn nesting_is_bounded_and_the_bound_fits_a_small_stack() {
    let limits = Limits { depth: Limits::DEPTH, ..Limits::default() };
    let small = std::thread::Builder::new().stack_size(1 << 20).spawn(move || {
        for object in deepest() {
            let bytes = encode_one(&object, Profile::OpenIcf2).unwrap();
            assert_eq!(decode_one(&bytes, &limits).unwrap(), object);
            let _ = object.clone().interpret();
            let mut blobs = Blobs::new(Profile::OpenIcf2);
            let _ = read::value(&bytes, &limits).map(|value| blobs.value(&value.clone()).unwrap());
            let _ = read::filter(&bytes, &limits).map(|filter| blobs.filter(&filter.clone()).unwrap());
        }
    });
    small.unwrap().join().unwrap();
    for levels in [Limits::default().depth + 1, 1_000, 1_000_000] {
        let error = decode_one(&nested_lists(levels), &Limits::default()).unwrap_err();
        assert_eq!(limit_of(error), "levels of objects inside each other");
        assert!(
            read::value(&nested_lists(levels), &Limits { depth: usize::MAX, ..limits }).is_err()
                || levels <= Limits::DEPTH
        );
    }
}

#[test]
fn a_writer_bounds_nesting_too_and_leaves_nothing_behind() {
    let mut object = Object::Null;
    for _ in 0..Limits::DEPTH + 1 {
        object = Object::List(vec![object]);
    }
    assert_eq!(encode_one(&object, Profile::OpenIcf2), Err(EncodeError::TooDeep(Limits::DEPTH)));
}

#[test]
fn deep_filters_are_refused() {
    // NotFilter inside NotFilter, a thousand times.
    let mut body = hex("3c48");
    for _ in 0..1_000 {
        let mut outer = vec![0x3d, 0, 0, 0, 0, 0x46];
        outer.extend(u32::try_from(body.len()).unwrap().to_be_bytes());
        outer.append(&mut body);
        outer.push(0x48);
        body = outer;
    }
    let mut bytes = hex(&format!("{HEADER} 00000001 00000009 4e6f7446696c746572 00000000"));
    bytes.extend(body);
    let error = read::filter(&bytes, &Limits::default()).unwrap_err();
    assert_eq!(limit_of(error), "levels of objects inside each other");
}

#[test]
fn claimed_lengths_reserve_nothing() {
    for claim in [
        format!("{HEADER} 7fffffff"),
        format!("{HEADER} 00000001 7fffffff 41"),
        format!("{HEADER} 00000000 3c 46 7fffffff 00"),
        format!("{HEADER} 00000001 00000006 537472696e67 00000000 3d00000000 46 00000004 7fffffff 48"),
    ] {
        let bytes = hex(&claim);
        assert!(decode_one(&bytes, &Limits::default()).is_err());
        let mut decoder = Decoder::new(Limits::default());
        decoder.feed(&bytes);
        assert!(decoder.next().is_err(), "refused at once, not after waiting for 2 GiB: {claim}");
    }
}

#[test]
fn every_limit_holds() {
    let text = |length: usize| encode_one(&Object::String("x".repeat(length)), Profile::OpenIcf2).unwrap();
    let with = |change: fn(&mut Limits)| {
        let mut limits = Limits::default();
        change(&mut limits);
        limits
    };
    let what = |bytes: &[u8], limits: Limits| limit_of(decode_one(bytes, &limits).unwrap_err());

    assert_eq!(what(&text(1000), with(|l| l.object_bytes = 900)), "bytes in an object");
    assert_eq!(what(&text(1000), with(|l| l.blob_bytes = 900)), "bytes in a field");
    assert_eq!(what(&text(1), with(|l| l.names_per_object = 0)), "names before an object");
    assert_eq!(what(&text(1), with(|l| l.names = 0)), "names in a stream");
    assert_eq!(what(&text(1), with(|l| l.name_bytes = 5)), "bytes in a name");
    let many = encode_one(&Object::List(vec![Object::Null; 100]), Profile::OpenIcf2).unwrap();
    assert_eq!(what(&many, with(|l| l.objects = 100)), "values in an object");
    assert!(decode_one(&many, &with(|l| l.objects = 101)).is_ok());
    let arrays = hex(&format!("{HEADER} 00000001 00000003 696e74 00000000 3e3e3e3e 3d00000000 48"));
    assert_eq!(what(&arrays, with(|l| l.depth = 3)), "dimensions of an array");

    let number = Object::BigInteger("9".repeat(20_000));
    let number = encode_one(&number, Profile::OpenIcf2).unwrap();
    let error = read::value(&number, &Limits::default()).unwrap_err();
    assert_eq!(limit_of(error), "digits in a number");
}

#[test]
fn a_stream_is_bounded_before_its_object_is_whole() {
    let limits = Limits { object_bytes: 10_000, ..Limits::default() };
    let mut decoder = Decoder::new(limits);
    // A list without end, one small field after another.
    decoder.feed(&list_stream(&[0x3d, 0, 0, 0, 0]));
    let error = (0..10_000).find_map(|_| {
        decoder.feed(&hex("46 00000002 3c48"));
        decoder.next().err()
    });
    assert_eq!(limit_of(error.unwrap()), "bytes in an object");
    // And it stays broken.
    decoder.feed(&hex("48"));
    assert!(decoder.next().is_err());
}

#[test]
fn a_wrong_magic_number_is_seen_at_its_fourth_byte() {
    let mut decoder = Decoder::new(Limits::default());
    decoder.feed(b"GET");
    assert_eq!(decoder.next(), Ok(None));
    decoder.feed(b" ");
    assert_eq!(decoder.next(), Err(DecodeError::BadMagic(0x4745_5420)));
}

#[test]
fn a_length_beyond_the_limit_is_seen_before_its_bytes_come() {
    let limits = Limits { object_bytes: 200, ..Limits::default() };
    let mut decoder = Decoder::new(limits);
    decoder.feed(&list_stream(&hex("3d00000000 46 000000c8")));
    assert_eq!(limit_of(decoder.next().unwrap_err()), "bytes in a field");

    let mut decoder = Decoder::new(Limits { object_bytes: 20, ..limits });
    decoder.feed(&hex(&format!("{HEADER} 00000001 00000064 414141414141")));
    assert_eq!(limit_of(decoder.next().unwrap_err()), "bytes in an object");
}

#[test]
fn a_name_declared_again_means_the_new_one() {
    let mut decoder = Decoder::new(Limits::default());
    // Code 0 is `int` first and `List` in the second object; code 7, out of order, is kept.
    decoder.feed(&hex(&format!(
        "{HEADER} 00000002 00000003 696e74 00000000 00000003 536574 00000007
         3d00000000 46 00000004 00000005 48"
    )));
    assert_eq!(decoder.next(), Ok(Some(Object::Integer(5))));
    decoder.feed(&hex("00000001 00000004 4c697374 00000000 3d00000000 48 00000000 3d00000007 48"));
    assert_eq!(decoder.next(), Ok(Some(Object::List(vec![]))));
    assert_eq!(decoder.next(), Ok(Some(Object::Set(icf_wire::binary::Set::default()))));
    assert_eq!(decoder.next(), Ok(None));
}

#[test]
fn fields_without_a_name_beyond_those_wanted_are_ignored() {
    let uid = hex(&format!(
        "{HEADER} 00000002 00000003 556964 00000000 00000003 756964 00000001
         3d00000000 46 00000002 3f48 47 00000001 00000005 00000001 75 48"
    ));
    let object = decode_one(&uid, &Limits::default()).unwrap();
    assert!(object.as_record("Uid").unwrap().items().is_empty());
    let not = hex(&format!(
        "{HEADER} 00000001 00000009 4e6f7446696c746572 00000000 3d00000000 46 00000002 3c48 46 00000002 3f48 48"
    ));
    let object = decode_one(&not, &Limits::default()).unwrap();
    assert_eq!(object.as_record("NotFilter").unwrap().items(), [Object::Null]);
}

#[test]
fn not_a_number_has_one_form() {
    let double = "00000001 00000006 446f75626c65 00000000 3d00000000 46 00000008";
    let strange = hex(&format!("{HEADER} {double} fff8000000000123 48"));
    let object = decode_one(&strange, &Limits::default()).unwrap();
    let again = encode_one(&object, Profile::OpenIcf2).unwrap();
    assert_eq!(again, hex(&format!("{HEADER} {double} 7ff8000000000000 48")));
}

#[test]
fn what_no_one_asks_for_is_not_parsed() {
    // A Uid with an unknown field whose payload names an undeclared type.
    let bytes = hex(&format!(
        "{HEADER} 00000003 00000003 556964 00000000 00000003 756964 00000001 00000001 78 00000002
         3d00000000 47 00000001 00000005 00000001 75 47 00000002 00000006 3d 00000063 48 48"
    ));
    let object = decode_one(&bytes, &Limits::default()).unwrap();
    assert_eq!(object.as_record("Uid").unwrap().text("uid"), Some("u"));
}

#[test]
fn unknown_types_are_kept_as_foreign_objects() {
    let bytes = hex(&format!(
        "{HEADER} 00000001 00000006 467574757265 00000000 3d00000000 46 00000001 07 47 00000000 00000000 48"
    ));
    let Object::Foreign(foreign) = decode_one(&bytes, &Limits::default()).unwrap() else {
        panic!("a foreign object");
    };
    assert_eq!(foreign.type_name, "Future");
    assert_eq!(foreign.fields, [(None, vec![7]), (Some("Future".to_owned()), vec![])]);
    let refused = Object::Foreign(foreign).interpret();
    assert_eq!(refused, Err(DecodeError::NoSuchType("Future".to_owned())));
}

/// Streams to spoil: the two worked examples and what other tests made.
fn seeds() -> Vec<Vec<u8>> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/binary");
    let mut seeds = Vec::new();
    for family in ["objects", "filters", "containers", "apiconfig", "rpc-blobs", "guarded", "messages"] {
        let text = std::fs::read_to_string(folder.join(family).with_extension("json")).unwrap();
        let file: serde_json::Value = serde_json::from_str(&text).unwrap();
        let vectors = file["vectors"].as_array().unwrap().iter();
        seeds.extend(vectors.map(|vector| hex(vector["hex"].as_str().unwrap())).filter(|s| s.len() < 3000));
    }
    assert!(seeds.len() > 50);
    seeds
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..400), with_header: bool) {
        let bytes = if with_header { [hex(HEADER), bytes].concat() } else { bytes };
        prop_assert_eq!(fuzz::exercise(&bytes), Ok(()));
    }

    #[test]
    fn spoiled_streams_are_survived(
        seed: prop::sample::Index,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        thread_local!(static SEEDS: Vec<Vec<u8>> = seeds());
        let mut bytes = SEEDS.with(|seeds| seed.get(seeds).clone());
        for (place, value) in changes {
            let place = place.index(bytes.len());
            bytes[place] = value;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        prop_assert_eq!(fuzz::exercise(&bytes), Ok(()));
    }
}
