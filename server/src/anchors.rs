//! Anchors: now and then a checkpoint is put where it is never rewritten, and perhaps where this machine cannot reach it.
//! What an anchor covers cannot be altered unseen any more, not even by whoever has the log's key.

pub mod address;
pub mod file;
pub mod webhook;

use std::{
    collections::BTreeSet,
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use chrono::{DateTime, Utc};
use clap::Args;
use flightbox_app::integrity::{Delivery, Kept};
use flightbox_domain::{clock::Clock, tree::Checkpoint};
use tokio::sync::Notify;

use crate::signer::{PublicKeys, Signed};
use file::{Notes, append};
use webhook::{Target, Undelivered, Webhook};

/// The file, where nobody says where it is.
pub(crate) const FILE: &str = "anchors";
/// How long after a delivery that failed the next is tried: at first, and at most.
const RETRY: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(300));

/// Where checkpoints are anchored, and how often.
#[derive(Args, Clone, Debug)]
pub struct AnchorConfig {
    /// Seconds between two anchors while events come
    #[arg(long, env = "FLIGHTBOX_ANCHOR_EVERY", default_value_t = EVERY)]
    pub anchor_every: u32,
    /// A URL that each anchor is sent to, as well, by POST
    #[arg(long, env = "FLIGHTBOX_ANCHOR_URL")]
    pub anchor_url: Option<Target>,
    /// Hosts that may be on this machine, this link or a metadata address for all that, separated by commas
    #[arg(long, env = "FLIGHTBOX_ANCHOR_ALLOW", value_delimiter = ',')]
    pub anchor_allow: Vec<String>,
    /// The file, if it is not in the data folder
    #[arg(skip)]
    pub file: AnchorFile,
}

/// Where the file of anchors is.
#[derive(Args, Clone, Debug, Default)]
pub struct AnchorFile {
    /// The file that anchors are added to, best on another disk; without one it is anchors in the data folder
    #[arg(long, env = "FLIGHTBOX_ANCHORS", value_name = "FILE")]
    pub anchors: Option<PathBuf>,
}

/// Ten minutes: so much may be rewritten unseen by whoever has the log's key, and no more.
const EVERY: u32 = 600;

impl Default for AnchorConfig {
    fn default() -> Self {
        Self { anchor_every: EVERY, anchor_url: None, anchor_allow: Vec::new(), file: AnchorFile::default() }
    }
}

impl AnchorFile {
    /// The file, for the log of a folder.
    pub fn path(&self, folder: &Path) -> PathBuf {
        self.anchors.clone().unwrap_or_else(|| folder.join(FILE))
    }
}

/// Those of these notes that the log's keys signed, by size.
pub fn believed(notes: &[String], keys: &PublicKeys) -> Vec<Checkpoint> {
    let mut opened: Vec<_> = notes.iter().filter_map(|note| keys.open(note.as_bytes()).ok()).collect();
    opened.sort_by_key(|checkpoint| checkpoint.size);
    opened
}

/// The anchors of a log.
pub struct Anchors {
    path: PathBuf,
    every: Duration,
    webhook: Option<Webhook>,
    state: Mutex<State>,
    /// Told when there is something to deliver.
    added: Notify,
}

struct State {
    newest: Option<Signed>,
    /// Whether one was added since the start.
    begun: bool,
    count: usize,
    torn: usize,
    failure: Option<String>,
    delivery: Option<Delivery>,
}

impl Anchors {
    /// Goes on with the file that these notes were read from.
    pub fn of(config: &AnchorConfig, folder: &Path, notes: &Notes, keys: &PublicKeys) -> Self {
        let path = config.file.path(folder);
        let opened = notes.notes.iter().filter_map(|note| Signed::open(note.clone(), keys).ok());
        let newest = opened.max_by_key(|signed| signed.checkpoint.size);
        if notes.torn > 0 {
            tracing::warn!(path = %path.display(), pieces = notes.torn, "something in the file of anchors is cut off");
        }
        let allowed: BTreeSet<String> = config.anchor_allow.iter().map(|host| host.trim().to_owned()).collect();
        let webhook = config.anchor_url.clone().map(|target| Webhook::new(target, &allowed));
        let delivery = webhook.as_ref().map(|webhook| Delivery {
            host: webhook.target().host().to_owned(),
            delivered: None,
            failure: None,
        });
        let state = State { newest, begun: false, count: notes.notes.len(), torn: notes.torn, failure: None, delivery };
        let (every, added) = (Duration::from_secs(config.anchor_every.into()), Notify::new());
        if state.newest.is_some() {
            // Nobody knows whether that of the last stop was delivered.
            added.notify_one();
        }
        Self { path, every, webhook, state: Mutex::new(state), added }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What is anchored.
    pub fn kept(&self) -> Kept {
        let State { newest, count, torn, failure, delivery, .. } = &*self.state();
        Kept {
            path: self.path.display().to_string(),
            count: *count,
            torn: *torn,
            newest: newest.as_ref().map(|newest| newest.checkpoint.clone()),
            failure: failure.clone(),
            delivery: delivery.clone(),
        }
    }

    /// The newest notes of the file that the log's keys signed and that say something, so many at most, the oldest first.
    pub async fn newest(self: &Arc<Self>, most: usize, keys: PublicKeys) -> io::Result<Vec<String>> {
        let this = self.clone();
        let read = move || {
            let says = |note: &String| keys.open(note.as_bytes()).is_ok_and(|checkpoint| checkpoint.size > 0);
            let mut notes: Vec<_> = Notes::read(&this.path)?.notes.into_iter().rev().filter(says).take(most).collect();
            notes.reverse();
            Ok(notes)
        };
        tokio::task::spawn_blocking(read).await.unwrap_or_else(|error| Err(io::Error::other(error)))
    }

    /// Anchors a checkpoint, if one is due by its time: the first after a start, and then one behind each interval.
    ///
    /// # Errors
    /// Where it could not be written, which is told on the page of integrity, too.
    pub async fn offer(self: &Arc<Self>, signed: &Signed) -> io::Result<()> {
        if signed.refused.is_some() || !self.state().is_due(signed, self.every) {
            return Ok(());
        }
        self.add(signed).await
    }

    /// Anchors a checkpoint, unless it is anchored already.
    pub async fn add(self: &Arc<Self>, signed: &Signed) -> io::Result<()> {
        if signed.refused.is_some() || self.state().newest.as_ref().is_some_and(|newest| newest.note == signed.note) {
            return Ok(());
        }
        let (this, signed) = (self.clone(), signed.clone());
        let added = tokio::task::spawn_blocking(move || this.write(signed)).await;
        added.unwrap_or_else(|error| Err(io::Error::other(error)))
    }

    fn write(&self, signed: Signed) -> io::Result<()> {
        let written = append(&self.path, &signed.note);
        let mut state = self.state();
        state.failure = written.as_ref().err().map(ToString::to_string);
        if written.is_ok() {
            state.newest = Some(signed);
            state.begun = true;
            state.count += 1;
            self.added.notify_one();
        }
        written
    }

    /// Delivers the newest anchor to the webhook whenever there is another, as long as the server runs. One that did not
    /// arrive is tried again, later each time, unless there is a newer one by then, which says more.
    pub async fn keep_delivering(&self, clock: &Clock) {
        let Some(webhook) = &self.webhook else { return };
        let mut wait = RETRY.0;
        let mut next = None;
        loop {
            let note = match next.take() {
                Some(note) => note,
                None => {
                    self.added.notified().await;
                    wait = RETRY.0;
                    let Some(newest) = self.state().newest.clone() else { continue };
                    newest
                }
            };
            let done = webhook.deliver(&note.note).await;
            let failed = done.is_err();
            self.tell(&note, done, clock.now());
            if failed {
                tokio::select! {
                    () = tokio::time::sleep(wait) => {}
                    () = self.added.notified() => {}
                }
                wait = (wait * 2).min(RETRY.1);
                next = self.state().newest.clone();
            }
        }
    }

    fn tell(&self, note: &Signed, done: Result<(), Undelivered>, now: DateTime<Utc>) {
        let mut state = self.state();
        let Some(delivery) = &mut state.delivery else { return };
        match done {
            Ok(()) => {
                delivery.delivered = Some((note.checkpoint.size, now));
                delivery.failure = None;
            }
            Err(error) => {
                if delivery.failure.is_none() {
                    tracing::warn!(%error, host = delivery.host, "an anchor was not delivered, and will be tried again");
                }
                delivery.failure = Some((error.to_string(), now));
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn is_due(&self, signed: &Signed, every: Duration) -> bool {
        let Some(newest) = &self.newest else { return true };
        // That nothing was there holds nobody to anything.
        if newest.checkpoint.size == 0 && signed.checkpoint.size > 0 {
            return true;
        }
        // A clock that was ahead once holds nothing up.
        let since = (signed.checkpoint.signed_at - newest.checkpoint.signed_at).abs();
        since > chrono::Duration::zero() && (!self.begun || since.to_std().is_ok_and(|since| since >= every))
    }
}
