//! The log's own key, and the checkpoints that it signs: each only where the log is the one that the last was of, grown.
//!
//! What was signed last is kept beside the database, in `checkpoint`. An old database that is put back, or one that was
//! rewritten, does not lead to it, and is not signed.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use chrono::{DateTime, Utc};
use flightbox_domain::{
    random::Random,
    record::hex,
    tree::{Checkpoint, CheckpointError, KeyError, Origin, ProofError, PublicKey, SecretKey, verify_consistency},
};
use flightbox_store::{Store, StoreError};
use tokio::sync::{Mutex, watch};

/// The file that holds the secret key, and with it the log's origin.
const KEY: &str = "log.key";
/// The file that holds the last checkpoint.
const LAST: &str = "checkpoint";

/// Why the log cannot be signed for at all.
#[derive(Debug, thiserror::Error)]
pub enum SignerError {
    /// The file system refused.
    #[error("{path}: {error}")]
    Io {
        /// What was touched.
        path: PathBuf,
        /// What went wrong.
        error: io::Error,
    },
    /// Others could read the key.
    #[error("{0} can be read by others; make it yours alone (chmod 600), and consider it known")]
    Exposed(PathBuf),
    /// It was altered.
    #[error("{path} holds no key: {error}")]
    Key {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        error: KeyError,
    },
    /// There are checkpoints, and nothing to go on with.
    #[error("{0} is missing, but checkpoints were signed with it; put it back")]
    Missing(PathBuf),
    /// A log's origin is fixed.
    #[error("this log's origin is {0}, which cannot be changed; leave FLIGHTBOX_ORIGIN out, or set it to that")]
    OtherOrigin(Origin),
    /// The origin that is asked for cannot be one.
    #[error("FLIGHTBOX_ORIGIN cannot be used: {0}")]
    Origin(KeyError),
    /// The last checkpoint is not this log's.
    #[error("{path} was not signed with this log's key: {error}")]
    Last {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        error: CheckpointError,
    },
    /// The first checkpoint was not signed.
    #[error("the log's first checkpoint was not signed: {0}")]
    First(#[from] Unsigned),
}

/// Why a checkpoint was not signed.
#[derive(Debug, thiserror::Error)]
pub enum Unsigned {
    /// The log is not the one that the last checkpoint was of.
    #[error("the log is not what the checkpoint of {size} events says that it was: {error}")]
    Inconsistent {
        /// The size of the last checkpoint.
        size: u64,
        /// What does not hold.
        error: ProofError,
    },
    /// The tree was not read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It was not written down, so nobody was shown it.
    #[error("{path}: {error}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What went wrong.
        error: io::Error,
    },
    /// It cannot be written as a note.
    #[error(transparent)]
    Note(#[from] CheckpointError),
}

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
    path: PathBuf,
    key: SecretKey,
    last: watch::Sender<Signed>,
    signing: Mutex<()>,
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
        let (path, key_path) = (folder.join(LAST), folder.join(KEY));
        let origin = origin.map(Origin::parse).transpose().map_err(SignerError::Origin)?;
        let key = match (key_path.exists(), path.exists()) {
            (true, _) => read_key(&key_path)?,
            (false, true) => return Err(SignerError::Missing(key_path)),
            (false, false) => make_key(&key_path, origin.clone(), random)?,
        };
        let public = key.public();
        if origin.is_some_and(|origin| origin != *public.origin()) {
            return Err(SignerError::OtherOrigin(public.origin().clone()));
        }
        let last = if path.exists() {
            let note = fs::read_to_string(&path).map_err(|error| SignerError::Io { path: path.clone(), error })?;
            let checkpoint = Checkpoint::open(note.as_bytes(), &public);
            let checkpoint = checkpoint.map_err(|error| SignerError::Last { path: path.clone(), error })?;
            Signed { checkpoint, note, refused: false }
        } else {
            make(&path, &key, store, None, now).await?
        };
        Ok(Self { path, key, last: watch::Sender::new(last), signing: Mutex::new(()) })
    }

    /// What checks what it signs.
    pub fn public(&self) -> PublicKey {
        self.key.public()
    }

    /// The last checkpoint.
    pub fn last(&self) -> Signed {
        self.last.borrow().clone()
    }

    /// Signs the log as it is now, which is on disk before anybody is shown it. Nothing is signed that the last
    /// checkpoint does not lead to.
    pub async fn sign(&self, store: &Store, now: DateTime<Utc>) -> Result<(), Unsigned> {
        let _one = self.signing.lock().await;
        let last = self.last().checkpoint;
        let made = make(&self.path, &self.key, store, Some(&last), now).await;
        match made {
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
    write(path, &note).map_err(|error| Unsigned::Io { path: path.to_owned(), error })?;
    Ok(Signed { checkpoint, note, refused: false })
}

fn read_key(path: &Path) -> Result<SecretKey, SignerError> {
    let failed = |error| SignerError::Io { path: path.to_owned(), error };
    if fs::metadata(path).map_err(failed)?.permissions().mode() & 0o077 != 0 {
        return Err(SignerError::Exposed(path.to_owned()));
    }
    let text = fs::read_to_string(path).map_err(failed)?;
    SecretKey::parse(text.trim()).map_err(|error| SignerError::Key { path: path.to_owned(), error })
}

/// Makes a key; a log that nobody named gets a name that no other has.
fn make_key(path: &Path, origin: Option<Origin>, random: &Random) -> Result<SecretKey, SignerError> {
    let drawn = || Origin::parse(&format!("flightbox-{}", hex(&random.bytes::<8>()))).map_err(SignerError::Origin);
    let key = SecretKey::generate(origin.map_or_else(drawn, Ok)?, random);
    write(path, &format!("{}\n", key.to_text())).map_err(|error| SignerError::Io { path: path.to_owned(), error })?;
    Ok(key)
}

/// Writes a file so that it is the old one or the new one, whole and synced. Nobody else may read it.
fn write(path: &Path, text: &str) -> io::Result<()> {
    let unfinished = path.with_extension("unfinished");
    let _ = fs::remove_file(&unfinished);
    let mut file = OpenOptions::new().create_new(true).write(true).mode(0o600).open(&unfinished)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&unfinished, path)?;
    path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}
