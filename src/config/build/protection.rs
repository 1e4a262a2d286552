//! Limits that spare the targets of connectors.

use std::time::Duration;

use super::reading::Complaint;
use super::syntax;
use crate::config::settings::ProtectionSettings;

/// No limit that is meant to protect anything is higher, in seconds or operations.
const MOST: u32 = 1_000_000;

pub(super) fn parse(text: &str) -> Result<ProtectionSettings, Complaint> {
    let mut limits = ProtectionSettings {
        concurrency: None,
        rate: None,
        wait: Duration::from_secs(5),
        failures: None,
        pause: Duration::from_secs(30),
    };
    for (name, value) in syntax::pairs(text)? {
        let least = u32::from(name != "wait");
        let number: Option<u32> = value.parse().ok().filter(|number| (least..=MOST).contains(number));
        let number = number.ok_or_else(|| {
            let message = format!("`{value}` for {name} is not a whole number from {least} to {MOST}");
            Complaint::new(message, "write it like concurrency=10; rate=50; wait=5; failures=5; pause=30")
        })?;
        let seconds = Duration::from_secs(number.into());
        match name.as_str() {
            "concurrency" => limits.concurrency = usize::try_from(number).ok(),
            "rate" => limits.rate = Some(number),
            "wait" => limits.wait = seconds,
            "failures" => limits.failures = Some(number),
            "pause" => limits.pause = seconds,
            _ => {
                let message = format!("`{name}` is not one of the limits");
                return Err(Complaint::new(message, "use concurrency, rate, wait, failures and pause"));
            }
        }
    }
    Ok(limits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_named_and_have_sound_numbers() {
        let limits =
            parse("concurrency=10; rate=50;failures=3").map_err(|complaint| complaint.message).unwrap();
        assert_eq!((limits.concurrency, limits.rate, limits.failures), (Some(10), Some(50), Some(3)));
        assert_eq!((limits.wait, limits.pause), (Duration::from_secs(5), Duration::from_secs(30)));
        assert_eq!(parse("wait=0").map_err(|complaint| complaint.message).unwrap().wait, Duration::ZERO);
        for (text, wrong) in [
            ("rate=0", "`0` for rate"),
            ("rate=-1", "`-1` for rate"),
            ("pause=1.5", "`1.5` for pause"),
            ("speed=1", "`speed` is not one"),
            ("rate", "`rate` is not a pair"),
        ] {
            let complaint = parse(text).map(drop).map_err(|complaint| complaint.message).unwrap_err();
            assert!(complaint.contains(wrong), "{text}: {complaint}");
        }
    }
}
