//! Where our answers to the recorded conversations differ from Java's on purpose, and why ours are right.

/// One difference: `java` is in the printed answer of the recording, `ours` stands in ours instead.
struct Difference {
    family: &'static str,
    recording: &'static str,
    java: &'static str,
    ours: &'static str,
    #[allow(dead_code)] // It is for the reader.
    reason: &'static str,
}

const NO_SUCH_OPERATION: &str = "These operations are ConnId's alone: no connector here has them, and a client of another \
    framework that read their names could not use the server at all. An update by differences is served all the same.";

const MEANT_FOR_PEOPLE: &str =
    "The recorded text or class is an accident of the Java machine; ours says what is wrong.";

const NO_DISCOVERY: &str = "OperationResponsePart(exception=RemoteWrappedException(\
    class=\"java.lang.UnsupportedOperationException\", message=\"Operation DiscoverConfigurationApiOp is refused: no \
    connector of this server discovers configurations\"))";

const UNWRITABLE: &str = "OperationResponsePart(exception=RemoteWrappedException(\
    class=\"java.lang.IllegalArgumentException\", message=\"Cannot send the object u1 of class __ACCOUNT__: A Character \
    beyond U+FFFF has no form; use a String\"))\nend";

const DIFFERENCES: &[Difference] = &[
    Difference {
        family: "connid",
        recording: "hello-info",
        java: r#"DiscoverConfigurationApiOp, "#,
        ours: "",
        reason: NO_SUCH_OPERATION,
    },
    Difference {
        family: "connid",
        recording: "hello-info",
        java: r#"LiveSyncApiOp, "#,
        ours: "",
        reason: NO_SUCH_OPERATION,
    },
    Difference {
        family: "connid",
        recording: "hello-info",
        java: r#", UpdateDeltaApiOp"#,
        ours: "",
        reason: NO_SUCH_OPERATION,
    },
    Difference {
        family: "connid",
        recording: "schema",
        java: r#", UpdateDeltaApiOp: Set["__ACCOUNT__"]"#,
        ours: "",
        reason: NO_SUCH_OPERATION,
    },
    Difference {
        family: "connid",
        recording: "schema",
        java: r#", UpdateDeltaApiOp: Set["PAGE_SIZE"]"#,
        ours: "",
        reason: NO_SUCH_OPERATION,
    },
    Difference {
        family: "connid",
        recording: "discover",
        java: r#"OperationResponsePart(result=Map{"host": SuggestedValues(Values=List["a", "b"], ValueListOpenness=ValueListOpenness(value="OPEN"))})"#,
        ours: NO_DISCOVERY,
        reason: NO_SUCH_OPERATION,
    },
    Difference {
        family: "connid",
        recording: "testpartial",
        java: r#"OperationResponsePart()"#,
        ours: NO_DISCOVERY,
        reason: NO_SUCH_OPERATION,
    },
    Difference {
        family: "connid",
        recording: "updatedelta",
        java: r#"Set[AttributeDelta(Name="mail", ValuesToAdd=List["a"])]"#,
        ours: r#"Set[]"#,
        reason: "The recorded connector took differences by itself and reported what it was asked for. Connectors here are told \
                 the same with updates; what they then report is whether the object has a new identity.",
    },
    Difference {
        family: "binary",
        recording: "raw-bad-facadekey",
        java: r#"class="java.lang.RuntimeException", message="Data is not Base64 encoded.""#,
        ours: r#"class="org.identityconnectors.framework.common.exceptions.ConnectorException", message="Data is not Base64 encoded.""#,
        reason: MEANT_FOR_PEOPLE,
    },
    Difference {
        family: "connid",
        recording: "raw-bad-facadekey",
        java: r#"class="java.lang.IllegalArgumentException", message="Illegal base64 character 21""#,
        ours: r#"class="org.identityconnectors.framework.common.exceptions.ConnectorException", message="Data is not Base64 encoded.""#,
        reason: MEANT_FOR_PEOPLE,
    },
    Difference {
        family: "binary",
        recording: "raw-null-facadekey",
        java: r#"Cannot invoke \"Object.hashCode()\" because \"key\" is null"#,
        ours: r#"The request has no connectorFacadeKey."#,
        reason: MEANT_FOR_PEOPLE,
    },
    Difference {
        family: "connid",
        recording: "raw-null-facadekey",
        java: r#"Cannot invoke \"Object.hashCode()\" because \"key\" is null"#,
        ours: r#"The request has no connectorFacadeKey."#,
        reason: MEANT_FOR_PEOPLE,
    },
    Difference {
        family: "binary",
        recording: "search-treemap",
        java: r#"end"#,
        ours: UNWRITABLE,
        reason: "Java's writer breaks over a value without a form and leaves the client waiting until its time is over. Ours tells \
                 it at once.",
    },
    Difference {
        family: "connid",
        recording: "search-treemap",
        java: r#"end"#,
        ours: UNWRITABLE,
        reason: "Java's writer breaks over a value without a form and leaves the client waiting until its time is over. Ours tells \
                 it at once.",
    },
];

/// The expected answer to a recording. Each difference must apply: a list that has become wrong fails.
pub(crate) fn apply(family: &str, recording: &str, mut expected: String) -> String {
    let mine = |difference: &&Difference| difference.family == family && difference.recording == recording;
    for Difference { java, ours, .. } in DIFFERENCES.iter().filter(mine) {
        assert!(expected.contains(java), "{family}/{recording}: Java's answer has no {java:?}:\n{expected}");
        expected = expected.replacen(java, ours, 1);
    }
    expected
}
