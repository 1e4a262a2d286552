//! Key stores for tests of TLS, made by the `keytool` that comes with Java.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

const PASSWORD: &str = "changeit";

/// A key with a self-signed certificate for 127.0.0.1 and localhost, and a store that trusts it, both PKCS#12.
#[derive(Debug)]
pub(crate) struct Stores {
    key: PathBuf,
    trust: PathBuf,
}

impl Stores {
    /// Makes the stores in `folder`.
    pub(crate) fn make_in(folder: &Path) -> Self {
        let stores = Self { key: folder.join("key.p12"), trust: folder.join("trust.p12") };
        let certificate = folder.join("certificate.pem");
        let key = ["-genkeypair", "-keyalg", "EC", "-dname", "CN=localhost"];
        let names = ["-ext", "san=ip:127.0.0.1,dns:localhost", "-validity", "2"];
        keytool(&stores.key, &[key.as_slice(), names.as_slice()].concat(), None);
        keytool(&stores.key, &["-exportcert", "-rfc"], Some(&certificate));
        keytool(&stores.trust, &["-importcert", "-noprompt"], Some(&certificate));
        stores
    }

    /// The key, as a `keyStore` argument of the Java driver.
    pub(crate) fn key(&self) -> Value {
        json!({"path": self.key, "password": PASSWORD})
    }

    /// The trusted certificate, as a `trustStore` argument of the Java driver.
    pub(crate) fn trust(&self) -> Value {
        json!({"path": self.trust, "password": PASSWORD, "type": "PKCS12"})
    }
}

fn keytool(store: &Path, arguments: &[&str], file: Option<&Path>) {
    let mut command = Command::new("keytool");
    command.args(arguments).args(["-alias", "peer", "-storetype", "PKCS12", "-storepass", PASSWORD]);
    command.arg("-keystore").arg(store);
    if let Some(file) = file {
        command.arg("-file").arg(file);
    }
    let output = command.output().expect("start keytool: the Java peers need Java 17");
    assert!(output.status.success(), "keytool {arguments:?}: {}", String::from_utf8_lossy(&output.stdout));
}
