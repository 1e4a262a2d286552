//! A CSV file and the operations of the Java driver on it.
// Each test program uses its own part of this module.
#![allow(dead_code)]

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};
use tempfile::TempDir;

const ROWS: &str = "\
uid,sn,age,password
alice,Liddell,7,white-rabbit
bob,Builder,35,can-we-fix-it
carol,Builder,41,yes-we-can
";

/// A folder of its own with one file, and the connector that serves it.
#[derive(Debug)]
pub(crate) struct CsvFile {
    folder: TempDir,
    connector_key: Value,
}

impl CsvFile {
    /// Three people: alice, bob and carol.
    pub(crate) fn new(connector_key: Value) -> Self {
        Self::with(ROWS, connector_key)
    }

    /// A file with this content.
    pub(crate) fn with(text: &str, connector_key: Value) -> Self {
        let folder = tempfile::tempdir().expect("create a temporary folder");
        fs::write(folder.path().join("people.csv"), text).expect("write the file");
        Self { folder, connector_key }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("people.csv")
    }

    pub(crate) fn text(&self) -> String {
        fs::read_to_string(self.path()).expect("read the file")
    }

    /// The arguments of `op` on the accounts of this file, with `more`.
    pub(crate) fn operation(&self, op: &str, more: Value) -> Value {
        let mut arguments = json!({
            "op": op,
            "objectClass": "__ACCOUNT__",
            "connectorKey": self.connector_key,
            "configuration": {"csvFile": {"file": self.path()}},
        });
        let more = more.as_object().expect("more arguments are members").clone();
        arguments.as_object_mut().expect("arguments are members").extend(more);
        arguments
    }
}

pub(crate) fn attribute(name: &str, value: Value) -> Value {
    json!({"name": name, "values": [value]})
}

/// The uids of the items of a search or sync, in order.
pub(crate) fn uids(answer: &Value) -> Vec<&str> {
    let items = answer["items"].as_array().expect("a search answers items");
    items.iter().map(|item| item["uid"]["value"].as_str().expect("an object has a uid")).collect()
}
