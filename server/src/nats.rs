//! Events from a NATS JetStream, for those who want a queue between their producers and Flightbox.
//!
//! A message is what a request is elsewhere: the same headers, the same body, the same token that names its source, the
//! same rules, the same quarantine. It is acknowledged once its events are committed and synced, and the queue confirms
//! that it knows. What the queue delivers again is recognised: events without an id of their own are named after the
//! message and their place in it.

mod config;
mod message;
mod pull;
mod state;

pub use config::{NatsConfig, NatsUrl, QueueName};
pub use pull::Intake;
pub use state::{Queue, watched};
