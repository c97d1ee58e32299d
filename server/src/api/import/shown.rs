//! An import as its page shows it.

use std::time::Duration;

use chrono::TimeDelta;
use flightbox_app::{
    pages::import::{
        now::{Figure, ImportNow, ImportProgress, ImportState},
        preview::{NotRead, more_files},
    },
    parts::number::{grouped, plural},
    read::{settings::bytes, zone},
    state::ViewState,
};
use flightbox_domain::{
    page::Position,
    query::{Key, Qualifier, Query},
};
use flightbox_import::{ImportError, Unsure, named};

use crate::import::{
    End, Files, Running, Standing,
    tally::{Bad, Broken, Tally},
};

/// How many members that no field was made of are named.
const NAMED: usize = 20;

/// How an import stands.
pub fn now(running: &Running) -> ImportNow {
    let Standing { files, tally, end } = running.standing();
    let (received, elapsed) = running.received();
    let (state, title, sentence) = match end {
        None => (ImportState::Running, "Importing".to_owned(), named_file(&files)),
        Some(End::Done) => done(&tally),
        Some(End::Cancelled) => (ImportState::Ended, "Cancelled".to_owned(), left_off(running, received, true)),
        Some(End::Stopped(why)) => (ImportState::Ended, format!("Stopped: {why}"), left_off(running, received, true)),
        Some(End::Failed) => {
            (ImportState::Ended, "Stopped: the store failed".to_owned(), left_off(running, received, false))
        }
    };
    let quarantine = (tally.refused > 0).then(|| format!("/sources/{}/quarantine", running.source));
    let list = (tally.stored() > 0).then(|| list(running, &tally)).flatten();
    let figure = |label, count: usize, url: Option<String>| Figure { label, number: grouped(count as u64), url };
    ImportNow {
        state,
        title,
        sentence,
        progress: end.is_none().then(|| progress(received, running.length, elapsed, tally.records())),
        figures: [
            figure("imported", tally.imported, list.clone()),
            figure("there before", tally.duplicates, None),
            figure("in quarantine", tally.refused, quarantine),
        ],
        list: list.filter(|_| end.is_some()),
        more: (tally.refused > tally.first.len())
            .then(|| format!("and {} more", grouped((tally.refused - tally.first.len()) as u64))),
        counts: counts(&tally),
        first: tally.first.into_iter().map(place).collect(),
        more_broken: (tally.broken_files > tally.broken.len())
            .then(|| more_files(tally.broken_files - tally.broken.len())),
        broken: tally.broken.into_iter().map(broken).collect(),
    }
}

fn named_file(Files { count, last, .. }: &Files) -> String {
    if *count > 1 { format!("{last}, file {count}") } else { last.to_string() }
}

fn done(tally: &Tally) -> (ImportState, String, String) {
    let Tally { imported, refused, broken_files, .. } = *tally;
    let (state, title) = match () {
        () if broken_files > 0 && tally.stored() > 0 => (ImportState::Lacking, "Imported in part"),
        () if broken_files > 0 || tally.stored() == 0 && refused > 0 => (ImportState::Lacking, "Not imported"),
        () if tally.stored() == 0 => (ImportState::Lacking, "Nothing to import"),
        () if imported == 0 && refused > 0 => (ImportState::Lacking, "Nothing new"),
        () if imported == 0 => (ImportState::Done, "Nothing new"),
        () => (ImportState::Done, "Imported"),
    };
    let read = match broken_files {
        0 => None,
        1 => Some("1 file was not read, or not to its end.".to_owned()),
        files => Some(format!("{} files were not read, or not to their ends.", grouped(files as u64))),
    };
    let stored = match imported {
        0 if tally.stored() > 0 && broken_files + refused == 0 => "All of it was there before.".to_owned(),
        0 if tally.stored() > 0 => "The events that were read were there before.".to_owned(),
        0 if broken_files + refused == 0 => "There is no record in it.".to_owned(),
        0 => "No event was stored.".to_owned(),
        1 => "1 event is in the log now, and can be browsed.".to_owned(),
        events => format!("{} are in the log now, and can be browsed.", plural(events as u64)),
    };
    let kept = match refused {
        0 => None,
        1 => Some("1 record is in quarantine.".to_owned()),
        records => Some(format!("{} records are in quarantine.", grouped(records as u64))),
    };
    let sentences: Vec<_> = [read, Some(stored), kept].into_iter().flatten().collect();
    (state, title.to_owned(), sentences.join(" "))
}

/// What is said of one that came to no end, whose figures are exact or, where a write failed, the least.
fn left_off(running: &Running, received: u64, is_exact: bool) -> String {
    let of = running.length.map_or(String::new(), |length| format!(" of {}", bytes(length)));
    let stored = if is_exact {
        "Exactly this is stored of it, and stays."
    } else {
        "At least this is stored of it, and stays; the batch under way may be, too."
    };
    format!("{}{of} had come. {stored} To have the rest, import it again: no event is stored twice.", bytes(received))
}

fn progress(received: u64, length: Option<u64>, elapsed: Duration, records: usize) -> ImportProgress {
    let records = format!("{} records", grouped(records as u64));
    let words = match length {
        None => format!("{} · {records}", bytes(received)),
        Some(length) if received >= length => format!("All {} have come · {records}", bytes(length)),
        Some(length) => {
            let left = elapsed.as_secs_f64() * (length - received) as f64 / received.max(1) as f64;
            let left = TimeDelta::try_seconds(left.ceil() as i64);
            let left = left.map_or(String::new(), |left| format!(" · {} left", zone::length(left)));
            format!("{} of {} · {records}{left}", bytes(received), bytes(length))
        }
    };
    ImportProgress { bytes: (received, length), words }
}

/// Where the events are, old ones and new ones.
fn list(running: &Running, tally: &Tally) -> Option<String> {
    let own = Qualifier::equals(Key::Source, running.source.as_str()).ok()?;
    let state = ViewState::default().with_query(Query::Is(own).to_string());
    let state = match tally.span {
        // The end of a window is not in it, and events that found their millisecond full stand behind it.
        Some((from, to)) => {
            let behind = TimeDelta::milliseconds(tally.stored() as i64 / Position::PER_MILLISECOND);
            state.with_window(&zone::exact(from), &zone::exact(to + behind + TimeDelta::seconds(1)))
        }
        None => state,
    };
    Some(state.events())
}

fn counts(tally: &Tally) -> Vec<(&'static str, Vec<(String, String)>)> {
    let count = |number: u64| grouped(number);
    let title = |name: &str| named(name).map_or(name, |mapping| mapping.title).to_owned();
    let formats = tally.formats.iter().map(|(name, number)| {
        (title(name), format!("{} file{}", count(*number as u64), if *number == 1 { "" } else { "s" }))
    });
    let (unplaced, more) = tally.unplaced(NAMED);
    let more = (more > 0).then(|| ("and other names".to_owned(), count(more as u64)));
    let unplaced = unplaced.into_iter().map(|(name, number)| (name.to_owned(), count(number)));
    vec![
        ("Read as", formats.collect()),
        ("Quarantined for", tally.kinds.iter().map(|(kind, number)| (kind.clone(), count(*number as u64))).collect()),
        ("Filled in", tally.report.assumed.iter().map(|(what, number)| ((*what).to_owned(), count(*number))).collect()),
        ("In the details alone", unplaced.chain(more).collect()),
    ]
}

fn place(Bad { path, record, line, why }: Bad) -> (String, String) {
    (format!("{path}, record {record}, line {line}:"), why)
}

fn broken(Broken { path, why }: Broken) -> (String, String, Vec<&'static str>) {
    let NotRead { why, nearest } = not_read(&why);
    (path, why, nearest)
}

/// Why a file is not read, and what to do.
pub fn not_read(error: &ImportError) -> NotRead {
    let (why, nearest) = match error {
        ImportError::Unsure(Unsure { nearest: Some(nearest) }) => (
            "It is of no format for certain. Nearest are these two; choose one of them as the format, or another one."
                .to_owned(),
            nearest.iter().filter_map(|name| Some(named(name)?.title)).collect(),
        ),
        ImportError::Unsure(Unsure { nearest: None }) => {
            let why = "It is of no format that is known. If it is one of those all the same, choose it as the format.";
            (why.to_owned(), Vec::new())
        }
        ImportError::Unreadable(why) => (format!("None of its first records can be read: {why}."), Vec::new()),
        ImportError::Utf16 => ("It is UTF-16. Convert it to UTF-8.".to_owned(), Vec::new()),
        ImportError::Io(error) => (format!("It cannot be read, or not to its end: {error}."), Vec::new()),
    };
    NotRead { why, nearest }
}
