//! What is accepted but probably not meant.

use crate::{Case, KEY_STORE, SERVER, certificate, cloud_without};

#[test]
fn what_was_probably_not_meant_is_a_warning() {
    for (line, warning) in [
        (
            "connectorserver.conectionTtl=1",
            "connectorserver.conectionTtl (rcs.properties:13): this key is unknown and ignored; did you mean \
             connectorserver.connectionTtl?",
        ),
        ("colour=red", "colour (rcs.properties:13): this key is unknown and ignored; remove it"),
        (
            "hostId=x",
            "hostId (rcs.properties:13): this key is unknown and ignored; did you mean connectorserver.hostId?",
        ),
        (
            "connectorserver.loggingConfigFile=lib/logback.xml",
            "connectorserver.loggingConfigFile (rcs.properties:13): the key has no effect; remove it; logs go to standard \
             error",
        ),
        (
            "ClientConnectionManagerFactoryClass=x",
            "ClientConnectionManagerFactoryClass (rcs.properties:13): the key has no effect; remove it; links are managed by \
             this server itself",
        ),
        (
            "connectorserver.principal=anonymous",
            "connectorserver.principal (rcs.properties:13): it has no effect, because connectorserver.tokenEndpoint is set; \
             remove it, or remove tokenEndpoint",
        ),
        (
            "connectorserver.trustStorePass=changeit ",
            "connectorserver.trustStorePass (rcs.properties:13): the value ends in blanks, which belong to it; remove them, \
             or write the last one as `\\u0020` if they are meant",
        ),
        (
            "connectorserver.pingPongInterval=350",
            "connectorserver.pingPongInterval (rcs.properties:13): `350` is not below the idle time-out of common load \
             balancers (350 s), which cut silent links; set it to 60",
        ),
        (
            "connectorserver.maxWebSocketConnections=3",
            "connectorserver.maxWebSocketConnections (rcs.properties:13): `3` leaves no room to open a link before the \
             expired one closes; 4 is used; set it to 4 or remove it",
        ),
        (
            "connectorserver.proxyHost=proxy",
            "connectorserver.proxyHost (rcs.properties:13): there is no proxyPort; port 80 is used; set \
             connectorserver.proxyPort",
        ),
    ] {
        // A key that stands in the file already is replaced, not doubled.
        let file = cloud_without("loggerClass");
        let key = line.split('=').next().unwrap();
        let file: String = file
            .lines()
            .map(|l| if l.starts_with(key) { "#\n".to_owned() } else { format!("{l}\n") })
            .collect();
        let output = Case::new(format!("{file}{line}\n")).is_sound_with(&[&format!("warning: {warning}")]);
        assert!(output.ends_with("; 1 warning.\n"), "{output}");
    }
}

#[test]
fn numbers_that_do_not_go_together_are_warnings() {
    let file = |connections: &str, ttl: &str| {
        Case::new(
            cloud_without("loggerClass")
                .replace("webSocketConnections=3", &format!("webSocketConnections={connections}"))
                .replace("connectionTtl=300", &format!("connectionTtl={ttl}")),
        )
    };
    file("1", "300").is_sound_with(&[
        "warning: connectorserver.webSocketConnections (rcs.properties:10): with a single link, requests wait while it is \
         being replaced after connectionTtl; set it to 2, or connectorserver.connectionTtl to 0",
    ]);
    file("1", "0").is_sound_with(&[]);
    file("3", "51").is_sound_with(&[]);
    file("3", "50").is_sound_with(&[
        "warning: connectorserver.connectionTtl (rcs.properties:11): `50` is not more than newConnectionsInterval * \
         webSocketConnections + housekeepingInterval (50 s): links expire before all are open; set it to more than 50",
    ]);
}

#[test]
fn names_and_unprotected_endpoints_are_warnings() {
    Case::new(
        cloud_without("loggerClass")
            .replace("=rcs1", "=rcs-0")
            .replace("wss://tenant.example.com/openicf/0", "ws://tenant.example.com/openicf/0")
            .replace("https://tenant", "http://tenant")
            .replace("clientSecret=secret", "clientSecret=openidm"),
    )
    .is_sound_with(&[
        "warning: connectorserver.connectorServerName (rcs.properties:1): `rcs-0` is outside the documented pattern \
         ^[a-z0-9]*$; use lower-case letters and digits unless the tenant has exactly this name",
        "warning: connectorserver.url (rcs.properties:2): ws://tenant.example.com:80/openicf/0 has no TLS: passwords travel \
         in the clear; use wss",
        "warning: connectorserver.tokenEndpoint (rcs.properties:3): the token endpoint has no TLS: the client secret travels \
         in the clear; use https",
        "warning: connectorserver.clientSecret (rcs.properties:5): this is the secret of the vendor's sample; set a secret \
         of your own on the tenant and here",
    ]);
}

#[test]
fn well_known_keys_and_spellings_that_java_ignores_are_warnings() {
    let file = SERVER
        .replace("LjOS9+0KypQhm9NH3BQI7SJ9LUA\\=", "lmA6bMfENJGlIDbfrVtklXFK32s\\=")
        .replace("usessl", "useSSL");
    Case::new(file).with_file("keyStore.pem", certificate()).is_sound_with(&[
        "warning: connectorserver.useSSL (rcs.properties:3): Java servers ignore this spelling; it is accepted here; write \
         connectorserver.usessl",
        "warning: connectorserver.key (rcs.properties:2): this is the hash of the well-known key `changeit`; run `rcs \
         set-key`",
        KEY_STORE,
    ]);
}

#[test]
fn the_environment_is_watched_for_slips_and_intruders() {
    Case::new(cloud_without("loggerClass"))
        .environment("RCS_CLIENTSECRET", "x")
        .environment("RCS_PORT", "tcp://10.0.0.1:8759")
        .environment("RCS_SERVICE_HOST", "10.0.0.1")
        .environment("RCS_NAME", "rcs1")
        .environment("CONNECTORSERVER_CONNECTOR_SERVER_NAME", "rcs2")
        .is_sound_with(&[
            "warning: connectorserver.connectorServerName (environment variable RCS_NAME): the environment variable \
             CONNECTORSERVER_CONNECTOR_SERVER_NAME gives another value; this one counts; remove one of the two",
            "warning: connectorserver.port (environment variable RCS_PORT): the value is a Kubernetes service link, not a \
             setting; it is ignored; set enableServiceLinks: false in the pod, or rename the service",
            "warning: environment variable RCS_CLIENTSECRET: the variable stands for no key and is ignored; did you mean \
             RCS_CLIENT_SECRET?",
        ]);
}

#[test]
fn arguments_of_the_java_server_are_understood() {
    let output = Case::new(cloud_without("clientSecret=").replace("loggerClass", "libDir"))
        .environment("OPENICF_OPTS", "-Xmx512m -Djavax.net.ssl.trustStore=x -Dconnectorserver.hostId=h9 -Dfile.encoding=UTF-8")
        .argument("-Dconnectorserver.clientSecret=own")
        .argument("-D")
        .argument("connectorserver.sendWait=5")
        .is_sound_with(&[
            "warning: -Djavax.net.ssl.trustStore in OPENICF_OPTS: system properties of the JVM are not read; set \
             connectorserver.trustStoreFile",
            "warning: connectorserver.clientSecret (-Dconnectorserver.clientSecret on the command line): every user of this \
             machine can see it in the list of processes; use connectorserver.clientSecretFile",
            "note: connectorserver.libDir (rcs.properties:12): the key is for Java servers; it has no effect here; nothing \
             needs to be done",
        ]);
    assert!(output.contains("(-Dconnectorserver.sendWait on the command line)"), "{output}");
    assert!(output.contains("(-Dconnectorserver.hostId in OPENICF_OPTS)"), "{output}");
}
