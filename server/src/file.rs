//! Files of the data folder that are never half written.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

/// Puts a text in a file's place, so that it is the old one or the new one, whole and synced. Nobody else may read it.
pub fn replace(path: &Path, text: &str) -> io::Result<()> {
    let unfinished = path.with_extension("unfinished");
    let _ = fs::remove_file(&unfinished);
    let mut file = OpenOptions::new().create_new(true).write(true).mode(0o600).open(&unfinished)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&unfinished, path)?;
    sync_folder(path)
}

/// Has what a file is called survive a loss of power.
pub fn sync_folder(path: &Path) -> io::Result<()> {
    // A bare name lies in the folder where the process is.
    let folder = path.parent().map(|folder| if folder.as_os_str().is_empty() { Path::new(".") } else { folder });
    folder.map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}
