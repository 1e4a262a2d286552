//! ICF filters to queries.

use icf::{Attribute, Filter, Value, names};

use super::plan::{Query, TooMany, both, either};
use super::{LdapFilter, Substrings};
use crate::ad;
use crate::settings::{UidSource, is_dn_attribute};

/// What of the server and the configuration the translation depends on.
#[derive(Clone, Debug)]
pub(crate) struct Dialect {
    pub(crate) uid: UidSource,
    pub(crate) microsoft: bool,
    /// The attribute that lists an entry's groups, if the server keeps one.
    pub(crate) member_of: Option<String>,
}

/// Translates filters.
#[derive(Debug)]
pub(crate) struct Translator<'a> {
    dialect: &'a Dialect,
}

/// What an attribute is to the server.
enum Target<'a> {
    /// The name of the entry.
    Dn,
    Native(&'a str),
    /// A bit of `userAccountControl`, and whether it is set when the attribute is true.
    Bit(u32, bool),
    /// Something that the connector makes.
    Made,
}

impl<'a> Translator<'a> {
    /// Translates for this server.
    pub(crate) const fn new(dialect: &'a Dialect) -> Self {
        Self { dialect }
    }

    /// The queries of a filter; without filter everything.
    pub(crate) fn queries(&self, filter: Option<&Filter>) -> Result<Vec<Query>, TooMany> {
        filter.map_or_else(|| Ok(vec![Query::everything()]), |filter| self.translate(filter, false))
    }

    fn translate(&self, filter: &Filter, negated: bool) -> Result<Vec<Query>, TooMany> {
        match filter {
            Filter::Not(inner) => self.translate(inner, !negated),
            Filter::And(left, right) | Filter::Or(left, right) => {
                let (left, right) = (self.translate(left, negated)?, self.translate(right, negated)?);
                if matches!(filter, Filter::And(..)) == negated {
                    either(left, right)
                } else {
                    both(&left, &right)
                }
            }
            leaf => Ok(self.leaf(leaf, negated)),
        }
    }

    fn target<'n>(&'n self, name: &'n str) -> Target<'n> {
        if name.eq_ignore_ascii_case(names::UID) {
            return self.dialect.uid.attribute().map_or(Target::Dn, Target::Native);
        }
        if name.eq_ignore_ascii_case(names::NAME) || is_dn_attribute(name) {
            return Target::Dn;
        }
        if name.eq_ignore_ascii_case("ldapGroups") {
            return self.dialect.member_of.as_deref().map_or(Target::Made, Target::Native);
        }
        if self.dialect.microsoft
            && let Some(flag) = ad::Flag::from_name(name)
            && let Some((bit, set)) = flag.control_bit()
        {
            return Target::Bit(bit, set);
        }
        let made = ["posixGroups", "_memberId"].iter().any(|known| known.eq_ignore_ascii_case(name));
        if made || name.starts_with("__") { Target::Made } else { Target::Native(name) }
    }

    fn leaf(&self, leaf: &Filter, negated: bool) -> Vec<Query> {
        if let Filter::ExtendedMatch { .. } = leaf {
            return vec![Query::everything()];
        }
        let names = leaf.attribute_names();
        let Some(name) = names.first() else { return vec![Query::everything()] };
        match self.target(name.as_str()) {
            Target::Dn => by_dn(leaf, negated),
            Target::Native(attribute) => self.native(attribute, leaf, negated),
            Target::Bit(bit, set) => match leaf {
                Filter::Equals(operand) => match operand.single_value() {
                    Some(Value::Boolean(truth)) => {
                        let bits = LdapFilter::bits("userAccountControl", bit);
                        let wanted = (*truth == set) != negated;
                        vec![Query::native(if wanted { bits } else { bits.negated() })]
                    }
                    _ => vec![Query::judged(leaf.clone(), negated)],
                },
                _ => vec![Query::judged(leaf.clone(), negated)],
            },
            Target::Made => vec![Query::judged(leaf.clone(), negated)],
        }
    }

    fn native(&self, attribute: &str, leaf: &Filter, negated: bool) -> Vec<Query> {
        let native =
            |filter: LdapFilter| vec![Query::native(if negated { filter.negated() } else { filter })];
        match leaf {
            Filter::Equals(operand)
            | Filter::ContainsAllValues(operand)
            | Filter::EqualsIgnoreCase(operand) => {
                let all =
                    operand.values().iter().map(|value| equals(attribute, value)).collect::<Option<Vec<_>>>();
                match all.and_then(LdapFilter::all) {
                    Some(filter) => native(filter),
                    // A condition without a value is none.
                    None => vec![Query::everything()],
                }
            }
            Filter::Contains(operand) => native(substrings(attribute, operand, |part| Substrings {
                any: vec![part],
                ..Substrings::default()
            })),
            Filter::StartsWith(operand) => native(substrings(attribute, operand, |part| Substrings {
                initial: Some(part),
                ..Substrings::default()
            })),
            Filter::EndsWith(operand) => native(substrings(attribute, operand, |part| Substrings {
                last: Some(part),
                ..Substrings::default()
            })),
            Filter::Presence(_) => native(LdapFilter::present(attribute)),
            Filter::GreaterThan(operand)
            | Filter::GreaterThanOrEqual(operand)
            | Filter::LessThan(operand)
            | Filter::LessThanOrEqual(operand) => {
                match operand.single_value().and_then(|value| bytes(attribute, value)) {
                    Some(value) => vec![Query::native(comparison(attribute, value, leaf, negated))],
                    None => vec![Query::everything()],
                }
            }
            _ => vec![Query::everything()],
        }
    }
}

/// An entry that lacks the attribute makes `(a<=v)` false, so its negation alone would find that entry, too.
fn comparison(attribute: &str, value: Vec<u8>, leaf: &Filter, negated: bool) -> LdapFilter {
    let name = attribute.to_owned();
    let present_but_not =
        |other: LdapFilter| LdapFilter::And(vec![LdapFilter::present(attribute), other.negated()]);
    match (leaf, negated) {
        (Filter::GreaterThan(_), false) => present_but_not(LdapFilter::AtMost(name, value)),
        (Filter::GreaterThan(_), true) | (Filter::LessThanOrEqual(_), false) => {
            LdapFilter::AtMost(name, value)
        }
        (Filter::LessThan(_), false) => present_but_not(LdapFilter::AtLeast(name, value)),
        (Filter::LessThan(_), true) | (Filter::GreaterThanOrEqual(_), false) => {
            LdapFilter::AtLeast(name, value)
        }
        (Filter::GreaterThanOrEqual(_), _) => LdapFilter::AtLeast(name, value).negated(),
        _ => LdapFilter::AtMost(name, value).negated(),
    }
}

fn by_dn(leaf: &Filter, negated: bool) -> Vec<Query> {
    match leaf {
        Filter::Equals(operand) | Filter::ContainsAllValues(operand) | Filter::EqualsIgnoreCase(operand) => {
            match operand.values() {
                [] | [Value::Null] => vec![Query::everything()],
                [Value::String(name)] if negated => vec![Query::without(name)],
                [Value::String(name)] => vec![Query::entry(name)],
                // No entry has two names, and no name is anything but a text.
                _ if negated => vec![Query::everything()],
                _ => Vec::new(),
            }
        }
        Filter::Presence(_) if negated => Vec::new(),
        Filter::Presence(_) => vec![Query::everything()],
        other => vec![Query::judged(on_name(other), negated)],
    }
}

/// The same condition on `__NAME__`, which every object has.
fn on_name(leaf: &Filter) -> Filter {
    let rename = |operand: &Attribute| {
        let mut operand = operand.clone();
        operand.name = icf::AttributeName::from_static(names::NAME);
        operand
    };
    match leaf {
        Filter::Contains(a) => Filter::Contains(rename(a)),
        Filter::StartsWith(a) => Filter::StartsWith(rename(a)),
        Filter::EndsWith(a) => Filter::EndsWith(rename(a)),
        Filter::GreaterThan(a) => Filter::GreaterThan(rename(a)),
        Filter::GreaterThanOrEqual(a) => Filter::GreaterThanOrEqual(rename(a)),
        Filter::LessThan(a) => Filter::LessThan(rename(a)),
        Filter::LessThanOrEqual(a) => Filter::LessThanOrEqual(rename(a)),
        other => other.clone(),
    }
}

fn equals(attribute: &str, value: &Value) -> Option<LdapFilter> {
    let bytes = bytes(attribute, value)?;
    Some(if bytes.is_empty() { LdapFilter::present(attribute) } else { LdapFilter::equal(attribute, bytes) })
}

fn substrings(attribute: &str, operand: &Attribute, parts: impl FnOnce(Vec<u8>) -> Substrings) -> LdapFilter {
    let part = operand.as_str().unwrap_or_default().as_bytes().to_vec();
    if part.is_empty() {
        LdapFilter::present(attribute)
    } else {
        LdapFilter::Substrings(attribute.to_owned(), parts(part))
    }
}

/// A value as the server compares it.
fn bytes(attribute: &str, value: &Value) -> Option<Vec<u8>> {
    if attribute.eq_ignore_ascii_case("objectGUID")
        && let Some(guid) = value.as_str().and_then(ad::guid::parse)
    {
        return Some(guid.to_vec());
    }
    crate::attributes::to_bytes(value).map(|bytes| bytes.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::plan::Place;

    fn dialect() -> Dialect {
        Dialect { uid: UidSource::Attribute("entryUUID".to_owned()), microsoft: false, member_of: None }
    }

    fn text(filter: &Filter) -> String {
        let dialect = dialect();
        let queries = Translator::new(&dialect).queries(Some(filter)).unwrap();
        let [query] = queries.as_slice() else { panic!("{queries:?}") };
        assert_eq!(query.place, Place::Bases);
        assert!(query.rest.is_empty() && query.excluded.is_empty());
        query.native.as_ref().map_or_else(|| "all".to_owned(), ToString::to_string)
    }

    fn a(value: impl Into<Value>) -> Attribute {
        Attribute::single("a", value)
    }

    #[test]
    fn every_row_of_the_table_of_filters_is_kept() {
        let two = Attribute::new("a", vec!["v".into(), "w".into()]);
        let rows: Vec<(Filter, &str, &str)> = vec![
            (Filter::Equals(a("v")), "(a=v)", "(!(a=v))"),
            (Filter::Equals(a("")), "(a=*)", "(!(a=*))"),
            (Filter::Equals(two.clone()), "(&(a=v)(a=w))", "(!(&(a=v)(a=w)))"),
            (Filter::ContainsAllValues(two), "(&(a=v)(a=w))", "(!(&(a=v)(a=w)))"),
            (Filter::Equals(Attribute::null("a")), "all", "all"),
            (Filter::Equals(a(Value::Null)), "all", "all"),
            (Filter::Contains(a("v")), "(a=*v*)", "(!(a=*v*))"),
            (Filter::Contains(a("")), "(a=*)", "(!(a=*))"),
            (Filter::StartsWith(a("v")), "(a=v*)", "(!(a=v*))"),
            (Filter::EndsWith(a("v")), "(a=*v)", "(!(a=*v))"),
            (Filter::GreaterThan(a("v")), "(&(a=*)(!(a<=v)))", "(a<=v)"),
            (Filter::GreaterThanOrEqual(a("v")), "(a>=v)", "(!(a>=v))"),
            (Filter::LessThan(a("v")), "(&(a=*)(!(a>=v)))", "(a>=v)"),
            (Filter::LessThanOrEqual(a("v")), "(a<=v)", "(!(a<=v))"),
            (Filter::Presence("a".into()), "(a=*)", "(!(a=*))"),
        ];
        for (filter, plain, negated) in rows {
            assert_eq!(text(&filter), plain, "{filter:?}");
            assert_eq!(text(&filter.clone().negated()), negated, "not {filter:?}");
        }
    }

    #[test]
    fn special_characters_stay_values() {
        assert_eq!(text(&Filter::Equals(a("a*b(c)d\\e\0"))), r"(a=a\2ab\28c\29d\5ce\00)");
        assert_eq!(text(&Filter::Equals(a(vec![0_u8, 255]))), r"(a=\00\ff)");
        assert_eq!(text(&Filter::Equals(Attribute::single("__UID__", "x"))), "(entryUUID=x)");
    }

    #[test]
    fn negation_is_pushed_to_the_leaves() {
        let (left, right) = (Filter::Equals(a("1")), Filter::GreaterThan(a("2")));
        assert_eq!(text(&left.clone().and(right.clone()).negated()), "(|(!(a=1))(a<=2))");
        assert_eq!(text(&left.clone().or(right.clone()).negated()), "(&(!(a=1))(a<=2))");
        assert_eq!(text(&left.negated().negated()), "(a=1)");
    }

    #[test]
    fn names_become_reads_of_entries() {
        let dialect = dialect();
        let run = |filter: &Filter| Translator::new(&dialect).queries(Some(filter)).unwrap();
        let name = |text: &str| Filter::Equals(Attribute::single("__NAME__", text));
        let both = run(&name("o=x").and(Filter::Equals(a("1"))));
        assert_eq!(both[0].place, Place::Entry("o=x".to_owned()));
        assert_eq!(both[0].native.as_ref().unwrap().to_string(), "(a=1)");
        assert_eq!(run(&name("o=x").or(name("o=y"))).len(), 2);
        assert_eq!(run(&name("o=x").and(name("o=y"))).len(), 0);
        assert_eq!(run(&name("o=x").and(name("O = X"))).len(), 1);
        assert_eq!(run(&name("o=x").negated())[0].excluded.len(), 1);
        let part = run(&Filter::Contains(Attribute::single("__NAME__", "x")));
        assert_eq!(part[0].rest.len(), 1);
    }

    #[test]
    fn account_flags_are_bits_on_active_directory() {
        let dialect = Dialect { microsoft: true, ..dialect() };
        let run = |truth: bool| {
            let filter = Filter::Equals(Attribute::single("__ENABLE__", truth));
            Translator::new(&dialect).queries(Some(&filter)).unwrap()[0].native.as_ref().unwrap().to_string()
        };
        assert_eq!(run(false), "(userAccountControl:1.2.840.113556.1.4.803:=2)");
        assert_eq!(run(true), "(!(userAccountControl:1.2.840.113556.1.4.803:=2))");
    }
}
