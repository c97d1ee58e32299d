//! From a producer's bytes to committed events, the same for HTTP and for imports.

mod batch;
mod intake;

use chrono::{DateTime, Utc};
use flightbox_domain::name::SourceName;
use flightbox_event::Event;
use flightbox_store::{AppendError, Appended, Prepared, StoreError, Submitted};

use crate::App;

pub use batch::{Batch, Complaint, Form, Reader, Refused, read};
pub use intake::{Intake, Room};

/// The most events in one batch.
pub const MOST_EVENTS: usize = 10_000;
/// The largest batch, unpacked, in bytes.
pub const LARGEST: usize = 16 << 20;

/// What became of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// Receipts of the events that are stored, with their index in the batch, in its order.
    pub appended: Appended,
    /// The index of each receipt's event.
    pub indexes: Vec<usize>,
    /// What was left out, and why; empty unless part of a batch was asked for.
    pub complaints: Vec<Complaint>,
}

/// Why a batch was not taken.
#[derive(Debug, thiserror::Error)]
pub enum IngestError {
    /// Something in it is invalid.
    #[error("{} of its events are invalid", .0.len())]
    Invalid(Vec<Complaint>),
    /// One of its ids was seen before with other content.
    #[error("{}", .0.message)]
    Conflict(Complaint),
    /// It could not be written.
    #[error(transparent)]
    Append(#[from] AppendError),
    /// What was refused could not be kept.
    #[error("what was refused could not be kept: {0}")]
    Quarantine(#[from] StoreError),
}

impl App {
    /// Stores a batch whole, or, where `partial`, its valid events. Whatever is refused is kept in quarantine.
    pub async fn ingest(&self, source: &SourceName, batch: Batch, partial: bool) -> Result<Taken, IngestError> {
        if self.disk.is_low() {
            return Err(AppendError::DiskFull.into());
        }
        let Batch { events, mut complaints, raw, refused } = batch;
        if !complaints.is_empty() && !partial {
            self.quarantine(source, &complaints, &raw).await?;
            return Err(IngestError::Invalid(complaints));
        }
        // With part of a batch taken, the part that is not is what must not be lost.
        let mut kept = refused.as_deref().unwrap_or(&raw);
        let (mut indexes, mut prepared) = self.prepare(source, events).await?;
        let appended = loop {
            // Only a conflict asks for the events again, and only where part of a batch may be taken.
            let again = if partial { prepared.clone() } else { Vec::new() };
            match self.store.append(std::mem::replace(&mut prepared, again)).await {
                Err(AppendError::Conflict { index, id, seq }) => {
                    let complaint = Complaint::conflict(indexes[index], &id, seq);
                    if !partial {
                        self.quarantine(source, std::slice::from_ref(&complaint), &raw).await?;
                        return Err(IngestError::Conflict(complaint));
                    }
                    complaints.push(complaint);
                    kept = &raw;
                    indexes.remove(index);
                    prepared.remove(index);
                }
                answer => break answer?,
            }
        };
        if !complaints.is_empty() {
            complaints.sort_by_key(|complaint| complaint.index);
            self.quarantine(source, &complaints, kept).await?;
        }
        Ok(Taken { appended, indexes, complaints })
    }

    async fn prepare(
        &self,
        source: &SourceName,
        events: Vec<(usize, Event, [u8; 8])>,
    ) -> Result<(Vec<usize>, Vec<Prepared>), AppendError> {
        let received_at = self.clock.now();
        let one = |(index, event, content)| (index, Submitted { event, content, received_at });
        let (indexes, events) = events.into_iter().map(one).unzip();
        Ok((indexes, self.store.prepare(source.as_str(), events).await?))
    }

    /// Keeps what was refused, and why, sealed.
    pub async fn quarantine(
        &self,
        source: &SourceName,
        complaints: &[Complaint],
        raw: &[u8],
    ) -> Result<(), StoreError> {
        let now: DateTime<Utc> = self.clock.now();
        // A line of errors, then the body as it came: what `split_once` takes apart again.
        let errors = serde_json::to_vec(complaints).unwrap_or_default();
        self.store.quarantine(source.as_str(), &[&errors, b"\n", raw], now, &self.random).await
    }
}
