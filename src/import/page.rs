//! The page of what became of everything.

use std::fmt;

use super::plan::{Holds, Jar, Plan, Told};
use crate::config::{Loaded, Problem, Severity};

/// A spelling that the vendor's templates had and the Java server never read.
const IGNORED: &str = ".useSSL";

/// What has changed, for the administrator who did it.
#[derive(Debug)]
pub struct Page<'a> {
    /// What was written.
    pub plan: &'a Plan,
    /// The new configuration, read back.
    pub loaded: &'a Loaded,
    /// What was found when its stores were opened.
    pub stores: &'a [Problem],
}

impl fmt::Display for Page<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} is taken over to {}. Nothing there was changed.",
            self.plan.from.display(),
            self.plan.to.display()
        )?;
        self.written(f)?;
        self.properties(f)?;
        self.connectors(f)?;
        self.leftovers(f)?;
        self.check(f)?;
        self.next(f)
    }
}

impl Page<'_> {
    fn written(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\nWritten:")?;
        self.plan.files.iter().try_for_each(|planned| {
            let remark = if planned.private { "  (for its owner alone)" } else { "" };
            writeln!(f, "  {}{remark}", planned.path.display())
        })
    }

    fn properties(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\nProperties, as they were:")?;
        for told in &self.plan.lines {
            if let Told::Kept { key, value, written } = told
                && key == written
            {
                writeln!(f, "  {key} = {}", value.escape_debug())?;
            }
        }
        writeln!(f, "\nProperties that changed:")?;
        for told in &self.plan.lines {
            match told {
                Told::Kept { key, value, written } if key != written => {
                    let remark = if written.ends_with(IGNORED) {
                        " (Java ignores that spelling; here it takes effect)"
                    } else {
                        ""
                    };
                    writeln!(f, "  {written} is now {key} = {}{remark}", value.escape_debug())?;
                }
                Told::Moved { key, to, written } if key == written => {
                    writeln!(f, "  {key} = {}", to.display())?
                }
                Told::Moved { key, to, written } => {
                    writeln!(f, "  {written} is now {key} = {}", to.display())?
                }
                Told::Kept { .. } | Told::Left { .. } => {}
            }
        }
        writeln!(f, "\nProperties that stay behind:")?;
        for told in &self.plan.lines {
            if let Told::Left { written, line, why } = told {
                writeln!(f, "  {} (line {line}): {why}", written.escape_debug())?;
            }
        }
        Ok(())
    }

    fn connectors(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\nConnectors in {}:", self.plan.bundles.display())?;
        if self.plan.jars.is_empty() {
            writeln!(f, "  none")?;
        }
        for Jar { file, holds } in &self.plan.jars {
            let file = file.escape_debug();
            match holds {
                Holds::Known(bundle) => {
                    writeln!(
                        f,
                        "  {file}: {} {}, served here under that name and version",
                        bundle.name, bundle.version
                    )?;
                }
                Holds::Unknown(bundle) => writeln!(
                    f,
                    "  {file}: {} {} has NO COUNTERPART here; systems that use it need the Java server",
                    bundle.name.escape_debug(),
                    bundle.version.escape_debug()
                )?,
                Holds::NoBundle => writeln!(f, "  {file}: no bundle of connectors")?,
                Holds::Unreadable(why) => writeln!(f, "  {file}: cannot be read: {why}")?,
            }
        }
        Ok(())
    }

    fn leftovers(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.plan.leftovers.is_empty() {
            return Ok(());
        }
        writeln!(f, "\nWhat else stays behind:")?;
        self.plan.leftovers.iter().try_for_each(|leftover| {
            let files = if leftover.count == 1 { "file" } else { "files" };
            writeln!(f, "  {} ({} {files}): {}", leftover.path, leftover.count, leftover.why)
        })
    }

    fn check(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\nWhat `rcs check` says of it:")?;
        let remarks = self.loaded.problems.iter().chain(self.stores);
        let mut remarks = remarks.filter(|problem| problem.severity > Severity::Note).peekable();
        if remarks.peek().is_none() {
            return writeln!(f, "  sound");
        }
        remarks.try_for_each(|problem| writeln!(f, "  {problem}"))
    }

    fn next(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let properties = self.plan.properties();
        let properties = properties.display();
        writeln!(f, "\nNext:")?;
        writeln!(f, "  rcs doctor --config {properties}")?;
        writeln!(f, "  stop the Java server, then: rcs run --config {properties}")?;
        writeln!(
            f,
            "  Values given to Java as -Dconnectorserver.<key>=<value> work here as -D arguments, too, and in OPENICF_OPTS."
        )?;
        if !self.plan.credentials.is_empty() {
            writeln!(
                f,
                "  Under systemd, so that the secrets stay readable by root alone (systemctl edit rcs):"
            )?;
            writeln!(f, "    [Service]")?;
            for credential in &self.plan.credentials {
                writeln!(f, "    LoadCredential={}:{}", credential.name, credential.file.display())?;
                writeln!(f, "    Environment={}=%d/{}", credential.variable, credential.name)?;
            }
        }
        Ok(())
    }
}
