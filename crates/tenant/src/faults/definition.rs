//! A fault as it is written down.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::Subject;

/// A fault that cannot be armed.
#[derive(Debug, thiserror::Error)]
pub enum FaultError {
    /// The kind belongs to another point.
    #[error("A fault at point '{point}' cannot be of kind '{kind}'.")]
    WrongKind {
        /// Where it was to act.
        point: &'static str,
        /// What it was to do.
        kind: &'static str,
    },
    /// Another fault has the id.
    #[error("A fault with id '{0}' is armed already; disarm it first or leave the id out.")]
    IdTaken(String),
    /// Not a probability.
    #[error("The probability of a fault lies between 0 and 1, not at {0}.")]
    Probability(f64),
}

macro_rules! points {
    ($($point:ident = $name:literal: $($kind:ident),*;)*) => {
        /// Where a fault acts.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
        #[allow(missing_docs, reason = "each is named after the point")]
        pub enum Point {
            $(#[serde(rename = $name)] $point,)*
        }

        impl Point {
            /// Its name.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$point => $name,)*
                }
            }

            const fn kinds(self) -> &'static [FaultKind] {
                match self {
                    $(Self::$point => &[$(FaultKind::$kind),*],)*
                }
            }
        }
    };
}

points! {
    Token = "token": Status, Delay, Hang, Drop, BadJson, ExtraMembers, ShortLife, NoExpiresIn;
    Upgrade = "upgrade": Status, Delay, Hang, Drop, NoSubprotocol, WrongAccept;
    Handshake = "handshake": NoAnswer, BlankSession, ChangeSession, Delay;
    Socket = "socket": Close, Reset, HalfOpen, NoPong, WrongPong, SlowRead;
    Frame = "frame": Delay, Drop, Duplicate, Reorder, Corrupt, Fragment, OtherSocket, Text;
    Op = "op": KillMidSearch, CancelMidSearch, StopReading, DupRequest, UnknownOp, BadFacadeKey, NullSyncToken, NeverAck;
    Sync = "sync": Fail;
}

macro_rules! fault_kinds {
    ($($kind:ident = $text:literal),* $(,)?) => {
        /// What a fault does.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
        #[allow(missing_docs, reason = "each is named after what happens")]
        pub enum FaultKind {
            $(#[serde(rename = $text)] $kind,)*
        }

        impl FaultKind {
            /// Its name.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$kind => $text,)*
                }
            }
        }
    };
}

fault_kinds! {
    Status = "status", Delay = "delay", Hang = "hang", Drop = "drop", BadJson = "badJson",
    ExtraMembers = "extraMembers", ShortLife = "shortLife", NoExpiresIn = "noExpiresIn",
    NoSubprotocol = "noSubprotocol", WrongAccept = "wrongAccept", NoAnswer = "noAnswer",
    BlankSession = "blankSession", ChangeSession = "changeSession", Close = "close", Reset = "reset",
    HalfOpen = "halfOpen", NoPong = "noPong", WrongPong = "wrongPong", SlowRead = "slowRead",
    Duplicate = "duplicate", Reorder = "reorder", Corrupt = "corrupt", Fragment = "fragment",
    OtherSocket = "otherSocket", Text = "text", KillMidSearch = "killMidSearch",
    CancelMidSearch = "cancelMidSearch", StopReading = "stopReading", DupRequest = "dupRequest",
    UnknownOp = "unknownOp", BadFacadeKey = "badFacadeKey", NullSyncToken = "nullSyncToken",
    NeverAck = "neverAck", Fail = "fail",
}

/// A fault to arm.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Fault {
    /// Name of its own; one is given when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Where it acts.
    pub point: Point,
    /// What it does.
    pub kind: FaultKind,
    /// Whom it hits.
    #[serde(default, rename = "match")]
    pub matching: FaultMatch,
    /// How many matches pass unharmed first.
    #[serde(default)]
    pub after: u64,
    /// How often it takes effect; 0 = without end.
    #[serde(default = "once")]
    pub times: u64,
    /// Chance of each match, 0 to 1.
    #[serde(default = "always")]
    pub probability: f64,
    /// Milliseconds to wait before the effect.
    #[serde(default)]
    pub delay_ms: u64,
    /// Up to so many random milliseconds more.
    #[serde(default)]
    pub jitter_ms: u64,
    /// Arguments of the kind.
    #[serde(default)]
    pub params: Json,
}

impl Fault {
    /// A fault that hits everything at a point, once.
    #[must_use]
    pub fn new(point: Point, kind: FaultKind) -> Self {
        Self {
            id: None,
            point,
            kind,
            matching: FaultMatch::default(),
            after: 0,
            times: 1,
            probability: 1.0,
            delay_ms: 0,
            jitter_ms: 0,
            params: Json::Null,
        }
    }

    pub(super) fn check(&self) -> Result<(), FaultError> {
        if !self.point.kinds().contains(&self.kind) {
            return Err(FaultError::WrongKind { point: self.point.as_str(), kind: self.kind.as_str() });
        }
        if !(0.0..=1.0).contains(&self.probability) {
            return Err(FaultError::Probability(self.probability));
        }
        Ok(())
    }
}

const fn once() -> u64 {
    1
}

const fn always() -> f64 {
    1.0
}

/// Whom a fault hits: everything whose members equal those given.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[allow(missing_docs, reason = "the members are those of `Subject`")]
pub struct FaultMatch {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub socket: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dir: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub op: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object_class: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frame_type: Option<String>,
}

impl FaultMatch {
    pub(super) fn covers(&self, subject: &Subject) -> bool {
        fn same(wanted: Option<&String>, actual: Option<&str>) -> bool {
            wanted.is_none_or(|wanted| actual == Some(wanted.as_str()))
        }
        self.node.is_none_or(|node| subject.node == Some(node))
            && same(self.server.as_ref(), subject.server.as_deref())
            && same(self.client.as_ref(), subject.client.as_deref())
            && same(self.socket.as_ref(), subject.socket.as_deref())
            && same(self.dir.as_ref(), subject.dir)
            && same(self.op.as_ref(), subject.op)
            && same(self.system.as_ref(), subject.system.as_deref())
            && same(self.object_class.as_ref(), subject.object_class.as_deref())
            && same(self.frame_type.as_ref(), subject.frame_type)
    }
}
