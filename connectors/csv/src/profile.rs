//! The two families of names under which the connector is known, and their configuration properties.
//!
//! Both run the same code. They differ in bundle name and version, in the property `spaceReplacementString`, and in
//! whether a quoted empty cell is a value.

use std::path::PathBuf;

use icf::Configuration;

use crate::fault::Result;
use crate::settings::{RawSettings, Settings};

/// A configuration that this connector can run with.
pub(crate) trait ProfileConfiguration: Configuration {
    /// The properties as texts.
    fn raw(&self) -> RawSettings<'_>;

    /// The properties, understood.
    fn settings(&self) -> Result<Settings> {
        self.raw().settings()
    }
}

macro_rules! profile_configuration {
    (
        $(#[$doc:meta])* $name:ident,
        quoted_empty_as_null: $quoted_empty:literal,
        space_replacement: |$configuration:ident| $replacement:expr,
        $($(#[$field_doc:meta])* $field:ident: $type:ty = $default:expr,)*
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Configuration)]
        #[icf(own_required_check, validate = Self::check)]
        pub struct $name {
            /// Header of the password column; the column need not exist.
            #[icf(display = "csv_header_password.display", help = "csv_header_password.help")]
            pub header_password: String,
            $($(#[$field_doc])* #[icf()] pub $field: $type,)*
            /// Path of the file on the machine of this server.
            #[icf(required, display = "csv_filepath.display", help = "csv_filepath.help")]
            pub csv_file: Option<PathBuf>,
            /// Ends each written record; not used for reading.
            #[icf(display = "csv_lineend_character.display", help = "csv_lineend_character.help")]
            pub newline_string: String,
            /// Header of the key column.
            #[icf(display = "csv_header_uid.display", help = "csv_header_uid.help")]
            pub header_uid: String,
            /// The first character encloses cells.
            #[icf(display = "csv_quote_character.display", help = "csv_quote_character.help")]
            pub quote_character: String,
            /// The first character separates cells.
            #[icf(display = "csv_field_delimiter.display", help = "csv_field_delimiter.help")]
            pub field_delimiter: String,
            /// How many history files are kept for synchronisation.
            #[icf(display = "sync_file_retention_count.display", help = "sync_file_retention_count.help")]
            pub sync_file_retention_count: i32,
            /// Encoding of the file.
            #[icf()]
            pub encoding: String,
            /// Whether a quoted empty cell is no value instead of the empty text.
            #[icf()]
            pub quoted_empty_as_null: Option<bool>,
            /// Bytes of a record at most.
            #[icf()]
            pub maximum_record_size: i32,
            /// Bytes of a cell at most.
            #[icf()]
            pub maximum_cell_size: i32,
        }

        impl Default for $name {
            fn default() -> Self {
                Self {
                    header_password: "password".to_owned(),
                    $($field: $default,)*
                    csv_file: None,
                    newline_string: "\n".to_owned(),
                    header_uid: "uid".to_owned(),
                    quote_character: "\"".to_owned(),
                    field_delimiter: ",".to_owned(),
                    sync_file_retention_count: 3,
                    encoding: "UTF-8".to_owned(),
                    quoted_empty_as_null: Some($quoted_empty),
                    maximum_record_size: 16 << 20,
                    maximum_cell_size: 8 << 20,
                }
            }
        }

        impl $name {
            fn check(&self) -> icf::Result<()> {
                Ok(self.raw().validate()?)
            }
        }

        impl ProfileConfiguration for $name {
            fn raw(&self) -> RawSettings<'_> {
                let $configuration = self;
                RawSettings {
                    csv_file: self.csv_file.as_deref(),
                    header_uid: &self.header_uid,
                    header_password: &self.header_password,
                    newline_string: &self.newline_string,
                    quote_character: &self.quote_character,
                    field_delimiter: &self.field_delimiter,
                    space_replacement: $replacement,
                    encoding: &self.encoding,
                    quoted_empty_as_null: self.quoted_empty_as_null.unwrap_or($quoted_empty),
                    sync_file_retention_count: self.sync_file_retention_count,
                    maximum_record_size: self.maximum_record_size,
                    maximum_cell_size: self.maximum_cell_size,
                }
            }
        }
    };
}

profile_configuration! {
    /// Properties of the connector of Ping Identity.
    PingConfiguration,
    quoted_empty_as_null: false,
    space_replacement: |configuration| &configuration.space_replacement_string,
    /// Stands for a blank inside a header in the attribute's name.
    space_replacement_string: String = "_".to_owned(),
}

profile_configuration! {
    /// Properties of the connector of the Open Identity Platform.
    OipConfiguration,
    quoted_empty_as_null: true,
    space_replacement: |_configuration| "",
}
