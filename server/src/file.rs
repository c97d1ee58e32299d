//! Files of the data folder that are never half written.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

/// Puts a text, or bytes, in a file's place, so that it is the old one or the new one, whole and synced. Nobody else may read it.
pub fn replace(path: &Path, content: &(impl AsRef<[u8]> + ?Sized)) -> io::Result<()> {
    let unfinished = path.with_extension("unfinished");
    let _ = fs::remove_file(&unfinished);
    let mut file = OpenOptions::new().create_new(true).write(true).mode(0o600).open(&unfinished)?;
    file.write_all(content.as_ref())?;
    file.sync_all()?;
    fs::rename(&unfinished, path)?;
    sync_folder(path)
}

/// A file that is being written under another name, which nobody else may read. Dropped before it is finished, it is gone.
pub struct Unfinished {
    path: PathBuf,
    to: PathBuf,
}

impl Unfinished {
    /// An empty file.
    ///
    /// # Errors
    /// Where there is something already that it would take the place of, too.
    pub fn begin(to: &Path) -> io::Result<Self> {
        if to.try_exists()? {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let mut path = to.to_owned().into_os_string();
        path.push(".unfinished");
        let this = Self { path: path.into(), to: to.to_owned() };
        let _ = fs::remove_file(&this.path);
        OpenOptions::new().create_new(true).write(true).mode(0o600).open(&this.path)?;
        Ok(this)
    }

    /// What it is called until it is finished.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Syncs it, and calls it by its name.
    pub fn finish(self) -> io::Result<()> {
        File::open(&self.path)?.sync_all()?;
        fs::rename(&self.path, &self.to)?;
        sync_folder(&self.to)
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        // It has another name once it is finished.
        let _ = fs::remove_file(&self.path);
    }
}

/// Has what a file is called survive a loss of power.
pub fn sync_folder(path: &Path) -> io::Result<()> {
    // A bare name lies in the folder where the process is.
    let folder = path.parent().map(|folder| if folder.as_os_str().is_empty() { Path::new(".") } else { folder });
    folder.map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}
