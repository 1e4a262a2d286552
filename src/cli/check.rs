//! `rcs check`: what is wrong, what takes effect, and whether it is sound.

use std::io::{self, Write};

use super::{CheckArguments, Exit};
use crate::config::{Authentication, Loaded, Probe, Problem, Settings, Severity};

/// Explains the configuration on `out`. The probes look at sound settings more closely than reading them does.
///
/// # Errors
///
/// Those of writing to `out`.
pub fn check(arguments: &CheckArguments, probes: &[Probe], out: &mut impl Write) -> io::Result<Exit> {
    let mut loaded = arguments.configuration.load();
    let found: Vec<Problem> = loaded
        .settings
        .iter()
        .flat_map(|settings| probes.iter().flat_map(|probe| probe(settings, &loaded)))
        .collect();
    loaded.problems.extend(found);
    report(&loaded, out)
}

fn report(loaded: &Loaded, out: &mut impl Write) -> io::Result<Exit> {
    let mut problems: Vec<&Problem> = loaded.problems.iter().collect();
    problems.sort_by_key(|problem| std::cmp::Reverse(problem.severity));
    for problem in problems {
        writeln!(out, "{problem}")?;
    }
    if !loaded.problems.is_empty() {
        writeln!(out)?;
    }
    writeln!(out, "Effective values:")?;
    let width = |text: fn(&crate::config::Effective) -> &str| {
        loaded.effective.iter().map(|effective| text(effective).chars().count()).max().unwrap_or_default()
    };
    let (keys, values) = (width(|effective| &effective.key), width(|effective| &effective.value).min(40));
    for effective in &loaded.effective {
        writeln!(out, "  {:keys$} = {:values$}  ({})", effective.key, effective.value, effective.origin)?;
    }
    let errors = count(loaded, Severity::Error, "error");
    let warnings = count(loaded, Severity::Warning, "warning");
    writeln!(out)?;
    match &loaded.settings {
        Some(settings) if !loaded.has_errors() => {
            writeln!(out, "Sound: {}; {warnings}.", summary(settings))?;
            Ok(Exit::Clean)
        }
        _ => {
            writeln!(out, "Not sound: {errors}, {warnings}. The server would not start.")?;
            Ok(Exit::Invalid)
        }
    }
}

fn count(loaded: &Loaded, severity: Severity, noun: &str) -> String {
    let count = loaded.problems.iter().filter(|problem| problem.severity == severity).count();
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// What the server will do, in a few words.
fn summary(settings: &Settings) -> String {
    let client = settings.client.as_ref().map(|client| {
        let links = client.urls.len() * client.pool.connections;
        let urls = client.urls.len();
        let authentication = match client.authentication {
            Authentication::OAuth(_) => "OAuth 2.0",
            Authentication::Basic(_) => "HTTP Basic",
        };
        format!(
            "client mode as {}, {links} link{} to {urls} URL{}, authenticated with {authentication}",
            client.name,
            if links == 1 { "" } else { "s" },
            if urls == 1 { "" } else { "s" },
        )
    });
    let server = settings.server.as_ref().map(|server| {
        let tls = if server.tls.is_some() { "with TLS" } else { "without TLS" };
        let interface = server.interface.as_deref().unwrap_or("every interface");
        format!("server mode on port {} of {interface}, {tls}", server.port)
    });
    client.into_iter().chain(server).collect::<Vec<_>>().join(" and ")
}
