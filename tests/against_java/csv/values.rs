//! Random values, few enough that filters find something.

use icf::{Attribute, BigDecimal, GuardedString, Value, names};

use crate::dice::Dice;

const TEXTS: [&str; 17] = [
    "a", "b", "ab", "abc", "B", "Zed", "zed", "1", "10", "2", "d,d;d", "q\"q", "it's", "l1\nl2", "ü", "日本",
    "😀",
];

pub(crate) fn text(dice: &mut Dice) -> &'static str {
    dice.pick(&TEXTS)
}

/// Passwords, of which some stand in files.
pub(crate) fn password(dice: &mut Dice) -> GuardedString {
    GuardedString::new(if dice.chance(50) { "" } else { text(dice) })
}

/// A value that a caller may send for a column of text.
pub(crate) fn value(dice: &mut Dice) -> Value {
    match dice.weighted(&[
        (80, 0),
        (3, 1),
        (3, 2),
        (3, 3),
        (1, 4),
        (1, 5),
        (1, 6),
        (1, 7),
        (3, 8),
        (3, 9),
        (1, 10),
    ]) {
        1 => Value::Integer(7),
        2 => Value::Boolean(true),
        3 => Value::Long(-5_000_000_000),
        4 => Value::Bytes(vec![1, 2]),
        5 => Value::GuardedString(GuardedString::new("hidden")),
        6 => Value::Double(0.5),
        7 => Value::BigDecimal(Box::new(BigDecimal { unscaled: 1200.into(), scale: 2 })),
        8 => Value::String(String::new()),
        9 => Value::String(format!(" {} ", text(dice))),
        10 => Value::Character('c'),
        _ => Value::String(text(dice).to_owned()),
    }
}

/// An attribute of that name with none, one or two values.
pub(crate) fn attribute(dice: &mut Dice, name: &str) -> Attribute {
    let name = name.to_owned();
    if name == names::UID || name == names::NAME {
        // A caller cannot build them with anything else.
        return Attribute::single(name, text(dice));
    }
    match dice.weighted(&[(85, 1), (4, 0), (4, 2), (7, 3)]) {
        0 => Attribute::new(name, Vec::new()),
        2 => Attribute::new(name, vec![value(dice), value(dice)]),
        3 => Attribute::null(name),
        _ => Attribute::single(name, value(dice)),
    }
}
