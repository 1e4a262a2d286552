//! Every input that fuzzing found worth keeping, through the same functions as the fuzz targets, on the stable toolchain;
//! and, for a fixed while, inputs that differ from them in a few bytes.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rcs_fuzz::TARGETS;

/// No input may take longer; a hang guard, far above what any takes.
const LONGEST: Duration = Duration::from_secs(10);

/// How long spoiled inputs are tried on each target, in seconds, unless `RCS_SPOILED_SECONDS` says it.
const SPOILED: u64 = 4;

fn inputs(target: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty(), "{} is empty", folder.display());
    files.into_iter().map(|file| (file.clone(), fs::read(file).unwrap())).collect()
}

/// Past the harness, which keeps what a passing test prints to itself.
fn say(line: &str) {
    writeln!(std::io::stdout(), "{line}").unwrap();
}

#[test]
fn every_kept_input_is_survived() {
    for (target, run) in TARGETS {
        let inputs = inputs(target);
        for (file, input) in &inputs {
            let begun = Instant::now();
            say_if_panicking(&file.display().to_string(), || run(input));
            assert!(begun.elapsed() < LONGEST, "{} took {:?}", file.display(), begun.elapsed());
        }
        say(&format!("{target}: {} inputs", inputs.len()));
    }
}

#[test]
fn spoiled_inputs_are_survived() {
    let seconds = std::env::var("RCS_SPOILED_SECONDS").map_or(SPOILED, |text| text.parse().unwrap());
    let only = std::env::var("RCS_SPOILED_TARGETS").unwrap_or_default();
    let chosen = |target: &str| only.is_empty() || only.split(',').any(|wanted| wanted == target);
    for (target, run) in TARGETS.iter().filter(|(target, _)| chosen(target)) {
        let inputs = inputs(target);
        let mut random = Random(0x9e37_79b9_7f4a_7c15);
        let (begun, mut count) = (Instant::now(), 0_u64);
        while begun.elapsed() < Duration::from_secs(seconds) {
            let mut input = inputs[random.below(inputs.len())].1.clone();
            spoil(&mut input, &mut random);
            say_if_panicking(&format!("{target}: {}", hex(&input)), || run(&input));
            count += 1;
        }
        say(&format!("{target}: {count} spoiled inputs"));
    }
}

/// Names the input that broke a rule.
fn say_if_panicking(input: &str, run: impl FnOnce()) {
    if let Err(panic) = std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)) {
        say(&format!("broken by {input}"));
        std::panic::resume_unwind(panic);
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Changes, repeats, inserts or removes a few bytes.
fn spoil(input: &mut Vec<u8>, random: &mut Random) {
    for _ in 0..=random.below(4) {
        let at = random.below(input.len() + 1);
        match random.below(4) {
            0 => input.insert(at, random.next() as u8),
            1 if at < input.len() => input[at] ^= 1 << random.below(8),
            2 if at < input.len() => drop(input.remove(at)),
            _ => {
                let part = input[at..(at + random.below(16)).min(input.len())].to_vec();
                let place = random.below(input.len() + 1);
                input.splice(place..place, part);
            }
        }
    }
}

/// Always the same series: a failure can be repeated.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }
}
