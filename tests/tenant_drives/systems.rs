//! Provisioner files of the systems, as an administrator writes them.

use std::fs;

use serde_json::{Value as Json, json};

use crate::scene::Side;

/// The reference connector with a world of the case's own.
pub(crate) async fn reference(side: &Side, more: Json) {
    side.set_up(reference_file(side, more)).await;
}

/// Its file, with more configuration properties.
pub(crate) fn reference_file(side: &Side, more: Json) -> Json {
    let mut properties = json!({"world": side.system, "objects": 4, "judgesFilters": true});
    properties.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let scripts = ["echo", "where", "lastCall", "locale", "nobody knows it"].map(script);
    let plain = |native: &str, kind: &str| json!({"type": kind, "nativeType": native});
    json!({
        "connectorRef": reference_connector(side),
        "resultsHandlerConfig": handlers(),
        "operationTimeout": {"SEARCH": 5000, "SYNC": 5000},
        "configurationProperties": properties,
        "objectTypes": {
            "account": {"nativeType": "__ACCOUNT__", "type": "object", "properties": {
                "name": {"type": "string", "nativeName": "__NAME__", "nativeType": "string", "required": true},
                "string": plain("string", "string"),
                "int": plain("integer", "integer"),
                "long": plain("JAVA_TYPE_LONG", "number"),
                "double": plain("JAVA_TYPE_DOUBLE", "number"),
                "boolean": plain("boolean", "boolean"),
                "bytes": plain("JAVA_TYPE_BYTE_ARRAY", "string"),
                "bigDecimal": plain("JAVA_TYPE_BIGDECIMAL", "number"),
                "bigInteger": plain("JAVA_TYPE_BIGINTEGER", "number"),
                "character": plain("JAVA_TYPE_CHARACTER", "string"),
                "map": plain("object", "object"),
                "strings": {"type": "array", "items": {"type": "string"}, "nativeType": "string"},
                "guardedString": plain("JAVA_TYPE_GUARDEDSTRING", "string"),
                "hidden": {"type": "string", "flags": ["NOT_RETURNED_BY_DEFAULT"]},
                "notUpdateable": {"type": "string"},
                "enabled": {"type": "boolean", "nativeName": "__ENABLE__", "nativeType": "boolean"},
                "expired": {"type": "boolean", "nativeName": "__PASSWORD_EXPIRED__", "nativeType": "boolean"},
                "password": {"type": "string", "nativeName": "__PASSWORD__",
                    "nativeType": "JAVA_TYPE_GUARDEDSTRING", "flags": ["NOT_READABLE", "NOT_RETURNED_BY_DEFAULT"]},
            }},
            "group": {"nativeType": "__GROUP__", "type": "object", "properties": {
                "name": {"type": "string", "nativeName": "__NAME__", "nativeType": "string", "required": true},
                "members": {"type": "array", "items": {"type": "string"}, "nativeType": "string"},
            }},
        },
        "systemActions": scripts,
    })
}

fn script(text: &str) -> Json {
    let action =
        json!({"systemType": ".*ReferenceConnector", "actionType": "reference", "actionSource": text});
    json!({"scriptId": text.replace(' ', ""), "actions": [action]})
}

fn handlers() -> Json {
    json!({
        "enableNormalizingResultsHandler": false, "enableFilteredResultsHandler": false,
        "enableCaseInsensitiveFilter": false, "enableAttributesToGetSearchResultsHandler": true,
    })
}

pub(crate) fn reference_connector(side: &Side) -> Json {
    json!({
        "connectorHostRef": side.server.name(), "bundleName": icf_reference::BUNDLE_NAME,
        "bundleVersion": "[1.0.0,2.0.0)", "connectorName": icf_reference::CONNECTOR_NAME,
    })
}

pub(crate) fn csv_connector(side: &Side) -> Json {
    json!({
        "connectorHostRef": side.server.name(),
        "bundleName": "org.openidentityplatform.openicf.connectors.csvfile-connector",
        "bundleVersion": "2.0.1", "connectorName": "org.forgerock.openicf.csvfile.CSVFileConnector",
    })
}

pub(crate) const PEOPLE: &str = "uid,firstName,lastName,password\n\
    u1,Erika,Mustermann,secret1\n\
    u2,Max,Mustermann,secret2\n\
    u3,Zoë,\"d'Arc, the 2nd\",\n";

/// The CSV connector with a file of three people.
pub(crate) async fn csv(side: &Side) {
    let file = side.folder().join("people.csv");
    fs::write(&file, PEOPLE).unwrap();
    side.set_up(csv_file(side, file.to_str().unwrap())).await;
}

pub(crate) fn csv_file(side: &Side, file: &str) -> Json {
    json!({
        "connectorRef": csv_connector(side),
        "resultsHandlerConfig": handlers(),
        "operationTimeout": {"SEARCH": 5000, "SYNC": 5000},
        "configurationProperties": {"csvFile": file},
        "objectTypes": {"account": {"nativeType": "__ACCOUNT__", "type": "object", "properties": {
            "name": {"type": "string", "nativeName": "__NAME__", "nativeType": "string", "required": true},
            "firstName": {"type": "string"},
            "lastName": {"type": "string"},
            "password": {"type": "string", "nativeName": "__PASSWORD__",
                "nativeType": "JAVA_TYPE_GUARDEDSTRING", "flags": ["NOT_READABLE", "NOT_RETURNED_BY_DEFAULT"]},
        }}},
    })
}
