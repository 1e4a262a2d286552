//! `rcs doctor` as an operator runs it, on set-ups that are broken in one place each: it names the first wrong step and
//! the cause, says what to do, shows no secret, and ends with the right code.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed unwrap is a failed test")]

#[path = "../support/mod.rs"]
mod support;

mod bench;
mod configuration;
mod handshake;
mod listener;
mod sound;
mod token;
mod upgrade;
mod way;
