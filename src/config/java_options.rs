//! `-D` arguments inside `OPENICF_OPTS`, the variable with which operators hand options to a Java server.

use std::iter::Peekable;
use std::str::Chars;

/// What stands in a text of Java options, as far as it concerns a server without a JVM.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum JavaOption {
    /// `-Dkey=value`, without the `-D`.
    Define(String),
    /// `@file`: more options in a file.
    ArgumentFile(String),
}

/// Cuts the variable as an unquoted expansion in the shell does: at blanks, without regard to quotes.
pub(super) fn from_variable(text: &str) -> impl Iterator<Item = JavaOption> {
    text.split_ascii_whitespace().filter_map(classify)
}

/// Cuts an argument file as the `java` launcher does: blanks separate, quotes keep blanks together, a backslash
/// inside quotes takes the next character as it is, and `#` starts a comment. Such a file cannot name another.
pub(super) fn from_argument_file(text: &str) -> Vec<String> {
    let mut characters = text.chars().peekable();
    let mut defines = Vec::new();
    while let Some(token) = next_token(&mut characters) {
        if let Some(JavaOption::Define(define)) = classify(&token) {
            defines.push(define);
        }
    }
    defines
}

fn classify(token: &str) -> Option<JavaOption> {
    let option = token.strip_prefix("-J").unwrap_or(token);
    if let Some(define) = option.strip_prefix("-D") {
        return Some(JavaOption::Define(define.to_owned()));
    }
    let file = option.strip_prefix('@').filter(|file| !file.starts_with('@') && !file.is_empty())?;
    Some(JavaOption::ArgumentFile(file.to_owned()))
}

fn next_token(characters: &mut Peekable<Chars<'_>>) -> Option<String> {
    loop {
        match characters.peek()? {
            '#' => while characters.next_if(|character| !is_line_end(*character)).is_some() {},
            blank if blank.is_ascii_whitespace() => {
                characters.next();
            }
            _ => break,
        }
    }
    let mut token = String::new();
    let mut quote = None;
    while let Some(character) = characters.next_if(|next| quote.is_some() || !next.is_ascii_whitespace()) {
        match (character, quote) {
            (mark, Some(open)) if mark == open => quote = None,
            ('\\', Some(_)) => push_escaped(&mut token, characters),
            ('"' | '\'', None) => quote = Some(character),
            _ => token.push(character),
        }
    }
    Some(token)
}

/// Resolves what follows a backslash inside quotes.
fn push_escaped(token: &mut String, characters: &mut Peekable<Chars<'_>>) {
    match characters.next() {
        Some('n') => token.push('\n'),
        Some('r') => token.push('\r'),
        Some('t') => token.push('\t'),
        Some('f') => token.push('\x0c'),
        Some(end) if is_line_end(end) => while characters.next_if(char::is_ascii_whitespace).is_some() {},
        Some(other) => token.push(other),
        None => {}
    }
}

fn is_line_end(character: char) -> bool {
    character == '\n' || character == '\r'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variable_is_cut_at_blanks() {
        let options: Vec<JavaOption> = from_variable(
            "-Xmx512m  -Dconnectorserver.url=ws://a,ws://b -J-Da=b\n@/run/rcs.args @@x -server",
        )
        .collect();
        assert_eq!(
            options,
            [
                JavaOption::Define("connectorserver.url=ws://a,ws://b".to_owned()),
                JavaOption::Define("a=b".to_owned()),
                JavaOption::ArgumentFile("/run/rcs.args".to_owned()),
            ]
        );
    }

    #[test]
    fn argument_files_have_quotes_escapes_and_comments() {
        let file = "# a comment -Dno=1\n-Dconnectorserver.clientSecret=\"two words \\\"and\\\" C:\\\\x\"\n\
            '-Da=b c' -Dd=e#f\r\n-Dg=\"h\\\n   i\"\n-Xmx1g -Dj=k\\l @other";
        assert_eq!(
            from_argument_file(file),
            ["connectorserver.clientSecret=two words \"and\" C:\\x", "a=b c", "d=e#f", "g=hi", "j=k\\l",]
        );
    }
}
