//! A line of messages that leave in order, each not before its time.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Instant, Sleep};
use tokio_tungstenite::tungstenite::Message;

/// Messages held back to be reordered leave after this time even if the window never fills.
const WINDOW_LIMIT: Duration = Duration::from_millis(50);

/// Messages on their way through a faulty place.
#[derive(Debug, Default)]
pub(super) struct Line {
    queue: VecDeque<(Instant, Message)>,
    held: Vec<Message>,
    held_until: Option<Instant>,
    sleep: Option<Pin<Box<Sleep>>>,
}

impl Line {
    /// Whether nothing is on its way.
    pub(super) fn is_empty(&self) -> bool {
        self.queue.is_empty() && self.held.is_empty()
    }

    /// Lets a message leave after `delay`, and not before those in front of it.
    pub(super) fn push(&mut self, message: Message, delay: Duration) {
        self.queue.push_back((Instant::now() + delay, message));
    }

    /// Holds a message back until `window` of them can leave in reverse order.
    pub(super) fn hold(&mut self, message: Message, window: usize) {
        self.held.push(message);
        self.held_until.get_or_insert_with(|| Instant::now() + WINDOW_LIMIT);
        if self.held.len() >= window {
            self.release();
        }
    }

    fn release(&mut self) {
        self.held_until = None;
        let held = std::mem::take(&mut self.held);
        held.into_iter().rev().for_each(|message| self.push(message, Duration::ZERO));
    }

    /// The next message when it is due; `Ready(None)` when the line is empty.
    pub(super) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Message>> {
        loop {
            let now = Instant::now();
            if self.held_until.is_some_and(|until| until <= now) {
                self.release();
            }
            let due = match self.queue.front() {
                Some((due, _)) if *due <= now => {
                    return Poll::Ready(self.queue.pop_front().map(|(_, message)| message));
                }
                Some((due, _)) => Some(*due),
                None => None,
            };
            let Some(next) = due.into_iter().chain(self.held_until).min() else { return Poll::Ready(None) };
            let sleep = self.sleep.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(next)));
            if sleep.deadline() != next {
                sleep.as_mut().reset(next);
            }
            if sleep.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
            self.sleep = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::*;

    fn text(text: &str) -> Message {
        Message::text(text)
    }

    async fn all(line: &mut Line) -> Vec<String> {
        let mut texts = Vec::new();
        while let Some(message) = poll_fn(|cx| line.poll_next(cx)).await {
            texts.push(message.into_text().unwrap().to_string());
        }
        texts
    }

    #[tokio::test(start_paused = true)]
    async fn a_delay_holds_up_those_behind() {
        let mut line = Line::default();
        let start = Instant::now();
        line.push(text("a"), Duration::from_secs(1));
        line.push(text("b"), Duration::ZERO);
        assert_eq!(all(&mut line).await, ["a", "b"]);
        assert_eq!(start.elapsed(), Duration::from_secs(1));
        assert!(line.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn a_window_is_turned_round_when_full_or_when_time_is_over() {
        let mut line = Line::default();
        for name in ["a", "b", "c", "d", "e"] {
            line.hold(text(name), 3);
        }
        assert_eq!(all(&mut line).await, ["c", "b", "a", "e", "d"]);
    }
}
