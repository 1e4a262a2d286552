//! Files that the server would not start with, one mistake each.

use crate::{CLOUD, Case, LOGGER_CLASS, SERVER, certificate, cloud_and, cloud_without};

#[test]
fn broken_01_no_name() {
    Case::new(cloud_without("connectorServerName")).explained_by(&[
        "error: connectorserver.connectorServerName (not set): the name is required in client mode; set it to the name \
         under which the tenant lists this server",
        &LOGGER_CLASS.replace(":13", ":12"),
    ]);
}

#[test]
fn broken_02_nothing_to_do() {
    Case::new("connectorserver.connectorServerName=rcs1").explained_by(&[
        "error: connectorserver.url (not set): neither a URL to dial nor a port to listen on is set; set \
         connectorserver.url to the tenant's endpoints, or connectorserver.port for server mode",
    ]);
}

#[test]
fn broken_03_a_scheme_that_is_no_web_socket() {
    cloud_and("connectorserver.url=ftp://tenant.example.com/openicf/0").explained_by(&[
        "error: connectorserver.url (rcs.properties:13): `ftp://tenant.example.com/openicf/0`: the scheme `ftp` is none of \
         wss, ws, https, http; write it like wss://tenant.example.com/openicf/0",
        "warning: connectorserver.url (rcs.properties:13): the key stands in line 2 too; this later line counts; remove \
         one of the two",
    ]);
}

#[test]
fn broken_04_a_url_twice() {
    Case::new(cloud_without("loggerClass"))
        .argument("-Dconnectorserver.url=wss://h/openicf/0,wss://h:443/openicf/0")
        .explained_by(&["error: connectorserver.url (-Dconnectorserver.url on the command line): \
            `wss://h:443/openicf/0` stands in the list twice; remove one of the two"]);
}

#[test]
fn broken_05_numbers_with_and_without_sense() {
    Case::new(cloud_without("loggerClass"))
        .environment("RCS_CONNECTION_TTL", "5m")
        .environment("RCS_WS_CONNECTIONS", "0")
        .environment("RCS_SEND_WAIT", "-1")
        .explained_by(&[
            "error: connectorserver.webSocketConnections (environment variable RCS_WS_CONNECTIONS): `0` is out of range; \
             use a whole number of links, 1 to 1000",
            "error: connectorserver.connectionTtl (environment variable RCS_CONNECTION_TTL): `5m` is not a whole number; \
             use a whole number of seconds, 0 or more",
            "error: connectorserver.sendWait (environment variable RCS_SEND_WAIT): `-1` is out of range; use a whole number of seconds, 1 \
             or more",
        ]);
}

#[test]
fn broken_06_no_secret() {
    Case::new(cloud_without("clientSecret")).explained_by(&[
        "error: connectorserver.clientSecret (not set): the secret is required with connectorserver.tokenEndpoint; set \
         it, or connectorserver.clientSecretFile, to the secret of the OAuth 2.0 client",
        &LOGGER_CLASS.replace(":13", ":12"),
    ]);
}

#[test]
fn broken_07_a_secret_in_both_forms() {
    cloud_and("connectorserver.clientSecretFile=secret").with_file("secret", "s").explained_by(&[
        "error: connectorserver.clientSecret (rcs.properties:5): both connectorserver.clientSecret and \
         connectorserver.clientSecretFile are set (rcs.properties:13); remove one of the two",
    ]);
}

#[test]
fn broken_08_a_secret_file_that_is_not_there() {
    Case::new(cloud_without("clientSecret")).environment("RCS_CLIENT_SECRET_FILE", "/run/secrets/none").explained_by(&[
        "error: connectorserver.clientSecretFile (environment variable RCS_CLIENT_SECRET_FILE): /run/secrets/none cannot \
         be read: No such file or directory (os error 2); name a file that this user can read",
        &LOGGER_CLASS.replace(":13", ":12"),
    ]);
}

#[test]
fn broken_09_half_of_the_proxy_credentials() {
    cloud_and(
        "connectorserver.proxyHost=proxy\nconnectorserver.proxyPort=3128\nconnectorserver.proxyPrincipal=me",
    )
    .explained_by(&[
        "error: connectorserver.proxyPrincipal (rcs.properties:15): there is no proxyPassword to go with \
            it; set both or none",
    ]);
}

#[test]
fn broken_10_a_proxy_port_without_a_proxy() {
    cloud_and("connectorserver.proxyPort=3128").explained_by(&[
        "error: connectorserver.proxyPort (rcs.properties:13): there is no proxyHost that it could belong to; set \
         connectorserver.proxyHost or remove it",
    ]);
}

#[test]
fn broken_11_fewer_links_at_most_than_are_kept() {
    cloud_and("connectorserver.maxWebSocketConnections=2").explained_by(&[
        "error: connectorserver.maxWebSocketConnections (rcs.properties:13): `2` is less than \
         connectorserver.webSocketConnections (3); set it to 4 or remove it",
    ]);
}

#[test]
fn broken_12_a_trust_store_that_is_not_there() {
    cloud_and("connectorserver.trustStoreFile=security/truststore").explained_by(&[
        "error: connectorserver.trustStoreFile (rcs.properties:13): security/truststore cannot be read: No such file or \
         directory (os error 2); name a file that this user can read, as an absolute path",
    ]);
}

#[test]
fn broken_13_an_escape_that_java_refuses() {
    Case::new("a=b\nconnectorserver.trustStoreFile=C:\\users\\rcs\\truststore\n").explained_by(&[
        "error: rcs.properties:2: `\\u` is not followed by four hexadecimal digits; write four hexadecimal digits after \
         `\\u`, or `\\\\u` for a backslash and a u",
    ]);
}

#[test]
fn broken_14_a_windows_path() {
    cloud_and("connectorserver.trustStoreFile=C:\\openicf\\new").explained_by(&[
        "error: connectorserver.trustStoreFile (rcs.properties:13): C:openicf\\new cannot be read: No such file or \
         directory (os error 2); name a file that this user can read, as an absolute path",
        "warning: connectorserver.trustStoreFile (rcs.properties:13): single backslashes vanish from the value; write \
         `\\\\` for each, or use `/`",
    ]);
}

#[test]
fn broken_15_a_byte_order_mark_before_a_key() {
    Case::new([b"\xEF\xBB\xBF".as_slice(), cloud_without("loggerClass").as_bytes()].concat()).explained_by(&[
        "error: connectorserver.connectorServerName (rcs.properties:1): the file starts with a byte order mark, which \
         becomes part of this key; save the file without byte order mark",
    ]);
}

#[test]
fn broken_16_a_file_in_utf_16() {
    let utf_16: Vec<u8> = [0xFF, 0xFE].into_iter().chain(CLOUD.bytes().flat_map(|byte| [byte, 0])).collect();
    Case::new(utf_16).explained_by(&[
        "error: rcs.properties: the file is UTF-16; save it as ISO-8859-1 (plain ASCII is best)",
    ]);
}

#[test]
fn broken_17_keys_that_are_no_hashes() {
    let server = |key: &str| {
        Case::new(SERVER.replace("LjOS9+0KypQhm9NH3BQI7SJ9LUA\\=", key))
            .with_file("keyStore.pem", certificate())
    };
    server("my secret key").explained_by(&[
        "error: connectorserver.key (rcs.properties:2): the value is not the Base64 form of a 20-byte hash; the key itself \
         does not belong here; run `rcs set-key`",
    ]);
    server("BzE/DjIPIsv6Nc/CIFCOs/9FfH4\\=").explained_by(&[
        "error: connectorserver.key (rcs.properties:2): the value is the hash of a well-known key, made over UTF-8 instead \
         of UTF-16; run `rcs set-key`",
    ]);
    // echo own | sha1sum | base64
    server("N2VjZTkzMDFmNTM3NjkxYTg4YWUxMGRhMWM2ODFiMTlhNWIyMjAzMSAgLQo=").explained_by(&[
        "error: connectorserver.key (rcs.properties:2): the value was made from the hexadecimal output of `sha1sum`; run \
         `rcs set-key`",
    ]);
    Case::new(SERVER.replace("connectorserver.key=", "#")).with_file("keyStore.pem", certificate()).explained_by(&[
        "error: connectorserver.key (not set): the hash of the shared key is required in server mode; run `rcs set-key`",
    ]);
}

#[test]
fn broken_18_a_boolean_that_java_takes_for_false() {
    Case::new(SERVER.replace("=true", "=yes")).with_file("keyStore.pem", certificate()).explained_by(&[
        "error: connectorserver.usessl (rcs.properties:3): `yes` is neither true nor false; a Java server takes it for \
         false; write `true` or `false`",
    ]);
}

#[test]
fn broken_19_words_and_places() {
    cloud_and(
        "connectorserver.namePlacement=cookie:x\nconnectorserver.tokenEndpointAuthMethod=basic\n\
         connectorserver.upgradeHeaders=Authorization=x\nconnectorserver.upgradeParameters=a=${b}\n\
         connectorserver.adminListen=8760\nconnectorserver.bundleVersion.org.x=latest",
    )
    .explained_by(&[
        "error: connectorserver.tokenEndpointAuthMethod (rcs.properties:14): `basic` is not one of the choices; use one of \
         `auto`, `client_secret_basic`, `client_secret_post`",
        "error: connectorserver.namePlacement (rcs.properties:13): `cookie:x` is not a place in the upgrade request; use \
         `auto`, `query:<name>`, `header:<name>`, `path` or `none`",
        "error: connectorserver.upgradeHeaders (rcs.properties:15): the header `Authorization` is set by the server itself; \
         use another header",
        "error: connectorserver.upgradeParameters (rcs.properties:16): `${b}` is not a placeholder; use \
         ${connectorServerName} or ${hostId}",
        "error: connectorserver.bundleVersion.org.x (rcs.properties:18): `latest` is not a version; write it like 1.5.20.31",
        "error: connectorserver.adminListen (rcs.properties:17): `8760` is not an address to listen on; use `<host>:<port>`, \
         `unix:<path>` or `off`",
    ]);
}

#[test]
fn broken_20_a_file_that_is_not_there() {
    let case = Case::new("");
    std::fs::remove_file(case.path("rcs.properties")).unwrap();
    let (status, output) = case.check();
    assert_eq!(status, 2);
    assert!(
        output.starts_with(
            "error: rcs.properties: the file cannot be read: No such file or directory (os error 2); name a readable file \
             with --config\n"
        ),
        "{output}"
    );
}
