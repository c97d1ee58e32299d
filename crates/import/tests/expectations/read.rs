//! Importing a file in a test: its events as the log's own parser has them.

use std::{fs, path::Path};

use flightbox_event::{Event, Json, json, parse_event};
use flightbox_import::{Clock, ImportError, Item, Options, Report, import, named};

/// What came of a file.
pub struct Read {
    pub format: &'static str,
    pub events: Vec<Event>,
    /// The record of each event, from 1.
    pub records: Vec<u64>,
    /// Of each refused record: its number, and why.
    pub refused: Vec<(u64, String)>,
}

/// Reads a file whose format tells itself.
pub fn file(path: &Path) -> Result<Read, ImportError> {
    bytes(&fs::read(path).unwrap(), None, "UTC")
}

/// Reads bytes.
pub fn bytes(bytes: &[u8], format: Option<&str>, zone: &str) -> Result<Read, ImportError> {
    let clock = Clock { zone: zone.parse().unwrap(), as_of: "2026-11-22T12:00:00Z".parse().unwrap() };
    let options = Options { format: format.map(|name| named(name).unwrap()), clock };
    let mut report = Report::default();
    let (mut format, mut events, mut records, mut refused) = ("", Vec::new(), Vec::new(), Vec::new());
    import(bytes, &options, &mut report, &mut |item| {
        match item {
            Item::Begins { mapping, .. } => format = mapping.name,
            Item::Event { place, line } => {
                let event = json::parse(line.as_bytes()).unwrap_or_else(|error| panic!("{error:?}: {line}"));
                events.push(parse_event(&event).unwrap_or_else(|problems| panic!("{problems:?}: {line}")));
                records.push(place.record);
            }
            Item::Refused { place, kind, expected, .. } => {
                refused.push((place.record, format!("{}: {expected}", kind.as_str())));
            }
            Item::Unread { member, why } => refused.push((0, format!("{member}: {why}"))),
        }
        Ok::<_, ImportError>(())
    })?;
    assert_eq!((report.events as usize, report.refusals() as usize), (events.len(), refused.len()));
    Ok(Read { format, events, records, refused })
}

/// A file of JSON that says what is expected.
pub fn expected(path: &Path) -> Json {
    json::parse(&fs::read(path).unwrap()).unwrap_or_else(|error| panic!("{}: {error:?}", path.display()))
}

/// The text, or the digits, at a path.
pub fn text(json: &Json, path: &str) -> Option<String> {
    flightbox_import::mapping::text_at(json, path).map(|text| text.into_owned())
}

/// The files of a folder, in order.
pub fn files(folder: &Path, ending: &str) -> Vec<std::path::PathBuf> {
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.retain(|file| file.to_string_lossy().ends_with(ending));
    files.sort();
    files
}
