#![doc = include_str!("../README.md")]

pub mod anchors;
pub mod api;
pub mod aside;
pub mod assets;
pub mod auth;
pub mod backup;
pub mod commands;
pub mod config;
pub mod control;
pub mod disk;
pub mod drafts;
pub mod export;
pub mod fault;
pub mod file;
pub mod folder;
pub mod headers;
pub mod import;
pub mod ingest;
pub mod integrity;
pub mod jobs;
pub mod journal;
pub mod live;
pub mod log;
pub mod look;
pub mod master;
pub mod nats;
pub mod pages;
pub mod quarantine;
pub mod router;
pub mod serve;
pub mod signer;

use std::{io, path::Path, sync::Arc};

use axum::extract::FromRef;
use chrono::Utc;
use flightbox_domain::{clock::Clock, random::Random};
use flightbox_store::Store;
use leptos::config::LeptosOptions;
use tokio::sync::Mutex;

use crate::{
    anchors::Anchors,
    aside::Aside,
    auth::{Gate, ring::KeyRing},
    config::Config,
    disk::Disk,
    drafts::Drafts,
    import::Imports,
    ingest::Intake,
    integrity::Integrity,
    jobs::silence::Silences,
    live::Places,
    nats::Queue,
    signer::Signer,
};

/// What every request, command and background job works with. Cloning it is cheap.
#[derive(Clone)]
pub struct App {
    /// The log.
    pub store: Store,
    /// The time.
    pub clock: Clock,
    /// Randomness.
    pub random: Random,
    /// How the server is set up.
    pub config: Arc<Config>,
    /// The disk that the log lies on.
    pub disk: Disk,
    /// How much is taken in at once.
    pub intake: Intake,
    /// Files that people import in their browsers.
    pub imports: Arc<Imports>,
    /// What slows guessers down.
    pub gate: Arc<Gate>,
    /// The keys that sign session tokens.
    pub key_ring: Arc<KeyRing>,
    /// What signs checkpoints.
    pub signer: Arc<Signer>,
    /// Where checkpoints are anchored.
    pub anchors: Arc<Anchors>,
    /// What is known of the log's integrity.
    pub integrity: Arc<Integrity>,
    /// What people are about to confirm.
    pub drafts: Arc<Drafts>,
    /// Held by whoever replays or discards what was refused.
    pub mending: Arc<Mutex<()>>,
    /// Which sources are silent.
    pub silences: Arc<Silences>,
    /// What is known of the queue that events come from, where there is one.
    pub queue: Arc<Queue>,
    /// Held by whoever changes the master key.
    pub rotation: Arc<Mutex<()>>,
    /// Who looks on.
    pub live: Arc<Places>,
    /// The threads of whatever does not record.
    pub aside: Aside,
    /// What the page renderer wants to know.
    pub leptos: LeptosOptions,
}

impl App {
    /// An application over an open store in a folder.
    ///
    /// # Errors
    /// Where the system gives it no threads.
    pub fn new(
        folder: &Path,
        store: Store,
        (signer, anchors): (Signer, Anchors),
        clock: Clock,
        random: Random,
        config: Config,
    ) -> io::Result<Self> {
        let leptos = LeptosOptions::builder()
            .output_name(assets::output_name().unwrap_or("flightbox"))
            .site_addr(config.listen)
            .site_pkg_dir("pkg")
            .build();
        let disk = Disk::under(folder.to_owned(), config.low_water);
        let (intake, imports, gate, key_ring, drafts, mending, silences, rotation, live) = Default::default();
        let queue = Arc::new(Queue::of(&config.nats));
        let (config, signer, anchors) = (Arc::new(config), Arc::new(signer), Arc::new(anchors));
        let (integrity, aside) = (Arc::new(Integrity::of(folder)), Aside::start()?);
        Ok(Self {
            store,
            clock,
            random,
            config,
            disk,
            intake,
            imports,
            gate,
            key_ring,
            signer,
            anchors,
            integrity,
            drafts,
            mending,
            silences,
            queue,
            rotation,
            live,
            aside,
            leptos,
        })
    }
}

impl FromRef<App> for LeptosOptions {
    fn from_ref(app: &App) -> Self {
        app.leptos.clone()
    }
}

/// The system's own clock: the one place that asks it.
#[expect(clippy::disallowed_methods, reason = "everything else is handed a Clock")]
pub fn system_clock() -> Clock {
    Clock::new(Utc::now)
}

/// The system's own randomness.
///
/// # Panics
/// Where the operating system has none to give: nothing here could be kept safe without it.
pub fn system_random() -> Random {
    Random::new(|bytes| getrandom::fill(bytes).unwrap_or_else(|error| panic!("no randomness: {error}")))
}
