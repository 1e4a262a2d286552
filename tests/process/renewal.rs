//! Server mode: another certificate and another key for new connections.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use icf_session::{Execution, Handler, LinkPhase, Session};
use icf_wire::session::{EngineConfig, Role};
use rcs::config::{
    self, BasicCredentials, Inputs, KeyHash, Placement, ServerUrl, Settings, StoreSettings, UpgradeSettings,
};
use rcs::link::{Credentials, DialFailure, DialOptions, Dialer, SubProtocolCheck};
use rcs::serve::{Server, new_identity};
use rcs::tls::{Trust, client_config};

use crate::connector;
use crate::support::HANG_GUARD;
use crate::support::certificates::Authority;

struct Nobody;

impl Handler for Nobody {
    fn start(&self, _: Execution) {}
}

/// The configuration in a folder, with this key; the port is any that is free.
fn settings(folder: &Path, key: &str) -> Settings {
    let file = folder.join("rcs.properties");
    let text = format!(
        "connectorserver.port=8759\nconnectorserver.ifaddress=127.0.0.1\nconnectorserver.usessl=true\n\
         connectorserver.keyStoreFile=key.pem\nconnectorserver.keyStoreType=PEM\nconnectorserver.key={}\n",
        KeyHash::of(key).to_base64(),
    );
    std::fs::write(&file, text).unwrap();
    let loaded = config::load(&Inputs {
        home: folder.to_owned(),
        file: Some(file),
        environment: BTreeMap::new(),
        defines: Vec::new(),
        host_name: "host-7".to_owned(),
    });
    let mut settings = loaded.settings.unwrap_or_else(|| panic!("{:?}", loaded.problems));
    settings.server.as_mut().unwrap().port = 0;
    settings
}

/// A certificate of a new authority in the key store; answers the authority, for dialers.
fn certify(folder: &Path, name: &str) -> StoreSettings {
    let authority = Authority::new();
    let identity = authority.server(&["localhost"]);
    std::fs::write(folder.join("key.pem"), identity.certificate + &identity.key).unwrap();
    let path = folder.join(name);
    std::fs::write(&path, authority.pem()).unwrap();
    StoreSettings { path, kind: None, password: "".into() }
}

async fn dialer(trust: &StoreSettings, password: &str) -> Dialer {
    Dialer::try_new(DialOptions {
        server_name: "idm".to_owned(),
        host_id: String::new(),
        upgrade: UpgradeSettings {
            name_placement: Placement::None,
            host_id_placement: Placement::None,
            headers: Vec::new(),
            parameters: Vec::new(),
        },
        credentials: Credentials::Basic(BasicCredentials {
            principal: "anonymous".to_owned(),
            password: password.into(),
        }),
        proxy: None,
        tls: client_config(Trust::Store(trust.clone()), None).await.unwrap(),
        connect_timeout: HANG_GUARD,
        max_message_size: 64 << 20,
        sub_protocol: SubProtocolCheck::Strict,
    })
    .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn new_connections_see_the_new_certificate_and_need_the_new_key() {
    let folder = tempfile::tempdir().unwrap();
    let old = certify(folder.path(), "old.pem");
    let first = settings(folder.path(), "first key");
    let mut server = Server::start(first.clone(), vec![connector::registration()]).await.unwrap();
    let port = server.address().unwrap().port();
    let url = ServerUrl::parse(&format!("wss://localhost:{port}/openicf")).unwrap();
    let (session, _) = Session::new(EngineConfig::default(), new_identity().unwrap(), Nobody);
    let socket = dialer(&old, "first key").await.dial(&url).await.unwrap();
    let link = session.attach(socket, Role::Dialer, "idm");
    link.ready().await.unwrap();

    let nothing = server.reload(first).await.unwrap();
    assert!(nothing.changed.is_empty() && nothing.needs_restart.is_empty(), "{nothing:?}");
    let new = certify(folder.path(), "new.pem");
    let reloaded = server.reload(settings(folder.path(), "second key")).await.unwrap();
    assert_eq!(reloaded.changed, ["the listener's certificate", "the shared key"]);

    assert!(matches!(
        dialer(&old, "second key").await.dial(&url).await.map(drop).unwrap_err().failure(),
        DialFailure::Tls { .. }
    ));
    let refused = dialer(&new, "first key").await.dial(&url).await.map(drop).unwrap_err();
    assert!(matches!(refused.failure(), DialFailure::Refused(refusal) if refusal.status == 403), "{refused}");
    let socket = dialer(&new, "second key").await.dial(&url).await.unwrap();
    session.attach(socket, Role::Dialer, "idm").ready().await.unwrap();
    assert!(link.answers(Duration::ZERO, HANG_GUARD).await, "the old link is in use");
    assert!(matches!(link.phase(), LinkPhase::Ready(_)));

    // A store that cannot be used changes nothing.
    std::fs::write(folder.path().join("key.pem"), "nothing").unwrap();
    server.reload(settings(folder.path(), "third key")).await.unwrap_err();
    dialer(&new, "second key").await.dial(&url).await.unwrap();
    session.shutdown(HANG_GUARD).await;
    server.stop().await;
}
