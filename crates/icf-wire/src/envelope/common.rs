//! Messages used inside others.

use super::opaque_debug;
use bytes::Bytes;
use prost::{Enumeration, Message};

/// `Uid`.
#[derive(Clone, PartialEq, Message)]
pub struct Uid {
    /// `value`.
    #[prost(string, tag = "1")]
    pub value: String,
    /// Blank = none.
    #[prost(string, tag = "2")]
    pub revision: String,
}

/// `BigDecimal`.
#[derive(Clone, PartialEq, Message)]
pub struct BigDecimal {
    /// `unscaled`.
    #[prost(string, tag = "1")]
    pub unscaled: String,
    /// `scale`.
    #[prost(int32, tag = "2")]
    pub scale: i32,
}

/// `ConnectorKey`.
#[derive(Clone, PartialEq, Message)]
pub struct ConnectorKey {
    /// `bundleName`.
    #[prost(string, tag = "1")]
    pub bundle_name: String,
    /// `bundleVersion`.
    #[prost(string, tag = "2")]
    pub bundle_version: String,
    /// `connectorName`.
    #[prost(string, tag = "3")]
    pub connector_name: String,
}

/// `Locale`.
#[derive(Clone, PartialEq, Message)]
pub struct Locale {
    /// `language`.
    #[prost(string, tag = "1")]
    pub language: String,
    /// `country`.
    #[prost(string, tag = "2")]
    pub country: String,
    /// `variant`.
    #[prost(string, tag = "3")]
    pub variant: String,
}

/// `Script`.
#[derive(Clone, PartialEq, Message)]
pub struct Script {
    /// `scriptLanguage`.
    #[prost(string, tag = "1")]
    pub script_language: String,
    /// `scriptText`.
    #[prost(string, tag = "2")]
    pub script_text: String,
}

/// `ScriptContext`.
#[derive(Clone, PartialEq, Message)]
#[prost(skip_debug)]
pub struct ScriptContext {
    /// `script`.
    #[prost(message, optional, tag = "1")]
    pub script: Option<Script>,
    /// LBF: Map of String to Object.
    #[prost(bytes = "bytes", tag = "2")]
    pub script_arguments: Bytes,
}

/// `SearchResult`.
#[derive(Clone, PartialEq, Message)]
pub struct SearchResult {
    /// Blank = none.
    #[prost(string, tag = "1")]
    pub paged_results_cookie: String,
    /// `totalPagedResultsPolicy`.
    #[prost(enumeration = "CountPolicy", tag = "2")]
    pub total_paged_results_policy: i32,
    /// -1 = unknown.
    #[prost(int32, tag = "3")]
    pub total_paged_results: i32,
    /// -1 = unknown.
    #[prost(int32, tag = "4")]
    pub remaining_paged_results: i32,
}

/// `SortKey`.
#[derive(Clone, PartialEq, Message)]
pub struct SortKey {
    /// `field`.
    #[prost(string, tag = "1")]
    pub field: String,
    /// `isAscending`.
    #[prost(bool, tag = "2")]
    pub is_ascending: bool,
}

/// `SyncToken`.
#[derive(Clone, PartialEq, Message)]
pub struct SyncToken {
    /// LBF: the token object.
    #[prost(bytes = "bytes", tag = "1")]
    pub value: Bytes,
}

/// `SyncDelta`.
#[derive(Clone, PartialEq, Message)]
#[prost(skip_debug)]
pub struct SyncDelta {
    /// Required by the receiver.
    #[prost(message, optional, tag = "1")]
    pub token: Option<SyncToken>,
    /// `deltaType`.
    #[prost(enumeration = "SyncDeltaType", tag = "2")]
    pub delta_type: i32,
    /// Not allowed with CREATE/DELETE.
    #[prost(message, optional, tag = "3")]
    pub previous_uid: Option<Uid>,
    /// Required whenever connectorObject is present.
    #[prost(string, tag = "4")]
    pub object_class: String,
    /// Required by the receiver; must equal the __UID__ of the object.
    #[prost(message, optional, tag = "5")]
    pub uid: Option<Uid>,
    /// LBF: **Set of Attribute** (not a ConnectorObject).
    #[prost(bytes = "bytes", tag = "6")]
    pub connector_object: Bytes,
}

/// `ConnectorObject`.
#[derive(Clone, PartialEq, Message)]
#[prost(skip_debug)]
pub struct ConnectorObject {
    /// `objectClass`.
    #[prost(string, tag = "1")]
    pub object_class: String,
    /// LBF: Set of Attribute.
    #[prost(bytes = "bytes", tag = "2")]
    pub attributes: Bytes,
}

/// `QualifiedUid`.
#[derive(Clone, PartialEq, Message)]
pub struct QualifiedUid {
    /// `objectClass`.
    #[prost(string, tag = "1")]
    pub object_class: String,
    /// `uid`.
    #[prost(message, optional, tag = "2")]
    pub uid: Option<Uid>,
}

/// `SearchResult.CountPolicy`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Enumeration)]
#[repr(i32)]
pub enum CountPolicy {
    /// `NONE`.
    None = 0,
    /// `ESTIMATE`.
    Estimate = 1,
    /// `EXACT`.
    Exact = 2,
}

/// `SyncDelta.SyncDeltaType`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Enumeration)]
#[repr(i32)]
pub enum SyncDeltaType {
    /// `CREATE_OR_UPDATE`.
    CreateOrUpdate = 0,
    /// `DELETE`.
    Delete = 1,
    /// `CREATE`.
    Create = 2,
    /// `UPDATE`.
    Update = 3,
}

opaque_debug!(ScriptContext, ConnectorObject, SyncDelta);
