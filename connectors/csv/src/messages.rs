//! The texts of the connector: names and explanations of its properties.

use icf::Messages;

/// Message key of the display name.
pub(crate) const DISPLAY_NAME_KEY: &str = "connector_name.display";

const TEXTS: [(&str, &str); 25] = [
    (DISPLAY_NAME_KEY, "CSV File Connector"),
    ("csv_header_password.display", "Password Header"),
    (
        "csv_header_password.help",
        "Header of the column that holds passwords. The column need not exist; without it nobody can authenticate.",
    ),
    ("spaceReplacementString.display", "Space Replacement"),
    (
        "spaceReplacementString.help",
        "Stands for a blank inside a header in the name of the attribute. Leave it empty to keep blanks.",
    ),
    ("csv_filepath.display", "CSV File"),
    (
        "csv_filepath.help",
        "Path of the CSV file on the machine of the connector server. Its first record must be a header.",
    ),
    ("csv_lineend_character.display", "Line End"),
    (
        "csv_lineend_character.help",
        "Ends each record that is written: \\n, \\r\\n or \\r. Every line end is understood when reading.",
    ),
    ("csv_header_uid.display", "Key Header"),
    (
        "csv_header_uid.help",
        "Header of the column that identifies a row. It must exist, and every row must have a value in it.",
    ),
    ("csv_quote_character.display", "Quote Character"),
    ("csv_quote_character.help", "Encloses values; only the first character counts."),
    ("csv_field_delimiter.display", "Field Delimiter"),
    (
        "csv_field_delimiter.help",
        "Separates values; only the first character counts. Write \\t for a tabulator.",
    ),
    ("sync_file_retention_count.display", "History Files"),
    (
        "sync_file_retention_count.help",
        "How many copies of the file are kept beside it, to find changes by comparison.",
    ),
    ("encoding.display", "Encoding"),
    (
        "encoding.help",
        "Encoding of the file: UTF-8, or one with one byte a character such as ISO-8859-1 or windows-1252.",
    ),
    ("quotedEmptyAsNull.display", "Quoted Empty Means No Value"),
    ("quotedEmptyAsNull.help", "Whether an empty cell in quotes is no value instead of the empty text."),
    ("maximumRecordSize.display", "Longest Record"),
    ("maximumRecordSize.help", "Bytes of a record at most; a longer one is refused as broken."),
    ("maximumCellSize.display", "Longest Value"),
    ("maximumCellSize.help", "Bytes of a value at most, quotes included; a longer one is refused as broken."),
];

/// All texts.
pub(crate) fn messages() -> Messages {
    Messages::of(TEXTS)
}
