//! `rcs status`: what the server that runs with this configuration says of itself.

use std::fmt::Write as _;
use std::io::{self, Write};

use serde::Deserialize;

use super::{Exit, StatusArguments};
use crate::admin;
use crate::config::AdminListen;

/// Asks the server on this machine and prints its answer. Ends with [`Exit::NotReady`] when it does not run or is not
/// ready.
///
/// # Errors
///
/// Those of writing to `out`.
pub(super) fn status(arguments: &StatusArguments, out: &mut impl Write) -> io::Result<Exit> {
    let loaded = arguments.configuration.load();
    let Some(settings) = loaded.settings else {
        writeln!(out, "The configuration is not sound; `rcs check` explains it.")?;
        return Ok(Exit::Invalid);
    };
    let place = settings.admin;
    if place == AdminListen::Off {
        writeln!(out, "connectorserver.adminListen is `off`: the server cannot be asked.")?;
        return Ok(Exit::NotReady);
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let answer = match runtime.block_on(admin::ask(&place)) {
        Ok(answer) => answer,
        Err(error) => {
            let causes = crate::report::with_causes(&error);
            writeln!(out, "No server answers at {place} (connectorserver.adminListen): {causes}")?;
            return Ok(Exit::NotReady);
        }
    };
    let shown = Shown::deserialize(&answer).map_err(|error| {
        io::Error::other(format!(
            "what answers at {place} (connectorserver.adminListen) is no such server: {error}"
        ))
    })?;
    if arguments.json {
        writeln!(out, "{answer:#}")?;
    } else {
        out.write_all(shown.text().as_bytes())?;
    }
    Ok(if shown.ready { Exit::Clean } else { Exit::NotReady })
}

/// The part of `/status` that is printed; see docs/monitoring.md.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
    name: String,
    version: String,
    uptime: u64,
    ready: bool,
    missing: Vec<String>,
    urls: Vec<Url>,
    listens_at: Option<String>,
    groups: Vec<Group>,
    token: Option<Token>,
    operations_running: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Url {
    url: String,
    wanted: usize,
    links: Vec<Link>,
    failures: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Link {
    age: u64,
    retiring: bool,
    ping_milliseconds: Option<f64>,
}

#[derive(Deserialize)]
struct Group {
    label: String,
    links: usize,
    executing: usize,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Token {
    expires_in: Option<u64>,
    granted: u64,
    failures: u64,
    last_error: Option<String>,
}

impl Shown {
    fn text(&self) -> String {
        let mut text = String::new();
        let state = if self.ready { "ready" } else { "NOT READY" };
        // Writing to a text cannot fail.
        let _ = writeln!(text, "{} (RCS {}), up {}: {state}", self.name, self.version, duration(self.uptime));
        for missing in &self.missing {
            let _ = writeln!(text, "  missing: {missing}");
        }
        for url in &self.urls {
            let _ = writeln!(text, "{}", url.line());
        }
        if let Some(address) = &self.listens_at {
            let _ = writeln!(text, "listens at {address}");
        }
        for group in &self.groups {
            let Group { label, links, executing } = group;
            let _ = writeln!(text, "peer of {label}: {links} links, {executing} operations");
        }
        if let Some(token) = &self.token {
            let _ = writeln!(text, "{}", token.line());
        }
        let _ = writeln!(text, "operations running: {}", self.operations_running);
        text
    }
}

impl Url {
    fn line(&self) -> String {
        let ready = || self.links.iter().filter(|link| !link.retiring);
        let mut line = format!("{}: {} of {} links", self.url, ready().count(), self.wanted);
        if let Some(oldest) = ready().map(|link| link.age).max() {
            let _ = write!(line, ", oldest {}", duration(oldest));
        }
        if let Some(slowest) = ready().filter_map(|link| link.ping_milliseconds).max_by(f64::total_cmp) {
            let _ = write!(line, ", slowest ping {slowest:.1} ms");
        }
        let _ = write!(line, ", {} failures", self.failures);
        line
    }
}

impl Token {
    fn line(&self) -> String {
        let mut line = match self.expires_in {
            Some(left) => format!("token: ends in {}", duration(left)),
            None => "token: none".to_owned(),
        };
        let _ = write!(line, ", {} requests, {} failed", self.granted + self.failures, self.failures);
        if let Some(error) = &self.last_error {
            let _ = write!(line, ", last: {error}");
        }
        line
    }
}

/// The two largest units.
fn duration(seconds: u64) -> String {
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, minutes) => format!("{minutes} min {} s", seconds % 60),
        (0, hours, minutes) => format!("{hours} h {minutes} min"),
        (days, hours, _) => format!("{days} d {hours} h"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_two_units() {
        let texts: Vec<_> = [0, 59, 60, 3599, 3600, 86_399, 86_400, 200_000].map(duration).into();
        assert_eq!(
            texts,
            ["0 s", "59 s", "1 min 0 s", "59 min 59 s", "1 h 0 min", "23 h 59 min", "1 d 0 h", "2 d 7 h"]
        );
    }

    #[test]
    fn everything_that_matters_is_in_the_text() {
        let answer = serde_json::json!({
            "name": "rcs1", "version": "0.1.0", "uptime": 75, "ready": false,
            "missing": ["wss://t/openicf/1: no link yet"],
            "urls": [
                {"url": "wss://t/openicf/0", "wanted": 3, "failures": 1, "links": [
                    {"age": 70, "retiring": false, "pingMilliseconds": 1.25},
                    {"age": 4000, "retiring": true, "pingMilliseconds": 9.0},
                ]},
                {"url": "wss://t/openicf/1", "wanted": 3, "failures": 0, "links": []},
            ],
            "listensAt": null, "groups": [{"label": "rcs1", "links": 1, "executing": 2}],
            "token": {"expiresIn": 700, "granted": 1, "failures": 2, "lastError": "refused"},
            "operationsRunning": 2,
        });
        let expected = "rcs1 (RCS 0.1.0), up 1 min 15 s: NOT READY\n  missing: wss://t/openicf/1: no link yet\n\
             wss://t/openicf/0: 1 of 3 links, oldest 1 min 10 s, slowest ping 1.2 ms, 1 failures\n\
             wss://t/openicf/1: 0 of 3 links, 0 failures\n\
             peer of rcs1: 1 links, 2 operations\n\
             token: ends in 11 min 40 s, 3 requests, 2 failed, last: refused\noperations running: 2\n";
        assert_eq!(Shown::deserialize(&answer).unwrap().text(), expected);
    }
}
