//! The texts: the files that the Java connector has in its bundle.

use icf::{Catalogue, Locale, Messages};

pub(crate) fn messages() -> Messages {
    let english = catalogue(include_str!("../messages/Messages.properties"));
    let german = catalogue(include_str!("../messages/Messages_de.properties"));
    Messages::default().with(Locale::default(), english).with(Locale::new("de", ""), german)
}

/// `key=text` lines with `\uXXXX` for what is not ASCII; nothing else of the format occurs in these files.
fn catalogue(file: &str) -> Catalogue {
    file.lines()
        .filter_map(|line| line.split_once('='))
        .map(|(key, text)| (key.to_owned(), unescape(text)))
        .collect()
}

fn unescape(text: &str) -> String {
    let mut parts = text.split("\\u");
    let mut clear = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let code = part.get(..4).and_then(|code| u32::from_str_radix(code, 16).ok());
        clear.extend(code.and_then(char::from_u32));
        clear.push_str(part.get(4..).unwrap_or_default());
    }
    clear
}
