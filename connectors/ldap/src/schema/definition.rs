//! Definitions of attributes and classes as servers write them (RFC 4512 4.1).

/// An attribute type.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct AttributeType {
    pub(crate) names: Vec<String>,
    pub(crate) superior: Option<String>,
    pub(crate) syntax: Option<String>,
    pub(crate) equality: Option<String>,
    pub(crate) ordering: Option<String>,
    pub(crate) single: bool,
    pub(crate) read_only: bool,
    pub(crate) operational: bool,
}

/// What entries of a class may be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum ClassKind {
    #[default]
    Structural,
    Abstract,
    Auxiliary,
}

/// An object class.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct LdapClass {
    pub(crate) names: Vec<String>,
    pub(crate) superiors: Vec<String>,
    pub(crate) kind: ClassKind,
    pub(crate) must: Vec<String>,
    pub(crate) may: Vec<String>,
    /// What entries of the class have of auxiliary classes without naming them.
    pub(crate) content: ContentRule,
}

/// What a content rule gives to the entries of one class.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ContentRule {
    pub(crate) auxiliaries: Vec<String>,
    pub(crate) attributes: Vec<String>,
}

/// Reads an attribute type; none for a text that is no definition.
pub(crate) fn attribute_type(text: &str) -> Option<AttributeType> {
    let mut attribute = AttributeType::default();
    for (word, values) in clauses(text)? {
        let first = || values.first().cloned();
        match word.as_str() {
            "NAME" => attribute.names = values,
            "SUP" => attribute.superior = first(),
            // A length may follow in braces.
            "SYNTAX" => {
                attribute.syntax = first().and_then(|text| text.split('{').next().map(str::to_owned));
            }
            "EQUALITY" => attribute.equality = first(),
            "ORDERING" => attribute.ordering = first(),
            "SINGLE-VALUE" => attribute.single = true,
            "NO-USER-MODIFICATION" => attribute.read_only = true,
            "USAGE" => {
                attribute.operational = first().is_some_and(|usage| usage != "userApplications");
            }
            _ => {}
        }
    }
    (!attribute.names.is_empty()).then_some(attribute)
}

/// Reads an object class; none for a text that is no definition.
pub(crate) fn object_class(text: &str) -> Option<LdapClass> {
    let mut class = LdapClass::default();
    for (word, values) in clauses(text)? {
        match word.as_str() {
            "NAME" => class.names = values,
            "SUP" => class.superiors = values,
            "ABSTRACT" => class.kind = ClassKind::Abstract,
            "AUXILIARY" => class.kind = ClassKind::Auxiliary,
            "MUST" => class.must = values,
            "MAY" => class.may = values,
            _ => {}
        }
    }
    if class.kind == ClassKind::Structural && class.superiors.is_empty() {
        class.superiors.push("top".to_owned());
    }
    (!class.names.is_empty()).then_some(class)
}

/// Reads a content rule and the names of its class; none for a text that is no definition.
pub(crate) fn content_rule(text: &str) -> Option<(Vec<String>, ContentRule)> {
    let (mut names, mut rule) = (Vec::new(), ContentRule::default());
    for (word, values) in clauses(text)? {
        match word.as_str() {
            "NAME" => names = values,
            "AUX" => rule.auxiliaries = values,
            "MUST" | "MAY" => rule.attributes.extend(values),
            _ => {}
        }
    }
    (!names.is_empty()).then_some((names, rule))
}

/// Words that stand alone.
const BARE: [&str; 7] =
    ["OBSOLETE", "SINGLE-VALUE", "COLLECTIVE", "NO-USER-MODIFICATION", "ABSTRACT", "STRUCTURAL", "AUXILIARY"];

/// The clauses of a definition: a word and what follows it.
fn clauses(text: &str) -> Option<Vec<(String, Vec<String>)>> {
    let mut tokens = tokens(text).into_iter().peekable();
    if tokens.next()? != "(" {
        return None;
    }
    // The number of the definition.
    tokens.next()?;
    let mut clauses = Vec::new();
    while let Some(word) = tokens.next() {
        if word == ")" {
            return Some(clauses);
        }
        let word = word.to_ascii_uppercase();
        let mut values = Vec::new();
        if !BARE.contains(&word.as_str()) {
            if tokens.peek().is_some_and(|token| token == "(") {
                tokens.next();
                values.extend(tokens.by_ref().take_while(|token| token != ")").filter(|token| token != "$"));
            } else {
                values.extend(tokens.next());
            }
        }
        clauses.push((word, values));
    }
    None
}

fn tokens(text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, after) = match first {
            '(' | ')' | '$' => rest.split_at(1),
            '\'' => {
                let quoted = rest.get(1..).unwrap_or_default();
                quoted.split_once('\'').unwrap_or((quoted, ""))
            }
            _ => {
                let end = rest.find(|c: char| c.is_whitespace() || "()$'".contains(c));
                rest.split_at(end.unwrap_or(rest.len()))
            }
        };
        tokens.push(token.to_owned());
        rest = after.trim_start();
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn definitions_of_rfc_4519_are_understood() {
        let text = "( 2.5.4.41 NAME 'name' EQUALITY caseIgnoreMatch SUBSTR caseIgnoreSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15{32768} )";
        let name = attribute_type(text).unwrap();
        assert_eq!(name.syntax.as_deref(), Some("1.3.6.1.4.1.1466.115.121.1.15"));
        assert_eq!((name.single, name.operational), (false, false));
        let text = "( 2.5.18.1 NAME 'createTimestamp' SYNTAX 1.3 SINGLE-VALUE NO-USER-MODIFICATION USAGE directoryOperation )";
        let created = attribute_type(text).unwrap();
        assert!(created.single && created.read_only && created.operational);
        let cn = attribute_type("( 2.5.4.3 NAME ( 'cn' 'commonName' ) DESC 'it (x) $' SUP name )").unwrap();
        assert_eq!(
            (cn.names, cn.superior),
            (vec!["cn".to_owned(), "commonName".to_owned()], Some("name".to_owned()))
        );
        let text = "( 2.5.6.6 NAME 'person' SUP top STRUCTURAL MUST ( sn $ cn ) MAY ( userPassword $ seeAlso ) X-ORIGIN 'RFC 4519' )";
        let person = object_class(text).unwrap();
        assert_eq!(
            (person.kind, person.must, person.may.len()),
            (ClassKind::Structural, vec!["sn".to_owned(), "cn".to_owned()], 2)
        );
        assert_eq!(object_class("( 1.2 NAME 'x' MUST cn )").unwrap().superiors, ["top"]);
        // As Active Directory writes it.
        let text = "( 1.2.840.113556.1.5.9 NAME 'user' AUX ( mailRecipient $ securityPrincipal ) MUST (sAMAccountName $ objectSid ) MAY (mail ) )";
        let (names, rule) = content_rule(text).unwrap();
        assert_eq!((names, rule.auxiliaries.len()), (vec!["user".to_owned()], 2));
        assert_eq!(rule.attributes, ["sAMAccountName", "objectSid", "mail"]);
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in r"[( )$'a-zA-Z0-9.{}-]{0,80}") {
            let _ = (attribute_type(&text), object_class(&text), content_rule(&text));
        }
    }
}
