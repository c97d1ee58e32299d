//! The files of the log's keys. `log.key` holds the secret one, and with it the log's origin; `log.retired` the public ones
//! before it, each behind the size up to which it signed.
//!
//! Another key takes the place of the first in three steps, each of which can be the last before the power fails:
//! `log.key.next` is written, the public key before is added to the retired ones, the file is renamed.

use std::{fs, io, os::unix::fs::PermissionsExt, path::Path};

use flightbox_domain::{
    random::Random,
    record::hex,
    tree::{Checkpoint, CheckpointError, Origin, PublicKey, SecretKey},
};

use super::{SignerError, Unsigned};
use crate::file;

/// The file that holds the key that signs.
pub const KEY: &str = "log.key";
const NEXT: &str = "log.key.next";
pub(super) const RETIRED: &str = "log.retired";

/// What checks the checkpoints of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKeys {
    /// The one that signs.
    pub current: PublicKey,
    /// Those that did, the oldest first.
    pub retired: Vec<Retired>,
}

/// A key that signs no more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retired {
    /// What checks what it signed.
    pub key: PublicKey,
    /// The size of the log when it last signed.
    pub size: u64,
}

impl PublicKeys {
    /// Reads those of a folder.
    pub fn read(folder: &Path) -> Result<Self, SignerError> {
        let current = read_key(&folder.join(KEY))?.public();
        Ok(Self { retired: read_retired(folder, &current)?, current })
    }

    /// The one that signed a note.
    pub fn of(&self, note: &str) -> Option<PublicKey> {
        let keys = [&self.current].into_iter().chain(self.retired.iter().rev().map(|retired| &retired.key));
        keys.into_iter().find(|key| Checkpoint::open(note.as_bytes(), key).is_ok()).cloned()
    }

    /// Reads a checkpoint, and believes it only where one of these signed it: a retired one for no more than the size up
    /// to which it did.
    pub fn open(&self, note: &[u8]) -> Result<Checkpoint, CheckpointError> {
        let retired = |Retired { key, size }: &Retired| {
            Checkpoint::open(note, key).ok().filter(|checkpoint| checkpoint.size <= *size)
        };
        Checkpoint::open(note, &self.current).or_else(|error| self.retired.iter().rev().find_map(retired).ok_or(error))
    }
}

/// Reads the key of a folder's log, or makes it where nothing was signed yet. A change of keys that was cut off is ended.
pub(super) fn open(
    folder: &Path,
    origin: Option<&Origin>,
    is_signed: bool,
    random: &Random,
) -> Result<(SecretKey, PublicKeys), SignerError> {
    let [path, next] = [KEY, NEXT].map(|name| folder.join(name));
    let key = match (path.exists(), is_signed) {
        (true, _) => read_key(&path)?,
        (false, true) => return Err(SignerError::Missing(path)),
        (false, false) => make_key(&path, origin.cloned(), random)?,
    };
    let retired = read_retired(folder, &key.public())?;
    if !next.exists() {
        return Ok((key.clone(), PublicKeys { current: key.public(), retired }));
    }
    let failed = |error| SignerError::Io { path: next.clone(), error };
    if !retired.iter().any(|retired| retired.key == key.public()) {
        // Nobody has seen the next one yet.
        fs::remove_file(&next).map_err(failed)?;
        return Ok((key.clone(), PublicKeys { current: key.public(), retired }));
    }
    let key = read_key(&next)?;
    take_over(folder).map_err(failed)?;
    Ok((key.clone(), PublicKeys { current: key.public(), retired }))
}

/// Puts a new key in the place of the one that signed up to that size.
///
/// # Errors
/// The one before goes on signing, and is not among the retired ones.
pub(super) fn replace(
    folder: &Path,
    keys: &PublicKeys,
    size: u64,
    random: &Random,
) -> Result<(SecretKey, PublicKeys), Unsigned> {
    let key = SecretKey::generate(keys.current.origin().clone(), random);
    let mut retired = keys.retired.clone();
    retired.push(Retired { key: keys.current.clone(), size });
    let [next, list] = [NEXT, RETIRED].map(|name| folder.join(name));
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |error| Unsigned::Io { path, error }
    };
    file::replace(&next, &format!("{}\n", key.to_text())).map_err(failed(&next))?;
    let placed = file::replace(&list, &lines(&retired)).map_err(failed(&list));
    let placed = placed.and_then(|()| take_over(folder).map_err(failed(&next)));
    if let Err(error) = placed {
        // Whatever is left of this names the next start a key that signs no more, so nothing may be.
        if let Err(error) = file::replace(&list, &lines(&keys.retired)).and_then(|()| fs::remove_file(&next)) {
            tracing::error!(%error, "half a change of the log's keys is left; restart before anything is signed");
        }
        return Err(error);
    }
    Ok((key.clone(), PublicKeys { current: key.public(), retired }))
}

fn take_over(folder: &Path) -> io::Result<()> {
    let path = folder.join(KEY);
    fs::rename(folder.join(NEXT), &path)?;
    // Should the power fail before it is on disk, it is done again at the next start.
    if let Err(error) = file::sync_folder(&path) {
        tracing::warn!(%error, "the log's new key is not known to be on disk");
    }
    Ok(())
}

fn lines(retired: &[Retired]) -> String {
    retired.iter().map(|Retired { key, size }| format!("{size} {key}\n")).collect()
}

fn read_retired(folder: &Path, current: &PublicKey) -> Result<Vec<Retired>, SignerError> {
    let path = folder.join(RETIRED);
    let text = match fs::read_to_string(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        read => read.map_err(|error| SignerError::Io { path: path.clone(), error })?,
    };
    let line = |line: &str| {
        let (size, key) = line.split_once(' ')?;
        let key = PublicKey::parse(key).ok().filter(|key| key.origin() == current.origin())?;
        Some(Retired { key, size: size.parse().ok()? })
    };
    text.lines().map(line).collect::<Option<_>>().ok_or(SignerError::Retired(path))
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
    let written = file::replace(path, &format!("{}\n", key.to_text()));
    written.map_err(|error| SignerError::Io { path: path.to_owned(), error })?;
    Ok(key)
}
