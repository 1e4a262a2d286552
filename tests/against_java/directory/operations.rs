//! What is asked of a directory with the company in it.

use directories::slapd::SUFFIX;
use icf::{Attribute, AttributeSet, Filter, GuardedString, ObjectClass, OperationOptions, Uid, Value, names};
use icf_wire::rpc::{Operation, UpdateKind};

use crate::dice::Dice;
use crate::step::Step;

const PEOPLE: [&str; 8] = ["u0001", "u0002", "u0003", "u0004", "n1", "n2", "n3", "nobody"];
const TEXTS: [&str; 7] =
    ["x", "Two Words", "a*b(c)d\\e", "Jürgen", "u0001@example.com", "Name 2", "secret-0001"];
const ATTRIBUTES: [&str; 6] = ["uid", "cn", "sn", "mail", "title", "description"];

fn dn(uid: &str, branch: &str) -> String {
    format!("uid={uid},ou={branch},{SUFFIX}")
}

fn branch(dice: &mut Dice) -> &'static str {
    dice.weighted(&[(8, "People"), (3, "Partners"), (1, "Nowhere")])
}

fn uid(dice: &mut Dice, attribute: &str) -> Option<Uid> {
    let uid = dice.pick(&PEOPLE);
    let value = if attribute == "dn" { dn(uid, "People") } else { uid.to_owned() };
    Some(Uid::try_new(value).unwrap())
}

fn values(dice: &mut Dice) -> Vec<Value> {
    dice.some(&TEXTS[..4]).into_iter().map(Value::from).collect()
}

fn groups(dice: &mut Dice) -> Attribute {
    let names = dice.some(&["g1", "g2", "g3"]);
    let dns = names.iter().map(|name| Value::String(format!("cn={name},ou=Groups,{SUFFIX}")));
    Attribute::new("ldapGroups", dns.collect::<Vec<_>>())
}

/// One step of a scene whose identities are values of this attribute.
pub(crate) fn step(dice: &mut Dice, attribute: &'static str) -> Step {
    let class = Some(ObjectClass::ACCOUNT);
    let options = OperationOptions::default();
    let makers: [(u32, u8); 9] = [(24, 0), (8, 1), (16, 2), (20, 3), (8, 4), (6, 5), (8, 6), (6, 7), (1, 8)];
    Step::Ask(match dice.weighted(&makers) {
        0 => Operation::Search { class, filter: filter(dice, 2), options: wanted(dice) },
        1 => Operation::Get { class, uid: uid(dice, attribute), options: wanted(dice) },
        2 => Operation::Create { class, attributes: Some(newcomer(dice)), options },
        3 => {
            let (uid, attributes) = (uid(dice, attribute), Some(changes(dice)));
            Operation::Update { kind: UpdateKind::Replace, class, uid, attributes, options }
        }
        kind @ (4 | 5) => {
            let text = dice.pick(&["x", "y", "Jürgen"]);
            let attributes = Some(AttributeSet::new().with(Attribute::single("description", text)));
            let kind = if kind == 4 { UpdateKind::Add } else { UpdateKind::Remove };
            Operation::Update { kind, class, uid: uid(dice, attribute), attributes, options }
        }
        6 => Operation::Delete { class, uid: uid(dice, attribute), options },
        7 => {
            let username = Some(dice.pick(&PEOPLE).to_owned());
            let password = if dice.chance(60) {
                format!("secret-{}", username.as_deref().unwrap_or_default().trim_start_matches('u'))
            } else {
                "wrong".to_owned()
            };
            if dice.chance(30) {
                Operation::ResolveUsername { class, username, options }
            } else {
                Operation::Authenticate {
                    class,
                    username,
                    password: Some(GuardedString::new(&password)),
                    options,
                }
            }
        }
        _ => Operation::Test,
    })
}

fn wanted(dice: &mut Dice) -> OperationOptions {
    let options = OperationOptions::default();
    if dice.chance(30) {
        return options;
    }
    let more = ["ldapGroups", "jpegPhoto", "objectClass", "givenName"];
    options.with_attributes_to_get(dice.some(&ATTRIBUTES).into_iter().chain(dice.some(&more)))
}

fn newcomer(dice: &mut Dice) -> AttributeSet {
    let uid = dice.pick(&PEOPLE[3..7]);
    let name = dn(uid, branch(dice));
    let mut new = AttributeSet::new().with(Attribute::single(names::NAME, name.as_str()));
    for required in ["cn", "sn"] {
        if dice.chance(92) {
            new.push(Attribute::single(required, "New"));
        }
    }
    for optional in ["mail", "title", "description"] {
        if dice.chance(30) {
            new.push(Attribute::new(optional, values(dice)));
        }
    }
    if dice.chance(20) {
        new.push(Attribute::single(names::PASSWORD, GuardedString::new("secret-new")));
    }
    if dice.chance(15) {
        new.push(groups(dice));
    }
    if dice.chance(4) {
        new.push(Attribute::single("noSuchAttribute", "x"));
    }
    new
}

fn changes(dice: &mut Dice) -> AttributeSet {
    let mut changes = AttributeSet::new();
    if dice.chance(20) {
        let name = dn(dice.pick(&PEOPLE), branch(dice));
        changes.push(Attribute::single(names::NAME, name.as_str()));
    }
    for attribute in ["cn", "mail", "title", "description"] {
        if dice.chance(35) {
            changes.push(Attribute::new(attribute, values(dice)));
        }
    }
    if dice.chance(15) {
        changes.push(groups(dice));
    }
    if dice.chance(10) {
        changes.push(Attribute::single(names::PASSWORD, GuardedString::new("secret-new")));
    }
    if changes.is_empty() {
        changes.push(Attribute::single("title", "T"));
    }
    changes
}

fn filter(dice: &mut Dice, depth: usize) -> Option<Filter> {
    if dice.chance(8) && depth == 2 {
        return None;
    }
    Some(condition(dice, depth))
}

fn condition(dice: &mut Dice, depth: usize) -> Filter {
    if depth > 0 && dice.chance(35) {
        let first = Box::new(condition(dice, depth - 1));
        return match dice.below(3) {
            0 => Filter::Not(first),
            1 => Filter::And(first, Box::new(condition(dice, depth - 1))),
            _ => Filter::Or(first, Box::new(condition(dice, depth - 1))),
        };
    }
    let attribute = dice.pick(&ATTRIBUTES);
    let text = match attribute {
        "uid" => dice.pick(&PEOPLE),
        _ => dice.pick(&TEXTS),
    };
    let single = Attribute::single(attribute, text);
    match dice.below(8) {
        0 => Filter::StartsWith(Attribute::single(attribute, text.get(..1).unwrap_or(text))),
        1 => Filter::EndsWith(single),
        2 => Filter::Contains(single),
        3 => Filter::ContainsAllValues(Attribute::new(attribute, values(dice))),
        4 => Filter::Equals(Attribute::single(names::NAME, dn(dice.pick(&PEOPLE), "People").as_str())),
        _ => Filter::Equals(single),
    }
}
