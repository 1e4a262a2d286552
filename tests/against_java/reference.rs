//! Random scenes of the reference connector, which has every operation, takes every value and fails on demand.

use std::sync::atomic::{AtomicUsize, Ordering};

use icf::{
    Attribute, AttributeSet, BatchTask, BatchToken, BigDecimal, Filter, GuardedBytes, GuardedString,
    ObjectClass, OperationOptions, ResultsHandlerConfiguration, Script, ScriptContext, SortKey, Uid, Value,
    ValueArray, ValueMap, names, option_names,
};
use icf_wire::rpc::{Operation, UpdateKind};

use crate::dice::Dice;
use crate::scene::{FOLDER, Scene};
use crate::step::{Since, Step};
use crate::table::Dialect;

const CLASSES: [(u32, &str); 5] =
    [(80, "__ACCOUNT__"), (12, "__GROUP__"), (4, "organization"), (2, "person"), (2, "__ALL__")];
const ATTRIBUTES: [&str; 14] = [
    "string",
    "int",
    "long",
    "double",
    "boolean",
    "bytes",
    "bigDecimal",
    "guardedString",
    "map",
    "strings",
    "notUpdateable",
    "notReadable",
    "hidden",
    names::ENABLE,
];
/// One array for all, so that filters find it.
const BYTES: [u8; 2] = [0, 255];
const THROWN: [&str; 9] = [
    "AlreadyExistsException",
    "ConnectorException",
    "ConnectorIOException",
    "InvalidPasswordException",
    "PasswordExpiredException",
    "PreconditionFailedException",
    "RetryableException",
    "UnknownUidException",
    "java.lang.IllegalStateException",
];

/// How many scenes had a world without a name, and one.
static BLANK_WORLDS: AtomicUsize = AtomicUsize::new(1);

type Make = fn(&mut Writer, &mut Dice) -> Operation;

/// Writes the steps of one scene.
#[derive(Debug)]
struct Writer {
    /// Whether the connector judges filters.
    judges: bool,
    tokens: usize,
}

/// A scene of so many steps in a world of its own.
pub(crate) fn scene(dice: &mut Dice, handlers: ResultsHandlerConfiguration, steps: usize) -> Scene {
    let judges = dice.chance(50);
    let mut writer = Writer { judges, tokens: 0 };
    let text = |text: &str| Value::String(text.to_owned());
    let mut properties = vec![
        // A world for each run on each server.
        ("world", text(FOLDER)),
        ("objects", Value::Integer(dice.weighted(&[(1, 0), (3, 4), (2, 12)]))),
        ("judgesFilters", Value::Boolean(judges)),
        ("revisions", Value::Boolean(dice.chance(15))),
    ];
    if dice.chance(15) {
        let faults = [
            "test=ConnectorIOException",
            "schema=null",
            "latestSyncToken=null",
            "init=ConnectionFailedException",
            "validate=ConfigurationException",
            "schema=java.lang.IllegalStateException",
        ];
        let faults = ValueArray::of_strings([*dice.pick(&faults.each_ref())]);
        properties.push(("faults", Value::Array(Box::new(faults))));
    }
    if dice.chance(4) {
        // Java's pool belongs to the configuration, and was seen without a free place and without a call that had one, so
        // that every further call waited for ever. So scenes share no configuration.
        let number = BLANK_WORLDS.fetch_add(1, Ordering::Relaxed);
        properties[0].1 = text(&" ".repeat(number));
    }
    if dice.chance(4) {
        properties.push(("unknownProperty", text("x")));
    }
    Scene {
        name: "reference",
        connector: icf_reference::registration().key().clone(),
        handlers,
        properties,
        file: None,
        dialect: Dialect::default(),
        steps: (0..steps).map(|_| writer.step(dice)).collect(),
    }
}

impl Writer {
    fn step(&mut self, dice: &mut Dice) -> Step {
        if dice.chance(5) {
            self.tokens += 1;
            return Step::LatestToken(class(dice));
        }
        if dice.chance(8) {
            let since = match dice.weighted(&[(6, 0), (2, 1), (1, 2)]) {
                1 => Since::Invented(Value::Integer(1)),
                2 => Since::Invented(value(dice)),
                _ => Since::Kept(dice.below(self.tokens.max(1))),
            };
            self.tokens += 1;
            return Step::Sync(class(dice), since, options(dice));
        }
        let makers: [(u32, Make); 14] = [
            (26, Self::search),
            (8, Self::get),
            (16, Self::create),
            (18, Self::update),
            (6, Self::delete),
            (4, Self::authenticate),
            (4, Self::resolve_username),
            (6, Self::script),
            (4, Self::batch),
            (1, |_, _| Operation::BatchQuery {
                token: BatchToken { tokens: vec!["batch-1".to_owned()], ..BatchToken::default() },
                options: OperationOptions::default(),
            }),
            (2, |_, _| Operation::Schema),
            (2, |_, _| Operation::Test),
            (2, |_, _| Operation::Validate),
            (2, Self::describe),
        ];
        Step::Ask(dice.weighted(&makers)(self, dice))
    }

    fn search(&mut self, dice: &mut Dice) -> Operation {
        let mut options = options(dice);
        if dice.chance(30) {
            options.set(option_names::PAGE_SIZE, dice.weighted(&[(1, 0), (2, 1), (4, 3)]));
            options.set(option_names::PAGED_RESULTS_OFFSET, dice.weighted(&[(3, 0), (1, 2)]));
        }
        if dice.chance(20) {
            let field = (*dice.pick(&ATTRIBUTES.each_ref())).to_owned();
            options = options.with_sort_keys([SortKey { field, ascending: dice.chance(50) }]);
        }
        if dice.chance(15) {
            options.set("generate", dice.weighted(&[(1, 0), (2, 3), (1, 150)]));
            options.set("textLength", 20);
        }
        if dice.chance(8) {
            options.set("throw", *dice.pick(&THROWN.each_ref()));
            options.set("throwAfter", 2);
        }
        let filter = dice.chance(60).then(|| filter(dice, 3, self.judges));
        Operation::Search { class: Some(class(dice)), filter, options }
    }

    /// What arrives: every kind of option, and the filter as it was sent.
    fn describe(&mut self, dice: &mut Dice) -> Operation {
        let mut options = OperationOptions::default().with("describe", true);
        for name in ["one", "two"] {
            options.set(name, option_value(dice));
        }
        Operation::Search { class: Some(class(dice)), filter: Some(filter(dice, 3, self.judges)), options }
    }

    fn get(&mut self, dice: &mut Dice) -> Operation {
        Operation::Get { class: Some(class(dice)), uid: Some(uid(dice)), options: options(dice) }
    }

    fn create(&mut self, dice: &mut Dice) -> Operation {
        let mut attributes = attributes(dice);
        if dice.chance(95) {
            attributes.push(Attribute::single(names::NAME, name(dice)));
        }
        let class = class(dice);
        if class == ObjectClass::ACCOUNT && dice.chance(40) {
            attributes.push(Attribute::single(names::PASSWORD, GuardedString::new("secret")));
        }
        Operation::Create { class: Some(class), attributes: Some(attributes), options: options(dice) }
    }

    fn update(&mut self, dice: &mut Dice) -> Operation {
        let kind = dice.weighted(&[(6, UpdateKind::Replace), (3, UpdateKind::Add), (3, UpdateKind::Remove)]);
        let mut attributes = attributes(dice);
        if kind == UpdateKind::Replace && dice.chance(15) {
            attributes.push(Attribute::single(names::NAME, name(dice)));
        }
        let (class, uid) = (Some(class(dice)), Some(uid(dice)));
        Operation::Update { kind, class, uid, attributes: Some(attributes), options: options(dice) }
    }

    fn delete(&mut self, dice: &mut Dice) -> Operation {
        Operation::Delete { class: Some(class(dice)), uid: Some(uid(dice)), options: options(dice) }
    }

    fn authenticate(&mut self, dice: &mut Dice) -> Operation {
        let password = Some(GuardedString::new(dice.pick(&["secret", "wrong", ""])));
        Operation::Authenticate {
            class: Some(class(dice)),
            username: Some(name(dice)),
            password,
            options: options(dice),
        }
    }

    fn resolve_username(&mut self, dice: &mut Dice) -> Operation {
        Operation::ResolveUsername {
            class: Some(class(dice)),
            username: Some(name(dice)),
            options: options(dice),
        }
    }

    fn script(&mut self, dice: &mut Dice) -> Operation {
        let text =
            *dice.pick(&[&"echo", &"describe", &"where", &"locale", &"lastCall", &"message", &"nothing"]);
        let arguments = ValueMap::default().with("value", any_value(dice)).with("key", "connector.display");
        let language = *dice.pick(&[&"reference", &"REFERENCE", &"groovy"]);
        let script = Some(ScriptContext { script: Script::try_new(language, text).unwrap(), arguments });
        let options = options(dice);
        match dice.chance(50) {
            true => Operation::ScriptOnConnector { script, options },
            false => Operation::ScriptOnResource { script, options },
        }
    }

    fn batch(&mut self, dice: &mut Dice) -> Operation {
        let mut options = OperationOptions::default();
        if dice.chance(25) {
            options.set(option_names::FAIL_ON_ERROR, true);
        }
        if dice.chance(25) {
            options.set("later", true);
        }
        Operation::Batch { tasks: (0..1 + dice.below(4)).map(|_| task(dice)).collect(), options }
    }
}

fn task(dice: &mut Dice) -> BatchTask {
    let (object_class, uid) = (ObjectClass::ACCOUNT, uid(dice));
    let options = OperationOptions::default();
    let string = AttributeSet::new().with(Attribute::single("string", "batch"));
    match dice.below(5) {
        0 => BatchTask::Create {
            object_class,
            attributes: string.with(Attribute::single(names::NAME, name(dice))),
            options,
        },
        1 => BatchTask::Delete { object_class, uid, options },
        2 => BatchTask::AddValues { object_class, uid, attributes: string, options },
        3 => BatchTask::RemoveValues { object_class, uid, attributes: string, options },
        _ => BatchTask::Update { object_class, uid, attributes: string, options },
    }
}

fn class(dice: &mut Dice) -> ObjectClass {
    ObjectClass::new(dice.weighted(&CLASSES))
}

fn name(dice: &mut Dice) -> String {
    match dice.chance(50) {
        true => format!("user{}", dice.below(6)),
        false => (*dice.pick(&["new", "Zoë", "u1", "staff", "😀"])).to_owned(),
    }
}

fn uid(dice: &mut Dice) -> Uid {
    let uid = match dice.chance(80) {
        true => (1 + dice.below(8)).to_string(),
        false => name(dice),
    };
    let uid = Uid::try_new(uid).unwrap();
    match dice.chance(15) {
        true => uid.with_revision(dice.below(3).to_string()),
        false => uid,
    }
}

fn attributes(dice: &mut Dice) -> AttributeSet {
    let mut attributes = AttributeSet::new();
    for _ in 0..dice.below(4) {
        let name = *dice.pick(&ATTRIBUTES.each_ref());
        if attributes.get(name).is_none() {
            attributes.push(attribute(dice, name));
        }
    }
    if dice.chance(4) {
        attributes.push(Attribute::single("nobodyKnows", "x"));
    }
    attributes
}

fn attribute(dice: &mut Dice, name: &'static str) -> Attribute {
    if name == "bytes" && dice.chance(50) {
        return Attribute::single(name, BYTES.to_vec());
    }
    match dice.weighted(&[(8, 1), (1, 0), (3, 2), (1, 3)]) {
        0 => Attribute::new(name, Vec::new()),
        2 => Attribute::new(name, vec![value(dice), value(dice)]),
        3 => Attribute::null(name),
        _ => Attribute::single(name, value(dice)),
    }
}

/// A value that an attribute may hold.
fn value(dice: &mut Dice) -> Value {
    let text = *dice.pick(&[&"Surname 1", &"s0", &"s1", &"", &"Zoë\n\"x\"", &"😀"]);
    match dice.below(16) {
        0 => Value::Integer(dice.weighted(&[(1, 0), (1, 3), (1, i32::MIN)])),
        1 => Value::Long(i64::MAX),
        2 => Value::Boolean(dice.chance(50)),
        3 => Value::Double(dice.weighted(&[(1, -0.0), (1, f64::NAN), (1, 0.1)])),
        4 => Value::Float(1.5),
        5 => Value::Byte(-128),
        6 => Value::Bytes(BYTES.to_vec()),
        7 => Value::Character('é'),
        8 => Value::BigInteger(Box::new("123456789012345678901234567890".parse().unwrap())),
        9 => Value::BigDecimal(Box::new(BigDecimal { unscaled: 120.into(), scale: -3 })),
        10 => Value::GuardedString(GuardedString::new("hidden")),
        11 => Value::GuardedBytes(GuardedBytes::new(vec![0, 1].into())),
        12 => {
            Value::Map(ValueMap::default().with("a", 1).with("b", Value::List(vec![Value::Null, "x".into()])))
        }
        _ => Value::String(text.to_owned()),
    }
}

/// A value that an option or an argument may hold.
fn any_value(dice: &mut Dice) -> Value {
    match dice.below(8) {
        0 => Value::List(vec![value(dice), Value::Null]),
        1 => Value::Array(Box::new(ValueArray::of_strings(["a", "b"]))),
        2 => Value::File("/tmp/x".to_owned()),
        3 => Value::Uri("ldap://example.com/".to_owned()),
        4 => Value::ObjectClass(ObjectClass::GROUP),
        5 => Value::Uid(Uid::try_new("u").unwrap().with_revision("7")),
        _ => value(dice),
    }
}

/// A value that an option may hold: a caller cannot build others.
fn option_value(dice: &mut Dice) -> Value {
    loop {
        let value = any_value(dice);
        let barred = matches!(
            value,
            Value::List(_)
                | Value::Map(_)
                | Value::Byte(_)
                | Value::Bytes(_)
                | Value::BigInteger(_)
                | Value::BigDecimal(_)
        );
        if !barred {
            return value;
        }
    }
}

fn options(dice: &mut Dice) -> OperationOptions {
    let mut options = OperationOptions::default();
    if dice.chance(30) {
        options = options.with_attributes_to_get(dice.some(&ATTRIBUTES));
    }
    if dice.chance(8) {
        options.set("throw", *dice.pick(&THROWN.each_ref()));
    }
    if dice.chance(5) {
        options.set("null", true);
    }
    if dice.chance(5) {
        options.set("delayMillis", 2);
    }
    if dice.chance(5) {
        options.set("extra", option_value(dice));
    }
    options
}

fn filter(dice: &mut Dice, depth: usize, judged: bool) -> Filter {
    if depth > 0 && dice.chance(40) {
        let left = filter(dice, depth - 1, judged);
        return match dice.below(3) {
            0 => left.negated(),
            1 => left.and(filter(dice, depth - 1, judged)),
            _ => left.or(filter(dice, depth - 1, judged)),
        };
    }
    // More often one that has rules of its own.
    let name =
        if dice.chance(25) { *dice.pick(&[&"int", &"bytes"]) } else { *dice.pick(&ATTRIBUTES.each_ref()) };
    let operand = match name {
        // A text is no number, which some conditions bear and others do not.
        "int" if dice.chance(40) => Attribute::single(name, "2"),
        "int" => Attribute::single(name, Value::Integer(2)),
        "boolean" => Attribute::single(name, Value::Boolean(true)),
        "strings" => Attribute::new(name, vec!["s0".into(), "s1".into()]),
        "bytes" => Attribute::single(name, BYTES.to_vec()),
        "string" => Attribute::single(name, "Surname 1"),
        _ => Attribute::single(name, value(dice)),
    };
    let filter = match dice.below(11) {
        _ if name == "bytes" && dice.chance(50) => Filter::ContainsAllValues(operand),
        0 => Filter::Contains(operand),
        1 => Filter::StartsWith(operand),
        2 => Filter::EndsWith(operand),
        3 => Filter::GreaterThan(operand),
        4 => Filter::GreaterThanOrEqual(operand),
        5 => Filter::LessThan(operand),
        6 => Filter::LessThanOrEqual(operand),
        7 => Filter::ContainsAllValues(operand),
        8 => Filter::Presence(name.into()),
        // What a foreign operator means is each connector's affair.
        9 if !judged && dice.chance(20) => {
            Filter::ExtendedMatch { operator: "~".to_owned(), attribute: operand }
        }
        _ => Filter::Equals(operand),
    };
    // What breaks the rules of the framework cannot be built by a caller.
    match filter.check() {
        Ok(()) => filter,
        Err(_) => self::filter(dice, depth, judged),
    }
}
