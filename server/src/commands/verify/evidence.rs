//! `flightbox verify --evidence`: checks a file by itself, with neither a log nor a network.

use std::{
    fs::{self, File},
    io::Read as _,
    path::Path,
};

use flightbox_domain::{
    evidence::{Check, Compared, Evidence, Held},
    tree::{Checkpoint, KeyError, PublicKey},
};
use flightbox_event::rfc3339;

use super::{Failure, Progress, unchecked};
use crate::log::plain;

/// Bytes that are read at once.
const PIECE: usize = 1 << 20;

pub(super) fn evidence(file: &Path, since: Option<&Path>, keys: &[String]) -> Result<(), Failure> {
    let named = |error: &dyn std::fmt::Display| unchecked(format!("{}: {error}", file.display()));
    let pinned = keys.iter().map(|key| PublicKey::parse(key.trim())).collect::<Result<Vec<_>, KeyError>>();
    let pinned = pinned.map_err(unchecked)?;
    let mut open = File::open(file).map_err(|error| named(&error))?;
    let (mut check, mut progress) = (Check::new(pinned), Progress::new());
    let (of, mut done) = (open.metadata().map_err(|error| named(&error))?.len(), 0);
    let mut piece = vec![0; PIECE];
    loop {
        let read = open.read(&mut piece).map_err(|error| named(&error))?;
        if read == 0 {
            break;
        }
        check.push(&piece[..read]).map_err(fail)?;
        done += read as u64;
        // What is small is checked before anybody wonders.
        if of > PIECE as u64 {
            progress.tell(done.div_ceil(1 << 20), of.div_ceil(1 << 20), "MiB");
        }
    }
    let evidence = check.finish().map_err(fail)?;
    let saved = since.map(|since| compare(&evidence, since)).transpose()?;
    tell(&evidence, saved.as_ref());
    match saved {
        Some((saved, Compared::Unknown)) => Err(unchecked(format!(
            "the file does not lead to the checkpoint of {} events: have it taken again with that size, or compare the \
             two with the log itself",
            saved.size
        ))),
        _ => Ok(()),
    }
}

fn fail(error: impl std::fmt::Display) -> Failure {
    // It may quote what a forger wrote.
    format!("FAIL: {}", plain(&error.to_string())).into()
}

/// The checkpoint that was saved, unless the file is of another log than it.
fn compare(evidence: &Evidence, since: &Path) -> Result<(Checkpoint, Compared), Failure> {
    let note = fs::read(since).map_err(|error| unchecked(format!("{}: {error}", since.display())))?;
    let named = |error: &dyn std::fmt::Display| fail(format!("the checkpoint {}: {error}", since.display()));
    match evidence.compare(&note).map_err(|error| named(&error))? {
        (_, Compared::Other) => {
            Err(named(&"the file is not of the log that it was signed for, grown: one of them was altered"))
        }
        compared => Ok(compared),
    }
}

fn tell(evidence: &Evidence, saved: Option<&(Checkpoint, Compared)>) {
    let Evidence { who, when, why, query, from, to, sources, events, seq, .. } = evidence;
    let query = if query.is_empty() { "everything" } else { query.as_str() };
    let window = match (from, to) {
        (Some(from), Some(to)) => format!(", from {from} to {to}"),
        (Some(from), None) => format!(", from {from} on"),
        (None, Some(to)) => format!(", until {to}"),
        (None, None) => String::new(),
    };
    let sources = if sources == "*" { "all sources".to_owned() } else { format!("the sources {sources}") };
    println!("whole: {events} events, each proved, and none left out of what was taken");
    println!("taken: by {}, {} (event {seq})", plain(who), plain(when));
    println!("asked: {}{}, of {}", plain(query), plain(&window), plain(&sources));
    println!("why:   {}", plain(why));
    for held in evidence.anchors.iter().chain([&evidence.checkpoint]) {
        let Held { checkpoint: Checkpoint { origin, size, .. }, key, pinned } = held;
        println!("holds: the checkpoint of {size} events of {origin}, signed {} with {}", held.signed(), key.name());
        if !pinned {
            println!(
                "       that key is named by the file alone: it fits together, and nothing says whose it is (--key)"
            );
        }
    }
    if let Some((saved, Compared::Same)) = saved {
        println!(
            "grown: from the checkpoint that you kept, of {} events, signed {}",
            saved.size,
            rfc3339(saved.signed_at)
        );
    }
}
