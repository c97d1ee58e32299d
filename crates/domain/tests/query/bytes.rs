//! Any bytes at all: the files of `corpus/`, damaged at random, are read or refused and never make the parser panic.
//!
//! `FLIGHTBOX_FUZZ_SECONDS=60 cargo test -p flightbox-domain --test query bytes` goes on for a minute, each run of the
//! rounds from another start.

use std::{
    fs,
    time::{Duration, Instant},
};

use crate::{properties::reads_back, random::Random};

const CORPUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/query/corpus");
/// One or two seconds of an unoptimised build.
const ROUNDS: usize = 5_000;
/// Accepted texts that are damaged further.
const KEPT: usize = 2_000;
/// What the language is made of: a damage that still reads as something reaches further than noise.
const PIECES: &[&str] = &[
    "\"",
    "\\",
    "(",
    ")",
    "-",
    "*",
    "~",
    ">",
    ">=",
    "<",
    "..",
    ",",
    ":",
    "@",
    "@a.b:",
    " OR ",
    " NOT ",
    "status:",
    "ip:",
    "created:",
    "country:",
    "1e9",
    "-24h",
    "::/0",
    "2026-01-01",
    "\u{3000}",
    "日",
    "\u{fffd}",
    "\0",
    "\u{202e}",
];

#[test]
fn bytes_never_make_the_parser_panic() {
    let mut seeds: Vec<_> = fs::read_dir(CORPUS).unwrap().map(|file| fs::read(file.unwrap().path()).unwrap()).collect();
    // Folders have no order, and a failure has to come again.
    seeds.sort();
    assert!(seeds.len() >= 24 && seeds.iter().any(|seed| String::from_utf8(seed.clone()).is_err()));
    let whole = seeds.iter().filter(|seed| reads_back(&String::from_utf8_lossy(seed))).count();
    assert!(whole > seeds.len() / 3, "{whole} of {} seeds are queries", seeds.len());

    let seconds = std::env::var("FLIGHTBOX_FUZZ_SECONDS").ok().and_then(|seconds| seconds.parse().ok());
    let end = seconds.map(|seconds| Instant::now() + Duration::from_secs(seconds));
    let mut accepted = 0;
    for start in 1.. {
        accepted += run(Random(start), seeds.clone());
        if end.is_none_or(|end| Instant::now() >= end) {
            break;
        }
    }
    assert!(accepted > ROUNDS / 20, "{accepted} is too few to show anything");
}

/// How many of the damaged texts are queries.
fn run(mut random: Random, mut pool: Vec<Vec<u8>>) -> usize {
    let mut accepted = 0;
    for _ in 0..ROUNDS {
        let mut bytes = pool[random.below(pool.len())].clone();
        for _ in 0..=random.below(4) {
            damage(&mut random, &mut bytes, &pool);
        }
        if reads_back(&String::from_utf8_lossy(&bytes)) {
            accepted += 1;
            let at = random.below(KEPT);
            if at < pool.len() { pool[at] = bytes } else { pool.push(bytes) }
        }
    }
    accepted
}

fn damage(random: &mut Random, bytes: &mut Vec<u8>, pool: &[Vec<u8>]) {
    let at = random.below(bytes.len() + 1);
    let end = at + random.below(bytes.len() - at + 1).min(16);
    match random.below(6) {
        0 => drop(bytes.drain(at..end)),
        1 => bytes.insert(at, random.below(256) as u8),
        2 => drop(bytes.splice(at..at, random.pick(PIECES).bytes())),
        3 => {
            let again = bytes[at..end].to_vec();
            drop(bytes.splice(at..at, again));
        }
        4 => {
            let other = &pool[random.below(pool.len())];
            drop(bytes.splice(at..end, other[random.below(other.len() + 1)..].iter().copied()));
        }
        _ => bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= 1 << random.below(8)),
    }
    bytes.truncate(600);
}
