//! The data folder: one process owns it, and the master key in it is nobody else's to read.

use std::{
    collections::BTreeSet,
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    io::{self, Read, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use flightbox_domain::{
    keys::{Keys, MasterKey},
    random::Random,
    record::{hex, unhex},
};
use flightbox_store::Store;

/// A data folder that this process owns, until it is dropped.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    _lock: File,
}

/// Why a data folder cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// Another process owns it.
    #[error("{0} is in use by another Flightbox; stop it, or leave it to that one")]
    InUse(PathBuf),
    /// The log is there and its key is not.
    #[error("{0} is missing, but there is a log that was made with it; put it back from your backup")]
    KeyMissing(PathBuf),
    /// The key is no key.
    #[error("{0} holds no master key: expected 64 hexadecimal digits")]
    KeyUnreadable(PathBuf),
    /// The key is one that somebody wrote down as an example.
    #[error("{0} holds an example and no secret; remove it where there is no log yet, and a key is made")]
    KeyGuessable(PathBuf),
    /// Others could read the key.
    #[error("{0} can be read by others; make it yours alone: chmod 600 {0}")]
    KeyExposed(PathBuf),
    /// The file system refused.
    #[error("{path}: {error}")]
    Io {
        /// What was touched.
        path: PathBuf,
        /// What went wrong.
        error: io::Error,
    },
}

impl Folder {
    /// Takes a folder for this process, and makes it where there is none.
    pub fn take(path: &Path) -> Result<Self, FolderError> {
        let failed = |error| FolderError::Io { path: path.to_owned(), error };
        DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(failed)?;
        let lock = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(path.join("lock"));
        let lock = lock.map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(FolderError::InUse(path.to_owned())),
            Err(TryLockError::Error(error)) => Err(failed(error)),
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its keys; a folder without a log gets a master key of its own, readable by its owner alone.
    pub fn keys(&self, random: &Random) -> Result<Keys, FolderError> {
        let path = self.path.join("master.key");
        let failed = |error| FolderError::Io { path: path.clone(), error };
        if !path.exists() {
            if Store::exists(&self.path) {
                return Err(FolderError::KeyMissing(path));
            }
            write_new(&path, &hex(&random.bytes::<32>())).map_err(failed)?;
            File::open(&self.path).and_then(|folder| folder.sync_all()).map_err(failed)?;
        }
        let mut text = String::new();
        let mut file = File::open(&path).map_err(failed)?;
        if file.metadata().map_err(failed)?.permissions().mode() & 0o077 != 0 {
            return Err(FolderError::KeyExposed(path));
        }
        file.read_to_string(&mut text).map_err(failed)?;
        let key: Option<MasterKey> = unhex(text.trim()).and_then(|bytes| bytes.try_into().ok());
        match key {
            Some(key) if is_example(&key) => Err(FolderError::KeyGuessable(path)),
            Some(key) => Ok(Keys::derive(&key)),
            None => Err(FolderError::KeyUnreadable(path)),
        }
    }
}

/// Whether a key was typed rather than drawn: it repeats itself, or counts. Of keys that are drawn not one in a thousand
/// billion looks like that.
fn is_example(key: &MasterKey) -> bool {
    let different: BTreeSet<u8> = key.iter().copied().collect();
    let steps: BTreeSet<u8> = key.windows(2).map(|pair| pair[1].wrapping_sub(pair[0])).collect();
    different.len() <= 16 || steps.len() <= 2
}

/// Writes a secret so that it is whole and synced, or not there.
fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let unfinished = path.with_extension("new");
    let _ = fs::remove_file(&unfinished);
    let mut file = OpenOptions::new().create_new(true).write(true).mode(0o600).open(&unfinished)?;
    writeln!(file, "{text}")?;
    file.sync_all()?;
    fs::rename(&unfinished, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn random() -> Random {
        Random::new(|bytes| bytes.fill(7))
    }

    #[test]
    fn one_process_owns_a_folder() {
        let temp = tempfile::tempdir().unwrap();
        let folder = Folder::take(temp.path()).unwrap();
        assert!(matches!(Folder::take(temp.path()), Err(FolderError::InUse(_))));
        drop(folder);
        assert!(Folder::take(temp.path()).is_ok());
    }

    #[test]
    fn the_master_key_is_made_once_and_for_its_owner_alone() {
        let temp = tempfile::tempdir().unwrap();
        let folder = Folder::take(&temp.path().join("data")).unwrap();
        let check = folder.keys(&random()).unwrap().check();
        assert_eq!(folder.keys(&Random::new(|bytes| bytes.fill(8))).unwrap().check(), check);
        let key = folder.path().join("master.key");
        assert_eq!(fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
        fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(folder.keys(&random()), Err(FolderError::KeyExposed(_))));
    }

    #[test]
    fn a_log_without_its_key_is_not_given_another() {
        let temp = tempfile::tempdir().unwrap();
        let folder = Folder::take(temp.path()).unwrap();
        fs::write(temp.path().join("flightbox.db"), "x").unwrap();
        assert!(matches!(folder.keys(&random()), Err(FolderError::KeyMissing(_))));
    }
}
