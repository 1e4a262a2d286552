//! A WebSocket with a tap on it: frames can be captured, delayed, dropped, repeated, reordered, spoilt, split or led
//! astray on their way. Without armed faults it only passes them on.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use futures_util::{Sink, SinkExt, Stream, StreamExt};
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
use tokio_tungstenite::tungstenite::{Error, Message};

use super::frame::{decode, is_handshake_answer, kind};
use super::line::Line;
use super::node::OpenIcf;
use super::socket::{Injected, Socket};
use crate::faults::{FaultKind, Hit, Point};

/// A tapped WebSocket.
pub(super) struct Tapped<W> {
    inner: W,
    socket: Arc<Socket>,
    openicf: Arc<OpenIcf>,
    injected: mpsc::UnboundedReceiver<Injected>,
    incoming: Line,
    outgoing: Line,
    /// Whether the handshake answer has passed; faults of that point look no further.
    introduced: bool,
}

impl<W> Tapped<W> {
    pub(super) fn new(
        inner: W,
        socket: Arc<Socket>,
        openicf: Arc<OpenIcf>,
        injected: mpsc::UnboundedReceiver<Injected>,
    ) -> Self {
        let (incoming, outgoing) = (Line::default(), Line::default());
        Self { inner, socket, openicf, injected, incoming, outgoing, introduced: false }
    }

    /// The fault that strikes a frame, if any.
    fn hit(&self, dir: &'static str, bytes: &Bytes) -> Option<Hit> {
        let faults = &self.openicf.shared.faults;
        if !faults.is_armed(Point::Frame) {
            return None;
        }
        let mut subject = self.socket.subject();
        subject.dir = Some(dir);
        subject.frame_type = decode(bytes).as_ref().map(kind);
        faults.hit(Point::Frame, &subject)
    }

    fn capture(&self, dir: &'static str, bytes: &Bytes) {
        if self.openicf.capture.is_on() {
            self.openicf.capture.record(dir, &self.socket.id, bytes);
        }
        self.socket.count_frame();
    }

    /// Puts a frame that was received into the line, as the faults will have it.
    fn take_in(&mut self, message: Message) {
        let Message::Binary(bytes) = &message else { return self.incoming.push(message, Duration::ZERO) };
        self.capture("in", bytes);
        let hit = self.hit("in", bytes);
        let astray = spoil(hit.as_ref(), message, &mut self.incoming);
        if let Some(message) = astray {
            self.openicf.lead_astray(&self.socket, Injected::In(message));
        }
    }

    /// Puts a frame that is to be sent into the line.
    fn take_out(&mut self, message: Message) {
        let Message::Binary(bytes) = message else { return self.outgoing.push(message, Duration::ZERO) };
        let Some((bytes, delay)) = self.introduce(bytes) else { return };
        self.capture("out", &bytes);
        if self.openicf.is_duplicated(&self.socket, &bytes) {
            self.outgoing.push(Message::Binary(bytes.clone()), delay);
        }
        let hit = self.hit("out", &bytes);
        if let Some(size) = hit.as_ref().filter(|hit| hit.kind == FaultKind::Fragment).map(fragment_size) {
            fragments(&bytes, size).into_iter().for_each(|part| self.outgoing.push(part, delay));
            return;
        }
        if hit.is_none() {
            return self.outgoing.push(Message::Binary(bytes), delay);
        }
        let astray = spoil(hit.as_ref(), Message::Binary(bytes), &mut self.outgoing);
        if let Some(message) = astray {
            self.openicf.lead_astray(&self.socket, Injected::Out(message));
        }
    }

    /// Plays the faults of the handshake on its answer; `None` swallows it.
    fn introduce(&mut self, bytes: Bytes) -> Option<(Bytes, Duration)> {
        let plain = Some((bytes.clone(), Duration::ZERO));
        if self.introduced {
            return plain;
        }
        let Some(mut message) = decode(&bytes).filter(is_handshake_answer) else { return plain };
        self.introduced = true;
        let Some(hit) = self.openicf.shared.faults.hit(Point::Handshake, &self.socket.subject()) else {
            return plain;
        };
        let handshake = message.response.as_mut().and_then(|response| response.handshake_message.as_mut())?;
        match hit.kind {
            FaultKind::NoAnswer => return None,
            FaultKind::BlankSession => handshake.session_id.clear(),
            FaultKind::ChangeSession => handshake.session_id = super::node::session_id(),
            _ => {}
        }
        Some((message.to_bytes(), hit.delay))
    }

    fn poll_injected(&mut self, cx: &mut Context<'_>) {
        while let Poll::Ready(Some(injected)) = self.injected.poll_recv(cx) {
            match injected {
                Injected::Out(message) => self.outgoing.push(message, Duration::ZERO),
                Injected::In(message) => self.incoming.push(message, Duration::ZERO),
            }
        }
    }
}

impl<W> Tapped<W>
where
    W: Sink<Message, Error = Error> + Unpin,
{
    /// Hands what is due to the WebSocket; ready when nothing is left.
    fn poll_outgoing(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        loop {
            ready!(self.inner.poll_ready_unpin(cx))?;
            match ready!(self.outgoing.poll_next(cx)) {
                Some(message) => self.inner.start_send_unpin(message)?,
                None => return Poll::Ready(Ok(())),
            }
        }
    }
}

impl<W> Stream for Tapped<W>
where
    W: Stream<Item = Result<Message, Error>> + Sink<Message, Error = Error> + Unpin,
{
    type Item = Result<Message, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        loop {
            this.poll_injected(cx);
            // The reader is always there, so what was injected or delayed leaves even while nobody writes.
            if !this.outgoing.is_empty() {
                match this.poll_outgoing(cx) {
                    Poll::Ready(Ok(())) => {
                        let _ = this.inner.poll_flush_unpin(cx)?;
                    }
                    Poll::Ready(Err(error)) => return Poll::Ready(Some(Err(error))),
                    Poll::Pending => {}
                }
            }
            if let Poll::Ready(Some(message)) = this.incoming.poll_next(cx) {
                return Poll::Ready(Some(Ok(message)));
            }
            match ready!(this.inner.poll_next_unpin(cx)) {
                Some(Ok(message)) => this.take_in(message),
                ended => return Poll::Ready(ended),
            }
        }
    }
}

impl<W> Sink<Message> for Tapped<W>
where
    W: Stream<Item = Result<Message, Error>> + Sink<Message, Error = Error> + Unpin,
{
    type Error = Error;

    fn poll_ready(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.poll_injected(cx);
        self.poll_outgoing(cx)
    }

    fn start_send(mut self: Pin<&mut Self>, message: Message) -> Result<(), Error> {
        self.take_out(message);
        Ok(())
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        ready!(self.poll_outgoing(cx))?;
        self.inner.poll_flush_unpin(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        ready!(self.poll_outgoing(cx))?;
        self.inner.poll_close_unpin(cx)
    }
}

/// Plays a fault on one message. Answers it if another socket is to carry it.
fn spoil(hit: Option<&Hit>, message: Message, line: &mut Line) -> Option<Message> {
    let Some(hit) = hit else {
        line.push(message, Duration::ZERO);
        return None;
    };
    match hit.kind {
        FaultKind::Drop => {}
        FaultKind::Duplicate => {
            line.push(message.clone(), hit.delay);
            line.push(message, Duration::ZERO);
        }
        FaultKind::Reorder => {
            let window = hit.number("window").and_then(|window| usize::try_from(window).ok()).unwrap_or(2);
            line.hold(message, window.clamp(2, 1000));
        }
        FaultKind::Corrupt => line.push(corrupt(&message), hit.delay),
        FaultKind::Text => line.push(Message::text("this is not a binary message"), hit.delay),
        FaultKind::OtherSocket => return Some(message),
        _ => line.push(message, hit.delay),
    }
    None
}

/// The message with its first bytes turned round, so that it is no message any more.
fn corrupt(message: &Message) -> Message {
    let Message::Binary(bytes) = message else { return message.clone() };
    let spoilt = bytes.iter().enumerate().map(|(at, byte)| if at < 4 { !byte } else { *byte });
    Message::Binary(spoilt.collect())
}

fn fragment_size(hit: &Hit) -> usize {
    hit.number("bytes").and_then(|bytes| usize::try_from(bytes).ok()).unwrap_or(1024).max(1)
}

/// A binary message as several frames.
fn fragments(bytes: &Bytes, size: usize) -> Vec<Message> {
    let count = bytes.len().div_ceil(size).max(1);
    (0..count)
        .map(|number| {
            let start = number * size;
            let part = bytes.slice(start..(start + size).min(bytes.len()));
            let data = if number == 0 { Data::Binary } else { Data::Continue };
            Message::Frame(Frame::message(part, OpCode::Data(data), number + 1 == count))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fragments_make_up_the_message() {
        let bytes = Bytes::from_static(b"abcdefg");
        let parts: Vec<_> = fragments(&bytes, 3)
            .into_iter()
            .map(|part| match part {
                Message::Frame(frame) => (frame.header().is_final, frame.payload().to_vec()),
                other => panic!("{other:?}"),
            })
            .collect();
        let expected = [(false, b"abc".to_vec()), (false, b"def".to_vec()), (true, b"g".to_vec())];
        assert_eq!(parts, expected);
        assert_eq!(fragments(&Bytes::new(), 3).len(), 1);
    }
}
