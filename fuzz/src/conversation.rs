//! Two session engines over links that are slow, are replaced, and break with messages under way.
//!
//! One side executes, the other asks. However the links behave: no result is lost in silence, doubled or out of order, a
//! request ends with all its results or with a failure, and nothing hangs. Without a fault nothing is even sent twice,
//! and nothing fails.

mod net;
mod work;

use std::time::Duration;

use crate::script::Script;
use net::{Net, Side};
use work::{Asked, Executed};

/// A fuzz input of a few hundred steps says as much as one of thousands.
const STEPS: usize = 300;

/// How many links may be open at once.
const LINKS: usize = 4;

/// Takes any bytes as a schedule.
pub fn run(data: &[u8]) {
    let mut script = Script::new(data);
    let mut all = Conversation { net: Net::new(), executed: Executed::default(), asked: Asked::default() };
    all.net.open();
    for _ in 0..STEPS {
        let Some(step) = script.step() else { break };
        all.step(step, &mut script);
        all.settle();
    }
    all.end();
}

struct Conversation {
    net: Net,
    executed: Executed,
    asked: Asked,
}

impl Conversation {
    fn step(&mut self, step: u8, script: &mut Script<'_>) {
        match step % 16 {
            0 if self.net.link_count() < LINKS => self.net.open(),
            0..=3 => self.net.deliver(Side::Executing, script.byte(), script),
            4 | 5 => self.net.deliver(Side::Asking, script.byte(), script),
            6 | 7 => self.executed.work(&mut self.net, script),
            8 | 9 => self.asked.submit(&mut self.net, script),
            10 => self.net.retire(script),
            11 => self.net.advance(Duration::from_millis(u64::from(script.byte()) * 20)),
            12 => self.net.advance(Duration::from_secs(u64::from(script.byte()) / 4)),
            13 => self.net.cut(script),
            14 => self.net.notice(script),
            _ => self.asked.cancel(&mut self.net, script),
        }
    }

    /// Hands what the engines ask for to whom it concerns.
    fn settle(&mut self) {
        while let Some((side, action)) = self.net.next_action() {
            match side {
                Side::Executing => self.executed.take(action),
                Side::Asking => self.asked.take(action, self.net.had_faults()),
            }
        }
    }

    /// From here on the links are sound: every request must come to its end.
    fn end(mut self) {
        self.net.notice_all();
        self.settle();
        if self.net.link_count() == 0 {
            self.net.open();
        }
        for _ in 0..2_000 {
            let mut moved = self.net.deliver_everything();
            self.settle();
            moved |= self.executed.work_on_all(&mut self.net);
            self.settle();
            if self.asked.is_done() {
                break;
            }
            if self.net.link_count() == 0 {
                self.net.open();
            } else if !moved {
                self.net.advance(Duration::from_millis(300));
            }
            self.settle();
        }
        assert!(self.asked.is_done(), "a request hangs: {:?}", self.asked);
        if !self.net.had_faults() {
            self.net.assert_nothing_repeated();
        }
    }
}
