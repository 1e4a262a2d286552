//! The grammar of query filters.
//!
//! ```text
//! or   = and { "or" and }      and = not { "and" not }      not = "!" prim | prim
//! prim = "(" or ")" | "true" | "false" | pointer "pr" | pointer operator value
//! ```

use serde_json::{Number, Value as Json};

use super::{Operator, QueryFilter};
use crate::crest::Pointer;

/// Parentheses and negations may be nested this deep.
const MAX_DEPTH: usize = 256;

/// A filter that does not follow the grammar.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a query filter")]
pub(crate) struct ParseError;

/// Parses a filter.
pub(crate) fn parse(text: &str) -> Result<QueryFilter, ParseError> {
    let mut tokens = Tokens { rest: text, peeked: None };
    let filter = or(&mut tokens, 0)?;
    match tokens.next()? {
        None => Ok(filter),
        Some(_) => Err(ParseError),
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Open,
    Close,
    Not,
    /// Unquoted text.
    Word(String),
    /// Quoted text.
    Text(String),
}

struct Tokens<'a> {
    rest: &'a str,
    peeked: Option<Token>,
}

impl Tokens<'_> {
    fn next(&mut self) -> Result<Option<Token>, ParseError> {
        match self.peeked.take() {
            Some(token) => Ok(Some(token)),
            None => self.scan(),
        }
    }

    fn peek(&mut self) -> Result<Option<&Token>, ParseError> {
        if self.peeked.is_none() {
            self.peeked = self.scan()?;
        }
        Ok(self.peeked.as_ref())
    }

    /// Takes the next token if it is that keyword, in any case.
    fn keyword(&mut self, keyword: &str) -> Result<bool, ParseError> {
        let found = matches!(self.peek()?, Some(Token::Word(word)) if word.eq_ignore_ascii_case(keyword));
        if found {
            self.peeked = None;
        }
        Ok(found)
    }

    fn scan(&mut self) -> Result<Option<Token>, ParseError> {
        self.rest = self.rest.trim_start_matches(' ');
        let mut chars = self.rest.chars();
        let Some(first) = chars.next() else { return Ok(None) };
        let behind = chars.as_str();
        let single = match first {
            '(' => Some(Token::Open),
            ')' => Some(Token::Close),
            '!' => Some(Token::Not),
            quote @ ('"' | '\'') => return self.quoted(behind, quote).map(Some),
            _ => None,
        };
        if let Some(token) = single {
            self.rest = behind;
            return Ok(Some(token));
        }
        let end = self.rest.find([' ', '(', ')']).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        Ok(Some(Token::Word(word.to_owned())))
    }

    fn quoted(&mut self, body: &str, quote: char) -> Result<Token, ParseError> {
        let mut text = String::new();
        let mut chars = body.chars();
        loop {
            match chars.next().ok_or(ParseError)? {
                '\\' => text.push(chars.next().ok_or(ParseError)?),
                c if c == quote => break,
                c => text.push(c),
            }
        }
        // `body` borrows from the input, so the remaining part does too.
        let used = self.rest.len() - chars.as_str().len();
        self.rest = self.rest.get(used..).unwrap_or_default();
        Ok(Token::Text(text))
    }
}

fn or(tokens: &mut Tokens<'_>, depth: usize) -> Result<QueryFilter, ParseError> {
    let mut parts = vec![and(tokens, depth)?];
    while tokens.keyword("or")? {
        parts.push(and(tokens, depth)?);
    }
    Ok(single_or(parts, QueryFilter::Or))
}

fn and(tokens: &mut Tokens<'_>, depth: usize) -> Result<QueryFilter, ParseError> {
    let mut parts = vec![not(tokens, depth)?];
    while tokens.keyword("and")? {
        parts.push(not(tokens, depth)?);
    }
    Ok(single_or(parts, QueryFilter::And))
}

fn single_or(mut parts: Vec<QueryFilter>, many: fn(Vec<QueryFilter>) -> QueryFilter) -> QueryFilter {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        Some(last) => {
            parts.push(last);
            many(parts)
        }
        None => many(parts),
    }
}

fn not(tokens: &mut Tokens<'_>, depth: usize) -> Result<QueryFilter, ParseError> {
    if tokens.peek()? == Some(&Token::Not) {
        tokens.next()?;
        return Ok(QueryFilter::Not(Box::new(primary(tokens, deeper(depth)?)?)));
    }
    primary(tokens, depth)
}

const fn deeper(depth: usize) -> Result<usize, ParseError> {
    if depth < MAX_DEPTH { Ok(depth + 1) } else { Err(ParseError) }
}

fn primary(tokens: &mut Tokens<'_>, depth: usize) -> Result<QueryFilter, ParseError> {
    match tokens.next()?.ok_or(ParseError)? {
        Token::Open => {
            let inner = or(tokens, deeper(depth)?)?;
            match tokens.next()? {
                Some(Token::Close) => Ok(inner),
                _ => Err(ParseError),
            }
        }
        Token::Word(word) if word.eq_ignore_ascii_case("true") => Ok(QueryFilter::Constant(true)),
        Token::Word(word) if word.eq_ignore_ascii_case("false") => Ok(QueryFilter::Constant(false)),
        Token::Word(word) => comparison(tokens, &word),
        _ => Err(ParseError),
    }
}

fn comparison(tokens: &mut Tokens<'_>, field: &str) -> Result<QueryFilter, ParseError> {
    let field = Pointer::parse(field).map_err(|_| ParseError)?;
    let Some(Token::Word(name)) = tokens.next()? else { return Err(ParseError) };
    if name.eq_ignore_ascii_case("pr") {
        return Ok(QueryFilter::Present(field));
    }
    let operator = operator(&name).ok_or(ParseError)?;
    let value = match tokens.next()?.ok_or(ParseError)? {
        Token::Text(text) => Json::String(text),
        Token::Word(word) => literal(&word).ok_or(ParseError)?,
        _ => return Err(ParseError),
    };
    Ok(QueryFilter::Compare { field, operator, value })
}

fn operator(name: &str) -> Option<Operator> {
    match name {
        "ew" => return Some(Operator::EndsWith),
        "ca" => return Some(Operator::ContainsAll),
        "in" => return Some(Operator::In),
        _ => {}
    }
    let known = match name.to_ascii_lowercase().as_str() {
        "eq" => Operator::Equal,
        "co" => Operator::Contains,
        "sw" => Operator::StartsWith,
        "lt" => Operator::Less,
        "le" => Operator::LessOrEqual,
        "gt" => Operator::Greater,
        "ge" => Operator::GreaterOrEqual,
        _ => {
            let legal = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '.');
            return legal.then(|| Operator::Other(name.to_owned()));
        }
    };
    Some(known)
}

/// A number or a truth value.
fn literal(word: &str) -> Option<Json> {
    if word.eq_ignore_ascii_case("true") || word.eq_ignore_ascii_case("false") {
        return Some(Json::Bool(word.eq_ignore_ascii_case("true")));
    }
    let digits = word.strip_prefix('-').unwrap_or(word);
    let plain = !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit() || c == '.');
    if !plain {
        return None;
    }
    if digits.contains('.') {
        return Number::from_f64(word.parse().ok()?).map(Json::Number);
    }
    word.parse::<i64>().ok().map(Json::from)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn compare(field: &str, operator: Operator, value: Json) -> QueryFilter {
        QueryFilter::Compare { field: Pointer::parse(field).unwrap(), operator, value }
    }

    #[test]
    fn operators_bind_as_usual() {
        let a = || compare("a", Operator::Equal, json!("x"));
        let b = || compare("b", Operator::Greater, json!(20));
        let c = || QueryFilter::Present(Pointer::parse("c").unwrap());
        assert_eq!(
            parse(r#"/a eq "x" OR b gt 20 and !(c pr)"#),
            Ok(QueryFilter::Or(vec![a(), QueryFilter::And(vec![b(), QueryFilter::Not(Box::new(c()))])]))
        );
        assert_eq!(
            parse(r#"(a EQ 'x' or b gt 20)and c pr"#),
            Ok(QueryFilter::And(vec![QueryFilter::Or(vec![a(), b()]), c()]))
        );
    }

    #[test]
    fn values_are_numbers_truth_values_or_quoted_text() {
        let value = |text: &str| match parse(&format!("a eq {text}")) {
            Ok(QueryFilter::Compare { value, .. }) => Some(value),
            _ => None,
        };
        assert_eq!(value("-5"), Some(json!(-5)));
        assert_eq!(value("2.5"), Some(json!(2.5)));
        assert_eq!(value("9223372036854775807"), Some(json!(i64::MAX)));
        assert_eq!(value("true"), Some(json!(true)));
        assert_eq!(value(r#""a\"b\\(c d""#), Some(json!("a\"b\\(c d")));
        for wrong in ["1e3", "Doe", "\"open", "9223372036854775808", "", "null", "-"] {
            assert_eq!(value(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn what_is_not_a_filter_is_refused() {
        for wrong in ["", "a", "a eq", "(a pr", "a pr)", "a pr b pr", "and", "! ", "a\tpr", "a e-q 1"] {
            assert_eq!(parse(wrong), Err(ParseError), "{wrong}");
        }
        assert_eq!(parse("a zz 1"), Ok(compare("a", Operator::Other("zz".to_owned()), json!(1))));
        assert_eq!(parse("a EW 1"), Ok(compare("a", Operator::Other("EW".to_owned()), json!(1))));
    }

    #[test]
    fn depth_is_limited() {
        let nested = |depth: usize| format!("{}true{}", "(".repeat(depth), ")".repeat(depth));
        assert!(parse(&nested(256)).is_ok());
        assert_eq!(parse(&nested(257)), Err(ParseError));
        assert_eq!(parse(&"(".repeat(100_000)), Err(ParseError));
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_panic(text in "[ -~é]{0,60}") {
            let _ = parse(&text);
        }

        #[test]
        fn quoted_text_survives(text in "\\PC{0,30}") {
            let quoted = text.replace('\\', "\\\\").replace('"', "\\\"");
            prop_assert_eq!(
                parse(&format!("a eq \"{quoted}\"")),
                Ok(compare("a", Operator::Equal, Json::String(text)))
            );
        }
    }
}
