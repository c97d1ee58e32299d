//! How much room the disk has. Events stop at a low-water mark, so that people can still sign in, and be seen to.

use std::path::{Path, PathBuf};

/// The disk under a data folder.
#[derive(Clone, Debug)]
pub struct Disk {
    folder: PathBuf,
    low_water: u64,
}

impl Disk {
    /// The disk under a folder, with its low-water mark in bytes.
    pub fn under(folder: PathBuf, low_water: u64) -> Self {
        Self { folder, low_water }
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether less is free than the mark. A disk that does not say is taken for one with room: SQLite will notice.
    pub fn is_low(&self) -> bool {
        rustix::fs::statvfs(&self.folder).is_ok_and(|room| room.f_bavail.saturating_mul(room.f_frsize) < self.low_water)
    }
}
