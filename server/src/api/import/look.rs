//! The start of each file of a preview, read and forgotten.

use flightbox_app::{
    pages::import::preview::{EventSeen, FileSeen, RecordSeen},
    read::zone::stamp_in,
};
use flightbox_domain::name::SourceName;
use flightbox_event::{Event, Json, json, mask, parse_event};
use flightbox_import::{Options, Portion, Sampled, preview};

use super::{
    form::{File, Part},
    shown::not_read,
};
use crate::{App, fault::Fault};

/// Files that are looked at.
pub const MOST_FILES: usize = 20;
/// Bytes of each that are looked at.
const START: usize = 512 << 10;
/// Records of each that are shown.
const SHOWN: usize = 10;
/// Members that are named of which no field was made.
const NAMED: usize = 12;

/// Who looks, for which source.
pub struct Looking<'a> {
    /// The application.
    pub app: &'a App,
    /// The source whose rules count.
    pub source: &'a SourceName,
    /// The zone of times; empty for UTC.
    pub tz: &'a str,
}

impl Looking<'_> {
    /// What there is to see of a file, or of those of an archive.
    pub async fn at(
        &self,
        file: &File,
        part: &mut Part<'_>,
        options: Options,
    ) -> Result<Vec<FileSeen>, super::Refused> {
        let (mut start, mut more) = (Vec::new(), false);
        while let Some(bytes) = part.chunk().await? {
            let room = START - start.len();
            start.extend_from_slice(&bytes[..bytes.len().min(room)]);
            more |= bytes.len() > room;
        }
        more |= file.size.is_some_and(|size| size > start.len() as u64);
        let portion = if more { Portion::Start } else { Portion::Whole };
        let (app, source, tz, name) = (self.app.clone(), self.source.clone(), self.tz.to_owned(), file.name.clone());
        let look = move || Looking { app: &app, source: &source, tz: &tz }.read(&name, &start, portion, &options);
        tokio::task::spawn_blocking(look).await.map_err(|error| Fault::Broken(error.to_string()).into())
    }

    fn read(&self, name: &str, start: &[u8], portion: Portion, options: &Options) -> Vec<FileSeen> {
        let seen = match preview(start, portion, options, SHOWN) {
            Ok(seen) => seen,
            Err(error) => {
                return vec![FileSeen { name: name.to_owned(), read: Err(not_read(&error)), unplaced: Vec::new() }];
            }
        };
        // Of an archive nobody could tell whose they are.
        let is_alone = seen.files.len() == 1;
        let unplaced = seen.report.unplaced.into_keys().take(if is_alone { NAMED } else { 0 });
        let unplaced: Vec<_> = unplaced.collect();
        let file = |file: flightbox_import::Sample| FileSeen {
            name: if file.member.is_empty() { name.to_owned() } else { format!("{name}/{}", file.member) },
            read: match file.format {
                Ok(mapping) => Ok((mapping.title, file.records.into_iter().map(|one| self.record(one)).collect())),
                Err(error) => Err(not_read(&error)),
            },
            unplaced: unplaced.clone(),
        };
        seen.files.into_iter().map(file).collect()
    }

    fn record(&self, Sampled { record, line, made }: Sampled) -> RecordSeen {
        let made = made.map_err(|(_, expected)| expected).and_then(|line| self.event(&line));
        RecordSeen { record, line, made }
    }

    /// An event as it would be stored, or what is wrong with it.
    fn event(&self, line: &str) -> Result<EventSeen, String> {
        let wrong = |problem: &flightbox_event::Problem| format!("{} {}", problem.path, problem.message);
        let read = json::parse(line.as_bytes()).map_err(|_| "expected JSON".to_owned())?;
        let mut event =
            parse_event(&read).map_err(|problems| problems.iter().map(wrong).collect::<Vec<_>>().join("; "))?;
        // As they are before they are stored.
        mask(&mut event);
        let hidden = self.app.store.rules().apply(&mut event, self.source.as_str());
        let mut notes = assumed(&event);
        let count = |count: usize, word: &str| (count > 0).then(|| format!("{count} {word}"));
        notes.extend(count(hidden.masked.len(), "masked"));
        notes.extend(count(hidden.sealed.len(), "sealed"));
        let (name, id) = (event.actor.name, event.actor.id);
        Ok(EventSeen {
            time: event.occurred_at.map(|at| stamp_in(self.tz, at, self.app.clock.now())),
            actor: match name.filter(|name| *name != id) {
                Some(name) => (name, Some(id)),
                None => (id, None),
            },
            action: event.action,
            resource: event.resource.map(|resource| resource.id),
            outcome: event.outcome.as_str().to_owned(),
            address: event.origin.ip,
            notes,
        })
    }
}

/// What can be filled in.
const FILLED: [&str; 4] = ["year", "zone", "time", "actor"];

/// What was filled in, as the event itself says. It may have come saying more.
fn assumed(event: &Event) -> Vec<String> {
    let words = event.details.as_ref().and_then(|details| details.at(&["flightbox", "assumed"])?.as_array());
    words
        .into_iter()
        .flatten()
        .filter_map(|word| FILLED.into_iter().find(|filled| *word == Json::from(*filled)))
        .map(str::to_owned)
        .collect()
}
