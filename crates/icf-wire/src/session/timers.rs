//! What happens because time passes: pings, dead links, checks of groups, the end of a group without links.

use std::time::{Duration, Instant};

use super::link::LinkState;
use super::{Action, CloseCode, Engine, Failure, GroupId, LinkId};

/// A counter of contradicting control messages that ends a request.
const INCONSISTENCY_LIMIT: u32 = 3;

/// How long after ordering a close the peer's close is awaited.
const CLOSE_WAIT: Duration = Duration::from_secs(5);

impl Engine {
    /// Does everything that is due.
    pub fn tick(&mut self, now: Instant) {
        let links: Vec<_> = self.links.keys().copied().collect();
        for link in links {
            self.tick_link(link, now);
        }
        let groups: Vec<_> = self.groups.keys().copied().collect();
        for group in groups {
            self.tick_group(group, now);
        }
    }

    /// When [`tick`](Self::tick) has something to do next.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Instant> {
        let config = &self.config;
        let links = self.links.values().filter(|link| !link.killed).filter_map(|link| match link.state {
            LinkState::Handshaking { since } => Some(since + config.handshake_timeout),
            LinkState::Closing => link.closing_since.map(|since| since + CLOSE_WAIT),
            LinkState::Open => [link.dead_at(config), link.ping_at(config)].into_iter().flatten().min(),
            LinkState::Retiring { since } => {
                let limit = Some(since + config.retire_limit);
                [link.dead_at(config), link.drained_at(config), limit].into_iter().flatten().min()
            }
        });
        let groups = self.groups.values().filter_map(|group| {
            let grace = group.without_links_since.map(|since| since + config.grace);
            let backlog =
                group.backlog.front().filter(|_| !group.links.is_empty()).map(|first| first.not_before);
            let batch = group.outgoing.values().filter_map(|out| out.ends_at(config.batch_end)).min();
            let again = group.ask_again.map(|(at, _)| at);
            [Some(group.next_check), grace, backlog, batch, again].into_iter().flatten().min()
        });
        links.chain(groups).min()
    }

    /// Checks a group now, outside the regular rhythm.
    pub fn check_now(&mut self, group: GroupId, now: Instant) {
        self.check(group, now);
    }

    fn tick_link(&mut self, id: LinkId, now: Instant) {
        let Some(link) = self.links.get(&id) else { return };
        let config = &self.config;
        let is_due = |at: Option<Instant>| at.is_some_and(|at| at <= now);
        match link.state {
            LinkState::Handshaking { since } => {
                if since + config.handshake_timeout <= now {
                    self.close(id, CloseCode::PROTOCOL, "no handshake in time", now);
                }
            }
            LinkState::Closing => {
                if is_due(link.closing_since.map(|since| since + CLOSE_WAIT)) {
                    self.kill(id, "the peer did not answer the close", now);
                }
            }
            LinkState::Open | LinkState::Retiring { .. } if is_due(link.dead_at(config)) => {
                self.kill(id, "nothing arrived after a ping", now);
            }
            LinkState::Open => {
                if is_due(link.ping_at(config)) {
                    self.ping(id, now);
                }
            }
            LinkState::Retiring { since } => {
                if since + config.retire_limit <= now {
                    self.close(id, CloseCode::NORMAL, "replaced", now);
                } else {
                    self.finish_retirement(id, now);
                }
            }
        }
    }

    fn tick_group(&mut self, id: GroupId, now: Instant) {
        let Some(group) = self.groups.get(&id) else { return };
        if group.without_links_since.is_some_and(|since| since + self.config.grace <= now) {
            return self.purge(id);
        }
        let check_due = group.next_check <= now;
        self.flush_backlog(id, now);
        self.end_batches(id, now);
        self.ask_again(id, now);
        if check_due {
            self.check(id, now);
        }
    }

    fn ask_again(&mut self, id: GroupId, now: Instant) {
        let interval = self.config.check_interval;
        let Some(group) = self.groups.get_mut(&id) else { return };
        let Some((_, waited)) = group.ask_again.filter(|(at, _)| *at <= now) else { return };
        let wait = waited.saturating_mul(2);
        group.ask_again = (wait < interval).then(|| (now + wait, wait));
        self.send_control(id, true, now);
    }

    fn end_batches(&mut self, id: GroupId, now: Instant) {
        let wait = self.config.batch_end;
        let Some(group) = self.groups.get_mut(&id) else { return };
        let due: Vec<_> = group
            .outgoing
            .iter()
            .filter(|(_, outgoing)| outgoing.ends_at(wait).is_some_and(|at| at <= now))
            .map(|(id, _)| *id)
            .collect();
        for message_id in due {
            let Some(group) = self.groups.get_mut(&id) else { return };
            let Some(mut outgoing) = group.outgoing.remove(&message_id) else { continue };
            let Some(request) = outgoing.request else { continue };
            let delivery = outgoing.end_by_itself();
            let failed = matches!(delivery, super::Delivery::Failed(_));
            self.requests.remove(&request);
            self.actions.push_back(Action::Deliver { request, delivery });
            if failed {
                self.send_cancel(id, message_id, now);
            }
        }
    }

    /// Drops what the peer has shown three times not to know, and sends the exact lists of what is under way.
    fn check(&mut self, id: GroupId, now: Instant) {
        let operational = self.is_operational(id);
        let interval = self.config.check_interval;
        let Some(group) = self.groups.get_mut(&id) else { return };
        group.next_check = now + interval;
        group.parked_cancels.retain(|_, expires| *expires > now);
        let stale_local: Vec<_> = group
            .local
            .iter()
            .filter(|(_, local)| local.inconsistency >= INCONSISTENCY_LIMIT)
            .map(|(id, local)| (*id, local.execution))
            .collect();
        let any_stale = !stale_local.is_empty();
        for (message_id, execution) in stale_local {
            group.local.remove(&message_id);
            self.executions.remove(&execution);
            self.actions.push_back(Action::Cancel { execution });
        }
        let stale_outgoing: Vec<_> = group
            .outgoing
            .iter()
            .filter(|(_, outgoing)| outgoing.inconsistency >= INCONSISTENCY_LIMIT)
            .map(|(id, _)| *id)
            .collect();
        let mut failed = Vec::new();
        for message_id in stale_outgoing {
            failed.extend(group.outgoing.remove(&message_id).and_then(|outgoing| outgoing.request));
        }
        let ask = !group.connector_infos_received;
        for request in failed {
            self.fail(request, Failure::Inconsistent);
        }
        if any_stale {
            // Streams that wait for room must find out that nobody waits for them.
            self.unblock(id);
        }
        if operational {
            self.send_control(id, ask, now);
        }
        self.actions.push_back(Action::Checked { group: id, operational });
    }

    /// Ends a group whose links have been gone for too long. Message ids start again if the peer comes back.
    fn purge(&mut self, id: GroupId) {
        let Some(group) = self.groups.remove(&id) else { return };
        self.sessions.retain(|_, candidate| *candidate != id);
        for local in group.local.into_values() {
            self.executions.remove(&local.execution);
            self.actions.push_back(Action::Cancel { execution: local.execution });
        }
        for request in group.outgoing.into_values().filter_map(|outgoing| outgoing.request) {
            self.fail(request, Failure::PeerGone);
        }
        self.actions.push_back(Action::GroupGone { group: id });
        // Streams that wait for room must find out that there will be none.
        self.actions.push_back(Action::Unblocked { group: id });
    }
}
