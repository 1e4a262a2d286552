//! Every known difference in what the two servers announce of the CSV connector, with the reason why ours is right.

use serde_json::Value as Json;

/// A known difference in what the two servers announce of the CSV connector.
pub(crate) struct Announced {
    pub(crate) reason: &'static str,
    pub(crate) correct: fn(&mut Json, &Json),
}

pub(crate) const ANNOUNCED: &[Announced] = &[
    Announced {
        reason: "The same properties under the same keys, described in words of our own.",
        correct: |java, ours| {
            for at in 0..7 {
                java["properties"][at]["display"] = ours["properties"][at]["display"].clone();
            }
        },
    },
    Announced {
        reason: "Properties of ours alone, each with a default by which the connector does what Java's does.",
        correct: |java, ours| {
            let more = ["encoding", "quotedEmptyAsNull", "maximumRecordSize", "maximumCellSize"];
            let ours = ours["properties"].as_array().into_iter().flatten();
            let added = ours.filter(|property| more.iter().any(|name| property["name"] == *name)).cloned();
            java["properties"].as_array_mut().unwrap().extend(added);
        },
    },
];
