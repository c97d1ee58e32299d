//! From a producer's bytes to committed events, the same for HTTP, for the queue and for imports.

mod batch;
mod intake;

use flightbox_domain::name::SourceName;
use flightbox_event::Event;
use flightbox_store::{AppendError, Appended, Conflict, Prepared, StoreError, Submitted};

use crate::{
    App,
    quarantine::{self, Rejected},
};

pub use batch::{Batch, Complaint, Form, Reader, Refused, read};
pub(crate) use batch::{NOTHING, renumbered};
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

impl IngestError {
    /// What broke, where no store did.
    pub fn broken(error: impl std::fmt::Display) -> Self {
        Self::Append(AppendError::Failed(error.to_string()))
    }
}

/// Events that are ready to be written, each with its index in its batch.
#[derive(Default)]
pub struct Ready {
    indexes: Vec<usize>,
    events: Vec<Prepared>,
}

/// What was stored of a batch.
pub(crate) struct Stored {
    /// The receipts of what is stored now.
    pub appended: Appended,
    /// The index of each receipt's event.
    pub indexes: Vec<usize>,
    /// What was left out because its id is that of another event.
    pub conflicts: Vec<Complaint>,
}

impl App {
    /// Stores a batch whole, or, where `partial`, its valid events. Whatever is refused is kept in quarantine.
    pub async fn ingest(&self, source: &SourceName, mut batch: Batch, partial: bool) -> Result<Taken, IngestError> {
        if !batch.complaints.is_empty() && !partial {
            self.has_room()?;
            self.refuse(source, &batch, &batch.complaints).await?;
            return Err(IngestError::Invalid(batch.complaints));
        }
        let ready = self.make_ready(source, std::mem::take(&mut batch.events)).await?;
        self.store(source, batch, ready, partial).await
    }

    /// Stores what of a batch is ready, and keeps what is refused. It was asked for whole, or, where `partial`, in part.
    pub(crate) async fn store(
        &self,
        source: &SourceName,
        batch: Batch,
        ready: Ready,
        partial: bool,
    ) -> Result<Taken, IngestError> {
        let stored = self.append(ready, partial).await;
        if let Err(IngestError::Conflict(complaint)) = &stored {
            self.refuse(source, &batch, std::slice::from_ref(complaint)).await?;
        }
        let Stored { appended, indexes, conflicts } = stored?;
        let Batch { mut complaints, raw, form, address, places, refused, .. } = batch;
        if complaints.is_empty() && conflicts.is_empty() {
            return Ok(Taken { appended, indexes, complaints });
        }
        // With part of a batch taken, the part that is not is what must not be lost.
        let mut refused = refused.unwrap_or_default();
        let records = if conflicts.is_empty() { None } else { quarantine::records(form, &raw) };
        for conflict in &conflicts {
            let record = records.as_ref().and_then(|records| records.get(conflict.index)).cloned();
            refused.insert(conflict.index, record.map(|record| raw[record].to_vec()).unwrap_or_default());
        }
        complaints.extend(conflicts);
        complaints.sort_by_key(|complaint| complaint.index);
        let left = refused.keys().copied().collect();
        let body = refused.into_values().map(|record| quarantine::one_line(&record)).collect::<Vec<_>>().join(&b'\n');
        let told = complaints.iter().map(|complaint| complaint.clone().placed(&places)).collect();
        let told = renumbered(told, &left);
        let rejected = Rejected { form: Form::Lines, address, complaints: &told, body: &body };
        self.quarantine(source.as_str(), &rejected).await?;
        Ok(Taken { appended, indexes, complaints })
    }

    /// Stores events whole, or, where `partial`, those whose ids no other event has.
    pub(crate) async fn append(&self, ready: Ready, partial: bool) -> Result<Stored, IngestError> {
        // It may have got low since they were made ready.
        self.has_room()?;
        let Ready { mut indexes, events } = ready;
        let told = |conflict: &Conflict| Complaint::conflict(indexes[conflict.index], &conflict.id, conflict.seq);
        let appended = match partial {
            true => self.store.append_part(events).await,
            false => self.store.append(events).await,
        };
        let appended = appended.map_err(|error| match error {
            AppendError::Conflict(conflict) => IngestError::Conflict(told(&conflict)),
            error => error.into(),
        })?;
        let conflicts = appended.conflicts.iter().map(told).collect();
        for conflict in appended.conflicts.iter().rev() {
            indexes.remove(conflict.index);
        }
        Ok(Stored { appended, indexes, conflicts })
    }

    /// Makes events ready to be written: masks and seals. When they were received, the rules and their subjects' keys are
    /// settled by that; the log is asked nothing.
    pub(crate) async fn make_ready(
        &self,
        source: &SourceName,
        events: Vec<(usize, Event, [u8; 8])>,
    ) -> Result<Ready, AppendError> {
        self.has_room()?;
        let received_at = self.clock.now();
        let one = |(index, event, content)| (index, Submitted { event, content, received_at });
        let (indexes, events) = events.into_iter().map(one).unzip();
        Ok(Ready { indexes, events: self.store.prepare(source.as_str(), events).await? })
    }

    fn has_room(&self) -> Result<(), AppendError> {
        if self.disk.is_low() { Err(AppendError::DiskFull) } else { Ok(()) }
    }

    async fn refuse(&self, source: &SourceName, batch: &Batch, complaints: &[Complaint]) -> Result<(), StoreError> {
        let Batch { form, address, raw, .. } = batch;
        let rejected = Rejected { form: *form, address: *address, complaints, body: raw };
        self.quarantine(source.as_str(), &rejected).await
    }
}
