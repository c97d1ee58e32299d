//! How a layer is made.

use std::{io, path::PathBuf, sync::Arc, thread, time::Duration};

use axum::http::request::Parts;
use flightbox_event::Actor;
use ipnet::IpNet;

use crate::{
    AuditLayer, Recorder,
    client::Proxies,
    delivery::Server,
    id::Ids,
    layer::Rules,
    queue::{Gate, queue},
    sender::Sender,
    spool::Spool,
};

/// The least memory: a request with all that it may record has to fit.
const LEAST_MEMORY: usize = 4 * 1024 * 1024;

/// Why there is no layer.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The URL names no server.
    #[error("{0:?} is no URL of a server; expected http://HOST or https://HOST")]
    Url(String),
    /// The token cannot be sent.
    #[error("the ingest token has characters that no header can have")]
    Token,
    /// Nobody's certificates would be believed.
    #[error("TLS cannot be set up: {0}")]
    Tls(String),
    /// The spool's folder cannot be used.
    #[error("the spool {0:?} cannot be used: {1}")]
    Spool(PathBuf, io::Error),
    /// The system gives neither randomness nor a thread.
    #[error("the sender cannot be started: {0}")]
    Sender(io::Error),
}

/// What is recorded, and what becomes of it while the server is away.
#[must_use = "a builder does nothing until it is built"]
pub struct Builder {
    url: String,
    token: String,
    rules: Rules,
    spool: Option<PathBuf>,
    spool_limit: u64,
    memory: usize,
    linger: Duration,
    timeout: Duration,
}

impl Builder {
    pub(crate) fn new(url: &str, token: &str) -> Self {
        Self {
            url: url.to_owned(),
            token: token.to_owned(),
            rules: Rules::default(),
            spool: None,
            spool_limit: 256 * 1024 * 1024,
            memory: 4 * LEAST_MEMORY,
            linger: Duration::from_millis(100),
            timeout: Duration::from_secs(5),
        }
    }

    /// Who a request is from, as far as it says before it is handled: from a session that an outer layer found, or a
    /// header that a gateway sets. What a handler knows better it says with [`Audit::actor`](crate::Audit::actor).
    pub fn actor(mut self, of: impl Fn(&Parts) -> Option<Actor> + Send + Sync + 'static) -> Self {
        self.rules.actor = Some(Box::new(of));
        self
    }

    /// What a request is called, in place of its method and route: `GET /users/{id}`.
    pub fn action(mut self, of: impl Fn(&Parts) -> Option<String> + Send + Sync + 'static) -> Self {
        self.rules.action = Some(Box::new(of));
        self
    }

    /// Requests that are no event, such as health checks. What their handlers record is one all the same.
    pub fn skip(mut self, whether: impl Fn(&Parts) -> bool + Send + Sync + 'static) -> Self {
        self.rules.skip = Some(Box::new(whether));
        self
    }

    /// The networks of one's own proxies, whose `X-Forwarded-For` is believed. Nobody else's is.
    pub fn trusted_proxies(mut self, networks: impl IntoIterator<Item = IpNet>) -> Self {
        self.rules.proxies.trusted = networks.into_iter().collect();
        self
    }

    /// Believes their `Forwarded` (RFC 7239), and not `X-Forwarded-For`. Never both: a proxy lets the one that it does
    /// not write through as the client sent it.
    pub fn forwarded(mut self) -> Self {
        self.rules.proxies = Proxies { standard: true, ..self.rules.proxies };
        self
    }

    /// Keeps events in this folder while the server is away, synced to the disk, and sends them in order once it is
    /// back. One process owns it.
    pub fn spool(mut self, folder: impl Into<PathBuf>) -> Self {
        self.spool = Some(folder.into());
        self
    }

    /// How many bytes the spool may hold; 256 MiB otherwise.
    pub fn spool_limit(mut self, bytes: u64) -> Self {
        self.spool_limit = bytes;
        self
    }

    /// Answers a request only when its events are committed by the server or synced to the spool, and with 503 where
    /// they can be neither. See [the crate's documentation](crate#when-recording-is-required).
    pub fn required(mut self) -> Self {
        self.rules.required = true;
        self
    }

    /// How many bytes of events may wait in memory; 16 MiB otherwise, and 4 MiB at the least.
    pub fn memory(mut self, bytes: usize) -> Self {
        self.memory = bytes.max(LEAST_MEMORY);
        self
    }

    /// How long a batch is waited for to fill; 100 ms otherwise. It is sent earlier with 1,000 events, with 1 MiB, and
    /// where somebody waits for it.
    pub fn linger(mut self, time: Duration) -> Self {
        self.linger = time;
        self
    }

    /// How long the server may take to answer; 5 s otherwise.
    pub fn timeout(mut self, time: Duration) -> Self {
        self.timeout = time;
        self
    }

    /// The layer, and the handle by which its sending is watched and ended.
    ///
    /// # Errors
    /// Where URL, token or spool cannot be used. Whether the server is there is not asked.
    pub fn build(self) -> Result<(AuditLayer, Recorder), BuildError> {
        let server = Server::new(&self.url, &self.token, self.timeout)?;
        let spool = self.spool.map(|folder| match Spool::open(&folder, self.spool_limit) {
            Ok(spool) => Ok(spool),
            Err(error) => Err(BuildError::Spool(folder, error)),
        });
        let spool = spool.transpose()?;
        let required = self.rules.required;
        let gate = if required && spool.is_none() { Gate::Untried } else { Gate::Open };
        let (queue, outlet) = queue(self.memory, required || spool.is_some(), gate);
        outlet.tally.backlog.set(spool.as_ref().map_or(0, Spool::bytes));
        let ids = Ids::new().map_err(|error| BuildError::Sender(error.into()))?;
        // Neither a disk that syncs nor TLS takes time of the service's own threads.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(BuildError::Sender)?;
        let linger = self.linger;
        let send = move || runtime.block_on(Sender::new(outlet, server, spool, linger).run());
        let thread =
            thread::Builder::new().name("flightbox-layer".to_owned()).spawn(send).map_err(BuildError::Sender)?;
        let recorder = Recorder::new(queue, ids, thread);
        Ok((AuditLayer::new(Arc::new(self.rules), recorder.clone()), recorder))
    }
}
