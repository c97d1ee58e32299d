//! What an import stores of files while they come, for as long as whoever sends them may, and what is told of it.

use std::{sync::Arc, time::Duration};

use axum::body::Bytes;
use flightbox_event::{Json, Outcome};
use flightbox_store::AppendError;
use tokio::{sync::mpsc, time::sleep};

use super::{Batch, End, Running, Step, Told, store};
use crate::{
    App,
    auth::{self, SignedIn},
    fault::Fault,
    ingest::IngestError,
    journal::Entry,
    live::RECHECK,
};

/// How long an import waits before it asks the writer once more.
const PAUSE: Duration = Duration::from_millis(100);

const DISK_FULL: &str = "the disk is full";
const CLOSING: &str = "the server was stopped";
const SIGNED_OUT: &str = "the session of whoever imports is over";
const NOT_THEIRS: &str = "whoever imports may not change the source any more";
const DISABLED: &str = "the source was disabled";

/// The side that stores.
pub struct Storing {
    /// Where.
    pub app: App,
    /// The import.
    pub running: Arc<Running>,
    /// Who imports.
    pub signed_in: SignedIn,
    /// What the record of access gets at its end.
    pub entry: Entry,
}

/// However it is left, it is over.
impl Drop for Storing {
    fn drop(&mut self) {
        self.running.change(|now| now.end = now.end.or(Some(End::Failed)));
    }
}

impl Storing {
    /// Stores all that is told, and puts on record what came of it.
    pub(super) async fn run(self, told: mpsc::Receiver<Told>) {
        let end = self.take(told).await;
        let entry = self.told(end);
        // Whoever is told that it is over finds it on record.
        entry.commit_or_log(&self.app).await;
        self.running.change(|now| now.end = Some(end));
    }

    /// Stores what comes, until it ends.
    async fn take(&self, mut told: mpsc::Receiver<Told>) -> End {
        let mut closing = self.app.live.closing();
        loop {
            let one = tokio::select! {
                one = told.recv() => Some(one),
                () = sleep(RECHECK) => None,
                _ = closing.wait_for(|closing| *closing) => return End::Stopped(CLOSING),
            };
            if self.running.is_cancelled() {
                return End::Cancelled;
            }
            if matches!(one, None | Some(Some(Told::Step(_, Step::Batch(_)))))
                && let Err(end) = self.check().await
            {
                return end;
            }
            let Some(one) = one else { continue };
            match one {
                Some(Told::Step(file, Step::Batch(batch))) => {
                    if let Err(end) = self.store(&file, batch).await {
                        return end;
                    }
                }
                Some(Told::Step(_, Step::Begins(format))) => self.running.change(|now| now.tally.begins(format)),
                Some(Told::Step(file, Step::Unread(member, why))) => {
                    self.running.change(|now| now.tally.broken(&file, &member, why));
                }
                Some(Told::Broken(file, why)) => self.running.change(|now| now.tally.broken(&file, "", why)),
                Some(Told::Read(report)) => {
                    self.running.change(|now| now.tally.report = report);
                    return End::Done;
                }
                None => return End::Failed,
            }
        }
    }

    /// Whether whoever imports still may.
    async fn check(&self) -> Result<(), End> {
        match self.barred().await {
            Ok(None) => Ok(()),
            Ok(Some(why)) => Err(End::Stopped(why)),
            Err(error) => Err(failed(error)),
        }
    }

    async fn barred(&self) -> Result<Option<&'static str>, Fault> {
        let Some(now) = self.signed_in.again(&self.app).await? else { return Ok(Some(SIGNED_OUT)) };
        let person = auth::person(&now.person);
        let sources = self.app.store.sources(&person.scope(false)).await?;
        let source = sources.iter().find(|source| source.name == self.running.source.as_str());
        Ok(match source {
            Some(source) if person.roles.may_manage_people() => source.disabled_at.map(|_| DISABLED),
            _ => Some(NOT_THEIRS),
        })
    }

    /// Stores a batch. While the writer has too much to do, it waits.
    async fn store(&self, file: &str, batch: Batch) -> Result<(), End> {
        let Storing { app, running, .. } = self;
        let told = batch.told(file);
        let Batch { lines, places, unread, unread_places, .. } = batch;
        let lines = Bytes::from(lines);
        loop {
            let turn = app.intake.turn().await;
            let read = store::read(app, &running.source, lines.clone(), unread.clone(), told.clone()).await;
            let read = read.map_err(failed)?;
            drop(turn);
            let times = || read.events.iter().filter_map(|(_, event, _)| event.occurred_at);
            let span = times().min().zip(times().max());
            match store::store(app, &running.source, read).await {
                Ok(imported) => {
                    running.change(|now| {
                        now.tally.span(span);
                        now.tally.add(file, imported, &places, &unread_places);
                    });
                    return Ok(());
                }
                Err(IngestError::Append(AppendError::Busy)) if running.is_cancelled() => return Err(End::Cancelled),
                Err(IngestError::Append(AppendError::Busy)) => sleep(PAUSE).await,
                Err(IngestError::Append(AppendError::DiskFull)) => return Err(End::Stopped(DISK_FULL)),
                Err(error) => return Err(failed(error)),
            }
        }
    }

    /// The entry about what came of it.
    fn told(&self, end: End) -> Entry {
        let (standing, (received, _)) = (self.running.standing(), self.running.received());
        let tally = standing.tally;
        let number = |count: usize| Json::from(count as i64);
        let files = standing.files.first.iter().map(|name| Json::from(&**name)).collect::<Vec<_>>();
        let more = standing.files.count - files.len();
        let counted = |counts: &mut dyn Iterator<Item = (&str, usize)>| {
            Json::object(counts.map(|(name, count)| (name, number(count))).collect::<Vec<_>>())
        };
        let entry = self.entry.clone().with(Json::object([
            ("files", Json::Array(files)),
            ("more_files", number(more)),
            ("formats", counted(&mut tally.formats.iter().map(|(name, count)| (*name, *count)))),
            ("imported", number(tally.imported)),
            ("duplicates", number(tally.duplicates)),
            ("quarantined", number(tally.refused)),
            ("why", counted(&mut tally.kinds.iter().map(|(name, count)| (name.as_str(), *count)))),
            ("bytes", (received as i64).into()),
        ]));
        match end {
            End::Done if tally.broken_files == 0 => entry,
            End::Done => entry.ended(Outcome::Failure, format!("files that were not read: {}", tally.broken_files)),
            End::Cancelled => {
                let of = self.running.length.map_or(String::new(), |length| format!(" of {length}"));
                entry.ended(Outcome::Failure, format!("cancelled after {received}{of} bytes"))
            }
            End::Stopped(why) => entry.ended(Outcome::Failure, why),
            End::Failed => entry.ended(
                Outcome::Failure,
                "the store failed; at least this is stored, and the batch under way may be, too",
            ),
        }
    }
}

fn failed(error: impl std::fmt::Display) -> End {
    tracing::error!(%error, "an import was stopped");
    End::Failed
}
