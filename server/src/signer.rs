//! The log's own key, and the checkpoints that it signs: each only where the log is the one that the last was of, grown.
//!
//! What was signed last is kept beside the database, in `checkpoint`. An old database that is put back, or one that was
//! rewritten, does not lead to it, and is not signed. Where that file is missing, or says less, the newest anchor counts.

mod error;
mod keys;

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
};

use chrono::{DateTime, Utc};
use flightbox_domain::{
    random::Random,
    tree::{Checkpoint, CheckpointError, Origin, SecretKey, verify_consistency},
};
use flightbox_store::{Beside, Store};
use tokio::{sync::Mutex, task::spawn_blocking};

use crate::{
    App, anchors,
    fault::Fault,
    file,
    journal::{Action, By, Entry},
};
pub use error::{SignerError, Unsigned};
pub use keys::{KEY, PublicKeys, Retired};

/// The file that holds the last checkpoint.
const LAST: &str = "checkpoint";
/// The files of the data folder that checkpoints are made with, and kept in.
pub const FILES: [&str; 4] = [KEY, keys::RETIRED, LAST, anchors::FILE];

/// A checkpoint as it was signed.
#[derive(Clone, Debug)]
pub struct Signed {
    /// What it says.
    pub checkpoint: Checkpoint,
    /// The signed note.
    pub note: String,
    /// Why a later one was refused, if one was because the log had been altered.
    pub refused: Option<String>,
}

impl Signed {
    /// Reads a note that one of the log's keys signed.
    pub fn open(note: String, keys: &PublicKeys) -> Result<Self, CheckpointError> {
        let checkpoint = keys.open(note.as_bytes())?;
        Ok(Self { checkpoint, note, refused: None })
    }
}

/// Signs for one log.
pub struct Signer {
    folder: PathBuf,
    keys: RwLock<PublicKeys>,
    last: RwLock<Signed>,
    /// Held by whoever signs.
    signing: Mutex<SecretKey>,
}

impl Signer {
    /// Reads the key of a folder's log, or makes it, and the last checkpoint, or signs the first. Where an anchor says more
    /// than the checkpoint that is there, the log has to lead on from that.
    pub async fn open(
        folder: &Path,
        origin: Option<&str>,
        anchors: &[String],
        store: &Store,
        random: &Random,
        now: DateTime<Utc>,
    ) -> Result<Self, SignerError> {
        let origin = origin.map(Origin::parse).transpose().map_err(SignerError::Origin)?;
        let path = folder.join(LAST);
        let is_signed = path.exists() || !anchors.is_empty();
        let (key, keys) = keys::open(folder, origin.as_ref(), is_signed, random)?;
        if origin.is_some_and(|origin| origin != *keys.current.origin()) {
            return Err(SignerError::OtherOrigin(keys.current.origin().clone()));
        }
        let kept = match path.exists() {
            false => None,
            true => {
                let kept = Signed::open(read_checkpoint(folder)?, &keys);
                Some(kept.map_err(|error| SignerError::Last { path: path.clone(), error })?)
            }
        };
        let last = match (kept, anchored(anchors, &keys)?) {
            (Some(kept), Some(anchor)) if says_more(&kept.checkpoint, &anchor.checkpoint) => kept,
            (_, Some(anchor)) => go_on(&path, &key, store, anchor, now).await?,
            (Some(kept), None) => kept,
            (None, None) => make(&path, &key, store, None, now).await?,
        };
        let (keys, last) = (RwLock::new(keys), RwLock::new(last));
        Ok(Self { folder: folder.to_owned(), keys, last, signing: Mutex::new(key) })
    }

    /// The public keys: the one that signs, and those that did.
    pub fn keys(&self) -> PublicKeys {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The last checkpoint.
    pub fn last(&self) -> Signed {
        self.last.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Signs the log as it is now, which is on disk before anybody is shown it. Nothing is signed that the last
    /// checkpoint does not lead to. It goes on to its end though nobody waits for it any more: two at once would write one
    /// file.
    pub async fn sign(self: &Arc<Self>, store: &Store, now: DateTime<Utc>) -> Result<(), Unsigned> {
        let (this, store) = (self.clone(), store.clone());
        let signing = tokio::spawn(async move {
            let key = this.signing.lock().await;
            this.sign_with(&key, &store, now).await
        });
        signing.await.unwrap_or_else(|error| Err(self.failed(io::Error::other(error))))
    }

    async fn sign_with(&self, key: &SecretKey, store: &Store, now: DateTime<Utc>) -> Result<(), Unsigned> {
        let before = self.last().checkpoint;
        let made = make(&self.folder.join(LAST), key, store, Some(&before), now).await;
        let mut last = self.last.write().unwrap_or_else(PoisonError::into_inner);
        match made {
            Ok(signed) => {
                *last = signed;
                Ok(())
            }
            Err(error) => {
                if error.is_altered() {
                    last.refused = Some(error.to_string());
                }
                Err(error)
            }
        }
    }

    /// The log's [`FILES`] as they are at one moment, those that there are.
    pub async fn files(&self) -> io::Result<Beside> {
        let _nobody_signs = self.signing.lock().await;
        let mut files = Vec::new();
        for name in FILES {
            match tokio::fs::read(self.folder.join(name)).await {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                read => files.push((name.to_owned(), read?)),
            }
        }
        Ok(files)
    }

    /// Has another key sign from now on. The one before signs for the log as it is, for the last time, and is then kept
    /// as a public key alone.
    ///
    /// # Errors
    /// Nothing has changed where the log cannot be signed as it is, or the key not be put in its place.
    pub async fn rotate(&self, store: &Store, random: &Random, now: DateTime<Utc>) -> Result<(), Unsigned> {
        let mut key = self.signing.lock().await;
        self.sign_with(&key, store, now).await?;
        let (folder, keys, random) = (self.folder.clone(), self.keys(), random.clone());
        let size = self.last().checkpoint.size;
        let replaced = spawn_blocking(move || keys::replace(&folder, &keys, size, &random)).await;
        let (next, keys) = replaced.unwrap_or_else(|error| Err(self.failed(io::Error::other(error))))?;
        *key = next;
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = keys;
        // It is the log's key all the same, and signs when it is next looked whether something is due.
        if let Err(error) = self.sign_with(&key, store, now).await {
            tracing::warn!(%error, "the new key has signed nothing yet");
        }
        Ok(())
    }

    fn failed(&self, error: io::Error) -> Unsigned {
        Unsigned::Io { path: self.folder.clone(), error }
    }
}

/// Has another key sign checkpoints from now on, which is recorded first.
pub async fn rotate(app: &App, by: By) -> Result<(), Fault> {
    let broken = |error: Unsigned| Fault::Broken(error.to_string());
    Entry::new(Action::LogKey, by)
        .then(app, async { app.signer.rotate(&app.store, &app.random, app.clock.now()).await.map_err(broken) })
        .await
}

/// The last checkpoint of a folder, as it was signed.
///
/// # Errors
/// Where there is none, too.
pub fn read_checkpoint(folder: &Path) -> Result<String, SignerError> {
    let path = folder.join(LAST);
    fs::read_to_string(&path).map_err(|error| SignerError::Io { path, error })
}

/// The largest of these anchors that the log's keys signed: an old one may have been added behind it. One that was cut off
/// is none.
///
/// # Errors
/// Where all of them are another log's.
fn anchored(notes: &[String], keys: &PublicKeys) -> Result<Option<Signed>, SignerError> {
    let is_foreign =
        |error: &CheckpointError| matches!(error, CheckpointError::Origin { .. } | CheckpointError::Unsigned(_));
    let opened: Vec<_> = notes.iter().map(|note| Signed::open(note.clone(), keys)).collect();
    let foreign = opened.iter().any(|opened| opened.as_ref().is_err_and(is_foreign));
    match opened.into_iter().flatten().max_by_key(|signed| signed.checkpoint.size) {
        None if foreign => Err(SignerError::OtherAnchors),
        largest => Ok(largest),
    }
}

/// Whether what is signed covers what is anchored, as far as they say themselves.
fn says_more(signed: &Checkpoint, anchor: &Checkpoint) -> bool {
    signed.size > anchor.size || (signed.size, signed.root) == (anchor.size, anchor.root)
}

/// Signs on from an anchor; where the log does not lead on from it, that is what stands, and nothing is signed.
async fn go_on(
    path: &Path,
    key: &SecretKey,
    store: &Store,
    anchor: Signed,
    now: DateTime<Utc>,
) -> Result<Signed, Unsigned> {
    match make(path, key, store, Some(&anchor.checkpoint), now).await {
        Err(error) if error.is_altered() => Ok(Signed { refused: Some(error.to_string()), ..anchor }),
        made => made,
    }
}

async fn make(
    path: &Path,
    key: &SecretKey,
    store: &Store,
    last: Option<&Checkpoint>,
    now: DateTime<Utc>,
) -> Result<Signed, Unsigned> {
    let size = store.events().cast_unsigned();
    let root = store.root(size).await?;
    if let Some(last) = last {
        // Nothing has to be shown of what is the same, or came after nothing.
        let proof = match last.size != size {
            true => store.consistency(last.size, size).await?.unwrap_or_default(),
            false => Vec::new(),
        };
        let consistent = verify_consistency(last.size, last.root, size, root, &proof);
        consistent.map_err(|error| Unsigned::Inconsistent { size: last.size, error })?;
    }
    let checkpoint = Checkpoint { origin: key.public().origin().clone(), size, root, signed_at: now };
    let note = checkpoint.sign(&[key])?;
    let (to, text) = (path.to_owned(), note.clone());
    let written = spawn_blocking(move || file::replace(&to, &text)).await;
    let written = written.unwrap_or_else(|error| Err(io::Error::other(error)));
    written.map_err(|error| Unsigned::Io { path: path.to_owned(), error })?;
    Ok(Signed { checkpoint, note, refused: None })
}
