//! The table of types, sorted by name.

use super::{Content, FieldType, Items, Kind, Leaf, RecordType, Registered};
use crate::binary::profile::ConnIdRelease;
use crate::binary::profile::Since::{self, Always, ConnId, OpenIcf2};

const C_1_4_1: Since = ConnId(ConnIdRelease::V1_4_1);
const C_1_4_2: Since = ConnId(ConnIdRelease::V1_4_2);
const C_1_4_3: Since = ConnId(ConnIdRelease::V1_4_3);
const C_1_5_0: Since = ConnId(ConnIdRelease::V1_5_0);
const C_1_5_1: Since = ConnId(ConnIdRelease::V1_5_1);
const C_1_5_2_0: Since = ConnId(ConnIdRelease::V1_5_2_0);
const C_1_5_2_1: Since = ConnId(ConnIdRelease::V1_5_2_1);
const C_1_6_0: Since = ConnId(ConnIdRelease::V1_6_0);
const OPENICF: Since = OpenIcf2;

const fn field(name: &'static str, kind: Kind) -> FieldType {
    FieldType { name, kind, since: Always }
}

const fn text(name: &'static str) -> FieldType {
    field(name, Kind::Text(None))
}

const fn text_or(name: &'static str, default: &'static str) -> FieldType {
    field(name, Kind::Text(Some(default)))
}

const fn int(name: &'static str, default: i32) -> FieldType {
    field(name, Kind::I32(default))
}

const fn long(name: &'static str, default: i64) -> FieldType {
    field(name, Kind::I64(default))
}

const fn boolean(name: &'static str, default: bool) -> FieldType {
    field(name, Kind::Bool(default))
}

const fn class(name: &'static str) -> FieldType {
    field(name, Kind::Class)
}

const fn object(name: &'static str) -> FieldType {
    field(name, Kind::Object)
}

const fn constant(name: &'static str, enumeration: &'static str, default: &'static str) -> FieldType {
    field(name, Kind::Constant(enumeration, default))
}

impl FieldType {
    const fn since(mut self, since: Since) -> Self {
        self.since = since;
        self
    }
}

const fn record(fields: &'static [FieldType]) -> RecordType {
    RecordType { fields, items: Items::None, items_before: 0, constants: &[] }
}

impl RecordType {
    const fn items(mut self, items: Items, before: usize) -> Self {
        self.items = items;
        self.items_before = before;
        self
    }
}

const CONSTANT: &[FieldType] = &[text("value")];

const fn enumeration(constants: &'static [&'static str]) -> RecordType {
    RecordType { constants, ..record(CONSTANT) }
}

const fn entry(name: &'static str, since: Since, record: RecordType) -> Registered {
    Registered { name, since, content: Content::Record(record) }
}

const fn leaf(name: &'static str, since: Since, leaf: Leaf) -> Registered {
    Registered { name, since, content: Content::Leaf(leaf) }
}

const fn class_only(name: &'static str, since: Since) -> Registered {
    Registered { name, since, content: Content::ClassOnly }
}

/// Entries in the order of their names' bytes.
pub(super) static TYPES: &[Registered] = &[
    entry(
        "APIConfiguration",
        Always,
        record(&[
            int("producerBufferSize", 0),
            boolean("connectorPoolingSupported", false),
            object("connectorPoolConfiguration"),
            object("resultsHandlerConfiguration"),
            object("ConfigurationProperties"),
            object("timeoutMap"),
            object("SupportedOperations"),
            text("instanceName").since(C_1_5_0),
        ]),
    ),
    entry("AlreadyExistsException", Always, record(&[text("message")])),
    entry("AndFilter", Always, record(&[]).items(Items::Exactly(2), 0)),
    entry("Attribute", Always, record(&[text("name"), object("Values")])),
    entry(
        "AttributeDelta",
        C_1_5_1,
        record(&[object("Name"), object("ValuesToAdd"), object("ValuesToRemove"), object("ValuesToReplace")]),
    ),
    entry(
        "AttributeInfo",
        Always,
        record(&[
            text("name"),
            class("type"),
            text("nativeName").since(C_1_4_2),
            text("subtype").since(C_1_4_3),
            text("referencedObjectClassName").since(C_1_6_0),
            text("roleInReference").since(C_1_6_0),
        ])
        .items(Items::Any, 2),
    ),
    entry(
        "AttributeInfoFlag",
        Always,
        enumeration(&[
            "REQUIRED",
            "MULTIVALUED",
            "NOT_CREATABLE",
            "NOT_UPDATEABLE",
            "NOT_READABLE",
            "NOT_RETURNED_BY_DEFAULT",
        ]),
    ),
    class_only("AuthenticationApiOp", Always),
    class_only("BatchApiOp", OPENICF),
    entry("BatchEmptyResult", OPENICF, record(&[text("Message")])),
    entry(
        "BatchResult",
        OPENICF,
        record(&[
            class("ResultClass"),
            object("Result"),
            object("Token"),
            text("ResultId"),
            boolean("Complete", false),
            boolean("Error", false),
        ]),
    ),
    entry(
        "BatchToken",
        OPENICF,
        record(&[
            object("token"),
            boolean("queryRequired", false),
            boolean("asynchronousResults", false),
            boolean("returnsResults", true),
        ]),
    ),
    entry("BigDecimal", Always, record(&[text("unscaled"), int("scale", 0)])),
    leaf("BigInteger", Always, Leaf::BigInteger),
    leaf("Boolean", Always, Leaf::Boolean),
    leaf("Byte", Always, Leaf::Byte),
    leaf("ByteArray", Always, Leaf::Bytes),
    leaf("Character", Always, Leaf::Character),
    leaf("Class", Always, Leaf::Class),
    entry("ConfigurationException", Always, record(&[text("message")])),
    entry("ConfigurationProperties", Always, record(&[]).items(Items::Any, 0)),
    entry(
        "ConfigurationProperty",
        Always,
        record(&[
            int("order", 0),
            boolean("confidential", false),
            boolean("required", false),
            text("name"),
            text("helpMessageKey"),
            text("displayMessageKey"),
            text("groupMessageKey"),
            class("type"),
            object("value"),
            object("operations"),
        ]),
    ),
    entry("ConnectionBrokenException", Always, record(&[text("message")])),
    entry("ConnectionFailedException", Always, record(&[text("message")])),
    class_only("ConnectorEventSubscriptionApiOp", OPENICF),
    entry("ConnectorException", Always, record(&[text("message")])),
    entry("ConnectorIOException", Always, record(&[text("message")])),
    entry(
        "ConnectorInfo",
        Always,
        record(&[
            text("connectorDisplayNameKey"),
            text("connectorCategoryKey"),
            object("ConnectorKey"),
            object("ConnectorMessages"),
            object("APIConfiguration"),
        ]),
    ),
    entry(
        "ConnectorKey",
        Always,
        record(&[text("bundleName"), text("bundleVersion"), text("connectorName")]),
    ),
    entry("ConnectorMessages", Always, record(&[object("catalogs")])),
    entry("ConnectorObject", Always, record(&[object("ObjectClass"), object("Attributes")])),
    entry("ConnectorObjectIdentification", C_1_6_0, record(&[object("ObjectClass"), object("Attributes")])),
    entry("ConnectorObjectReference", C_1_6_0, record(&[object("Value")])),
    entry("ConnectorSecurityException", Always, record(&[text("message")])),
    entry("ContainsAllValuesFilter", Always, record(&[object("attribute")])),
    entry("ContainsFilter", Always, record(&[object("attribute")])),
    entry("CountPolicy", OPENICF, enumeration(&["NONE", "ESTIMATE", "EXACT"])),
    class_only("CreateApiOp", Always),
    entry(
        "CreateBatchTask",
        OPENICF,
        record(&[object("ObjectClass"), object("Attributes"), object("Options")]),
    ),
    class_only("DeleteApiOp", Always),
    entry("DeleteBatchTask", OPENICF, record(&[object("ObjectClass"), object("Uid"), object("Options")])),
    class_only("DiscoverConfigurationApiOp", C_1_5_2_0),
    leaf("Double", Always, Leaf::Double),
    entry("EchoMessage", Always, record(&[object("value"), object("objectXml")])),
    entry("EndsWithFilter", Always, record(&[object("attribute")])),
    entry("EqualsFilter", Always, record(&[object("attribute")])),
    entry("EqualsIgnoreCaseFilter", C_1_5_2_1, record(&[object("attribute")])),
    entry("ErrorResponse", C_1_5_1, record(&[object("exception")])),
    entry("Exception", Always, record(&[text("message")])),
    entry("ExtendedMatchFilter", OPENICF, record(&[text("operator"), object("attribute")])),
    leaf("File", Always, Leaf::File),
    leaf("Float", Always, Leaf::Float),
    class_only("GetApiOp", Always),
    entry("GreaterThanFilter", Always, record(&[object("attribute")])),
    entry("GreaterThanOrEqualFilter", Always, record(&[object("attribute")])),
    leaf("GuardedByteArray", Always, Leaf::GuardedBytes),
    leaf("GuardedString", Always, Leaf::GuardedString),
    entry("HelloRequest", Always, record(&[int("infoLevel", 20)])),
    entry(
        "HelloResponse",
        Always,
        record(&[
            object("exception"),
            object("serverInfoMap"),
            object("ConnectorInfos"),
            object("ConnectorKeys"),
        ]),
    ),
    entry("IllegalArgumentException", Always, record(&[text("message")])),
    leaf("Integer", Always, Leaf::Integer),
    entry("InvalidAttributeValueException", Always, record(&[text("message")])),
    entry("InvalidCredentialException", Always, record(&[text("message")])),
    entry("InvalidPasswordException", Always, record(&[text("message")])),
    entry("LessThanFilter", Always, record(&[object("attribute")])),
    entry("LessThanOrEqualFilter", Always, record(&[object("attribute")])),
    leaf("List", Always, Leaf::List),
    class_only("LiveSyncApiOp", C_1_6_0),
    entry(
        "LiveSyncDelta",
        C_1_6_0,
        record(&[object("ObjectClass"), object("Uid"), object("ConnectorObject")]),
    ),
    entry(
        "Locale",
        Always,
        record(&[text_or("language", ""), text_or("country", ""), text_or("variant", "")]),
    ),
    leaf("Long", Always, Leaf::Long),
    leaf("Map", Always, Leaf::Map),
    entry("MapEntry", Always, record(&[]).items(Items::Exactly(2), 0)),
    leaf("Name", Always, Leaf::Name),
    entry("NotFilter", Always, record(&[]).items(Items::Exactly(1), 0)),
    class_only("Object", Always),
    entry("ObjectClass", Always, record(&[text("type")])),
    entry(
        "ObjectClassInfo",
        Always,
        record(&[
            text("type"),
            boolean("container", false),
            boolean("auxiliary", false).since(C_1_4_2),
            boolean("embedded", false).since(C_1_6_0),
            object("AttributeInfos"),
        ]),
    ),
    entry(
        "ObjectPoolConfiguration",
        Always,
        record(&[
            int("maxObjects", 10),
            int("maxIdle", 10),
            long("maxWait", 150_000),
            long("minEvictableIdleTimeMillis", 120_000),
            int("minIdle", 1),
            long("maxIdleTimeMillis", 0).since(C_1_5_1),
        ]),
    ),
    entry("OperationOptionInfo", Always, record(&[text("name"), class("type")])),
    entry("OperationOptions", Always, record(&[object("options")])),
    entry(
        "OperationRequest",
        Always,
        record(&[
            class("operation"),
            text("operationMethodName"),
            object("ConnectorKey"),
            text("connectorFacadeKey"),
            object("Arguments"),
        ]),
    ),
    entry("OperationRequestMoreData", Always, record(&[])),
    entry("OperationRequestStopData", Always, record(&[])),
    entry("OperationResponseEnd", Always, record(&[])),
    entry("OperationResponsePart", Always, record(&[object("exception"), object("result")])),
    entry("OperationResponsePause", Always, record(&[])),
    entry("OperationTimeoutException", Always, record(&[text("message")])),
    entry("OrFilter", Always, record(&[]).items(Items::Exactly(2), 0)),
    entry("PasswordExpiredException", Always, record(&[text("message"), object("Uid")])),
    entry("PermissionDeniedException", Always, record(&[text("message")])),
    entry("PreconditionFailedException", Always, record(&[text("message")])),
    entry("PreconditionRequiredException", Always, record(&[text("message")])),
    entry("PresenceFilter", OPENICF, record(&[text("name")])),
    entry("QualifiedUid", Always, record(&[object("ObjectClass"), object("Uid")])),
    entry(
        "RemoteWrappedException",
        Always,
        record(&[
            text_or("class", "org.identityconnectors.framework.common.exceptions.ConnectorException"),
            text("message"),
            object("RemoteWrappedException"),
            text("stackTrace"),
        ]),
    ),
    class_only("ResolveUsernameApiOp", Always),
    entry(
        "ResultsHandlerConfiguration",
        Always,
        record(&[
            boolean("enableNormalizingResultsHandler", true),
            boolean("enableFilteredResultsHandler", true),
            boolean("filteredResultsHandlerInValidationMode", false).since(C_1_4_1),
            boolean("enableCaseInsensitiveFilter", false),
            boolean("enableAttributesToGetSearchResultsHandler", true),
        ]),
    ),
    entry("RetryableException", Always, record(&[text("message")])),
    entry("RuntimeException", Always, record(&[text("message")])),
    entry(
        "Schema",
        Always,
        record(&[
            object("ObjectClassInfos"),
            object("OperationOptionInfos"),
            object("objectClassesByOperation"),
            object("optionsByOperation"),
        ]),
    ),
    class_only("SchemaApiOp", Always),
    entry("Script", Always, record(&[text("scriptLanguage"), object("scriptText")])),
    entry(
        "ScriptContext",
        Always,
        record(&[text("scriptLanguage"), object("scriptArguments"), object("scriptText")]),
    ),
    class_only("ScriptOnConnectorApiOp", Always),
    class_only("ScriptOnResourceApiOp", Always),
    class_only("SearchApiOp", Always),
    entry(
        "SearchResult",
        Always,
        record(&[
            text("pagedResultsCookie"),
            int("totalPagedResults", -1).since(OPENICF),
            int("remainingPagedResults", -1),
            constant("CountPolicy", "CountPolicy", "NONE").since(OPENICF),
        ]),
    ),
    leaf("Set", Always, Leaf::Set),
    entry("SortKey", Always, record(&[text("field"), boolean("isAscending", true)])),
    entry("StartsWithFilter", Always, record(&[object("attribute")])),
    leaf("String", Always, Leaf::String),
    entry(
        "SuggestedValues",
        C_1_5_2_0,
        record(&[object("Values"), constant("ValueListOpenness", "ValueListOpenness", "CLOSED")]),
    ),
    class_only("SyncApiOp", Always),
    entry(
        "SyncDelta",
        Always,
        record(&[
            object("SyncDeltaType"),
            object("SyncToken"),
            object("PreviousUid"),
            object("ObjectClass"),
            object("Uid"),
            object("ConnectorObject"),
        ]),
    ),
    entry("SyncDeltaType", Always, enumeration(&["CREATE_OR_UPDATE", "DELETE", "CREATE", "UPDATE"])),
    class_only("SyncEventSubscriptionApiOp", OPENICF),
    entry("SyncToken", Always, record(&[object("value")])),
    class_only("TestApiOp", Always),
    entry("Throwable", Always, record(&[text("message")])),
    leaf("URI", Always, Leaf::Uri),
    entry("Uid", Always, record(&[text("uid"), text("revision"), object("nameHint").since(C_1_5_1)])),
    entry("UnknownUidException", Always, record(&[text("message")])),
    class_only("UpdateApiOp", Always),
    entry(
        "UpdateBatchTask",
        OPENICF,
        record(&[
            object("ObjectClass"),
            object("Uid"),
            object("Attributes"),
            object("Options"),
            text("Type"),
        ]),
    ),
    class_only("UpdateDeltaApiOp", C_1_4_3),
    class_only("ValidateApiOp", Always),
    entry("ValueListOpenness", C_1_5_2_0, enumeration(&["CLOSED", "OPEN"])),
    leaf("ZonedDateTime", C_1_5_0, Leaf::ZonedDateTime),
    leaf("boolean", Always, Leaf::Boolean),
    leaf("byte", Always, Leaf::Byte),
    leaf("char", Always, Leaf::Character),
    leaf("double", Always, Leaf::Double),
    leaf("float", Always, Leaf::Float),
    leaf("int", Always, Leaf::Integer),
    leaf("long", Always, Leaf::Long),
];
