//! SRV records (RFC 2782): which servers offer a service, asked over UDP from the name servers of the system.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use tokio::net::UdpSocket;

use super::Address;

/// How long one name server may take.
const PATIENCE: Duration = Duration::from_secs(3);

/// The type SRV in the class IN.
const SRV: [u8; 4] = [0, 33, 0, 1];

#[derive(Debug, PartialEq, Eq)]
struct Record {
    priority: u16,
    weight: u16,
    port: u16,
    target: String,
}

/// The servers of an SRV name, in the order in which they are to be tried; none if there is no such name.
///
/// # Errors
/// No name server answered.
pub(super) async fn lookup(name: &str, tls: bool) -> Result<Vec<Address>, String> {
    let query = query(name, rand::random()).ok_or_else(|| format!("'{name}' is not a DNS name"))?;
    let mut reason = "no name server is configured in /etc/resolv.conf".to_owned();
    for server in name_servers().await {
        match ask(server, &query).await {
            Ok(answer) => return Ok(addresses(ordered(answer), tls)),
            Err(error) => reason = format!("{server}: {error}"),
        }
    }
    Err(reason)
}

fn addresses(records: Vec<Record>, tls: bool) -> Vec<Address> {
    records.into_iter().map(|r| Address { host: r.target, port: r.port, tls }).collect()
}

async fn name_servers() -> Vec<SocketAddr> {
    let text = tokio::fs::read_to_string("/etc/resolv.conf").await.unwrap_or_default();
    let servers = text.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        (words.next() == Some("nameserver")).then(|| words.next()?.parse::<IpAddr>().ok()).flatten()
    });
    servers.map(|server| SocketAddr::new(server, 53)).collect()
}

async fn ask(server: SocketAddr, query: &[u8]) -> Result<Vec<Record>, String> {
    let exchange = async {
        let any: SocketAddr =
            if server.is_ipv4() { ([0, 0, 0, 0], 0).into() } else { (IpAddr::from([0_u16; 8]), 0).into() };
        let socket = UdpSocket::bind(any).await.map_err(|error| error.to_string())?;
        socket.connect(server).await.map_err(|error| error.to_string())?;
        socket.send(query).await.map_err(|error| error.to_string())?;
        let mut answer = vec![0; 4096];
        loop {
            let length = socket.recv(&mut answer).await.map_err(|error| error.to_string())?;
            let answer = answer.get(..length).unwrap_or_default();
            if answer.get(..2) == query.get(..2) {
                return records(answer).ok_or_else(|| "an answer that cannot be understood".to_owned());
            }
        }
    };
    tokio::time::timeout(PATIENCE, exchange).await.unwrap_or_else(|_| Err("no answer".to_owned()))
}

fn query(name: &str, id: u16) -> Option<Vec<u8>> {
    let mut bytes = id.to_be_bytes().to_vec();
    // Recursion desired, one question.
    bytes.extend([1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
    for label in name.trim_end_matches('.').split('.') {
        let length = u8::try_from(label.len()).ok().filter(|length| (1..64).contains(length))?;
        bytes.push(length);
        bytes.extend(label.as_bytes());
    }
    bytes.push(0);
    bytes.extend(SRV);
    (bytes.len() < 300).then_some(bytes)
}

/// The SRV records of an answer; none if it makes no sense or is a failure of the name server.
fn records(answer: &[u8]) -> Option<Vec<Record>> {
    let number = |at: usize| Some(u16::from_be_bytes([*answer.get(at)?, *answer.get(at + 1)?]));
    // 3 is "no such name", which is an answer.
    if !matches!(answer.get(3)? & 0x0f, 0 | 3) {
        return None;
    }
    let (questions, answers) = (number(4)?, number(6)?);
    let mut at = 12;
    for _ in 0..questions {
        at = name_at(answer, at)?.1 + 4;
    }
    let mut records = Vec::new();
    for _ in 0..answers {
        at = name_at(answer, at)?.1;
        let is_srv = answer.get(at..at + 4)? == SRV;
        let length = usize::from(number(at + 8)?);
        at += 10;
        if is_srv {
            let (target, _) = name_at(answer, at + 6)?;
            let (priority, weight, port) = (number(at)?, number(at + 2)?, number(at + 4)?);
            // A target of "." says that the service is not offered.
            if !target.is_empty() {
                records.push(Record { priority, weight, port, target });
            }
        }
        at += length;
    }
    Some(records)
}

/// The name at a place of a message, and where it ends there.
fn name_at(message: &[u8], mut at: usize) -> Option<(String, usize)> {
    let mut labels = Vec::new();
    let mut end = None;
    // A name that points to itself ends here.
    for _ in 0..128 {
        let length = *message.get(at)?;
        match length {
            0 => return Some((labels.join("."), end.unwrap_or(at + 1))),
            1..64 => {
                let label = message.get(at + 1..at + 1 + usize::from(length))?;
                labels.push(String::from_utf8_lossy(label).into_owned());
                at += 1 + usize::from(length);
            }
            192.. => {
                end.get_or_insert(at + 2);
                at = usize::from(length & 0x3f) << 8 | usize::from(*message.get(at + 1)?);
            }
            _ => return None,
        }
    }
    None
}

/// By priority; among equals at random, by weight.
fn ordered(mut records: Vec<Record>) -> Vec<Record> {
    records.sort_by_key(|record| (record.priority, record.weight));
    let mut ordered: Vec<Record> = Vec::with_capacity(records.len());
    while let Some(first) = records.first() {
        let priority = first.priority;
        let equals = records.iter().take_while(|record| record.priority == priority);
        let total: u32 = equals.map(|record| u32::from(record.weight)).sum();
        let mut left = rand::random_range(0..=total);
        let chosen = records.iter().position(|record| {
            let weight = u32::from(record.weight);
            let chosen = left <= weight;
            left = left.saturating_sub(weight);
            chosen
        });
        ordered.push(records.remove(chosen.unwrap_or(0)));
    }
    ordered
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_question_is_as_rfc_1035_has_it() {
        let expected = b"\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x05_ldap\x04_tcp\x01x\0\0\x21\0\x01";
        assert_eq!(query("_ldap._tcp.x.", 0x1234).unwrap(), expected);
        assert_eq!(query("a..b", 1), None);
    }

    #[test]
    fn an_answer_with_compressed_names_is_read() {
        let mut answer = b"\x12\x34\x81\x80\0\x01\0\x01\0\0\0\0\x05_ldap\x04_tcp\x01x\0\0\x21\0\x01".to_vec();
        answer.extend(b"\xc0\x0c\0\x21\0\x01\0\0\0\x3c\0\x0c\0\x0a\0\x05\x01\x85\x03dc1\xc0\x17");
        let record = Record { priority: 10, weight: 5, port: 389, target: "dc1.x".to_owned() };
        assert_eq!(records(&answer), Some(vec![record]));
    }

    #[test]
    fn lower_priorities_come_first() {
        let record = |priority, weight| Record { priority, weight, port: 1, target: "a".to_owned() };
        let order = ordered(vec![record(20, 100), record(10, 0), record(10, 50)]);
        assert_eq!(order.iter().map(|r| r.priority).collect::<Vec<_>>(), [10, 10, 20]);
    }

    proptest! {
        #[test]
        fn any_answer_is_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..120)) {
            let _ = records(&bytes);
        }
    }
}
