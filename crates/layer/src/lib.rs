#![doc = include_str!("../README.md")]

mod audit;
mod builder;
mod client;
mod counters;
mod delivery;
mod entry;
mod id;
mod layer;
mod line;
mod queue;
mod recorder;
mod sender;
mod spool;
mod visit;

pub use audit::{Audit, NoLayer};
pub use builder::{BuildError, Builder};
pub use counters::Counters;
pub use entry::Entry;
pub use flightbox_event::{Actor, ActorKind, Json, Outcome, Resource, Severity};
pub use ipnet::IpNet;
pub use layer::{AuditLayer, AuditService, REQUEST_ID};
pub use recorder::{Recorder, Unflushed, Unrecorded};

/// The time. Every other place is handed it.
#[expect(clippy::disallowed_methods, reason = "a middleware is where a service's clock is read")]
fn now() -> chrono::DateTime<chrono::Utc> {
    chrono::Utc::now()
}
