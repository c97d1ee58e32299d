//! Backups: a copy of the log in one file and, if it is asked for, of its keys in another, and both put back.
//!
//! They are two files because they live differently. A copy of the log is as good as new years later; of the keys the
//! newest copy alone is to be kept, for an older one still has what was erased since. With the keys go the files of the
//! data folder that belong to them: the key that signs, those that did, the last checkpoint, the anchors. The master key
//! is in neither.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use flightbox_event::Json;
use flightbox_store::{AppendError, Beside, OpenError, Store, StoreError};

use crate::{
    App,
    file::{self, Unfinished},
    folder::Folder,
    journal::{Action, By, Entry},
    master::{KeySource, MasterError},
    signer,
};

/// What a backup takes from the data folder, or puts there.
const LOG: &str = "flightbox.db";
const KEYS: &str = "keys.db";

/// Where the copies are, or are to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Files {
    /// That of the log.
    pub log: PathBuf,
    /// That of its keys, if it is wanted.
    pub keys: Option<PathBuf>,
}

/// Why no backup was made, or none was put back.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// Something would be overwritten.
    #[error("{0} is there already, and nothing is overwritten")]
    Exists(PathBuf),
    /// It belonged to a database that is gone.
    #[error("{0} is left of a log that is gone; move it away first, it would be read into this one")]
    Remains(PathBuf),
    /// The file system refused.
    #[error("{path}: {error}")]
    Io {
        /// What was touched.
        path: PathBuf,
        /// What went wrong.
        error: io::Error,
    },
    /// The log or its keys could not be copied.
    #[error("cannot copy to {path}: {error}")]
    Copy {
        /// The copy.
        path: PathBuf,
        /// What went wrong.
        error: StoreError,
    },
    /// The file is no copy of a log, or of keys.
    #[error("{path} cannot be restored: {error}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        error: OpenError,
    },
    /// What the log needs is neither in the folder nor in a backup that was named.
    #[error("{0} is missing; put it back first, or name the backup of the keys with --keys")]
    Missing(PathBuf),
    /// The master key is in no backup.
    #[error(transparent)]
    Master(#[from] MasterError),
    /// It could not be recorded, so it was not done.
    #[error("it could not be recorded: {0}")]
    Record(#[from] AppendError),
}

/// Copies the log, and perhaps its keys, while everything goes on; tells what is where. The copies are synced, and nobody
/// else may read them. That it was done is in the copy.
pub async fn make(app: &App, by: By, files: Files) -> Result<String, BackupError> {
    let entry = Entry::new(Action::Backup, by).with(Json::object([
        ("log", Json::from(files.log.display().to_string())),
        ("keys", files.keys.as_ref().map_or(Json::Null, |keys| keys.display().to_string().as_str().into())),
    ]));
    entry.clone().commit(app).await?;
    let (copying, owner) = (files.clone(), app.clone());
    // The thread of a connection is as willing to yield as the one that opens it.
    let copied = app.aside.run(async move { copy(&owner, &copying).await }).await;
    match copied.unwrap_or_else(|| Err(io_error(&files.log)(io::Error::other("the copy broke off")))) {
        Ok(()) => Ok(told(&files)),
        Err(error) => {
            entry.ended(flightbox_event::Outcome::Failure, error.to_string()).commit_or_log(app).await;
            Err(error)
        }
    }
}

fn told(Files { log, keys }: &Files) -> String {
    let keys = keys.as_ref().map(|keys| {
        format!("\nkeys  {}\n      keep it apart from the log, and destroy those before it: they hold what was erased since", keys.display())
    });
    format!("log   {}{}", log.display(), keys.unwrap_or_default())
}

async fn copy(app: &App, files: &Files) -> Result<(), BackupError> {
    let folder = app.disk.folder();
    let log = begin(&files.log)?;
    let keys = files.keys.as_ref().map(|keys| begin(keys).map(|file| (keys, file))).transpose()?;
    // Before the log, which then leads on from this checkpoint; and no key changes until both are copied.
    let _same_master = app.rotation.lock().await;
    let beside = app.signer.files().await.map_err(io_error(folder))?;
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |error| BackupError::Copy { path, error }
    };
    Store::copy_log(folder, log.path()).await.map_err(failed(&files.log))?;
    if let Some((path, file)) = keys {
        Store::copy_keys(folder, &beside, file.path()).await.map_err(failed(path))?;
        finish(file, path).await?;
    }
    finish(log, &files.log).await
}

/// Puts copies in place in a folder that has no log, and nothing else that they would take the place of. It has the master
/// key already and, where no copy of the keys is named, the keys: an older log beside newer keys reads nothing that was
/// erased, and beside a newer checkpoint or anchor it is not signed.
pub async fn put_back(folder: &Folder, master: &KeySource, files: &Files) -> Result<(), BackupError> {
    let folder = folder.path();
    let master_key = folder.join("master.key");
    if master.master_key_command.is_none() && !master_key.exists() {
        return Err(MasterError::Missing(master_key).into());
    }
    let databases = if files.keys.is_some() { &[LOG, KEYS][..] } else { &[LOG] };
    databases.iter().try_for_each(|name| vacant(folder, name))?;
    let log = taken(&files.log, &folder.join(LOG)).await?;
    let unreadable = |path: &Path| {
        let path = path.to_owned();
        move |error| BackupError::Unreadable { path, error }
    };
    Store::check_copied_log(log.path()).await.map_err(unreadable(&files.log))?;
    match &files.keys {
        None => needed(folder)?,
        Some(path) => {
            let keys = taken(path, &folder.join(KEYS)).await?;
            let beside = Store::unpack_keys(keys.path()).await.map_err(unreadable(path))?;
            place(folder, &beside)?;
            finish(keys, &folder.join(KEYS)).await?;
        }
    }
    // Last: without it there is no log, whatever was cut off.
    finish(log, &folder.join(LOG)).await
}

/// What SQLite left of a database that is gone would be read into the one that takes its place. Beside one that is there
/// it is nothing to move away.
fn vacant(folder: &Path, database: &str) -> Result<(), BackupError> {
    let there = folder.join(database);
    if there.exists() {
        return Err(BackupError::Exists(there));
    }
    let remains = ["-wal", "-shm", "-journal"].map(|end| folder.join(format!("{database}{end}")));
    remains.into_iter().find(|path| path.exists()).map_or(Ok(()), |path| Err(BackupError::Remains(path)))
}

/// What a log needs beside it, where it does not come from a backup.
fn needed(folder: &Path) -> Result<(), BackupError> {
    match [KEYS, signer::KEY].map(|name| folder.join(name)).into_iter().find(|path| !path.exists()) {
        Some(missing) => Err(BackupError::Missing(missing)),
        None => Ok(()),
    }
}

/// The small files that were kept with the keys, all of them or none.
fn place(folder: &Path, beside: &Beside) -> Result<(), BackupError> {
    let known = beside.iter().filter(|(name, _)| signer::FILES.contains(&name.as_str()));
    let files: Vec<_> = known.map(|(name, content)| (folder.join(name), content)).collect();
    if let Some((path, _)) = files.iter().find(|(path, _)| path.exists()) {
        return Err(BackupError::Exists(path.clone()));
    }
    files.iter().try_for_each(|(path, content)| file::replace(path, content).map_err(io_error(path)))
}

/// A copy of a copy, for its place in the folder.
async fn taken(from: &Path, to: &Path) -> Result<Unfinished, BackupError> {
    let file = begin(to)?;
    tokio::fs::copy(from, file.path()).await.map_err(io_error(from))?;
    fs::set_permissions(file.path(), std::os::unix::fs::PermissionsExt::from_mode(0o600)).map_err(io_error(to))?;
    Ok(file)
}

fn begin(to: &Path) -> Result<Unfinished, BackupError> {
    Unfinished::begin(to).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => BackupError::Exists(to.to_owned()),
        _ => io_error(to)(error),
    })
}

async fn finish(file: Unfinished, to: &Path) -> Result<(), BackupError> {
    // It syncs, which may take long.
    let finished = tokio::task::spawn_blocking(move || file.finish()).await;
    finished.unwrap_or_else(|error| Err(io::Error::other(error))).map_err(io_error(to))
}

fn io_error(path: &Path) -> impl FnOnce(io::Error) -> BackupError + use<> {
    let path = path.to_owned();
    move |error| BackupError::Io { path, error }
}
