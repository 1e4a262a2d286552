//! The log.

use tracing_subscriber::EnvFilter;

use super::reading::{Complaint, Reading};
use crate::config::choices::LogFormat;
use crate::config::keys;
use crate::config::settings::LogSettings;

pub(super) fn settings(reading: &mut Reading<'_>) -> Option<LogSettings> {
    let level = reading.get(&keys::LOG_LEVEL, |text| match EnvFilter::try_new(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(error) => {
            let remedy = "write a level, or levels of modules as in `info,rcs::token=debug`";
            Err(Complaint::new(format!("`{text}` is no log level: {error}"), remedy))
        }
    });
    let format = reading.choice(&keys::LOG_FORMAT, LogFormat::from_word);
    let file =
        if reading.is_given(&keys::LOG_FILE) { reading.path(&keys::LOG_FILE).map(Some) } else { Some(None) };
    let keep = reading.number(&keys::LOG_KEEP);
    let repeat_limit = reading.number(&keys::LOG_REPEAT_LIMIT);
    Some(LogSettings {
        level: level?,
        format: format?,
        file: file?,
        keep: keep?,
        repeat_limit: repeat_limit?,
    })
}
