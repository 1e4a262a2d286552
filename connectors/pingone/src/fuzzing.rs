//! What must hold for any bytes that PingOne sends, for the fuzz targets. A broken rule panics.

use icf_http::fuzzing::{answer, listing};

use crate::class::Class;
use crate::refusal::{Doing, Refusal};
use crate::search;

/// Takes an answer. The first byte says its status, its type and its class, the rest is its body.
pub fn run(data: &[u8]) {
    let Some((choice, body)) = data.split_first() else { return };
    listing(body, "users");
    let answer = answer(*choice, body);
    for doing in [Doing::Creating, Doing::SettingPassword, Doing::Deleting, Doing::Searching] {
        let error = Refusal::of(&answer).into_error(doing);
        assert!(error.message().is_some_and(|text| text.len() < 4_000), "a message is short");
    }
    let class = Class::ALL.get(usize::from(choice >> 6)).copied().unwrap_or(Class::User);
    search::fuzz(&answer, class);
}
