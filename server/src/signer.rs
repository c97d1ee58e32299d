//! The log's own key, and the checkpoints that it signs: each only where the log is the one that the last was of, grown.
//!
//! What was signed last is kept beside the database, in `checkpoint`. An old database that is put back, or one that was
//! rewritten, does not lead to it, and is not signed.

mod error;
mod keys;

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{PoisonError, RwLock},
};

use chrono::{DateTime, Utc};
use flightbox_domain::{
    random::Random,
    tree::{Checkpoint, Origin, PublicKey, SecretKey, verify_consistency},
};
use flightbox_store::{Store, StoreError};
use tokio::sync::{Mutex, watch};

use crate::{
    App,
    fault::Fault,
    journal::{Action, By, Entry},
};
pub use error::{SignerError, Unsigned};
pub use keys::{PublicKeys, Retired};

/// The file that holds the last checkpoint.
const LAST: &str = "checkpoint";

/// A checkpoint as it was signed.
#[derive(Clone, Debug)]
pub struct Signed {
    /// What it says.
    pub checkpoint: Checkpoint,
    /// The signed note.
    pub note: String,
    /// Whether a later one was refused because the log had been altered.
    pub refused: bool,
}

/// Signs for one log.
pub struct Signer {
    folder: PathBuf,
    keys: RwLock<PublicKeys>,
    last: watch::Sender<Signed>,
    /// Held by whoever signs.
    signing: Mutex<SecretKey>,
}

impl Signer {
    /// Reads the key of a folder's log, or makes it, and the last checkpoint, or signs the first.
    pub async fn open(
        folder: &Path,
        origin: Option<&str>,
        store: &Store,
        random: &Random,
        now: DateTime<Utc>,
    ) -> Result<Self, SignerError> {
        let origin = origin.map(Origin::parse).transpose().map_err(SignerError::Origin)?;
        let path = folder.join(LAST);
        let (key, keys) = keys::open(folder, origin.as_ref(), path.exists(), random)?;
        if origin.is_some_and(|origin| origin != *keys.current.origin()) {
            return Err(SignerError::OtherOrigin(keys.current.origin().clone()));
        }
        let last = if path.exists() {
            let note = read_checkpoint(folder)?;
            let checkpoint = keys.open(note.as_bytes());
            let checkpoint = checkpoint.map_err(|error| SignerError::Last { path: path.clone(), error })?;
            Signed { checkpoint, note, refused: false }
        } else {
            make(&path, &key, store, None, now).await?
        };
        let (keys, last) = (RwLock::new(keys), watch::Sender::new(last));
        Ok(Self { folder: folder.to_owned(), keys, last, signing: Mutex::new(key) })
    }

    /// What checks what it signs.
    pub fn public(&self) -> PublicKey {
        self.keys().current
    }

    /// The public keys: the one that signs, and those that did.
    pub fn keys(&self) -> PublicKeys {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The last checkpoint.
    pub fn last(&self) -> Signed {
        self.last.borrow().clone()
    }

    /// Signs the log as it is now, which is on disk before anybody is shown it. Nothing is signed that the last
    /// checkpoint does not lead to.
    pub async fn sign(&self, store: &Store, now: DateTime<Utc>) -> Result<(), Unsigned> {
        let key = self.signing.lock().await;
        self.sign_with(&key, store, now).await
    }

    async fn sign_with(&self, key: &SecretKey, store: &Store, now: DateTime<Utc>) -> Result<(), Unsigned> {
        let last = self.last().checkpoint;
        match make(&self.folder.join(LAST), key, store, Some(&last), now).await {
            Ok(signed) => {
                self.last.send_replace(signed);
                Ok(())
            }
            Err(error) => {
                let altered =
                    matches!(error, Unsigned::Inconsistent { .. } | Unsigned::Store(StoreError::Corrupt { .. }));
                self.last.send_modify(|last| last.refused |= altered);
                Err(error)
            }
        }
    }

    /// Has another key sign from now on. The one before signs for the log as it is, for the last time, and is then kept
    /// as a public key alone.
    ///
    /// # Errors
    /// Nothing has changed where the log cannot be signed as it is.
    pub async fn rotate(&self, store: &Store, random: &Random, now: DateTime<Utc>) -> Result<PublicKey, Unsigned> {
        let mut key = self.signing.lock().await;
        self.sign_with(&key, store, now).await?;
        let size = self.last().checkpoint.size;
        let (next, keys) = keys::replace(&self.folder, self.keys(), size, random)?;
        let public = keys.current.clone();
        *key = next;
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = keys;
        // It is the log's key all the same, and signs when it is next looked whether something is due.
        if let Err(error) = self.sign_with(&key, store, now).await {
            tracing::warn!(%error, "the new key has signed nothing yet");
        }
        Ok(public)
    }
}

/// Has another key sign checkpoints from now on, which is recorded first.
pub async fn rotate(app: &App, by: By) -> Result<PublicKey, Fault> {
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
    keys::write(path, &note).map_err(|error| Unsigned::Io { path: path.to_owned(), error })?;
    Ok(Signed { checkpoint, note, refused: false })
}
