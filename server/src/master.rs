//! The master key: where it comes from, and how another takes its place.
//!
//! It is a file of the data folder that is nobody else's to read, or what a command prints, such as one that asks a key
//! management service. Another file takes the place of the first in three steps, each of which can be the last before the
//! power fails: `master.key.next` is written, all keys are wrapped anew, the file is renamed.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::{self, Read},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

use clap::Args;
use flightbox_domain::{keys::Master, random::Random, record::unhex};
use flightbox_event::Outcome;
use flightbox_store::{AppendError, Masters, RewrapError, Store};

use crate::{
    App, file,
    journal::{Action, By, Entry},
};

/// Where the master key comes from.
#[derive(Args, Clone, Debug, Default)]
pub struct KeySource {
    /// A command that prints the master key, 64 hexadecimal digits; without one it is in the file master.key
    #[arg(long, env = "FLIGHTBOX_MASTER_KEY_COMMAND")]
    pub master_key_command: Option<String>,
    /// A command that prints the master key to change to, if changing to it was cut off
    #[arg(long, env = "FLIGHTBOX_NEXT_MASTER_KEY_COMMAND", requires = "master_key_command")]
    pub next_master_key_command: Option<String>,
}

/// Why there is no master key.
#[derive(Debug, thiserror::Error)]
pub enum MasterError {
    /// The log is there and its key is not.
    #[error("{0} is missing, but there is a log that was made with it; put it back from your backup")]
    Missing(PathBuf),
    /// The key is no key.
    #[error("{0} holds no master key: expected 64 hexadecimal digits that were drawn, and no example")]
    Unreadable(PathBuf),
    /// Others could read the key.
    #[error("{0} can be read by others; make it yours alone: chmod 600 {0}")]
    Exposed(PathBuf),
    /// The file system refused.
    #[error("{path}: {error}")]
    Io {
        /// What was touched.
        path: PathBuf,
        /// What went wrong.
        error: io::Error,
    },
    /// The command did not print a key.
    #[error("the master key command {0:?} {1}")]
    Command(String, String),
    /// The next key is to come from elsewhere than the present one.
    #[error("{0}")]
    Elsewhere(&'static str),
    /// A key could not be wrapped anew.
    #[error(transparent)]
    Rewrap(#[from] RewrapError),
    /// It could not be recorded, so it was not done.
    #[error("it could not be recorded: {0}")]
    Record(#[from] AppendError),
}

/// The master keys of a data folder; a folder without a log gets one of its own, readable by its owner alone.
pub fn masters(folder: &Path, source: &KeySource, random: &Random) -> Result<Masters, MasterError> {
    if let Some(command) = &source.master_key_command {
        let current = printed(command)?;
        return Ok(match &source.next_master_key_command {
            None => Masters { current, previous: None },
            Some(next) => Masters { current: printed(next)?, previous: Some(current) },
        });
    }
    let [path, next] = files(folder);
    if !path.exists() {
        if Store::exists(folder) {
            return Err(MasterError::Missing(path));
        }
        write_new(&path, &draw(random))?;
    }
    let current = read(&path)?;
    Ok(match next.exists() {
        false => Masters { current, previous: None },
        true => Masters { current: read(&next)?, previous: Some(current) },
    })
}

/// Ends a change of master keys that was cut off.
pub async fn settle(folder: &Path, store: &Store, masters: Masters) -> Result<(), MasterError> {
    if masters.previous.is_some() {
        let keys = store.rewrap(masters.current).await?;
        tracing::info!(keys, "all keys are wrapped by the next master key");
        take_over(folder)?;
    }
    Ok(())
}

/// Changes to another master key while everything goes on: a new one, or the one that a command prints. How many keys it
/// wrapped anew.
pub async fn rotate(app: &App, by: By, command: Option<&str>) -> Result<u64, MasterError> {
    let is_file = app.config.key.master_key_command.is_none();
    if is_file == command.is_some() {
        let why = if is_file {
            "the master key is in a file; leave the command out and a new key is drawn"
        } else {
            "the master key comes from a command; say which command prints the next one"
        };
        return Err(MasterError::Elsewhere(why));
    }
    // Two at once would each draw a key, of which one is on no disk.
    let _one_at_a_time = app.rotation.lock().await;
    let printed = match command.map(str::to_owned) {
        None => None,
        // It may ask somebody far away, while the server goes on.
        Some(command) => {
            let ran = tokio::task::spawn_blocking(move || printed(&command)).await;
            Some(ran.map_err(|error| MasterError::Command(String::new(), error.to_string()))??)
        }
    };
    let entry = Entry::new(Action::MasterKey, by);
    entry.clone().commit(app).await?;
    let changed = change(app, printed).await;
    if changed.is_err() {
        entry.ended(Outcome::Failure, "not every key could be wrapped by it").commit_or_log(app).await;
    }
    changed
}

/// Wraps every key by this master key, or by a new one that is put in the place of the file.
async fn change(app: &App, printed: Option<Master>) -> Result<u64, MasterError> {
    let [_, next] = files(app.disk.folder());
    let master = match printed {
        Some(master) => master,
        None => {
            if !next.exists() {
                write_new(&next, &draw(&app.random))?;
            }
            read(&next)?
        }
    };
    let keys = app.store.rewrap(master).await?;
    take_over(app.disk.folder())?;
    Ok(keys)
}

fn files(folder: &Path) -> [PathBuf; 2] {
    ["master.key", "master.key.next"].map(|name| folder.join(name))
}

fn take_over(folder: &Path) -> Result<(), MasterError> {
    let [path, next] = files(folder);
    if !next.exists() {
        return Ok(());
    }
    let done = fs::rename(&next, &path).and_then(|()| file::sync_folder(&path));
    done.map_err(|error| MasterError::Io { path, error })
}

fn draw(random: &Random) -> Master {
    loop {
        if let Some(master) = Master::new(random.bytes()) {
            return master;
        }
    }
}

fn read(path: &Path) -> Result<Master, MasterError> {
    let failed = |error| MasterError::Io { path: path.to_owned(), error };
    let mut file = File::open(path).map_err(failed)?;
    if file.metadata().map_err(failed)?.permissions().mode() & 0o077 != 0 {
        return Err(MasterError::Exposed(path.to_owned()));
    }
    let mut text = String::new();
    file.read_to_string(&mut text).map_err(failed)?;
    key(&text).ok_or_else(|| MasterError::Unreadable(path.to_owned()))
}

/// What a command prints is never part of an error: it may be a key, or nearly one.
fn printed(command: &str) -> Result<Master, MasterError> {
    let failed = |why: String| MasterError::Command(command.to_owned(), why);
    let output =
        Command::new("sh").args(["-c", command]).output().map_err(|error| failed(format!("did not run: {error}")))?;
    if !output.status.success() {
        return Err(failed(format!("failed: {}", output.status)));
    }
    let text = String::from_utf8(output.stdout).unwrap_or_default();
    key(&text).ok_or_else(|| failed("printed something else than 64 hexadecimal digits that were drawn".to_owned()))
}

fn key(text: &str) -> Option<Master> {
    let key: [u8; 32] = unhex(text.trim())?.try_into().ok()?;
    Master::new(key).filter(|_| !is_example(&key))
}

/// Whether a key was typed rather than drawn: it repeats itself, or counts. Of keys that are drawn not one in a thousand
/// billion looks like that.
fn is_example(key: &[u8; 32]) -> bool {
    let different: BTreeSet<u8> = key.iter().copied().collect();
    let steps: BTreeSet<u8> = key.windows(2).map(|pair| pair[1].wrapping_sub(pair[0])).collect();
    different.len() <= 16 || steps.len() <= 2
}

fn write_new(path: &Path, master: &Master) -> Result<(), MasterError> {
    file::replace(path, &format!("{}\n", master.to_hex()))
        .map_err(|error| MasterError::Io { path: path.to_owned(), error })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn random(byte: u8) -> Random {
        Random::new(move |bytes| {
            let different = (0_u8..).map(|at| byte.wrapping_add(at.wrapping_mul(at)));
            bytes.iter_mut().zip(different).for_each(|(to, byte)| *to = byte);
        })
    }

    fn of(folder: &Path) -> Result<Masters, MasterError> {
        masters(folder, &KeySource::default(), &random(7))
    }

    #[test]
    fn a15_the_master_key_is_made_once_and_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let first = of(folder.path()).unwrap().current;
        assert_eq!(masters(folder.path(), &KeySource::default(), &random(8)).unwrap().current, first);
        let elsewhere = tempfile::tempdir().unwrap();
        assert_ne!(masters(elsewhere.path(), &KeySource::default(), &random(8)).unwrap().current, first);
        let key = folder.path().join("master.key");
        assert_eq!(fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
        fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(of(folder.path()), Err(MasterError::Exposed(_))));
    }

    #[test]
    fn a15_an_empty_or_example_secret_is_no_master_key() {
        let folder = tempfile::tempdir().unwrap();
        of(folder.path()).unwrap();
        for text in ["", "\n", "changeme", &"0".repeat(64), &"a".repeat(63), &"g".repeat(64)] {
            fs::write(folder.path().join("master.key"), text).unwrap();
            assert!(matches!(of(folder.path()), Err(MasterError::Unreadable(_))), "{text:?}");
        }
    }

    #[test]
    fn e7_a_log_without_its_key_is_not_given_another() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("flightbox.db"), "x").unwrap();
        assert!(matches!(of(folder.path()), Err(MasterError::Missing(_))));
    }

    #[test]
    fn a_command_prints_it_or_its_failure_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let from = |command: &str, next: Option<&str>| {
            let source = KeySource {
                master_key_command: Some(command.to_owned()),
                next_master_key_command: next.map(str::to_owned),
            };
            masters(folder.path(), &source, &random(7))
        };
        let (a, b) = ("echo 1 | sha256sum | head -c 64", "echo 2 | sha256sum | cut -c 1-64");
        let both = from(a, Some(b)).unwrap();
        assert_eq!(both.previous, Some(from(a, None).unwrap().current));
        assert_eq!(both.current, from(b, None).unwrap().current);
        let why = |command: &str| from(command, None).unwrap_err().to_string();
        assert!(why("exit 3").contains("failed: exit status: 3"));
        assert!(why("echo hunter2").contains("printed something else") && !why("cat $0").contains("hunter2"));
        assert!(!folder.path().join("master.key").exists());
    }
}
