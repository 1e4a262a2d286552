//! What must hold for any bytes from a client; made for fuzzing.

use super::{Answers, Asked, Echo, Exchange, InfoLevel, Requests};
use crate::binary::{Limits, Profile};

/// Reads `bytes` as what a client says, whole and in two pieces, with a key that is right now and then, and answers what
/// can be answered without running anything.
///
/// # Errors
/// When the pieces tell another story than the whole, or half an answer is written: the broken rule.
pub fn conversation(bytes: &[u8], cut: usize) -> Result<(), String> {
    let cut = cut.checked_rem(bytes.len() + 1).unwrap_or(0);
    let (before, after) = bytes.split_at_checked(cut).unwrap_or((bytes, &[]));
    if story(&[bytes])? == story(&[before, after])? {
        Ok(())
    } else {
        Err("How the bytes are cut matters".to_owned())
    }
}

/// What happens, in words.
fn story(pieces: &[&[u8]]) -> Result<Vec<String>, String> {
    let limits = Limits { object_bytes: 1 << 20, blob_bytes: 1 << 20, objects: 10_000, ..Limits::default() };
    let mut requests = Requests::new(limits);
    let mut answers = Answers::new(Profile::CONNID_1_6);
    let (mut story, mut out) = (Vec::new(), Vec::new());
    for piece in pieces {
        requests.feed(piece);
        loop {
            match requests.next(|key| key.units().len() % 2 == 0) {
                Ok(Some(asked)) => {
                    story.push(format!("{asked:?}"));
                    answer(&mut answers, &asked, &mut out)?;
                }
                Ok(None) => break,
                Err(broken) => {
                    story.push(broken.to_string());
                    return Ok(story);
                }
            }
        }
    }
    Ok(story)
}

fn answer(answers: &mut Answers, asked: &Asked, out: &mut Vec<u8>) -> Result<(), String> {
    out.clear();
    let hello = super::Hello { started: 0, connectors: &[] };
    let written = match asked {
        Asked::WithoutKey(exchange) => answers.wrong_key(*exchange, out),
        Asked::Hello(InfoLevel(level)) => answers.hello(InfoLevel(*level), hello, out),
        Asked::Echo(echo) => answers.echo(&Echo::clone(echo), out),
        Asked::Operation(Err(error)) => answers.failure(error, out),
        Asked::Operation(Ok(_)) => answers.wrong_key(Exchange::Operation, out),
    };
    // What a client may say and nobody can repeat is refused, with nothing written.
    if written.is_err() && !out.is_empty() {
        return Err("Half an answer was written".to_owned());
    }
    Ok(())
}
