//! Files that are not sound and configurations that cannot work: every operation has its say about them.

use icf::{
    Attribute, AttributeSet, ObjectClass, OperationOptions, ResultsHandlerConfiguration, Uid, Value, names,
};
use icf_wire::rpc::{Operation, UpdateKind};

use crate::csv::{connector, operations, path};
use crate::dice::Dice;
use crate::scene::{FOLDER, Scene};
use crate::step::{Since, Step};
use crate::table::Dialect;

/// What is wrong, and the file.
const FILES: [(&str, &str); 9] = [
    ("short row", "uid,a,password\nu1,x,p\nu2,y\nu3,z,p\n"),
    ("long row", "uid,a,password\nu1,x,p\nu2,y,p,q\n"),
    ("quote never closed", "uid,a,password\nu1,x,p\nu2,\"y,p\n"),
    ("row without key", "uid,a,password\nu1,x,p\n,y,p\n"),
    ("column twice", "uid,a,a\nu1,x,p\n"),
    ("empty header", "uid,a,\nu1,x,p\n"),
    ("no key column", "id,a,password\nu1,x,p\n"),
    ("empty file", ""),
    ("byte order mark", "\u{feff}uid,a,password\nu1,x,p\n"),
];

const SOUND: &str = "uid,a,password\nu1,x,p\nu2,y,q\n";

type Properties = fn() -> Vec<(&'static str, Value)>;

const CONFIGURATIONS: [(&str, Properties); 13] = [
    ("no file", Vec::new),
    ("file null", || vec![("csvFile", Value::Null)]),
    ("file not there", || vec![("csvFile", Value::File(format!("{FOLDER}/nothing.csv")))]),
    ("file a folder", || vec![("csvFile", Value::File(FOLDER.to_owned()))]),
    ("file a text", || vec![("csvFile", Value::String(format!("{FOLDER}/people.csv")))]),
    ("unknown property", || vec![path(), ("zz", Value::String("x".to_owned()))]),
    ("number for a text", || vec![path(), ("headerUid", Value::Integer(1))]),
    ("text for a number", || vec![path(), ("syncFileRetentionCount", Value::String("3".to_owned()))]),
    ("null for a number", || vec![path(), ("syncFileRetentionCount", Value::Null)]),
    ("null for a text", || vec![path(), ("quoteCharacter", Value::Null)]),
    ("quote is delimiter", || vec![path(), ("quoteCharacter", Value::String(",".to_owned()))]),
    ("delimiter empty", || vec![path(), ("fieldDelimiter", Value::String(String::new()))]),
    ("no such key column", || vec![path(), ("headerUid", Value::String("id".to_owned()))]),
];

pub(crate) fn scene(dice: &mut Dice, handlers: ResultsHandlerConfiguration, steps: usize) -> Scene {
    let (name, properties, file) = match dice.chance(50) {
        true => {
            let (name, file) = FILES[dice.below(FILES.len())];
            (name, vec![path()], file)
        }
        false => {
            let (name, properties) = CONFIGURATIONS[dice.below(CONFIGURATIONS.len())];
            (name, properties(), SOUND)
        }
    };
    Scene {
        name,
        connector: connector(),
        handlers,
        properties,
        file: Some(file.to_owned()),
        dialect: Dialect::default(),
        steps: (0..steps).map(|_| step(dice)).collect(),
    }
}

fn step(dice: &mut Dice) -> Step {
    let class = Some(ObjectClass::ACCOUNT);
    let options = OperationOptions::default();
    let uid = Some(Uid::try_new(if dice.chance(70) { "u1" } else { "nobody" }).unwrap());
    let value = Attribute::single("a", "new");
    let operation = match dice.below(12) {
        0 => Operation::Test,
        1 => Operation::Validate,
        2 => Operation::Schema,
        3 => Operation::Search { class, filter: None, options },
        4 => Operation::Get { class, uid, options },
        5 => {
            let attributes = AttributeSet::new().with(Attribute::single(names::NAME, "new")).with(value);
            Operation::Create { class, attributes: Some(attributes), options }
        }
        6 => {
            let attributes = Some(AttributeSet::new().with(value));
            Operation::Update { kind: UpdateKind::Replace, class, uid, attributes, options }
        }
        7 => Operation::Delete { class, uid, options },
        8 => {
            let password = Some(operations::wrong_password());
            Operation::Authenticate { class, username: Some("u1".to_owned()), password, options }
        }
        9 => Operation::ResolveUsername { class, username: Some("u1".to_owned()), options },
        10 => return Step::LatestToken(ObjectClass::ACCOUNT),
        _ => {
            return Step::Sync(
                ObjectClass::ACCOUNT,
                Since::Invented(Value::Long(1_300_734_815_289)),
                options,
            );
        }
    };
    Step::Ask(operation)
}
