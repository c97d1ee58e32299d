//! What is kept of it from one start to the next.

use std::{fs, io, path::Path};

use chrono::{DateTime, Utc};
use flightbox_app::integrity::{Damaged, Finding, Found, Whole};
use flightbox_event::rfc3339;
use serde::{Deserialize, Serialize};

use crate::file::replace;

/// The file.
pub(super) const FILE: &str = "verified";

#[derive(Serialize, Deserialize)]
struct Kept {
    whole: Option<KeptWhole>,
    damage: Option<KeptDamage>,
}

#[derive(Serialize, Deserialize)]
struct KeptWhole {
    at: String,
    events: u64,
    removed: u64,
    held: u64,
}

#[derive(Serialize, Deserialize)]
struct KeptDamage {
    at: String,
    findings: Vec<(u64, String)>,
}

/// Writes it.
pub(super) fn write(path: &Path, found: &Found) -> io::Result<()> {
    let whole = found.whole.as_ref().map(|Whole { at, events, removed, held }| KeptWhole {
        at: rfc3339(*at),
        events: *events,
        removed: *removed,
        held: *held,
    });
    let damage = found.damage.as_ref().map(|Damaged { at, findings }| KeptDamage {
        at: rfc3339(*at),
        findings: findings.iter().map(|finding| (finding.first, finding.words.clone())).collect(),
    });
    replace(path, &serde_json::to_string(&Kept { whole, damage })?)
}

/// Reads it; nothing is known where there is none.
pub(super) fn read(path: &Path) -> io::Result<Found> {
    let text = match fs::read_to_string(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::default()),
        read => read?,
    };
    let Kept { whole, damage } = serde_json::from_str(&text)?;
    let whole = match whole {
        None => None,
        Some(KeptWhole { at, events, removed, held }) => Some(Whole { at: time(&at)?, events, removed, held }),
    };
    let damage = match damage {
        None => None,
        Some(KeptDamage { at, findings }) => {
            let findings = findings.into_iter().map(|(first, words)| Finding { first, words }).collect();
            Some(Damaged { at: time(&at)?, findings })
        }
    };
    Ok(Found { whole, damage, ..Found::default() })
}

fn time(text: &str) -> io::Result<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text).map(|time| time.to_utc()).map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_is_known_again_and_what_cannot_be_read_says_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        assert_eq!(read(&path).unwrap(), Found::default());
        let at = "2026-11-22T12:00:00.123Z".parse().unwrap();
        let findings = vec![Finding { first: 7, words: "it is \"gone\"".to_owned() }];
        let found = Found {
            whole: Some(Whole { at, events: 9, removed: 2, held: 3 }),
            damage: Some(Damaged { at, findings }),
            ..Found::default()
        };
        write(&path, &found).unwrap();
        assert_eq!(read(&path).unwrap(), found);
        fs::write(&path, "{").unwrap();
        assert!(read(&path).is_err());
    }
}
