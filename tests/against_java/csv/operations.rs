//! Random operations on a sound file.

use icf::{
    Attribute, AttributeSet, BatchTask, Filter, GuardedString, ObjectClass, OperationOptions, ScriptContext,
    SortKey, Uid, Value, ValueMap, names, option_names,
};
use icf_wire::rpc::{Operation, UpdateKind};

use crate::csv::files::Kind;
use crate::csv::values;
use crate::dice::Dice;
use crate::scene::Scene;
use crate::step::{Since, Step};

/// Writes the steps of one scene; knows the keys that are likely there.
#[derive(Debug)]
pub(crate) struct Writer {
    kind: &'static Kind,
    file: String,
    tokens: usize,
    /// Of the last search: a cookie belongs to it.
    filter: Option<Filter>,
    attributes: Vec<&'static str>,
}

type Make = fn(&mut Writer, &mut Dice) -> Step;

impl Writer {
    pub(crate) fn new(kind: &'static Kind, scene: &Scene) -> Self {
        let mut attributes = kind.plain_columns();
        attributes.extend(kind.password.map(|_| names::PASSWORD));
        Self { kind, file: scene.file.clone().unwrap_or_default(), tokens: 0, filter: None, attributes }
    }

    pub(crate) fn step(&mut self, dice: &mut Dice) -> Step {
        let makers: [(u32, Make); 15] = [
            (30, Self::search),
            (8, Self::next_page),
            (8, Self::get),
            (16, Self::create),
            (18, Self::update),
            (8, Self::delete),
            (7, Self::authenticate),
            (4, Self::resolve_username),
            (6, Self::latest_token),
            (10, Self::sync),
            (2, |_, _| Step::Ask(Operation::Schema)),
            (2, |_, _| Step::Ask(Operation::Test)),
            (2, |_, _| Step::Ask(Operation::Validate)),
            (3, Self::outside),
            (1, Self::script),
        ];
        dice.weighted(&makers)(self, dice)
    }

    fn class(dice: &mut Dice) -> Option<ObjectClass> {
        let name = match dice.weighted(&[(93, 0), (2, 1), (1, 2), (1, 3), (1, 4), (2, 5)]) {
            1 => "__GROUP__",
            2 => "__ALL__",
            3 => "person",
            4 => return None,
            5 => "__account__",
            _ => "__ACCOUNT__",
        };
        Some(ObjectClass::new(name.to_owned()))
    }

    /// Most often one that is there.
    fn key(&self, dice: &mut Dice) -> String {
        let keys = self.kind.keys();
        match dice.weighted(&[(85, 0), (5, 1), (3, 2), (3, 3), (2, 4), (2, 5)]) {
            1 => "nobody".to_owned(),
            2 => self.kind.key.to_owned(),
            3 => keys[dice.below(keys.len())].to_uppercase(),
            4 => format!(" {} ", keys[0]),
            5 => values::text(dice).to_owned(),
            _ => keys[dice.below(keys.len())].clone(),
        }
    }

    fn uid(&self, dice: &mut Dice) -> Option<Uid> {
        let uid = Uid::try_new(self.key(dice)).unwrap();
        match dice.weighted(&[(95, 0), (4, 1), (1, 2)]) {
            1 => Some(uid.with_revision("7")),
            2 => None,
            _ => Some(uid),
        }
    }

    /// The name of an attribute in one of the ways a caller may write it.
    fn attribute_name(&self, dice: &mut Dice) -> String {
        let name = *dice.pick(&self.attributes.iter().collect::<Vec<_>>());
        match dice.weighted(&[(80, 0), (6, 1), (4, 2), (4, 3), (6, 4)]) {
            1 => name.to_uppercase(),
            2 => "unknown".to_owned(),
            3 => names::ENABLE.to_owned(),
            4 => (*dice.pick(&[&names::UID, &names::NAME, &self.kind.key])).to_owned(),
            _ => name.to_owned(),
        }
    }

    /// An operand of a filter.
    fn operand(&self, dice: &mut Dice, name: &str) -> Attribute {
        let one = |dice: &mut Dice| {
            if name == names::PASSWORD && dice.chance(80) {
                Value::GuardedString(values::password(dice))
            } else if name == names::UID || name == names::NAME || name == self.kind.key {
                Value::String(self.key(dice))
            } else if dice.chance(3) {
                Value::Integer(1)
            } else {
                Value::String(values::text(dice).to_owned())
            }
        };
        match dice.chance(4) && name != names::UID && name != names::NAME {
            true => Attribute::new(name.to_owned(), vec![one(dice), one(dice)]),
            false => Attribute::single(name.to_owned(), one(dice)),
        }
    }

    fn filter(&self, dice: &mut Dice, depth: usize) -> Filter {
        if depth > 0 && dice.chance(40) {
            let left = self.filter(dice, depth - 1);
            return match dice.below(3) {
                0 => left.negated(),
                1 => left.and(self.filter(dice, depth - 1)),
                _ => left.or(self.filter(dice, depth - 1)),
            };
        }
        let name = self.attribute_name(dice);
        let operand = self.operand(dice, &name);
        let filter = match dice.weighted(&[
            (8, 0),
            (3, 1),
            (3, 2),
            (3, 3),
            (2, 4),
            (2, 5),
            (2, 6),
            (2, 7),
            (2, 8),
            (2, 9),
        ]) {
            1 => Filter::Contains(operand),
            2 => Filter::StartsWith(operand),
            3 => Filter::EndsWith(operand),
            4 => Filter::GreaterThan(operand),
            5 => Filter::GreaterThanOrEqual(operand),
            6 => Filter::LessThan(operand),
            7 => Filter::LessThanOrEqual(operand),
            8 => Filter::ContainsAllValues(operand),
            9 => Filter::Presence(name.into()),
            _ => Filter::Equals(operand),
        };
        // What breaks the rules of the framework cannot be built by a caller, so nobody has an answer to it.
        match filter.check() {
            Ok(()) => filter,
            Err(_) => self.filter(dice, depth),
        }
    }

    fn options(&self, dice: &mut Dice) -> OperationOptions {
        let mut options = OperationOptions::default();
        if dice.chance(40) {
            let mut names = dice.some(&self.attributes);
            if dice.chance(10) {
                names.push(dice.pick(&["unknown", names::UID, names::NAME]));
            }
            options = options.with_attributes_to_get(names);
        }
        if dice.chance(5) {
            options.set(option_names::RUN_AS_USER, "u1");
        }
        options
    }

    fn paging(dice: &mut Dice, mut options: OperationOptions) -> OperationOptions {
        if dice.chance(40) {
            options.set(
                option_names::PAGE_SIZE,
                dice.weighted(&[(1, -1), (1, 0), (2, 1), (6, 2), (4, 3), (1, 100)]),
            );
        }
        if dice.chance(15) {
            options
                .set(option_names::PAGED_RESULTS_OFFSET, dice.weighted(&[(3, 0), (3, 1), (2, 2), (1, 100)]));
        }
        if dice.chance(6) {
            let cookie = dice.pick(&["Mg==", "MA==", "zzz", "", "eHg=", "OTk="]);
            options.set(option_names::PAGED_RESULTS_COOKIE, cookie);
        }
        if dice.chance(10) {
            options = options
                .with_sort_keys([SortKey { field: "lastName".to_owned(), ascending: dice.chance(50) }]);
        }
        options
    }

    fn search(&mut self, dice: &mut Dice) -> Step {
        self.filter = dice.chance(65).then(|| self.filter(dice, 3));
        let options = self.options(dice);
        let options = Self::paging(dice, options);
        Step::Ask(Operation::Search { class: Self::class(dice), filter: self.filter.clone(), options })
    }

    fn next_page(&mut self, dice: &mut Dice) -> Step {
        let options = self.options(dice).with(option_names::PAGE_SIZE, 2);
        let filter = self.filter.clone();
        Step::NextPage(Operation::Search { class: Some(ObjectClass::ACCOUNT), filter, options })
    }

    fn get(&mut self, dice: &mut Dice) -> Step {
        Step::Ask(Operation::Get {
            class: Self::class(dice),
            uid: self.uid(dice),
            options: self.options(dice),
        })
    }

    fn attributes(&self, dice: &mut Dice) -> AttributeSet {
        let mut attributes = AttributeSet::new();
        for name in dice.some(&self.attributes) {
            attributes.push(match name == names::PASSWORD {
                true => Attribute::single(name, Value::GuardedString(values::password(dice))),
                false => values::attribute(dice, name),
            });
        }
        if dice.chance(10) {
            let name = self.attribute_name(dice);
            // Of two spellings of one name Java takes either.
            if attributes.get(&name).is_none() {
                attributes.push(values::attribute(dice, &name));
            }
        }
        attributes
    }

    fn new_attributes(&self, dice: &mut Dice) -> AttributeSet {
        let mut attributes = self.attributes(dice);
        if dice.chance(92) {
            attributes.push(Attribute::single(names::NAME, self.key(dice)));
        }
        if dice.chance(2) {
            attributes.push(Attribute::single(names::NAME, "second"));
        }
        attributes
    }

    fn create(&mut self, dice: &mut Dice) -> Step {
        let attributes = Some(self.new_attributes(dice)).filter(|_| !dice.chance(1));
        Step::Ask(Operation::Create { class: Self::class(dice), attributes, options: self.options(dice) })
    }

    fn changed(&self, dice: &mut Dice) -> (UpdateKind, AttributeSet) {
        let kind = dice.weighted(&[(6, UpdateKind::Replace), (2, UpdateKind::Add), (2, UpdateKind::Remove)]);
        let mut attributes = self.attributes(dice);
        if kind == UpdateKind::Replace && dice.chance(12) && attributes.get(names::NAME).is_none() {
            attributes.push(Attribute::single(names::NAME, self.key(dice)));
        }
        if dice.chance(2) && attributes.get(self.kind.key).is_none() {
            attributes.push(Attribute::null(self.kind.key));
        }
        (kind, attributes)
    }

    fn update(&mut self, dice: &mut Dice) -> Step {
        let (kind, attributes) = self.changed(dice);
        Step::Ask(Operation::Update {
            kind,
            class: Self::class(dice),
            uid: self.uid(dice),
            attributes: Some(attributes).filter(|_| !dice.chance(1)),
            options: self.options(dice),
        })
    }

    fn delete(&mut self, dice: &mut Dice) -> Step {
        Step::Ask(Operation::Delete {
            class: Self::class(dice),
            uid: self.uid(dice),
            options: self.options(dice),
        })
    }

    fn authenticate(&mut self, dice: &mut Dice) -> Step {
        Step::Ask(Operation::Authenticate {
            class: Self::class(dice),
            username: Some(self.key(dice)).filter(|_| !dice.chance(2)),
            password: Some(values::password(dice)).filter(|_| !dice.chance(2)),
            options: self.options(dice),
        })
    }

    fn resolve_username(&mut self, dice: &mut Dice) -> Step {
        Step::Ask(Operation::ResolveUsername {
            class: Self::class(dice),
            username: Some(self.key(dice)).filter(|_| !dice.chance(2)),
            options: self.options(dice),
        })
    }

    fn latest_token(&mut self, dice: &mut Dice) -> Step {
        self.tokens += 1;
        Step::LatestToken(Self::class(dice).unwrap_or(ObjectClass::ACCOUNT))
    }

    fn sync(&mut self, dice: &mut Dice) -> Step {
        let since = match dice.weighted(&[(85, 0), (5, 1), (5, 2), (5, 3)]) {
            1 => Since::Ever,
            2 => Since::Invented(Value::Long(1_300_734_815_289)),
            3 => Since::Invented(Value::String("../x".to_owned())),
            _ if self.tokens == 0 => return self.latest_token(dice),
            _ => Since::Kept(self.tokens - 1 - dice.below(self.tokens.min(3))),
        };
        self.tokens += 1;
        Step::Sync(Self::class(dice).unwrap_or(ObjectClass::ACCOUNT), since, self.options(dice))
    }

    /// Another program at work.
    fn outside(&mut self, dice: &mut Dice) -> Step {
        let delimiter = self.kind.dialect.delimiter.to_string();
        if dice.chance(30) {
            return Step::Replaced(self.file.clone());
        }
        let cells: Vec<_> =
            self.kind.columns.iter().map(|name| if *name == self.kind.key { "new" } else { "n" }).collect();
        Step::Appended(format!("{}\n", cells.join(&delimiter)))
    }

    fn script(&mut self, dice: &mut Dice) -> Step {
        let language = (*dice.pick(&["groovy", "Shell"])).to_owned();
        let script = ScriptContext {
            script: icf::Script::try_new(language, "1").unwrap(),
            arguments: ValueMap::default(),
        };
        let (script, options) = (Some(script), OperationOptions::default());
        Step::Ask(match dice.chance(50) {
            true => Operation::ScriptOnConnector { script, options },
            false => Operation::ScriptOnResource { script, options },
        })
    }

    /// A batch. Nothing may follow it: when Java says that a task failed it has yet to do the others, and nobody can tell
    /// when that is done.
    pub(super) fn batch(&mut self, dice: &mut Dice) -> Step {
        let tasks = (0..1 + dice.below(4)).map(|_| self.task(dice)).collect();
        Step::Ask(Operation::Batch { tasks, options: OperationOptions::default() })
    }

    fn task(&self, dice: &mut Dice) -> BatchTask {
        let (object_class, options) = (ObjectClass::ACCOUNT, OperationOptions::default());
        let keys = self.kind.keys();
        let key = keys[dice.below(keys.len())].clone();
        let uid = Uid::try_new(key.as_str()).unwrap();
        let text = || Attribute::single(self.kind.plain_columns()[1], "batch");
        match dice.below(5) {
            0 => {
                let name = Attribute::single(names::NAME, key);
                BatchTask::Create {
                    object_class,
                    attributes: AttributeSet::new().with(text()).with(name),
                    options,
                }
            }
            1 => BatchTask::Delete { object_class, uid, options },
            2 => BatchTask::AddValues {
                object_class,
                uid,
                attributes: AttributeSet::new().with(text()),
                options,
            },
            3 => BatchTask::RemoveValues {
                object_class,
                uid,
                attributes: AttributeSet::new().with(text()),
                options,
            },
            _ => {
                BatchTask::Update { object_class, uid, attributes: AttributeSet::new().with(text()), options }
            }
        }
    }
}

/// A secret that nobody has.
pub(crate) fn wrong_password() -> GuardedString {
    GuardedString::new("wrong")
}
