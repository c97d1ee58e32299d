//! Native only: what is known of the queue that events come from, where there is one. The server keeps it.

use std::{fmt, sync::Arc};

use chrono::{DateTime, Utc};

/// Tells all of it, as often as it is asked; nothing where there is no queue. The server provides it to each page.
#[derive(Clone)]
pub struct Watched(pub Arc<dyn Fn() -> Option<Standing> + Send + Sync>);

impl Watched {
    /// Everything that is known.
    pub fn now(&self) -> Option<Standing> {
        (self.0)()
    }
}

impl fmt::Debug for Watched {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Watched")
    }
}

/// Everything that is known, as it is now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// The stream.
    pub stream: String,
    /// Whether its messages are being taken.
    pub connected: bool,
    /// Why they are not, as far as anybody knows.
    pub trouble: Option<String>,
    /// What of the stream and the way to it is not safe.
    pub risks: Vec<Risk>,
    /// Messages that are in the stream and not stored yet, as it said last.
    pub waiting: u64,
    /// Messages whose events are all stored.
    pub taken: u64,
    /// Messages that are no events, or of nobody who may send any.
    pub refused: u64,
    /// Messages that came more than once.
    pub redelivered: u64,
    /// When the last one came.
    pub last: Option<DateTime<Utc>>,
}

impl Standing {
    /// How it goes, in a few words.
    pub fn state(&self) -> &str {
        match (&self.trouble, self.connected) {
            (Some(why), _) => why,
            (None, true) => "events are taken",
            (None, false) => "not connected yet",
        }
    }
}

/// Why a message can be lost that the stream has confirmed to its producer, or be read on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Risk {
    /// The stream is kept in memory.
    Memory,
    /// It confirms before it writes.
    Late,
    /// Nobody says that it syncs before it confirms.
    Unsynced,
    /// It comes over a network, in clear.
    Plain,
}

impl fmt::Display for Risk {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Risk::Memory => {
                "The stream is kept in memory: when NATS ends, events are lost that it had confirmed to their producers. \
                 Make it a stream with file storage."
            }
            Risk::Late => {
                "The stream confirms messages before it writes them (persist_mode async): when NATS ends, events are lost \
                 that it had confirmed to their producers. Make it a stream with the default persist_mode."
            }
            Risk::Unsynced => {
                "Whether NATS syncs a message before it confirms it cannot be seen from here. By default it syncs every \
                 two minutes, and a loss of power takes what it confirmed since. Set sync_interval: always in the \
                 jetstream section of every server of the cluster, then FLIGHTBOX_NATS_SYNCED=true here."
            }
            Risk::Plain => {
                "Events and tokens come from NATS in clear, over a network. Name its servers with tls:// in \
                 FLIGHTBOX_NATS_URL, or have them require TLS."
            }
        })
    }
}
