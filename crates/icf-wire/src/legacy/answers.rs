//! What a client is told. Each object is written whole or not at all.

use icf::{
    ConnectorError, ConnectorInfo, CountPolicy, Schema, SearchResult, SyncDelta, SyncDeltaType, SyncToken,
    Uid,
};

use super::{Echo, Exchange, Hello, InfoLevel, delta, exception, travels};
use crate::binary::profile::{ConnIdRelease, Profile, Since};
use crate::binary::typed::{attributes, configuration, containers, schema, value};
use crate::binary::writer::Writer;
use crate::binary::{DecodeError, EncodeError, Encoder, tree};
use crate::rpc::{Answer, Item};

type Write = Result<(), EncodeError>;

/// Writes the answers to one client, in the dialect of its framework.
#[derive(Debug)]
pub struct Answers {
    encoder: Encoder,
    profile: Profile,
}

impl Answers {
    /// A writer at the beginning of a connection.
    #[must_use]
    pub fn new(profile: Profile) -> Self {
        Self { encoder: Encoder::new(profile).echoing_unknown_classes(), profile }
    }

    /// Tells a client what it wants to know of the server.
    ///
    /// # Errors
    /// When a connector's configuration has no form in the profile; nothing is written then.
    pub fn hello(&mut self, level: InfoLevel, hello: Hello<'_>, out: &mut Vec<u8>) -> Write {
        let known = |wanted| if wanted { hello.connectors } else { &[] };
        let started = level.server().then_some(hello.started);
        self.encoder
            .write(out, |w| write_hello(w, None, started, known(level.connectors()), known(level.keys())))
    }

    /// Tells a client that the server cannot say what it has to offer.
    ///
    /// # Errors
    /// None that a caller can mend.
    pub fn hello_failed(&mut self, error: &ConnectorError, out: &mut Vec<u8>) -> Write {
        self.encoder.write(out, |w| write_hello(w, Some(error), None, &[], &[]))
    }

    /// Tells a client that its key is wrong.
    ///
    /// # Errors
    /// None that a caller can mend.
    pub fn wrong_key(&mut self, exchange: Exchange, out: &mut Vec<u8>) -> Write {
        let error = exception::wrong_key(self.profile);
        match exchange {
            Exchange::Hello => self.hello_failed(&error, out),
            Exchange::Operation => self.failure(&error, out),
            Exchange::Echo => self.encoder.write(out, |w| {
                w.object("EchoMessage", |w| {
                    w.named("value", |w| exception::write_plain(w, &error))?;
                    w.named("objectXml", Writer::null)
                })
            }),
        }
    }

    /// Gives a client its own words back.
    ///
    /// # Errors
    /// When they have no form in the profile; nothing is written then.
    pub fn echo(&mut self, echo: &Echo, out: &mut Vec<u8>) -> Write {
        self.encoder.write(out, |w| {
            w.object("EchoMessage", |w| {
                w.named("value", |w| tree::write(w, &echo.value))?;
                w.named("objectXml", |w| match &echo.xml {
                    Some(text) => containers::text(w, text),
                    None => w.null(),
                })
            })
        })
    }

    /// Tells a client that its request cannot be read, if its framework has a way to; whether it has.
    ///
    /// # Errors
    /// None that a caller can mend.
    pub fn unreadable(&mut self, error: &DecodeError, out: &mut Vec<u8>) -> Result<bool, EncodeError> {
        if !self.profile.has(Since::ConnId(ConnIdRelease::V1_5_1)) {
            return Ok(false);
        }
        let error = ConnectorError::from(error.clone());
        self.encoder.write(out, |w| {
            w.object("ErrorResponse", |w| w.named("exception", |w| exception::write_plain(w, &error)))
        })?;
        Ok(true)
    }

    /// One item of a stream.
    ///
    /// # Errors
    /// When it has no form in the profile, or is none that travels; nothing is written then.
    pub fn item(&mut self, item: &Item, out: &mut Vec<u8>) -> Result<(), ConnectorError> {
        match item {
            Item::Object(object) => {
                self.part(out, |w| attributes::write_object(w, object)).map_err(|error| {
                    let text = format!(
                        "Cannot send the object {} of class {}: {error}",
                        object.uid, object.object_class
                    );
                    ConnectorError::new(ConnectorError::from(error).kind().clone(), text)
                })
            }
            Item::Delta(delta) => {
                delta.check()?;
                Ok(self.part(out, |w| write_delta(w, delta))?)
            }
            _ => Err(ConnectorError::illegal_state("This is no item of a search or a synchronisation")),
        }
    }

    /// Has the client say whether it wants more.
    ///
    /// # Errors
    /// None that a caller can mend.
    pub fn pause(&mut self, out: &mut Vec<u8>) -> Write {
        self.mark("OperationResponsePause", out)
    }

    /// The answer of an operation; for a stream its end and what comes after. What a search reports at its end is for
    /// ConnId an item, too: its clients give it to handlers that page, which see nothing of the answer.
    ///
    /// # Errors
    /// When it has no form in the profile. Nothing but the end of the stream is written then; an error may follow.
    pub fn answer(&mut self, answer: &Answer, out: &mut Vec<u8>) -> Write {
        let streams_result = self.profile.has(Since::ConnId(ConnIdRelease::V1_4_2));
        if let (Answer::SearchEnd(Some(result)), true) = (answer, streams_result) {
            self.part(out, |w| write_search_result(w, result))?;
        }
        if matches!(answer, Answer::SearchEnd(_) | Answer::SyncEnd(_)) {
            self.mark("OperationResponseEnd", out)?;
        }
        self.part(out, |w| write_answer(w, answer))
    }

    /// The answer of an update that was given as differences; `uid` if the object has a new identity. Whoever asks that way
    /// knows the type, whatever the profile.
    ///
    /// # Errors
    /// When the identity is blank.
    pub fn updated(&mut self, uid: Option<&Uid>, out: &mut Vec<u8>) -> Write {
        self.part(out, |w| delta::write_side_effects(w, uid))
    }

    /// The error that an operation ends with, in the middle of a stream, too.
    ///
    /// # Errors
    /// None that a caller can mend.
    pub fn failure(&mut self, error: &ConnectorError, out: &mut Vec<u8>) -> Write {
        self.encoder.write(out, |w| {
            w.object("OperationResponsePart", |w| {
                w.named("exception", |w| exception::write_remote(w, error))?;
                w.named("result", Writer::null)
            })
        })
    }

    fn part(&mut self, out: &mut Vec<u8>, result: impl FnOnce(&mut Writer<'_>) -> Write) -> Write {
        self.encoder.write(out, |w| {
            w.object("OperationResponsePart", |w| {
                w.named("exception", Writer::null)?;
                w.named("result", result)
            })
        })
    }

    fn mark(&mut self, type_name: &'static str, out: &mut Vec<u8>) -> Write {
        self.encoder.write(out, |w| w.object(type_name, |_| Ok(())))
    }
}

fn write_hello(
    w: &mut Writer<'_>,
    error: Option<&ConnectorError>,
    started: Option<i64>,
    infos: &[ConnectorInfo],
    keys: &[ConnectorInfo],
) -> Write {
    let long = |w: &mut Writer<'_>, value| w.object("Long", |w| w.anonymous(|w| w.i64(value)));
    w.object("HelloResponse", |w| {
        w.named("exception", |w| match error {
            Some(error) => exception::write_plain(w, error),
            None => w.null(),
        })?;
        let server = started.map(|started| ("SERVER_START_TIME", started));
        w.named("serverInfoMap", |w| containers::map(w, server, containers::text, long))?;
        w.named("ConnectorInfos", |w| containers::items(w, "List", infos, configuration::write_info))?;
        w.named("ConnectorKeys", |w| {
            containers::items(w, "List", keys, |w, info| configuration::write_key(w, &info.key))
        })
    })
}

fn write_answer(w: &mut Writer<'_>, answer: &Answer) -> Write {
    match answer {
        Answer::Uid(Some(uid)) => attributes::write_uid(w, uid),
        Answer::Object(Some(object)) => attributes::write_object(w, object),
        Answer::Schema(Some(schema)) => write_schema(w, schema),
        Answer::Value(value) => value::write(w, value),
        Answer::LatestSyncToken(Some(token)) | Answer::SyncEnd(Some(token)) => write_token(w, token),
        Answer::SearchEnd(Some(result)) => write_search_result(w, result),
        Answer::Uid(None)
        | Answer::Done
        | Answer::Object(None)
        | Answer::Schema(None)
        | Answer::LatestSyncToken(None)
        | Answer::SearchEnd(None)
        | Answer::SyncEnd(None) => w.null(),
        Answer::BatchEnd | Answer::SubscriptionEnd => {
            Err(EncodeError::NoSuchType("the end of a batch or a subscription".to_owned()))
        }
    }
}

/// A schema names operations, too; one that the client does not know would make all of it unreadable.
fn write_schema(w: &mut Writer<'_>, schema: &Schema) -> Write {
    let named = schema.classes_by_operation.keys().chain(schema.options_by_operation.keys());
    if named.copied().all(travels) {
        return schema::write(w, schema);
    }
    let mut schema = schema.clone();
    schema.classes_by_operation.retain(|operation, _| travels(*operation));
    schema.options_by_operation.retain(|operation, _| travels(*operation));
    schema::write(w, &schema)
}

fn write_token(w: &mut Writer<'_>, token: &SyncToken) -> Write {
    w.object("SyncToken", |w| w.named("value", |w| value::write(w, token.value())))
}

fn write_delta(w: &mut Writer<'_>, delta: &SyncDelta) -> Write {
    w.object("SyncDelta", |w| {
        w.named("SyncDeltaType", |w| {
            w.object("SyncDeltaType", |w| w.text_field("value", Some(delta_type(delta.delta_type))))
        })?;
        w.named("SyncToken", |w| write_token(w, &delta.token))?;
        w.named("PreviousUid", |w| match &delta.previous_uid {
            Some(uid) => attributes::write_uid(w, uid),
            None => w.null(),
        })?;
        w.named("ObjectClass", |w| match delta.class() {
            Some(class) => value::write_object_class(w, class),
            None => w.null(),
        })?;
        w.named("Uid", |w| attributes::write_uid(w, &delta.uid))?;
        w.named("ConnectorObject", |w| match &delta.object {
            Some(object) => attributes::write_object(w, object),
            None => w.null(),
        })
    })
}

const fn delta_type(delta_type: SyncDeltaType) -> &'static str {
    match delta_type {
        SyncDeltaType::CreateOrUpdate => "CREATE_OR_UPDATE",
        SyncDeltaType::Create => "CREATE",
        SyncDeltaType::Update => "UPDATE",
        SyncDeltaType::Delete => "DELETE",
    }
}

/// Only OpenICF counts all results.
fn write_search_result(w: &mut Writer<'_>, result: &SearchResult) -> Write {
    let counts = w.profile().has(Since::OpenIcf2);
    w.object("SearchResult", |w| {
        w.text_field("pagedResultsCookie", result.paged_results_cookie.as_deref())?;
        if counts {
            w.i32_field("totalPagedResults", result.total_paged_results)?;
        }
        w.i32_field("remainingPagedResults", result.remaining_paged_results)?;
        if counts {
            let policy = match result.count_policy {
                CountPolicy::None => "NONE",
                CountPolicy::Estimate => "ESTIMATE",
                CountPolicy::Exact => "EXACT",
            };
            w.named("CountPolicy", |w| w.object("CountPolicy", |w| w.text_field("value", Some(policy))))?;
        }
        Ok(())
    })
}
