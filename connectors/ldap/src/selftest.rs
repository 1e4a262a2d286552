//! Whether operations have a fair chance: the configuration, the connection, and that the base contexts are there.

use icf::{Configuration, ConnectorError};

use crate::dn::Dn;
use crate::fault::{Fault, Result};
use crate::link::{Link, Patience, Session};

/// Checks everything; what was known of the server is asked for anew.
pub(crate) async fn test(session: &Session, patience: &Patience) -> Result<()> {
    let settings = &session.directory().settings;
    settings.properties.validate()?;
    session.directory().forget();
    let mut link = session.main(patience).await;
    session.directory().facts(&mut link).await?;
    let mut faults = Vec::new();
    faults.extend(bad(&mut link, &settings.bases, "Bad Base Context(s)").await?);
    if !settings.properties.base_contexts_to_synchronize.is_empty() {
        faults.extend(bad(&mut link, &settings.sync_bases, "Bad Base Context(s) to Synchronize").await?);
    }
    if faults.is_empty() {
        return Ok(());
    }
    Err(Fault::Final(ConnectorError::configuration(faults.join("; "))))
}

async fn bad(link: &mut Link<'_>, bases: &[Dn], title: &str) -> Result<Option<String>> {
    let mut bad = Vec::new();
    for base in bases {
        if link.read(base.as_str(), None, &["1.1"]).await?.is_none() {
            bad.push(base.as_str());
        }
    }
    Ok((!bad.is_empty()).then(|| format!("{title}: [{}]", bad.join(", "))))
}
